// The objects of DNP3: what a group is called, and how long one object of a variation is. IEEE 1815-2012,
// annex A.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace yagura::dissect::dnp3 {

/// How the value stands in an object. Flags come first where there are any.
enum class Value : std::uint8_t {
    none,
    packed_1,  ///< a bit each, the lowest first
    packed_2,  ///< two bits each
    flag_bit,  ///< the highest bit of the flags
    flag_pair, ///< the two highest
    u16,
    u32,
    i16,
    i32,
    f32,
    f64, ///< without flags
    flagged_u16,
    flagged_u32,
    flagged_i16,
    flagged_i32,
    flagged_f32,
    flagged_f64,
    control, ///< control relay output block
    output_i16,
    output_i32,
    output_f32,
    output_f64, ///< a value, then a status
    text,
};

struct Variation {
    std::uint8_t group, variation;
    std::uint8_t size; ///< bytes; 0 for packed ones
    Value value;
};

inline constexpr std::array variations{
    Variation{1, 1, 0, Value::packed_1},      Variation{1, 2, 1, Value::flag_bit},
    Variation{2, 1, 1, Value::flag_bit},      Variation{2, 2, 7, Value::flag_bit},
    Variation{2, 3, 3, Value::flag_bit},      Variation{3, 1, 0, Value::packed_2},
    Variation{3, 2, 1, Value::flag_pair},     Variation{4, 1, 1, Value::flag_pair},
    Variation{4, 2, 7, Value::flag_pair},     Variation{4, 3, 3, Value::flag_pair},
    Variation{10, 1, 0, Value::packed_1},     Variation{10, 2, 1, Value::flag_bit},
    Variation{11, 1, 1, Value::flag_bit},     Variation{11, 2, 7, Value::flag_bit},
    Variation{12, 1, 11, Value::control},     Variation{12, 2, 11, Value::control},
    Variation{12, 3, 0, Value::packed_1},     Variation{13, 1, 1, Value::flag_bit},
    Variation{13, 2, 7, Value::flag_bit},     Variation{20, 1, 5, Value::flagged_u32},
    Variation{20, 2, 3, Value::flagged_u16},  Variation{20, 3, 5, Value::flagged_u32},
    Variation{20, 4, 3, Value::flagged_u16},  Variation{20, 5, 4, Value::u32},
    Variation{20, 6, 2, Value::u16},          Variation{20, 7, 4, Value::u32},
    Variation{20, 8, 2, Value::u16},          Variation{21, 1, 5, Value::flagged_u32},
    Variation{21, 2, 3, Value::flagged_u16},  Variation{21, 3, 5, Value::flagged_u32},
    Variation{21, 4, 3, Value::flagged_u16},  Variation{21, 5, 11, Value::flagged_u32},
    Variation{21, 6, 9, Value::flagged_u16},  Variation{21, 7, 11, Value::flagged_u32},
    Variation{21, 8, 9, Value::flagged_u16},  Variation{21, 9, 4, Value::u32},
    Variation{21, 10, 2, Value::u16},         Variation{21, 11, 4, Value::u32},
    Variation{21, 12, 2, Value::u16},         Variation{22, 1, 5, Value::flagged_u32},
    Variation{22, 2, 3, Value::flagged_u16},  Variation{22, 3, 5, Value::flagged_u32},
    Variation{22, 4, 3, Value::flagged_u16},  Variation{22, 5, 11, Value::flagged_u32},
    Variation{22, 6, 9, Value::flagged_u16},  Variation{22, 7, 11, Value::flagged_u32},
    Variation{22, 8, 9, Value::flagged_u16},  Variation{23, 1, 5, Value::flagged_u32},
    Variation{23, 2, 3, Value::flagged_u16},  Variation{23, 3, 5, Value::flagged_u32},
    Variation{23, 4, 3, Value::flagged_u16},  Variation{23, 5, 11, Value::flagged_u32},
    Variation{23, 6, 9, Value::flagged_u16},  Variation{23, 7, 11, Value::flagged_u32},
    Variation{23, 8, 9, Value::flagged_u16},  Variation{30, 1, 5, Value::flagged_i32},
    Variation{30, 2, 3, Value::flagged_i16},  Variation{30, 3, 4, Value::i32},
    Variation{30, 4, 2, Value::i16},          Variation{30, 5, 5, Value::flagged_f32},
    Variation{30, 6, 9, Value::flagged_f64},  Variation{31, 1, 5, Value::flagged_i32},
    Variation{31, 2, 3, Value::flagged_i16},  Variation{31, 3, 11, Value::flagged_i32},
    Variation{31, 4, 9, Value::flagged_i16},  Variation{31, 5, 4, Value::i32},
    Variation{31, 6, 2, Value::i16},          Variation{31, 7, 5, Value::flagged_f32},
    Variation{31, 8, 9, Value::flagged_f64},  Variation{32, 1, 5, Value::flagged_i32},
    Variation{32, 2, 3, Value::flagged_i16},  Variation{32, 3, 11, Value::flagged_i32},
    Variation{32, 4, 9, Value::flagged_i16},  Variation{32, 5, 5, Value::flagged_f32},
    Variation{32, 6, 9, Value::flagged_f64},  Variation{32, 7, 11, Value::flagged_f32},
    Variation{32, 8, 15, Value::flagged_f64}, Variation{33, 1, 5, Value::flagged_i32},
    Variation{33, 2, 3, Value::flagged_i16},  Variation{33, 3, 11, Value::flagged_i32},
    Variation{33, 4, 9, Value::flagged_i16},  Variation{33, 5, 5, Value::flagged_f32},
    Variation{33, 6, 9, Value::flagged_f64},  Variation{33, 7, 11, Value::flagged_f32},
    Variation{33, 8, 15, Value::flagged_f64}, Variation{34, 1, 2, Value::u16},
    Variation{34, 2, 4, Value::u32},          Variation{34, 3, 4, Value::f32},
    Variation{40, 1, 5, Value::flagged_i32},  Variation{40, 2, 3, Value::flagged_i16},
    Variation{40, 3, 5, Value::flagged_f32},  Variation{40, 4, 9, Value::flagged_f64},
    Variation{41, 1, 5, Value::output_i32},   Variation{41, 2, 3, Value::output_i16},
    Variation{41, 3, 5, Value::output_f32},   Variation{41, 4, 9, Value::output_f64},
    Variation{42, 1, 5, Value::flagged_i32},  Variation{42, 2, 3, Value::flagged_i16},
    Variation{42, 3, 11, Value::flagged_i32}, Variation{42, 4, 9, Value::flagged_i16},
    Variation{42, 5, 5, Value::flagged_f32},  Variation{42, 6, 9, Value::flagged_f64},
    Variation{42, 7, 11, Value::flagged_f32}, Variation{42, 8, 15, Value::flagged_f64},
    Variation{43, 1, 5, Value::flagged_i32},  Variation{43, 2, 3, Value::flagged_i16},
    Variation{43, 3, 11, Value::flagged_i32}, Variation{43, 4, 9, Value::flagged_i16},
    Variation{43, 5, 5, Value::flagged_f32},  Variation{43, 6, 9, Value::flagged_f64},
    Variation{43, 7, 11, Value::flagged_f32}, Variation{43, 8, 15, Value::flagged_f64},
    Variation{50, 1, 6, Value::none},         Variation{50, 2, 10, Value::none},
    Variation{50, 3, 6, Value::none},         Variation{50, 4, 11, Value::none},
    Variation{51, 1, 6, Value::none},         Variation{51, 2, 6, Value::none},
    Variation{52, 1, 2, Value::u16},          Variation{52, 2, 2, Value::u16},
    Variation{80, 1, 0, Value::packed_1},
};

