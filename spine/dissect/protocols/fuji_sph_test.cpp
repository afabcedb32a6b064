// What .cases cannot show of Fuji's loader commands: messages that a capture cut.
#include <gtest/gtest.h>

#include "tests/support/cut.h"

using namespace yagura;

namespace {

TEST(FujiSph, OneOperationForEveryMessageThatIsReadableHoweverTheRestIsCut) {
    test::expect_one_operation_for_every_cut(YAGURA_SOURCE, "fuji_sph", [](Bytes whole) -> std::size_t {
        return whole[5] == std::byte{0x7b} ? 20 : 0;
    });
}

} // namespace
