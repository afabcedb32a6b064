// What the numbers of ETHERNET POWERLINK stand for: services, NMT commands and states, SDO commands.
//
// From EPSG DS 301 V1.5.1, 4.6 (frames), 6.3 (SDO), 7.1.4 (states) and 7.3 (NMT services).
#pragma once

#include <cstdint>
#include <string_view>

#include "spine/observe/observation.h"

namespace yagura::dissect::powerlink {

enum Type : std::uint8_t { cycle = 1, poll = 3, answer = 4, start_async = 5, async = 6 };
enum Service : std::uint8_t { ident = 1, status = 2, nmt_request = 3, nmt_command = 4, sdo = 5 };

struct Known {
    std::uint8_t code;
    std::string_view name;
    observe::Act act;
};

inline constexpr Known services[]{
    {ident, "ident response", observe::Act::identify},
    {status, "status response", observe::Act::diagnose},
    {nmt_request, "nmt request", observe::Act::unknown},
    {nmt_command, "nmt command", observe::Act::unknown},
    {sdo, "sdo", observe::Act::unknown},
    {6, "sync response", observe::Act::diagnose},
};
/// What a managing node asks for in its start of the asynchronous time.
inline constexpr Known invitations[]{
    {0, "start of asynchronous", observe::Act::unknown}, {1, "ident request", observe::Act::identify},
    {2, "status request", observe::Act::diagnose},       {3, "nmt request invite", observe::Act::unknown},
    {6, "sync request", observe::Act::diagnose},         {0xff, "unspecified invite", observe::Act::unknown},
};
inline constexpr Known commands[]{
    {0x01, "ident request", observe::Act::identify},
    {0x02, "status request", observe::Act::diagnose},
    {0x21, "start node", observe::Act::start},
    {0x22, "stop node", observe::Act::stop},
    {0x23, "enter pre-operational 2", observe::Act::mode_change},
    {0x24, "enable ready to operate", observe::Act::mode_change},
    {0x28, "reset node", observe::Act::reset},
    {0x29, "reset communication", observe::Act::reset},
    {0x2a, "reset configuration", observe::Act::reset},
    {0x2b, "software reset", observe::Act::reset},
    {0x41, "start nodes", observe::Act::start},
    {0x42, "stop nodes", observe::Act::stop},
    {0x43, "enter pre-operational 2, nodes", observe::Act::mode_change},
    {0x44, "enable ready to operate, nodes", observe::Act::mode_change},
    {0x48, "reset nodes", observe::Act::reset},
    {0x49, "reset communication, nodes", observe::Act::reset},
    {0x4a, "reset configuration, nodes", observe::Act::reset},
    {0x4b, "software reset, nodes", observe::Act::reset},
    {0x62, "set host name", observe::Act::configure},
    {0x63, "flush arp entry", observe::Act::configure},
    {0x80, "publish configured nodes", observe::Act::report},
    {0x90, "publish active nodes", observe::Act::report},
    {0x91, "publish pre-operational 1", observe::Act::report},
    {0x92, "publish pre-operational 2", observe::Act::report},
    {0x93, "publish ready to operate", observe::Act::report},
    {0x94, "publish operational", observe::Act::report},
    {0x95, "publish stopped", observe::Act::report},
    {0x96, "publish node states", observe::Act::report},
    {0xa0, "publish emergency", observe::Act::report},
    {0xb0, "publish time", observe::Act::time_set},
    {0xff, "invalid service", observe::Act::unknown},
};
inline constexpr Known objects[]{
    {0x00, "sdo acknowledgement", observe::Act::unknown},
    {0x01, "write by index", observe::Act::write},
    {0x02, "read by index", observe::Act::read},
    {0x03, "write all by index", observe::Act::write},
    {0x04, "read all by index", observe::Act::read},
    {0x05, "write by name", observe::Act::write},
    {0x06, "read by name", observe::Act::read},
    {0x20, "file write", observe::Act::file_write},
    {0x21, "file read", observe::Act::file_read},
    {0x31, "write multiple by index", observe::Act::write},
    {0x32, "read multiple by index", observe::Act::read},
    {0x70, "maximum segment size", observe::Act::connect},
};

template <std::size_t N>
constexpr const Known* find(const Known (&table)[N], std::uint8_t code) noexcept {
    for (const auto& one : table)
        if (one.code == code) return &one;
    return nullptr;
}

/// 7.1.4: empty where there is no such state.
constexpr std::string_view state_name(std::uint8_t state) noexcept {
    switch (state) {
    case 0x00:
        return "off";
    case 0x19:
        return "initialising";
    case 0x29:
        return "reset application";
    case 0x39:
        return "reset communication";
    case 0x79:
        return "reset configuration";
    case 0x1c:
        return "not active";
    case 0x1d:
        return "pre-operational 1";
    case 0x5d:
        return "pre-operational 2";
    case 0x6d:
        return "ready to operate";
    case 0xfd:
        return "operational";
    case 0x4d:
        return "stopped";
    case 0x1e:
        return "basic ethernet";
    default:
        return {};
    }
}

} // namespace yagura::dissect::powerlink
