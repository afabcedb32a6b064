// A queue with an end: who produces waits when it is full, and who consumes can say that it is idle.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <stop_token>
#include <utility>

namespace yagura::center {

template <class T>
class Queue {
public:
    explicit Queue(std::size_t most) : most_{most} {}

    bool has_room() const {
        const std::scoped_lock lock{mutex_};
        return items_.size() < most_;
    }
    /// Waits for room; false if it was told to stop first.
    bool push(T item, std::stop_token stop = {}) {
        std::unique_lock lock{mutex_};
        if (!changed_.wait(lock, std::move(stop), [&] { return items_.size() < most_; })) return false;
        items_.push_back(std::move(item));
        changed_.notify_all();
        return true;
    }
    bool try_push(T item) {
        const std::scoped_lock lock{mutex_};
        if (items_.size() >= most_) return false;
        items_.push_back(std::move(item));
        changed_.notify_all();
        return true;
    }
    /// The next one; waits for it. Nothing: told to stop, and empty. Call done() when it was dealt with.
    std::optional<T> pop(std::stop_token stop) {
        std::unique_lock lock{mutex_};
        (void)changed_.wait(lock, std::move(stop), [&] { return !items_.empty(); });
        return take();
    }
    std::optional<T> try_pop() {
        const std::scoped_lock lock{mutex_};
        return take();
    }
    void done() {
        const std::scoped_lock lock{mutex_};
        working_ = false;
        changed_.notify_all();
    }
    /// Until everything was dealt with.
    void wait_idle() {
        std::unique_lock lock{mutex_};
        changed_.wait(lock, [&] { return items_.empty() && !working_; });
    }
    /// The same, at most so long.
    bool wait_idle(std::chrono::milliseconds most) {
        std::unique_lock lock{mutex_};
        return changed_.wait_for(lock, most, [&] { return items_.empty() && !working_; });
    }

private:
    std::optional<T> take() {
        if (items_.empty()) return std::nullopt;
        auto item = std::move(items_.front());
        items_.pop_front();
        working_ = true;
        changed_.notify_all();
        return item;
    }
    const std::size_t most_;
    mutable std::mutex mutex_;
    std::condition_variable_any changed_;
    std::deque<T> items_;
    bool working_ = false;
};

} // namespace yagura::center
