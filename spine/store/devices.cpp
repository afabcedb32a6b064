#include "spine/store/devices.h"

#include <algorithm>
#include <cstring>

#include "spine/base/text.h"
#include "spine/observe/subnet.h"
#include "spine/observe/text.h"
#include "spine/store/reading.h"

namespace yagura::store {
namespace {

using namespace reading;

constexpr std::size_t facets_most = 200;

enum class Without : std::uint8_t {
    nothing,
    view,
    line,
    role,
    level,
    state,
    approval,
    vendor,
    protocol,
    owner,
    criticality
};

constexpr std::string_view waits = " IN ('pending', 'expired')";

/// The first and the last address of "10.2.3.0/24", "fd00:1::/64" or a single one, as marks of nodes.
std::optional<std::pair<std::vector<std::byte>, std::vector<std::byte>>> network(const std::string& text) {
    auto net = observe::subnet_of(text);
    if (const auto one = observe::ip_of(text)) net = observe::Subnet{*one, 128};
    if (!net) return std::nullopt;
    const auto bytes = [](const observe::Ip& ip) {
        const auto all = std::as_bytes(std::span{ip});
        return std::vector<std::byte>{all.begin(), all.end()};
    };
    return std::pair{bytes(net->network), bytes(observe::last_of(*net))};
}

/// " WHERE …" of everything that the filter says, but for one part of it.
void where(Query& query, const DeviceFilter& filter, const Moment& moment, Without without) {
    query.add(" FROM shown s LEFT JOIN line l ON l.id = s.line");
    const bool asks_ledger = !filter.owner.empty() || !filter.criticalities.empty();
    if (filter.ledger && (asks_ledger || without == Without::owner || without == Without::criticality))
        query.add(
            " LEFT JOIN (SELECT value ->> 0 AS device, value ->> 1 AS owner, value ->> 2 AS criticality FROM "
            "json_each(?)) e ON e.device = s.device",
            *filter.ledger);
    else if (asks_ledger)
        query.add(
            " JOIN (SELECT NULL AS owner, NULL AS criticality WHERE 0) e"); // Without a ledger nobody is.
    query.add(" WHERE 1");
    if (without != Without::owner && !filter.owner.empty())
        query.add(" AND ifnull(nullif(e.owner, ''), 'none') = ?", filter.owner);
    if (without != Without::criticality && !filter.criticalities.empty())
        query.add(" AND ifnull(nullif(e.criticality, ''), 'none') IN ").add_list(filter.criticalities);
    const auto protocol = [&](const std::string& name) {
        query.add(" AND instr(s.protocols, ?) > 0", cat(" ", name, " "));
    };
    for (auto word : split(filter.text)) {
        const auto colon = word.find(':');
        const auto key = colon == word.npos ? std::string{} : word.substr(0, colon);
        const auto rest = colon == word.npos ? word : word.substr(colon + 1);
        if (key == "line") {
            query.add(" AND instr(l.name, ?) > 0", rest);
        } else if (key == "role") {
            query.add(" AND s.role = ?", rest);
        } else if (key == "vendor") {
            query.add(" AND instr(lower(s.vendor), lower(?)) > 0", rest);
        } else if (key == "protocol") {
            protocol(rest);
        } else if (key == "vlan") {
            query.add(" AND (s.vlan & 4095) = ?", std::int64_t{number<std::uint16_t>(rest).value_or(0xffff)});
        } else if (key == "net") {
            if (const auto net = network(rest))
                query.add(" AND EXISTS (SELECT 1 FROM link k JOIN node d ON d.id = k.node WHERE k.device = "
                          "s.device AND k.ends IS NULL AND d.kind = 2 AND d.mark BETWEEN ? AND ?)",
                          net->first, net->second);
            else
                query.add(" AND 0");
        } else if (word.starts_with("fw<") || word.starts_with("fw>")) {
            query.add(cat(" AND s.firmware <> '' AND CAST(ltrim(s.firmware, 'vV ') AS REAL) ",
                          word.substr(2, 1), " CAST(? AS REAL)"),
                      word.substr(3));
        } else {
            word = lower(word);
            query.add(" AND instr(s.words, ?) > 0", word);
        }
    }
    if (without != Without::view && filter.view != "all") {
        if (filter.view == "no_line")
            query.add(" AND s.line IS NULL");
        else if (filter.view == "corrected")
            query.add(" AND s.corrected = 1");
        else if (filter.view == "to_approve")
            query.add(cat(" AND ", moment.approval(), waits));
        else if (filter.view == "quiet")
            query.add(cat(" AND ", moment.state(), " IN ('quiet', 'unknown')"));
        else
            query.add(cat(" AND ", moment.state(), " = ?"), filter.view);
    }
    if (without != Without::line && !filter.line.empty()) {
        if (filter.line == "none")
            query.add(" AND s.line IS NULL");
        else
            query.add(" AND s.line = ?", number_of(filter.line, "l0-").value_or(-1));
    }
    if (without != Without::role && !filter.roles.empty())
        query.add(" AND s.role IN ").add_list(filter.roles);
    if (without != Without::level && !filter.levels.empty())
        query.add(" AND s.level IN ").add_list(filter.levels);
    if (without != Without::state && !filter.states.empty())
        query.add(cat(" AND ", moment.state(), " IN ")).add_list(filter.states);
    if (without != Without::approval && !filter.approvals.empty())
        query.add(cat(" AND ", moment.approval(), " IN ")).add_list(filter.approvals);
    if (without != Without::vendor && !filter.vendor.empty()) query.add(" AND s.vendor = ?", filter.vendor);
    if (without != Without::protocol && !filter.protocol.empty()) protocol(filter.protocol);
}

std::string sort_key(DeviceSort sort, const Moment& moment) {
    switch (sort) {
    case DeviceSort::line:
        return "(CASE WHEN s.line IS NULL THEN '1' ELSE '0' END || lower(ifnull(l.name, '')) || char(1) || "
               "CASE s.level WHEN '4' THEN '0' WHEN '3.5' THEN '1' WHEN '3' THEN '2' WHEN '2' THEN '3' WHEN "
               "'1' THEN '4' "
               "WHEN '0' THEN '5' ELSE '6' END || lower(s.name))";
    case DeviceSort::name:
        return "lower(s.name)";
    case DeviceSort::address:
        return "s.address_key";
    case DeviceSort::role:
        return "s.role";
    case DeviceSort::product:
        return "lower(s.product)";
    case DeviceSort::vendor:
        return "lower(s.vendor)";
    case DeviceSort::level:
        return "s.level";
    case DeviceSort::last_seen:
        return "s.last";
    case DeviceSort::first_seen:
        return "s.first";
    case DeviceSort::state:
        return cat("(", moment.state(), ")");
    case DeviceSort::approval:
        return cat(
            "CASE ", moment.approval(),
            " WHEN 'pending' THEN CASE s.approval_why WHEN 'new' THEN 2 ELSE 0 END WHEN 'expired' THEN 1 "
            "WHEN 'rejected' THEN 3 WHEN 'temporary' THEN 4 ELSE 5 END");
    }
    return "s.device";
}

bool can_see_all(const Moment& moment) noexcept { return moment.live; }

Fact fact_of(const Row& row, Who& who) {
    Fact out;
    out.attribute = row.string(0);
    out.value = row.string(1);
    out.by = row.string(2);
    out.protocol = row.string(3);
    if (out.by == "person")
        out.person = row.string(4);
    else
        out.rule = row.string(4);
    out.part = row.string(5);
    out.confidence = row.as<std::uint8_t>(6);
    out.chosen = row.integer(7) != 0;
    out.first = from_ns(row.integer(8));
    out.last = from_ns(row.integer(9));
    if (row.integer(10) != 0)
        out.evidence = who.evidence(row.as<std::uint32_t>(10), row.as<std::uint64_t>(11),
                                    row.as<std::uint32_t>(12), out.first, out.protocol);
    return out;
}
constexpr std::string_view fact_columns =
    "attribute, value, by, protocol, rule, part, confidence, chosen, first, last, "
    "shown_fact.source, shown_fact.frame, shown_fact.offset";

Result<void> regroupings_of(Database& state, std::int64_t device, std::vector<Device::Regrouping>& into) {
    Who who{state};
    std::vector<std::string> marks;
    YAGURA_STORE_DO(
        Query{"SELECT record, split, device, other, at, who, nodes FROM regrouping WHERE undone_at = 0 "
              "AND (device = "}
            .add("? OR other = ?) ORDER BY record DESC LIMIT 20", device, device)
            .each(state, [&](const Row& row) {
                auto& one = into.emplace_back();
                one.record = row.as<std::uint64_t>(0);
                one.split = row.integer(1) != 0;
                const auto other = row.integer(row.integer(2) == device ? 3 : 2);
                one.other = device_text(other);
                one.name = who.device(other).name;
                one.at = from_ns(row.integer(4));
                one.who = row.string(5);
                marks.push_back(row.string(6));
            }));
    for (std::size_t i = 0; i < into.size(); ++i)
        for (const auto& mark : split(marks[i])) {
            if (into[i].addresses.size() == 16) break;
            YAGURA_STORE_DO(Query{"SELECT kind, mark FROM node WHERE kind IN (1, 2) AND id = ?",
                                  {static_cast<std::int64_t>(number<std::uint64_t>(mark).value_or(0))}}
                                .each_again(state, [&](const Row& row) {
                                    into[i].addresses.push_back(address_of(row.integer(0), row.bytes(1)));
                                }));
        }
    return {};
}

} // namespace

Result<DeviceList> DeviceReader::list(const DeviceFilter& filter, DeviceSort sort, Order order,
                                      const Page& page) {
    YAGURA_TRY(auto loan, state_.borrow());
    YAGURA_TRY(auto now, moment(*loan));
    now.clock = clock_.now();
    YAGURA_TRY(const auto after, place(page.cursor));
    DeviceList out;
    Query count{"SELECT count(*)"};
    where(count, filter, now, Without::nothing);
    YAGURA_TRY(const auto total, count.number(*loan));
    out.total = static_cast<std::uint64_t>(total);
    out.covered = can_see_all(now);

    const auto key = sort_key(sort, now);
    const auto most = std::clamp<std::size_t>(page.most, 1, rows_most);
    const bool down = order == Order::descending;
    Query rows{cat("SELECT ", shown_columns(now), ", ", key)};
    where(rows, filter, now, Without::nothing);
    if (after)
        rows.add(cat(" AND (", key, ", s.device) ", down ? "<" : ">", " (?, ?)"), after->key, after->id);
    rows.add(cat(" ORDER BY ", key, down ? " DESC, s.device DESC" : ", s.device", " LIMIT ", most + 1));
    std::vector<std::int64_t> ids;
    Place last;
    bool more = false;
    YAGURA_STORE_DO(rows.each(*loan, [&](const Row& row) {
        if (out.devices.size() == most) {
            more = true;
            return;
        }
        out.devices.push_back(row_of(row));
        ids.push_back(row.integer(0));
        last = place_of(row, shown_columns_count, 0);
    }));
    if (more) out.next_cursor = cursor(last);
    for (std::size_t i = 0; i < ids.size(); ++i) YAGURA_STORE_DO(count_peers(*loan, out.devices[i], ids[i]));
    return out;
}

Result<DeviceFacets> DeviceReader::facets(const DeviceFilter& filter) {
    YAGURA_TRY(auto loan, state_.borrow());
    YAGURA_TRY(auto now, moment(*loan));
    now.clock = clock_.now();
    DeviceFacets out;
    const auto facet = [&](std::vector<Facet>& into, std::string_view column, std::string_view name,
                           Without without) -> Result<void> {
        Query query{cat("SELECT ", column, ", ", name, ", count(*)")};
        where(query, filter, now, without);
        query.add(cat(" GROUP BY 1 ORDER BY 3 DESC, 1 LIMIT ", facets_most));
        return query.each(*loan, [&](const Row& row) {
            if (!row.text(0).empty())
                into.push_back({row.string(0), row.string(1), row.as<std::uint64_t>(2)});
        });
    };
    Query total{"SELECT count(*)"};
    where(total, filter, now, Without::nothing);
    YAGURA_TRY(const auto all, total.number(*loan));
    out.total = static_cast<std::uint64_t>(all);
    YAGURA_STORE_DO(facet(out.line, "CASE WHEN l.id IS NULL THEN 'none' ELSE 'l0-' || l.id END",
                          "ifnull(l.name, '')", Without::line));
    YAGURA_STORE_DO(facet(out.role, "s.role", "''", Without::role));
    YAGURA_STORE_DO(facet(out.level, "s.level", "''", Without::level));
    YAGURA_STORE_DO(facet(out.state, now.state(), "''", Without::state));
    YAGURA_STORE_DO(facet(out.approval, now.approval(), "''", Without::approval));
    YAGURA_STORE_DO(facet(out.vendor, "s.vendor", "''", Without::vendor));

    if (filter.ledger) {
        YAGURA_STORE_DO(facet(out.owner, "ifnull(nullif(e.owner, ''), 'none')", "''", Without::owner));
        YAGURA_STORE_DO(
            facet(out.criticality, "ifnull(nullif(e.criticality, ''), 'none')", "''", Without::criticality));
    }
    Query views{cat("SELECT count(*), sum(", now.state(), " = 'new'), sum(", now.state(),
                    " IN ('quiet', 'unknown')), sum(s.line IS NULL), sum(s.corrected), sum(", now.approval(),
                    waits, ")")};
    where(views, filter, now, Without::view);
    YAGURA_STORE_DO(views.each(*loan, [&](const Row& row) {
        int at = 0;
        for (const auto* name : {"all", "new", "quiet", "no_line", "corrected", "to_approve"})
            out.views.push_back({name, "", row.as<std::uint64_t>(at++)});
    }));
    // One device speaks several.
    std::map<std::string, std::uint64_t> protocols;
    Query spoken{"SELECT s.protocols, count(*)"};
    where(spoken, filter, now, Without::protocol);
    YAGURA_STORE_DO(spoken.add(" GROUP BY 1").each(*loan, [&](const Row& row) {
        for (const auto& name : split(row.text(0)))
            if (name != "unknown")
                protocols[name] += row.as<std::uint64_t>(1); // What nobody claimed is none.
    }));
    for (const auto& [name, count] : protocols) out.protocol.push_back({name, "", count});
    std::ranges::stable_sort(out.protocol, std::ranges::greater{}, &Facet::count);
    if (out.protocol.size() > facets_most) out.protocol.resize(facets_most);
    return out;
}

const Clock& DeviceReader::wall_clock() noexcept {
    static const WallClock clock;
    return clock;
}

Result<std::optional<Device>> DeviceReader::device(std::string_view text) {
    YAGURA_TRY(auto loan, state_.borrow());
    YAGURA_TRY(const auto id, device_number(*loan, text));
    if (!id) return std::optional<Device>{};
    YAGURA_TRY(auto now, moment(*loan));
    now.clock = clock_.now();
    Who who{*loan};
    Device out;
    YAGURA_STORE_DO(Query{cat("SELECT ", shown_columns(now),
                              " FROM shown s LEFT JOIN line l ON l.id = s.line WHERE s.device = ")}
                        .add("?", *id)
                        .each(*loan, [&](const Row& row) { out.summary = row_of(row); }));
    YAGURA_STORE_DO(count_peers(*loan, out.summary, *id));
    YAGURA_STORE_DO(Query{cat("SELECT ", fact_columns, " FROM shown_fact WHERE device = ")}
                        .add("? ORDER BY place LIMIT 1000", *id)
                        .each(*loan, [&](const Row& row) { out.facts.push_back(fact_of(row, who)); }));
    YAGURA_STORE_DO(Query{"SELECT node.kind, node.mark, node.realm, max(node.first, link.begins), node.last, "
                          "link.ends, (SELECT vlan FROM "
                          "talk WHERE client = node.id OR server = node.id LIMIT 1) FROM link JOIN node ON "
                          "node.id = link.node WHERE "
                          "node.kind IN (1, 2) AND link.device = "}
                        .add("? ORDER BY link.ends IS NOT NULL, node.kind DESC, node.id LIMIT 500", *id)
                        .each(*loan, [&](const Row& row) {
                            Device::Address address;
                            address.address = address_of(row.integer(0), row.bytes(1));
                            address.kind = row.integer(0) == 1 ? "mac" : "ip";
                            address.realm = row.as<std::uint16_t>(2);
                            address.first = from_ns(row.integer(3));
                            address.last = from_ns(std::max(row.integer(4), row.integer(3)));
                            if (!row.null(5)) address.until = from_ns(row.integer(5));
                            address.vlan = row.as<std::uint16_t>(6);
                            if (!address.address.empty()) out.addresses.push_back(std::move(address));
                        }));
    YAGURA_STORE_DO(Query{"SELECT protocol, carrier, port, max(last_used) FROM service WHERE node IN (SELECT "
                          "node FROM link WHERE "
                          "ends IS NULL AND device = "}
                        .add("?) GROUP BY 1, 2, 3 ORDER BY port, protocol LIMIT 500", *id)
                        .each(*loan, [&](const Row& row) {
                            out.services.push_back({row.string(0), carrier_text(row.as<std::uint16_t>(1)),
                                                    row.as<std::uint16_t>(2), from_ns(row.integer(3))});
                        }));
    YAGURA_STORE_DO(
        Query{"SELECT place, path, vendor, product, firmware, serial, last FROM shown_part WHERE device = "}
            .add("? ORDER BY place LIMIT 1000", *id)
            .each(*loan, [&](const Row& row) {
                out.parts.push_back({cat(out.summary.id, "-p", row.integer(0)), row.string(1), row.string(2),
                                     row.string(3), row.string(4), row.string(5), from_ns(row.integer(6))});
            }));
    YAGURA_STORE_DO(regroupings_of(*loan, *id, out.regroupings));
    std::vector<Device::Neighbour> neighbours;
    YAGURA_STORE_DO(Query{
        "SELECT port, far_name, far_port, protocol, last FROM neighbour WHERE node IN (SELECT node FROM link "
        "WHERE ends IS NULL AND device = "}
                        .add("?) ORDER BY last DESC LIMIT 200", *id)
                        .each(*loan, [&](const Row& row) {
                            Device::Neighbour one;
                            one.port = row.string(0);
                            one.far_name = row.string(1);
                            one.far_port = row.string(2);
                            one.protocol = row.string(3);
                            one.last = from_ns(row.integer(4));
                            neighbours.push_back(std::move(one));
                        }));
    for (auto& one : neighbours) {
        YAGURA_TRY(
            const auto far,
            Query{"SELECT device FROM shown WHERE name = "}.add("? LIMIT 1", one.far_name).number(*loan));
        if (far == *id) continue; // LLDP and CDP name who sends them; who hears them is not told.
        if (far != 0) one.far = who.device(far);
        if (one.far.name.empty()) one.far.name = one.far_name;
        out.neighbours.push_back(std::move(one));
    }
    return std::optional{std::move(out)};
}

Result<std::vector<FactWithMessage>> DeviceReader::evidence(std::string_view text, std::string_view attribute,
                                                            std::size_t most) {
    YAGURA_TRY(auto loan, state_.borrow());
    YAGURA_TRY(const auto id, device_number(*loan, text));
    std::vector<FactWithMessage> out;
    if (!id) return out;
    Who who{*loan};
    Query query{cat(
        "SELECT ", fact_columns,
        ", evidence.message FROM shown_fact LEFT JOIN evidence ON evidence.source = shown_fact.source AND "
        "evidence.frame = shown_fact.frame AND evidence.offset = shown_fact.offset WHERE device = ")};
    query.add("?", *id);
    if (!attribute.empty()) query.add(" AND attribute = ?", attribute);
    query.add(cat(" ORDER BY place LIMIT ", std::min(most, rows_most)));
    YAGURA_STORE_DO(query.each(*loan, [&](const Row& row) {
        const auto message = row.bytes(13);
        out.push_back({fact_of(row, who), {message.begin(), message.end()}});
    }));
    return out;
}

Result<PeerList> DeviceReader::peers(std::string_view text, const Range& range, const Page& page) {
    YAGURA_TRY(auto loan, state_.borrow());
    YAGURA_TRY(const auto id, device_number(*loan, text));
    PeerList out;
    if (!id) return out;
    YAGURA_TRY(const auto now, moment(*loan));
    YAGURA_TRY(const auto after, place(page.cursor));
    Who who{*loan};
    struct Acts {
        Peer peer;
        observe::Effect strongest{};
        std::int64_t known = INT64_MAX; ///< since when
    };
    std::map<std::pair<std::int64_t, std::int64_t>, Acts> found; // (device, bare node)
    const auto take = [&](const Row& row, bool by_us) {
        const auto other = row.integer(0);
        const auto device = who.device_number_of(other);
        if (device == *id) return;
        auto& one = found[{device, device ? 0 : other}];
        if (one.peer.peer.name.empty()) one.peer.peer = who.node(other);
        const auto act = row.as<observe::Act>(2);
        auto& list = by_us ? one.peer.done_by_it : one.peer.done_to_it;
        auto here = std::ranges::find(list, act, &ActCount::act);
        if (here == list.end()) here = list.insert(list.end(), {act, 0, 0, from_ns(INT64_MAX), {}, false});
        here->count += row.as<std::uint64_t>(3);
        here->refused += row.as<std::uint64_t>(4);
        here->first = std::min(here->first, from_ns(row.integer(5)));
        here->last = std::max(here->last, from_ns(row.integer(6)));
        one.strongest = std::max(one.strongest, observe::usual_effect(act));
        one.known = std::min(one.known, row.integer(5));
        one.peer.messages += row.as<std::uint64_t>(3);
        one.peer.first = one.peer.first == Time{} ? here->first : std::min(one.peer.first, here->first);
        one.peer.last = std::max(one.peer.last, here->last);
        if (const auto protocol = row.string(1);
            !protocol.empty() && std::ranges::find(one.peer.protocols, protocol) == one.peer.protocols.end())
            one.peer.protocols.push_back(protocol);
    };
    for (const bool by_us : {false, true}) {
        Query query{cat("SELECT ", by_us ? "node" : "peer", ", protocol, act, ", acts_of_pair,
                        ", refusals, first, last FROM pair WHERE ", by_us ? "peer" : "node", " IN ")};
        YAGURA_TRY(const auto nodes, nodes_of_device(*loan, *id));
        query.add_list(nodes);
        if (range.from != Time{}) query.add(" AND last >= ?", ns(range.from));
        if (range.until != Time{}) query.add(" AND first < ?", ns(range.until));
        YAGURA_STORE_DO(query.each(*loan, [&](const Row& row) { take(row, by_us); }));
    }
    std::vector<Acts> all;
    for (auto& [key, one] : found) {
        for (auto* list : {&one.peer.done_to_it, &one.peer.done_by_it})
            for (auto& act : *list)
                act.is_new = ns(act.first) > now.now - day_ns && one.known < now.now - day_ns;
        all.push_back(std::move(one));
    }
    std::ranges::stable_sort(all, [](const Acts& a, const Acts& b) {
        return std::pair{a.strongest, a.peer.messages} > std::pair{b.strongest, b.peer.messages};
    });
    out.total = all.size();
    const auto most = std::clamp<std::size_t>(page.most, 1, rows_most);
    const auto skip = after ? static_cast<std::size_t>(std::max<std::int64_t>(0, after->id)) : 0;
    for (std::size_t i = skip; i < all.size() && i < skip + most; ++i)
        out.peers.push_back(std::move(all[i].peer));
    if (skip + most < all.size())
        out.next_cursor = cursor({std::int64_t{0}, static_cast<std::int64_t>(skip + most)});
    return out;
}

Result<std::vector<HistoryEntry>> DeviceReader::history(std::string_view text, std::size_t most) {
    YAGURA_TRY(auto loan, state_.borrow());
    YAGURA_TRY(const auto id, device_number(*loan, text));
    std::vector<HistoryEntry> out;
    if (!id) return out;
    YAGURA_STORE_DO(
        Query{"SELECT first FROM device WHERE id = "}.add("?", *id).each(*loan, [&](const Row& row) {
            HistoryEntry one;
            one.at = from_ns(row.integer(0));
            one.kind = "first_seen";
            out.push_back(std::move(one));
        }));
    YAGURA_STORE_DO(Query{
        "SELECT node.kind, node.mark, link.begins, link.ends, link.by, link.rule FROM link JOIN node ON "
        "node.id = link.node WHERE link.device = "}
                        .add("? ORDER BY link.begins DESC LIMIT 500", *id)
                        .each(*loan, [&](const Row& row) {
                            HistoryEntry one;
                            one.at = from_ns(row.integer(2));
                            if (!row.null(3)) one.until = from_ns(row.integer(3));
                            const auto kind = row.integer(0);
                            one.kind = kind <= 2 ? "address" : kind == 5 ? "part" : "link";
                            one.attribute = kind == 1   ? "mac"
                                            : kind == 2 ? "ip"
                                            : kind == 3 ? "serial"
                                            : kind == 4 ? "name"
                                                        : "";
                            one.to = kind <= 2 ? address_of(kind, row.bytes(1))
                                               : std::string{as_text(row.bytes(1))};
                            one.by = row.integer(4) == 1 ? "rule" : row.integer(4) == 2 ? "person" : "import";
                            one.who = row.string(5);
                            out.push_back(std::move(one));
                        }));
    YAGURA_STORE_DO(Query{"SELECT at, kind, attribute, old_value, new_value, who FROM change WHERE kind <> "
                          "'first_act' AND kind "
                          "<> 'new_device' AND device = "}
                        .add("? ORDER BY at DESC LIMIT 500", *id)
                        .each(*loan, [&](const Row& row) {
                            HistoryEntry one;
                            one.at = from_ns(row.integer(0));
                            const bool approval = row.text(1) == "approval";
                            const bool said = row.text(1) == "correction" || !row.text(5).empty();
                            one.kind = approval ? "approval" : said ? "correction" : "fact";
                            one.attribute = row.string(2);
                            one.from = row.string(3);
                            one.to = row.string(4);
                            one.by = said ? "person" : "rule";
                            one.who = row.string(5);
                            // "temporary 1700000000000000000": until then.
                            if (const auto blank = one.to.find(' ');
                                approval && said && blank != one.to.npos) {
                                if (const auto until = number<std::uint64_t>(one.to.substr(blank + 1)))
                                    one.until = from_ns(static_cast<std::int64_t>(*until));
                                one.to.resize(blank);
                            }
                            out.push_back(std::move(one));
                        }));
    std::ranges::stable_sort(out, std::ranges::greater{}, &HistoryEntry::at);
    if (out.size() > most) out.resize(most);
    return out;
}

} // namespace yagura::store
