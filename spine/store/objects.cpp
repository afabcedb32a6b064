// Who reads and who writes the registers, variables and tags of a device.
#include <algorithm>
#include <charconv>
#include <set>

#include "spine/base/text.h"
#include "spine/store/chosen.h"
#include "spine/store/commented.h"
#include "spine/store/finding.h"
#include "spine/store/patience.h"
#include "spine/store/registers_writing.h"
#include "spine/store/sums.h"

namespace yagura::store {
namespace {

using namespace reading;

constexpr std::size_t users_most = 32;

/// How many acts of a device its objects are added up from where there are no sums: the latest ones, as many
/// as can be read while somebody waits. On a small plant those are all that there are; where they come from
/// the disk, one by one, fewer.
class Allowance {
public:
    /// 0: it is used up.
    std::size_t piece() const noexcept { return piece_; }
    void used(std::size_t rows) noexcept {
        read_ += rows;
        const auto left = rows_counted_most - std::min(rows_counted_most, read_);
        const auto fit = static_cast<double>(read_) * (Patience::most / patience_.gone() - 1);
        piece_ = patience_.over()
                     ? 0
                     : std::min(left, static_cast<std::size_t>(std::clamp(fit, piece_least, piece_most)));
    }

private:
    static constexpr std::size_t rows_counted_most = 60'000;
    static constexpr double piece_least = 1'000, piece_most = 20'000;
    Patience patience_;
    std::size_t piece_ = static_cast<std::size_t>(piece_least), read_ = 0;
};

/// Numbers in their order: "holding register 9" before "holding register 10".
bool before(std::string_view a, std::string_view b) noexcept {
    const auto digit = [](char c) { return c >= '0' && c <= '9'; };
    while (!a.empty() && !b.empty()) {
        if (digit(a[0]) && digit(b[0])) {
            std::uint64_t x = 0, y = 0;
            const auto [end_a, wrong_a] = std::from_chars(a.data(), a.data() + a.size(), x);
            const auto [end_b, wrong_b] = std::from_chars(b.data(), b.data() + b.size(), y);
            if (wrong_a == std::errc{} && wrong_b == std::errc{} && x != y) return x < y;
            a.remove_prefix(static_cast<std::size_t>(end_a - a.data()));
            b.remove_prefix(static_cast<std::size_t>(end_b - b.data()));
            continue;
        }
        if (a[0] != b[0]) return a[0] < b[0];
        a.remove_prefix(1);
        b.remove_prefix(1);
    }
    return a.size() < b.size();
}

/// Uses, added up by object.
class Tally {
public:
    Tally(Who& who, const Commented& commented) : who_{who}, commented_{commented} {}
    std::int64_t node = 0; ///< one of the device's

    void take(std::string_view protocol, std::string_view part, std::string_view object, std::int64_t who,
              bool writes, const ObjectUse& use, const std::string& day) {
        std::get<0>(key_).assign(protocol);
        std::get<1>(key_).assign(part);
        std::get<2>(key_).assign(object);
        if (last_ == found_.end() || last_->first != key_) last_ = found_.try_emplace(key_).first;
        auto& one = last_->second;
        if (use.told_id != 0 && std::tie(use.told, use.told_id) > std::tie(one.told, one.id))
            one.told = use.told, one.id = use.told_id, one.day = day;
        const auto device = who_.device_number_of(who);
        auto& users = writes ? one.writers : one.readers;
        const auto [user, is_new] = users.try_emplace(device ? device : -who);
        if (is_new)
            user->second = {who_.node(who), use};
        else
            user->second.use.add(use);
    }

