#include "spine/store/sight.h"

#include <gtest/gtest.h>

#include "tests/support/plant_store.h"

namespace yagura::store {
namespace {

using namespace std::chrono_literals;

/// Of five in a row, each talks Modbus to the next: the first conversation is whole, the second one-sided,
/// the third a try that nobody answers, the fourth ARP.
void changed(Batch& plant) {
    auto& talks = plant.rows.conversations;
    ASSERT_EQ(talks.size(), 4u);
    talks[1].packets[0] = 8;
    talks[1].packets[1] = 0;
    talks[2].packets[0] = 6;
    talks[2].packets[1] = 0;
    talks[3].carrier = 0x0806;
    plant.shown[4].state = model::State::claimed;
    // A log goes one way, and what goes to a group says nothing.
    model::ConversationRow log;
    log.client = test::ip_node(3);
    log.server = test::ip_node(0);
    log.carrier = 17;
    log.port = 514;
    log.packets[0] = 9;
    log.first = log.last = test::begin_time;
    log.source = 1;
    talks.push_back(log);
    std::string group(16, '\0');
    group[10] = group[11] = '\xff';
    group[12] = '\xe0', group[15] = 1;
    plant.rows.nodes.push_back({{999},
                                {.kind = model::Node::Kind::ip, .mark = group},
                                test::begin_time,
                                test::begin_time,
                                model::State::mentioned});
    log.client = test::ip_node(4);
    log.server = {999};
    talks.push_back(log);
}

TEST(Sight, CountsConversationsAsASensorGetsThem) {
    test::Store store{5, changed};
    SightReader reader{*store.state};
    const auto all = reader.all().value();
    ASSERT_EQ(all.devices.size(), 5u);
    EXPECT_FALSE(all.cut);
    EXPECT_EQ(all.now, test::begin_time + 3h);
    const std::pair<std::uint64_t, std::uint64_t> expected[]{{1, 0}, {1, 1}, {0, 1}, {1, 0}, {0, 0}};
    for (std::size_t i = 0; i < 5; ++i) {
        const auto& one = all.devices[i];
        EXPECT_EQ(one.device.address, cat("10.0.0.", i));
        EXPECT_EQ(one.line.name, "Line 1");
        EXPECT_EQ(std::pair(one.whole, one.halves), expected[i]) << i;
        EXPECT_EQ(one.claimed, i == 4) << i;
    }
}

} // namespace
} // namespace yagura::store
