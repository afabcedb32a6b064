// What .cases cannot show of FINS: messages that a capture cut.
#include <gtest/gtest.h>

#include "tests/support/cut.h"

using namespace yagura;

namespace {

TEST(Fins, OneOperationForEveryCommandThatIsReadableHoweverTheRestIsCut) {
    test::expect_one_operation_for_every_cut(YAGURA_SOURCE, "fins", [](Bytes whole) -> std::size_t {
        Reader in{whole};
        in.take(8);
        return in.u32() == 2 ? 28 : 16; // The head of FINS/TCP, and FINS's with its command.
    });
}

} // namespace
