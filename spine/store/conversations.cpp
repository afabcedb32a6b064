#include "spine/store/conversations.h"

#include <algorithm>

#include "spine/base/hash.h"
#include "spine/base/text.h"
#include "spine/store/map.h"
#include "spine/store/reading.h"

namespace yagura::store {
namespace {

using namespace reading;

constexpr std::size_t protocols_most = 16, facets_most = 200;

enum class Without : std::uint8_t { nothing, protocol, line, direction };

bool unclaimed(std::string_view protocol) noexcept { return protocol.empty() || protocol == "unknown"; }

/// " FROM talk … WHERE …" of all that the filter says but for one part of it. False: it fits nothing.
class Where {
public:
    static Result<Where> of(Database& state, const ConversationFilter& filter) {
        Where out{filter};
        for (const auto* text : {&filter.device, &filter.peer}) {
            if (text->empty()) continue;
            YAGURA_TRY(const auto id, device_number(state, *text));
            if (!id) {
                out.nobody_ = true;
                return out;
            }
            YAGURA_TRY(auto nodes, nodes_of_device(state, *id));
            out.ends_.push_back(std::move(nodes));
        }
        for (auto word : split(filter.text)) {
            word = lower(word);
            std::string known = "[";
            YAGURA_STORE_DO(
                Query{"SELECT l.node FROM link l JOIN shown s ON s.device = l.device WHERE l.ends IS "
                      "NULL AND instr(s.words, "}
                    .add("?) > 0", word)
                    .each_again(state, [&](const Row& row) {
                        known += cat(known.size() > 1 ? "," : "", row.integer(0));
                    }));
            out.words_.emplace_back(std::move(word), known += ']');
        }
        return out;
    }
    bool nobody() const noexcept { return nobody_; }
    Query& add_to(Query& query, Without without = Without::nothing, std::string_view joined = {}) const {
        const auto& filter = *filter_;
        query.add(cat(" FROM talk t", joined, " WHERE 1"));
        for (const auto& nodes : ends_)
            query.add(" AND (t.client IN ").add_list(nodes).add(" OR t.server IN ").add_list(nodes).add(")");
        if (without != Without::protocol && !filter.protocol.empty()) {
            const auto& wanted = filter.protocol;
            if (unclaimed(wanted))
                query.add(" AND t.protocol IN ('', 'unknown')");
            else if (const auto outer = carried_by(wanted); outer.empty())
                query.add(" AND t.protocol = ?", wanted);
            else
                query.add(" AND (t.protocol = ? OR (t.protocol = ? AND EXISTS (SELECT 1 FROM pair p WHERE "
                          "p.protocol = ? "
                          "AND ((p.peer = t.client AND p.node = t.server) OR (p.peer = t.server AND p.node = "
                          "t.client)))))",
                          wanted, outer, wanted);
        }
        if (without != Without::direction && !filter.direction.empty())
            query.add(filter.direction == "one_sided" ? " AND (t.packets_out = 0 OR t.packets_in = 0)"
                                                      : " AND t.packets_out <> 0 AND t.packets_in <> 0");
        if (without != Without::line && !filter.line.empty()) {
            const auto line = number_of(filter.line, "l0-").value_or(-1);
            constexpr std::string_view of_line = "IN (SELECT l.node FROM link l JOIN shown s ON s.device = "
                                                 "l.device WHERE l.ends IS NULL AND s.line = ?)";
            query.add(cat(" AND (t.client ", of_line, " OR t.server ", of_line, ")"), line, line);
        }
        for (const auto& [word, known] : words_) {
            constexpr std::string_view in_set = "(SELECT value FROM json_each(?))";
            query.add(
                cat(" AND (t.client IN ", in_set, " OR t.server IN ", in_set, " OR instr(t.protocol, ?) > 0"),
                known, known, word);
            if (const auto port = number<std::uint16_t>(word)) query.add(" OR t.port = ?", *port);
            query.add(")");
        }
        if (filter.range.from != Time{}) query.add(" AND t.last >= ?", ns(filter.range.from));
        if (filter.range.until != Time{}) query.add(" AND t.first < ?", ns(filter.range.until));
        return query;
    }

private:
    explicit Where(const ConversationFilter& filter) : filter_{&filter} {}
    const ConversationFilter* filter_;
    std::vector<std::vector<std::int64_t>> ends_;
    std::vector<std::pair<std::string, std::string>> words_; ///< with the nodes that are known by it
    bool nobody_ = false;
};

struct SortKey {
    std::string_view key, joined{};
};
SortKey sort_key(ConversationSort sort) noexcept {
    switch (sort) {
    case ConversationSort::first:
        return {"t.first"};
    case ConversationSort::bytes:
        return {"(t.bytes_out + t.bytes_in)"};
    case ConversationSort::packets:
        return {"(t.packets_out + t.packets_in)"};
    case ConversationSort::client:
        return {"substr(lower(ifnull(s.name, '')), 1, 24)",
                " LEFT JOIN link l ON l.node = t.client AND l.ends IS NULL LEFT JOIN shown "
                "s ON s.device = l.device"};
    case ConversationSort::server:
        return {"substr(lower(ifnull(s.name, '')), 1, 24)",
                " LEFT JOIN link l ON l.node = t.server AND l.ends IS NULL LEFT JOIN shown "
                "s ON s.device = l.device"};
    case ConversationSort::protocol:
        return {"t.protocol"};
    case ConversationSort::last:
        break;
    }
    return {"t.last"};
}

/// What two nodes do to each other, asked once a pair.
class Acts {
public:
    Acts(Database& state, const Moment& now) : state_{state}, now_{now} {}
    Result<void> fill(ConversationRow& row, std::int64_t client, std::int64_t server) {
        auto found = pairs_.find(std::minmax(client, server));
        if (found == pairs_.end()) {
            std::vector<One> all;
            auto done = Query{cat("SELECT protocol, act, total(", acts_of_pair,
                                  "), total(refusals), min(first), max(last) FROM pair WHERE (peer = ")}
                            .add("? AND node = ?) OR (peer = ? AND node = ?) GROUP BY 1, 2", client, server,
                                 server, client)
                            .each_again(state_, [&](const Row& at) {
                                const auto act = at.as<observe::Act>(1);
                                all.push_back({at.string(0),
                                               {act, static_cast<std::uint64_t>(at.real(2)),
                                                static_cast<std::uint64_t>(at.real(3)),
                                                from_ns(at.integer(4)), from_ns(at.integer(5)), false}});
                            });
            if (!done) return done;
            found = pairs_.emplace(std::minmax(client, server), std::move(all)).first;
        }
        auto known = INT64_MAX;
        for (const auto& one : found->second) known = std::min(known, ns(one.act.first));
        for (const auto& [protocol, act] : found->second) {
            if (row.protocol.empty() || (protocol != row.protocol && carried_by(protocol) != row.protocol))
                continue;
            if (protocol != row.protocol && row.inside.size() < protocols_most &&
                std::ranges::find(row.inside, protocol) == row.inside.end())
                row.inside.push_back(protocol);
            auto here = std::ranges::find(row.acts, act.act, &ActCount::act);
            if (here == row.acts.end()) {
                here = row.acts.insert(row.acts.end(), act);
            } else {
                here->count += act.count;
                here->refused += act.refused;
                here->first = std::min(here->first, act.first);
                here->last = std::max(here->last, act.last);
            }
            here->is_new = ns(here->first) > now_.now - day_ns && known < now_.now - day_ns;
        }
        std::ranges::stable_sort(row.acts, [](const ActCount& a, const ActCount& b) {
            return std::pair{observe::usual_effect(a.act), a.count} >
                   std::pair{observe::usual_effect(b.act), b.count};
        });
        return {};
    }

private:
    struct One {
        std::string protocol;
        ActCount act;
    };
    Database& state_;
    const Moment& now_;
    std::map<std::pair<std::int64_t, std::int64_t>, std::vector<One>> pairs_;
};

/// Device → line, for those that have one; lines by their number.
struct Lines {
    std::unordered_map<std::int64_t, std::int64_t> of_device{};
    std::map<std::int64_t, std::string> names{};
    static Result<Lines> of(Database& state) {
        Lines out;
        YAGURA_STORE_DO(Query{"SELECT device, line FROM shown WHERE line IS NOT NULL"}.each(
            state, [&](const Row& row) { out.of_device[row.integer(0)] = row.integer(1); }));
        YAGURA_STORE_DO(Query{"SELECT id, name FROM line"}.each(
            state, [&](const Row& row) { out.names[row.integer(0)] = row.string(1); }));
        return out;
    }
    std::int64_t line(std::int64_t device) const {
        const auto found = of_device.find(device);
        return found == of_device.end() ? 0 : found->second;
    }
    LineRef ref(std::int64_t line) const {
        const auto found = names.find(line);
        return found == names.end() ? LineRef{} : LineRef{line_text(line), found->second};
    }
};

} // namespace

Result<ConversationList> TrafficReader::conversations(const ConversationFilter& filter, ConversationSort sort,
                                                      Order order, const Page& page) {
    YAGURA_TRY(auto loan, state_.borrow());
    YAGURA_TRY(const auto after, place(page.cursor));
    YAGURA_TRY(const auto now, moment(*loan));
    YAGURA_TRY(const auto where, Where::of(*loan, filter));
    ConversationList out;
    if (where.nobody()) return out;
    Query count{"SELECT count(*)"};
    YAGURA_TRY(const auto total, where.add_to(count).number(*loan));
    out.total = static_cast<std::uint64_t>(total);
    const auto [key, joined] = sort_key(sort);
    Query rows{cat(
        "SELECT t.id, t.client, t.server, t.protocol, t.carrier, t.port, t.vlan, t.connections, "
        "t.packets_out, "
        "t.packets_in, t.bytes_out, t.bytes_in, t.retransmitted + t.retransmitted_in, t.lost + t.lost_in, "
        "t.first, t.last, t.source, t.frame, ",
        key)};
    where.add_to(rows, Without::nothing, joined);
    const bool down = order == Order::descending;
    if (after) rows.add(cat(" AND (", key, ", t.id) ", down ? "<" : ">", " (?, ?)"), after->key, after->id);
    const auto most = std::clamp<std::size_t>(page.most, 1, rows_most);
    rows.add(cat(" ORDER BY ", key, down ? " DESC, t.id DESC" : ", t.id", " LIMIT ", most + 1));
    Who who{*loan};
    Acts acts{*loan, now};
    Place last;
    std::vector<std::pair<std::int64_t, std::int64_t>> ends;
    YAGURA_STORE_DO(rows.each(*loan, [&](const Row& row) {
        if (out.conversations.size() == most) {
            out.next_cursor = cursor(last);
            return;
        }
        ConversationRow one;
        one.id = cat("t", row.integer(0));
        one.client = who.node(row.integer(1));
        one.server = who.node(row.integer(2));
        if (!unclaimed(row.text(3))) one.protocol = row.string(3);
        one.carrier = carrier_text(row.as<std::uint16_t>(4));
        one.port = row.as<std::uint16_t>(5);
        one.vlan = row.as<std::uint16_t>(6);
        one.connections = row.as<std::uint64_t>(7);
        for (int side = 0; side < 2; ++side) {
            one.packets[side] = row.as<std::uint64_t>(8 + side);
            one.bytes[side] = row.as<std::uint64_t>(10 + side);
        }
        one.one_sided = one.packets[0] == 0 || one.packets[1] == 0;
        one.retransmitted = row.as<std::uint64_t>(12);
        one.lost = row.as<std::uint64_t>(13);
        one.first = from_ns(row.integer(14));
        one.last = from_ns(row.integer(15));
        one.is_new = row.integer(14) > std::max(now.now - day_ns, now.begun + hour_ns);
        one.evidence = who.evidence(row.as<std::uint32_t>(16), row.as<std::uint64_t>(17), 0, one.first,
                                    one.protocol);
        out.conversations.push_back(std::move(one));
        ends.emplace_back(row.integer(1), row.integer(2));
        last = place_of(row, 18, 0);
    }));
    for (std::size_t i = 0; i < ends.size(); ++i)
        YAGURA_STORE_DO(acts.fill(out.conversations[i], ends[i].first, ends[i].second));
    return out;
}

Result<ConversationFacets> TrafficReader::conversation_facets(const ConversationFilter& filter) {
    YAGURA_TRY(auto loan, state_.borrow());
    YAGURA_TRY(const auto where, Where::of(*loan, filter));
    ConversationFacets out;
    if (where.nobody()) return out;
    Query count{"SELECT count(*)"};
    YAGURA_TRY(const auto total, where.add_to(count).number(*loan));
    out.total = static_cast<std::uint64_t>(total);

    Query protocols{"SELECT CASE t.protocol WHEN '' THEN 'unknown' ELSE t.protocol END, count(*)"};
    where.add_to(protocols, Without::protocol).add(cat(" GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT ", facets_most));
    YAGURA_STORE_DO(protocols.each(*loan, [&](const Row& row) {
        out.protocol.push_back({row.string(0), "", row.as<std::uint64_t>(1)});
    }));
    Query sides{"SELECT t.packets_out = 0 OR t.packets_in = 0, count(*)"};
    where.add_to(sides, Without::direction).add(" GROUP BY 1 ORDER BY 1");
    YAGURA_STORE_DO(sides.each(*loan, [&](const Row& row) {
        out.direction.push_back({row.integer(0) ? "one_sided" : "both", "", row.as<std::uint64_t>(1)});
    }));
    // A conversation between two lines counts for both.
    YAGURA_TRY(const auto devices, devices_of_nodes(*loan));
    YAGURA_TRY(const auto lines, Lines::of(*loan));
    std::map<std::int64_t, std::uint64_t> of_line;
    Query ends{"SELECT t.client, t.server, count(*)"};
    where.add_to(ends, Without::line).add(" GROUP BY 1, 2");
    YAGURA_STORE_DO(ends.each(*loan, [&](const Row& row) {
        const auto line = [&](int column) {
            const auto found = devices.find(row.integer(column));
            return found == devices.end() ? 0 : lines.line(found->second);
        };
        const auto a = line(0), b = line(1);
        if (a) of_line[a] += row.as<std::uint64_t>(2);
        if (b && b != a) of_line[b] += row.as<std::uint64_t>(2);
    }));
    for (const auto& [line, many] : of_line) {
        const auto ref = lines.ref(line);
        if (!ref.id.empty() && out.line.size() < facets_most) out.line.push_back({ref.id, ref.name, many});
    }
    std::ranges::stable_sort(out.line, std::ranges::greater{}, &Facet::count);
    return out;
}

Result<ConversationGroups> TrafficReader::conversation_groups(const ConversationFilter& filter,
                                                              ConversationGrouping by, std::size_t most) {
    YAGURA_TRY(auto loan, state_.borrow());
    YAGURA_TRY(const auto where, Where::of(*loan, filter));
    ConversationGroups out;
    if (where.nobody()) return out;
    YAGURA_TRY(const auto devices, devices_of_nodes(*loan));
    YAGURA_TRY(const auto lines, Lines::of(*loan));
    // A device counts as one, whatever its addresses; whoever is none of ours stands for itself (below 0).
    const auto end = [&](std::int64_t node) {
        const auto found = devices.find(node);
        return found == devices.end() ? -node : found->second;
    };
    struct Group {
        ConversationGroup shown;
        std::int64_t a = 0, b = 0;
        std::int64_t from_a = 0; ///< conversations that a opened, less those that b opened
    };
    // Of protocols few, of pairs many: those are looked up by numbers alone.
    struct Key {
        std::int64_t low, high;
        std::size_t protocol;
        bool operator==(const Key&) const = default;
    };
    struct Hash {
        std::size_t operator()(const Key& key) const noexcept {
            return Hasher{1, 2}
                .add(static_cast<std::uint64_t>(key.low))
                .add(static_cast<std::uint64_t>(key.high))
                .add(key.protocol)
                .finish();
        }
    };
    std::unordered_map<Key, Group, Hash> groups;
    std::vector<std::string> names;
    const auto number_of_name = [&](std::string_view name) {
        const auto found = std::ranges::find(names, name);
        if (found != names.end()) return static_cast<std::size_t>(found - names.begin());
        names.emplace_back(name);
        return names.size() - 1;
    };
    Query query{"SELECT t.client, t.server, CASE t.protocol WHEN '' THEN 'unknown' ELSE t.protocol END, "
                "t.packets_out = 0 OR t.packets_in = 0, t.packets_out + t.packets_in, t.bytes_out + "
                "t.bytes_in, t.first, "
                "t.last"};
    where.add_to(query);
    YAGURA_STORE_DO(query.each(*loan, [&](const Row& row) {
        auto client = end(row.integer(0)), server = end(row.integer(1));
        if (by == ConversationGrouping::lines) {
            client = client > 0 ? lines.line(client) : 0;
            server = server > 0 ? lines.line(server) : 0;
        } else if (by == ConversationGrouping::protocol) {
            client = server = 0;
        }
        const auto [low, high] = std::minmax(client, server);
        const auto protocol = number_of_name(row.text(2));
        auto& one = groups[{low, high, by == ConversationGrouping::protocol ? protocol : 0}];
        auto& shown = one.shown;
        if (shown.conversations == 0) {
            one.a = client, one.b = server;
            shown.first = from_ns(row.integer(6));
        }
        one.from_a += client == one.a ? 1 : -1;
        ++shown.conversations;
        shown.one_sided += row.integer(3) != 0;
        shown.packets += static_cast<std::uint64_t>(row.real(4));
        shown.bytes += static_cast<std::uint64_t>(row.real(5));
        shown.first = std::min(shown.first, from_ns(row.integer(6)));
        shown.last = std::max(shown.last, from_ns(row.integer(7)));
        if (shown.protocols.size() < protocols_most &&
            std::ranges::find(shown.protocols, names[protocol]) == shown.protocols.end())
            shown.protocols.push_back(names[protocol]);
    }));
    out.total = groups.size();
    std::vector<std::pair<Key, Group*>> all;
    for (auto& [key, one] : groups) all.emplace_back(key, &one);
    const auto shown_most = static_cast<std::ptrdiff_t>(std::min({most, rows_most, all.size()}));
    std::ranges::partial_sort(all, all.begin() + shown_most, [&](const auto& a, const auto& b) {
        const auto place = [&](const auto& of) {
            return std::tuple{-static_cast<double>(of.second->shown.bytes), of.first.low, of.first.high,
                              std::string_view{names[of.first.protocol]}};
        };
        return place(a) < place(b);
    });
    all.resize(static_cast<std::size_t>(shown_most));
    Who who{*loan};
    for (auto& [key, group] : all) {
        auto& one = *group;
        std::ranges::sort(one.shown.protocols);
        if (one.from_a < 0) std::swap(one.a, one.b);
        if (by == ConversationGrouping::pair) {
            one.shown.a = one.a > 0 ? who.device(one.a) : who.node(-one.a);
            one.shown.b = one.b > 0 ? who.device(one.b) : who.node(-one.b);
        } else if (by == ConversationGrouping::lines) {
            one.shown.line_a = lines.ref(one.a);
            one.shown.line_b = lines.ref(one.b);
        }
        out.groups.push_back(std::move(one.shown));
    }
    return out;
}

} // namespace yagura::store
