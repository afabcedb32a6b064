// One message of a service, whole and readable: what is said of it.
#pragma once

#include "spine/dissect/protocols/opcua/session.h"

namespace yagura::dissect::opcua {

struct Message {
    const Pdu& pdu;
    State& state;
    Ways& ways;
    std::uint32_t request = 0; ///< id in its channel
    std::uint32_t code = 0;    ///< type of the body
    std::string_view policy{}; ///< of the messages that open a channel
    std::optional<Malformed> trouble{};

    void complain(Malformed detail) noexcept {
        if (!trouble) trouble = detail;
    }
};

/// The code is a known service's. `body` stands behind the type; `base` is where it begins, for complaints.
void tell(Message&, Bytes body, std::uint32_t base) noexcept;

} // namespace yagura::dissect::opcua
