// What .cases cannot show of GOOSE and sampled values: messages that a capture cut.
#include <gtest/gtest.h>

#include "tests/support/cut.h"

using namespace yagura;

namespace {

/// The heads, and the tag and length of what follows them.
std::size_t readable(Bytes whole) {
    const bool routed = whole[0] == std::byte{1} && whole[1] == std::byte{0x40};
    const std::size_t heads = routed ? 37 : 8;
    if (whole.size() < heads + 2) return 0;
    const auto tag = std::to_integer<unsigned>(whole[heads]),
               length = std::to_integer<unsigned>(whole[heads + 1]);
    if (tag != 0x60 && tag != 0x61) return 0;
    return heads + 2 + (length > 0x80 ? length & 0x7f : 0);
}

TEST(Goose, OneOperationForEveryMessageThatIsReadableHoweverTheRestIsCut) {
    // Padding may be cut unseen, and where the next state is compared with a cut one nothing is said twice.
    test::expect_one_operation_for_every_cut(YAGURA_SOURCE, "goose", readable, {"padding of a short frame"});
}

TEST(SampledValues, OneOperationForEveryMessageThatIsReadableHoweverTheRestIsCut) {
    test::expect_one_operation_for_every_cut(YAGURA_SOURCE, "iec61850_sv", [](Bytes whole) -> std::size_t {
        return whole[8] == std::byte{0x61} ? 0u : readable(whole);
    });
}

} // namespace
