// Whose turn it is, if anybody's. Reads no clock and opens nothing: a function of the plan, of what is
// remembered and of the time that it is given. Hours and intervals are of the wall clock, because people and
// restarts have no other; the pace is of one that nobody sets.
#pragma once

#include <functional>

#include "see/ask/memory.h"

namespace yagura::see::ask {

/// Why a question is not asked now, or that it is.
enum class Why : std::uint8_t {
    due,
    outside,   ///< not in the hours of this subnet
    pace,      ///< the subnet had a request a moment ago
    recently,  ///< it was asked within the interval
    waits,     ///< it was silent, so the interval grew
    fragile,   ///< it looked overtaxed: nothing is asked of it until somebody approves again
    declined,  ///< it refused this one: not asked again until somebody approves again
    forgetful, ///< the memory is full: who cannot remember does not ask
    early,     ///< its approval is of a time that has not come, or the clock is behind
    failed,    ///< it could not be sent from here a moment ago
};
std::string_view word(Why) noexcept;

/// What two clocks show.
struct Moment {
    observe::Time wall{};
    std::chrono::nanoseconds steady{}; ///< since whenever: only ever compared
};

struct Task {
    std::size_t group = 0;
    observe::Ip ip{};
    const Query* query = nullptr;
};

class Planner {
public:
    /// Minutes since Monday 00:00 in the plant's time, of a moment.
    using MinuteOfWeek = std::function<std::uint16_t(observe::Time)>;

    /// `began`, of the steady clock: whoever starts it over and over makes nobody be asked any faster.
    Planner(const Plan& plan, Memory& memory, MinuteOfWeek minute, std::chrono::nanoseconds began);

    struct Standing {
        Task task;
        Why why{};
        observe::Time not_before{}; ///< where a time is known
        const Row* row = nullptr;   ///< what is remembered
    };
    struct Next {
        std::optional<Task> task;
        observe::Time look_again{};
        bool pacing = false; ///< somebody is due but for the pace of its subnet
    };
    /// The one that waits longest; where there is none, when it may be worth asking again.
    Next next(const Moment& now) const;
    std::vector<Standing> standings(const Moment& now) const;

    /// Before each request of a dialogue: may it leave now? Also when the window ends meanwhile.
    /// `connected`: a connection to it stands, and a device that has few of them waits for ours to end.
    bool may_send(const Task&, const Moment& now, bool connected) const;
    bool open(const Group&, observe::Time now) const;
    void sent(const Task&, std::chrono::nanoseconds steady);
    std::chrono::nanoseconds next_send(const Task&, bool connected) const;
    /// Nothing of it left, because of this box: not at once again.
    void put_off(const Task&, std::chrono::nanoseconds steady);

    /// Its row, to be written before the first byte leaves; nothing: do not ask.
    Memory::Place* begin(const Task&, observe::Time now);
    /// Its row, to be written.
    Memory::Place* end(const Task&, End, observe::Time now);

private:
    Standing standing(const Task&, bool fragile, const Moment& now) const;
    bool fragile(const Group&, const observe::Ip&) const;

    const Plan& plan_;
    Memory& memory_;
    MinuteOfWeek minute_;
    std::vector<std::chrono::nanoseconds> sent_; ///< the last request, by group
    /// Until when; at most one for each question of the plan.
    std::map<std::pair<observe::Ip, const Query*>, std::chrono::nanoseconds> put_off_;
};

/// The longest time between two requests of one TCP dialogue, whatever `every` says.
inline constexpr std::chrono::seconds connected_gap_most{10};

/// How long a plan takes: requests at most, and the time of the slowest subnet.
struct Cost {
    std::size_t addresses = 0, requests = 0;
    std::chrono::milliseconds lasts{};
};
Cost cost(const Group&) noexcept;

} // namespace yagura::see::ask
