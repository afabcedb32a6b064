#include "spine/base/zone_offset.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "spine/base/time_zone.h"

namespace yagura {
namespace {

using namespace std::chrono;

TEST(ZoneOffsets, AMonthBeginsWhenThePlantsClockSaysSo) {
    if (!knows_time_zone("Asia/Tokyo") || !knows_time_zone("Europe/Berlin"))
        GTEST_SKIP() << "no zoneinfo here";
    const auto tokyo = ZoneOffsets::of("Asia/Tokyo");
    EXPECT_EQ(tokyo.begin_of(2026y / 11 / 1), sys_days{2026y / 10 / 31} + 15h);
    EXPECT_EQ(tokyo.day_of(sys_days{2026y / 10 / 31} + 15h), 2026y / 11 / 1);
    EXPECT_EQ(tokyo.day_of(sys_days{2026y / 10 / 31} + 15h - 1s), 2026y / 10 / 31);
    const auto berlin = ZoneOffsets::of("Europe/Berlin");
    EXPECT_EQ(berlin.begin_of(2026y / 7 / 1), sys_days{2026y / 6 / 30} + 22h);
    EXPECT_EQ(berlin.begin_of(2026y / 12 / 1), sys_days{2026y / 11 / 30} + 23h);
    EXPECT_EQ(berlin.begin_of(2026y / 3 / 29),
              sys_days{2026y / 3 / 28} + 23h); // Summer time begins that night.
    EXPECT_EQ(berlin.begin_of(2026y / 3 / 30), sys_days{2026y / 3 / 29} + 22h);
    EXPECT_EQ(berlin.begin_of(2026y / 10 / 26), sys_days{2026y / 10 / 25} + 23h);
    if (knows_time_zone("Asia/Beirut")) // There summer time begins at midnight: the day begins at one.
        EXPECT_EQ(ZoneOffsets::of("Asia/Beirut").begin_of(2026y / 3 / 29), sys_days{2026y / 3 / 28} + 22h);
}

TEST(ZoneOffsets, WhatNobodyKnowsIsUtc) {
    EXPECT_EQ(ZoneOffsets::of("Nowhere/Else").begin_of(2026y / 11 / 1), sys_days{2026y / 11 / 1});
    EXPECT_EQ(ZoneOffsets::of("../../etc/passwd").at(0), 0);
    EXPECT_EQ(ZoneOffsets::of("UTC").at(1'700'000'000), 0);
}

TEST(ZoneOffsets, HalfAFileIsNone) {
    if (!knows_time_zone("Europe/Berlin")) GTEST_SKIP() << "no zoneinfo here";
    std::ifstream file{std::string{zone_folder} + "/Europe/Berlin", std::ios::binary};
    const std::string whole{std::istreambuf_iterator<char>{file}, {}};
    ASSERT_TRUE(ZoneOffsets::read(whole));
    const auto footer = whole.find_last_of('\n',
                                           whole.size() - 2); // The last line says rules, which are not read.
    for (std::size_t length = 0; length < footer; ++length)
        EXPECT_FALSE(ZoneOffsets::read(std::string_view{whole}.substr(0, length))) << length;
    for (std::size_t at = 0; at < whole.size(); at += 3) { // Whatever it says, it is read without harm.
        auto broken = whole;
        broken[at] = static_cast<char>(broken[at] ^ 0x55);
        if (const auto read = ZoneOffsets::read(broken)) (void)read->begin_of(2026y / 11 / 1);
    }
}

} // namespace
} // namespace yagura
