// What FL-net's frames are, by their transaction code. JIS B 3521 (FL-net) and "CS1W/CJ1W-FLN22 FL-net Units
// Operation Manual" W440-E1, appendices C and D; "MVI56E-FLN User Manual", 4.4.2, for the codes.
#pragma once

#include <array>

#include "spine/observe/observation.h"

namespace yagura::dissect::fl_net {

enum class Shape : std::uint8_t { cyclic, join, memory, other };

struct Known {
    std::uint16_t code = 0;
    std::string_view name = "unknown frame";
    observe::Act act = observe::Act::unknown;
    Shape shape = Shape::other;
};
/// An answer is its request's code and 200.
inline constexpr std::uint16_t transparent_most = 59'999, with_token = 65'000, without_token = 65'001,
                               answers = 200, first_request = 65'003, last_request = 65'015;
inline constexpr std::array frames{
    Known{65'000, "cyclic data with token", observe::Act::cyclic_io, Shape::cyclic},
    Known{65'001, "cyclic data", observe::Act::cyclic_io, Shape::cyclic},
    Known{65'002, "participation request", observe::Act::connect, Shape::join},
    Known{65'003, "read byte block", observe::Act::read, Shape::memory},
    Known{65'004, "write byte block", observe::Act::write, Shape::memory},
    Known{65'005, "read word block", observe::Act::read, Shape::memory},
    Known{65'006, "write word block", observe::Act::write, Shape::memory},
    Known{65'007, "read network parameters", observe::Act::identify},
    Known{65'008, "write network parameters", observe::Act::configure},
    Known{65'009, "stop", observe::Act::stop},
    Known{65'010, "start", observe::Act::start},
    Known{65'011, "read profile", observe::Act::identify},
    Known{65'012, "trigger", observe::Act::connect},
    Known{65'013, "read log", observe::Act::diagnose},
    Known{65'014, "clear log", observe::Act::configure},
    Known{65'015, "echo", observe::Act::diagnose},
};
constexpr Known find_frame(std::uint16_t code) noexcept {
    if (code <= transparent_most) return {code, "transparent message"};
    for (const auto& known : frames)
        if (known.code == code) return known;
    return {.code = code};
}
constexpr bool is_answer(std::uint16_t code) noexcept {
    return code >= first_request + answers && code <= last_request + answers && code != 65'012 + answers;
}

} // namespace yagura::dissect::fl_net
