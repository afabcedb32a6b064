// DCE/RPC over datagrams: the head of a packet, and whose interface it is for.
//
// From "DCE 1.1: Remote Procedure Call" (Open Group C706), chapter 12.5 (connectionless protocol data units)
// and appendix A (UUIDs).
#pragma once

#include <algorithm>
#include <array>
#include <optional>

#include "spine/base/bytes.h"

namespace yagura::dissect::dce_rpc {

inline constexpr std::size_t head_size = 80;

enum class Type : std::uint8_t {
    request = 0,
    ping = 1,
    response = 2,
    fault = 3,
    working = 4,
    no_call = 5,
    reject = 6,
    acknowledge = 7,
    cancel = 8,
    fragment_acknowledge = 9,
    cancel_acknowledge = 10,
};

/// As text has it: first, second and third group as numbers.
struct Uuid {
    std::uint32_t first = 0;
    std::uint16_t second = 0, third = 0;
    std::array<std::byte, 8> rest{};
    friend bool operator==(const Uuid&, const Uuid&) = default;
};

struct Head {
    Type type{};
    bool last = true, fragment = false; ///< of several; the last of them
    bool little = false;                ///< byte order of everything behind it that NDR encodes
    Uuid object{}, interface{}, activity{};
    std::uint32_t sequence = 0; ///< of the call in its activity
    std::uint16_t operation = 0, length = 0, number = 0;
};

/// Numbers in the byte order that the sender chose.
class NdrReader : public Reader {
public:
    NdrReader(Bytes bytes, bool little) noexcept : Reader{bytes}, little_{little} {}
    std::uint16_t number16() noexcept { return little_ ? u16le() : u16(); }
    std::uint32_t number32() noexcept { return little_ ? u32le() : u32(); }
    Uuid uuid() noexcept {
        Uuid out{.first = number32(), .second = number16(), .third = number16()};
        if (const auto bytes = take(8); bytes.size() == 8) std::ranges::copy(bytes, out.rest.begin());
        return out;
    }

private:
    bool little_;
};

/// Nothing if the bytes are no head of version 4, or too few.
inline std::optional<Head> read_head(Bytes bytes) noexcept {
    if (bytes.size() < head_size) return std::nullopt;
    const auto at = [&](std::size_t place) { return std::to_integer<unsigned>(bytes[place]); };
    if (at(0) != 4 || at(1) > 10 || (at(4) & 0xe0) != 0) return std::nullopt;
    Head out{.type = static_cast<Type>(at(1)), .little = (at(4) & 0x10) != 0};
    out.fragment = (at(2) & 0x04) != 0;
    out.last = !out.fragment || (at(2) & 0x02) != 0;
    NdrReader in{bytes, out.little};
    in.take(8);
    out.object = in.uuid();
    out.interface = in.uuid();
    out.activity = in.uuid();
    in.number32(); // When the server began.
    in.number32(); // Version of the interface.
    out.sequence = in.number32();
    out.operation = in.number16();
    in.take(4); // Hints.
    out.length = in.number16();
    out.number = in.number16();
    return out;
}

} // namespace yagura::dissect::dce_rpc
