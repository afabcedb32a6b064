// What a conversation is for, and of which kind it is for whoever writes rules of a firewall.
#pragma once

#include <cstdint>
#include <string_view>

#include "spine/store/needs.h"

namespace yagura::see::needs {

enum class Purpose : std::uint8_t {
    io,      ///< cyclic inputs and outputs
    program, ///< programs, firmware, settings of a controller
    values,  ///< values are written, and read
    watch,   ///< values are read
    alarms,  ///< events and reports
    finding, ///< only asked who it is
    files,
    names,     ///< DNS and its like
    addresses, ///< DHCP
    time,
    monitoring, ///< SNMP
    web,
    remote, ///< screens and shells
    unknown,
};
std::string_view key(Purpose) noexcept;
Purpose purpose_of(const store::NeedRow&);

enum class Kind : std::uint8_t {
    rule,    ///< TCP or UDP from one to another: a rule
    link,    ///< without IP: no firewall sees it, both have to stay in one network
    group,   ///< to everybody who listens
    silent,  ///< nobody answered, or nothing was said: nothing that is needed
    network, ///< what networks say for themselves: ARP, LLDP, spanning tree
};
inline constexpr std::size_t kind_count = 5;
std::string_view key(Kind) noexcept;
Kind kind_of(const store::NeedRow&);

/// 224.0.0.0/4, 255.255.255.255, the last address of a usual subnet, ff00::/8, and a MAC with its group bit.
bool is_group(std::string_view address) noexcept;

} // namespace yagura::see::needs
