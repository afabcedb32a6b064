// --what unknown: what nobody claims, put together by what it looks like.
#pragma once

#include <ostream>
#include <vector>

#include "apps/yagura/show.h"
#include "spine/worker/unknown.h"

namespace yagura::run {

/// `draft`: descriptions to begin with (TOML) in place of rows.
void show_unknown(std::ostream& out, Format format, const std::vector<worker::UnknownProtocol>&, bool draft);

} // namespace yagura::run
