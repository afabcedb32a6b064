// The names of a ledger's fields, to and fro.
#include "see/ledger/entry.h"

#include <gtest/gtest.h>

using namespace yagura::see::ledger;

TEST(LedgerEntry, EveryFieldHasOneKey) {
    for (std::size_t i = 0; i < field_count; ++i) {
        const auto field = static_cast<Field>(i);
        EXPECT_FALSE(key(field).empty());
        EXPECT_EQ(field_of(key(field)), field);
    }
    EXPECT_EQ(key(Field::number), "number");
    EXPECT_EQ(key(Field::criticality), "criticality");
    EXPECT_EQ(key(Field::note), "note");
    EXPECT_EQ(field_of("Name"), std::nullopt);
    EXPECT_EQ(field_of(""), std::nullopt);
}

TEST(LedgerEntry, ReadsAndWritesByField) {
    Entry entry;
    entry[Field::ip] = "10.0.0.1 10.0.0.2";
    EXPECT_EQ(std::as_const(entry)[Field::ip], "10.0.0.1 10.0.0.2");
    EXPECT_TRUE(entry[Field::note].empty());
}
