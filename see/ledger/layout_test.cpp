#include "see/ledger/layout.h"

#include <gtest/gtest.h>

#include "see/ledger/merge.h"
#include "spine/base/text.h"

namespace yagura::see::ledger {
namespace {

using Rows = std::vector<std::vector<std::string>>;

/// A ledger as plants keep it: a title, a head over two rows, columns of their own, cells merged over
/// entries, "以上".
Sheet plant() {
    return {.name = "台帳",
            .rows = {{"設備台帳", "", "", "", "", "", "2026年度"},
                     {"管理番号", "機器名称", "ネットワーク", "", "設置場所", "重要度", "資産区分"},
                     {"", "", "IPアドレス", "MACアドレス"},
                     {"MN-1", "主PLC", "10.2.3.10", "00-11-22-AA-BB-01", "溶接棟", "高", "A類"},
                     {"MN-2", "操作盤", "10.2.3.11", "00-11-22-AA-BB-02", "", "中", "B類"},
                     {"MN-3", "予備", "", "", "倉庫", "", "廃却予定"},
                     {"以上"}},
            .merged = {{.row = 1, .column = 2, .rows = 1, .columns = 2},
                       {.row = 3, .column = 4, .rows = 2, .columns = 1}}};
}
Mapping mapping_of(const Sheet& sheet) {
    return guessed(tables::TableFile{.kind = "xlsx", .encoding = {}, .sheets = {sheet}}, 0);
}

struct Ledger {
    Sheet sheet = plant();
    Mapping mapping = mapping_of(sheet);
    std::vector<Entry> entries{};
    std::map<std::uint32_t, std::uint64_t> ids{};

    Ledger() {
        const auto rows = taken(sheet, mapping).entries;
        entries = merged({}, rows, How::replace, 0).entries;
        for (std::size_t i = 0; i < rows.size(); ++i) ids.emplace(rows[i].row, entries[i].id);
    }
    Entry& of(std::string_view number) {
        return *std::ranges::find_if(entries, [&](const Entry& one) { return one[Field::number] == number; });
    }
    Written write() const { return written(sheet, mapping, ids, entries); }
};

TEST(OwnLayout, WhatDidNotChangeIsWrittenAsItWas) {
    const Ledger ledger;
    ASSERT_EQ(ledger.entries.size(), 3u);
    const auto out = ledger.write();
    EXPECT_EQ(out.sheet.rows, ledger.sheet.rows);
    EXPECT_EQ(out.sheet.merged, ledger.sheet.merged);
    EXPECT_EQ(out.kept, 3u);
    EXPECT_EQ(out.changed + out.added + out.gone, 0u);
}

TEST(OwnLayout, AChangeIsWrittenAsTheTableWritesIt) {
    Ledger ledger;
    ledger.of("MN-3")[Field::mac] = "00:11:22:aa:bb:03";
    ledger.of("MN-3")[Field::criticality] = "high";
    ledger.of("MN-2")[Field::ip] = "10.2.3.12 10.2.3.13";
    const auto out = ledger.write();
    EXPECT_EQ(out.changed, 2u);
    EXPECT_EQ(out.sheet.rows[5],
              (std::vector<std::string>{"MN-3", "予備", "", "00-11-22-AA-BB-03", "倉庫", "高", "廃却予定"}));
    EXPECT_EQ(out.sheet.rows[4][2], "10.2.3.12 10.2.3.13");
    EXPECT_EQ(out.sheet.rows[4][6], "B類"); // Their own column stays theirs.
    EXPECT_EQ(out.sheet.merged, ledger.sheet.merged);
}

TEST(OwnLayout, ACellMergedOverEntriesIsTakenApartWhereOneChanges) {
    Ledger ledger;
    ledger.of("MN-2")[Field::place] = "組立棟";
    const auto out = ledger.write();
    EXPECT_EQ(out.sheet.rows[3][4], "溶接棟");
    EXPECT_EQ(out.sheet.rows[4][4], "組立棟");
    EXPECT_EQ(out.sheet.merged, (std::vector<Range>{ledger.sheet.merged[0]}));
}

TEST(OwnLayout, DittoIsTakenApartToo) {
    Ledger ledger;
    ledger.sheet.rows[5][4] = "〃";
    ledger.entries = merged({}, taken(ledger.sheet, ledger.mapping).entries, How::replace, 0).entries;
    ledger.of("MN-1")[Field::place] = "組立棟";
    const auto out = ledger.write();
    EXPECT_EQ(out.sheet.rows[3][4], "組立棟");
    EXPECT_EQ(out.sheet.rows[4][4], "溶接棟");
    EXPECT_EQ(out.sheet.rows[5][4], "溶接棟");
}

TEST(OwnLayout, EntriesGoWithTheirRowsAndNewOnesComeBehindTheLast) {
    Ledger ledger;
    std::erase_if(ledger.entries, [](const Entry& one) { return one[Field::number] == "MN-1"; });
    Entry more{.id = 77};
    more[Field::name] = "新しいHMI";
    more[Field::ip] = "10.2.3.20";
    ledger.entries.push_back(more);
    const auto out = ledger.write();
    EXPECT_EQ(out.gone, 1u);
    EXPECT_EQ(out.added, 1u);
    EXPECT_EQ(out.sheet.rows[3], (std::vector<std::string>{"MN-2", "操作盤", "10.2.3.11", "00-11-22-AA-BB-02",
                                                           "溶接棟", "中", "B類"}));
    EXPECT_EQ(out.sheet.rows[5], (std::vector<std::string>{"", "新しいHMI", "10.2.3.20"}));
    EXPECT_EQ(out.sheet.rows.back(), (std::vector<std::string>{"以上"}));
    EXPECT_EQ(out.sheet.merged, (std::vector<Range>{ledger.sheet.merged[0]})); // The head's stays.
    // What was written is read as what is known: nothing is new, nothing is changed.
    const auto again = merged(ledger.entries, taken(out.sheet, ledger.mapping).entries, How::replace, 100);
    EXPECT_EQ(again.made + again.changed + again.gone, 0u);
}

TEST(OwnLayout, RowsOfOthersStay) {
    Ledger ledger;
    ledger.ids.erase(6); // MN-3 is not ours.
    std::erase_if(ledger.entries, [](const Entry& one) { return one[Field::number] == "MN-3"; });
    EXPECT_EQ(ledger.write().sheet.rows, ledger.sheet.rows);
    ledger.entries.clear();
    ledger.ids.clear();
    EXPECT_EQ(ledger.write().sheet.rows, ledger.sheet.rows);
}

TEST(OwnLayout, AnEmptyTableIsFilledBelowItsHead) {
    Ledger ledger;
    ledger.sheet.rows.resize(3);
    ledger.sheet.merged.resize(1);
    ledger.ids.clear();
    const auto out = ledger.write();
    EXPECT_EQ(out.added, 3u);
    ASSERT_EQ(out.sheet.rows.size(), 6u);
    EXPECT_EQ(out.sheet.rows[3][0], "MN-1");
    const auto again = merged(ledger.entries, taken(out.sheet, ledger.mapping).entries, How::replace, 100);
    EXPECT_EQ(again.made + again.changed + again.gone, 0u);
}

} // namespace
} // namespace yagura::see::ledger
