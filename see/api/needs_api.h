// Who needs whom, as a document for the network's department, and what stops if (see/api.yaml, tag needs).
#pragma once

#include "see/api/reconciler.h"
#include "spine/api/service.h"
#include "spine/store/devices.h"
#include "spine/store/history.h"
#include "spine/store/needs.h"

namespace yagura::see {

struct NeedParts {
    store::NeedReader& reader;
    store::DeviceReader& devices;
    store::History& history;
    Reconciler& reconciler;
};
void add_need_handlers(api::Service&, const NeedParts&);

} // namespace yagura::see
