// What .cases cannot show of frame 1E: messages that a capture cut, and who is taken for one.
#include <gtest/gtest.h>

#include "tests/support/cut.h"
#include "tests/support/hex.h"

using namespace yagura;
using namespace yagura::dissect;
using observe::Speaker;
using test::hex;

namespace {

TEST(Mc1e, OneOperationForEveryCommandThatIsReadableHoweverTheRestIsCut) {
    // The head tells the command: four bytes of a request, two of an answer, twice as many in ascii code.
    test::expect_one_operation_for_every_cut(
        YAGURA_SOURCE, "mc_1e",
        [](Bytes whole) -> std::size_t {
            const auto first = std::to_integer<unsigned>(whole[0]);
            const bool text = first >= '0' && first <= 'F' && first != ';' && first != '<';
            const bool answer = text ? first >= '8' : first >= 0x80;
            if (!text && (first & 0x7f) == 0x77) return 0;
            return (answer ? 2u : 4u) * (text ? 2u : 1u);
        },
        {"devices are registered, and monitored again and again", "an answer to a request that was not seen",
         "two requests that nobody answered leave the answer without a device",
         "where only one request fits the answer's length it is that one", "two requests in one segment"});
}

Likeness likeness(std::string_view client, std::string_view server, Speaker latest = Speaker::server) {
    const auto asked = hex(client), answered = hex(server);
    return find("mc_1e")->looks_like({.client = asked, .server = answered, .latest = latest}).likeness;
}

TEST(Mc1e, IsARequestAndTheAnswerToIt) {
    constexpr std::string_view read = "01ff0a00 64000000 2044 0200";
    EXPECT_EQ(likeness(read, "", Speaker::client), Likeness::maybe) << "a request alone proves nothing";
    EXPECT_EQ(likeness("", "8100 01000200"), Likeness::no) << "nor does an answer alone";
    EXPECT_EQ(likeness(read, "8100 01000200"), Likeness::yes);
    EXPECT_EQ(likeness(read, "8100 0100"), Likeness::more);
    EXPECT_EQ(likeness(read, "8100 0100020003"), Likeness::no) << "longer than was asked for";
    EXPECT_EQ(likeness(read, "8000 01000200"), Likeness::no) << "another command's";
    EXPECT_EQ(likeness(read, "815b 1000"), Likeness::yes);
    EXPECT_EQ(likeness(read, "8158"), Likeness::yes);
    EXPECT_EQ(likeness(read, "8170"), Likeness::no) << "no end code";
    EXPECT_EQ(likeness("01ff0a00 64000000 2044 0201", "8100 01000200"), Likeness::no)
        << "a byte that is always 0";
    EXPECT_EQ(likeness("01ff0a00 64000000 2051 0200", "8100 01000200"), Likeness::no) << "no device Q";
    EXPECT_EQ(likeness("01ff0aff 64000000 2044 0200", "8100 01000200"), Likeness::no) << "waits 4.5 hours";
    EXPECT_EQ(likeness("0141ff00 64000000 2044 0200", "8100 01000200"), Likeness::no) << "no such station";
    EXPECT_EQ(likeness("14ff0a00", "9400"), Likeness::yes);
    EXPECT_EQ(likeness("14000a00", "9400"), Likeness::no);
    EXPECT_EQ(likeness("16ff0a00 02 4142", "9600 02 4142"), Likeness::yes);
    EXPECT_EQ(likeness("16ff0a00 02 4142", "9600 03 4142"), Likeness::no);
}

TEST(Mc1e, TellsWhoAnswersEvenWhereTheCaptureTookItForTheClient) {
    const auto asked = hex("14ff0a00"), answered = hex("9400");
    const auto recognised = find("mc_1e")->looks_like(
        {.client = answered, .server = asked, .latest = Speaker::client});
    EXPECT_EQ(recognised.likeness, Likeness::yes);
    EXPECT_EQ(recognised.speaker, Speaker::server);
}

} // namespace
