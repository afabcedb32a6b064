// Acts over time: of the plant from the sums of its minutes and half hours, of a device or a line from the
// sums of each two ends, or, where parts are no half hours, from the indexes of its nodes.
#include "spine/store/finding.h"
#include "spine/store/patience.h"

namespace yagura::store {
namespace {

using namespace reading;

/// What no sum and no index tells is looked for row by row, the latest so many. One that an index led to
/// counts for twenty: it stands on a page of its own, which may have to come from the disk.
constexpr std::int64_t rows_looked_at = 60'000, cost_of_jump = 20;
/// Minutes that two parts share, or of which only a part is asked for: beyond so many the rows are added up.
constexpr std::size_t torn_most = 200;
constexpr std::int64_t half_hours_most = 48;
constexpr std::size_t nodes_looked_up = 16;
constexpr std::string_view in_set = "IN (SELECT value FROM json_each(?))";

std::int64_t minute_of(std::int64_t at) noexcept { return part_of_time(at, minute_ns); }

/// The equal parts of a stretch of time, and what was counted in each.
class Parts {
public:
    using Counts = std::map<observe::Act, std::vector<std::uint64_t>>;
    Parts(const Activity& of, std::size_t many)
        : from_{ns(of.from)}, until_{ns(of.until)}, width_{of.bucket_seconds * 1'000'000'000}, many_{many} {}

    Counts& counts() noexcept { return counts_; }
    /// Before it nothing was counted; Time{}: all was.
    Time counted_from() const noexcept { return counted_from_; }
    std::size_t place(std::int64_t at) const noexcept { return clamped((at - from_) / width_); }

    Result<void> add(Database& day, const Chosen& chosen) {
        refused_ = chosen.filter().outcomes.size() == 1 &&
                   chosen.filter().outcomes[0] == observe::Outcome::refused;
        if (chosen.has_words()) {
            // A line's nodes are looked up in as many places as there are: rows by time stand together.
            const bool few = !chosen.ends().empty() && chosen.ends()[0].size() <= nodes_looked_up;
            return few ? add_latest(day, chosen) : add_words(day, chosen);
        }
        YAGURA_TRY(const auto there, sums_of(day));
        if (!there.minutes) return add_rows(day, chosen, from_, until_);
        const bool halves = from_ % half_hour_ns == 0 && until_ % half_hour_ns == 0 &&
                            width_ % half_hour_ns == 0;
        if (chosen.ends().empty())
            return halves && there.kinds ? add_kinds(day, chosen) : add_minutes(day, chosen);
        return halves && there.pairs ? add_pairs(day, chosen) : add_nodes(day, chosen);
    }

private:
    std::size_t clamped(std::int64_t part) const noexcept {
        return static_cast<std::size_t>(
            std::clamp<std::int64_t>(part, 0, static_cast<std::int64_t>(many_) - 1));
    }
    void count(const Row& row, std::int64_t part) { add_to(row.as<observe::Act>(0), part, row.real(2)); }
    void add_to(observe::Act act, std::int64_t part, double acts) {
        auto& of = counts_[act];
        if (of.empty()) of.resize(many_);
        of[clamped(part)] += static_cast<std::uint64_t>(acts);
    }
    std::string part_of(std::string_view at) const { return cat("(", at, " - ", from_, ") / ", width_); }
    /// The same of a column of half hours, where all parts are whole ones.
    std::string part_of_half_hours() const {
        return cat("(half_hour - ", from_ / half_hour_ns, ") / ", width_ / half_hour_ns);
    }
    std::string_view sum() const noexcept { return refused_ ? "refusals" : "acts"; }
    void within_half_hours(Query& query) const {
        query.add(" AND half_hour >= ? AND half_hour < ?", from_ / half_hour_ns, until_ / half_hour_ns);
    }

    /// Summed up by SQLite, in the same parts: rows by the million need not come through here.
    Result<void> add_rows(Database& day, const Chosen& chosen, std::int64_t from, std::int64_t until) {
        Query query{cat("SELECT act, ", part_of("at"), ", total(", refused_ ? "refusals" : acts_of_operation,
                        ") FROM operation INDEXED BY operation_by_time WHERE at >= ")};
        query.add("? AND at < ?", from, until);
        chosen.add_to(query);
        return query.add(" GROUP BY 1, 2").each(day, [&](const Row& row) { count(row, row.integer(1)); });
    }

    /// Whole minutes from their sums, and the rows of those that are not whole.
    Result<void> add_minutes(Database& day, const Chosen& chosen) {
        std::vector<std::int64_t> torn;
        const auto whole = [&](std::int64_t minute) {
            const auto begin = minute * minute_ns, end = begin + minute_ns;
            return begin >= from_ && end <= until_ && (begin - from_) / width_ == (end - 1 - from_) / width_;
        };
        YAGURA_TRY(const auto first, Query{"SELECT ifnull(min(at), 0) FROM operation"}.number(day));
        YAGURA_TRY(const auto last, Query{"SELECT ifnull(max(at), 0) FROM operation"}.number(day));
        const auto begin = minute_of(std::max(first, from_)), end = minute_of(std::min(last, until_)) + 1;
        for (auto minute = begin; minute < end; ++minute)
            if (!whole(minute)) torn.push_back(minute);
        if (torn.size() > torn_most) return add_rows(day, chosen, from_, until_);
        Query query{cat("SELECT act, minute, ", sum(), " FROM minute_sum WHERE rows > 0 AND minute >= ")};
        query.add("? AND minute < ?", begin, end);
        chosen.add_ends_and_acts(query, 0);
        chosen.add_kind_of_sum(query);
        YAGURA_STORE_DO(query.each(day, [&](const Row& row) {
            const auto minute = row.integer(1);
            if (whole(minute)) count(row, (minute * minute_ns - from_) / width_);
        }));
        for (const auto minute : torn)
            YAGURA_STORE_DO(add_rows(day, chosen, std::max(from_, minute * minute_ns),
                                     std::min(until_, (minute + 1) * minute_ns)));
        return {};
    }

    /// Parts that are whole half hours.
    Result<void> add_kinds(Database& day, const Chosen& chosen) {
        Query query{cat("SELECT act, ", part_of_half_hours(), ", ", sum(), " FROM kind_sum WHERE rows > 0")};
        within_half_hours(query);
        chosen.add_ends_and_acts(query, 0);
        chosen.add_kind_of_sum(query);
        return query.each(day, [&](const Row& row) { count(row, row.integer(1)); });
    }

    /// Those that pair_now may have, one by one: then it is gone into by half hour and node. Nothing: too
    /// many of them.
    static Result<std::optional<std::vector<std::int64_t>>> half_hours_of_now(Database& day) {
        std::optional<std::vector<std::int64_t>> out;
        YAGURA_STORE_DO(Query{"SELECT ifnull((SELECT min(half_hour) FROM pair_now), 0), ifnull((SELECT "
                              "max(half_hour) + 1 FROM pair_now), 0)"}
                            .each_again(day, [&](const Row& row) {
                                const auto first = row.integer(0), end = row.integer(1);
                                if (end - first > half_hours_most) return;
                                out.emplace();
                                for (auto one = first; one < end; ++one) out->push_back(one);
                            }));
        return out;
    }

    /// The same, of ends. The latest half hours are in pair_now, and an act that was answered late is in
    /// both.
    Result<void> add_pairs(Database& day, const Chosen& chosen) {
        std::map<std::pair<std::int64_t, std::int64_t>, std::pair<double, std::int64_t>> found;
        const auto set = set_of(chosen.ends()[0]);
        YAGURA_TRY(const auto now, half_hours_of_now(day));
        const auto take = [&](std::string_view from, std::string_view side,
                              std::string_view but) -> Result<void> {
            Query query{cat("SELECT act, ", part_of_half_hours(), ", ", sum(), ", rows FROM ", from,
                            " WHERE ", side, " ", in_set)};
            query.add("", set);
            if (!but.empty()) query.add(cat(" AND NOT ", but, " ", in_set), set);
            within_half_hours(query);
            if (now && from.starts_with("pair_now")) query.add(" AND half_hour IN ").add_list(*now);
            chosen.add_ends_and_acts(query, 0);
            chosen.add_kind_of_sum(query);
            return query.each(day, [&](const Row& row) {
                auto& [acts, rows] = found[{row.integer(0), row.integer(1)}];
                acts += row.real(2);
                rows += row.integer(3);
            });
        };
        YAGURA_STORE_DO(take("pair_now", "whom", ""));
        YAGURA_STORE_DO(take("pair_now INDEXED BY pair_now_by_who", "who", "whom"));
        if (chosen.ends().size() == 1) { // One that asks hundreds has few rows in who_sum.
            YAGURA_STORE_DO(take("who_sum", "who", ""));
            YAGURA_STORE_DO(take("pair_sum", "whom", "who"));
        } else {
            YAGURA_STORE_DO(take("pair_sum", "whom", ""));
            YAGURA_STORE_DO(take("pair_sum INDEXED BY pair_sum_by_who", "who", "whom"));
        }
        for (const auto& [key, counted] : found)
            if (counted.second > 0) add_to(static_cast<observe::Act>(key.first), key.second, counted.first);
        return {};
    }

    /// What stands in the indexes of the nodes is counted without a look at the rows. A row of which both
    /// ends are the first set's counts where it is acted on.
    Result<void> add_nodes(Database& day, const Chosen& chosen) {
        const auto& filter = chosen.filter();
        if (!filter.protocol.empty() || !filter.outcomes.empty()) return add_latest(day, chosen);
        const auto set = set_of(chosen.ends()[0]);
        for (const std::string_view side : {"whom", "who"}) {
            Query query{cat("SELECT act, ", part_of("at"),
                            ", total(acts) FROM operation INDEXED BY operation_by_", side, " WHERE ", side,
                            " ", in_set)};
            query.add("", set);
            if (side == "who") query.add(cat(" AND NOT whom ", in_set), set);
            query.add(" AND at >= ? AND at < ?", from_, until_);
            chosen.add_ends_and_acts(query, 0);
            YAGURA_STORE_DO(
                query.add(" GROUP BY 1, 2").each(day, [&](const Row& row) { count(row, row.integer(1)); }));
        }
        return {};
    }

    /// Of an end's acts in one protocol or with one outcome: what leads to them is no sum. The latest of
    /// them.
    Result<void> add_latest(Database& day, const Chosen& chosen) {
        if (left_ <= 0) return {};
        const Range range{from_ns(from_), from_ns(until_)};
        YAGURA_TRY(auto finding, Finding::of(day, chosen, range, {}, 2'000));
        if (finding.way() == Finding::Way::time) return add_words(day, chosen);
        YAGURA_TRY(auto row_of_id, day.prepare(cat("SELECT ", Chosen::columns, ", ", acts_of_operation,
                                                   " FROM operation WHERE id = ?1")));
        for (;;) {
            YAGURA_TRY(const auto spot, finding.next());
            if (!spot) return {};
            if (used_up(cost_of_jump)) {
                counted_from_ = from_ns(spot->at + 1);
                return {};
            }
            YAGURA_STORE_DO(row_of_id.each([&](const Row& row) { add_one(row, chosen); }, spot->id));
        }
    }

    Result<void> add_words(Database& day, const Chosen& chosen) {
        if (left_ <= 0) return {};
        Query rows{cat("SELECT ", Chosen::columns, ", ", acts_of_operation,
                       " FROM operation INDEXED BY operation_by_time WHERE at >= ")};
        rows.add("? AND at < ? ORDER BY at DESC", from_, until_);
        return rows.each(day, [&](const Row& row) {
            if (used_up(1)) {
                counted_from_ = from_ns(row.integer(1) + 1);
                return false;
            }
            add_one(row, chosen);
            return true;
        });
    }
    void add_one(const Row& row, const Chosen& chosen) {
        if (!chosen.fits(row)) return;
        auto& of = counts_[row.as<observe::Act>(5)];
        if (of.empty()) of.resize(many_);
        of[place(row.integer(1))] += row.as<std::uint64_t>(refused_ ? 13 : 14);
    }

    /// The clock is asked now and then: it costs as much as a row.
    bool used_up(std::int64_t rows) {
        const auto before = rows_looked_at - left_;
        left_ -= rows;
        if (before / 250 != (rows_looked_at - left_) / 250 && patience_.over()) left_ = 0;
        return left_ <= 0;
    }

    const std::int64_t from_, until_, width_;
    const std::size_t many_;
    const Patience patience_;
    bool refused_ = false;
    std::int64_t left_ = rows_looked_at;
    Time counted_from_{};
    Counts counts_;
};

} // namespace

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
    Parts parts{out, buckets};
    std::vector<bool> seen(buckets, false);
    const auto add_day = [&](Database& day, const std::string&) -> Result<bool> {
        if (!chosen.nobody()) YAGURA_STORE_DO(parts.add(day, chosen));
        YAGURA_STORE_DO(Query{"SELECT minute FROM coverage WHERE packets + dropped > 0 AND minute >= "}
                            .add("? AND minute < ?", ns(out.from) - minute_ns, ns(out.until))
                            .each(day, [&](const Row& row) { seen[parts.place(row.integer(0))] = true; }));
        return true;
    };
    YAGURA_STORE_DO(in_->each_day(in_->days({out.from, out.until}), add_day));
    out.counted_from = parts.counted_from();
    for (auto& [act, of] : parts.counts()) out.series.push_back({act, std::move(of)});
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
