// A keyed hash of a few words, for tables that strangers fill.
//
// Folded multiplication (the two halves of a 64 x 64 bit product, xored) of words that were xored with
// secret ones. It costs a third of SipHash-1-3 here, and every packet pays it. What SipHash gives beyond
// it is resistance against who can watch the answers: a passive sensor answers nobody, the secret never
// leaves the process and is drawn at each start, and the table still draws a new one and sorts itself
// anew when a probe grows longer than chance allows (ConversationTable::Counters::rekeyed).
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <random>

#include "spine/base/bytes.h"

namespace yagura::decode {

__extension__ using Product = unsigned __int128;

constexpr std::uint64_t fold(std::uint64_t a, std::uint64_t b) noexcept {
    const auto product = static_cast<Product>(a) * b;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

using Secret = std::array<std::uint64_t, 6>;

inline Secret draw_secret() {
    std::random_device source;
    Secret secret;
    for (auto& word : secret) word = std::uint64_t{source()} << 32 | source() | 1u;
    return secret;
}

/// Of all the bytes: two lanes, so that the multiplications overlap.
inline std::uint64_t mix(Bytes bytes, const Secret& secret) noexcept {
    const auto word = [](const std::byte* at) {
        std::uint64_t value;
        std::memcpy(&value, at, sizeof value);
        return value;
    };
    auto first = secret[0] ^ bytes.size();
    auto second = secret[1];
    const auto* at = bytes.data();
    auto left = bytes.size();
    for (; left >= 32; left -= 32, at += 32) {
        first = fold(word(at) ^ secret[2], word(at + 8) ^ first);
        second = fold(word(at + 16) ^ secret[3], word(at + 24) ^ second);
    }
    if (left >= 16) {
        first = fold(word(at) ^ secret[2], word(at + 8) ^ first);
        left -= 16;
        at += 16;
    }
    if (left > 0) {
        std::array<std::uint64_t, 2> tail{};
        std::memcpy(tail.data(), at, left);
        second = fold(tail[0] ^ secret[3], tail[1] ^ second);
    }
    return fold(first ^ secret[4], second ^ secret[5]);
}

} // namespace yagura::decode
