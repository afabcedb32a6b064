// Which column of a table is what, and the entries that its rows are.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "see/ledger/entry.h"
#include "see/tables/problem.h"
#include "see/tables/table_file.h"

namespace yagura::see::ledger {

using tables::Range;
using tables::Sheet;
using tables::TableFile;

/// All from 0. Several columns may be one field: their texts are joined by a space ("IPアドレス1" and
/// "IPアドレス2").
struct Mapping {
    std::size_t sheet = 0;
    std::uint32_t header_row = 0;
    std::uint32_t header_rows =
        1; ///< 2: merged heads over two rows; 0: no headings, header_row is the first of the data
    std::vector<std::optional<Field>> columns{};
    bool operator==(const Mapping&) const = default;
};

/// One for each column that has a heading or a cell below. A head that is merged over several columns is said
/// before what stands below it, "ネットワーク / IPアドレス"; also where CSV has lost the merging.
std::vector<std::string> headings(const Sheet& sheet, std::uint32_t header_row, std::uint32_t header_rows);

/// The sheet, the head and the columns by the words of the headings (heading_words.h); a column of IPs or
/// MACs whose heading says nothing by what its cells look like. A sheet that is hidden only if no other has
/// headings. Rows above the head (titles) are passed over, 30 of them at most. `file` has a sheet at least.
Mapping guessed(const TableFile& file);
/// The head and the columns of one sheet.
Mapping guessed(const TableFile& file, std::size_t sheet);
/// The columns below a head that somebody chose.
std::vector<std::optional<Field>> guessed_columns(const Sheet& sheet, std::uint32_t header_row,
                                                  std::uint32_t header_rows);

/// Codes: ledger.not-an-ip, .not-a-mac, .unknown-criticality, .too-long (args "most", bytes), .no-key,
/// .double-key ("row", the row that has the same, from 1, and "field").
using tables::Problem, tables::problems_most;

struct Taken {
    std::vector<Entry> entries{};           ///< of rows without problems
    std::vector<std::uint32_t> last_rows{}; ///< of each entry, from 1; entry.row is its first
    std::vector<Problem> problems{};
    std::size_t problem_count = 0; ///< all of them
    std::uint32_t bad_rows = 0;    ///< entries that are left out for their problems
    std::uint32_t empty_rows =
        0; ///< and heads that are repeated, sections' names merged over the table, "以上"
};

/// A row is an entry. Cells that are merged over rows say the same for each of these; where the number is
/// merged (or the name, if there is no column of numbers), the rows are one entry, and what they say
/// differently is joined by a space. The second row with a number or MAC that is there already is a problem,
/// the first is taken.
Taken taken(const Sheet& sheet, const Mapping& mapping);

} // namespace yagura::see::ledger
