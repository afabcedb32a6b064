// A ledger of a stranger, from its bytes to its entries.
//
// The first byte chooses. Even: the rest is the file. Odd: the rest is the parts of a workbook, put into a
// whole container here, because a fuzzer does not find checksums: two bytes of length (little-endian) before
// each of _rels/.rels, xl/workbook.xml, xl/_rels/workbook.xml.rels, xl/sharedStrings.xml, xl/styles.xml; the
// rest is the sheet. A length of zero takes a part as spreadsheets write it.
#include <algorithm>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "see/ledger/columns.h"
#include "see/ledger/heading_words.h"
#include "see/ledger/normal.h"
#include "see/ledger/values.h"
#include "see/tables/archive.h"
#include "see/tables/csv.h"
#include "see/tables/encoding.h"
#include "see/tables/number_format.h"
#include "see/tables/sheet_filler.h"
#include "see/tables/table_file.h"
#include "see/tables/workbook.h"
#include "see/tables/xlsx.h"
#include "see/tables/xml.h"
#include "spine/api/sheet.h"

namespace yagura::fuzz {
namespace {

namespace ledger = see::ledger;
namespace tables = see::tables;

constexpr tables::TableLimits limits{.bytes = 1u << 16,
                                     .sheets = 4,
                                     .rows = 500,
                                     .columns = 40,
                                     .cell = 600,
                                     .cells = 4'000,
                                     .text = 1u << 16,
                                     .merged = 100,
                                     .unpacked = 1u << 18};

constexpr std::pair<std::string_view, std::string_view> usual[]{
    {"_rels/.rels",
     R"(<Relationships><Relationship Id="a" Type="x/officeDocument" Target="xl/workbook.xml"/></Relationships>)"},
    {"xl/workbook.xml",
     R"(<workbook xmlns:r="x/relationships"><sheets><sheet name="s" r:id="a"/></sheets></workbook>)"},
    {"xl/_rels/workbook.xml.rels",
     R"(<Relationships><Relationship Id="a" Type="x/worksheet" Target="sheet.xml"/><Relationship Id="b" Type="x/sharedStrings" )"
     R"(Target="sharedStrings.xml"/><Relationship Id="c" Type="x/styles" Target="styles.xml"/></Relationships>)"},
    {"xl/sharedStrings.xml",
     R"(<sst><si><t>IP</t></si><si><r><t>M</t></r><rPh><t>x</t></rPh><r><t>AC</t></r></si></sst>)"},
    {"xl/styles.xml",
     R"(<styleSheet><numFmts><numFmt numFmtId="164" formatCode="yyyy/mm/dd"/></numFmts><cellXfs>)"
     R"(<xf numFmtId="0"/><xf numFmtId="164"/></cellXfs></styleSheet>)"},
};

std::string container(Bytes input) {
    std::vector<std::pair<std::string, std::string>> parts;
    Reader reader{input};
    for (const auto& [name, content] : usual) {
        const auto length = std::min<std::size_t>(reader.u16le(), reader.remaining());
        parts.emplace_back(name, length ? as_text(reader.take(length)) : content);
    }
    parts.emplace_back("xl/sheet.xml", as_text(reader.rest()));
    return api::zip(parts);
}

void within_limits(const tables::TableFile& file) {
    std::size_t rows = 0, cells = 0, text = 0, merged = 0;
    for (const auto& sheet : file.sheets) {
        rows += sheet.rows.size();
        merged += sheet.merged.size();
        for (const auto& row : sheet.rows) {
            cells += row.size();
            if (row.size() > limits.columns) std::abort();
            for (const auto& cell : row) {
                text += cell.size();
                if (cell.size() > limits.cell) std::abort();
            }
        }
    }
    if (file.sheets.size() > limits.sheets || rows > limits.rows || cells > limits.cells ||
        text > limits.text || merged > limits.merged)
        std::abort();
}

void fits(const ledger::Taken& taken, std::size_t rows) {
    if (taken.entries.size() + taken.bad_rows + taken.empty_rows > rows) std::abort();
    if ((taken.bad_rows == 0) != taken.problems.empty() || taken.problem_count < taken.problems.size())
        std::abort();
    for (const auto& entry : taken.entries)
        for (const auto& value : entry.values)
            if (value.size() > ledger::value_most) std::abort();
}

} // namespace

void ledger_file(Bytes input) {
    if (input.empty()) return;
    const bool parts = (std::to_integer<unsigned>(input[0]) & 1u) != 0;
    const auto made = parts ? container(input.subspan(1)) : std::string{};
    const auto file = tables::read_table(parts ? std::as_bytes(std::span{made}) : input.subspan(1), limits);
    if (!file) {
        if (!file.error().code.starts_with("ledger.") || file.error().next.empty()) std::abort();
        return;
    }
    within_limits(*file);
    const auto mapping = ledger::guessed(*file);
    const auto& sheet = file->sheets.at(mapping.sheet);
    fits(ledger::taken(sheet, mapping), sheet.rows.size());
    // Whatever the columns are said to be.
    ledger::Mapping every{.sheet = 0, .header_row = 0, .header_rows = 2};
    for (std::size_t i = 0; i < ledger::field_count; ++i)
        every.columns.emplace_back(static_cast<ledger::Field>(i));
    fits(ledger::taken(file->sheets[0], every), file->sheets[0].rows.size());
}

} // namespace yagura::fuzz
