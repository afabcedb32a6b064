// Network health into its tables and, at start, out of them. For this folder.
#pragma once

#include "spine/store/database.h"
#include "spine/store/health.h"

namespace yagura::store {

Result<void> write_health(Database& state, const HealthChanges& changes);
/// What of it does not fit: those that ended longest ago go first.
Result<void> tidy_health(Database& state, std::size_t findings, std::size_t cycles, std::size_t ports);
/// Everything: it is made again from the journal.
Result<void> forget_health(Database& state);
Result<HealthStored> stored_health(Database& state);

} // namespace yagura::store
