// Puts cells into sheets within what a file may be.
#pragma once

#include <cstdint>
#include <string>

#include "see/tables/table_file.h"

namespace yagura::see::tables {

/// "row 17, column 3", from places that count from 0; with the sheet's name before it if it has one.
std::string place(const Sheet& sheet, std::uint32_t row, std::uint32_t column);

/// A code ledger.too-large: `what` is told as "the table has more than 100000 rows".
Complaint too_large(std::string_view what, std::string where);

/// One for all sheets of a file: what they have together is what counts.
class SheetFiller {
public:
    explicit SheetFiller(const TableLimits& limits) noexcept : limits_{limits} {}

    /// Places count from 0. An empty text puts nothing.
    Result<void> put(Sheet& sheet, std::uint32_t row, std::uint32_t column, std::string_view text);
    Result<void> merge(Sheet& sheet, const Range& range);

private:
    const TableLimits& limits_;
    std::size_t rows_ = 0, cells_ = 0, text_ = 0, merged_ = 0;
};

} // namespace yagura::see::tables
