// Headings as plants write them, and rows that are no entries.
#include "see/ledger/columns.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "see/ledger/heading_words.h"
#include "see/ledger/values.h"
#include "spine/base/text.h"

using namespace yagura;
using namespace yagura::see::ledger;
using testing::ElementsAre;
using Rows = std::vector<std::vector<std::string>>;

namespace {

TableFile table(Rows rows, std::vector<Range> merged = {}) {
    TableFile out{.kind = "csv"};
    out.sheets.push_back({.name = "", .rows = std::move(rows), .merged = std::move(merged)});
    return out;
}

TableFile read(const std::string& name) {
    std::ifstream in{cat(YAGURA_SOURCE, "/tests/ledger/", name), std::ios::binary};
    const std::string text{std::istreambuf_iterator<char>{in}, {}};
    auto out = yagura::see::tables::read_table(std::as_bytes(std::span{text}));
    EXPECT_TRUE(out) << name;
    return out ? *std::move(out) : TableFile{};
}

/// "number name - ip", or the row of the head before it if that is not the first one's.
std::string guess(const TableFile& file) {
    const auto mapping = guessed(file);
    std::string out;
    if (mapping.header_row != 0 || mapping.header_rows != 1)
        out = cat(mapping.header_row, "+", mapping.header_rows, ":");
    for (const auto& column : mapping.columns)
        out += cat(out.empty() ? "" : " ", column ? key(*column) : "-");
    return out;
}

Taken take(const TableFile& file) {
    const auto mapping = guessed(file);
    return taken(file.sheets.at(mapping.sheet), mapping);
}

std::string told(const Problem& problem) {
    auto out = cat(problem.row, " ", problem.column, " ", problem.heading, " ", problem.code, " ",
                   problem.value);
    for (const auto& [name, value] : problem.args)
        out += std::holds_alternative<std::int64_t>(value)
                   ? cat(" ", name, "=", std::get<std::int64_t>(value))
                   : cat(" ", name, "=", std::get<std::string>(value));
    return out;
}

std::vector<std::string> told(const Taken& taken) {
    std::vector<std::string> out;
    for (const auto& problem : taken.problems) out.push_back(told(problem));
    return out;
}

std::string field_name(std::string_view heading) {
    const auto found = meaning(heading);
    if (!found) return "nothing";
    return found->field ? std::string{key(*found->field)} : "none of ours";
}

} // namespace

TEST(LedgerColumns, HeadingsAsPlantsWriteThem) {
    const std::pair<const char*, std::vector<const char*>> all[]{
        {"number",
         {"管理番号", "資産番号", "設備No.", "管理Ｎｏ．", "※管理番号", "No", "項番", "Asset No.",
          "固定資産番号(経理)", "制御機器管理番号"}},
        {"name",
         {"機器名称", "設備名", "ホスト名", "名称", "Device Name", "Host name", "機器 / 名称",
          "コンピューター名", "制御盤内機器名"}},
        {"ip",
         {"IPアドレス", "ＩＰアドレス", "IP", "IPｱﾄﾞﾚｽ", "IP Address", "IPアドレス②", "IPアドレス(制御LAN)",
          "IP\nアドレス", "ネットワーク / IPアドレス", "IPv4", "アドレス(IP)"}},
        {"mac",
         {"MACアドレス", "MAC", "Ethernet Address", "物理アドレス", "MACアドレス（Wi-Fi）",
          "有線MACアドレス"}},
        {"vendor", {"メーカー", "メーカ", "ﾒｰｶｰ名", "製造元", "Manufacturer", "Vendor", "メーカー / 名称"}},
        {"product", {"型式", "型番", "形式", "型　式", "機種", "Model", "Part No.", "PLC型式"}},
        {"serial", {"製造番号", "シリアル", "シリアルNo.", "S/N", "ｼﾘｱﾙ番号", "Serial Number", "製番"}},
        {"firmware",
         {"バージョン", "FW", "F/W", "ファームウェア", "ﾌｧｰﾑｳｪｱﾊﾞｰｼﾞｮﾝ", "Ver.", "Firmware Version"}},
        {"kind", {"種別", "機器種別", "区分", "Type"}},
        {"line", {"ライン", "ライン名", "製造ライン", "工程", "工程名", "Line"}},
        {"place", {"設置場所", "場所", "建屋", "設置 / 場所", "Location", "設置場所(盤)"}},
        {"department", {"管理部署", "所管部門", "部署名", "Department"}},
        {"owner", {"担当者", "責任者", "管理責任者", "管理者", "担当者 / 氏名", "Owner", "User name"}},
        {"contact", {"連絡先", "内線", "内線番号", "TEL", "電話番号", "E-mail", "緊急連絡先"}},
        {"criticality", {"重要度", "重要ランク", "Criticality", "重要度(高/中/低)"}},
        {"maintenance", {"保守時間", "保守時間帯", "停止可能時間", "Maintenance window"}},
        {"supplier", {"購入先", "業者", "納入業者", "保守業者", "Supplier"}},
        {"note", {"備考", "摘要", "コメント", "Remarks", "備考1"}},
        {"none of ours",
         {"サブネットマスク", "デフォルトゲートウェイ", "接続先IPアドレス", "導入日", "VLAN ID", "ポート番号",
          "ネットワーク / サブネットマスク", "メーカー保守期限"}},
        {"nothing", {"", "アドレス", "ふりがな", "123"}},
    };
    for (const auto& [field, headings] : all)
        for (const auto* heading : headings) EXPECT_EQ(field_name(heading), field) << heading;
}

