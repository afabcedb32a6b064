// The plant now, what changed, and its lines (see/api.yaml).
#pragma once

#include "spine/api/service.h"
#include "spine/model/commands.h"
#include "spine/store/captures.h"
#include "spine/store/overview.h"

namespace yagura::see {

void add_overview_handlers(api::Service&, store::OverviewReader&, store::CaptureReader&, model::Commands&,
                           const Clock&);

} // namespace yagura::see
