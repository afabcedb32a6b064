// Subnets as they are declared, told and assumed, and what of them is free.
#include "see/api/address_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace yagura;
using namespace yagura::see;
using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::Pair;

namespace {

observe::Ip ip(int a, int b, int c, int d) {
    observe::Ip out{};
    out[10] = out[11] = 0xff;
    const int parts[]{a, b, c, d};
    for (std::size_t i = 0; i < 4; ++i) out[12 + i] = static_cast<std::uint8_t>(parts[i]);
    return out;
}

struct AddressPlan : testing::Test {
    store::PlanFacts facts{.now = observe::Time{2'000'000'000s}};
    void used(observe::Ip address, std::chrono::seconds since = 1h) {
        facts.addresses.push_back({address, {.id = "d0-1", .name = "x"}, facts.now - since, facts.now});
    }
};

TEST_F(AddressPlan, NothingIsKnownOfNothing) { EXPECT_TRUE(address_plan(facts).empty()); }

TEST_F(AddressPlan, AddressesWithoutAMaskAreTakenBy256) {
    used(ip(10, 2, 3, 1));
    used(ip(10, 2, 3, 254));
    used(ip(10, 2, 9, 7));
    const auto plan = address_plan(facts);
    ASSERT_EQ(plan.size(), 2u);
    EXPECT_EQ(text(plan[0]), "10.2.3.0/24");
    EXPECT_EQ(plan[0].how, PlannedSubnet::How::assumed);
    EXPECT_EQ(plan[0].size(), 254u);
    ASSERT_EQ(plan[0].free.size(), 1u);
    EXPECT_EQ(address_text(plan[0].free[0].first), "10.2.3.2");
    EXPECT_EQ(address_text(plan[0].free[0].second), "10.2.3.253");
    ASSERT_EQ(plan[1].free.size(), 2u); // The larger first.
    EXPECT_EQ(address_text(plan[1].free[0].first), "10.2.9.8");
}

TEST_F(AddressPlan, WhatMostSayStandsAndTheOthersDisagree) {
    for (int host = 1; host <= 5; ++host) {
        used(ip(10, 2, 3, host));
        facts.told.push_back({ip(10, 2, 3, host), host == 5 ? "255.255.0.0" : "255.255.255.0", false});
        facts.told.push_back({ip(10, 2, 3, host), "10.2.3.254", true});
    }
    const auto plan = address_plan(facts);
    ASSERT_EQ(plan.size(), 1u);
    EXPECT_EQ(text(plan[0]), "10.2.3.0/24");
    EXPECT_EQ(plan[0].how, PlannedSubnet::How::told);
    EXPECT_THAT(plan[0].masks, ElementsAre(Pair("255.255.255.0", 4), Pair("255.255.0.0", 1)));
    EXPECT_THAT(plan[0].gateways, ElementsAre(Pair("10.2.3.254", 5)));
    ASSERT_EQ(plan[0].free.size(), 1u); // The gateway was not seen, and is not free.
    EXPECT_EQ(address_text(plan[0].free[0].second), "10.2.3.253");
}

TEST_F(AddressPlan, TheNarrowestDeclaredSubnetHasTheAddress) {
    facts.declared.push_back({ip(10, 2, 0, 0), 96 + 16, {"l0-1", "all"}});
    facts.declared.push_back({ip(10, 2, 3, 0), 96 + 24, {"l0-2", "weld"}});
    used(ip(10, 2, 3, 9));
    const auto plan = address_plan(facts);
    ASSERT_EQ(plan.size(), 2u);
    EXPECT_EQ(plan[0].bits, 16u);
    EXPECT_TRUE(plan[0].used.empty());
    EXPECT_EQ(plan[0].cells.size(), 256u);
    EXPECT_EQ(plan[0].cell_size, 256u);
    EXPECT_EQ(plan[1].used.size(), 1u);
    EXPECT_EQ(plan[1].lines[0].name, "weld");
    for (const auto& [first, last] : plan[0].free) // What is used inside is not free outside.
        EXPECT_FALSE(first <= 0x0a020309 && 0x0a020309 <= last);
}

TEST_F(AddressPlan, WhatANarrowerSubnetUsesIsNotFreeBesideIt) {
    facts.told.push_back({ip(10, 2, 3, 5), "255.255.255.192", false});
    used(ip(10, 2, 3, 5));
    used(ip(10, 2, 3, 200)); // Outside of the /26: by 256 around it.
    const auto plan = address_plan(facts);
    ASSERT_EQ(plan.size(), 2u);
    for (const auto& subnet : plan)
        for (const auto& [first, last] : subnet.free)
            for (const std::uint32_t taken : {0x0a020305u, 0x0a0203c8u})
                EXPECT_FALSE(first <= taken && taken <= last) << text(subnet);
}

TEST_F(AddressPlan, AnAddressOfTwoDevicesIsOne) {
    used(ip(10, 2, 3, 5), 400 * 24h);
    facts.addresses.back().last = facts.now - 300 * 24h;
    used(ip(10, 2, 3, 5), 1h);
    const auto plan = address_plan(facts);
    ASSERT_EQ(plan.size(), 1u);
    EXPECT_EQ(plan[0].addresses, 1u);
    EXPECT_EQ(plan[0].silent, 0u);                                       // One of the two is heard.
    EXPECT_EQ(plan[0].weeks, std::vector<std::uint64_t>(plan_weeks, 0)); // It came long ago.
}

TEST_F(AddressPlan, GrowthIsByWeeksOfWhatCame) {
    used(ip(10, 2, 3, 1), 1h);
    used(ip(10, 2, 3, 2), 8 * 24h);
    used(ip(10, 2, 3, 3), 400 * 24h);
    const auto plan = address_plan(facts);
    ASSERT_EQ(plan[0].weeks.size(), plan_weeks);
    EXPECT_EQ(plan[0].weeks[plan_weeks - 1], 1u);
    EXPECT_EQ(plan[0].weeks[plan_weeks - 2], 1u);
    EXPECT_EQ(plan[0].weeks[0], 0u);
}

TEST_F(AddressPlan, NonsenseIsLeftOut) {
    used(ip(127, 0, 0, 1));
    used(ip(169, 254, 3, 3));
    used(observe::Ip{0xfe, 0x80});
    facts.told.push_back({ip(10, 2, 3, 4), "255.0.255.0", false});
    facts.told.push_back({ip(10, 2, 3, 4), "not a mask", false});
    facts.told.push_back({ip(10, 2, 3, 4), "0.0.0.0", false});
    facts.declared.push_back({observe::Ip{0xfd}, 64, {"l0-1", "six"}});
    facts.declared.push_back({ip(0, 0, 0, 0), 96, {"l0-1", "everything"}});
    EXPECT_TRUE(address_plan(facts).empty());
}

} // namespace
