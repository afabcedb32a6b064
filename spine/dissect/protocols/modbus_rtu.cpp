// Modbus RTU in a TCP stream or a datagram: what a serial server carries from and to a serial line as it
// stands, with address and checksum, without the header of Modbus/TCP.
//
// From "MODBUS over Serial Line Specification and Implementation Guide V1.02", clauses 2.2 (addresses), 2.5.1
// (frames) and 6.2.2 (checksum); the functions are those of "MODBUS Application Protocol Specification
// V1.1b3". On a line silence ends a frame; a stream has none, so the length comes from the function, and the
// checksum says whether it was the right one.
#include <algorithm>
#include <array>

#include "spine/dissect/protocols/modbus/told.h"
#include "spine/dissect/tell.h"

namespace yagura::dissect::protocols {
namespace {

using namespace modbus;
using observe::Phase;
using observe::Speaker;

constexpr std::size_t frame_least = 4, frame_most = 256, checksum_size = 2, head_size = 2;
constexpr std::uint8_t address_most = 247; // 248 to 255 are reserved.

/// By half bytes: two steps a byte and a table of 32 bytes.
constexpr auto steps = [] {
    std::array<std::uint16_t, 16> out{};
    for (unsigned i = 0; i < out.size(); ++i) {
        auto value = i;
        for (int bit = 0; bit < 4; ++bit) value = value & 1 ? value >> 1 ^ 0xa001 : value >> 1;
        out[i] = static_cast<std::uint16_t>(value);
    }
    return out;
}();
constexpr std::uint16_t add(std::uint16_t sum, std::byte byte) noexcept {
    sum ^= std::to_integer<std::uint16_t>(byte);
    sum = static_cast<std::uint16_t>(sum >> 4 ^ steps[sum & 15u]);
    return static_cast<std::uint16_t>(sum >> 4 ^ steps[sum & 15u]);
}
constexpr std::uint16_t checksum(Bytes bytes) noexcept {
    std::uint16_t sum = 0xffff;
    for (const auto byte : bytes) sum = add(sum, byte);
    return sum;
}
constexpr bool is_frame(Bytes bytes) noexcept {
    if (bytes.size() < frame_least || bytes.size() > frame_most) return false;
    Reader last{bytes.last(checksum_size)};
    return checksum(bytes.first(bytes.size() - checksum_size)) == last.u16le();
}

/// How long a frame is if it is a request, and if it is an answer; 0: its first bytes do not tell.
struct Lengths {
    std::size_t request = 0, answer = 0;
    bool later = false; ///< the byte that tells has not come yet
};

/// Clause 6.21: objects one after the other, each with its length.
constexpr std::size_t identification(Bytes stream, bool& later) noexcept {
    Reader in{stream};
    in.take(head_size + 5); // MEI type, read code, conformity, more follows, next object
    const auto objects = in.u8();
    for (unsigned i = 0; i < objects; ++i) {
        in.u8();
        in.take(in.u8());
    }
    later = later || !in.ok();
    return in.ok() ? in.position() + checksum_size : 0;
}

constexpr Lengths lengths_of(Bytes stream) noexcept {
    Lengths out;
    const auto function = std::to_integer<std::uint8_t>(stream[1]);
    if (function & refusal) {
        out.answer = 5;
        return out;
    }
    /// The fixed bytes and as many as the one at `at` says.
    const auto counted = [&](std::size_t at, std::size_t fixed) -> std::size_t {
        if (at < stream.size()) return fixed + std::to_integer<std::size_t>(stream[at]);
        out.later = true;
        return 0;
    };
    switch (find_function(function).shape) {
    case Shape::read_bits:
    case Shape::read_words:
        out.request = 8;
        out.answer = counted(2, 5);
        break;
    case Shape::write_one:
        out.request = out.answer = 8;
        break;
    case Shape::write_many:
        out.request = counted(6, 9);
        out.answer = 8;
        break;
    case Shape::exchange:
        out.request = counted(10, 13);
        out.answer = counted(2, 5);
        break;
    case Shape::mask:
        out.request = out.answer = 10;
        break;
    case Shape::exception_status:
        out.request = 4;
        out.answer = 5;
        break;
    case Shape::event_counter:
        out.request = 4;
        out.answer = 8;
        break;
    case Shape::diagnostics:
        out.request = out.answer = 8;
        break;
    case Shape::event_log:
    case Shape::server_id:
        out.request = 4;
        out.answer = counted(2, 5);
        break;
    case Shape::read_file:
    case Shape::write_file:
        out.request = out.answer = counted(2, 5);
        break;
    case Shape::fifo: {
        out.request = 6;
        Reader in{stream.subspan(head_size)};
        const auto bytes = in.u16();
        if (in.ok())
            out.answer = std::size_t{bytes} + 6;
        else
            out.later = true;
        break;
    }
    case Shape::interface:
        if (stream.size() < 3)
            out.later = true;
        else if (stream[2] == std::byte{14}) {
            out.request = 7;
            out.answer = identification(stream, out.later);
        }
        break;
    case Shape::umas:
    case Shape::opaque:
        break;
    }
    return out;
}

/// Only a checksum tells where it ends: the maker's own functions, and diagnostics that return what was sent.
constexpr bool by_checksum_alone(std::uint8_t function, Bytes stream) noexcept {
    if (function & refusal) return false;
    const auto shape = find_function(function).shape;
    return shape == Shape::opaque || shape == Shape::umas || shape == Shape::diagnostics ||
           (shape == Shape::interface && stream.size() > 2 && stream[2] != std::byte{14});
}

struct ModbusRtu {
    static constexpr Over over[]{{"tcp", 502},  {"tcp", 950},   {"tcp", 4001},  {"tcp", 8899},
                                 {"tcp", 2101}, {"tcp", 10001}, {"udp", 10001}, {"udp", 4001}};
    // Functions 0 to 23, 24, 43 and 90, done and refused.
    static constexpr Mark marks[]{{1, 0x78000000, 0x00000000},
                                  {1, 0x78000000, 0x08000000},
                                  {1, 0x78000000, 0x10000000},
                                  {1, 0x7f000000, 0x18000000},
                                  {1, 0x7f000000, 0x2b000000}};
    static constexpr Facts facts{
        .name = "modbus_rtu",
        .title = "Modbus RTU over TCP and UDP",
        .specification = "MODBUS over Serial Line V1.02; MODBUS Application Protocol V1.1b3",
        .over = over,
        .marks = marks,
        .message_most = frame_most,
        .status_name = exception_name,
    };
    using State = Asking;

