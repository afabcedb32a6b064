#include "spine/dissect/labels.h"

#include <dlfcn.h>
#include <gtest/gtest.h>
#include <ndpi/ndpi_main.h> // Before ndpi_api.h, which leaves out what it needs.

#include <ndpi/ndpi_api.h>

#include <atomic>
#include <chrono>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "spine/dissect/dissector.h"

namespace {

std::atomic now_inside = 0, most_at_once = 0;

} // namespace

/// Stands before nDPI's own, and stays long enough for another thread to be seen beside it.
extern "C" ndpi_detection_module_struct* ndpi_init_detection_module(ndpi_init_prefs wishes) {
    static const auto theirs = reinterpret_cast<decltype(&ndpi_init_detection_module)>(
        ::dlsym(RTLD_NEXT, __func__));
    if (const int inside = ++now_inside; inside > most_at_once) most_at_once = inside;
    std::this_thread::sleep_for(std::chrono::milliseconds{5});
    auto* made = theirs(wishes);
    --now_inside;
    return made;
}

namespace yagura::dissect {
namespace {

namespace ob = observe;

/// One conversation of a mail client with its server, a packet a line.
class LabelsOf : public ::testing::Test {
protected:
    struct Line {
        ob::Speaker speaker;
        std::string_view text;
    };
    static constexpr Line mail[]{{ob::Speaker::server, "220 mail.example.test ESMTP ready\r\n"},
                                 {ob::Speaker::client, "EHLO plant.example.test\r\n"},
                                 {ob::Speaker::server, "250-mail.example.test\r\n250 SIZE 10240000\r\n"},
                                 {ob::Speaker::client, "MAIL FROM:<press@example.test>\r\n"},
                                 {ob::Speaker::server, "250 2.1.0 Ok\r\n"},
                                 {ob::Speaker::client, "RCPT TO:<line@example.test>\r\n"}};

    Labels::Answer say(Labels& labels, std::uint16_t& place, std::uint64_t conversation, const Line& line) {
        parties.client.port = 49152;
        parties.server.port = 2525; // No port that says so.
        auto& sequence = line.speaker == ob::Speaker::client ? from_client : from_server;
        const auto bytes = std::as_bytes(std::span{line.text});
        const auto answer = labels.look(place, conversation,
                                        {.parties = parties,
                                         .speaker = line.speaker,
                                         .tcp = true,
                                         .sequence = sequence,
                                         .flags = 0x18,
                                         .payload = bytes,
                                         .at = at});
        sequence += static_cast<std::uint32_t>(bytes.size());
        return answer;
    }

    ob::Parties parties;
    ob::Time at{std::chrono::seconds{1'700'000'000}};
    std::uint32_t from_client = 100, from_server = 900;
    Limits limits;
};

TEST_F(LabelsOf, KnowsMailByWhatIsSaid) {
    Labels labels{4, limits};
    ASSERT_TRUE(labels.on());
    std::uint16_t place = 0, protocol = 0;
    for (const auto& line : mail) {
        const auto answer = say(labels, place, 7, line);
        protocol = answer.protocol;
        if (!answer.more) break;
        EXPECT_NE(place, 0);
    }
    EXPECT_EQ(name_of(protocol), "smtp");
    EXPECT_EQ(place, 0); // Given back.
    labels.publish();
    EXPECT_EQ(labels.limit()->used(), 0u);
}

TEST_F(LabelsOf, GivesUpOnWhatIsNobodys) {
    Labels labels{4, limits};
    std::uint16_t place = 0;
    Labels::Answer answer{.more = true};
    int packets = 0;
    for (; answer.more && packets < 100; ++packets)
        answer = say(labels, place, 7,
                     {packets % 2 ? ob::Speaker::server : ob::Speaker::client, "\x17\x93\x02 q?"});
    EXPECT_LE(packets, Labels::packets_most);
    EXPECT_EQ(answer.protocol, 0);
}

TEST_F(LabelsOf, WhoCameFirstGivesUpItsPlace) {
    Labels labels{2, limits};
    std::uint16_t places[3]{};
    for (std::uint64_t i = 0; i < 3; ++i) EXPECT_TRUE(say(labels, places[i], i + 1, mail[0]).more);
    EXPECT_EQ(labels.limit()->refused(), 1u);
    EXPECT_FALSE(say(labels, places[0], 1, mail[1]).more);
    EXPECT_EQ(places[0], 0);
    EXPECT_TRUE(say(labels, places[1], 2, mail[1]).more);
    for (std::uint64_t i = 1; i < 3; ++i) labels.leave(places[i], i + 1);
    labels.publish();
    EXPECT_EQ(labels.limit()->used(), 0u);
}

TEST_F(LabelsOf, AreNoneWhereNoneAreWanted) {
    Labels labels{0, limits};
    EXPECT_FALSE(labels.on());
    std::uint16_t place = 0;
    EXPECT_FALSE(say(labels, place, 1, mail[0]).more);
    EXPECT_TRUE(limits.all().empty());
}

TEST(LabelNames, AreNobodyElses) {
    std::set<std::string_view> known;
    for (const auto* row : all()) known.insert(row->facts.name);
    for (const auto name : labels()) EXPECT_TRUE(known.insert(name).second) << name;
    EXPECT_EQ(name_of(static_cast<std::uint16_t>(all().size() + 1)), labels()[0]);
    EXPECT_EQ(name_of(static_cast<std::uint16_t>(all().size() + labels().size() + 1)), "unknown");
}

TEST(LabelsOfManyWorkers, StartOneAfterTheOther) {
    {
        std::vector<std::jthread> workers;
        for (int i = 0; i < 4; ++i) {
            workers.emplace_back([] {
                Limits limits;
                EXPECT_TRUE(Labels(1, limits).on());
            });
        }
    }
    EXPECT_EQ(most_at_once, 1);
}

} // namespace
} // namespace yagura::dissect
