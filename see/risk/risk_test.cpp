#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <random>
#include <sstream>

#include "see/risk/actions.h"
#include "see/risk/score.h"
#include "spine/base/text.h"

using namespace yagura;
using namespace yagura::see::risk;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

namespace {

const Thing line{"l0-1", "Press", {}};

Vulnerability vulnerability(std::string advisory, int tenths, Verdict verdict = Verdict::affected) {
    Vulnerability out;
    out.advisory = std::move(advisory);
    out.product = "R04ENCPU";
    out.tenths = tenths;
    out.verdict = verdict;
    if (verdict == Verdict::needs_fact) out.missing = "firmware";
    return out;
}

/// What every device has.
Facts bare() {
    Facts out;
    for (const auto term : {Term::own_network, Term::not_known_yet, Term::critical_unknown,
                            Term::role_unknown, Term::level_unknown})
        out.set(term);
    return out;
}

/// The worked example of docs/operating/risk.md.
Facts example() {
    Facts out;
    for (const auto term : {Term::own_network, Term::programmed, Term::not_known_yet, Term::critical_high,
                            Term::role_controller, Term::level_floor})
        out.set(term);
    for (const auto* one : {"d0-5", "d0-6", "d0-7"}) out[Term::outsiders].add({one, one, {}});
    out[Term::clear_text].add({"t1", "http", {}});
    out[Term::no_login].add({"t2", "modbus", {}});
    out[Term::stands].add({"d0-8", "drive", {}});
    out[Term::waits].add({"d0-5", "scada", {}});
    out[Term::waits].add({"d0-9", "hmi", {}});
    auto worst = vulnerability("EX-1", 98, Verdict::needs_fact);
    worst.exploited = true;
    worst.likelihood = 420'000;
    out.vulnerabilities = {worst, vulnerability("EX-2", 53), vulnerability("EX-3", 53)};
    return out;
}

std::string told(const std::vector<Lowered>& all) {
    std::string out;
    for (const auto& one : all)
        out += cat(out.empty() ? "" : "; ", key(one.action.kind), " ", one.action.name, " ",
                   score_of(one.before), " → ", score_of(one.after));
    return out;
}

TEST(RiskScore, IsTheProductOfThreeSums) {
    const auto facts = example();
    const auto score = score_of(facts);
    EXPECT_EQ(score.factors[0].value, 70u);
    EXPECT_EQ(score.factors[1].value, 71u);
    EXPECT_EQ(score.factors[2].value, 92u);
    EXPECT_EQ(score.exact, 70u * 71 * 92);
    EXPECT_EQ(score.score, 46u);
    EXPECT_EQ(score.exact, exact_of(facts));
    EXPECT_EQ(score.unknown, 0u);
}

TEST(RiskScore, NothingUnknownIsNothing) {
    const auto facts = bare();
    const auto score = score_of(facts);
    EXPECT_EQ(score.unknown, 3u);
    EXPECT_EQ(score.factors[2].value, 30u + 15 + 5);
    EXPECT_GT(score.exact, 0u);
    auto high = bare(), low = bare();
    high[Term::critical_unknown] = low[Term::critical_unknown] = {};
    high.set(Term::critical_high), low.set(Term::critical_low);
    EXPECT_LT(exact_of(low), score.exact);
    EXPECT_GT(exact_of(high), score.exact);
}

TEST(RiskScore, AVulnerabilityCountsByWhatIsKnownAndDecided) {
    auto one = vulnerability("EX-1", 98);
    EXPECT_EQ(points_of(one), 49u);
    one.exploited = true;
    EXPECT_EQ(points_of(one), 69u);
    one.likelihood = 420'000;
    EXPECT_EQ(points_of(one), 73u); // 73.2
    one.verdict = Verdict::needs_fact;
    EXPECT_EQ(points_of(one), 37u); // 36.6
    one.decision = Decision::accepted;
    EXPECT_EQ(points_of(one), 18u); // 18.3
    one.decision = Decision::mitigated;
    EXPECT_EQ(share_of(one), 12u); // Half of a quarter, whole percents.
    one.decision = Decision::patched;
    EXPECT_EQ(points_of(one), 0u);
    one = vulnerability("EX-2", -1);
    EXPECT_EQ(points_of(one), 25u); // As 5.0: no score is not a small one.
    one = vulnerability("EX-3", 100);
    one.exploited = true;
    one.likelihood = 1'000'000;
    EXPECT_EQ(points_of(one), weight(Term::worst_vulnerability).most);
}

TEST(RiskScore, OneMoreOfAKindCountsLess) {
    EXPECT_EQ(points_of(Term::outsiders, 0), 0u);
    EXPECT_EQ(points_of(Term::outsiders, 1), 20u);
    EXPECT_EQ(points_of(Term::outsiders, 3), 30u);
    EXPECT_EQ(points_of(Term::outsiders, 5), 40u);
    EXPECT_EQ(points_of(Term::outsiders, SIZE_MAX), 40u);
    for (const auto& one : weights) {
        EXPECT_LE(one.first, one.most) << one.key;
        EXPECT_LE(one.most, 100u) << one.key;
    }
}

TEST(RiskScore, BandsBeginWhereTheirThresholdsSay) {
    EXPECT_EQ(key(band_of(score_of(Exact{199'999 - 5'000}))), "low");
    EXPECT_EQ(key(band_of(score_of(Exact{200'000 - 5'000}))), "medium");
    EXPECT_EQ(key(band_of(49)), "medium");
    EXPECT_EQ(key(band_of(50)), "high");
}

TEST(RiskScore, OnlySoManyThingsAreKeptAndAllAreCounted) {
    Counted counted;
    for (int i = 0; i < 500; ++i) counted.add({cat(i), {}, {}});
    counted.add({"3", {}, {}});
    EXPECT_EQ(counted.count, 500u);
    EXPECT_EQ(counted.things.size(), things_most);
}

Facts at_random(std::mt19937& random) {
    auto out = bare();
    const auto some = [&](unsigned of) { return std::uniform_int_distribution<unsigned>{0, of}(random); };
    for (const auto& one : weights) {
        if (one.term == Term::worst_vulnerability || one.term == Term::further_vulnerabilities) continue;
        if (one.further == 0) {
            if (some(4) == 0) out.set(one.term);
            continue;
        }
        for (auto n = some(6); n > 0; --n) {
            const auto name = cat(one.key, " ", some(8));
            out[one.term].add({name, name, {}});
        }
    }
    for (auto n = some(5); n > 0; --n) {
        auto one = vulnerability(cat("EX-", n), static_cast<int>(some(101)) - 1,
                                 some(1) ? Verdict::affected : Verdict::needs_fact);
        one.product = cat("product ", some(2));
        one.exploited = some(3) == 0;
        one.likelihood = some(1'000'000);
        one.decision = static_cast<Decision>(some(3));
        out.vulnerabilities.push_back(std::move(one));
    }
    return out;
}

TEST(RiskScore, WhatIsAddedNeverLowersIt) {
    std::mt19937 random{26};
    for (int round = 0; round < 250; ++round) {
        const auto facts = at_random(random);
        const auto before = exact_of(facts);
        for (const auto& one : weights) {
            auto more = facts;
            more[one.term].add({"one more", "one more", {}});
            EXPECT_GE(exact_of(more), before) << one.key;
        }
        auto more = facts;
        more.vulnerabilities.push_back(vulnerability("MORE", static_cast<int>(round % 102) - 1));
        more.vulnerabilities.back().decision = static_cast<Decision>(round % 4);
        EXPECT_GE(exact_of(more), before);
    }
}

TEST(RiskActions, NoneRaisesIt) {
    std::mt19937 random{27};
    for (int round = 0; round < 250; ++round) {
        const auto facts = at_random(random);
        const auto all = lowering(facts, line);
        for (const auto& one : all) {
            EXPECT_EQ(one.before, exact_of(facts));
            EXPECT_LT(one.after, one.before);
            // Another one beside it does not raise it either.
            const std::array both{one.action, all.front().action};
            EXPECT_LE(exact_of(facts, both), one.after);
        }
    }
}

TEST(RiskActions, AreScoredWithThemDone) {
    const auto facts = example();
    const auto all = lowering(facts, line);
    EXPECT_EQ(told(all), "find_fact R04ENCPU 46 → 38; close_service http 46 → 39; one_way_in Press 46 → 39; "
                         "update R04ENCPU 46 → 43");
    EXPECT_EQ(all[1].after, all[2].after); // The lighter of two that lower as much comes first.
    const std::array three{all[0].action, all[1].action, all[2].action};
    EXPECT_EQ(score_of(exact_of(facts, three)), 27u);
}

TEST(RiskActions, AServiceIsClosedWhereverItCounts) {
    auto facts = bare();
    facts[Term::remote_access].add({"t1", "telnet", {}});
    facts[Term::remote_access].add({"t2", "rdp", {}});
    facts[Term::readable_login].add({"t1", "telnet", {}});
    const Action close{ActionKind::close_service, "telnet", "telnet", {}};
    EXPECT_EQ(removed(facts, Term::remote_access, close), 1u);
    EXPECT_EQ(removed(facts, Term::readable_login, close), 1u);
    EXPECT_EQ(exact_of(facts, {&close, 1}), (20u + 15) * 10 * 50);
}

TEST(RiskActions, WhereASumIsFullOneActionMayNotShow) {
    auto facts = bare();
    for (const auto term : {Term::from_internet, Term::to_internet, Term::radio}) facts.set(term);
    for (int i = 0; i < 9; ++i) facts[Term::outsiders].add({cat("d", i), {}, {}});
    for (int i = 0; i < 9; ++i) facts[Term::remote_access].add({cat("t", i), cat("p", i), {}});
    ASSERT_GT(score_of(facts).factors[0].total, 130u);
    for (const auto& one : lowering(facts, line)) EXPECT_NE(one.action.kind, ActionKind::close_service);
    EXPECT_EQ(score_of(facts).factors[0].value, 100u);
}

TEST(RiskActions, OneOverManyDevices) {
    auto first = bare(), second = bare();
    first.vulnerabilities = {vulnerability("EX-1", 98)};
    second.vulnerabilities = {vulnerability("EX-1", 98), vulnerability("EX-2", 40)};
    second[Term::clear_text].add({"t1", "ftp", {}});
    Ranking ranking;
    ranking.add(0, lowering(first, line));
    ranking.add(1, lowering(second, line));
    const auto best = ranking.best(3);
    ASSERT_EQ(best.size(), 2u);
    EXPECT_EQ(best[0].action.kind, ActionKind::update);
    EXPECT_THAT(best[0].devices, ElementsAre(0, 1));
    EXPECT_EQ(best[0].lowers, 20u * 49 * 50 + 30u * 51 * 50);
    EXPECT_THAT(best[1].devices, ElementsAre(1));
    EXPECT_THAT(lowering(bare(), line), IsEmpty());
}

TEST(RiskWords, AreEachTheirOwn) {
    std::set<std::string_view> words;
    for (const auto& one : weights) EXPECT_TRUE(words.insert(one.key).second) << one.key;
    for (std::size_t i = 0; i < 10; ++i) EXPECT_TRUE(words.insert(key(static_cast<ActionKind>(i))).second);
    EXPECT_EQ(words.size(), term_count + 10);
}

std::string page() {
    std::ifstream file{YAGURA_SOURCE "/docs/operating/risk.md"};
    std::ostringstream out;
    out << file.rdbuf();
    return out.str();
}

TEST(RiskPage, HasTheTableOfWeights) {
    const auto text = page();
    for (const auto& one : weights) {
        if (one.term == Term::worst_vulnerability) continue; // It has a paragraph of its own.
        const auto row = one.further ? cat("| `", one.key, "` | ", one.first, ", then ", one.further,
                                           ", most ", one.most, " |")
                                     : cat("| `", one.key, "` | ", one.first, " |");
        EXPECT_THAT(text, HasSubstr(row));
    }
    EXPECT_THAT(text, HasSubstr(cat("from ", high_from)));
    EXPECT_THAT(text, HasSubstr(cat("from ", medium_from)));
}

TEST(RiskPage, HasAnExampleThatIsTrue) {
    const auto text = page();
    const auto facts = example();
    const auto score = score_of(facts);
    for (const auto& sum : score.factors)
        for (const auto& term : sum.terms)
            EXPECT_THAT(text,
                        HasSubstr(cat("| `", key(term.term), "` | ", term.count, " | ", term.points, " |")));
    EXPECT_THAT(text, HasSubstr("70 × 71 × 92 ÷ 10,000 = 45.7, so 46"));
    for (const auto& one : lowering(facts, line))
        EXPECT_THAT(text, HasSubstr(cat("| `", key(one.action.kind), "` | ", score_of(one.before), " → ",
                                        score_of(one.after), " |")));
    EXPECT_THAT(text, HasSubstr("46 → 27"));
}

} // namespace
