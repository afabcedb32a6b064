// Where something was said: the same address seen by two sources may be two cloned lines, so detectors keep
// sources apart; findings name realm and VLAN.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <string>

#include "see/health/pack.h"
#include "spine/observe/subnet.h"
#include "spine/observe/text.h"

namespace yagura::see::health {

inline std::string scope(const observe::Origin& origin) {
    return Packer{}.u32(origin.evidence.source).u32(origin.parties.lane.vlan).take();
}
inline std::string with(std::string scope, const observe::Ip& ip) {
    return std::move(scope) + Packer{}.ip(ip).take();
}
inline std::string with(std::string scope, const observe::Mac& mac) {
    return std::move(scope) + Packer{}.mac(mac).take();
}
/// Of a key that `with` made: its last bytes.
inline observe::Ip ip_at_end(std::string_view key) {
    observe::Ip out{};
    if (key.size() >= out.size()) std::memcpy(out.data(), key.data() + key.size() - out.size(), out.size());
    return out;
}

inline const observe::Station& speaker(const observe::Origin& origin) {
    return origin.speaker == observe::Speaker::client ? origin.parties.client : origin.parties.server;
}
inline const observe::Station& listener(const observe::Origin& origin) {
    return origin.speaker == observe::Speaker::client ? origin.parties.server : origin.parties.client;
}

using observe::ip_of;
using observe::is_v4;
using observe::v4;
inline observe::Ip mapped(std::uint32_t four) noexcept {
    observe::Ip out{};
    out[10] = out[11] = 0xff;
    for (std::size_t i = 0; i < 4; ++i) out[12 + i] = static_cast<std::uint8_t>(four >> (24 - 8 * i) & 0xff);
    return out;
}
/// An address that one station has for itself.
inline bool is_unicast(const observe::Ip& ip) noexcept {
    if (!is_v4(ip)) return ip != observe::Ip{} && ip[0] != 0xff;
    const auto four = v4(ip);
    return four != 0 && four >> 28 < 0xe && four != 0xffffffff && four >> 24 != 127 && four >> 24 != 0;
}
inline bool is_group(const observe::Mac& mac) noexcept { return (mac[0] & 1) != 0; }

/// What several routers share on purpose: VRRP (RFC 5798 clause 7.3), HSRP (RFC 2281) and its second
/// version, GLBP, and CARP, which has VRRP's.
inline bool is_virtual_router(const observe::Mac& mac) noexcept {
    const auto begins = [&mac](std::initializer_list<std::uint8_t> with) {
        return std::equal(with.begin(), with.end(), mac.begin());
    };
    return begins({0x00, 0x00, 0x5e, 0x00, 0x01}) || begins({0x00, 0x00, 0x5e, 0x00, 0x02}) ||
           begins({0x00, 0x00, 0x0c, 0x07, 0xac}) || begins({0x00, 0x07, 0xb4}) ||
           (begins({0x00, 0x00, 0x0c, 0x9f}) && mac[4] >> 4 == 0xf) ||
           (begins({0x00, 0x05, 0x73, 0xa0})); // HSRP for IPv6
}
/// Ports of one card, or slaves of one bond: one maker's and next to each other.
inline bool are_neighbours(const observe::Mac& one, const observe::Mac& other) noexcept {
    if (!std::equal(one.begin(), one.begin() + 3, other.begin())) return false;
    const auto low = [](const observe::Mac& mac) { return mac[3] << 16 | mac[4] << 8 | mac[5]; };
    return std::abs(low(one) - low(other)) <= 8;
}

/// The part of a finding's key that says where: realm and VLAN.
inline std::string where(const observe::Lane& lane) {
    return cat(static_cast<unsigned>(lane.realm), "|", lane.vlan);
}

} // namespace yagura::see::health
