// Rules of whose devices are: looked at beforehand, kept, put in order, taken out (see/api.yaml, tag ledger).
#pragma once

#include "see/api/ledger_api.h"

namespace yagura::see {

void add_ledger_rule_handlers(api::Service&, const LedgerParts&);

} // namespace yagura::see
