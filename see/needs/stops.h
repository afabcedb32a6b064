// What stops if a device, or several, stop: whoever asks them, whom they write to, and further where cyclic
// I/O or control says so.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
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

/// The same of one device after the other, where only who it is counts: what ties them is found once.
class Dependents {
public:
    /// When so many were found, what stands behind them is not followed.
    static constexpr std::size_t most = 1'000;

    explicit Dependents(const std::vector<store::NeedRow>& needs);
    struct Of {
        std::vector<std::string_view> stands{}, waits{}; ///< ids; stands: cannot go on; waits: all others
    };
    /// Ids live as long as the needs.
    Of of(std::string_view device) const;

private:
    struct Edge {
        std::uint32_t of;
        bool hard;
    };
    std::unordered_map<std::string_view, std::uint32_t> places_;
    std::vector<std::string_view> ids_;
    std::vector<std::vector<Edge>> on_; ///< who depends on each
};

} // namespace yagura::see::needs
