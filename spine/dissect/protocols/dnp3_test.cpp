// What .cases cannot show of DNP3: messages that a capture cut.
#include <gtest/gtest.h>

#include "tests/support/cut.h"

using namespace yagura;

namespace {

TEST(Dnp3, ACutFrameIsComplainedAboutOnceAndTellsNothing) {
    test::expect_one_operation_for_every_cut(YAGURA_SOURCE, "dnp3", [](Bytes whole) -> std::size_t {
        (void)whole; // Nothing is told of a frame before its last checksum has been compared.
        return 0;
    });
}

} // namespace
