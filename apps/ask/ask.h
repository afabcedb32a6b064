// The order of things: what is opened, what is given up, and then one question after the other.
#pragma once

#include <iosfwd>

#include "apps/ask/options.h"
#include "spine/base/result.h"

namespace yagura::ask {

/// What the parent hears. 2 is usage.
enum class Exit : int { done = 0, complaint = 1, no_reader = 4, cannot_remember = 6 };

Result<Exit> run(const Options& options);
/// Who would be asked what, when, and how long it takes. Sends nothing.
Result<Exit> preview(const Options& options, std::ostream& out);

} // namespace yagura::ask
