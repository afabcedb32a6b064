#include "apps/ask/patience.h"

#include <algorithm>

namespace yagura::ask {

using namespace std::chrono_literals;

observe::Time now() {
    return std::chrono::time_point_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now());
}
std::chrono::nanoseconds steady() { return std::chrono::steady_clock::now().time_since_epoch(); }

Patience::Patience() {
    sigemptyset(&signals_);
    sigaddset(&signals_, SIGTERM);
    sigaddset(&signals_, SIGINT);
    ::pthread_sigmask(SIG_SETMASK, &signals_, nullptr);
}
bool Patience::sleep(std::chrono::nanoseconds most) {
    if (ended_) return true;
    const auto left = std::max(most, 0ns);
    const auto seconds = std::chrono::floor<std::chrono::seconds>(left);
    const timespec time{static_cast<time_t>(seconds.count()), static_cast<long>((left - seconds).count())};
    ended_ = ::sigtimedwait(&signals_, nullptr, &time) > 0;
    return ended_;
}
bool Patience::interrupted() {
    // As soon as they know: a stop is in effect before the next byte.
    return sleep(0ns) || (permit_ && !permit_->allows());
}
std::chrono::nanoseconds Patience::nap(std::chrono::nanoseconds most) const noexcept {
    return permit_ ? std::min<std::chrono::nanoseconds>(most, 200ms) : most;
}

} // namespace yagura::ask
