// The clocks, and waiting that a signal ends.
#pragma once

#include <chrono>
#include <csignal>

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

private:
    sigset_t signals_;
    bool ended_ = false;
};

} // namespace yagura::ask
