// In which acts, over time and on what: operations, activity, the objects of a device (see/api.yaml).
#pragma once

#include "spine/api/service.h"
#include "spine/store/devices.h"
#include "spine/store/history.h"

namespace yagura::see {

void add_operation_handlers(api::Service&, store::DeviceReader&, store::History&, const Clock&);

} // namespace yagura::see
