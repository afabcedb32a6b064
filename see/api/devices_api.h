// Devices: lists, facets, one device, its evidence, peers and history, corrections, search (see/api.yaml).
#pragma once

#include "see/api/reconciler.h"
#include "spine/api/service.h"
#include "spine/model/commands.h"
#include "spine/store/devices.h"

namespace yagura::see {

void add_device_handlers(api::Service&, store::DeviceReader&, model::Commands&, Reconciler&);

} // namespace yagura::see
