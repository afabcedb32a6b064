// What needs code; everything that is bytes in and lines out stands in cotp.cases.
#include <gtest/gtest.h>

#include "spine/observe/lines.h"
#include "tests/support/cut.h"

using namespace yagura;
using namespace yagura::dissect;
using observe::Speaker;
using test::hex;

namespace {

const Dissector& cotp() { return *find("cotp"); }

TEST(Cotp, OneOperationForEveryCodeThatIsReadableHoweverTheRestIsCut) {
    observe::Lines seen{name_of};
    for (const auto* bytes :
         {"0300 0016 | 11 e0 0000 0001 00 | c0 01 0a | c1 02 0100 | c2 02 0102",
          "0300 000b | 06 80 0005 0000 03", "0300 000a | 05 c0 0100 4400", "0300 000a | 02 f0 80 | 99 99 99",
          "0300 0009 | 04 70 0001 02", "0300 000b | 04 10 0001 80 | 99 99"}) {
        const auto whole = hex(bytes);
        for (std::size_t length = 0; length < whole.size(); ++length) {
            test::Counted told;
            Exchange exchange{cotp(), told};
            const std::vector<std::byte> cut{whole.begin(),
                                             whole.begin() + static_cast<std::ptrdiff_t>(length)};
            exchange.message(Speaker::client, cut);
            EXPECT_EQ(told.operations, length >= 6 ? 1u : 0u) << bytes << " cut to " << length;
            EXPECT_EQ(told.anomalies, 1u) << bytes << " cut to " << length;
        }
    }
}

TEST(Cotp, RecognisesEachTpduAndNotWhatElseUsesTpkt) {
    const auto look = [](std::string_view bytes) {
        const auto head = hex(bytes);
        return cotp().looks_like({.client = head, .server = {}, .latest = Speaker::client});
    };
    EXPECT_EQ(look("0300 0016 | 11 e0 0000 0001 00").likeness, Likeness::yes);
    EXPECT_EQ(look("0300 0016 | 11 d0 0001 0044 00").speaker, Speaker::server);
    EXPECT_EQ(look("0300 0007 | 02 f0 80").likeness, Likeness::yes);
    EXPECT_EQ(look("03").likeness, Likeness::more);
    EXPECT_EQ(look("0300 0016 | 11 e1").likeness, Likeness::yes);     // Credit in the low half.
    EXPECT_EQ(look("0300 0040 | 08 02 0001").likeness, Likeness::no); // H.225: Q.931 behind TPKT.
    EXPECT_EQ(look("0300 0007 | 06 e0 00").likeness, Likeness::no);   // A header longer than its TPKT.
    EXPECT_EQ(look("1603 0100 0001 02").likeness, Likeness::no);
}

TEST(Cotp, BothSidesSendInPiecesAtOnce) {
    observe::Lines seen{name_of};
    Exchange exchange{cotp(), seen};
    exchange.feed(Speaker::client, hex("0300 000d | 02 f0 00 | 32 01 0000 0007"));
    exchange.feed(Speaker::server, hex("0300 000d | 02 f0 00 | 32 03 0000 0006"));
    exchange.feed(Speaker::client, hex("0300 0013 | 02 f0 80 | 0008 0000 f0 00 0001 0001 01e0"));
    ASSERT_FALSE(seen.all.empty());
    EXPECT_TRUE(seen.all.back().starts_with("s7comm connect request")) << seen.all.back();
    exchange.feed(Speaker::server, hex("0300 0015 | 02 f0 80 | 0008 0000 0000 f0 00 0001 0001 00f0"));
    EXPECT_TRUE(seen.all.back().starts_with("s7comm connect response")) << seen.all.back();
}

} // namespace
