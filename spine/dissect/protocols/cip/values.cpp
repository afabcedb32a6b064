#include "spine/dissect/protocols/cip/values.h"

#include <optional>

namespace yagura::dissect::cip {

using observe::Array;
using observe::Value;

namespace {
struct Kind {
    Array::Of of;
    std::size_t width;
};
constexpr std::optional<Kind> kind_of(std::uint16_t type) noexcept {
    switch (type & 0x0fff) { // Arrays of atoms have bits above.
    case 0xc2:
        return Kind{Array::Of::i8, 1};
    case 0xc3:
        return Kind{Array::Of::i16, 2};
    case 0xc4:
        return Kind{Array::Of::i32, 4};
    case 0xc5:
        return Kind{Array::Of::i64, 8};
    case 0xc6:
    case 0xd1:
        return Kind{Array::Of::u8, 1};
    case 0xc7:
    case 0xd2:
        return Kind{Array::Of::u16, 2};
    case 0xc8:
    case 0xd3:
        return Kind{Array::Of::u32, 4};
    case 0xc9:
    case 0xd4:
        return Kind{Array::Of::u64, 8};
    case 0xca:
        return Kind{Array::Of::f32, 4};
    case 0xcb:
        return Kind{Array::Of::f64, 8};
    default:
        return std::nullopt;
    }
}
} // namespace

Value value_of(std::uint16_t type, Bytes bytes) noexcept {
    if (bytes.empty()) return {};
    if ((type & 0x0fff) == 0xc1 && bytes.size() == 1) return bytes[0] != std::byte{0};
    if ((type & 0x0fff) == 0xda) {
        Reader in{bytes};
        const auto text = in.take(in.u8());
        return in.ok() ? Value{as_text(text)} : Value{bytes};
    }
    const auto kind = kind_of(type);
    if (!kind) return bytes;
    const auto count = bytes.size() / kind->width;
    if (count == 0 || count > 0xffff) return bytes;
    if (count > 1) return Array{kind->of, true, static_cast<std::uint16_t>(count), bytes};
    std::uint64_t raw = 0;
    for (std::size_t i = kind->width; i-- > 0;) raw = raw << 8 | std::to_integer<std::uint64_t>(bytes[i]);
    switch (kind->of) {
    case Array::Of::i8:
        return std::int64_t{static_cast<std::int8_t>(raw)};
    case Array::Of::i16:
        return std::int64_t{static_cast<std::int16_t>(raw)};
    case Array::Of::i32:
        return std::int64_t{static_cast<std::int32_t>(raw)};
    case Array::Of::i64:
        return static_cast<std::int64_t>(raw);
    case Array::Of::f32:
        return double{std::bit_cast<float>(static_cast<std::uint32_t>(raw))};
    case Array::Of::f64:
        return std::bit_cast<double>(raw);
    default:
        return raw;
    }
}

Value read_typed(Reader& in) noexcept {
    const auto type = in.u16le();
    if (type == 0x02a0) in.u16(); // Handle of the structure.
    if (!in.ok()) return {};
    return value_of(type, in.rest());
}

} // namespace yagura::dissect::cip
