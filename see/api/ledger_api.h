// The plant's ledger: files that are brought, entries, and how they fit what is seen (see/api.yaml, tag
// ledger).
#pragma once

#include "see/api/reconciler.h"
#include "see/api/table_files.h"
#include "spine/api/service.h"
#include "spine/model/commands.h"
#include "spine/store/devices.h"
#include "spine/store/ledger.h"

namespace yagura::see {

struct LedgerParts {
    store::LedgerReader& reader;
    store::DeviceReader& devices;
    Reconciler& reconciler;
    TableFiles& files;
    model::Commands& commands;
    const Clock& clock;
    std::string folder; ///< of ledgers, in the data folder
};
void add_ledger_handlers(api::Service&, const LedgerParts&);

} // namespace yagura::see
