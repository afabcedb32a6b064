#include "spine/journal/crc32c.h"

#include <array>
#include <cstring>

#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

namespace yagura::journal {
namespace {

constexpr auto table = [] {
    std::array<std::uint32_t, 256> rows{};
    for (std::uint32_t row = 0; row < 256; ++row) {
        auto crc = row;
        for (int i = 0; i < 8; ++i) crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78u : 0u);
        rows[row] = crc;
    }
    return rows;
}();

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) std::uint32_t by_instruction(Bytes bytes) noexcept {
    std::uint64_t crc = 0xffffffffu;
    while (bytes.size() >= 8) {
        std::uint64_t word = 0;
        std::memcpy(&word, bytes.data(), sizeof word);
        crc = _mm_crc32_u64(crc, word);
        bytes = bytes.subspan(8);
    }
    auto last = static_cast<std::uint32_t>(crc);
    for (const auto byte : bytes) last = _mm_crc32_u8(last, std::to_integer<std::uint8_t>(byte));
    return ~last;
}
#endif

using Way = std::uint32_t (*)(Bytes) noexcept;
Way best() noexcept {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("sse4.2")) return by_instruction;
#endif
    return crc32c_by_table;
}

} // namespace

std::uint32_t crc32c_by_table(Bytes bytes) noexcept {
    std::uint32_t crc = ~0u;
    for (const auto byte : bytes)
        crc = crc >> 8 ^ table[(crc ^ std::to_integer<std::uint32_t>(byte)) & 0xffu];
    return ~crc;
}

std::uint32_t crc32c(Bytes bytes) noexcept {
    static const Way way = best();
    return way(bytes);
}

} // namespace yagura::journal
