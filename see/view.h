// Gathering what one device is known by.
#pragma once

#include "see/identifier.h"
#include "see/makers.h"

namespace yagura::see {

/// The plant has to be settled; the view ends with its next observation.
View look_at(const model::Plant&, model::DeviceId, const Makers&);

/// Of two values of one attribute, is `a` the one to show? Surer, then nearer to the thing, then newer.
bool better(const model::FactRow& a, const model::FactRow& b);

} // namespace yagura::see
