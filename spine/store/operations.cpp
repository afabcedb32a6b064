// Single acts and repetitions, and their sums over time.
#include <algorithm>

#include "spine/store/days.h"

namespace yagura::store {
namespace {

using namespace reading;

/// `looked_at`: rows that one page of a list looks at, so that a filter that nearly nothing fits answers in
/// time.
constexpr std::size_t rows_most = 1000, looked_at = 150'000, firsts_most = 5'000;

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

std::string operation_columns() {
    return cat(
        "id, at, last, who, whom, act, protocol, code, function, part, object, value, outcome, status, ",
        acts_of_operation, ", refusals, changes, many, source, frame, offset");
}

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

void lower(std::string& text) {
    for (auto& c : text)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
}

/// "[1,2,3]", for json_each: one value however many there are.
std::string set_of(const std::vector<std::int64_t>& numbers) {
    std::string out = "[";
    for (const auto number : numbers) out += cat(out.size() > 1 ? "," : "", number);
    return out += ']';
}

/// A filter with its devices and lines looked up.
class Chosen {
public:
    static Result<Chosen> of(Database& state, const OperationFilter& filter) {
        Chosen out{filter};
        for (const auto* text : {&filter.device, &filter.peer}) {
            if (text->empty()) continue;
            YAGURA_TRY(const auto id, device_number(state, *text));
            out.nobody_ |= !id;
            if (!id) continue;
            YAGURA_TRY(auto nodes, nodes_of_device(state, *id));
            out.ends_.push_back(std::move(nodes));
        }
        constexpr std::string_view nodes =
            "SELECT l.node FROM link l JOIN shown s ON s.device = l.device WHERE l.ends IS NULL AND ";
        const auto look_up = [&](Query query) -> Result<std::string> {
            std::vector<std::int64_t> found;
            YAGURA_STORE_DO(query.add(" LIMIT 20000").each(state, [&](const Row& row) {
                found.push_back(row.integer(0));
            }));
            return set_of(found);
        };
        if (!filter.line.empty()) {
            YAGURA_TRY(out.line_,
                       look_up(Query{nodes}.add("s.line = ?", number_of(filter.line, "l0-").value_or(-1))));
        }
        for (auto word : split(filter.text)) {
            lower(word);
            YAGURA_TRY(auto known, look_up(Query{nodes}.add("instr(s.words, ?) > 0", word)));
            out.words_.emplace_back(std::move(word), std::move(known));
        }
        return out;
    }
    bool nobody() const noexcept { return nobody_; }
    bool of_devices() const noexcept { return !ends_.empty(); }
    /// Few rows may fit, and no index leads to them.
    bool rare() const noexcept {
        const auto& filter = *filter_;
        return !of_devices() && (!filter.line.empty() || !filter.text.empty() || !filter.protocol.empty() ||
                                 !filter.acts.empty() || !filter.effects.empty() || !filter.outcomes.empty());
    }
    const std::vector<std::vector<std::int64_t>>& ends() const noexcept { return ends_; }

