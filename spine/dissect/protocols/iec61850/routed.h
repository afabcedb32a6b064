// GOOSE and sampled values over UDP: what stands before the same message as on Ethernet (IEC 61850-90-5:2012,
// clauses 8 and 9; now in IEC 61850-8-1 Annex H).
#pragma once

#include "spine/base/bytes.h"

namespace yagura::dissect::iec61850 {

enum Session : std::uint8_t { of_goose = 0xa1, of_values = 0xa2, of_tunnel = 0xa0, of_management = 0xa3 };
inline constexpr std::uint8_t payload_goose = 0x81, payload_values = 0x82;

struct Routed {
    bool fits = false;    ///< the heads are those of a routed message
    bool reaches = false; ///< and its payload begins within it
    bool simulated = false;
    std::uint8_t payload = 0;
    std::uint16_t appid = 0, length = 0; ///< of the APDU
    Bytes apdu{};
    std::size_t position = 0; ///< of the APDU in the datagram
};
/// CLTP's UD, session head with numbers and keys, then payloads, of which the first is read.
inline Routed read_routed(Bytes datagram) noexcept {
    Routed out;
    Reader in{datagram};
    const auto indicator = in.u8(), unit = in.u8(), session = in.u8();
    in.u8();
    const auto common = in.u8();
    const auto length = in.u8();
    Reader head{in.take(length)};
    if (!in.ok() || indicator != 1 || unit != 0x40 || session < of_tunnel || session > of_management ||
        common != 0x80)
        return out;
    head.u32(); // Length of the SPDU.
    head.u32(); // Its number.
    const auto version = head.u16();
    head.take(4 + 2 + 4); // When keys change, and which is used.
    head.take(head.u8()); // Initialization vector.
    if (!head.ok() || version == 0 || version > 2) return out;
    out.fits = true;
    in.u32(); // Length of all payloads.
    out.payload = in.u8();
    out.simulated = in.u8() != 0;
    out.appid = in.u16();
    out.length = in.u16();
    out.reaches = in.ok();
    out.position = in.position();
    out.apdu = in.take(std::min<std::size_t>(out.length, in.remaining()));
    return out;
}

} // namespace yagura::dissect::iec61850
