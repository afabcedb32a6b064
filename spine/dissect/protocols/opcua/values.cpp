#include "spine/dissect/protocols/opcua/values.h"

#include <bit>
#include <chrono>

namespace yagura::dissect::opcua {
namespace {

using observe::Array;
using observe::Value;

constexpr int nesting_most = 32;

/// 5.1.2: the built-in types by their numbers.
enum Type : std::uint8_t {
    none = 0,
    boolean = 1,
    i8 = 2,
    u8 = 3,
    i16 = 4,
    u16 = 5,
    i32 = 6,
    u32 = 7,
    i64 = 8,
    u64 = 9,
    f32 = 10,
    f64 = 11,
    string = 12,
    date_time = 13,
    guid = 14,
    byte_string = 15,
    xml = 16,
    node_id = 17,
    expanded_node_id = 18,
    status_code = 19,
    qualified_name = 20,
    localized_text = 21,
    extension_object = 22,
    data_value = 23,
    variant = 24,
    diagnostic_info = 25,
};

template <std::size_t N>
void two(TextRoom<N>& out, std::uint64_t number) noexcept {
    if (number < 10) out.add('0');
    out.number(number);
}

/// 5.2.2.5: 100 ns since 1601. Empty for the ends of that scale, which mean "none".
void add_time(TextRoom<256>& out, std::int64_t ticks) noexcept {
    using namespace std::chrono;
    constexpr std::int64_t unix_begin = 116'444'736'000'000'000, last = 2'650'467'743'990'000'000;
    if (ticks <= 0 || ticks >= last) return;
    const auto since = ticks - unix_begin;
    const auto seconds_since = seconds{since / 10'000'000 - (since % 10'000'000 < 0 ? 1 : 0)};
    const sys_seconds at{seconds_since};
    const auto day = floor<days>(at);
    const year_month_day date{day};
    const hh_mm_ss clock{at - day};
    out.number(static_cast<std::uint64_t>(static_cast<int>(date.year()))).add('-');
    two(out, static_cast<unsigned>(date.month()));
    two(out.add('-'), static_cast<unsigned>(date.day()));
    two(out.add('T'), static_cast<std::uint64_t>(clock.hours().count()));
    two(out.add(':'), static_cast<std::uint64_t>(clock.minutes().count()));
    two(out.add(':'), static_cast<std::uint64_t>(clock.seconds().count()));
    const auto fraction = static_cast<std::uint64_t>(since - seconds_since.count() * 10'000'000) / 10'000;
    out.add(fraction < 100 ? ".0" : ".");
    two(out, fraction);
    out.add('Z');
}

Value shown(std::string_view text) noexcept { return text.empty() ? Value{} : Value{text}; }

Value scalar(In& in, std::uint8_t type, Room& room, int depth) noexcept {
    const auto before = room.text.view().size();
    const auto written = [&] { return shown(room.text.view().substr(before)); };
    switch (type) {
    case none:
        return {};
    case boolean:
        return in.flag();
    case i8:
        return std::int64_t{std::bit_cast<std::int8_t>(in.u8())};
    case u8:
        return std::uint64_t{in.u8()};
    case i16:
        return std::int64_t{std::bit_cast<std::int16_t>(in.u16())};
    case u16:
        return std::uint64_t{in.u16()};
    case i32:
        return std::int64_t{in.i32()};
    case u32:
    case status_code:
        return std::uint64_t{in.u32()};
    case i64:
        return in.i64();
    case u64:
        return in.u64();
    case f32:
        return static_cast<double>(std::bit_cast<float>(in.u32()));
    case f64:
        return std::bit_cast<double>(in.u64());
    case string:
    case xml:
        return shown(in.text());
    case date_time:
        add_time(room.text, in.i64());
        return written();
    case guid: {
        const auto bytes = in.take(16);
        if (in.ok()) add_guid(room.text, bytes);
        return written();
    }
    case node_id:
    case expanded_node_id: {
        const auto id = in.node();
        if (in.ok()) add_node(room.text, id);
        return written();
    }
    case qualified_name:
        return shown(in.qualified().name);
    case localized_text:
        return shown(in.localized());
    case extension_object: {
        const auto body = in.extension().body;
        return body.empty() ? Value{} : Value{body};
    }
    case data_value:
        return read_data_value(in, room, depth + 1).value;
    case variant:
        return read_variant(in, room, depth + 1);
    case diagnostic_info:
        in.diagnostic();
        return {};
    default: { // 26 to 31 are for types to come, written as bytes; as are byte strings.
        const auto bytes = in.string();
        return bytes.empty() ? Value{} : Value{bytes};
    }
    }
}

struct Plain {
    Array::Of of;
    std::uint8_t width; ///< zero: its elements have no fixed length
};
constexpr Plain plain(std::uint8_t type) noexcept {
    using Of = Array::Of;
    switch (type) {
    case boolean:
    case u8:
        return {Of::u8, 1};
    case i8:
        return {Of::i8, 1};
    case i16:
        return {Of::i16, 2};
    case u16:
        return {Of::u16, 2};
    case i32:
        return {Of::i32, 4};
    case u32:
    case status_code:
        return {Of::u32, 4};
    case i64:
    case date_time:
        return {Of::i64, 8};
    case u64:
        return {Of::u64, 8};
    case f32:
        return {Of::f32, 4};
    case f64:
        return {Of::f64, 8};
    default:
        return {Of::u8, 0};
    }
}

Value array(In& in, std::uint8_t type, Room& room, int depth) noexcept {
    const auto size = in.count();
    const auto [of, width] = plain(type);
    if (width != 0) {
        const auto bytes = in.take(std::size_t{size} * width);
        if (!in.ok() || size == 0) return {};
        const auto count = static_cast<std::uint16_t>(std::min<std::uint32_t>(size, 0xffff));
        if (type != boolean || count > room.bits.size() * 8) return Array{of, true, count, bytes};
        for (std::size_t at = 0; at < count; ++at) {
            auto& into = room.bits[at / 8];
            if (at % 8 == 0) into = {};
            if (bytes[at] != std::byte{0}) into |= std::byte{1} << at % 8;
        }
        return Array{Array::Of::bit, true, count, Bytes{room.bits}.first((count + 7u) / 8)};
    }
    TextRoom<256> joined;
    bool all_texts = size != 0;
    for (std::uint32_t at = 0; at < size && in.ok(); ++at) {
        room.text.clear();
        const auto one = scalar(in, type, room, depth);
        const auto* text = std::get_if<std::string_view>(&one);
        all_texts = all_texts && (text || one.index() == 0) && type != data_value && type != variant;
        if (!all_texts) continue;
        if (at) joined.add(", ");
        if (text) joined.add(*text);
    }
    room.text.clear();
    if (!in.ok() || !all_texts) return {};
    room.text.add(joined.view());
    return shown(room.text.view());
}

} // namespace

Value read_variant(In& in, Room& room, int depth) noexcept {
    if (depth >= nesting_most) {
        in.fail();
        return {};
    }
    const auto form = in.u8();
    const auto type = static_cast<std::uint8_t>(form & 0x3f);
    if (!in.ok()) return {};
    if (type > 31 || (type == none && form != none)) {
        in.fail();
        return {};
    }
    const auto value = form & 0x80 ? array(in, type, room, depth) : scalar(in, type, room, depth);
    if (form & 0x40) (void)in.take(std::size_t{in.count()} * 4);
    return in.ok() ? value : Value{};
}

DataValue read_data_value(In& in, Room& room, int depth) noexcept {
    DataValue out;
    const auto mask = in.u8();
    if (mask & 1) {
        auto ahead = in;
        if (ahead.u8() == extension_object) out.structure = ahead.extension();
        out.value = read_variant(in, room, depth);
    }
    if (mask & 2) out.status = in.u32();
    if (mask & 4) (void)in.u64();
    if (mask & 0x10) (void)in.u16();
    if (mask & 8) (void)in.u64();
    if (mask & 0x20) (void)in.u16();
    return in.ok() ? out : DataValue{};
}

} // namespace yagura::dissect::opcua
