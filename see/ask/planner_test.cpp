#include <gtest/gtest.h>

#include <set>

#include "see/ask/planner.h"

namespace yagura::see::ask {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view good = R"([[subnet]]
name = "press line"
network = "10.2.3.0/24"
addresses = ["10.2.3.10", "10.2.3.11"]
services = ["modbus", "cip"]
windows = ["Mon 06:00-08:00", "Sat-Sun 22:00-02:00"]
every-ms = 2000
again-hours = 24
approved = "1970-01-02T00:00:00Z"
approved-by = "sato"
)";
/// 1970-01-05 was a Monday.
constexpr observe::Time monday{std::chrono::nanoseconds{std::chrono::hours{4 * 24}}};
std::uint16_t minute(observe::Time at) {
    const auto minutes = std::chrono::floor<std::chrono::minutes>(at - monday).count();
    return static_cast<std::uint16_t>(((minutes % Window::week) + Window::week) % Window::week);
}
observe::Ip ip(std::string_view text) { return observe::ip_of(text).value(); }

std::string with(std::string_view line, std::string_view instead) {
    std::string text{good};
    const auto at = text.find(line);
    EXPECT_NE(at, text.npos) << line;
    return text.replace(at, text.find('\n', at) - at, instead);
}

struct Asking : testing::Test {
    void SetUp() override {
        auto read = parse_plan(good, "plan");
        ASSERT_TRUE(read) << read.error().text();
        plan = *std::move(read);
        plan.groups[0].approved = monday - 24h;
    }
    Plan plan;
    Memory memory;
    observe::Time six = monday + 6h + 30min;
};

TEST(Plan, IsReadOrComplainsWithItsLine) {
    const auto plan = parse_plan(with("approved =", "approved = \"2026-11-30T10:00:00Z\""), "plan");
    ASSERT_TRUE(plan) << plan.error().text();
    ASSERT_EQ(plan->groups.size(), 1u);
    EXPECT_EQ(plan->groups[0].windows.size(), 3u);
    EXPECT_EQ(cost(plan->groups[0]).requests, 2u * (2 + 1));
    EXPECT_EQ(cost(plan->groups[0]).lasts, 12s);
    EXPECT_TRUE(parse_plan("", "plan")->groups.empty());

    const auto refused = [](std::string text) {
        const auto read = parse_plan(text, "plan.toml");
        EXPECT_FALSE(read) << text;
        if (read) return std::string{};
        EXPECT_EQ(read.error().code, "ask.bad-plan");
        EXPECT_FALSE(read.error().next.empty());
        EXPECT_TRUE(read.error().where.starts_with("plan.toml")) << read.error().where;
        return read.error().what;
    };
    EXPECT_EQ(refused(with("addresses", "addresses = [\"10.2.4.10\"]")),
              "10.2.4.10 is no station of that network");
    EXPECT_EQ(refused(with("addresses", "addresses = [\"10.2.3.255\"]")),
              "10.2.3.255 is no station of that network");
    EXPECT_EQ(refused(with("addresses", "addresses = [\"10.2.3.0\"]")),
              "10.2.3.0 is no station of that network");
    EXPECT_EQ(refused(with("addresses", "addresses = [\"10.2.3.0/24\"]")),
              "this is no address: \"10.2.3.0/24\"");
    EXPECT_EQ(refused(with("network", "network = \"224.0.0.0/4\"")),
              "10.2.3.10 is no station of that network");
    EXPECT_EQ(refused(with("services", "services = [\"write\"]")), "there is no service \"write\"");
    EXPECT_EQ(refused(with("windows", "windows = [\"always\"]")),
              "these are no hours of the week: \"always\"");
    EXPECT_EQ(refused(with("windows", "")), "a subnet has no \"windows\"");
    EXPECT_EQ(refused(with("approved-by", "")), "a subnet has no \"approved-by\"");
    EXPECT_EQ(refused(with("every-ms", "every-ms = 10")),
              "\"every-ms\" is no whole number from 500 to 3600000");
    EXPECT_EQ(refused(with("name", "nmae = \"x\"")), "there is no setting \"nmae\" of a subnet");
    EXPECT_EQ(refused(cat(good, good)), "10.2.3.10 stands in two subnets");
    refused("[[subnet]");
    refused("subnet = 3");
    refused("[other]\nx = 1");
}

TEST_F(Asking, InItsHoursAlone) {
    const Planner planner{plan, memory, minute};
    EXPECT_FALSE(planner.next(monday + 3h).task);
    EXPECT_EQ(planner.next(monday + 3h).look_again, monday + 3h + 1min);
    EXPECT_TRUE(planner.next(six).task);
    EXPECT_FALSE(planner.next(monday + 8h).task);
    EXPECT_TRUE(planner.next(monday + 5 * 24h + 23h).task); // Saturday night …
    EXPECT_TRUE(planner.next(monday + 6 * 24h + 1h).task);  // … past midnight,
    EXPECT_TRUE(planner.next(monday + 7 * 24h + 1h).task);  // and Sunday's past the week's end
    EXPECT_FALSE(planner.next(monday + 7 * 24h + 2h).task);
}

