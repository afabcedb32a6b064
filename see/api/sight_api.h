// What reaches a sensor, network by network (see/api.yaml, tag capture).
#pragma once

#include "see/api/reconciler.h"
#include "spine/api/service.h"
#include "spine/store/sight.h"

namespace yagura::see {

struct SightParts {
    store::SightReader& reader;
    Reconciler& reconciler;
};
void add_sight_handlers(api::Service&, const SightParts&);

} // namespace yagura::see
