// In which state a device said that it was, over time: run, stop, fault, and its key switch (see/api.yaml).
#pragma once

#include "spine/api/service.h"
#include "spine/store/devices.h"
#include "spine/store/history.h"

namespace yagura::see {

void add_state_handlers(api::Service&, store::DeviceReader&, store::History&);

} // namespace yagura::see
