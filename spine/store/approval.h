// Which devices may be on the network, as persons decided it.
#pragma once

#include <cstdint>
#include <string>

#include "spine/model/identity.h"
#include "spine/store/answers.h"

namespace yagura::store {

/// What a person can decide; the numbers stand in the journal.
enum class Approval : std::uint8_t {
    pending = 0, ///< nobody decided, or it was taken back
    approved = 1,
    rejected = 2,
    temporary = 3, ///< until a date: brought-in devices
};

/// A person's decision, as it hangs on one mark of the device.
struct ApprovalRow {
    model::NodeId node{};
    model::DeviceId device{};
    Approval state{};
    Time until{}; ///< of temporary ones, by our clock
    std::string reason{}, identity{};
    Time at{};
    std::string who{};
    bool gone = false;
};

/// What that comes to for a device now. `why`: of one that waits, what about it nobody has decided: "new";
/// "mac": it has another card; "address": its address was another device's; "vendor", "product", "serial": it
/// says something else of itself. `from`, `to`: what was decided on, and what is there now.
struct Standing {
    Approval state{};
    Time until{}, at{};
    std::string who{}, reason{}, why = "new", from{}, to{};
};

} // namespace yagura::store
