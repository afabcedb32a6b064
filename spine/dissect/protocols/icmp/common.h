// What the two versions of ICMP have in common.
#pragma once

#include "spine/base/text_room.h"
#include "spine/dissect/tell.h"

namespace yagura::dissect::icmp_family {

struct Known {
    std::uint8_t type;
    std::string_view name;
    observe::Act act;
    observe::Phase phase;
};

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
