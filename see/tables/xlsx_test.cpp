// What is inside a workbook, part by part, and workbooks that somebody made to do harm.
#include "see/tables/xlsx.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <map>

#include "see/tables/archive.h"
#include "see/tables/workbook.h"
#include "spine/api/sheet.h"
#include "spine/base/text.h"

using namespace yagura;
using namespace yagura::see::tables;
using testing::HasSubstr;
using Rows = std::vector<std::vector<std::string>>;

namespace {

struct Parts {
    std::string sheet, strings, styles, book_more;
    std::vector<std::pair<std::string, std::string>> more{};

    std::string file() const {
        constexpr std::string_view relations =
            "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
        const auto relation = [&](std::string_view id, std::string_view type, std::string_view target) {
            return cat("<Relationship Id=\"", id, "\" Type=\"", relations, "/", type, "\" Target=\"", target,
                       "\"/>");
        };
        std::vector<std::pair<std::string, std::string>> parts{
            {"_rels/.rels",
             cat("<Relationships>", relation("r1", "officeDocument", "xl/workbook.xml"), "</Relationships>")},
            {"xl/workbook.xml",
             cat("<workbook xmlns:r=\"", relations, "\">", book_more,
                 "<sheets><sheet name=\"台帳\" sheetId=\"1\" r:id=\"s1\"/></sheets></workbook>")},
            {"xl/_rels/workbook.xml.rels",
             cat("<Relationships>", relation("s1", "worksheet", "/xl/worksheets/sheet1.xml"),
                 strings.empty() ? "" : relation("s2", "sharedStrings", "sharedStrings.xml"),
                 styles.empty() ? "" : relation("s3", "styles", "../xl/styles.xml"), "</Relationships>")},
            {"xl/worksheets/sheet1.xml", sheet}};
        if (!strings.empty()) parts.emplace_back("xl/sharedStrings.xml", strings);
        if (!styles.empty()) parts.emplace_back("xl/styles.xml", styles);
        parts.insert(parts.end(), more.begin(), more.end());
        return api::zip(parts);
    }
};

std::string sheet_of(std::string_view rows, std::string_view behind = {}) {
    return cat("<worksheet><sheetData>", rows, "</sheetData>", behind, "</worksheet>");
}

Result<TableFile> read(std::string_view text, const TableLimits& limits = {}) {
    return read_table(std::as_bytes(std::span{text}), limits);
}

Rows rows(const Parts& parts) {
    const auto table = read(parts.file());
    if (!table) return {{table.error().text()}};
    return table->sheets.at(0).rows;
}

Complaint complaint(std::string_view text, const TableLimits& limits = {}) {
    const auto table = read(text, limits);
    if (table) return {.code = "none", .what = ""};
    EXPECT_FALSE(table.error().next.empty());
    return table.error();
}

std::string_view why(const Complaint& complaint) { return complaint.why; }

/// Little-endian, into a file that is there.
void poke(std::string& file, std::size_t at, std::uint32_t value, int bytes) {
    for (int i = 0; i < bytes; ++i)
        file.at(at + static_cast<std::size_t>(i)) = static_cast<char>(value >> (8 * i));
}

} // namespace

TEST(LedgerXlsx, KindsOfCells) {
    const Parts parts{
        .sheet = sheet_of(
            R"(<row r="2"><c r="A2" t="s"><v>1</v></c><c r="C2" t="b"><v>1</v></c><c t="b"><v>0</v></c>)"
            R"(<c t="inlineStr"><is><r><t>in</t></r><r><t xml:space="preserve"> line</t></r></is></c>)"
            R"(<c t="str"><f>A1&amp;"x"</f><v>text</v></c><c><f>1+1</f><v>2</v></c><c t="e"><v>#REF!</v></c>)"
            R"(<c t="d"><v>2024-04-01</v></c></row><row><c/><c><v>3</v></c></row>)"),
        .strings = "<sst><si><t>zero</t></si><si><t>one</t></si></sst>"};
    EXPECT_EQ(
        rows(parts),
        (Rows{{}, {"one", "", "TRUE", "FALSE", "in line", "text", "2", "#REF!", "2024-04-01"}, {"", "3"}}));
}

