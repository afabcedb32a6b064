// What stops if a device, or several, stop: whoever asks them, whom they write to, and further where cyclic
// I/O or control says so.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "spine/store/needs.h"

namespace yagura::see::needs {

enum class Why : std::uint8_t {
    asks,     ///< it asks what stops, and gets no answer any more
    commands, ///< what stops writes to it, and does so no more
    io,       ///< both exchange inputs and outputs in a cycle
};
std::string_view key(Why) noexcept;

struct Reason {
    std::size_t need = 0; ///< its place
    Why why{};
};
struct Stopped {
    std::string device{};           ///< id
    unsigned depth = 1;             ///< 1: it depends on what stops; 2: on one that stands because of it …
    std::vector<std::string> via{}; ///< at depth 1 those that stop, else those that stand because of them
    std::vector<Reason> reasons{};
    bool stands = false; ///< it cannot work on: cyclic I/O, or a controller without what it controls
    bool other = false;  ///< for each thing that it asks there is another that it asked, too
};

/// By depth, then by id. Those that stop are not in it. Only what was answered counts (Kind::rule and
/// ::link).
std::vector<Stopped> stops_if(const std::vector<store::NeedRow>& needs, const std::set<std::string>& stop);

} // namespace yagura::see::needs
