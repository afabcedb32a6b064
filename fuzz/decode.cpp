// Frames of one link, one after the other, through everything that decode has.
//
// The input is the link type in two bytes, and then for each frame: a byte that moves the clock and says
// whether the capture cut it, two for a length, that many bytes. Fragments, streams and the table live
// through all of them.
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "fuzz/targets.h"
#include "spine/decode/conversations.h"
#include "spine/decode/decoder.h"
#include "spine/decode/duplicates.h"

namespace yagura::fuzz {

namespace {
struct State {
    std::uint64_t heard = 0;
};
void demand(bool condition) {
    if (!condition) std::abort();
}
} // namespace

void decode(Bytes input) {
    using namespace yagura::decode;
    Reader in{input};
    const auto link_type = in.u16();
    if (!in.ok()) return;
    Decoder decoder{{.checksums = Checksums::all, .fragment_bytes = 256u << 10, .fragment_datagrams = 16}};
    Duplicates duplicates;
    TcpStore store{1u << 20};
    ConversationTable<State> table{{.conversations_most = 64, .patience = {}}, store};
    const auto ended = [&](Conversation<State>& gone, Ending) {
        gone.tcp.finish(store, [&](const Piece& piece) { gone.state.heard += piece.bytes.size(); });
    };
    Frame frame;
    Packet packet;
    while (in.remaining() >= 3) {
        const auto control = in.u8();
        const std::size_t wanted = in.u16();
        const auto piece = in.take(std::min(wanted, in.remaining()));
        // Of exactly its size, so that a byte too far is noticed.
        const std::unique_ptr<std::byte[]> exact{new std::byte[piece.size()]};
        std::ranges::copy(piece, exact.get());
        frame.bytes = {exact.get(), piece.size()};
        frame.wire_length = static_cast<std::uint32_t>(piece.size()) + ((control & 1) != 0 ? control : 0u);
        frame.link_type = link_type;
        frame.at += std::chrono::milliseconds{1 << (control >> 4)};
        if ((control & 2) != 0) frame.at -= std::chrono::seconds{2};
        ++frame.number;
        const bool conversation = decoder.decode(frame, packet);
        demand(packet.payload.size() <= packet.wire_payload);
        const bool reassembled = has(packet.oddities, Oddity::reassembled);
        if (!reassembled) {
            demand(packet.payload.empty() || (packet.payload.data() >= frame.bytes.data() &&
                                              packet.payload.data() + packet.payload.size() <=
                                                  frame.bytes.data() + frame.bytes.size()));
            demand(host_pair(frame.bytes, link_type) == host_pair(packet.parties));
        }
        if (!conversation) continue;
        const auto hash = table.hash(packet);
        if (duplicates.seen(hash, packet)) continue;
        const auto [found, speaker, fresh] = table.find(hash, packet, ended);
        demand(table.size() <= 64);
        if (packet.form == Form::tcp)
            found->tcp.segment(packet, speaker, store, [&, state = &found->state](const Piece& heard) {
                for (const auto byte : heard.bytes) state->heard += std::to_integer<unsigned>(byte);
            });
        table.advance(packet.at, ended);
    }
    table.finish(ended);
    demand(table.size() == 0 && store.bytes_used() == 0);
}

} // namespace yagura::fuzz
