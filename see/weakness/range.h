// Which versions an advisory means, out of what people write into it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "see/weakness/advisory.h"
#include "see/weakness/version.h"

namespace yagura::see::weakness {

/// From one version to another; a side that is missing is open.
struct Interval {
    std::optional<Version> from{}, to{};
    bool with_from = true, with_to = true;
    bool operator==(const Interval&) const = default;
};

/// "The first 5 digits of the serial number are 24051 or lower", "179**** and prior".
struct SerialRange {
    enum class Way : std::uint8_t { up_to, from };
    Way way{};
    std::string first{}; ///< compared with as many characters of the serial number
    bool operator==(const SerialRange&) const = default;
};

struct Range {
    bool all = false;                  ///< every version
    std::vector<Interval> intervals{}; ///< any of them
    std::vector<Version> points{};     ///< named one by one
    std::vector<Version> fixed_in{};   ///< one a branch, by its first number: older ones of each are meant
    std::vector<std::string> models{}; ///< order numbers that stand where a version should
    std::optional<SerialRange> serial{};
    std::string condition{}; ///< what else has to be so, as it is written: nobody here can decide it
    bool operator==(const Range&) const = default;
};

/// Never fails: what is not understood is the condition, so that nothing is decided by it. A range that holds
/// nothing but a condition does not say which versions are meant.
Range read_range(std::string_view text, Versions kind);

/// "Serial number 179**** and prior" and its like; nothing if none stands in `text`.
std::optional<SerialRange> serial_range(std::string_view text);

enum class Inside : std::uint8_t {
    yes,
    no_newer,  ///< newer than all that are meant
    no_older,  ///< older than all that are meant, which the advisory says by a lower end
    no_gap,    ///< between two ranges
    not_named, ///< older than a version that is named alone: the advisory may mean it or not
    part,      ///< the advisory names "2", and it is 2.1
    unordered, ///< its form and the advisory's cannot be compared
};
Inside inside(const Version& version, const Range& range, Order order);

/// Whether a serial number is meant; nothing if it is too short or of another form.
std::optional<bool> inside(std::string_view serial, const SerialRange& range);

} // namespace yagura::see::weakness
