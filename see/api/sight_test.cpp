#include "see/api/sight.h"

#include <gmock/gmock.h>

namespace yagura::see {
namespace {

using testing::ElementsAre;

store::SightRow row(std::string id, std::string address, std::string role, std::uint64_t whole,
                    std::uint64_t halves = 0, bool claimed = false) {
    return {.device = {std::move(id), "", std::move(address), std::move(role)},
            .claimed = claimed,
            .whole = whole,
            .halves = halves};
}

TEST(Sight, WhatReachesASensorDecides) {
    EXPECT_EQ(sight_of(row("d1", "", "plc", 1)), Sight::seen);
    EXPECT_EQ(sight_of(row("d1", "", "plc", 2, 2)), Sight::seen);
    EXPECT_EQ(sight_of(row("d1", "", "plc", 2, 3)), Sight::one_sided);
    EXPECT_EQ(sight_of(row("d1", "", "plc", 0)), Sight::heard);
    EXPECT_EQ(sight_of(row("d1", "", "plc", 0, 0, true)), Sight::named);
}

TEST(Sight, TheNextSensorBelongsWhereMostControllersAreHidden) {
    const store::SightList list{
        .devices = {row("d1", "10.1.0.1", "plc", 5), row("d2", "10.1.0.2", "workstation", 0),
                    row("d3", "10.1.0.3", "printer", 0), row("d4", "10.2.0.1", "plc", 0),
                    row("d5", "10.2.0.2", "hmi", 1, 4), row("d6", "10.2.0.9", "switch", 0),
                    row("d7", "00:1b:1b:00:00:01", "plc", 0)}};
    const auto found = seen_networks(list, {{"e1", "robot", "10.2.0.44"}, {"e2", "nowhere", ""}});
    ASSERT_EQ(found.size(), 3u);
    EXPECT_EQ(found[0].network, "10.2.0.0/24");
    EXPECT_EQ(found[0].controllers, 1u);
    EXPECT_EQ(found[0].hidden, 3u); // The switch is none: it has nothing more to show.
    EXPECT_EQ(found[0].all(), 4u);
    EXPECT_THAT(found[0].counts, ElementsAre(0u, 1u, 2u, 0u, 1u));
    EXPECT_THAT(found[0].devices, ElementsAre(3u, 5u, 4u));
    EXPECT_THAT(found[0].switches, ElementsAre(5u));
    EXPECT_EQ(found[1].network, "10.1.0.0/24");
    EXPECT_EQ(found[1].hidden, 2u);
    EXPECT_EQ(found[2].network, ""); // Last, whatever is hidden there.
    EXPECT_EQ(found[2].counts[4], 1u);
}

TEST(Sight, NothingIsNothing) { EXPECT_TRUE(seen_networks({}, {}).empty()); }

} // namespace
} // namespace yagura::see
