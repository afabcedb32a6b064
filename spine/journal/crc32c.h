// CRC-32C (Castagnoli; RFC 3720, section 12.1): the checksum in front of every record.
#pragma once

#include <cstdint>

#include "spine/base/bytes.h"

namespace yagura::journal {

/// With the processor's own instruction where it has one, else by table; chosen once, at the first call.
std::uint32_t crc32c(Bytes bytes) noexcept;

/// The table's way, for the test that both say the same.
std::uint32_t crc32c_by_table(Bytes bytes) noexcept;

} // namespace yagura::journal
