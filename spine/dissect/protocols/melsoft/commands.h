// What Mitsubishi's engineering tools ask controllers for. The commands lie in the groups of the MC protocol
// (01 model, 04 read, 14 write, 10 remote control, 18 files); their names here follow from that and from what
// was seen to pass.
#pragma once

#include <array>

#include "spine/observe/observation.h"

namespace yagura::dissect::melsoft {

enum class Shape : std::uint8_t {
    opaque,
    model,
    device,
    remote,
    file_by_name,
    open,
    read_file,
    write_file,
    close
};

struct Known {
    std::uint16_t code = 0;
    std::string_view name = "unknown command";
    observe::Act act = observe::Act::unknown;
    Shape shape = Shape::opaque;
};

inline constexpr std::array commands{
    Known{0x0101, "read type name", observe::Act::identify, Shape::model},
    Known{0x0121, "read type name", observe::Act::identify, Shape::model},
    Known{0x01a0, "start of session", observe::Act::connect},
    Known{0x0410, "read devices", observe::Act::read, Shape::device},
    Known{0x0411, "read devices by kind", observe::Act::read},
    Known{0x0413, "read block", observe::Act::read},
    Known{0x0701, "read clock", observe::Act::read},
    Known{0x1001, "remote run", observe::Act::start, Shape::remote},
    Known{0x1002, "remote stop", observe::Act::stop, Shape::remote},
    Known{0x1003, "remote pause", observe::Act::mode_change, Shape::remote},
    Known{0x1005, "remote latch clear", observe::Act::clear, Shape::remote},
    Known{0x1006, "remote reset", observe::Act::reset, Shape::remote},
    Known{0x1410, "write devices", observe::Act::write, Shape::device},
    Known{0x1859, "read directory", observe::Act::browse},
    Known{0x185f, "file information", observe::Act::browse, Shape::file_by_name},
    Known{0x1867, "open file", observe::Act::file_read, Shape::open},
    Known{0x1868, "read file", observe::Act::file_read, Shape::read_file},
    Known{0x1869, "write file", observe::Act::file_write, Shape::write_file},
    Known{0x186a, "close file", observe::Act::file_read, Shape::close},
    Known{0x187e, "check files", observe::Act::browse},
};

/// Never nothing: a command that nobody knows is told with what its group is about.
constexpr Known find_command(std::uint16_t code) noexcept {
    for (const auto& known : commands)
        if (known.code == code) return known;
    using observe::Act;
    switch (code >> 8) {
    case 0x01:
        return {code, "other command about the model", Act::identify};
    case 0x04:
        return {code, "other read command", Act::read};
    case 0x0b:
        return {code, "other diagnosis command", Act::diagnose};
    case 0x14:
        return {code, "other write command", Act::write};
    case 0x18:
        return {code, "other file command", Act::unknown};
    default:
        return {.code = code};
    }
}

} // namespace yagura::dissect::melsoft
