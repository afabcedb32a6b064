// The devices of a MELSEC controller: "D100", "M0", "X1F". SH(NA)-080956ENG, 5.2 "Accessible devices".
#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "spine/observe/observation.h"

namespace yagura::dissect::slmp {

struct Device {
    std::uint8_t code;     ///< in binary messages
    std::string_view name; ///< as people write it, and as text messages do, filled up with '*'
    bool hexadecimal;      ///< how people write its number
};

inline constexpr std::array devices{
    Device{0x91, "SM", false},   Device{0xa9, "SD", false},   Device{0x9c, "X", true},
    Device{0x9d, "Y", true},     Device{0x90, "M", false},    Device{0x92, "L", false},
    Device{0x93, "F", false},    Device{0x94, "V", false},    Device{0xa0, "B", true},
    Device{0xa8, "D", false},    Device{0xb4, "W", true},     Device{0xc1, "TS", false},
    Device{0xc0, "TC", false},   Device{0xc2, "TN", false},   Device{0x51, "LTS", false},
    Device{0x50, "LTC", false},  Device{0x52, "LTN", false},  Device{0xc7, "STS", false},
    Device{0xc6, "STC", false},  Device{0xc8, "STN", false},  Device{0x59, "LSTS", false},
    Device{0x58, "LSTC", false}, Device{0x5a, "LSTN", false}, Device{0xc4, "CS", false},
    Device{0xc3, "CC", false},   Device{0xc5, "CN", false},   Device{0x55, "LCS", false},
    Device{0x54, "LCC", false},  Device{0x56, "LCN", false},  Device{0xa1, "SB", true},
    Device{0xb5, "SW", true},    Device{0x98, "S", false},    Device{0xa2, "DX", true},
    Device{0xa3, "DY", true},    Device{0xcc, "Z", false},    Device{0x62, "LZ", false},
    Device{0xaf, "R", false},    Device{0xb0, "ZR", false},   Device{0x2c, "RD", false},
    Device{0xab, "G", false},
};

constexpr const Device* find_device(std::uint32_t code) noexcept {
    for (const auto& known : devices)
        if (known.code == code) return &known;
    return nullptr;
}

/// Of a text message: "D*", "X*", "TN", and in four letters for the iQ-R series ("D***"). The retentive
/// timers are called SS, SC and SN in two letters.
constexpr const Device* find_device(std::string_view name) noexcept {
    while (!name.empty() && name.back() == '*') name.remove_suffix(1);
    if (name == "SS") name = "STS";
    if (name == "SC") name = "STC";
    if (name == "SN") name = "STN";
    for (const auto& known : devices)
        if (known.name == name) return &known;
    return nullptr;
}

/// "D100", and "U3E0\G10" where `unit` is a module's place. A code that nobody knows is told by its number.
constexpr observe::Object object_of(std::uint32_t code, std::uint32_t number,
                                    std::uint32_t unit = 0) noexcept {
    const auto* known = find_device(code);
    if (!known) return {.space = "device", .group = code, .number = number};
    return {.form = observe::Object::Form::device,
            .space = known->name,
            .group = unit,
            .number = number,
            .element = static_cast<std::uint16_t>(known->hexadecimal ? 16 : 10)};
}

} // namespace yagura::dissect::slmp
