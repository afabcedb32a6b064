// What stands about every device at once, for whoever looks at all of them together.
#pragma once

#include <string>
#include <vector>

#include "spine/base/clock.h"
#include "spine/store/answers.h"
#include "spine/store/database.h"

namespace yagura::store {

struct DeviceStanding {
    std::string device{}, level{};
    std::string approval{}; ///< pending, approved, rejected, temporary, expired
};

class StandingReader {
public:
    StandingReader(Readers& state, const Clock& clock) : state_{state}, clock_{clock} {}
    Result<std::vector<DeviceStanding>> all();

private:
    Readers& state_;
    const Clock& clock_;
};

} // namespace yagura::store
