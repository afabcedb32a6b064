// What was seen a moment ago: digests with their times, in a table of fixed size.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <vector>

#include "spine/observe/endpoint.h"

namespace yagura::decode {

/// Two places for each digest; the older one makes room. So it may forget a digest early, which means
/// that a copy is counted twice, and it never takes one digest for another (64 bits, keyed by whoever
/// makes them).
class Recent {
public:
    static constexpr std::uint64_t copies_most = 3;
    static constexpr std::size_t place_bytes = 16; ///< of memory, each

    explicit Recent(std::size_t places) : buckets_(places / 2) {} ///< a power of two

    /// Was `digest` noted no longer than `window` before `at` (or after it, where several taps disagree
    /// about the time)? Notes it otherwise. A copy does not prolong the window, and after `copies_most`
    /// of them the next is something new: taps show a packet two or three times; a broadcast storm shows
    /// it ten thousand times, and must not vanish.
    bool seen(std::uint64_t digest, observe::Time at, std::chrono::nanoseconds window) noexcept {
        auto& bucket = buckets_[digest & (buckets_.size() - 1)];
        const auto now = static_cast<std::uint64_t>(at.time_since_epoch().count()) & ~copies_mask;
        digest |= 1; // 0 is an empty place
        for (auto& place : bucket) {
            if (place.digest != digest) continue;
            const auto then = place.at_and_copies & ~copies_mask;
            const auto apart = now > then ? now - then : then - now;
            if (apart <= static_cast<std::uint64_t>(window.count()) &&
                (place.at_and_copies & copies_mask) < copies_most) {
                ++place.at_and_copies;
                return true;
            }
            place.at_and_copies = now;
            return false;
        }
        auto& older = bucket[bucket[1].at_and_copies < bucket[0].at_and_copies];
        older = {digest, now};
        return false;
    }

private:
    static constexpr std::uint64_t copies_mask = 3; ///< of a time: nobody misses three nanoseconds
    struct Place {
        std::uint64_t digest = 0;
        std::uint64_t at_and_copies = 0;
    };
    static_assert(sizeof(Place) == place_bytes);
    std::vector<std::array<Place, 2>> buckets_;
};

} // namespace yagura::decode
