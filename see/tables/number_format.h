// How a spreadsheet shows the numbers of a cell (ECMA-376 part 1, 18.8.30 and 18.8.31).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace yagura::see::tables {

struct NumberFormat {
    enum class Kind : std::uint8_t { general, date, time, moment, digits };
    Kind kind = Kind::general;
    /// Of digits: what stands in the cell, `place_of_digit` for each digit: "PLC-000" shows 7 as PLC-007.
    std::string shape{};
};
inline constexpr char place_of_digit = '\x01';

/// By the format's number where ECMA-376 gives it one (in Japanese: 27 to 36 and 50 to 58 are dates), else by
/// its code.
NumberFormat built_in_format(std::uint32_t number);
NumberFormat format_of(std::string_view code);

/// `value` as the workbook has it, as a person sees it: 12 and not 12.0, 2024-04-01, 2024-04-01T13:05:00,
/// 13:05:00. What is no number or no date of the calendar (1900 to 9999) stays as it is. `since_1904`: the
/// workbook counts days as old Macs did.
std::string shown(std::string_view value, const NumberFormat& format, bool since_1904);

} // namespace yagura::see::tables
