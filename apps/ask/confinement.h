// What is left to yagura-ask: sockets of TCP and UDP towards somebody, its pipe, its log, its
// memory, and what is approved.
//
// Whoever sends an answer that breaks a reader finds: no right, no file but those, no way to listen, to
// send without a connected socket, to make a raw one or to start anything.
#pragma once

#include "apps/confined/rights.h"

namespace yagura::ask {

inline constexpr confined::Program ourselves{"ask", "ask.confinement", "ask.user"};

struct Kept {
    int records, memory, logs[2];
    int permit = -1; ///< read at any place
};
/// The seccomp filter, for ever.
Result<void> lock(const Kept&);

} // namespace yagura::ask
