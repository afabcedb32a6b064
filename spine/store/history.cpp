#include "spine/store/history.h"

#include <algorithm>
#include <filesystem>
#include <mutex>

#include "spine/journal/record.h"
#include "spine/store/reading.h"

namespace yagura::store {
namespace {

namespace fs = std::filesystem;
using namespace reading;

constexpr std::size_t rows_most = 1000, days_open = 64;

/// "2026-11-24" to its first nanosecond.
std::optional<std::int64_t> begin_of(std::string_view day) {
    if (day.size() != 10 || day[4] != '-' || day[7] != '-') return std::nullopt;
    const auto year = number<std::uint16_t>(day.substr(0, 4));
    const auto month = number<std::uint8_t>(day.substr(5, 2)),
               of_month = number<std::uint8_t>(day.substr(8, 2));
    if (!year || !month || !of_month || *year < 1678 || *year > 2261)
        return std::nullopt; // 64 bits of nanoseconds.
    const std::chrono::year_month_day date{std::chrono::year{*year}, std::chrono::month{*month},
                                           std::chrono::day{*of_month}};
    if (!date.ok()) return std::nullopt;
    return std::chrono::sys_days{date}.time_since_epoch().count() * day_ns;
}

/// "o-2026-11-24-123"
struct OperationId {
    std::string day;
    std::int64_t number = 0;
};
std::optional<OperationId> operation_id(std::string_view text) {
    if (text.size() < 14 || !text.starts_with("o-") || text[12] != '-') return std::nullopt;
    const auto id = number<std::uint64_t>(text.substr(13));
    const auto day = text.substr(2, 10);
    if (!id || *id > INT64_MAX || !begin_of(day)) return std::nullopt;
    return OperationId{std::string{day}, static_cast<std::int64_t>(*id)};
}

constexpr std::string_view operation_columns = "id, at, last, who, whom, act, protocol, code, function, "
                                               "part, object, value, outcome, status, messages, refusals, "
                                               "changes, many, source, frame, offset";

OperationRow operation_of(const Row& row, const std::string& day, Who& who) {
    OperationRow out;
    out.id = cat("o-", day, "-", row.integer(0));
    out.at = from_ns(row.integer(1));
    out.last = from_ns(row.integer(2));
    out.who = who.node(row.integer(3));
    out.whom = who.node(row.integer(4));
    out.act = row.as<observe::Act>(5);
    out.protocol = row.string(6);
    out.code = row.as<std::uint32_t>(7);
    out.function = row.string(8);
    out.part = row.string(9);
    out.object = row.string(10);
    out.value = row.string(11);
    out.outcome = row.as<observe::Outcome>(12);
    out.status = row.as<std::uint32_t>(13);
    out.count = row.as<std::uint64_t>(14);
    out.refused = row.as<std::uint64_t>(15);
    out.changes = row.as<std::uint64_t>(16);
    out.many = row.integer(17) != 0;
    out.evidence = who.evidence(row.as<std::uint32_t>(18), row.as<std::uint64_t>(19),
                                row.as<std::uint32_t>(20), out.at, out.protocol);
    return out;
}

/// When each act was first done by one to another, from the state; asked once a pair.
class Firsts {
public:
    explicit Firsts(Database& state) : state_{state} {}
    Result<bool> is_new(std::int64_t who, std::int64_t whom, observe::Act act, Time at) {
        auto found = pairs_.find({who, whom});
        if (found == pairs_.end()) {
            Pair pair;
            YAGURA_STORE_DO(Query{"SELECT act, min(first) FROM pair WHERE peer = "}
                                .add("? AND node = ? GROUP BY act", who, whom)
                                .each(state_, [&](const Row& row) {
                                    pair.first[row.as<observe::Act>(0)] = row.integer(1);
                                    pair.known = std::min(pair.known, row.integer(1));
                                }));
            found = pairs_.emplace(std::pair{who, whom}, std::move(pair)).first;
        }
        const auto& pair = found->second;
        const auto first = pair.first.find(act);
        return first != pair.first.end() && first->second == ns(at) && pair.known < ns(at) - day_ns;
    }

private:
    struct Pair {
        std::map<observe::Act, std::int64_t> first;
        std::int64_t known = INT64_MAX;
    };
    Database& state_;
    std::map<std::pair<std::int64_t, std::int64_t>, Pair> pairs_;
};

void within(Query& query, const Range& range) {
    if (range.from != Time{}) query.add(" AND at >= ?", ns(range.from));
    if (range.until != Time{}) query.add(" AND at < ?", ns(range.until));
}

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
    default:
        return "unknown";
    }
}

} // namespace

