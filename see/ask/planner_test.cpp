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
/// Both clocks go as one.
Moment at(observe::Time wall) { return {wall, wall - monday}; }
constexpr std::chrono::nanoseconds long_ago = -24h;
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
              "10.2.4.10 cannot be asked: it is not in that network");
    EXPECT_EQ(refused(with("addresses", "addresses = [\"10.2.3.255\"]")),
              "10.2.3.255 cannot be asked: it is everybody's in that network");
    EXPECT_EQ(refused(with("addresses", "addresses = [\"10.2.3.0\"]")),
              "10.2.3.0 cannot be asked: it names the network itself");
    EXPECT_EQ(refused(with("addresses", "addresses = [\"10.2.3.0/24\"]")),
              "this is no address: \"10.2.3.0/24\"");
    for (const auto* wide : {"224.0.0.0/4", "0.0.0.0/0", "10.2.0.0/19", "::ffff:0:0/96", "fd00::/63", "::/0"})
        EXPECT_EQ(refused(with("network", cat("network = \"", wide, "\""))),
                  cat("this network is too wide: \"", wide, "\""));
    // All of IPv4 lies in it.
    EXPECT_EQ(refused(with("network", "network = \"::/64\"")),
              "10.2.3.10 cannot be asked: it is not in that network");
    const auto one = [&](std::string_view network, std::string_view address) {
        auto text = with("network", cat("network = \"", network, "\""));
        const auto at = text.find("addresses");
        return text.replace(at, text.find('\n', at) - at, cat("addresses = [\"", address, "\"]"));
    };
    const auto mostly = " cannot be asked: addresses that end in .0 or .255 mostly are a network's";
    EXPECT_EQ(refused(one("10.2.0.0/20", "10.2.3.255")), cat("10.2.3.255", mostly));
    EXPECT_EQ(refused(one("10.2.3.0/32", "10.2.3.0")), cat("10.2.3.0", mostly));
    EXPECT_EQ(refused(one("127.0.0.0/24", "127.0.0.1")), "127.0.0.1 cannot be asked: it is this box itself");
    EXPECT_EQ(refused(one("::/64", "::1")), "::1 cannot be asked: it is this box itself");
    EXPECT_EQ(refused(one("ff02::/64", "ff02::1")), "ff02::1 cannot be asked: it is a group's");
    EXPECT_TRUE(parse_plan(one("fd00::/64", "fd00::100"), "plan"));
    EXPECT_EQ(
        refused(one("fd00::/64", "fd00::100").replace(one("fd00::/64", "fd00::100").find("cip"), 3, "fins")),
        "fd00::100 cannot be asked by fins: its node would be everybody");
    EXPECT_EQ(refused(with("name", "modbus-unit = 0")),
              "Modbus unit 0 is all units behind a gateway at once");
    EXPECT_EQ(refused(with("services", "services = [\"write\"]")), "there is no service \"write\"");
    EXPECT_EQ(refused(with("windows", "windows = [\"always\"]")),
              "these are no hours of the week: \"always\"");
    EXPECT_EQ(refused(with("windows", "")), "a subnet has no \"windows\"");
    EXPECT_EQ(refused(with("approved-by", "")), "a subnet has no \"approved-by\"");
    EXPECT_EQ(refused(with("every-ms", "every-ms = 10")),
              "\"every-ms\" is no whole number from 500 to 3600000");
    EXPECT_EQ(refused(with("name", "nmae = \"x\"")), "there is no setting \"nmae\" of a subnet");
    EXPECT_EQ(refused(cat(good, good)), "the networks of \"press line\" and \"press line\" overlap");
    refused("[[subnet]");
    refused("subnet = 3");
    refused("[other]\nx = 1");
}

