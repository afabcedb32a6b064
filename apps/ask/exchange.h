// One dialogue with one device: connect, ask, wait, close. The only place that sends.
#pragma once

#include "apps/ask/log.h"
#include "apps/ask/patience.h"
#include "apps/ask/voice.h"
#include "see/ask/planner.h"
#include "see/ask/usm.h"

namespace yagura::ask {

class Exchange {
public:
    Exchange(const see::ask::Plan& plan, see::ask::Planner& planner, Log& log, Voice& voice,
             Patience& patience, see::ask::Crypto& crypto, std::chrono::milliseconds answer_within)
        : plan_{plan},
          planner_{planner},
          log_{log},
          voice_{voice},
          patience_{patience},
          crypto_{crypto},
          answer_within_{answer_within} {}

    /// How it ended; never: nothing left, because its hours or the program ended before, or because of this
    /// box, which is no device's fault.
    see::ask::End with(const see::ask::Task& task);
    /// Something could not be written down: nothing may be sent any more.
    bool mute() const noexcept { return mute_; }
    std::uint64_t refused() const noexcept { return refused_; } ///< values and rows beyond what is kept

private:
    struct Dialogue;
    bool note(const Dialogue&, std::string_view what);
    bool wait_for_turn(const see::ask::Task&, bool connected);
    see::ask::End failed(Dialogue&, int error, see::ask::End theirs);
    Bytes shown(const Dialogue&, Bytes message);
    see::ask::End talk(Dialogue&);
    see::ask::End connect(Dialogue&);
    see::ask::End send(Dialogue&, Bytes request, std::string_view name, std::uint32_t function);
    see::ask::End hear(Dialogue&, std::string_view name, std::uint32_t function);
    /// A datagram: opened where it is sealed, and then taken.
    std::optional<see::ask::End> receive(Dialogue&, Bytes wire, std::string_view name,
                                         std::uint32_t function);
    std::optional<see::ask::End> take(Dialogue&, Bytes message, std::string_view name,
                                      std::uint32_t function);
    see::ask::End discover(Dialogue&);
    bool write_down(const Dialogue&, Log::Way, std::string_view what, Bytes message);

    const see::ask::Plan& plan_;
    see::ask::Planner& planner_;
    Log& log_;
    Voice& voice_;
    Patience& patience_;
    see::ask::Crypto& crypto_; ///< of SNMP version 3
    std::chrono::milliseconds answer_within_;
    std::uint64_t dialogues_ = 0, messages_ = 0, refused_ = 0;
    std::vector<std::byte> shown_; ///< of the message that is told
    bool mute_ = false;
};

} // namespace yagura::ask
