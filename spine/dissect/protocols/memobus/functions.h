// The functions of MEMOBUS messages. "MP920 Communications Module user's manual" SIEZ-C887-2.6, appendix B,
// and "MP3000 Series Communications user's manual" SIEP C880725 12, 2.16.
#pragma once

#include <array>

#include "spine/observe/observation.h"

namespace yagura::dissect::memobus {

enum class Shape : std::uint8_t {
    opaque,
    read,      ///< address and count
    put_one,   ///< address and value
    put_many,  ///< address, count, values
    scattered, ///< count, addresses
    put_scattered,
    test,
};
enum class Of : std::uint8_t { nothing, coil, relay, holding, input };

struct Known {
    std::uint16_t code = 0; ///< main function << 8 | subfunction
    std::string_view name = "unknown function";
    observe::Act act = observe::Act::unknown;
    Shape shape = Shape::opaque;
    Of of = Of::nothing;
    bool extended = false; ///< a spare byte, and the lower byte of a number first
};
inline constexpr std::array functions{
    Known{0x2001, "read coils", observe::Act::read, Shape::read, Of::coil},
    Known{0x2002, "read input relays", observe::Act::read, Shape::read, Of::relay},
    Known{0x2003, "read holding registers", observe::Act::read, Shape::read, Of::holding},
    Known{0x2004, "read input registers", observe::Act::read, Shape::read, Of::input},
    Known{0x2005, "change coil", observe::Act::write, Shape::put_one, Of::coil},
    Known{0x2006, "write holding register", observe::Act::write, Shape::put_one, Of::holding},
    Known{0x2008, "loopback test", observe::Act::diagnose, Shape::test},
    Known{0x2009, "read holding registers", observe::Act::read, Shape::read, Of::holding, true},
    Known{0x200a, "read input registers", observe::Act::read, Shape::read, Of::input, true},
    Known{0x200b, "write holding registers", observe::Act::write, Shape::put_many, Of::holding, true},
    Known{0x200d, "read holding registers here and there", observe::Act::read, Shape::scattered, Of::holding,
          true},
    Known{0x200e, "write holding registers here and there", observe::Act::write, Shape::put_scattered,
          Of::holding, true},
    Known{0x200f, "change coils", observe::Act::write, Shape::put_many, Of::coil},
    Known{0x2010, "write holding registers", observe::Act::write, Shape::put_many, Of::holding},
    Known{0x2031, "write fixed buffer", observe::Act::write},
    Known{0x2032, "read random access buffer", observe::Act::read},
    Known{0x2033, "write random access buffer", observe::Act::write},
    Known{0x4341, "read bits", observe::Act::read},
    Known{0x4345, "change bit", observe::Act::write},
    Known{0x4346, "write register", observe::Act::write},
    Known{0x4349, "read registers", observe::Act::read},
    Known{0x434b, "write registers", observe::Act::write},
    Known{0x434d, "read registers here and there", observe::Act::read},
    Known{0x434e, "write registers here and there", observe::Act::write},
    Known{0x434f, "change bits", observe::Act::write},
};
constexpr Known find_function(std::uint16_t code) noexcept {
    for (const auto& known : functions)
        if (known.code == code) return known;
    return {.code = code};
}

constexpr std::string_view space_of(Of of) noexcept {
    switch (of) {
    case Of::coil:
        return "coil";
    case Of::relay:
        return "input relay";
    case Of::holding:
        return "holding register";
    case Of::input:
        return "input register";
    default:
        return {};
    }
}

constexpr std::string_view error_name(std::uint32_t code) noexcept {
    constexpr std::array<std::string_view, 4> words{"", "no such function", "wrong address",
                                                    "wrong number of data"};
    return code < words.size() ? words[code] : std::string_view{};
}

} // namespace yagura::dissect::memobus
