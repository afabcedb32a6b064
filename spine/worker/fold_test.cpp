// What goes into the fold and what comes out, as scripts: "seconds side act object[=value]", where the side
// is '>' a request, '<' an answer, '!' a refusal, '*' an event.
#include <gtest/gtest.h>

#include <random>
#include <sstream>

#include "spine/observe/text.h"
#include "spine/worker/fold.h"
#include "tests/support/no_allocation.h"

using namespace yagura;
using namespace yagura::worker;
namespace ob = yagura::observe;

namespace {

constexpr ob::Parties parties{};

ob::Time at(double seconds) {
    return ob::Time{std::chrono::nanoseconds{static_cast<std::int64_t>(seconds * 1e9 + 0.5)}};
}
std::string seconds_of(ob::Time time) {
    const auto ms = time.time_since_epoch().count() / 1'000'000;
    auto text = cat(ms % 1000 + 1000);
    return cat(ms / 1000, ".", text.substr(1));
}

struct Told final : ob::Listener {
    using Listener::on;
    void on(const ob::Origin& origin, const ob::Operation& op) override {
        lines.push_back(cat(seconds_of(origin.at), " ", ob::word(op.act), " ", ob::word(op.phase), " ",
                            op.object.number, value(op)));
        ++messages;
    }
    void on(const ob::Origin& origin, const ob::Repeats& many) override {
        auto line = cat(seconds_of(origin.at), " repeats ", ob::word(many.like.act), " ",
                        many.like.object.number, value(many.like), " messages=", many.messages,
                        " answers=", many.answers, " refusals=", many.refusals);
        if (many.changes) line += cat(" changes=", many.changes);
        lines.push_back(line);
        messages += many.messages;
        last = many;
    }
    void on(const ob::Origin&, const ob::Identity& id) override {
        lines.push_back(cat("identity ", ob::word(id.attribute), "=", ob::text(id.value)));
    }
    void on(const ob::Origin& origin, const ob::Anomaly& anomaly) override {
        lines.push_back(cat(seconds_of(origin.at), " anomaly ", anomaly.detail.what));
    }
    static std::string value(const ob::Operation& op) {
        return op.value.index() ? cat("=", ob::text(op.value)) : std::string{};
    }
    std::vector<std::string> lines;
    std::uint64_t messages = 0;
    ob::Repeats last{};
};

struct Script {
    std::string name;
    std::vector<std::string> said, told;
    friend void PrintTo(const Script& script, std::ostream* out) { *out << script.name; }
};

void play(Fold& fold, const std::string& line) {
    std::istringstream in{line};
    double seconds = 0;
    std::string side, act, object;
    in >> seconds >> side >> act >> object;
    const auto equals = object.find('=');
    ob::Operation op{.protocol = 1,
                     .function = {static_cast<std::uint32_t>(act[0]), "function"},
                     .act = act == "write"    ? ob::Act::write
                            : act == "stop"   ? ob::Act::stop
                            : act == "cyclic" ? ob::Act::cyclic_io
                                              : ob::Act::read,
                     .phase = side == ">"   ? ob::Phase::request
                              : side == "*" ? ob::Phase::event
                                            : ob::Phase::response,
                     .outcome = side == "<"   ? ob::Outcome::done
                                : side == "!" ? ob::Outcome::refused
                                              : ob::Outcome::pending};
    op.object = {.space = "D", .number = number<std::uint64_t>(object.substr(0, equals)).value()};
    if (equals != object.npos) op.value = number<std::uint64_t>(object.substr(equals + 1)).value();
    const bool answer = op.phase == ob::Phase::response;
    fold.advance(at(seconds));
    fold.on({.at = at(seconds),
             .parties = parties,
             .conversation = 7,
             .speaker = answer ? ob::Speaker::server : ob::Speaker::client},
            op);
}

const Script scripts[]{
    {"the first request and the first answer are told and the rest is one line a minute",
     {"0 > read 1", "0.1 < read 1=5", "1 > read 1", "1.1 < read 1=5", "2 > read 1", "2.1 < read 1=5",
      "61 > read 1"},
     {"0.000 read request 1", "0.100 read response 1=5",
      "60.000 repeats read 1=5 messages=4 answers=2 refusals=0",
      "120.000 repeats read 1=5 messages=1 answers=0 refusals=0"}},
    {"another object is another key",
     {"0 > read 1", "0 > read 2", "1 > read 1"},
     {"0.000 read request 1", "0.000 read request 2",
      "60.000 repeats read 1 messages=1 answers=0 refusals=0"}},
    {"a request and its answer are one act, whoever asks is not",
     {"0 > read 1", "0.1 < read 1", "0.2 > read 1", "0.3 < read 1"},
     {"0.000 read request 1", "0.100 read response 1",
      "60.000 repeats read 1 messages=2 answers=1 refusals=0"}},
    {"a refusal after a success is told, and the success after it",
     {"0 > read 1", "0 < read 1", "1 > read 1", "1 ! read 1", "2 > read 1", "2 ! read 1", "3 > read 1",
      "3 < read 1"},
     {"0.000 read request 1", "0.000 read response 1", "1.000 read response 1", "3.000 read response 1",
      "60.000 repeats read 1 messages=4 answers=0 refusals=1"}},
    {"a changed value is told at most once a second, and the last one is never lost",
     {"0 < read 1=5", "2 < read 1=6", "2.2 < read 1=7", "2.4 < read 1=8", "3.5 < read 1=8", "4 < read 1=8"},
     {"0.000 read response 1=5", "2.000 read response 1=6", "3.500 read response 1=8",
      "60.000 repeats read 1=8 messages=3 answers=3 refusals=0 changes=2"}},
    {"an act is told each time until it is a steady repetition",
     {"0 > write 1=5", "0.1 < write 1=5", "2 > write 1=5", "2.1 < write 1=5", "4 > write 1=5",
      "4.1 < write 1=5", "6 > write 1=5", "6.1 < write 1=5"},
     {"0.000 write request 1=5", "0.100 write response 1=5", "2.000 write request 1=5",
      "2.100 write response 1=5", "10.000 repeats write 1=5 messages=4 answers=2 refusals=0"}},
    {"a steady act that pauses is told when it comes back",
     {"0 > stop 1", "2 > stop 1", "4 > stop 1", "9.5 > stop 1", "11 > stop 1"},
     {"0.000 stop request 1", "2.000 stop request 1", "9.500 stop request 1",
      "10.000 repeats stop 1 messages=1 answers=0 refusals=0",
      "20.000 repeats stop 1 messages=1 answers=0 refusals=0"}},
    {"a slow act is told every time",
     {"0 > stop 1", "60 > stop 1", "120 > stop 1", "180 > stop 1"},
     {"0.000 stop request 1", "60.000 stop request 1", "120.000 stop request 1", "180.000 stop request 1"}},
    {"a flood of irregular acts is told once a second",
     {"0 > stop 1", "0.1 > stop 1", "0.11 > stop 1", "0.3 > stop 1", "0.31 > stop 1", "1.5 > stop 1"},
     {"0.000 stop request 1", "1.500 stop request 1",
      "10.000 repeats stop 1 messages=4 answers=0 refusals=0"}},
    {"a new value of an act is told though it is steady",
     {"0 > write 1=5", "1 > write 1=5", "2 > write 1=5", "3 > write 1=5", "4 > write 1=9", "5 > write 1=9"},
     {"0.000 write request 1=5", "1.000 write request 1=5", "4.000 write request 1=9",
      "10.000 repeats write 1=9 messages=3 answers=0 refusals=0"}},
    {"cyclic exchange is counted by the minute",
     {"0 * cyclic 1", "1 * cyclic 1", "2 * cyclic 1", "58 * cyclic 1", "61 * cyclic 1"},
     {"0.000 cyclic io event 1", "60.000 repeats cyclic io 1 messages=3 answers=0 refusals=0",
      "120.000 repeats cyclic io 1 messages=1 answers=0 refusals=0"}},
    {"windows lie on multiples of their length and never move back",
     {"59 > read 1", "59.5 > read 1", "60.5 > read 1", "59.9 > read 1"},
     {"59.000 read request 1", "60.000 repeats read 1 messages=1 answers=0 refusals=0",
      "120.000 repeats read 1 messages=2 answers=0 refusals=0"}},
};

class FoldScripts : public testing::TestWithParam<Script> {};

TEST_P(FoldScripts, TellWhatIsWritten) {
    Told told;
    Limits limits;
    Fold fold{{}, told, limits};
    for (const auto& line : GetParam().said) play(fold, line);
    fold.finish();
    EXPECT_EQ(told.lines, GetParam().told);
    EXPECT_EQ(told.messages, GetParam().said.size()) << "what is not told is counted";
}

INSTANTIATE_TEST_SUITE_P(Fold, FoldScripts, testing::ValuesIn(scripts), [](const auto& row) {
    auto name = row.param.name;
    for (auto& c : name)
        if (!std::isalnum(static_cast<unsigned char>(c))) c = '_';
    return name;
});

struct FoldAlone : testing::Test {
    void operation(std::uint64_t conversation, std::uint64_t number, ob::Value value = {},
                   std::string_view text = {}) {
        fold.on({.at = now, .parties = parties, .conversation = conversation},
                ob::Operation{.protocol = 1,
                              .function = {1, "read"},
                              .act = ob::Act::read,
                              .object = {.number = number, .text = text},
                              .value = value});
    }
    Told told;
    Limits limits;
    Fold fold{{.keys_most = 100}, told, limits};
    ob::Time now = at(1000);
};

TEST_F(FoldAlone, TheFirstCarriesItsMessageAndNoMoreThan256Bytes) {
    struct Keeper final : ob::Listener {
        using Listener::on;
        void on(const ob::Origin& origin, const ob::Operation&) override { size = origin.message.size(); }
        std::size_t size = 0;
    } keeper;
    Fold another{{}, keeper, limits};
    const std::vector<std::byte> message(1000);
    another.on({.parties = parties, .message = message}, ob::Operation{.protocol = 1});
    EXPECT_EQ(keeper.size, ob::message_kept);
}

TEST_F(FoldAlone, AFullTableTellsEarlyWhatItForgets) {
    fold.advance(now);
    for (std::uint64_t key = 0; key < 1000; ++key)
        for (int i = 0; i < 3; ++i) operation(1, key);
    fold.finish();
    EXPECT_EQ(told.messages, 3000u);
    EXPECT_EQ(limits.all().front().used(), 100u);
    EXPECT_EQ(limits.all().front().refused(), 900u);
}

TEST_F(FoldAlone, WhatIsBorrowedIsCopied) {
    fold.advance(now);
    std::string tag(60, 'x'), value = "first";
    operation(1, 0, std::string_view{value}, tag);
    operation(1, 0, std::string_view{value}, tag);
    tag.assign(60, '?');
    value = "?????";
    fold.finish();
    EXPECT_EQ(told.last.like.object.text, std::string(60, 'x'));
    EXPECT_EQ(ob::text(told.last.like.value), "\"first\"");
}

TEST_F(FoldAlone, IntervalsAndExtremesOfTheWindow) {
    for (const auto& [pause, value] : {std::pair{0, 5}, {100, 9}, {300, 2}, {200, 7}}) {
        now += std::chrono::milliseconds{pause};
        fold.advance(now);
        operation(1, 0, static_cast<std::int64_t>(value));
    }
    fold.finish();
    EXPECT_EQ(told.last.interval_least_us, 100'000u);
    EXPECT_EQ(told.last.interval_mean_us, 200'000u);
    EXPECT_EQ(told.last.interval_most_us, 300'000u);
    EXPECT_EQ(told.last.least, 2);
    EXPECT_EQ(told.last.most, 9);
    EXPECT_EQ(ob::text(told.last.like.value), "7");
}

TEST_F(FoldAlone, IdentitiesAreToldOnceAndWhenTheyChange) {
    const auto identity = [&](ob::Attribute attribute, std::string_view value, double pause = 2) {
        now += std::chrono::milliseconds{static_cast<int>(pause * 1000)};
        fold.advance(now);
        fold.on({.at = now, .parties = parties, .conversation = 1},
                ob::Identity{.protocol = 1, .attribute = attribute, .value = value});
    };
    now = at(1200); // A multiple of the 600 seconds after which equal ones are told again.
    for (int i = 0; i < 5; ++i) identity(ob::Attribute::state, "run");
    identity(ob::Attribute::state, "stop");
    identity(ob::Attribute::state, "run");
    for (int i = 0; i < 4; ++i) identity(ob::Attribute::ip, i % 2 ? "a" : "b");
    EXPECT_EQ(told.lines,
              (std::vector<std::string>{"identity state=\"run\"", "identity state=\"stop\"",
                                        "identity state=\"run\"", "identity ip=\"b\"", "identity ip=\"a\""}));
    told.lines.clear();
    identity(ob::Attribute::state, "run", 600);
    EXPECT_EQ(told.lines.size(), 1u);
}

TEST_F(FoldAlone, AModeIsNotAKeySwitch) {
    now = at(1200);
    for (int i = 0; i < 50; ++i) // One message tells both.
        for (const std::string_view value : {"run", "key switch remote"}) {
            now += std::chrono::milliseconds{500};
            fold.advance(now);
            fold.on({.at = now, .parties = parties, .conversation = 1},
                    ob::Identity{.protocol = 1, .attribute = ob::Attribute::state, .value = value});
        }
    EXPECT_EQ(told.lines,
              (std::vector<std::string>{"identity state=\"run\"", "identity state=\"key switch remote\""}));
}

TEST_F(FoldAlone, AStopAndAStartWithinASecondAreBothTold) {
    now = at(1200);
    const auto state = [&](std::string_view value) {
        now += std::chrono::milliseconds{8};
        fold.advance(now);
        fold.on({.at = now, .parties = parties, .conversation = 1},
                ob::Identity{.protocol = 1, .attribute = ob::Attribute::state, .value = value});
    };
    state("stop");
    state("run");
    EXPECT_EQ(told.lines, (std::vector<std::string>{"identity state=\"stop\"", "identity state=\"run\""}));
    // Somebody who changes it all the time is told seldom.
    for (int i = 0; i < 1'000; ++i) state(i % 2 ? "stop" : "run");
    EXPECT_LE(told.lines.size(), 30u);
}

TEST_F(FoldAlone, AnomaliesOfOneKindAreToldOnceAWindow) {
    for (int i = 0; i < 100; ++i) {
        now += std::chrono::milliseconds{200};
        fold.advance(now);
        fold.on({.at = now, .parties = parties, .conversation = 1}, ob::Anomaly{1, {0, "broken"}});
    }
    EXPECT_LE(told.lines.size(), 3u);
    EXPECT_EQ(fold.counters().silenced + told.lines.size(), 100u);
}

TEST_F(FoldAlone, NoHeapOncePolled) {
    std::mt19937 random{3};
    std::array<std::byte, 64> bytes{};
    const auto poll = [&] {
        for (int i = 0; i < 20'000; ++i) {
            now += std::chrono::milliseconds{50};
            fold.advance(now);
            bytes[0] = static_cast<std::byte>(random() % 4);
            operation(random() % 10, random() % 20, Bytes{bytes},
                      "a tag with a name that is longer than its place in the entry");
        }
    };
    poll();
    told.lines.reserve(400'000); // The test's own sink is the only one that may allocate.
    ob::Listener quiet;
    Fold silent{{.keys_most = 100}, quiet, limits};
    const auto run = [&](Fold& target) {
        for (int i = 0; i < 20'000; ++i) {
            now += std::chrono::milliseconds{50};
            target.advance(now);
            bytes[0] = static_cast<std::byte>(random() % 4);
            target.on({.at = now, .parties = parties, .conversation = random() % 10},
                      ob::Operation{.protocol = 1,
                                    .function = {1, "read"},
                                    .object = {.number = random() % 20},
                                    .value = Bytes{bytes}});
        }
    };
    run(silent);
    const auto before = test::allocations();
    run(silent);
    EXPECT_EQ(test::allocations(), before);
}

} // namespace
