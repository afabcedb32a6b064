// Everything that grows by input has a limit, and every limit is told: health, /metrics and Coverage read
// them here, so that a limit which is reached in silence cannot exist.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <string_view>

namespace yagura {

/// One bound. One thread writes; anybody may read at any time and sees each number whole.
class Limit {
public:
    Limit(std::string_view limit_name, std::uint64_t most, std::string_view counted_in) noexcept
        : name{limit_name}, unit{counted_in}, bound{most} {}

    void use(std::uint64_t now) noexcept { used_.store(now, std::memory_order_relaxed); }
    void refuse(std::uint64_t more = 1) noexcept { refusals(refused() + more); }
    /// For tables that count on their own: the whole count.
    void refusals(std::uint64_t all) noexcept { refused_.store(all, std::memory_order_relaxed); }

    std::uint64_t used() const noexcept { return used_.load(std::memory_order_relaxed); }
    /// What was turned away or forgotten because of it.
    std::uint64_t refused() const noexcept { return refused_.load(std::memory_order_relaxed); }

    const std::string_view name; ///< static: "worker.gather"
    const std::string_view unit; ///< static: "bytes", "flows"
    const std::uint64_t bound;

private:
    std::atomic<std::uint64_t> used_{0}, refused_{0};
};

/// The limits of one owner (a worker, the center's queue). Registered at start, never taken away.
class Limits {
public:
    Limit& add(std::string_view name, std::uint64_t bound, std::string_view unit) {
        return all_.emplace_back(name, bound, unit);
    }
    const std::deque<Limit>& all() const noexcept { return all_; }

private:
    std::deque<Limit> all_; // Does not move what somebody holds a reference to.
};

} // namespace yagura
