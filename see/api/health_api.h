// Network health: findings, cycles, and the address plan (see/api.yaml, tag health).
#pragma once

#include "see/api/reconciler.h"
#include "spine/api/service.h"
#include "spine/store/health.h"

namespace yagura::see {

/// Ports of one switch.
api::Response device_ports(const api::Request&, store::HealthReader&);
void add_health_handlers(api::Service&, store::HealthReader&, Reconciler&);

} // namespace yagura::see
