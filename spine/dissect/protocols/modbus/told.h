// One message of Modbus, whatever frames it: told, paired with its request, and what a device says about
// itself in it.
#pragma once

#include <array>
#include <optional>

#include "spine/dissect/dissector.h"
#include "spine/dissect/protocols/modbus/touch.h"

namespace yagura::dissect::modbus {

constexpr std::uint8_t plain(std::uint8_t function) noexcept {
    return static_cast<std::uint8_t>(function & ~refusal);
}

/// What stands before the bytes of a function. Zero is every message's transaction where the framing has
/// none.
struct Head {
    std::uint16_t transaction;
    std::uint8_t unit;
    std::uint8_t function;
};

/// What one conversation has asked.
struct Asking {
    /// Requests that wait for an answer, each kind of them (transaction, unit, function) once. Clients
    /// that use one transaction number for everything are common, so a number alone says nothing.
    /// Where two different requests could be meant, the answer is told without an address: less than
    /// we might have known, but nothing false.
    struct Asked {
        std::uint16_t transaction, pair;
        Touch touch;
        std::uint8_t second; ///< of the last such request, modulo 256
        std::uint8_t unit, function;
        std::uint8_t waiting : 7;  ///< how many such requests have no answer yet
        std::uint8_t doubtful : 1; ///< they do not all touch the same
    };
    /// The implementation guide calls 1 to 16 at once usual; past 15 the oldest is forgotten.
    std::array<Asked, 15> asked;
    std::uint32_t loaded; ///< bytes of a program that is on its way to the controller
    std::uint16_t pairs;
    std::uint8_t next;
    std::optional<observe::Speaker> asker; ///< which side asks, once the bytes have told
};

/// `in` stands behind the function code and ends where the message's bytes do. `whole`: its length is the one
/// that its framing promises. `trouble`: what its framing has to say already.
void tell_message(const Pdu&, const Head&, Reader in, bool whole, const std::optional<Malformed>& trouble,
                  Asking&, Ways&) noexcept;

} // namespace yagura::dissect::modbus
