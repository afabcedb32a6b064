// EGD, Ethernet Global Data: what GE's controllers give to many others in a fixed rhythm over UDP, without
// being asked.
//
// From GFK-1541, "TCP/IP Ethernet Communications for the Series 90 PLC", and GFK-2224, "TCP/IP Ethernet
// Communications for PACSystems", chapters on Ethernet Global Data (header of a produced exchange, status
// words).
#include "spine/base/text_room.h"
#include "spine/dissect/tell.h"

namespace yagura::dissect::protocols {
namespace {

using observe::Act;
using observe::Attribute;
using observe::Outcome;
using observe::Part;
using observe::Phase;
using observe::Speaker;

constexpr std::uint8_t produced = 13, version = 1;
constexpr std::size_t header_size = 32, data_most = 1'400;
constexpr std::uint32_t nanoseconds_of_a_second = 1'000'000'000, status_most = 255;

struct Header {
    std::uint8_t type, version;
    std::uint16_t request;
    std::uint32_t producer, exchange, second, nanosecond, status, signature, reserved;
};
constexpr Header read_header(Reader& in) noexcept {
    return Header{in.u8(),    in.u8(),    in.u16le(), in.u32(),   in.u32le(),
                  in.u32le(), in.u32le(), in.u32le(), in.u32le(), in.u32le()};
}

std::string_view status_name(std::uint32_t status) noexcept {
    switch (status) {
    case 1:
        return "no error";
    case 2:
        return "no error, data consumed";
    case 3:
        return "clock not set by SNTP";
    case 4:
        return "specification error";
    case 6:
        return "data refresh error";
    case 7:
        return "data came too late";
    case 10:
        return "no IP yet";
    case 12:
        return "no room";
    case 16:
        return "name not resolved yet";
    case 18:
        return "Ethernet interface lost";
    case 22:
        return "interface has no EGD";
    case 26:
        return "no answer from the interface";
    case 28:
        return "exchange not made";
    case 30:
        return "exchange deleted";
    default:
        return {};
    }
}

struct Egd {
    static constexpr Over over[]{{"udp", 18246}};
    static constexpr Mark marks[]{{0, 0xffff0000, 0x0d010000}};
    static constexpr Facts facts{
        .name = "egd",
        .title = "Ethernet Global Data",
        .specification = "GFK-1541 and GFK-2224, Ethernet Global Data",
        .over = over,
        .marks = marks,
        .message_most = header_size + data_most,
        .depth = Depth::acts,
        .status_name = status_name,
    };
    struct State {};

    /// Nothing is ever answered: who sends is who has the data, whoever sent first.
    static Recognition looks_like(const Opening& opening) noexcept {
        const auto bytes = latest(opening);
        Reader in{bytes};
        const auto header = read_header(in);
        const bool fits = in.ok() && header.type == produced && header.version == version &&
                          header.producer != 0 && header.exchange != 0 &&
                          header.nanosecond < nanoseconds_of_a_second && header.status <= status_most &&
                          header.reserved == 0 && bytes.size() > header_size &&
                          bytes.size() <= header_size + data_most;
        return {fits ? Likeness::yes : Likeness::no, fits ? std::optional{Speaker::server} : std::nullopt};
    }
    static Framing frame(Bytes unit) noexcept { return {.length = unit.size()}; }

    static void dissect(const Pdu& pdu, State&, Ways& ways) noexcept {
        const Tell tell{pdu, ways};
        Reader in{pdu.bytes};
        const auto header = read_header(in);
        if (!in.ok()) return tell.report({0, "message ends inside its header"});
        observe::Operation said{
            .function = {header.type, header.type == produced ? "produced data" : "unknown message"},
            .act = header.type == produced ? Act::cyclic_io : Act::unknown,
            .phase = Phase::event,
            .outcome = Outcome::done,
            .object = {.space = "exchange", .number = header.exchange}};
        said.status = header.status;
        said.count = static_cast<std::uint32_t>(in.remaining());
        tell.operation(said);
        if (header.type != produced) return tell.report({0, "not produced data"});
        if (header.version != version) tell.report({1, "version is not 1"});
        if (header.reserved != 0) tell.report({28, "reserved word is not 0"});
        tell.of_speaker(Attribute::role_hint, "egd producer", 70);
    }
};

} // namespace

extern constinit const Dissector egd = row<Egd>();

} // namespace yagura::dissect::protocols
