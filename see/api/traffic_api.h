// Who talks to whom, in which acts: conversations, operations, activity, map (see/api.yaml).
#pragma once

#include "spine/api/service.h"
#include "spine/store/history.h"
#include "spine/store/map.h"

namespace yagura::see {

void add_traffic_handlers(api::Service&, store::TrafficReader&, store::History&, const Clock&);

} // namespace yagura::see
