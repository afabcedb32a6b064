// Storms of frames to everybody, and busy segments that are none.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "see/health/watch.h"
#include "spine/dissect/dissector.h"
#include "spine/observe/text.h"

using namespace yagura;
using namespace yagura::see::health;
using namespace std::chrono_literals;
namespace ob = yagura::observe;
using testing::IsEmpty;
using testing::SizeIs;

namespace {

// Storms are told by what conversations with everybody add in a minute: so they are said to the watch.
struct Storm : testing::Test {
    std::unique_ptr<Watch> watch = std::make_unique<Watch>(dissect::name_of);
    ob::Time now{std::chrono::seconds{1'800'000'000}};
    std::map<unsigned, std::uint64_t> totals;
    std::map<std::string, Finding> findings;
    std::vector<MemoryRow> memory;

    /// In this minute `card` sends so many frames to everybody, or to a group.
    void sends(unsigned card, std::uint64_t packets, std::uint8_t to = 0xff) {
        const auto low = static_cast<std::uint8_t>(card);
        const ob::Parties parties{
            .client = {.ip = {}, .mac = {0, 0x30, 0xde, 0, 0, low}},
            .server = {.ip = {}, .mac = {to, to == 0xff ? to : std::uint8_t{0}, to, to, to, to}},
            .lane = {.carrier = 0x806}};
        auto& total = totals[card * 256 + to];
        const auto say = [&](ob::Time at, std::uint64_t more, ob::Conversation::State state) {
            watch->on(
                {.at = at, .parties = parties, .conversation = card * 256 + to, .evidence = {card, 1, 0}},
                ob::Conversation{.state = state, .packets = {total += more, 0}, .bytes = {0, 0}});
        };
        if (total == 0 && packets > 0) {
            say(now + 1s, 1, ob::Conversation::State::opened);
            --packets;
        }
        if (packets > 0) say(now + 60s, packets, ob::Conversation::State::goes_on);
    }
    void minute() { now += 60s; }
    std::vector<std::string> found(bool open = false) {
        auto changes = watch->take_changes();
        for (auto& one : changes.findings) findings[one.key] = one;
        for (auto& row : changes.memory) memory.push_back(row);
        std::vector<std::string> out;
        for (const auto& [key, one] : findings)
            if (!open || one.until > now) out.push_back(key);
        return out;
    }
};

TEST_F(Storm, AThousandBroadcastsASecondAreOne) {
    sends(1, 90'000);
    sends(2, 400);
    EXPECT_THAT(found(), testing::ElementsAre("storm|0|0|broadcast"));
    const auto& one = findings.begin()->second;
    EXPECT_EQ(one.severity, Severity::high);
    ASSERT_THAT(one.parties, SizeIs(2));
    EXPECT_EQ(ob::text(one.parties[0].who.mac), "00:30:de:00:00:01");
    EXPECT_THAT(one.facts, testing::Contains(testing::Pair("per_second", "1506")));
    EXPECT_THAT(one.facts, testing::Contains(testing::Pair("loudest_percent", "99")));
    for (int i = 0; i < 6; ++i) {
        minute();
        sends(2, 400);
    }
    EXPECT_THAT(found(true), IsEmpty()); // And it is over.
}

TEST_F(Storm, TenTimesTheUsualAreOne) {
    for (int i = 0; i < 10; ++i) {
        sends(1, 900);
        sends(2, 300);
        minute();
    }
    EXPECT_THAT(found(), IsEmpty());
    sends(1, 900);
    sends(2, 20'000);
    EXPECT_THAT(found(), SizeIs(1));
    EXPECT_EQ(findings.begin()->second.severity, Severity::medium);
    EXPECT_EQ(findings.begin()->second.times, 1u);
    EXPECT_THAT(findings.begin()->second.facts, testing::Contains(testing::Pair("usual_per_second", "20")));
    minute();
    sends(2, 20'000);
    EXPECT_THAT(found(), SizeIs(1));
    EXPECT_EQ(findings.begin()->second.times, 2u);
}

TEST_F(Storm, ABusySegmentIsNone) {
    for (int i = 0; i < 60; ++i) {
        for (unsigned card = 1; card <= 100; ++card) sends(card, 100 + card + static_cast<unsigned>(i));
        sends(200, 90'000, 0x01); // A stream to a group, from the beginning.
        minute();
    }
    EXPECT_THAT(found(), IsEmpty());
}

TEST_F(Storm, AStreamToAGroupIsComparedWithWhatIsUsual) {
    for (int i = 0; i < 10; ++i) {
        sends(1, 600, 0x01);
        minute();
    }
    for (int i = 0; i < 200; ++i) {
        sends(1, 150'000, 0x01);
        minute();
        if (i == 0) EXPECT_THAT(found(), testing::ElementsAre("storm|0|0|multicast"));
    }
    EXPECT_THAT(found(true), IsEmpty()); // After two hours it is what is usual.
}

TEST_F(Storm, WhatWasForgottenIsNotCountedAgain) {
    sends(1, 30'000);
    minute();
    sends(1, 20'000);
    EXPECT_THAT(found(), IsEmpty());
    watch = std::make_unique<Watch>(dissect::name_of); // One that knows nothing of it.
    for (int i = 0; i < 3; ++i) {
        minute();
        sends(1, 25'000);
    }
    EXPECT_THAT(found(), IsEmpty());
}

TEST_F(Storm, TheUsualIsKnownAfterARestart) {
    for (int i = 0; i < 10; ++i) {
        sends(1, 900);
        minute();
    }
    (void)found();
    watch = std::make_unique<Watch>(dissect::name_of);
    std::map<std::pair<int, std::string>, MemoryRow> rows;
    for (const auto& row : memory) rows[{row.table, row.key}] = row;
    std::vector<MemoryRow> all;
    for (const auto& [key, row] : rows) all.push_back(row);
    watch->load({}, all);
    sends(1, 20'000);
    EXPECT_THAT(found(), SizeIs(1));
}

} // namespace
