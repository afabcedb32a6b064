// What persons did to the ledger, into its tables. For this folder.
#pragma once

#include <string>

#include "spine/store/database.h"
#include "spine/store/writer.h"

namespace yagura::store {

/// `folder`: the data folder. False: a whole ledger whose file is gone or damaged, which changes nothing.
Result<bool> write_ledger(Database& state, const std::string& folder, const LedgerChange& change);

} // namespace yagura::store
