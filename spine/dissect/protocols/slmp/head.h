// The head of SLMP's frames 3E and 4E, in both codes. SH(NA)-080956ENG, chapter 4.
#pragma once

#include <optional>

#include "spine/dissect/protocols/slmp/fields.h"

namespace yagura::dissect::slmp {

struct Head {
    bool text = false; ///< ascii code
    bool answer = false;
    bool numbered = false; ///< frame 4E, which has a serial number
    std::uint16_t serial = 0;
    std::uint8_t network = 0, station = 0, multidrop = 0;
    std::uint16_t module = 0;
    std::uint32_t length = 0; ///< bytes on the wire behind the head
    std::size_t size = 0;     ///< of the head itself
};

/// What the first bytes announce; nothing if they announce none of the four frames in either code.
constexpr std::optional<Head> announced(Bytes start) noexcept {
    Reader in{start};
    const auto first = in.u16();
    if (!in.ok()) return std::nullopt;
    const auto make = [](bool text, bool answer, bool numbered) {
        return Head{.text = text,
                    .answer = answer,
                    .numbered = numbered,
                    .size = text ? (numbered ? 26u : 18u) : (numbered ? 13u : 9u)};
    };
    switch (first) {
    case 0x5000:
        return make(false, false, false);
    case 0xd000:
        return make(false, true, false);
    case 0x5400:
        return make(false, false, true);
    case 0xd400:
        return make(false, true, true);
    default:
        break;
    }
    const auto rest = in.u16();
    if (!in.ok() || rest != 0x3030) return std::nullopt; // "00"
    switch (first) {
    case 0x3530: // "50"
        return make(true, false, false);
    case 0x4430:
        return make(true, true, false);
    case 0x3534:
        return make(true, false, true);
    case 0x4434:
        return make(true, true, true);
    default:
        return std::nullopt;
    }
}

/// Nothing if the bytes are none, or too few (`bytes.size()` tells which).
inline std::optional<Head> read_head(Bytes bytes) noexcept {
    auto head = announced(bytes);
    if (!head || bytes.size() < head->size) return std::nullopt;
    Fields in{bytes.first(head->size), head->text};
    in.raw(head->text ? 4 : 2);
    if (head->numbered) {
        head->serial = in.u16();
        if (in.u16() != 0) return std::nullopt;
    }
    head->network = in.u8();
    head->station = in.u8();
    head->module = in.u16();
    head->multidrop = in.u8();
    head->length = in.u16();
    if (!in.ok()) return std::nullopt;
    return head;
}

} // namespace yagura::dissect::slmp
