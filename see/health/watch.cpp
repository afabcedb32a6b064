#include "see/health/watch.h"

#include "see/health/places.h"

namespace yagura::see::health {
namespace {

using namespace std::chrono_literals;
using observe::Attribute;

/// What vouches for a pair of addresses: what is its sender's own. A table's row or a guess does not.
constexpr std::uint8_t sure_arp = 95, sure_neighbour = 90;
/// DHCP types.
constexpr std::uint32_t offer = 2, decline = 4, acknowledgement = 5;
constexpr std::uint32_t arp_request = 1, arp_reply = 2;
constexpr std::uint32_t topology_change_notification = 0x80;
constexpr std::uint64_t unsynchronised = 16;

} // namespace

Watch::Watch(std::function<std::string_view(std::uint16_t)> name, const Most& most)
    : name_{std::move(name)},
      board_{most.findings},
      claims_{board_, most.claims},
      dhcp_{board_, most.dhcp},
      subnets_{board_, most.subnets},
      cycles_{board_, most.cycles},
      bridges_{board_, most.bridges},
      detours_{board_, most.detours},
      storms_{board_, most.storms},
      links_{board_, most.links} {}

Watch::Protocol Watch::protocol(std::uint16_t number) {
    if (number >= protocols_.size()) protocols_.resize(number + 1u, Protocol::unknown);
    auto& known = protocols_[number];
    if (known == Protocol::unknown) {
        const auto name = name_(number);
        if (name.empty()) return Protocol::other; // It may still be told.
        known = name == "arp"            ? Protocol::arp
                : name == "icmpv6"       ? Protocol::icmpv6
                : name == "dhcp"         ? Protocol::dhcp
                : name == "stp"          ? Protocol::stp
                : name == "ntp"          ? Protocol::ntp
                : name == "snmp"         ? Protocol::snmp
                : name == "switch_state" ? Protocol::switch_state
                : name == "switch_table" ? Protocol::switch_table
                                         : Protocol::other;
    }
    return known;
}

void Watch::spoke(const observe::Origin& origin, observe::Time at) {
    latest_ = std::max(latest_, at);
    claims_.spoke(origin, at);
    cycles_.spoke(origin, at);
}

void Watch::on(const observe::Origin& origin, const observe::Presence& what) {
    if (what.subject == observe::Subject::speaker) spoke(origin, origin.at);
}

void Watch::on(const observe::Origin& origin, const observe::Identity& what) {
    const auto kind = protocol(what.protocol);
    if (kind == Protocol::dhcp) dhcp_.told(origin, what);
    const auto& who = what.subject == observe::Subject::third      ? what.third
                      : what.subject == observe::Subject::listener ? listener(origin)
                                                                   : speaker(origin);
    const auto* const text = std::get_if<std::string_view>(&what.value);
    if (!text) return;
    switch (what.attribute) {
    case Attribute::ip:
        if (what.subject == observe::Subject::third && who.has_mac() && who.has_ip() &&
            ((kind == Protocol::arp && what.confidence >= sure_arp) ||
             (kind == Protocol::icmpv6 && what.confidence >= sure_neighbour)))
            claims_.claimed(origin, {.ip = who.ip,
                                     .mac = who.mac,
                                     .how = Claims::How::said,
                                     .at = origin.at,
                                     .evidence = origin.evidence});
        break;
    case Attribute::netmask:
        // What a server gives is what it believes; the client takes it.
        subnets_.mask(origin, who, *text, name_(what.protocol));
        break;
    case Attribute::port_name:
        if (kind == Protocol::switch_table && who.has_mac()) links_.behind(origin, who.mac, *text);
        break;
    case Attribute::gateway:
        subnets_.gateway(origin, who, *text, name_(what.protocol));
        break;
    default:
        break;
    }
}

void Watch::on(const observe::Origin& origin, const observe::Neighbour& what) {
    if (protocol(what.protocol) == Protocol::switch_state) links_.near(origin, what);
}

void Watch::on(const observe::Origin& origin, const observe::Variable& what) {
    if (protocol(what.protocol) == Protocol::switch_state) links_.told(origin, what.object, what.value);
}

/// Traps, and informs, which are acknowledged.
void Watch::link_told(const observe::Origin& origin, const observe::Operation& op, observe::Time at,
                      std::uint64_t messages) {
    if (op.object.space != "interface" || op.object.number == 0 || op.object.number > UINT32_MAX) return;
    const auto* const admin = std::get_if<std::uint64_t>(&op.value);
    if (op.object.text == "link down" || op.object.text == "link up")
        links_.trap(origin, static_cast<std::uint32_t>(op.object.number), op.object.text == "link up",
                    admin ? *admin : 0, at, messages);
}

void Watch::on(const observe::Origin& origin, const observe::Conversation& what) {
    // One that goes on still names the cards that it began with.
    if (what.state == observe::Conversation::State::opened) detours_.spoke(origin);
    storms_.said(origin, what);
}

void Watch::arp(const observe::Origin& origin, const observe::Operation& op, observe::Time at,
                std::uint64_t messages, const observe::Evidence& evidence) {
    const auto ip = ip_of(op.object.text);
    if (!ip) return;
    const bool announcement = op.object.space == "announcement";
    if (announcement || op.function.code == arp_reply) {
        // Of a Repeats the speaker is who asked; of an answer that is the other one.
        claims_.claimed(origin, {.ip = *ip,
                                 .mac = speaker(origin).mac,
                                 .how = announcement ? Claims::How::announced : Claims::How::answered,
                                 .at = at,
                                 .messages = messages,
                                 .evidence = evidence});
        if (!announcement) detours_.offered(origin, *ip, at, evidence);
    } else if (op.function.code == arp_request) {
        claims_.asked(origin, *ip, messages);
        detours_.asked(origin, *ip, at);
    }
}

/// RFC 5905 clause 7.3: stratum 16 is a server that has no time itself.
void Watch::time_told(const observe::Origin& origin, const observe::Operation& op, observe::Time at) {
    const auto* const stratum = std::get_if<std::uint64_t>(&op.value);
    if (!stratum || *stratum == 0) return;
    const auto& server = op.phase == observe::Phase::response || op.phase == observe::Phase::event
                             ? speaker(origin)
                             : listener(origin);
    if (!server.has_ip()) return;
    const auto lane = origin.parties.lane;
    const auto key = cat("time_unsynchronised|", static_cast<unsigned>(lane.realm), "|",
                         observe::text(server.ip));
    if (*stratum < unsynchronised) return board_.end(key, at);
    Finding out;
    out.key = key;
    out.kind = Kind::time_unsynchronised;
    out.severity = Severity::medium;
    out.realm = lane.realm;
    out.vlan = lane.vlan;
    out.address = server.ip;
    out.first = out.last = at;
    out.until = at + 24h;
    out.evidence = origin.evidence;
    out.parties.push_back({Party::Role::server, server, at, at, origin.evidence});
    out.facts.emplace_back("stratum", cat(*stratum));
    board_.raise(std::move(out));
}

void Watch::on(const observe::Origin& origin, const observe::Operation& what) {
    spoke(origin, origin.at);
    switch (protocol(what.protocol)) {
    case Protocol::arp:
        return arp(origin, what, origin.at, 1, origin.evidence);
    case Protocol::dhcp:
        if (what.function.code == offer || what.function.code == acknowledgement)
            dhcp_.answered(origin, what.pair, what.object.text, what.function.code == acknowledgement);
        else if (what.function.code == decline)
            if (const auto ip = ip_of(what.object.text)) claims_.declined(origin, *ip);
        return;
    case Protocol::stp:
        if (what.object.space == "root") bridges_.root(origin, what.object.text, origin.at, origin.at);
        if (what.function.code == topology_change_notification)
            bridges_.changed(origin, origin.at, origin.at);
        return;
    case Protocol::ntp:
        return time_told(origin, what, origin.at);
    case Protocol::snmp:
        link_told(origin, what, origin.at, 1);
        [[fallthrough]];
    default:
        return cycles_.acted(origin, what, name_(what.protocol));
    }
}

void Watch::on(const observe::Origin& origin, const observe::Repeats& what) {
    // Its speaker is who asks: of answers alone, the other one.
    auto said = origin;
    if (what.like.phase == observe::Phase::response) said.speaker = other(origin.speaker);
    const auto first = what.first == observe::Time{} ? origin.at : what.first,
               last = what.last == observe::Time{} ? origin.at : what.last;
    auto at_last = what.last_seen.frame != 0 ? what.last_seen : origin.evidence;
    at_last.source = origin.evidence.source;
    spoke(said, last);
    switch (protocol(what.like.protocol)) {
    case Protocol::arp:
        arp(said, what.like, first, what.messages, origin.evidence);
        if (last != first) arp(said, what.like, last, 0, at_last);
        return;
    case Protocol::dhcp:
        if (what.like.function.code == decline)
            if (const auto ip = ip_of(what.like.object.text)) claims_.declined(said, *ip);
        return;
    case Protocol::stp:
        if (what.like.object.space == "root") bridges_.root(said, what.like.object.text, first, last);
        if (what.like.function.code == topology_change_notification) bridges_.changed(said, first, last);
        return;
    case Protocol::ntp:
        return time_told(origin, what.like, last);
    case Protocol::snmp:
        link_told(origin, what.like, last, what.messages);
        [[fallthrough]];
    default:
        // Both ends spoke, if there were answers.
        if (what.answers + what.refusals != 0 && what.like.phase == observe::Phase::request) {
            auto back = origin;
            back.speaker = other(origin.speaker);
            spoke(back, last);
        }
        return cycles_.repeated(origin, what, name_(what.like.protocol));
    }
}

void Watch::on(const observe::Origin& origin, const observe::Coverage& what) {
    latest_ = std::max(latest_, origin.at);
    cycles_.time(origin.evidence.source, origin.at, what.dropped != 0);
}

template <class Do>
void Watch::each_table(Do&& use) {
    claims_.tables(use);
    dhcp_.tables(use);
    subnets_.tables(use);
    cycles_.tables(use);
    bridges_.tables(use);
    detours_.tables(use);
    storms_.tables(use);
    links_.tables(use);
}

Watch::Changes Watch::take_changes() {
    Changes out;
    out.findings = board_.take();
    each_table([&](std::string_view, std::string_view, auto& table) { table.take(out.memory); });
    cycles_.take(out.cycles);
    links_.take(out.ports);
    return out;
}

void Watch::load(std::vector<Finding> findings, const std::vector<MemoryRow>& memory) {
    for (auto& one : findings) board_.load(std::move(one));
    each_table([&](std::string_view, std::string_view, auto& table) {
        for (const auto& row : memory) table.load(row);
    });
    subnets_.index();
    Changes ignored; // What was loaded is written already.
    each_table([&](std::string_view, std::string_view, auto& table) { table.take(ignored.memory); });
}

std::vector<Watch::Use> Watch::uses() {
    std::vector<Use> out{{"health.findings", "findings", board_.most(), board_.size(), board_.forgotten()}};
    each_table([&](std::string_view name, std::string_view unit, auto& table) {
        out.push_back({name, unit, table.most(), table.size(), table.forgotten()});
    });
    return out;
}

} // namespace yagura::see::health
