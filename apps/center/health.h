// Between the detectors of network health and the store: rows either way.
#pragma once

#include "see/health/watch.h"
#include "spine/model/plant.h"
#include "spine/store/health.h"

namespace yagura::center {

/// What changed since it was asked last, behind what is there; who the parties are, the plant says.
void add_health(store::HealthChanges& into, see::health::Watch& watch, const model::Plant& plant);
void load_health(see::health::Watch& watch, const store::HealthStored& stored);

} // namespace yagura::center
