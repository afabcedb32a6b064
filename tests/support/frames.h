// Frames for tests, put together layer by layer.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "spine/base/bytes.h"
#include "spine/decode/checksum.h"
#include "tests/support/hex.h"

namespace yagura::test::frames {

using Raw = std::string; ///< bytes; strings are easier to add up than vectors

inline Bytes bytes(const Raw& raw) { return {reinterpret_cast<const std::byte*>(raw.data()), raw.size()}; }
inline Raw hex(std::string_view text) {
    const auto made = yagura::test::hex(text);
    return {reinterpret_cast<const char*>(made.data()), made.size()};
}
inline Raw be16(std::size_t value) {
    return {static_cast<char>(value >> 8 & 0xff), static_cast<char>(value & 0xff)};
}
inline Raw be32(std::size_t value) { return be16(value >> 16) + be16(value & 0xffff); }

inline const Raw mac_one = hex("02 00 00 00 00 01"), mac_two = hex("02 00 00 00 00 02");
inline const Raw ip_one = hex("0a 00 00 01"), ip_two = hex("0a 00 00 02");
inline const Raw ip6_one = hex("fd 00 00 00 00 00 00 00 00 00 00 00 00 00 00 01"),
                 ip6_two = hex("fd 00 00 00 00 00 00 00 00 00 00 00 00 00 00 02");

inline Raw ethernet(std::uint16_t type, const Raw& inside, const Raw& from = mac_one,
                    const Raw& to = mac_two) {
    return to + from + be16(type) + inside;
}
inline Raw vlan(std::uint16_t id, std::uint16_t type, const Raw& inside) {
    return be16(id) + be16(type) + inside;
}

inline Raw with_sum(Raw header, std::size_t at, std::uint64_t more = 0) {
    const auto sum = static_cast<std::uint16_t>(
        ~decode::ones_fold(decode::ones_sum_wide(bytes(header)) + more));
    header[at] = static_cast<char>(sum & 0xff);
    header[at + 1] = static_cast<char>(sum >> 8);
    return header;
}

struct Ip {
    std::uint8_t protocol = 6;
    std::uint16_t id = 1;
    std::uint16_t fragment = 0; ///< flags and offset as on the wire
    std::uint8_t ttl = 64;
    Raw from = ip_one, to = ip_two;
    Raw options{};
};
inline Raw ipv4(const Ip& ip, const Raw& inside) {
    const auto length = 20 + ip.options.size();
    Raw header{static_cast<char>(0x40 | length / 4), 0};
    header += be16(length + inside.size()) + be16(ip.id) + be16(ip.fragment);
    header += {static_cast<char>(ip.ttl), static_cast<char>(ip.protocol), 0, 0};
    header += ip.from + ip.to + ip.options;
    return with_sum(header, 10) + inside;
}
inline Raw ipv6(std::uint8_t next, const Raw& inside, const Raw& from = ip6_one, const Raw& to = ip6_two) {
    return hex("60 00 00 00") + be16(inside.size()) + Raw{static_cast<char>(next), 64} + from + to + inside;
}

inline Raw transport(std::uint8_t protocol, const Raw& segment, std::size_t sum_at, const Raw& from,
                     const Raw& to) {
    const auto pseudo = from + to + be32(segment.size()) + Raw{0, 0, 0, static_cast<char>(protocol)};
    return with_sum(segment, sum_at, decode::ones_sum_wide(bytes(pseudo)));
}
struct Segment {
    std::uint16_t from_port = 1000, to_port = 502;
    std::uint32_t sequence = 100, acknowledged = 200;
    std::uint8_t flags = 0x18;
    Raw options{};
};
inline Raw tcp(const Segment& segment, const Raw& payload, const Raw& from = ip_one, const Raw& to = ip_two) {
    auto made = be16(segment.from_port) + be16(segment.to_port) + be32(segment.sequence) +
                be32(segment.acknowledged) +
                Raw{static_cast<char>((20 + segment.options.size()) / 4 << 4),
                    static_cast<char>(segment.flags)} +
                hex("20 00 00 00 00 00") + segment.options + payload;
    return transport(6, made, 16, from, to);
}
inline Raw udp(std::uint16_t from_port, std::uint16_t to_port, const Raw& payload, const Raw& from = ip_one,
               const Raw& to = ip_two) {
    return transport(17, be16(from_port) + be16(to_port) + be16(8 + payload.size()) + Raw(2, '\0') + payload,
                     6, from, to);
}

/// A whole small frame: Ethernet, IPv4, TCP, "modbus".
inline Raw plain() { return ethernet(0x0800, ipv4({}, tcp({}, "modbus"))); }

} // namespace yagura::test::frames
