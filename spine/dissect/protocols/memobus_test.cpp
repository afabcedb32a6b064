// What .cases cannot show of MEMOBUS: messages that a capture cut.
#include <gtest/gtest.h>

#include "tests/support/cut.h"

using namespace yagura;

namespace {

TEST(Memobus, OneOperationForEveryMessageThatIsReadableHoweverTheRestIsCut) {
    // The head, the message's length, two numbers of a function and of the processors; a general-purpose
    // message says no more than that it is one.
    test::expect_one_operation_for_every_cut(YAGURA_SOURCE, "memobus", [](Bytes whole) -> std::size_t {
        if (whole[5] != std::byte{0}) return 0;
        return whole[0] == std::byte{0x12} ? 12 : 17;
    });
}

} // namespace
