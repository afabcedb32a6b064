// What MEWTOCOL-COM asks Panasonic's FP controllers for, their areas, error codes and models. "FP Series
// Programming Manual" ARCT1F353E and "MEWTOCOL user's manual" ACGM0041; the models' numbers as MewtocolNet's
// table has them.
#pragma once

#include <array>

#include "spine/observe/observation.h"

namespace yagura::dissect::mewtocol {

enum class Shape : std::uint8_t {
    none,
    contact,  ///< one point
    contacts, ///< how many, and each one
    contact_words,
    contact_fill,
    data,
    data_fill,
    timers, ///< set values, elapsed values
    system_registers,
    remote,
    opaque,
};

struct Known {
    std::string_view word;
    std::string_view name = "unknown command";
    observe::Act act = observe::Act::unknown;
    Shape shape = Shape::opaque;
    bool writes = false;
};

inline constexpr std::array commands{
    Known{"RCS", "read contact", observe::Act::read, Shape::contact},
    Known{"RCP", "read contacts", observe::Act::read, Shape::contacts},
    Known{"RCC", "read contact words", observe::Act::read, Shape::contact_words},
    Known{"RC", "read contacts", observe::Act::read},
    Known{"WCS", "write contact", observe::Act::write, Shape::contact, true},
    Known{"WCP", "write contacts", observe::Act::write, Shape::contacts, true},
    Known{"WCC", "write contact words", observe::Act::write, Shape::contact_words, true},
    Known{"WC", "write contacts", observe::Act::write},
    Known{"SC", "fill contact words", observe::Act::write, Shape::contact_fill, true},
    Known{"RD", "read data", observe::Act::read, Shape::data},
    Known{"WD", "write data", observe::Act::write, Shape::data, true},
    Known{"SD", "fill data", observe::Act::write, Shape::data_fill, true},
    Known{"RS", "read set values", observe::Act::read, Shape::timers},
    Known{"WS", "write set values", observe::Act::write, Shape::timers, true},
    Known{"RK", "read elapsed values", observe::Act::read, Shape::timers},
    Known{"WK", "write elapsed values", observe::Act::write, Shape::timers, true},
    Known{"MC", "register contacts to monitor", observe::Act::subscribe},
    Known{"MD", "register data to monitor", observe::Act::subscribe},
    Known{"MG", "read what is monitored", observe::Act::read},
    Known{"RR", "read system registers", observe::Act::read, Shape::system_registers},
    Known{"WR", "write system registers", observe::Act::configure, Shape::system_registers, true},
    Known{"RT", "read status", observe::Act::identify, Shape::none},
    Known{"EX", "read extended status", observe::Act::identify},
    Known{"RP", "read program", observe::Act::program_upload},
    Known{"WP", "write program", observe::Act::program_download},
    Known{"RM", "remote control", observe::Act::mode_change, Shape::remote},
    Known{"AB", "abort", observe::Act::diagnose, Shape::none},
};

/// The letters as they stand there, so that 0x524353 is RCS; docs/protocols/mewtocol.md.
constexpr std::uint32_t code_of(std::string_view word) noexcept {
    std::uint32_t code = 0;
    for (const char c : word) code = code << 8 | static_cast<unsigned char>(c);
    return code;
}
/// The longest that fits, or one with an empty word.
constexpr Known command_at(std::string_view text) noexcept {
    for (const auto& known : commands)
        if (text.starts_with(known.word)) return known;
    return {};
}
constexpr Known known_by(std::uint32_t code) noexcept {
    for (const auto& known : commands)
        if (code_of(known.word) == code) return known;
    return {};
}

struct Area {
    char letter;
    std::string_view points, words;
};
inline constexpr std::array areas{Area{'X', "X", "WX"}, Area{'Y', "Y", "WY"}, Area{'R', "R", "WR"},
                                  Area{'L', "L", "WL"}, Area{'T', "T", "T"},  Area{'C', "C", "C"},
                                  Area{'P', "P", "P"},  Area{'E', "E", "E"}};
inline constexpr std::array data_areas{Area{'D', "DT", "DT"}, Area{'L', "LD", "LD"}, Area{'F', "FL", "FL"},
                                       Area{'S', "SV", "SV"}, Area{'K', "EV", "EV"}};

constexpr std::string_view error_name(std::uint32_t code) noexcept {
    struct Word {
        std::uint8_t code;
        std::string_view name;
    };
    constexpr std::array words{
        Word{0x20, "undefined"},
        Word{0x21, "remote unit was not understood"},
        Word{0x22, "remote unit is busy"},
        Word{0x23, "unit number is used twice"},
        Word{0x24, "transmission format"},
        Word{0x25, "link unit hardware"},
        Word{0x26, "unit number"},
        Word{0x27, "not supported by the remote unit"},
        Word{0x28, "no answer from the remote unit"},
        Word{0x29, "buffer is closed"},
        Word{0x30, "time is over"},
        Word{0x32, "transmission is impossible"},
        Word{0x33, "communication stopped"},
        Word{0x36, "no such destination"},
        Word{0x38, "other communication error"},
        Word{0x40, "block check"},
        Word{0x41, "format"},
        Word{0x42, "not supported"},
        Word{0x43, "procedure"},
        Word{0x50, "link setting"},
        Word{0x51, "others use it at the same time"},
        Word{0x52, "sending is impossible"},
        Word{0x53, "busy"},
        Word{0x60, "parameter"},
        Word{0x61, "data"},
        Word{0x62, "registration"},
        Word{0x63, "not in this mode of the controller"},
        Word{0x64, "external memory"},
        Word{0x65, "protected"},
        Word{0x66, "address"},
        Word{0x67, "no program and no data"},
        Word{0x68, "cannot be changed while running"},
        Word{0x70, "program size above what may be written"},
        Word{0x71, "cannot be done now"},
    };
    for (const auto& word : words)
        if (word.code == code) return word.name;
    return {};
}

constexpr std::string_view model_name(std::uint32_t code) noexcept {
    struct Model {
        std::uint8_t code;
        std::string_view name;
    };
    constexpr std::array models{
        Model{0x02, "FP5"},
        Model{0x03, "FP3"},
        Model{0x12, "FP5"},
        Model{0x30, "FP10SH"},
        Model{0x40, "FP0"},
        Model{0x41, "FP0"},
        Model{0x42, "FP0 T32"},
        Model{0x43, "FP-Sigma"},
        Model{0x44, "FP-Sigma"},
        Model{0x45, "FP-e"},
        Model{0x46, "FP0R"},
        Model{0x47, "FP0R C32"},
        Model{0x48, "FP0R T32"},
        Model{0x49, "FP0R F32"},
        Model{0x50, "FP2"},
        Model{0x60, "FP2SH"},
        Model{0x62, "FP2SH"},
        Model{0x70, "FP-X C14R"},
        Model{0x71, "FP-X C30R/C60R"},
        Model{0x72, "FP-X0"},
        Model{0x73, "FP-X L14"},
        Model{0x74, "FP-X L30/L60"},
        Model{0x75, "FP-X0"},
        Model{0x76, "FP-X C14T"},
        Model{0x77, "FP-X C30T/C60T"},
        Model{0x7a, "FP-X C40RT0A"},
        Model{0x7f, "FP-X0"},
        Model{0xa0, "FP-XH C14R"},
        Model{0xa1, "FP-XH C30R/C40R/C60R"},
        Model{0xa4, "FP-XH C14T"},
        Model{0xa5, "FP-XH C30T/C40T/C60T"},
        Model{0xa7, "FP-XH C38AT"},
        Model{0xa8, "FP-XH M4"},
        Model{0xac, "FP-XH M8N16"},
        Model{0xad, "FP-XH M8N30"},
        Model{0xae, "FP-XH C40ET/C60ET"},
        Model{0xaf, "FP-XH C60ETF"},
        Model{0xb0, "FP0H C32T"},
        Model{0xb1, "FP0H C32ET"},
        Model{0xe1, "FP-Sigma"},
    };
    for (const auto& one : models)
        if (one.code == code) return one.name;
    return {};
}

} // namespace yagura::dissect::mewtocol