struct History::Inside {
    std::string folder;
    Readers& state;
    std::mutex mutex;
    std::map<std::string, std::shared_ptr<Readers>> readers;

    std::vector<std::string> days() const {
        std::vector<std::string> out;
        std::error_code ignored;
        for (const auto& file : fs::directory_iterator{folder, ignored})
            if (file.path().extension() == ".sqlite" && begin_of(file.path().stem().string()))
                out.push_back(file.path().stem().string());
        std::ranges::sort(out);
        return out;
    }
    /// Those that a range touches, the latest first. An act may begin on the day before its record.
    std::vector<std::string> days(const Range& range) const {
        auto out = days();
        std::erase_if(out, [&](const std::string& day) {
            const auto begin = *begin_of(day);
            return (range.from != Time{} && begin + day_ns <= ns(range.from)) ||
                   (range.until != Time{} && begin >= ns(range.until));
        });
        std::ranges::reverse(out);
        return out;
    }
    /// Kept until the day is dropped; who reads it meanwhile keeps it alive.
    std::shared_ptr<Readers> day(const std::string& name) {
        const std::scoped_lock lock{mutex};
        auto found = readers.find(name);
        if (found == readers.end()) {
            if (readers.size() >= days_open) readers.erase(readers.begin());
            found =
                readers.emplace(name, std::make_shared<Readers>(folder + '/' + name + ".sqlite", 2)).first;
        }
        return found->second;
    }
    /// `use(Database&, day)` for each day; returns false to stop. A day that was dropped meanwhile has
    /// nothing.
    template <class Use>
    Result<void> each_day(const std::vector<std::string>& names, Use&& use) {
        for (const auto& name : names) {
            const auto readers_of_day = day(name);
            auto loan = readers_of_day->borrow();
            if (!loan) {
                std::error_code ignored;
                if (!fs::exists(readers_of_day->path(), ignored)) continue;
                return std::unexpected{std::move(loan).error()};
            }
            Result<bool> more = use(**loan, name);
            if (!more) return std::unexpected{std::move(more).error()};
            if (!*more) break;
        }
        return {};
    }
};

History::History(std::string folder, Readers& state) : in_{new Inside{std::move(folder), state, {}, {}}} {}
History::~History() = default;

std::vector<std::string> History::days() const { return in_->days(); }

