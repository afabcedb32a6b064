// What the two versions of ICMP have in common.
#pragma once

#include <array>

#include "spine/base/text_room.h"
#include "spine/dissect/tell.h"

namespace yagura::dissect::icmp_family {

struct Known {
    std::uint8_t type;
    std::string_view name;
    observe::Act act;
    observe::Phase phase;
};

/// Never nothing: what nobody knows is a message all the same.
template <std::size_t N>
constexpr Known find_type(const std::array<Known, N>& types, std::uint8_t type) noexcept {
    for (const auto& known : types)
        if (known.type == type) return known;
    return {255, "unknown type", observe::Act::unknown, observe::Phase::event};
}
/// Who asks and who answers is told by the type.
template <std::size_t N>
constexpr Recognition recognise(const std::array<Known, N>& types, const Opening& opening) noexcept {
    const auto bytes = latest(opening);
    if (bytes.size() < 4) return {};
    const auto known = find_type(types, std::to_integer<std::uint8_t>(bytes[0]));
    if (known.phase == observe::Phase::request) return {Likeness::yes, observe::Speaker::client};
    if (known.phase == observe::Phase::response) return {Likeness::yes, observe::Speaker::server};
    return {known.act == observe::Act::unknown ? Likeness::maybe : Likeness::yes};
}

using TargetText = TextRoom<80>;
/// "udp 10.0.0.5:161", of the packet that a message complains about; empty if it cannot be read.
void write_target(Bytes packet, TargetText&) noexcept;

inline observe::Ip ip_of(Bytes bytes) noexcept {
    observe::Ip out{};
    if (bytes.size() == 4) out[10] = out[11] = 0xff;
    const auto size = bytes.size() == 4 || bytes.size() == 16 ? bytes.size() : 0;
    for (std::size_t i = 0; i < size; ++i) out[16 - size + i] = std::to_integer<std::uint8_t>(bytes[i]);
    return out;
}

} // namespace yagura::dissect::icmp_family
