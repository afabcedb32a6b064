// What the two sides of a conversation say to each other: recognised, cut into messages, dissected.
#include <algorithm>
#include <utility>

#include "spine/worker/pipeline.h"

namespace yagura::worker {

namespace ob = observe;
using decode::Packet;
using decode::Piece;
using decode::Tcp;
using dissect::Likeness;
using dissect::Ways;
using ob::Speaker;

namespace {

constexpr std::uint8_t tries_most = 12;    ///< of a stream; each is a place where a message may begin
constexpr std::uint8_t tries_anywhere = 4; ///< of those, not only where the other side has just spoken
constexpr std::uint8_t datagrams_most = 8;
constexpr std::size_t opening_most = 4096;     ///< who wants more than this wants too much
constexpr std::size_t segment_most = 1u << 16; ///< of one piece, on top of what waits
constexpr std::uint8_t losses_most = 3;        ///< in a row, before the conversation is nobody's
constexpr std::uint8_t rejections_most = 2;
constexpr std::uint8_t sure_of_one = 70, sure_of_both = 100, guessed = 50;

constexpr std::size_t side(Speaker speaker) noexcept { return static_cast<std::size_t>(speaker); }

} // namespace

void Pipeline::tcp(Conversation& conversation, const Packet& packet, Speaker speaker) {
    auto& track = conversation.state;
    if (packet.tcp.has(Tcp::ack) && !packet.tcp.has(Tcp::syn) && !packet.tcp.has(Tcp::rst))
        track.acknowledges = true;
    conversation.tcp.segment(packet, speaker, store_, [&](const Piece& next) {
        piece(conversation, next, turned_ ? other(next.speaker) : next.speaker);
    });
    if (turned_) conversation.tcp.turn_round(); // Not before: it was still at work on both sides.
    if (conversation.tcp.closed() && !std::exchange(track.closing, true)) table_.hasten(conversation);
}

void Pipeline::piece(Conversation& conversation, const Piece& piece, Speaker speaker) {
    auto& track = conversation.state;
    if (!piece.bytes.empty()) {
        track.any_payload = true;
        answered(conversation, speaker, piece.at);
    }
    if (shapes_.on() && !track.claim.row) look_at_shape(conversation, piece.bytes, speaker, piece.at);
    if (track.given_up) return;
    if (track.claim.row)
        stream(conversation, piece, speaker);
    else
        recognise(conversation, piece, speaker);
}

void Pipeline::answered(Conversation& conversation, Speaker speaker, ob::Time at) {
    auto& track = conversation.state;
    if (speaker == Speaker::client) {
        if (track.asked == ob::Time{}) track.asked = at;
        return;
    }
    if (track.asked == ob::Time{}) return;
    const auto us = std::chrono::duration_cast<std::chrono::microseconds>(at - track.asked).count();
    track.asked = {};
    if (us < 0 || us > 60'000'000) return;
    const auto now = static_cast<std::uint32_t>(us);
    track.answer_time_us = track.answer_time_us == 0 ? std::max(now, 1u)
                                                     : (track.answer_time_us * 7 + now) / 8;
}

void Pipeline::recognise(Conversation& conversation, const Piece& piece, Speaker speaker) {
    auto& track = conversation.state;
    auto& waiting = track.waiting[side(speaker)];
    if (piece.lost != 0) blocks_.release(waiting);
    if (piece.bytes.empty()) return;
    if (track.tries == 0)
        if (const auto* row = ways_.expected(conversation.parties, now_)) {
            if (take(conversation, {.row = row, .likeness = Likeness::yes}, sure_of_one, speaker))
                stream(conversation, piece, speaker);
            return;
        }
    // Messages begin where the other side has just spoken; at first, every segment is a chance.
    const bool turn = track.spoke_last_server != (speaker == Speaker::server);
    track.spoke_last_server = speaker == Speaker::server;
    const bool held = blocks_.holds(waiting);
    if (!held && !turn && track.tries >= tries_anywhere) return;
    const auto waited = blocks_.bytes(waiting).size();
    auto bytes = piece.bytes;
    if (held) {
        if (!blocks_.append(waiting, piece.bytes, opening_most + segment_most)) return give_up(conversation);
        bytes = blocks_.bytes(waiting);
    }
    const bool last = ++track.tries >= tries_most || bytes.size() >= opening_most;
    const bool client = speaker == Speaker::client;
    const auto opposite = blocks_.bytes(track.waiting[side(other(speaker))]);
    const auto verdict = recogniser_.ask(
        Recogniser::tcp,
        {.client = client ? bytes : opposite, .server = client ? opposite : bytes, .latest = speaker},
        {conversation.parties.client.port, conversation.parties.server.port},
        last ? Recogniser::Try::last : Recogniser::Try::early, track.rejected);
    bool ours = verdict.likeness == Likeness::yes;
    bool later = verdict.likeness == Likeness::more || verdict.likeness == Likeness::maybe;
    if (verdict.likeness == Likeness::maybe && verdict.hinted) {
        const auto framing = verdict.row->frame(bytes);
        ours = !framing.lost && framing.length != 0 && framing.length <= bytes.size();
        later = !framing.lost && framing.length == 0;
    }
    if (!ours) {
        if (last && bytes.size() >= opening_most) later = false;
        if (!later)
            blocks_.release(waiting);
        else if (!held)
            wait(conversation, piece, bytes, speaker);
        if (track.tries >= tries_most) give_up(conversation);
        return;
    }
    const auto confidence = verdict.likeness == Likeness::yes ? sure_of_one : guessed;
    if (!take(conversation, verdict, confidence, speaker)) return;
    // What the other side said before this waits still. By its frame, not by ours.
    const auto before = other(speaker);
    if (blocks_.holds(track.waiting[side(before)])) {
        const auto size = blocks_.bytes(track.waiting[side(before)]).size();
        drain(conversation,
              {.frame = track.waiting_frame[side(before)],
               .at = track.waiting_at[side(before)],
               .speaker = before},
              before, size);
    }
    if (!track.claim.row) return;
    if (held)
        drain(conversation, piece, speaker, waited);
    else
        stream(conversation, piece, speaker);
}

void Pipeline::seek_label(Conversation& conversation, const Packet& packet, Speaker speaker) {
    auto& track = conversation.state;
    const bool tcp = packet.form == decode::Form::tcp;
    if (track.claim.row || (!tcp && packet.form != decode::Form::udp)) return drop_label(conversation);
    const auto [protocol, more] = labels_.look(track.label, conversation.number,
                                               {.parties = conversation.parties,
                                                .speaker = speaker,
                                                .tcp = tcp,
                                                .sequence = packet.tcp.sequence,
                                                .acknowledged = packet.tcp.acknowledged,
                                                .flags = packet.tcp.flags,
                                                .payload = packet.payload,
                                                .at = packet.at});
    if (more) return;
    track.label_sought = false;
    track.label = protocol;
    if (protocol == 0) return;
    ++counts_.protocols[protocol].flows;
    if (track.opened_told) say_conversation(conversation, ob::Conversation::State::goes_on, packet.at);
}

void Pipeline::drop_label(Conversation& conversation) {
    auto& track = conversation.state;
    if (track.label_sought)
        labels_.leave(track.label, conversation.number);
    else if (track.label != 0)
        --counts_.protocols[track.label].flows;
    track.label_sought = false;
    track.label = 0;
}

void Pipeline::look_at_shape(Conversation& conversation, Bytes bytes, Speaker speaker, ob::Time at) {
    auto& track = conversation.state;
    if (bytes.empty()) return;
    if (!track.shape) {
        if (!track.shape_sought) return;
        track.shape_sought = false;
        track.shape = shapes_.begin(conversation.parties, at);
        if (!track.shape) return;
    }
    track.shape->last = at;
    track.shape->sides[side(speaker)].add(bytes, at);
}

bool Pipeline::take(Conversation& conversation, const Recogniser::Verdict& verdict, std::uint8_t confidence,
                    Speaker& speaker) {
    auto& track = conversation.state;
    if (verdict.speaker && *verdict.speaker != speaker && !conversation.parties.certain) {
        turn_round(conversation);
        speaker = other(speaker);
    }
    const auto protocol = recogniser_.number_of(*verdict.row);
    if (!ways_.claim(track.claim, *verdict.row, protocol, conversation.number)) {
        give_up(conversation);
        return false;
    }
    drop_label(conversation);
    track.shape_sought = false;
    if (track.shape) std::exchange(track.shape, nullptr)->claimed = true;
    track.sure = verdict.likeness == Likeness::yes;
    track.confidence = confidence;
    ++counts_.protocols[protocol].flows;
    return true;
}

void Pipeline::turn_round(Conversation& conversation) {
    auto& track = conversation.state;
    std::swap(conversation.parties.client, conversation.parties.server);
    std::swap(conversation.packets[0], conversation.packets[1]);
    std::swap(conversation.bytes[0], conversation.bytes[1]);
    std::swap(track.waiting[0], track.waiting[1]);
    std::swap(track.waiting_frame[0], track.waiting_frame[1]);
    std::swap(track.waiting_at[0], track.waiting_at[1]);
    std::swap(track.passing[0], track.passing[1]);
    std::swap(track.present[0], track.present[1]);
    std::swap(track.well[0], track.well[1]);
    std::swap(track.lost_sync[0], track.lost_sync[1]);
    track.spoke_last_server = !track.spoke_last_server;
    track.asked = {};
    turned_ = !turned_;
}

void Pipeline::give_up(Conversation& conversation) {
    conversation.state.given_up = true;
    for (auto& lease : conversation.state.waiting) blocks_.release(lease);
}

/// It is not, or no longer, what we took it for. Who never sent one good message may be something else.
void Pipeline::unclaim(Conversation& conversation) {
    auto& track = conversation.state;
    const auto* row = track.claim.row;
    if (!track.proven()) --counts_.protocols[track.claim.protocol].flows;
    ways_.release(track.claim);
    track.confidence = 0;
    track.sure = track.protocol_told = false;
    track.lost_sync = {};
    track.passing = {};
    track.losses = 0;
    if (track.proven() || track.rejections >= rejections_most) return give_up(conversation);
    ++track.rejections;
    track.rejected = row;
    track.tries = 0;
    for (auto& lease : track.waiting) blocks_.release(lease);
}

void Pipeline::stream(Conversation& conversation, const Piece& piece, Speaker speaker) {
    auto& track = conversation.state;
    if (auto& left = track.passing[side(speaker)]; left != 0) {
        const auto gone = piece.lost + std::uint64_t{piece.bytes.size()};
        if (left >= gone) { // What is lost of it is no loss.
            if (left != Ways::everything) left -= gone;
            return;
        }
        auto rest = piece;
        if (left >= piece.lost) {
            const auto here = static_cast<std::uint32_t>(left - piece.lost);
            rest.lost = 0;
            rest.bytes = piece.bytes.subspan(here);
            if (rest.offset) rest.offset += here;
        }
        left = 0;
        return stream(conversation, rest, speaker);
    }
    auto& waiting = track.waiting[side(speaker)];
    if (piece.lost != 0 || (waiting.taken() && !blocks_.holds(waiting))) {
        blocks_.release(waiting);
        track.lost_sync[side(speaker)] = true;
    }
    if (piece.bytes.empty()) return;
    if (track.lost_sync[side(speaker)]) {
        // Messages begin at the beginning of segments more often than not: wait for one that looks like it.
        const auto& row = *track.claim.row;
        const bool client = speaker == Speaker::client;
        const auto likeness = row.looks_like({.client = client ? piece.bytes : Bytes{},
                                              .server = client ? Bytes{} : piece.bytes,
                                              .latest = speaker})
                                  .likeness;
        const auto framing = row.cut(piece.bytes, track.claim.state, speaker);
        // One that is as long as was asked for is a message, whatever it looks like.
        const bool as_asked = row.frame_after && framing.length == piece.bytes.size();
        if (framing.lost ||
            (likeness != Likeness::yes && !as_asked && !(likeness == Likeness::maybe && framing.length != 0)))
            return;
        track.lost_sync[side(speaker)] = false;
    }
    if (!waiting.taken()) { // The usual case: whole messages, read where they are.
        const auto used = cut(conversation, piece.bytes, piece, speaker, 0);
        if (used < piece.bytes.size() && track.claim.row && !(track.lost_sync[side(speaker)]))
            wait(conversation, piece, piece.bytes.subspan(used), speaker);
        return;
    }
    const auto waited = blocks_.bytes(waiting).size();
    if (!blocks_.append(waiting, piece.bytes,
                        std::size_t{track.claim.row->facts.message_most} + segment_most))
        return out_of_step(conversation, piece, speaker,
                           {0, "a message does not end where its protocol's longest would"});
    drain(conversation, piece, speaker, waited);
}

void Pipeline::wait(Conversation& conversation, const Piece& piece, Bytes bytes, Speaker speaker) {
    auto& track = conversation.state;
    track.waiting_frame[side(speaker)] = piece.frame;
    track.waiting_at[side(speaker)] = piece.at;
    if (!blocks_.append(track.waiting[side(speaker)], bytes, BlockPool::most))
        track.lost_sync[side(speaker)] = true;
}

void Pipeline::drain(Conversation& conversation, const Piece& piece, Speaker speaker, std::size_t waited) {
    auto& track = conversation.state;
    const auto lease = track.waiting[side(speaker)];
    const auto bytes = blocks_.bytes(lease);
    const auto used = cut(conversation, bytes, piece, speaker, waited);
    auto& waiting = track.waiting[side(speaker)];
    if (waiting.index != lease.index || waiting.generation != lease.generation) return; // Given up meanwhile.
    if (used >= bytes.size())
        blocks_.release(waiting);
    else
        blocks_.drop_front(waiting, used);
}

/// Says every whole message; gives back how many bytes that were. The first `waited` came before the piece.
std::size_t Pipeline::cut(Conversation& conversation, Bytes bytes, const Piece& piece, Speaker speaker,
                          std::size_t waited) {
    auto& track = conversation.state;
    const auto* row = track.claim.row;
    std::size_t used = 0;
    while (used < bytes.size()) {
        const auto rest = bytes.subspan(used);
        const auto framing = row->cut(rest, track.claim.state, speaker);
        if (framing.lost) {
            out_of_step(conversation, piece, speaker, *framing.lost);
            return bytes.size();
        }
        if (framing.length == 0 || framing.length > rest.size()) break;
        const auto into = used > waited ? static_cast<std::uint32_t>(used - waited) : 0;
        const bool good = message(conversation, rest.first(framing.length), piece.at,
                                  evidence(piece.frame, piece.offset ? piece.offset + into : 0), speaker,
                                  false);
        used += framing.length;
        if (const auto over = ways_.passed(); over != 0) [[unlikely]] {
            const auto here = std::min<std::uint64_t>(over, bytes.size() - used);
            used += here;
            track.passing[side(speaker)] = over == Ways::everything ? over : over - here;
        }
        if (!good && !track.sure && !track.proven()) {
            unclaim(conversation);
            return bytes.size();
        }
    }
    if (bytes.size() - used > row->facts.message_most && row->facts.message_most != 0) {
        out_of_step(conversation, piece, speaker,
                    {0, "a message does not end where its protocol's longest would"});
        return bytes.size();
    }
    return used;
}

void Pipeline::out_of_step(Conversation& conversation, const Piece& piece, Speaker speaker, Malformed why) {
    auto& track = conversation.state;
    blocks_.release(track.waiting[side(speaker)]);
    track.lost_sync[side(speaker)] = true;
    if (track.sure || track.proven())
        said_.on({.at = piece.at,
                  .parties = conversation.parties,
                  .conversation = conversation.number,
                  .speaker = speaker,
                  .evidence = evidence(piece.frame, piece.offset),
                  .message = piece.bytes},
                 ob::Anomaly{track.claim.protocol, why});
    if (++track.losses >= losses_most) unclaim(conversation);
}

bool Pipeline::message(Conversation& conversation, Bytes bytes, ob::Time at, ob::Evidence evidence,
                       Speaker speaker, bool cut_short) {
    auto& track = conversation.state;
    const ob::Origin origin{.at = at,
                            .parties = conversation.parties,
                            .conversation = conversation.number,
                            .speaker = speaker,
                            .evidence = evidence,
                            .message = bytes};
    said_.malformed = false;
    said_.quiet = cut_short || (!track.sure && !track.proven());
    ways_.message(track.claim, {bytes, origin, track.claim.protocol});
    said_.quiet = false;
    if (said_.malformed) return false;
    track.losses = 0;
    track.well[side(speaker)] = true;
    if (track.sure && track.well[0] && track.well[1]) track.confidence = sure_of_both;
    return true;
}

/// A datagram that may be somebody's: the other side's next one shall tell.
void Pipeline::doubtful(Conversation& conversation, const Packet& packet, Speaker speaker) {
    auto& track = conversation.state;
    auto& waiting = track.waiting[side(speaker)];
    blocks_.release(waiting);
    if (packet.payload.size() != packet.wire_payload) return;
    if (!blocks_.append(waiting, packet.payload, opening_most)) return;
    track.waiting_frame[side(speaker)] = packet.frame;
    track.waiting_at[side(speaker)] = packet.at;
}

void Pipeline::datagram(Conversation& conversation, const Packet& packet, Speaker speaker,
                        Recogniser::Carrier carrier) {
    auto& track = conversation.state;
    const auto bytes = packet.payload;
    if (bytes.empty()) return;
    track.any_payload = true;
    answered(conversation, speaker, packet.at);
    if (shapes_.on() && !track.claim.row) look_at_shape(conversation, bytes, speaker, packet.at);
    if (track.given_up) return;
    if (!track.claim.row) {
        const auto* row = track.tries == 0 && carrier == Recogniser::udp
                              ? ways_.expected(conversation.parties, now_)
                              : nullptr;
        Recogniser::Verdict verdict{.row = row, .likeness = row ? Likeness::yes : Likeness::no};
        if (!row) {
            const bool ports = carrier == Recogniser::udp;
            const bool client = speaker == Speaker::client;
            const auto& parties = conversation.parties;
            const auto hint = ports ? parties.client.port : parties.lane.carrier;
            const auto opposite = blocks_.bytes(track.waiting[side(other(speaker))]);
            verdict = recogniser_.ask(
                carrier,
                {.client = client ? bytes : opposite, .server = client ? opposite : bytes, .latest = speaker},
                {hint, ports ? parties.server.port : 0u}, Recogniser::Try::last, track.rejected);
        }
        ++track.tries;
        const bool yes = verdict.likeness == Likeness::yes;
        if (!yes && !(verdict.likeness == Likeness::maybe && verdict.hinted)) {
            if (track.tries >= datagrams_most) return give_up(conversation);
            if (verdict.likeness == Likeness::maybe) doubtful(conversation, packet, speaker);
            return;
        }
        if (!take(conversation, verdict, yes ? sure_of_one : guessed, speaker)) return;
        const auto before = other(speaker);
        if (auto& lease = track.waiting[side(before)]; blocks_.holds(lease)) {
            message(conversation, blocks_.bytes(lease), track.waiting_at[side(before)],
                    evidence(track.waiting_frame[side(before)]), before, false);
            blocks_.release(lease);
        }
        if (!track.claim.row) return;
    }
    const bool cut_short = packet.payload.size() < packet.wire_payload;
    const bool good = message(conversation, bytes, packet.at, evidence(packet.frame, packet.payload_offset),
                              speaker, cut_short);
    if (good || cut_short || track.proven()) return;
    if (!track.sure || ++track.losses >= losses_most) unclaim(conversation);
}

} // namespace yagura::worker
