// What a controller says about itself in its system status lists.
#pragma once

#include "spine/dissect/dissector.h"

namespace yagura::dissect::s7 {

/// `list` begins with the list's identifier. Says identities; nothing of a list that is cut.
void read_szl(const Pdu&, const observe::Part&, Bytes list, Ways&) noexcept;

/// The state that a mode transition leads to, empty where the number has no name.
std::string_view state_of_mode(std::uint8_t mode) noexcept;

} // namespace yagura::dissect::s7
