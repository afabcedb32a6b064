#include "spine/store/finding.h"

namespace yagura::store::reading {
namespace {

/// Below so many rows a way is short enough to be taken whatever else is asked.
constexpr std::int64_t few = 4'000;
/// Nodes of one end at most: each has a stream of its own on either side.
constexpr std::size_t nodes_most = 400;
constexpr std::size_t piece_least = 8, piece_most = 2'000;

constexpr std::string_view order = " ORDER BY at DESC, id DESC LIMIT ?";
constexpr std::string_view failed = "(outcome <> 1 OR refusals > 0)";

void within_and_before(Query& query, const Range& range, const Spot& before) {
    within(query, range);
    query.add(" AND at <= ? AND (at < ? OR id < ?)", before.at, before.at, before.id);
}

/// How many rows, but not more than `few`.
Result<std::int64_t> count(Database& day, Query query) {
    query.add(cat(" LIMIT ", few, ")"));
    return query.number(day);
}

} // namespace

Result<SumsThere> sums_of(Database& day) {
    SumsThere out;
    bool later = false;
    YAGURA_STORE_DO(Query{"SELECT (SELECT count(*) FROM sqlite_schema WHERE name = 'half_hour_sum'), (SELECT "
                          "count(*) FROM sqlite_schema WHERE name = 'sums')"}
                        .each_again(day, [&](const Row& row) {
                            out.minutes = row.integer(0) != 0;
                            later = row.integer(1) != 0;
                        }));
    if (!later) return out;
    YAGURA_STORE_DO(Query{"SELECT made, pairs_left_out FROM sums"}.each_again(day, [&](const Row& row) {
        out.kinds = row.integer(0) != 0;
        out.pairs = out.kinds && row.integer(1) == 0;
    }));
    return out;
}

Result<bool> has_sums(Database& day) {
    YAGURA_TRY(const auto there, sums_of(day));
    return there.minutes;
}

Result<std::vector<std::pair<std::int64_t, std::string>>> kinds_of(Database& day, const Chosen& chosen) {
    std::vector<std::pair<std::int64_t, std::string>> out;
    for (std::pair<std::int64_t, std::string> last{-1, ""};;) { // From one to the next: no row is read twice.
        bool more = false;
        YAGURA_STORE_DO(Query{"SELECT act, protocol FROM minute_sum WHERE (act, protocol) > "}
                            .add("(?, ?) ORDER BY act, protocol LIMIT 1", last.first, last.second)
                            .each_again(day, [&](const Row& row) {
                                last = {row.integer(0), row.string(1)};
                                more = true;
                            }));
        if (!more) return out;
        const auto& acts = chosen.acts();
        const auto& protocol = chosen.filter().protocol;
        if ((!acts || std::ranges::find(*acts, last.first) != acts->end()) &&
            (protocol.empty() || protocol == last.second))
            out.push_back(last);
    }
}

Result<Finding> Finding::of(Database& day, const Chosen& chosen, const Range& range, Spot before,
                            std::size_t wanted) {
    Finding out{day, range, before};
    YAGURA_STORE_DO(out.choose(chosen));
    YAGURA_STORE_DO(out.begin(wanted));
    return out;
}

Result<void> Finding::choose(const Chosen& chosen) {
    YAGURA_TRY(const bool sums, has_sums(*day_));
    const auto take = [&](std::string_view from) {
        way_ = Way::failed;
        statements_ = {cat("SELECT at, id FROM operation INDEXED BY operation_failed WHERE ", from)};
        streams_ = {{.sql = 0, .values = {}}};
    };
    std::int64_t least = few;
    if (sums && (chosen.acts() || !chosen.filter().protocol.empty())) {
        YAGURA_TRY(const bool taken, by_kinds(chosen));
        if (taken) least = std::min(least, rows_of_kinds_);
    }
    // Words fit few rows: those of a frequent kind are quicker read side by side than jumped to.
    if (way_ == Way::kinds && least == few && chosen.has_words()) way_ = Way::time;
    if (sums && chosen.failed_only()) {
        Query rows{
            cat("SELECT count(*) FROM (SELECT 1 FROM operation INDEXED BY operation_failed WHERE ", failed)};
        within_and_before(rows, range_, before_);
        YAGURA_TRY(const auto many, count(*day_, std::move(rows)));
        if (many < least || (way_ != Way::kinds || least == few)) {
            least = std::min(least, many);
            take(failed);
        }
    }
    for (std::size_t i = 0; i < chosen.ends().size(); ++i) {
        const auto& nodes = chosen.ends()[i];
        if (nodes.size() > nodes_most) continue;
        std::int64_t many = 0;
        for (const auto node : nodes)
            for (const std::string_view side : {"who", "whom"}) {
                if (many >= least) break;
                Query rows{cat("SELECT count(*) FROM (SELECT 1 FROM operation INDEXED BY operation_by_", side,
                               " WHERE ", side, " = ")};
                rows.add("?", node);
                within_and_before(rows, range_, before_);
                YAGURA_TRY(const auto here, count(*day_, std::move(rows)));
                many += here;
            }
        const bool no_better = way_ == Way::time || (way_ == Way::kinds && least == few);
        if (many < least || no_better) {
            least = std::min(least, many);
            by_nodes(chosen, i);
        }
    }
    return {};
}

/// A stream for each protocol and act of this day that is asked for. False: there are many rows of them.
Result<bool> Finding::by_kinds(const Chosen& chosen) {
    YAGURA_TRY(auto kinds, kinds_of(*day_, chosen));
    way_ = Way::kinds;
    rows_of_kinds_ = 0;
    statements_ = {
        "SELECT at, id FROM operation INDEXED BY operation_by_kind WHERE protocol = ? AND act = ?"};
    streams_.clear();
    for (auto& [act, protocol] : kinds) {
        if (rows_of_kinds_ < few) {
            Query rows{"SELECT count(*) FROM (SELECT 1 FROM operation INDEXED BY operation_by_kind WHERE "};
            rows.add("protocol = ? AND act = ?", protocol, act);
            within_and_before(rows, range_, before_);
            YAGURA_TRY(const auto here, count(*day_, std::move(rows)));
            rows_of_kinds_ += here;
        }
        streams_.push_back({.sql = 0, .values = {std::move(protocol), act}});
    }
    return rows_of_kinds_ < few;
}

void Finding::by_nodes(const Chosen& chosen, std::size_t end) {
    way_ = Way::nodes;
    statements_.clear();
    streams_.clear();
    Query rest{""};
    chosen.add_ends_and_acts(rest, end);
    for (const std::string_view side : {"who", "whom"}) {
        statements_.push_back(cat("SELECT at, id FROM operation INDEXED BY operation_by_", side, " WHERE ",
                                  side, " = ?", rest.sql()));
        for (const auto node : chosen.ends()[end]) {
            auto& stream = streams_.emplace_back();
            stream.sql = statements_.size() - 1;
            stream.values = {node};
            stream.values.insert(stream.values.end(), rest.values().begin(), rest.values().end());
        }
    }
}

Result<void> Finding::begin(std::size_t wanted) {
    if (way_ == Way::time) return {};
    prepared_.resize(statements_.size());
    const auto piece = std::clamp(wanted * 2 / std::max<std::size_t>(1, streams_.size()), piece_least,
                                  piece_most);
    for (std::size_t i = 0; i < streams_.size(); ++i) {
        streams_[i].piece = piece;
        streams_[i].last = before_;
        YAGURA_STORE_DO(fill(streams_[i]));
        if (!streams_[i].found.empty()) heap_.emplace(streams_[i].found.front(), i);
    }
    return {};
}

Result<void> Finding::fill(Stream& stream) {
    stream.found.clear();
    stream.taken = 0;
    Query query{statements_[stream.sql], stream.values};
    within_and_before(query, range_, stream.last);
    query.add(order, stream.piece);
    auto& prepared = prepared_[stream.sql];
    if (!prepared) {
        YAGURA_TRY(auto made, day_->prepare(query.sql()));
        prepared.emplace(std::move(made));
    }
    YAGURA_STORE_DO(query.each(
        *prepared, [&](const Row& row) { stream.found.push_back({row.integer(0), row.integer(1)}); }));
    stream.ended = stream.found.size() < stream.piece;
    if (!stream.found.empty()) stream.last = stream.found.back();
    stream.piece = std::min(stream.piece * 4, piece_most);
    return {};
}

Result<std::optional<Spot>> Finding::next() {
    while (!heap_.empty()) {
        const auto [spot, from] = heap_.top();
        heap_.pop();
        auto& stream = streams_[from];
        if (++stream.taken == stream.found.size() && !stream.ended) YAGURA_STORE_DO(fill(stream));
        if (stream.taken < stream.found.size()) heap_.emplace(stream.found[stream.taken], from);
        if (spot == given_) continue; // Both ends are asked for: one act, two ways.
        given_ = spot;
        return std::optional{spot};
    }
    return std::optional<Spot>{};
}

} // namespace yagura::store::reading
