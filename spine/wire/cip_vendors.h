// Vendors as CIP numbers them: CIP Networks Library volume 1, clause 5A-2.2, and the ODVA's list.
#pragma once

#include <cstdint>
#include <string_view>

namespace yagura::wire {

/// Empty where nobody named it.
std::string_view cip_vendor(std::uint16_t number) noexcept;

} // namespace yagura::wire