TEST(LedgerXlsx, FuriganaIsNoText) {
    const Parts parts{
        .sheet = sheet_of(
            R"(<row><c t="s"><v>0</v></c><c t="inlineStr"><is><t>山</t><rPh sb="0" eb="1"><t>ヤマ</t></rPh></is></c></row>)"),
        .strings =
            R"(<sst><si><r><t>髙木</t></r><rPh sb="0" eb="2"><t>タカギ</t></rPh><r><t>製作所</t></r><phoneticPr fontId="1"/></si></sst>)"};
    EXPECT_EQ(rows(parts), (Rows{{"髙木製作所", "山"}}));
}

TEST(LedgerXlsx, NumbersAsASpreadsheetShowsThem) {
    const Parts parts{
        .sheet = sheet_of(
            R"(<row><c><v>12</v></c><c><v>12.0</v></c><c><v>1.1000000000000001</v></c><c><v>1E+20</v></c><c><v>-3</v></c>)"
            R"(<c s="1"><v>7</v></c><c s="2"><v>7</v></c><c s="3"><v>43556</v></c><c s="4"><v>43556.5</v></c><c s="5"><v>0.25</v></c>)"
            R"(<c s="6"><v>43556</v></c><c s="7"><v>43556.75</v></c><c s="8"><v>1.5</v></c><c s="9"><v>0.5</v></c><c s="10"><v>5</v></c>)"
            R"(<c s="3"><v>-1</v></c><c s="3"><v>1</v></c><c s="11"><v>12345</v></c></row>)"),
        .styles =
            R"(<styleSheet><numFmts><numFmt numFmtId="170" formatCode="&quot;PLC-&quot;000"/><numFmt numFmtId="171" formatCode="[$-411]ggge&quot;年&quot;m&quot;月&quot;d&quot;日&quot;;@"/>)"
            R"(<numFmt numFmtId="172" formatCode="[h]:mm"/><numFmt numFmtId="173" formatCode="0.0E+00"/><numFmt numFmtId="174" formatCode="#,##0;[Red]-#,##0"/>)"
            R"(<numFmt numFmtId="175" formatCode="00\-00"/></numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="1"/><xf numFmtId="170"/>)"
            R"(<xf numFmtId="14"/><xf numFmtId="22"/><xf numFmtId="20"/><xf numFmtId="171"/><xf numFmtId="31"/><xf numFmtId="172"/><xf numFmtId="173"/><xf numFmtId="174"/>)"
            R"(<xf numFmtId="175"/></cellXfs></styleSheet>)"};
    EXPECT_EQ(rows(parts), (Rows{{"12", "12", "1.1", "1e+20", "-3", "7", "PLC-007", "2019-04-01",
                                  "2019-04-01T12:00:00", "06:00:00", "2019-04-01", "2019-04-01", "36:00:00",
                                  "0.5", "5", "-1", "1900-01-01", "123-45"}}));
    auto old = parts;
    old.book_more = R"(<workbookPr date1904="1"/>)";
    EXPECT_EQ(rows(old).at(0).at(7), "2023-04-02");
}

TEST(LedgerXlsx, NamespacesEscapesAndMergedCells) {
    const Parts parts{
        .sheet =
            "<x:worksheet xmlns:x=\"http://purl.oclc.org/ooxml/spreadsheetml/main\"><x:sheetData><x:row><x:c "
            "t=\"inlineStr\"><x:is><x:t>a_x000D__x000a_b_x005F_x_x3042_"
            "</x:t></x:is></x:c></x:row></x:sheetData><x:mergeCells><x:mergeCell "
            "ref=\"A1:B3\"/></x:mergeCells></x:worksheet>"};
    const auto table = read(parts.file());
    ASSERT_TRUE(table) << table.error().text();
    EXPECT_EQ(table->sheets[0].name, "台帳");
    EXPECT_EQ(table->sheets[0].rows, (Rows{{"a\r\nb_x_x3042_"}}));
    EXPECT_EQ(table->sheets[0].merged, (std::vector<Range>{{0, 0, 3, 2}}));
}

TEST(LedgerXlsx, WhatYaguraItselfWrites) {
    api::Sheet sheet{api::Sheet::Form::xlsx, "devices", {"name", "n"}};
    sheet.row({std::string{"=1+1"}, std::uint64_t{12}});
    const auto table = read(std::move(sheet).response().body);
    ASSERT_TRUE(table) << table.error().text();
    ASSERT_EQ(table->sheets.size(), 2u);
    EXPECT_EQ(table->sheets[0].rows, (Rows{{"name", "n"}, {"=1+1", "12"}}));
}

