#include "spine/store/database.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <thread>

using namespace yagura;
using namespace yagura::store;

namespace {

struct Folder {
    Folder() {
        auto made = (std::filesystem::temp_directory_path() / "yagura-store-XXXXXX").string();
        EXPECT_NE(::mkdtemp(made.data()), nullptr);
        path = made;
    }
    ~Folder() { std::filesystem::remove_all(path); }
    std::string file(std::string_view name) const { return (path / name).string(); }
    std::filesystem::path path;
};

std::int64_t count(Database& database, std::string_view table) {
    auto statement = database.prepare(cat("SELECT count(*) FROM ", table)).value();
    return statement.one([](const Row& row) { return row.integer(0); }).value().value();
}

TEST(Database, BindsWhatItIsGivenAndGivesItBack) {
    auto database = Database::in_memory().value();
    ASSERT_TRUE(database.run("CREATE TABLE t (a INTEGER, b TEXT, c BLOB, d REAL) STRICT"));
    auto insert = database.prepare("INSERT INTO t VALUES (?1, ?2, ?3, ?4)").value();
    const std::string hostile{"'; DROP TABLE t; --\0\xff", 22};
    ASSERT_TRUE(insert.run(INT64_MAX, hostile, Bytes{}, 0.5));
    ASSERT_TRUE(insert.run(std::optional<int>{}, "x", std::as_bytes(std::span{"ab", 2}), nullptr));
    auto select = database.prepare("SELECT a, b, c, d FROM t ORDER BY rowid").value();
    int row_number = 0;
    ASSERT_TRUE(select.each([&](const Row& row) {
        if (row_number++ == 0) {
            EXPECT_EQ(row.integer(0), INT64_MAX);
            EXPECT_EQ(row.text(1), hostile);
            EXPECT_FALSE(row.null(2));
            EXPECT_EQ(row.real(3), 0.5);
        } else {
            EXPECT_TRUE(row.null(0));
            EXPECT_EQ(as_text(row.bytes(2)), "ab");
            EXPECT_TRUE(row.null(3));
        }
    }));
    EXPECT_EQ(row_number, 2);
}

TEST(Database, WhatIsNotCommittedIsUndone) {
    auto database = Database::in_memory().value();
    ASSERT_TRUE(database.run("CREATE TABLE t (a INTEGER) STRICT"));
    {
        auto transaction = Transaction::begin(database).value();
        ASSERT_TRUE(database.run("INSERT INTO t VALUES (1)"));
    }
    EXPECT_EQ(count(database, "t"), 0);
    auto transaction = Transaction::begin(database).value();
    ASSERT_TRUE(database.run("INSERT INTO t VALUES (1)"));
    ASSERT_TRUE(transaction.commit());
    EXPECT_EQ(count(database, "t"), 1);
}

TEST(Database, ErrorsSayWhatWhereAndWhatToDo) {
    const auto missing = Database::open("/nonexistent/state.sqlite", Database::Mode::reader);
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().code, "store.no-access");
    EXPECT_EQ(missing.error().where, "/nonexistent/state.sqlite");
    EXPECT_FALSE(missing.error().next.empty());

    const Folder folder;
    std::FILE* file = std::fopen(folder.file("text").c_str(), "w");
    std::fputs("this is no database, and it is long enough to be looked at as one", file);
    std::fclose(file);
    const auto damaged = Database::open(folder.file("text"), Database::Mode::writer);
    ASSERT_FALSE(damaged);
    EXPECT_EQ(damaged.error().code, "store.damaged");
}

TEST(Database, AReaderSeesOneMoment) {
    const Folder folder;
    const auto path = folder.file("state.sqlite");
    auto writer = Database::open(path, Database::Mode::writer).value();
    ASSERT_TRUE(writer.run("CREATE TABLE t (a INTEGER) STRICT; INSERT INTO t VALUES (1)"));
    Readers readers{path};
    {
        auto loan = readers.borrow().value();
        EXPECT_EQ(count(*loan, "t"), 1);
        ASSERT_TRUE(writer.run("INSERT INTO t VALUES (2)"));
        EXPECT_EQ(count(*loan, "t"), 1);
        EXPECT_FALSE(loan->run("INSERT INTO t VALUES (3)"));
    }
    EXPECT_EQ(count(**readers.borrow(), "t"), 2);
}

// Run under the thread sanitizer in CI.
TEST(Database, ManyReadersAndOneWriter) {
    const Folder folder;
    const auto path = folder.file("state.sqlite");
    auto writer = Database::open(path, Database::Mode::writer, Database::Durable::soon).value();
    ASSERT_TRUE(writer.run("CREATE TABLE t (a INTEGER, b INTEGER) STRICT; INSERT INTO t VALUES (0, 0)"));
    Readers readers{path, 2};
    std::vector<std::jthread> threads;
    for (int i = 0; i < 3; ++i)
        threads.emplace_back([&](std::stop_token stop) {
            while (!stop.stop_requested()) {
                auto loan = readers.borrow();
                ASSERT_TRUE(loan);
                auto select = (*loan)->cached("SELECT a, b FROM t").value();
                ASSERT_TRUE(select->each([](const Row& row) { EXPECT_EQ(row.integer(0), row.integer(1)); }));
            }
        });
    for (int i = 1; i <= 100; ++i) {
        auto transaction = Transaction::begin(writer).value();
        ASSERT_TRUE(writer.run(cat("UPDATE t SET a = ", i)));
        ASSERT_TRUE(writer.run(cat("UPDATE t SET b = ", i)));
        ASSERT_TRUE(transaction.commit());
    }
}

