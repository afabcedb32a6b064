// Class 0 and 1 I/O of EtherNet/IP: cyclic data in datagrams, after a Forward Open or without having seen
// one.
//
// From "CIP Networks Library, volume 2", 3-2 and 2-6.
#include "spine/dissect/dissector.h"
#include "spine/dissect/protocols/enip/encapsulation.h"

namespace yagura::dissect::protocols {
namespace {

using namespace enip;
using observe::Speaker;

struct CipIo {
    static constexpr Over over[]{{"udp", 2222}};
    static constexpr Mark marks[]{{0, 0xffffffff, 0x02000280}};
    static constexpr Facts facts{
        .name = "cip_io",
        .title = "EtherNet/IP I/O",
        .specification = "CIP Networks Library volume 2, chapter 3",
        .over = over,
        .marks = marks,
        .message_most = 65'507,
        .depth = Depth::acts,
    };
    struct State {};

    static Recognition looks_like(const Opening& opening) noexcept {
        Reader in{opening.latest == Speaker::client ? opening.client : opening.server};
        const auto items = in.u16le();
        const auto address = read_item(in);
        const auto data = read_item(in);
        const bool fits = in.ok() && items >= 2 && items <= 4 && address.type == sequenced_address &&
                          address.bytes.size() == 8 && data.type == connected_data;
        return {fits ? Likeness::yes : Likeness::no};
    }

    static Framing frame(Bytes stream) noexcept { return {.length = stream.size()}; }

    static void dissect(const Pdu& pdu, State&, Ways& ways) noexcept {
        Reader in{pdu.bytes};
        in.u16();
        const auto type = in.u16le(), length = in.u16le();
        if (!in.ok()) return report(pdu, ways, {0, "message ends before its address"});
        Reader address{in.take(std::min<std::size_t>(length, in.remaining()))};
        const auto connection = address.u32le();
        const auto data = read_item(in);
        observe::Operation operation{.protocol = pdu.protocol,
                                     .function = {type, "cyclic data"},
                                     .act = observe::Act::cyclic_io,
                                     .phase = observe::Phase::event,
                                     .outcome = observe::Outcome::done};
        if (address.ok()) operation.object = {.space = "connection", .number = connection};
        // Class 1 counts in its first two bytes: a value that changes by itself is none.
        if (in.ok() && data.type == connected_data && data.bytes.size() > 2)
            operation.value = data.bytes.subspan(2);
        ways.say().on(pdu.origin, operation);
        if (!in.ok() || !address.ok()) report(pdu, ways, {2, "items end before what they promise"});
    }

private:
    static void report(const Pdu& pdu, Ways& ways, Malformed detail) noexcept {
        ways.say().on(pdu.origin, observe::Anomaly{pdu.protocol, detail});
    }
};

} // namespace

extern constinit const Dissector cip_io = row<CipIo>();

} // namespace yagura::dissect::protocols
