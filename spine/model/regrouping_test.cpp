// A person says whose marks are whose, and takes it back: then everything is as if nobody had said anything.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "spine/model/plant.h"
#include "tests/support/story.h"

using namespace yagura;
using namespace yagura::model;
using namespace yagura::tests;
namespace ob = yagura::observe;

namespace {

/// Everything that anybody can ask about devices, and every link, byte for byte.
std::string everything(const Plant& plant) {
    std::string out;
    const auto ns = [](ob::Time at) { return at.time_since_epoch().count(); };
    for (const auto id : plant.devices()) {
        const auto& row = *plant.device(id);
        out += cat(text(id), " ", ns(row.first), " ", ns(row.last), " ", static_cast<int>(row.state), "\n");
        for (const auto node : plant.nodes_of(id)) {
            out += cat("  ", node.value, "\n");
            for (const auto& link : plant.links_of(node))
                out += cat("    ", link.id.value, " ", text(link.device), " ", ns(link.from), " ",
                           link.until ? ns(*link.until) : 0, " ", static_cast<int>(link.by), " ", link.rule,
                           " ", static_cast<int>(link.strength), " ", link.replaces.value, "\n");
        }
    }
    return out;
}

/// A plant with what joins marks: cards with several addresses, chassis, serials, names, a router.
Story random_plant(std::mt19937& random) {
    Story story;
    const auto pick = [&](int most) { return static_cast<int>(random() % static_cast<unsigned>(most)); };
    for (int i = 0; i < 120; ++i) {
        const auto station = [&] {
            const int host = 1 + pick(12);
            return ob::Station{.ip = v4(10, 0, pick(2), host + (pick(6) == 0 ? 20 : 0)),
                               .mac = mac(host, pick(8) == 0),
                               .port = static_cast<std::uint16_t>(pick(2) ? 502 : 50'000)};
        };
        const auto one = station();
        switch (pick(5)) {
        case 0:
        case 1:
            story.talk(one, station(), i, pick(4) != 0);
            break;
        case 2:
            story.claims(one.mac, one.ip, i);
            break;
        case 3:
            story.tells(one, ob::Attribute::serial, cat("s", pick(5)), i, ob::Part{});
            break;
        default:
            story.tells(one, ob::Attribute::name, cat("name ", pick(5)), i, ob::Part{});
        }
    }
    return story;
}

TEST(Regrouping, WhatIsTakenBackWasNeverSaid) {
    std::size_t merges = 0, splits = 0;
    for (unsigned seed = 0; seed < 100; ++seed) {
        std::mt19937 random{seed};
        const auto pick = [&](std::size_t most) { return random() % most; };
        auto plant = random_plant(random).told();
        plant.settle();
        std::vector<std::pair<Regrouping, std::string>> done;
        for (int step = 0; step < 6; ++step) {
            const auto before = everything(plant);
            const auto all = plant.devices();
            const auto when = at(1'000 + step);
            const auto one = all[pick(all.size())];
            std::optional<Regrouping> said;
            if (pick(2)) {
                said = plant.merge(one, all[pick(all.size())], "sato", when);
                merges += said.has_value();
            } else {
                std::vector<NodeId> going;
                for (const auto node : plant.nodes_of(one))
                    if (pick(2)) going.push_back(node);
                said = plant.split(going, plant.next_device(), "sato", when);
                splits += said.has_value();
            }
            plant.settle();
            if (said)
                done.emplace_back(std::move(*said), before);
            else
                ASSERT_EQ(everything(plant), before) << "seed " << seed;
        }
        while (!done.empty()) {
            // An earlier one can be taken back only where no later one is about the same marks.
            const auto& [said, before] = done.back();
            ASSERT_TRUE(plant.can_undo(said));
            ASSERT_TRUE(plant.undo(said));
            plant.settle();
            ASSERT_EQ(everything(plant), before) << "seed " << seed;
            ASSERT_FALSE(plant.undo(said)) << "twice";
            done.pop_back();
        }
    }
    EXPECT_GT(merges, 150u);
    EXPECT_GT(splits, 50u);
}

TEST(Regrouping, AfterARestartItCanStillBeTakenBack) {
    std::mt19937 random{7};
    auto plant = random_plant(random).told();
    auto kept = plant.take_changes();
    const auto before = everything(plant);
    const auto all = plant.devices();
    const auto said = plant.merge(all[0], all[1], "sato", at(1'000)).value();
    const auto merged = plant.take_changes();
    // As the store does it.
    const auto keep = [](auto& rows, const auto& fresh, auto id) {
        for (const auto& row : fresh) {
            std::erase_if(rows, [&](const auto& known) { return id(known) == id(row); });
            rows.push_back(row);
        }
    };
    keep(kept.nodes, merged.nodes, [](const NodeRow& row) { return row.id; });
    keep(kept.devices, merged.devices, [](const DeviceRow& row) { return row.id; });
    keep(kept.links, merged.links, [](const Link& row) { return row.id; });
    Plant again{name_of};
    again.load(kept);
    again.settle();
    ASSERT_TRUE(again.undo(said));
    const auto undone = again.take_changes();
    EXPECT_EQ(undone.links_gone.size(), said.nodes.size());
    EXPECT_EQ(everything(again), before);
}

TEST(Regrouping, OnlyTheLastWordAboutAMarkIsTakenBack) {
    auto plant =
        Story{}.talk(hmi, plc, 1).talk(hmi, {.ip = v4(10, 0, 0, 30), .mac = mac(30), .port = 502}, 2).told();
    plant.settle();
    const auto all = plant.devices();
    ASSERT_EQ(all.size(), 3u);
    const auto first = plant.merge(all[0], all[1], "sato", at(100)).value();
    plant.settle();
    const auto second = plant.merge(all[1], all[2], "sato", at(101)).value();
    plant.settle();
    EXPECT_FALSE(plant.can_undo(first));
    EXPECT_FALSE(plant.undo(first));
    EXPECT_TRUE(plant.undo(second));
    EXPECT_TRUE(plant.undo(first));
    plant.settle();
    EXPECT_EQ(plant.devices(), all);
}

TEST(Regrouping, ASplitLeavesSomethingAndTakesACardsAddresses) {
    Story story;
    story.talk(hmi, plc, 1);
    auto plant = story.told();
    plant.settle();
    const auto device = *plant.device_of(plc);
    const auto card = *plant.node_of({.mac = plc.mac}), address = *plant.node_of({.ip = plc.ip});
    EXPECT_FALSE(plant.split({}, plant.next_device(), "sato", at(100)));
    EXPECT_FALSE(plant.split(std::vector{card}, plant.next_device(), "sato", at(100))); // Nothing would stay.
    EXPECT_FALSE(
        plant.split(std::vector{address, *plant.node_of(hmi)}, plant.next_device(), "sato", at(100)));
    ASSERT_TRUE(plant.split(std::vector{address}, plant.next_device(), "sato", at(100)));
    plant.settle();
    EXPECT_EQ(plant.device_of(card), device);
    EXPECT_NE(plant.device_of(address), device);
    // No rule joins them again, whatever is seen.
    for (const auto& step : story.steps) step(plant);
    plant.settle();
    EXPECT_EQ(plant.device_of(card), device);
    EXPECT_NE(plant.device_of(address), device);
}

} // namespace
