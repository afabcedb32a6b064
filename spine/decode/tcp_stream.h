// The two byte streams of a TCP conversation, put in order: RFC 9293 3.4, 3.10 as far as an onlooker can.
//
// An onlooker may see segments late, twice, one direction only, from the middle on, or not at all. What
// comes in order is handed on from the packet itself. What comes early waits in a TcpStore. Of bytes that
// come twice the first stand, and they are never delivered again. A hole is given up when
//   - the other side acknowledges bytes behind it: it was filled, and we did not see it;
//   - 16 segments or 256 KiB wait behind it, or the store has no room for the next one;
//   - the oldest of them has waited for 3 s, and another one comes;
//   - the conversation ends.
// The piece behind it then says how many bytes are lost, so that its reader looks for the next message.
#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>

#include "spine/decode/packet.h"
#include "spine/decode/tcp_store.h"

namespace yagura::decode {

/// Consecutive bytes of one direction.
struct Piece {
    Bytes bytes{};          ///< borrowed for the call; may be empty where only a loss is told
    std::uint32_t lost = 0; ///< bytes that are missing in front of these, as far as sequence numbers tell
    /// Where these bytes were: a piece that waited for another keeps its own frame and time. A message
    /// counts as of the frame that brought its last byte.
    std::uint64_t frame = 0;
    observe::Time at{};
    std::uint32_t offset = 0; ///< of the first byte in that frame; 0 where it came in fragments
    observe::Speaker speaker = observe::Speaker::client;
};

/// What one segment was, besides what it delivered.
enum class Segment : std::uint8_t {
    none = 0,
    retransmission = 1u << 0, ///< all of it had been delivered, or waits already
    overlap = 1u << 1,        ///< a part of it had been
    out_of_order = 1u << 2,   ///< it waits for a hole before it
    keep_alive = 1u << 3,     ///< none or one byte just before the next: RFC 9293 3.8.4
    lost = 1u << 4,           ///< a hole was given up
    out_of_window = 1u << 5,  ///< so far away that it belongs to something else; not delivered
    mid_stream = 1u << 6,     ///< the first of its direction, and no SYN before it
};
constexpr Segment operator|(Segment a, Segment b) noexcept {
    return static_cast<Segment>(static_cast<unsigned>(a) | static_cast<unsigned>(b));
}
constexpr Segment& operator|=(Segment& all, Segment one) noexcept { return all = all | one; }
constexpr bool has(Segment all, Segment one) noexcept {
    return (static_cast<unsigned>(all) & static_cast<unsigned>(one)) != 0;
}

/// Is a before b on the circle of sequence numbers?
constexpr bool before(std::uint32_t a, std::uint32_t b) noexcept {
    return static_cast<std::int32_t>(a - b) < 0;
}

class TcpStream {
public:
    static constexpr std::uint32_t window_most = 1u << 24; ///< further away is not of this stream

    /// Hands on what this packet makes readable: `deliver(const Piece&)`, zero times or more. Pieces of
    /// the other direction too, where this packet's acknowledgement gives a hole up.
    template <class Deliver>
    Segment segment(const Packet& packet, observe::Speaker speaker, TcpStore& store, Deliver&& deliver) {
        auto& from = side_[index(speaker)];
        auto& to = side_[1 - index(speaker)];
        const auto& tcp = packet.tcp;
        if (tcp.flags == Tcp::ack || tcp.flags == (Tcp::ack | Tcp::psh)) [[likely]] {
            // The usual case, and nothing else: data in order, or only an acknowledgement.
            if (from.known && from.waiting == TcpStore::none && to.waiting == TcpStore::none &&
                tcp.sequence == from.next && packet.wire_payload == packet.payload.size()) {
                confirm(to, tcp.acknowledged);
                from.next += packet.wire_payload;
                if (packet.wire_payload != 0)
                    deliver(
                        Piece{packet.payload, 0, packet.frame, packet.at, packet.payload_offset, speaker});
                return Segment::none;
            }
        }
        return slow(packet, speaker, store, deliver);
    }

    /// Hands on what still waits, with its losses. Call it before the conversation is forgotten.
    template <class Deliver>
    void finish(TcpStore& store, Deliver&& deliver) {
        finish_side(observe::Speaker::client, store, deliver);
        finish_side(observe::Speaker::server, store, deliver);
    }

