#include "spine/store/audit.h"

#include <algorithm>

#include "spine/base/saved.h"
#include "spine/base/sha256.h"

namespace yagura::store {
namespace {

constexpr std::string_view columns = "number, at, who, token, origin, what, about, detail, result, hash";

model::AuditEntry entry_of(const Row& row) {
    model::AuditEntry entry{.number = row.as<std::uint64_t>(0),
                            .at = row.integer(1),
                            .who = row.string(2),
                            .token = row.string(3),
                            .from = row.string(4),
                            .what = row.string(5),
                            .about = row.string(6),
                            .detail = row.string(7),
                            .result = row.string(8)};
    const auto hash = row.bytes(9);
    std::ranges::copy(hash.first(std::min(hash.size(), entry.hash.size())), entry.hash.begin());
    return entry;
}

} // namespace

std::array<std::byte, 32> chained(const std::array<std::byte, 32>& before, const model::AuditEntry& entry) {
    std::vector<std::byte> bytes{before.begin(), before.end()};
    put(bytes, entry.number);
    put(bytes, static_cast<std::uint64_t>(entry.at));
    for (const auto* text :
         {&entry.who, &entry.token, &entry.from, &entry.what, &entry.about, &entry.detail, &entry.result}) {
        put(bytes, text->size());
        const auto more = std::as_bytes(std::span{*text});
        bytes.insert(bytes.end(), more.begin(), more.end());
    }
    return Sha256{}.add(bytes).finish();
}

Result<void> Accounts::Audit::append(model::AuditEntry entry) {
    const std::lock_guard lock{mutex_};
    YAGURA_TRY(auto transaction, Transaction::begin(database_));
    YAGURA_TRY(auto* last,
               database_.cached(cat("SELECT ", columns, " FROM audit ORDER BY number DESC LIMIT 1")));
    YAGURA_TRY(const auto before, last->one(entry_of));
    entry.number = before ? before->number + 1 : 1;
    entry.hash = chained(before ? before->hash : std::array<std::byte, 32>{}, entry);
    YAGURA_TRY(auto* insert,
               database_.cached("INSERT INTO audit (number, at, who, token, origin, what, about, detail, "
                                "result, hash) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"));
    if (auto done = insert->run(entry.number, entry.at, entry.who, entry.token, entry.from, entry.what,
                                entry.about, entry.detail, entry.result, Bytes{entry.hash});
        !done)
        return done;
    return transaction.commit();
}

std::vector<model::AuditEntry> Accounts::Audit::newest(const Filter& filter, std::size_t most) {
    std::vector<model::AuditEntry> found;
    auto loan = readers_.borrow();
    if (!loan) return found;
    auto statement = (**loan).cached(
        cat("SELECT ", columns,
            " FROM audit WHERE number < ?1 AND at >= ?2 AND at < ?3 AND (?4 = '' OR who = ?4 COLLATE NOCASE) "
            "AND (?5 = '' OR what = ?5) ORDER BY number DESC LIMIT ?6"));
    if (!statement) return found;
    const auto before = filter.before == 0 || filter.before > std::uint64_t{INT64_MAX}
                            ? INT64_MAX
                            : static_cast<std::int64_t>(filter.before);
    (void)(*statement)
        ->each([&](const Row& row) { found.push_back(entry_of(row)); }, before, filter.since,
               filter.until ? filter.until : INT64_MAX, filter.who, filter.what, most);
    return found;
}

model::AuditLog::Check Accounts::Audit::check() {
    Check check;
    auto loan = readers_.borrow();
    auto statement = loan ? (**loan).cached(cat("SELECT ", columns, " FROM audit ORDER BY number"))
                          : Result<Statement*>{std::unexpected{loan.error()}};
    const auto done = statement ? (*statement)->each([&](const Row& row) {
        const auto entry = entry_of(row);
        const bool fits = entry.number == check.entries + 1 && entry.hash == chained(check.head, entry);
        if (!fits && !check.broken_at) check.broken_at = entry.number;
        ++check.entries;
        check.head = entry.hash;
    })
                                : Result<void>{std::unexpected{statement.error()}};
    if (!done && !check.broken_at) check.broken_at = check.entries + 1; // What cannot be read is not intact.
    return check;
}

} // namespace yagura::store
