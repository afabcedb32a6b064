// Which addresses can belong to somebody, and which are neighbours.
//
// From RFC 1112 and 4291 (groups), RFC 1918, 3927, 4193 and 6598 (private and link-local), RFC 5798 (VRRP's
// MACs) and the MACs that HSRP and GLBP are known by.
#pragma once

#include <algorithm>
#include <array>

#include "spine/observe/endpoint.h"

namespace yagura::model {

inline bool is_v4(const observe::Ip& ip) noexcept {
    constexpr std::array<std::uint8_t, 12> mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    return std::equal(mapped.begin(), mapped.end(), ip.begin());
}

/// Multicast, broadcast, or of no class that hosts have: a subject of talk, never a device.
inline bool is_group(const observe::Ip& ip) noexcept {
    if (!is_v4(ip)) return ip[0] == 0xff;
    return ip[12] >= 224;
}
inline bool is_group(const observe::Mac& mac) noexcept { return mac[0] & 1; }

/// An address that somebody may have: not unspecified, not loopback, not "this network".
inline bool is_usable(const observe::Ip& ip) noexcept {
    if (is_v4(ip)) return ip[12] != 0 && ip[12] != 127;
    if (ip == observe::Ip{}) return false;
    return !std::all_of(ip.begin(), ip.end() - 1,
                        [](auto byte) { return byte == 0; }); // ::1 and ::/8's like.
}

inline bool is_link_local(const observe::Ip& ip) noexcept {
    return is_v4(ip) ? ip[12] == 169 && ip[13] == 254 : ip[0] == 0xfe && (ip[1] & 0xc0) == 0x80;
}

/// Of the kind that plants number themselves with. Old plants have public addresses inside: whoever asks
/// must not take this for "ours".
inline bool is_private(const observe::Ip& ip) noexcept {
    if (is_link_local(ip)) return true;
    if (!is_v4(ip)) return (ip[0] & 0xfe) == 0xfc;
    return ip[12] == 10 || (ip[12] == 172 && (ip[13] & 0xf0) == 16) || (ip[12] == 192 && ip[13] == 168) ||
           (ip[12] == 100 && (ip[13] & 0xc0) == 64);
}

/// Probably on one link: nobody tells us masks, so /24, for public IPv4 /16, for IPv6 /64.
inline bool is_near(const observe::Ip& a, const observe::Ip& b) noexcept {
    if (is_v4(a) != is_v4(b)) return false;
    const std::size_t bytes = !is_v4(a) ? 8 : is_private(a) ? 15 : 14;
    return std::equal(a.begin(), a.begin() + static_cast<std::ptrdiff_t>(bytes), b.begin());
}

/// Of a router that several boxes play in turn: it says nothing about which box that is.
inline bool is_virtual(const observe::Mac& mac) noexcept {
    const auto begins = [&](std::initializer_list<std::uint8_t> bytes) {
        return std::equal(bytes.begin(), bytes.end(), mac.begin());
    };
    return begins({0x00, 0x00, 0x5e, 0x00, 0x01}) || begins({0x00, 0x00, 0x5e, 0x00, 0x02}) || // VRRP
           begins({0x00, 0x00, 0x0c, 0x07, 0xac}) || begins({0x00, 0x00, 0x0c, 0x9f}) ||       // HSRP
           begins({0x00, 0x05, 0x73, 0xa0}) || begins({0x00, 0x07, 0xb4, 0x00});               // HSRPv6, GLBP
}

/// Given by software, not by a maker: virtual machines, containers, telephones that hide.
inline bool is_local(const observe::Mac& mac) noexcept { return mac[0] & 2; }

} // namespace yagura::model
