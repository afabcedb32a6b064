// How often somebody may guess a password: five tries, then a wait that doubles, for the account and for the
// address. Who has signed in to an account from an address before is not kept out of it by strangers'
// guesses: else anybody could lock the administrator out.
#pragma once

#include <cstdint>
#include <mutex>
#include <string_view>

#include "spine/base/bounded_map.h"

namespace yagura::api {

class LoginLimit {
public:
    static constexpr std::uint32_t free_tries = 5;
    static constexpr std::uint32_t first_wait = 30, longest_wait = 900; ///< seconds

    explicit LoginLimit(std::size_t remembered = 10'000) : tries_{remembered}, known_{remembered} {}

    /// Seconds until this one may try again; 0: now.
    std::uint32_t wait(std::string_view name, std::string_view from, std::int64_t now);
    void failed(std::string_view name, std::string_view from, std::int64_t now);
    void succeeded(std::string_view name, std::string_view from);
    /// Until when nobody but known addresses may try this account; 0: it is not locked.
    std::int64_t locked_until(std::string_view name, std::int64_t now);

private:
    struct Tries {
        std::uint32_t count = 0;
        std::int64_t until = 0; ///< end of the wait
        std::int64_t last = 0;
    };
    std::int64_t until(std::uint64_t key, std::int64_t now);

    std::mutex mutex_;
    BoundedMap<std::uint64_t, Tries> tries_;
    BoundedMap<std::uint64_t, bool> known_;
};

} // namespace yagura::api
