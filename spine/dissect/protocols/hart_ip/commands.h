// HART's commands by number (HCF_SPEC-127 universal, -151 common practice; -085 for HART-IP's own), makers
// and units.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "spine/observe/observation.h"

namespace yagura::dissect::hart {

using observe::Act;

struct NamedCommand {
    std::uint16_t number;
    std::string_view name;
    Act act;
};
inline constexpr NamedCommand commands[]{
    {0, "read unique identifier", Act::identify},
    {1, "read primary variable", Act::read},
    {2, "read loop current and percent of range", Act::read},
    {3, "read dynamic variables and loop current", Act::read},
    {6, "write polling address", Act::configure},
    {7, "read loop configuration", Act::read},
    {8, "read dynamic variable classifications", Act::read},
    {9, "read device variables with status", Act::read},
    {11, "read unique identifier by tag", Act::identify},
    {12, "read message", Act::read},
    {13, "read tag, descriptor, date", Act::identify},
    {14, "read primary variable transducer information", Act::read},
    {15, "read device information", Act::read},
    {16, "read final assembly number", Act::read},
    {17, "write message", Act::configure},
    {18, "write tag, descriptor, date", Act::configure},
    {19, "write final assembly number", Act::configure},
    {20, "read long tag", Act::identify},
    {21, "read unique identifier by long tag", Act::identify},
    {22, "write long tag", Act::configure},
    {33, "read device variables", Act::read},
    {34, "write primary variable damping", Act::configure},
    {35, "write primary variable range", Act::configure},
    {36, "set primary variable upper range", Act::configure},
    {37, "set primary variable lower range", Act::configure},
    {38, "reset configuration changed flag", Act::configure},
    {40, "enter or exit fixed current mode", Act::force},
    {41, "perform self test", Act::diagnose},
    {42, "perform device reset", Act::reset},
    {43, "set primary variable zero", Act::configure},
    {44, "write primary variable units", Act::configure},
    {45, "trim loop current zero", Act::configure},
    {46, "trim loop current gain", Act::configure},
    {47, "write primary variable transfer function", Act::configure},
    {48, "read additional device status", Act::diagnose},
    {49, "write primary variable transducer serial number", Act::configure},
    {50, "read dynamic variable assignments", Act::read},
    {51, "write dynamic variable assignments", Act::configure},
    {52, "set device variable zero", Act::configure},
    {53, "write device variable units", Act::configure},
    {54, "read device variable information", Act::read},
    {55, "write device variable damping", Act::configure},
    {56, "write device variable transducer serial number", Act::configure},
    {57, "read unit tag, descriptor, date", Act::read},
    {58, "write unit tag, descriptor, date", Act::configure},
    {59, "write number of response preambles", Act::configure},
    {60, "read analog channel and percent of range", Act::read},
    {61, "read dynamic variables and analog channel", Act::read},
    {62, "read analog channels", Act::read},
    {66, "enter or exit fixed analog channel mode", Act::force},
    {67, "trim analog channel zero", Act::configure},
    {68, "trim analog channel gain", Act::configure},
    {71, "lock device", Act::protect},
    {72, "squawk", Act::call},
    {73, "find device", Act::identify},
    {74, "read I/O system capabilities", Act::browse},
    {75, "poll sub-device", Act::identify},
    {76, "read lock device state", Act::read},
    {77, "send command to sub-device", Act::call},
    {78, "read aggregated commands", Act::read},
    {79, "write device variable", Act::force},
    {84, "read sub-device identity", Act::identify},
    {89, "set real-time clock", Act::time_set},
    {90, "read real-time clock", Act::read},
    {101, "read sub-device to burst message map", Act::read},
    {103, "write burst period", Act::configure},
    {104, "write burst trigger", Act::configure},
    {105, "read burst mode configuration", Act::read},
    {106, "flush delayed responses", Act::configure},
    {107, "write burst device variables", Act::configure},
    {108, "write burst mode command number", Act::configure},
    {109, "burst mode control", Act::configure},
    {111, "transfer service control", Act::file_write},
    {112, "transfer service", Act::file_write},
    {113, "catch device variable", Act::configure},
    {115, "read event notification summary", Act::read},
    {116, "write event notification bit mask", Act::configure},
    {117, "write event notification timing", Act::configure},
    {118, "event notification control", Act::configure},
    {119, "acknowledge event notification", Act::alarm_ack},
};
constexpr NamedCommand find_command(std::uint16_t number) noexcept {
    const auto* found = std::ranges::find(commands, number, &NamedCommand::number);
    if (found != std::end(commands)) return *found;
    // HCF_SPEC-99, 7.1: 128 to 253 are the maker's own, 512 to 767 are of whole families of devices.
    return {number, number >= 128 && number < 254 ? "device's own command" : "unknown command", Act::unknown};
}

/// HCF_SPEC-307, makers by their expanded device types' upper octet or their number.
constexpr std::string_view maker(std::uint16_t id) noexcept {
    struct Named {
        std::uint16_t id;
        std::string_view name;
    };
    constexpr Named named[]{
        {0x11, "Endress+Hauser"}, {0x13, "Fisher Controls"}, {0x16, "Hartmann & Braun"}, {0x17, "Honeywell"},
        {0x26, "Rosemount"},      {0x2a, "Siemens"},         {0x37, "Yokogawa"},         {0x3e, "Vega"},
        {0x42, "Siemens"}};
    const auto* found = std::ranges::find(named, id, &Named::id);
    return found == std::end(named) ? std::string_view{} : found->name;
}

/// HCF_SPEC-307, common table 26 lists many more: only those below are refusals. Warnings have other numbers.
constexpr std::string_view status_name(std::uint32_t status) noexcept {
    switch (status) {
    case 2:
        return "invalid selection";
    case 3:
        return "passed parameter too large";
    case 4:
        return "passed parameter too small";
    case 5:
        return "too few data bytes received";
    case 6:
        return "device-specific command error";
    case 7:
        return "in write protect mode";
    case 16:
        return "access restricted";
    case 17:
        return "invalid device variable index";
    case 18:
        return "invalid units code";
    case 32:
        return "busy";
    case 33:
        return "delayed response initiated";
    case 34:
        return "delayed response running";
    case 35:
        return "delayed response dead";
    case 36:
        return "delayed response conflict";
    case 64:
        return "command not implemented";
    default:
        return status >= 0x80 && status < 0x100 ? "communication error" : std::string_view{};
    }
}

} // namespace yagura::dissect::hart
