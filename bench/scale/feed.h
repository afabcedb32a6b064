// Tells the plant's records through a pipe, as a sensor does: so many a second, from now on.
#pragma once

#include "bench/scale/fill.h"

namespace yagura::bench {

/// Until the reader is gone or the time is over. Gives how many records were told (context not counted).
std::uint64_t feed(const Wanted& wanted, int pipe, std::uint64_t a_second, std::int64_t seconds);

} // namespace yagura::bench
