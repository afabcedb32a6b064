// The sums of a day are what its rows come to, whatever came late, again, in pieces, or was cut off by a
// kill; and who reads and who writes a register is the same from sums as from a look at every row.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <set>
#include <thread>

#include "spine/store/reading.h"
#include "tests/support/acts_at_random.h"

using namespace yagura;
using namespace yagura::store;
using namespace yagura::test;

namespace {

constexpr std::string_view half_hours = "(at / 1800000000000 - (at % 1800000000000 < 0))",
                           hours = "(at / 3600000000000 - (at % 3600000000000 < 0))";

/// Of the acts that are told here (acts_at_random.h), those that a register view is made of.
const std::string registers = cat("object <> '' AND act IN (", static_cast<int>(observe::Act::read), ", ",
                                  static_cast<int>(observe::Act::write), ", ",
                                  static_cast<int>(observe::Act::cyclic_io), ")");

/// Each sum, as its table has it and as the rows come to it.
std::vector<std::array<std::string, 3>> sums_and_rows() {
    const auto object = [](std::string_view hour) {
        return cat(
            "SELECT ", hour, hour.empty() ? "" : ", ",
            "whom, protocol, part, object, who, effect <> 1, total(acts), min(at), max(last), ifnull((SELECT "
            "value "
            "FROM o v WHERE v.whom = o.whom AND v.protocol = o.protocol AND v.part = o.part AND v.object = "
            "o.object AND v.who = o.who AND (v.effect <> 1) = (o.effect <> 1) AND v.value <> ''",
            hour.empty() ? "" : " AND v.at / 3600000000000 = o.at / 3600000000000",
            " ORDER BY v.last DESC, v.id DESC LIMIT 1), ''), max(CASE WHEN many = 0 THEN last ELSE 0 END), "
            "count(DISTINCT CASE WHEN many = 0 AND value <> '' THEN value END) > 1, max(CASE WHEN many = 0 "
            "AND "
            "value <> '' THEN at ELSE 0 END) FROM o GROUP BY ",
            hour, hour.empty() ? "" : ", ", "whom, protocol, part, object, who, effect <> 1");
    };
    const auto kinds = "act, protocol, outcome, refusals > 0";
    const auto counted = ", count(*), total(acts), total(refusals) FROM operation GROUP BY 1, 2, 3, 4, 5";
    const auto pairs =
        "(SELECT whom, half_hour, who, act, protocol, outcome, refused, rows, acts, refusals FROM pair_sum "
        "UNION ALL SELECT whom, half_hour, who, act, protocol, outcome, refused, rows, acts, refusals FROM "
        "pair_now)";
    return {
        {"minute_sum",
         "SELECT act, protocol, outcome, refused, minute, rows, acts, refusals FROM minute_sum WHERE rows > "
         "0",
         cat("SELECT ", kinds, ", at / 60000000000", counted)},
        {"kind_sum",
         "SELECT act, protocol, outcome, refused, half_hour, rows, acts, refusals FROM kind_sum WHERE rows > "
         "0",
         cat("SELECT ", kinds, ", ", half_hours, counted)},
        {"half_hour_sum", "SELECT half_hour, whom, acts FROM half_hour_sum",
         cat("SELECT ", half_hours, ", whom, total(acts) FROM operation GROUP BY 1, 2")},
        {"pair_sum",
         cat("SELECT act, protocol, outcome, refused, half_hour, whom, who, sum(rows), total(acts), "
             "total(refusals) FROM ",
             pairs, " GROUP BY 1, 2, 3, 4, 5, 6, 7 HAVING sum(rows) > 0"),
         cat("SELECT ", kinds, ", ", half_hours, ", whom, who", counted, ", 6, 7")},
        {"who_sum",
         "SELECT act, protocol, outcome, refused, half_hour, who, rows, acts, refusals FROM who_sum WHERE "
         "rows > 0",
         "SELECT act, protocol, outcome, refused, half_hour, who, sum(rows), total(acts), total(refusals) "
         "FROM pair_sum "
         "GROUP BY 1, 2, 3, 4, 5, 6 HAVING sum(rows) > 0"},
        {"object_day",
         "SELECT whom, protocol, part, object, who, writes, acts, first, last, value, told, differs, changed "
         "FROM object_day",
         object("")},
        {"object_hour",
         "SELECT hour, whom, protocol, part, object, who, writes, acts, first, last, value, told, differs, "
         "changed FROM "
         "object_hour",
         object(hours)},
    };
}

void expect_sums_of_rows(const test::Store& store) {
    std::int64_t rows = 0;
    for (const auto& day : store.history->days()) {
        auto file = Database::open(cat(history_folder(store.folder), "/", day, ".sqlite"),
                                   Database::Mode::writer)
                        .value();
        ASSERT_TRUE(file.run(cat("CREATE TEMP VIEW o AS SELECT * FROM operation WHERE ", registers)));
        const auto number = [&](const std::string& sql) { return reading::Query{sql}.number(file).value(); };
        for (const auto& [name, sum, all] : sums_and_rows()) {
            EXPECT_EQ(number(cat("SELECT count(*) FROM (SELECT * FROM (", sum, ") EXCEPT SELECT * FROM (",
                                 all, "))")),
                      0)
                << name << " has what the rows have not";
            EXPECT_EQ(number(cat("SELECT count(*) FROM (SELECT * FROM (", all, ") EXCEPT SELECT * FROM (",
                                 sum, "))")),
                      0)
                << name << " lacks what the rows have";
        }
        EXPECT_EQ(number("SELECT objects FROM sums"), number("SELECT count(*) FROM object_day"));
        EXPECT_EQ(number("SELECT pairs_waiting FROM sums"), number("SELECT count(*) FROM pair_now"));
        rows += number("SELECT count(*) FROM operation");
    }
    EXPECT_GT(rows, 100);
}

/// In pieces, as the center writes: each a batch of its own.
void write_in_pieces(Writer& writer, const Batch& all, std::size_t size) {
    for (std::size_t at = 0; at < all.operations.size(); at += size) {
        Batch piece;
        for (auto i = at; i < std::min(all.operations.size(), at + size); ++i)
            piece.operations.push_back(all.operations[i]);
        piece.arrival = piece.operations.back().arrival;
        const auto done = writer.apply(piece);
        ASSERT_TRUE(done) << done.error().text();
    }
}

TEST(Sums, AreWhatTheRowsComeTo) {
    test::Store store{acts_of_devices};
    Acts acts{11};
    const auto first = acts.batch(10'000, 1'200); // All over the two days: most of it is late for its hour.
    write_in_pieces(*store.writer, first, 70);
    expect_sums_of_rows(store);
    ASSERT_TRUE(store.writer->apply(first)); // Again, as after a fall: nothing is counted twice.
    expect_sums_of_rows(store);
    store.writer.reset();
    store.writer.emplace(Writer::open(store.folder, {.sums = {.pairs_waiting = 40}}).value());
    write_in_pieces(*store.writer, acts.batch(first.arrival, 600), 300);
    expect_sums_of_rows(store);
}

TEST(Sums, FollowWhatIsTakenOut) {
    test::Store store{acts_of_devices};
    Acts acts{12};
    auto batch = acts.batch(10'000, 1'500);
    for (auto& op : batch.operations) op.source = 1 + op.arrival % 2;
    write_in_pieces(*store.writer, batch, 200);
    ASSERT_TRUE(store.writer->forget({1}));
    expect_sums_of_rows(store);
    ASSERT_TRUE(store.writer->forget({2}));
    for (const auto& day : store.history->days()) {
        auto file = Database::open(cat(history_folder(store.folder), "/", day, ".sqlite"),
                                   Database::Mode::reader)
                        .value();
        for (const auto* table : {"minute_sum", "kind_sum", "half_hour_sum", "pair_now", "pair_sum",
                                  "who_sum", "object_node", "object_day", "object_hour"})
            EXPECT_EQ(reading::Query{cat("SELECT count(*) FROM ", table)}.number(file).value(), 0) << table;
    }
}

TEST(Sums, AreThoseOfTheRowsAfterAKill) {
    test::Store store{acts_of_devices};
    store.writer.reset();
    Acts acts{13};
    std::uint64_t arrival = 10'000;
    for (int round = 0; round < 5; ++round) {
        const auto batch = acts.batch(arrival, 20'000);
        arrival = batch.arrival;
        const auto child = ::fork();
        ASSERT_GE(child, 0);
        if (child == 0) {
            auto writer = Writer::open(store.folder, {});
            if (writer) write_in_pieces(*writer, batch, 50);
            ::_exit(0);
        }
        std::this_thread::sleep_for(std::chrono::milliseconds{80 + acts.below(300)});
        ::kill(child, SIGKILL);
        int ended = 0;
        ASSERT_EQ(::waitpid(child, &ended, 0), child);
    }
    expect_sums_of_rows(store);
}

/// What History::objects says, by a look at every row.
struct Register {
    std::map<std::int64_t, std::pair<std::uint64_t, std::int64_t>> readers,
        writers; ///< by device: acts, last
    std::map<std::pair<std::int64_t, bool>, std::pair<std::set<std::string>, std::int64_t>>
        told; ///< values, latest
    std::int64_t first = INT64_MAX, last = 0, changed = 0;
    std::pair<std::int64_t, std::int64_t> valued{}, latest{};
    std::string value;
};
using Key = std::tuple<std::string, std::string, std::string>;

std::int64_t device_of(std::int64_t node) { return (node - 1) / 2 + 1; }

void look_at(const Row& row, Register& one) {
    const auto id = row.integer(0), at = row.integer(1), last = row.integer(2),
               who = device_of(row.integer(3));
    const bool writes = row.integer(5) != 1, many = row.integer(6) != 0;
    auto& [acts, when] = (writes ? one.writers : one.readers)[who];
    acts += row.as<std::uint64_t>(7);
    when = std::max(when, last);
    one.first = std::min(one.first, at);
    one.last = std::max(one.last, last);
    const auto value = row.string(11);
    if (!value.empty() && std::pair{last, id} > one.valued) one.valued = {last, id}, one.value = value;
    if (many) return;
    one.latest = std::max(one.latest, {last, id});
    if (value.empty()) return;
    auto& [values, latest] = one.told[{who, writes}];
    values.insert(value);
    latest = std::max(latest, at);
    if (values.size() > 1) one.changed = std::max(one.changed, latest);
}

std::map<Key, Register> look_at_rows(const test::Store& store, const ObjectFilter& filter, Time since) {
    std::map<Key, Register> out;
    for (const auto& day : store.history->days()) {
        auto file = Database::open(cat(history_folder(store.folder), "/", day, ".sqlite"),
                                   Database::Mode::reader)
                        .value();
        EXPECT_TRUE(reading::Query{cat("SELECT id, at, last, who, whom, effect, many, acts, protocol, part, "
                                       "object, value FROM operation WHERE ",
                                       registers)}
                        .each(file, [&](const Row& row) {
                            const Time at{std::chrono::nanoseconds{row.integer(1)}};
                            if (at < since || (filter.range.until != Time{} && at >= filter.range.until))
                                return;
                            if (cat("d0-", device_of(row.integer(4))) != filter.device) return;
                            if (!filter.peer.empty() && cat("d0-", device_of(row.integer(3))) != filter.peer)
                                return;
                            if (!filter.protocol.empty() && row.text(8) != filter.protocol) return;
                            look_at(row, out[{row.string(8), row.string(9), row.string(10)}]);
                        }));
    }
    std::erase_if(out, [&](const auto& one) {
        const auto& [key, found] = one;
        if (filter.written && found.writers.empty()) return true;
        const auto words = cat(std::get<1>(key), "|", std::get<2>(key), "|", found.value);
        std::string low;
        for (const char c : words) low += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
        return low.find(filter.text) == std::string::npos;
    });
    return out;
}

class Registers : public testing::Test {
protected:
    ObjectFilter filter() {
        ObjectFilter out{.device = cat("d0-", 1 + acts_.below(acts_of_devices))};
        if (acts_.one_in(4)) out.peer = cat("d0-", 1 + acts_.below(acts_of_devices));
        if (acts_.one_in(4)) out.protocol = "slmp";
        if (acts_.one_in(4)) out.text = acts_.one_in(2) ? "d1" : acts_.one_in(2) ? "unit" : "3";
        out.written = acts_.one_in(4);
        const auto time = [&](std::int64_t most) -> Time {
            const auto hour = std::chrono::floor<std::chrono::hours>(begin_time);
            if (acts_.one_in(2)) return hour + std::chrono::hours{acts_.below(4)};
            return begin_time + std::chrono::milliseconds{acts_.below(static_cast<std::uint64_t>(most))};
        };
        if (acts_.one_in(2)) out.range.from = time(7'200'000);
        if (acts_.one_in(2)) out.range.until = time(9'000'000);
        return out;
    }
    void are_right() {
        for (int round = 0; round < 120; ++round) {
            const auto wanted = filter();
            const auto found = store_.history->objects(wanted, 1'000);
            ASSERT_TRUE(found) << found.error().text();
            const auto about = cat(wanted.device, " peer ", wanted.peer, " protocol ", wanted.protocol,
                                   " text ", wanted.text, wanted.written ? " written" : "");
            const auto expected = look_at_rows(store_, wanted, found->since);
            ASSERT_EQ(found->total, expected.size()) << about;
            for (const auto& one : found->objects) {
                const auto row = expected.find({one.protocol, one.part, one.object});
                ASSERT_NE(row, expected.end()) << about;
                same(one, row->second, about + " " + one.object);
            }
        }
    }
    static void same(const ObjectRow& shown, const Register& row, const std::string& about) {
        const auto users = [](const std::vector<ObjectRow::User>& all) {
            std::map<std::int64_t, std::pair<std::uint64_t, std::int64_t>> out;
            for (const auto& user : all)
                out[std::stoll(user.who.id.substr(3))] = {user.count, user.last.time_since_epoch().count()};
            return out;
        };
        EXPECT_EQ(users(shown.readers), row.readers) << about;
        EXPECT_EQ(users(shown.writers), row.writers) << about;
        EXPECT_EQ(shown.first.time_since_epoch().count(), row.first) << about;
        EXPECT_EQ(shown.last.time_since_epoch().count(), row.last) << about;
        EXPECT_EQ(shown.value, row.value) << about;
        EXPECT_EQ(shown.valued.time_since_epoch().count(), row.valued.first) << about;
        EXPECT_EQ(shown.changed.time_since_epoch().count(), row.changed) << about;
        const auto dash = shown.operation.rfind('-');
        EXPECT_EQ(shown.operation.empty() ? 0 : std::stoll(shown.operation.substr(dash + 1)),
                  row.latest.second)
            << about;
    }
    void SetUp() override { write_in_pieces(*store_.writer, acts_.batch(10'000, 3'000), 250); }
    Acts acts_{17};
    test::Store store_{acts_of_devices};
};

TEST_F(Registers, AreWhatALookAtEveryRowComesTo) { are_right(); }
TEST_F(Registers, OfWholeDaysAreCountedFromTheFirstOnHoweverLongItTakes) {
    EXPECT_EQ(store_.history->objects({.device = "d0-1"}, 10)->since,
              Time{std::chrono::floor<std::chrono::days>(begin_time)});
}
TEST_F(Registers, ThatHadNoRoomAreCountedAndLookedForInTheRows) {
    for (const Sums::Limits limits : {Sums::Limits{.objects = 150}, Sums::Limits{.objects_of_node = 30}}) {
        store_.writer.reset();
        store_.writer.emplace(Writer::open(store_.folder, {.sums = limits}).value());
        auto more = acts_.batch(20'000 + static_cast<std::uint64_t>(limits.objects) * 10, 600);
        for (auto& op : more.operations) op.object = cat("M", op.arrival);
        ASSERT_TRUE(store_.writer->apply(more));
        EXPECT_GT(store_.writer->sums().objects_left_out, 0);
        are_right();
    }
}

} // namespace
