// A table that somebody keeps in a spreadsheet, as cells of text: CSV in the encodings that Japanese plants
// have, or a workbook (XLSX).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "spine/base/bytes.h"
#include "spine/base/result.h"

namespace yagura::see::tables {

/// Merged cells, from 0. Their text stands in the first.
struct Range {
    std::uint32_t row = 0, column = 0, rows = 0, columns = 0;
    bool operator==(const Range&) const = default;
};

struct Sheet {
    std::string name; ///< empty for CSV
    /// UTF-8. A row ends with its last cell that is not empty, the sheet with its last such row.
    std::vector<std::vector<std::string>> rows{};
    std::vector<Range> merged{};
    bool hidden = false;
};

struct TableFile {
    std::string kind;     ///< "csv", "xlsx"
    std::string encoding; ///< "utf-8", "utf-8-bom", "utf-16", "cp932"; empty for a workbook
    std::vector<Sheet> sheets{};
    /// Of a CSV, so that it can be written again as it was.
    char delimiter = ',';
    bool crlf = true, quoted = false; ///< quoted: every cell of its first line
    bool says_delimiter = false;      ///< "sep=;" in its first line
};

/// What a file may be at most; all of it together, not each sheet. They hold while it is unpacked.
struct TableLimits {
    std::size_t bytes = 32u << 20;
    std::size_t sheets = 64;
    std::size_t rows = 100'000;
    std::size_t columns = 256;
    std::size_t cell = 4'096;      ///< bytes of UTF-8
    std::size_t cells = 4'000'000; ///< empty ones between others too: each takes memory
    std::size_t text =
        64u << 20; ///< bytes of UTF-8 in all cells: one string may be many cells' in a workbook
    std::size_t merged = 65'536;
    std::size_t unpacked = 256u << 20; ///< bytes of the parts of a workbook that are read
};

/// CSV: RFC 4180, and what spreadsheets make of it: comma, tab or semicolon, CR, LF or both. Numbers of a
/// workbook stand as the cell's format has it where that is digits, dates in ISO 8601, formulas as their last
/// value. Errors: ledger.empty-file, .not-a-table, .old-workbook, .too-large, .bad-byte, .open-quote,
/// .no-decoder, .damaged-workbook, .unsafe-workbook. `where` has the row and the column, from 1, where there
/// are any.
Result<TableFile> read_table(Bytes file, const TableLimits& limits = {});

} // namespace yagura::see::tables
