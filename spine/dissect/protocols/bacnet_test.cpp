// What .cases cannot show of BACnet: messages that a capture cut.
#include <gtest/gtest.h>

#include "tests/support/cut.h"

using namespace yagura;

namespace {

TEST(Bacnet, OneOperationForEveryMessageThatIsReadableHoweverTheRestIsCut) {
    test::expect_one_operation_for_every_cut(YAGURA_SOURCE, "bacnet", [](Bytes whole) -> std::size_t {
        Reader in{whole};
        in.u8();
        const auto function = in.u8();
        in.u16();
        if (function < 9) return 4;
        in.u8();
        const auto control = in.u8();
        for (const auto bit : {0x20u, 0x08u})
            if (control & bit) in.u16(), in.take(in.u8());
        if (control & 0x20) in.u8();
        if (control & 0x80) return in.position() + 1;
        const auto first = in.u8();
        constexpr std::size_t heads[]{4, 2, 3, 3, 0, 3, 3, 3}; // Of the APDU's types: clause 20.1.
        const bool segmented = (first & 8) != 0 && (first >> 4 == 0 || first >> 4 == 3);
        if (segmented && (first & 4) != 0) return 0; // The last segment tells.
        return in.position() - 1 + heads[first >> 4 & 7] + (segmented ? 2u : 0u);
    });
}

} // namespace
