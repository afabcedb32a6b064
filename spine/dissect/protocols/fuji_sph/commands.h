// What Fuji Electric's loader commands ask an SX controller for, and its error codes. "MICREX-SX series SPH
// user's manual, Ethernet module", loader command; codes as OpenThingsEdge and FieldLink use them.
#pragma once

#include <array>

#include "spine/observe/observation.h"

namespace yagura::dissect::fuji_sph {

struct Known {
    std::uint16_t code = 0; ///< command << 8 | mode
    std::string_view name = "unknown command";
    observe::Act act = observe::Act::unknown;
};
inline constexpr std::uint16_t read_data = 0x0000, write_data = 0x0100;
inline constexpr std::array commands{
    Known{read_data, "read data", observe::Act::read},
    Known{write_data, "write data", observe::Act::write},
    Known{0x0400, "start all CPUs", observe::Act::start},
    Known{0x0401, "initialize and start all CPUs", observe::Act::start},
    Known{0x0402, "stop all CPUs", observe::Act::stop},
    Known{0x0403, "reset all CPUs", observe::Act::reset},
    Known{0x0404, "start CPU", observe::Act::start},
    Known{0x0405, "initialize and start CPU", observe::Act::start},
    Known{0x0406, "stop CPU", observe::Act::stop},
    Known{0x0407, "reset CPU", observe::Act::reset},
};
constexpr Known find_command(std::uint16_t code) noexcept {
    for (const auto& known : commands)
        if (known.code == code) return known;
    return {.code = code};
}

/// Areas by the number that stands before an address.
constexpr std::string_view area_name(std::uint8_t area) noexcept {
    switch (area) {
    case 0x01:
        return "I/Q";
    case 0x02:
        return "M1.";
    case 0x04:
        return "M3.";
    case 0x08:
        return "M10.";
    default:
        return {};
    }
}

constexpr std::string_view error_name(std::uint32_t code) noexcept {
    struct Word {
        std::uint8_t code;
        std::string_view name;
    };
    constexpr std::array words{
        Word{0x10, "error of the CPU"},
        Word{0x11, "not while the CPU runs"},
        Word{0x12, "not in this position of the key switch"},
        Word{0x20, "no such command or mode"},
        Word{0x22, "wrong setting in the head"},
        Word{0x23, "locked by another device"},
        Word{0x28, "another command is under way"},
        Word{0x2b, "the loader does something else"},
        Word{0x2f, "the system is being initialized"},
        Word{0x40, "wrong kind or number of data"},
        Word{0x41, "no such data"},
        Word{0x44, "address out of range"},
        Word{0x45, "address and count out of range"},
        Word{0xa0, "no module at that station"},
        Word{0xa2, "no answer from the module"},
        Word{0xa4, "error of the SX bus"},
        Word{0xa5, "refused on the SX bus"},
    };
    for (const auto& word : words)
        if (word.code == code) return word.name;
    return {};
}

} // namespace yagura::dissect::fuji_sph
