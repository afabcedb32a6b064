// The clocks, and waiting that a signal ends.
#pragma once

#include <chrono>
#include <csignal>

#include "apps/ask/permit.h"
#include "see/ask/planner.h"

namespace yagura::ask {

/// The wall clock: of hours, intervals and what is written down.
observe::Time now();
/// One that nobody sets: of the pace.
std::chrono::nanoseconds steady();
inline see::ask::Moment moment() { return {now(), steady()}; }

/// SIGTERM and SIGINT are blocked and asked for.
class Patience {
public:
    Patience();
    /// True: told to end.
    bool sleep(std::chrono::nanoseconds most);
    bool ended() const noexcept { return ended_; }

    /// From now on what the center allows is asked for, too.
    void obey(Permit& permit) noexcept { permit_ = &permit; }
    /// Told to end, or not allowed any more: nothing may leave.
    bool interrupted();
    /// Somebody who is to be heard at once must not sleep longer than this.
    std::chrono::nanoseconds nap(std::chrono::nanoseconds most) const noexcept;

private:
    Permit* permit_ = nullptr;
    sigset_t signals_;
    bool ended_ = false;
};

} // namespace yagura::ask
