// What a person did to the lists of device comments, written into the state. For this folder.
#pragma once

#include <string>

#include "spine/store/database.h"
#include "spine/store/writer.h"

namespace yagura::store {

/// False: a list's file is gone or damaged, and what there was before stays.
Result<bool> write_comments(Database& state, const std::string& folder, const CommentChange& change);

} // namespace yagura::store
