// What TOYOPUC's computer link asks JTEKT's controllers for, and their error codes. "TOYOPUC computer link
// instruction manual", command list; command codes and addresses as plc-comm-toyopuc 4.2.0 uses them.
#pragma once

#include <array>

#include "spine/observe/observation.h"

namespace yagura::dissect::toyopuc {

enum class Shape : std::uint8_t {
    opaque,
    words, ///< an address and how many
    put_words,
    bytes,
    put_bytes,
    bit,
    put_bit,
    scattered_words, ///< addresses here and there
    put_scattered_words,
    scattered_bytes,
    put_scattered_bytes,
    mixed, ///< bits, bytes and words here and there
    put_mixed,
    block, ///< of bytes, by an address of 32 bits
    put_block,
    pc10_mixed,
    call, ///< a function, by the two bytes that follow
    relay,
    one_byte,
};

struct Known {
    std::uint32_t code = 0;
    std::string_view name = "unknown command";
    observe::Act act = observe::Act::unknown;
    Shape shape = Shape::opaque;
    bool by_number = false; ///< of a program or an extended area
};

/// A function's code is that of its command << 16 and the two bytes that name it.
inline constexpr std::array commands{
    Known{0x18, "read program", observe::Act::program_upload},
    Known{0x19, "write program", observe::Act::program_download},
    Known{0x1c, "read words", observe::Act::read, Shape::words},
    Known{0x1d, "write words", observe::Act::write, Shape::put_words},
    Known{0x1e, "read bytes", observe::Act::read, Shape::bytes},
    Known{0x1f, "write bytes", observe::Act::write, Shape::put_bytes},
    Known{0x20, "read bit", observe::Act::read, Shape::bit},
    Known{0x21, "write bit", observe::Act::write, Shape::put_bit},
    Known{0x22, "read words here and there", observe::Act::read, Shape::scattered_words},
    Known{0x23, "write words here and there", observe::Act::write, Shape::put_scattered_words},
    Known{0x24, "read bytes here and there", observe::Act::read, Shape::scattered_bytes},
    Known{0x25, "write bytes here and there", observe::Act::write, Shape::put_scattered_bytes},
    Known{0x26, "read bits here and there", observe::Act::read},
    Known{0x27, "write bits here and there", observe::Act::write},
    Known{0x30, "read parameters", observe::Act::read},
    Known{0x31, "write parameters", observe::Act::configure},
    Known{0x32, "function call", observe::Act::call, Shape::call},
    Known{0x60, "relay", observe::Act::unknown, Shape::relay},
    Known{0x90, "read program", observe::Act::program_upload},
    Known{0x91, "write program", observe::Act::program_download},
    Known{0x92, "read parameters", observe::Act::read},
    Known{0x93, "write parameters", observe::Act::configure},
    Known{0x94, "read words", observe::Act::read, Shape::words, true},
    Known{0x95, "write words", observe::Act::write, Shape::put_words, true},
    Known{0x96, "read bytes", observe::Act::read, Shape::bytes, true},
    Known{0x97, "write bytes", observe::Act::write, Shape::put_bytes, true},
    Known{0x98, "read here and there", observe::Act::read, Shape::mixed, true},
    Known{0x99, "write here and there", observe::Act::write, Shape::put_mixed, true},
    Known{0xa0, "function call", observe::Act::call, Shape::call, true},
    Known{0xc2, "read block", observe::Act::read, Shape::block},
    Known{0xc3, "write block", observe::Act::write, Shape::put_block},
    Known{0xc4, "read here and there", observe::Act::read, Shape::pc10_mixed},
    Known{0xc5, "write here and there", observe::Act::write, Shape::pc10_mixed},
    Known{0xca, "write flash register", observe::Act::write, Shape::one_byte},
};
inline constexpr std::array functions{
    Known{0x0100, "resume scan", observe::Act::start},    Known{0x0200, "stop scan", observe::Act::stop},
    Known{0x1100, "read status", observe::Act::diagnose}, Known{0x7000, "read clock", observe::Act::read},
    Known{0x7100, "set clock", observe::Act::time_set},
};
constexpr Known find_command(std::uint8_t code) noexcept {
    for (const auto& known : commands)
        if (known.code == code) return known;
    return {.code = code};
}
constexpr Known find_function(std::uint16_t code) noexcept {
    for (const auto& known : functions)
        if (known.code == code) return known;
    return {.code = code, .name = "function call", .act = observe::Act::call};
}

/// Where the areas lie in words. A packed one is of bits: its words are written X010W, its bits X100.
struct Area {
    std::string_view name;
    std::uint16_t first, words;
    bool packed;
};
inline constexpr std::array areas{
    Area{"P", 0x0000, 0x020, true},   Area{"K", 0x0020, 0x030, true},   Area{"V", 0x0050, 0x010, true},
    Area{"T/C", 0x0060, 0x020, true}, Area{"L", 0x0080, 0x080, true},   Area{"X/Y", 0x0100, 0x080, true},
    Area{"M", 0x0180, 0x080, true},   Area{"S", 0x0200, 0x400, false},  Area{"N", 0x0600, 0x200, false},
    Area{"R", 0x0800, 0x800, false},  Area{"D", 0x1000, 0x3000, false}, Area{"B", 0x6000, 0x2000, false},
};
inline constexpr std::array extended_areas{
    Area{"EP", 0x0000, 0x100, true},    Area{"EK", 0x0100, 0x100, true},  Area{"EV", 0x0200, 0x100, true},
    Area{"ET/EC", 0x0300, 0x080, true}, Area{"EL", 0x0380, 0x200, true},  Area{"EX/EY", 0x0580, 0x080, true},
    Area{"EM", 0x0600, 0x200, true},    Area{"ES", 0x0800, 0x800, false}, Area{"EN", 0x1000, 0x800, false},
    Area{"H", 0x1800, 0x800, false},
};
inline constexpr std::array shared_areas{Area{"GX/GY", 0x0000, 0x1000, true},
                                         Area{"GM", 0x1000, 0x1000, true}};
inline constexpr std::array unit_areas{Area{"U", 0x0000, 0x8000, false}};

constexpr std::string_view error_name(std::uint32_t code) noexcept {
    struct Word {
        std::uint8_t code;
        std::string_view name;
    };
    constexpr std::array words{
        Word{0x11, "hardware of the controller"},
        Word{0x15, "relay refused"},
        Word{0x20, "relay's mark is not 5"},
        Word{0x21, "relay's length is wrong"},
        Word{0x23, "no such command"},
        Word{0x24, "no such subcommand"},
        Word{0x25, "a byte that the command does not have"},
        Word{0x26, "wrong number of operands"},
        Word{0x31, "forbidden while the sequence runs"},
        Word{0x32, "not while stop continues"},
        Word{0x33, "not in debug mode"},
        Word{0x34, "access is forbidden by a setting"},
        Word{0x35, "limited by execution rights"},
        Word{0x36, "another device has the execution rights"},
        Word{0x39, "reset needed after I/O parameters"},
        Word{0x3c, "not while there is a fatal fault"},
        Word{0x3d, "something else is under way"},
        Word{0x3e, "a reset is under way"},
        Word{0x3f, "the controller is stopped"},
        Word{0x40, "address out of range"},
        Word{0x41, "count out of range"},
        Word{0x42, "data that were not designated"},
        Word{0x43, "operand of a function"},
        Word{0x52, "timer or counter is not used"},
        Word{0x66, "no answer from the relay"},
        Word{0x70, "relay cannot do it"},
        Word{0x72, "no answer from the relay"},
        Word{0x73, "relay is in use, ask again"},
    };
    for (const auto& word : words)
        if (word.code == code) return word.name;
    return {};
}

} // namespace yagura::dissect::toyopuc
