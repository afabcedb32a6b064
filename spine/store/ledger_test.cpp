#include "spine/store/ledger.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "spine/store/writer.h"

namespace yagura::store {
namespace {

namespace fs = std::filesystem;

LedgerRow row(std::uint64_t id, std::string name) {
    LedgerRow out{.id = id,
                  .row = 7,
                  .accepted = "[]",
                  .at = Time{std::chrono::seconds{1'800'000'000}},
                  .who = "tanaka"};
    out.values[1] = std::move(name);
    return out;
}

class LedgerOf : public ::testing::Test {
protected:
    LedgerOf() {
        auto made = (fs::temp_directory_path() / "yagura-ledger-XXXXXX").string();
        EXPECT_NE(::mkdtemp(made.data()), nullptr);
        folder = made;
        fs::create_directory(ledger_folder(folder));
    }
    ~LedgerOf() override { fs::remove_all(folder); }

    /// Applied to a writer of its own, as after a fall.
    void apply(LedgerChange change, std::uint64_t arrival) {
        auto writer = Writer::open(folder, {}).value();
        Batch batch;
        batch.arrival = arrival;
        batch.ledger.push_back(std::move(change));
        ASSERT_TRUE(writer.apply(batch));
        passed_over += writer.ledgers_passed_over();
    }
    void import(const std::vector<LedgerRow>& rows, std::string file, std::uint64_t arrival) {
        std::ofstream{cat(ledger_folder(folder), "/", file)} << text_of(rows);
        apply(
            {.what = LedgerChange::What::whole, .id = 100, .file = file, .name = "台帳.csv", .who = "tanaka"},
            arrival);
    }
    std::vector<std::string> names() {
        Readers readers{state_file(folder)};
        LedgerReader reader{readers};
        std::vector<std::string> out;
        for (const auto& one : reader.entries().value()) out.push_back(cat(one.id, " ", one.values[1]));
        return out;
    }

    std::string folder;
    std::uint64_t passed_over = 0;
    using Names = std::vector<std::string>;
};

TEST(LedgerText, IsReadAsItWasWritten) {
    auto one = row(5, "プレス 1");
    one.values[17] = "two\nlines\x1f here"; // A value has neither; if it had, the row would still be one row.
    const auto again = ledger_row(text_of(one));
    ASSERT_TRUE(again);
    EXPECT_EQ(again->id, 5u);
    EXPECT_EQ(again->row, 7u);
    EXPECT_EQ(again->values[1], "プレス 1");
    EXPECT_EQ(again->values[17], "two lines  here");
    EXPECT_EQ(again->at, one.at);
    EXPECT_EQ(again->who, "tanaka");
}

TEST(LedgerText, HalfAFileIsNone) {
    const auto whole = text_of(std::vector{row(1, "one"), row(2, "two"), row(3, "three")});
    EXPECT_EQ(ledger_rows(whole)->size(), 3u);
    for (std::size_t size = 0; size < whole.size(); ++size)
        EXPECT_FALSE(ledger_rows(whole.substr(0, size))) << size;
    EXPECT_FALSE(ledger_rows(whole + text_of(row(4, "four")) + "\n"));
    EXPECT_FALSE(ledger_row(""));
    EXPECT_FALSE(ledger_row(std::string(ledger_row_most + 1, 'x')));
}

TEST_F(LedgerOf, IsWhatWasImportedLast) {
    import({row(1, "one"), row(2, "two")}, "a", 1);
    EXPECT_EQ(names(), (Names{"1 one", "2 two"}));
    import({row(2, "two, moved"), row(3, "three")}, "b", 2);
    EXPECT_EQ(names(), (Names{"2 two, moved", "3 three"}));
    Readers readers{state_file(folder)};
    const auto head = LedgerReader{readers}.ledger().value();
    EXPECT_EQ(head.version, 2u);
    EXPECT_EQ(head.last_entry, 100u);
    EXPECT_EQ(head.name, "台帳.csv");
}

TEST_F(LedgerOf, IsCorrectedEntryByEntry) {
    import({row(1, "one"), row(2, "two")}, "a", 1);
    apply({.what = LedgerChange::What::put, .id = 1, .text = text_of(row(1, "one, corrected"))}, 2);
    apply({.what = LedgerChange::What::put, .id = 101, .made = true, .text = text_of(row(101, "new"))}, 3);
    apply({.what = LedgerChange::What::gone, .id = 2}, 4);
    EXPECT_EQ(names(), (Names{"1 one, corrected", "101 new"}));
    apply({.what = LedgerChange::What::put, .id = 2, .text = text_of(row(2, "too late"))}, 5);
    EXPECT_EQ(names(), (Names{"1 one, corrected", "101 new"}));
}

TEST_F(LedgerOf, StaysAsItIsWhereAFileIsDamaged) {
    import({row(1, "one")}, "a", 1);
    std::ofstream{ledger_folder(folder) + "/b"} << "ledger 1 2\n" << text_of(row(9, "half")) << "\n";
    apply({.what = LedgerChange::What::whole, .id = 9, .file = "b"}, 2);
    apply({.what = LedgerChange::What::whole, .id = 9, .file = "not there"}, 3);
    EXPECT_EQ(names(), (Names{"1 one"}));
    EXPECT_EQ(passed_over, 2u);
}

} // namespace
} // namespace yagura::store
