#include "spine/decode/fragments.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace yagura::decode {

namespace {
// How long a datagram that became whole is remembered, so that a SPAN's copies of its fragments do not
// begin another one; shorter than an identification may come again (65,536 datagrams).
constexpr std::chrono::milliseconds done_memory{50};
} // namespace

Fragments::Fragments(std::uint32_t bytes, std::uint32_t datagrams, std::chrono::nanoseconds patience,
                     Counters& counters)
    : patience_{patience}, counters_{counters} {
    const auto blocks = blocks_of(bytes);
    datagrams = datagrams_of(datagrams);
    memory_ = std::make_unique_for_overwrite<std::byte[]>(blocks * block_size);
    for (auto i = blocks; i-- > 0;) free_blocks_.push_back(static_cast<std::uint16_t>(i));
    datagrams_.resize(datagrams);
    for (auto i = datagrams; i-- > 0;) free_datagrams_.push_back(static_cast<std::uint16_t>(i));
    buckets_.assign(std::bit_ceil(std::size_t{datagrams}), none);
    finished_ = std::make_unique_for_overwrite<std::byte[]>(held_bytes);
}

std::size_t Fragments::blocks_of(std::uint32_t bytes) noexcept {
    return std::clamp<std::size_t>(bytes / block_size, 2 * blocks_most, none - 1u);
}
std::uint32_t Fragments::datagrams_of(std::uint32_t datagrams) noexcept {
    return std::clamp<std::uint32_t>(datagrams, 8, none - 1u);
}

std::size_t Fragments::memory_most(std::uint32_t bytes, std::uint32_t datagrams) noexcept {
    const auto blocks = blocks_of(bytes);
    const std::size_t many = datagrams_of(datagrams);
    return blocks * (block_size + 2 * sizeof(std::uint16_t)) +
           many * (sizeof(Datagram) + 2 * sizeof(std::uint16_t)) +
           std::bit_ceil(many) * sizeof(std::uint16_t) + held_bytes;
}

std::size_t Fragments::waiting() const noexcept {
    std::size_t count = 0;
    for (auto i = oldest_; i != none; i = datagrams_[i].newer) count += !datagrams_[i].done;
    return count;
}

std::size_t Fragments::bucket(const Key& key) const noexcept {
    Hasher hasher;
    std::uint64_t words[4];
    std::memcpy(words, key.from.data(), 16);
    std::memcpy(words + 2, key.to.data(), 16);
    for (const auto word : words) hasher.add(word);
    return hasher.add(std::uint64_t{key.protocol} << 32 | key.id).finish() & (buckets_.size() - 1);
}

Fragments::Datagram* Fragments::find(const Key& key, std::size_t bucket) noexcept {
    for (auto i = buckets_[bucket]; i != none; i = datagrams_[i].next)
        if (datagrams_[i].key == key) return &datagrams_[i];
    return nullptr;
}

Fragments::Datagram* Fragments::begin(const Key& key, std::size_t bucket, observe::Time at) noexcept {
    if (free_datagrams_.empty()) {
        if (!datagrams_[oldest_].done) ++counters_.datagrams_evicted;
        end(datagrams_[oldest_]);
    }
    const auto index = free_datagrams_.back();
    free_datagrams_.pop_back();
    auto& datagram = datagrams_[index];
    datagram.key = key;
    datagram.used = true;
    datagram.done = datagram.has_head = false;
    datagram.ranges = 0;
    datagram.frames = 0;
    datagram.total = datagram.wire_bytes = 0;
    datagram.begun = at;
    datagram.block.fill(none);
    datagram.next = buckets_[bucket];
    buckets_[bucket] = index;
    datagram.older = newest_;
    datagram.newer = none;
    if (newest_ != none) datagrams_[newest_].newer = index;
    newest_ = index;
    if (oldest_ == none) oldest_ = index;
    return &datagram;
}

void Fragments::free_blocks(Datagram& datagram) noexcept {
    for (auto& block : datagram.block) {
        if (block != none) free_blocks_.push_back(block);
        block = none;
    }
}

void Fragments::end(Datagram& datagram) noexcept {
    const auto index = static_cast<std::uint16_t>(&datagram - datagrams_.data());
    auto* link = &buckets_[bucket(datagram.key)];
    while (*link != index) link = &datagrams_[*link].next;
    *link = datagram.next;
    (datagram.older == none ? oldest_ : datagrams_[datagram.older].newer) = datagram.newer;
    (datagram.newer == none ? newest_ : datagrams_[datagram.newer].older) = datagram.older;
    free_blocks(datagram);
    datagram.used = false;
    free_datagrams_.push_back(index);
}

