// What .cases cannot show of HSMS: messages that a capture cut.
#include <gtest/gtest.h>

#include "tests/support/cut.h"

using namespace yagura;

namespace {

TEST(Hsms, OneOperationForEveryMessageThatIsReadableHoweverTheRestIsCut) {
    test::expect_one_operation_for_every_cut(
        YAGURA_SOURCE, "hsms", [](Bytes whole) -> std::size_t { return whole.size() < 14 ? 0 : 14; });
}

} // namespace