TEST_F(Asking, InItsHoursAlone) {
    const Planner planner{plan, memory, minute, long_ago};
    EXPECT_FALSE(planner.next(at(monday + 3h)).task);
    EXPECT_EQ(planner.next(at(monday + 3h)).look_again, monday + 3h + 1min);
    EXPECT_TRUE(planner.next(at(six)).task);
    EXPECT_FALSE(planner.next(at(monday + 8h)).task);
    EXPECT_TRUE(planner.next(at(monday + 5 * 24h + 23h)).task); // Saturday night …
    EXPECT_TRUE(planner.next(at(monday + 6 * 24h + 1h)).task);  // … past midnight,
    EXPECT_TRUE(planner.next(at(monday + 7 * 24h + 1h)).task);  // and Sunday's past the week's end
    EXPECT_FALSE(planner.next(at(monday + 7 * 24h + 2h)).task);
}

TEST_F(Asking, EachOnceWithinTheIntervalAndOneAfterTheOther) {
    Planner planner{plan, memory, minute, long_ago};
    auto now = six;
    std::vector<std::string> asked;
    for (int i = 0; i < 1'000; ++i, now += 100ms) {
        const auto next = planner.next(at(now));
        if (!next.task) continue;
        asked.push_back(cat(text_of(next.task->ip), " ", next.task->query->name));
        ASSERT_TRUE(planner.begin(*next.task, now));
        EXPECT_TRUE(planner.may_send(*next.task, at(now), false));
        planner.sent(*next.task, at(now).steady);
        EXPECT_FALSE(planner.may_send(*next.task, at(now + 1'999ms), false));
        EXPECT_FALSE(planner.next(at(now)).task) << "the subnet's pace";
        EXPECT_EQ(planner.next(at(now)).pacing,
                  asked.size() < 3); // Of the one that is being asked nothing else is due.
        ASSERT_TRUE(planner.end(*next.task, End::answered, now));
    }
    EXPECT_EQ(asked, (std::vector<std::string>{"10.2.3.10 modbus", "10.2.3.10 cip", "10.2.3.11 modbus",
                                               "10.2.3.11 cip"}));
    // A restart remembers; the next day it is not the window, a week later it is due again.
    Planner again{plan, memory, minute, long_ago};
    EXPECT_FALSE(again.next(at(six + 10min)).task);
    EXPECT_TRUE(again.next(at(six + 7 * 24h)).task);
    // A clock that went back asks nobody.
    EXPECT_FALSE(again.next(at(six - 10min)).task);
}

TEST_F(Asking, ThoseThatAreSilentLessAndLess) {
    Planner planner{plan, memory, minute, long_ago};
    const Task task{0, ip("10.2.3.10"), find_query("cip")};
    const auto wait = [&] {
        for (const auto& one : planner.standings(at(six)))
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
        Planner planner{plan, own, minute, long_ago};
        const Task task{0, ip("10.2.3.10"), find_query("cip")};
        planner.begin(task, six);
        if (end != End::begun) planner.end(task, end, six);
        const auto why = [&](std::string_view address) {
            std::set<Why> out;
            for (const auto& one : planner.standings(at(six + 7 * 24h)))
                if (one.task.ip == ip(address)) out.insert(one.why);
            return out;
        };
        EXPECT_EQ(why("10.2.3.10"), (std::set<Why>{Why::fragile})) << word(end);
        EXPECT_EQ(why("10.2.3.11"), (std::set<Why>{Why::due})) << word(end);
        // Somebody looked, and approved again.
        auto later = plan;
        later.groups[0].approved = six + 1h;
        const Planner approved{later, own, minute, long_ago};
        EXPECT_TRUE(approved.next(at(six + 7 * 24h)).task);
        EXPECT_EQ(
            std::ranges::count(approved.standings(at(six + 7 * 24h)), Why::due, &Planner::Standing::why), 4);
    }
}

TEST_F(Asking, NothingBeforeItsApproval) {
    // A time that has not come, or a clock that is behind, forgives nothing.
    Planner planner{plan, memory, minute, long_ago};
    const Task task{0, ip("10.2.3.10"), find_query("cip")};
    planner.begin(task, six);
    planner.end(task, End::broken, six);
    plan.groups[0].approved = six + 7 * 24h + 1h;
    EXPECT_FALSE(planner.next(at(six + 7 * 24h)).task);
    EXPECT_EQ(std::ranges::count(planner.standings(at(six + 7 * 24h)), Why::early, &Planner::Standing::why),
              4);
    EXPECT_EQ(planner.standings(at(six + 7 * 24h))[0].not_before, plan.groups[0].approved);
    EXPECT_TRUE(planner.next(at(six + 7 * 24h + 1h)).task);
}

TEST_F(Asking, AtAPaceThatNoClockSetsAndNoRestartShortens) {
    Planner planner{plan, memory, minute, at(six).steady};
    EXPECT_FALSE(planner.next(at(six + 1'999ms)).task) << "whoever starts again has waited";
    const auto next = planner.next(at(six + 2s));
    ASSERT_TRUE(next.task);
    planner.sent(*next.task, at(six + 2s).steady);
    // The wall clock goes on by an hour, or back by one.
    EXPECT_FALSE(planner.may_send(*next.task, {six + 1h, at(six + 3s).steady}, false));
    EXPECT_TRUE(planner.may_send(*next.task, {six - 20min, at(six + 4s).steady}, false));
    plan.groups[0].every = 1h;
    EXPECT_FALSE(planner.may_send(*next.task, at(six + 11s), true));
    EXPECT_TRUE(planner.may_send(*next.task, at(six + 12s), true)) << "a connection is not held for an hour";
    EXPECT_FALSE(planner.may_send(*next.task, at(six + 12s), false));
}

TEST_F(Asking, NotAtOnceAgainWhatCouldNotBeSentFromHere) {
    Planner planner{plan, memory, minute, long_ago};
    const auto first = planner.next(at(six));
    ASSERT_TRUE(first.task);
    planner.put_off(*first.task, at(six).steady);
    const auto second = planner.next(at(six));
    ASSERT_TRUE(second.task);
    EXPECT_NE(second.task->query, first.task->query);
    EXPECT_EQ(planner.standings(at(six))[0].why, Why::failed);
    EXPECT_EQ(planner.standings(at(six))[0].not_before, six + 10min);
    EXPECT_EQ(planner.standings(at(six + 10min))[0].why, Why::due);
}

TEST_F(Asking, NothingAgainThatWasRefused) {
    Planner planner{plan, memory, minute, long_ago};
    const Task task{0, ip("10.2.3.10"), find_query("cip")};
    planner.begin(task, six);
    planner.end(task, End::refused, six);
    int declined = 0, due = 0;
    for (const auto& one : planner.standings(at(six + 7 * 24h))) {
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

TEST(Memory, TakesThePlacesOfThoseWhomNoPlanNames) {
    const auto& cip = *find_query("cip");
    const auto number = [](std::uint32_t n) {
        observe::Ip out{0xfd};
        for (int i = 0; i < 4; ++i)
            out[static_cast<std::size_t>(15 - i)] = static_cast<std::uint8_t>(n >> 8 * i);
        return out;
    };
    Memory memory;
    for (std::uint32_t i = 0; i < rows_most; ++i)
        memory.find(number(i), cip)->row.begun = monday + std::chrono::seconds{(i * 7) % rows_most};
    EXPECT_EQ(memory.find(ip("10.2.3.10"), cip), nullptr);
    EXPECT_FALSE(memory.room());
    memory.may_forget_all_but([&](const observe::Ip& one, std::uint8_t) { return one == number(0); });
    EXPECT_TRUE(memory.room());
    // The oldest of them: 7 i is 1 (the planned one has 0).
    std::uint32_t oldest = 1;
    while (oldest * 7 % rows_most != 1) ++oldest;
    const auto* place = memory.find(ip("10.2.3.10"), cip);
    ASSERT_TRUE(place);
    EXPECT_EQ(place->at, oldest * row_bytes);
    EXPECT_EQ(place->row.end, End::never);
    EXPECT_EQ(memory.known(number(oldest), cip), nullptr);
    EXPECT_TRUE(memory.known(number(0), cip));
    EXPECT_EQ(memory.size(), rows_most);
    EXPECT_EQ(memory.forgotten(), 1u);
}

} // namespace
} // namespace yagura::see::ask
