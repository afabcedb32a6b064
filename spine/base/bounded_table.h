// A hash table for the packet path: bounded, without heap once it has grown, entries that stay where they
// are.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

#include "spine/base/hash.h"

namespace yagura {

/// Open addressing over entries in chunks. The caller brings the hash, keyed (Hasher) where the key comes
/// from the network. Grows by doubling up to `capacity`; a full one forgets an entry that was not asked for
/// lately (the clock's hand) and counts it. Nothing moves while it is there.
template <class Key, class Value>
class BoundedTable {
public:
    explicit BoundedTable(std::size_t capacity) : capacity_{capacity} {}

    Value* find(const Key& key, std::size_t hash) noexcept {
        const auto at = position(key, hash);
        if (at == none) return nullptr;
        auto& found = entry(slots_[at].index);
        found.asked = true;
        return &found.value;
    }

    /// For a key that is not there. `forget(key, value)` is called before an old entry goes; if it gives a
    /// bool, false means that this one is in use and another has to go. At least one always may.
    template <class Forget>
    Value& insert(const Key& key, std::size_t hash, Forget&& forget) {
        if (size_ == capacity_) evict(forget);
        if ((size_ + 1) * 2 > slots_.size()) grow();
        const auto index = take();
        auto& fresh = entry(index);
        fresh.key = key;
        fresh.value = Value{};
        fresh.hash = hash;
        fresh.live = true;
        fresh.asked = true;
        place(hash, index);
        ++size_;
        return fresh.value;
    }
    Value& insert(const Key& key, std::size_t hash) {
        return insert(key, hash, [](const Key&, Value&) {});
    }

    bool erase(const Key& key, std::size_t hash) noexcept {
        const auto at = position(key, hash);
        if (at == none) return false;
        remove(at);
        return true;
    }

    /// `use(key, value)` for each, in no order that means anything.
    template <class Use>
    void each(Use&& use) {
        for (std::uint32_t index = 0; index < made_; ++index)
            if (auto& one = entry(index); one.live) use(std::as_const(one.key), one.value);
    }

    template <class Use>
    void each(Use&& use) const {
        for (std::uint32_t index = 0; index < made_; ++index)
            if (const auto& one = chunks_[index / chunk][index % chunk]; one.live) use(one.key, one.value);
    }

    /// What a table of that capacity takes from the heap at most, the moment of its last growing included.
    static constexpr std::size_t memory_most(std::size_t capacity) noexcept {
        std::size_t slots = 2 * chunk;
        while (slots < 2 * capacity) slots *= 2;
        const auto chunks = (capacity + chunk - 1) / chunk;
        return chunks * (chunk * sizeof(Entry) + heap_overhead + 2 * sizeof(void*)) +
               slots * sizeof(Slot) * 3 / 2 + 3 * chunks * chunk * sizeof(std::uint32_t);
    }

    std::size_t size() const noexcept { return size_; }
    std::size_t capacity() const noexcept { return capacity_; }
    std::uint64_t forgotten() const noexcept { return forgotten_; }

private:
    struct Entry {
        std::size_t hash = 0; // What a search touches lies together.
        bool live = false, asked = false;
        Key key{};
        Value value{};
    };
    struct Slot {
        std::uint32_t tag = 0;
        std::uint32_t index = empty;
    };
    static constexpr std::uint32_t empty = 0xffffffff;
    static constexpr std::size_t none = SIZE_MAX, chunk = 64;
    static constexpr std::size_t heap_overhead = 16; ///< of one piece

    static std::uint32_t tag(std::size_t hash) noexcept { return static_cast<std::uint32_t>(hash >> 32); }
    Entry& entry(std::uint32_t index) noexcept { return chunks_[index / chunk][index % chunk]; }

    std::size_t position(const Key& key, std::size_t hash) noexcept {
        if (slots_.empty()) return none;
        const auto mask = slots_.size() - 1;
        for (auto at = hash & mask;; at = (at + 1) & mask) {
            const auto& slot = slots_[at];
            if (slot.index == empty) return none;
            if (slot.tag == tag(hash) && entry(slot.index).key == key) return at;
        }
    }
    void place(std::size_t hash, std::uint32_t index) noexcept {
        const auto mask = slots_.size() - 1;
        auto at = hash & mask;
        while (slots_[at].index != empty) at = (at + 1) & mask;
        slots_[at] = {tag(hash), index};
    }
    void remove(std::size_t at) noexcept {
        auto& gone = entry(slots_[at].index);
        gone.live = false;
        gone.asked = false;
        free_.push_back(slots_[at].index); // Room was reserved when the chunk was made.
        --size_;
        // Knuth 6.4 R: what stood behind moves up, so that no search ends at the hole.
        const auto mask = slots_.size() - 1;
        for (auto next = (at + 1) & mask; slots_[next].index != empty; next = (next + 1) & mask) {
            const auto home = entry(slots_[next].index).hash & mask;
            if (((next - home) & mask) >= ((next - at) & mask)) {
                slots_[at] = slots_[next];
                at = next;
            }
        }
        slots_[at] = {};
    }
    std::uint32_t take() {
        if (free_.empty()) {
            chunks_.push_back(std::make_unique<Entry[]>(chunk));
            const auto first = made_;
            made_ += chunk;
            if (free_.capacity() < made_) free_.reserve(2 * std::size_t{made_});
            for (auto index = made_; index-- > first;) free_.push_back(index);
        }
        const auto index = free_.back();
        free_.pop_back();
        return index;
    }
    void grow() {
        std::vector<Slot> wider(slots_.empty() ? 2 * chunk : slots_.size() * 2);
        slots_.swap(wider);
        for (const auto& slot : wider)
            if (slot.index != empty) place(entry(slot.index).hash, slot.index);
    }
    template <class Forget>
    void evict(Forget&& forget) {
        for (;;) {
            auto& candidate = entry(hand_);
            const auto index = hand_;
            hand_ = (hand_ + 1) % made_;
            if (!candidate.live) continue;
            if (std::exchange(candidate.asked, false)) continue;
            if constexpr (std::is_same_v<bool,
                                         decltype(forget(std::as_const(candidate.key), candidate.value))>) {
                if (!forget(std::as_const(candidate.key), candidate.value)) continue;
            } else {
                forget(std::as_const(candidate.key), candidate.value);
            }
            const auto mask = slots_.size() - 1;
            auto at = candidate.hash & mask;
            while (slots_[at].index != index) at = (at + 1) & mask;
            remove(at);
            ++forgotten_;
            return;
        }
    }

    std::size_t capacity_, size_ = 0;
    std::vector<Slot> slots_;
    std::vector<std::unique_ptr<Entry[]>> chunks_;
    std::vector<std::uint32_t> free_;
    std::uint32_t made_ = 0, hand_ = 0;
    std::uint64_t forgotten_ = 0;
};

} // namespace yagura
