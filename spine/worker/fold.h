// One row per message made others' logs explode. Dissectors say every message; the fold tells what is new,
// what acts and what changed, and the rest once per window.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <vector>

#include "spine/base/bounded_table.h"
#include "spine/base/hash.h"
#include "spine/base/limits.h"
#include "spine/observe/observation.h"

namespace yagura::worker {

/// Told at once: the first request and the first answer of a key (conversation, who asks, function, part,
/// object); acts with an effect that are no steady repetition, and their answers; a refusal after a success
/// and the reverse; a changed value, at most once a second and key. All else is one Repeats per key and
/// window. A request and its answer are one act.
///
/// Time is the packet time that advance() was told; it does not run backwards here. Everything said lives
/// in the caller's memory for the call; nothing allocates once the tables have grown to their load.
class Fold final : public observe::Sink {
public:
    struct Settings {
        std::chrono::seconds act_window{10};
        std::chrono::seconds read_window{60};  ///< reads and cyclic I/O
        std::chrono::seconds again_after{600}; ///< equal identities, names, neighbours, presences
        std::chrono::seconds anomaly_window{10};
        std::size_t keys_most = 1u << 15, known_most = 1u << 17;
    };
    struct Counters {
        std::uint64_t operations = 0;   ///< told at once
        std::uint64_t observations = 0; ///< everything said onwards
        std::uint64_t folded = 0;       ///< operations that went into a Repeats
        std::uint64_t silenced = 0;     ///< equal identities, anomalies and so on, told already
    };

    Fold(const Settings& settings, observe::Sink& out, Limits& limits);
    ~Fold();
    Fold(const Fold&) = delete;
    Fold& operator=(const Fold&) = delete;

    /// Says what belongs to windows that ended. To be called before anything later is said.
    void advance(observe::Time now) {
        if (now <= now_) return;
        now_ = now;
        if (now >= next_end_) [[unlikely]]
            close_ended();
    }
    /// To the limits, about once a second.
    void publish() noexcept;
    /// Says the windows that are open. Afterwards only new ones may begin.
    void finish();

    void on(const observe::Origin&, const observe::Presence&) override;
    void on(const observe::Origin&, const observe::Identity&) override;
    void on(const observe::Origin&, const observe::Neighbour&) override;
    void on(const observe::Origin&, const observe::Conversation&) override;
    void on(const observe::Origin&, const observe::Operation&) override;
    void on(const observe::Origin&, const observe::Repeats&) override;
    void on(const observe::Origin&, const observe::Variable&) override;
    void on(const observe::Origin&, const observe::Name&) override;
    void on(const observe::Origin&, const observe::Login&) override;
    void on(const observe::Origin&, const observe::Transfer&) override;
    void on(const observe::Origin&, const observe::Log&) override;
    void on(const observe::Origin&, const observe::Match&) override;
    void on(const observe::Origin&, const observe::Anomaly&) override;
    void on(const observe::Origin&, const observe::Coverage&) override;

    const Counters& counters() const noexcept { return counters_; }
    /// What one takes from the heap at most.
    static std::size_t memory_most(const Settings&) noexcept;

private:
    struct Many;
    /// Conversations that have keys; a key goes with its conversation, not when the table is full.
    struct Owner {
        Many* first = nullptr;
    };
    struct Known {
        std::uint64_t value = 0;
        std::uint32_t window = 0;  ///< its number's low half: equal ones are 2^32 windows apart
        std::uint32_t changes = 0; ///< of the value, in this window
        observe::Time told{};
    };
    /// Entries with something to tell at the end of the window that is open.
    struct Window {
        std::chrono::nanoseconds length{};
        std::int64_t number = 0;
        observe::Time end() const noexcept { return observe::Time{(number + 1) * length}; }
        Many* first = nullptr;
        Many* last = nullptr;
    };
    static constexpr std::size_t kept_most = 256;
    using Chunk = std::array<char, kept_most>;

    template <class Kind>
    void pass(const observe::Origin&, const Kind&, bool with_message);
    void tell(Many&, observe::Time at);
    void close_ended();
    void close(Window&);
    void count(Many&, const observe::Origin&, const observe::Operation&, bool answer);
    void keep(Many&, const observe::Operation&);
    void keep_value(Many&, const observe::Value&);
    /// Gives back what it holds; the table's entry stays to the caller.
    void release(Many&);
    void drop(Many&);
    void conversation_ended(std::uint64_t conversation);
    std::uint64_t value_of(const observe::Value&) const noexcept;
    /// Is this the first of `key` in its window, or another value than the one told?
    bool news(std::uint64_t key, std::uint64_t value, std::chrono::nanoseconds window);
    Chunk* take_chunk();

    Settings settings_;
    observe::Sink& out_;
    Limit& keys_limit_;
    Limit& known_limit_;
    std::unique_ptr<BoundedTable<std::uint64_t, Many>> keys_;
    BoundedTable<std::uint64_t, Owner> owners_;
    BoundedTable<std::uint64_t, Known> known_;
    Window acts_, reads_;
    observe::Time now_{}, next_end_{};
    Mix mix_; ///< a fresh one, to be copied
    std::vector<std::unique_ptr<Chunk[]>> chunks_;
    std::vector<Chunk*> free_chunks_;
    Counters counters_;
};

} // namespace yagura::worker