    /// Gives back what it holds, unread.
    void release(TcpStore& store) noexcept {
        for (auto& side : side_) store.release(side.waiting);
    }

    /// Does this SYN open another conversation between the same ports? Not where it is repeated, nor
    /// where its answer or its first data were seen before it.
    bool reopened_by(const Packet& packet, observe::Speaker speaker) const noexcept {
        const auto& tcp = packet.tcp;
        if ((tcp.flags & (Tcp::syn | Tcp::ack)) != Tcp::syn) return false;
        const auto& from = side_[index(speaker)];
        if (from.syn) return from.first != tcp.sequence;
        const auto& to = side_[1 - index(speaker)];
        // Its answer was seen first, and confirms it.
        if (to.syn && from.confirmed) return from.acknowledged != tcp.sequence;
        return from.known ? from.first != tcp.sequence : to.known && !to.syn;
    }

    bool refused() const noexcept { return (side_[0].reset || side_[1].reset) && !both_spoke(); }
    bool closed() const noexcept {
        return side_[0].reset || side_[1].reset || (side_[0].fin && side_[1].fin);
    }
    bool opened() const noexcept { return side_[0].syn && side_[1].syn; } ///< both SYNs were seen
    std::uint32_t retransmitted(observe::Speaker s) const noexcept { return side_[index(s)].retransmitted; }
    std::uint32_t lost(observe::Speaker s) const noexcept { return side_[index(s)].lost; }
    bool seen(observe::Speaker s) const noexcept { return side_[index(s)].known; }

    void turn_round() noexcept { std::swap(side_[0], side_[1]); }

private:
    struct Side {
        std::uint32_t next = 0;          ///< the next byte to deliver
        std::uint32_t first = 0;         ///< where it began: behind the SYN, or picked up
        std::uint32_t acknowledged = 0;  ///< the furthest that the other side confirmed
        std::uint32_t stray = 0;         ///< behind the last segment that was out of window
        std::uint32_t retransmitted = 0; ///< segments
        std::uint32_t lost = 0;          ///< bytes
        TcpStore::Handle waiting = TcpStore::none;
        bool known : 1 = false;
        bool syn : 1 = false;
        bool fin : 1 = false;
        bool reset : 1 = false;
        bool confirmed : 1 = false; ///< acknowledged holds something
        bool strayed : 1 = false;
        bool robbed : 1 = false; ///< what waited had to make room, and no loss was told since
    };
    static_assert(sizeof(Side) == 32);

    static constexpr std::size_t index(observe::Speaker speaker) noexcept {
        return static_cast<std::size_t>(speaker);
    }
    static void confirm(Side& side, std::uint32_t acknowledged) noexcept {
        if (side.confirmed && !before(side.acknowledged, acknowledged)) return;
        side.acknowledged = acknowledged;
        side.confirmed = true;
    }
    bool both_spoke() const noexcept {
        return side_[0].next != side_[0].first && side_[1].next != side_[1].first;
    }

    template <class Deliver>
    Segment slow(const Packet& packet, observe::Speaker speaker, TcpStore& store, Deliver& deliver) {
        auto result = Segment::none;
        auto& from = side_[index(speaker)];
        auto& to = side_[1 - index(speaker)];
        const auto& tcp = packet.tcp;
        if (tcp.has(Tcp::syn)) {
            // A SYN with another number, and data were there: an answer to something else.
            if (!from.known || from.next == from.first) {
                if (from.first != tcp.sequence || !from.known) store.release(from.waiting);
                from.known = from.syn = true;
                from.first = from.next = tcp.sequence;
                from.fin = from.reset = false;
            }
        }
        if (tcp.has(Tcp::rst)) {
            from.reset = true;
            // What a reset carries is a reason for people (RFC 9293 3.5.2), not the stream's.
        } else if (packet.wire_payload != 0 || tcp.has(Tcp::fin)) {
            result |= data(packet, speaker, store, deliver);
            if (tcp.has(Tcp::fin) && !has(result, Segment::out_of_window)) from.fin = true;
        } else if (from.known && tcp.sequence == from.next - 1 && !tcp.has(Tcp::syn)) {
            result |= Segment::keep_alive;
        } else if (!from.known && !tcp.has(Tcp::syn)) {
            from.known = true; // An acknowledgement alone: it tells where its sender stands.
            from.first = from.next = tcp.sequence;
            result |= Segment::mid_stream;
        }
        if (tcp.has(Tcp::ack)) {
            confirm(to, tcp.acknowledged);
            result |= give_up(opposite(speaker), packet.at, store, deliver);
        }
        return result;
    }

