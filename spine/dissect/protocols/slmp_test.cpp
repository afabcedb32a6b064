// What .cases cannot show of SLMP: messages that a capture cut.
#include <gtest/gtest.h>

#include "spine/dissect/protocols/slmp/head.h"
#include "tests/support/cut.h"

using namespace yagura;

namespace {

TEST(Slmp, OneOperationForEveryMessageThatIsReadableHoweverTheRestIsCut) {
    test::expect_one_operation_for_every_cut(YAGURA_SOURCE, "slmp", [](Bytes whole) -> std::size_t {
        // Behind the head a request says for how long and what, an answer whether it was done.
        const auto head = dissect::slmp::read_head(whole);
        if (!head) return 0;
        return head->size + (head->answer ? 2u : 6u) * (head->text ? 2u : 1u);
    });
}

} // namespace
