#include "spine/observe/subnet.h"

#include <gtest/gtest.h>
#include <string>

namespace yagura::observe {
namespace {

TEST(Subnets, AreReadAsPeopleWriteThem) {
    const auto four = subnet_of("10.2.3.77/24");
    ASSERT_TRUE(four);
    EXPECT_EQ(four->bits, 120);
    EXPECT_EQ(four->network, ip_of("10.2.3.0"));
    EXPECT_EQ(last_of(*four), ip_of("10.2.3.255"));
    const auto six = subnet_of("fd00:1::9/64");
    ASSERT_TRUE(six);
    EXPECT_EQ(six->bits, 64);
    EXPECT_EQ(six->network, ip_of("fd00:1::"));
    EXPECT_EQ(subnet_of("0.0.0.0/0")->bits, 96);
    EXPECT_EQ(subnet_of("::/0")->bits, 0);
}

TEST(Subnets, RefuseWhatIsNone) {
    for (const char* text :
         {"", "/", "/24", "10.2.3.0", "10.2.3.0/", "10.2.3.0/33", "10.2.3.0/-1", "10.2.3/24", "300.1.2.3/24",
          "0/0", "fd00::/129", "fe80::1%eth0/64", "10.2.3.0/24 ", "::ffff:10.2.3.0/1280"})
        EXPECT_FALSE(subnet_of(text)) << text;
    EXPECT_FALSE(ip_of(std::string_view{"10.2.3.4\0x", 10}));
    EXPECT_FALSE(ip_of(std::string(100, '1')));
}

TEST(Subnets, HoldTheirAddressesAndNoOthers) {
    const auto holds = [](const char* net, const char* ip) { return contains(*subnet_of(net), *ip_of(ip)); };
    EXPECT_TRUE(holds("10.2.3.0/25", "10.2.3.127"));
    EXPECT_FALSE(holds("10.2.3.0/25", "10.2.3.128"));
    EXPECT_TRUE(holds("10.2.3.4/32", "10.2.3.4"));
    EXPECT_FALSE(holds("10.2.3.4/32", "10.2.3.5"));
    EXPECT_TRUE(holds("0.0.0.0/0", "255.255.255.255"));
    EXPECT_FALSE(holds("0.0.0.0/0", "fd00::1"));
    EXPECT_TRUE(holds("::/0", "10.2.3.4")); // IPv4 lies in ::ffff:0:0/96.
    EXPECT_TRUE(holds("fd00:1::/63", "fd00:1:0:1::5"));
    EXPECT_FALSE(holds("fd00:1::/63", "fd00:1:0:2::5"));
}

} // namespace
} // namespace yagura::observe
