// Weaknesses of devices with their proof, feeds of advisories, and what persons decide (see/api.yaml, tag
// weaknesses).
#pragma once

#include "see/api/weaknesses.h"
#include "spine/api/service.h"
#include "spine/model/commands.h"
#include "spine/store/devices.h"
#include "spine/store/weaknesses.h"

namespace yagura::see {

struct WeaknessParts {
    store::WeaknessReader& reader;
    store::DeviceReader& devices;
    Weaknesses& weaknesses;
    model::Commands& commands;
    const Clock& clock;
    std::string folder; ///< of feeds, in the data folder
};
void add_weakness_handlers(api::Service&, const WeaknessParts&);

} // namespace yagura::see
