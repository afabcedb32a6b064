#include "spine/store/needs.h"

#include <algorithm>
#include <array>
#include <set>

#include "spine/store/finding.h"

namespace yagura::store {
namespace {

using namespace reading;

constexpr std::size_t days_of_hours = 31, acts_shown = 40, inside_shown = 16;

struct Said {
    std::string protocol{};
    ActCount act{};
};
/// Acts of one node on another.
using Acts = std::map<std::pair<std::int64_t, std::int64_t>, std::vector<Said>>;

Result<Acts> read_acts(Database& state) {
    Acts out;
    YAGURA_STORE_DO(Query{cat("SELECT peer, node, protocol, act, total(", acts_of_pair,
                              "), total(refusals), min(first), max(last) FROM pair GROUP BY 1, 2, 3, 4")}
                        .each(state, [&](const Row& row) {
                            out[{row.integer(0), row.integer(1)}].push_back(
                                {row.string(2),
                                 {row.as<observe::Act>(3), static_cast<std::uint64_t>(row.real(4)),
                                  static_cast<std::uint64_t>(row.real(5)), from_ns(row.integer(6)),
                                  from_ns(row.integer(7)), false}});
                        }));
    return out;
}

/// Those that were done in this conversation's protocol or inside of it.
void take_acts(const Acts& all, std::int64_t who, std::int64_t whom, NeedRow& need,
               std::vector<ActCount>& into) {
    const auto found = all.find({who, whom});
    if (found == all.end() || need.protocol.empty()) return;
    for (const auto& [protocol, act] : found->second) {
        if (protocol != need.protocol && carried_by(protocol) != need.protocol) continue;
        if (protocol != need.protocol && need.inside.size() < inside_shown &&
            std::ranges::find(need.inside, protocol) == need.inside.end())
            need.inside.push_back(protocol);
        const auto here = std::ranges::find(into, act.act, &ActCount::act);
        if (here == into.end()) {
            into.push_back(act);
            continue;
        }
        here->count += act.count;
        here->refused += act.refused;
        here->first = std::min(here->first, act.first);
        here->last = std::max(here->last, act.last);
    }
    std::ranges::stable_sort(into, [](const ActCount& a, const ActCount& b) {
        return std::pair{observe::usual_effect(a.act), a.count} >
               std::pair{observe::usual_effect(b.act), b.count};
    });
    if (into.size() > acts_shown) into.resize(acts_shown);
}

/// How often one asked the other for something.
std::uint64_t asked(const std::vector<ActCount>& acts) {
    std::uint64_t out = 0;
    for (const auto& one : acts) switch (one.act) {
        case observe::Act::report:
        case observe::Act::alarm:
        case observe::Act::cyclic_io:
        case observe::Act::connect:
        case observe::Act::disconnect:
        case observe::Act::unknown:
            break;
        default:
            out += one.count;
        }
    return out;
}

/// Where both sides of UDP have one port (BACnet, FINS), who spoke first in a capture need not be who asks.
void turn_round(NeedRow& need) {
    constexpr std::uint64_t clearly = 4;
    if (need.carrier != "udp" || asked(need.by_server) <= asked(need.by_client) * clearly) return;
    std::swap(need.client, need.server);
    std::swap(need.by_client, need.by_server);
}

/// What lists show of each device, read once.
struct Shown {
    std::string vendor{}, product{};
    LineRef line{};
};
Result<std::unordered_map<std::int64_t, Shown>> read_shown(Database& state) {
    std::unordered_map<std::int64_t, Shown> out;
    YAGURA_STORE_DO(
        Query{"SELECT s.device, s.vendor, s.product, s.line, l.name FROM shown s LEFT JOIN line l "
              "ON l.id = s.line"}
            .each_again(state, [&](const Row& row) {
                auto& one = out[row.integer(0)];
                one.vendor = row.string(1);
                one.product = row.string(2);
                if (!row.null(3) && !row.null(4)) one.line = {line_text(row.integer(3)), row.string(4)};
            }));
    return out;
}

class Ends {
public:
    Ends(Database& state, Who& who, const std::unordered_map<std::int64_t, Shown>& shown)
        : state_{state}, who_{who}, shown_{shown} {}
    Result<const NeedEnd*> of(std::int64_t node) {
        if (const auto found = known_.find(node); found != known_.end()) return &found->second;
        NeedEnd out{.device = who_.node(node)};
        YAGURA_STORE_DO(Query{"SELECT kind, mark FROM node WHERE id = "}.add("?", node).each_again(
            state_, [&](const Row& row) { out.address = address_of(row.integer(0), row.bytes(1)); }));
        if (const auto found = shown_.find(who_.device_number_of(node)); found != shown_.end()) {
            out.vendor = found->second.vendor;
            out.product = found->second.product;
            out.line = found->second.line;
        }
        return &known_.emplace(node, std::move(out)).first->second;
    }

private:
    Database& state_;
    Who& who_;
    const std::unordered_map<std::int64_t, Shown>& shown_;
    std::unordered_map<std::int64_t, NeedEnd> known_;
};

Result<void> read_neighbours(Database& state, Who& who, std::vector<NeedNeighbour>& out) {
    std::map<std::string, std::string, std::less<>> by_name; // What a switch calls itself, and its address.
    YAGURA_STORE_DO(
        Query{"SELECT device, value FROM shown_fact WHERE attribute IN ('name', 'hostname', 'mac')"}.each(
            state, [&](const Row& row) { by_name.emplace(row.string(1), device_text(row.integer(0))); }));
    // What a switch says of its ports: who is at the other end hangs on it.
    YAGURA_STORE_DO(
        Query{"SELECT node, name, system, coalesce(far.id, there), there_port FROM switch_port p LEFT "
              "JOIN node its ON its.id = p.node LEFT JOIN node far ON far.site = 0 AND far.kind = 1 "
              "AND far.realm = its.realm AND far.parent = 0 AND far.mark = there_mac WHERE node <> 0 "
              "AND coalesce(far.id, there) <> 0"}
            .each(state, [&](const Row& row) {
                auto& one = out.emplace_back();
                one.device = who.node(row.integer(3)).id;
                one.port = row.string(4);
                one.far_name = row.string(2);
                one.far_port = row.string(1);
                one.far = who.node(row.integer(0)).id;
            }));
    std::set<std::array<std::string, 3>> told; // device, switch, port
    for (const auto& one : out) told.insert({one.device, one.far, one.far_port});
    // "sw-press Gi0/3": the table of addresses, by the switch's own name.
    YAGURA_STORE_DO(Query{"SELECT device, switch_port FROM shown WHERE switch_port <> ''"}.each(
        state, [&](const Row& row) {
            const auto text = row.string(1);
            for (auto space = text.rfind(' '); space != text.npos && space != 0;
                 space = text.rfind(' ', space - 1)) {
                const auto far = by_name.find(std::string_view{text}.substr(0, space));
                if (far == by_name.end()) continue;
                const auto device = device_text(row.integer(0)), port = text.substr(space + 1);
                if (!told.insert({device, far->second, port}).second) return;
                auto& one = out.emplace_back();
                one.device = device;
                one.far_name = far->first;
                one.far_port = port;
                one.far = far->second;
                return;
            }
        }));
    // There the switch itself speaks of others: that is told above.
    return Query{"SELECT node, port, far_name, far_port FROM neighbour WHERE protocol <> 'switch_state'"}
        .each(state, [&](const Row& row) {
            auto& one = out.emplace_back();
            one.device = who.node(row.integer(0)).id;
            one.port = row.string(1);
            one.far_name = row.string(2);
            one.far_port = row.string(3);
            if (const auto far = by_name.find(one.far_name); far != by_name.end()) one.far = far->second;
        });
}

/// Boxes of our own that ask devices (active queries): no dissector has that protocol.
Result<std::set<std::string>> read_ourselves(Database& state) {
    std::set<std::string> out;
    YAGURA_STORE_DO(Query{"SELECT DISTINCT device FROM shown_fact WHERE protocol = 'yagura'"}.each_again(
        state, [&](const Row& row) { out.insert(device_text(row.integer(0))); }));
    return out;
}
/// What they ask in: their questions are no need of the plant's, and theirs is no stranger's reach.
bool is_asked_in(std::string_view protocol) {
    constexpr std::string_view all[]{"enip", "s7comm", "modbus", "bacnet", "snmp",
                                     "fins", "slmp",   "opcua",  "cotp",   "cip"};
    return std::ranges::find(all, protocol) != std::end(all);
}

} // namespace

Result<Needs> NeedReader::all(std::size_t most) {
    YAGURA_TRY(auto loan, state_.borrow());
    YAGURA_TRY(const auto now, moment(*loan));
    YAGURA_TRY(const auto acts, read_acts(*loan));
    YAGURA_TRY(const auto shown, read_shown(*loan));
    Who who{*loan};
    Ends ends{*loan, who, shown};
    Needs out{.begun = from_ns(now.begun), .now = from_ns(now.now)};
    struct Pair {
        std::int64_t client, server;
    };
    std::vector<Pair> pairs;
    YAGURA_STORE_DO(Query{
        cat("SELECT id, client, server, protocol, carrier, port, connections, packets_out + packets_in, "
            "bytes_out + bytes_in, packets_out = 0 OR packets_in = 0, first, last, source, frame FROM "
            "talk ORDER BY last DESC, id LIMIT ",
            most + 1)}
                        .each(*loan, [&](const Row& row) {
                            if (out.needs.size() == most) {
                                out.cut = true;
                                return;
                            }
                            auto& one = out.needs.emplace_back();
                            one.id = cat("t", row.integer(0));
                            pairs.push_back({row.integer(1), row.integer(2)});
                            if (row.text(3) != "unknown") one.protocol = row.string(3);
                            one.carrier = carrier_text(row.as<std::uint16_t>(4));
                            one.port = row.as<std::uint16_t>(5);
                            one.connections = row.as<std::uint64_t>(6);
                            one.packets = static_cast<std::uint64_t>(row.real(7));
                            one.bytes = static_cast<std::uint64_t>(row.real(8));
                            one.one_sided = row.integer(9) != 0;
                            one.first = from_ns(row.integer(10));
                            one.last = from_ns(row.integer(11));
                            one.evidence = who.evidence(row.as<std::uint32_t>(12), row.as<std::uint64_t>(13),
                                                        0, one.first, one.protocol);
                        }));
    for (std::size_t i = 0; i < pairs.size(); ++i) {
        auto& one = out.needs[i];
        const auto [client, server] = pairs[i];
        YAGURA_TRY(const auto* from, ends.of(client));
        one.client = *from;
        YAGURA_TRY(const auto* to, ends.of(server));
        one.server = *to;
        take_acts(acts, client, server, one, one.by_client);
        take_acts(acts, server, client, one, one.by_server);
        turn_round(one);
    }
    YAGURA_TRY(const auto ourselves, read_ourselves(*loan));
    std::erase_if(out.needs, [&](const NeedRow& one) {
        return ourselves.contains(one.client.device.id) && is_asked_in(one.protocol);
    });
    YAGURA_STORE_DO(read_neighbours(*loan, who, out.neighbours));
    return out;
}

Result<std::vector<Hours>> History::hours(const std::vector<std::string>& of) {
    YAGURA_TRY(auto state, in_->state.borrow());
    YAGURA_TRY(const auto devices, devices_of_nodes(*state));
    std::set<std::int64_t> wanted;
    for (const auto& id : of) {
        YAGURA_TRY(const auto number, device_number(*state, id));
        if (number) wanted.insert(*number);
    }
    std::vector<std::int64_t> nodes;
    for (const auto& [node, device] : devices)
        if (wanted.contains(device)) nodes.push_back(node);
    std::map<std::tuple<std::int64_t, std::int64_t, std::string>, Hours> found;
    std::size_t days = 0;
    YAGURA_STORE_DO(in_->each_day(in_->days({}), [&](Database& day, const std::string&) -> Result<bool> {
        YAGURA_TRY(const auto there, sums_of(day));
        if (!there.pairs) return ++days < days_of_hours;
        std::map<std::tuple<std::int64_t, std::int64_t, std::string>, std::set<std::int64_t>> halves;
        const auto set = set_of(nodes);
        for (const std::string_view table : {"pair_sum", "pair_now"}) {
            auto done = Query{cat("SELECT whom, who, protocol, half_hour FROM ", table,
                                  " WHERE rows > 0 AND whom IN (SELECT value FROM json_each(")}
                            .add("?)) GROUP BY 1, 2, 3, 4", set)
                            .each(day, [&](const Row& row) {
                                const auto whom = devices.find(row.integer(0)),
                                           who = devices.find(row.integer(1));
                                if (whom == devices.end() || who == devices.end()) return;
                                const auto [a, b] = std::minmax(whom->second, who->second);
                                const auto outer = carried_by(row.text(2));
                                halves[{a, b, outer.empty() ? row.string(2) : std::string{outer}}].insert(
                                    (row.integer(3) % 48 + 48) % 48);
                            });
            if (!done) return std::unexpected{std::move(done).error()};
        }
        for (const auto& [key, set_of_day] : halves) {
            auto& one = found[key];
            ++one.days_seen;
            for (const auto half : set_of_day) ++one.days[static_cast<std::size_t>(half)];
        }
        return ++days < days_of_hours;
    }));
    std::vector<Hours> out;
    for (auto& [key, one] : found) {
        one.a = device_text(std::get<0>(key));
        one.b = device_text(std::get<1>(key));
        one.protocol = std::get<2>(key);
        out.push_back(std::move(one));
    }
    return out;
}

} // namespace yagura::store
