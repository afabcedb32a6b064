#include "spine/store/map.h"

#include <algorithm>

#include "spine/store/reading.h"

namespace yagura::store {
namespace {

using namespace reading;

constexpr std::size_t nodes_most = 5000, edges_most = 20'000;

void within(Query& query, const Range& range) {
    if (range.from != Time{}) query.add(" AND last >= ?", ns(range.from));
    if (range.until != Time{}) query.add(" AND first < ?", ns(range.until));
}

} // namespace

Result<Map> TrafficReader::map(const MapFilter& filter) {
    YAGURA_TRY(auto loan, state_.borrow());
    YAGURA_TRY(const auto now, moment(*loan));
    YAGURA_TRY(const auto devices, devices_of_nodes(*loan));
    Map out;
    out.at = from_ns(now.now);
    std::optional<std::int64_t> around;
    if (!filter.around.empty()) {
        YAGURA_TRY(around, device_number(*loan, filter.around));
        if (!around) return out;
    }

    struct Edge {
        MapEdge shown;
        std::int64_t from = 0, to = 0, known = INT64_MAX;
        bool acts = false;
    };
    std::map<std::pair<std::int64_t, std::int64_t>, Edge> edges;
    const auto edge = [&](std::int64_t a, std::int64_t b) -> Edge* {
        const auto from = devices.find(a), to = devices.find(b);
        if (from == devices.end() || to == devices.end() || from->second == to->second) return nullptr;
        if (around && from->second != *around && to->second != *around) return nullptr;
        auto& one = edges[std::minmax(from->second, to->second)];
        if (one.from == 0) one.from = from->second, one.to = to->second;
        return &one;
    };
    const auto protocol = [](Edge& one, std::string_view name) {
        auto& all = one.shown.protocols;
        if (!name.empty() && all.size() < 16 && std::ranges::find(all, name) == all.end())
            all.emplace_back(name);
    };
    const auto times = [](Edge& one, std::int64_t first, std::int64_t last) {
        auto& shown = one.shown;
        if (shown.first == Time{} || from_ns(first) < shown.first) shown.first = from_ns(first);
        shown.last = std::max(shown.last, from_ns(last));
        one.known = std::min(one.known, first);
    };
    Query pairs{
        cat("SELECT peer, node, protocol, act, ", acts_of_pair, ", refusals, first, last FROM pair WHERE 1")};
    if (!filter.protocol.empty()) pairs.add(" AND protocol = ?", filter.protocol);
    if (filter.act) pairs.add(" AND act = ?", *filter.act);
    within(pairs, filter.range);
    YAGURA_STORE_DO(pairs.each(*loan, [&](const Row& row) {
        auto* one = edge(row.integer(0), row.integer(1));
        if (!one) return;
        const auto act = row.as<observe::Act>(3);
        auto& acts = one->shown.acts;
        auto here = std::ranges::find(acts, act, &ActCount::act);
        if (here == acts.end()) here = acts.insert(acts.end(), {act, 0, 0, from_ns(INT64_MAX), {}, false});
        here->count += row.as<std::uint64_t>(4);
        here->refused += row.as<std::uint64_t>(5);
        here->first = std::min(here->first, from_ns(row.integer(6)));
        here->last = std::max(here->last, from_ns(row.integer(7)));
        const auto effect = observe::usual_effect(act);
        if (!one->acts || effect > one->shown.effect) { // Who does most is at the edge's beginning.
            one->from = devices.at(row.integer(0));
            one->to = devices.at(row.integer(1));
            one->shown.effect = effect;
            one->acts = true;
        }
        one->shown.messages += row.as<std::uint64_t>(4);
        protocol(*one, row.text(2));
        times(*one, row.integer(6), row.integer(7));
    }));
    if (!filter.act) {
        Query talks{
            "SELECT client, server, protocol, packets_out, packets_in, first, last FROM talk WHERE 1"};
        if (!filter.protocol.empty()) talks.add(" AND protocol = ?", filter.protocol);
        within(talks, filter.range);
        YAGURA_STORE_DO(talks.each(*loan, [&](const Row& row) {
            auto* one = edge(row.integer(0), row.integer(1));
            if (!one) return;
            if (!one->acts) one->shown.messages += row.as<std::uint64_t>(3) + row.as<std::uint64_t>(4);
            one->shown.one_sided |= row.integer(3) == 0 || row.integer(4) == 0;
            protocol(*one, row.text(2));
            times(*one, row.integer(5), row.integer(6));
        }));
    }

    std::unordered_map<std::int64_t, std::size_t> degree;
    for (const auto& [key, one] : edges) ++degree[one.from], ++degree[one.to];
    std::vector<std::pair<std::size_t, std::int64_t>> chosen;
    std::unordered_map<std::int64_t, MapNode> nodes;
    Query shown{
        cat("SELECT s.device, s.name, s.address, s.role, s.level, s.line, s.product, s.vlan, s.parts, ",
            now.state(), " FROM shown s WHERE 1")};
    const auto line = number_of(filter.line, "l0-");
    std::unordered_map<std::int64_t, std::int64_t> line_of;
    YAGURA_STORE_DO(shown.each(*loan, [&](const Row& row) {
        const auto id = row.integer(0);
        MapNode node;
        node.id = device_text(id);
        node.name = row.string(1);
        node.address = row.string(2);
        node.role = row.string(3);
        node.level = row.string(4);
        if (!row.null(5)) node.line = line_text(row.integer(5));
        node.product = row.string(6);
        if (!row.null(7)) node.vlan = row.as<std::uint16_t>(7);
        node.parts = row.as<std::uint64_t>(8);
        node.state = row.string(9);
        line_of[id] = row.null(5) ? 0 : row.integer(5);
        nodes.emplace(id, std::move(node));
    }));
    out.devices_total = nodes.size();
    std::unordered_map<std::int64_t, bool> wanted; // A line's devices and whom they talk to.
    if (!filter.line.empty()) {
        for (const auto& [id, of] : line_of)
            if (line && of == *line) wanted[id] = true;
        const auto own = wanted;
        for (const auto& [key, one] : edges)
            if (own.contains(one.from) || own.contains(one.to)) wanted[one.from] = wanted[one.to] = true;
    }
    for (const auto& [id, node] : nodes) {
        if (!filter.line.empty() && !wanted.contains(id)) continue;
        if (around && id != *around && !degree.contains(id)) continue;
        if ((!filter.protocol.empty() || filter.act) && !degree.contains(id)) continue;
        chosen.emplace_back(degree[id], id);
    }
    std::ranges::sort(chosen, [](const auto& a, const auto& b) {
        return a.first != b.first ? a.first > b.first : a.second < b.second;
    });
    chosen.resize(std::min(chosen.size(), std::clamp<std::size_t>(filter.nodes, 1, nodes_most)));
    std::ranges::sort(chosen, {},
                      &std::pair<std::size_t, std::int64_t>::second); // The same order at each visit.
    std::unordered_map<std::int64_t, bool> in;
    for (const auto& [count, id] : chosen) {
        in[id] = true;
        out.nodes.push_back(std::move(nodes.at(id)));
    }
    for (auto& [key, one] : edges) {
        if (!in.contains(one.from) || !in.contains(one.to)) continue;
        one.shown.a = device_text(one.from);
        one.shown.b = device_text(one.to);
        for (auto& act : one.shown.acts) {
            act.is_new = ns(act.first) > now.now - day_ns && one.known < now.now - day_ns;
            one.shown.is_new |= act.is_new && observe::usual_effect(act.act) > observe::Effect::observes;
        }
        out.edges.push_back(std::move(one.shown));
    }
    std::ranges::stable_sort(out.edges, [](const MapEdge& a, const MapEdge& b) {
        return std::pair{a.effect, a.messages} > std::pair{b.effect, b.messages};
    });
    if (out.edges.size() > edges_most) out.edges.resize(edges_most);
    YAGURA_STORE_DO(Query{"SELECT id, name FROM line ORDER BY name LIMIT 500"}.each(
        *loan, [&](const Row& row) { out.lines.push_back({line_text(row.integer(0)), row.string(1)}); }));
    YAGURA_TRY(const auto talks, Query{"SELECT count(*) FROM talk"}.number(*loan));
    out.conversations_total = static_cast<std::uint64_t>(talks);
    return out;
}

} // namespace yagura::store
