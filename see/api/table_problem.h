// A problem of a table's cell, as the API says it.
#pragma once

#include <nlohmann/json.hpp>

#include "see/tables/problem.h"

namespace yagura::see {

/// As the contract's LedgerProblem and CommentProblem have it.
nlohmann::json json_of(const tables::Problem&);

} // namespace yagura::see
