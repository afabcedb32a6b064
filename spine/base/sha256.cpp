#include "spine/base/sha256.h"

#include <algorithm>
#include <bit>
#include <cstring>

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>
#endif

namespace yagura {
namespace {

/// Clause 4.2.2: fractional parts of the cube roots of the first 64 primes.
constexpr std::array<std::uint32_t, 64> round_constants{
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

void block(detail::Sha256State& state, const std::byte* from) noexcept {
    static const auto best = [] {
        const auto own = detail::sha256_instructions();
        return own ? own : &detail::sha256_block;
    }();
    best(state, from);
}

} // namespace

Sha256& Sha256::add(Bytes piece) noexcept {
    auto filled = static_cast<std::size_t>(length_ % 64);
    length_ += piece.size();
    while (!piece.empty()) {
        if (filled == 0 && piece.size() >= 64) {
            block(state_, piece.data());
            piece = piece.subspan(64);
            continue;
        }
        const auto part = piece.first(std::min(piece.size(), 64 - filled));
        std::ranges::copy(part, waiting_.begin() + static_cast<std::ptrdiff_t>(filled));
        filled += part.size();
        piece = piece.subspan(part.size());
        if (filled == 64) {
            block(state_, waiting_.data());
            filled = 0;
        }
    }
    return *this;
}

Sha256::Digest Sha256::finish() noexcept {
    const auto bits = length_ * 8;
    constexpr std::array<std::byte, 64> padding{std::byte{0x80}};
    const auto filled = static_cast<std::size_t>(length_ % 64);
    add(Bytes{padding}.first(filled < 56 ? 56 - filled : 120 - filled));
    std::array<std::byte, 8> length{};
    for (std::size_t i = 0; i < 8; ++i) length[i] = static_cast<std::byte>(bits >> (56 - 8 * i) & 0xff);
    add(length);
    Digest digest{};
    for (std::size_t i = 0; i < digest.size(); ++i)
        digest[i] = static_cast<std::byte>(state_[i / 4] >> (24 - 8 * (i % 4)) & 0xff);
    return digest;
}

namespace detail {

void sha256_block(Sha256State& state, const std::byte* from) noexcept {
    std::array<std::uint32_t, 64> w;
    for (std::size_t i = 0; i < 16; ++i) {
        std::uint32_t word = 0;
        std::memcpy(&word, from + 4 * i, sizeof word);
        w[i] = std::endian::native == std::endian::little ? std::byteswap(word) : word;
    }
    for (std::size_t i = 16; i < 64; ++i) {
        const auto s0 = std::rotr(w[i - 15], 7) ^ std::rotr(w[i - 15], 18) ^ w[i - 15] >> 3;
        const auto s1 = std::rotr(w[i - 2], 17) ^ std::rotr(w[i - 2], 19) ^ w[i - 2] >> 10;
        w[i] = w[i - 16] + s0 + w[i - 7] + s1;
    }
    auto [a, b, c, d, e, f, g, h] = state;
    for (std::size_t i = 0; i < 64; ++i) {
        const auto s1 = std::rotr(e, 6) ^ std::rotr(e, 11) ^ std::rotr(e, 25);
        const auto one = h + s1 + ((e & f) ^ (~e & g)) + round_constants[i] + w[i];
        const auto s0 = std::rotr(a, 2) ^ std::rotr(a, 13) ^ std::rotr(a, 22);
        const auto two = s0 + ((a & b) ^ (a & c) ^ (b & c));
        h = g, g = f, f = e, e = d + one, d = c, c = b, b = a, a = one + two;
    }
    const std::uint32_t add[]{a, b, c, d, e, f, g, h};
    for (std::size_t i = 0; i < 8; ++i) state[i] += add[i];
}

#if defined(__x86_64__)
namespace {

/// Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2, SHA256RNDS2, SHA256MSG1,
/// SHA256MSG2: the state lies as ABEF and CDGH, four words of the schedule in each register, two rounds an
/// instruction.
__attribute__((target("sha,sse4.1,ssse3"))) void block_by_instructions(Sha256State& state,
                                                                       const std::byte* from) noexcept {
    const auto* words = reinterpret_cast<const __m128i*>(round_constants.data());
    auto* out = reinterpret_cast<__m128i*>(state.data());
    const auto big_endian = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
    const auto dcba = _mm_loadu_si128(out), hgfe = _mm_loadu_si128(out + 1);
    const auto cdab = _mm_shuffle_epi32(dcba, 0xb1), efgh = _mm_shuffle_epi32(hgfe, 0x1b);
    const auto abef_before = _mm_alignr_epi8(cdab, efgh, 8), cdgh_before = _mm_blend_epi16(efgh, cdab, 0xf0);
    auto abef = abef_before, cdgh = cdgh_before;
    __m128i w[4];
    for (unsigned i = 0; i < 16; ++i) { // Four rounds each.
        auto& now = w[i % 4];
        if (i < 4) {
            now = _mm_shuffle_epi8(_mm_loadu_si128(reinterpret_cast<const __m128i*>(from) + i), big_endian);
        } else {
            const auto last = w[(i + 3) % 4];
            const auto seven_back = _mm_alignr_epi8(last, w[(i + 2) % 4], 4);
            now = _mm_sha256msg2_epu32(_mm_add_epi32(_mm_sha256msg1_epu32(now, w[(i + 1) % 4]), seven_back),
                                       last);
        }
        const auto sum = _mm_add_epi32(now, _mm_loadu_si128(words + i));
        cdgh = _mm_sha256rnds2_epu32(cdgh, abef, sum);
        abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(sum, 0x0e));
    }
    abef = _mm_add_epi32(abef, abef_before);
    cdgh = _mm_add_epi32(cdgh, cdgh_before);
    const auto feba = _mm_shuffle_epi32(abef, 0x1b), dchg = _mm_shuffle_epi32(cdgh, 0xb1);
    _mm_storeu_si128(out, _mm_blend_epi16(feba, dchg, 0xf0));
    _mm_storeu_si128(out + 1, _mm_alignr_epi8(dchg, feba, 8));
}

} // namespace

Sha256Block sha256_instructions() noexcept {
    unsigned a = 0, b = 0, c = 0, d = 0;
    constexpr unsigned sse41 = 1u << 19, ssse3 = 1u << 9, sha = 1u << 29;
    if (!__get_cpuid(1, &a, &b, &c, &d) || (c & sse41) == 0 || (c & ssse3) == 0) return nullptr;
    if (!__get_cpuid_count(7, 0, &a, &b, &c, &d) || (b & sha) == 0) return nullptr;
    return &block_by_instructions;
}
#else
Sha256Block sha256_instructions() noexcept { return nullptr; }
#endif

} // namespace detail
} // namespace yagura
