// IP datagrams put together from their fragments: RFC 791 3.2, RFC 8200 4.5, RFC 5722.
//
// Where fragments say different things about the same bytes, what came first stands (as BSD and Windows
// do for most shapes); it is counted and told, because it is how an attack on two readers looks.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "spine/base/hash.h"
#include "spine/decode/walk.h"

namespace yagura::decode {

/// One per worker. All memory is taken when it is made. Datagrams share blocks of 2 KiB, so a flood of
/// tiny fragments is limited by the number of datagrams, large ones by the bytes; the oldest goes first.
class Fragments {
public:
    Fragments(std::uint32_t bytes, std::uint32_t datagrams, std::chrono::nanoseconds patience, Counters&);

    /// `packet` is the fragment's: addresses, time, payload. The last missing piece gives the whole
    /// payload and makes `packet` the datagram's: facts of the fragment that had the beginning, number
    /// and time of this one. Valid until `held_bytes` more were put together.
    Bytes add(const Fragment&, Packet& packet) noexcept;

    /// Datagrams that are not whole yet.
    std::size_t waiting() const noexcept;

    /// What it takes from the heap.
    static std::size_t memory_most(std::uint32_t bytes, std::uint32_t datagrams) noexcept;

    static constexpr std::size_t datagram_most = 65535;
    static constexpr std::size_t held_bytes = (Decoder::held + 2) * (datagram_most + 1);

private:
    static constexpr std::uint32_t block_size = 2048;
    static constexpr std::uint16_t none = 0xffff;
    static constexpr std::size_t blocks_most = (datagram_most + block_size) / block_size;
    /// Pieces that do not touch: a datagram of 64 KiB in frames of 1,500 bytes has 45 fragments, and they
    /// come nearly in order. Who needs more gaps than this at once is not sending a datagram.
    static constexpr std::size_t gaps_most = 24;

    struct Key {
        observe::Ip from{}, to{};
        std::uint32_t id = 0;
        std::uint16_t protocol = 0; ///< of IPv4 (RFC 791); IPv6 does not key by it, and has 0x100 here
        friend bool operator==(const Key&, const Key&) = default;
    };
    struct Range {
        std::uint16_t begin, end;
    };
    struct Datagram {
        Key key;
        bool used = false, done = false, has_head = false;
        std::uint8_t ranges = 0;
        std::uint16_t newer = none, older = none; ///< by first fragment's time
        std::uint16_t next = none;                ///< in the same bucket
        std::uint16_t frames = 0;
        std::uint32_t total = 0; ///< 0: the last fragment has not come
        std::uint32_t wire_bytes = 0;
        observe::Time begun{};
        Packet head; ///< of the fragment at offset 0
        std::array<Range, gaps_most> range;
        std::array<std::uint16_t, blocks_most> block;
    };

    static std::size_t blocks_of(std::uint32_t bytes) noexcept;
    static std::uint32_t datagrams_of(std::uint32_t datagrams) noexcept;
    std::size_t bucket(const Key&) const noexcept;
    Datagram* find(const Key&, std::size_t bucket) noexcept;
    Datagram* begin(const Key&, std::size_t bucket, observe::Time at) noexcept;
    void end(Datagram&) noexcept;
    void free_blocks(Datagram&) noexcept;
    bool take_block(Datagram&, std::size_t which) noexcept;
    void forget_old(observe::Time now) noexcept;

    enum class Stored : std::uint8_t { all, some, nothing_new, conflicting, no_room };
    Stored store(Datagram&, std::uint32_t offset, Bytes) noexcept;
    bool write(Datagram&, std::uint32_t offset, Bytes) noexcept;
    bool equal(const Datagram&, std::uint32_t offset, Bytes) const noexcept;
    Bytes finish(Datagram&, Packet&) noexcept;

    std::chrono::nanoseconds patience_;
    Counters& counters_;
    std::unique_ptr<std::byte[]> memory_; ///< not touched before it is needed
    std::vector<std::uint16_t> free_blocks_;
    std::vector<Datagram> datagrams_;
    std::vector<std::uint16_t> free_datagrams_;
    std::vector<std::uint16_t> buckets_;
    std::uint16_t oldest_ = none, newest_ = none;
    std::unique_ptr<std::byte[]> finished_; ///< a ring of whole payloads
    std::size_t finished_at_ = 0;
    observe::Time now_{};
};

} // namespace yagura::decode
