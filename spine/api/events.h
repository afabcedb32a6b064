// What changes, to everybody who has the page open. The newest of each thing counts, so a client's queue is
// a table with a bound and nobody is repainted more than once a second.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace yagura::api {

class EventHub {
public:
    static constexpr std::size_t most_clients = 128, most_waiting = 256, kept = 1'000;

    EventHub();

    /// Any thread, any time; costs a lock and a copy per client. `right`: who may hear it ("self": all).
    /// `json`: the contract's Event, on one line. `thing`: of several about one, the last counts.
    void publish(std::string_view kind, std::string_view thing, std::string_view right,
                 std::string_view json);

    class Client {
    public:
        /// What waits, as text of the stream; empty: nothing. Called once a second.
        std::string take();

    private:
        friend class EventHub;
        struct One {
            std::uint64_t number;
            std::string text;
        };
        std::mutex mutex_;
        std::map<std::string, One> waiting_; ///< by kind and thing
        bool fell_behind_ = false;
        std::string start_;
        std::set<std::string, std::less<>> rights_;
    };
    /// `last_event`: the id that the client saw last, to go on from; what is no longer kept becomes a
    /// `reload`. Null: there are too many clients already.
    std::shared_ptr<Client> join(const std::set<std::string, std::less<>>& rights,
                                 std::string_view last_event);

    std::size_t clients() const;
    std::uint64_t refused() const noexcept { return refused_; }

private:
    struct Kept {
        std::uint64_t number;
        std::string key, right, text;
    };
    static void put(Client&, const Kept&);

    mutable std::mutex mutex_;
    std::string boot_; ///< ids of another start of the server mean nothing here
    std::uint64_t number_ = 0;
    std::deque<Kept> kept_;
    std::vector<std::weak_ptr<Client>> clients_;
    std::atomic<std::uint64_t> refused_{0};
};

} // namespace yagura::api
