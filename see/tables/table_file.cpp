#include "see/tables/table_file.h"

#include <algorithm>

#include "see/tables/csv.h"
#include "see/tables/sheet_filler.h"
#include "see/tables/xlsx.h"
#include "spine/base/text.h"

namespace yagura::see::tables {
namespace {

Complaint old_workbook() {
    return {.code = "ledger.old-workbook",
            .what = "the workbook was not read: it is in Excel's old form (XLS), or a password protects it",
            .why = "it begins as an OLE2 container does",
            .next = "take the password off, save it as XLSX or CSV UTF-8, and try again"};
}

Complaint empty_file() {
    return {.code = "ledger.empty-file",
            .what = "the file was not read: there is nothing in it",
            .why = "no cell of it has a text",
            .next = "look whether it is the right file, and try again"};
}

} // namespace

Result<TableFile> read_table(Bytes file, const TableLimits& limits) {
    if (file.size() > limits.bytes)
        return std::unexpected{too_large(cat("it has more than ", limits.bytes, " bytes"), {})};
    const auto text = as_text(file);
    if (text.starts_with("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")) return std::unexpected{old_workbook()};
    YAGURA_TRY(auto table, text.starts_with("PK\x03\x04") || text.starts_with("PK\x05\x06")
                               ? read_xlsx(file, limits)
                               : read_csv(file, limits));
    if (std::ranges::all_of(table.sheets, [](const Sheet& sheet) { return sheet.rows.empty(); }))
        return std::unexpected{empty_file()};
    return table;
}

} // namespace yagura::see::tables
