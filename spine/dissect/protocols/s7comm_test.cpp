// What needs code; everything that is bytes in and lines out stands in s7comm.cases.
#include <gtest/gtest.h>

#include "spine/observe/lines.h"
#include "tests/support/cut.h"
#include "tests/support/no_allocation.h"

using namespace yagura;
using namespace yagura::dissect;
using observe::Speaker;
using test::hex;

namespace {

const Dissector& s7comm() { return *find("s7comm"); }

TEST(S7comm, OneOperationForEveryFunctionThatIsReadableHoweverTheRestIsCut) {
    test::expect_one_operation_for_every_cut(YAGURA_SOURCE, "s7comm", [](Bytes whole) -> std::size_t {
        const auto kind = std::to_integer<unsigned>(whole[1]);
        const bool function = whole[6] != std::byte{0} || whole[7] != std::byte{0};
        switch (kind) {
        case 1:
            return function ? 11 : 0;
        case 2:
        case 3:
            return 12; // An answer that ends behind its header acknowledges.
        case 7:
            return 17;
        default:
            return 0;
        }
    });
}

TEST(S7comm, RecognisesItsKindsAndNothingElse) {
    const auto look = [](std::string_view bytes) {
        const auto head = hex(bytes);
        return s7comm().looks_like({.client = head, .server = {}, .latest = Speaker::client}).likeness;
    };
    EXPECT_EQ(look("32 01 0000 0001"), Likeness::yes);
    EXPECT_EQ(look("32 07"), Likeness::yes);
    EXPECT_EQ(look("32"), Likeness::more);
    EXPECT_EQ(look("32 04"), Likeness::no);
    EXPECT_EQ(look("72 01"), Likeness::no);
    EXPECT_EQ(look("0d 01"), Likeness::no); // The session layer below MMS.
}

/// The answer to a request that was kept in pieces must not be that of an older one.
TEST(S7comm, ManyRequestsAtOnceAreAnsweredInAnyOrderAndForgottenOnesSilently) {
    observe::Lines seen{name_of};
    Exchange exchange{s7comm(), seen};
    const auto request = [](unsigned reference) { // Two items: too long to be kept in the state.
        auto bytes = hex("32 01 0000 0000 001a 0000 | 04 02 | 12 0a 10 02 0001 0000 83 000000 | 12 0a 10 02 "
                         "0001 0000 83 000010");
        bytes[5] = static_cast<std::byte>(reference);
        bytes[22] = static_cast<std::byte>(reference * 8 >> 8); // Byte `reference` of the flags.
        bytes[23] = static_cast<std::byte>(reference * 8);
        return bytes;
    };
    const auto answer = [](unsigned reference) {
        auto bytes = hex("32 03 0000 0000 0002 000b 0000 | 04 02 | ff 04 0008 07 00 | ff 04 0008 08");
        bytes[5] = static_cast<std::byte>(reference);
        return bytes;
    };
    for (unsigned i = 1; i <= 10; ++i) exchange.message(Speaker::client, request(i));
    for (unsigned i = 10; i >= 1; --i) {
        (void)seen.take();
        exchange.message(Speaker::server, answer(i));
        ASSERT_FALSE(seen.all.empty());
        const auto place = cat("object=\"MB", i, "\"");
        EXPECT_EQ(seen.all.front().find(place) != std::string::npos, i > 4) << seen.all.front();
    }
}

TEST(S7comm, NoHeapOnThePacketPath) {
    observe::Listener quiet;
    Exchange exchange{s7comm(), quiet};
    const auto request = hex("32 01 0000 0002 000e 0000 | 04 01 | 12 0a 10 01 0001 000a 84 000022");
    const auto answer = hex("32 03 0000 0002 0002 0005 0000 | 04 01 | ff 03 0001 01");
    exchange.message(Speaker::client, request); // Where the connection leads to is looked up once.
    const auto before = test::allocations();
    for (int i = 0; i < 1000; ++i) {
        exchange.message(Speaker::client, request);
        exchange.message(Speaker::server, answer);
    }
    EXPECT_EQ(test::allocations(), before);
}

} // namespace
