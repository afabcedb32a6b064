#include "see/tables/table_writer.h"

#include <gtest/gtest.h>

#include <span>

#include "see/tables/encoding.h"
#include "spine/api/sheet.h"
#include "spine/base/text.h"

namespace yagura::see::tables {
namespace {

Result<TableFile> read(std::string_view text) {
    return read_table(std::as_bytes(std::span{text.data(), text.size()}));
}

TEST(TableWriter, ACsvIsWrittenAsItWasRead) {
    for (const std::string_view text :
         {"管理番号,名前,備考\r\nMN-1,主PLC,\"a,b \"\"c\"\"\"\r\nMN-2,,\r\n", "\"a\",\"b\"\r\n\"1\",\"\"\r\n",
          "a;b;c\n1;;3\n", "a\tb\r\n1\t2\r\n", "sep=;\r\na;b\r\n1;2\r\n", "a,b\r\n\r\n1,2\r\n",
          "電話,x\r\n+81 52 123,-5\r\n-,2\r\n"}) {
        const auto table = read(text);
        ASSERT_TRUE(table) << text << table.error().text();
        EXPECT_EQ(csv_text(*table), text);
    }
    const auto old = in_cp932("管理番号,名前\r\nMN-1,主PLC\r\n");
    const auto table = read(old);
    ASSERT_TRUE(table);
    EXPECT_EQ(table->encoding, "cp932");
    EXPECT_EQ(in_cp932(csv_text(*table)), old);
}

TEST(TableWriter, NothingRuns) {
    TableFile file{.kind = "csv", .encoding = "utf-8"};
    file.sheets.push_back({.name = "", .rows = {{"=cmd()", "+cmd", " @x", "|x", "a"}}});
    const auto text = csv_text(file);
    EXPECT_EQ(text, "'=cmd(),'+cmd,\"' @x\",'|x,a\r\n");
    EXPECT_EQ(read(text)->sheets[0].rows[0][0], "=cmd()");
}

TEST(TableWriter, AWorkbookIsReadAsItWasWritten) {
    TableFile file{.kind = "xlsx", .encoding = {}};
    file.sheets.push_back({.name = "台帳 & <1>",
                           .rows = {{"設備", "", "番号"}, {}, {"=1+1", "007", "1386", "a\nb", " x "}},
                           .merged = {{.row = 0, .column = 0, .rows = 1, .columns = 2}}});
    file.sheets.push_back({.name = "記入例", .rows = {{"x"}}, .merged = {}, .hidden = true});
    const auto again = read(api::zip(workbook_parts(file)));
    ASSERT_TRUE(again) << again.error().text();
    ASSERT_EQ(again->sheets.size(), 2u);
    for (std::size_t i = 0; i < 2; ++i) {
        EXPECT_EQ(again->sheets[i].name, file.sheets[i].name);
        EXPECT_EQ(again->sheets[i].rows, file.sheets[i].rows);
        EXPECT_EQ(again->sheets[i].merged, file.sheets[i].merged);
        EXPECT_EQ(again->sheets[i].hidden, file.sheets[i].hidden);
    }
}

} // namespace
} // namespace yagura::see::tables
