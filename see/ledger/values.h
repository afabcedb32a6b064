// What a cell says about one field.
#pragma once

#include <string>
#include <string_view>

#include "see/ledger/entry.h"

namespace yagura::see::ledger {

struct Value {
    std::string text{}; ///< in the form that Entry has; empty: the ledger does not say
    std::string_view
        code{}; ///< of a problem: ledger.not-an-ip, .not-a-mac, .unknown-criticality, .too-long; empty: none
};

/// "-", "なし", "不明", "N/A" and the like say nothing; for an address "DHCP" says nothing, too.
Value value_of(Field field, std::string_view cell);

/// "〃" and "同上": what stands above in this column.
bool is_ditto(std::string_view cell);

/// `more` behind `text`, one space between; each address once, and nothing twice.
void join(std::string& text, std::string_view more);

} // namespace yagura::see::ledger
