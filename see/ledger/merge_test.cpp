#include "see/ledger/merge.h"

#include <gtest/gtest.h>

namespace yagura::see::ledger {
namespace {

Entry row(std::string number, std::string ip, std::string name, std::uint64_t id = 0) {
    Entry out;
    out.id = id;
    out[Field::number] = std::move(number);
    out[Field::ip] = std::move(ip);
    out[Field::name] = std::move(name);
    return out;
}

TEST(Merge, EntriesKeepTheirIds) {
    const std::vector ledger{row("A-1", "10.0.0.1", "one", 3), row("A-2", "10.0.0.2", "two", 4),
                             row("A-3", "", "three", 5)};
    const std::vector file{row("A-2", "10.0.0.22", "two"), row("A-9", "10.0.0.9", "nine"),
                           row("a1", "10.0.0.1", "one")};
    const auto out = merged(ledger, file, How::replace, 7);
    ASSERT_EQ(out.entries.size(), 3u);
    EXPECT_EQ(out.entries[0].id, 4u); // By its number, whatever its address is now.
    EXPECT_EQ(out.entries[1].id, 8u);
    EXPECT_EQ(out.entries[2].id, 3u); // "a1" is "A-1" to whoever types it.
    EXPECT_EQ(out.last_entry, 8u);
    EXPECT_EQ(out.made, 1u);
    EXPECT_EQ(out.changed, 2u);
    EXPECT_EQ(out.gone, 1u);
}

TEST(Merge, AddKeepsWhatTheFileDoesNotHave) {
    const std::vector ledger{row("A-1", "10.0.0.1", "one", 3)};
    const auto out = merged(ledger, {row("A-2", "10.0.0.2", "two")}, How::add, 3);
    ASSERT_EQ(out.entries.size(), 2u);
    EXPECT_EQ(out.entries[1], ledger[0]);
    EXPECT_EQ(out.gone, 1u);
}

TEST(Merge, WhatTwoEntriesShareNamesNeither) {
    const std::vector ledger{row("", "10.0.0.1", "PLC", 1), row("", "10.0.0.2", "PLC", 2)};
    const auto out = merged(ledger, {row("", "10.0.0.2", "PLC"), row("", "10.0.0.3", "PLC")}, How::replace,
                            2);
    EXPECT_EQ(out.entries[0].id, 2u);
    EXPECT_EQ(out.entries[1].id, 3u);
}

TEST(Merge, TheSameFileAgainChangesNothing) {
    const std::vector file{row("A-1", "10.0.0.1", "one"), row("A-2", "10.0.0.2", "two")};
    const auto once = merged({}, file, How::replace, 0);
    const auto again = merged(once.entries, file, How::replace, once.last_entry);
    EXPECT_EQ(again.entries, once.entries);
    EXPECT_EQ(again.made + again.changed + again.gone, 0u);
}

} // namespace
} // namespace yagura::see::ledger