TEST_F(Asking, EachOnceWithinTheIntervalAndOneAfterTheOther) {
    Planner planner{plan, memory, minute};
    auto now = six;
    std::vector<std::string> asked;
    for (int i = 0; i < 1'000; ++i, now += 100ms) {
        const auto next = planner.next(now);
        if (!next.task) continue;
        asked.push_back(cat(text_of(next.task->ip), " ", next.task->query->name));
        ASSERT_TRUE(planner.begin(*next.task, now));
        EXPECT_TRUE(planner.may_send(*next.task, now));
        planner.sent(*next.task, now);
        EXPECT_FALSE(planner.may_send(*next.task, now + 1'999ms));
        EXPECT_FALSE(planner.next(now).task) << "the subnet's pace";
        EXPECT_EQ(planner.next(now).pacing,
                  asked.size() < 3); // Of the one that is being asked nothing else is due.
        ASSERT_TRUE(planner.end(*next.task, End::answered, now));
    }
    EXPECT_EQ(asked, (std::vector<std::string>{"10.2.3.10 modbus", "10.2.3.10 cip", "10.2.3.11 modbus",
                                               "10.2.3.11 cip"}));
    // A restart remembers; the next day it is not the window, a week later it is due again.
    Planner again{plan, memory, minute};
    EXPECT_FALSE(again.next(six + 10min).task);
    EXPECT_TRUE(again.next(six + 7 * 24h).task);
    // A clock that went back asks nobody.
    EXPECT_FALSE(again.next(six - 10min).task);
}

TEST_F(Asking, ThoseThatAreSilentLessAndLess) {
    Planner planner{plan, memory, minute};
    const Task task{0, ip("10.2.3.10"), find_query("cip")};
    const auto wait = [&] {
        for (const auto& one : planner.standings(six))
            if (one.task.ip == task.ip && one.task.query == task.query)
                return std::chrono::duration_cast<std::chrono::hours>(one.not_before - six);
        return std::chrono::hours{};
    };
    std::vector<long> hours;
    for (int i = 0; i < 6; ++i) {
        planner.begin(task, six);
        planner.end(task, End::silent, six);
        hours.push_back(wait().count());
    }
    EXPECT_EQ(hours, (std::vector<long>{24, 48, 96, 192, 192, 192}));
    planner.begin(task, six);
    planner.end(task, End::answered, six);
    EXPECT_EQ(wait(), 24h);
}

TEST_F(Asking, NothingOfWhoLooksOvertaxed) {
    for (const auto end : {End::broken, End::fell_silent, End::begun}) {
        Memory own;
        Planner planner{plan, own, minute};
        const Task task{0, ip("10.2.3.10"), find_query("cip")};
        planner.begin(task, six);
        if (end != End::begun) planner.end(task, end, six);
        const auto why = [&](std::string_view address) {
            std::set<Why> out;
            for (const auto& one : planner.standings(six + 7 * 24h))
                if (one.task.ip == ip(address)) out.insert(one.why);
            return out;
        };
        EXPECT_EQ(why("10.2.3.10"), (std::set<Why>{Why::fragile})) << word(end);
        EXPECT_EQ(why("10.2.3.11"), (std::set<Why>{Why::due})) << word(end);
        // Somebody looked, and approved again.
        auto later = plan;
        later.groups[0].approved = six + 1h;
        const Planner approved{later, own, minute};
        EXPECT_TRUE(approved.next(six + 7 * 24h).task);
        EXPECT_EQ(std::ranges::count(approved.standings(six + 7 * 24h), Why::due, &Planner::Standing::why),
                  4);
    }
}

TEST_F(Asking, NothingAgainThatWasRefused) {
    Planner planner{plan, memory, minute};
    const Task task{0, ip("10.2.3.10"), find_query("cip")};
    planner.begin(task, six);
    planner.end(task, End::refused, six);
    int declined = 0, due = 0;
    for (const auto& one : planner.standings(six + 7 * 24h)) {
        declined += one.why == Why::declined;
        due += one.why == Why::due;
    }
    EXPECT_EQ(declined, 1);
    EXPECT_EQ(due, 3);
}

TEST(Memory, OutlivesARestartAndTornRows) {
    const auto& cip = *find_query("cip");
    Memory memory;
    auto* one = memory.find(ip("10.2.3.10"), cip);
    one->row.end = End::answered;
    one->row.begun = monday;
    one->row.silences = 3;
    auto* other = memory.find(ip("fd00::1"), cip);
    EXPECT_EQ(one->at, 0u);
    EXPECT_EQ(other->at, row_bytes);
    std::vector<std::byte> file;
    for (const auto* place : {one, other}) {
        const auto row = encode(place->row);
        file.insert(file.end(), row.begin(), row.end());
    }
    auto read = Memory::read(file);
    EXPECT_EQ(read.size(), 2u);
    EXPECT_EQ(read.known(ip("10.2.3.10"), cip)->end, End::answered);
    EXPECT_EQ(read.known(ip("10.2.3.10"), cip)->begun, monday);
    EXPECT_EQ(read.known(ip("10.2.3.10"), cip)->silences, 3);
    for (std::size_t length = 0; length < file.size(); ++length) {
        const auto cut = Memory::read(Bytes{file}.first(length));
        EXPECT_EQ(cut.size(), length / row_bytes);
        EXPECT_EQ(cut.damaged(), length % row_bytes != 0);
    }
    file[30] ^= std::byte{1};
    auto damaged = Memory::read(file);
    EXPECT_EQ(damaged.size(), 1u);
    EXPECT_EQ(damaged.damaged(), 1u);
    EXPECT_EQ(damaged.find(ip("10.2.3.10"), cip)->at, 2 * row_bytes) << "never over a row that may be good";
}

} // namespace
} // namespace yagura::see::ask
