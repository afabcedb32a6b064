#include "spine/store/accounts.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "spine/store/audit.h"

namespace yagura::store {

namespace {

/// "a12": opaque outside. What is none names nobody.
std::int64_t number_of(std::string_view id, char kind) {
    if (!id.starts_with(kind)) return 0;
    const auto parsed = number<std::uint64_t>(id.substr(1));
    return parsed && *parsed <= std::uint64_t{INT64_MAX} ? static_cast<std::int64_t>(*parsed) : 0;
}
std::string id_of(std::int64_t number, char kind) { return cat(std::string_view{&kind, 1}, number); }

constexpr std::string_view account_columns =
    "id, name, shown_name, role, enabled, must_change, created, last_login, preferences";
model::Account account_of(const Row& row) {
    return {.id = id_of(row.integer(0), 'a'),
            .name = row.string(1),
            .shown_name = row.string(2),
            .role = row.string(3),
            .enabled = row.integer(4) != 0,
            .must_change_password = row.integer(5) != 0,
            .created = row.integer(6),
            .last_login = row.integer(7),
            .preferences = row.string(8)};
}

constexpr std::string_view token_columns = "id, account, name, rights, created, expires, used";
model::Token token_of(const Row& row) {
    model::Token token{.id = id_of(row.integer(0), 't'),
                       .account = id_of(row.integer(1), 'a'),
                       .name = row.string(2),
                       .rights = {},
                       .created = row.integer(4),
                       .expires = row.integer(5),
                       .used = row.integer(6)};
    for (auto words = row.text(3); !words.empty();) {
        const auto space = words.find(' ');
        token.rights.emplace(words.substr(0, space));
        words = space == words.npos ? std::string_view{} : words.substr(space + 1);
    }
    return token;
}

Bytes bytes(const model::SecretHash& hash) { return hash; }

template <class T>
std::optional<T> first(std::vector<T> found) {
    return found.empty() ? std::optional<T>{} : std::optional<T>{std::move(found.front())};
}

} // namespace

Accounts::Accounts(Database database, const std::string& path)
    : database_{std::move(database)},
      readers_{path},
      audit_{std::make_unique<Audit>(mutex_, database_, readers_)} {}
Accounts::~Accounts() = default;
model::AuditLog& Accounts::audit() noexcept { return *audit_; }

Result<std::unique_ptr<Accounts>> Accounts::open(const std::string& path) {
    // Before SQLite makes it with what the umask leaves: it holds password hashes.
    if (const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600); file >= 0) {
        ::fchmod(file, 0600);
        ::close(file);
    }
    YAGURA_TRY(auto database, Database::open(path, Database::Mode::writer, Database::Durable::at_commit));
    if (auto done = migrate(database, accounts_migrations()); !done) return std::unexpected{done.error()};
    return std::unique_ptr<Accounts>{new Accounts{std::move(database), path}};
}

template <class... Values>
Result<void> Accounts::write(std::string_view sql, const Values&... values) {
    const std::lock_guard lock{mutex_};
    YAGURA_TRY(auto* statement, database_.cached(sql));
    return statement->run(values...);
}

template <class Make, class... Values>
auto Accounts::read(std::string_view sql, Make&& make, const Values&... values)
    -> std::vector<decltype(make(std::declval<const Row&>()))> {
    std::vector<decltype(make(std::declval<const Row&>()))> found;
    // A store that cannot be read knows nobody: the answer is a refusal, never a guess.
    auto loan = readers_.borrow();
    if (!loan) return found;
    auto statement = (**loan).cached(sql);
    if (!statement) return found;
    if (!(*statement)->each([&](const Row& row) { found.push_back(make(row)); }, values...)) found.clear();
    return found;
}

std::optional<model::Account> Accounts::account(std::string_view id) {
    return first(
        read(cat("SELECT ", account_columns, " FROM account WHERE id = ?1"), account_of, number_of(id, 'a')));
}

std::optional<model::Account> Accounts::account_named(std::string_view name) {
    return first(read(cat("SELECT ", account_columns, " FROM account WHERE name = ?1"), account_of, name));
}

std::vector<model::Account> Accounts::accounts(std::string_view after, std::size_t most) {
    return read(cat("SELECT ", account_columns, " FROM account WHERE name > ?1 ORDER BY name LIMIT ?2"),
                account_of, after, most);
}

std::size_t Accounts::account_count() {
    return first(read("SELECT count(*) FROM account", [](const Row& row) { return row.as<std::size_t>(0); }))
        .value_or(0);
}

std::string Accounts::password_hash(std::string_view id) {
    return first(read(
                     "SELECT password FROM account WHERE id = ?1",
                     [](const Row& row) { return row.string(0); }, number_of(id, 'a')))
        .value_or("");
}

Result<std::string> Accounts::add_account(const model::Account& account, std::string_view hash) {
    const std::lock_guard lock{mutex_};
    YAGURA_TRY(auto* statement,
               database_.cached(
                   "INSERT INTO account (name, shown_name, role, enabled, must_change, created, password) "
                   "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (name) DO NOTHING"));
    if (auto done = statement->run(account.name, account.shown_name, account.role, account.enabled,
                                   account.must_change_password, account.created, hash);
        !done)
        return std::unexpected{done.error()};
    if (database_.changed() == 0)
        return std::unexpected{Complaint{
            .code = "api.name-taken",
            .what = cat("there is an account ", yagura::quoted(std::string_view{account.name}), " already"),
            .where = "body.name",
            .next = "choose another name"}};
    return id_of(database_.last_id(), 'a');
}

