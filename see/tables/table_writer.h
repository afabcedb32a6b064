// A table back into the kind of file that it came from: its cells, merged ones and other sheets; colours and
// formulas are not kept.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "see/tables/table_file.h"

namespace yagura::see::tables {

/// In UTF-8, with the file's own delimiter, quotes and line ends. No cell becomes a formula: a quote stands
/// before what a spreadsheet would run, as Yagura's own export writes it; read_csv() takes it away.
std::string csv_text(const TableFile& file);
/// Names and contents of a workbook's parts, for a ZIP container. Every cell is text, but for whole numbers.
std::vector<std::pair<std::string, std::string>> workbook_parts(const TableFile& file);

} // namespace yagura::see::tables
