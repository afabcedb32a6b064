// Makers as SNMP numbers them: RFC 1155 clause 3.1.4 (private enterprises), IANA's list.
#pragma once

#include <cstdint>
#include <string_view>

namespace yagura::wire {

/// Empty where nobody named it.
std::string_view enterprise(std::uint32_t number) noexcept;

} // namespace yagura::wire
