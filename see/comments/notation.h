// How a controller's tool writes addresses, and what the same things are called where they are seen on the
// network (docs/protocols, "Objects").
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace yagura::see::comments {

enum class Notation : std::uint8_t {
    melsec,       ///< X1F and Y1F in hexadecimal: Q, L, iQ-R
    melsec_octal, ///< X17 is the sixteenth input: FX, iQ-F
    keyence,      ///< DM100, MR1515; the X, Y, M and D of its XYM names
    omron,        ///< 0.00, W1.05, D100, DM00100
    siemens,      ///< %MW100, M 750.0, DB1.DBW2; E and A as well as I and Q
    logix,        ///< tags with the scope of their program
    names,        ///< variables and nodes by their name
    modbus,       ///< 40108, 4x0108, %MW107, holding register 107; what is none of them, as it is written
};
inline constexpr std::size_t notation_count = 8;

/// "melsec", "melsec_octal", … as the API says them.
std::string_view key(Notation) noexcept;
std::optional<Notation> notation_of(std::string_view key) noexcept;

/// First what the address means, then what begins in the same place: the byte of a word, the flag of a timer.
/// Empty: it is no address in this notation. Leading zeros, spaces and small letters make no difference.
std::vector<std::string> objects_of(Notation, std::string_view address);

} // namespace yagura::see::comments
