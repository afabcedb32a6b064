// What .cases cannot show of IEC 104: messages that a capture cut.
#include <gtest/gtest.h>

#include "tests/support/cut.h"

using namespace yagura;

namespace {

TEST(Iec104, OneOperationForEveryMessageThatIsReadableHoweverTheRestIsCut) {
    test::expect_one_operation_for_every_cut(YAGURA_SOURCE, "iec104", [](Bytes whole) -> std::size_t {
        const auto control = std::to_integer<unsigned>(whole[2]);
        if ((control & 1) == 0) return 12; // The heads of APCI and ASDU.
        return (control & 3) == 3 ? 6u : 0u;
    });
}

} // namespace
