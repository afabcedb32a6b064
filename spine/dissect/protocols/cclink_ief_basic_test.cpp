// What .cases cannot show of CC-Link IE Field Basic: messages that a capture cut.
#include <gtest/gtest.h>

#include "spine/dissect/protocols/slmp/head.h"
#include "tests/support/cut.h"

using namespace yagura;

namespace {

TEST(CclinkIefBasic, OneOperationForEveryMessageThatIsReadableHoweverTheRestIsCut) {
    // A request's command and subcommand; a cyclic answer's end code stands behind its version.
    const auto readable = [](Bytes whole) -> std::size_t {
        const auto head = dissect::slmp::read_head(whole);
        if (!head) return 0;
        return head->size + (head->answer && head->numbered ? 2u : 6u);
    };
    test::expect_one_operation_for_every_cut(YAGURA_SOURCE, "cclink_ief_basic", readable,
                                             {"bytes behind the message"});
}

} // namespace
