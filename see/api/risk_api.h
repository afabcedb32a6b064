// How big a risk each device is, why, and what lowers it most (see/api.yaml, tag risk).
#pragma once

#include "see/api/risks.h"
#include "spine/api/service.h"
#include "spine/store/devices.h"

namespace yagura::see {

struct RiskParts {
    Risks& risks;
    store::DeviceReader& devices;
};
void add_risk_handlers(api::Service&, const RiskParts&);

} // namespace yagura::see
