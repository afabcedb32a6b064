// Active queries: what may be asked of whom, drawn up, looked at beforehand, approved and stopped; and what
// was asked (see/api.yaml, tag asking).
#pragma once

#include "spine/api/service.h"
#include "spine/base/clock.h"
#include "spine/model/commands.h"
#include "spine/store/asking.h"

namespace yagura::see {

struct AskingParts {
    store::AskingReader& reader;
    model::Commands& commands;
    const Clock& clock;
    std::string folder;    ///< of yagura-ask: its memory and its log, which we only read
    std::string from;      ///< where its plan comes from: "off", "file" or "console"
    std::string time_zone; ///< of its hours, and of this process
};
void add_asking_handlers(api::Service&, const AskingParts&);

} // namespace yagura::see
