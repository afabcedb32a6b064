// What the packet path does for a dissector: carries one floor up, gathers, remembers, expects, hashes
// transfers. Everything here has a bound for one conversation and one for the worker.
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>

#include "spine/base/block_pool.h"
#include "spine/base/bounded_table.h"
#include "spine/base/limits.h"
#include "spine/base/sha256.h"
#include "spine/dissect/dissector.h"
#include "spine/worker/recogniser.h"
#include "spine/worker/state_pool.h"

namespace yagura::worker {

class WorkerWays final : public dissect::Ways {
    struct Child;
    struct Kept;

public:
    /// A conversation that a protocol has claimed: what it holds here, until release(). Stays where it is.
    struct Claim {
        const dissect::Dissector* row = nullptr;
        std::byte* state = nullptr;
        Child* children = nullptr; ///< protocols that are carried inside
        Kept* records = nullptr;   ///< what its dissectors remember
        std::uint64_t conversation = 0;
        std::uint16_t protocol = 0;
        std::uint16_t children_count = 0, records_count = 0, transfers_count = 0;
    };

    struct Settings {
        std::size_t children_most = 1u << 15, children_each = 64;
        std::size_t records_most = 1u << 15, records_each = 256;
        std::size_t gatherings_most = 1u << 13;
        std::size_t expected_most = 1u << 12;
        std::size_t transfers_most = 1u << 9, transfers_each = 16;
        std::chrono::seconds expected_patience{120};
    };
    static constexpr int depth_most = 6;
    struct Counters {
        std::uint64_t too_deep = 0, unclaimed = 0, lost = 0;
        std::uint64_t channels_refused = 0, records_refused = 0, transfers_refused = 0;
        std::uint64_t unexpected = 0; ///< conversations that were expected still, and forgotten
    };
    /// Told when a carried protocol begins: flows are counted for every floor.
    using Began = void (*)(void* whom, std::uint16_t protocol);

    WorkerWays(const Settings&, const Recogniser&, observe::Sink& said, BlockPool&, StatePool&, Limits&,
               Began began, void* whom);
    WorkerWays(const WorkerWays&) = delete;
    WorkerWays& operator=(const WorkerWays&) = delete;
    ~WorkerWays();

    /// Gives the row its state. False when there is no room: then the conversation stays unclaimed.
    bool claim(Claim&, const dissect::Dissector&, std::uint16_t protocol, std::uint64_t conversation);
    /// Takes back everything that the conversation has, and tells the transfers that did not end.
    void release(Claim&) noexcept;
    /// One whole message to the conversation's own protocol.
    void message(Claim&, const dissect::Pdu&) noexcept;

    /// The protocol that somebody said would be spoken between these two, in either direction.
    const dissect::Dissector* expected(const observe::Parties&, observe::Time now) noexcept;

    /// What its tables take from the heap at most; not the two pools.
    static std::size_t memory_most(const Settings&) noexcept;
    void publish() noexcept; ///< to the limits, about once a second
    const Counters& counters() const noexcept { return counters_; }

    observe::Sink& say() noexcept override { return said_; }
    void carry(std::string_view carrier, std::uint32_t selector, std::uint64_t channel, Bytes,
               const observe::Origin&) noexcept override;
    Bytes gather(std::uint64_t channel, Bytes piece, dissect::Last) noexcept override;
    void expect(const Expected&) noexcept override;
    void transfer(std::uint64_t channel, observe::Transfer::Content, std::string_view name,
                  std::uint64_t offset, Bytes piece, dissect::Last, const observe::Origin&) noexcept override;
    void pass_over(std::uint64_t bytes) noexcept override {
        if (depth_ == 1) pass_ = bytes;
    }
    /// What the message before this asked for, once.
    std::uint64_t passed() noexcept { return std::exchange(pass_, 0); }
    Record* remember(std::uint64_t key) noexcept override;

private:
    struct Due;
    struct Moving;
    /// Who is speaking now: the conversation's own protocol or one that it carries.
    struct Level {
        const dissect::Dissector* row = nullptr;
        std::uint64_t path = 0; ///< of this channel, hashed with the secret key
    };

    Child* child(std::uint64_t path, Recogniser::Carrier, std::uint32_t selector, Bytes,
                 const observe::Origin&) noexcept;
    void cut(Child&, Bytes, const observe::Origin&) noexcept;
    void unlink(Child&) noexcept;
    static void unlink(Kept&) noexcept;
    void say_transfer(Moving&, bool whole) noexcept;
    static std::uint64_t stations(const observe::Station&, const observe::Station&,
                                  std::uint8_t ip_protocol) noexcept;

    Settings settings_;
    const Recogniser& recogniser_;
    observe::Sink& said_;
    StatePool& states_;
    BlockPool& blocks_;
    Began began_;
    void* whom_;
    std::unique_ptr<BoundedTable<std::uint64_t, Child>> children_;
    std::unique_ptr<BoundedTable<std::uint64_t, Kept>> records_;
    std::unique_ptr<BoundedTable<std::uint64_t, Due>> expected_;
    std::unique_ptr<BoundedTable<std::uint64_t, Moving>> transfers_;
    dissect::Gatherer gatherer_;
    Limit &children_limit_, &records_limit_, &expected_limit_, &transfers_limit_, &gatherings_limit_,
        &blocks_limit_, &states_limit_;
    Claim* current_ = nullptr;
    Level level_{};
    int depth_ = 0;
    std::uint64_t pass_ = 0;
    observe::Time now_{};
    Counters counters_;
};

} // namespace yagura::worker
