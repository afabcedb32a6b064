#include "apps/ask/round.h"

#include <unistd.h>

#include <utility>

#include "apps/ask/sockets.h"
#include "spine/base/week.h"

namespace yagura::ask {

using namespace std::chrono_literals;
namespace asking = see::ask;

Round::Round(const Parts& parts, const asking::Plan& plan)
    : in_{parts},
      planner_{plan, parts.memory, [](observe::Time at) { return minute_of_week(at); }, steady()},
      exchange_{plan,
                planner_,
                parts.log,
                parts.voice,
                parts.patience,
                parts.crypto,
                std::chrono::milliseconds{parts.options.patience_ms}} {}

Exit Round::all() {
    while (!in_.patience.interrupted()) {
        // Who asked while nobody takes the answers would have to hold them, or to let a device wait.
        const auto pipe = in_.voice.pipe();
        if (pipe == Voice::Pipe::gone) return Exit::no_reader;
        if (pipe == Voice::Pipe::full) {
            (void)in_.patience.sleep(1s);
            continue;
        }
        const auto next = planner_.next(moment());
        if (!next.task) {
            if (!next.pacing && !sum_up()) return Exit::cannot_remember;
            if (in_.options.once && !next.pacing) return Exit::done;
            const auto wait = std::min<std::chrono::nanoseconds>(next.look_again - now(), 60s);
            (void)in_.patience.sleep(in_.patience.nap(wait));
            continue;
        }
        if (const auto exit = one(*next.task)) return *exit;
    }
    return Exit::done;
}

bool Round::keep(const asking::Memory::Place* place) const {
    if (!place) return false;
    const auto row = asking::encode(place->row);
    return ::pwrite(in_.memory_file, row.data(), row.size(), static_cast<off_t>(place->at)) ==
               static_cast<ssize_t>(row.size()) &&
           ::fdatasync(in_.memory_file) == 0;
}

std::optional<Exit> Round::one(const asking::Task& task) {
    // Its row is on the disk before anything leaves: a fall in between asks nobody twice.
    auto* place = in_.memory.find(task.ip, *task.query);
    if (!place) return Exit::cannot_remember;
    const auto earlier = place->row;
    if (!keep(planner_.begin(task, now()))) return Exit::cannot_remember;
    auto end = exchange_.with(task);
    // The connection is closed. What was learnt goes out before the memory says that it is known.
    const auto told = in_.voice.flush(in_.patience);
    if (told != Voice::Pipe::open && end == asking::End::answered) end = asking::End::stopped;
    if (end == asking::End::never)
        place->row = earlier; // It was not even begun: its hours had just ended, or somebody said stop.
    else
        place = planner_.end(task, end, now());
    if (end != asking::End::never) ++asked_;
    if (!keep(place)) return Exit::cannot_remember;
    if (exchange_.mute()) return Exit::cannot_remember;
    if (told == Voice::Pipe::gone) return Exit::no_reader;
    return std::nullopt;
}

/// At the end of its hours a line says what a person has to know, and nobody else can tell: after the
/// lock-down there is only the log.
bool Round::sum_up() {
    if (asked_ == 0) return true;
    const auto text = cat(
        "asked ", std::exchange(asked_, 0), "; values and rows beyond what is kept: ", exchange_.refused(),
        "; records that nobody took: ", in_.voice.dropped(), "; memory: ", in_.memory.size(), " rows of ",
        asking::rows_most, ", ", in_.memory.forgotten(),
        " of them anew; bytes of emptied logs: ", in_.log.forgotten());
    return in_.log.add(Log::Way::note, now(), 0, "", 0, "", text, {});
}

Exit as_permitted(const Round::Parts& in, Permit& permit) {
    const auto note = [&](std::string_view what) {
        return in.log.add(Log::Way::note, now(), 0, "", 0, "", what, {});
    };
    std::string refused; ///< a plan that cannot be asked is told of once
    while (!in.patience.ended()) {
        const auto text = permit.take();
        if (!text || *text == refused) {
            if (in.voice.pipe() == Voice::Pipe::gone) return Exit::no_reader;
            (void)in.patience.sleep(in.patience.nap(1s));
            continue;
        }
        auto plan = asking::parse_plan(*text, "approved", asking::PlanOf::approved);
        if (plan)
            if (auto done = asking::lend(*plan, in.credentials, "approved"); !done)
                plan = std::unexpected{std::move(done).error()};
        if (plan)
            if (auto done = refuse_ourselves(*plan, "approved"); !done)
                plan = std::unexpected{std::move(done).error()};
        if (!plan) {
            refused = *text;
            if (!note(cat("the approved plan is not asked: ", plan.error().what)))
                return Exit::cannot_remember;
            continue;
        }
        if (!note(cat("asks the approved plan: ", plan->groups.size(), " subnets")))
            return Exit::cannot_remember;
        if (const auto exit = Round{in, *plan}.all(); exit != Exit::done) return exit;
        if (in.options.once && permit.allows()) return Exit::done;
        if (!in.patience.ended() && !note("stopped: not allowed any more")) return Exit::cannot_remember;
    }
    return Exit::done;
}

} // namespace yagura::ask
