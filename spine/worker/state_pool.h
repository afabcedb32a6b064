// Memory of dissectors' states and of what belongs to a claimed conversation: slabs, taken as needed.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstring>
#include <memory>
#include <vector>

#include "spine/dissect/dissector.h"

namespace yagura::worker {

/// Blocks of 32, 64, 128 and 256 bytes. Nothing is given back to the heap: what conversations of one kind
/// leave is what the next ones take.
class StatePool {
public:
    explicit StatePool(std::size_t budget) noexcept : budget_{budget} {}

    /// nullptr when the budget is spent.
    std::byte* take(std::size_t size) {
        const auto c = class_of(size);
        if (!free_[c] && !grow(c)) return nullptr;
        auto* block = free_[c];
        std::memcpy(static_cast<void*>(&free_[c]), block, sizeof(std::byte*));
        used_ += std::size_t{smallest} << c;
        return block;
    }
    void give_back(std::byte* block, std::size_t size) noexcept {
        const auto c = class_of(size);
        link(block, c);
        used_ -= std::size_t{smallest} << c;
    }
    std::size_t budget() const noexcept { return budget_; }
    std::size_t used() const noexcept { return used_; }
    /// What a pool takes from the heap at most: who is free tells so in his own bytes.
    static constexpr std::size_t memory_most(std::size_t budget) noexcept {
        return budget + budget / (smallest * per_slab) * (16 + 3 * sizeof(void*));
    }

private:
    struct alignas(std::max_align_t) Slab {
        std::byte bytes[32];
    };
    static constexpr std::size_t smallest = 32, per_slab = 64, classes = 4;
    static_assert(smallest << (classes - 1) == dissect::state_limit);

    static std::size_t class_of(std::size_t size) noexcept {
        std::size_t c = 0;
        while (smallest << c < size) ++c;
        return c;
    }
    void link(std::byte* block, std::size_t c) noexcept {
        std::memcpy(block, static_cast<const void*>(&free_[c]), sizeof(std::byte*));
        free_[c] = block;
    }
    bool grow(std::size_t c) {
        const auto block = std::size_t{smallest} << c, slab = block * per_slab;
        if (taken_ + slab > budget_) return false;
        slabs_.push_back(std::make_unique<Slab[]>(slab / sizeof(Slab)));
        taken_ += slab;
        auto* memory = reinterpret_cast<std::byte*>(slabs_.back().get());
        for (std::size_t i = per_slab; i-- > 0;) link(memory + i * block, c);
        return true;
    }

    std::size_t budget_, taken_ = 0, used_ = 0;
    std::vector<std::unique_ptr<Slab[]>> slabs_;
    std::array<std::byte*, classes> free_{}; ///< the first; each begins with where the next one is
};

} // namespace yagura::worker
