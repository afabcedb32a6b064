// The monthly report, for whoever may look (see/api.yaml, tag report).
#pragma once

#include "see/api/report_facts.h"
#include "spine/api/service.h"

namespace yagura::see {

void add_report_handlers(api::Service&, const ReportParts&);

} // namespace yagura::see
