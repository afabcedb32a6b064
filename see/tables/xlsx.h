// A workbook of Office Open XML (ECMA-376 part 1): a ZIP container with XML.
#pragma once

#include "see/tables/table_file.h"

namespace yagura::see::tables {

/// Every worksheet in the order of the workbook. Furigana (phonetic runs) is left out, a formula's last value
/// stands for it, a number as the cell's format shows it (number_format.h), TRUE and FALSE, an error as
/// #REF!. Errors: as read_table().
Result<TableFile> read_xlsx(Bytes file, const TableLimits& limits);

} // namespace yagura::see::tables