Result<OperationList> History::operations(const OperationFilter& filter, const Page& page) {
    YAGURA_TRY(auto state, in_->state.borrow());
    YAGURA_TRY(const auto after, place(page.cursor));
    OperationList out;
    Who who{*state};
    Firsts firsts{*state};
    std::vector<std::vector<std::int64_t>> ends;
    for (const auto* text : {&filter.device, &filter.peer}) {
        if (text->empty()) continue;
        YAGURA_TRY(const auto id, device_number(*state, *text));
        if (!id) return out;
        YAGURA_TRY(auto nodes, nodes_of_device(*state, *id));
        ends.push_back(std::move(nodes));
    }
    const auto most = std::clamp<std::size_t>(page.most, 1, rows_most);
    Place last;
    auto range = filter.range;
    if (after && std::holds_alternative<std::int64_t>(after->key)) {
        // The page before ended in this nanosecond: days after it are done.
        const auto until = from_ns(std::get<std::int64_t>(after->key)) + std::chrono::nanoseconds{1};
        range.until = range.until == Time{} ? until : std::min(range.until, until);
    }
    YAGURA_STORE_DO(
        in_->each_day(in_->days(range), [&](Database& day, const std::string& name) -> Result<bool> {
            // A window of a single act was told at once already.
            Query query{
                cat("SELECT ", operation_columns, " FROM operation WHERE (many = 0 OR messages > 1)")};
            within(query, range);
            for (const auto& nodes : ends)
                query.add(" AND (who IN ").add_list(nodes).add(" OR whom IN ").add_list(nodes).add(")");
            if (!filter.protocol.empty()) query.add(" AND protocol = ?", filter.protocol);
            if (filter.act) query.add(" AND act = ?", *filter.act);
            if (filter.effect) query.add(" AND effect = ?", *filter.effect);
            if (filter.outcome) query.add(" AND outcome = ?", *filter.outcome);
            if (after) query.add(" AND (at, id) < (?, ?)", after->key, after->id);
            query.add(cat(" ORDER BY at DESC, id DESC LIMIT ", most + 1 - out.operations.size()));
            auto done = query.each(day, [&](const Row& row) {
                if (out.operations.size() == most) {
                    out.next_cursor = cursor(last);
                    return false;
                }
                auto& one = out.operations.emplace_back(operation_of(row, name, who));
                if (!one.many) {
                    const auto is_new = firsts.is_new(row.integer(3), row.integer(4), one.act, one.at);
                    one.is_new = is_new && *is_new; // What cannot be read is not claimed.
                }
                last = {row.integer(1), row.integer(0)};
                return true;
            });
            if (!done) return std::unexpected{std::move(done).error()};
            return out.next_cursor.empty();
        }));
    return out;
}

Result<std::optional<OperationRow>> History::operation(std::string_view id) {
    std::optional<OperationRow> out;
    const auto which = operation_id(id);
    if (!which) return out;
    YAGURA_TRY(auto state, in_->state.borrow());
    Who who{*state};
    Firsts firsts{*state};
    YAGURA_STORE_DO(in_->each_day({which->day}, [&](Database& day, const std::string& name) -> Result<bool> {
        auto done = Query{cat("SELECT ", operation_columns, " FROM operation WHERE id = ")}
                        .add("?", which->number)
                        .each(day, [&](const Row& row) {
                            out = operation_of(row, name, who);
                            const auto is_new = firsts.is_new(row.integer(3), row.integer(4), out->act,
                                                              out->at);
                            out->is_new = !out->many && is_new && *is_new;
                        });
        if (!done) return std::unexpected{std::move(done).error()};
        return true;
    }));
    return out;
}

Result<std::vector<std::byte>> History::message(std::string_view id) {
    std::vector<std::byte> out;
    const auto which = operation_id(id);
    if (!which) return out;
    YAGURA_STORE_DO(in_->each_day({which->day}, [&](Database& day, const std::string&) -> Result<bool> {
        auto done = Query{"SELECT message FROM operation WHERE id = "}
                        .add("?", which->number)
                        .each(day,
                              [&](const Row& row) { out.assign(row.bytes(0).begin(), row.bytes(0).end()); });
        if (!done) return std::unexpected{std::move(done).error()};
        return true;
    }));
    return out;
}

