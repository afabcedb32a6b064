// BACnet's tagged encoding: ANSI/ASHRAE 135-2016, clause 20.2.
#pragma once

#include <bit>
#include <optional>

#include "spine/base/bytes.h"
#include "spine/observe/observation.h"

namespace yagura::dissect::bacnet {

struct Tag {
    std::uint8_t number = 0;
    bool context = false, opens = false, closes = false;
    Bytes content{};       ///< of a primitive one
    std::uint8_t flag = 0; ///< an application boolean lies in the tag itself
};

/// The next tag with what belongs to it; a Reader that is poisoned says that there was none.
inline Tag read_tag(Reader& in) noexcept {
    Tag tag;
    const auto first = in.u8();
    tag.number = first >> 4;
    tag.context = (first & 8) != 0;
    if (tag.number == 15) tag.number = in.u8();
    const auto kind = first & 7u;
    if (tag.context && kind == 6) {
        tag.opens = true;
        return tag;
    }
    if (tag.context && kind == 7) {
        tag.closes = true;
        return tag;
    }
    if (!tag.context && tag.number == 1) {
        tag.flag = static_cast<std::uint8_t>(kind);
        return tag;
    }
    std::size_t size = kind;
    if (kind == 5) {
        size = in.u8();
        if (size == 254)
            size = in.u16();
        else if (size == 255)
            size = in.u32();
    }
    tag.content = in.take(size);
    return tag;
}

inline std::uint64_t unsigned_of(Bytes bytes) noexcept {
    std::uint64_t value = 0;
    for (const auto byte : bytes.first(std::min<std::size_t>(bytes.size(), 8)))
        value = value << 8 | std::to_integer<std::uint64_t>(byte);
    return value;
}

/// A character string, without the byte that says how it is written: UTF-8 and Latin-1 are borrowed, others
/// left out.
inline std::string_view text_of(Bytes bytes) noexcept {
    if (bytes.empty() || (bytes[0] != std::byte{0} && bytes[0] != std::byte{5})) return {};
    return as_text(bytes.subspan(1));
}

/// Of an application tag.
inline observe::Value value_of(const Tag& tag) noexcept {
    const auto& bytes = tag.content;
    switch (tag.number) {
    case 1:
        return tag.flag != 0;
    case 2:
    case 9:
    case 12:
        return unsigned_of(bytes);
    case 3: {
        if (bytes.empty() || bytes.size() > 8) return {};
        const auto shift = 64 - 8 * bytes.size();
        return static_cast<std::int64_t>(unsigned_of(bytes) << shift) >> shift;
    }
    case 4:
        if (bytes.size() != 4) return {};
        return double{std::bit_cast<float>(static_cast<std::uint32_t>(unsigned_of(bytes)))};
    case 5:
        if (bytes.size() != 8) return {};
        return std::bit_cast<double>(unsigned_of(bytes));
    case 7:
        return text_of(bytes);
    case 6:
    case 8:
    case 10:
    case 11:
        return bytes;
    default:
        return {};
    }
}

} // namespace yagura::dissect::bacnet
