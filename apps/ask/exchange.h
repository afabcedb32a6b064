// One dialogue with one device: connect, ask, wait, close. The only place that sends.
#pragma once

#include <csignal>

#include "apps/ask/log.h"
#include "apps/ask/voice.h"
#include "see/ask/planner.h"

namespace yagura::ask {

/// The wall clock.
observe::Time now();

/// Waiting that a signal ends: SIGTERM and SIGINT are blocked and asked for.
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

class Exchange {
public:
    Exchange(const see::ask::Plan& plan, see::ask::Planner& planner, Log& log, Voice& voice,
             Patience& patience, std::chrono::milliseconds answer_within)
        : plan_{plan},
          planner_{planner},
          log_{log},
          voice_{voice},
          patience_{patience},
          answer_within_{answer_within} {}

    /// How it ended; never: nothing left, because its hours or the program ended before.
    see::ask::End with(const see::ask::Task& task);
    /// Something could not be written down: nothing may be sent any more.
    bool mute() const noexcept { return mute_; }

private:
    struct Dialogue;
    bool wait_for_turn(const see::ask::Task&);
    see::ask::End connect(Dialogue&);
    bool send(Dialogue&, Bytes request, std::string_view name, std::uint32_t function);
    see::ask::End hear(Dialogue&, std::string_view name, std::uint32_t function);
    std::optional<see::ask::End> take(Dialogue&, Bytes message, std::string_view name,
                                      std::uint32_t function);

    const see::ask::Plan& plan_;
    see::ask::Planner& planner_;
    Log& log_;
    Voice& voice_;
    Patience& patience_;
    std::chrono::milliseconds answer_within_;
    std::uint64_t dialogues_ = 0, messages_ = 0;
    bool mute_ = false;
};

} // namespace yagura::ask
