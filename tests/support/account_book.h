// Accounts, audit log, site and clock without a disk, for tests of what stands on them.
#pragma once

#include <algorithm>
#include <map>
#include <mutex>

#include "spine/base/clock.h"
#include "spine/model/account.h"

namespace yagura::tests {

struct HandClock final : Clock {
    std::int64_t time = 1'800'000'000'000'000'000;
    std::int64_t now() const noexcept override { return time; }
    void pass(std::int64_t seconds) { time += seconds * 1'000'000'000; }
};

class MemoryAccounts final : public model::AccountBook, public model::AuditLog, public model::SiteBook {
public:
    std::optional<model::Account> account(std::string_view id) override {
        const std::lock_guard lock{mutex_};
        const auto found = std::ranges::find(accounts_, id, &model::Account::id);
        return found == accounts_.end() ? std::nullopt : std::optional{*found};
    }
    std::optional<model::Account> account_named(std::string_view name) override {
        const std::lock_guard lock{mutex_};
        const auto found = std::ranges::find(accounts_, name, &model::Account::name);
        return found == accounts_.end() ? std::nullopt : std::optional{*found};
    }
    std::vector<model::Account> accounts(std::string_view after, std::size_t most) override {
        const std::lock_guard lock{mutex_};
        auto page = accounts_;
        std::ranges::sort(page, {}, &model::Account::name);
        std::erase_if(page, [&](const auto& one) { return one.name <= after; });
        if (page.size() > most) page.resize(most);
        return page;
    }
    std::size_t account_count() override { return accounts_.size(); }
    std::string password_hash(std::string_view id) override { return passwords_[std::string{id}]; }
    Result<std::string> add_account(const model::Account& account, std::string_view hash) override {
        if (account_named(account.name))
            return std::unexpected{Complaint{.code = "api.name-taken", .what = "name is taken"}};
        const std::lock_guard lock{mutex_};
        accounts_.push_back(account);
        accounts_.back().id = cat("a", ++number_);
        passwords_[accounts_.back().id] = hash;
        return accounts_.back().id;
    }
    Result<void> change_account(const model::Account& account) override {
        return change(account.id, [&](model::Account& one) {
            one.shown_name = account.shown_name;
            one.role = account.role;
            one.enabled = account.enabled;
        });
    }
    Result<void> set_preferences(std::string_view id, std::string_view json) override {
        return change(id, [&](model::Account& one) { one.preferences = json; });
    }
    Result<void> signed_in(std::string_view id, std::int64_t at) override {
        return change(id, [&](model::Account& one) { one.last_login = at; });
    }
    Result<void> set_password(std::string_view id, std::string_view hash, bool must_change) override {
        passwords_[std::string{id}] = hash;
        (void)remove_sessions_of(id);
        return change(id, [&](model::Account& one) { one.must_change_password = must_change; });
    }
    Result<void> remove_account(std::string_view id) override {
        (void)remove_sessions_of(id);
        const std::lock_guard lock{mutex_};
        std::erase_if(accounts_, [&](const auto& one) { return one.id == id; });
        std::erase_if(tokens_, [&](const auto& one) { return one.second.account == id; });
        return {};
    }

    Result<void> add_session(const model::Session& session, const model::SecretHash& secret) override {
        const std::lock_guard lock{mutex_};
        sessions_[secret] = session;
        return {};
    }
    std::optional<model::Session> session(const model::SecretHash& secret) override {
        const std::lock_guard lock{mutex_};
        const auto found = sessions_.find(secret);
        return found == sessions_.end() ? std::nullopt : std::optional{found->second};
    }
    Result<void> use_session(std::string_view id, std::int64_t at) override {
        const std::lock_guard lock{mutex_};
        for (auto& [secret, one] : sessions_)
            if (one.id == id) one.used = at;
        return {};
    }
    Result<void> remove_session(std::string_view id) override {
        const std::lock_guard lock{mutex_};
        std::erase_if(sessions_, [&](const auto& one) { return one.second.id == id; });
        return {};
    }
    Result<void> remove_sessions_of(std::string_view account) override {
        const std::lock_guard lock{mutex_};
        std::erase_if(sessions_, [&](const auto& one) { return one.second.account == account; });
        return {};
    }
    Result<void> remove_old_sessions(std::int64_t used_before, std::int64_t begun_before) override {
        const std::lock_guard lock{mutex_};
        std::erase_if(sessions_, [&](const auto& one) {
            return one.second.used < used_before || one.second.begun < begun_before;
        });
        return {};
    }
    std::size_t session_count() const { return sessions_.size(); }

    Result<std::string> add_token(const model::Token& token, const model::SecretHash& secret) override {
        const std::lock_guard lock{mutex_};
        auto& kept = tokens_[secret] = token;
        kept.id = cat("t", ++number_);
        return kept.id;
    }
    std::optional<model::Token> token(const model::SecretHash& secret) override {
        const std::lock_guard lock{mutex_};
        const auto found = tokens_.find(secret);
        return found == tokens_.end() ? std::nullopt : std::optional{found->second};
    }
    std::optional<model::Token> token_with_id(std::string_view id) override {
        const std::lock_guard lock{mutex_};
        for (const auto& [secret, one] : tokens_)
            if (one.id == id) return one;
        return {};
    }
    std::vector<model::Token> tokens_of(std::string_view account) override {
        const std::lock_guard lock{mutex_};
        std::vector<model::Token> all;
        for (const auto& [secret, one] : tokens_)
            if (one.account == account) all.push_back(one);
        return all;
    }
    Result<void> use_token(std::string_view, std::int64_t) override { return {}; }
    Result<void> remove_token(std::string_view id) override {
        const std::lock_guard lock{mutex_};
        std::erase_if(tokens_, [&](const auto& one) { return one.second.id == id; });
        return {};
    }

    Result<void> append(model::AuditEntry entry) override {
        const std::lock_guard lock{mutex_};
        if (full) return std::unexpected{Complaint{.code = "store.full", .what = "the disk is full"}};
        entry.number = entries.size() + 1;
        entries.push_back(std::move(entry));
        return {};
    }
    std::vector<model::AuditEntry> newest(const Filter&, std::size_t) override {
        const std::lock_guard lock{mutex_};
        return {entries.rbegin(), entries.rend()};
    }
    Check check() override {
        const std::lock_guard lock{mutex_};
        return {.entries = entries.size()};
    }
    /// For tests beside which threads append.
    model::AuditEntry last() const {
        const std::lock_guard lock{mutex_};
        return entries.empty() ? model::AuditEntry{} : entries.back();
    }

    model::SiteFacts site() override { return site_; }
    Result<void> set_site(const model::SiteFacts& site) override {
        site_ = site;
        return {};
    }

    std::vector<model::AuditEntry> entries;
    bool full = false;

private:
    template <class Change>
    Result<void> change(std::string_view id, Change&& apply) {
        const std::lock_guard lock{mutex_};
        for (auto& one : accounts_)
            if (one.id == id) apply(one);
        return {};
    }

    mutable std::mutex mutex_;
    std::vector<model::Account> accounts_;
    std::map<std::string, std::string> passwords_;
    std::map<model::SecretHash, model::Session> sessions_;
    std::map<model::SecretHash, model::Token> tokens_;
    model::SiteFacts site_;
    int number_ = 0;
};

} // namespace yagura::tests