    std::vector<ObjectRow> all(const ObjectFilter& filter) {
        std::vector<ObjectRow> out;
        std::vector<std::string> words = split(filter.text);
        for (auto& word : words) word = lower(word);
        for (auto& [key, one] : found_) {
            if (filter.written && one.writers.empty()) continue;
            auto shown = row_of(key, one);
            if (auto comment = commented_.find(node, shown.part, shown.object))
                shown.comment = *std::move(comment);
            const auto has = [&](const std::string& word) {
                return holds(shown.object, word) || holds(shown.part, word) || holds(shown.value, word) ||
                       holds(shown.comment.text, word) || holds(shown.comment.name, word);
            };
            if (std::ranges::all_of(words, has)) out.push_back(std::move(shown));
        }
        std::ranges::stable_sort(out, [](const ObjectRow& a, const ObjectRow& b) {
            if (a.protocol != b.protocol) return a.protocol < b.protocol;
            if (a.part != b.part) return before(a.part, b.part);
            return before(a.object, b.object);
        });
        return out;
    }

private:
    using Key = std::tuple<std::string, std::string, std::string>;
    struct User {
        DeviceRef who;
        ObjectUse use;
    };
    struct Found {
        std::map<std::int64_t, User> readers, writers; ///< by device; below 0 by node
        std::int64_t told = INT64_MIN, id = 0;
        std::string day;
    };

    static ObjectRow row_of(const Key& key, Found& one) {
        ObjectRow out;
        std::tie(out.protocol, out.part, out.object) = key;
        if (one.id != 0) out.operation = cat("o-", one.day, "-", one.id);
        std::optional<ObjectUse> whole;
        for (auto [from, to] : {std::pair{&one.readers, &out.readers}, {&one.writers, &out.writers}}) {
            for (auto& [device, user] : *from) {
                auto& use = user.use;
                if (use.differs) out.changed = std::max(out.changed, from_ns(use.changed));
                to->push_back({user.who, static_cast<std::uint64_t>(use.acts), from_ns(use.last)});
                if (whole)
                    whole->add(use);
                else
                    whole = std::move(use);
            }
            std::ranges::stable_sort(*to, std::ranges::greater{}, &ObjectRow::User::count);
            if (to->size() > users_most) to->resize(users_most);
        }
        out.value = std::move(whole->value);
        if (!out.value.empty()) out.valued = from_ns(whole->valued);
        out.first = from_ns(whole->first);
        out.last = from_ns(whole->last);
        return out;
    }

    Who& who_;
    const Commented& commented_;
    Key key_; ///< kept for its memory
    std::map<Key, Found> found_;
    std::map<Key, Found>::iterator last_ = found_.end();
};

/// Since when no more than `left` acts were done to these nodes, if that is within the range; the index alone
/// tells. Otherwise `left` is less by what there is.
Result<std::optional<Time>> cut(Database& day, const std::vector<std::int64_t>& nodes, const Range& range,
                                std::size_t& left) {
    std::optional<Time> out;
    std::int64_t rows = 0;
    for (const auto node : nodes) {
        const auto asked = [&](std::string_view what) {
            Query query{cat("SELECT ", what, " FROM operation INDEXED BY operation_by_whom WHERE whom = ")};
            query.add("?", node);
            within(query, range);
            return query;
        };
        YAGURA_TRY(const auto at,
                   asked("at").add(cat(" ORDER BY at DESC LIMIT 1 OFFSET ", left)).number(day));
        if (at != 0) {
            out = std::max(out.value_or(Time::min()), from_ns(at));
            continue;
        }
        YAGURA_TRY(const auto many, asked("count(*)").number(day));
        rows += many;
    }
    left -= std::min(left, static_cast<std::size_t>(rows));
    return out;
}

/// Of a day, from its sums or from its rows; the latest first.
struct Stretch {
    Range range{};
    enum class From : std::uint8_t { rows, hours, day } from{};
};

/// The whole day's sum where all of it is asked for, else whole hours, and rows of those that are not whole.
std::vector<Stretch> stretches_of(const std::string& day, const Range& asked) {
    const auto begin = *begin_of(day), end = begin + day_ns;
    const auto from = asked.from == Time{} ? begin : std::max(begin, ns(asked.from));
    const auto until = asked.until == Time{} ? end : std::min(end, ns(asked.until));
    const auto range = [](std::int64_t since, std::int64_t to) { return Range{from_ns(since), from_ns(to)}; };
    if (from == begin && until == end) return {{range(begin, end), Stretch::From::day}};
    const auto first = (part_of_time(from - 1, hour_ns) + 1) * hour_ns,
               last = part_of_time(until, hour_ns) * hour_ns;
    if (first >= last) return {{range(from, until), Stretch::From::rows}};
    std::vector<Stretch> out;
    if (last < until) out.push_back({range(last, until), Stretch::From::rows});
    out.push_back({range(first, last), Stretch::From::hours});
    if (from < first) out.push_back({range(from, first), Stretch::From::rows});
    return out;
}

/// Has this day sums of all objects of these nodes?
Result<bool> has_objects(Database& day, const std::vector<std::int64_t>& nodes) {
    YAGURA_TRY(const auto there, sums_of(day));
    if (!there.kinds) return false;
    Query query{"SELECT count(*) FROM object_node WHERE left_out > 0 AND whom IN "};
    YAGURA_TRY(const auto incomplete, query.add_list(nodes).number(day));
    return incomplete == 0;
}

/// What is asked of one device's objects, put to one day after the other.
class Asking {
public:
    Asking(const ObjectFilter& filter, Tally& tally) : filter_{filter}, tally_{tally} {}
    std::vector<std::int64_t> nodes{};
    std::optional<std::vector<std::int64_t>> peers{};
    Time since{}; ///< counted from here on

