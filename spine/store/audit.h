// The audit log's part of accounts.sqlite.
#pragma once

#include <mutex>

#include "spine/store/accounts.h"

namespace yagura::store {

/// SHA-256 over the hash before and every field with its length: no two logs have the same hash.
std::array<std::byte, 32> chained(const std::array<std::byte, 32>& before, const model::AuditEntry&);

class Accounts::Audit final : public model::AuditLog {
public:
    Audit(std::mutex& mutex, Database& database, Readers& readers)
        : mutex_{mutex}, database_{database}, readers_{readers} {}
    Result<void> append(model::AuditEntry) override;
    std::vector<model::AuditEntry> newest(const Filter&, std::size_t most) override;
    Check check() override;

private:
    std::mutex& mutex_;
    Database& database_;
    Readers& readers_;
};

} // namespace yagura::store