Result<Activity> History::activity(const Range& asked, std::size_t buckets, std::string_view line,
                                   std::string_view device, Time wall) {
    YAGURA_TRY(auto state, in_->state.borrow());
    YAGURA_TRY(const auto latest, moment(*state));
    buckets = std::clamp<std::size_t>(buckets, 1, 1440);
    Activity out;
    // A capture of last year is shown in its own time, a plant that went silent today in ours.
    const bool old = latest.now != 0 && latest.now < ns(wall) - day_ns;
    out.until = asked.until != Time{}         ? asked.until
                : old && asked.from == Time{} ? from_ns((latest.now / hour_ns + 1) * hour_ns)
                                              : wall;
    // 1824 to 2116: their difference fits, with room for what is added to it below.
    const auto first = from_ns(INT64_MIN / 2 + hour_ns), last = from_ns(INT64_MAX / 2 - hour_ns);
    out.until = std::clamp(out.until, first + std::chrono::hours{24}, last);
    out.from = asked.from != Time{} ? std::clamp(asked.from, first, last)
                                    : out.until - std::chrono::hours{24};
    if (out.until <= out.from) out.until = out.from + std::chrono::seconds{1};
    const auto span = (out.until - out.from).count();
    const auto bucket = std::max<std::int64_t>(
        1'000'000'000, (span + static_cast<std::int64_t>(buckets) - 1) / static_cast<std::int64_t>(buckets));
    out.bucket_seconds = (bucket + 999'999'999) / 1'000'000'000;

    std::optional<std::vector<std::int64_t>> nodes;
    if (!device.empty()) {
        YAGURA_TRY(const auto id, device_number(*state, device));
        nodes.emplace();
        if (id) {
            YAGURA_TRY(*nodes, nodes_of_device(*state, *id));
        }
    } else if (!line.empty()) {
        nodes.emplace();
        YAGURA_STORE_DO(Query{
            "SELECT link.node FROM link JOIN shown ON shown.device = link.device WHERE link.ends IS NULL AND "
            "shown.line = "}
                            .add("? LIMIT 20000", number_of(line, "l0-").value_or(-1))
                            .each(*state, [&](const Row& row) { nodes->push_back(row.integer(0)); }));
    }
    std::map<observe::Act, std::vector<std::uint64_t>> counts;
    std::vector<bool> seen(buckets, false);
    const auto place_in = [&](std::int64_t at) {
        return static_cast<std::size_t>(
            std::clamp<std::int64_t>((at - ns(out.from)) / (out.bucket_seconds * 1'000'000'000), 0,
                                     static_cast<std::int64_t>(buckets) - 1));
    };
    YAGURA_STORE_DO(in_->each_day(
        in_->days({out.from, out.until}), [&](Database& day, const std::string&) -> Result<bool> {
            // Windows count what was told at once too, so only they are added up.
            Query query{"SELECT act, at, messages FROM operation WHERE many = 1"};
            within(query, {out.from, out.until});
            if (nodes)
                query.add(" AND (who IN ").add_list(*nodes).add(" OR whom IN ").add_list(*nodes).add(")");
            auto done = query.each(day, [&](const Row& row) {
                auto& of = counts[row.as<observe::Act>(0)];
                if (of.empty()) of.resize(buckets);
                of[place_in(row.integer(1))] += row.as<std::uint64_t>(2);
            });
            if (!done) return std::unexpected{std::move(done).error()};
            done = Query{"SELECT minute FROM coverage WHERE packets + dropped > 0 AND minute >= "}
                       .add("? AND minute < ?", ns(out.from) - minute_ns, ns(out.until))
                       .each(day, [&](const Row& row) { seen[place_in(row.integer(0))] = true; });
            if (!done) return std::unexpected{std::move(done).error()};
            return true;
        }));
    for (auto& [act, of] : counts) out.series.push_back({act, std::move(of)});
    const auto width = std::chrono::seconds{out.bucket_seconds};
    for (std::size_t i = 0; i < buckets; ++i) {
        if (seen[i]) continue;
        const auto from = out.from + width * static_cast<std::int64_t>(i);
        if (from >= out.until) break;
        if (!out.unseen.empty() && out.unseen.back().until == from)
            out.unseen.back().until = from + width;
        else
            out.unseen.push_back({from, from + width});
    }
    return out;
}

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
    YAGURA_STORE_DO(in_->each_day(in_->days(range), [&](Database& day, const std::string&) -> Result<bool> {
        // total(), because sum() is an error where a sensor that fell has counted beyond 2^63.
        Query query{cat("SELECT whom, (at - ", ns(range.from), ") / ", width,
                        ", total(messages) FROM operation WHERE many = 1")};
        within(query, range);
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
        Query query{"SELECT protocol, total(messages), min(at), max(last) FROM operation WHERE many = 1"};
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
        Query query{"SELECT total(messages) FROM operation WHERE many = 1"};
        within(query, range);
        YAGURA_TRY(const auto found, query.number(day));
        count += static_cast<std::uint64_t>(found);
        return true;
    }));
    return count;
}

} // namespace yagura::store