// They stand in the order in which they began, so the first that is young enough ends the search; one
// that is done leaves earlier, when its turn comes.
void Fragments::forget_old(observe::Time now) noexcept {
    now_ = std::max(now_, now);
    while (oldest_ != none) {
        auto& datagram = datagrams_[oldest_];
        const auto age = now_ - datagram.begun;
        if (age <= (datagram.done ? std::chrono::nanoseconds{done_memory} : patience_)) return;
        if (!datagram.done) ++counters_.datagrams_timed_out;
        end(datagram);
    }
}

bool Fragments::take_block(Datagram& datagram, std::size_t which) noexcept {
    if (datagram.block[which] != none) return true;
    // Room is made by the oldest others; what is done has no blocks.
    for (auto i = oldest_; free_blocks_.empty() && i != none;) {
        const auto newer = datagrams_[i].newer;
        if (&datagrams_[i] != &datagram && !datagrams_[i].done) {
            ++counters_.datagrams_evicted;
            end(datagrams_[i]);
        }
        i = newer;
    }
    if (free_blocks_.empty()) return false;
    datagram.block[which] = free_blocks_.back();
    free_blocks_.pop_back();
    return true;
}

bool Fragments::write(Datagram& datagram, std::uint32_t offset, Bytes bytes) noexcept {
    while (!bytes.empty()) {
        const auto inside = offset % block_size;
        const auto count = std::min<std::size_t>(bytes.size(), block_size - inside);
        if (!take_block(datagram, offset / block_size)) return false;
        std::memcpy(memory_.get() + std::size_t{datagram.block[offset / block_size]} * block_size + inside,
                    bytes.data(), count);
        offset += static_cast<std::uint32_t>(count);
        bytes = bytes.subspan(count);
    }
    return true;
}

bool Fragments::equal(const Datagram& datagram, std::uint32_t offset, Bytes bytes) const noexcept {
    while (!bytes.empty()) {
        const auto inside = offset % block_size;
        const auto count = std::min<std::size_t>(bytes.size(), block_size - inside);
        const auto* there = memory_.get() + std::size_t{datagram.block[offset / block_size]} * block_size +
                            inside;
        if (std::memcmp(there, bytes.data(), count) != 0) return false;
        offset += static_cast<std::uint32_t>(count);
        bytes = bytes.subspan(count);
    }
    return true;
}

// First wins: only what no range covers is written. Ranges are kept sorted and apart from each other.
Fragments::Stored Fragments::store(Datagram& datagram, std::uint32_t offset, Bytes bytes) noexcept {
    const auto stop = offset + static_cast<std::uint32_t>(bytes.size());
    bool conflict = false, fresh = false, covered = false;
    auto at = offset;
    for (std::size_t i = 0; i < datagram.ranges && at < stop; ++i) {
        const auto [begin, end] = datagram.range[i];
        if (end <= at) continue;
        if (begin >= stop) break;
        if (begin > at) {
            fresh = true;
            if (!write(datagram, at, bytes.subspan(at - offset, begin - at))) return Stored::no_room;
        }
        const auto from = std::max<std::uint32_t>(at, begin), to = std::min<std::uint32_t>(stop, end);
        covered = true;
        if (!equal(datagram, from, bytes.subspan(from - offset, to - from))) conflict = true;
        at = to;
    }
    if (at < stop) {
        fresh = true;
        if (!write(datagram, at, bytes.subspan(at - offset, stop - at))) return Stored::no_room;
    }
    if (fresh) {
        Range merged{static_cast<std::uint16_t>(offset), static_cast<std::uint16_t>(stop)};
        std::size_t first = 0;
        while (first < datagram.ranges && datagram.range[first].end < merged.begin) ++first;
        auto last = first;
        for (; last < datagram.ranges && datagram.range[last].begin <= merged.end; ++last) {
            merged.begin = std::min(merged.begin, datagram.range[last].begin);
            merged.end = std::max(merged.end, datagram.range[last].end);
        }
        if (first == last) {
            if (datagram.ranges == gaps_most) return Stored::no_room;
            std::copy_backward(datagram.range.begin() + static_cast<std::ptrdiff_t>(first),
                               datagram.range.begin() + datagram.ranges,
                               datagram.range.begin() + datagram.ranges + 1);
            ++datagram.ranges;
        } else {
            std::copy(datagram.range.begin() + static_cast<std::ptrdiff_t>(last),
                      datagram.range.begin() + datagram.ranges,
                      datagram.range.begin() + static_cast<std::ptrdiff_t>(first) + 1);
            datagram.ranges = static_cast<std::uint8_t>(datagram.ranges - (last - first - 1));
        }
        datagram.range[first] = merged;
    }
    if (conflict) return Stored::conflicting;
    if (!fresh) return Stored::nothing_new;
    return covered ? Stored::some : Stored::all;
}

