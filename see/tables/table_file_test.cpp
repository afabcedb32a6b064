// Tables in every encoding, cut, broken and hostile; what others wrote is held against what they say is in
// it.
#include "see/tables/encoding.h"
#include "see/tables/table_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "spine/base/text.h"

using namespace yagura;
using namespace yagura::see::tables;
using testing::HasSubstr;
using Rows = std::vector<std::vector<std::string>>;

namespace {

std::string file(const std::string& name) {
    std::ifstream in{cat(YAGURA_SOURCE, "/tests/ledger/", name), std::ios::binary};
    EXPECT_TRUE(in) << name;
    return {std::istreambuf_iterator<char>{in}, {}};
}

Result<TableFile> read(std::string_view text, const TableLimits& limits = {}) {
    return read_table(std::as_bytes(std::span{text}), limits);
}

Rows rows(std::string_view text) {
    const auto table = read(text);
    if (!table) return {{table.error().text()}};
    return table->sheets.at(0).rows;
}

Complaint complaint(std::string_view text, const TableLimits& limits = {}) {
    const auto table = read(text, limits);
    if (table) return {.code = "none", .what = table->encoding};
    EXPECT_FALSE(table.error().next.empty());
    return table.error();
}

void expect_as_told(const TableFile& table, const std::string& name) {
    const auto told = nlohmann::json::parse(file(name)).at("sheets");
    ASSERT_EQ(table.sheets.size(), told.size());
    for (std::size_t i = 0; i < told.size(); ++i) {
        const auto& sheet = table.sheets[i];
        EXPECT_EQ(sheet.name, told[i].at("name").get<std::string>());
        EXPECT_EQ(sheet.hidden, told[i].at("hidden").get<bool>());
        EXPECT_EQ(sheet.rows, told[i].at("rows").get<Rows>()) << sheet.name;
        std::vector<std::vector<std::uint32_t>> merged;
        for (const auto& range : sheet.merged)
            merged.push_back({range.row, range.column, range.rows, range.columns});
        std::ranges::sort(merged);
        EXPECT_EQ(merged, told[i].at("merged").get<decltype(merged)>()) << sheet.name;
    }
}

} // namespace

TEST(LedgerCsv, QuotesDelimitersAndLineEnds) {
    EXPECT_EQ(rows("a,b\r\n1,2\r\n"), (Rows{{"a", "b"}, {"1", "2"}}));
    EXPECT_EQ(rows("a,b\r1,2"), (Rows{{"a", "b"}, {"1", "2"}}));
    EXPECT_EQ(rows("a,b\n\n1,2\n"), (Rows{{"a", "b"}, {}, {"1", "2"}}));
    EXPECT_EQ(rows("\"a,\"\"x\"\"\",\"b\r\nc\",d\n1,,\n"), (Rows{{"a,\"x\"", "b\r\nc", "d"}, {"1"}}));
    EXPECT_EQ(rows("a;b,c;d\n1;2;3\n"), (Rows{{"a", "b,c", "d"}, {"1", "2", "3"}}));
    EXPECT_EQ(rows("a\tb, c\td\n1\t2\t3\n"), (Rows{{"a", "b, c", "d"}, {"1", "2", "3"}}));
    EXPECT_EQ(rows("台帳\n\na;b\n1,5;2\n2,5;3\n"),
              (Rows{{"台帳"}, {}, {"a", "b"}, {"1,5", "2"}, {"2,5", "3"}}));
    EXPECT_EQ(rows("a,b\n"
                   "1,12\" monitor\n"),
              (Rows{{"a", "b"}, {"1", "12\" monitor"}})); // A quote inside is one.
    EXPECT_EQ(rows("only\ncolumn\n"), (Rows{{"only"}, {"column"}}));
}

