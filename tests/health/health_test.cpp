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

TEST_F(Health, AMinuteOfRequestsWithoutEndIsAStorm) {
    for (int i = 0; i < 70'000; ++i) {
        send(arp(1, mac(66), ip(66), nobody, ip(i % 250 + 1), everybody), 800us);
        if (i % 10'000 == 0) ask(mac(9), ip(9), ip(50));
    }
    EXPECT_THAT(found(), testing::ElementsAre("storm "));
    const auto& one = findings.begin()->second;
    EXPECT_EQ(ob::text(one.parties.at(0).who.mac), "00:30:de:00:00:42");
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
