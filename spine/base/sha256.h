// SHA-256 (FIPS 180-4) in pieces, in place and without heap: files are hashed as they pass.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "spine/base/bytes.h"

namespace yagura {

class Sha256 {
public:
    using Digest = std::array<std::byte, 32>;

    Sha256& add(Bytes piece) noexcept;
    /// Over all that was added; afterwards this one is used up.
    Digest finish() noexcept;

private:
    void block(const std::byte* from) noexcept;

    // Clause 5.3.3: fractional parts of the square roots of the first eight primes.
    std::array<std::uint32_t, 8> state_{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                        0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    std::uint64_t length_ = 0;
    std::array<std::byte, 64> waiting_{};
};

} // namespace yagura
