// What a confined program gives up before it looks at the first byte of a stranger, whatever it is for:
// rights, descriptors, words. The system calls that are left are each program's own list.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "spine/base/result.h"

namespace yagura::confined {

/// Whose rights: "sensor" is "the sensor" in complaints, "sensor.…" in codes and "yagura-sensor" by user.
struct Program {
    std::string_view name;
    std::string_view code_confinement, code_user; ///< static: codes never change
};

/// Closes every descriptor but `kept` and the standard ones: what a parent left open is not ours to hold.
void close_all_but(const std::vector<int>& kept);

/// The rights of a process: another user if we are root (`user`, or the program's own, or "nobody"), no
/// groups, no capabilities in any set, no new ones ever, no core dump, no file longer than `file_most`.
/// Capabilities belong to a thread: call it while there is one thread, after sockets and files are open.
Result<void> give_up_rights(const Program&, const std::string& user, unsigned long file_most);

/// Standard input, output and error become an empty file: nothing can be said through them any more.
Result<void> close_standard(const Program&);

std::unexpected<Complaint> cannot(const Program&, std::string_view what, int error);

} // namespace yagura::confined
