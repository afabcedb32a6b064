// Tag, length, value: how IEC 61850's protocols write what ASN.1 describes (ITU-T X.690, definite lengths).
#pragma once

#include <algorithm>
#include <cstdint>

#include "spine/base/bytes.h"

namespace yagura::dissect::iec61850 {

/// One value. Of one that is longer than what holds it, what there is; `cut` says so.
struct Tlv {
    std::uint8_t tag = 0;     ///< class, constructed, and the number where it is below 31
    std::uint32_t number = 0; ///< of the tag
    Bytes content{};
    bool cut = false;

    bool constructed() const noexcept { return (tag & 0x20) != 0; }
    std::uint8_t kind() const noexcept {
        return tag >> 6;
    } ///< 0 universal, 1 application, 2 context, 3 private
};

/// The next one; false at the end, and with `in` poisoned where a head ends early or is none that is allowed.
inline bool next(Reader& in, Tlv& out) noexcept {
    out = {};
    if (in.remaining() == 0) return false;
    out.tag = in.u8();
    out.number = out.tag & 0x1f;
    if (out.number == 0x1f) {
        out.number = 0;
        for (unsigned i = 0;; ++i) {
            const auto more = in.u8();
            if (i == 3) in.take(in.remaining() + 1); // Nobody has that many.
            if (!in.ok()) return false;
            out.number = out.number << 7 | (more & 0x7f);
            if ((more & 0x80) == 0) break;
        }
    }
    std::size_t length = in.u8();
    if (length >= 0x80) {
        const auto octets = length & 0x7f;
        if (octets == 0 || octets > 4) in.take(in.remaining() + 1);
        length = 0;
        for (std::size_t i = 0; i < octets && in.ok(); ++i) length = length << 8 | in.u8();
    }
    if (!in.ok()) return false;
    out.cut = length > in.remaining();
    out.content = in.take(std::min(length, in.remaining()));
    return true;
}

/// An integer of up to eight octets, or nine where the first only keeps it positive.
inline std::uint64_t unsigned_of(Bytes content) noexcept {
    std::uint64_t value = 0;
    for (const auto byte : content.last(std::min<std::size_t>(content.size(), 8)))
        value = value << 8 | std::to_integer<std::uint64_t>(byte);
    return value;
}
inline std::int64_t signed_of(Bytes content) noexcept {
    if (content.empty()) return 0;
    std::uint64_t value = std::to_integer<unsigned>(content[0]) & 0x80 ? ~std::uint64_t{0} : 0;
    for (const auto byte : content.last(std::min<std::size_t>(content.size(), 8)))
        value = value << 8 | std::to_integer<std::uint64_t>(byte);
    return static_cast<std::int64_t>(value);
}
inline bool truth_of(Bytes content) noexcept { return !content.empty() && content[0] != std::byte{0}; }

/// Names are visible strings: letters, digits, and what stands between them.
inline bool is_name(Bytes content) noexcept {
    return !content.empty() && std::ranges::all_of(content, [](std::byte byte) {
        return byte >= std::byte{0x20} && byte < std::byte{0x7f};
    });
}

} // namespace yagura::dissect::iec61850
