#include "spine/store/health.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "spine/store/writer.h"

namespace yagura::store {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

const Time begin{1'800'000'000s};

HealthFinding finding(std::string key, Time until) {
    HealthFinding out{.key = std::move(key), .kind = 1, .severity = 3};
    out.first = begin;
    out.last = until - 1s;
    out.until = until;
    out.times = 1;
    out.facts = "{}";
    out.parties.push_back({.role = 1, .mac = {2, 0, 0, 0, 0, 1}, .first = begin, .last = begin});
    out.parties.push_back({.role = 1, .mac = {2, 0, 0, 0, 0, 2}, .first = begin, .last = begin});
    return out;
}

class HealthOf : public ::testing::Test {
protected:
    HealthOf() {
        auto made = (fs::temp_directory_path() / "yagura-health-XXXXXX").string();
        EXPECT_NE(::mkdtemp(made.data()), nullptr);
        folder = made;
    }
    ~HealthOf() override { fs::remove_all(folder); }
    void apply(HealthChanges changes, const Writer::Limits& limits = {}, bool tidy = false) {
        auto writer = Writer::open(folder, limits).value();
        Batch batch;
        batch.arrival = ++arrival;
        batch.latest = begin + 1h;
        batch.health = std::move(changes);
        const auto done = writer.apply(batch);
        EXPECT_TRUE(done) << (done ? "" : done.error().text());
        if (tidy) {
            const auto tidied = writer.tidy(std::chrono::floor<std::chrono::days>(begin));
            EXPECT_TRUE(tidied) << (tidied ? "" : tidied.error().text());
        }
    }
    HealthStored stored() { return Writer::open(folder, {}).value().load().value().health; }
    std::string folder;
    std::uint64_t arrival = 0;
};

TEST_F(HealthOf, WhatIsSaidAgainIsTheSameRow) {
    apply({.findings = {finding("a", begin + 2h)}});
    auto again = finding("a", begin + 3h);
    again.first = begin + 1h; // Who forgot the beginning says a later one.
    again.times = 7;
    again.parties.pop_back();
    apply({.findings = {again}});
    const auto all = stored();
    ASSERT_EQ(all.findings.size(), 1u);
    EXPECT_EQ(all.findings[0].first, begin);
    EXPECT_EQ(all.findings[0].until, begin + 3h);
    EXPECT_EQ(all.findings[0].times, 7u);
    EXPECT_EQ(all.findings[0].parties.size(), 1u);
    auto gone = finding("a", begin);
    gone.gone = true;
    apply({.findings = {gone}});
    EXPECT_TRUE(stored().findings.empty());
}

TEST_F(HealthOf, WhatEndedLongestAgoGoesFirst) {
    HealthChanges changes;
    for (int i = 0; i < 10; ++i)
        changes.findings.push_back(finding(cat("k", i), begin + std::chrono::hours{i % 2 ? 20 - i : i}));
    Writer::Limits limits;
    limits.findings = 4;
    apply(std::move(changes), limits, true);
    std::vector<std::string> left;
    for (const auto& one : stored().findings) left.push_back(one.key);
    EXPECT_EQ(left, (std::vector<std::string>{"k1", "k3", "k5", "k7"}));
}

TEST_F(HealthOf, WhatDetectorsRememberComesBackByteForByte) {
    std::string odd;
    for (int i = 0; i < 256; ++i) odd += static_cast<char>(i);
    apply({.memory = {{.detector = 1, .key = odd, .value = odd}, {.detector = 2, .key = "x", .value = ""}}});
    apply({.memory = {{.detector = 2, .key = "x", .gone = true}}});
    const auto all = stored();
    ASSERT_EQ(all.memory.size(), 1u);
    EXPECT_EQ(all.memory[0].key, odd);
    EXPECT_EQ(all.memory[0].value, odd);
}

TEST_F(HealthOf, OpenAndHeavyOnesComeFirst) {
    auto light = finding("light", begin + 9h), ended = finding("ended", begin),
         heavy = finding("heavy", begin + 2h);
    light.severity = 1;
    light.kind = 2;
    apply({.findings = {ended, light, heavy}});
    Readers state{state_file(folder)};
    HealthReader reader{state};
    const auto all = reader.list({}, {}).value();
    ASSERT_EQ(all.items.size(), 3u);
    EXPECT_EQ(all.items[0].severity, 3);
    EXPECT_TRUE(all.items[0].open);
    EXPECT_EQ(all.items[1].severity, 1);
    EXPECT_FALSE(all.items[2].open);
    EXPECT_EQ(all.open, 2u);
    EXPECT_EQ(reader.list({.kinds = {2}}, {}).value().total, 1u);
    EXPECT_EQ(reader.list({.text = "02:00:00:00:00:02"}, {}).value().total, 3u);
    EXPECT_FALSE(reader.finding("h0-99").value());
    EXPECT_FALSE(reader.finding("d0-1").value());
    EXPECT_TRUE(reader.finding(all.items[0].id).value());
}

} // namespace
} // namespace yagura::store
