#include "see/health/dhcp_servers.h"

#include "see/health/places.h"

namespace yagura::see::health {
namespace {

using namespace std::chrono_literals;
using observe::Attribute;

/// Answers to one question come within seconds; numbers of transactions repeat after that.
constexpr auto one_question = 60s;
constexpr auto holds = 24h;

void add(std::string& list, std::string_view one) {
    if (list.contains(one) || list.size() + one.size() > 120) return;
    if (!list.empty()) list += ' ';
    list += one;
}

} // namespace

DhcpServers::DhcpServers(Board& board, const Most& most)
    : board_{board}, servers_{3, most.servers}, transactions_{4, most.transactions} {}

void DhcpServers::answered(const observe::Origin& origin, std::uint32_t transaction, std::string_view given,
                           bool acknowledged) {
    message_ = {};
    message_.frame = origin.evidence.frame;
    message_.source = origin.evidence.source;
    message_.transaction = transaction;
    message_.acknowledged = acknowledged;
    if (const auto ip = ip_of(given)) message_.given = *ip;
    // Its id is told once in ten minutes; by then it is known by the address it speaks from.
    const auto key = with(scope(origin), speaker(origin).ip);
    const auto* const known = servers_.find(key);
    if (!known || known->relayed) return;
    message_.server = key;
    joined(origin, key);
}

void DhcpServers::told(const observe::Origin& origin, const observe::Identity& what) {
    if (message_.frame == 0 || origin.evidence.frame != message_.frame ||
        origin.evidence.source != message_.source)
        return;
    const auto* const value = std::get_if<std::string_view>(&what.value);
    if (!value) return;
    switch (what.attribute) {
    case Attribute::netmask:
        message_.mask = value->substr(0, 45);
        return learned(origin);
    case Attribute::gateway:
        add(message_.gateways, *value);
        return learned(origin);
    case Attribute::name_server:
        add(message_.name_servers, *value);
        return learned(origin);
    case Attribute::role_hint:
        break;
    default:
        return;
    }
    if (*value == "dhcp relay") {
        // Told after the server: what a relay passes on is no sign of who is in this network.
        if (auto* const server = servers_.find(message_.server)) {
            server->relayed = true;
            servers_.touch(message_.server);
        }
        return;
    }
    if (*value != "dhcp server" || !is_unicast(what.third.ip)) return;
    const auto key = with(scope(origin), what.third.ip);
    message_.server = key;
    auto& server = servers_.at(key);
    if (server.first == observe::Time{}) server.first = origin.at;
    server.who = {what.third.ip, speaker(origin).mac};
    server.first = std::min(server.first, origin.at);
    server.last = std::max(server.last, origin.at);
    server.evidence = origin.evidence;
    server.relayed = false;
    servers_.touch(key);
    joined(origin, key);
    learned(origin);
}

/// What the message says of the network is what its server gives.
void DhcpServers::learned(const observe::Origin& origin) {
    auto* const server = message_.acknowledged ? servers_.find(message_.server) : nullptr;
    if (!server) return;
    bool changed = false;
    const auto take = [&](std::string& known, const std::string& told) {
        if (known.starts_with(told)) return; // Lists come one by one; nothing told is none.
        known = told;
        changed = true;
    };
    take(server->mask, message_.mask);
    take(server->gateways, message_.gateways);
    take(server->name_servers, message_.name_servers);
    if (!changed) return;
    servers_.touch(message_.server);
    for (const auto& peer : server->peers)
        if (!peer.empty()) compare(origin, peer, message_.server);
}

void DhcpServers::joined(const observe::Origin& origin, const std::string& key) {
    auto& server = servers_.at(key);
    server.last = std::max(server.last, origin.at);
    if (message_.given != observe::Ip{}) server.given = message_.given;
    servers_.touch(key);
    if (message_.transaction == 0) return;
    const auto question = Packer{}.u32(origin.evidence.source).u32(message_.transaction).take();
    auto& asked = transactions_.at(question);
    if (asked.at == observe::Time{} || origin.at > asked.at + one_question) {
        asked = Transaction{};
        asked.at = origin.at;
    }
    const auto put = [](auto& list, const std::string& one) {
        for (auto& place : list) {
            if (place == one) return;
            if (!place.empty()) continue;
            place = one;
            return;
        }
    };
    put(asked.servers, key);
    transactions_.touch(question);
    for (const auto& one : asked.servers) {
        if (one.empty() || one == key) continue;
        if (auto* const other = servers_.find(one)) {
            put(other->peers, key);
            servers_.touch(one);
            put(server.peers, one);
        }
        compare(origin, one, key);
    }
}

/// Both answered the same question: they are in one broadcast domain, whatever they give.
void DhcpServers::compare(const observe::Origin& origin, const std::string& one, const std::string& other) {
    const auto* first = servers_.find(one);
    const auto* second = servers_.find(other);
    // Relays ask every server they know: several who answer through one are meant to.
    if (!first || !second || first->relayed || second->relayed) return;
    if (std::tie(second->first, second->who.ip) < std::tie(first->first, first->who.ip))
        std::swap(first, second);
    const auto lane = origin.parties.lane;
    const auto differ = [](const std::string& a, const std::string& b) {
        return !a.empty() && !b.empty() && a != b;
    };
    Finding out;
    const auto low = std::min(first->who.ip, second->who.ip), high = std::max(first->who.ip, second->who.ip);
    const auto tail = cat("|", where(lane), "|", observe::text(low), "|", observe::text(high));
    std::string what;
    if (differ(first->mask, second->mask)) add(what, "mask");
    if (differ(first->gateways, second->gateways)) add(what, "gateway");
    if (differ(first->name_servers, second->name_servers)) add(what, "name_server");
    const bool far = first->given != observe::Ip{} && second->given != observe::Ip{} && is_v4(first->given) &&
                     is_v4(second->given) && v4(first->given) >> 16 != v4(second->given) >> 16;
    if (far) add(what, "network");
    const bool known = !first->mask.empty() && !second->mask.empty();
    const bool alike = what.empty() && known;
    out.kind = alike ? Kind::two_dhcp_servers : Kind::rogue_dhcp;
    out.key = cat(word(out.kind), tail);
    out.severity = alike ? Severity::low : what.empty() ? Severity::medium : Severity::high;
    out.realm = lane.realm;
    out.vlan = lane.vlan;
    out.address = second->who.ip;
    out.first = std::max(first->first, second->first);
    out.last = std::max(first->last, second->last);
    out.until = out.last + holds;
    out.evidence = second->evidence;
    if (!what.empty()) out.facts.emplace_back("differs", what);
    int number = 1;
    for (const auto* server : {first, second}) {
        out.parties.push_back(
            {Party::Role::server, server->who, server->first, server->last, server->evidence});
        const auto fact = [&](std::string_view name, const std::string& value) {
            if (!value.empty()) out.facts.emplace_back(cat(name, number), value);
        };
        fact("given", server->given == observe::Ip{} ? std::string{} : observe::text(server->given));
        fact("mask", server->mask);
        fact("gateway", server->gateways);
        fact("name_server", server->name_servers);
        ++number;
    }
    // What was only two offers may turn out to be alike, and the reverse.
    board_.drop(cat(word(alike ? Kind::rogue_dhcp : Kind::two_dhcp_servers), tail));
    board_.raise(std::move(out));
}

void DhcpServers::Server::pack(Packer& out) const {
    out.station(who).time(first).time(last).evidence(evidence).text(mask).text(gateways).text(name_servers);
    out.ip(given).u8(relayed);
    for (const auto& peer : peers) out.text(peer);
}
void DhcpServers::Server::unpack(Unpacker& in) {
    who = in.station();
    first = in.time();
    last = in.time();
    evidence = in.evidence();
    mask = in.text();
    gateways = in.text();
    name_servers = in.text();
    given = in.ip();
    relayed = in.u8() != 0;
    for (auto& peer : peers) peer = in.text();
}
void DhcpServers::Transaction::pack(Packer& out) const {
    out.time(at);
    for (const auto& one : servers) out.text(one);
}
void DhcpServers::Transaction::unpack(Unpacker& in) {
    at = in.time();
    for (auto& one : servers) one = in.text();
}

} // namespace yagura::see::health
