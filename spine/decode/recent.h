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
    explicit Recent(std::size_t places) : buckets_(places / 2) {} ///< a power of two

    /// Was `digest` noted no longer than `window` before (or, where several taps disagree about the
    /// time, after) `at`? Notes it otherwise; a copy does not prolong the window.
    bool seen(std::uint64_t digest, observe::Time at, std::chrono::nanoseconds window) noexcept {
        auto& bucket = buckets_[digest & (buckets_.size() - 1)];
        const auto now = at.time_since_epoch().count();
        digest |= 1; // 0 is an empty place
        std::size_t oldest = 0;
        for (std::size_t i = 0; i < bucket.size(); ++i) {
            auto& place = bucket[i];
            if (place.digest == digest) {
                // Unsigned: a time far away on either side wraps to something large.
                const auto apart = static_cast<std::uint64_t>(now) - static_cast<std::uint64_t>(place.at) +
                                   static_cast<std::uint64_t>(window.count());
                if (apart <= 2 * static_cast<std::uint64_t>(window.count())) return true;
                place.at = now;
                return false;
            }
            if (place.at < bucket[oldest].at) oldest = i;
        }
        bucket[oldest] = {digest, now};
        return false;
    }

private:
    struct Place {
        std::uint64_t digest = 0;
        std::int64_t at = 0;
    };
    std::vector<std::array<Place, 2>> buckets_;
};

} // namespace yagura::decode
