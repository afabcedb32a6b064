// SQLite, as thin as it can be and still not leak, forget a reset or swallow an error. The only folder that
// includes sqlite3.h is this one; whoever needs rows includes this file.
//
// Every file is opened with WAL, foreign keys and a busy timeout. One connection belongs to one thread at a
// time; a reader sees the state of one moment from its first row on until its snapshot ends.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "spine/base/bytes.h"
#include "spine/base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace yagura::store {

/// A row while it is being looked at; text and bytes are borrowed until the next one.
class Row {
public:
    explicit Row(sqlite3_stmt* statement) noexcept : statement_{statement} {}
    enum class Type : std::uint8_t { null, integer, real, text, bytes };
    Type type(int column) const noexcept;
    bool null(int column) const noexcept { return type(column) == Type::null; }
    std::int64_t integer(int column) const noexcept; ///< 0 for NULL
    double real(int column) const noexcept;
    std::string_view text(int column) const noexcept; ///< empty for NULL
    Bytes bytes(int column) const noexcept;
    std::string string(int column) const { return std::string{text(column)}; }
    template <class T>
    T as(int column) const noexcept {
        return static_cast<T>(integer(column));
    }

private:
    sqlite3_stmt* statement_;
};

class Statement {
public:
    Statement(Statement&&) noexcept = default;
    Statement& operator=(Statement&&) noexcept = default;

    /// Runs it to its end with these values for ?1, ?2, …; rows are thrown away.
    template <class... Values>
    Result<void> run(const Values&... values) {
        return each([](const Row&) {}, values...);
    }
    /// `use(Row)` for each row; may return bool: false stops.
    template <class Use, class... Values>
    Result<void> each(Use&& use, const Values&... values) {
        const Reset reset{*this};
        int at = 0;
        (bind(++at, values), ...);
        for (;;) {
            auto more = step();
            if (!more) return std::unexpected{std::move(more).error()};
            if (!*more) return {};
            const Row row{statement_.get()};
            if constexpr (std::is_same_v<decltype(use(row)), bool>) {
                if (!use(row)) return {};
            } else {
                use(row);
            }
        }
    }
    /// The first row as `make(Row)`, if there is one.
    template <class Make, class... Values>
    auto one(Make&& make, const Values&... values)
        -> Result<std::optional<decltype(make(std::declval<const Row&>()))>> {
        std::optional<decltype(make(std::declval<const Row&>()))> found;
        auto done = each(
            [&](const Row& row) {
                found.emplace(make(row));
                return false;
            },
            values...);
        if (!done) return std::unexpected{std::move(done).error()};
        return found;
    }
    /// When the number of values is known at run time only: bind them one by one, then each() or run()
    /// without values. Bound values stay until the end of the next run.
    void bind(int at, std::int64_t value) noexcept;
    void bind(int at, double value) noexcept;
    void bind(int at, std::string_view text) noexcept; ///< copied
    void bind(int at, Bytes bytes) noexcept;           ///< copied
    void bind(int at, std::nullptr_t) noexcept;
    template <class T>
        requires std::is_integral_v<T> || std::is_enum_v<T>
    void bind(int at, T value) noexcept {
        bind(at, static_cast<std::int64_t>(value)); // Our ids leave SQLite's sign bit alone.
    }
    void bind(int at, const std::string& text) noexcept { bind(at, std::string_view{text}); }
    void bind(int at, const char* text) noexcept { bind(at, std::string_view{text}); }
    template <class T>
    void bind(int at, const std::optional<T>& value) noexcept {
        if (value)
            bind(at, *value);
        else
            bind(at, nullptr);
    }

private:
    friend class Database;
    struct Finalize {
        void operator()(sqlite3_stmt*) const noexcept;
    };
    struct Reset {
        explicit Reset(Statement& which) noexcept : statement{which} {}
        ~Reset() { statement.reset(); }
        Statement& statement;
    };
    explicit Statement(sqlite3_stmt* statement) noexcept : statement_{statement} {}
    Result<bool> step();
    void reset() noexcept;
    std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

class Database {
public:
    enum class Mode : std::uint8_t {
        writer, ///< makes the file if there is none
        reader, ///< the file has to exist; nothing can be changed through it
    };
    /// When a committed transaction is on disk. `at_commit` for what was promised to somebody; `soon` for
    /// what can be made again from the journal: after a power cut the last ones are gone, nothing is torn.
    enum class Durable : std::uint8_t { at_commit, soon };

