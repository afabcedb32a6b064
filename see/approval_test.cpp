// Who was let in stays in, whatever becomes of the device around it; who turned into somebody else waits.
#include "see/approval.h"

#include <gtest/gtest.h>

using namespace yagura;
using namespace yagura::see;
using namespace std::chrono_literals;
using store::Approval;
using Kind = model::Node::Kind;

namespace {

const observe::Time then{1'700'000'000s};

Evidence tells(observe::Attribute attribute, std::string value, observe::Time first = then,
               observe::Time last = then + 1h, std::string protocol = "cip") {
    return {.attribute = attribute,
            .value = std::move(value),
            .protocol = std::move(protocol),
            .first = first,
            .last = last};
}

Portrait controller() {
    Portrait out{.id = {7}, .macs = {"00:1d:9c:00:00:01"}, .ips = {"10.2.3.4"}, .name = "Press 2"};
    out.evidence = {tells(observe::Attribute::vendor, "Rockwell"),
                    tells(observe::Attribute::product, "1756-L83E"),
                    tells(observe::Attribute::serial, "4711")};
    return out;
}

store::ApprovalRow decided(Approval state, const Portrait& about, observe::Time at = then) {
    return {.device = about.id,
            .state = state,
            .reason = "why",
            .identity = identity_of(about),
            .at = at,
            .who = "tanaka"};
}

Decided mac(std::string address, const store::ApprovalRow* said = nullptr) {
    return {Kind::mac, std::move(address), said, false};
}
Decided ip(std::string address, const store::ApprovalRow* said = nullptr, bool elsewhere = false) {
    return {Kind::ip, std::move(address), said, elsewhere};
}

TEST(Approval, WhoNobodyDecidedAboutIsNew) {
    const auto stands = standing(controller(), std::array{mac("a"), ip("b")});
    EXPECT_EQ(stands.state, Approval::pending);
    EXPECT_EQ(stands.why, "new");
    EXPECT_EQ(standing({}, {}).why, "new");
}

TEST(Approval, AWordIsShownWithWhoAndWhen) {
    const auto row = decided(Approval::approved, controller());
    const auto stands = standing(controller(),
                                 std::array{mac("a", &row), ip("b", &row), ip("another address")});
    EXPECT_EQ(stands.state, Approval::approved);
    EXPECT_EQ(stands.who, "tanaka");
    EXPECT_EQ(stands.at, then);
    EXPECT_EQ(stands.why, "");
}

TEST(Approval, TheStricterOfTwoHolds) {
    const auto yes = decided(Approval::approved, controller()),
               no = decided(Approval::rejected, controller());
    auto soon = decided(Approval::temporary, controller()), late = soon;
    soon.until = then + 24h, late.until = then + 48h;
    const auto of = [&](const store::ApprovalRow& a, const store::ApprovalRow& b) {
        const auto one = standing(controller(), std::array{mac("a", &a), mac("b", &b)});
        const auto other = standing(controller(), std::array{mac("b", &b), mac("a", &a)});
        EXPECT_EQ(one.state, other.state); // Whichever comes first.
        EXPECT_EQ(one.until, other.until);
        return one;
    };
    EXPECT_EQ(of(yes, no).state, Approval::rejected);
    EXPECT_EQ(of(soon, no).state, Approval::rejected);
    EXPECT_EQ(of(yes, soon).state, Approval::temporary);
    EXPECT_EQ(of(late, soon).until, soon.until);
}

TEST(Approval, ACardThatNobodyKnowsWaitsAndSaysSo) {
    const auto row = decided(Approval::approved, controller());
    const auto stands = standing(controller(), std::array{mac("known", &row), mac("fresh"), ip("b", &row)});
    EXPECT_EQ(stands.state, Approval::pending);
    EXPECT_EQ(stands.why, "mac");
    EXPECT_EQ(stands.from, "known");
    EXPECT_EQ(stands.to, "fresh");
    // Rejected is rejected, whatever is plugged in beside it.
    const auto no = decided(Approval::rejected, controller());
    EXPECT_EQ(standing(controller(), std::array{mac("known", &no), mac("fresh")}).state, Approval::rejected);
}

TEST(Approval, AnotherDeviceAtTheSameAddressWaits) {
    const auto row = decided(Approval::approved, controller());
    Portrait other{.id = {8}, .macs = {"02:00:00:00:00:09"}, .ips = {"10.2.3.4"}};
    auto stands = standing(other, std::array{mac("its own"), ip("10.2.3.4", &row, true)});
    EXPECT_EQ(stands.state, Approval::pending);
    EXPECT_EQ(stands.why, "address");
    EXPECT_EQ(stands.from, "Press 2");
    EXPECT_EQ(stands.to, "10.2.3.4");
    // Where the device of then is gone, it was one with a card, and this is another card.
    stands = standing(other, std::array{mac("its own"), ip("10.2.3.4", &row)});
    EXPECT_EQ(stands.why, "address");
}

TEST(Approval, BehindARouterTheAddressStandsForTheDevice) {
    Portrait far{.id = {9}, .ips = {"10.9.0.1"}};
    const auto row = decided(Approval::approved, far);
    EXPECT_EQ(standing(far, std::array{ip("10.9.0.1", &row)}).state, Approval::approved);
    // Its card is seen later, by another sensor: what was said of it is not lost.
    far.macs = {"00:1d:9c:00:00:02"};
    EXPECT_EQ(standing(far, std::array{mac("its card"), ip("10.9.0.1", &row), ip("fe80::1")}).state,
              Approval::approved);
    // It moved to somebody else, and the device that it was said of still is.
    EXPECT_EQ(standing(far, std::array{mac("its card"), ip("10.9.0.1", &row, true)}).why, "address");
    Portrait two{.id = {9}, .ips = {"10.9.0.1", "10.9.0.2"}};
    const auto stands = standing(two, std::array{ip("10.9.0.1", &row), ip("10.9.0.2")});
    EXPECT_EQ(stands.why, "address");
    EXPECT_EQ(stands.to, "10.9.0.2");
}

TEST(Approval, WhoSaysSomethingElseOfItselfWaits) {
    const auto row = decided(Approval::approved, controller());
    const auto now = [&](auto change) {
        auto portrait = controller();
        change(portrait.evidence);
        return standing(portrait, std::array{mac("a", &row)});
    };
    EXPECT_EQ(now([](auto&) {}).state, Approval::approved);
    const auto other = now([](auto& all) {
        all[0].value = "Omron";
        all[0].first = then + 2h;
    });
    EXPECT_EQ(other.state, Approval::pending);
    EXPECT_EQ(other.why, "vendor");
    EXPECT_EQ(other.from, "Rockwell");
    EXPECT_EQ(other.to, "Omron");
    const auto serial = now(
        [](auto& all) { all.push_back(tells(observe::Attribute::serial, "4712", then + 2h, then + 3h)); });
    EXPECT_EQ(serial.why, "serial");
    EXPECT_EQ(serial.to, "4712");
    // Two that answer in turn, as units behind a gateway do, are as they were.
    EXPECT_EQ(now([](auto& all) {
                  all.push_back(tells(observe::Attribute::serial, "4712", then + 30min, then + 3h));
              }).state,
              Approval::approved);
    // More is known of it, by another protocol; what a part says; what the card's maker is.
    EXPECT_EQ(now([](auto& all) {
                  all.push_back(
                      tells(observe::Attribute::vendor, "Allen-Bradley", then + 2h, then + 3h, "snmp"));
                  all.push_back(tells(observe::Attribute::serial, "9", then + 2h, then + 3h));
                  all.back().part = "slot 3";
                  all.push_back(tells(observe::Attribute::vendor, "Intel", then + 2h, then + 3h, "mac"));
              }).state,
              Approval::approved);
    // Nothing is known any more: no reason to doubt.
    EXPECT_EQ(now([](auto& all) { all.clear(); }).state, Approval::approved);
}

TEST(Approval, TwoThatWereLetInAndAreOneSayWhatBothSaid) {
    auto second = controller();
    second.evidence[2] = tells(observe::Attribute::serial, "4712", then + 2h, then + 3h);
    const auto one = decided(Approval::approved, controller()), two = decided(Approval::approved, second);
    auto both = controller();
    both.evidence.push_back(second.evidence[2]);
    EXPECT_EQ(standing(both, std::array{mac("a", &one), mac("b", &two)}).state, Approval::approved);
    both.evidence.push_back(tells(observe::Attribute::serial, "4713", then + 4h, then + 5h));
    EXPECT_EQ(standing(both, std::array{mac("a", &one), mac("b", &two)}).to, "4713");
}

TEST(Approval, OnceTheOtherIsLetInTooItStays) {
    auto portrait = controller();
    portrait.evidence.push_back(tells(observe::Attribute::serial, "4712", then + 2h, then + 3h));
    const auto again = decided(Approval::approved, portrait, then + 4h);
    EXPECT_EQ(standing(portrait, std::array{mac("a", &again)}).state, Approval::approved);
}

TEST(Approval, WhatADeviceSaysCannotForgeWhatIsRemembered) {
    auto portrait = controller();
    portrait.name = "a\x1f"
                    "b\nvendor\x1f"
                    "cip\x1f"
                    "Omron";
    portrait.evidence[1].value = "x\nserial\x1f"
                                 "cip\x1f"
                                 "1";
    portrait.evidence[2].value = std::string(4'000, 'x');
    const auto row = decided(Approval::approved, portrait);
    EXPECT_LT(row.identity.size(), 5'000u);
    EXPECT_EQ(standing(portrait, std::array{mac("a", &row)}).state, Approval::approved);
    for (std::size_t length = 0; length < row.identity.size(); ++length) { // Of a store that was damaged.
        auto cut = row;
        cut.identity.resize(length);
        (void)standing(portrait, std::array{mac("a", &cut)});
    }
}

} // namespace