    /// False: it took as long as it may.
    Result<bool> of_day(Database& day, const std::string& name) {
        YAGURA_TRY(const bool sums, has_objects(day, nodes));
        const auto begin = from_ns(*begin_of(name));
        if (!sums) return of_rows(day, name, filter_.range, begin);
        for (const auto& stretch : stretches_of(name, filter_.range)) {
            if (stretch.from == Stretch::From::rows) {
                YAGURA_TRY(const bool more, of_rows(day, name, stretch.range, stretch.range.from));
                if (!more) return false;
                continue;
            }
            YAGURA_STORE_DO(of_sums(day, name, stretch));
            since = stretch.range.from;
            allowance_.used(0);
            if (allowance_.piece() == 0) return false;
        }
        return true;
    }

private:
    Result<bool> of_rows(Database& day, const std::string& name, Range range, Time begin) {
        const auto from = range.from;
        for (;;) {
            const auto asked = allowance_.piece();
            auto left = asked;
            YAGURA_TRY(const auto reached, cut(day, nodes, range, left));
            if (reached) range.from = std::max(range.from, *reached);
            YAGURA_STORE_DO(read(day, name, range));
            allowance_.used(reached ? asked : asked - left);
            since = std::max(from, reached.value_or(begin));
            if (!reached || allowance_.piece() == 0) return !reached && allowance_.piece() > 0;
            range = {from, *reached};
        }
    }

    void add_rest(Query& query) const {
        if (peers) query.add(" AND who IN ").add_list(*peers);
        if (!filter_.protocol.empty()) query.add(" AND protocol = ?", filter_.protocol);
    }

    Result<void> read(Database& day, const std::string& name, const Range& range) {
        Query query{
            cat("SELECT id, at, last, who, whom, act, outcome, many, refusals, ", acts_of_operation,
                ", protocol, part, object, value FROM operation INDEXED BY operation_by_whom WHERE object <> "
                "'' AND whom IN ")};
        query.add_list(nodes);
        within(query, range);
        add_rest(query);
        return query.each(day, [&](const Row& row) {
            const SummedRow one{row};
            if (uses_object(one))
                tally_.take(one.protocol, one.part, one.object, one.who, writes_object(one.act),
                            ObjectUse::of(one), name);
        });
    }

