// A rule of whose devices are, as it is kept. What it says: see/ledger/rules.h.
#pragma once

#include <cstdint>
#include <string>

#include "spine/observe/endpoint.h"

namespace yagura::store {

struct LedgerRuleRow {
    std::uint64_t id = 0;
    std::string text{};
    observe::Time at{};
    std::string who{};
};

} // namespace yagura::store