TEST(LedgerCsv, WhatSpreadsheetsWriteAroundATextGoes) {
    EXPECT_EQ(rows("sep=;\r\na;b\r\n1;2,3\r\n"), (Rows{{"a", "b"}, {"1", "2,3"}}));
    EXPECT_EQ(rows("a,b\n=\"0012\",\"=\"\"0013\"\"\"\n"), (Rows{{"a", "b"}, {"0012", "0013"}}));
    EXPECT_EQ(rows("a,b\n'-x,'quoted'\n"),
              (Rows{{"a", "b"}, {"-x", "'quoted'"}})); // As our own export protects it.
}

TEST(LedgerCsv, EncodingsAsPythonWritesThem) {
    for (const auto& [name, encoding] : {std::pair{"cp932", "cp932"},
                                         {"utf8-bom", "utf-8-bom"},
                                         {"utf8-semicolon", "utf-8"},
                                         {"utf16", "utf-16"}}) {
        const auto table = read(file(cat(name, ".csv")));
        ASSERT_TRUE(table) << name << table.error().text();
        EXPECT_EQ(table->kind, "csv");
        EXPECT_EQ(table->encoding, encoding);
        expect_as_told(*table, "text.json");
    }
}

TEST(LedgerCsv, Utf16OfBothOrders) {
    EXPECT_EQ(rows(std::string_view{"\xfe\xff\x53\xf0\0,\x5e\x33\0\n", 10}), (Rows{{"台", "帳"}}));
    EXPECT_EQ(rows(std::string_view{"\xff\xfe\x3d\xd8\x00\xde", 6}), (Rows{{"😀"}}));
    EXPECT_EQ(complaint(std::string_view{"\xff\xfe\x3d\xd8\x41\x00", 6}).where, "row 1, column 1, byte 2");
    EXPECT_EQ(complaint(std::string_view{"\xff\xfe\x41\x00\x2c", 5}).where, "row 1, column 1, byte 4");
}

TEST(LedgerCsv, Cp932HasTheExtensionsOfNecAndIbm) {
    // NEC's row 13, IBM's extensions as Windows writes them, half-width katakana, a double byte that ends as
    // a backslash.
    EXPECT_EQ(rows("\x87\x40,\x87\x8a,\xfb\xfc,\xfa\xb1,\xb6\xde,\x94\x5c\n"),
              (Rows{{"①", "㈱", "髙", "﨑", "ｶﾞ", "能"}}));
}

TEST(LedgerCsv, Cp932IsWrittenAsItIsRead) {
    for (const std::string_view text : {"ﾜｰｸ有り①㈱髙 FX5U-32MT/ES", "", "plain", "表予ソ\r\n"}) {
        const auto written = in_cp932(text);
        const auto read = decoded(std::as_bytes(std::span{written})).value();
        EXPECT_EQ(read.text, text);
    }
    EXPECT_EQ(in_cp932("a😀b\u00e9c"), "a?b?c");
    EXPECT_EQ(in_cp932("cut \xe8\xa1"), "cut ?");
}

TEST(LedgerCsv, ABadByteIsNamedWithItsPlace) {
    for (const auto* byte : {"\x80", "\xa0", "\xfd", "\xfe", "\xff"}) {
        const auto found = complaint(std::string{"\x8a\xc7,b\n\"x\ny\",\x83\x89"}.append(byte) + "z\n");
        EXPECT_EQ(found.code, "ledger.bad-byte");
        EXPECT_EQ(found.where, "row 2, column 2, byte 13");
    }
    EXPECT_THAT(complaint("\x83\x89,\x83\xff").what, HasSubstr("byte 0x83 is no character of cp932"));
    EXPECT_EQ(complaint("\x83\x89,\x83").where, "row 1, column 2, byte 3"); // Cut in a character.
    EXPECT_EQ(complaint("\x83\x89\n\x80").where, "row 2, column 1, byte 3");
    EXPECT_EQ(complaint("\xef\xbb\xbf"
                        "a,\xe3\x81")
                  .where,
              "row 1, column 2, byte 5");
    // Broken UTF-8 is not taken for CP932, though every byte of it may be some of that.
    const auto broken = complaint("管理番号,設備名称,メーカー\nA1,搬送コンベア\xe3\x81,x\n");
    EXPECT_THAT(broken.what, HasSubstr("byte 0xe3 is no character of utf-8"));
    EXPECT_THAT(broken.where, HasSubstr("row 2, column 2"));
    EXPECT_THAT(complaint("搬送コンベ\xe3\x81").what,
                HasSubstr("no character of utf-8")); // As little as this.
}