/// Where a group's variations begin, which stand together from the first on, and how many there are.
struct Stretch {
    std::uint8_t begin = 0, count = 0;
};
inline constexpr auto groups = [] {
    std::array<Stretch, 256> all{};
    for (std::uint8_t at = 0; at < variations.size(); ++at) {
        auto& group = all[variations[at].group];
        if (group.count == 0) group.begin = at;
        ++group.count;
    }
    return all;
}();

constexpr const Variation* find_variation(std::uint8_t group, std::uint8_t variation) noexcept {
    const auto [begin, count] = groups[group];
    return variation == 0 || variation > count ? nullptr : &variations[begin + variation - 1u];
}
static_assert([] { // Asked for each object of each message: a place, not a search.
    for (const auto& known : variations)
        if (find_variation(known.group, known.variation) != &known) return false;
    return variations.size() < 256;
}());

/// What people call the points of a group.
constexpr std::string_view space_of(std::uint8_t group) noexcept {
    switch (group) {
    case 0:
        return "device attribute";
    case 1:
    case 2:
        return "binary input";
    case 3:
    case 4:
        return "double-bit input";
    case 10:
    case 11:
        return "binary output";
    case 12:
    case 13:
        return "binary command";
    case 20:
    case 22:
        return "counter";
    case 21:
    case 23:
        return "frozen counter";
    case 30:
    case 32:
        return "analog input";
    case 31:
    case 33:
        return "frozen analog input";
    case 34:
        return "deadband";
    case 40:
    case 42:
        return "analog output";
    case 41:
    case 43:
        return "analog command";
    case 50:
    case 51:
        return "time";
    case 52:
        return "delay";
    case 60:
        return "class";
    case 70:
        return "file";
    case 80:
        return "internal indication";
    case 81:
        return "storage";
    case 90:
        return "application";
    case 110:
    case 111:
        return "octet string";
    case 112:
    case 113:
        return "virtual terminal";
    case 120:
        return "authentication";
    default:
        return "object";
    }
}

} // namespace yagura::dissect::dnp3
