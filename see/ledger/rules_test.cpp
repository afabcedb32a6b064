#include "see/ledger/rules.h"

#include <gtest/gtest.h>

#include "spine/base/text.h"

namespace yagura::see::ledger {
namespace {

Rule rule(std::uint64_t id, std::string subnet, std::string owner) {
    Rule out{.id = id, .subnet = std::move(subnet)};
    out.values[static_cast<std::size_t>(Field::owner)] = std::move(owner);
    return out;
}
std::vector<std::uint64_t> ids(const std::vector<const Rule*>& rules) {
    std::vector<std::uint64_t> out;
    for (const auto* one : rules) out.push_back(one->id);
    return out;
}
Placed at(std::string_view ip) { return {.ips = {observe::ip_of(ip).value()}}; }

TEST(LedgerRules, AreReadAsTheyWereWritten) {
    auto one = rule(0, "192.168.10.0/24", "田中");
    one.vlan = 20;
    one.port = "SW-A3 *";
    one.name = "PLC-*";
    one.line = 3;
    one.values[static_cast<std::size_t>(Field::note)] = "two\nlines\x1f here";
    const auto again = rule_of(text_of(one));
    ASSERT_TRUE(again);
    one.values[static_cast<std::size_t>(Field::note)] = "two lines  here";
    EXPECT_EQ(*again, one);
    EXPECT_EQ(because(one), "192.168.10.0/24 · VLAN 20 · SW-A3 * · PLC-*");
    EXPECT_TRUE(rule_of(text_of(one) + "of a newer version\x1f"));
    const auto whole = text_of(one);
    for (std::size_t length = 0; length < whole.size(); ++length)
        EXPECT_FALSE(rule_of(std::string_view{whole}.substr(0, length))) << length;
}

TEST(LedgerRules, ARuleAsksSomethingAndSaysSomething) {
    EXPECT_FALSE(rule_of(text_of(rule(0, "", "田中"))));
    EXPECT_FALSE(rule_of(text_of(rule(0, "10.0.0.0/24", ""))));
    EXPECT_FALSE(rule_of(text_of(rule(0, "10.0.0.0/99", "田中"))));
    auto far = rule(0, "", "田中");
    far.vlan = 4'095;
    EXPECT_FALSE(rule_of(text_of(far)));
    far.vlan = 0;
    far.name = std::string(pattern_most + 1, 'x');
    EXPECT_FALSE(rule_of(text_of(far)));
    far.name = "x";
    far.values[static_cast<std::size_t>(Field::owner)] = std::string(value_most + 1, 'x');
    EXPECT_FALSE(rule_of(text_of(far)));
}

TEST(LedgerRules, PatternsAreOfPeople) {
    EXPECT_TRUE(fits_pattern("PLC-*", "plc-W2-01"));
    EXPECT_TRUE(fits_pattern("ＰＬＣ*", "PLC-1"));
    EXPECT_TRUE(fits_pattern("*溶接?号*", "主PLC 溶接2号 北"));
    EXPECT_TRUE(fits_pattern("溶?2号", "溶接2号"));
    EXPECT_FALSE(fits_pattern("PLC", "PLC-1"));
    EXPECT_FALSE(fits_pattern("PLC-?", "PLC-12"));
    EXPECT_TRUE(fits_pattern("*", "x"));
    EXPECT_TRUE(fits_pattern("a*b*c", "axxbxxbxxc"));
    // A pattern that would take for ever if every star were tried with every other.
    std::string stars, text(4'000, 'a');
    for (int i = 0; i < 60; ++i) stars += "a*";
    EXPECT_FALSE(fits_pattern(stars + "b", text));
}

TEST(LedgerRules, EveryConditionHasToHold) {
    auto both = rule(2, "10.1.2.0/24", "佐藤");
    both.vlan = 20;
    auto port = rule(3, "", "鈴木");
    port.port = "SW-A3 Gi1/0/*";
    auto name = rule(4, "", "高橋");
    name.name = "hmi*";
    const Rules rules{{rule(1, "10.1.0.0/16", "田中"), both, port, name}};
    EXPECT_EQ(ids(rules.fitting(at("10.1.2.7"))), (std::vector<std::uint64_t>{1}));
    auto more = at("10.1.2.7");
    more.vlan = 20;
    more.port = "sw-a3 gi1/0/14";
    more.names = {"press", "HMI-2"};
    EXPECT_EQ(ids(rules.fitting(more)), (std::vector<std::uint64_t>{1, 2, 3, 4}));
    EXPECT_TRUE(rules.fitting(at("10.2.0.1")).empty());
    EXPECT_TRUE(rules.fitting(Placed{}).empty()); // Nothing is known of it.
}

TEST(LedgerRules, TheFirstThatSaysItCountsAndNobodyIsOverridden) {
    auto wide = rule(2, "10.1.0.0/16", "田中");
    wide.values[static_cast<std::size_t>(Field::department)] = "製造1課";
    const Rules rules{{rule(1, "10.1.2.0/24", "佐藤"), wide}};
    const auto fitting = rules.fitting(at("10.1.2.7"));
    EXPECT_EQ(Rules::fill(fitting, {}),
              (std::vector<Filled>{{Field::department, "製造1課", 2}, {Field::owner, "佐藤", 1}}));
    Entry entry;
    entry[Field::owner] = "鈴木";
    EXPECT_EQ(Rules::fill(fitting, entry), (std::vector<Filled>{{Field::department, "製造1課", 2}}));
}

} // namespace
} // namespace yagura::see::ledger
