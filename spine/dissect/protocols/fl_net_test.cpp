// What .cases cannot show of FL-net: messages that a capture cut.
#include <gtest/gtest.h>

#include "tests/support/cut.h"

using namespace yagura;

namespace {

TEST(FlNet, OneOperationForEveryMessageThatIsReadableHoweverTheRestIsCut) {
    // The head's last fields say how long its data are.
    test::expect_one_operation_for_every_cut(
        YAGURA_SOURCE, "fl_net", [](Bytes whole) -> std::size_t { return whole.size() < 64 ? 0 : 64; },
        {"bytes behind the message"});
}

} // namespace
