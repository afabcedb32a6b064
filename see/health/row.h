// A finding as JSON, the same for the shell and the tests.
#pragma once

#include "see/health/finding.h"
#include "spine/base/json.h"

namespace yagura::see::health {

std::string_view word(Severity);
std::string_view word(Party::Role);
/// `latest`: of the traffic; who holds beyond it is open.
void write(JsonWriter& json, const Finding& finding, observe::Time latest);
/// "10.2.3.0/24", "10.2.3.50", or nothing.
std::string subject(const Finding& finding);

} // namespace yagura::see::health