    static constexpr observe::Speaker opposite(observe::Speaker speaker) noexcept {
        return speaker == observe::Speaker::client ? observe::Speaker::server : observe::Speaker::client;
    }

    template <class Deliver>
    Segment data(const Packet& packet, observe::Speaker speaker, TcpStore& store, Deliver& deliver) {
        auto& side = side_[index(speaker)];
        auto sequence = packet.tcp.sequence;
        const auto length = packet.wire_payload;
        auto result = Segment::none;
        if (!side.known) {
            // Picked up in the middle. A single byte without PSH is how a keep-alive looks.
            if (length == 1 && !packet.tcp.has(Tcp::psh) && !packet.tcp.has(Tcp::fin)) {
                side.known = true;
                side.first = side.next = sequence + 1;
                return Segment::mid_stream | Segment::keep_alive;
            }
            side.known = true;
            side.first = side.next = sequence;
            result |= Segment::mid_stream;
        }
        if (length == 0) return result;
        const auto ahead = static_cast<std::int32_t>(sequence - side.next);
        if (ahead > static_cast<std::int32_t>(window_most) ||
            ahead < -static_cast<std::int32_t>(window_most)) {
            // One such segment belongs to something else (or is an attempt to lead us away); a second that
            // continues it, or the other side's acknowledgement, says that we missed a large part.
            const bool continued = side.strayed && side.stray == sequence;
            const bool confirmed = side.confirmed && side.acknowledged == sequence;
            if (!continued && !confirmed) {
                side.strayed = true;
                side.stray = sequence + length;
                return result | Segment::out_of_window;
            }
            finish_side(speaker, store, deliver);
            const auto lost = ahead > 0 ? sequence - side.next : 1u;
            side.next = sequence;
            result |= Segment::lost;
            pass_around(packet, speaker, store, deliver, lost);
            return result;
        }
        side.strayed = false;
        if (ahead <= 0) {
            const auto behind = static_cast<std::uint32_t>(-ahead);
            if (behind >= length) {
                if (behind == 1 && length == 1) return result | Segment::keep_alive;
                ++side.retransmitted;
                return result | Segment::retransmission;
            }
            if (behind > 0) result |= Segment::overlap;
            pass_around(packet, speaker, store, deliver);
            result |= give_up(speaker, packet.at, store, deliver);
            return result;
        }
        result |= Segment::out_of_order;
        for (;;) {
            const auto kept = store.keep(side.waiting, packet);
            if (kept == TcpStore::Kept::yes) break;
            if (kept == TcpStore::Kept::already) {
                ++side.retransmitted;
                return (result | Segment::retransmission);
            }
            // No room: the hole in front will not be filled, or we cannot wait for it.
            result |= Segment::lost;
            if (side.waiting == TcpStore::none || !skip_hole(speaker, store, deliver) ||
                !before(side.next, sequence)) {
                const auto now_ahead = static_cast<std::int32_t>(sequence - side.next);
                std::uint32_t pending = 0;
                if (now_ahead > 0) {
                    side.next = sequence;
                    pending = static_cast<std::uint32_t>(now_ahead);
                }
                pass_around(packet, speaker, store, deliver, pending);
                return result;
            }
        }
        return result | give_up(speaker, packet.at, store, deliver);
    }