Bytes Fragments::add(const Fragment& piece, Packet& packet) noexcept {
    ++counters_.fragments;
    forget_old(packet.at);
    auto bytes = packet.payload;
    const auto refuse = [&]() -> Bytes {
        ++counters_.fragments_refused;
        packet.oddities |= Oddity::fragment_lost;
        return {};
    };
    // All but the last are cut at a multiple of eight bytes.
    if (piece.more) bytes = bytes.first(bytes.size() & ~std::size_t{7});
    const auto stop = piece.offset + bytes.size();
    if (packet.wire_payload != packet.payload.size() || has(packet.oddities, Oddity::truncated) ||
        bytes.empty() || stop > datagram_most)
        return refuse();

    const Key key{packet.parties.client.ip, packet.parties.server.ip, piece.id,
                  static_cast<std::uint16_t>(piece.six ? 0x100 : piece.protocol)};
    const auto in = bucket(key);
    auto* datagram = find(key, in);
    if (datagram && datagram->done) {
        if (now_ - datagram->begun <= done_memory && stop <= datagram->total) {
            ++counters_.fragments_repeated;
            return {};
        }
        end(*datagram);
        datagram = nullptr;
    }
    if (!datagram) datagram = begin(key, in, packet.at);
    const auto furthest = datagram->ranges == 0 ? std::size_t{0} : datagram->range[datagram->ranges - 1].end;
    if (datagram->total != 0 ? stop > datagram->total || (!piece.more && stop != datagram->total)
                             : !piece.more && stop < furthest) {
        // Two ends, or bytes behind the end: nobody can know which is meant.
        ++counters_.fragments_overlapping;
        packet.oddities |= Oddity::fragment_overlap;
        return refuse();
    }
    switch (store(*datagram, piece.offset, bytes)) {
    case Stored::no_room:
        end(*datagram);
        ++counters_.datagrams_evicted;
        return refuse();
    case Stored::nothing_new:
        ++counters_.fragments_repeated;
        return {};
    case Stored::conflicting:
        ++counters_.fragments_overlapping;
        packet.oddities |= Oddity::fragment_overlap;
        break;
    case Stored::some:
    case Stored::all:
        break;
    }
    if (!piece.more) datagram->total = static_cast<std::uint32_t>(stop);
    ++datagram->frames;
    datagram->wire_bytes += packet.wire_bytes;
    const auto oddities = packet.oddities | (datagram->has_head ? datagram->head.oddities : Oddity::none);
    if (piece.offset == 0 && !datagram->has_head) {
        datagram->head = packet;
        datagram->has_head = true;
    }
    datagram->head.oddities = oddities;
    if (datagram->total == 0 || datagram->ranges != 1 || datagram->range[0].begin != 0 ||
        datagram->range[0].end != datagram->total || !datagram->has_head)
        return {};
    return finish(*datagram, packet);
}

Bytes Fragments::finish(Datagram& datagram, Packet& packet) noexcept {
    if (finished_at_ + datagram.total > held_bytes) finished_at_ = 0;
    auto* const target = finished_.get() + finished_at_;
    for (std::uint32_t at = 0; at < datagram.total; at += block_size)
        std::memcpy(target + at, memory_.get() + std::size_t{datagram.block[at / block_size]} * block_size,
                    std::min(block_size, datagram.total - at));
    finished_at_ += datagram.total;
    const auto frame = packet.frame;
    const auto at = packet.at;
    packet = datagram.head;
    packet.frame = frame;
    packet.at = at;
    packet.frames = datagram.frames;
    packet.wire_bytes = datagram.wire_bytes;
    packet.oddities |= Oddity::reassembled;
    datagram.done = true;
    datagram.begun = at;
    free_blocks(datagram);
    ++counters_.reassembled;
    return {target, datagram.total};
}

} // namespace yagura::decode
