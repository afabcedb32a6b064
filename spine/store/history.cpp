#include "spine/store/history.h"

#include <algorithm>

#include "spine/journal/record.h"
#include "spine/store/finding.h"

namespace yagura::store {
namespace {

using namespace reading;

std::string_view kind_word(std::int64_t kind) {
    switch (static_cast<journal::Kind>(kind)) {
    case journal::Kind::anomaly:
        return "anomaly";
    case journal::Kind::name:
        return "name";
    case journal::Kind::login:
        return "login";
    case journal::Kind::transfer:
        return "transfer";
    case journal::Kind::log:
        return "log";
    case journal::Kind::match:
        return "match";
    case journal::Kind::variable:
        return "variable";
    case journal::Kind::identity: // Of all that is said of a device only this comes and goes.
        return "state";
    default:
        return "unknown";
    }
}

} // namespace

History::History(std::string folder, Readers& state) : in_{new Inside{std::move(folder), state, {}, {}}} {}
History::~History() = default;

std::vector<std::string> History::days() const { return in_->days(); }

Result<std::vector<std::pair<std::int64_t, std::vector<std::uint64_t>>>> History::pulse(const Range& range,
                                                                                        std::size_t parts) {
    YAGURA_TRY(auto state, in_->state.borrow());
    parts = std::clamp<std::size_t>(parts, 1, 1440);
    std::unordered_map<std::int64_t, std::int64_t> line_of;
    YAGURA_STORE_DO(Query{
        "SELECT link.node, ifnull(shown.line, 0) FROM link JOIN shown ON shown.device = link.device WHERE "
        "link.ends IS NULL"}
                        .each(*state, [&](const Row& row) { line_of[row.integer(0)] = row.integer(1); }));
    std::map<std::int64_t, std::vector<std::uint64_t>> lines;
    const auto width = std::max<std::int64_t>(1, (range.until - range.from).count() /
                                                     static_cast<std::int64_t>(parts));
    const auto halves = width % half_hour_ns == 0 && ns(range.from) % half_hour_ns == 0 &&
                        ns(range.until) % half_hour_ns == 0;
    YAGURA_STORE_DO(in_->each_day(in_->days(range), [&](Database& day, const std::string&) -> Result<bool> {
        YAGURA_TRY(const bool sums, has_sums(day));
        // total(), because sum() is an error where a sensor that fell has counted beyond 2^63.
        Query query{""};
        if (halves && sums) { // What charts of whole half hours are made of, added up when it came.
            query
                .add(cat("SELECT whom, (half_hour - ", ns(range.from) / half_hour_ns, ") / ",
                         width / half_hour_ns, ", total(acts) FROM half_hour_sum WHERE half_hour >= "))
                .add("? AND half_hour < ?", ns(range.from) / half_hour_ns, ns(range.until) / half_hour_ns);
        } else {
            query.add(cat("SELECT whom, (at - ", ns(range.from), ") / ", width, ", total(", acts_of_operation,
                          ") FROM operation WHERE 1"));
            within(query, range);
        }
        auto done = query.add(" GROUP BY 1, 2").each(day, [&](const Row& row) {
            const auto line = line_of.find(row.integer(0));
            auto& of = lines[line == line_of.end() ? 0 : line->second];
            if (of.empty()) of.resize(parts);
            of[static_cast<std::size_t>(std::clamp<std::int64_t>(
                row.integer(1), 0, static_cast<std::int64_t>(parts) - 1))] += row.as<std::uint64_t>(2);
        });
        if (!done) return std::unexpected{std::move(done).error()};
        return true;
    }));
    return std::vector<std::pair<std::int64_t, std::vector<std::uint64_t>>>{lines.begin(), lines.end()};
}

Result<std::vector<Told>> History::told(std::string_view kind, std::string_view device, const Range& range,
                                        std::size_t most) {
    YAGURA_TRY(auto state, in_->state.borrow());
    Who who{*state};
    std::vector<Told> out;
    most = std::clamp<std::size_t>(most, 1, rows_most);
    std::optional<std::vector<std::int64_t>> nodes;
    if (!device.empty()) {
        YAGURA_TRY(const auto id, device_number(*state, device));
        if (!id) return out;
        nodes.emplace();
        YAGURA_TRY(*nodes, nodes_of_device(*state, *id));
    }
    std::int64_t wanted = 0;
    for (std::int64_t number = 1; number <= 14; ++number)
        if (kind_word(number) == kind) wanted = number;
    if (!kind.empty() && wanted == 0) return out;
    YAGURA_STORE_DO(
        in_->each_day(in_->days(range), [&](Database& day, const std::string& name) -> Result<bool> {
            Query query{"SELECT id, at, kind, who, whom, protocol, what, value, source, frame, offset FROM "
                        "told WHERE 1"};
            within(query, range);
            if (wanted != 0) query.add(" AND kind = ?", wanted);
            if (nodes)
                query.add(" AND (who IN ").add_list(*nodes).add(" OR whom IN ").add_list(*nodes).add(")");
            auto done = query.add(cat(" ORDER BY at DESC, id DESC LIMIT ", most - out.size()))
                            .each(day, [&](const Row& row) {
                                Told one;
                                one.id = cat("e-", name, "-", row.integer(0));
                                one.at = from_ns(row.integer(1));
                                one.kind = kind_word(row.integer(2));
                                one.who = who.node(row.integer(3));
                                one.whom = who.node(row.integer(4));
                                one.protocol = row.string(5);
                                one.what = row.string(6);
                                one.value = row.string(7);
                                one.evidence = who.evidence(row.as<std::uint32_t>(8),
                                                            row.as<std::uint64_t>(9),
                                                            row.as<std::uint32_t>(10), one.at, one.protocol);
                                out.push_back(std::move(one));
                            });
            if (!done) return std::unexpected{std::move(done).error()};
            return out.size() < most;
        }));
    return out;
}

Result<std::vector<CoverageMinute>> History::coverage(const Range& range,
                                                      std::span<const std::uint32_t> sources) {
    std::vector<CoverageMinute> out;
    constexpr std::size_t minutes_most = 200'000;
    YAGURA_STORE_DO(in_->each_day(in_->days(range), [&](Database& day, const std::string&) -> Result<bool> {
        Query query{"SELECT source, minute, seconds, packets, bytes, dropped, refused, forgotten, lost, "
                    "one_sided FROM coverage "
                    "WHERE source IN "};
        query.add_list(sources);
        if (range.from != Time{}) query.add(" AND minute >= ?", ns(range.from));
        if (range.until != Time{}) query.add(" AND minute < ?", ns(range.until));
        auto done = query.each(day, [&](const Row& row) {
            out.push_back({row.as<std::uint32_t>(0), from_ns(row.integer(1)), row.as<std::uint64_t>(2),
                           row.as<std::uint64_t>(3), row.as<std::uint64_t>(4), row.as<std::uint64_t>(5),
                           row.as<std::uint64_t>(6), row.as<std::uint64_t>(7), row.as<std::uint64_t>(8),
                           row.integer(9) != 0});
            return out.size() < minutes_most;
        });
        if (!done) return std::unexpected{std::move(done).error()};
        return out.size() < minutes_most;
    }));
    std::ranges::stable_sort(out, {}, &CoverageMinute::minute);
    return out;
}

Result<std::vector<ProtocolUse>> History::protocols(const Range& range) {
    std::map<std::string, ProtocolUse> found;
    YAGURA_STORE_DO(in_->each_day(in_->days(range), [&](Database& day, const std::string&) -> Result<bool> {
        Query query{cat("SELECT protocol, total(", acts_of_operation,
                        "), min(at), max(last) FROM operation WHERE 1")};
        within(query, range);
        auto done = query.add(" GROUP BY 1").each(day, [&](const Row& row) {
            auto& one = found[row.string(0)];
            one.messages += row.as<std::uint64_t>(1);
            if (one.first == Time{} || from_ns(row.integer(2)) < one.first)
                one.first = from_ns(row.integer(2));
            one.last = std::max(one.last, from_ns(row.integer(3)));
        });
        if (!done) return std::unexpected{std::move(done).error()};
        return true;
    }));
    std::vector<ProtocolUse> out;
    for (auto& [name, one] : found) {
        one.protocol = name;
        out.push_back(std::move(one));
    }
    std::ranges::stable_sort(out, std::ranges::greater{}, &ProtocolUse::messages);
    return out;
}

Result<std::optional<Range>> History::first_and_last(std::string_view device, std::string_view peer) {
    YAGURA_TRY(auto state, in_->state.borrow());
    std::optional<Range> out;
    std::array<std::vector<std::int64_t>, 2> nodes;
    for (std::size_t i = 0; i < 2; ++i) {
        YAGURA_TRY(const auto id, device_number(*state, i == 0 ? device : peer));
        if (!id) return out;
        YAGURA_TRY(nodes[i], nodes_of_device(*state, *id));
    }
    YAGURA_STORE_DO(in_->each_day(in_->days(), [&](Database& day, const std::string&) -> Result<bool> {
        Query query{"SELECT min(at), max(last) FROM operation WHERE (who IN "};
        query.add_list(nodes[0])
            .add(" AND whom IN ")
            .add_list(nodes[1])
            .add(") OR (who IN ")
            .add_list(nodes[1]);
        auto done = query.add(" AND whom IN ").add_list(nodes[0]).add(")").each(day, [&](const Row& row) {
            if (row.null(0)) return;
            if (!out) out = Range{from_ns(row.integer(0)), from_ns(row.integer(1))};
            out->from = std::min(out->from, from_ns(row.integer(0)));
            out->until = std::max(out->until, from_ns(row.integer(1)));
        });
        if (!done) return std::unexpected{std::move(done).error()};
        return true;
    }));
    return out;
}

Result<std::uint64_t> History::operations_between(const Range& range) {
    std::uint64_t count = 0;
    YAGURA_STORE_DO(in_->each_day(in_->days(range), [&](Database& day, const std::string&) -> Result<bool> {
        Query query{cat("SELECT total(", acts_of_operation, ") FROM operation WHERE 1")};
        within(query, range);
        YAGURA_TRY(const auto found, query.number(day));
        count += static_cast<std::uint64_t>(found);
        return true;
    }));
    return count;
}

} // namespace yagura::store
