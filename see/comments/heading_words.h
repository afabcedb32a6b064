// What tools call the columns of their lists, in Japanese and English. For this folder.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "see/comments/list.h"

namespace yagura::see::comments {

/// Columns that say which tool it was, and nothing that we keep.
enum class Sign : std::uint8_t { none, sysmac, tia, cx, logix };

struct Heading {
    std::optional<Column> column{};
    Sign sign = Sign::none;
    int rank = 0; ///< of two columns that are the same the higher one counts
};
/// Nothing: it says nothing that is known.
std::optional<Heading> heading_of(std::string_view text);

} // namespace yagura::see::comments
