// Text put together in memory of its own, for code that may not touch the heap.
#pragma once

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "spine/base/bytes.h"

namespace yagura {

/// What does not fit is left out and `cut()` says so: a name that somebody made too long is shown in
/// part, never past the end. The view lives as long as the room and ends with the next add().
template <std::size_t N>
class TextRoom {
public:
    constexpr TextRoom() noexcept {} // NOLINT(modernize-use-equals-default): leaves the room as it is.
    constexpr TextRoom& add(std::string_view part) noexcept {
        const auto fits = std::min(part.size(), N - used_);
        std::copy_n(part.begin(), fits, room_.begin() + static_cast<std::ptrdiff_t>(used_));
        used_ += fits;
        cut_ = cut_ || fits != part.size();
        return *this;
    }
    constexpr TextRoom& add(char one) noexcept { return add(std::string_view{&one, 1}); }
    TextRoom& number(std::uint64_t value) noexcept {
        char digits[24];
        return add({digits, std::to_chars(std::begin(digits), std::end(digits), value).ptr});
    }
    /// Two small letters or digits for each byte, `between` them if given.
    constexpr TextRoom& hex(Bytes bytes, std::string_view between = {}) noexcept {
        constexpr std::string_view digits = "0123456789abcdef";
        for (std::size_t i = 0; i < bytes.size() && !cut_; ++i) {
            const auto byte = std::to_integer<unsigned>(bytes[i]);
            if (i) add(between);
            add(digits[byte >> 4]).add(digits[byte & 15u]);
        }
        return *this;
    }
    /// IPv4 as ::ffff:a.b.c.d in dotted form, as observe::text() writes it.
    TextRoom& ip(const std::array<std::uint8_t, 16>& address) noexcept {
        constexpr std::uint8_t four[12]{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
        if (std::equal(std::begin(four), std::end(four), address.begin())) {
            for (std::size_t i = 12; i < 16; ++i) {
                if (i > 12) add('.');
                number(address[i]);
            }
            return *this;
        }
        char room[INET6_ADDRSTRLEN];
        return add(inet_ntop(AF_INET6, address.data(), room, sizeof room));
    }
    TextRoom& mac(const std::array<std::uint8_t, 6>& address) noexcept {
        return hex(std::as_bytes(std::span{address}), ":");
    }
    constexpr void clear() noexcept { used_ = 0, cut_ = false; }

    constexpr std::string_view view() const noexcept { return {room_.data(), used_}; }
    constexpr bool cut() const noexcept { return cut_; }

private:
    std::array<char, N> room_; // Only what was written is read.
    std::size_t used_ = 0;
    bool cut_ = false;
};

/// Text of a field of fixed length: up to the first NUL, without spaces at both ends.
inline std::string_view label(Bytes bytes) noexcept {
    auto text = as_text(bytes);
    text = text.substr(0, text.find('\0'));
    const auto first = text.find_first_not_of(' ');
    if (first == text.npos) return {};
    return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

} // namespace yagura
