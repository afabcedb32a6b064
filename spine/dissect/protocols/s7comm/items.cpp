#include "spine/dissect/protocols/s7comm/items.h"

#include <algorithm>

namespace yagura::dissect::s7 {
namespace {

using observe::Array;
using observe::Object;
using observe::Value;

enum Syntax : std::uint8_t {
    any = 0x10,
    nck = 0x82,
    nck_metric = 0x83,
    nck_inch = 0x84,
    db_read = 0xb0,
    symbolic = 0xb2
};

enum Transport : std::uint8_t {
    bit = 0x01,
    byte = 0x02,
    character = 0x03,
    word = 0x04,
    integer = 0x05,
    double_word = 0x06,
    double_integer = 0x07,
    real = 0x08,
    date = 0x09,
    time_of_day = 0x0a,
    time = 0x0b,
    s5_time = 0x0c,
    date_and_time = 0x0f,
    counter = 0x1c,
    timer = 0x1d,
    iec_counter = 0x1e,
    iec_timer = 0x1f,
    high_speed_counter = 0x20,
};

struct Area {
    std::uint8_t code;
    std::string_view space;
};
constexpr std::array areas{
    Area{0x03, "SYS"}, Area{0x05, "SM"}, Area{0x06, "AI"}, Area{0x07, "AQ"}, Area{0x1c, "C"}, Area{0x1d, "T"},
    Area{0x1e, "HC"},  Area{0x1f, "T"},  Area{0x80, "P"},  Area{0x81, "I"},  Area{0x82, "Q"}, Area{0x83, "M"},
    Area{0x84, "DB"},  Area{0x85, "DI"}, Area{0x86, "L"},  Area{0x87, "V"},
};
constexpr std::size_t part_size = 5;

constexpr std::string_view space_of(std::uint8_t code) noexcept {
    for (const auto& area : areas)
        if (area.code == code) return area.space;
    return {};
}

constexpr char width_of(std::uint8_t transport) noexcept {
    switch (transport) {
    case bit:
        return 'X';
    case word:
    case integer:
    case date:
    case s5_time:
    case counter:
    case timer:
        return 'W';
    case double_word:
    case double_integer:
    case real:
    case time_of_day:
    case time:
        return 'D';
    default:
        return 'B';
    }
}

struct Kind {
    Array::Of of;
    std::uint8_t width;
};
constexpr std::optional<Kind> kind_of(std::uint8_t transport) noexcept {
    switch (transport) {
    case byte:
        return Kind{Array::Of::u8, 1};
    case word:
    case date:
    case s5_time:
    case counter:
    case timer:
        return Kind{Array::Of::u16, 2};
    case integer:
        return Kind{Array::Of::i16, 2};
    case double_word:
    case time_of_day:
        return Kind{Array::Of::u32, 4};
    case double_integer:
    case time:
        return Kind{Array::Of::i32, 4};
    case real:
        return Kind{Array::Of::f32, 4};
    default:
        return std::nullopt;
    }
}

Value numbers(Kind kind, Bytes bytes) noexcept {
    const auto count = bytes.size() / kind.width;
    if (count == 0 || count > 0xffff) return {};
    if (count > 1) return Array{kind.of, false, static_cast<std::uint16_t>(count), bytes};
    Reader in{bytes};
    switch (kind.of) {
    case Array::Of::u8:
        return std::uint64_t{in.u8()};
    case Array::Of::u16:
        return std::uint64_t{in.u16()};
    case Array::Of::i16:
        return std::int64_t{static_cast<std::int16_t>(in.u16())};
    case Array::Of::u32:
        return std::uint64_t{in.u32()};
    case Array::Of::i32:
        return std::int64_t{static_cast<std::int32_t>(in.u32())};
    case Array::Of::f32:
        return double{std::bit_cast<float>(in.u32())};
    default:
        return bytes;
    }
}

/// Variables of a numerical control: area and unit, column, line, module, how many lines.
bool read_nck(Reader& in, Item& item) noexcept {
    const auto place = in.u8();
    const auto column = in.u16(), line = in.u16();
    const auto module = in.u8(), lines = in.u8();
    if (!in.ok()) return false;
    constexpr char letters[]{'N', 'B', 'C', 'A', 'T', 'V', 'H', 'M'}; // What the first three bits choose.
    item.room.add("area ").add(letters[place >> 5]).add(" unit ").number(place & 31u);
    item.room.add(" module ").number(module).add(" column ").number(column).add(" line ").number(line);
    item.count = lines;
    item.object = {.space = "nck", .text = item.room.view()};
    return true;
}

/// 1200 and 1500 in their newer form: a checksum over the symbol and the numbers on the way to it.
bool read_symbol(Reader& in, Item& item) noexcept {
    in.u8();
    const auto root = in.u16(), place = in.u16();
    in.u32(); // checksum
    if (!in.ok()) return false;
    if (root == 0x8a0e) {
        item.room.add("DB").number(place);
    } else {
        constexpr std::string_view spaces[]{"I", "Q", "M", "C", "T"};
        if (place >= 0x50 && place < 0x50 + std::size(spaces))
            item.room.add(spaces[place - 0x50u]);
        else
            item.room.add("root ").number(root).add(" ").number(place);
    }
    for (bool first = true; in.remaining() >= 4; first = false)
        item.room.add(first ? ' ' : '.').number(in.u32() & 0x0fffffffu);
    item.object = {.space = "symbol", .text = item.room.view()};
    return true;
}

/// Many stretches of data blocks in one address: how many, and for each how long, which block, where.
bool read_parts(Reader& in, Item& item) noexcept {
    const auto parts = in.u8();
    item.parts = in.take(std::min(in.remaining(), parts * part_size));
    Reader first{item.parts};
    const auto part = read_part(first);
    if (!in.ok() || !first.ok()) return false;
    item.transport = byte;
    item.count = part.bytes;
    item.object = part.object();
    return true;
}

} // namespace

bool read_any(Reader& in, Item& item) noexcept {
    item.transport = in.u8();
    item.count = in.u16();
    const auto block = in.u16();
    const auto area = in.u8();
    const std::uint32_t address = std::uint32_t{in.u8()} << 16 | in.u16();
    if (!in.ok()) return false;
    const auto space = space_of(area);
    if (space.empty()) {
        item.room.add("area ").number(area).add(" at ").number(address);
        item.object = {.space = "unknown", .text = item.room.view()};
    } else if (area == 0x1c || area == 0x1d || area == 0x1e || area == 0x1f) {
        item.object = {
            .form = Object::Form::s7, .space = space, .number = address}; // Counted, not addressed in bits.
    } else {
        const auto width = width_of(item.transport);
        item.object = {.form = Object::Form::s7,
                       .space = space,
                       .group = area == 0x84 || area == 0x85 ? block : 0u,
                       .number = address / 8,
                       .element = static_cast<std::uint16_t>(width)};
        if (width == 'X') item.object.bit = static_cast<std::uint8_t>(address % 8);
    }
    return true;
}

bool read_item(Reader& in, Item& item) noexcept {
    const auto kind = in.u8();
    const auto length = in.u8();
    Reader address{in.take(length)};
    if (!in.ok()) return false;
    if (length % 2 && in.remaining() > 0) in.u8(); // Fill byte, but not behind the last.
    const auto syntax = address.u8();
    if (!address.ok() || kind != 0x12) return true;
    switch (syntax) {
    case any:
        item.known = read_any(address, item);
        break;
    case nck:
    case nck_metric:
    case nck_inch:
        item.known = read_nck(address, item);
        break;
    case symbolic:
        item.known = read_symbol(address, item);
        break;
    case db_read:
        item.known = read_parts(address, item);
        break;
    default:
        break;
    }
    return true;
}

Data read_data(Reader& in, bool last) noexcept {
    Data data;
    data.code = in.u8();
    data.transport = in.u8();
    const std::size_t length = in.u16();
    const bool in_bits = data.transport >= 3 && data.transport <= 5;
    const auto bytes = in_bits ? (length + 7) / 8 : length;
    data.bytes = in.take(bytes);
    if (!last && bytes % 2 && in.remaining() > 0) in.u8();
    return data;
}

Value value_of(const Item* item, const Data& data) noexcept {
    if (data.bytes.empty()) return {};
    const auto first = std::to_integer<unsigned>(data.bytes[0]);
    if (item && item->known) {
        if (!item->parts.empty()) { // Each stretch has a result of its own in front.
            if (first != item_done || data.bytes.size() <= item->count) return {};
            return octets(data.bytes.subspan(1, item->count));
        }
        if (item->transport == bit) {
            if (data.bytes.size() == 1) return (first & 1u) != 0;
            return Array{Array::Of::u8, false,
                         static_cast<std::uint16_t>(std::min<std::size_t>(data.bytes.size(), 0xffff)),
                         data.bytes}; // One byte each.
        }
        if (item->transport == character) return as_text(data.bytes);
        if (const auto kind = kind_of(item->transport)) return numbers(*kind, data.bytes);
    }
    switch (data.transport) {
    case 3:
        return (first & 1u) != 0;
    case 5:
        return numbers({Array::Of::i16, 2}, data.bytes);
    case 6:
        return numbers({Array::Of::i32, 4}, data.bytes);
    case 7:
        return numbers({Array::Of::f32, 4}, data.bytes);
    default:
        return data.bytes.size() == 1 ? Value{std::uint64_t{first}} : Value{data.bytes};
    }
}

Part read_part(Reader& in) noexcept { return Part{in.u8(), in.u16(), in.u16()}; }

Value octets(Bytes bytes) noexcept { return numbers({Array::Of::u8, 1}, bytes); }

std::string_view block_type(std::byte digit) noexcept {
    switch (std::to_integer<char>(digit)) {
    case '8':
        return "OB";
    case '9':
        return "CMOD";
    case 'A':
        return "DB";
    case 'B':
        return "SDB";
    case 'C':
        return "FC";
    case 'D':
        return "SFC";
    case 'E':
        return "FB";
    case 'F':
        return "SFB";
    default:
        return {};
    }
}

bool block_name(Bytes file, TextRoom<32>& out) noexcept {
    const auto text = as_text(file);
    if (text.size() < 8 || text[1] != '0') return false;
    const auto type = block_type(file[2]);
    if (type.empty()) return false;
    std::uint32_t number = 0;
    for (const char digit : text.substr(3, 5)) {
        if (digit < '0' || digit > '9') return false;
        number = number * 10 + static_cast<std::uint32_t>(digit - '0');
    }
    out.add(type).add(' ').number(number);
    return true;
}

} // namespace yagura::dissect::s7
