// The ledger that an import leaves: which of its rows are entries that we have, which are new, which go.
#pragma once

#include <cstdint>
#include <vector>

#include "see/ledger/entry.h"

namespace yagura::see::ledger {

enum class How : std::uint8_t {
    replace, ///< what the file does not have leaves the ledger
    add,     ///< it stays
};

struct Merged {
    std::vector<Entry> entries{}; ///< the whole ledger afterwards; ids of those that it had stay
    std::uint64_t last_entry = 0; ///< the highest id that was given
    std::size_t made = 0, changed = 0;
    std::size_t gone = 0; ///< that only the ledger has: `replace` takes them out, `add` keeps them
};

/// A row is the entry with its number, else its MAC, its IP address, its serial number or its name, where
/// that is one entry's alone. New entries get ids from `last_entry` on.
Merged merged(const std::vector<Entry>& ledger, const std::vector<Entry>& file, How how,
              std::uint64_t last_entry);

} // namespace yagura::see::ledger
