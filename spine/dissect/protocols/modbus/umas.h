// UMAS, what Schneider's engineering tools speak inside function 90: a session byte, its own function
// code, its bytes; an answer has 0xFE (done) or 0xFD (refused) where a request has the function. There is
// no public specification: the codes are those of the public write-ups named in docs/protocols/modbus.md.
#pragma once

#include <array>

#include "spine/observe/observation.h"

namespace yagura::dissect::modbus {

inline constexpr std::uint8_t umas_done = 0xfe, umas_refused = 0xfd;

struct Umas {
    std::uint8_t code;
    std::string_view name;
    observe::Act act;
};

/// The vendor's "upload" goes up to the controller: for everybody else that is a download.
inline constexpr std::array umas_functions{
    Umas{0x01, "init communication", observe::Act::connect},
    Umas{0x02, "read id", observe::Act::identify},
    Umas{0x03, "read project info", observe::Act::identify},
    Umas{0x04, "read plc info", observe::Act::diagnose},
    Umas{0x06, "read card info", observe::Act::identify},
    Umas{0x0a, "repeat", observe::Act::diagnose},
    Umas{0x10, "take plc reservation", observe::Act::protect},
    Umas{0x11, "release plc reservation", observe::Act::protect},
    Umas{0x12, "keep alive", observe::Act::diagnose},
    Umas{0x20, "read memory block", observe::Act::read},
    Umas{0x21, "write memory block", observe::Act::write},
    Umas{0x22, "read variables", observe::Act::read},
    Umas{0x23, "write variables", observe::Act::write},
    Umas{0x24, "read coils and registers", observe::Act::read},
    Umas{0x25, "write coils and registers", observe::Act::write},
    Umas{0x26, "data dictionary", observe::Act::browse},
    Umas{0x28, "read physical address", observe::Act::read},
    Umas{0x29, "write physical address", observe::Act::write},
    Umas{0x2a, "browse events", observe::Act::diagnose},
    Umas{0x30, "initialize upload to plc", observe::Act::program_download},
    Umas{0x31, "upload block to plc", observe::Act::program_download},
    Umas{0x32, "end upload to plc", observe::Act::program_download},
    Umas{0x33, "initialize download from plc", observe::Act::program_upload},
    Umas{0x34, "download block from plc", observe::Act::program_upload},
    Umas{0x35, "end download from plc", observe::Act::program_upload},
    Umas{0x39, "read ethernet master data", observe::Act::diagnose},
    Umas{0x40, "start plc", observe::Act::start},
    Umas{0x41, "stop plc", observe::Act::stop},
    Umas{0x42, "init plc", observe::Act::reset},
    Umas{0x50, "monitor plc", observe::Act::read},
    Umas{0x58, "check plc", observe::Act::diagnose},
    Umas{0x70, "read io object", observe::Act::read},
    Umas{0x71, "write io object", observe::Act::write},
    Umas{0x73, "get status module", observe::Act::diagnose},
};
constexpr const Umas* find_umas(std::uint16_t code) noexcept {
    for (const auto& known : umas_functions)
        if (known.code == code) return &known;
    return nullptr;
}

} // namespace yagura::dissect::modbus
