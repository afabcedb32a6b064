// Names of what CIP numbers: profiles of devices, services, general status. CIP Networks Library
// volume 1, chapters 5 and 6, appendices A and B.
#pragma once

#include "spine/observe/observation.h"

namespace yagura::dissect::cip {

/// Empty where nobody named it. Vendors: spine/wire/cip_vendors.h.
std::string_view profile_name(std::uint16_t number) noexcept;
std::string_view status_name(std::uint32_t status) noexcept;

struct Service {
    std::string_view name;
    observe::Act act;
};
/// What a service is to the object it is sent to; `tag` where the path is a name. Never nothing.
Service find_service(std::uint8_t service, std::uint32_t object_class, bool tag) noexcept;

} // namespace yagura::dissect::cip
