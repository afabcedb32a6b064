// What SLMP's commands are called, what they do and what stands in their bytes. "SLMP Reference Manual"
// SH(NA)-080956ENG, chapter 5, and "MELSEC Communication Protocol Reference Manual" SH(NA)-080008, chapters 8
// to 14.
#pragma once

#include <array>

#include "spine/observe/observation.h"

namespace yagura::dissect::slmp {

enum class Shape : std::uint8_t {
    opaque,
    read, ///< devices from one on
    write,
    random_read, ///< devices here and there
    random_write,
    monitor, ///< as random_read, answered later and again
    read_blocks,
    write_blocks,
    memory_read, ///< of the CPU's own buffer or file register
    memory_write,
    module_read, ///< of an intelligent function module's buffer
    module_write,
    type_name,
    file,
};

struct Known {
    std::uint16_t command = 0;
    std::string_view name = "unknown command";
    observe::Act act = observe::Act::unknown;
    Shape shape = Shape::opaque;
};

inline constexpr std::array commands{
    Known{0x0101, "read type name", observe::Act::identify, Shape::type_name},
    Known{0x0401, "read", observe::Act::read, Shape::read},
    Known{0x0403, "read random", observe::Act::read, Shape::random_read},
    Known{0x0406, "read block", observe::Act::read, Shape::read_blocks},
    Known{0x0601, "read intelligent module", observe::Act::read, Shape::module_read},
    Known{0x0613, "read memory", observe::Act::read, Shape::memory_read},
    Known{0x0619, "self test", observe::Act::diagnose},
    Known{0x0801, "entry monitor device", observe::Act::subscribe, Shape::monitor},
    Known{0x0802, "execute monitor", observe::Act::read},
    Known{0x0e30, "node search", observe::Act::browse},
    Known{0x0e31, "set ip address", observe::Act::configure},
    Known{0x0e70, "cyclic", observe::Act::cyclic_io},
    Known{0x1001, "remote run", observe::Act::start},
    Known{0x1002, "remote stop", observe::Act::stop},
    Known{0x1003, "remote pause", observe::Act::mode_change},
    Known{0x1005, "remote latch clear", observe::Act::clear},
    Known{0x1006, "remote reset", observe::Act::reset},
    Known{0x1401, "write", observe::Act::write, Shape::write},
    Known{0x1402, "write random", observe::Act::write, Shape::random_write},
    Known{0x1406, "write block", observe::Act::write, Shape::write_blocks},
    Known{0x1601, "write intelligent module", observe::Act::write, Shape::module_write},
    Known{0x1613, "write memory", observe::Act::write, Shape::memory_write},
    Known{0x1617, "clear error", observe::Act::alarm_ack},
    Known{0x1630, "remote password unlock", observe::Act::authenticate},
    Known{0x1631, "remote password lock", observe::Act::protect},
    Known{0x1810, "read directory", observe::Act::browse, Shape::file},
    Known{0x1811, "search directory", observe::Act::browse, Shape::file},
    Known{0x1820, "new file", observe::Act::file_write, Shape::file},
    Known{0x1822, "delete file", observe::Act::file_delete, Shape::file},
    Known{0x1824, "copy file", observe::Act::file_write, Shape::file},
    Known{0x1825, "change file state", observe::Act::configure, Shape::file},
    Known{0x1826, "change file date", observe::Act::file_write, Shape::file},
    Known{0x1827, "open file", observe::Act::file_read, Shape::file},
    Known{0x1828, "read file", observe::Act::file_read, Shape::file},
    Known{0x1829, "write file", observe::Act::file_write, Shape::file},
    Known{0x182a, "close file", observe::Act::file_read, Shape::file},
    Known{0x2101, "on demand", observe::Act::report},
};

/// Never nothing: what nobody knows is an operation all the same.
constexpr Known find_command(std::uint16_t command) noexcept {
    for (const auto& known : commands)
        if (known.command == command) return known;
    return {.command = command};
}

/// End codes, SH(NA)-080956ENG appendix and SH(NA)-080008 chapter 15, in words.
constexpr std::string_view end_code_name(std::uint32_t code) noexcept {
    struct Word {
        std::uint32_t code;
        std::string_view name;
    };
    constexpr std::array words{
        Word{0x0055, "writing while running is not allowed"},
        Word{0x4030, "no such device"},
        Word{0x4031, "device out of range"},
        Word{0xc050, "not a number"},
        Word{0xc051, "too many points"},
        Word{0xc052, "too many points"},
        Word{0xc053, "too many points"},
        Word{0xc054, "too many points"},
        Word{0xc056, "address out of range"},
        Word{0xc058, "length does not match"},
        Word{0xc059, "no such command"},
        Word{0xc05b, "device cannot be reached"},
        Word{0xc05c, "request is wrong"},
        Word{0xc05d, "nothing registered to monitor"},
        Word{0xc05f, "cannot be done for this station"},
        Word{0xc060, "request is wrong"},
        Word{0xc061, "length does not match"},
        Word{0xc06f, "wrong code, binary or ascii"},
        Word{0xc070, "device memory cannot be extended here"},
        Word{0xc0b5, "data that cannot be handled"},
        Word{0xc200, "remote password is wrong"},
        Word{0xc201, "locked by remote password"},
        Word{0xc204, "unlocked by another one"},
        Word{0xcee0, "busy with another request"},
        Word{0xcee1, "request too long"},
        Word{0xcee2, "answer too long"},
    };
    for (const auto& word : words)
        if (word.code == code) return word.name;
    return {};
}

} // namespace yagura::dissect::slmp