TEST(LedgerColumns, TheBetterWordTakesTheField) {
    EXPECT_EQ(guess(table({{"No.", "管理番号", "設備名", "ホスト名"}})), "- number name -");
    EXPECT_EQ(guess(table({{"No.", "設備名", "IPアドレス"}})), "number name ip");
    EXPECT_EQ(guess(table({{"工程", "ライン", "機器名"}})), "- line name");
    EXPECT_EQ(guess(table({{"ベンダー", "メーカー", "機器名"}})), "- vendor name");
    EXPECT_EQ(guess(table({{"機器名", "IPアドレス1", "IPアドレス2", "建屋", "設置場所", "用途", "備考"}})),
              "name ip ip place place - note");
}

TEST(LedgerColumns, TitlesAboveTheHeadArePassedOver) {
    EXPECT_EQ(guess(table({{"第1工場 設備台帳"},
                           {},
                           {"作成部署", "生産技術課", "", "備考"},
                           {"管理番号", "設備名", "型式"},
                           {"1", "PLC", "Q03"}})),
              "3+1: number name product");
}

TEST(LedgerColumns, HeadsOverTwoRows) {
    // As a workbook has them, merged.
    const auto book = table({{"管理番号", "ネットワーク", "", "担当", ""},
                             {"", "IPアドレス", "MACアドレス", "氏名", "内線"},
                             {"1", "10.0.0.1", "", "髙木", "12"}},
                            {{0, 0, 2, 1}, {0, 1, 1, 2}, {0, 3, 1, 2}});
    EXPECT_EQ(guess(book), "0+2: number ip mac owner contact");
    EXPECT_THAT(headings(book.sheets[0], 0, 2),
                ElementsAre("管理番号", "ネットワーク / IPアドレス", "ネットワーク / MACアドレス",
                            "担当 / 氏名", "担当 / 内線"));
    EXPECT_THAT(headings(book.sheets[0], 0, 1),
                ElementsAre("管理番号", "ネットワーク", "ネットワーク", "担当", "担当"));
    // As CSV leaves them.
    auto text = book;
    text.sheets[0].merged.clear();
    EXPECT_EQ(guess(text), "0+2: number ip mac owner contact");
    EXPECT_THAT(headings(text.sheets[0], 0, 2),
                ElementsAre("管理番号", "ネットワーク / IPアドレス", "ネットワーク / MACアドレス",
                            "担当 / 氏名", "担当 / 内線"));
}

