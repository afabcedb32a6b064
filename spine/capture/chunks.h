// A stream that several readers each see whole: a pipe or a packed file, unpacked once.
#pragma once

#include <array>
#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

#include "spine/base/bytes.h"
#include "spine/capture/input.h"
#include "spine/capture/walker.h"

namespace yagura::capture {

/// Chunks end between records, so a reader never has to put one together. There are at most `kept` of
/// them: whoever needs the next one and finds all in use waits for the slowest reader. There is no thread
/// of its own: the first reader to need a chunk makes it, which with one reader costs no switch at all.
class Chunks {
public:
    static constexpr std::size_t chunk_size = 1u << 20;
    static constexpr std::size_t kept = 8;

    struct Chunk {
        Bytes bytes{};
        std::uint64_t offset = 0;
        bool last = false;
    };

    /// `first` are the bytes already read; `walker` stands where the first record begins.
    Chunks(std::unique_ptr<Input> input, Bytes first, Walker walker, unsigned readers);

    /// Gives back the chunk that `reader` holds and waits for its next one; nothing after the last.
    /// Each reader calls from its own thread.
    const Chunk* next(unsigned reader) noexcept;
    /// The reader will not come again: nobody waits for it.
    void leave(unsigned reader) noexcept;

    /// What the input said besides what is in the bytes. For a reader that has seen the last chunk.
    std::string_view failure() const noexcept { return failure_; }
    /// Bytes of the file as it lies on the disk.
    std::uint64_t taken() const noexcept { return taken_.load(std::memory_order_relaxed); }

private:
    struct Slot {
        std::unique_ptr<std::byte[]> memory; ///< chunk_size, untouched until it is needed
        std::size_t filled = 0;              ///< more than its chunk has: the beginning of the next record
        Chunk chunk;
    };
    std::uint64_t slowest() const noexcept;
    void make() noexcept;

    std::unique_ptr<Input> input_;
    Walker walker_;
    std::array<Slot, kept> slots_;
    std::mutex mutex_;
    std::condition_variable moved_;
    std::vector<std::uint64_t> reading_; ///< per reader: which chunk it holds, counted from 1
    std::uint64_t made_ = 0;
    bool ended_ = false;
    std::string_view failure_{};
    std::atomic<std::uint64_t> taken_{0};
};

} // namespace yagura::capture
