// The monthly report as one file that a person opens, prints and sends: HTML without scripts, links and other
// files, charts as inline SVG. What the network says is text in it and nothing else.
#pragma once

#include <string>

#include "see/api/report_facts.h"
#include "see/api/words.h"

namespace yagura::see {

std::string report_page(const ReportFacts&, Language);

} // namespace yagura::see
