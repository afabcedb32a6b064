// `yagura run`: starts the programs of one box, restarts what falls, ends them in order.
//
// It starts the same programs that systemd would, with the same arguments: nothing runs as a thread here
// that is a process there. Both ends of each pipe stay open in here, so that either program may fall and
// come back without what is in the pipe being lost.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "spine/base/result.h"

namespace yagura::run {

/// One program to keep running. `keep` are the descriptors that it gets, under the same numbers.
struct Program {
    std::string name; ///< as people read it: "center", "sensor"
    std::string path;
    std::vector<std::string> arguments{};
    std::vector<int> keep{};
    std::string user{};                      ///< empty: as whoever started us
    std::chrono::milliseconds grace{10'000}; ///< between SIGTERM and SIGKILL
    /// Ended with this code it stays ended (as RestartPreventExitStatus= of its unit): again would be worse.
    int stays_ended = -1;
    std::string stays_ended_why{};
};

/// How long to wait before a program that fell is started again: twice as long each time, and from the
/// beginning after it ran well for a while. Short: whoever can make a sensor fall now and then must not make
/// it blind for longer and longer.
class Backoff {
public:
    static constexpr std::chrono::milliseconds least{100}, most{5'000}, well{3'000};
    std::chrono::milliseconds fell(std::chrono::milliseconds after_running);

private:
    std::chrono::milliseconds next_ = least;
};

enum class State : unsigned char { starting, running, waiting, ended };

struct Told {
    const Program& program;
    State state;
    int pid;            ///< of the one that runs, or ran
    std::string detail; ///< "ended by signal 9; starting again in 200 ms"
};

/// Keeps them running until SIGTERM or SIGINT, then ends them: the last one first. `tick` is called about
/// ten times a second. Signals have to be blocked by the caller before it makes threads; there are none.
Result<void> supervise(const std::vector<Program>& programs, const std::function<void(const Told&)>& tell,
                       const std::function<void()>& tick);

/// A program of ours: beside the one that runs, or nothing.
Result<std::string> beside(std::string_view name);

} // namespace yagura::run
