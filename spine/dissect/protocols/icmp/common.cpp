#include "spine/dissect/protocols/icmp/common.h"

namespace yagura::dissect::icmp_family {

void write_target(Bytes packet, TargetText& out) noexcept {
    Reader in{packet};
    const auto first = in.u8();
    std::uint8_t protocol = 0;
    Bytes to;
    if (first >> 4 == 4) {
        in.take(8);
        protocol = in.u8();
        in.take(6);
        to = in.take(4);
        in.take(((first & 15u) > 5 ? (first & 15u) - 5 : 0) * 4u);
    } else if (first >> 4 == 6) {
        in.take(5);
        protocol = in.u8();
        in.take(17);
        to = in.take(16);
    }
    if (!in.ok() || to.empty()) return;
    const bool ports = protocol == 6 || protocol == 17;
    if (ports)
        out.add(protocol == 6 ? "tcp " : "udp ");
    else
        out.add("ip ").number(protocol).add(' ');
    if (to.size() == 16 && ports)
        out.add('[').ip(ip_of(to)).add(']');
    else
        out.ip(ip_of(to));
    in.take(2);
    const auto port = in.u16();
    if (ports && in.ok()) out.add(':').number(port);
}

} // namespace yagura::dissect::icmp_family
