// Addresses and subnets as people write them.
#pragma once

#include "spine/base/text.h"
#include "spine/observe/endpoint.h"

#include <algorithm>
#include <arpa/inet.h>
#include <compare>
#include <cstdint>
#include <optional>
#include <string_view>

namespace yagura::observe {

/// Of "10.2.3.4" or "fd00:1::4" (RFC 4291, 2.2); nothing of any other text, a zone ("%eth0") included.
inline std::optional<Ip> ip_of(std::string_view text) {
    Ip out{};
    char room[INET6_ADDRSTRLEN]{};
    if (text.empty() || text.size() >= sizeof room || text.find('\0') != text.npos) return std::nullopt;
    std::ranges::copy(text, room);
    if (::inet_pton(AF_INET, room, out.data() + 12) == 1) {
        out[10] = out[11] = 0xff;
        return out;
    }
    if (::inet_pton(AF_INET6, room, out.data()) == 1) return out;
    return std::nullopt;
}

inline bool is_v4(const Ip& ip) noexcept {
    for (std::size_t i = 0; i < 10; ++i)
        if (ip[i] != 0) return false;
    return ip[10] == 0xff && ip[11] == 0xff;
}
/// Of an address of IPv4, as a number.
inline std::uint32_t v4(const Ip& ip) noexcept {
    return static_cast<std::uint32_t>(ip[12]) << 24 | static_cast<std::uint32_t>(ip[13]) << 16 |
           static_cast<std::uint32_t>(ip[14]) << 8 | ip[15];
}

struct Subnet {
    Ip network{};          ///< what lies behind its bits is zero
    std::uint8_t bits = 0; ///< of 128: a /24 of IPv4 has 120
    friend auto operator<=>(const Subnet&, const Subnet&) = default;
};

/// Of "10.2.3.0/24" or "fd00:1::/64"; bits of the host may be set, as people copy them from a station.
inline std::optional<Subnet> subnet_of(std::string_view text) {
    const auto slash = text.find('/');
    if (slash == text.npos) return std::nullopt;
    const auto address = text.substr(0, slash);
    const auto network = ip_of(address);
    const auto bits = number<std::uint8_t>(text.substr(slash + 1));
    const std::uint8_t before = address.find(':') == address.npos ? 96 : 0;
    if (!network || !bits || *bits > 128 - before) return std::nullopt;
    Subnet out{*network, static_cast<std::uint8_t>(before + *bits)};
    for (std::size_t bit = out.bits; bit < 128; ++bit)
        out.network[bit / 8] = static_cast<std::uint8_t>(out.network[bit / 8] & ~(0x80u >> bit % 8));
    return out;
}

inline bool contains(const Subnet& subnet, const Ip& ip) noexcept {
    const std::size_t whole = subnet.bits / 8;
    if (!std::equal(ip.begin(), ip.begin() + whole, subnet.network.begin())) return false;
    const unsigned left = subnet.bits % 8;
    return left == 0 || ((subnet.network[whole] ^ ip[whole]) >> (8 - left)) == 0;
}

/// Its last address.
inline Ip last_of(const Subnet& subnet) noexcept {
    auto out = subnet.network;
    for (std::size_t bit = subnet.bits; bit < 128; ++bit)
        out[bit / 8] = static_cast<std::uint8_t>(out[bit / 8] | 0x80u >> bit % 8);
    return out;
}

} // namespace yagura::observe
