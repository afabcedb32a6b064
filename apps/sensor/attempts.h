// `yagura-sensor --self-test`: shows that the sensor cannot send, by trying every way there is.
#pragma once

#include <ostream>
#include <string>
#include <vector>

#include "spine/base/result.h"

namespace yagura::sensor {

/// Opens the interfaces as the sensor does, then tries each way in a process of its own that is confined as
/// the sensor is. Says what became of each. True if none succeeded and the interfaces' counters of sent
/// frames did not move.
Result<bool> self_test(const std::vector<std::string>& interfaces, const std::string& user,
                       std::ostream& out);

} // namespace yagura::sensor