TEST(LedgerColumns, ADataRowIsNoSecondHead) {
    EXPECT_EQ(guess(table({{"管理番号", "設備名", "状況"}, {"1", "PLC", "工程"}, {"2", "PC", "工程"}})),
              "number name -");
}

TEST(LedgerColumns, ContentSaysWhatHeadingsDoNot) {
    EXPECT_EQ(guess(table({{"設備名", "アドレス", "ｱﾄﾞﾚｽ2", "ゲートウェイ"},
                           {"PLC", "10.0.0.1", "00-1B-1B-33-44-5F", "10.0.0.254"},
                           {"PC", "10.0.0.2", "", "10.0.0.254"}})),
              "name ip mac -");
    EXPECT_EQ(guess(table({{"x", "y"}, {"PLC", "10.0.0.1"}, {"PC", "10.0.0.2"}})), "- ip");
    EXPECT_EQ(guess(table({{"PLC", "10.0.0.1", "10.0.0.254", "123456789012"},
                           {"PC", "10.0.0.2", "10.0.0.254", "123456789013"},
                           {"PC", "10.0.0.3", "10.0.0.254", "123456789014"}})),
              "0+0: - ip - -");
    EXPECT_EQ(guess(table({{"a", "b"}, {"c", "d"}})), "- -");
}

TEST(LedgerColumns, TheSheetIsTheOneWithHeads) {
    auto file = table({{"表紙"}, {"備考"}});
    file.sheets.push_back(
        {.name = "hidden", .rows = {{"管理番号", "設備名", "IPアドレス", "備考"}}, .hidden = true});
    file.sheets.push_back({.name = "台帳", .rows = {{"管理番号", "設備名", "IPアドレス"}}});
    EXPECT_EQ(guessed(file).sheet, 2u);
    file.sheets.pop_back();
    file.sheets[0].rows.pop_back();
    EXPECT_EQ(guessed(file).sheet, 1u);
}

TEST(LedgerColumns, ValuesInNormalForm) {
    const auto text = [](Field field, std::string_view cell) {
        const auto value = value_of(field, cell);
        return value.code.empty() ? value.text : std::string{value.code};
    };
    EXPECT_EQ(text(Field::ip, "192.168.001.010/24\n10.0.0.5、１０．０．０．６"),
              "192.168.1.10 10.0.0.5 10.0.0.6");
    EXPECT_EQ(text(Field::ip, "10.0.0.5/10.0.1.5"), "10.0.0.5 10.0.1.5");
    EXPECT_EQ(text(Field::ip, "10.0.0.5(制御)"), "10.0.0.5");
    EXPECT_EQ(text(Field::ip, "10.0.0.5 10.0.0.5"), "10.0.0.5");
    EXPECT_EQ(text(Field::ip, "DHCP"), "");
    EXPECT_EQ(text(Field::ip, "192.168.1.10～20"), "ledger.not-an-ip");
    EXPECT_EQ(text(Field::mac, "00 1b 1b 33 44 5f"), "00:1b:1b:33:44:5f");
    EXPECT_EQ(text(Field::mac, "001B1B33445F,001B1B334460"), "00:1b:1b:33:44:5f 00:1b:1b:33:44:60");
    EXPECT_EQ(text(Field::mac, "001B1B33445"), "ledger.not-a-mac");
    EXPECT_EQ(text(Field::product, "ＦＸ５Ｕー３２ＭＴ／ＥＳ"), "FX5U-32MT/ES");
    EXPECT_EQ(text(Field::name, "ｼｰｹﾝｻｰ　１号機"), "シーケンサー 1号機");
    for (const auto* nothing : {"", "-", "ー", "―――", "なし", "N/A", "不明", " ", "#N/A", "／"})
        for (const auto field : {Field::name, Field::ip, Field::mac, Field::criticality, Field::note})
            EXPECT_EQ(text(field, nothing), "") << nothing;
    for (const auto* high : {"高", "A", "Ａ", "High", "◎", "H", "高(停止時影響大)"})
        EXPECT_EQ(text(Field::criticality, high), "high") << high;
    for (const auto* medium : {"中", "b", "Medium", "○", "〇"})
        EXPECT_EQ(text(Field::criticality, medium), "medium") << medium;
    for (const auto* low : {"低", "C", "low", "△"}) EXPECT_EQ(text(Field::criticality, low), "low") << low;
    EXPECT_EQ(text(Field::criticality, "超"), "ledger.unknown-criticality");
    EXPECT_EQ(text(Field::note, std::string(value_most, 'x')), std::string(value_most, 'x'));
    EXPECT_EQ(text(Field::note, std::string(value_most + 1, 'x')), "ledger.too-long");
}

