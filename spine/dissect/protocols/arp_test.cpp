// What needs code; everything that is bytes in and lines out stands in arp.cases.
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

const Dissector& arp() { return *find("arp"); }

TEST(Arp, EveryTruncationIsSurvivedAndReported) {
    for (const auto* kind : {"0001", "0002", "0003", "0004", "0008", "0009", "0063"}) {
        const auto whole = hex(cat("0001 0800 06 04 ", kind, "02aabbcc0001 0a000001 02aabbcc0002 0a000002"));
        for (std::size_t length = 0; length < whole.size(); ++length) {
            observe::Lines seen{name_of};
            Exchange exchange{arp(), seen};
            exchange.message(Speaker::client, Bytes{whole}.first(length));
            ASSERT_EQ(seen.all.size(), length < 8 ? 1u : 2u) << "cut to " << length << " bytes";
            EXPECT_TRUE(seen.all.back().starts_with("arp anomaly")) << seen.all.back();
        }
    }
}

TEST(Arp, AnotherStationsFrameIsToldOnceAndBelievedLess) {
    struct Told final : observe::Listener {
        using Listener::on;
        void on(const observe::Origin&, const observe::Identity& id) override { confidence = id.confidence; }
        void on(const observe::Origin&, const observe::Anomaly& anomaly) override {
            ++anomalies;
            what = anomaly.detail.what;
        }
        int anomalies = 0, confidence = 0;
        std::string_view what;
    } told;
    const observe::Parties parties{.client = {.mac = {2, 0, 0, 0, 0, 0x66}}, .server = {}, .lane = {}};
    Exchange exchange{arp(), told, parties};
    const auto lie = hex("0001 0800 06 04 0002 | 02aabbcc0001 0a000001 | 02aabbcc0007 0a000007");
    exchange.feed(Speaker::client, lie);
    exchange.feed(Speaker::client, lie);
    EXPECT_EQ(told.anomalies, 1);
    EXPECT_EQ(told.what, "sender is another station than the frame's source");
    EXPECT_LT(told.confidence, 50);
}

TEST(Arp, NoHeapOnThePacketPath) {
    observe::Listener quiet;
    Exchange exchange{arp(), quiet};
    const auto request = hex("0001 0800 06 04 0001 | 02aabbcc0001 0a000001 | 000000000000 0a000002");
    const auto before = test::allocations();
    for (int i = 0; i < 1000; ++i) exchange.feed(Speaker::client, request);
    EXPECT_EQ(test::allocations(), before);
}

} // namespace
