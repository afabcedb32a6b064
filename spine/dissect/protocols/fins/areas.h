// The memory areas of Omron's controllers by name: "D100", "CIO0.05", "W10", "E0_200". W342-E1-14, 5-2-2 "I/O
// memory address designations", and the codes of the CV series, which differ.
#pragma once

#include <array>

#include "spine/observe/observation.h"

namespace yagura::dissect::fins {

struct Area {
    std::uint8_t code;
    std::string_view name;
    bool of_bits;
    std::uint8_t size; ///< bytes of one element in data
};

inline constexpr std::array areas{
    Area{0x00, "CIO", true, 1},
    Area{0x01, "T", true, 1},
    Area{0x02, "D", true, 1},
    Area{0x06, "TK", true, 1},
    Area{0x07, "CF", true, 1},
    Area{0x09, "T", true, 1},
    Area{0x0a, "E", true, 1},
    Area{0x30, "CIO", true, 1},
    Area{0x31, "W", true, 1},
    Area{0x32, "H", true, 1},
    Area{0x33, "A", true, 1},
    Area{0x46, "TK", false, 1},
    Area{0x49, "T", true, 1},
    Area{0x70, "CIO", true, 1},
    Area{0x71, "W", true, 1},
    Area{0x72, "H", true, 1},
    Area{0x80, "CIO", false, 2},
    Area{0x81, "T", false, 2},
    Area{0x82, "D", false, 2},
    Area{0x89, "T", false, 2},
    Area{0x98, "E", false, 2},
    Area{0x9c, "G", false, 2},
    Area{0xb0, "CIO", false, 2},
    Area{0xb1, "W", false, 2},
    Area{0xb2, "H", false, 2},
    Area{0xb3, "A", false, 2},
    Area{0xbc, "DR", false, 2},
    Area{0xdc, "IR", false, 4},
    Area{0xf0, "CIO", false, 4},
    Area{0xf1, "W", false, 4},
    Area{0xf2, "H", false, 4},
    // EM by bank, 0 to 0x18.
    Area{0x20, "E0_", true, 1},
    Area{0x21, "E1_", true, 1},
    Area{0x22, "E2_", true, 1},
    Area{0x23, "E3_", true, 1},
    Area{0x24, "E4_", true, 1},
    Area{0x25, "E5_", true, 1},
    Area{0x26, "E6_", true, 1},
    Area{0x27, "E7_", true, 1},
    Area{0x28, "E8_", true, 1},
    Area{0x29, "E9_", true, 1},
    Area{0x2a, "EA_", true, 1},
    Area{0x2b, "EB_", true, 1},
    Area{0x2c, "EC_", true, 1},
    Area{0x2d, "ED_", true, 1},
    Area{0x2e, "EE_", true, 1},
    Area{0x2f, "EF_", true, 1},
    Area{0xa0, "E0_", false, 2},
    Area{0xa1, "E1_", false, 2},
    Area{0xa2, "E2_", false, 2},
    Area{0xa3, "E3_", false, 2},
    Area{0xa4, "E4_", false, 2},
    Area{0xa5, "E5_", false, 2},
    Area{0xa6, "E6_", false, 2},
    Area{0xa7, "E7_", false, 2},
    Area{0xa8, "E8_", false, 2},
    Area{0xa9, "E9_", false, 2},
    Area{0xaa, "EA_", false, 2},
    Area{0xab, "EB_", false, 2},
    Area{0xac, "EC_", false, 2},
    Area{0xad, "ED_", false, 2},
    Area{0xae, "EE_", false, 2},
    Area{0xaf, "EF_", false, 2},
    Area{0x60, "E10_", false, 2},
    Area{0x61, "E11_", false, 2},
    Area{0x62, "E12_", false, 2},
    Area{0x63, "E13_", false, 2},
    Area{0x64, "E14_", false, 2},
    Area{0x65, "E15_", false, 2},
    Area{0x66, "E16_", false, 2},
    Area{0x67, "E17_", false, 2},
    Area{0x68, "E18_", false, 2},
    Area{0xe0, "E10_", true, 1},
    Area{0xe1, "E11_", true, 1},
    Area{0xe2, "E12_", true, 1},
    Area{0xe3, "E13_", true, 1},
    Area{0xe4, "E14_", true, 1},
    Area{0xe5, "E15_", true, 1},
    Area{0xe6, "E16_", true, 1},
    Area{0xe7, "E17_", true, 1},
    Area{0xe8, "E18_", true, 1},
};

constexpr const Area* find_area(std::uint8_t code) noexcept {
    for (const auto& known : areas)
        if (known.code == code) return &known;
    return nullptr;
}

/// Timers and counters share an area: counters are numbered from 0x8000.
constexpr observe::Object object_of(std::uint8_t code, std::uint16_t word, std::uint8_t bit) noexcept {
    const auto* known = find_area(code);
    if (!known) return {.space = "area", .group = code, .number = word};
    const bool timers = known->name == "T";
    const bool counter = timers && word >= 0x8000;
    const bool with_bit = known->of_bits && !timers && known->name != "TK" && known->name != "CF";
    return {.form = observe::Object::Form::device,
            .space = counter ? std::string_view{"C"} : known->name,
            .number = counter ? word - 0x8000u : std::uint32_t{word},
            .element = 10,
            .bit = with_bit ? bit : std::uint8_t{0xff}};
}

} // namespace yagura::dissect::fins
