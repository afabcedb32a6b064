// What FOCAS asks a FANUC control for. There is no public document of the bytes: the frames and functions are
// those that pyfanuc's notes (protocol.txt) and pyfocas 0.1.1 use.
#pragma once

#include <array>

#include "spine/observe/observation.h"

namespace yagura::dissect::focas {

enum class Shape : std::uint8_t { opaque, macro, macro_double, parameter, pmc, system, status };

struct Known {
    std::uint32_t code = 0; ///< 1 the control, 2 its PMC, << 16; the function
    std::string_view name = "unknown function";
    observe::Act act = observe::Act::unknown;
    Shape shape = Shape::opaque;
};
inline constexpr std::array functions{
    Known{0x1'0006, "list programs", observe::Act::browse},
    Known{0x1'000e, "read parameters", observe::Act::read, Shape::parameter},
    Known{0x1'0010, "list parameters", observe::Act::browse},
    Known{0x1'0015, "read macro variables", observe::Act::read, Shape::macro},
    Known{0x1'0016, "write macro variable", observe::Act::write, Shape::macro},
    Known{0x1'0018, "read system information", observe::Act::identify, Shape::system},
    Known{0x1'0019, "read status", observe::Act::diagnose, Shape::status},
    Known{0x1'001a, "read alarms", observe::Act::diagnose},
    Known{0x1'001b, "read number formats", observe::Act::read},
    Known{0x1'001c, "read program numbers", observe::Act::read},
    Known{0x1'001d, "read sequence number", observe::Act::read},
    Known{0x1'001f, "rewind", observe::Act::call},
    Known{0x1'0020, "read executed block", observe::Act::read},
    Known{0x1'0021, "read G codes", observe::Act::read},
    Known{0x1'0023, "read alarm messages", observe::Act::diagnose},
    Known{0x1'0024, "read feed rate", observe::Act::read},
    Known{0x1'0025, "read spindle speed", observe::Act::read},
    Known{0x1'0026, "read positions", observe::Act::read},
    Known{0x1'0029, "read settings", observe::Act::read, Shape::parameter},
    Known{0x1'002b, "list settings", observe::Act::browse},
    Known{0x1'0030, "read diagnosis data", observe::Act::diagnose},
    Known{0x1'0040, "read spindle speed and load", observe::Act::read},
    Known{0x1'0045, "read clock", observe::Act::read},
    Known{0x1'0046, "set clock", observe::Act::time_set},
    Known{0x1'0056, "read servo load", observe::Act::read},
    Known{0x1'0061, "read operation group names", observe::Act::read},
    Known{0x1'0089, "read axis names", observe::Act::read},
    Known{0x1'008a, "read spindle names", observe::Act::read},
    Known{0x1'008b, "read axis names", observe::Act::read},
    Known{0x1'008d, "read parameters", observe::Act::read, Shape::parameter},
    Known{0x1'0090, "read settings", observe::Act::read, Shape::parameter},
    Known{0x1'0096, "read G codes", observe::Act::read},
    Known{0x1'00a0, "list parameters", observe::Act::browse},
    Known{0x1'00a2, "list diagnosis data", observe::Act::browse},
    Known{0x1'00a4, "read axes and spindles", observe::Act::read},
    Known{0x1'00a7, "read macro variables", observe::Act::read, Shape::macro_double},
    Known{0x1'00a8, "write macro variable", observe::Act::write, Shape::macro_double},
    Known{0x1'00b0, "read current folder", observe::Act::browse},
    Known{0x1'00b3, "list folder", observe::Act::browse},
    Known{0x1'00b4, "count folder", observe::Act::browse},
    Known{0x1'00b9, "read main program's name", observe::Act::read},
    Known{0x2'8001, "read PMC", observe::Act::read, Shape::pmc},
    Known{0x2'8002, "write PMC", observe::Act::write, Shape::pmc},
};
constexpr Known find_function(std::uint32_t code) noexcept {
    for (const auto& known : functions)
        if (known.code == code) return known;
    return {.code = code};
}

/// Frames beside those of functions; told by their type.
enum Type : std::uint16_t {
    open_request = 0x0101,
    open_answer = 0x0102,
    close_request = 0x0201,
    close_answer = 0x0202,
    read_request = 0x1501,
    read_answer = 0x1502,
    read_data = 0x1604,
    read_end = 0x1701,
    read_end_answer = 0x1702,
    functions_request = 0x2101,
    functions_answer = 0x2102,
    functions_refused = 0x2103,
};

/// The PMC's areas in the order of their numbers.
constexpr std::string_view pmc_area(std::uint32_t number) noexcept {
    constexpr std::array<std::string_view, 10> areas{"G", "F", "Y", "X", "A", "R", "T", "K", "C", "D"};
    return number < areas.size() ? areas[number] : std::string_view{};
}

} // namespace yagura::dissect::focas
