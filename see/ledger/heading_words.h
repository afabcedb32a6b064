// What the headings of a ledger's columns mean, in Japanese and English.
#pragma once

#include <optional>
#include <string_view>

#include "see/ledger/entry.h"

namespace yagura::see::ledger {

struct Meaning {
    std::optional<Field> field{}; ///< none: a column that is known and none of a ledger's (a netmask, a date)
    int rank = 0;                 ///< 3: just this; 2: usual; 1: could be something else, as "名称" or "No."
    bool operator==(const Meaning&) const = default;
};

/// By the heading as headings() gives it, "ネットワーク / IPアドレス". In this order: all of it, its last
/// part, what that ends with, what its remark in brackets says, its first part. Nothing: it says nothing that
/// is known.
std::optional<Meaning> meaning(std::string_view heading);

} // namespace yagura::see::ledger
