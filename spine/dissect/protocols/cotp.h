// What the protocols on COTP may know of it: nothing but these keys.
#pragma once

#include <cstdint>

namespace yagura::dissect::protocols {

/// Gathering: one channel a side.
inline constexpr std::uint64_t cotp_channel = 0x434f5450'00000000;
/// Ways::remember: rack and slot of the processor that the connection was made to, as bytes 1 and 2 where
/// byte 0 is 1.
inline constexpr std::uint64_t cotp_part = 0x434f5450'00000001;

} // namespace yagura::dissect::protocols
