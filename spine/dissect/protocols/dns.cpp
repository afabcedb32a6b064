// DNS: who asks for which name, and what was answered.
//
// From RFC 1035 clause 4, RFC 2136 (update), RFC 1996 (notify), RFC 6895 (codes), RFC 8490 (DSO).
#include "spine/dissect/protocols/dns/message.h"

namespace yagura::dissect::protocols {
namespace {

struct Dns {
    static constexpr Over over[]{{"udp", 53}, {"dns_stream"}};
    static constexpr Facts facts{
        .name = "dns",
        .title = "Domain Name System",
        .specification = "RFC 1035, 1996, 2136, 6891, 6895",
        .over = over,
        .message_most = 65'535,
    };
    struct State {};
    static Recognition looks_like(const Opening& opening) noexcept {
        return dns_family::looks_like(opening, dns_family::Flavour::unicast);
    }
    static Framing frame(Bytes message) noexcept { return {.length = message.size()}; }
    static void dissect(const Pdu& pdu, State&, Ways& ways) noexcept {
        (void)dns_family::say(pdu, ways, dns_family::Flavour::unicast);
    }
};

} // namespace

extern constinit const Dissector dns = row<Dns>();

} // namespace yagura::dissect::protocols