Result<void> Accounts::change_account(const model::Account& account) {
    return write("UPDATE account SET shown_name = ?2, role = ?3, enabled = ?4 WHERE id = ?1",
                 number_of(account.id, 'a'), account.shown_name, account.role, account.enabled);
}
Result<void> Accounts::set_preferences(std::string_view id, std::string_view json) {
    return write("UPDATE account SET preferences = ?2 WHERE id = ?1", number_of(id, 'a'), json);
}
Result<void> Accounts::signed_in(std::string_view id, std::int64_t at) {
    return write("UPDATE account SET last_login = ?2 WHERE id = ?1", number_of(id, 'a'), at);
}

Result<void> Accounts::set_password(std::string_view id, std::string_view hash, bool must_change) {
    const std::lock_guard lock{mutex_};
    YAGURA_TRY(auto transaction, Transaction::begin(database_));
    YAGURA_TRY(auto* change,
               database_.cached("UPDATE account SET password = ?2, must_change = ?3 WHERE id = ?1"));
    if (auto done = change->run(number_of(id, 'a'), hash, must_change); !done) return done;
    YAGURA_TRY(auto* sessions, database_.cached("DELETE FROM session WHERE account = ?1"));
    if (auto done = sessions->run(number_of(id, 'a')); !done) return done;
    return transaction.commit();
}

Result<void> Accounts::remove_account(std::string_view id) {
    return write("DELETE FROM account WHERE id = ?1", number_of(id, 'a'));
}

Result<void> Accounts::add_session(const model::Session& session, const model::SecretHash& secret) {
    return write(
        "INSERT INTO session (id, account, secret, begun, used, origin) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        session.id, number_of(session.account, 'a'), bytes(secret), session.begun, session.used,
        session.from);
}

std::optional<model::Session> Accounts::session(const model::SecretHash& secret) {
    return first(read(
        "SELECT id, account, begun, used, origin FROM session WHERE secret = ?1",
        [](const Row& row) {
            return model::Session{row.string(0), id_of(row.integer(1), 'a'), row.integer(2), row.integer(3),
                                  row.string(4)};
        },
        bytes(secret)));
}

Result<void> Accounts::use_session(std::string_view id, std::int64_t at) {
    return write("UPDATE session SET used = ?2 WHERE id = ?1 AND used < ?2", id, at);
}
Result<void> Accounts::remove_session(std::string_view id) {
    return write("DELETE FROM session WHERE id = ?1", id);
}
Result<void> Accounts::remove_sessions_of(std::string_view account) {
    return write("DELETE FROM session WHERE account = ?1", number_of(account, 'a'));
}
Result<void> Accounts::remove_old_sessions(std::int64_t used_before, std::int64_t begun_before) {
    return write("DELETE FROM session WHERE used < ?1 OR begun < ?2", used_before, begun_before);
}

Result<std::string> Accounts::add_token(const model::Token& token, const model::SecretHash& secret) {
    std::string rights;
    for (const auto& right : token.rights) rights += cat(rights.empty() ? "" : " ", right);
    const std::lock_guard lock{mutex_};
    YAGURA_TRY(auto* statement, database_.cached("INSERT INTO token (account, name, secret, rights, created, "
                                                 "expires) VALUES (?1, ?2, ?3, ?4, ?5, ?6)"));
    if (auto done = statement->run(number_of(token.account, 'a'), token.name, bytes(secret), rights,
                                   token.created, token.expires);
        !done)
        return std::unexpected{done.error()};
    return id_of(database_.last_id(), 't');
}

std::optional<model::Token> Accounts::token(const model::SecretHash& secret) {
    return first(
        read(cat("SELECT ", token_columns, " FROM token WHERE secret = ?1"), token_of, bytes(secret)));
}
std::optional<model::Token> Accounts::token_with_id(std::string_view id) {
    return first(
        read(cat("SELECT ", token_columns, " FROM token WHERE id = ?1"), token_of, number_of(id, 't')));
}
std::vector<model::Token> Accounts::tokens_of(std::string_view account) {
    return read(cat("SELECT ", token_columns, " FROM token WHERE account = ?1 ORDER BY id"), token_of,
                number_of(account, 'a'));
}
Result<void> Accounts::use_token(std::string_view id, std::int64_t at) {
    return write("UPDATE token SET used = ?2 WHERE id = ?1 AND used < ?2", number_of(id, 't'), at);
}
Result<void> Accounts::remove_token(std::string_view id) {
    return write("DELETE FROM token WHERE id = ?1", number_of(id, 't'));
}

model::SiteFacts Accounts::site() {
    return first(read("SELECT name, time_zone, dismissed FROM site WHERE site = 0",
                      [](const Row& row) {
                          return model::SiteFacts{row.string(0), row.string(1), row.integer(2) != 0};
                      }))
        .value_or(model::SiteFacts{});
}

Result<void> Accounts::set_site(const model::SiteFacts& site) {
    return write("INSERT INTO site VALUES (0, ?1, ?2, ?3) ON CONFLICT (site) DO UPDATE SET name = ?1, "
                 "time_zone = ?2, dismissed = ?3",
                 site.name, site.time_zone, site.first_run_dismissed);
}

} // namespace yagura::store
