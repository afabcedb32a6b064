// What is found in cyclic traffic, and what must not be found.
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

// Cycles are told by the fold's windows: they are said to the watch as the fold says them.
struct Cycle : testing::Test {
    Watch watch{dissect::name_of};
    ob::Time now{std::chrono::seconds{1'800'000'000}};
    std::uint16_t modbus = 0;
    ob::Parties parties{.client = {.ip = address(1), .mac = {0, 0x30, 0xde, 0, 0, 1}, .port = 50'000},
                        .server = {.ip = address(2), .mac = {0, 0x30, 0xde, 0, 0, 2}, .port = 502},
                        .lane = {.carrier = 6},
                        .certain = true};
    std::map<std::string, Finding> findings;

    static ob::Ip address(std::uint8_t last) {
        return {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 2, 0, last};
    }
    Cycle() {
        for (std::uint16_t number = 1; number < 200 && modbus == 0; ++number)
            if (dissect::name_of(number) == "modbus") modbus = number;
    }
    ob::Origin origin(ob::Speaker speaker = ob::Speaker::client) const {
        return {.at = now, .parties = parties, .conversation = 7, .speaker = speaker, .evidence = {10, 1, 0}};
    }
    struct Window {
        unsigned mean_us = 100'000, most_us = 103'000, requests = 600, answers = 600, refusals = 0;
    };
    void window(const Window& one) {
        const auto begin = now;
        now += 60s;
        ob::Repeats told{.like = {.protocol = modbus,
                                  .function = {3, "read holding registers"},
                                  .act = ob::Act::read,
                                  .phase = ob::Phase::request,
                                  .object = {.space = "holding register", .number = 100},
                                  .count = 10},
                         .messages = std::uint64_t{one.requests} + one.answers + one.refusals,
                         .answers = one.answers,
                         .refusals = one.refusals,
                         .first = begin,
                         .last = now - 100ms,
                         .interval_least_us = one.mean_us - 2'000,
                         .interval_mean_us = one.mean_us,
                         .interval_most_us = one.most_us,
                         .last_seen = {20, 1, 0}};
        watch.on(origin(), told);
        tick();
    }
    void tick() { watch.on(origin(), ob::Coverage{.packets = 10}); }
    std::vector<std::string> found(bool open = true) {
        for (auto& one : watch.take_changes().findings) findings[one.key] = one;
        std::vector<std::string> out;
        for (const auto& [key, one] : findings)
            if (!open || one.until > now) out.emplace_back(word(one.kind));
        return out;
    }
};

TEST_F(Cycle, WhatIsAsUsualIsNoFinding) {
    for (unsigned i = 0; i < 60; ++i)
        window({.mean_us = 100'000 + i % 7 * 500, .most_us = 103'000 + i % 5 * 900});
    EXPECT_THAT(found(false), IsEmpty());
}

TEST_F(Cycle, OneBadMinuteIsNoFinding) {
    for (int i = 0; i < 12; ++i) window({});
    window({.mean_us = 400'000, .most_us = 900'000, .requests = 150, .answers = 150});
    for (int i = 0; i < 12; ++i) window({});
    EXPECT_THAT(found(false), IsEmpty());
}

TEST_F(Cycle, SlowerIsToldAndEndsWhenItIsAsBefore) {
    for (int i = 0; i < 12; ++i) window({});
    for (int i = 0; i < 3; ++i)
        window({.mean_us = 160'000, .most_us = 170'000, .requests = 375, .answers = 375});
    EXPECT_THAT(found(), testing::ElementsAre("cycle_slower"));
    EXPECT_THAT(findings.begin()->second.facts, testing::Contains(testing::Pair("usual_us", "100000")));
    EXPECT_THAT(findings.begin()->second.facts, testing::Contains(testing::Pair("now_us", "160000")));
    for (int i = 0; i < 2; ++i) window({});
    EXPECT_THAT(found(), IsEmpty());
}

TEST_F(Cycle, AnswersThatStayAway) {
    for (int i = 0; i < 12; ++i) window({});
    for (int i = 0; i < 2; ++i) window({.answers = 300});
    EXPECT_THAT(found(), testing::ElementsAre("cycle_unanswered"));
}

TEST_F(Cycle, AnswersThatSayNo) {
    for (int i = 0; i < 12; ++i) window({});
    for (int i = 0; i < 2; ++i) window({.answers = 0, .refusals = 600});
    EXPECT_THAT(found(), testing::ElementsAre("cycle_refused"));
}

TEST_F(Cycle, JitterIsToldOfTheLongestWait) {
    for (int i = 0; i < 12; ++i) window({});
    for (int i = 0; i < 2; ++i) window({.mean_us = 101'000, .most_us = 900'000});
    EXPECT_THAT(found(), testing::ElementsAre("cycle_jitter"));
}

TEST_F(Cycle, ItStoppedAndBothAreStillThere) {
    for (int i = 0; i < 12; ++i) window({});
    for (int i = 0; i < 20; ++i) {
        now += 15s;
        for (const auto speaker : {ob::Speaker::client, ob::Speaker::server})
            watch.on(origin(speaker), ob::Presence{.subject = ob::Subject::speaker});
        tick();
    }
    EXPECT_THAT(found(), testing::ElementsAre("cycle_stopped"));
    window({});
    EXPECT_THAT(found(), IsEmpty());
}

TEST_F(Cycle, WhoWasSwitchedOffHasNotStopped) {
    for (int i = 0; i < 12; ++i) window({});
    for (int i = 0; i < 40; ++i) {
        now += 15s;
        watch.on(origin(), ob::Presence{.subject = ob::Subject::speaker});
        tick();
    }
    EXPECT_THAT(found(false), IsEmpty());
}

TEST_F(Cycle, WhatTheSensorLostIsNotTheLinesFault) {
    for (int i = 0; i < 12; ++i) window({});
    for (int i = 0; i < 4; ++i) {
        watch.on(origin(), ob::Coverage{.packets = 10, .dropped = 500});
        window({.mean_us = 160'000, .most_us = 900'000, .requests = 300, .answers = 100});
    }
    EXPECT_THAT(found(false), IsEmpty());
}

TEST_F(Cycle, SlowerForGoodBecomesUsual) {
    for (int i = 0; i < 12; ++i) window({});
    for (int i = 0; i < 130; ++i)
        window({.mean_us = 200'000, .most_us = 205'000, .requests = 300, .answers = 300});
    EXPECT_THAT(found(), IsEmpty());
}

} // namespace
