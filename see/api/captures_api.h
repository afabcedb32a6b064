// Uploaded captures, sensors and blind spots (see/api.yaml).
#pragma once

#include <string>
#include <vector>

#include "see/api/uploads.h"
#include "spine/api/events.h"
#include "spine/api/service.h"
#include "spine/model/commands.h"
#include "spine/store/captures.h"

namespace yagura::see {

/// Says how far each capture is that is read just now, as events. Any thread.
void tell_reading(store::CaptureReader&, api::EventHub&);

/// `samples`: the shipped captures of the sample plant; may be none.
void add_capture_handlers(api::Service&, store::CaptureReader&, Uploads&, model::Commands&, const Clock&,
                          api::EventHub&, std::vector<std::string> samples);

} // namespace yagura::see