    /// A checksum fits other bytes once in 65,536 times; so does the rest of the frame's structure have to.
    static Recognition looks_like(const Opening& opening) noexcept {
        const auto bytes = latest(opening);
        if (bytes.size() < frame_least) return {Likeness::more};
        const auto address = std::to_integer<std::uint8_t>(bytes[0]);
        const auto function = std::to_integer<std::uint8_t>(bytes[1]);
        if (address > address_most || !described(plain(function))) return {};
        const auto lengths = lengths_of(bytes);
        if (std::max(lengths.request, lengths.answer) > frame_most) return {};
        for (const auto length : {lengths.request, lengths.answer}) {
            if (length == 0 || length > bytes.size() || !is_frame(bytes.first(length))) continue;
            const auto body = bytes.subspan(head_size, length - head_size - checksum_size);
            const auto fits = fit(function, body);
            if (!fits.request && !fits.response) continue;
            // Who answers one request does not send a second one at once; and Modbus/TCP has its zeros here.
            if (length != bytes.size() ||
                (bytes[2] == std::byte{} && bytes[3] == std::byte{} && bytes[4] == std::byte{}))
                return {Likeness::maybe};
            const auto phase = nature(function, body);
            return {Likeness::yes,
                    phase ? std::optional{*phase == Phase::request ? Speaker::client : Speaker::server}
                          : std::nullopt};
        }
        const bool more = lengths.later || lengths.request > bytes.size() || lengths.answer > bytes.size();
        return {more && bytes.size() < 8 ? Likeness::more : Likeness::no};
    }

    static Framing frame(Bytes stream) noexcept {
        if (stream.size() < frame_least) return {};
        const auto function = std::to_integer<std::uint8_t>(stream[1]);
        const auto lengths = lengths_of(stream);
        bool more = lengths.later;
        for (const auto length : {lengths.request, lengths.answer}) {
            if (length == 0 || length > frame_most) continue;
            if (length > stream.size())
                more = true;
            else if (is_frame(stream.first(length)))
                return {.length = length};
        }
        if (by_checksum_alone(function, stream)) {
            auto sum = checksum(stream.first(head_size));
            for (auto length = frame_least; length <= std::min(stream.size(), frame_most); ++length) {
                Reader last{stream.subspan(length - checksum_size, checksum_size)};
                if (last.u16le() == sum) return {.length = length};
                sum = add(sum, stream[length - checksum_size]);
            }
            more = true;
        }
        if (more && stream.size() < frame_most) return {};
        return {.lost = Malformed{0, "no length has a checksum that fits"}};
    }

    static void dissect(const Pdu& pdu, State& state, Ways& ways) noexcept {
        const Tell tell{pdu, ways};
        if (pdu.bytes.size() < frame_least) return tell.report({0, "message ends inside its header"});
        std::optional<Malformed> trouble;
        const bool whole = is_frame(pdu.bytes);
        if (!whole) trouble = Malformed{0, "checksum does not fit"};
        Reader in{pdu.bytes.first(pdu.bytes.size() - checksum_size)};
        const Head head{.transaction = 0, .unit = in.u8(), .function = in.u8()};
        tell_message(pdu, head, in, whole, trouble, state, ways);
    }
};

} // namespace

extern constinit const Dissector modbus_rtu = row<ModbusRtu>();

} // namespace yagura::dissect::protocols
