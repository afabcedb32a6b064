// What the sensor gives up before it looks at the first byte of a stranger.
//
// It parses everything that an attacker sends, so assume that it falls: whoever then runs inside it finds no
// capability, no other user's rights, no way to make a descriptor, a process or executable memory, and one
// descriptor that may be written: the pipe. See also packaging/systemd/yagura-sensor.service.
#pragma once

#include "apps/confined/rights.h"

namespace yagura::sensor {

/// No file may be written, of whatever length.
inline constexpr confined::Program ourselves{"sensor", "sensor.confinement", "sensor.user"};

/// The seccomp filter, for every thread at once and for ever. An allow-list; `write` only to `records`.
///
/// What is not on the list fails with EPERM, because a C library may always try something new and has a way
/// to go on. What no code of ours ever calls, and whoever broke in would (send, open a socket or a file,
/// start something, make memory executable, look into another process), ends the process: a sensor that is
/// somebody else's is worse than a second of blindness, and the death is seen.
Result<void> lock(int records);

} // namespace yagura::sensor
