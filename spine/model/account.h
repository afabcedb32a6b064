// Accounts, sessions, API tokens, the audit log and the plant's name: words that store (who keeps them) and
// api (who asks for them) share. Times are nanoseconds since 1970, 0: never.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "spine/base/result.h"

namespace yagura::model {

/// SHA-256 of a session's or token's secret: the secret itself is kept nowhere.
using SecretHash = std::array<std::byte, 32>;

struct Account {
    std::string id;
    std::string name; ///< unique without regard to ASCII case
    std::string shown_name;
    std::string role;
    bool enabled = true;
    bool must_change_password = true;
    std::int64_t created = 0;
    std::int64_t last_login = 0;
    std::string preferences = "{}"; ///< JSON as the contract's Preferences
};

struct Session {
    std::string id;
    std::string account;
    std::int64_t begun = 0, used = 0;
    std::string from;
};

struct Token {
    std::string id;
    std::string account;
    std::string name;
    std::set<std::string, std::less<>> rights;
    std::int64_t created = 0, expires = 0, used = 0;
};

/// Every call is one transaction, and what changes something is on disk when it returns. Any thread.
class AccountBook {
public:
    virtual ~AccountBook() = default;

    virtual std::optional<Account> account(std::string_view id) = 0;
    virtual std::optional<Account> account_named(std::string_view name) = 0;
    /// By name; `after` is the last name of the page before.
    virtual std::vector<Account> accounts(std::string_view after, std::size_t most) = 0;
    virtual std::size_t account_count() = 0;
    virtual std::string password_hash(std::string_view id) = 0;
    /// The new id. The complaint api.name-taken if somebody has that name.
    virtual Result<std::string> add_account(const Account&, std::string_view password_hash) = 0;
    /// Shown name, role, enabled.
    virtual Result<void> change_account(const Account&) = 0;
    virtual Result<void> set_preferences(std::string_view id, std::string_view json) = 0;
    virtual Result<void> signed_in(std::string_view id, std::int64_t at) = 0;
    /// Ends every session of the account.
    virtual Result<void> set_password(std::string_view id, std::string_view password_hash,
                                      bool must_change) = 0;
    virtual Result<void> remove_account(std::string_view id) = 0;

    virtual Result<void> add_session(const Session&, const SecretHash&) = 0;
    virtual std::optional<Session> session(const SecretHash&) = 0;
    virtual Result<void> use_session(std::string_view id, std::int64_t at) = 0;
    virtual Result<void> remove_session(std::string_view id) = 0;
    virtual Result<void> remove_sessions_of(std::string_view account) = 0;
    /// Those that were not used since `used_before` or begun before `begun_before`.
    virtual Result<void> remove_old_sessions(std::int64_t used_before, std::int64_t begun_before) = 0;

    virtual Result<std::string> add_token(const Token&, const SecretHash&) = 0;
    virtual std::optional<Token> token(const SecretHash&) = 0;
    virtual std::optional<Token> token_with_id(std::string_view id) = 0;
    virtual std::vector<Token> tokens_of(std::string_view account) = 0;
    virtual Result<void> use_token(std::string_view id, std::int64_t at) = 0;
    virtual Result<void> remove_token(std::string_view id) = 0;
};

struct AuditEntry {
    std::uint64_t number = 0; ///< from 1, without gaps
    std::int64_t at = 0;
    std::string who, token, from, what, about, detail;
    std::string result; ///< done, refused, failed
    std::array<std::byte, 32> hash{};
};

/// Append only. Each entry's hash covers the one before it, so that taking one out or changing one shows.
class AuditLog {
public:
    virtual ~AuditLog() = default;
    /// On disk when it returns. Number and hash are given here.
    virtual Result<void> append(AuditEntry) = 0;
    struct Filter {
        std::int64_t since = 0, until = 0; ///< 0: no bound
        std::string who{}, what{};
        std::uint64_t before = 0; ///< number; 0: from the newest
    };
    virtual std::vector<AuditEntry> newest(const Filter&, std::size_t most) = 0;
    struct Check {
        std::uint64_t entries = 0;
        std::optional<std::uint64_t> broken_at{};
        std::array<std::byte, 32> head{};
    };
    virtual Check check() = 0;
};

struct SiteFacts {
    std::string name;
    std::string time_zone = "UTC";
    bool first_run_dismissed = false;
};

class SiteBook {
public:
    virtual ~SiteBook() = default;
    virtual SiteFacts site() = 0;
    virtual Result<void> set_site(const SiteFacts&) = 0;
};

} // namespace yagura::model
