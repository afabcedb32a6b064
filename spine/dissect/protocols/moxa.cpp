// Moxa's discovery and configuration over UDP: what its administration tools find serial servers with and
// read their settings by.
//
// No specification is public. Header, identity and the commands' numbers are those that two independent
// public write-ups of an NPort 5110A and of Moxa's CONF protocol agree on. docs/protocols/moxa.md tells what
// is read.
#include <array>

#include "spine/base/text_room.h"
#include "spine/dissect/tell.h"

namespace yagura::dissect::protocols {
namespace {

using observe::Act;
using observe::Attribute;
using observe::Outcome;
using observe::Phase;
using observe::Speaker;

constexpr std::size_t header_size = 8, identity_size = 12;
constexpr std::uint8_t answer_bit = 0x80, search = 0x01, bad_command = 0x04;

struct Known {
    std::uint8_t code;
    std::string_view name;
    Act act;
};
constexpr Known commands[]{
    {0x01, "search", Act::identify},
    {0x10, "read name", Act::identify},
    {0x11, "read family", Act::identify},
    {0x16, "read serial number", Act::identify},
    {0x1a, "read clock", Act::read},
    {0x21, "read address", Act::read},
    {0x22, "read netmask", Act::read},
    {0x23, "read gateway", Act::read},
    {0x25, "read autoreport settings", Act::read},
    {0x26, "read network settings", Act::read},
    {0x27, "read dns settings", Act::read},
    {0x28, "read snmp settings", Act::read},
    {0x29, "read mail settings", Act::read},
    {0x2c, "read credentials", Act::read}, // Gives the password of old firmware in clear (CVE-2016-9361).
    {0x4d, "read operation settings", Act::read},
    {0x4f, "read port settings", Act::read},
    {0x51, "read accessible addresses", Act::read},
    {0x52, "read event settings", Act::read},
};
constexpr Known find(std::uint8_t code) noexcept {
    for (const auto& one : commands)
        if (one.code == code) return one;
    return {code, "unknown command", Act::unknown};
}

std::string_view status_name(std::uint32_t status) noexcept {
    return status == bad_command ? "no such command" : std::string_view{};
}

/// A text that ends with the first zero.
std::string_view until_zero(Bytes bytes) noexcept {
    const auto text = as_text(bytes);
    return trimmed(text.substr(0, text.find('\0')));
}

struct Moxa {
    static constexpr Over over[]{{"udp", 4800}};
    // A search; the answer's and every other request's MAC, which is Moxa's.
    static constexpr Mark marks[]{{0, 0xffffffff, 0x01000008}, {14, 0xffffff00, 0x0090e800}};
    static constexpr Facts facts{
        .name = "moxa",
        .title = "Moxa serial servers, discovery and settings",
        .specification = "none is public; as two public write-ups agree",
        .over = over,
        .marks = marks,
        .message_most = 1'500,
        .depth = Depth::acts,
        .status_name = status_name,
    };
    struct State {};

    static Recognition looks_like(const Opening& opening) noexcept {
        const auto bytes = latest(opening);
        Reader in{bytes};
        const auto code = in.u8(), status = in.u8();
        const auto length = in.u16();
        in.u32();
        if (!in.ok() || length != bytes.size() || find(code & 0x7f).act == Act::unknown) return {};
        if (code == search)
            return {length == header_size && status == 0 ? Likeness::yes : Likeness::no, Speaker::client};
        if (length < header_size + identity_size) return {};
        return {status == 0 || status == bad_command ? Likeness::yes : Likeness::maybe,
                code & answer_bit ? Speaker::server : Speaker::client};
    }
    static Framing frame(Bytes unit) noexcept { return {.length = unit.size()}; }

    static void dissect(const Pdu& pdu, State&, Ways& ways) noexcept {
        const Tell tell{pdu, ways};
        Reader in{pdu.bytes};
        const auto code = in.u8(), status = in.u8();
        const auto length = in.u16();
        const auto transaction = in.u32();
        if (!in.ok()) return tell.report({0, "message ends inside its header"});
        const bool answer = code & answer_bit;
        const auto known = find(code & 0x7f);
        observe::Operation said{.function = {known.code, known.name},
                                .act = known.act,
                                .phase = answer ? Phase::response : Phase::request,
                                .outcome = !answer       ? Outcome::pending
                                           : status == 0 ? Outcome::done
                                                         : Outcome::refused};
        if (said.outcome == Outcome::refused) said.status = status;
        said.pair = static_cast<std::uint16_t>(transaction ^ transaction >> 16);
        tell.operation(said);
        if (length != pdu.bytes.size()) return tell.report({2, "length is not that of the message"});
        if (!answer || status != 0) return;
        in.take(4); // product line
        const auto model = in.u16le();
        const auto mac = in.take(6);
        if (!in.ok()) return tell.report({header_size, "answer ends inside the device's identity"});
        tell.of_speaker(Attribute::vendor, "Moxa", 85);
        tell.of_speaker(Attribute::role_hint, "serial device server", 85);
        TextRoom<24> room;
        const std::array<std::byte, 2> number{static_cast<std::byte>(model >> 8),
                                              static_cast<std::byte>(model & 0xff)};
        tell.of_speaker(Attribute::hardware, room.add("model ").hex(number).view(), 80);
        TextRoom<24> own;
        tell.of_speaker(Attribute::mac, own.hex(mac, ":").view(), 85);
        told(tell, known.code, in);
    }

private:
    static void told(const Tell& tell, std::uint8_t command, Reader& in) noexcept {
        switch (command) {
        case 0x10:
            tell.of_speaker(Attribute::name, until_zero(in.take(40)), 80);
            break;
        case 0x11:
            in.take(4);
            tell.of_speaker(Attribute::product, until_zero(in.take(32)), 75);
            break;
        case 0x22:
        case 0x23: {
            const auto bytes = in.take(4);
            TextRoom<16> room;
            for (const auto byte : bytes)
                room.add(room.view().empty() ? "" : ".").number(std::to_integer<unsigned>(byte));
            tell.of_speaker(command == 0x22 ? Attribute::netmask : Attribute::gateway, room.view(), 80);
            break;
        }
        default:
            return;
        }
        if (!in.ok()) tell.report({header_size + identity_size, "answer ends before what it promises"});
    }
};

} // namespace

extern constinit const Dissector moxa = row<Moxa>();

} // namespace yagura::dissect::protocols
