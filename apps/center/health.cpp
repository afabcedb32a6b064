#include "apps/center/health.h"

#include <nlohmann/json.hpp>

#include "spine/base/json.h"
#include "spine/observe/text.h"

namespace yagura::center {
namespace {

namespace health = see::health;

std::string facts_text(const std::vector<std::pair<std::string, std::string>>& facts) {
    std::string out;
    JsonWriter json{out};
    json.begin_object();
    for (const auto& [name, value] : facts) json.key(name).value(std::string_view{value});
    json.end_object();
    return out;
}

std::vector<std::pair<std::string, std::string>> facts_of(const std::string& text) {
    std::vector<std::pair<std::string, std::string>> out;
    const auto read = nlohmann::ordered_json::parse(text, nullptr, false);
    if (!read.is_object()) return out;
    for (const auto& [name, value] : read.items())
        if (value.is_string()) out.emplace_back(name, value.get<std::string>());
    return out;
}

/// Where an address is in dispute, the card tells who is who; elsewhere a card may be the router's.
bool by_card(health::Party::Role role) {
    using enum health::Party::Role;
    return role == claims || role == owner || role == takes || role == gave_back || role == root ||
           role == former || role == hangs;
}

model::NodeId node_of(const model::Plant& plant, const health::Party& party, observe::Realm realm) {
    const observe::Station card{.ip = {}, .mac = party.who.mac}, address{.ip = party.who.ip, .mac = {}};
    if (by_card(party.role) && card.has_mac()) return plant.node_of(card, realm).value_or(model::NodeId{});
    if (address.has_ip())
        if (const auto node = plant.node_of(address, realm)) return *node;
    return card.has_mac() ? plant.node_of(card, realm).value_or(model::NodeId{}) : model::NodeId{};
}

std::string station_text(const observe::Station& who) {
    return who.has_ip() ? observe::text(who.ip) : observe::text(who.mac);
}

} // namespace

void add_health(store::HealthChanges& into, health::Watch& watch, const model::Plant& plant) {
    auto changes = watch.take_changes();
    for (auto& one : changes.findings) {
        store::HealthFinding row{.key = std::move(one.key),
                                 .kind = static_cast<std::uint8_t>(one.kind),
                                 .severity = static_cast<std::uint8_t>(one.severity),
                                 .realm = one.realm,
                                 .vlan = one.vlan,
                                 .address = one.address,
                                 .bits = one.bits,
                                 .first = one.first,
                                 .last = one.last,
                                 .until = one.until,
                                 .times = one.times,
                                 .evidence = one.evidence,
                                 .facts = facts_text(one.facts),
                                 .gone = one.gone};
        for (const auto& party : one.parties)
            row.parties.push_back({.role = static_cast<std::uint8_t>(party.role),
                                   .ip = party.who.ip,
                                   .mac = party.who.mac,
                                   .node = node_of(plant, party, one.realm),
                                   .first = party.first,
                                   .last = party.last,
                                   .evidence = party.evidence});
        into.findings.push_back(std::move(row));
    }
    for (auto& one : changes.memory)
        into.memory.push_back({.detector = one.table,
                               .key = std::move(one.key),
                               .value = std::move(one.value),
                               .gone = one.gone});
    for (auto& one : changes.cycles)
        into.cycles.push_back({.key = std::move(one.key),
                               .asks = plant.node_of(one.asks, one.realm).value_or(model::NodeId{}),
                               .answers = plant.node_of(one.answers, one.realm).value_or(model::NodeId{}),
                               .asks_text = station_text(one.asks),
                               .answers_text = station_text(one.answers),
                               .protocol = std::move(one.protocol),
                               .function = std::move(one.function),
                               .object = std::move(one.object),
                               .first = one.first,
                               .last = one.last,
                               .usual_us = one.usual_us,
                               .usual_most_us = one.usual_most_us,
                               .now_us = one.now_us,
                               .now_most_us = one.now_most_us,
                               .asked = one.asked,
                               .answered = one.answered,
                               .refused = one.refused,
                               .minutes = one.windows,
                               .event = one.event,
                               .evidence = one.evidence});
    for (auto& one : changes.ports)
        into.ports.push_back(
            {.key = std::move(one.key),
             .node = plant.node_of({.ip = one.who, .mac = {}}, one.realm).value_or(model::NodeId{}),
             .there =
                 one.there.mac == observe::Mac{}
                     ? model::NodeId{}
                     : plant.node_of({.ip = {}, .mac = one.there.mac}, one.realm).value_or(model::NodeId{}),
             .system = std::move(one.system),
             .interface = one.interface,
             .type = one.type,
             .name = std::move(one.name),
             .alias = std::move(one.alias),
             .admin = one.admin,
             .oper = one.oper,
             .port_control = one.guard.port_control,
             .port_security = one.guard.port_security,
             .since = one.since,
             .first = one.first,
             .last = one.last,
             .speed_mbit = one.speed_mbit,
             .in_bps = one.in_bps,
             .out_bps = one.out_bps,
             .errors_in = one.errors_in,
             .errors_out = one.errors_out,
             .discards_in = one.discards_in,
             .discards_out = one.discards_out,
             .errors_new = one.errors_new,
             .counted_from = one.counted_from,
             .downs = one.downs,
             .there_mac = one.there.mac,
             .there_name = std::move(one.there.name),
             .there_port = std::move(one.there.port),
             .there_how = static_cast<std::uint8_t>(one.there.how),
             .there_at = one.there.at,
             .evidence = one.evidence});
}

void load_health(health::Watch& watch, const store::HealthStored& stored) {
    std::vector<health::Finding> findings;
    for (const auto& row : stored.findings) {
        health::Finding one;
        one.key = row.key;
        one.kind = static_cast<health::Kind>(row.kind);
        one.severity = static_cast<health::Severity>(row.severity);
        one.realm = row.realm;
        one.vlan = row.vlan;
        one.address = row.address;
        one.bits = row.bits;
        one.first = row.first;
        one.last = row.last;
        one.until = row.until;
        one.times = row.times;
        one.evidence = row.evidence;
        one.facts = facts_of(row.facts);
        for (const auto& party : row.parties)
            one.parties.push_back({static_cast<health::Party::Role>(party.role),
                                   {.ip = party.ip, .mac = party.mac},
                                   party.first,
                                   party.last,
                                   party.evidence});
        findings.push_back(std::move(one));
    }
    std::vector<health::MemoryRow> memory;
    for (const auto& row : stored.memory) memory.push_back({row.detector, row.key, row.value, row.gone});
    watch.load(std::move(findings), memory);
}

} // namespace yagura::center
