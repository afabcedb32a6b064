#include <gtest/gtest.h>

#include "spine/base/time_zone.h"

namespace yagura {
namespace {

TEST(TimeZone, IsKnownOrNot) {
    if (!std::filesystem::is_directory(zone_folder)) GTEST_SKIP() << "there is no zoneinfo here";
    for (const auto* name : {"UTC", "Asia/Tokyo", "Europe/Berlin"})
        EXPECT_TRUE(knows_time_zone(name)) << name;
    // The C library takes each of these for UTC, or reads a file of somebody's choice.
    for (const std::string name : {"", "Asia/Tokio", "Asia", "JST-9x", "zone.tab", "../../etc/passwd",
                                   "/usr/share/zoneinfo/Asia/Tokyo"})
        EXPECT_FALSE(knows_time_zone(name)) << name;
    EXPECT_FALSE(knows_time_zone(std::string{"Asia/Tokyo\0x", 12}));
    EXPECT_FALSE(is_time_zone("Asia/Tokio"));
}

} // namespace
} // namespace yagura
