// Names of NetBIOS as bytes: sixteen characters, the last of which tells what kind of name it is, in
// thirty-two letters.
//
// From RFC 1001 clause 14.1 (encoding) and RFC 1002 clause 4.1 (representation; pointers as in DNS). Which
// last character means what: Microsoft's and Samba's use of them.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "spine/base/bytes.h"

namespace yagura::wire::netbios {

inline constexpr std::size_t text_size = 15;

struct Name {
    std::array<char, text_size> text{};
    std::uint8_t kind =
        0; ///< 0x00 workstation, 0x20 file server, 0x1b and 0x1c domain, 0x1d and 0x1e browsing
    /// Without the blanks that fill it up.
    constexpr std::string_view view() const noexcept {
        std::string_view all{text.data(), text.size()};
        all = all.substr(0, all.find('\0'));
        while (!all.empty() && all.back() == ' ') all.remove_suffix(1);
        return all;
    }
    /// Of one machine, not of a group.
    constexpr bool of_machine() const noexcept { return kind == 0x00 || kind == 0x03 || kind == 0x20; }
};

/// Sixteen bytes as a node status has them.
constexpr std::optional<Name> read_plain(Bytes bytes) noexcept {
    if (bytes.size() < text_size + 1) return std::nullopt;
    Name out;
    for (std::size_t i = 0; i < text_size; ++i) out.text[i] = std::to_integer<char>(bytes[i]);
    out.kind = std::to_integer<std::uint8_t>(bytes[text_size]);
    return out;
}

/// The encoded name at `at`, which then stands behind it; a scope is passed over. A pointer may lead back
/// once.
constexpr std::optional<Name> read(Bytes message, std::size_t& at) noexcept {
    Reader in{message.subspan(at < message.size() ? at : message.size())};
    auto size = in.u8();
    if (in.ok() && (size & 0xc0) == 0xc0) {
        std::size_t to = static_cast<std::size_t>(size & 0x3f) << 8 | in.u8();
        if (!in.ok() || to >= at) return std::nullopt;
        at += in.position();
        Reader there{message.subspan(to)};
        if ((there.u8() & 0xc0) == 0xc0) return std::nullopt;
        return read(message, to);
    }
    const auto letters = in.take(32);
    if (!in.ok() || size != 32) return std::nullopt;
    std::array<std::byte, text_size + 1> plain{};
    for (std::size_t i = 0; i < plain.size(); ++i) {
        const auto high = std::to_integer<unsigned>(letters[2 * i]) - 'A';
        const auto low = std::to_integer<unsigned>(letters[2 * i + 1]) - 'A';
        if (high > 15 || low > 15) return std::nullopt;
        plain[i] = static_cast<std::byte>(high << 4 | low);
    }
    for (size = in.u8(); in.ok() && size != 0; size = in.u8()) {
        if ((size & 0xc0) == 0xc0) {
            in.u8();
            break;
        }
        in.take(size);
    }
    if (!in.ok()) return std::nullopt;
    at += in.position();
    return read_plain(plain);
}

} // namespace yagura::wire::netbios
