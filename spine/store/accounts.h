// accounts.sqlite: accounts, sessions, tokens, the plant's name, and the audit log. What changes something is
// on disk when it returns. One writer at a time; readers have connections of their own.
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "spine/model/account.h"
#include "spine/store/database.h"

namespace yagura::store {

class Accounts final : public model::AccountBook, public model::SiteBook {
public:
    /// Makes the file (mode 0600) or brings it up to date.
    static Result<std::unique_ptr<Accounts>> open(const std::string& path);

    std::optional<model::Account> account(std::string_view id) override;
    std::optional<model::Account> account_named(std::string_view name) override;
    std::vector<model::Account> accounts(std::string_view after, std::size_t most) override;
    std::size_t account_count() override;
    std::string password_hash(std::string_view id) override;
    Result<std::string> add_account(const model::Account&, std::string_view password_hash) override;
    Result<void> change_account(const model::Account&) override;
    Result<void> set_preferences(std::string_view id, std::string_view json) override;
    Result<void> signed_in(std::string_view id, std::int64_t at) override;
    Result<void> set_password(std::string_view id, std::string_view password_hash, bool must_change) override;
    Result<void> remove_account(std::string_view id) override;

    Result<void> add_session(const model::Session&, const model::SecretHash&) override;
    std::optional<model::Session> session(const model::SecretHash&) override;
    Result<void> use_session(std::string_view id, std::int64_t at) override;
    Result<void> remove_session(std::string_view id) override;
    Result<void> remove_sessions_of(std::string_view account) override;
    Result<void> remove_old_sessions(std::int64_t used_before, std::int64_t begun_before) override;

    Result<std::string> add_token(const model::Token&, const model::SecretHash&) override;
    std::optional<model::Token> token(const model::SecretHash&) override;
    std::optional<model::Token> token_with_id(std::string_view id) override;
    std::vector<model::Token> tokens_of(std::string_view account) override;
    Result<void> use_token(std::string_view id, std::int64_t at) override;
    Result<void> remove_token(std::string_view id) override;

    model::SiteFacts site() override;
    Result<void> set_site(const model::SiteFacts&) override;

    /// The audit log in the same file; lives as long as this.
    model::AuditLog& audit() noexcept;
    ~Accounts() override;

private:
    class Audit;
    explicit Accounts(Database database, const std::string& path);
    template <class... Values>
    Result<void> write(std::string_view sql, const Values&... values);
    template <class Make, class... Values>
    auto read(std::string_view sql, Make&& make, const Values&... values)
        -> std::vector<decltype(make(std::declval<const Row&>()))>;

    std::mutex mutex_; ///< of database_
    Database database_;
    Readers readers_;
    std::unique_ptr<Audit> audit_;
};

} // namespace yagura::store
