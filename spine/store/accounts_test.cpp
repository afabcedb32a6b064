#include "spine/store/accounts.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

using namespace yagura;
using namespace yagura::store;

namespace {

struct Folder {
    Folder() {
        auto made = (std::filesystem::temp_directory_path() / "yagura-accounts-XXXXXX").string();
        EXPECT_NE(::mkdtemp(made.data()), nullptr);
        path = made;
    }
    ~Folder() { std::filesystem::remove_all(path); }
    std::string file() const { return (path / "accounts.sqlite").string(); }
    std::filesystem::path path;
};

model::Account named(std::string name, std::string role = "viewer") {
    model::Account account;
    account.name = std::move(name);
    account.role = std::move(role);
    account.created = 1;
    return account;
}

model::SecretHash secret(unsigned char fill) {
    model::SecretHash hash;
    hash.fill(std::byte{fill});
    return hash;
}

TEST(Accounts, FileIsReadableByItsOwnerOnly) {
    const Folder folder;
    ASSERT_TRUE(Accounts::open(folder.file()));
    struct stat is{};
    ASSERT_EQ(::stat(folder.file().c_str(), &is), 0);
    EXPECT_EQ(is.st_mode & 0777u, 0600u);
}

TEST(Accounts, NamesAreUniqueWithoutRegardToCase) {
    const Folder folder;
    auto book = Accounts::open(folder.file()).value();
    const auto id = book->add_account(named("Sato"), "hash");
    ASSERT_TRUE(id);
    EXPECT_EQ(book->add_account(named("SATO"), "other").error().code, "api.name-taken");
    EXPECT_EQ(book->account_named("sato")->id, *id);
    EXPECT_EQ(book->password_hash(*id), "hash");
    EXPECT_FALSE(book->account("a999"));
    EXPECT_FALSE(book->account("nonsense"));
}

TEST(Accounts, PasswordChangeAndRemovalEndSessions) {
    const Folder folder;
    auto book = Accounts::open(folder.file()).value();
    const auto id = book->add_account(named("sato"), "hash").value();
    ASSERT_TRUE(book->add_session({.id = "s1", .account = id, .begun = 10, .used = 10, .from = "10.0.0.1"},
                                  secret(1)));
    ASSERT_TRUE(book->session(secret(1)));
    EXPECT_FALSE(book->session(secret(2)));
    ASSERT_TRUE(book->set_password(id, "new", false));
    EXPECT_FALSE(book->session(secret(1)));
    EXPECT_FALSE(book->account(id)->must_change_password);

    ASSERT_TRUE(
        book->add_session({.id = "s2", .account = id, .begun = 10, .used = 10, .from = {}}, secret(4)));
    model::Token token;
    token.account = id;
    token.name = "script";
    token.rights = {"device.look", "sensor.look"};
    token.expires = 99;
    ASSERT_TRUE(book->add_token(token, secret(5)));
    EXPECT_EQ(book->token(secret(5))->rights, token.rights);
    ASSERT_TRUE(book->remove_account(id));
    EXPECT_FALSE(book->session(secret(4)));
    EXPECT_FALSE(book->token(secret(5)));
}

TEST(Accounts, PagesGoOnAfterAName) {
    const Folder folder;
    auto book = Accounts::open(folder.file()).value();
    for (const auto* name : {"c", "a", "B"}) ASSERT_TRUE(book->add_account(named(name), "hash"));
    const auto page = book->accounts("", 2);
    ASSERT_EQ(page.size(), 2u);
    EXPECT_EQ(page[1].name, "B");
    ASSERT_EQ(book->accounts("B", 2).size(), 1u);
    EXPECT_EQ(book->account_count(), 3u);
}

TEST(Audit, ChainShowsWhatWasChangedBehindItsBack) {
    const Folder folder;
    {
        auto book = Accounts::open(folder.file()).value();
        for (int i = 0; i < 5; ++i) {
            model::AuditEntry entry;
            entry.at = 100 + i;
            entry.who = "sato";
            entry.what = i == 2 ? "login" : "editLine";
            entry.result = "done";
            ASSERT_TRUE(book->audit().append(std::move(entry)));
        }
        EXPECT_FALSE(book->audit().check().broken_at);
        EXPECT_EQ(book->audit().check().entries, 5u);
        EXPECT_EQ(book->audit().newest({.what = "login"}, 10).front().number, 3u);
        EXPECT_EQ(book->audit().newest({.before = 3}, 10).size(), 2u);
    }
    auto direct = Database::open(folder.file(), Database::Mode::writer).value();
    EXPECT_FALSE(direct.run("UPDATE audit SET who = 'nobody' WHERE number = 2"));
    EXPECT_FALSE(direct.run("DELETE FROM audit WHERE number = 2"));
    ASSERT_TRUE(direct.run("DROP TRIGGER audit_stays; UPDATE audit SET who = 'nobody' WHERE number = 2"));
    auto book = Accounts::open(folder.file()).value();
    EXPECT_EQ(book->audit().check().broken_at, 2u);
}

TEST(Site, HasANameOnceItIsGivenOne) {
    const Folder folder;
    auto book = Accounts::open(folder.file()).value();
    EXPECT_EQ(book->site().name, "");
    ASSERT_TRUE(book->set_site(
        {.name = "みなも部品 第2工場", .time_zone = "Asia/Tokyo", .first_run_dismissed = true}));
    EXPECT_EQ(book->site().time_zone, "Asia/Tokyo");
}

} // namespace
