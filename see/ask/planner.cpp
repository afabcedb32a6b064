#include "see/ask/planner.h"

#include <algorithm>

namespace yagura::see::ask {
namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;

constexpr std::uint8_t silences_most = 8;
constexpr auto unknown_for = 1h; ///< where nothing tells when to look again
constexpr auto failed_for = 10min;

} // namespace

std::string_view word(Why why) noexcept {
    constexpr std::string_view words[]{"due",
                                       "outside its hours",
                                       "the subnet was asked a moment ago",
                                       "asked within the interval",
                                       "was silent: waits longer",
                                       "left alone: looked overtaxed",
                                       "left alone: refused",
                                       "left alone: the memory is full",
                                       "its approval is of a later time than now",
                                       "could not be sent from here: tried again later"};
    return words[static_cast<std::size_t>(why)];
}

Planner::Planner(const Plan& plan, Memory& memory, MinuteOfWeek minute, nanoseconds began)
    : plan_{plan}, memory_{memory}, minute_{std::move(minute)}, sent_(plan.groups.size(), began) {
    memory_.may_forget_all_but([&](const observe::Ip& ip, std::uint8_t query) {
        return std::ranges::any_of(plan_.groups, [&](const Group& group) {
            return std::ranges::find(group.addresses, ip) != group.addresses.end() &&
                   std::ranges::any_of(group.queries,
                                       [&](const Query* one) { return query_number(one->name) == query; });
        });
    });
}

bool Planner::open(const Group& group, observe::Time now) const {
    const auto minute = minute_(now);
    return std::ranges::any_of(group.windows, [&](const Window& one) {
        return (minute >= one.from && minute < one.to) ||
               (minute + Window::week >= one.from && minute + Window::week < one.to);
    });
}

bool Planner::fragile(const Group& group, const observe::Ip& ip) const {
    return std::ranges::any_of(all_queries(), [&](const Query* query) {
        const auto* row = memory_.known(ip, *query);
        return row && looks_fragile(row->end) && row->begun >= group.approved;
    });
}

Planner::Standing Planner::standing(const Task& task, bool fragile, const Moment& now) const {
    const auto& group = plan_.groups[task.group];
    Standing out{task, Why::due, {}, memory_.known(task.ip, *task.query)};
    const auto* row = out.row;
    if (now.wall < group.approved) {
        // Else everything that was left alone before it would be forgiven by a time that has not come.
        out.why = Why::early;
        out.not_before = group.approved;
    } else if (fragile) {
        out.why = Why::fragile;
    } else if (row && row->end == End::refused && row->begun >= group.approved) {
        out.why = Why::declined;
    } else if (!row && !memory_.room()) {
        out.why = Why::forgetful;
    } else if (row && row->end != End::never) {
        // Twice as long after each silence, up to eight times. A clock that went back makes it wait, too.
        const auto times = row->silences < 2 ? 1 : 1 << std::min<int>(row->silences - 1, 3);
        out.not_before = row->begun + group.again * times;
        if (now.wall < out.not_before) out.why = times == 1 ? Why::recently : Why::waits;
    }
    if (out.why != Why::due) return out;
    const auto off = put_off_.find({task.ip, task.query});
    if (!open(group, now.wall)) {
        out.why = Why::outside;
    } else if (off != put_off_.end() && now.steady < off->second) {
        out.why = Why::failed;
        out.not_before = now.wall + (off->second - now.steady);
    } else if (const auto next = next_send(task, false); now.steady < next) {
        out.why = Why::pace;
        out.not_before = now.wall + (next - now.steady);
    }
    return out;
}

std::vector<Planner::Standing> Planner::standings(const Moment& now) const {
    std::vector<Standing> out;
    for (std::size_t i = 0; i < plan_.groups.size(); ++i)
        for (const auto& ip : plan_.groups[i].addresses) {
            const bool overtaxed = fragile(plan_.groups[i], ip);
            for (const auto* query : plan_.groups[i].queries)
                out.push_back(standing({i, ip, query}, overtaxed, now));
        }
    return out;
}

Planner::Next Planner::next(const Moment& now) const {
    Next out{{}, observe::Time{now.wall + unknown_for}, false};
    observe::Time oldest = observe::Time::max();
    bool outside = false;
    for (const auto& one : standings(now)) {
        if (one.why == Why::outside) outside = true;
        if (one.why == Why::pace) out.pacing = true;
        if (one.not_before > now.wall)
            out.look_again = std::min<observe::Time>(out.look_again, one.not_before);
        const auto begun = one.row ? one.row->begun : observe::Time{};
        if (one.why != Why::due || begun >= oldest) continue;
        oldest = begun;
        out.task = one.task;
    }
    // A window begins on a minute.
    if (outside)
        out.look_again = std::min<observe::Time>(out.look_again,
                                                 std::chrono::floor<std::chrono::minutes>(now.wall) + 1min);
    return out;
}

nanoseconds Planner::next_send(const Task& task, bool connected) const {
    const nanoseconds every = plan_.groups[task.group].every;
    return sent_[task.group] + (connected ? std::min<nanoseconds>(every, connected_gap_most) : every);
}
bool Planner::may_send(const Task& task, const Moment& now, bool connected) const {
    return open(plan_.groups[task.group], now.wall) && now.steady >= next_send(task, connected);
}
void Planner::sent(const Task& task, nanoseconds steady) { sent_[task.group] = steady; }
void Planner::put_off(const Task& task, nanoseconds steady) {
    put_off_.insert_or_assign({task.ip, task.query}, steady + failed_for);
}

Memory::Place* Planner::begin(const Task& task, observe::Time now) {
    auto* place = memory_.find(task.ip, *task.query);
    if (!place) return nullptr;
    place->row.begun = now;
    place->row.ended = {};
    place->row.end = End::begun;
    return place;
}

Memory::Place* Planner::end(const Task& task, End end, observe::Time now) {
    auto* place = memory_.find(task.ip, *task.query);
    if (!place) return nullptr;
    auto& row = place->row;
    row.end = end;
    row.ended = now;
    if (end == End::silent)
        row.silences = static_cast<std::uint8_t>(std::min<int>(row.silences + 1, silences_most));
    else
        row.silences = 0;
    return place;
}

Cost cost(const Group& group) noexcept {
    Cost out{.addresses = group.addresses.size()};
    // A credential may be a user of SNMP version 3: its engine is asked first, and may set the clock once.
    constexpr std::size_t discovery = 2;
    for (const auto* query : group.queries) {
        const auto more = !group.credential.empty() && is_snmp(*query) ? discovery : 0;
        out.requests += (query->requests_most + more) * group.addresses.size();
    }
    out.lasts = group.every * out.requests;
    return out;
}

} // namespace yagura::see::ask
