// Ports of switches: what is found in what they answer and in their traps, and what must not be found.
#include <gtest/gtest.h>

#include <map>

#include "see/health/watch.h"
#include "spine/base/text.h"

using namespace yagura;
using namespace yagura::see::health;
using namespace std::chrono_literals;
namespace ob = yagura::observe;

namespace {

constexpr std::uint16_t state = 1, table = 2, traps = 3;
std::string_view name_of(std::uint16_t number) {
    return number == state   ? "switch_state"
           : number == table ? "switch_table"
           : number == traps ? "snmp"
                             : "";
}
constexpr ob::Mac press{0x00, 0x30, 0xde, 0, 0, 1};

struct Links : testing::Test {
    std::unique_ptr<Watch> watch = std::make_unique<Watch>(name_of);
    ob::Time now{std::chrono::seconds{1'800'000'000}};
    ob::Time booted = now - 100h;
    ob::Parties parties{
        .client = {.ip = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 2, 3, 99}},
        .server = {.ip = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 2, 3, 2}, .mac = {2, 0, 0, 0, 0, 2}}};
    std::map<std::string, Finding> findings;
    std::map<std::uint32_t, see::health::Links::Row> ports;
    std::vector<MemoryRow> memory;

    ob::Origin origin() {
        return {.at = now,
                .parties = parties,
                .speaker = ob::Speaker::server,
                .evidence = {.frame = 7, .source = 1}};
    }
    void say(std::uint32_t interface, std::string_view field, ob::Value value) {
        watch->on(origin(), ob::Variable{.protocol = state,
                                         .object = {.form = ob::Object::Form::bacnet,
                                                    .space = "interface",
                                                    .number = interface,
                                                    .text = field},
                                         .value = value,
                                         .count = 1});
    }
    struct Said {
        std::uint64_t oper = 1, admin = 1, errors = 0, octets = 0;
        std::chrono::hours changed{0}; ///< since it was switched on; 0: not told
    };
    /// One answer of the switch, as far as port 7 goes.
    void poll(const Said& said) {
        say(0, "uptime", std::uint64_t((now - booted) / 10ms));
        say(0, "system", std::string_view{"sw-press"});
        say(7, "description", std::string_view{"GigabitEthernet0/7"});
        say(7, "name", std::string_view{"Gi0/7"});
        say(7, "alias", std::string_view{"press 3"});
        say(7, "type", std::uint64_t{6});
        say(7, "speed", std::uint64_t{1'000});
        say(7, "admin", said.admin);
        say(7, "changed", std::uint64_t(said.changed / 10ms));
        say(7, "oper", said.oper);
        say(7, "octets_in", said.octets);
        say(7, "errors_in", said.errors);
    }
    void trap(bool up, std::uint64_t admin = 1) {
        watch->on(origin(), ob::Operation{.protocol = traps,
                                          .act = ob::Act::alarm,
                                          .phase = ob::Phase::event,
                                          .outcome = ob::Outcome::done,
                                          .object = {.form = ob::Object::Form::bacnet,
                                                     .space = "interface",
                                                     .number = 7,
                                                     .text = up ? "link up" : "link down"},
                                          .value = admin});
    }
    void neighbour() {
        watch->on(origin(), ob::Neighbour{.protocol = state,
                                          .far = {.mac = press},
                                          .port = "Gi0/7",
                                          .far_port = "port-001",
                                          .far_name = "press-plc"});
    }
    void station(std::string_view port) {
        watch->on(origin(), ob::Identity{.protocol = table,
                                         .subject = ob::Subject::third,
                                         .third = {.mac = press},
                                         .attribute = ob::Attribute::port_name,
                                         .value = port});
    }
    void take() {
        auto changes = watch->take_changes();
        for (auto& one : changes.findings) findings[std::string{word(one.kind)}] = one;
        for (auto& row : changes.memory) memory.push_back(row);
        for (auto& row : changes.ports) ports[row.interface] = row;
    }
    bool open(std::string_view kind) {
        take();
        const auto found = findings.find(std::string{kind});
        return found != findings.end() && found->second.until > now;
    }
    std::string fact(std::string_view kind, std::string_view name) {
        for (const auto& [one, value] : findings[std::string{kind}].facts)
            if (one == name) return value;
        return "";
    }
    /// What the center does when it falls and comes back: another watch with what was written.
    void restart() {
        take();
        std::vector<Finding> kept;
        for (const auto& [kind, one] : findings) kept.push_back(one);
        watch = std::make_unique<Watch>(name_of);
        watch->load(std::move(kept), memory);
    }
};

TEST_F(Links, APulledCableIsFoundAtTheNextAnswer) {
    poll({.changed = 1h});
    neighbour();
    take();
    EXPECT_EQ(ports[7].name, "Gi0/7");
    EXPECT_EQ(ports[7].system, "sw-press");
    EXPECT_EQ(ports[7].since, booted + 1h);
    EXPECT_EQ(ports[7].there.name, "press-plc");
    EXPECT_EQ(ports[7].there.mac, press);
    EXPECT_TRUE(findings.empty());
    now += 10h;
    poll({.oper = 2, .changed = 105h}); // Five hours ago, as the switch itself says.
    ASSERT_TRUE(open("link_down"));
    const auto& found = findings["link_down"];
    EXPECT_EQ(found.first, booted + 105h);
    EXPECT_EQ(found.severity, Severity::medium);
    ASSERT_EQ(found.parties.size(), 2u);
    EXPECT_EQ(found.parties[0].role, Party::Role::connects);
    EXPECT_EQ(found.parties[1].who.mac, press);
    EXPECT_EQ(fact("link_down", "port"), "Gi0/7");
    EXPECT_EQ(fact("link_down", "alias"), "press 3");
    EXPECT_EQ(fact("link_down", "seen_by"), "answer");
    now += 1h;
    poll({.changed = 110h});
    EXPECT_FALSE(open("link_down"));
    EXPECT_EQ(ports[7].downs, 1u);
}

TEST_F(Links, APortThatWasAlwaysDownOrIsSwitchedOffIsNoFinding) {
    poll({.oper = 2});
    now += 1h;
    poll({.oper = 2});
    EXPECT_FALSE(open("link_down"));
    poll({.oper = 1});
    now += 1h;
    poll({.oper = 2, .admin = 2}); // Whoever switched it off knows.
    EXPECT_FALSE(open("link_down"));
    now += 1h;
    poll({.oper = 1});
    trap(false, 2);
    EXPECT_FALSE(open("link_down"));
    // One that is down is over once somebody switches the port off.
    now += 1h;
    poll({.oper = 1});
    trap(false);
    EXPECT_TRUE(open("link_down"));
    now += 1h;
    poll({.oper = 2, .admin = 2});
    EXPECT_FALSE(open("link_down"));
}

TEST_F(Links, TrapsAloneAreEnough) {
    trap(false);
    EXPECT_TRUE(open("link_down"));
    EXPECT_EQ(fact("link_down", "port"), "#7"); // Nobody asked for its name.
    EXPECT_EQ(fact("link_down", "seen_by"), "trap");
    EXPECT_EQ(findings["link_down"].severity, Severity::low); // Nobody is known to hang on it.
    trap(false);                                              // told twice
    take();
    EXPECT_EQ(ports[7].downs, 1u);
    now += 1min;
    trap(true);
    EXPECT_FALSE(open("link_down"));
    EXPECT_FALSE(open("link_flapping"));
}

TEST_F(Links, ALinkThatComesAndGoesFlaps) {
    poll({});
    for (int i = 0; i < 3; ++i) {
        EXPECT_FALSE(open("link_flapping")) << i;
        now += 20s;
        trap(false);
        now += 20s;
        trap(true);
    }
    EXPECT_TRUE(open("link_flapping"));
    EXPECT_EQ(fact("link_flapping", "downs"), "3");
    EXPECT_FALSE(open("link_down"));
    now += 31min;
    EXPECT_FALSE(open("link_flapping"));
}

TEST_F(Links, OnceAnHourIsNoFlapping) {
    poll({});
    for (int i = 0; i < 12; ++i) {
        now += 1h;
        trap(false);
        now += 1s;
        trap(true);
    }
    EXPECT_FALSE(open("link_flapping"));
    take();
    EXPECT_EQ(ports[7].downs, 12u);
}

TEST_F(Links, ALinkThatWasLostBetweenTwoAnswersIsCounted) {
    poll({.changed = 1h});
    now += 1h;
    poll({.changed = 1h});
    take();
    EXPECT_EQ(ports[7].downs, 0u);
    now += 1h;
    poll({.changed = 101h}); // Up both times, and not all the time.
    take();
    EXPECT_EQ(ports[7].downs, 1u);
    EXPECT_EQ(ports[7].since, booted + 101h);
    EXPECT_FALSE(open("link_down"));
}

TEST_F(Links, ErrorsAreThoseSinceTheAnswerBefore) {
    poll({.errors = 5'000, .octets = 1'000'000});
    EXPECT_FALSE(open("link_errors")); // Over years, for all we know.
    EXPECT_EQ(ports[7].errors_in, 5'000u);
    now += 1h;
    poll({.errors = 5'099, .octets = 1'000'000 + 3'600 * 1'000});
    EXPECT_FALSE(open("link_errors"));
    EXPECT_EQ(ports[7].errors_new, 99u);
    EXPECT_EQ(ports[7].in_bps, 8'000u);
    now += 1h;
    poll({.errors = 5'200});
    EXPECT_TRUE(open("link_errors"));
    EXPECT_EQ(fact("link_errors", "errors"), "101");
    EXPECT_EQ(ports[7].in_bps, 0u); // It counts fewer than before: it was started anew.
    now += 1h;
    poll({.errors = 3});
    take();
    EXPECT_EQ(ports[7].errors_new, 0u);
}

TEST_F(Links, WhoIsBehindAPortIsKnownByItsTableUnlessLldpSaysSo) {
    poll({});
    station("sw-press Gi0/7");
    take();
    EXPECT_EQ(ports[7].there.how, see::health::Links::How::table);
    EXPECT_EQ(ports[7].there.mac, press);
    neighbour();
    station("sw-press Gi0/7");
    take();
    EXPECT_EQ(ports[7].there.how, see::health::Links::How::lldp);
}

TEST_F(Links, ARestartGoesOnInTheMiddle) {
    poll({.changed = 1h});
    neighbour();
    trap(false);
    restart();
    now += 20s;
    trap(true);
    EXPECT_FALSE(open("link_down"));
    for (int i = 0; i < 2; ++i) {
        now += 20s;
        trap(false);
        restart();
        now += 20s;
        trap(true);
    }
    EXPECT_TRUE(open("link_flapping"));
    EXPECT_EQ(ports[7].name, "Gi0/7");
    EXPECT_EQ(ports[7].there.name, "press-plc");
}

TEST_F(Links, WhatASwitchMayNotSayChangesNothing) {
    say(7, "oper", std::uint64_t{99});
    say(7, "oper", std::string_view{"up"});
    say(7, "admin", UINT64_MAX);
    say(7, "changed", UINT64_MAX);
    say(0, "uptime", UINT64_MAX);
    say(7, "nonsense", std::uint64_t{1});
    say(7, "name", std::string_view{std::string_view{"x"}.data(), 1});
    trap(true, UINT64_MAX);
    take();
    EXPECT_EQ(ports[7].oper, 1);
    EXPECT_EQ(ports[7].admin, 0);
    EXPECT_TRUE(findings.empty());
}

} // namespace
