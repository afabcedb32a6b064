// What .cases cannot show of MELSOFT: messages that a capture cut.
#include <gtest/gtest.h>

#include "tests/support/cut.h"

using namespace yagura;

namespace {

TEST(Melsoft, OneOperationForEveryMessageThatIsReadableHoweverTheRestIsCut) {
    test::expect_one_operation_for_every_cut(YAGURA_SOURCE, "melsoft", [](Bytes whole) -> std::size_t {
        Reader in{whole};
        if (in.u8() == 0x5a || whole[0] == std::byte{0xda}) return 4;
        const bool answer = whole[0] == std::byte{0xd7};
        in.take(23);
        const std::size_t route = in.u8();
        return 25 + route + (answer ? 8u : 6u); // The way, the answer's status, then command and sequence.
    });
}

} // namespace
