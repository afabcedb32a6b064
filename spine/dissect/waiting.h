// Requests that wait for their answers, for protocols whose numbers are not to be trusted: many clients use
// one transaction number for everything, and give up on requests that are answered later.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>

#include "spine/observe/endpoint.h"

namespace yagura::dissect {

/// `Request` is small and flat. `Request::alike(other)`: the same number for the same function, so that an
/// answer could be either's; `operator==`: the same in all, so that it makes no difference whose it is.
///
/// Each kind of request stands here once. Where two different ones could be meant, an answer is nobody's:
/// less than we might have known, but nothing false. Past `places` the oldest is forgotten. All zero is
/// empty.
template <class Request, std::size_t places>
class Waiting {
public:
    struct Found {
        Request request;
        std::uint16_t pair;
    };

    /// The number of the pair, never zero.
    std::uint16_t ask(const Request& request, observe::Time at, std::uint8_t patience) noexcept {
        if (++pairs_ == 0) pairs_ = 1;
        Entry fresh{.request = request, .pair = pairs_, .second = second(at), .waiting = 1, .doubtful = 0};
        if (auto* older = newest(request, fresh.second, patience)) {
            fresh.doubtful = older->doubtful || !(older->request == request);
            fresh.waiting = (older->waiting < 0x7f ? older->waiting + 1u : older->waiting) & 0x7fu;
            older->waiting = 0; // The new one stands for both.
        }
        entries_[next_] = fresh;
        next_ = static_cast<std::uint8_t>((next_ + 1u) % places);
        return fresh.pair;
    }

    /// The request that this answers, if there can be only one. `like` has the number and function of the
    /// answer.
    std::optional<Found> answer(const Request& like, observe::Time at, std::uint8_t patience) noexcept {
        auto* asked = newest(like, second(at), patience);
        if (!asked) return std::nullopt;
        asked->waiting = (asked->waiting - 1u) & 0x7fu;
        return asked->doubtful ? std::nullopt : std::optional{Found{asked->request, asked->pair}};
    }

private:
    struct Entry {
        Request request;
        std::uint16_t pair;
        std::uint8_t second; ///< of the last such request, modulo 256
        std::uint8_t waiting : 7, doubtful : 1;
    };
    static std::uint8_t second(observe::Time at) noexcept {
        return static_cast<std::uint8_t>(
            std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count());
    }
    /// Newest first: a request that never got its answer must not take the answer of a later one.
    Entry* newest(const Request& like, std::uint8_t now, std::uint8_t patience) noexcept {
        for (std::size_t back = 1; back <= places; ++back) {
            auto& entry = entries_[(next_ + places - back) % places];
            if (entry.waiting && entry.request.alike(like))
                return static_cast<std::uint8_t>(now - entry.second) > patience ? nullptr : &entry;
        }
        return nullptr;
    }
    std::array<Entry, places> entries_;
    std::uint16_t pairs_;
    std::uint8_t next_;
};

} // namespace yagura::dissect
