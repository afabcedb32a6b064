#include "spine/journal/encode.h"

#include <bit>
#include <chrono>
#include <thread>

namespace yagura::journal {
namespace {

/// How much of the ring a class may fill: when the way out is shut, repeats go first and acts last.
constexpr std::size_t share(Worth worth, std::size_t size) noexcept {
    switch (worth) {
    case Worth::bulk:
        return size / 2;
    case Worth::normal:
        return size / 4 * 3;
    default:
        return size;
    }
}

constexpr std::size_t protocols_most = 1024;

} // namespace

Worth worth(const observe::Operation& op) noexcept {
    return observe::usual_effect(op.act) > observe::Effect::observes ||
                   op.outcome == observe::Outcome::refused
               ? Worth::keep
               : Worth::normal;
}

Encoder::Encoder(ByteRing& ring, NameOf name_of, WhenFull when_full, std::size_t conversations)
    : ring_{ring},
      name_of_{name_of},
      when_full_{when_full},
      told_(std::bit_ceil(std::max<std::size_t>(conversations, 1))),
      protocols_told_(protocols_most, INT64_MIN) {}

void Encoder::tell_parties(const observe::Origin& origin, std::int64_t second) {
    // Ids of one worker are near each other; multiplied, their high bits differ.
    const auto slot = (origin.conversation * 0x9e3779b97f4a7c15u) >> 32 & (told_.size() - 1);
    auto& told = told_[slot];
    if (told.conversation == origin.conversation && told.second == second && told.parties == origin.parties)
        return;
    if (push(encode(room_,
                    Envelope{.kind = Kind::parties,
                             .worth = Worth::keep,
                             .at = origin.at,
                             .conversation = origin.conversation},
                    origin.parties),
             Worth::keep, origin.at))
        told = {origin.conversation, second, origin.parties};
}

void Encoder::tell_protocol(std::uint16_t protocol, observe::Time at, std::int64_t second) {
    if (protocol >= protocols_told_.size() || protocols_told_[protocol] == second) return;
    const auto name = name_of_(protocol);
    if (name.empty()) return;
    if (push(encode(room_, Envelope{.kind = Kind::protocol, .worth = Worth::keep, .at = at},
                    Protocol{protocol, name}),
             Worth::keep, at))
        protocols_told_[protocol] = second;
}

void Encoder::watermark(observe::Time at) {
    push(encode(room_, Envelope{.kind = Kind::watermark, .worth = Worth::keep, .at = at}, Lost{}),
         Worth::keep, at);
}

void Encoder::source(observe::Time at, const Source& source) {
    push(encode(room_, Envelope{.kind = Kind::source, .worth = Worth::keep, .at = at}, source), Worth::keep,
         at);
}

bool Encoder::push(Bytes record, Worth worth, observe::Time at) {
    if (record.empty()) return false;
    if (when_full_ == WhenFull::wait) {
        // A file has the time; whoever reads the ring closes it when it will not read again.
        while (!ring_.push(record)) {
            if (ring_.closed()) return false;
            std::this_thread::sleep_for(std::chrono::microseconds{50});
        }
        said_.store(said_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
        return true;
    }
    if (losing_) tell_lost();
    if (ring_.used() + record.size() <= share(worth, ring_.size()) && ring_.push(record)) {
        said_.store(said_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
        return true;
    }
    auto& refused = refused_[static_cast<std::size_t>(worth)];
    refused.store(refused.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    auto& lost = lost_[static_cast<std::size_t>(worth)];
    if (lost.records++ == 0) lost = {Lost::Why::ring_full, worth, 1, at, at, 0, 0};
    lost.from = std::min(lost.from, at);
    lost.until = std::max(lost.until, at);
    losing_ = true;
    return false;
}

void Encoder::tell_lost() {
    std::array<std::byte, 128> room;
    bool left = false;
    for (auto& lost : lost_) {
        if (lost.records == 0) continue;
        const auto record = encode(room, Envelope{.kind = Kind::lost, .worth = Worth::keep, .at = lost.until},
                                   std::as_const(lost));
        // Once there is room for such a record again, so that an end is known.
        if (ring_.used() + record.size() <= share(lost.worth, ring_.size()) / 2 && ring_.push(record))
            lost = {};
        else
            left = true;
    }
    losing_ = left;
}

} // namespace yagura::journal