TEST(LedgerColumns, RowsWithProblemsAreToldAndLeftOut) {
    const auto taken = take(table({{"管理番号", "設備名", "IPアドレス", "MACアドレス", "重要度", "備考"},
                                   {"A1", "PLC", "10.0.0.1", "00-1B-1B-33-44-5F", "高"},
                                   {"A2", "PC", "10.0.0.300"},
                                   {},
                                   {"", "", "", "", "", "どれのことか"},
                                   {"Ａ１", "HMI"},
                                   {"A3", "", "", "001b.1b33.445f"},
                                   {"A4", "SW", "x", "y", "z"},
                                   {"以上"}}));
    EXPECT_THAT(told(taken),
                ElementsAre("3 3 IPアドレス ledger.not-an-ip 10.0.0.300", "5 0  ledger.no-key ",
                            "6 1 管理番号 ledger.double-key A1 row=2 field=number",
                            "7 4 MACアドレス ledger.double-key 00:1b:1b:33:44:5f row=2 field=mac",
                            "8 3 IPアドレス ledger.not-an-ip x", "8 4 MACアドレス ledger.not-a-mac y",
                            "8 5 重要度 ledger.unknown-criticality z"));
    ASSERT_EQ(taken.entries.size(), 1u);
    EXPECT_EQ(taken.entries[0].row, 2u);
    EXPECT_EQ(taken.entries[0][Field::criticality], "high");
    EXPECT_EQ(taken.problem_count, 7u);
    EXPECT_EQ(taken.bad_rows, 5u);
    EXPECT_EQ(taken.empty_rows, 2u);
}

TEST(LedgerColumns, HeadsOnEveryPageAreNoEntries) {
    const Rows page{{"管理番号", "設備名"}, {"A1", "PLC"}, {"管理番号", "設備名"}, {"A2", "PC"}};
    const auto taken = take(table(page));
    EXPECT_EQ(taken.entries.size(), 2u);
    EXPECT_EQ(taken.empty_rows, 1u);
    EXPECT_TRUE(taken.problems.empty());
}

TEST(LedgerColumns, MergedCellsSayTheSameForEachRow) {
    const auto taken = take(table({{"管理番号", "設備名", "ライン", "IPアドレス"},
                                   {"A1", "PLC", "組立", "10.0.0.1"},
                                   {"A2", "PC", "", "10.0.0.2"},
                                   {"", "", "", "10.0.1.2"},
                                   {"A3", "SW", "塗装", "10.0.0.3"}},
                                  {{1, 2, 3, 1}, {2, 0, 2, 1}, {2, 1, 2, 1}}));
    EXPECT_TRUE(taken.problems.empty());
    ASSERT_EQ(taken.entries.size(), 3u);
    EXPECT_EQ(taken.entries[1][Field::line], "組立");
    EXPECT_EQ(taken.entries[1][Field::ip], "10.0.0.2 10.0.1.2");
    EXPECT_EQ(taken.entries[1].row, 3u);
    EXPECT_EQ(taken.entries[2][Field::line], "塗装");
}

