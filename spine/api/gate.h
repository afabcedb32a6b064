// Who somebody is: signing in, sessions, API tokens.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "spine/api/http.h"
#include "spine/api/login_limit.h"
#include "spine/api/passwords.h"
#include "spine/base/clock.h"
#include "spine/model/account.h"

namespace yagura::api {

class Gate {
public:
    struct Settings {
        std::int64_t idle_seconds = 3'600;         ///< a session that nobody uses ends after
        std::int64_t longest_seconds = 12 * 3'600; ///< and every session after
        Effort effort{};
        /// An account has another password now, by whoever's hand.
        std::function<void(std::string_view name)> password_changed{};
    };
    static constexpr std::string_view cookie_name = "__Host-yagura";

    Gate(model::AccountBook&, const Clock&, Settings);

    /// `cookie` and `authorization`: the headers as they came. Nobody, if they name no living session or
    /// token of an account that is enabled. A stream that goes on for hours only looks: it keeps nobody
    /// signed in.
    enum class Asks : std::uint8_t { uses, looks };
    std::optional<Principal> who(std::string_view cookie, std::string_view authorization,
                                 Asks asks = Asks::uses);

    struct SignedIn {
        model::Account account;
        model::Session session;
        std::string secret; ///< the cookie's value
        std::string csrf;
    };
    /// The same answer for an unknown name, a wrong password and a disabled account, after the same time.
    /// A wait that is not over: `retry_after` is set.
    struct Refused {
        Complaint complaint;
        std::uint32_t retry_after = 0;
        bool told = true; ///< worth a line in the audit log; not every try during a wait
    };
    std::expected<SignedIn, Refused> login(std::string_view name, std::string_view password,
                                           std::string_view from);
    /// Checks the old one (a wrong one counts as a try to sign in), ends all sessions, begins a new one.
    std::expected<SignedIn, Refused> change_password(const Principal&, std::string_view current,
                                                     std::string_view wanted, std::string_view from);
    Result<std::string> add_account(const model::Account&, std::string_view password);
    Result<void> set_password(const model::Account&, std::string_view wanted, bool must_change);

    std::int64_t idle_until(const model::Session& session) const noexcept {
        return session.used + settings_.idle_seconds * second;
    }
    std::int64_t ends(const model::Session& session) const noexcept {
        return session.begun + settings_.longest_seconds * second;
    }
    std::int64_t locked_until(std::string_view name) { return limit_.locked_until(name, clock_.now()); }
    /// The first account, if there is none: "admin" with this password, which it has to change. Empty
    /// otherwise.
    Result<std::string> first_account();

    static constexpr std::int64_t second = 1'000'000'000;

private:
    Result<SignedIn> begin(model::Account, std::string_view from);
    bool alive(const model::Session&) const noexcept;
    std::expected<SignedIn, Refused> check_login(std::string_view name, std::string_view password,
                                                 std::string_view from);
    std::expected<SignedIn, Refused> check_change(const Principal&, std::string_view current,
                                                  std::string_view wanted, std::string_view from);

    model::AccountBook& book_;
    const Clock& clock_;
    Settings settings_;
    LoginLimit limit_;
    std::string nobody_; ///< what the password of an unknown name is compared with
    std::mutex hashing_; ///< one at a time: each takes 64 MiB
    std::atomic<int> waiting_{0};
};

} // namespace yagura::api
