// What the state holds, as the model is made from at a start.
#pragma once

#include "spine/store/database.h"
#include "spine/store/writer.h"

namespace yagura::store {

Result<Stored> stored(Database& state);

} // namespace yagura::store
