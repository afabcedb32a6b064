// The plant's own table: kept as it was brought, and given out again with what is known now.
#pragma once

#include <map>

#include "see/api/ledger_api.h"
#include "see/ledger/columns.h"
#include "see/ledger/merge.h"

namespace yagura::see {

/// Which entry each of the file's is, by its first row. `merged`: what its rows made of the ledger, or would
/// make.
std::map<std::uint32_t, std::uint64_t> entries_of_rows(const std::vector<ledger::Entry>& rows,
                                                       const ledger::Merged& merged,
                                                       std::uint64_t last_entry);

/// On disk, then in the journal. Complaints: what write_whole() and model::Commands say.
Result<observe::Time> keep_layout(const LedgerParts&, const TableFiles::File&, const ledger::Mapping&,
                                  const std::map<std::uint32_t, std::uint64_t>& entries,
                                  std::string_view who);

api::Response put_layout(const api::Request&, const LedgerParts&);
api::Response export_own(const api::Request&, const LedgerParts&);

} // namespace yagura::see
