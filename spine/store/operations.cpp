// Single acts and repetitions, and their sums over time.
#include <algorithm>

#include "spine/store/commented.h"
#include "spine/store/finding.h"
#include "spine/store/patience.h"
#include "spine/store/registers_writing.h"

namespace yagura::store {
namespace {

using namespace reading;

/// `looked_at`: rows that one page of a list looks at, so that a filter that nearly nothing fits answers in
/// time.
constexpr std::size_t looked_at = 30'000, firsts_most = 5'000, firsts_looked_at = 300;
/// What a row that an index led to costs, in rows that stand side by side.
constexpr std::size_t cost_of_jump = 6;
/// After so much the clock is looked at.
constexpr std::size_t cost_of_a_look = 250;

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
    return cat(Chosen::columns, ", status, ", acts_of_operation, ", changes, many, source, frame, offset");
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
    out.refused = row.as<std::uint64_t>(13);
    out.status = row.as<std::uint32_t>(14);
    out.count = row.as<std::uint64_t>(15);
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
                                .each_again(state_, [&](const Row& row) {
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

/// What is told of a row beside what stands in it.
struct Beside {
    Who who;
    Firsts firsts;
    Commented commented;
    static Result<Beside> of(Database& state) {
        YAGURA_TRY(auto commented, Commented::of(state));
        return Beside{Who{state}, Firsts{state}, std::move(commented)};
    }
    /// What cannot be read is not claimed.
    OperationRow tell(const Row& row, const std::string& day) {
        auto out = operation_of(row, day, who);
        if (!out.many) {
            const auto is_new = firsts.is_new(row.integer(3), row.integer(4), out.act, out.at);
            out.is_new = is_new && *is_new;
        }
        if (auto comment = commented.find(row.integer(4), out.part, out.object))
            out.comment = *std::move(comment);
        if (auto id = in_ledger(who.state(), cat("[", row.integer(4), "]"), out.protocol, out.part,
                                out.object))
            out.in_ledger = *std::move(id);
        return out;
    }
};

/// A page of a list, filled from one day after the other.
class Filling {
public:
    Filling(OperationList& out, std::size_t most) : out_{out}, most_{most} {}

    /// False: the page is full, or as many rows were looked at as one page may.
    Result<bool> of_day(Database& day, const std::string& name, const Chosen& chosen, const Range& range,
                        Spot before, Beside& beside) {
        std::size_t cost = 1;
        const auto take = [&](const Row& row) {
            if (chosen.fits(row)) {
                if (out_.operations.size() == most_) return stop(last_fit_);
                out_.operations.push_back(beside.tell(row, name));
                last_fit_ = {row.integer(1), row.integer(0)};
            }
            if (!used_up(cost)) return true;
            const Spot looked{row.integer(1), row.integer(0)};
            out_.searched_to = from_ns(looked.at);
            return stop(looked);
        };
        YAGURA_TRY(auto finding, Finding::of(day, chosen, range, before, most_ + 1 - out_.operations.size()));
        // A window that holds only answers to what was told at once tells nothing more.
        Query rows{cat("SELECT ", operation_columns(), " FROM operation WHERE (many = 0 OR ",
                       acts_of_operation, " > 0)")};
        if (finding.way() == Finding::Way::time) {
            within(rows, range);
            rows.add(" AND at <= ? AND (at < ? OR id < ?) ORDER BY at DESC, id DESC", before.at, before.at,
                     before.id);
            YAGURA_STORE_DO(rows.each(day, take));
            return out_.next_cursor.empty();
        }
        cost = cost_of_jump;
        rows.add(" AND id = ?");
        YAGURA_TRY(auto row_of_id, day.prepare(rows.sql()));
        while (out_.next_cursor.empty()) {
            YAGURA_TRY(const auto spot, finding.next());
            if (!spot) break;
            YAGURA_STORE_DO(row_of_id.each(take, spot->id));
        }
        return out_.next_cursor.empty();
    }

private:
    /// As many rows as one page may look at, or as long: those that come from the disk, one by one, take a
    /// hundred times as long as others.
    bool used_up(std::size_t cost) {
        const auto before = looked_at - left_;
        left_ -= std::min(left_, cost);
        if (before / cost_of_a_look != (looked_at - left_) / cost_of_a_look && patience_.over()) left_ = 0;
        return left_ == 0;
    }
    bool stop(const Spot& at) {
        out_.next_cursor = cursor({at.at, at.id});
        return false;
    }
    OperationList& out_;
    std::size_t most_, left_ = looked_at;
    Patience patience_;
    Spot last_fit_{};
};

} // namespace

Result<OperationList> History::operations(const OperationFilter& filter, const Page& page) {
    YAGURA_TRY(auto state, in_->state.borrow());
    YAGURA_TRY(const auto after, place(page.cursor));
    OperationList out;
    YAGURA_TRY(const auto chosen, Chosen::of(*state, filter));
    if (chosen.nobody()) return out;
    YAGURA_TRY(auto beside, Beside::of(*state));
    const auto most = std::clamp<std::size_t>(page.most, 1, rows_most);
    auto range = filter.range;
    if (after && std::holds_alternative<std::int64_t>(after->key)) {
        // The page before ended in this nanosecond: days after it are done.
        const auto until = from_ns(std::get<std::int64_t>(after->key)) + std::chrono::nanoseconds{1};
        range.until = range.until == Time{} ? until : std::min(range.until, until);
    }
    if (filter.first) return firsts_of(filter, range, after.has_value(), most);
    Spot before;
    if (after && std::holds_alternative<std::int64_t>(after->key))
        before = {std::get<std::int64_t>(after->key), after->id};
    Filling page_of_rows{out, most};
    YAGURA_STORE_DO(
        in_->each_day(in_->days(range), [&](Database& day, const std::string& name) -> Result<bool> {
            return page_of_rows.of_day(day, name, chosen, range, before, beside);
        }));
    return out;
}

/// From the sums of the state: which act of whom to whom was when for the first time.
Result<OperationList> History::firsts_of(const OperationFilter& filter, const Range& range, bool more,
                                         std::size_t most) {
    YAGURA_TRY(auto state, in_->state.borrow());
    OperationList out;
    YAGURA_TRY(const auto chosen, Chosen::of(*state, filter));
    YAGURA_TRY(auto beside, Beside::of(*state));
    struct First {
        std::int64_t peer, node, act, at;
    };
    std::vector<First> all;
    Query query{"SELECT peer, node, act, min(first) AS began FROM pair WHERE 1"};
    for (const auto& nodes : chosen.ends()) {
        constexpr std::string_view in_set = "(SELECT value FROM json_each(?))";
        const auto set = set_of(nodes);
        query.add(cat(" AND (peer IN ", in_set, " OR node IN ", in_set, ")"), set, set);
    }
    if (chosen.acts()) query.add(" AND act IN ").add_list(*chosen.acts());
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
        if ((out.operations.size() >= most || i >= firsts_looked_at) && at != all[i - 1].at) {
            out.next_cursor = cursor({all[i - 1].at, std::int64_t{0}});
            if (out.operations.size() < most) out.searched_to = from_ns(all[i - 1].at);
            break;
        }
        if (out.operations.size() >= rows_most) break;
        bool found = false;
        const auto days = in_->days({from_ns(at), from_ns(at) + std::chrono::nanoseconds{1}});
        const auto look = [&](Database& day, const std::string& name) -> Result<bool> {
            YAGURA_STORE_DO(
                Query{cat("SELECT ", operation_columns(),
                          " FROM operation INDEXED BY operation_by_who WHERE at = ")}
                    .add("? AND who = ? AND whom = ? AND act = ? ORDER BY many, id", at, peer, node, act)
                    .each_again(day, [&](const Row& row) {
                        if (!chosen.fits(row)) return true;
                        out.operations.push_back(beside.tell(row, name));
                        found = true;
                        return false;
                    }));
            return !found;
        };
        YAGURA_STORE_DO(in_->each_day(days, look));
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
    YAGURA_TRY(auto beside, Beside::of(*state));
    YAGURA_STORE_DO(in_->each_day({which->day}, [&](Database& day, const std::string& name) -> Result<bool> {
        auto done = Query{cat("SELECT ", operation_columns(), " FROM operation WHERE id = ")}
                        .add("?", which->number)
                        .each(day, [&](const Row& row) { out = beside.tell(row, name); });
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

} // namespace yagura::store
