// Whatever way into a day's rows is taken, the answer is what a look at every row comes to: random filters
// over random acts, against SQL that reads all of them. Files that were written before there were sums answer
// alike.
#include <gtest/gtest.h>

#include "tests/support/acts_at_random.h"
#include "tests/support/plant_store.h"

using namespace yagura;
using namespace yagura::store;
using namespace yagura::test;

namespace {

constexpr int devices = acts_of_devices, acts_many = 4'000;
/// Filters that are tried; `some` where a test asks the same questions of another file.
constexpr int usual_rounds = 150, some_rounds = 50;

OperationFilter filter_of(Acts& dice) {
    OperationFilter out;
    if (dice.one_in(3)) out.device = cat("d0-", 1 + dice.below(devices + 1));
    if (dice.one_in(6)) out.peer = cat("d0-", 1 + dice.below(devices));
    if (dice.one_in(5)) out.line = cat("l0-", 1 + dice.below(2));
    if (dice.one_in(3)) out.protocol = dice.one_in(6) ? "none" : dice.one_in(2) ? "modbus" : "slmp";
    if (dice.one_in(5)) out.text = dice.one_in(2) ? "d1" : dice.one_in(2) ? "read MODBUS" : "device 3";
    if (dice.one_in(3)) out.acts = {observe::Act::stop};
    if (dice.one_in(6)) out.acts.push_back(observe::Act::alarm);
    if (dice.one_in(4)) out.effects = {observe::Effect::changes_value};
    if (dice.one_in(6)) out.effects.push_back(observe::Effect::observes);
    if (dice.one_in(4)) out.outcomes = {observe::Outcome::refused};
    if (dice.one_in(6)) out.outcomes.push_back(static_cast<observe::Outcome>(dice.below(4)));
    if (dice.one_in(2)) out.range.from = begin_time + std::chrono::milliseconds{dice.below(7'200'000)};
    if (dice.one_in(2)) out.range.until = begin_time + std::chrono::milliseconds{dice.below(9'000'000)};
    return out;
}

/// One row of every day, as the file has it.
struct Plain {
    std::string id;
    std::int64_t at = 0, number = 0, who = 0, whom = 0, act = 0, outcome = 0, refusals = 0, many = 0,
                 acts = 0;
    std::string protocol, words;
};

std::vector<Plain> all_rows(const test::Store& store) {
    std::vector<Plain> out;
    for (const auto& day : store.history->days()) {
        auto file = Database::open(cat(history_folder(store.folder), "/", day, ".sqlite"),
                                   Database::Mode::reader)
                        .value();
        auto rows = file.prepare("SELECT id, at, who, whom, act, outcome, refusals, many, CASE WHEN many = 0 "
                                 "THEN answers = 0 OR last > at OR "
                                 "effect > 1 WHEN messages > answers + refusals THEN messages - answers - "
                                 "refusals WHEN messages > 1 THEN messages "
                                 "ELSE 0 END, protocol, lower(object || '|' || value || '|' || function || "
                                 "'|' || part || '|' || protocol) FROM operation");
        EXPECT_TRUE(rows->each([&](const Row& row) {
            out.push_back({cat("o-", day, "-", row.integer(0)), row.integer(1), row.integer(0),
                           row.integer(2), row.integer(3), row.integer(4), row.integer(5), row.integer(6),
                           row.integer(7), row.integer(8), row.string(9), row.string(10)});
        }));
    }
    std::ranges::sort(out, [](const Plain& a, const Plain& b) {
        return std::tie(a.at, a.number) > std::tie(b.at, b.number);
    });
    return out;
}

/// A device's number behind a node of plant(); line 1 has all of them.
std::int64_t device_of(std::int64_t node) { return (node - 1) / 2 + 1; }

template <class List, class One>
bool wants(const List& list, One one) {
    return list.empty() || std::ranges::find(list, one) != list.end();
}

bool has_words(const Plain& row, const std::string& text) {
    std::string lower;
    for (const char c : text) lower += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    for (std::size_t at = 0; at < lower.size();) {
        const auto space = std::min(lower.find(' ', at), lower.size());
        const auto word = lower.substr(at, space - at);
        bool found = row.words.find(word) != std::string::npos;
        for (const auto node : {row.who, row.whom}) {
            const auto known = cat("device ", device_of(node) - 1, " acme 10.0.0.", device_of(node) - 1);
            found |= known.find(word) != std::string::npos;
        }
        if (!found) return false;
        at = space + 1;
    }
    return true;
}

/// What compares numbers first: thousands of rows are held against hundreds of filters.
bool fits(const Plain& row, const OperationFilter& filter) {
    const Time at{std::chrono::nanoseconds{row.at}};
    if (at < filter.range.from || (filter.range.until != Time{} && at >= filter.range.until)) return false;
    const auto act = static_cast<observe::Act>(row.act);
    if (!wants(filter.acts, act) || !wants(filter.effects, observe::usual_effect(act))) return false;
    if (!wants(filter.outcomes, static_cast<observe::Outcome>(row.outcome)) &&
        (row.refusals == 0 || !wants(filter.outcomes, observe::Outcome::refused)))
        return false;
    if (!filter.line.empty() && filter.line != "l0-1") return false;
    if (!filter.protocol.empty() && filter.protocol != row.protocol) return false;
    for (const auto& id : {filter.device, filter.peer})
        if (!id.empty() && cat("d0-", device_of(row.who)) != id && cat("d0-", device_of(row.whom)) != id)
            return false;
    return has_words(row, filter.text);
}

std::vector<std::string> listed(History& history, const OperationFilter& filter, std::size_t page) {
    std::vector<std::string> out;
    for (Page next{.most = page};;) {
        const auto found = history.operations(filter, next);
        EXPECT_TRUE(found) << found.error().text();
        for (const auto& one : found->operations) out.push_back(one.id);
        if (found->next_cursor.empty()) return out;
        next.cursor = found->next_cursor;
    }
}

/// As a file was that nobody has written into since 0002_sums.sql, or since 0003_ends_and_objects.sql.
void take_sums_away(const test::Store& store, int since) {
    for (const auto& day : store.history->days()) {
        auto file = Database::open(cat(history_folder(store.folder), "/", day, ".sqlite"),
                                   Database::Mode::writer)
                        .value();
        auto done = file.run(
            "DROP TABLE sums; DROP TABLE kind_sum; DROP TABLE pair_now; DROP TABLE pair_sum; DROP TABLE "
            "who_sum; DROP TABLE object_node; DROP TABLE object_day; DROP TABLE object_hour; DELETE FROM "
            "migration WHERE number = 3");
        ASSERT_TRUE(done) << done.error().text();
        for (const auto* trigger : {"came", "went", "changed"})
            ASSERT_TRUE(file.run(
                cat("CREATE TRIGGER operation_", trigger, " AFTER DELETE ON operation BEGIN SELECT 1; END")));
        if (since == 3) continue;
        done = file.run("DROP TRIGGER operation_came; DROP TRIGGER operation_went; DROP TRIGGER "
                        "operation_changed; DROP TABLE minute_sum; "
                        "DROP TABLE half_hour_sum; DROP INDEX operation_by_who; DROP INDEX "
                        "operation_by_whom; DROP INDEX operation_by_kind; "
                        "DROP INDEX operation_failed; CREATE INDEX operation_by_who ON operation "
                        "(who, at); CREATE INDEX operation_by_whom ON "
                        "operation (whom, at); ALTER TABLE operation DROP COLUMN acts; DELETE "
                        "FROM migration WHERE number = 2");
        ASSERT_TRUE(done) << done.error().text();
    }
}

class Filters : public testing::Test {
protected:
    void SetUp() override {
        const auto first = acts_.batch(10'000, acts_many);
        ASSERT_TRUE(store_.writer->apply(first));
        ASSERT_TRUE(store_.writer->apply(acts_.batch(first.arrival, acts_many / 4)));
    }
    void lists_are_right(int rounds = usual_rounds) {
        const auto rows = all_rows(store_);
        ASSERT_GT(rows.size(), static_cast<std::size_t>(acts_many));
        for (int round = 0; round < rounds; ++round) {
            const auto filter = filter_of(acts_);
            std::vector<std::string> expected;
            for (const auto& row : rows)
                if (fits(row, filter) && (row.many == 0 || row.acts > 0)) expected.push_back(row.id);
            ASSERT_EQ(listed(*store_.history, filter, 1 + acts_.below(400)), expected) << told(filter);
        }
    }
    void charts_are_right(int rounds = usual_rounds) {
        const auto rows = all_rows(store_);
        for (int round = 0; round < rounds; ++round) {
            auto filter = filter_of(acts_);
            std::size_t buckets = 1 + acts_.below(40);
            if (acts_.one_in(3)) { // Whole minutes.
                filter.range.from = std::chrono::floor<std::chrono::minutes>(begin_time) +
                                    std::chrono::minutes{acts_.below(60)};
                filter.range.until = filter.range.from + std::chrono::hours{1 + acts_.below(2)};
            } else if (acts_.one_in(2)) { // As the console asks: parts of whole half hours.
                filter.range.from = std::chrono::floor<std::chrono::hours>(begin_time) +
                                    acts_.below(3) * 30min;
                buckets = 1 + acts_.below(5);
                filter.range.until = filter.range.from + buckets * (1 + acts_.below(2)) * 30min;
            }
            const auto found = store_.history->activity(filter, buckets, begin_time + 4h);
            ASSERT_TRUE(found) << found.error().text();
            filter.range = {found->from, found->until};
            const bool refused = filter.outcomes == std::vector{observe::Outcome::refused};
            std::map<std::int64_t, std::vector<std::uint64_t>> expected;
            for (const auto& row : rows) {
                if (!fits(row, filter) || Time{std::chrono::nanoseconds{row.at}} < found->counted_from)
                    continue;
                const auto part = (row.at - found->from.time_since_epoch().count()) /
                                  (found->bucket_seconds * 1'000'000'000);
                auto& counts = expected[row.act];
                if (counts.empty()) counts.resize(found->series.empty() ? 1 : found->series[0].counts.size());
                counts[std::min<std::size_t>(static_cast<std::size_t>(part), counts.size() - 1)] +=
                    static_cast<std::uint64_t>(refused ? row.refusals : row.acts);
            }
            std::map<std::int64_t, std::vector<std::uint64_t>> counted;
            for (const auto& one : found->series) counted[static_cast<std::int64_t>(one.act)] = one.counts;
            ASSERT_EQ(counted, expected) << told(filter);
        }
    }
    static std::string told(const OperationFilter& f) {
        return cat("device ", f.device, " peer ", f.peer, " line ", f.line, " protocol ", f.protocol,
                   " text ", f.text, " acts ", f.acts.size(), " effects ", f.effects.size(), " outcomes ",
                   f.outcomes.size());
    }
    Acts acts_{7};
    test::Store store_{devices};
};

TEST_F(Filters, ListsAreWhatALookAtEveryRowComesTo) { lists_are_right(); }
TEST_F(Filters, ChartsAreWhatALookAtEveryRowComesTo) { charts_are_right(); }
TEST_F(Filters, FilesWithoutSumsAnswerAlike) {
    store_.writer.reset();
    take_sums_away(store_, 3);
    charts_are_right();
}
TEST_F(Filters, FilesWithoutAnySumsAnswerAlike) {
    store_.writer.reset();
    take_sums_away(store_, 2);
    lists_are_right(some_rounds);
    charts_are_right(some_rounds);
}
TEST_F(Filters, AFileWithoutSumsGetsThemWhenItIsWritten) {
    std::uint64_t arrival = 100'000;
    for (const int since : {2, 3}) {
        store_.writer.reset();
        take_sums_away(store_, since);
        store_.writer.emplace(Writer::open(store_.folder, {}).value());
        ASSERT_TRUE(store_.writer->apply(acts_.batch(arrival += 10'000, 500)));
        lists_are_right(some_rounds);
        charts_are_right(some_rounds);
    }
}
TEST_F(Filters, ChartsOfMoreEndsThanHaveRoomAreRight) {
    store_.writer.reset();
    store_.writer.emplace(Writer::open(store_.folder, {.sums = {.pairs = 20}}).value());
    ASSERT_TRUE(store_.writer->apply(acts_.batch(100'000, 500)));
    EXPECT_GT(store_.writer->sums().pairs_left_out, 0);
    charts_are_right();
}
TEST_F(Filters, SumsHoldWhatHostilesCount) {
    auto batch = acts_.batch(200'000, 40);
    for (auto& op : batch.operations) {
        op.at = op.last = Time{std::chrono::nanoseconds{op.arrival % 2 ? INT64_MIN : INT64_MAX}};
        op.many = true;
        op.answer = false;
        op.messages = op.answers = UINT64_MAX;
    }
    const auto done = store_.writer->apply(batch);
    EXPECT_TRUE(done) << done.error().text();
}

} // namespace
