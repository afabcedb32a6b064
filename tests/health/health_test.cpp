// What each detector of network health finds in frames, and what it must not find.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "see/health/row.h"
#include "see/health/watch.h"
#include "spine/dissect/dissector.h"
#include "spine/observe/text.h"
#include "spine/worker/pipeline.h"
#include "tests/support/frames.h"

using namespace yagura;
using namespace yagura::see::health;
using namespace yagura::test::frames;
using namespace std::chrono_literals;
namespace ob = yagura::observe;
using testing::IsEmpty;
using testing::SizeIs;

namespace {

Raw mac(int last, std::string_view maker = "00 30 de") {
    return hex(maker) + Raw{'\0', '\0', static_cast<char>(last)};
}
Raw ip(int last, int net = 0) { return Raw{10, 2, static_cast<char>(net), static_cast<char>(last)}; }
const Raw everybody = hex("ff ff ff ff ff ff"), nobody = hex("00 00 00 00 00 00");

Raw arp(int code, const Raw& from, const Raw& from_ip, const Raw& to, const Raw& to_ip, const Raw& frame_to) {
    return ethernet(
        0x0806, hex("0001 0800 06 04") + be16(static_cast<std::size_t>(code)) + from + from_ip + to + to_ip,
        from, frame_to);
}

struct Health : testing::Test {
    std::unique_ptr<Watch> watch = std::make_unique<Watch>(dissect::name_of);
    std::unique_ptr<worker::Pipeline> pipeline;
    ob::Time now{std::chrono::seconds{1'800'000'000}};
    std::uint64_t frames = 0;
    std::map<std::string, Finding> findings;
    std::vector<MemoryRow> memory;

    Health() { begin(); }
    void begin() {
        pipeline = std::make_unique<worker::Pipeline>(worker::PipelineSettings{}, nullptr, *this->watch);
    }
    void send(const Raw& frame, std::chrono::nanoseconds after = 10ms) {
        now += after;
        pipeline->advance(now);
        pipeline->frame({.bytes = bytes(frame),
                         .wire_length = static_cast<std::uint32_t>(frame.size()),
                         .number = ++frames,
                         .at = now},
                        1);
    }
    void wait(std::chrono::nanoseconds time) {
        for (const auto until = now + time; now < until;) {
            now = std::min(until, now + std::chrono::nanoseconds{1s});
            pipeline->advance(now);
        }
    }
    void take() {
        auto changes = watch->take_changes();
        for (auto& one : changes.findings) findings[one.key] = one;
        for (auto& row : changes.memory) memory.push_back(row);
        std::erase_if(findings, [](const auto& one) { return one.second.gone; });
    }
    std::vector<std::string> found() {
        pipeline->finish();
        take();
        std::vector<std::string> out;
        for (const auto& [key, one] : findings) out.push_back(cat(word(one.kind), " ", subject(one)));
        begin();
        return out;
    }
    /// What the center does when it falls and comes back: another watch with what was written.
    void restart() {
        take();
        std::vector<Finding> kept;
        for (const auto& [key, one] : findings) kept.push_back(one);
        std::map<std::pair<int, std::string>, MemoryRow> rows;
        for (const auto& row : memory) {
            if (row.gone)
                rows.erase({row.table, row.key});
            else
                rows[{row.table, row.key}] = row;
        }
        std::vector<MemoryRow> all;
        for (const auto& [key, row] : rows) all.push_back(row);
        watch = std::make_unique<Watch>(dissect::name_of);
        watch->load(kept, all);
        begin();
    }

    void ask(const Raw& who, const Raw& who_ip, const Raw& for_ip) {
        send(arp(1, who, who_ip, nobody, for_ip, everybody));
    }
    void answer(const Raw& who, const Raw& who_ip, const Raw& to, const Raw& to_ip) {
        send(arp(2, who, who_ip, to, to_ip, to));
    }
    void announce(const Raw& who, const Raw& who_ip) { send(arp(1, who, who_ip, nobody, who_ip, everybody)); }
};

TEST_F(Health, TwoThatAnswerForOneAddressAreInConflict) {
    for (int minute = 0; minute < 4; ++minute) {
        ask(mac(9), ip(9), ip(50));
        answer(mac(1), ip(50), mac(9), ip(9));
        answer(mac(200), ip(50), mac(9), ip(9));
        wait(61s);
    }
    EXPECT_THAT(found(), testing::ElementsAre("duplicate_address 10.2.0.50"));
    const auto& one = findings.begin()->second;
    ASSERT_THAT(one.parties, SizeIs(2));
    EXPECT_NE(one.parties[0].who.mac, one.parties[1].who.mac);
    EXPECT_NE(one.evidence.frame, 0u);
}

TEST_F(Health, AConflictIsKnownAfterARestartInTheMiddle) {
    announce(mac(1), ip(50));
    wait(70s);
    announce(mac(200), ip(50));
    wait(70s);
    restart();
    announce(mac(1), ip(50));
    EXPECT_THAT(found(), testing::ElementsAre("duplicate_address 10.2.0.50"));
}

TEST_F(Health, WhoDefendsItsAddressWasThereBefore) {
    announce(mac(1), ip(50));
    wait(70s);
    announce(mac(200), ip(50)); // RFC 5227 clause 2.4: the owner says so at once.
    announce(mac(1), ip(50));
    wait(61s);
    EXPECT_THAT(found(), SizeIs(1));
}

TEST_F(Health, ADeviceThatWasReplacedHasMoved) {
    for (int minute = 0; minute < 3; ++minute) {
        ask(mac(9), ip(9), ip(50));
        answer(mac(1), ip(50), mac(9), ip(9));
        wait(61s);
    }
    for (int minute = 0; minute < 3; ++minute) {
        ask(mac(9), ip(9), ip(50));
        answer(mac(200), ip(50), mac(9), ip(9));
        wait(61s);
    }
    EXPECT_THAT(found(), IsEmpty());
}

TEST_F(Health, VirtualRoutersShareTheirAddress) {
    for (int minute = 0; minute < 4; ++minute) {
        ask(mac(9), ip(9), ip(1));
        answer(mac(0x0a, "00 00 5e"), ip(1), mac(9), ip(9)); // Not VRRP's: a plain device.
        answer(hex("00 00 5e 00 01 0a"), ip(1), mac(9), ip(9));
        answer(hex("00 00 0c 07 ac 01"), ip(1), mac(9), ip(9));
        wait(61s);
    }
    EXPECT_THAT(found(), IsEmpty());
}

TEST_F(Health, ABondTellsEachAskerOneOfItsPorts) {
    for (int minute = 0; minute < 5; ++minute) {
        ask(mac(9), ip(9), ip(50));
        answer(mac(0x40), ip(50), mac(9), ip(9));
        ask(mac(0x90), ip(10), ip(50));
        answer(mac(0x41), ip(50), mac(0x90), ip(10));
        wait(61s);
    }
    EXPECT_THAT(found(), IsEmpty());
}

TEST_F(Health, TwoNewDevicesOfOneBoxBothAnswerHim) {
    for (int minute = 0; minute < 5; ++minute) {
        ask(mac(9), ip(9), ip(50));
        answer(mac(0x40), ip(50), mac(9), ip(9));
        answer(mac(0x41), ip(50), mac(9), ip(9));
        wait(61s);
    }
    EXPECT_THAT(found(), SizeIs(1));
}

TEST_F(Health, ASharedAddressThatMovesThereAndBackIsAPair) {
    announce(mac(1), ip(11));
    announce(mac(200), ip(12));
    for (const int who : {1, 200, 1}) {
        announce(mac(who), ip(50));
        wait(100s);
    }
    EXPECT_THAT(found(), IsEmpty());
}

TEST_F(Health, AProxyAnswersForWhatNobodyElseClaims) {
    for (int minute = 0; minute < 3; ++minute) {
        for (int host = 20; host < 40; ++host) {
            ask(mac(9), ip(9), ip(host, 7));
            answer(mac(1), ip(host, 7), mac(9), ip(9));
        }
        wait(61s);
    }
    EXPECT_THAT(found(), IsEmpty());
}

TEST_F(Health, ABridgeRepeatsWhatItPassesOn) {
    const auto bridge = mac(0x4e, "b0 c0 90");
    for (int minute = 0; minute < 4; ++minute) {
        for (const int host : {46, 62}) {
            ask(mac(host), ip(host), ip(9));
            send(arp(1, bridge, ip(host), nobody, ip(9), everybody), 15us);
            answer(mac(9), ip(9), mac(host), ip(host));
        }
        ask(mac(9), ip(9), ip(46));
        answer(mac(46), ip(46), mac(9), ip(9));
        send(arp(2, bridge, ip(46), mac(9), ip(9), mac(9)), 15us);
        wait(200s);
    }
    EXPECT_THAT(found(), IsEmpty());
}

TEST_F(Health, WhoTakesOverGatewayAndHostIsBetweenThem) {
    // Both are known; then the third tells each that it is the other, every two seconds, unasked.
    ask(mac(9), ip(9), ip(1));
    answer(mac(1), ip(1), mac(9), ip(9));
    wait(61s);
    for (int i = 0; i < 60; ++i) {
        answer(mac(0x66, "02 bb cc"), ip(1), mac(9), ip(9));
        answer(mac(0x66, "02 bb cc"), ip(9), mac(1), ip(1));
        wait(2s);
        if (i == 30) {
            ask(mac(9), ip(9), ip(1));
            answer(mac(1), ip(1), mac(9), ip(9));
        }
    }
    wait(61s);
    const auto all = found();
    ASSERT_THAT(all, SizeIs(1));
    const auto& one = findings.begin()->second;
    EXPECT_EQ(one.kind, Kind::arp_spoofing);
    EXPECT_EQ(one.parties[0].role, Party::Role::takes);
    EXPECT_EQ(ob::text(one.parties[0].who.mac), "02:bb:cc:00:00:66");
    EXPECT_THAT(one.parties, SizeIs(3));
}

struct Detour : Health {
    const Raw victim = mac(7), gateway = mac(1, "00 26 0b"), other = mac(0x66, "00 25 b3"), thief = other;
    int port = 40'000;
    /// A question to somebody outside and his answer, through `through`.
    void outside(const Raw& through, const Raw& far = Raw{74, 125, 95, 14}) {
        ++port;
        send(ethernet(0x0800,
                      ipv4({.protocol = 17, .from = ip(7), .to = far},
                           udp(static_cast<std::uint16_t>(port), 9'999, "ask", ip(7), far)),
                      victim, through),
             100ms);
        send(ethernet(0x0800,
                      ipv4({.protocol = 17, .from = far, .to = ip(7)},
                           udp(9'999, static_cast<std::uint16_t>(port), "told", far, ip(7))),
                      through, victim),
             10ms);
    }
};

TEST_F(Detour, WhoOffersHimselfUnaskedAndIsFollowedStandsBetween) {
    outside(gateway);
    send(arp(1, thief, ip(1), nobody, ip(7), victim)); // It asks in the gateway's name,
    answer(victim, ip(7), thief, ip(1));
    answer(thief, ip(1), victim, ip(7)); // and tells what nobody asked for.
    outside(thief);
    outside(thief);
    ASSERT_THAT(found(), SizeIs(1));
    const auto& one = findings.begin()->second;
    EXPECT_EQ(one.kind, Kind::arp_spoofing);
    ASSERT_THAT(one.parties, SizeIs(2));
    EXPECT_EQ(ob::text(one.parties[0].who.mac), "00:25:b3:00:00:66");
    EXPECT_EQ(ob::text(one.parties[1].who.mac), "00:26:0b:00:00:01");
    EXPECT_EQ(ob::text(one.parties[1].who.ip), "10.2.0.1");
    EXPECT_EQ(one.evidence.frame, 5u);
}

TEST_F(Detour, ItIsKnownAfterARestartInTheMiddle) {
    outside(gateway);
    send(arp(1, thief, ip(1), nobody, ip(7), victim));
    answer(thief, ip(1), victim, ip(7));
    restart();
    outside(thief);
    EXPECT_THAT(found(), SizeIs(1));
}

TEST_F(Detour, AnotherGatewayThatWasAskedForIsNone) {
    outside(gateway);
    ask(victim, ip(7), ip(2));
    answer(other, ip(2), victim, ip(7));
    answer(other, ip(2), victim, ip(7)); // Twice, as some do.
    outside(other);
    EXPECT_THAT(found(), IsEmpty());
}

TEST_F(Detour, TwoWaysOutWithoutAnOfferAreNone) {
    for (int i = 0; i < 4; ++i) outside(i % 2 == 0 ? gateway : other);
    EXPECT_THAT(found(), IsEmpty());
}

TEST_F(Detour, AnOfferThatNobodyFollowsIsNone) {
    outside(gateway);
    answer(other, ip(2), victim, ip(7));
    outside(gateway);
    outside(other, Raw{8, 8, 8, 8});
    EXPECT_THAT(found(), IsEmpty());
}

TEST_F(Detour, TheGatewaysOtherPortIsTheGateway) {
    outside(gateway);
    answer(mac(2, "00 26 0b"), ip(1), victim, ip(7));
    outside(mac(2, "00 26 0b"));
    EXPECT_THAT(found(), IsEmpty());
}

Raw dhcp(int op, std::uint32_t transaction, const Raw& client, const Raw& yours, const Raw& options,
         const Raw& relay = hex("00 00 00 00")) {
    return Raw{static_cast<char>(op), 1, 6, 0} + be32(transaction) + hex("00000000 00000000") + yours +
           hex("00000000") + relay + client + Raw(10 + 64 + 128, '\0') + hex("63 82 53 63") + options +
           Raw{static_cast<char>(255)};
}
Raw option(int code, const Raw& value) {
    return Raw{static_cast<char>(code), static_cast<char>(value.size())} + value;
}

struct Dhcp : Health {
    std::uint32_t transaction = 0x1000;
    struct Server {
        Raw mac, ip, gateway, mask = hex("ff ff ff 00"), name_server = ip;
    };
    void serve(const Server& server, int type, int given, const Raw& client) {
        const auto options = option(53, Raw{static_cast<char>(type)}) + option(54, server.ip) +
                             option(1, server.mask) + option(3, server.gateway) +
                             option(6, server.name_server);
        send(ethernet(0x0800,
                      ipv4({.protocol = 17, .from = server.ip, .to = hex("ff ff ff ff")},
                           udp(67, 68,
                               dhcp(2, transaction, client,
                                    server.ip.substr(0, 3) + Raw{static_cast<char>(given)}, options),
                               server.ip, hex("ff ff ff ff"))),
                      server.mac, everybody));
    }
    void discover(int type, const Raw& client) {
        send(ethernet(0x0800,
                      ipv4({.protocol = 17, .from = hex("00 00 00 00"), .to = hex("ff ff ff ff")},
                           udp(68, 67,
                               dhcp(1, transaction, client, hex("00 00 00 00"),
                                    option(53, Raw{static_cast<char>(type)})),
                               hex("00 00 00 00"), hex("ff ff ff ff"))),
                      client, everybody));
    }
};

TEST_F(Dhcp, AnotherServerWithAnotherGatewayIsOneTooMany) {
    const Server ours{.mac = mac(1), .ip = ip(1), .gateway = ip(1)};
    const Server theirs{.mac = mac(0x77, "02 aa bb"), .ip = ip(77), .gateway = ip(77)};
    for (int client = 0; client < 2; ++client) {
        ++transaction;
        const auto who = mac(100 + client);
        discover(1, who);
        serve(ours, 2, 100 + client, who);
        serve(theirs, 2, 200 + client, who);
        discover(3, who);
        serve(client == 0 ? ours : theirs, 5, client == 0 ? 100 : 201, who);
        wait(90s);
    }
    ++transaction;
    discover(1, mac(120));
    serve(ours, 2, 110, mac(120));
    serve(theirs, 2, 210, mac(120));
    const auto all = found();
    EXPECT_THAT(all, testing::Contains("rogue_dhcp 10.2.0.77"));
    for (const auto& [key, one] : findings)
        if (one.kind == Kind::rogue_dhcp) {
            EXPECT_EQ(one.severity, Severity::high);
            EXPECT_THAT(one.facts, testing::Contains(testing::Pair("differs", "gateway name_server")));
        }
}

TEST_F(Dhcp, TwoThatGiveTheSameAreAPair) {
    const Server one{.mac = mac(1), .ip = ip(2), .gateway = ip(1), .name_server = ip(2)};
    const Server other{.mac = mac(2), .ip = ip(3), .gateway = ip(1), .name_server = ip(2)};
    for (int client = 0; client < 3; ++client) {
        ++transaction;
        const auto who = mac(100 + client);
        discover(1, who);
        serve(one, 2, 100 + client, who);
        serve(other, 2, 200 + client, who);
        discover(3, who);
        serve(client % 2 == 0 ? one : other, 5, client % 2 == 0 ? 100 + client : 200 + client, who);
        wait(90s);
    }
    EXPECT_THAT(found(), testing::ElementsAre("two_dhcp_servers 10.2.0.3"));
    EXPECT_EQ(findings.begin()->second.severity, Severity::low);
}

TEST_F(Dhcp, OneServerIsNoTrouble) {
    const Server ours{.mac = mac(1), .ip = ip(1), .gateway = ip(1)};
    for (int client = 0; client < 5; ++client) {
        ++transaction;
        discover(1, mac(100 + client));
        serve(ours, 2, 100 + client, mac(100 + client));
        discover(3, mac(100 + client));
        serve(ours, 5, 100 + client, mac(100 + client));
        wait(90s);
    }
    EXPECT_THAT(found(), IsEmpty());
}

TEST_F(Dhcp, MasksOfOneSubnetThatDisagreeAreTold) {
    Server ours{.mac = mac(1), .ip = ip(1), .gateway = ip(1)};
    for (int client = 0; client < 4; ++client) {
        ++transaction;
        if (client == 3) ours.mask = hex("ff ff 00 00");
        discover(3, mac(100 + client));
        serve(ours, 5, 100 + client, mac(100 + client));
        wait(5s);
    }
    EXPECT_THAT(found(), testing::ElementsAre("mask_disagrees 10.2.0.0/24"));
    EXPECT_THAT(findings.begin()->second.facts,
                testing::Contains(testing::Pair("usual_mask", "255.255.255.0")));
}

// Cycles are told by the fold's windows: they are said to the watch as the fold says them.
struct Cycle : testing::Test {
    Watch watch{dissect::name_of};
    ob::Time now{std::chrono::seconds{1'800'000'000}};
    std::uint16_t modbus = 0;
    ob::Parties parties{.client = {.ip = address(1), .mac = {0, 0x30, 0xde, 0, 0, 1}, .port = 50'000},
                        .server = {.ip = address(2), .mac = {0, 0x30, 0xde, 0, 0, 2}, .port = 502},
                        .lane = {.carrier = 6},
                        .certain = true};
    std::map<std::string, Finding> findings;

    static ob::Ip address(std::uint8_t last) {
        return {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 2, 0, last};
    }
    Cycle() {
        for (std::uint16_t number = 1; number < 200 && modbus == 0; ++number)
            if (dissect::name_of(number) == "modbus") modbus = number;
    }
    ob::Origin origin(ob::Speaker speaker = ob::Speaker::client) const {
        return {.at = now, .parties = parties, .conversation = 7, .speaker = speaker, .evidence = {10, 1, 0}};
    }
    struct Window {
        unsigned mean_us = 100'000, most_us = 103'000, requests = 600, answers = 600, refusals = 0;
    };
    void window(const Window& one) {
        const auto begin = now;
        now += 60s;
        ob::Repeats told{.like = {.protocol = modbus,
                                  .function = {3, "read holding registers"},
                                  .act = ob::Act::read,
                                  .phase = ob::Phase::request,
                                  .object = {.space = "holding register", .number = 100},
                                  .count = 10},
                         .messages = std::uint64_t{one.requests} + one.answers + one.refusals,
                         .answers = one.answers,
                         .refusals = one.refusals,
                         .first = begin,
                         .last = now - 100ms,
                         .interval_least_us = one.mean_us - 2'000,
                         .interval_mean_us = one.mean_us,
                         .interval_most_us = one.most_us,
                         .last_seen = {20, 1, 0}};
        watch.on(origin(), told);
        tick();
    }
    void tick() { watch.on(origin(), ob::Coverage{.packets = 10}); }
    std::vector<std::string> found(bool open = true) {
        for (auto& one : watch.take_changes().findings) findings[one.key] = one;
        std::vector<std::string> out;
        for (const auto& [key, one] : findings)
            if (!open || one.until > now) out.emplace_back(word(one.kind));
        return out;
    }
};

TEST_F(Cycle, WhatIsAsUsualIsNoFinding) {
    for (unsigned i = 0; i < 60; ++i)
        window({.mean_us = 100'000 + i % 7 * 500, .most_us = 103'000 + i % 5 * 900});
    EXPECT_THAT(found(false), IsEmpty());
}

TEST_F(Cycle, OneBadMinuteIsNoFinding) {
    for (int i = 0; i < 12; ++i) window({});
    window({.mean_us = 400'000, .most_us = 900'000, .requests = 150, .answers = 150});
    for (int i = 0; i < 12; ++i) window({});
    EXPECT_THAT(found(false), IsEmpty());
}

TEST_F(Cycle, SlowerIsToldAndEndsWhenItIsAsBefore) {
    for (int i = 0; i < 12; ++i) window({});
    for (int i = 0; i < 3; ++i)
        window({.mean_us = 160'000, .most_us = 170'000, .requests = 375, .answers = 375});
    EXPECT_THAT(found(), testing::ElementsAre("cycle_slower"));
    EXPECT_THAT(findings.begin()->second.facts, testing::Contains(testing::Pair("usual_us", "100000")));
    EXPECT_THAT(findings.begin()->second.facts, testing::Contains(testing::Pair("now_us", "160000")));
    for (int i = 0; i < 2; ++i) window({});
    EXPECT_THAT(found(), IsEmpty());
}

TEST_F(Cycle, AnswersThatStayAway) {
    for (int i = 0; i < 12; ++i) window({});
    for (int i = 0; i < 2; ++i) window({.answers = 300});
    EXPECT_THAT(found(), testing::ElementsAre("cycle_unanswered"));
}

TEST_F(Cycle, AnswersThatSayNo) {
    for (int i = 0; i < 12; ++i) window({});
    for (int i = 0; i < 2; ++i) window({.answers = 0, .refusals = 600});
    EXPECT_THAT(found(), testing::ElementsAre("cycle_refused"));
}

TEST_F(Cycle, JitterIsToldOfTheLongestWait) {
    for (int i = 0; i < 12; ++i) window({});
    for (int i = 0; i < 2; ++i) window({.mean_us = 101'000, .most_us = 900'000});
    EXPECT_THAT(found(), testing::ElementsAre("cycle_jitter"));
}

TEST_F(Cycle, ItStoppedAndBothAreStillThere) {
    for (int i = 0; i < 12; ++i) window({});
    for (int i = 0; i < 20; ++i) {
        now += 15s;
        for (const auto speaker : {ob::Speaker::client, ob::Speaker::server})
            watch.on(origin(speaker), ob::Presence{.subject = ob::Subject::speaker});
        tick();
    }
    EXPECT_THAT(found(), testing::ElementsAre("cycle_stopped"));
    window({});
    EXPECT_THAT(found(), IsEmpty());
}

TEST_F(Cycle, WhoWasSwitchedOffHasNotStopped) {
    for (int i = 0; i < 12; ++i) window({});
    for (int i = 0; i < 40; ++i) {
        now += 15s;
        watch.on(origin(), ob::Presence{.subject = ob::Subject::speaker});
        tick();
    }
    EXPECT_THAT(found(false), IsEmpty());
}

TEST_F(Cycle, WhatTheSensorLostIsNotTheLinesFault) {
    for (int i = 0; i < 12; ++i) window({});
    for (int i = 0; i < 4; ++i) {
        watch.on(origin(), ob::Coverage{.packets = 10, .dropped = 500});
        window({.mean_us = 160'000, .most_us = 900'000, .requests = 300, .answers = 100});
    }
    EXPECT_THAT(found(false), IsEmpty());
}

TEST_F(Cycle, SlowerForGoodBecomesUsual) {
    for (int i = 0; i < 12; ++i) window({});
    for (int i = 0; i < 130; ++i)
        window({.mean_us = 200'000, .most_us = 205'000, .requests = 300, .answers = 300});
    EXPECT_THAT(found(), IsEmpty());
}

TEST_F(Health, AMinuteOfRequestsWithoutEndIsAStorm) {
    for (int i = 0; i < 70'000; ++i) {
        send(arp(1, mac(66), ip(66), nobody, ip(i % 250 + 1), everybody), 800us);
        if (i % 10'000 == 0) ask(mac(9), ip(9), ip(50));
    }
    EXPECT_THAT(found(), testing::ElementsAre("storm "));
    const auto& one = findings.begin()->second;
    EXPECT_EQ(ob::text(one.parties.at(0).who.mac), "00:30:de:00:00:42");
}

// Storms are told by what conversations with everybody add in a minute: so they are said to the watch.
struct Storm : testing::Test {
    std::unique_ptr<Watch> watch = std::make_unique<Watch>(dissect::name_of);
    ob::Time now{std::chrono::seconds{1'800'000'000}};
    std::map<unsigned, std::uint64_t> totals;
    std::map<std::string, Finding> findings;
    std::vector<MemoryRow> memory;

    /// In this minute `card` sends so many frames to everybody, or to a group.
    void sends(unsigned card, std::uint64_t packets, std::uint8_t to = 0xff) {
        const auto low = static_cast<std::uint8_t>(card);
        const ob::Parties parties{
            .client = {.ip = {}, .mac = {0, 0x30, 0xde, 0, 0, low}},
            .server = {.ip = {}, .mac = {to, to == 0xff ? to : std::uint8_t{0}, to, to, to, to}},
            .lane = {.carrier = 0x806}};
        auto& total = totals[card * 256 + to];
        const auto say = [&](ob::Time at, std::uint64_t more, ob::Conversation::State state) {
            watch->on(
                {.at = at, .parties = parties, .conversation = card * 256 + to, .evidence = {card, 1, 0}},
                ob::Conversation{.state = state, .packets = {total += more, 0}, .bytes = {0, 0}});
        };
        if (total == 0 && packets > 0) {
            say(now + 1s, 1, ob::Conversation::State::opened);
            --packets;
        }
        if (packets > 0) say(now + 60s, packets, ob::Conversation::State::goes_on);
    }
    void minute() { now += 60s; }
    std::vector<std::string> found(bool open = false) {
        auto changes = watch->take_changes();
        for (auto& one : changes.findings) findings[one.key] = one;
        for (auto& row : changes.memory) memory.push_back(row);
        std::vector<std::string> out;
        for (const auto& [key, one] : findings)
            if (!open || one.until > now) out.push_back(key);
        return out;
    }
};

TEST_F(Storm, AThousandBroadcastsASecondAreOne) {
    sends(1, 90'000);
    sends(2, 400);
    EXPECT_THAT(found(), testing::ElementsAre("storm|0|0|broadcast"));
    const auto& one = findings.begin()->second;
    EXPECT_EQ(one.severity, Severity::high);
    ASSERT_THAT(one.parties, SizeIs(2));
    EXPECT_EQ(ob::text(one.parties[0].who.mac), "00:30:de:00:00:01");
    EXPECT_THAT(one.facts, testing::Contains(testing::Pair("per_second", "1506")));
    EXPECT_THAT(one.facts, testing::Contains(testing::Pair("loudest_percent", "99")));
    for (int i = 0; i < 6; ++i) {
        minute();
        sends(2, 400);
    }
    EXPECT_THAT(found(true), IsEmpty()); // And it is over.
}

TEST_F(Storm, TenTimesTheUsualAreOne) {
    for (int i = 0; i < 10; ++i) {
        sends(1, 900);
        sends(2, 300);
        minute();
    }
    EXPECT_THAT(found(), IsEmpty());
    sends(1, 900);
    sends(2, 20'000);
    EXPECT_THAT(found(), SizeIs(1));
    EXPECT_EQ(findings.begin()->second.severity, Severity::medium);
    EXPECT_EQ(findings.begin()->second.times, 1u);
    EXPECT_THAT(findings.begin()->second.facts, testing::Contains(testing::Pair("usual_per_second", "20")));
    minute();
    sends(2, 20'000);
    EXPECT_THAT(found(), SizeIs(1));
    EXPECT_EQ(findings.begin()->second.times, 2u);
}

TEST_F(Storm, ABusySegmentIsNone) {
    for (int i = 0; i < 60; ++i) {
        for (unsigned card = 1; card <= 100; ++card) sends(card, 100 + card + static_cast<unsigned>(i));
        sends(200, 90'000, 0x01); // A stream to a group, from the beginning.
        minute();
    }
    EXPECT_THAT(found(), IsEmpty());
}

TEST_F(Storm, AStreamToAGroupIsComparedWithWhatIsUsual) {
    for (int i = 0; i < 10; ++i) {
        sends(1, 600, 0x01);
        minute();
    }
    for (int i = 0; i < 200; ++i) {
        sends(1, 150'000, 0x01);
        minute();
        if (i == 0) EXPECT_THAT(found(), testing::ElementsAre("storm|0|0|multicast"));
    }
    EXPECT_THAT(found(true), IsEmpty()); // After two hours it is what is usual.
}

TEST_F(Storm, WhatWasForgottenIsNotCountedAgain) {
    sends(1, 30'000);
    minute();
    sends(1, 20'000);
    EXPECT_THAT(found(), IsEmpty());
    watch = std::make_unique<Watch>(dissect::name_of); // One that knows nothing of it.
    for (int i = 0; i < 3; ++i) {
        minute();
        sends(1, 25'000);
    }
    EXPECT_THAT(found(), IsEmpty());
}

TEST_F(Storm, TheUsualIsKnownAfterARestart) {
    for (int i = 0; i < 10; ++i) {
        sends(1, 900);
        minute();
    }
    (void)found();
    watch = std::make_unique<Watch>(dissect::name_of);
    std::map<std::pair<int, std::string>, MemoryRow> rows;
    for (const auto& row : memory) rows[{row.table, row.key}] = row;
    std::vector<MemoryRow> all;
    for (const auto& [key, row] : rows) all.push_back(row);
    watch->load({}, all);
    sends(1, 20'000);
    EXPECT_THAT(found(), SizeIs(1));
}

TEST(Tables, AreBoundedAndCountWhatIsForgotten) {
    Watch::Most most;
    most.findings = 8;
    most.claims = {.addresses = 16, .stations = 16};
    most.subnets = {.stations = 16};
    most.detours = {.stations = 16};
    Watch watch{dissect::name_of, most};
    std::uint16_t arp = 0;
    for (std::uint16_t number = 1; number < 200 && arp == 0; ++number)
        if (dissect::name_of(number) == "arp") arp = number;
    ob::Parties parties{};
    for (unsigned i = 0; i < 3'000; ++i) {
        const auto low = static_cast<std::uint8_t>(i), high = static_cast<std::uint8_t>(i >> 8);
        const ob::Ip ip{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 2, high, low};
        parties.client.mac = {2, 0, 0, 0, high, low};
        for (int again = 0; again < 4; ++again) {
            const ob::Station who{.ip = ip,
                                  .mac = {2, 0, 0, static_cast<std::uint8_t>(again % 2), high, low}};
            const ob::Origin origin{
                .at = ob::Time{std::chrono::seconds{1'000'000 + i + static_cast<unsigned>(again)}},
                .parties = parties,
                .evidence = {i + 1, 1, 0}};
            watch.on(origin, ob::Identity{.protocol = arp,
                                          .subject = ob::Subject::third,
                                          .third = who,
                                          .attribute = ob::Attribute::ip,
                                          .value = std::string_view{"x"},
                                          .confidence = 95});
            watch.on(origin,
                     ob::Identity{.protocol = arp,
                                  .subject = ob::Subject::third,
                                  .third = who,
                                  .attribute = ob::Attribute::netmask,
                                  .value = std::string_view{again % 2 ? "255.255.255.0" : "255.255.0.0"},
                                  .confidence = 95});
        }
        if (i % 100 == 99) (void)watch.take_changes();
    }
    std::uint64_t forgotten = 0;
    for (const auto& use : watch.uses()) {
        EXPECT_LE(use.used, use.bound) << use.name;
        forgotten += use.forgotten;
    }
    EXPECT_GT(forgotten, 1'000u);
}

} // namespace