    /// The packet has the next bytes: hands on those that do not wait already, and those that do.
    template <class Deliver>
    void pass_around(const Packet& packet, observe::Speaker speaker, TcpStore& store, Deliver& deliver,
                     std::uint32_t lost = 0) {
        auto& side = side_[index(speaker)];
        const auto begin = packet.tcp.sequence;
        for (;;) {
            const auto skip = side.next - begin;
            if (skip >= packet.wire_payload) break;
            auto stop = packet.wire_payload;
            if (const auto* first = store.first(side.waiting);
                first && before(first->sequence, begin + packet.wire_payload))
                stop = first->sequence - begin;
            if (stop > skip) {
                const auto have = std::min<std::size_t>(stop, packet.payload.size());
                const auto bytes = skip < have ? packet.payload.subspan(skip, have - skip) : Bytes{};
                hand_on(side,
                        {bytes, std::exchange(lost, 0), packet.frame, packet.at,
                         packet.payload_offset == 0 ? 0 : packet.payload_offset + skip, speaker},
                        stop - skip, deliver);
            }
            drain(speaker, store, deliver);
        }
        drain(speaker, store, deliver);
    }

    /// `length` is what the piece had on the wire.
    template <class Deliver>
    void hand_on(Side& side, Piece piece, std::uint32_t length, Deliver& deliver) {
        side.lost += piece.lost;
        if (piece.lost != 0) side.robbed = false; // What was robbed is in it.
        side.next += length;
        const auto cut = length - static_cast<std::uint32_t>(piece.bytes.size());
        if (!piece.bytes.empty()) {
            deliver(static_cast<const Piece&>(piece));
            piece.lost = 0;
        }
        if (cut == 0) return;
        side.lost += cut;
        piece.lost += cut;
        piece.bytes = {};
        deliver(static_cast<const Piece&>(piece));
    }

    /// What waited and is next now.
    template <class Deliver>
    void drain(observe::Speaker speaker, TcpStore& store, Deliver& deliver) {
        auto& side = side_[index(speaker)];
        while (side.waiting != TcpStore::none) {
            const auto* first = store.first(side.waiting);
            if (!first) return gone(side);
            if (before(side.next, first->sequence)) return;
            take(speaker, *first, 0, deliver);
            store.drop_first(side.waiting);
        }
    }

    template <class Deliver>
    void take(observe::Speaker speaker, const TcpStore::Stored& stored, std::uint32_t lost,
              Deliver& deliver) {
        auto& side = side_[index(speaker)];
        const auto behind = side.next - stored.sequence;
        if (behind >= stored.wire_length) return;
        const auto bytes = behind < stored.bytes.size() ? stored.bytes.subspan(behind) : Bytes{};
        hand_on(
            side,
            {bytes, lost, stored.frame, stored.at, stored.offset == 0 ? 0 : stored.offset + behind, speaker},
            stored.wire_length - behind, deliver);
    }

    /// False if nothing waits (any more).
    template <class Deliver>
    bool skip_hole(observe::Speaker speaker, TcpStore& store, Deliver& deliver) {
        auto& side = side_[index(speaker)];
        const auto* first = store.first(side.waiting);
        if (!first) {
            gone(side);
            return false;
        }
        const auto lost = before(side.next, first->sequence) ? first->sequence - side.next : 0;
        side.next += lost;
        take(speaker, *first, lost, deliver);
        store.drop_first(side.waiting);
        drain(speaker, store, deliver);
        return true;
    }

    /// Its memory went to somebody else.
    static void gone(Side& side) noexcept {
        side.waiting = TcpStore::none;
        side.robbed = true;
    }

    template <class Deliver>
    void finish_side(observe::Speaker speaker, TcpStore& store, Deliver& deliver) {
        auto& side = side_[index(speaker)];
        while (side.waiting != TcpStore::none && skip_hole(speaker, store, deliver)) {
        }
        // How much that was nobody knows any more, but that it was is told.
        if (side.robbed) ++side.lost;
        side.robbed = false;
    }

    template <class Deliver>
    Segment give_up(observe::Speaker speaker, observe::Time now, TcpStore& store, Deliver& deliver) {
        auto& side = side_[index(speaker)];
        auto result = Segment::none;
        while (side.waiting != TcpStore::none) {
            const auto* first = store.first(side.waiting);
            if (!first) {
                gone(side);
                break;
            }
            const bool filled = side.confirmed && !before(side.acknowledged, first->sequence);
            const bool waited = now - first->at > TcpStore::patience;
            if (!filled && !waited && !store.full(side.waiting)) break;
            skip_hole(speaker, store, deliver);
            result |= Segment::lost;
        }
        return result;
    }

    Side side_[2];
};

} // namespace yagura::decode
