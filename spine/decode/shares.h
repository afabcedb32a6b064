// Which worker reads which host pair of a file, when several share it.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace yagura::decode {

/// A host pair belongs to whoever had the fewest frames when it was first seen: by its hash alone, 64 equal
/// pairs would often be 36 and 28, and two workers 1.6 times as fast as one. Every worker walks the whole
/// file and asks a Shares of its own about each frame in order, so all come to the same answers and none has
/// to wait for another. Pairs whose numbers begin equally (14 bits) stay together.
class Shares {
public:
    explicit Shares(unsigned workers) : frames_(std::max(workers, 1u)), owner_(places, nobody) {}

    /// Whose the next frame is; `pair` is its host_pair().
    unsigned next(std::uint32_t pair) noexcept {
        auto& owner = owner_[pair >> (32 - place_bits)];
        if (owner == nobody) [[unlikely]]
            owner = static_cast<std::uint16_t>(std::ranges::min_element(frames_) - frames_.begin());
        ++frames_[owner];
        return owner;
    }

private:
    static constexpr unsigned place_bits = 14;
    static constexpr std::size_t places = 1u << place_bits;
    static constexpr std::uint16_t nobody = 0xffff;

    std::vector<std::uint64_t> frames_; ///< of each worker, so far
    std::vector<std::uint16_t> owner_;
};

} // namespace yagura::decode
