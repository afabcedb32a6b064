// DHCPv4 messages as bytes: the fixed part, and options wherever they stand.
//
// From RFC 2131 clause 2 (the message), RFC 2132 clause 9.3 (option overload) and RFC 3396 (an option
// in several pieces is one).
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "spine/base/bytes.h"

namespace yagura::wire::dhcp {

inline constexpr std::size_t fixed_size = 236;
inline constexpr std::uint32_t cookie =
    0x63825363; ///< RFC 2131 clause 3: options follow, not BOOTP's vendor area

namespace option {
inline constexpr std::uint8_t pad = 0, subnet_mask = 1, routers = 3, name_servers = 6, host_name = 12,
                              domain_name = 15, requested_address = 50, lease_time = 51, overload = 52,
                              message_type = 53, server_id = 54, parameters = 55, message = 56,
                              vendor_class = 60, client_id = 61, client_name = 81, end = 255;
}

using Four = std::array<std::uint8_t, 4>;

/// The fixed part, as far as it is there: a message cut inside it has `ok` false and zeros at its end.
struct Message {
    std::uint8_t op = 0, hardware = 0, hardware_size = 0, hops = 0;
    std::uint32_t transaction = 0;
    std::uint16_t seconds = 0, flags = 0;
    Four client{}, yours{}, server{}, relay{};
    Bytes hardware_address{}; ///< 16 bytes, of which hardware_size count
    Bytes server_name{}, file{};
    Bytes options{}; ///< behind the cookie; empty for BOOTP
    bool has_cookie = false;
    bool ok = false;
};

namespace detail {
constexpr Four four(Bytes bytes) noexcept {
    Four out{};
    for (std::size_t i = 0; i < out.size() && i < bytes.size(); ++i)
        out[i] = std::to_integer<std::uint8_t>(bytes[i]);
    return out;
}
} // namespace detail

constexpr Message read(Bytes bytes) noexcept {
    Reader in{bytes};
    Message out;
    out.op = in.u8();
    out.hardware = in.u8();
    out.hardware_size = in.u8();
    out.hops = in.u8();
    out.transaction = in.u32();
    out.seconds = in.u16();
    out.flags = in.u16();
    out.client = detail::four(in.take(4));
    out.yours = detail::four(in.take(4));
    out.server = detail::four(in.take(4));
    out.relay = detail::four(in.take(4));
    out.hardware_address = in.take(16);
    out.server_name = in.take(64);
    out.file = in.take(128);
    out.ok = in.ok();
    if (!out.ok) return out;
    Reader behind{bytes.subspan(in.position())};
    const auto magic = behind.u32();
    if (behind.ok() && magic == cookie) {
        out.has_cookie = true;
        out.options = behind.rest();
    }
    return out;
}

/// One option as it stands, without looking for its other pieces.
struct Option {
    std::uint8_t code = 0;
    Bytes value{};
};

/// Walks one area of options. Ends at the end option, at the area's end, or where an option says that it
/// is longer than what is left: then ok() is false.
class Options {
public:
    constexpr explicit Options(Bytes area) noexcept : in_{area} {}
    constexpr std::optional<Option> next() noexcept {
        while (in_.remaining()) {
            const auto code = in_.u8();
            if (code == option::pad) continue;
            if (code == option::end) {
                ended_ = true;
                return std::nullopt;
            }
            const auto value = in_.take(in_.u8());
            if (!in_.ok()) return std::nullopt;
            return Option{code, value};
        }
        return std::nullopt;
    }
    constexpr bool ok() const noexcept { return in_.ok(); }
    /// The end option was met: nothing was cut off behind the last one.
    constexpr bool ended() const noexcept { return ended_; }

private:
    Reader in_;
    bool ended_ = false;
};

/// The areas that hold options, in the order RFC 3396 puts them together: options, file, sname.
constexpr std::array<Bytes, 3> areas(const Message& message) noexcept {
    std::array<Bytes, 3> out{message.options, {}, {}};
    std::uint8_t overload = 0;
    Options walk{message.options};
    while (const auto found = walk.next())
        if (found->code == option::overload && found->value.size() == 1)
            overload = std::to_integer<std::uint8_t>(found->value[0]);
    if (overload & 1 && overload <= 3) out[1] = message.file;
    if (overload & 2 && overload <= 3) out[2] = message.server_name;
    return out;
}

/// The whole value of an option. In one piece it is the message's own bytes; several are put together in
/// `room`, and what does not fit there is left out. Empty optional: the option is not there.
constexpr std::optional<Bytes> value(const std::array<Bytes, 3>& areas, std::uint8_t code,
                                     std::span<std::byte> room) noexcept {
    std::optional<Bytes> whole;
    std::size_t used = 0;
    const auto keep = [&](Bytes piece) {
        const auto fits = std::min(piece.size(), room.size() - used);
        std::copy_n(piece.begin(), fits, room.begin() + static_cast<std::ptrdiff_t>(used));
        used += fits;
    };
    for (const auto& area : areas) {
        Options walk{area};
        while (const auto found = walk.next()) {
            if (found->code != code) continue;
            if (!whole) {
                whole = found->value;
                continue;
            }
            if (used == 0) keep(*whole);
            keep(found->value);
            whole = Bytes{room.first(used)};
        }
    }
    return whole;
}

} // namespace yagura::wire::dhcp
