// CSV: RFC 4180 and what spreadsheets make of it.
#pragma once

#include "see/tables/table_file.h"

namespace yagura::see::tables {

/// One sheet without a name. A row is a record: a line end between quotes begins none. Excel's ="0012" is
/// 0012, its first line "sep=;" names the delimiter, and the quote that Yagura's own export writes before
/// what a spreadsheet would run goes. Errors: as read_table().
Result<TableFile> read_csv(Bytes file, const TableLimits& limits);

} // namespace yagura::see::tables
