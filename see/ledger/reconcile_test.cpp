#include "see/ledger/reconcile.h"

#include <gtest/gtest.h>

#include "see/ledger/kinds.h"

namespace yagura::see::ledger {
namespace {

using namespace std::chrono_literals;

const observe::Time now{std::chrono::sys_days{std::chrono::year{2026} / 11 / 24}};

Entry entry(std::initializer_list<std::pair<Field, std::string>> values) {
    Entry out;
    for (const auto& [field, value] : values) out[field] = value;
    return out;
}
Seen device(std::string id, std::vector<std::string> ips, std::vector<std::string> macs) {
    return {.id = std::move(id), .ips = std::move(ips), .macs = std::move(macs), .last = now - 1h};
}

std::vector<Pair> look(const std::vector<Asked>& entries, const std::vector<Seen>& devices) {
    return reconcile(entries, devices, now, std::chrono::days{30});
}

TEST(Reconcile, ACardsAddressIsStrongerThanAnAddress) {
    // Two devices have changed places: each is still itself, with another address.
    const std::vector<Asked> entries{{entry({{Field::ip, "10.0.0.1"}, {Field::mac, "00:00:00:00:00:0a"}})},
                                     {entry({{Field::ip, "10.0.0.2"}, {Field::mac, "00:00:00:00:00:0b"}})}};
    const auto found = look(entries, {device("a", {"10.0.0.2"}, {"00:00:00:00:00:0a"}),
                                      device("b", {"10.0.0.1"}, {"00:00:00:00:00:0b"})});
    ASSERT_EQ(found.size(), 2u);
    EXPECT_EQ(found[0].device, 0u);
    EXPECT_EQ(found[0].by, By::mac);
    EXPECT_EQ(found[0].list, List::different);
    ASSERT_EQ(found[0].differences.size(), 1u);
    EXPECT_EQ(found[0].differences[0], (Difference{Field::ip, "10.0.0.1", "10.0.0.2"}));
    EXPECT_EQ(found[1].device, 1u);
}

TEST(Reconcile, AnotherEntrysDeviceAtThisAddressIsNotThisEntrys) {
    const std::vector<Asked> entries{{entry({{Field::ip, "10.0.0.1"}, {Field::mac, "00:00:00:00:00:0a"}})},
                                     {entry({{Field::ip, "10.0.0.2"}})}};
    const auto found = look(entries, {device("a", {"10.0.0.2"}, {"00:00:00:00:00:0a"})});
    ASSERT_EQ(found.size(), 2u);
    EXPECT_EQ(found[0].list, List::different);
    EXPECT_EQ(found[1].list, List::unseen);
    EXPECT_FALSE(found[1].device);
}

TEST(Reconcile, ModulesStandBehindTheirControllersAddress) {
    const std::vector<Asked> entries{
        {entry({{Field::name, "CPU"}, {Field::ip, "10.0.0.1"}, {Field::mac, "00:00:00:00:00:0a"}})},
        {entry({{Field::name, "入力ユニット"}, {Field::ip, "10.0.0.1"}})}};
    const auto found = look(entries, {device("a", {"10.0.0.1"}, {"00:00:00:00:00:0a"})});
    ASSERT_EQ(found.size(), 2u);
    EXPECT_EQ(found[0].list, List::same);
    EXPECT_EQ(found[1].list, List::same);
    EXPECT_EQ(found[1].by, By::ip);
}

TEST(Reconcile, AReplacedCardIsADifference) {
    const auto found = look({{entry({{Field::ip, "10.0.0.1"}, {Field::mac, "00:00:00:00:00:0a"}})}},
                            {device("a", {"10.0.0.1"}, {"00:00:00:00:00:0c"})});
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0].by, By::ip);
    ASSERT_EQ(found[0].differences.size(), 1u);
    EXPECT_EQ(found[0].differences[0].field, Field::mac);
}

TEST(Reconcile, BehindARouterNoCardIsSeen) {
    const auto found = look({{entry({{Field::ip, "10.0.0.1"}, {Field::mac, "00:00:00:00:00:0a"}})}},
                            {device("a", {"10.0.0.1"}, {})});
    EXPECT_EQ(found.at(0).list, List::same);
}

TEST(Reconcile, ASerialNumberOrANameFindsWhatHasNoAddress) {
    auto one = device("a", {"10.0.0.1"}, {});
    one.serial = "SN-0042";
    auto other = device("b", {"10.0.0.2"}, {});
    other.names = {"press2.plant.example"};
    const auto found = look({{entry({{Field::serial, "sn0042"}})},
                             {entry({{Field::name, "PRESS2.plant.example"}})},
                             {entry({{Field::name, "誰でもない"}})}},
                            {one, other});
    ASSERT_EQ(found.size(), 3u);
    EXPECT_EQ(found[0].by, By::serial);
    EXPECT_EQ(found[1].by, By::name);
    EXPECT_EQ(found[2].list, List::unseen);
}

