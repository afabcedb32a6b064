// What conversations, approvals and the ledger say of a device's risk.
#include "see/api/risk_facts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace yagura;
using namespace yagura::see;
using observe::Act;
using risk::Term;
using testing::ElementsAre;
using testing::IsEmpty;

namespace {

store::NeedEnd end(std::string id, std::string address, std::string line = {}) {
    store::NeedEnd out;
    out.device = {id, id, address, {}};
    out.address = std::move(address);
    out.line = {line, line};
    return out;
}
store::NeedRow need(store::NeedEnd client, store::NeedEnd server, std::string protocol,
                    std::vector<Act> acts = {}) {
    store::NeedRow out;
    out.id = "t1";
    out.client = std::move(client);
    out.server = std::move(server);
    out.protocol = std::move(protocol);
    out.carrier = "tcp";
    out.port = 502;
    for (const auto act : acts) out.by_client.push_back({.act = act, .count = 5});
    return out;
}

struct Plant {
    WeaknessView view{};
    store::Needs needs{};
    std::vector<store::DeviceStanding> standings{};
    Reconciled ledger{};

    void device(std::string id, std::string address, std::string role, std::string approval = "approved") {
        store::WeakDevice one;
        one.ref = {id, id, {}, {}};
        one.address = std::move(address);
        one.role = std::move(role);
        view.devices.push_back(std::move(one));
        standings.push_back({id, "1", std::move(approval)});
    }
    risk::Facts facts(std::string_view id) {
        for (auto& one : risky_devices(view, needs, standings, ledger, 100))
            if (one.ref.id == id) return std::move(one.facts);
        return {};
    }
};

std::vector<std::string> names(const risk::Counted& counted) {
    std::vector<std::string> out;
    for (const auto& one : counted.things) out.push_back(one.name);
    return out;
}

TEST(RiskFacts, WhoIsApart) {
    EXPECT_FALSE(apart(end("a", "10.1.2.3"), end("b", "10.1.2.200")));
    EXPECT_TRUE(apart(end("a", "10.1.2.3"), end("b", "10.1.3.3")));
    EXPECT_FALSE(apart(end("a", "10.1.2.3", "l0-1"), end("b", "10.1.3.3", "l0-1"))); // Of one line.
    EXPECT_TRUE(apart(end("a", "10.1.2.3", "l0-1"), end("b", "10.1.3.3", "l0-2")));
    EXPECT_FALSE(apart(end("a", "00:1b:1b:10:02:10"), end("b", "10.1.3.3"))); // Without IP: on one cable.
    EXPECT_TRUE(is_public("203.0.113.9"));
    EXPECT_TRUE(is_public("2001:db8::1"));
    for (const auto* not_public : {"10.0.0.1", "192.168.1.1", "224.0.0.1", "fd00::1", "", "x", "127.0.0.1"})
        EXPECT_FALSE(is_public(not_public)) << not_public;
    EXPECT_EQ(network_of("10.1.2.3"), "10.1.2.0/24");
    EXPECT_EQ(network_of("203.0.113.9"), "203.0.0.0/16");
    EXPECT_EQ(network_of("fd00:0:0:1::7"), "fd00:0:0:1::/64");
    EXPECT_EQ(network_of("00:1b:1b:10:02:10"), "");
}

TEST(RiskFacts, ConversationsSayWhoReachesIt) {
    Plant plant;
    plant.device("plc", "10.1.2.10", "plc");
    plant.device("hmi", "10.1.2.30", "hmi");
    plant.device("scada", "10.1.0.10", "scada_server", "pending");
    plant.device("laptop", "10.1.0.66", "engineering_station", "expired");
    plant.device("silent", "10.1.2.99", "drive");
    const auto plc = end("plc", "10.1.2.10");
    plant.needs.needs = {need(end("hmi", "10.1.2.30"), plc, "modbus", {Act::read, Act::write}),
                         need(end("scada", "10.1.0.10"), plc, "modbus", {Act::read}),
                         need(end("laptop", "10.1.0.66"), plc, "cotp", {Act::program_download}),
                         need(end("laptop", "10.1.0.66"), plc, "ftp", {Act::authenticate}),
                         need(end("", "203.0.113.9"), plc, "vnc"),
                         need(end("", "10.9.9.9"), plc, "http"),
                         need(plc, end("", "198.51.100.7"), "tls")};
    plant.needs.needs[2].inside = {"s7comm"};
    const auto facts = plant.facts("plc");
    EXPECT_THAT(names(facts[Term::outsiders]), ElementsAre("scada", "laptop", "10.9.9.9"));
    EXPECT_THAT(names(facts[Term::operated_from_outside]), ElementsAre("laptop"));
    EXPECT_THAT(names(facts[Term::programmed]), ElementsAre("laptop"));
    EXPECT_THAT(names(facts[Term::from_internet]), ElementsAre("203.0.113.9"));
    EXPECT_THAT(names(facts[Term::to_internet]), ElementsAre("198.51.100.7"));
    EXPECT_THAT(names(facts[Term::undecided_peers]), ElementsAre("scada"));
    EXPECT_THAT(names(facts[Term::refused_peers]), ElementsAre("laptop"));
    EXPECT_THAT(names(facts[Term::remote_access]), ElementsAre("vnc"));
    EXPECT_THAT(names(facts[Term::clear_text]), ElementsAre("ftp", "http"));
    EXPECT_THAT(names(facts[Term::no_login]), ElementsAre("modbus", "s7comm"));
    EXPECT_THAT(names(facts[Term::readable_login]), ElementsAre("ftp"));
    EXPECT_EQ(facts[Term::role_controller].count, 1u);
    EXPECT_EQ(facts[Term::level_floor].count, 1u);
    EXPECT_EQ(facts[Term::critical_unknown].count, 1u);
    EXPECT_EQ(facts[Term::no_advisories].count, 1u);
    EXPECT_EQ(facts[Term::untold_product].count,
              0u); // One of the two: without advisories nothing can be held.
    EXPECT_EQ(facts[Term::never_heard].count, 0u);
    EXPECT_EQ(facts[Term::waits].count, 3u);
    EXPECT_EQ(plant.facts("silent")[Term::never_heard].count, 1u);
}

TEST(RiskFacts, WhatNobodyAnsweredReachesNothing) {
    Plant plant;
    plant.device("plc", "10.1.2.10", "plc");
    plant.device("laptop", "10.1.0.66", "workstation", "rejected");
    auto scan = need(end("laptop", "10.1.0.66"), end("plc", "10.1.2.10"), "modbus", {Act::read});
    scan.one_sided = true;
    plant.needs.needs = {scan};
    const auto facts = plant.facts("plc");
    for (const auto term : {Term::outsiders, Term::refused_peers, Term::no_login})
        EXPECT_THAT(names(facts[term]), IsEmpty());
    EXPECT_EQ(facts[Term::never_heard].count, 1u);
}

TEST(RiskFacts, TheLedgerSaysHowCriticalItIsAndWhat) {
    Plant plant;
    plant.device("plc", "10.1.2.10", "plc");
    plant.view.advisories = 3;
    EXPECT_EQ(plant.facts("plc")[Term::untold_product].count, 1u);
    ledger::Entry entry;
    entry[ledger::Field::criticality] = "high";
    entry[ledger::Field::product] = "R04ENCPU";
    plant.ledger.entries.push_back({entry, {}});
    plant.ledger.entry_of.emplace("plc", 0);
    const auto facts = plant.facts("plc");
    EXPECT_EQ(facts[Term::critical_high].count, 1u);
    EXPECT_EQ(facts[Term::untold_product].count, 0u);
    EXPECT_EQ(facts[Term::no_advisories].count, 0u);
}

} // namespace
