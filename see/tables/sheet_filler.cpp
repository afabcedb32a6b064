#include "see/tables/sheet_filler.h"

#include "spine/base/text.h"

namespace yagura::see::tables {

std::string place(const Sheet& sheet, std::uint32_t row, std::uint32_t column) {
    const auto at = cat("row ", std::uint64_t{row} + 1, ", column ", std::uint64_t{column} + 1);
    return sheet.name.empty() ? at : cat("sheet ", sheet.name, ", ", at);
}

Complaint too_large(std::string_view what, std::string where) {
    return {.code = "ledger.too-large",
            .what = cat("the file was not read: ", what),
            .why = "a list that a plant keeps is smaller; a limit keeps one file from taking all memory",
            .where = std::move(where),
            .next = "leave out what is no device, or split the file, and try again"};
}

Result<void> SheetFiller::put(Sheet& sheet, std::uint32_t row, std::uint32_t column, std::string_view text) {
    if (text.empty()) return {};
    const auto complain = [&](const auto&... what) {
        return std::unexpected{too_large(cat(what...), place(sheet, row, column))};
    };
    if (column >= limits_.columns) return complain("it has more than ", limits_.columns, " columns");
    if (text.size() > limits_.cell) return complain("a cell has more than ", limits_.cell, " bytes");
    const auto had = sheet.rows.size();
    if (row >= had) {
        if (row - had >= limits_.rows - rows_) return complain("it has more than ", limits_.rows, " rows");
        rows_ += row + 1 - had;
        sheet.rows.resize(row + std::size_t{1});
    }
    auto& cells = sheet.rows[row];
    if (column >= cells.size()) {
        cells_ += column + 1 - cells.size();
        if (cells_ > limits_.cells) return complain("it has more than ", limits_.cells, " cells");
        cells.resize(column + std::size_t{1});
    }
    text_ += text.size();
    if (text_ > limits_.text) return complain("its cells have more than ", limits_.text, " bytes of text");
    cells[column] = text;
    return {};
}

Result<void> SheetFiller::merge(Sheet& sheet, const Range& range) {
    if (++merged_ > limits_.merged)
        return std::unexpected{too_large(cat("it has more than ", limits_.merged, " merged cells"),
                                         place(sheet, range.row, range.column))};
    sheet.merged.push_back(range);
    return {};
}

} // namespace yagura::see::tables
