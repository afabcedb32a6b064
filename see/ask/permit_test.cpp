#include "see/ask/permit.h"

#include <gtest/gtest.h>

#include "see/ask/plan_text.h"

namespace yagura::see::ask {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view drawn = R"([[subnet]]
name = "プレス \"1\" \\ \t"
network = "10.2.3.0/24"
addresses = ["10.2.3.10", "10.2.3.11"]
services = ["modbus", "switch_ports"]
windows = ["Mon-Fri 12:00-13:00", "Sat 06:00-08:00"]
modbus-unit = 3
slmp-port = 5010
s7-slot = 4
snmp-credential = "switches"

[[subnet]]
name = "six"
network = "fd00::/64"
addresses = ["fd00::10"]
services = ["cip"]
windows = ["Sun 01:00-02:00"]
)";
Plan draft(std::string_view text = drawn) {
    auto plan = parse_plan(text, "draft", PlanOf::draft);
    EXPECT_TRUE(plan) << plan.error().text();
    return plan.value_or(Plan{});
}
constexpr observe::Time noon{std::chrono::nanoseconds{1'780'000'000'000'000'000}};

TEST(PlanText, IsReadAgainAsItWasWritten) {
    const auto text = toml_of(draft(), false);
    EXPECT_EQ(toml_of(draft(text), false), text);
    EXPECT_EQ(draft(text).groups[0].name, "プレス \"1\" \\ \t");
    EXPECT_EQ(draft(text).groups[0].choices.s7_slot, 4);
    EXPECT_EQ(draft(text).groups[0].choices.modbus_unit, 3);
    EXPECT_EQ(draft(text).groups[0].choices.slmp_port, 5010);
    EXPECT_EQ(draft(text).groups[0].credential, "switches");
    EXPECT_EQ(draft(text).groups[1].network.bits, 64);
    const auto whole = toml_of(approved(draft(), {}, "佐藤", noon, false), true);
    const auto read = parse_plan(whole, "plan", PlanOf::approved);
    ASSERT_TRUE(read) << read.error().text();
    EXPECT_EQ(read->groups[1].approved, noon);
    EXPECT_EQ(read->groups[1].approved_by, "佐藤");
    EXPECT_EQ(toml_of(*read, true), whole);
}

TEST(PlanText, WhatPassesThroughTheConsoleHasNoSecretsAndADraftNoApproval) {
    const auto what = [](std::string_view line, PlanOf of) {
        auto text = std::string{drawn};
        const auto read = parse_plan(text.insert(text.find("network"), cat(line, "\n")), "x", of);
        return read ? std::string{} : read.error().what;
    };
    EXPECT_EQ(what("snmp-community = \"minamo\"", PlanOf::draft), "a plan of the console holds no secrets");
    EXPECT_EQ(what("snmp-community = \"minamo\"", PlanOf::approved),
              "a plan of the console holds no secrets");
    EXPECT_EQ(what("approved-by = \"x\"", PlanOf::draft), "a draft has no approval");
    EXPECT_EQ(parse_plan(drawn, "x", PlanOf::approved).error().what, "a subnet has no \"approved-by\"");
}

TEST(PlanText, AnApprovalIsOfWhatChanged) {
    const auto first = approved(draft(), {}, "sato", noon, false);
    auto changed = draft();
    changed.groups[0].addresses.pop_back();
    const auto second = approved(changed, first, "tanaka", noon + 1h, false);
    EXPECT_EQ(second.groups[0].approved, noon + 1h);
    EXPECT_EQ(second.groups[0].approved_by, "tanaka");
    EXPECT_EQ(second.groups[1].approved, noon);
    EXPECT_EQ(second.groups[1].approved_by, "sato");
    EXPECT_EQ(approved(draft(), first, "tanaka", noon + 1h, true).groups[1].approved, noon + 1h);
}

TEST(Permit, WhatIsTornAllowsNothing) {
    const auto head = permit_for(true, 0x0102030405060708, drawn);
    const auto bytes = encode(head);
    ASSERT_EQ(permit_head(bytes), head);
    EXPECT_TRUE(is_plan_of(head, std::as_bytes(std::span{drawn})));
    EXPECT_FALSE(is_plan_of(head, std::as_bytes(std::span{drawn}).first(drawn.size() - 1)));
    auto other = std::string{drawn};
    other.back() = ' ';
    EXPECT_FALSE(is_plan_of(head, std::as_bytes(std::span{other})));
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        const std::vector<std::byte> piece(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
        EXPECT_FALSE(permit_head(piece)) << size;
    }
    for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
        auto flipped = bytes;
        flipped[bit / 8] ^= std::byte{1} << (bit % 8);
        EXPECT_FALSE(permit_head(flipped)) << bit;
    }
}

} // namespace
} // namespace yagura::see::ask
