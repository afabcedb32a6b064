// What .cases cannot show of KEYENCE's host link: messages that a capture cut.
#include <gtest/gtest.h>

#include "tests/support/cut.h"

using namespace yagura;

namespace {

TEST(KeyenceKv, OneOperationForEveryMessageThatIsReadableHoweverTheRestIsCut) {
    // A command that is cut before the space behind it could be another one; an answer that is cut, another
    // number.
    const auto readable = [](Bytes whole) -> std::size_t {
        const auto text = as_text(whole);
        const bool line_feed = text.ends_with('\n');
        const bool letters = text[0] >= 'A' && text[0] <= 'Z';
        if (const auto space = text.find(' '); letters && space != text.npos) return space + 1;
        return line_feed ? text.size() - 1 : 0; // A CR ends it already.
    };
    test::expect_one_operation_for_every_cut(YAGURA_SOURCE, "keyence_kv", readable,
                                             {"a controller that ends its lines with CR and LF"});
}

} // namespace
