// Memory of dissectors' states and of what belongs to a claimed conversation: slabs, taken as needed.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
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
        auto& free = free_[c];
        if (free.empty()) {
            const auto block = std::size_t{smallest} << c, slab = block * per_slab;
            if (taken_ + slab > budget_) return nullptr;
            slabs_.push_back(std::make_unique<Slab[]>(slab / sizeof(Slab)));
            taken_ += slab;
            auto* memory = reinterpret_cast<std::byte*>(slabs_.back().get());
            made_[c] += per_slab;
            free.reserve(made_[c]);
            for (std::size_t i = per_slab; i-- > 0;) free.push_back(memory + i * block);
        }
        auto* block = free.back();
        free.pop_back();
        used_ += std::size_t{smallest} << c;
        return block;
    }
    void give_back(std::byte* block, std::size_t size) noexcept {
        const auto c = class_of(size);
        free_[c].push_back(block); // Room was reserved when the slab was made.
        used_ -= std::size_t{smallest} << c;
    }
    std::size_t budget() const noexcept { return budget_; }
    std::size_t used() const noexcept { return used_; }

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

    std::size_t budget_, taken_ = 0, used_ = 0;
    std::vector<std::unique_ptr<Slab[]>> slabs_;
    std::array<std::vector<std::byte*>, classes> free_;
    std::array<std::size_t, classes> made_{};
};

} // namespace yagura::worker
