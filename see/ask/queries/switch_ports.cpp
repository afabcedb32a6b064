// Which station is behind which port: a switch's table of addresses, by SNMP version 2c.
// RFC 3416 clause 4.2.3 (get bulk); RFC 4363 (dot1qTpFdbTable) and RFC 4188 (dot1dTpFdbTable,
// dot1dBasePortTable); RFC 2863 (ifXTable); RFC 3418 (sysName).
//
// Four tables one after the other, a score of rows a request: names of interfaces, which interface a bridge's
// port is, stations by VLAN, and where a switch has no VLANs, stations. A port with many stations leads to
// another switch: only those with few are told, because there a cable can be followed.
#include "see/ask/ber.h"
#include "see/ask/query.h"
#include "spine/base/text.h"

namespace yagura::see::ask::queries {
namespace {

using observe::Attribute;
using namespace std::string_view_literals;

constexpr std::uint8_t get_bulk = 0xa5, rows_a_request = 20;
constexpr std::size_t community_most = 64, name_most = 64, few = 4;
constexpr unsigned requests_most = 160;

enum Phase : unsigned { system_name, interface_names, port_interfaces, stations_by_vlan, stations, over };
constexpr std::string_view tables[]{"\x2b\x06\x01\x02\x01\x01\x05"sv,             // sysName
                                    "\x2b\x06\x01\x02\x01\x1f\x01\x01\x01\x01"sv, // ifName
                                    "\x2b\x06\x01\x02\x01\x11\x01\x04\x01\x02"sv, // dot1dBasePortIfIndex
                                    "\x2b\x06\x01\x02\x01\x11\x07\x01\x02\x02\x01\x02"sv, // dot1qTpFdbPort
                                    "\x2b\x06\x01\x02\x01\x11\x04\x03\x01\x02"sv};        // dot1dTpFdbPort
constexpr std::string_view names[]{"GetBulkRequest sysName", "GetBulkRequest ifName",
                                   "GetBulkRequest dot1dBasePortIfIndex", "GetBulkRequest dot1qTpFdbPort",
                                   "GetBulkRequest dot1dTpFdbPort"};

Request request(const Asked& asked, unsigned step, std::span<std::byte> room) noexcept {
    const auto& community = asked.choices.snmp_community;
    if (asked.walk.phase >= over || step >= requests_most || community.size() > community_most) return {};
    const auto name = asked.walk.name.empty() ? tables[asked.walk.phase] : as_text(asked.walk.name);
    if (name.size() > name_most) return {};
    const auto variable = 2 + name.size() + 2, list = 2 + variable;
    const auto rows = asked.walk.phase == system_name ? std::uint8_t{1} : rows_a_request;
    const auto pdu = 4 + 3 + 3 + 3 + list;
    Builder out{room};
    out.bytes(0x30, 0x81, 3 + 2 + community.size() + 3 + pdu);
    out.bytes(2, 1, 1, 4, community.size()).text(community).bytes(get_bulk, 0x81, pdu);
    out.bytes(2, 2).u16(ber::id_of_walk(asked, step)).bytes(2, 1, 0, 2, 1, rows);
    out.bytes(0x30, 0x81, list, 0x30, variable, 6, name.size()).text(name).bytes(5, 0);
    return {out.size(), names[asked.walk.phase], 5};
}

template <class Map, class Key, class Value>
void keep(Walk& walk, Map& map, std::size_t most, const Key& key, Value value) {
    if (map.size() >= most && !map.contains(key))
        ++walk.refused;
    else
        map.insert_or_assign(key, std::move(value));
}

/// A port with more than is kept has many, too: else its last few would look as if they were alone.
void keep_station(Walk& walk, const observe::Mac& mac, std::uint32_t port) {
    if (walk.stations.size() < Walk::stations_most || walk.stations.contains(mac)) {
        walk.stations.insert_or_assign(mac, port);
        return;
    }
    ++walk.refused;
    if (walk.beyond.size() < Walk::ports_most || walk.beyond.contains(port))
        ++walk.beyond[port];
    else
        walk.uncounted = true;
}

/// One row of the table that is walked: what stands behind the column's name, and the value.
void take(Walk& walk, Bytes index, const ber::Field& value) {
    Reader in{index};
    std::uint32_t arc = 0, last = 0;
    const auto number = static_cast<std::uint32_t>(ber::number(value.content));
    switch (walk.phase) {
    case system_name:
        if (value.tag == 4)
            walk.system = as_text(value.content.first(std::min(value.content.size(), Walk::name_most)));
        break;
    case interface_names:
        if (value.tag == 4 && ber::next_arc(in, arc))
            keep(walk, walk.names, Walk::ports_most, arc,
                 std::string{as_text(value.content.first(std::min(value.content.size(), Walk::name_most)))});
        break;
    case port_interfaces:
        if (value.tag == 2 && ber::next_arc(in, arc))
            keep(walk, walk.interfaces, Walk::ports_most, arc, number);
        break;
    default: {
        if (walk.phase == stations_by_vlan && !ber::next_arc(in, arc)) return; // the filtering database
        observe::Mac mac{};
        for (auto& byte : mac) {
            if (!ber::next_arc(in, last) || last > 0xff) return;
            byte = static_cast<std::uint8_t>(last);
        }
        // Port 0: it does not know. A group is no station.
        if (value.tag == 2 && number != 0 && (mac[0] & 1) == 0) keep_station(walk, mac, number);
    }
    }
}

std::string port_text(const Walk& walk, std::uint32_t port) {
    const auto interface = walk.interfaces.find(port);
    const auto name = interface == walk.interfaces.end() ? walk.names.end()
                                                         : walk.names.find(interface->second);
    return name == walk.names.end() || name->second.empty() ? cat("port ", port) : name->second;
}

void tell(const Asked& asked, Facts& facts) {
    const auto& walk = asked.walk;
    if (walk.uncounted) return;
    auto behind = walk.beyond;
    for (const auto& [mac, port] : walk.stations) ++behind[port];
    for (const auto& [mac, port] : walk.stations) {
        const auto count = behind[port];
        if (count > few) continue;
        facts.say(Attribute::port_name,
                  cat(walk.system, walk.system.empty() ? "" : " ", port_text(walk, port)),
                  count == 1 ? 95 : 80, mac);
    }
}

void next_table(Asked& asked) {
    auto& walk = asked.walk;
    walk.name.clear();
    ++walk.phase;
    if (walk.phase == stations && !walk.stations.empty()) walk.phase = over;
}

Heard read(Asked& asked, unsigned step, Bytes message, Facts& facts) {
    auto& walk = asked.walk;
    if (walk.phase >= over) return Heard::foreign();
    const auto answer = ber::answer(message, ber::id_of_walk(asked, step));
    switch (answer.was) {
    case ber::Answer::Was::broken:
        return Heard::broken({0, "the message is cut short"});
    case ber::Answer::Was::foreign:
        return Heard::foreign();
    case ber::Answer::Was::refused:
        if (walk.phase != stations_by_vlan) return Heard::refused(answer.status);
        // A switch may have no VLANs, and say so by an error: half a table is none.
        walk.stations.clear();
        walk.beyond.clear();
        walk.uncounted = false;
        next_table(asked);
        return Heard::absent(answer.status);
    default:
        break;
    }
    const auto table = tables[walk.phase];
    Reader rows{answer.variables};
    bool over_edge = rows.remaining() == 0;
    while (rows.remaining() != 0 && !over_edge) {
        Reader row{ber::field(rows).content};
        const auto name = ber::field(row), value = ber::field(row);
        if (!rows.ok() || !row.ok()) return Heard::broken({0, "a variable is cut short"}, rows.position());
        const auto bytes = as_text(name.content);
        // The next table begins, the last one ends (0x82), or names do not grow (RFC 3416, 4.2.3): some
        // agents go round in a circle.
        if (name.tag != 6 || !bytes.starts_with(table) || value.tag == 0x82 || bytes.size() > name_most ||
            (!walk.name.empty() && !ber::grows(walk.name, name.content))) {
            over_edge = true;
            break;
        }
        take(walk, name.content.subspan(table.size()), value);
        walk.name.assign(name.content.begin(), name.content.end());
    }
    if (over_edge || walk.phase == system_name) next_table(asked);
    if (walk.phase >= over)
        tell(asked, facts);
    else if (step + 1 >= requests_most)
        walk.phase = over; // Of a table that was not read to its end nobody knows who is alone behind a port.
    return {};
}

bool only_reads(Bytes request) noexcept {
    return ber::is_bulk_of(request, [](std::string_view name, std::size_t place) {
        return place == 0 && std::ranges::any_of(tables, [&](auto table) { return name.starts_with(table); });
    });
}

} // namespace

extern constinit const Query switch_ports{.name = "switch_ports",
                                          .protocol = "switch_table",
                                          .document = "RFC 4363, RFC 4188, RFC 2863",
                                          .carrier = Carrier::udp,
                                          .port = 161,
                                          .requests_most = requests_most,
                                          .request = request,
                                          .read = read,
                                          .only_reads = only_reads,
                                          .blank = ber::blank_community};

} // namespace yagura::see::ask::queries
