// Whose turn it is, if anybody's. Reads no clock and opens nothing: a function of the plan, of what is
// remembered and of the time that it is given.
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
};
std::string_view word(Why) noexcept;

struct Task {
    std::size_t group = 0;
    observe::Ip ip{};
    const Query* query = nullptr;
};

class Planner {
public:
    /// Minutes since Monday 00:00 in the plant's time, of a moment.
    using MinuteOfWeek = std::function<std::uint16_t(observe::Time)>;

    Planner(const Plan& plan, Memory& memory, MinuteOfWeek minute);

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
    Next next(observe::Time now) const;
    std::vector<Standing> standings(observe::Time now) const;

    /// Before each request of a dialogue: may it leave now? Also when the window ends meanwhile.
    bool may_send(const Task&, observe::Time now) const;
    bool open(const Group&, observe::Time now) const;
    void sent(const Task&, observe::Time now);
    observe::Time next_send(const Task&) const;

    /// Its row, to be written before the first byte leaves; nothing: do not ask.
    Memory::Place* begin(const Task&, observe::Time now);
    /// Its row, to be written.
    Memory::Place* end(const Task&, End, observe::Time now);

private:
    Standing standing(const Task&, bool fragile, observe::Time now) const;
    bool fragile(const Group&, const observe::Ip&) const;

    const Plan& plan_;
    Memory& memory_;
    MinuteOfWeek minute_;
    std::vector<observe::Time> sent_; ///< the last request, by group
};

/// How long a plan takes: requests at most, and the time of the slowest subnet.
struct Cost {
    std::size_t addresses = 0, requests = 0;
    std::chrono::milliseconds lasts{};
};
Cost cost(const Group&) noexcept;

} // namespace yagura::see::ask