TEST(LedgerCsv, WhatIsNoTable) {
    EXPECT_EQ(complaint("").code, "ledger.empty-file");
    EXPECT_EQ(complaint(" \n").code, "none"); // A space is a text.
    EXPECT_EQ(complaint(",,\n\n").code, "ledger.empty-file");
    EXPECT_EQ(complaint(std::string_view{"a\0b", 3}).code, "ledger.not-a-table");
    EXPECT_EQ(complaint("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 the rest").code, "ledger.old-workbook");
    const auto open = complaint("a,b\n1,2\n3,\"4\n5,6\n");
    EXPECT_EQ(open.code, "ledger.open-quote");
    EXPECT_EQ(open.where, "row 3, column 2");
}

TEST(LedgerCsv, LimitsNameWhatIsTooMuch) {
    const TableLimits small{.bytes = 100, .rows = 3, .columns = 4, .cell = 8, .cells = 7, .text = 20};
    EXPECT_EQ(complaint(std::string(101, 'a'), small).what,
              "the file was not read: it has more than 100 bytes");
    EXPECT_EQ(complaint("a\nb\nc\nd\n", small).where, "row 4, column 1");
    EXPECT_EQ(complaint("a,b,c,d,e\n", small).where, "row 1, column 5");
    EXPECT_EQ(complaint("a,123456789\n", small).where, "row 1, column 2");
    EXPECT_EQ(complaint(",,,a\n,,,b\n", small).what, "the file was not read: it has more than 7 cells");
    EXPECT_EQ(complaint("12345678,12345678\n12345678\n", small).what,
              "the file was not read: its cells have more than 20 bytes of text");
    for (const auto* text : {"a\nb\nc\nd\n", "a,b,c,d,e\n"})
        EXPECT_EQ(complaint(text, small).code, "ledger.too-large");
    EXPECT_EQ(complaint("a,b,c,,,,\n\n\n\n\n\n", small).code, "none"); // Nothing is behind them.
}

TEST(LedgerXlsx, WorkbooksAsOthersWriteThem) {
    for (const auto* name : {"plant", "shared"}) { // openpyxl, XlsxWriter
        const auto table = read(file(cat(name, ".xlsx")));
        ASSERT_TRUE(table) << table.error().text();
        EXPECT_EQ(table->kind, "xlsx");
        EXPECT_EQ(table->encoding, "");
        expect_as_told(*table, cat(name, ".json"));
    }
}

TEST(TableFiles, EveryPrefixEndsAsATableOrAComplaint) {
    std::size_t complaints = 0;
    for (const auto* name : {"cp932.csv", "utf16.csv", "utf8-bom.csv", "plant.xlsx", "shared.xlsx"}) {
        const auto whole = file(name);
        for (std::size_t length = 0; length < whole.size(); ++length) {
            // Of its own, so that the sanitizer sees what reads behind it.
            const std::vector<char> cut{whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length)};
            const auto table = read({cut.data(), cut.size()});
            if (table) continue;
            ++complaints;
            ASSERT_TRUE(table.error().code.starts_with("ledger.")) << name << " " << length;
            ASSERT_FALSE(table.error().next.empty());
        }
    }
    EXPECT_GT(complaints,
              file("plant.xlsx").size() + file("shared.xlsx").size() - 8); // Of a workbook none is whole.
}
