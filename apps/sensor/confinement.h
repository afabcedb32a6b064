// What the sensor gives up before it looks at the first byte of a stranger.
//
// It parses everything that an attacker sends, so assume that it falls: whoever then runs inside it finds no
// capability, no other user's rights, no way to make a descriptor, a process or executable memory, and one
// descriptor that may be written: the pipe. See also packaging/systemd/yagura-sensor.service.
#pragma once

#include <string>
#include <vector>

#include "spine/base/result.h"

namespace yagura::sensor {

/// Closes every descriptor but `kept` and the standard ones: what a parent left open is not ours to hold.
void close_all_but(const std::vector<int>& kept);

/// The rights of a process: another user if we are root (`user`, or "yagura-sensor", or "nobody"), no
/// groups, no capabilities in any set, no new ones ever, no files written, no core dump. Capabilities belong
/// to a thread: call it while there is one thread, after sockets and files are open.
Result<void> give_up_rights(const std::string& user);

/// Standard input, output and error become an empty file: nothing can be said through them any more.
Result<void> close_standard();

/// The seccomp filter, for every thread at once and for ever. An allow-list; `write` only to `records`.
///
/// What is not on the list fails with EPERM, because a C library may always try something new and has a way
/// to go on. What no code of ours ever calls, and whoever broke in would (send, open a socket or a file,
/// start something, make memory executable, look into another process), ends the process: a sensor that is
/// somebody else's is worse than a second of blindness, and the death is seen.
Result<void> lock(int records);

} // namespace yagura::sensor
