// The Internet checksum: RFC 1071. Sums are taken in the machine's own byte order, which the
// ones' complement allows.
#pragma once

#include <cstdint>
#include <cstring>

#include "spine/base/bytes.h"

namespace yagura::decode {

/// A sum of 32-bit words that may be added to others and folded later.
inline std::uint64_t ones_sum_wide(Bytes bytes) noexcept {
    std::uint64_t even = 0, odd = 0;
    const auto* at = bytes.data();
    auto left = bytes.size();
    for (; left >= 16; left -= 16, at += 16) {
        std::uint32_t words[4];
        std::memcpy(words, at, sizeof words);
        even += std::uint64_t{words[0]} + words[2];
        odd += std::uint64_t{words[1]} + words[3];
    }
    for (; left >= 4; left -= 4, at += 4) {
        std::uint32_t word;
        std::memcpy(&word, at, sizeof word);
        even += word;
    }
    if (left > 0) {
        std::uint32_t word = 0;
        std::memcpy(&word, at, left);
        odd += word;
    }
    return even + odd;
}

constexpr std::uint16_t ones_fold(std::uint64_t sum) noexcept {
    sum = (sum & 0xffffffff) + (sum >> 32);
    sum = (sum & 0xffff) + (sum >> 16);
    sum = (sum & 0xffff) + (sum >> 16);
    sum = (sum & 0xffff) + (sum >> 16);
    return static_cast<std::uint16_t>(sum);
}

/// 0xffff where the checksum in it is right.
inline std::uint16_t ones_sum(Bytes bytes) noexcept { return ones_fold(ones_sum_wide(bytes)); }

} // namespace yagura::decode
