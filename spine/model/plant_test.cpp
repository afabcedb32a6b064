// What the plant keeps of what is said: values, acts, conversations; what comes back; what has a limit.
#include "spine/model/plant.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <random>

#include "tests/support/story.h"

using namespace yagura;
using namespace yagura::model;
using namespace yagura::tests;
namespace ob = yagura::observe;
using testing::ElementsAre;
using testing::UnorderedElementsAre;

namespace {

TEST(Plant, BothOfTwoValuesAreKept) {
    Story story;
    story.tells(plc, ob::Attribute::firmware, "V2.1", 5)
        .tells(plc, ob::Attribute::firmware, "2.1.0", 3, {}, s7);
    story.tells(plc, ob::Attribute::firmware, "V2.1", 2);
    const auto plant = story.told();
    const auto facts = plant.facts_of(*plant.node_of(plc));
    ASSERT_EQ(facts.size(), 2u);
    EXPECT_EQ(facts[0].value, "V2.1");
    EXPECT_EQ(facts[0].seen, 2u);
    EXPECT_EQ(facts[0].first, at(2));
    EXPECT_EQ(facts[0].last, at(5));
    EXPECT_EQ(facts[1].protocol, "s7comm");
}

TEST(Plant, ActsOfAPairAreCountedByFunction) {
    Story story;
    for (int i = 0; i < 5; ++i)
        story.answers(hmi, plc, unit(1), i, i == 4 ? ob::Outcome::refused : ob::Outcome::done);
    const auto plant = story.told();
    const auto pairs = plant.pairs_of(*plant.node_of(plc));
    ASSERT_EQ(pairs.size(), 1u);
    EXPECT_EQ(pairs[0]->peer, *plant.node_of(hmi));
    EXPECT_EQ(pairs[0]->messages, 10u);
    EXPECT_EQ(pairs[0]->answers, 4u);
    EXPECT_EQ(pairs[0]->refusals, 1u);
}

TEST(Plant, ConversationsAreToldAgainAndCountOnce) {
    Plant plant{name_of};
    const ob::Parties parties{.client = hmi, .server = plc, .lane = {.carrier = 6}, .certain = true};
    for (std::uint64_t total : {1u, 10u, 25u})
        plant.on({.at = at(static_cast<int>(total)), .parties = parties, .conversation = 7},
                 ob::Conversation{
                     .protocol = modbus, .packets = {total, total}, .bytes = {total * 100, total * 50}});
    const auto rows = plant.conversations_of(*plant.node_of(hmi));
    ASSERT_EQ(rows.size(), 1u);
    EXPECT_EQ(rows[0]->packets[0], 25u);
    EXPECT_EQ(rows[0]->bytes[1], 1250u);
    EXPECT_EQ(rows[0]->connections, 1u);
}

TEST(Plant, WhatWasCountedBeforeTheProtocolWasKnownGoesWithIt) {
    Plant plant{name_of};
    const auto tell = [&](std::uint64_t conversation, std::uint16_t protocol, std::uint64_t total, int when) {
        const ob::Parties parties{.client = hmi, .server = plc, .lane = {.carrier = 6}, .certain = true};
        plant.on(
            {.at = at(when), .parties = parties, .conversation = conversation},
            ob::Conversation{.protocol = protocol, .packets = {total, total}, .bytes = {total * 10, total}});
    };
    const auto row = [&](std::string_view protocol) {
        for (const auto* one : plant.conversations_of(*plant.node_of(hmi)))
            if (one->protocol == protocol) return *one;
        return ConversationRow{};
    };
    tell(7, 0, 3, 1);
    tell(8, 0, 2, 2); // Never recognised.
    tell(7, modbus, 10, 5);
    EXPECT_EQ(row("modbus").connections, 1u);
    EXPECT_EQ(row("modbus").packets[0], 10u);
    EXPECT_EQ(row("modbus").bytes[0], 100u);
    EXPECT_EQ(row("").connections, 1u);
    EXPECT_EQ(row("").packets[0], 2u);
    EXPECT_EQ(row("modbus").first, at(5)) << "the other was first told with them";
    tell(8, modbus, 2, 6);
    tell(7, modbus, 11, 7);
    EXPECT_EQ(row("modbus").connections, 2u);
    EXPECT_EQ(row("modbus").packets[0], 13u);
    EXPECT_EQ(row("modbus").first, at(1));
    EXPECT_EQ(row("").connections, 0u) << "nobody shows it, and the store deletes it";
    EXPECT_EQ(row("").bytes[0], 0u);
}

Story everything() {
    Story story;
    const ob::Mac router = mac(1);
    story.claims(router, v4(10, 0, 0, 1), 1).claims(plc.mac, plc.ip, 2);
    for (int i = 0; i < 12; ++i)
        story.talk(hmi, {.ip = v4(10, 2, 0, i), .mac = router, .port = 502}, i, i % 3 != 0);
    story.talk(hmi, plc, 5).talk(hmi, {.ip = v4(8, 8, 8, 8), .mac = router, .port = 53}, 3);
    story.claims(mac(50), v4(10, 0, 0, 50), 1, dhcp).talk(hmi, {.ip = v4(10, 0, 0, 50), .mac = mac(50)}, 9);
    story.claims(mac(51), v4(10, 0, 0, 50), 20, dhcp).talk(hmi, {.ip = v4(10, 0, 0, 50), .mac = mac(51)}, 29);
    story.claims(mac(66), plc.ip, 4).claims(mac(66), v4(10, 0, 0, 66), 3);
    story.tells(plc, ob::Attribute::serial, "SN-12345", 1)
        .tells({.ip = v4(10, 7, 0, 9), .mac = mac(0x99)}, ob::Attribute::serial, "SN-12345", 2);
    story.answers(hmi, plc, unit(3), 6).answers(hmi, plc, unit(4), 7);
    return story;
}

TEST(Plant, TheOrderOfWhatIsSaidChangesNothing) {
    auto story = everything();
    const auto expected = devices(story.told());
    std::mt19937 random{7};
    for (int i = 0; i < 200; ++i) {
        std::ranges::shuffle(story.steps, random);
        ASSERT_EQ(devices(story.told()), expected);
    }
}

TEST(Plant, WhatWasStoredComesBack) {
    auto story = everything();
    Plant before{name_of};
    Changes all;
    for (const auto& step : story.steps) {
        step(before);
        auto more = before.take_changes();
        const auto merge = [](auto& into, auto& from, auto same) {
            for (auto& row : from) {
                const auto known = std::ranges::find_if(into,
                                                        [&](const auto& old) { return same(old, row); });
                if (known == into.end())
                    into.push_back(row);
                else
                    *known = row;
            }
        };
        merge(all.nodes, more.nodes, [](auto& a, auto& b) { return a.id == b.id; });
        merge(all.devices, more.devices, [](auto& a, auto& b) { return a.id == b.id; });
        merge(all.links, more.links, [](auto& a, auto& b) { return a.id == b.id; });
        merge(all.bindings, more.bindings,
              [](auto& a, auto& b) { return a.mac == b.mac && a.other == b.other; });
        merge(all.facts, more.facts, [](auto& a, auto& b) {
            return a.node == b.node && a.attribute == b.attribute && a.protocol == b.protocol &&
                   a.value == b.value;
        });
        merge(all.pairs, more.pairs, [](auto& a, auto& b) {
            return a.peer == b.peer && a.node == b.node && a.code == b.code && a.act == b.act &&
                   a.part == b.part;
        });
        merge(all.conversations, more.conversations, [](auto& a, auto& b) {
            return a.client == b.client && a.server == b.server && a.protocol == b.protocol &&
                   a.port == b.port;
        });
        merge(all.services, more.services, [](auto& a, auto& b) {
            return a.node == b.node && a.protocol == b.protocol && a.port == b.port;
        });
    }
    EXPECT_TRUE(before.take_changes().empty());
    Plant after{name_of};
    after.load(all);
    EXPECT_TRUE(after.take_changes().empty());
    EXPECT_EQ(devices(after), devices(before));
    EXPECT_EQ(after.devices(), before.devices());
    EXPECT_EQ(after.services_of(*after.node_of(plc)).size(), before.services_of(*before.node_of(plc)).size());
    EXPECT_EQ(after.parts_of(*after.node_of(plc)).size(), 2u);
    // And it goes on from there: what it hears again makes nobody new.
    for (const auto& step : story.steps) step(after);
    after.settle();
    EXPECT_EQ(devices(after), devices(before));
    EXPECT_EQ(after.devices(), before.devices());
}

TEST(Plant, WhatAPersonSaidNoRuleTakesBack) {
    auto story = everything();
    auto plant = story.told();
    const auto into = *plant.device_of(hmi), from = *plant.device_of(plc);
    ASSERT_TRUE(plant.merge(from, into, "sato", at(100)));
    plant.settle();
    EXPECT_EQ(plant.device_of(plc), into);
    EXPECT_TRUE(plant.device(from)->gone);
    for (const auto& step : story.steps) step(plant);
    story.claims(mac(200), v4(10, 0, 0, 201), 101).steps.back()(plant);
    plant.settle();
    EXPECT_EQ(plant.device_of(plc), into);
    EXPECT_EQ(plant.device_of(hmi), into);
    // And back again: a device of its own.
    ASSERT_TRUE(plant.assign(*plant.node_of({.mac = plc.mac}), std::nullopt, "sato", at(110)));
    plant.settle();
    EXPECT_NE(plant.device_of({.mac = plc.mac}), into);
    const auto links = plant.links_of(*plant.node_of({.mac = plc.mac}));
    ASSERT_EQ(links.size(), 3u);
    EXPECT_EQ(links[1].until, at(110));
    EXPECT_EQ(links[2].replaces, links[1].id);
}

TEST(Plant, EverythingStaysWithinItsLimits) {
    PlantLimits limits{.nodes = 400,
                       .facts_of_node = 8,
                       .values_of_attribute = 3,
                       .parts_of_node = 4,
                       .bindings_of_mac = 4,
                       .pairs = 100,
                       .conversations = 100,
                       .services = 50,
                       .neighbours = 20};
    Plant plant{name_of, 3, limits};
    std::mt19937 random{11};
    const auto pick = [&](int most) { return static_cast<int>(random() % static_cast<unsigned>(most)); };
    for (int i = 0; i < 60'000; ++i) {
        Story story;
        const auto station = [&] {
            ob::Station out{.ip = pick(5) ? v4(pick(3) ? 10 : 8, pick(3), pick(3), pick(256)) : ob::Ip{},
                            .mac = mac(pick(40), pick(8)),
                            .port = static_cast<std::uint16_t>(pick(600))};
            if (pick(9) == 0)
                for (auto& byte : out.ip) byte = static_cast<std::uint8_t>(random());
            return out;
        };
        story.conversations = static_cast<std::uint64_t>(i);
        switch (pick(5)) {
        case 0:
            story.talk(station(), station(), pick(1000), pick(2));
            break;
        case 1:
            story.claims(station().mac, station().ip, pick(1000));
            break;
        case 2:
            story.tells(station(), static_cast<ob::Attribute>(pick(27)), cat("v", pick(50), "-", pick(100)),
                        pick(1000), pick(2) ? unit(static_cast<unsigned>(pick(300))) : ob::Part{});
            break;
        case 3:
            story.answers(station(), station(), unit(static_cast<unsigned>(pick(300))), pick(1000));
            break;
        default:
            story.talk(station(), {.ip = v4(239, 0, 0, pick(200)), .mac = {1, 0, 0x5e, 0, 0, 1}}, pick(1000),
                       false);
        }
        for (const auto& step : story.steps) step(plant);
        if (i % 997 == 0) {
            const auto changes = plant.take_changes();
            std::vector<std::uint64_t> known;
            for (const auto& row : changes.nodes) known.push_back(row.id.value);
            for (const auto id : plant.devices()) {
                ASSERT_FALSE(plant.device(id)->gone);
                ASSERT_FALSE(plant.nodes_of(id).empty());
                for (const auto node : plant.nodes_of(id)) {
                    ASSERT_EQ(plant.device_of(node), id);
                    ASSERT_LE(plant.facts_of(node).size(), limits.facts_of_node);
                    ASSERT_LE(plant.parts_of(node).size(), limits.parts_of_node);
                    ASSERT_EQ(std::ranges::count_if(plant.links_of(node),
                                                    [](const Link& link) { return !link.until; }),
                              1);
                }
            }
        }
    }
    EXPECT_GT(plant.counters().nodes_forgotten, 0u);
    EXPECT_GT(plant.counters().pairs_forgotten, 0u);
    EXPECT_GT(plant.counters().facts_refused, 0u);
}

} // namespace
