// How a switch's ports are, and who is at the other end of each cable: by SNMP version 2c.
// RFC 3416 clause 4.2.3 (get bulk); RFC 2863 (ifTable, ifXTable); RFC 3418 (sysUpTime, sysName); RFC 4188
// (dot1dBasePortTable); IEEE 802.1AB-2005 clause 12 (LLDP-MIB: lldpLocPortTable, lldpRemTable); IEEE
// 802.1X-2001 clause 9.8 (dot1xAuthConfigTable); CISCO-PORT-SECURITY-MIB (cpsIfConfigTable).
//
// Several columns a request, a few rows of each. A column that ends early is not asked any more; what an
// agent does not have is left out. What a port says is told with the message in which it stood.
#include "see/ask/ber.h"
#include "see/ask/query.h"
#include "spine/base/text.h"
#include "spine/observe/text.h"

namespace yagura::see::ask::queries {
namespace {

using observe::Attribute;
using namespace std::string_view_literals;

constexpr std::uint8_t get_bulk = 0xa5, integer = 2, octets = 4, too_big = 1;
constexpr std::uint8_t counter32 = 0x41, gauge32 = 0x42, time_ticks = 0x43, counter64 = 0x46;
constexpr std::uint8_t end_of_view = 0x82;
constexpr std::size_t community_most = 64, name_most = 40, text_most = 64;
constexpr unsigned requests_most = 200;

struct Column {
    std::string_view name;  ///< as it is encoded
    std::string_view field; ///< as it is told; empty: it is kept until its table has been read
    bool text = false;
};
constexpr Column system_columns[]{{"\x2b\x06\x01\x02\x01\x01\x03"sv, "uptime"},
                                  {"\x2b\x06\x01\x02\x01\x01\x05"sv, "system", true}};
// The state stands behind what it needs: who reads them one by one knows the rest of the row by then.
constexpr Column port_columns[]{{"\x2b\x06\x01\x02\x01\x02\x02\x01\x02"sv, "description", true},
                                {"\x2b\x06\x01\x02\x01\x1f\x01\x01\x01\x01"sv, "name", true},
                                {"\x2b\x06\x01\x02\x01\x1f\x01\x01\x01\x12"sv, "alias", true},
                                {"\x2b\x06\x01\x02\x01\x02\x02\x01\x03"sv, "type"},
                                {"\x2b\x06\x01\x02\x01\x1f\x01\x01\x01\x0f"sv, "speed"},
                                {"\x2b\x06\x01\x02\x01\x02\x02\x01\x07"sv, "admin"},
                                {"\x2b\x06\x01\x02\x01\x02\x02\x01\x09"sv, "changed"},
                                {"\x2b\x06\x01\x02\x01\x02\x02\x01\x08"sv, "oper"},
                                {"\x2b\x06\x01\x02\x01\x1f\x01\x01\x01\x06"sv, "octets_in"},
                                {"\x2b\x06\x01\x02\x01\x1f\x01\x01\x01\x0a"sv, "octets_out"},
                                {"\x2b\x06\x01\x02\x01\x02\x02\x01\x0e"sv, "errors_in"},
                                {"\x2b\x06\x01\x02\x01\x02\x02\x01\x14"sv, "errors_out"},
                                {"\x2b\x06\x01\x02\x01\x02\x02\x01\x0d"sv, "discards_in"},
                                {"\x2b\x06\x01\x02\x01\x02\x02\x01\x13"sv, "discards_out"}};
constexpr Column guard_columns[]{
    {"\x28\xc4\x62\x01\x01\x01\x01\x02\x01\x01\x06"sv, "port_control"},               // of 802.1X
    {"\x2b\x06\x01\x04\x01\x09\x09\x82\x3b\x01\x02\x01\x01\x01"sv, "port_security"}}; // of Cisco
constexpr Column bridge_columns[]{{"\x2b\x06\x01\x02\x01\x11\x01\x04\x01\x02"sv, {}}};
constexpr Column local_columns[]{{"\x28\xc4\x62\x01\x01\x02\x01\x03\x07\x01\x03"sv, {}},
                                 {"\x28\xc4\x62\x01\x01\x02\x01\x03\x07\x01\x04"sv, {}}};
constexpr Column neighbour_columns[]{{"\x28\xc4\x62\x01\x01\x02\x01\x04\x01\x01\x04"sv, {}},
                                     {"\x28\xc4\x62\x01\x01\x02\x01\x04\x01\x01\x05"sv, {}},
                                     {"\x28\xc4\x62\x01\x01\x02\x01\x04\x01\x01\x06"sv, {}},
                                     {"\x28\xc4\x62\x01\x01\x02\x01\x04\x01\x01\x07"sv, {}},
                                     {"\x28\xc4\x62\x01\x01\x02\x01\x04\x01\x01\x08"sv, {}},
                                     {"\x28\xc4\x62\x01\x01\x02\x01\x04\x01\x01\x09"sv, {}}};
enum Phase : unsigned { of_system, of_ports, of_guards, of_bridge, of_local, of_neighbours, over };
struct Table {
    std::span<const Column> columns;
    std::string_view request;
    std::uint8_t rows;
};
constexpr Table tables[]{{system_columns, "GetBulkRequest sysUpTime sysName", 1},
                         {port_columns, "GetBulkRequest ifTable ifXTable", 4},
                         {guard_columns, "GetBulkRequest port access control", 20},
                         {bridge_columns, "GetBulkRequest dot1dBasePortIfIndex", 40},
                         {local_columns, "GetBulkRequest lldpLocPortTable", 16},
                         {neighbour_columns, "GetBulkRequest lldpRemTable", 6}};

bool is_over(const Walk& walk, std::size_t column) noexcept {
    return column < walk.columns.size() && walk.columns[column].over;
}

Request request(const Asked& asked, unsigned step, std::span<std::byte> room) noexcept {
    const auto& community = asked.choices.snmp_community;
    const auto& walk = asked.walk;
    if (walk.phase >= over || step >= requests_most || community.size() > community_most) return {};
    const auto& table = tables[walk.phase];
    const auto name_of = [&](std::size_t column) {
        return column < walk.columns.size() && !walk.columns[column].name.empty()
                   ? as_text(walk.columns[column].name)
                   : table.columns[column].name;
    };
    std::size_t list = 0;
    for (std::size_t i = 0; i < table.columns.size(); ++i)
        if (!is_over(walk, i)) list += 2 + 2 + name_of(i).size() + 2;
    if (list == 0) return {};
    // Lengths above 127 are written in three bytes, whether they need them or not.
    const auto pdu = 4 + 3 + 3 + 4 + list;
    Builder out{room};
    out.bytes(0x30, 0x82).u16(static_cast<std::uint16_t>(3 + 2 + community.size() + 4 + pdu));
    out.bytes(2, 1, 1, 4, community.size()).text(community);
    out.bytes(get_bulk, 0x82).u16(static_cast<std::uint16_t>(pdu));
    out.bytes(2, 2).u16(ber::id_of_walk(asked, step)).bytes(2, 1, 0);
    out.bytes(2, 1, walk.one_row ? 1 : table.rows);
    out.bytes(0x30, 0x82).u16(static_cast<std::uint16_t>(list));
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
        if (is_over(walk, i)) continue;
        const auto name = name_of(i);
        out.bytes(0x30, 4 + name.size(), 6, name.size()).text(name).bytes(5, 0);
    }
    return {out.size(), table.request, 5};
}

std::string_view text_of(const ber::Field& value) noexcept {
    return as_text(value.content.first(std::min(value.content.size(), text_most)));
}
template <class Map, class Key>
auto* kept(Walk& walk, Map& map, std::size_t most, const Key& key) {
    if (map.size() < most || map.contains(key)) return &map[key];
    ++walk.refused;
    return static_cast<typename Map::mapped_type*>(nullptr);
}

void take_port(Walk& walk, const Column& column, Bytes index, const ber::Field& value, Facts& facts) {
    Reader in{index};
    std::uint32_t interface = 0;
    if (!ber::next_arc(in, interface) || in.remaining() != 0) return;
    const bool of_all = walk.phase == of_system;
    if (of_all ? interface != 0 : interface == 0) return;
    // Of more ports than are kept nothing is told.
    auto* const name = of_all ? nullptr : kept(walk, walk.names, Walk::ports_most, interface);
    if (!of_all && !name) return;
    if (column.text) {
        if (value.tag != octets) return;
        facts.say(interface, column.field, text_of(value));
        if (of_all) walk.system = text_of(value);
        // By its description until its name comes; few agents have none.
        if (name && (column.field == "name" || (column.field == "description" && name->empty())) &&
            !value.content.empty())
            *name = text_of(value);
    } else if (value.tag == integer || value.tag == counter32 || value.tag == gauge32 ||
               value.tag == time_ticks || value.tag == counter64) {
        // Nine bytes: a leading zero before 64 bits.
        facts.say(interface, column.field,
                  ber::number(value.content.size() == 9 ? value.content.subspan(1) : value.content));
    }
}

void take_neighbour(Walk& walk, std::size_t column, Bytes index, const ber::Field& value) {
    Reader in{index};
    std::uint32_t heard = 0, port = 0, number = 0;
    if (!ber::next_arc(in, heard) || !ber::next_arc(in, port) || !ber::next_arc(in, number)) return;
    auto* const one = kept(walk, walk.neighbours, Walk::neighbours_most, std::pair{port, number});
    if (!one) return;
    const auto kind = static_cast<std::uint32_t>(ber::number(value.content));
    const bool says = value.tag == octets;
    if (column == 0 && value.tag == integer) one->chassis_is = kind;
    if (column == 1 && says) one->chassis = text_of(value);
    if (column == 2 && value.tag == integer) one->port_is = kind;
    if (column == 3 && says) one->port = text_of(value);
    if (column == 4 && says) one->port_text = text_of(value);
    if (column == 5 && says) one->name = text_of(value);
}

void take(Walk& walk, std::size_t column, Bytes index, const ber::Field& value, Facts& facts) {
    Reader in{index};
    std::uint32_t number = 0;
    switch (walk.phase) {
    case of_bridge:
        if (value.tag == integer && ber::next_arc(in, number))
            if (auto* const one = kept(walk, walk.interfaces, Walk::ports_most, number))
                *one = static_cast<std::uint32_t>(ber::number(value.content));
        return;
    case of_local: // Only what is an interface's name is of use: agents number ports as they like.
        if (value.tag == octets && ber::next_arc(in, number))
            if (std::ranges::any_of(walk.names,
                                    [&](const auto& one) { return one.second == text_of(value); }))
                if (auto* const one = kept(walk, walk.local_ports, Walk::ports_most, number))
                    *one = text_of(value);
        return;
    case of_neighbours:
        return take_neighbour(walk, column, index, value);
    default:
        return take_port(walk, tables[walk.phase].columns[column], index, value, facts);
    }
}

std::string port_text(const Walk& walk, std::uint32_t port) {
    if (const auto local = walk.local_ports.find(port); local != walk.local_ports.end()) return local->second;
    const auto bridge = walk.interfaces.find(port);
    const auto name = walk.names.find(bridge == walk.interfaces.end() ? port : bridge->second);
    return name == walk.names.end() || name->second.empty() ? cat("port ", port) : name->second;
}
std::optional<observe::Mac> mac_of(std::string_view bytes) {
    observe::Mac out{};
    if (bytes.size() != out.size()) return std::nullopt;
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<std::uint8_t>(bytes[i]);
    return (out[0] & 1) == 0 && out != observe::Mac{} ? std::optional{out} : std::nullopt;
}

/// 802.1AB clause 8.5.2.2: 4 is the chassis' MAC; clause 8.5.3.2: 3 is the port's.
void tell_neighbours(const Walk& walk, Facts& facts) {
    constexpr std::uint32_t chassis_mac = 4, port_mac = 3, address = 5, port_address = 4;
    for (const auto& [key, one] : walk.neighbours) {
        Facts::Near near{.port = port_text(walk, key.first)};
        const auto chassis = one.chassis_is == chassis_mac ? mac_of(one.chassis) : std::nullopt;
        const auto card = one.port_is == port_mac ? mac_of(one.port) : std::nullopt;
        // A port of its own speaks LLDP alone: the chassis is who it is known as.
        near.far = chassis ? chassis : card;
        near.far_port = one.port_is != port_mac && one.port_is != port_address ? one.port : one.port_text;
        auto name = one.name;
        if (name.empty() && one.chassis_is != chassis_mac && one.chassis_is != address) name = one.chassis;
        if (name.empty() && near.far) name = observe::text(*near.far);
        facts.say(std::move(near), name);
    }
}

void next_table(Asked& asked, Facts& facts) {
    auto& walk = asked.walk;
    if (walk.phase == of_neighbours) tell_neighbours(walk, facts);
    walk.columns.clear();
    ++walk.phase;
}

/// Rows of the columns that were asked for, one row after the other.
Heard take_rows(Walk& walk, Bytes variables, Facts& facts) {
    const auto& table = tables[walk.phase];
    walk.columns.resize(table.columns.size());
    std::vector<std::size_t> asked;
    for (std::size_t i = 0; i < table.columns.size(); ++i)
        if (!walk.columns[i].over) asked.push_back(i);
    Reader rows{variables};
    std::size_t came = 0;
    for (; rows.remaining() != 0; ++came) {
        Reader row{ber::field(rows).content};
        const auto name = ber::field(row), value = ber::field(row);
        if (!rows.ok() || !row.ok()) return Heard::broken({0, "a variable is cut short"}, rows.position());
        const auto which = asked[came % asked.size()];
        auto& column = walk.columns[which];
        if (column.over) continue;
        const auto beginning = table.columns[which].name;
        // The next column begins, the last one ends, or names do not grow (RFC 3416, 4.2.3): some agents
        // go round in a circle.
        if (name.tag != 6 || !as_text(name.content).starts_with(beginning) || value.tag == end_of_view ||
            name.content.size() > name_most ||
            (!column.name.empty() && !ber::grows(column.name, name.content))) {
            column.over = true;
            continue;
        }
        take(walk, which, name.content.subspan(beginning.size()), value, facts);
        column.name.assign(name.content.begin(), name.content.end());
    }
    // A column of which nothing came at all would be asked for ever.
    for (std::size_t i = came; i < asked.size(); ++i)
        if (came == 0) walk.columns[asked[i]].over = true;
    return {};
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
        if (answer.status == too_big && !walk.one_row) {
            walk.one_row = true;
            return Heard::absent(answer.status);
        }
        if (walk.phase <= of_ports) return Heard::refused(answer.status);
        next_table(asked, facts); // It may have no such table, and say so by an error.
        return Heard::absent(answer.status);
    default:
        break;
    }
    auto heard = take_rows(walk, answer.variables, facts);
    if (heard.was == Heard::Was::broken) return heard;
    if (walk.phase == of_system || std::ranges::all_of(walk.columns, &Walk::Column::over))
        next_table(asked, facts);
    return heard;
}

bool only_reads(Bytes request) noexcept {
    return ber::is_bulk_of(request, [](std::string_view name, std::size_t place) {
        // The name of the system is asked for together with its time alone.
        if (name.starts_with(system_columns[1].name)) return place == 1;
        return std::ranges::any_of(tables, [&](const Table& table) {
            return std::ranges::any_of(table.columns,
                                       [&](const Column& one) { return name.starts_with(one.name); });
        });
    });
}

} // namespace

extern constinit const Query switch_state{.name = "switch_state",
                                          .protocol = "switch_state",
                                          .document = "RFC 2863, IEEE 802.1AB",
                                          .carrier = Carrier::udp,
                                          .port = 161,
                                          .requests_most = requests_most,
                                          .request = request,
                                          .read = read,
                                          .only_reads = only_reads,
                                          .blank = ber::blank_community};

} // namespace yagura::see::ask::queries
