// What .cases cannot show of CoAP: messages that a capture cut.
#include <gtest/gtest.h>

#include "tests/support/cut.h"

using namespace yagura;

namespace {

TEST(Coap, OneOperationForEveryMessageThatIsReadableHoweverTheRestIsCut) {
    // Options and payload reach to the datagram's end: what ends behind one of them is a message, too.
    test::expect_one_operation_for_every_cut(
        YAGURA_SOURCE, "coap",
        [](Bytes whole) -> std::size_t {
            return whole.size() < 4 || (whole[0] & std::byte{0xc0}) != std::byte{0x40} ? 0 : 4;
        },
        {"a value is read, its answer in the acknowledgement",
         "an answer that comes apart, with an empty acknowledgement; one to nothing",
         "written, called, deleted, refused", "what there is, and what changes",
         "a device registers with LwM2M", "options that do not fit"});
}

} // namespace
