// The rules by which marks become devices, each with the case that it exists for.
#include "spine/model/plant.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <random>

#include "spine/observe/text.h"

using namespace yagura;
using namespace yagura::model;
namespace ob = yagura::observe;
using testing::ElementsAre;
using testing::UnorderedElementsAre;

namespace {

ob::Ip v4(int a, int b, int c, int d) {
    return {0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0xff,
            0xff,
            static_cast<std::uint8_t>(a),
            static_cast<std::uint8_t>(b),
            static_cast<std::uint8_t>(c),
            static_cast<std::uint8_t>(d)};
}
ob::Mac mac(int last, int first = 0) {
    return {static_cast<std::uint8_t>(first), 0x30, 0xde, 0, 0, static_cast<std::uint8_t>(last)};
}
constexpr ob::Mac everybody{0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
ob::Time at(int second) { return ob::Time{std::chrono::seconds{1'700'000'000 + second}}; }

constexpr std::uint16_t modbus = 1, arp = 2, dhcp = 3, lldp = 4, s7 = 5;
std::string_view name_of(std::uint16_t number) {
    constexpr std::string_view names[]{"unknown", "modbus", "arp", "dhcp", "lldp", "s7comm"};
    return number < std::size(names) ? names[number] : names[0];
}

/// What one test says to the plant, so that it can be said again in another order.
struct Story {
    std::vector<std::function<void(Plant&)>> steps;
    std::uint64_t conversations = 0;

    Story& talk(ob::Station a, ob::Station b, int second, bool both = true, std::uint16_t protocol = modbus) {
        const auto number = ++conversations;
        steps.push_back([=](Plant& plant) {
            const ob::Parties parties{.client = a, .server = b, .lane = {.carrier = 6}, .certain = true};
            plant.on(
                {.at = at(second), .parties = parties, .conversation = number, .evidence = {.frame = number}},
                ob::Conversation{.state = ob::Conversation::State::opened,
                                 .protocol = protocol,
                                 .confidence = 100,
                                 .packets = {4, both ? 4u : 0u},
                                 .bytes = {400, both ? 400u : 0u}});
        });
        return *this;
    }
    Story& claims(ob::Mac who, ob::Ip what, int second, std::uint16_t protocol = arp,
                  std::uint8_t confidence = 95) {
        steps.push_back([=](Plant& plant) {
            const ob::Parties parties{
                .client = {.mac = who}, .server = {.mac = everybody}, .lane = {.carrier = 0x806}};
            const auto text = ob::text(what);
            plant.on({.at = at(second), .parties = parties}, ob::Identity{.protocol = protocol,
                                                                          .subject = ob::Subject::third,
                                                                          .third = {.ip = what, .mac = who},
                                                                          .attribute = ob::Attribute::ip,
                                                                          .value = std::string_view{text},
                                                                          .confidence = confidence});
        });
        return *this;
    }
    Story& tells(ob::Station who, ob::Attribute attribute, std::string value, int second, ob::Part part = {},
                 std::uint16_t protocol = modbus) {
        steps.push_back([=](Plant& plant) {
            const ob::Parties parties{.client = {.ip = v4(10, 0, 0, 200), .mac = mac(200), .port = 40000},
                                      .server = who,
                                      .lane = {.carrier = 6},
                                      .certain = true};
            plant.on({.at = at(second), .parties = parties, .speaker = ob::Speaker::server},
                     ob::Identity{.protocol = protocol,
                                  .subject = ob::Subject::speaker,
                                  .part = part,
                                  .attribute = attribute,
                                  .value = std::string_view{value}});
        });
        return *this;
    }
    Story& answers(ob::Station a, ob::Station b, ob::Part part, int second,
                   ob::Outcome outcome = ob::Outcome::done) {
        steps.push_back([=](Plant& plant) {
            const ob::Parties parties{.client = a, .server = b, .lane = {.carrier = 6}, .certain = true};
            ob::Operation op{.protocol = modbus,
                             .function = {3, "read holding registers"},
                             .act = ob::Act::read,
                             .phase = ob::Phase::request,
                             .part = part};
            plant.on({.at = at(second), .parties = parties, .speaker = ob::Speaker::client}, op);
            op.phase = ob::Phase::response;
            op.outcome = outcome;
            plant.on({.at = at(second), .parties = parties, .speaker = ob::Speaker::server}, op);
        });
        return *this;
    }
    Plant told() const { return told(steps); }
    static Plant told(const std::vector<std::function<void(Plant&)>>& all) {
        Plant plant{name_of};
        for (const auto& step : all) step(plant);
        plant.settle();
        return plant;
    }
};

ob::Part unit(std::uint32_t number) { return {.steps = {{{ob::Part::Hop::unit, number}}}, .size = 1}; }

std::string text(const NodeRow& row) {
    const auto& bytes = row.node.mark;
    if (row.node.kind == Node::Kind::ip) {
        ob::Ip ip{};
        std::ranges::copy(bytes, ip.begin());
        return ob::text(ip);
    }
    if (row.node.kind == Node::Kind::mac) {
        ob::Mac m{};
        std::ranges::copy(bytes, m.begin());
        return ob::text(m);
    }
    return bytes;
}
std::string text(const Plant& plant, DeviceId id) {
    std::string out;
    for (const auto node : plant.nodes_of(id)) out += cat(out.empty() ? "" : " ", text(*plant.node(node)));
    return out;
}
std::vector<std::string> devices(const Plant& plant) {
    std::vector<std::string> out;
    for (const auto id : plant.devices()) out.push_back(text(plant, id));
    std::ranges::sort(out);
    return out;
}

const ob::Station hmi{.ip = v4(10, 0, 0, 5), .mac = mac(5), .port = 50000},
    plc{.ip = v4(10, 0, 0, 9), .mac = mac(9), .port = 502};

TEST(Plant, TwoThatTalkAreTwoDevices) {
    const auto plant = Story{}.talk(hmi, plc, 1).told();
    EXPECT_THAT(devices(plant), ElementsAre("00:30:de:00:00:05 10.0.0.5", "00:30:de:00:00:09 10.0.0.9"));
    EXPECT_EQ(plant.device(*plant.device_of(plc))->state, State::confirmed);
    ASSERT_EQ(plant.services_of(*plant.node_of(plc)).size(), 1u);
    EXPECT_EQ(plant.services_of(*plant.node_of(plc))[0]->port, 502);
    EXPECT_TRUE(plant.services_of(*plant.node_of(hmi)).empty());
}

TEST(Plant, WhatAScanAskedForIsNoDevice) {
    Story story;
    for (int i = 1; i < 255; ++i) {
        ob::Station target{.ip = v4(10, 0, 0, i), .mac = {}, .port = 502};
        story.talk(hmi, i == 9 ? plc : target, i, i == 9);
    }
    EXPECT_THAT(devices(story.told()),
                ElementsAre("00:30:de:00:00:05 10.0.0.5", "00:30:de:00:00:09 10.0.0.9"));
}

TEST(Plant, GroupsAreSubjectsAndNeverDevices) {
    Story story;
    story.talk(hmi, {.ip = v4(239, 1, 2, 3), .mac = {1, 0, 0x5e, 1, 2, 3}, .port = 5000}, 1, false);
    story.talk(hmi, {.ip = v4(255, 255, 255, 255), .mac = everybody, .port = 67}, 2, false);
    story.talk(hmi, {.ip = v4(10, 0, 0, 255), .mac = everybody, .port = 137}, 3, false);
    story.talk({.mac = mac(7)}, {.mac = {1, 0x80, 0xc2, 0, 0, 0x0e}}, 4, false, lldp);
    story.talk({.ip = v4(0, 0, 0, 0), .mac = mac(8), .port = 68},
               {.ip = v4(255, 255, 255, 255), .mac = everybody, .port = 67}, 5, false, dhcp);
    story.talk({.ip = v4(127, 0, 0, 1)}, {.ip = v4(127, 0, 0, 1)}, 6);
    EXPECT_THAT(devices(story.told()),
                ElementsAre("00:30:de:00:00:05 10.0.0.5", "00:30:de:00:00:07", "00:30:de:00:00:08"));
}

TEST(Plant, AddressesBehindARouterAreDevicesWithoutItsMac) {
    Story story;
    const ob::Mac router = mac(1);
    story.claims(router, v4(10, 0, 0, 1), 1);
    story.claims(hmi.mac, hmi.ip, 1);
    for (int i = 66; i < 70; ++i) story.talk(hmi, {.ip = v4(10, 2, 0, i), .mac = router, .port = 502}, i);
    const auto plant = story.told();
    EXPECT_THAT(devices(plant), ElementsAre("00:30:de:00:00:01 10.0.0.1", "00:30:de:00:00:05 10.0.0.5",
                                            "10.2.0.66", "10.2.0.67", "10.2.0.68", "10.2.0.69"));
    EXPECT_TRUE(plant.is_router(*plant.node_of({.mac = router})));
    EXPECT_FALSE(plant.is_router(*plant.node_of({.mac = hmi.mac})));
}

TEST(Plant, ARouterSeenFromBothSidesTakesNobodysAddress) {
    Story story;
    const ob::Mac router = mac(1);
    const ob::Station a{.ip = v4(10, 1, 0, 5), .mac = mac(5), .port = 50000},
        b{.ip = v4(10, 2, 0, 66), .mac = mac(66), .port = 502};
    auto a_far = a, b_far = b;
    a_far.mac = b_far.mac = router;
    story.talk(a, b_far, 1).talk(a_far, b, 1);
    EXPECT_THAT(devices(story.told()), ElementsAre("00:30:de:00:00:01", "00:30:de:00:00:05 10.1.0.5",
                                                   "00:30:de:00:00:42 10.2.0.66"));
}

TEST(Plant, TheWorldOutsideIsNoDeviceOfThePlant) {
    Story story;
    const ob::Mac router = mac(1);
    story.talk(hmi, {.ip = v4(8, 8, 8, 8), .mac = router, .port = 53}, 1);
    story.talk(hmi, {.ip = v4(203, 0, 113, 7), .mac = router, .port = 443}, 2);
    const auto plant = story.told();
    EXPECT_THAT(devices(plant), ElementsAre("00:30:de:00:00:01", "00:30:de:00:00:05 10.0.0.5"));
    EXPECT_EQ(plant.node(*plant.node_of({.ip = v4(8, 8, 8, 8)}))->state, State::outside);
    EXPECT_TRUE(plant.is_router(*plant.node_of({.mac = router})));
}

TEST(Plant, WhatAWebSiteSaysOfItselfMakesItNoDevice) {
    Story story;
    const ob::Station site{.ip = v4(93, 184, 216, 34), .mac = mac(1), .port = 80};
    story.talk(hmi, plc, 1).talk(hmi, site, 2).tells(site, ob::Attribute::application, "nginx", 3);
    const auto plant = story.told();
    EXPECT_EQ(plant.node(*plant.node_of(site))->state, State::outside);
    EXPECT_FALSE(plant.device_of({.ip = site.ip}));
}

TEST(Plant, APlantThatIsNumberedPubliclyIsAPlant) {
    Story story;
    story.talk({.ip = v4(133, 6, 1, 5), .mac = mac(5), .port = 50000},
               {.ip = v4(133, 6, 9, 9), .mac = mac(9), .port = 502}, 1);
    EXPECT_THAT(devices(story.told()),
                ElementsAre("00:30:de:00:00:05 133.6.1.5", "00:30:de:00:00:09 133.6.9.9"));
}

TEST(Plant, OneMacWithBothProtocolsIsOneDevice) {
    Story story;
    ob::Ip link{0xfe, 0x80}, global{0x20, 0x01, 0x0d, 0xb8};
    link[15] = 9;
    global[15] = 9;
    auto global_peer = global;
    global_peer[15] = 5;
    story.talk(hmi, plc, 1);
    story.talk({.ip = global_peer, .mac = hmi.mac, .port = 50000},
               {.ip = global, .mac = plc.mac, .port = 502}, 2);
    story.talk({.ip = link, .mac = plc.mac, .port = 5353},
               {.ip = {0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xfb},
                .mac = {0x33, 0x33, 0, 0, 0, 0xfb},
                .port = 5353},
               3, false);
    EXPECT_THAT(devices(story.told()), ElementsAre("00:30:de:00:00:05 10.0.0.5 2001:db8::5",
                                                   "00:30:de:00:00:09 10.0.0.9 2001:db8::9 fe80::9"));
}

TEST(Plant, AnAddressThatMovesIsDated) {
    Story story;
    const ob::Station first{.ip = v4(10, 0, 0, 50), .mac = mac(50), .port = 502},
        second{.ip = first.ip, .mac = mac(51), .port = 502};
    story.claims(first.mac, first.ip, 1, dhcp).talk(hmi, first, 10).talk(hmi, first, 100);
    story.claims(second.mac, second.ip, 200, dhcp).talk(hmi, second, 210);
    const auto plant = story.told();
    EXPECT_THAT(devices(plant), ElementsAre("00:30:de:00:00:05 10.0.0.5", "00:30:de:00:00:32",
                                            "00:30:de:00:00:33 10.0.0.50"));
    const auto links = plant.links_of(*plant.node_of(first));
    ASSERT_EQ(links.size(), 2u);
    EXPECT_EQ(links[0].device, plant.device_of({.mac = first.mac}));
    EXPECT_EQ(links[0].from, at(1));
    EXPECT_EQ(links[0].until, at(200));
    EXPECT_EQ(links[1].device, plant.device_of({.mac = second.mac}));
    EXPECT_EQ(links[1].from, at(200));
    EXPECT_EQ(links[1].until, std::nullopt);
}

TEST(Plant, LiveAndLaterTellTheSameOfAnAddressThatMoves) {
    Story story;
    const ob::Station first{.ip = v4(10, 0, 0, 50), .mac = mac(50), .port = 502},
        second{.ip = first.ip, .mac = mac(51), .port = 502};
    story.claims(first.mac, first.ip, 1, dhcp).talk(hmi, first, 10);
    story.claims(second.mac, second.ip, 200, dhcp).talk(hmi, second, 210);
    Plant plant{name_of};
    for (const auto& step : story.steps) {
        step(plant);
        plant.settle();
    }
    EXPECT_EQ(devices(plant), devices(story.told()));
    const auto links = plant.links_of(*plant.node_of(first));
    ASSERT_EQ(links.size(), 2u);
    EXPECT_EQ(links[0].until, at(200));
    EXPECT_EQ(links[1].from, at(200));
}

TEST(Plant, WhoClaimsAnotherOnesAddressDoesNotGetIt) {
    Story story;
    const ob::Mac liar = mac(66);
    story.claims(plc.mac, plc.ip, 1).talk(hmi, plc, 2).talk(hmi, plc, 300);
    story.claims(liar, v4(10, 0, 0, 66), 50).claims(liar, plc.ip, 60).claims(liar, hmi.ip, 61);
    story.talk({.ip = hmi.ip, .mac = liar, .port = 50001}, plc, 62); // It passes on what it caught.
    EXPECT_THAT(devices(story.told()), ElementsAre("00:30:de:00:00:05 10.0.0.5", "00:30:de:00:00:09 10.0.0.9",
                                                   "00:30:de:00:00:42 10.0.0.66"));
}

TEST(Plant, AVirtualRouterIsNoBox) {
    Story story;
    const ob::Mac virtual_mac{0, 0, 0x5e, 0, 1, 7};
    story.claims(virtual_mac, v4(10, 0, 0, 1), 1);
    story.claims(mac(2), v4(10, 0, 0, 2), 1);
    story.talk(hmi, {.ip = v4(10, 9, 0, 9), .mac = virtual_mac, .port = 502}, 2);
    story.talk(hmi, {.ip = v4(10, 9, 0, 8), .mac = virtual_mac, .port = 502}, 2);
    EXPECT_THAT(devices(story.told()), ElementsAre("00:30:de:00:00:02 10.0.0.2", "00:30:de:00:00:05 10.0.0.5",
                                                   "10.9.0.8", "10.9.0.9"));
}

TEST(Plant, WhoSpeaksFromAVirtualRoutersMacIsThere) {
    Story story;
    story.talk({.ip = v4(10, 0, 0, 2), .mac = {0, 0, 0x5e, 0, 1, 7}},
               {.ip = v4(224, 0, 0, 18), .mac = {1, 0, 0x5e, 0, 0, 0x12}}, 1, false);
    EXPECT_THAT(devices(story.told()), ElementsAre("10.0.0.2"));
}

TEST(Plant, ForgedSourcesInventNobody) {
    Story story;
    story.talk(hmi, plc, 1);
    for (int i = 0; i < 5000; ++i)
        story.talk({.ip = v4(172, 16 + i % 16, i / 250, i % 250), .mac = mac(66), .port = 1}, plc, 2, false);
    const auto plant = story.told();
    EXPECT_THAT(devices(plant),
                ElementsAre("00:30:de:00:00:05 10.0.0.5", "00:30:de:00:00:09 10.0.0.9", "00:30:de:00:00:42"));
    EXPECT_GT(plant.counters().bindings_refused, 0u);
    EXPECT_FALSE(plant.is_router(*plant.node_of({.mac = hmi.mac})));
}

TEST(Plant, UnitsBehindAnAddressAreItsPartsOnceTheyAnswer) {
    Story story;
    for (std::uint32_t i = 0; i < 20; ++i)
        story.answers(hmi, plc, unit(i), static_cast<int>(i),
                      i == 3 || i == 4 || i == 0 ? ob::Outcome::done : ob::Outcome::refused);
    story.tells(plc, ob::Attribute::product, "Drive", 30, unit(3));
    const auto plant = story.told();
    EXPECT_EQ(devices(plant).size(), 2u);
    std::vector<std::string> parts;
    for (const auto part : plant.parts_of(*plant.node_of(plc))) parts.push_back(plant.node(part)->node.mark);
    EXPECT_THAT(parts, UnorderedElementsAre("unit 3", "unit 4")); // Unit 0 is the station itself.
    const auto third = plant.parts_of(*plant.node_of(plc))[0];
    EXPECT_EQ(plant.facts_of(third)[0].value, "Drive");
}

TEST(Plant, OneSerialOnTwoInterfacesIsOneDevice) {
    Story story;
    const ob::Station other{.ip = v4(10, 7, 0, 9), .mac = mac(0x99), .port = 102};
    story.tells(plc, ob::Attribute::serial, "S C-X4U421302009", 1)
        .tells(other, ob::Attribute::serial, "S C-X4U421302009", 2);
    story.tells(hmi, ob::Attribute::serial, "00000000", 3)
        .tells({.ip = v4(10, 0, 0, 77), .mac = mac(77)}, ob::Attribute::serial, "00000000", 4);
    EXPECT_THAT(devices(story.told()),
                ElementsAre("00:30:de:00:00:05 10.0.0.5",
                            "00:30:de:00:00:09 00:30:de:00:00:99 10.0.0.9 10.7.0.9 S C-X4U421302009",
                            "00:30:de:00:00:4d 10.0.0.77"));
}

TEST(Plant, ANameAloneJoinsNothing) {
    Story story;
    const ob::Station far{.ip = v4(10, 0, 0, 30), .mac = {0, 0x30, 0xde, 9, 0, 9}},
        beside{.ip = v4(10, 0, 0, 31), .mac = mac(10)};
    for (const auto& who : {plc, far, beside}) story.tells(who, ob::Attribute::name, "plc_1", 1);
    const auto plant = story.told();
    EXPECT_EQ(plant.device_of(plc), plant.device_of(beside)); // MACs that were given together.
    EXPECT_NE(plant.device_of(plc), plant.device_of(far));
}

TEST(Plant, ANameThatNobodyChangedJoinsNoTwoThatHaveTheirOwn) {
    Story story;
    const ob::Station beside{.ip = v4(10, 0, 0, 31), .mac = mac(10)};
    for (const auto& who : {plc, beside}) story.tells(who, ob::Attribute::name, "localhost", 1);
    story.tells({.mac = plc.mac}, ob::Attribute::name, "PC-22", 2, {}, dhcp)
        .tells({.mac = beside.mac}, ob::Attribute::name, "PC-23", 2, {}, dhcp);
    const auto plant = story.told();
    EXPECT_NE(plant.device_of(plc), plant.device_of(beside));
}

TEST(Plant, ARouterDoesNotGetTheAddressOfWhomOnlyItTalksWith) {
    // The mirror port shows every packet on both sides of the router; the second copy is recognised and says
    // nothing more. So the frames of the controller's address are the router's, and its own MAC only answered
    // ARP.
    Story story;
    const ob::Mac router = mac(1);
    const ob::Station leg{.ip = v4(10, 0, 3, 1), .mac = router}, home{.ip = v4(10, 0, 0, 1), .mac = router};
    const ob::Station behind{.ip = v4(10, 0, 3, 50), .mac = router, .port = 4840};
    story.claims(router, leg.ip, 1).claims(router, home.ip, 1).claims(mac(0x50), behind.ip, 2);
    story.talk(hmi, behind, 3).talk(hmi, behind, 100);
    const auto plant = story.told();
    EXPECT_EQ(plant.device_of(behind), plant.device_of({.mac = mac(0x50)}));
    EXPECT_NE(plant.device_of(behind), plant.device_of(leg));
}

TEST(Plant, ASwitchSpeaksFromEachOfItsPorts) {
    Story story;
    const auto chassis = mac(0x20);
    for (int port = 0x21; port < 0x24; ++port)
        story.steps.push_back([=](Plant& plant) {
            const ob::Parties parties{.client = {.mac = mac(port)},
                                      .server = {.mac = {1, 0x80, 0xc2, 0, 0, 0x0e}},
                                      .lane = {.carrier = 0x88cc}};
            const auto text = ob::text(chassis);
            plant.on({.at = at(port), .parties = parties}, ob::Identity{.protocol = lldp,
                                                                        .subject = ob::Subject::speaker,
                                                                        .attribute = ob::Attribute::mac,
                                                                        .value = std::string_view{text},
                                                                        .confidence = 95});
        });
    EXPECT_THAT(devices(story.told()),
                ElementsAre("00:30:de:00:00:20 00:30:de:00:00:21 00:30:de:00:00:22 00:30:de:00:00:23"));
}

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
