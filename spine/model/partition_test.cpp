// The rules by which marks become devices, each with the case that it exists for.
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

} // namespace
