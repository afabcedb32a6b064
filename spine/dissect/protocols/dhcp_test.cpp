// What needs code; everything that is bytes in and lines out stands in dhcp.cases.
#include <gtest/gtest.h>

#include "spine/dissect/exchange.h"
#include "spine/observe/lines.h"
#include "spine/wire/dhcp.h"
#include "tests/support/hex.h"
#include "tests/support/no_allocation.h"

using namespace yagura;
using namespace yagura::dissect;
using observe::Speaker;
using test::hex;

namespace {

const Dissector& dhcp() { return *find("dhcp"); }

std::vector<std::byte> message(std::string_view op, std::string_view options) {
    auto bytes = hex(
        cat(op, "01 06 00 11223344 0000 0000 | 00000000 0a000007 00000000 00000000 | 02aabbcc0001"));
    bytes.resize(wire::dhcp::fixed_size);
    const auto rest = hex(cat("63825363", options));
    bytes.insert(bytes.end(), rest.begin(), rest.end());
    return bytes;
}

TEST(Dhcp, EveryTruncationIsSurvivedAndReported) {
    constexpr auto named = " 0c 07 70726573732d32 3c 08 4d53465420352e30 37 04 0103060f ff";
    for (const auto* type : {"35 01 01", "35 01 03", "35 01 04", "35 01 07", "35 01 08", "35 01 0a"})
        for (const auto* op : {"01", "02"}) {
            const auto whole = message(op, cat(type, named));
            for (std::size_t length = 0; length < whole.size(); ++length) {
                observe::Lines seen{name_of};
                Exchange exchange{dhcp(), seen};
                exchange.message(Speaker::client, Bytes{whole}.first(length));
                const auto operations = std::ranges::count_if(
                    seen.all, [](const auto& line) { return line.find("code=") != line.npos; });
                EXPECT_EQ(operations, length ? 1 : 0) << "cut to " << length << " bytes";
                // Behind the fixed part a message without a cookie is BOOTP, whatever follows.
                if (length >= wire::dhcp::fixed_size && length < wire::dhcp::fixed_size + 4) continue;
                EXPECT_TRUE(seen.all.back().starts_with("dhcp anomaly")) << length << ": " << seen.all.back();
            }
        }
}

TEST(Dhcp, AnOptionInPiecesNeverLeavesItsRoom) {
    std::string options;
    for (int i = 0; i < 40; ++i) options += "0c 10 30313233343536373839616263646566";
    const auto whole = message("01", cat(options, "ff"));
    std::array<std::byte, 100> room;
    const auto name = wire::dhcp::value(wire::dhcp::areas(wire::dhcp::read(whole)), 12, room);
    ASSERT_TRUE(name);
    EXPECT_EQ(name->size(), room.size());
    EXPECT_EQ(as_text(*name).substr(0, 20), "0123456789abcdef0123");
}

TEST(Dhcp, OverloadPutsFileBeforeServerName) {
    auto whole = message("02", "34 01 03 0c 01 61 ff");
    const auto put = [&](std::size_t at, std::string_view bytes) {
        std::ranges::copy(hex(bytes), whole.begin() + static_cast<std::ptrdiff_t>(at));
    };
    put(108, "0c 01 62 ff");
    put(44, "0c 01 63 ff");
    std::array<std::byte, 8> room;
    const auto name = wire::dhcp::value(wire::dhcp::areas(wire::dhcp::read(whole)), 12, room);
    ASSERT_TRUE(name);
    EXPECT_EQ(as_text(*name), "abc");
}

TEST(Dhcp, NoHeapOnThePacketPath) {
    observe::Listener quiet;
    Exchange exchange{dhcp(), quiet};
    const auto discover = message("01", "35 01 01 0c 07 70726573732d32 ff");
    const auto before = test::allocations();
    for (int i = 0; i < 1000; ++i) exchange.feed(Speaker::client, discover);
    EXPECT_EQ(test::allocations(), before);
}

} // namespace
