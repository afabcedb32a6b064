// What FINS's commands are called and do. "CS/CJ/CP/NSJ-series Communications Commands Reference Manual"
// W342-E1-14, section 5.
#pragma once

#include <array>

#include "spine/observe/observation.h"

namespace yagura::dissect::fins {

enum class Shape : std::uint8_t {
    opaque,
    read_area,
    write_area,
    fill_area,
    read_many,
    transfer_area,
    parameter,
    program_read,
    program_write,
    run,
    controller,
    status,
    clock_write,
    force,
};

struct Known {
    std::uint16_t code = 0; ///< MRC << 8 | SRC
    std::string_view name = "unknown command";
    observe::Act act = observe::Act::unknown;
    Shape shape = Shape::opaque;
};

inline constexpr std::array commands{
    Known{0x0101, "memory area read", observe::Act::read, Shape::read_area},
    Known{0x0102, "memory area write", observe::Act::write, Shape::write_area},
    Known{0x0103, "memory area fill", observe::Act::write, Shape::fill_area},
    Known{0x0104, "multiple memory area read", observe::Act::read, Shape::read_many},
    Known{0x0105, "memory area transfer", observe::Act::write, Shape::transfer_area},
    Known{0x0201, "parameter area read", observe::Act::read, Shape::parameter},
    Known{0x0202, "parameter area write", observe::Act::configure, Shape::parameter},
    Known{0x0203, "parameter area clear", observe::Act::configure, Shape::parameter},
    Known{0x0220, "data link table read", observe::Act::read},
    Known{0x0221, "data link table write", observe::Act::configure},
    Known{0x0304, "program area protect", observe::Act::protect},
    Known{0x0305, "program area protect clear", observe::Act::protect},
    Known{0x0306, "program area read", observe::Act::program_upload, Shape::program_read},
    Known{0x0307, "program area write", observe::Act::program_download, Shape::program_write},
    Known{0x0308, "program area clear", observe::Act::program_delete},
    Known{0x0401, "run", observe::Act::start, Shape::run},
    Known{0x0402, "stop", observe::Act::stop},
    Known{0x0403, "reset", observe::Act::reset},
    Known{0x0501, "controller data read", observe::Act::identify, Shape::controller},
    Known{0x0502, "connection data read", observe::Act::identify},
    Known{0x0601, "controller status read", observe::Act::diagnose, Shape::status},
    Known{0x0602, "network status read", observe::Act::diagnose},
    Known{0x0603, "data link status read", observe::Act::diagnose},
    Known{0x0620, "cycle time read", observe::Act::diagnose},
    Known{0x0701, "clock read", observe::Act::read},
    Known{0x0702, "clock write", observe::Act::time_set, Shape::clock_write},
    Known{0x0801, "internode echo test", observe::Act::diagnose},
    Known{0x0802, "broadcast test results read", observe::Act::diagnose},
    Known{0x0803, "broadcast test data send", observe::Act::diagnose},
    Known{0x0920, "message read or clear", observe::Act::alarm_ack},
    Known{0x0c01, "access right acquire", observe::Act::protect},
    Known{0x0c02, "access right forced acquire", observe::Act::protect},
    Known{0x0c03, "access right release", observe::Act::protect},
    Known{0x2101, "error clear", observe::Act::alarm_ack},
    Known{0x2102, "error log read", observe::Act::diagnose},
    Known{0x2103, "error log clear", observe::Act::alarm_ack},
    Known{0x2140, "fins write access log read", observe::Act::diagnose},
    Known{0x2141, "fins write access log clear", observe::Act::configure},
    Known{0x2201, "file name read", observe::Act::browse},
    Known{0x2202, "single file read", observe::Act::file_read},
    Known{0x2203, "single file write", observe::Act::file_write},
    Known{0x2204, "file memory format", observe::Act::clear},
    Known{0x2205, "file delete", observe::Act::file_delete},
    Known{0x2206, "volume label create or delete", observe::Act::file_write},
    Known{0x2207, "file copy", observe::Act::file_write},
    Known{0x2208, "file name change", observe::Act::file_write},
    Known{0x2209, "file data check", observe::Act::file_read},
    Known{0x220a, "memory area file transfer", observe::Act::file_write},
    Known{0x220b, "parameter area file transfer", observe::Act::file_write},
    Known{0x220c, "program area file transfer", observe::Act::program_download},
    Known{0x2215, "directory create or delete", observe::Act::file_write},
    Known{0x2220, "memory cassette transfer", observe::Act::program_download},
    Known{0x2301, "forced set or reset", observe::Act::force, Shape::force},
    Known{0x2302, "forced set or reset cancel", observe::Act::force},
    Known{0x230a, "multiple forced status read", observe::Act::read},
    Known{0x2601, "name set", observe::Act::configure},
    Known{0x2602, "name delete", observe::Act::configure},
    Known{0x2603, "name read", observe::Act::identify},
};

/// Never nothing: what nobody knows is an operation all the same.
constexpr Known find_command(std::uint16_t code) noexcept {
    for (const auto& known : commands)
        if (known.code == code) return known;
    return {.code = code};
}

/// Response codes (W342 5-1-3), without the bits that tell of relays and of errors in the controller.
constexpr std::uint32_t plain_code(std::uint32_t code) noexcept { return code & 0x7f3f; }
constexpr std::string_view response_name(std::uint32_t code) noexcept {
    struct Word {
        std::uint32_t code;
        std::string_view name;
    };
    constexpr std::array words{
        Word{0x0001, "service was interrupted"},
        Word{0x0101, "local node not in network"},
        Word{0x0102, "token timeout"},
        Word{0x0103, "retries failed"},
        Word{0x0104, "too many frames sent"},
        Word{0x0105, "node address out of range"},
        Word{0x0106, "node address twice"},
        Word{0x0201, "destination not in network"},
        Word{0x0202, "unit missing"},
        Word{0x0203, "third node missing"},
        Word{0x0204, "destination busy"},
        Word{0x0205, "response timeout"},
        Word{0x0301, "communications controller error"},
        Word{0x0302, "cpu unit error"},
        Word{0x0303, "controller error"},
        Word{0x0304, "unit number error"},
        Word{0x0401, "undefined command"},
        Word{0x0402, "not supported by model"},
        Word{0x0501, "destination address setting error"},
        Word{0x0502, "no routing tables"},
        Word{0x0503, "routing table error"},
        Word{0x0504, "too many relays"},
        Word{0x1001, "command too long"},
        Word{0x1002, "command too short"},
        Word{0x1003, "elements and data do not match"},
        Word{0x1004, "command format error"},
        Word{0x1005, "header error"},
        Word{0x1101, "no such area"},
        Word{0x1102, "access size error"},
        Word{0x1103, "address out of range"},
        Word{0x1104, "address range exceeded"},
        Word{0x1106, "program missing"},
        Word{0x1109, "relational error"},
        Word{0x110a, "duplicate data access"},
        Word{0x110b, "response too long"},
        Word{0x110c, "parameter error"},
        Word{0x2002, "protected"},
        Word{0x2003, "table missing"},
        Word{0x2004, "data missing"},
        Word{0x2005, "program missing"},
        Word{0x2006, "file missing"},
        Word{0x2007, "data mismatch"},
        Word{0x2101, "read only"},
        Word{0x2102, "protected"},
        Word{0x2103, "cannot register"},
        Word{0x2105, "program missing"},
        Word{0x2106, "file missing"},
        Word{0x2107, "file name exists"},
        Word{0x2108, "cannot change"},
        Word{0x2201, "not possible during execution"},
        Word{0x2202, "not possible while running"},
        Word{0x2203, "wrong mode: program"},
        Word{0x2204, "wrong mode: debug"},
        Word{0x2205, "wrong mode: monitor"},
        Word{0x2206, "wrong mode: run"},
        Word{0x2207, "specified node is not polling node"},
        Word{0x2208, "step cannot be executed"},
        Word{0x2301, "file device missing"},
        Word{0x2302, "memory missing"},
        Word{0x2303, "clock missing"},
        Word{0x2401, "table missing"},
        Word{0x2502, "memory error"},
        Word{0x2503, "i/o setting error"},
        Word{0x2504, "too many i/o points"},
        Word{0x2505, "cpu bus error"},
        Word{0x2506, "i/o duplication"},
        Word{0x2507, "i/o bus error"},
        Word{0x2509, "sysmac bus/2 error"},
        Word{0x250a, "cpu bus unit error"},
        Word{0x250d, "sysmac bus number duplication"},
        Word{0x250f, "memory error"},
        Word{0x2510, "sysmac bus terminator missing"},
        Word{0x2601, "no protection"},
        Word{0x2602, "incorrect password"},
        Word{0x2604, "protected"},
        Word{0x2605, "service already executing"},
        Word{0x2606, "service stopped"},
        Word{0x2607, "no execution right"},
        Word{0x2608, "settings not complete"},
        Word{0x2609, "necessary items not set"},
        Word{0x260a, "number already defined"},
        Word{0x260b, "error will not clear"},
        Word{0x3001, "no access right"},
        Word{0x4001, "service aborted"},
    };
    for (const auto& word : words)
        if (word.code == code) return word.name;
    return {};
}

} // namespace yagura::dissect::fins
