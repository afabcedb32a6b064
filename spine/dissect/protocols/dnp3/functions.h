// Function codes of DNP3's application layer and of its link layer. IEEE 1815-2012, 4.4 and 9.2.4.
#pragma once

#include <array>

#include "spine/observe/observation.h"

namespace yagura::dissect::dnp3 {

struct Function {
    std::uint8_t code = 0;
    std::string_view name = "unknown function";
    observe::Act act = observe::Act::unknown;
};

inline constexpr std::array functions{
    Function{0, "confirm", observe::Act::report},
    Function{1, "read", observe::Act::read},
    Function{2, "write", observe::Act::write},
    Function{3, "select", observe::Act::select},
    Function{4, "operate", observe::Act::write},
    Function{5, "direct operate", observe::Act::write},
    Function{6, "direct operate, no answer", observe::Act::write},
    Function{7, "freeze", observe::Act::write},
    Function{8, "freeze, no answer", observe::Act::write},
    Function{9, "freeze and clear", observe::Act::write},
    Function{10, "freeze and clear, no answer", observe::Act::write},
    Function{11, "freeze at time", observe::Act::write},
    Function{12, "freeze at time, no answer", observe::Act::write},
    Function{13, "cold restart", observe::Act::reset},
    Function{14, "warm restart", observe::Act::reset},
    Function{15, "initialize data", observe::Act::clear},
    Function{16, "initialize application", observe::Act::reset},
    Function{17, "start application", observe::Act::start},
    Function{18, "stop application", observe::Act::stop},
    Function{19, "save configuration", observe::Act::configure},
    Function{20, "enable unsolicited", observe::Act::subscribe},
    Function{21, "disable unsolicited", observe::Act::configure},
    Function{22, "assign class", observe::Act::configure},
    Function{23, "delay measurement", observe::Act::diagnose},
    Function{24, "record current time", observe::Act::time_set},
    Function{25, "open file", observe::Act::file_read},
    Function{26, "close file", observe::Act::file_read},
    Function{27, "delete file", observe::Act::file_delete},
    Function{28, "get file information", observe::Act::browse},
    Function{29, "authenticate file", observe::Act::authenticate},
    Function{30, "abort file", observe::Act::file_read},
    Function{31, "activate configuration", observe::Act::configure},
    Function{32, "authenticate request", observe::Act::authenticate},
    Function{33, "authenticate error", observe::Act::authenticate},
    Function{129, "response", observe::Act::unknown},
    Function{130, "unsolicited response", observe::Act::report},
    Function{131, "authenticate response", observe::Act::authenticate},
};

/// Never nothing: what nobody knows is an operation all the same.
constexpr Function find_function(std::uint8_t code) noexcept {
    for (const auto& known : functions)
        if (known.code == code) return known;
    return {.code = code};
}

/// Of a primary (it asks) or a secondary (it answers) station; empty: reserved.
constexpr std::string_view link_function(bool primary, std::uint8_t code) noexcept {
    switch (code | (primary ? 0x10 : 0)) {
    case 0x10:
        return "reset link";
    case 0x11:
        return "reset user process";
    case 0x12:
        return "test link";
    case 0x19:
        return "request link status";
    case 0x00:
        return "link acknowledged";
    case 0x01:
        return "link not acknowledged";
    case 0x0b:
        return "link status";
    case 0x0e:
        return "link service not functioning";
    case 0x0f:
        return "link service not supported";
    default:
        return {};
    }
}

/// A refusal: the second byte of the internal indications (4.2.2.5), or 0x100 with the status of a command
/// (A.26).
constexpr std::string_view status_name(std::uint32_t status) noexcept {
    if (status & 0x100) {
        constexpr std::string_view names[]{
            "success",       "timeout",        "no select",          "format error",
            "not supported", "already active", "hardware error",     "local",
            "too many",      "not authorized", "automation inhibit", "processing limited",
            "out of range"};
        const auto code = status & 0x7f;
        return code < std::size(names) ? names[code] : code == 126 ? "non participating" : "undefined";
    }
    if (status & 1) return "function not supported";
    if (status & 2) return "object unknown";
    if (status & 4) return "parameter error";
    if (status & 0x10) return "already executing";
    return {};
}

} // namespace yagura::dissect::dnp3
