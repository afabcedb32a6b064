// Versions as makers write them, and which of two is older.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace yagura::see::weakness {

/// How a maker counts.
enum class Order : std::uint8_t {
    dotted,  ///< whole numbers between points: 4.10 is newer than 4.9
    decimal, ///< a number with a fraction where there are two: 1.4 is 1.40, newer than 1.39
    wago,    ///< dotted; "FW14" is the index behind: 02.07.07(14)
    codesys, ///< dotted; "3.5 SP13 Patch 2" is 3.5.13.20
    ios,     ///< of Cisco: 15.2(5)EA, by train
};
std::string_view word(Order) noexcept;
std::optional<Order> order_of(std::string_view word) noexcept;

/// One number or one word of a version.
struct Token {
    bool number = false;
    std::uint64_t value = 0;
    std::string text{}; ///< of a word in small letters; of a number its digits
    bool operator==(const Token&) const = default;
};
struct Version {
    std::vector<Token> tokens{};
    bool open = false; ///< "2.3.x", "24.21.": more follows that is not said
    bool operator==(const Version&) const = default;
};

/// What stands before a number and only says that it is one goes: "V", "Ver.", "FW", "SV", "R", "Firmware_".
/// Nothing for what has no number, more than one gap of spaces with other words in between, or over 64 bytes.
std::optional<Version> version_of(std::string_view text);

/// Nothing where the maker's order does not say: forms that differ, words that nobody knows.
std::optional<std::strong_ordering> compared(const Version& a, const Version& b, Order order);

/// Whether `one` is `of` with something behind it: 2.1.3 of 2.1.
bool begins_with(const Version& one, const Version& of);

} // namespace yagura::see::weakness