    static Result<Database> open(const std::string& path, Mode mode, Durable durable = Durable::at_commit);
    static Result<Database> in_memory();

    Database(Database&&) noexcept = default;
    Database& operator=(Database&&) noexcept = default;

    /// One or several statements without values.
    Result<void> run(std::string_view sql);
    Result<Statement> prepare(std::string_view sql);
    /// Prepared once for this connection. `sql` may come and go.
    Result<Statement*> cached(std::string_view sql);

    std::int64_t last_id() const noexcept;
    std::int64_t changed() const noexcept; ///< rows, by the last statement
    const std::string& path() const noexcept { return path_; }

    /// A copy of the whole file as of now, while others write.
    Result<void> copy_to(const std::string& path);
    /// What SQLite finds wrong with the file; empty: nothing.
    Result<std::string> check();

private:
    struct Close {
        void operator()(sqlite3*) const noexcept;
    };
    struct TextHash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const noexcept {
            return std::hash<std::string_view>{}(text);
        }
    };
    Database(sqlite3* database, std::string path) : database_{database}, path_{std::move(path)} {}
    std::unique_ptr<sqlite3, Close> database_;
    std::string path_;
    std::unordered_map<std::string, Statement, TextHash, std::equal_to<>> cached_;
};

/// All or nothing: what was not committed at its end is undone.
class Transaction {
public:
    enum class For : std::uint8_t { writing, reading };
    static Result<Transaction> begin(Database& database, For what = For::writing);
    Transaction(Transaction&& other) noexcept : database_{std::exchange(other.database_, nullptr)} {}
    Transaction& operator=(Transaction&&) = delete;
    ~Transaction();
    Result<void> commit();

private:
    explicit Transaction(Database& database) noexcept : database_{&database} {}
    Database* database_;
};

/// Connections for readers of one file, lent one at a time to each thread that asks. Each loan is a snapshot:
/// all that is read through it is the state of one moment.
class Readers {
public:
    explicit Readers(std::string path, std::size_t kept = 8);
    ~Readers();
    class Loan {
    public:
        Loan(Loan&&) noexcept;
        Loan& operator=(Loan&&) = delete;
        ~Loan();
        Database& operator*() const noexcept { return *database_; }
        Database* operator->() const noexcept { return database_.get(); }

    private:
        friend class Readers;
        Loan(Readers& from, std::unique_ptr<Database> database) noexcept;
        Readers* from_;
        std::unique_ptr<Database> database_;
    };
    Result<Loan> borrow();
    const std::string& path() const noexcept { return path_; }

private:
    void give_back(std::unique_ptr<Database>) noexcept;
    struct Inside;
    std::string path_;
    std::unique_ptr<Inside> in_;
};

/// One step of one area's schema, as embedded from <area>/migrations/NNNN_name.sql.
struct Migration {
    std::string_view area; ///< "see", "store"
    std::uint32_t number;
    std::string_view name;
    std::string_view sql;
};
/// Applies what is missing, each in a transaction of its own, forward only. A store of a newer release is
/// refused: it is not ours to guess at.
Result<void> migrate(Database& database, std::span<const Migration> all);

/// The schemas of our three kinds of files.
std::span<const Migration> state_migrations() noexcept;
std::span<const Migration> accounts_migrations() noexcept;
std::span<const Migration> history_migrations() noexcept;

} // namespace yagura::store
