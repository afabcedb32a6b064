// What the commands of the MC protocol's frame 1E are called, what they do and what stands in their bytes.
// "MELSEC Communication Protocol Reference Manual" SH(NA)-080008, 18.2 and 18.4 to 18.7; "FX3U-ENET User's
// Manual" JY997D18101, chapters 9 and 11.
#pragma once

#include <array>

#include "spine/observe/observation.h"

namespace yagura::dissect::mc_1e {

/// How the place of what is read or written is told.
enum class Where : std::uint8_t {
    nowhere,
    device, ///< number and code: "D100"
    block,  ///< of the extended file register, with its number there
    direct, ///< of the extended file register as one
    buffer, ///< of a special function module
    echo,   ///< nothing but data that comes back
};
enum class How : std::uint8_t {
    plain,          ///< the head is all, and an answer has no data
    model,          ///< as plain, answered with the controller's code
    read,           ///< from one place on
    write,          ///< from one place on
    write_anywhere, ///< each with its place
    watch,          ///< each with its place, read later and again
    read_watched,   ///< as plain, answered with as much as was registered
};

struct Known {
    std::uint8_t command;
    std::string_view name;
    observe::Act act;
    How how;
    Where where;
    bool points = false; ///< else words; bytes of a buffer
};

inline constexpr std::array commands{
    Known{0x00, "read points", observe::Act::read, How::read, Where::device, true},
    Known{0x01, "read words", observe::Act::read, How::read, Where::device},
    Known{0x02, "write points", observe::Act::write, How::write, Where::device, true},
    Known{0x03, "write words", observe::Act::write, How::write, Where::device},
    Known{0x04, "test points", observe::Act::write, How::write_anywhere, Where::device, true},
    Known{0x05, "test words", observe::Act::write, How::write_anywhere, Where::device},
    Known{0x06, "register points to monitor", observe::Act::subscribe, How::watch, Where::device, true},
    Known{0x07, "register words to monitor", observe::Act::subscribe, How::watch, Where::device},
    Known{0x08, "monitor points", observe::Act::read, How::read_watched, Where::nowhere, true},
    Known{0x09, "monitor words", observe::Act::read, How::read_watched, Where::nowhere},
    Known{0x0e, "read module buffer", observe::Act::read, How::read, Where::buffer},
    Known{0x0f, "write module buffer", observe::Act::write, How::write, Where::buffer},
    Known{0x13, "remote run", observe::Act::start, How::plain, Where::nowhere},
    Known{0x14, "remote stop", observe::Act::stop, How::plain, Where::nowhere},
    Known{0x15, "read model", observe::Act::identify, How::model, Where::nowhere},
    Known{0x16, "loopback test", observe::Act::diagnose, How::read, Where::echo},
    Known{0x17, "read extended file register", observe::Act::read, How::read, Where::block},
    Known{0x18, "write extended file register", observe::Act::write, How::write, Where::block},
    Known{0x19, "test extended file register", observe::Act::write, How::write_anywhere, Where::block},
    Known{0x1a, "register extended file register to monitor", observe::Act::subscribe, How::watch,
          Where::block},
    Known{0x1b, "monitor extended file register", observe::Act::read, How::read_watched, Where::nowhere},
    Known{0x3b, "read extended file register directly", observe::Act::read, How::read, Where::direct},
    Known{0x3c, "write extended file register directly", observe::Act::write, How::write, Where::direct},
};

/// nullptr if nobody knows it: how long it is, nobody knows then either.
constexpr const Known* find_command(std::uint8_t command) noexcept {
    for (const auto& known : commands)
        if (known.command == command) return &known;
    return nullptr;
}

inline constexpr std::uint8_t with_reason = 0x5b; ///< the end code that another one follows

/// Complete codes; 0x5B00 and more are 5B with its abnormal code (JY997D18101 11.4.2 and 11.4.3).
constexpr std::string_view complete_code_name(std::uint32_t code) noexcept {
    switch (code) {
    case 0x50:
        return "no such command";
    case 0x54:
        return "not ascii code";
    case 0x56:
        return "no such device";
    case 0x57:
        return "points or length do not fit";
    case 0x58:
        return "device out of range or of another kind";
    case 0x5b:
        return "the controller cannot do it";
    case 0x60:
        return "the controller did not answer in time";
    case 0x5b10:
        return "no such station";
    case 0x5b18:
        return "remote run and stop are not possible";
    default:
        return {};
    }
}

/// What command 15 answers with: JY997D18101 9.4.3; the A series in "FX Series User's Manual, Data
/// Communication Edition" JY997D16901, D 7.11.1. A code that several families share says less.
constexpr std::string_view model_name(std::uint8_t code) noexcept {
    switch (code) {
    case 0x82:
        return "A2USCPU";
    case 0x84:
        return "A3UCPU";
    case 0x85:
        return "A4UCPU";
    case 0x8d:
        return "FX2";
    case 0x8e:
        return "FX0N";
    case 0x92:
        return "A2ACPU";
    case 0x93:
        return "A2ACPU-S1";
    case 0x94:
        return "A3ACPU";
    case 0x9d:
        return "FX2N";
    case 0x9e:
        return "FX1N";
    case 0xa1:
        return "A1CPU";
    case 0xa2:
        return "A2CPU";
    case 0xa3:
        return "A3CPU";
    case 0xa4:
        return "A3HCPU";
    case 0xf2:
        return "FX1S";
    case 0xf3:
        return "FX3U";
    case 0xf4:
        return "FX3G";
    default:
        return {};
    }
}

} // namespace yagura::dissect::mc_1e
