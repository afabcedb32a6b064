#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <random>

#include "see/needs/purpose.h"
#include "see/needs/stops.h"
#include "spine/base/text.h"

using namespace yagura;
using namespace yagura::see::needs;
using observe::Act;
using testing::ElementsAre;
using testing::IsEmpty;

namespace {

store::NeedRow need(std::string client, std::string server, std::string protocol, std::vector<Act> acts,
                    std::string carrier = "tcp", std::uint16_t port = 502) {
    store::NeedRow out;
    const auto role = [](std::string_view name) { return std::string{name.substr(0, name.find('-'))}; };
    out.client.device = {client, client, "10.0.0.1", role(client)};
    out.server.device = {server, server, "10.0.0.2", role(server)};
    out.client.address = "10.0.0.1";
    out.server.address = "10.0.0.2";
    out.protocol = std::move(protocol);
    out.carrier = std::move(carrier);
    out.port = port;
    for (const auto act : acts) out.by_client.push_back({.act = act, .count = 5});
    return out;
}

std::vector<std::string> told(const std::vector<store::NeedRow>& needs, const std::set<std::string>& stop) {
    std::vector<std::string> out;
    for (const auto& one : stops_if(needs, stop)) {
        std::string why;
        for (const auto& reason : one.reasons) why += cat(" ", key(reason.why));
        out.push_back(
            cat(one.depth, " ", one.device, why, one.stands ? " stands" : "", one.other ? " other" : ""));
    }
    return out;
}

TEST(NeedPurpose, FollowsFromProtocolAndActs) {
    const auto of = [](std::string protocol, std::vector<Act> acts) {
        return key(purpose_of(need("hmi-1", "plc-1", std::move(protocol), std::move(acts))));
    };
    EXPECT_EQ(of("modbus", {Act::read}), "watch");
    EXPECT_EQ(of("modbus", {Act::read, Act::write}), "values");
    EXPECT_EQ(of("cotp", {Act::read, Act::program_upload}), "program");
    EXPECT_EQ(of("cotp", {Act::stop}), "program");
    EXPECT_EQ(of("enip", {Act::cyclic_io, Act::write}), "io");
    EXPECT_EQ(of("opcua", {Act::report, Act::browse}), "alarms");
    EXPECT_EQ(of("enip", {Act::identify}), "finding");
    EXPECT_EQ(of("dns", {Act::read}), "names");
    EXPECT_EQ(of("smb", {}), "files");
    EXPECT_EQ(of("", {}), "unknown");
}

TEST(NeedKind, SaysWhatAFirewallCanDo) {
    auto one = need("hmi-1", "plc-1", "modbus", {Act::read});
    EXPECT_EQ(kind_of(one), Kind::rule);
    one.protocol.clear();
    one.packets = 2, one.bytes = 120; // A scan, and the port was closed.
    EXPECT_EQ(kind_of(one), Kind::silent);
    one.bytes = 900;
    EXPECT_EQ(kind_of(one), Kind::rule);
    one.one_sided = true;
    EXPECT_EQ(kind_of(one), Kind::silent);
    one.server.device.id.clear();
    one.server.address = "239.1.2.3";
    EXPECT_EQ(kind_of(one), Kind::group);
    EXPECT_EQ(kind_of(need("plc-1", "remote_io-1", "profinet_rt", {}, "ethernet", 0)), Kind::link);
    EXPECT_EQ(kind_of(need("plc-1", "plc-2", "arp", {}, "ethernet", 0)), Kind::network);
    for (const auto* group : {"224.0.0.251", "255.255.255.255", "10.1.2.255", "ff02::fb", "01:00:5e:00:00:fb",
                              "ff:ff:ff:ff:ff:ff"})
        EXPECT_TRUE(is_group(group)) << group;
    for (const auto* one_of : {"10.1.2.3", "fd00::1", "00:1b:1b:10:02:10", "", "x"})
        EXPECT_FALSE(is_group(one_of)) << one_of;
}

TEST(Stops, WhoAsksAndWhoIsWrittenTo) {
    const std::vector needs{need("hmi-1", "plc-1", "modbus", {Act::read, Act::write}),
                            need("historian-1", "plc-1", "modbus", {Act::read})};
    EXPECT_THAT(told(needs, {"plc-1"}), ElementsAre("1 historian-1 asks", "1 hmi-1 asks"));
    EXPECT_THAT(told(needs, {"hmi-1"}), ElementsAre("1 plc-1 commands")); // It goes on; nobody operates it.
    EXPECT_THAT(told(needs, {"historian-1"}), IsEmpty());                 // Nobody misses who only reads.
    EXPECT_THAT(told(needs, {"plc-1", "hmi-1"}), ElementsAre("1 historian-1 asks"));
    EXPECT_THAT(told(needs, {"nobody"}), IsEmpty());
}

TEST(Stops, FurtherWhereSomethingStands) {
    const std::vector needs{
        need("plc-1", "remote_io-1", "enip", {Act::cyclic_io}), need("hmi-1", "plc-1", "modbus", {Act::read}),
        need("plc-2", "drive-1", "modbus", {Act::write}), need("scada-1", "plc-2", "modbus", {Act::read}),
        need("scada-1", "hmi-1", "http", {}, "tcp", 80)};
    EXPECT_THAT(told(needs, {"remote_io-1"}), ElementsAre("1 plc-1 io stands", "2 hmi-1 asks"));
    EXPECT_THAT(told(needs, {"plc-1"}), ElementsAre("1 hmi-1 asks", "1 remote_io-1 io stands"));
    EXPECT_THAT(told(needs, {"drive-1"}), ElementsAre("1 plc-2 asks stands", "2 scada-1 asks"));
    // Who only shows something does not stand: the way ends there.
    EXPECT_THAT(told(needs, {"hmi-1"}), ElementsAre("1 scada-1 asks"));
}

TEST(Stops, WhatNobodyAnsweredIsNoNeed) {
    auto scan = need("hmi-1", "plc-1", "modbus", {Act::read});
    scan.one_sided = true;
    EXPECT_THAT(told({scan}, {"plc-1"}), IsEmpty());
    EXPECT_THAT(told({need("hmi-1", "plc-1", "arp", {})}, {"plc-1"}), IsEmpty());
}

TEST(Stops, AnotherServerOfTheSameIsTold) {
    const std::vector needs{need("hmi-1", "server-1", "dns", {Act::read}, "udp", 53),
                            need("hmi-1", "server-2", "dns", {Act::read}, "udp", 53),
                            need("hmi-2", "server-1", "dns", {Act::read}, "udp", 53)};
    EXPECT_THAT(told(needs, {"server-1"}), ElementsAre("1 hmi-1 asks other", "1 hmi-2 asks"));
    EXPECT_THAT(told(needs, {"server-1", "server-2"}), ElementsAre("1 hmi-1 asks asks", "1 hmi-2 asks"));
}

TEST(Stops, ACircleEnds) {
    const std::vector needs{need("plc-1", "plc-2", "enip", {Act::cyclic_io}),
                            need("plc-2", "plc-3", "enip", {Act::cyclic_io}),
                            need("plc-3", "plc-1", "enip", {Act::cyclic_io})};
    EXPECT_THAT(told(needs, {"plc-1"}), ElementsAre("1 plc-2 io stands", "1 plc-3 io stands"));
}

TEST(Dependents, AreThoseOfStopsIf) {
    constexpr std::array names{"plc-1",       "plc-2",   "plc-3",   "hmi-1",   "scada-1",
                               "remote_io-1", "drive-1", "robot-1", "server-1"};
    std::mt19937 random{7};
    const auto some = [&](std::size_t of) {
        return std::uniform_int_distribution<std::size_t>{0, of - 1}(random);
    };
    for (int round = 0; round < 300; ++round) {
        std::vector<store::NeedRow> needs;
        for (auto n = some(14); n > 0; --n)
            needs.push_back(need(names[some(names.size())], names[some(names.size())], "modbus",
                                 {std::array{Act::read, Act::write, Act::cyclic_io}[some(3)]}));
        const Dependents dependents{needs};
        for (const auto* name : names) {
            std::set<std::string, std::less<>> stands, waits;
            for (const auto& one : stops_if(needs, {name})) (one.stands ? stands : waits).insert(one.device);
            const auto found = dependents.of(name);
            EXPECT_EQ(std::set<std::string>(found.stands.begin(), found.stands.end()),
                      std::set<std::string>(stands.begin(), stands.end()));
            EXPECT_EQ(std::set<std::string>(found.waits.begin(), found.waits.end()),
                      std::set<std::string>(waits.begin(), waits.end()));
        }
    }
}

} // namespace
