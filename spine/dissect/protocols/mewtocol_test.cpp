// What .cases cannot show of MEWTOCOL: messages that a capture cut.
#include <gtest/gtest.h>

#include "tests/support/cut.h"

using namespace yagura;

namespace {

TEST(Mewtocol, OneOperationForEveryMessageThatIsReadableHoweverTheRestIsCut) {
    // RC could become RCS; an answer has two letters, or the number of an error.
    const auto readable = [](Bytes whole) -> std::size_t {
        const auto text = as_text(whole);
        if (text[0] != '%' && text[0] != '<') return 0;
        return text[3] == '#' ? 7 : text[3] == '*' ? 0 : 6;
    };
    test::expect_one_operation_for_every_cut(YAGURA_SOURCE, "mewtocol", readable);
}

} // namespace