    Result<void> of_sums(Database& day, const std::string& name, const Stretch& stretch) {
        const bool whole = stretch.from == Stretch::From::day;
        Query query{cat(
            "SELECT protocol, part, object, who, writes, acts, first, last, value, valued, valued_id, told, "
            "told_id, told_value, differs, changed FROM object_",
            whole ? "day" : "hour", " WHERE whom IN ")};
        query.add_list(nodes);
        if (!whole) { // One by one: then the table is gone into by hour and node.
            std::vector<std::int64_t> hours;
            for (auto hour = ns(stretch.range.from) / hour_ns; hour < ns(stretch.range.until) / hour_ns;
                 ++hour)
                hours.push_back(hour);
            query.add(" AND hour IN ").add_list(hours);
        }
        add_rest(query);
        ObjectUse use;
        return query.each(day, [&](const Row& row) {
            use.acts = row.real(5);
            use.first = row.integer(6), use.last = row.integer(7);
            use.value.assign(row.text(8));
            use.valued = row.integer(9), use.valued_id = row.integer(10);
            use.told = row.integer(11), use.told_id = row.integer(12);
            use.told_value.assign(row.text(13));
            use.differs = row.integer(14) != 0;
            use.changed = row.integer(15);
            tally_.take(row.text(0), row.text(1), row.text(2), row.integer(3), row.integer(4) != 0, use,
                        name);
        });
    }

    const ObjectFilter& filter_;
    Tally& tally_;
    Allowance allowance_;
};

} // namespace

Result<ObjectList> History::objects(const ObjectFilter& filter, std::size_t most) {
    YAGURA_TRY(auto state, in_->state.borrow());
    ObjectList out;
    out.since = filter.range.from;
    YAGURA_TRY(const auto id, device_number(*state, filter.device));
    if (!id) return out;
    Who who{*state};
    YAGURA_TRY(const auto commented, Commented::of(*state));
    Tally tally{who, commented};
    Asking asking{filter, tally};
    asking.since = filter.range.from;
    YAGURA_TRY(asking.nodes, nodes_of_device(*state, *id));
    if (!asking.nodes.empty()) tally.node = asking.nodes.front();
    if (!filter.peer.empty()) {
        YAGURA_TRY(const auto peer, device_number(*state, filter.peer));
        if (!peer) return out;
        YAGURA_TRY(asking.peers, nodes_of_device(*state, *peer));
    }
    YAGURA_STORE_DO(in_->each_day(in_->days(filter.range), [&](Database& day, const std::string& name) {
        return asking.of_day(day, name);
    }));
    out.since = asking.since;
    out.objects = tally.all(filter);
    out.total = out.objects.size();
    if (out.objects.size() > std::min(most, rows_most)) out.objects.resize(std::min(most, rows_most));
    const auto nodes = set_of(asking.nodes);
    for (auto& one : out.objects) {
        YAGURA_TRY(one.in_ledger, in_ledger(*state, nodes, one.protocol, one.part, one.object));
    }
    return out;
}

Result<std::vector<ObjectsSeen>> History::objects_seen(std::size_t most) {
    constexpr std::size_t days_most = 7, rows_all = 100'000;
    YAGURA_TRY(auto state, in_->state.borrow());
    YAGURA_TRY(const auto devices, devices_of_nodes(*state));
    std::map<std::int64_t, std::set<std::pair<std::string, std::string>>> found;
    std::size_t days = 0, rows = 0;
    YAGURA_STORE_DO(in_->each_day(in_->days({}), [&](Database& day, const std::string&) -> Result<bool> {
        YAGURA_TRY(const auto there, sums_of(day));
        if (!there.kinds) return true;
        auto done = Query{"SELECT DISTINCT whom, part, object FROM object_day"}.each(
            day, [&](const Row& row) {
                const auto device = devices.find(row.integer(0));
                if (device == devices.end()) return true;
                auto& objects = found[device->second];
                if (objects.size() < most) objects.emplace(row.string(1), row.string(2));
                return ++rows < rows_all;
            });
        if (!done) return std::unexpected{std::move(done).error()};
        return ++days < days_most && rows < rows_all;
    }));
    std::vector<ObjectsSeen> out;
    for (auto& [device, objects] : found)
        out.push_back({device_text(device), {objects.begin(), objects.end()}});
    return out;
}

} // namespace yagura::store
