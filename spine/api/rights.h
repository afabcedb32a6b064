// Which role may do what. Rights are verbs, roles are data: a new right is a word in api.yaml and in this
// table.
#pragma once

#include <array>
#include <string_view>

#include "spine/api/http.h"

namespace yagura::api {

struct RoleRow {
    std::string_view role;
    std::array<std::string_view, 16> rights;
};

inline constexpr std::array roles{
    RoleRow{"viewer", {"device.look", "sensor.look"}},
    RoleRow{"operator", {"device.look", "sensor.look", "device.edit", "line.edit", "asking.stop"}},
    RoleRow{"analyst",
            {"device.look", "sensor.look", "device.edit", "device.approve", "line.edit", "capture.upload",
             "capture.delete", "asking.edit", "asking.stop"}},
    RoleRow{"admin",
            {"device.look", "sensor.look", "device.edit", "device.approve", "line.edit", "capture.upload",
             "capture.delete", "setting.edit", "account.look", "account.edit", "audit.look", "asking.edit",
             "asking.approve", "asking.stop"}},
    // Sees everything, changes nothing: neither the plant's picture nor who may see it.
    RoleRow{"auditor", {"device.look", "sensor.look", "account.look", "audit.look"}},
};

/// Empty for a role that is none.
inline Rights rights_of(std::string_view role) {
    Rights rights;
    for (const auto& row : roles)
        if (row.role == role)
            for (const auto right : row.rights)
                if (!right.empty()) rights.emplace(right);
    return rights;
}

} // namespace yagura::api
