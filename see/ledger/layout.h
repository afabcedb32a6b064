// The plant's own table with what we know now in it: its head, its order, its other columns, its way of
// writing.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "see/ledger/columns.h"

namespace yagura::see::ledger {

struct Written {
    Sheet sheet{};
    std::size_t kept = 0, changed = 0, added = 0, gone = 0; ///< entries; changed ones are among the kept
};

/// `ids`: which entry each of the table's is, by its first row (from 1); one that is not there is not ours
/// and stays. `now`: the entries as they are. Those whose rows are there stand where they stood, and only
/// cells whose meaning has changed are written; those that are no more lose their rows; the others come
/// behind the last. A cell that is merged over several entries, or that says "〃", is taken apart where one
/// of them changes.
Written written(const Sheet& sheet, const Mapping& mapping, const std::map<std::uint32_t, std::uint64_t>& ids,
                const std::vector<Entry>& now);

} // namespace yagura::see::ledger
