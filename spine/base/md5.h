// MD5 (RFC 1321) in pieces, in place and without heap. Broken as a signature for long; here it only names
// what others name by it: fingerprints of software.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "spine/base/bytes.h"

namespace yagura {

class Md5 {
public:
    using Digest = std::array<std::byte, 16>;

    constexpr Md5& add(std::string_view text) noexcept {
        for (const char c : text) put(static_cast<std::byte>(c));
        return *this;
    }
    constexpr Md5& add(Bytes piece) noexcept {
        for (const auto byte : piece) put(byte);
        return *this;
    }
    /// Over all that was added; afterwards this one is used up.
    constexpr Digest finish() noexcept {
        const auto bits = length_ * 8;
        put(std::byte{0x80});
        while (length_ % 64 != 56) put(std::byte{0});
        for (int i = 0; i < 8; ++i) put(static_cast<std::byte>(bits >> 8 * i & 0xff));
        Digest out{};
        for (std::size_t i = 0; i < out.size(); ++i)
            out[i] = static_cast<std::byte>(state_[i / 4] >> 8 * (i % 4) & 0xff);
        return out;
    }

private:
    /// Clause 3.4: the whole parts of 2^32 times the sines of 1 to 64.
    static constexpr std::array<std::uint32_t, 64> sines{
        0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501,
        0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be, 0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821,
        0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa, 0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8,
        0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed, 0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a,
        0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70,
        0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665,
        0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1,
        0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391};
    static constexpr std::array<std::array<int, 4>, 4> turns{
        {{7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}}};

    constexpr void put(std::byte byte) noexcept {
        waiting_[length_++ % 64] = byte;
        if (length_ % 64 == 0) block();
    }
    constexpr void block() noexcept {
        std::array<std::uint32_t, 16> words{};
        for (std::size_t i = 0; i < 64; ++i)
            words[i / 4] |= std::to_integer<std::uint32_t>(waiting_[i]) << 8 * (i % 4);
        auto [a, b, c, d] = state_;
        for (std::size_t i = 0; i < 64; ++i) {
            const auto round = i / 16;
            const auto mixed = round == 0   ? (b & c) | (~b & d)
                               : round == 1 ? (d & b) | (~d & c)
                               : round == 2 ? b ^ c ^ d
                                            : c ^ (b | ~d);
            const auto word = round == 0 ? i : round == 1 ? 5 * i + 1 : round == 2 ? 3 * i + 5 : 7 * i;
            const auto sum = a + mixed + sines[i] + words[word % 16];
            a = d, d = c, c = b;
            b += std::rotl(sum, turns[round][i % 4]);
        }
        state_[0] += a, state_[1] += b, state_[2] += c, state_[3] += d;
    }

    std::array<std::uint32_t, 4> state_{0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476};
    std::uint64_t length_ = 0;
    std::array<std::byte, 64> waiting_{};
};

} // namespace yagura
