// What .cases cannot show of ADS: messages that a capture cut, and long ones.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/cut.h"
#include "tests/support/hex.h"

using namespace yagura;

namespace {

TEST(Ads, OneOperationForEveryMessageThatIsReadableHoweverTheRestIsCut) {
    test::expect_one_operation_for_every_cut(YAGURA_SOURCE, "ads", [](Bytes whole) -> std::size_t {
        if (whole[0] == std::byte{3}) return 24; // The search's head.
        return whole.size() < 38 ? 0u : 38u;     // The heads of AMS/TCP and AMS.
    });
}

TEST(Ads, OfALongMessageTheBeginningIsReadAndTheNextOneFollows) {
    auto write = test::hex(
        "0000 94420000 050d75600101 5303 c0a801c70101 0f80 03000400 74420000 00000000 01000000"
        "20400000 00000000 68420000");
    write.resize(write.size() + 17'000);
    const auto next = test::hex(
        "0000 20000000 050d75600101 5303 c0a801c70101 0f80 04000400 00000000 00000000 02000000");
    write.insert(write.end(), next.begin(), next.end());
    for (const std::size_t piece : {std::size_t{1460}, write.size()}) {
        test::Counted told;
        dissect::Exchange exchange{*dissect::find("ads"), told};
        for (std::size_t at = 0; at < write.size(); at += piece)
            exchange.feed(observe::Speaker::client,
                          Bytes{write}.subspan(at, std::min(piece, write.size() - at)));
        EXPECT_EQ(told.operations, 2u);
        EXPECT_EQ(told.anomalies, 0u);
    }
}

} // namespace
