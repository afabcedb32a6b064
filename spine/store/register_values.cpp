// What stood in a register: its changes in a range, and its value at one time, from the days.
#include <algorithm>
#include <charconv>
#include <cmath>

#include "spine/store/days.h"
#include "spine/store/patience.h"
#include "spine/store/register_run.h"
#include "spine/store/registers.h"

namespace yagura::store {
namespace {

using namespace reading;

constexpr std::size_t values_read_most = 20'000, distinct_most = 2'000, distinct_shown = 20,
                      points_most = 600;

struct Which {
    std::int64_t whom = 0;
    std::string protocol{}, part{}, object{};
};

Result<std::optional<Which>> which(Database& state, std::string_view id) {
    std::optional<Which> out;
    const auto number = number_of(id, "r0-");
    if (!number) return out;
    YAGURA_STORE_DO(
        Query{"SELECT r.whom, r.protocol, r.part, n.object FROM register r JOIN register_name n ON n.id "
              "= r.name WHERE r.id = "}
            .add("?", *number)
            .each_again(state, [&](const Row& row) {
                out = {row.integer(0), row.string(1), row.string(2), row.string(3)};
            }));
    return out;
}

/// A value of a day; `id` names a row of it.
struct Kept {
    RegisterValue what{};
    std::string day{};
};

/// Of one day, what its runs in the range hold. Days that were written before there were any have none.
Result<void> read_day(Database& day, const std::string& name, const Which& which, const Range& range,
                      std::vector<Kept>& into, std::uint64_t* left_out) {
    YAGURA_TRY(const auto there,
               Query{"SELECT count(*) FROM sqlite_master WHERE name = 'register_run'"}.number_again(day));
    if (there == 0) return {};
    const auto from = range.from == Time{} ? INT64_MIN : ns(range.from),
               until = range.until == Time{} ? INT64_MAX : ns(range.until);
    std::int64_t register_id = 0;
    YAGURA_STORE_DO(Query{"SELECT id, left_out FROM register_day WHERE whom = "}
                        .add("? AND protocol = ? AND part = ? AND object = ?", which.whom, which.protocol,
                             which.part, which.object)
                        .each_again(day, [&](const Row& row) {
                            register_id = row.integer(0);
                            if (left_out) *left_out += row.as<std::uint64_t>(1);
                        }));
    if (register_id == 0) return {};
    return Query{"SELECT changes FROM register_run WHERE register = "}
        .add("? AND last >= ? AND first < ? ORDER BY run DESC", register_id, from, until)
        .each_again(day, [&](const Row& row) {
            for (auto& one : RegisterRun::values(row.bytes(0)))
                if (one.at >= from && one.at < until) into.push_back({std::move(one), name});
            return into.size() < values_read_most * 2;
        });
}

bool earlier(const Kept& a, const Kept& b) noexcept {
    return std::tie(a.what.at, a.what.id) < std::tie(b.what.at, b.what.id);
}

/// One element of all values, where one is asked for; values that have it not go.
void take_element(std::vector<Kept>& values, std::optional<std::size_t> element) {
    if (!element) return;
    std::erase_if(values, [&](Kept& one) {
        const auto elements = elements_of(one.what.value);
        if (*element >= elements.size()) return true;
        one.what.value = std::string{elements[*element]};
        return false;
    });
}

/// In order of time, each another than the one before.
void settle(std::vector<Kept>& values) {
    std::ranges::stable_sort(values, earlier);
    std::vector<Kept> out;
    for (auto& one : values)
        if (out.empty() || out.back().what.value != one.what.value) out.push_back(std::move(one));
    values = std::move(out);
}

std::optional<double> number_in(std::string_view value) noexcept {
    if (value == "true") return 1;
    if (value == "false") return 0;
    double out = 0;
    const auto [end, wrong] = std::from_chars(value.data(), value.data() + value.size(), out);
    if (wrong != std::errc{} || end != value.data() + value.size() || !std::isfinite(out))
        return std::nullopt;
    return out;
}

void add_sums(const std::vector<Kept>& values, RegisterValues& out) {
    std::map<std::string_view, RegisterValues::Distinct> set;
    std::vector<RegisterValues::Point> points;
    for (const auto& one : values) {
        auto found = set.find(one.what.value);
        if (found == set.end() && set.size() < distinct_most)
            found = set.emplace(one.what.value, RegisterValues::Distinct{one.what.value, 0, {}}).first;
        if (found != set.end()) {
            ++found->second.times;
            found->second.last = from_ns(one.what.at);
        }
        if (const auto number = number_in(one.what.value)) {
            out.least = out.least ? std::min(*out.least, *number) : *number;
            out.most = out.most ? std::max(*out.most, *number) : *number;
            points.push_back({from_ns(one.what.at), *number, *number});
        }
    }
    out.count = values.size();
    out.distinct = set.size();
    for (auto& [value, one] : set) out.set.push_back(std::move(one));
    std::ranges::stable_sort(out.set, [](const auto& a, const auto& b) {
        return std::tie(a.times, a.last) > std::tie(b.times, b.last);
    });
    if (out.set.size() > distinct_shown) out.set.resize(distinct_shown);
    if (points.size() <= points_most) {
        out.points = std::move(points);
        return;
    }
    const auto from = points.front().at;
    const auto width = (points.back().at - from) / static_cast<int>(points_most / 2) +
                       std::chrono::nanoseconds{1};
    for (const auto& one : points) {
        const auto begin = from + (one.at - from) / width * width;
        if (out.points.empty() || out.points.back().at != begin) {
            out.points.push_back({begin, one.least, one.most});
            continue;
        }
        auto& last = out.points.back();
        last.least = std::min(last.least, one.least), last.most = std::max(last.most, one.most);
    }
}

/// Who said it, with what: from the row that it came from.
Result<void> explain(Database& day, const Kept& one, Who& who, RegisterChange& out) {
    if (one.what.told)
        return Query{"SELECT who, whom, writes, protocol, source, frame, offset FROM told WHERE id = "}
            .add("?", one.what.id)
            .each_again(day, [&](const Row& row) {
                out.who = who.node(row.integer(row.integer(2) ? 0 : 1));
                out.protocol = row.string(3);
                out.evidence = who.evidence(row.as<std::uint32_t>(4), row.as<std::uint64_t>(5),
                                            row.as<std::uint32_t>(6), out.at, out.protocol);
            });
    return Query{
        "SELECT who, protocol, code, function, many, source, frame, offset FROM operation WHERE id = "}
        .add("?", one.what.id)
        .each_again(day, [&](const Row& row) {
            out.who = who.node(row.integer(0));
            out.protocol = row.string(1);
            out.code = row.as<std::uint32_t>(2);
            out.function = row.string(3);
            out.many = row.integer(4) != 0;
            out.evidence = who.evidence(row.as<std::uint32_t>(5), row.as<std::uint64_t>(6),
                                        row.as<std::uint32_t>(7), out.at, out.protocol);
            out.operation = cat("o-", one.day, "-", one.what.id);
        });
}

RegisterChange change_of(const Kept& one) {
    RegisterChange out;
    out.at = from_ns(one.what.at);
    out.value = one.what.value;
    out.writes = one.what.writes;
    return out;
}

} // namespace

Result<RegisterValues> RegisterReader::values(std::string_view id, const Range& asked,
                                              std::optional<std::size_t> element, const Page& page) {
    RegisterValues out;
    YAGURA_TRY(auto state, state_.borrow());
    YAGURA_TRY(const auto after, place(page.cursor));
    YAGURA_TRY(const auto what, which(*state, id));
    if (!what) return out;
    std::vector<Kept> values;
    const Patience patience;
    const auto read = [&](Database& day, const std::string& name) -> Result<bool> {
        YAGURA_STORE_DO(read_day(day, name, *what, asked, values, &out.left_out));
        if (values.size() < values_read_most && !patience.over()) return true;
        if (!values.empty()) out.counted_from = from_ns(std::ranges::min_element(values, earlier)->what.at);
        return false;
    };
    YAGURA_STORE_DO(history_.in_->each_day(history_.in_->days(asked), read));
    take_element(values, element);
    settle(values);
    add_sums(values, out);
    const auto most = std::clamp<std::size_t>(page.most, 1, rows_most);
    auto end = values.size();
    if (after && std::holds_alternative<std::int64_t>(after->key)) {
        const std::pair before{std::get<std::int64_t>(after->key), after->id};
        while (end > 0 && std::pair{values[end - 1].what.at, values[end - 1].what.id} >= before) --end;
    }
    const auto begin = end - std::min(end, most);
    Who who{*state};
    for (auto i = end; i > begin; --i) {
        auto change = change_of(values[i - 1]);
        if (i >= 2) change.before = values[i - 2].what.value;
        const auto tell = [&](Database& day, const std::string&) -> Result<bool> {
            YAGURA_STORE_DO(explain(day, values[i - 1], who, change));
            return true;
        };
        YAGURA_STORE_DO(history_.in_->each_day({values[i - 1].day}, tell));
        out.changes.push_back(std::move(change));
    }
    if (begin > 0) out.next_cursor = cursor({values[begin].what.at, values[begin].what.id});
    return out;
}

Result<RegisterAt> RegisterReader::at(std::string_view id, Time when, std::optional<std::size_t> element) {
    RegisterAt out;
    YAGURA_TRY(auto state, state_.borrow());
    YAGURA_TRY(const auto what, which(*state, id));
    if (!what) return out;
    // A value may be told in the file of another day: an act that began before midnight.
    const auto split = when + std::chrono::nanoseconds{1};
    std::vector<Kept> before, later;
    std::size_t days = 0;
    const auto look_back = [&](Database& day, const std::string& name) -> Result<bool> {
        YAGURA_STORE_DO(read_day(day, name, *what, {}, later, nullptr));
        std::erase_if(later, [&](Kept& one) {
            if (one.what.at >= ns(split)) return false;
            before.push_back(std::move(one));
            return true;
        });
        return before.empty() || ++days < 2;
    };
    YAGURA_STORE_DO(
        history_.in_->each_day(history_.in_->days({{}, split + std::chrono::hours{24}}), look_back));
    take_element(before, element), take_element(later, element);
    settle(before);
    if (before.empty()) return out;
    const auto& was = before.back();
    auto change = change_of(was);
    if (before.size() >= 2) change.before = before[before.size() - 2].what.value;
    Who who{*state};
    const auto tell = [&](Database& day, const std::string&) -> Result<bool> {
        YAGURA_STORE_DO(explain(day, was, who, change));
        return true;
    };
    YAGURA_STORE_DO(history_.in_->each_day({was.day}, tell));
    out.was = std::move(change);
    const auto find_next = [&] {
        std::ranges::stable_sort(later, earlier);
        for (const auto& one : later)
            if (one.what.value != was.what.value) {
                out.until = from_ns(one.what.at);
                return true;
            }
        return false;
    };
    if (find_next()) return out;
    auto rest = history_.in_->days({split, {}});
    std::ranges::reverse(rest);
    const Patience patience;
    const auto look_on = [&](Database& day, const std::string& name) -> Result<bool> {
        later.clear();
        YAGURA_STORE_DO(read_day(day, name, *what, {split, {}}, later, nullptr));
        take_element(later, element);
        return !find_next() && !patience.over();
    };
    YAGURA_STORE_DO(history_.in_->each_day(rest, look_on));
    return out;
}

} // namespace yagura::store
