// Feeds and decisions about weaknesses, into their tables. For this folder.
#pragma once

#include <string>

#include "spine/store/database.h"
#include "spine/store/writer.h"

namespace yagura::store {

/// `folder`: the data folder. False: a feed whose file is gone or damaged, which changes nothing.
Result<bool> write_weakness(Database& state, const std::string& folder, const WeaknessChange& change);

} // namespace yagura::store
