// Who talks to whom: conversations and the map (see/api.yaml).
#pragma once

#include "spine/api/service.h"
#include "spine/store/map.h"

namespace yagura::see {

void add_traffic_handlers(api::Service&, store::TrafficReader&);

} // namespace yagura::see
