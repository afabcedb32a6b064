// What needs code; everything that is bytes in and lines out stands in lldp.cases.
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

const Dissector& lldp() { return *find("lldp"); }

constexpr std::string_view units[]{
    "0207 0402aabbcc0001 | 0409 07706f72742d303031 | 0602 0014 | 0806 506f72742031 | 0a05 73772d6133 | 0e04 "
    "0014 0004"
    "| 100c 05010a000014 0200000001 00 | 0000",
    "0207 0402aabbcc0001 | 0407 0302aabbcc0001 | 0602 0000 | 0000",
    "0208 0770726573732d32 | 0409 07706f72742d303031 | 0602 0014 | fe0a 000ecf 05 02aabbcc0009 | fe0b 0012bb "
    "08 "
    "534e2d30303031 | 0000",
};

TEST(Lldp, EveryTruncationIsSurvivedAndReported) {
    for (const auto text : units) {
        const auto whole = hex(text);
        for (std::size_t length = 0; length < whole.size(); ++length) {
            observe::Lines seen{name_of};
            Exchange exchange{lldp(), seen};
            exchange.message(Speaker::client, Bytes{whole}.first(length));
            ASSERT_FALSE(seen.all.empty());
            EXPECT_TRUE(seen.all.back().starts_with("lldp anomaly")) << length << ": " << seen.all.back();
            if (length) {
                EXPECT_NE(seen.all.front().find("code=0"), std::string::npos);
            }
        }
    }
}

TEST(Lldp, ThePortsMacAndTheChassisMacAreTwo) {
    struct Told final : observe::Listener {
        using Listener::on;
        void on(const observe::Origin&, const observe::Identity& id) override {
            if (id.attribute == observe::Attribute::mac) mac = std::get<std::string_view>(id.value);
            if (id.attribute == observe::Attribute::ip) managed = id.third;
        }
        std::string mac;
        observe::Station managed{};
    } told;
    const observe::Mac port{2, 0, 0, 0, 0, 0x66};
    const observe::Parties parties{.client = {.mac = port}, .server = {}, .lane = {}};
    Exchange exchange{lldp(), told, parties};
    exchange.feed(Speaker::client, hex(units[0]));
    EXPECT_EQ(told.mac, "02:aa:bb:cc:00:01");
    EXPECT_EQ(told.managed.mac, port);
}

TEST(Lldp, NoHeapOnThePacketPath) {
    observe::Listener quiet;
    Exchange exchange{lldp(), quiet};
    const auto unit = hex(units[0]);
    const auto before = test::allocations();
    for (int i = 0; i < 1000; ++i) exchange.feed(Speaker::client, unit);
    EXPECT_EQ(test::allocations(), before);
}

} // namespace
