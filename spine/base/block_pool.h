// Memory for bytes that must be kept until there are more: one budget, taken as it is needed.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <memory>
#include <vector>

#include "spine/base/bytes.h"

namespace yagura {

/// Growing pieces of memory in size classes. Each class may take an equal share of the budget, so that who
/// fills one of them cannot push out what lies in the others; inside a class the oldest untouched piece
/// makes room, and its holder finds out by its lease. Memory is taken when it is first needed and then kept
/// for the next: no heap in steady state. What a lease showed stays readable, though not unchanged.
class BlockPool {
public:
    static constexpr std::array<std::uint32_t, 6> classes{1u << 10,  4u << 10,   16u << 10,
                                                          64u << 10, 256u << 10, 1u << 20};
    static constexpr std::uint32_t most = classes.back();

    struct Counters {
        std::uint64_t refused = 0, evicted = 0;
    };
    /// Who holds a piece. Copies are the same lease; an evicted one shows nothing.
    struct Lease {
        std::uint32_t index = UINT32_MAX;
        std::uint32_t generation = 0;
        bool taken() const noexcept { return index != UINT32_MAX; }
    };

    explicit BlockPool(std::size_t budget) : budget_{budget} {
        for (auto& chain : used_) chain = {none, none};
    }
    BlockPool(const BlockPool&) = delete;
    BlockPool& operator=(const BlockPool&) = delete;

    Bytes bytes(Lease lease) const noexcept {
        return holds(lease) ? Bytes{blocks_[lease.index].memory, blocks_[lease.index].used} : Bytes{};
    }
    /// False for a lease that was evicted, and for none.
    bool holds(Lease lease) const noexcept {
        return lease.taken() && blocks_[lease.index].generation == lease.generation;
    }

    /// Adds to what is there, or begins. False if it would be longer than `limit` or than anything may be:
    /// the lease is then given back and the refusal counted.
    bool append(Lease& lease, Bytes piece, std::size_t limit) {
        const auto before = holds(lease) ? blocks_[lease.index].used : 0u;
        const auto whole = before + piece.size();
        if (whole > std::min<std::size_t>(limit, most)) {
            release(lease);
            ++counters_.refused;
            return false;
        }
        if (!holds(lease)) lease = take(class_of(whole));
        if (whole > classes[blocks_[lease.index].size_class]) {
            const auto bigger = take(class_of(whole));
            auto& to = blocks_[bigger.index];
            std::memmove(to.memory, blocks_[lease.index].memory, before);
            to.used = before;
            release(lease);
            lease = bigger;
        }
        auto& block = blocks_[lease.index];
        // Move: the piece may lie in a block that had to make room just now.
        if (!piece.empty()) std::memmove(block.memory + before, piece.data(), piece.size());
        block.used = static_cast<std::uint32_t>(whole);
        unlink(lease.index);
        link(lease.index);
        return true;
    }
    /// Forgets the first `count` bytes.
    void drop_front(Lease lease, std::size_t count) noexcept {
        if (!holds(lease)) return;
        auto& block = blocks_[lease.index];
        const auto left = block.used - std::min<std::size_t>(count, block.used);
        std::memmove(block.memory, block.memory + (block.used - left), left);
        block.used = static_cast<std::uint32_t>(left);
    }
    void release(Lease& lease) noexcept {
        if (holds(lease)) give_back(lease.index);
        lease = {};
    }

    std::size_t budget() const noexcept { return budget_; }
    /// What a pool takes from the heap at most: of each class at least one block, and what tells of them.
    static constexpr std::size_t memory_most(std::size_t budget) noexcept {
        std::size_t sum = 0;
        for (const auto size : classes)
            sum += share_of(budget, size) * (size + 16 + 3 * (sizeof(Block) + sizeof(void*) + 4));
        return sum;
    }
    /// Bytes taken from the heap so far: what is in use and what waits for its next holder.
    std::size_t taken() const noexcept { return taken_; }
    const Counters& counters() const noexcept { return counters_; }

private:
    static constexpr std::uint32_t none = UINT32_MAX;
    struct Block {
        std::byte* memory = nullptr;
        std::uint32_t used = 0, generation = 1, previous = none, next = none;
        std::uint8_t size_class = 0;
    };
    struct Chain {
        std::uint32_t oldest, newest;
    };

    static constexpr std::size_t share_of(std::size_t budget, std::size_t size) noexcept {
        return std::max<std::size_t>(1, budget / classes.size() / size);
    }
    static std::uint8_t class_of(std::size_t size) noexcept {
        std::uint8_t c = 0;
        while (classes[c] < size) ++c;
        return c;
    }
    Lease take(std::uint8_t size_class) {
        auto& free = free_[size_class];
        if (free.empty()) {
            if (made_[size_class] < share_of(budget_, classes[size_class])) {
                storage_.push_back(std::make_unique_for_overwrite<std::byte[]>(classes[size_class]));
                blocks_.push_back({.memory = storage_.back().get(), .size_class = size_class});
                taken_ += classes[size_class];
                if (free.capacity() < ++made_[size_class]) free.reserve(2 * made_[size_class]);
                free.push_back(static_cast<std::uint32_t>(blocks_.size() - 1));
            } else {
                ++counters_.evicted;
                give_back(used_[size_class].oldest);
            }
        }
        const auto index = free.back();
        free.pop_back();
        blocks_[index].used = 0;
        link(index);
        return {index, blocks_[index].generation};
    }
    void give_back(std::uint32_t index) noexcept {
        auto& block = blocks_[index];
        unlink(index);
        ++block.generation;
        free_[block.size_class].push_back(index);
    }
    void link(std::uint32_t index) noexcept {
        auto& chain = used_[blocks_[index].size_class];
        blocks_[index].previous = chain.newest;
        blocks_[index].next = none;
        (chain.newest == none ? chain.oldest : blocks_[chain.newest].next) = index;
        chain.newest = index;
    }
    void unlink(std::uint32_t index) noexcept {
        const auto& block = blocks_[index];
        auto& chain = used_[block.size_class];
        (block.previous == none ? chain.oldest : blocks_[block.previous].next) = block.next;
        (block.next == none ? chain.newest : blocks_[block.next].previous) = block.previous;
    }

    std::size_t budget_, taken_ = 0;
    std::vector<Block> blocks_;
    std::vector<std::unique_ptr<std::byte[]>> storage_;
    std::array<std::vector<std::uint32_t>, classes.size()> free_;
    std::array<Chain, classes.size()> used_{};
    std::array<std::size_t, classes.size()> made_{};
    Counters counters_;
};

} // namespace yagura
