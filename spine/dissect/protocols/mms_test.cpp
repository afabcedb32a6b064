// What .cases cannot show of MMS: on top of ISO transport, in pieces; and messages that a capture cut.
#include <gtest/gtest.h>

#include "tests/support/cut.h"
#include "tests/support/hex.h"

using namespace yagura;

namespace {

TEST(Mms, IsCarriedByIsoTransportInAsManyPiecesAsThatMakes) {
    test::Counted told;
    dissect::Exchange exchange{*dissect::find("cotp"), told};
    exchange.feed(observe::Speaker::client, test::hex("03000009 02 f0 00 0100"));
    exchange.feed(observe::Speaker::client, test::hex("03000014 02 f0 80 0100 610b3009020103a004a0020201"));
    EXPECT_EQ(exchange.counters().unclaimed, 1u); // Ends before its service: nobody's.
    exchange.feed(observe::Speaker::client, test::hex("03000009 02 f0 00 0100"));
    exchange.feed(observe::Speaker::client,
                  test::hex("0300001a 02 f0 80 0100 6111300f020103a00aa008020101a6038001"
                            "41"));
    EXPECT_EQ(exchange.counters().unclaimed, 1u);
    EXPECT_EQ(told.operations, 5u); // Four of transport, one of MMS.
}

TEST(Mms, SaysNoMoreThanOneOperationHoweverAMessageIsCut) {
    const auto messages = test::case_messages(YAGURA_SOURCE, "mms");
    for (const auto& message : messages)
        for (std::size_t length = 0; length < message.bytes.size(); ++length) {
            test::Counted told;
            dissect::Exchange exchange{*dissect::find("mms"), told};
            const std::vector<std::byte> cut{message.bytes.begin(),
                                             message.bytes.begin() + static_cast<std::ptrdiff_t>(length)};
            exchange.message(message.from_client ? observe::Speaker::client : observe::Speaker::server, cut);
            EXPECT_LE(told.operations, 1u) << message.in << " cut to " << length;
            EXPECT_LE(told.anomalies, 1u) << message.in << " cut to " << length;
            if (length > 4)
                EXPECT_GE(told.operations + told.anomalies, 1u) << message.in << " cut to " << length;
        }
}

} // namespace
