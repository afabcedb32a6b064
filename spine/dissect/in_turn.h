// The request that waits for its answer, for protocols in which nothing tells to what an answer belongs: a
// client asks, waits, and asks again.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "spine/observe/endpoint.h"

namespace yagura::dissect {

/// `Request` is small and flat, with `operator==`: the same in all, so that it makes no difference whose an
/// answer is. A client that asks for something else before it was answered has given up, or does not wait:
/// the next answer is then nobody's. All zero is empty.
template <class Request>
class InTurn {
public:
    struct Found {
        Request request;
        std::uint16_t pair;
    };

    /// The number of the pair, never zero.
    std::uint16_t ask(const Request& request, observe::Time at, std::uint8_t patience) noexcept {
        if (++pairs_ == 0) pairs_ = 1;
        const auto now = second(at);
        const bool waits = waits_ && static_cast<std::uint8_t>(now - second_) <= patience;
        doubtful_ = waits && (doubtful_ || !(request_ == request));
        waits_ = true;
        second_ = now;
        request_ = request;
        return pairs_;
    }

    std::optional<Found> answer(observe::Time at, std::uint8_t patience) noexcept {
        if (!waits_ || static_cast<std::uint8_t>(second(at) - second_) > patience) return std::nullopt;
        waits_ = false;
        return doubtful_ ? std::nullopt : std::optional{Found{request_, pairs_}};
    }

    /// What waits, left where it is: for protocols whose answers are as long as was asked for.
    const Request* waiting() const noexcept { return waits_ && !doubtful_ ? &request_ : nullptr; }

private:
    static std::uint8_t second(observe::Time at) noexcept {
        return static_cast<std::uint8_t>(
            std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count());
    }
    Request request_;
    std::uint16_t pairs_;
    std::uint8_t second_; ///< of the last request, modulo 256
    bool waits_, doubtful_;
};

} // namespace yagura::dissect
