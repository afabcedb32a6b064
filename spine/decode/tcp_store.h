// Segments that came early: kept until the hole before them is filled or given up.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <vector>

#include "spine/decode/packet.h"

namespace yagura::decode {

/// One per worker. Grows by slabs of 128 KiB up to its bound and keeps them; in steady state nothing is
/// allocated. When it is full the queue that has waited longest is dropped (its stream learns of it as a
/// loss), so that one attacker's holes cannot stand in everybody's way.
class TcpStore {
public:
    /// A queue and its generation: a queue that was dropped is not found by its old handle.
    using Handle = std::uint32_t;
    static constexpr Handle none = 0;
    static constexpr std::size_t segments_most = 16;
    static constexpr std::uint32_t bytes_most = 256u << 10;
    static constexpr std::chrono::seconds patience{3};

    struct Counters {
        std::uint64_t kept = 0, refused = 0, evicted = 0; ///< segments; segments; queues
    };

    explicit TcpStore(std::size_t bound = 64u << 20);
    ~TcpStore();
    TcpStore(const TcpStore&) = delete;
    TcpStore& operator=(const TcpStore&) = delete;

    struct Stored {
        std::uint32_t sequence = 0;
        std::uint32_t wire_length = 0;
        std::uint64_t frame = 0;
        observe::Time at{};
        std::uint32_t offset = 0;
        Bytes bytes{};
    };

    enum class Kept : std::uint8_t { yes, already, no_room };
    /// Copies the packet's payload, in the order of sequence numbers; of bytes that are there already the
    /// first stand. Makes the queue when there is none.
    Kept keep(Handle&, const Packet&) noexcept;
    /// The earliest, until it is dropped; nullptr if the queue is empty or gone.
    const Stored* first(Handle) noexcept;
    void drop_first(Handle&) noexcept; ///< none when it was the last
    void release(Handle&) noexcept;
    bool full(Handle) const noexcept;

    /// What a store takes from the heap at most: beside the bound, what tells of the pieces.
    static constexpr std::size_t memory_most(std::size_t bound) noexcept {
        return bound + bound / slab_size * (slab_size / sizes[0]) * 3 * sizeof(std::byte*) + bound / 32;
    }

    const Counters& counters() const noexcept { return counters_; }
    std::size_t bytes_used() const noexcept { return used_; }
    std::size_t bytes_taken() const noexcept { return taken_; }

private:
    struct Queue;
    static constexpr std::array<std::uint32_t, 4> sizes{512, 2048, 16384, 65536};
    static constexpr std::size_t slab_size = 128u << 10;

    Queue* find(Handle) noexcept;
    const Queue* find(Handle) const noexcept;
    Queue* fresh(Handle&) noexcept;
    void drop(Queue&) noexcept;
    std::byte* take(std::size_t size, std::uint8_t& size_class) noexcept;
    bool grow(std::size_t size_class) noexcept;
    void give(std::byte*, std::uint8_t size_class) noexcept;
    bool evict_oldest(const Queue* spare) noexcept;

    std::size_t bound_, used_ = 0, taken_ = 0;
    std::vector<std::unique_ptr<std::byte[]>> slabs_;
    std::array<std::vector<std::byte*>, sizes.size()> free_;
    std::array<std::size_t, sizes.size()> pieces_{};
    std::vector<std::unique_ptr<Queue>> queues_;
    std::vector<std::uint32_t> free_queues_;
    std::uint32_t oldest_, newest_;
    Counters counters_;
};

} // namespace yagura::decode
