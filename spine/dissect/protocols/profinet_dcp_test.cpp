// What needs code; everything that is bytes in and lines out stands in profinet_dcp.cases.
#include <gtest/gtest.h>

#include "spine/dissect/exchange.h"
#include "spine/observe/lines.h"
#include "tests/support/hex.h"
#include "tests/support/no_allocation.h"

using namespace yagura;
using namespace yagura::dissect;
using observe::Speaker;
using test::hex;

namespace {

const Dissector& dcp() { return *find("profinet_dcp"); }

constexpr std::pair<Speaker, std::string_view> messages[]{
    {Speaker::client, "fefe 05 00 01000001 0000 0004 | ffff 0000"},
    {Speaker::server, "feff 05 01 01000001 0000 000e | 0202 0007 0000706c632d31 00 | 0204 0000"},
    {Speaker::client, "fefd 04 00 00000004 0000 0012 | 0102 000e 0001 c0a80005ffffff00c0a80001"},
    {Speaker::server, "fefd 04 01 00000004 0000 0008 | 0504 0003 010206 00"},
    {Speaker::client, "fefd 03 00 00000007 0000 0004 | 0202 0102"},
    {Speaker::server, "fefd 03 01 00000007 0000 000c | 0202 0007 0000706c632d31 00"},
    {Speaker::client, "fefc 06 00 00000009 0000 000c | 0202 0006 0000696f2d37 0000"},
};

TEST(ProfinetDcp, EveryTruncationIsSurvivedAndReported) {
    for (const auto& [speaker, text] : messages) {
        const auto whole = hex(text);
        for (std::size_t length = 0; length < whole.size(); ++length) {
            observe::Lines seen{name_of};
            Exchange exchange{dcp(), seen};
            exchange.message(speaker, Bytes{whole}.first(length));
            ASSERT_FALSE(seen.all.empty());
            EXPECT_TRUE(seen.all.back().starts_with("profinet_dcp anomaly"))
                << length << ": " << seen.all.back();
            if (length >= 4) {
                EXPECT_NE(seen.all.front().find("code="), std::string::npos) << length;
            }
        }
    }
}

TEST(ProfinetDcp, RealTimeFramesAreNeitherMessagesNorAnomalies) {
    observe::Lines seen{name_of};
    Exchange exchange{dcp(), seen};
    for (unsigned id = 0; id < 0xfefc; id += 7) {
        const std::byte frame[]{static_cast<std::byte>(id >> 8), static_cast<std::byte>(id & 0xff), {}, {}};
        exchange.message(Speaker::client, frame);
        EXPECT_EQ(dcp().looks_like({.client = frame, .server = {}, .latest = Speaker::client}).likeness,
                  Likeness::no);
    }
    EXPECT_TRUE(seen.all.empty());
}

TEST(ProfinetDcp, NoHeapOnThePacketPath) {
    observe::Listener quiet;
    Exchange exchange{dcp(), quiet};
    std::vector<std::pair<Speaker, std::vector<std::byte>>> all;
    for (const auto& [speaker, text] : messages) all.emplace_back(speaker, hex(text));
    const auto before = test::allocations();
    for (int i = 0; i < 200; ++i)
        for (const auto& [speaker, bytes] : all) exchange.feed(speaker, bytes);
    EXPECT_EQ(test::allocations(), before);
}

} // namespace