TEST(Reconcile, AnAddressOfTwoDevicesNamesNeither) {
    const auto found = look({{entry({{Field::ip, "192.168.1.1"}})}},
                            {device("a", {"192.168.1.1"}, {"00:00:00:00:00:0a"}),
                             device("b", {"192.168.1.1"}, {"00:00:00:00:00:0b"})});
    ASSERT_EQ(found.size(), 3u); // A cloned line: whose entry it is, a person says.
    EXPECT_EQ(found[0].list, List::unseen);
}

TEST(Reconcile, UnseenIsAfterItsDays) {
    auto old = device("a", {"10.0.0.1"}, {});
    old.last = now - std::chrono::days{31};
    const std::vector<Asked> entries{{entry({{Field::ip, "10.0.0.1"}})}};
    auto found = look(entries, {old});
    EXPECT_EQ(found.at(0).list, List::unseen);
    EXPECT_EQ(found.at(0).device, 0u); // It is known when it was there.
    found = reconcile(entries, std::vector{old}, now, std::chrono::days{32});
    EXPECT_EQ(found.at(0).list, List::same);
}

TEST(Reconcile, WhatAPersonKnowsOfIsNoDifferenceUntilItChanges) {
    auto seen = device("a", {"10.0.0.1"}, {});
    seen.firmware = "1.20";
    Asked asked{entry({{Field::ip, "10.0.0.1"}, {Field::firmware, "1.10"}}), {{Field::firmware, "1.20"}}};
    EXPECT_EQ(look({asked}, {seen}).at(0).list, List::same);
    seen.firmware = "1.30";
    EXPECT_EQ(look({asked}, {seen}).at(0).list, List::different);
    Asked stored{entry({{Field::ip, "10.0.0.9"}}), {{std::nullopt, ""}}};
    EXPECT_EQ(look({stored}, {}).at(0).list, List::same);
}

TEST(Reconcile, TheSameInOtherWordsIsNoDifference) {
    auto seen = device("a", {"10.0.0.1", "10.0.0.2"}, {});
    seen.vendor = "Mitsubishi Electric Corporation";
    seen.product = "FX5U-32MT/ES";
    seen.firmware = "1.240";
    seen.role = "plc";
    seen.line = "溶接 2号";
    seen.names = {"PLC-01"};
    const std::vector<Asked> same{{entry({{Field::ip, "10.0.0.1"},
                                          {Field::vendor, "三菱電機"},
                                          {Field::product, "FX5U"},
                                          {Field::firmware, "Ver.1.240"},
                                          {Field::kind, "シーケンサ"},
                                          {Field::line, "溶接2号"},
                                          {Field::name, "溶接機の制御盤"}})}};
    EXPECT_EQ(look(same, {seen}).at(0).list, List::same);
    const std::vector<Asked> other{{entry({{Field::ip, "10.0.0.1"},
                                           {Field::vendor, "オムロン"},
                                           {Field::product, "NX102"},
                                           {Field::firmware, "1.24"},
                                           {Field::kind, "タッチパネル"},
                                           {Field::line, "溶接3号"},
                                           {Field::name, "plc-02"}})}};
    EXPECT_EQ(look(other, {seen}).at(0).differences.size(), 6u);
}

TEST(Reconcile, VersionsAreComparedAsNumbers) {
    auto seen = device("a", {"10.0.0.1"}, {});
    const auto differs = [&](std::string ledger, std::string told) {
        seen.firmware = std::move(told);
        return !look({{entry({{Field::ip, "10.0.0.1"}, {Field::firmware, std::move(ledger)}})}}, {seen})
                    .at(0)
                    .differences.empty();
    };
    EXPECT_FALSE(differs("Ver.1.5", "1.005"));
    EXPECT_FALSE(differs("V20.11", "20.011"));
    EXPECT_FALSE(differs("Firmware Version 2.0.10", "v2.0.10"));
    EXPECT_TRUE(differs("1.5", "1.50"));
    EXPECT_TRUE(differs("2.0", "2.0.1"));
    EXPECT_FALSE(differs("0", "V0"));
}

TEST(Reconcile, EveryDeviceIsInOneListOrAnother) {
    const auto found = look({{entry({{Field::ip, "10.0.0.1"}})}},
                            {device("a", {"10.0.0.1"}, {}), device("b", {"10.0.0.2"}, {})});
    ASSERT_EQ(found.size(), 2u);
    EXPECT_EQ(found[1].list, List::not_in_ledger);
    EXPECT_EQ(found[1].device, 1u);
    EXPECT_FALSE(found[1].entry);
}

TEST(Kinds, FitRoles) {
    EXPECT_EQ(fits("シーケンサ(CPU)", "plc"), Fits::yes);
    EXPECT_EQ(fits("PLC", "switch"), Fits::no);
    EXPECT_EQ(fits("ロボットコントローラ", "robot"), Fits::yes);
    EXPECT_EQ(fits("FA用パソコン", "scada_server"), Fits::yes);
    EXPECT_EQ(fits("ラベルプリンター", "printer"), Fits::yes);
    EXPECT_EQ(fits("治具", "plc"), Fits::unknown);
    EXPECT_EQ(fits("PLC", "unknown"), Fits::unknown);
    EXPECT_EQ(fits("", "plc"), Fits::unknown);
}

} // namespace
} // namespace yagura::see::ledger
