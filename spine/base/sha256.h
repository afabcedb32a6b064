// SHA-256 (FIPS 180-4) in pieces, in place and without heap: files are hashed as they pass.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "spine/base/bytes.h"

namespace yagura {

namespace detail {
using Sha256State = std::array<std::uint32_t, 8>;
/// One block of 64 bytes, in the language alone.
void sha256_block(Sha256State& state, const std::byte* from) noexcept;
/// The same by the processor's own instructions; nullptr where it has none (x86's SHA extensions are asked
/// for).
using Sha256Block = void (*)(Sha256State& state, const std::byte* from) noexcept;
Sha256Block sha256_instructions() noexcept;
} // namespace detail

class Sha256 {
public:
    using Digest = std::array<std::byte, 32>;

    Sha256& add(Bytes piece) noexcept;
    /// Over all that was added; afterwards this one is used up.
    Digest finish() noexcept;

private:
    // Clause 5.3.3: fractional parts of the square roots of the first eight primes.
    detail::Sha256State state_{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                               0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    std::uint64_t length_ = 0;
    std::array<std::byte, 64> waiting_{};
};

} // namespace yagura
