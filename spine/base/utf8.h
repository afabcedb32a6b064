// Text from strangers as valid UTF-8, whatever it was.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace yagura {

/// Length of the well-formed UTF-8 sequence at the start of `text` (RFC 3629, Unicode table 3-7: nothing
/// overlong, no surrogates, nothing past U+10FFFF), or 0 if there is none.
constexpr std::size_t utf8_length(std::string_view text) noexcept {
    const auto at = [&](std::size_t i) {
        return i < text.size() ? static_cast<std::uint8_t>(text[i]) : std::uint8_t{0};
    };
    const auto tail = [&](std::size_t i) { return (at(i) & 0xc0u) == 0x80u; };
    const auto first = at(0);
    if (text.empty()) return 0;
    if (first < 0x80) return 1;
    if (first >= 0xc2 && first <= 0xdf) return tail(1) ? 2 : 0;
    if (first >= 0xe0 && first <= 0xef) {
        const auto second = at(1);
        if (first == 0xe0 && second < 0xa0) return 0;
        if (first == 0xed && second > 0x9f) return 0;
        return tail(1) && tail(2) ? 3 : 0;
    }
    if (first >= 0xf0 && first <= 0xf4) {
        const auto second = at(1);
        if (first == 0xf0 && second < 0x90) return 0;
        if (first == 0xf4 && second > 0x8f) return 0;
        return tail(1) && tail(2) && tail(3) ? 4 : 0;
    }
    return 0;
}

} // namespace yagura