TEST(LedgerXlsx, CellsThatCannotBe) {
    EXPECT_EQ(why(complaint(Parts{.sheet = sheet_of(R"(<row><c t="s"><v>9</v></c></row>)")}.file())),
              "a cell's text is none of the shared ones");
    EXPECT_EQ(why(complaint(Parts{.sheet = sheet_of(R"(<row r="0"><c><v>9</v></c></row>)")}.file())),
              "a row has a number that cannot be");
    EXPECT_EQ(why(complaint(Parts{.sheet = sheet_of(R"(<row r="1048577"><c><v>9</v></c></row>)")}.file())),
              "a row has a number that cannot be");
    EXPECT_EQ(
        why(complaint(Parts{.sheet = sheet_of(R"(<row r="3"><c r="ZZZZZZZZ3"><v>9</v></c></row>)")}.file())),
        "a cell has a place that cannot be");
    EXPECT_EQ(complaint(Parts{.sheet = sheet_of(R"(<row r="3"><c r="B0"><v>9</v></c></row>)")}.file()).where,
              "\"xl/worksheets/sheet1.xml\", sheet 台帳, row 3, column 1");
    EXPECT_THAT(
        why(complaint(
            Parts{.sheet = sheet_of("", R"(<mergeCells><mergeCell ref="B2:A1"/></mergeCells>)")}.file())),
        HasSubstr("merged cells are none"));
    EXPECT_THAT(why(complaint(Parts{.sheet = "<worksheet><sheetData><row>"}.file())),
                HasSubstr("a part is no XML: no element found in line 1"));
}