TEST(Database, ACopyIsWholeWhileOthersWrite) {
    const Folder folder;
    auto writer = Database::open(folder.file("a"), Database::Mode::writer).value();
    ASSERT_TRUE(writer.run("CREATE TABLE t (a INTEGER) STRICT; INSERT INTO t VALUES (1), (2)"));
    ASSERT_TRUE(writer.copy_to(folder.file("b")));
    EXPECT_FALSE(std::filesystem::exists(folder.file("b-wal")));
    auto copy = Database::open(folder.file("b"), Database::Mode::reader).value();
    EXPECT_EQ(count(copy, "t"), 2);
    EXPECT_EQ(copy.check().value(), "");
}

TEST(Migrations, EachStepRunsOnceAndOnStoresWithRows) {
    auto database = Database::in_memory().value();
    const std::array first{
        Migration{"see", 1, "things", "CREATE TABLE thing (id INTEGER PRIMARY KEY) STRICT"}};
    ASSERT_TRUE(migrate(database, first));
    ASSERT_TRUE(migrate(database, first));
    ASSERT_TRUE(database.run("INSERT INTO thing VALUES (7)"));
    const std::array second{
        first[0], Migration{"store", 1, "other", "CREATE TABLE other (id INTEGER) STRICT"},
        Migration{"see", 2, "name", "ALTER TABLE thing ADD COLUMN name TEXT NOT NULL DEFAULT ''"}};
    ASSERT_TRUE(migrate(database, second));
    EXPECT_EQ(count(database, "thing"), 1);
    const auto older = migrate(database, first);
    ASSERT_FALSE(older);
    EXPECT_EQ(older.error().code, "store.newer");
}

TEST(Migrations, AStepThatFailsLeavesNothingBehind) {
    auto database = Database::in_memory().value();
    const std::array broken{
        Migration{"see", 1, "broken", "CREATE TABLE a (id INTEGER) STRICT; INSERT INTO b VALUES (1)"}};
    EXPECT_FALSE(migrate(database, broken));
    EXPECT_FALSE(database.prepare("SELECT * FROM a"));
}

TEST(Migrations, OursMakeAStoreWithSiteInEveryTable) {
    for (const auto all : {state_migrations(), history_migrations()}) {
        auto database = Database::in_memory().value();
        const auto done = migrate(database, all);
        ASSERT_TRUE(done) << done.error().text();
        auto tables =
            database
                .prepare("SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND "
                         "name NOT LIKE 'sqlite_%' AND name NOT IN ('migration', 'mark')")
                .value();
        // What is no table of ours is an index of words.
        auto others = database.prepare("SELECT name FROM pragma_table_list WHERE type = 'virtual'").value();
        ASSERT_TRUE(others.each([&](const Row& row) { EXPECT_EQ(row.text(0), "register_word"); }));
        std::vector<std::string> names;
        ASSERT_TRUE(tables.each([&](const Row& row) { names.push_back(row.string(0)); }));
        EXPECT_GE(names.size(), 3u);
        for (const auto& name : names) {
            EXPECT_TRUE(database.prepare(cat("SELECT site FROM ", name))) << name;
            auto strict = database.prepare("SELECT strict FROM pragma_table_list WHERE name = ?1").value();
            EXPECT_EQ(strict.one([](const Row& row) { return row.integer(0); }, name).value(), 1) << name;
        }
    }
}

TEST(Migrations, FactsNeedANodeAndAMergeIsUndoneByEndingLinks) {
    auto database = Database::in_memory().value();
    ASSERT_TRUE(migrate(database, state_migrations()));
    EXPECT_FALSE(
        database.run("INSERT INTO fact VALUES (0, 7, 1, 'modbus', 'Acme', 100, 1, 10, 20, 3, 812, 54)"));
    ASSERT_TRUE(database.run("INSERT INTO node VALUES (7, 0, 2, 0, x'0a020042', 0, 4, 10, 20, 0, 0)"));
    ASSERT_TRUE(
        database.run("INSERT INTO fact VALUES (0, 7, 1, 'modbus', 'Acme', 100, 1, 10, 20, 3, 812, 54)"));
    EXPECT_FALSE(
        database.run("INSERT INTO fact VALUES (0, 7, 1, 'modbus', 'Acme', 100, 1, 10, 20, 9, 812, 54)"));
    ASSERT_TRUE(database.run("INSERT INTO device VALUES (1, 0, 4, 0, 10, 20), (2, 0, 4, 0, 10, 20)"));
    ASSERT_TRUE(database.run("INSERT INTO link VALUES (1, 0, 7, 1, 10, 15, 1, 'mac-and-ip', 90, 0),"
                             "(2, 0, 7, 2, 15, NULL, 2, 'tanaka', 100, 1)"));
    EXPECT_FALSE(database.run("DELETE FROM device WHERE id = 1")); // It has a history.
}

} // namespace
