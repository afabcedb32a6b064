// A ledger into its file and its decision, and out again as a table.
#pragma once

#include "see/api/ledger_api.h"
#include "see/ledger/merge.h"

namespace yagura::see {

struct Imported {
    ledger::Merged merged{};
    observe::Time at{};
};
/// What the file's rows make of the ledger, on disk before it is answered. Complaints: store.busy and what
/// model::Commands says.
Result<Imported> import_ledger(const LedgerParts&, std::string_view name,
                               const std::vector<ledger::Entry>& rows, ledger::How how, std::string_view who);

api::Response export_ledger(const api::Request&, const LedgerParts&);

} // namespace yagura::see