TEST(LedgerColumns, DittoMarksAreWhatStandsAbove) {
    const auto taken = take(table({{"管理番号", "設備名", "ライン", "メーカー"},
                                   {"A1", "PLC", "組立", "三菱電機"},
                                   {"A2", "HMI", "〃", "同上"},
                                   {"A3", "SW", "″", "モクサ"},
                                   {"A4", "PC", " 〃 ", "〃"},
                                   {"〃", "PC2", "", ""}}));
    ASSERT_EQ(taken.entries.size(), 4u);
    EXPECT_EQ(taken.entries[3][Field::line], "組立");
    EXPECT_EQ(taken.entries[1][Field::vendor], "三菱電機");
    EXPECT_EQ(taken.entries[3][Field::vendor], "モクサ");
    EXPECT_THAT(told(taken), ElementsAre("6 1 管理番号 ledger.double-key A4 row=5 field=number"));
    EXPECT_TRUE(take(table({{"管理番号", "設備名"}, {"A1", "〃"}})).entries.at(0)[Field::name].empty());
}

TEST(LedgerColumns, AWorkbookOfAPlant) {
    const auto file = read("plant.xlsx");
    EXPECT_EQ(guessed(file).sheet, 1u);
    EXPECT_EQ(guess(file), "2+2: number name product ip mac vendor line place owner criticality -");
    const auto taken = take(file);
    EXPECT_THAT(told(taken), ElementsAre());
    ASSERT_EQ(taken.entries.size(), 4u);
    EXPECT_EQ(taken.entries[0][Field::number], "0007");
    EXPECT_EQ(taken.entries[0][Field::ip], "192.168.1.10");
    EXPECT_EQ(taken.entries[1][Field::mac], "00:1b:1b:33:44:60");
    EXPECT_EQ(taken.entries[1][Field::line], "組立1");
    EXPECT_EQ(taken.entries[1][Field::criticality], "medium");
    EXPECT_EQ(taken.entries[2][Field::product], "2.5");
    EXPECT_EQ(taken.entries[2][Field::ip], "192.168.1.12 192.168.2.12");
    EXPECT_EQ(taken.entries[2].row, 7u);
    EXPECT_EQ(taken.entries[3][Field::product], "12");
    EXPECT_EQ(taken.entries[3].row, 10u);
    EXPECT_EQ(taken.empty_rows, 1u); // "第2ライン", over the whole table.
}

TEST(LedgerColumns, ACsvInCp932) {
    const auto taken = take(read("cp932.csv"));
    EXPECT_THAT(told(taken), ElementsAre());
    ASSERT_EQ(taken.entries.size(), 3u);
    const auto& first = taken.entries[0];
    EXPECT_EQ(first[Field::name], "搬送コンベア1PLC");
    EXPECT_EQ(first[Field::vendor], "三菱電機(株)");
    EXPECT_EQ(first[Field::owner], "髙木");
    EXPECT_EQ(first[Field::serial], "0123456");
    EXPECT_EQ(taken.entries[1][Field::note], "改行が あるセル");
    EXPECT_EQ(taken.entries[2].row, 4u);
}

TEST(LedgerColumns, ProblemsAreCountedPastTheirLimit) {
    Rows rows{{"管理番号", "IPアドレス"}};
    for (std::size_t i = 0; i < problems_most + 5; ++i) rows.push_back({cat("A", i), "x"});
    const auto taken = take(table(std::move(rows)));
    EXPECT_EQ(taken.problems.size(), problems_most);
    EXPECT_EQ(taken.problem_count, problems_most + 5);
    EXPECT_EQ(taken.bad_rows, problems_most + 5);
}

TEST(LedgerColumns, AMappingOfSomebodyElseDoesNoHarm) {
    const auto file = table({{"管理番号"}, {"A1"}});
    Mapping wide{.header_row = 900'000, .header_rows = 2};
    wide.columns.assign(300, Field::note);
    EXPECT_TRUE(taken(file.sheets[0], wide).entries.empty());
    wide.header_row = 0;
    wide.header_rows = 1;
    EXPECT_EQ(taken(file.sheets[0], wide).problem_count, 1u); // A note, and nothing to know the device by.
}
