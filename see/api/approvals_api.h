// Which devices may be on the network: decisions, and the list for access control (see/api.yaml, tag
// approvals).
#pragma once

#include "see/api/reconciler.h"
#include "spine/api/service.h"
#include "spine/base/clock.h"
#include "spine/model/commands.h"
#include "spine/store/allowed.h"

namespace yagura::see {

void add_approval_handlers(api::Service&, store::ApprovalReader&, Reconciler&, model::Commands&,
                           const Clock&);

} // namespace yagura::see
