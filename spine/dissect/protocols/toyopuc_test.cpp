// What .cases cannot show of TOYOPUC's computer link: messages that a capture cut.
#include <gtest/gtest.h>

#include "tests/support/cut.h"

using namespace yagura;

namespace {

TEST(Toyopuc, OneOperationForEveryMessageThatIsReadableHoweverTheRestIsCut) {
    // Frame type, code, length, and the command.
    test::expect_one_operation_for_every_cut(YAGURA_SOURCE, "toyopuc",
                                             [](Bytes) -> std::size_t { return 5; });
}

} // namespace
