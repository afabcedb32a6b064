// What is wrong with a cell or a row of a table, for a person who has to find it in a spreadsheet.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "spine/base/message.h"

namespace yagura::see::tables {

struct Problem {
    std::uint32_t row = 0, column = 0; ///< from 1; column 0: the row as a whole
    std::string heading{}, value{};    ///< value: 128 bytes of it at most
    std::string_view code{};           ///< its sentence; which there are, whoever reads the table says
    decltype(Message::with) args{};    ///< what the sentence names
};

/// Problems that are told one by one; the others are counted.
inline constexpr std::size_t problems_most = 10'000;

} // namespace yagura::see::tables
