// DNS over TCP: a length before each message, nothing else (RFC 1035 clause 4.2.2, RFC 7766 clause 8).
#include "spine/dissect/protocols/dns/message.h"

namespace yagura::dissect::protocols {
namespace {

constexpr std::size_t prefix = 2;

struct DnsStream {
    static constexpr Over over[]{{"tcp", 53}};
    static constexpr Facts facts{
        .name = "dns_stream",
        .title = "DNS over TCP, the framing",
        .specification = "RFC 1035 clause 4.2.2; RFC 7766",
        .over = over,
        .carries = "dns_stream",
        .message_most = prefix + 65'535,
        .depth = Depth::recognised,
    };
    struct State {};
    static Recognition looks_like(const Opening& opening) noexcept {
        const auto bytes = opening.latest == observe::Speaker::client ? opening.client : opening.server;
        if (bytes.size() < prefix + wire::dns::header_size) return {Likeness::more};
        Reader in{bytes};
        const auto length = in.u16();
        if (!in.ok() || length < wire::dns::header_size) return {Likeness::no};
        const auto message = bytes.subspan(prefix, std::min<std::size_t>(length, bytes.size() - prefix));
        if (message.size() < length) return {Likeness::more};
        return dns_family::looks_like(
            {.client = opening.latest == observe::Speaker::client ? message : Bytes{},
             .server = opening.latest == observe::Speaker::client ? Bytes{} : message,
             .latest = opening.latest},
            dns_family::Flavour::unicast);
    }
    static Framing frame(Bytes stream) noexcept {
        Reader in{stream};
        const auto length = in.u16();
        if (!in.ok()) return {};
        if (length < wire::dns::header_size) return {.lost = Malformed{0, "length is shorter than a header"}};
        return {.length = stream.size() < prefix + length ? 0 : prefix + length};
    }
    static void dissect(const Pdu& pdu, State&, Ways& ways) noexcept {
        Reader in{pdu.bytes};
        const auto length = in.u16();
        if (!in.ok() || in.remaining() != length)
            return ways.say().on(pdu.origin,
                                 observe::Anomaly{pdu.protocol, {0, "length is not that of the message"}});
        ways.carry("dns_stream", 0, 0, in.rest(), pdu.origin);
    }
};

} // namespace

extern constinit const Dissector dns_stream = row<DnsStream>();

} // namespace yagura::dissect::protocols
