// Who reads and who writes the registers, variables and tags of a device.
#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>

#include "spine/store/days.h"

namespace yagura::store {
namespace {

using namespace reading;

constexpr std::size_t rows_most = 1000, users_most = 32;

/// How many acts of a device its objects are added up from: the latest ones, as many as can be read while
/// somebody waits. On a small plant those are all that there are; where they come from the disk, one by one,
/// fewer.
class Allowance {
public:
    /// 0: it is used up.
    std::size_t piece() const noexcept { return piece_; }
    void used(std::size_t rows) noexcept {
        read_ += rows;
        const std::chrono::duration<double> gone = std::chrono::steady_clock::now() - begun_;
        const auto left = rows_counted_most - std::min(rows_counted_most, read_);
        const auto fit = static_cast<double>(read_) * (time_for_it / gone - 1);
        piece_ = gone < time_for_it
                     ? std::min(left, static_cast<std::size_t>(std::clamp(fit, piece_least, piece_most)))
                     : 0;
    }

private:
    static constexpr std::size_t rows_counted_most = 60'000;
    static constexpr double piece_least = 1'000, piece_most = 20'000;
    static constexpr std::chrono::duration<double> time_for_it{0.06};
    std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
    std::size_t piece_ = static_cast<std::size_t>(piece_least), read_ = 0;
};
constexpr std::array acts{observe::Act::read,  observe::Act::subscribe, observe::Act::write,
                          observe::Act::force, observe::Act::cyclic_io, observe::Act::select,
                          observe::Act::call};

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

/// Rows of `operation`, added up by object.
class Tally {
public:
    explicit Tally(Who& who) : who_{who} {}

    /// protocol, part, object, act, who, many, acts, at, last, value, id
    void take(const Row& row, const std::string& day) {
        std::get<0>(key_).assign(row.text(0));
        std::get<1>(key_).assign(row.text(1));
        std::get<2>(key_).assign(row.text(2));
        auto& one = found_[key_];
        auto& shown = one.shown;
        const auto begin = from_ns(row.integer(7)), end = from_ns(row.integer(8));
        if (shown.first == Time{} || begin < shown.first) shown.first = begin;
        shown.last = std::max(shown.last, end);
        const bool reads = observe::usual_effect(row.as<observe::Act>(3)) == observe::Effect::observes;
        const auto device = who_.device_number_of(row.integer(4));
        auto& user = (reads ? one.readers : one.writers)[device ? device : -row.integer(4)];
        if (user.shown.who.name.empty()) user.shown.who = who_.node(row.integer(4));
        user.shown.count += row.as<std::uint64_t>(6);
        user.shown.last = std::max(user.shown.last, end);
        const auto value = row.text(9);
        if (row.integer(5) == 0) {
            if (end >= one.told) {
                one.told = end;
                one.day = day;
                one.id = row.integer(10);
            }
            // Of one who reads: another may read more at once, which is no change.
            if (!value.empty()) {
                if (user.least.empty() || value < user.least) user.least = value;
                if (value > user.greatest) user.greatest = value;
                user.changed = std::max(user.changed, begin);
            }
        }
        if (!value.empty() && end >= shown.valued) {
            shown.valued = end;
            shown.value = value;
        }
    }

    std::vector<ObjectRow> all(bool written) {
        std::vector<ObjectRow> out;
        for (auto& [key, one] : found_) {
            if (written && one.writers.empty()) continue;
            std::tie(one.shown.protocol, one.shown.part, one.shown.object) = key;
            if (one.told != Time{}) one.shown.operation = cat("o-", one.day, "-", one.id);
            for (auto [from, to] :
                 {std::pair{&one.readers, &one.shown.readers}, {&one.writers, &one.shown.writers}}) {
                for (auto& [device, user] : *from) {
                    if (user.least != user.greatest)
                        one.shown.changed = std::max(one.shown.changed, user.changed);
                    to->push_back(std::move(user.shown));
                }
                std::ranges::stable_sort(*to, std::ranges::greater{}, &ObjectRow::User::count);
                if (to->size() > users_most) to->resize(users_most);
            }
            out.push_back(std::move(one.shown));
        }
        std::ranges::stable_sort(out, [](const ObjectRow& a, const ObjectRow& b) {
            if (a.protocol != b.protocol) return a.protocol < b.protocol;
            if (a.part != b.part) return before(a.part, b.part);
            return before(a.object, b.object);
        });
        return out;
    }

private:
    struct User {
        ObjectRow::User shown;
        std::string least, greatest; ///< of the values that were told by themselves
        Time changed{};
    };
    struct Found {
        ObjectRow shown;
        std::map<std::int64_t, User> readers, writers; ///< by device; below 0 by node
        Time told{};
        std::string day;
        std::int64_t id = 0;
    };
    Who& who_;
    std::tuple<std::string, std::string, std::string> key_; ///< kept for its memory
    std::map<std::tuple<std::string, std::string, std::string>, Found> found_;
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

} // namespace

Result<ObjectList> History::objects(const ObjectFilter& filter, std::size_t most) {
    YAGURA_TRY(auto state, in_->state.borrow());
    ObjectList out;
    out.since = filter.range.from;
    YAGURA_TRY(const auto id, device_number(*state, filter.device));
    if (!id) return out;
    YAGURA_TRY(const auto nodes, nodes_of_device(*state, *id));
    std::optional<std::vector<std::int64_t>> peers;
    if (!filter.peer.empty()) {
        YAGURA_TRY(const auto peer, device_number(*state, filter.peer));
        if (!peer) return out;
        YAGURA_TRY(peers, nodes_of_device(*state, *peer));
    }
    Who who{*state};
    Tally tally{who};
    Allowance allowance;
    const auto read = [&](Database& day, const std::string& name, const Range& range) {
        Query query{cat("SELECT protocol, part, object, act, who, many, ", acts_of_operation,
                        ", at, last, value, id FROM operation INDEXED BY operation_by_whom WHERE object <> "
                        "'' AND whom IN ")};
        query.add_list(nodes).add(" AND act IN ").add_list(acts);
        within(query, range);
        if (peers) query.add(" AND who IN ").add_list(*peers);
        if (!filter.protocol.empty()) query.add(" AND protocol = ?", filter.protocol);
        for (auto word : split(filter.text)) {
            for (auto& c : word)
                if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
            query.add(" AND (instr(lower(object), ?) > 0 OR instr(lower(part), ?) > 0 OR instr(lower(value), "
                      "?) > 0)",
                      word, word, word);
        }
        return query.each(day, [&](const Row& row) { tally.take(row, name); });
    };
    const auto count = [&](Database& day, const std::string& name) -> Result<bool> {
        for (auto range = filter.range;;) {
            const auto asked = allowance.piece();
            auto left = asked;
            YAGURA_TRY(const auto begin, cut(day, nodes, range, left));
            if (begin) range.from = std::max(range.from, *begin);
            YAGURA_STORE_DO(read(day, name, range));
            allowance.used(begin ? asked : asked - left);
            out.since = std::max(filter.range.from, begin.value_or(from_ns(*begin_of(name))));
            if (!begin || allowance.piece() == 0) return !begin && allowance.piece() > 0;
            range = {filter.range.from, *begin};
        }
    };
    YAGURA_STORE_DO(in_->each_day(in_->days(filter.range), count));
    out.objects = tally.all(filter.written);
    out.total = out.objects.size();
    if (out.objects.size() > std::min(most, rows_most)) out.objects.resize(std::min(most, rows_most));
    return out;
}

} // namespace yagura::store
