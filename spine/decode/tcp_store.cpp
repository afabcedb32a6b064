#include "spine/decode/tcp_store.h"

#include <algorithm>
#include <cstring>

#include "spine/decode/tcp_stream.h"

namespace yagura::decode {

namespace {
constexpr std::uint32_t nobody = 0xffffffff;
constexpr std::uint32_t index_bits = 20; ///< of a handle; the rest is the generation
constexpr std::uint32_t index_mask = (1u << index_bits) - 1;
} // namespace

/// Entries stand in the order of sequence numbers and do not overlap.
struct TcpStore::Queue {
    struct Entry {
        Stored stored;
        std::byte* memory = nullptr;
        std::uint8_t size_class = 0;
    };
    std::array<Entry, segments_most> entry{};
    std::uint8_t begin = 0, count = 0; ///< a ring would have to be turned for insertions: begin only grows
    bool used = false;
    std::uint32_t index = 0, generation = 0, bytes = 0;
    std::uint32_t older = nobody, newer = nobody;

    Entry& at(std::size_t i) noexcept { return entry[begin + i]; }
};

TcpStore::TcpStore(std::size_t bound) : bound_{bound}, oldest_{nobody}, newest_{nobody} {}
TcpStore::~TcpStore() = default;

TcpStore::Queue* TcpStore::find(Handle handle) noexcept {
    const auto index = handle & index_mask;
    if (handle == none || index >= queues_.size()) return nullptr;
    auto& queue = *queues_[index];
    return queue.used && queue.generation == handle >> index_bits ? &queue : nullptr;
}
const TcpStore::Queue* TcpStore::find(Handle handle) const noexcept {
    return const_cast<TcpStore*>(this)->find(handle);
}

TcpStore::Queue* TcpStore::fresh(Handle& handle) noexcept {
    if (free_queues_.empty()) {
        if (queues_.size() < index_mask && taken_ + sizeof(Queue) <= bound_) {
            queues_.push_back(std::make_unique<Queue>());
            queues_.back()->index = static_cast<std::uint32_t>(queues_.size() - 1);
            free_queues_.reserve(queues_.capacity());
            free_queues_.push_back(queues_.back()->index);
            taken_ += sizeof(Queue);
        } else if (!evict_oldest(nullptr)) {
            return nullptr;
        }
    }
    auto& queue = *queues_[free_queues_.back()];
    free_queues_.pop_back();
    queue.used = true;
    queue.begin = queue.count = 0;
    queue.bytes = 0;
    queue.generation = (queue.generation + 1) & (nobody >> index_bits);
    if (queue.generation == 0) queue.generation = 1; // so that no handle is `none`
    queue.older = newest_;
    queue.newer = nobody;
    (newest_ == nobody ? oldest_ : queues_[newest_]->newer) = queue.index;
    newest_ = queue.index;
    handle = queue.generation << index_bits | queue.index;
    return &queue;
}

void TcpStore::drop(Queue& queue) noexcept {
    for (std::size_t i = 0; i < queue.count; ++i)
        if (queue.at(i).memory) give(queue.at(i).memory, queue.at(i).size_class);
    (queue.older == nobody ? oldest_ : queues_[queue.older]->newer) = queue.newer;
    (queue.newer == nobody ? newest_ : queues_[queue.newer]->older) = queue.older;
    queue.used = false;
    queue.count = 0;
    free_queues_.push_back(queue.index);
}

bool TcpStore::evict_oldest(const Queue* spare) noexcept {
    for (auto i = oldest_; i != nobody; i = queues_[i]->newer) {
        if (queues_[i].get() == spare) continue;
        drop(*queues_[i]);
        ++counters_.evicted;
        return true;
    }
    return false;
}

std::byte* TcpStore::take(std::size_t size, std::uint8_t& size_class) noexcept {
    size_class = 0;
    while (sizes[size_class] < size)
        if (++size_class == sizes.size()) return nullptr;
    if (free_[size_class].empty() && !grow(size_class)) return nullptr;
    auto* memory = free_[size_class].back();
    free_[size_class].pop_back();
    used_ += sizes[size_class];
    return memory;
}

bool TcpStore::grow(std::size_t size_class) noexcept {
    if (taken_ + slab_size > bound_) return false;
    slabs_.push_back(std::make_unique_for_overwrite<std::byte[]>(slab_size));
    taken_ += slab_size;
    pieces_[size_class] += slab_size / sizes[size_class];
    free_[size_class].reserve(pieces_[size_class]); // so that giving back never allocates
    for (std::size_t at = 0; at < slab_size; at += sizes[size_class])
        free_[size_class].push_back(slabs_.back().get() + at);
    return true;
}

void TcpStore::give(std::byte* memory, std::uint8_t size_class) noexcept {
    free_[size_class].push_back(memory);
    used_ -= sizes[size_class];
}

TcpStore::Kept TcpStore::keep(Handle& handle, const Packet& packet) noexcept {
    auto begin = packet.tcp.sequence;
    auto end = begin + packet.wire_payload;
    auto* queue = find(handle);
    // Where it goes, without what is there already. A segment with something new on both sides of a
    // stored one brings its front now; its sender repeats the rest, or it is lost.
    std::size_t place = 0;
    if (queue) {
        for (; place < queue->count; ++place) {
            const auto& other = queue->at(place).stored;
            const auto other_end = other.sequence + other.wire_length;
            if (!before(begin, other_end)) continue;
            if (before(begin, other.sequence)) {
                if (before(other.sequence, end)) end = other.sequence;
                break;
            }
            if (!before(other_end, end)) return Kept::already;
            begin = other_end;
        }
        if (queue->count == segments_most || queue->bytes + (end - begin) > bytes_most) {
            ++counters_.refused;
            return Kept::no_room;
        }
    }
    const auto skip = begin - packet.tcp.sequence;
    auto bytes = skip < packet.payload.size() ? packet.payload.subspan(skip) : Bytes{};
    if (bytes.size() > end - begin) bytes = bytes.first(end - begin);
    if (!queue && !(queue = fresh(handle))) {
        ++counters_.refused;
        return Kept::no_room;
    }
    std::uint8_t size_class = 0;
    std::byte* memory = nullptr;
    if (!bytes.empty()) {
        // When everything is taken, the oldest make room; those of another size class do not help, so
        // the search for room ends after a few.
        memory = take(bytes.size(), size_class);
        for (int i = 0; !memory && i < 8 && evict_oldest(queue); ++i) memory = take(bytes.size(), size_class);
        if (!memory) {
            if (queue->count == 0) release(handle);
            ++counters_.refused;
            return Kept::no_room;
        }
        std::memcpy(memory, bytes.data(), bytes.size());
    }
    if (queue->begin + queue->count == segments_most) {
        std::move(queue->entry.begin() + queue->begin, queue->entry.end(), queue->entry.begin());
        queue->begin = 0;
    }
    std::move_backward(queue->entry.begin() + queue->begin + static_cast<std::ptrdiff_t>(place),
                       queue->entry.begin() + queue->begin + queue->count,
                       queue->entry.begin() + queue->begin + queue->count + 1);
    const auto offset = packet.payload_offset == 0 ? 0 : packet.payload_offset + skip;
    queue->at(place) = {
        {begin, end - begin, packet.frame, packet.at, offset, {memory, bytes.size()}}, memory, size_class};
    ++queue->count;
    queue->bytes += end - begin;
    ++counters_.kept;
    return Kept::yes;
}

const TcpStore::Stored* TcpStore::first(Handle handle) noexcept {
    auto* queue = find(handle);
    return queue && queue->count != 0 ? &queue->at(0).stored : nullptr;
}

void TcpStore::drop_first(Handle& handle) noexcept {
    auto* queue = find(handle);
    if (!queue || queue->count == 0) {
        handle = none;
        return;
    }
    auto& entry = queue->at(0);
    if (entry.memory) give(entry.memory, entry.size_class);
    queue->bytes -= entry.stored.wire_length;
    ++queue->begin;
    if (--queue->count != 0) return;
    drop(*queue);
    handle = none;
}

void TcpStore::release(Handle& handle) noexcept {
    if (auto* queue = find(handle)) drop(*queue);
    handle = none;
}

bool TcpStore::full(Handle handle) const noexcept {
    const auto* queue = find(handle);
    return queue && queue->count == segments_most;
}

} // namespace yagura::decode
