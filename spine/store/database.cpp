#include "spine/store/database.h"

#include <sqlite3.h>

#include <algorithm>
#include <mutex>

namespace yagura::store {
namespace {

Complaint complaint(sqlite3* database, std::string_view doing) {
    const int code = database ? sqlite3_extended_errcode(database) : SQLITE_NOMEM;
    const auto* file = database ? sqlite3_db_filename(database, "main") : nullptr;
    Complaint out{.code = "store.failed",
                  .what = cat("the store could not ", doing),
                  .why = database ? sqlite3_errmsg(database) : "out of memory",
                  .where = file ? file : ""};
    switch (code & 0xff) {
    case SQLITE_FULL:
        out.code = "store.disk-full";
        out.next = "free some space on this disk, or shorten [center] journal-days";
        break;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        out.code = "store.damaged";
        out.next = "restore the last backup with yagura restore; what came since is in the journal";
        break;
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
        out.code = "store.no-access";
        out.next = "let the user of yagura-center own the folder and everything in it";
        break;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        out.code = "store.busy";
        out.next = "end the other program that has this file open";
        break;
    case SQLITE_CONSTRAINT:
        out.code = "store.constraint";
        break;
    default:
        out.next = "look at the disk's health and at the log before this line";
        break;
    }
    return out;
}

std::unexpected<Complaint> failed(sqlite3* database, std::string_view doing) {
    return std::unexpected{complaint(database, doing)};
}

} // namespace

Row::Type Row::type(int column) const noexcept {
    switch (sqlite3_column_type(statement_, column)) {
    case SQLITE_INTEGER:
        return Type::integer;
    case SQLITE_FLOAT:
        return Type::real;
    case SQLITE_TEXT:
        return Type::text;
    case SQLITE_BLOB:
        return Type::bytes;
    default:
        return Type::null;
    }
}
std::int64_t Row::integer(int column) const noexcept { return sqlite3_column_int64(statement_, column); }
double Row::real(int column) const noexcept { return sqlite3_column_double(statement_, column); }
std::string_view Row::text(int column) const noexcept {
    const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
    if (!text) return {};
    return {text, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}
Bytes Row::bytes(int column) const noexcept {
    const auto* bytes = static_cast<const std::byte*>(sqlite3_column_blob(statement_, column));
    if (!bytes) return {};
    return {bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

void Statement::Finalize::operator()(sqlite3_stmt* statement) const noexcept { sqlite3_finalize(statement); }
void Statement::bind(int at, std::int64_t value) noexcept { sqlite3_bind_int64(statement_.get(), at, value); }
void Statement::bind(int at, double value) noexcept { sqlite3_bind_double(statement_.get(), at, value); }
void Statement::bind(int at, std::string_view text) noexcept {
    sqlite3_bind_text64(statement_.get(), at, text.data() ? text.data() : "", text.size(), SQLITE_TRANSIENT,
                        SQLITE_UTF8);
}
void Statement::bind(int at, Bytes bytes) noexcept {
    if (bytes.empty())
        sqlite3_bind_zeroblob(statement_.get(), at, 0);
    else
        sqlite3_bind_blob64(statement_.get(), at, bytes.data(), bytes.size(), SQLITE_TRANSIENT);
}
void Statement::bind(int at, std::nullptr_t) noexcept { sqlite3_bind_null(statement_.get(), at); }
Result<bool> Statement::step() {
    switch (sqlite3_step(statement_.get())) {
    case SQLITE_ROW:
        return true;
    case SQLITE_DONE:
        return false;
    default: {
        auto* const database = sqlite3_db_handle(statement_.get());
        return failed(database, cat("run: ", std::string_view{sqlite3_sql(statement_.get())}.substr(0, 200)));
    }
    }
}
void Statement::reset() noexcept {
    sqlite3_reset(statement_.get());
    sqlite3_clear_bindings(statement_.get());
}

void Database::Close::operator()(sqlite3* database) const noexcept { sqlite3_close_v2(database); }

Result<Database> Database::open(const std::string& path, Mode mode, Durable durable) {
    const int flags = (mode == Mode::writer ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
                                            : SQLITE_OPEN_READONLY) |
                      SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    sqlite3* raw = nullptr;
    const int opened = sqlite3_open_v2(path.c_str(), &raw, flags, nullptr);
    Database database{raw, path};
    if (opened != SQLITE_OK) {
        auto told = complaint(raw, "open its file");
        told.where = path;
        return std::unexpected{std::move(told)};
    }
    // Statements that somebody else wrote (a restored file's triggers and views) get no functions that act.
    sqlite3_db_config(raw, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    sqlite3_db_config(raw, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
    sqlite3_busy_timeout(raw, 10'000);
    if (auto done = database.run(
            "PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -8000");
        !done)
        return std::unexpected{std::move(done).error()};
    if (mode == Mode::writer) {
        const auto* const sync = durable == Durable::at_commit ? "PRAGMA synchronous = FULL"
                                                               : "PRAGMA synchronous = NORMAL";
        if (auto done = database.run(
                cat("PRAGMA journal_mode = WAL; ", sync,
                    "; PRAGMA wal_autocheckpoint = 2000; PRAGMA journal_size_limit = 67108864"));
            !done)
            return std::unexpected{std::move(done).error()};
    }
    return database;
}

Result<Database> Database::in_memory() {
    sqlite3* raw = nullptr;
    const int opened = sqlite3_open_v2(
        ":memory:", &raw,
        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
    Database database{raw, ":memory:"};
    if (opened != SQLITE_OK) return failed(raw, "open a database in memory");
    if (auto done = database.run("PRAGMA foreign_keys = ON"); !done)
        return std::unexpected{std::move(done).error()};
    return database;
}

Result<void> Database::run(std::string_view sql) {
    const std::string text{sql};
    if (sqlite3_exec(database_.get(), text.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
        return failed(database_.get(), cat("run: ", sql.substr(0, 200)));
    return {};
}

Result<Statement> Database::prepare(std::string_view sql) {
    sqlite3_stmt* raw = nullptr;
    if (sqlite3_prepare_v2(database_.get(), sql.data(), static_cast<int>(sql.size()), &raw, nullptr) !=
        SQLITE_OK)
        return failed(database_.get(), cat("understand: ", sql.substr(0, 200)));
    return Statement{raw};
}

Result<Statement*> Database::cached(std::string_view sql) {
    if (const auto found = cached_.find(sql); found != cached_.end()) return &found->second;
    YAGURA_TRY(auto statement, prepare(sql));
    return &cached_.emplace(std::string{sql}, std::move(statement)).first->second;
}

std::int64_t Database::last_id() const noexcept { return sqlite3_last_insert_rowid(database_.get()); }
std::int64_t Database::changed() const noexcept { return sqlite3_changes64(database_.get()); }

Result<void> Database::copy_to(const std::string& path) {
    YAGURA_TRY(auto other, open(path, Mode::writer));
    auto* const copy = sqlite3_backup_init(other.database_.get(), "main", database_.get(), "main");
    if (!copy) return failed(other.database_.get(), "begin a copy");
    (void)sqlite3_backup_step(copy, -1);
    if (sqlite3_backup_finish(copy) != SQLITE_OK) return failed(other.database_.get(), "copy its file");
    // One file, without a log beside it.
    return other.run("PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode = DELETE");
}

Result<std::string> Database::check() {
    YAGURA_TRY(auto statement, prepare("PRAGMA integrity_check(10)"));
    std::string wrong;
    auto done = statement.each([&](const Row& row) {
        if (row.text(0) != "ok") wrong += cat(wrong.empty() ? "" : "; ", row.text(0));
    });
    if (!done) return std::unexpected{std::move(done).error()};
    return wrong;
}

Result<Transaction> Transaction::begin(Database& database, For what) {
    // A writer says so at once: it waits for its turn here and not in the middle.
    if (auto done = database.run(what == For::writing ? "BEGIN IMMEDIATE" : "BEGIN"); !done)
        return std::unexpected{std::move(done).error()};
    return Transaction{database};
}
Transaction::~Transaction() {
    if (database_) (void)database_->run("ROLLBACK");
}
Result<void> Transaction::commit() {
    auto done = database_->run("COMMIT");
    if (done) database_ = nullptr;
    return done;
}

struct Readers::Inside {
    std::mutex mutex;
    std::vector<std::unique_ptr<Database>> idle;
    std::size_t kept;
};

Readers::Readers(std::string path, std::size_t kept)
    : path_{std::move(path)}, in_{std::make_unique<Inside>()} {
    in_->kept = kept;
}
Readers::~Readers() = default;

Result<Readers::Loan> Readers::borrow() {
    std::unique_ptr<Database> database;
    {
        const std::scoped_lock lock{in_->mutex};
        if (!in_->idle.empty()) {
            database = std::move(in_->idle.back());
            in_->idle.pop_back();
        }
    }
    if (!database) {
        YAGURA_TRY(auto opened, Database::open(path_, Database::Mode::reader));
        database = std::make_unique<Database>(std::move(opened));
    }
    if (auto done = database->run("BEGIN"); !done) return std::unexpected{std::move(done).error()};
    return Loan{*this, std::move(database)};
}
void Readers::give_back(std::unique_ptr<Database> database) noexcept {
    if (!database->run("COMMIT")) return; // Then it is not fit for use any more.
    const std::scoped_lock lock{in_->mutex};
    if (in_->idle.size() < in_->kept) in_->idle.push_back(std::move(database));
}
Readers::Loan::Loan(Readers& from, std::unique_ptr<Database> database) noexcept
    : from_{&from}, database_{std::move(database)} {}
Readers::Loan::Loan(Loan&&) noexcept = default;
Readers::Loan::~Loan() {
    if (database_) from_->give_back(std::move(database_));
}

Result<void> migrate(Database& database, std::span<const Migration> all) {
    YAGURA_TRY(auto transaction, Transaction::begin(database));
    if (auto done = database.run(
            "CREATE TABLE IF NOT EXISTS migration (area TEXT NOT NULL, number INTEGER NOT NULL, "
            "name TEXT NOT NULL, PRIMARY KEY (area, number)) STRICT, WITHOUT ROWID");
        !done)
        return done;
    std::vector<std::pair<std::string, std::int64_t>> applied;
    {
        YAGURA_TRY(auto known, database.prepare("SELECT area, number FROM migration"));
        auto read = known.each([&](const Row& row) { applied.emplace_back(row.string(0), row.integer(1)); });
        if (!read) return read;
    }
    for (const auto& [area, number] : applied)
        if (std::none_of(all.begin(), all.end(),
                         [&](const Migration& one) { return one.area == area && one.number == number; }))
            return std::unexpected{Complaint{
                .code = "store.newer",
                .what = "this store was written by a newer release",
                .why = cat("step ", number, " of '", area, "' is not known here"),
                .where = database.path(),
                .next = "start the newer release, or restore the backup that was made before the upgrade"}};
    if (auto done = transaction.commit(); !done) return done;

    for (const auto& step : all) {
        const auto here = std::pair{std::string{step.area}, std::int64_t{step.number}};
        if (std::find(applied.begin(), applied.end(), here) != applied.end()) continue;
        YAGURA_TRY(auto one, Transaction::begin(database));
        if (auto done = database.run(step.sql); !done) return done;
        YAGURA_TRY(auto remember, database.prepare("INSERT INTO migration VALUES (?1, ?2, ?3)"));
        if (auto done = remember.run(step.area, step.number, step.name); !done) return done;
        if (auto done = one.commit(); !done) return done;
    }
    return {};
}

} // namespace yagura::store