TEST(LedgerXlsx, LimitsHoldWhileItIsUnpacked) {
    const auto one = [](std::string_view reference) {
        return Parts{.sheet = sheet_of(cat("<row><c r=\"", reference, "\"><v>1</v></c></row>"))}.file();
    };
    EXPECT_EQ(complaint(one("A100001")).what, "the file was not read: it has more than 100000 rows");
    EXPECT_EQ(complaint(one("IW1")).what, "the file was not read: it has more than 256 columns");
    EXPECT_EQ(complaint(one("IV1")).code, "none");
    // A bomb: 40 MB of blanks in some 40 kB.
    const auto bomb = Parts{.sheet = sheet_of(std::string(40'000'000, ' '))}.file();
    EXPECT_LT(bomb.size(), 100'000u);
    EXPECT_EQ(complaint(bomb, {.unpacked = 1u << 20}).what,
              "the file was not read: unpacked, it is larger than what is read of a file");
    // One long text in many cells.
    std::string cells;
    for (int i = 0; i < 200; ++i) cells += R"(<c t="s"><v>0</v></c>)";
    const Parts repeated{.sheet = sheet_of(cat("<row>", cells, "</row>")),
                         .strings = cat("<sst><si><t>", std::string(4'000, 'x'), "</t></si></sst>")};
    EXPECT_EQ(complaint(repeated.file(), {.text = 100'000}).what,
              "the file was not read: its cells have more than 100000 bytes of text");
    // A text that is too long is a complaint where it is used.
    const Parts longer{.sheet = sheet_of(R"(<row r="4"><c r="B4" t="s"><v>0</v></c></row>)"),
                       .strings = cat("<sst><si><t>", std::string(50'000, 'x'), "</t></si></sst>")};
    EXPECT_EQ(complaint(longer.file()).where, "sheet 台帳, row 4, column 2");
    const Parts merges{
        .sheet = sheet_of("",
                          "<mergeCells><mergeCell ref=\"A1:A2\"/><mergeCell ref=\"B1:B2\"/></mergeCells>")};
    EXPECT_EQ(complaint(merges.file(), {.merged = 1}).what,
              "the file was not read: it has more than 1 merged cells");
}

TEST(LedgerXlsx, DocumentTypesAndEntitiesAreRefused) {
    const auto bomb = cat("<!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;\">]>",
                          sheet_of("<row><c t=\"str\"><v>&b;</v></c></row>"));
    EXPECT_EQ(complaint(Parts{.sheet = bomb}.file()).code, "ledger.unsafe-workbook");
    EXPECT_EQ(why(complaint(Parts{.sheet = bomb}.file())), "a part declares a document type (DTD)");
    const auto file = cat("<!DOCTYPE x SYSTEM \"file:///etc/passwd\">", sheet_of(""));
    EXPECT_EQ(why(complaint(Parts{.sheet = file}.file())), "a part declares a document type (DTD)");
    EXPECT_THAT(why(complaint(Parts{.sheet = sheet_of("<row>&b;</row>")}.file())),
                HasSubstr("undefined entity"));
    std::string deep;
    for (int i = 0; i < 100; ++i) deep += "<a>";
    EXPECT_THAT(why(complaint(Parts{.sheet = deep}.file())), HasSubstr("nested more than 64 deep"));
    const auto tag = cat("<worksheet a=\"", std::string(2'000'000, 'x'), "\"/>");
    EXPECT_THAT(why(complaint(Parts{.sheet = tag}.file())), HasSubstr("longer than 1048576 bytes"));
}

TEST(LedgerXlsx, ContainersThatAreNone) {
    const auto whole = Parts{.sheet = sheet_of("<row><c><v>1</v></c></row>")}.file();
    ASSERT_EQ(complaint(whole).code, "none");
    EXPECT_EQ(why(complaint(whole.substr(0, whole.size() - 1))),
              "the end of the file is not there: it was cut");
    EXPECT_EQ(complaint(api::zip({{"mimetype", "application/vnd.oasis.opendocument.spreadsheet"}})).code,
              "ledger.not-a-table");
    EXPECT_EQ(complaint(api::zip({})).code, "ledger.not-a-table");
    EXPECT_EQ(why(complaint(Parts{.sheet = sheet_of(""), .more = {{"../../etc/cron.d/x", "x"}}}.file())),
              "a part's name leads out of the file");
    EXPECT_EQ(why(complaint(Parts{.sheet = sheet_of(""), .more = {{"/etc/x", "x"}}}.file())),
              "a part's name leads out of the file");
    EXPECT_EQ(why(complaint(Parts{.sheet = sheet_of(""), .more = {{"xl\\x", "x"}}}.file())),
              "a part's name leads out of the file");
    EXPECT_EQ(why(complaint(Parts{.sheet = sheet_of(""), .more = {{"xl/workbook.xml", "x"}}}.file())),
              "two parts have one name");

    // The sheet is the last entry of the directory: its fields are patched where they stand.
    const auto entry = whole.rfind("PK\x01\x02");
    const auto patched = [&](std::size_t at, std::uint32_t value, int bytes) {
        auto out = whole;
        poke(out, entry + at, value, bytes);
        return complaint(out);
    };
    EXPECT_EQ(patched(16, 0x12345678, 4).why, "a part's checksum (CRC-32) is wrong");
    EXPECT_EQ(patched(24, 5, 4).why, "a part is longer than the directory says");
    EXPECT_EQ(patched(24, 5'000, 4).why, "a part is shorter than the directory says");
    EXPECT_EQ(patched(8, 1, 2).why, "a part is encrypted");
    EXPECT_EQ(patched(10, 12, 2).why, "a part is packed by method 12, which is not read");
    EXPECT_EQ(patched(20, 1'000'000, 4).why, "a part is not inside the file");
    EXPECT_EQ(patched(42, 0x7fffffff, 4).why, "a part is not inside the file");
    EXPECT_EQ(patched(42, 1, 4).why, "a part is not where the directory says");
    EXPECT_EQ(patched(42, 0, 4).why, "a part has another name in the directory");
    EXPECT_EQ(patched(42, 0xffffffff, 4).why, "a part is said to be larger than 4 GiB");
    EXPECT_EQ(patched(0, 0, 4).why, "the directory is broken");
    const auto end = whole.size() - 22;
    auto moved = whole;
    poke(moved, end + 16, 0x7fffffff, 4);
    EXPECT_EQ(complaint(moved).why, "the directory is not where the end of the file says");
    auto broken = whole;
    broken.at(whole.find("sheet1.xml") + 10) ^= '\x55'; // The first byte of what is packed.
    EXPECT_EQ(complaint(broken).code, "ledger.damaged-workbook");
}
