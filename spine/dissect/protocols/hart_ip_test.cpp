// What .cases cannot show of HART-IP: messages that a capture cut.
#include <gtest/gtest.h>

#include "tests/support/cut.h"

using namespace yagura;

namespace {

TEST(HartIp, OneOperationForEveryMessageThatIsReadableHoweverTheRestIsCut) {
    test::expect_one_operation_for_every_cut(YAGURA_SOURCE, "hart_ip", [](Bytes whole) -> std::size_t {
        const auto length = std::to_integer<unsigned>(whole[7]);
        return whole[0] > std::byte{2} || length < 8 ? 0u : 8u; // The head.
    });
}

} // namespace
