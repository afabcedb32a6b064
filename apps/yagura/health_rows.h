// --what health: what in this traffic stops lines, one row each.
#pragma once

#include <ostream>

#include "apps/yagura/show.h"
#include "see/health/watch.h"

namespace yagura::run {

void show_health(std::ostream& out, Format format, see::health::Watch& watch);

} // namespace yagura::run
