// Segments of two streams whose bytes are known, in any order: what is heard has to be those bytes.
//
// Each segment of the input is eight bytes: control (side, flags, clock), offset in the stream (three),
// length (two), acknowledgement (two, of 256 bytes each). A byte of a stream is a function of its place, so
// whatever is delivered can be checked; losses move the place on.
#include <array>
#include <chrono>
#include <cstdlib>
#include <vector>

#include "fuzz/targets.h"
#include "spine/decode/tcp_stream.h"

namespace yagura::fuzz {

void tcp_stream(Bytes input) {
    using namespace yagura::decode;
    constexpr std::uint32_t start = 0xffffff00; // so that the numbers wrap at once
    const auto byte_at = [](std::uint32_t place) {
        return static_cast<std::byte>((place * 2654435761u) >> 24);
    };
    TcpStore store{1u << 20};
    TcpStream stream;
    std::array<std::uint32_t, 2> place{};
    std::array<bool, 2> begun{};
    std::uint64_t total = 0;
    const auto hear = [&](const Piece& piece) {
        auto& at = place[static_cast<std::size_t>(piece.speaker)];
        at += piece.lost;
        for (const auto byte : piece.bytes)
            if (byte != byte_at(at++)) std::abort();
        total += piece.bytes.size() + piece.lost;
    };
    std::vector<std::byte> payload;
    Packet packet;
    packet.form = Form::tcp;
    Reader in{input};
    while (in.remaining() >= 8) {
        const auto control = in.u8();
        const auto offset = std::uint32_t{in.u8()} << 16 | in.u16();
        const std::uint32_t length = in.u16();
        const std::uint32_t acknowledged = in.u16() * 256u;
        const auto side = static_cast<std::size_t>(control & 1);
        if (!begun[side]) {
            begun[side] = true;
            Packet syn;
            syn.tcp = {start, 0, 0, Tcp::syn};
            place[side] = start;
            stream.segment(syn, static_cast<observe::Speaker>(side), store, hear);
        }
        payload.resize(length);
        for (std::uint32_t i = 0; i < length; ++i) payload[i] = byte_at(start + offset + i);
        packet.tcp = {start + offset, start + acknowledged, 0,
                      static_cast<std::uint8_t>((control & 2) != 0 ? Tcp::ack : 0)};
        if ((control & 12) == 12) packet.tcp.flags |= Tcp::fin;
        const auto kept = (control & 16) != 0 ? length / 2 : length;
        packet.payload = Bytes{payload}.first(kept);
        packet.wire_payload = length;
        packet.at += std::chrono::milliseconds{control >> 5 << 7};
        stream.segment(packet, static_cast<observe::Speaker>(side), store, hear);
    }
    stream.finish(store, hear);
    if (store.bytes_used() != 0 || total > 2ull * (1u << 25)) std::abort();
}

} // namespace yagura::fuzz
