// What .cases cannot show of POWERLINK: messages that a capture cut.
#include <gtest/gtest.h>

#include "tests/support/cut.h"

using namespace yagura;

namespace {

TEST(Powerlink, OneOperationForEveryMessageThatIsReadableHoweverTheRestIsCut) {
    // A short frame is padded, and nobody can tell where the message in it ends.
    test::expect_one_operation_for_every_cut(
        YAGURA_SOURCE, "powerlink",
        [](Bytes whole) -> std::size_t { return whole.size() < 3 || whole[0] == std::byte{9} ? 0 : 3; },
        {"a cycle: its start, a poll, its answer, the asynchronous part without anything",
         "a node is asked who it is, and answers",
         "a node of another maker without a number of its own, in operation", "how a node is",
         "nodes are stopped, reset, started; one asks for it", "the time of all is set",
         "objects: connected, read, written, refused, ended", "objects of several parts, and a file",
         "services of the manufacturer, and one that is none"});
}

} // namespace