    /// Everything but range and `first`.
    void add_to(Query& query) const {
        const auto& filter = *filter_;
        for (const auto& nodes : ends_)
            query.add(" AND (who IN ").add_list(nodes).add(" OR whom IN ").add_list(nodes).add(")");
        constexpr std::string_view in_set = "(SELECT value FROM json_each(?))";
        if (!filter.line.empty())
            query.add(cat(" AND (who IN ", in_set, " OR whom IN ", in_set, ")"), line_, line_);
        for (const auto& [word, known] : words_)
            query.add(cat(" AND (instr(lower(object), ?) > 0 OR instr(lower(value), ?) > 0 OR "
                          "instr(lower(function), ?) > 0 "
                          "OR instr(lower(part), ?) > 0 OR instr(protocol, ?) > 0 OR who IN ",
                          in_set, " OR whom IN ", in_set, ")"),
                      word, word, word, word, word, known, known);
        if (!filter.protocol.empty()) query.add(" AND protocol = ?", filter.protocol);
        if (!filter.acts.empty()) query.add(" AND act IN ").add_list(filter.acts);
        if (!filter.effects.empty()) query.add(" AND effect IN ").add_list(filter.effects);
        if (!filter.outcomes.empty()) {
            query.add(" AND (outcome IN ").add_list(filter.outcomes);
            query.add(std::ranges::find(filter.outcomes, observe::Outcome::refused) != filter.outcomes.end()
                          ? " OR refusals > 0)"
                          : ")");
        }
    }

private:
    explicit Chosen(const OperationFilter& filter) : filter_{&filter} {}
    const OperationFilter* filter_;
    std::vector<std::vector<std::int64_t>> ends_;
    std::string line_;
    std::vector<std::pair<std::string, std::string>> words_; ///< with the nodes that are known by it
    bool nobody_ = false;
};

void tell_new(OperationRow& one, Firsts& firsts, const Row& row) {
    if (one.many) return;
    const auto is_new = firsts.is_new(row.integer(3), row.integer(4), one.act, one.at);
    one.is_new = is_new && *is_new; // What cannot be read is not claimed.
}

} // namespace

Result<OperationList> History::operations(const OperationFilter& filter, const Page& page) {
    YAGURA_TRY(auto state, in_->state.borrow());
    YAGURA_TRY(const auto after, place(page.cursor));
    OperationList out;
    YAGURA_TRY(const auto chosen, Chosen::of(*state, filter));
    if (chosen.nobody()) return out;
    Who who{*state};
    Firsts firsts{*state};
    const auto most = std::clamp<std::size_t>(page.most, 1, rows_most);
    auto range = filter.range;
    if (after && std::holds_alternative<std::int64_t>(after->key)) {
        // The page before ended in this nanosecond: days after it are done.
        const auto until = from_ns(std::get<std::int64_t>(after->key)) + std::chrono::nanoseconds{1};
        range.until = range.until == Time{} ? until : std::min(range.until, until);
    }
    if (filter.first) return firsts_of(filter, range, after.has_value(), most);
    Place last;
    std::size_t left = looked_at;
    YAGURA_STORE_DO(
        in_->each_day(in_->days(range), [&](Database& day, const std::string& name) -> Result<bool> {
            auto here = range;
            std::int64_t cut = 0;
            if (chosen.rare()) {
                Query place_of_cut{"SELECT at FROM operation WHERE 1"};
                within(place_of_cut, range);
                place_of_cut.add(cat(" ORDER BY at DESC LIMIT 1 OFFSET ", left));
                YAGURA_TRY(cut, place_of_cut.number(day));
                if (cut != 0) {
                    here.from = std::max(here.from, from_ns(cut));
                } else {
                    Query all{"SELECT count(*) FROM operation WHERE 1"};
                    within(all, range);
                    YAGURA_TRY(const auto rows, all.number(day));
                    left -= std::min(left, static_cast<std::size_t>(rows));
                }
            }
            // A window that holds only answers to what was told at once tells nothing more.
            Query query{cat("SELECT ", operation_columns(), " FROM operation WHERE (many = 0 OR ",
                            acts_of_operation, " > 0)")};
            within(query, here);
            chosen.add_to(query);
            if (after) query.add(" AND (at, id) < (?, ?)", after->key, after->id);
            query.add(cat(" ORDER BY at DESC, id DESC LIMIT ", most + 1 - out.operations.size()));
            auto done = query.each(day, [&](const Row& row) {
                if (out.operations.size() == most) {
                    out.next_cursor = cursor(last);
                    return false;
                }
                tell_new(out.operations.emplace_back(operation_of(row, name, who)), firsts, row);
                last = {row.integer(1), row.integer(0)};
                return true;
            });
            if (!done) return std::unexpected{std::move(done).error()};
            if (cut != 0 && out.next_cursor.empty()) {
                out.searched_to = from_ns(cut);
                out.next_cursor = cursor(
                    {cut, std::int64_t{0}}); // All of that nanosecond has been looked at.
            }
            return out.next_cursor.empty();
        }));
    return out;
}

/// From the sums of the state: which act of whom to whom was when for the first time.
Result<OperationList> History::firsts_of(const OperationFilter& filter, const Range& range, bool more,
                                         std::size_t most) {
    YAGURA_TRY(auto state, in_->state.borrow());
    OperationList out;
    YAGURA_TRY(const auto chosen, Chosen::of(*state, filter));
    Who who{*state};
    Firsts firsts{*state};
    struct First {
        std::int64_t peer, node, act, at;
    };
    std::vector<First> all;
    Query query{"SELECT peer, node, act, min(first) AS began FROM pair WHERE 1"};
    for (const auto& nodes : chosen.ends())
        query.add(" AND (peer IN ").add_list(nodes).add(" OR node IN ").add_list(nodes).add(")");
    if (!filter.acts.empty()) query.add(" AND act IN ").add_list(filter.acts);
    if (!filter.effects.empty()) {
        std::vector<std::int64_t> acts;
        for (std::uint8_t act = 0; act < 64; ++act)
            if (std::ranges::find(filter.effects, observe::usual_effect(static_cast<observe::Act>(act))) !=
                filter.effects.end())
                acts.push_back(act);
        query.add(" AND act IN ").add_list(acts);
    }
    query.add(" GROUP BY 1, 2, 3 HAVING 1");
    if (range.from != Time{}) query.add(" AND began >= ?", ns(range.from));
    // The page before took all that began in its last nanosecond.
    if (range.until != Time{}) query.add(" AND began < ?", ns(range.until) - (more ? 1 : 0));
    query.add(cat(" ORDER BY 4 DESC LIMIT ", firsts_most));
    YAGURA_STORE_DO(query.each(*state, [&](const Row& row) {
        all.push_back({row.integer(0), row.integer(1), row.integer(2), row.integer(3)});
    }));
    for (std::size_t i = 0; i < all.size(); ++i) {
        const auto& [peer, node, act, at] = all[i];
        if (out.operations.size() >= most && at != all[i - 1].at) {
            out.next_cursor = cursor({all[i - 1].at, std::int64_t{0}});
            break;
        }
        if (out.operations.size() >= rows_most) break;
        bool found = false;
        const auto days = in_->days({from_ns(at), from_ns(at) + std::chrono::nanoseconds{1}});
        YAGURA_STORE_DO(in_->each_day(days, [&](Database& day, const std::string& name) -> Result<bool> {
            Query one{cat("SELECT ", operation_columns(), " FROM operation WHERE at = ")};
            one.add("? AND who = ? AND whom = ? AND act = ?", at, peer, node, act);
            chosen.add_to(one);
            auto done = one.add(" ORDER BY many, id LIMIT 1").each(day, [&](const Row& row) {
                tell_new(out.operations.emplace_back(operation_of(row, name, who)), firsts, row);
                found = true;
            });
            if (!done) return std::unexpected{std::move(done).error()};
            return !found;
        }));
    }
    if (out.next_cursor.empty() && all.size() == firsts_most)
        out.next_cursor = cursor({all.back().at, std::int64_t{0}});
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
        auto done = Query{cat("SELECT ", operation_columns(), " FROM operation WHERE id = ")}
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

Result<Activity> History::activity(const OperationFilter& filter, std::size_t buckets, Time wall) {
    const auto& asked = filter.range;
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

    YAGURA_TRY(const auto chosen, Chosen::of(*state, filter));
    const bool refused = filter.outcomes.size() == 1 && filter.outcomes[0] == observe::Outcome::refused;
    std::map<observe::Act, std::vector<std::uint64_t>> counts;
    std::vector<bool> seen(buckets, false);
    const auto place_in = [&](std::int64_t at) {
        return static_cast<std::size_t>(
            std::clamp<std::int64_t>((at - ns(out.from)) / (out.bucket_seconds * 1'000'000'000), 0,
                                     static_cast<std::int64_t>(buckets) - 1));
    };
    YAGURA_STORE_DO(in_->each_day(
        in_->days({out.from, out.until}), [&](Database& day, const std::string&) -> Result<bool> {
            // Summed up by SQLite, in the same parts: rows by the million need not come through here.
            Query query{cat("SELECT act, (at - ", ns(out.from), ") / ", out.bucket_seconds * 1'000'000'000,
                            ", total(", refused ? "refusals" : acts_of_operation,
                            ") FROM operation WHERE 1")};
            within(query, {out.from, out.until});
            if (!chosen.nobody()) chosen.add_to(query);
            auto done = chosen.nobody()
                            ? Result<void>{}
                            : query.add(" GROUP BY 1, 2").each(day, [&](const Row& row) {
                                  auto& of = counts[row.as<observe::Act>(0)];
                                  if (of.empty()) of.resize(buckets);
                                  of[static_cast<std::size_t>(std::clamp<std::int64_t>(
                                      row.integer(1), 0, static_cast<std::int64_t>(buckets) - 1))] +=
                                      static_cast<std::uint64_t>(row.real(2));
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

} // namespace yagura::store
