// What needs code; everything that is bytes in and lines out stands in enip.cases, cip.cases and
// cip_io.cases.
#include <gtest/gtest.h>

#include "spine/observe/lines.h"
#include "tests/support/cut.h"
#include "tests/support/no_allocation.h"

using namespace yagura;
using namespace yagura::dissect;
using observe::Speaker;
using test::hex;

namespace {

const Dissector& enip() { return *find("enip"); }
const Dissector& cip() { return *find("cip"); }

constexpr auto tag_read =
    "6f00 1800 11000000 00000000 0000000000000001 00000000 | 00000000 0000 0200 00000000 b200 0800 | "
    "4c 02 91 02 4131 0100";
constexpr auto tag_answer =
    "6f00 1700 11000000 00000000 0000000000000001 00000000 | 00000000 0000 0200 00000000 b200 "
    "0700 | cc 00 00 00 c200 05";

struct Speech {
    const Dissector& row;
    test::Counted told{};
    Exchange exchange{row, told, nobody, {}}; // Nobody above, so that only its own operations are counted.
    void say(bool client, Bytes bytes) {
        exchange.message(client ? Speaker::client : Speaker::server, bytes);
    }
    static constexpr observe::Parties nobody{};
};

/// Every message of the cases, cut to every length, behind the messages before it.
template <class Check>
void cut_all(const Dissector& row, const std::string& name, Check&& check) {
    const auto messages = test::case_messages(YAGURA_SOURCE, name);
    std::size_t begin = 0;
    for (std::size_t at = 0; at < messages.size(); ++at) {
        if (messages[at].first) begin = at;
        const auto& whole = messages[at].bytes;
        for (std::size_t length = 0; length <= whole.size(); ++length) {
            Speech speech{row};
            for (auto before = begin; before < at; ++before)
                speech.say(messages[before].from_client, messages[before].bytes);
            speech.told = {};
            const std::vector<std::byte> cut{whole.begin(),
                                             whole.begin() + static_cast<std::ptrdiff_t>(length)};
            speech.say(messages[at].from_client, cut);
            check(Bytes{whole}, length, speech.told, at);
        }
    }
}

TEST(Enip, OneOperationForEveryCommandThatIsReadableHoweverTheRestIsCut) {
    for (const auto* bytes :
         {tag_read, tag_answer, "6500 0400 00000000 00000000 0102030405060708 00000000 | 0100 0000",
          "6300 2b00 00000000 00000000 0000000000000000 00000000 | 0100 0c00 2500 0100 "
          "0002af12c0a80a780000000000000000 2f00 0e00 6500 0209 6000 2a000000 03 4e5831 03"}) {
        const auto whole = hex(bytes);
        for (std::size_t length = 0; length < whole.size(); ++length) {
            Speech speech{enip()};
            const std::vector<std::byte> cut{whole.begin(),
                                             whole.begin() + static_cast<std::ptrdiff_t>(length)};
            speech.say(true, cut);
            EXPECT_EQ(speech.told.operations, length >= 2 ? 1u : 0u) << bytes << " cut to " << length;
            EXPECT_EQ(speech.told.anomalies, 1u) << bytes << " cut to " << length;
        }
    }
}

TEST(Cip, AServiceThatIsReadableIsToldHoweverTheRestIsCut) {
    cut_all(cip(), "cip", [](Bytes whole, std::size_t length, const test::Counted& told, std::size_t at) {
        const bool connected = whole[0] == std::byte{0x70};
        const std::size_t service = connected ? 46 : 40;
        EXPECT_EQ(told.operations > 0, length > service) << "message " << at << " cut to " << length;
        if (length <= service) {
            EXPECT_EQ(told.anomalies, 1u) << "message " << at << " cut to " << length;
        }
    });
}

TEST(CipIo, OneOperationForEveryAddressThatIsReadable) {
    test::expect_one_operation_for_every_cut(YAGURA_SOURCE, "cip_io", [](Bytes) -> std::size_t { return 6; });
}

TEST(Enip, WhereverTheStreamIsCutItSaysTheSame) {
    std::vector<std::byte> stream;
    for (int i = 0; i < 4; ++i) {
        const auto one = hex(tag_read);
        stream.insert(stream.end(), one.begin(), one.end());
    }
    observe::Lines whole{name_of};
    Exchange{enip(), whole}.feed(Speaker::client, stream);
    ASSERT_EQ(whole.all.size(), 8u);
    for (std::size_t size = 1; size < 60; ++size) {
        observe::Lines pieces{name_of};
        Exchange exchange{enip(), pieces};
        for (std::size_t at = 0; at < stream.size(); at += size)
            exchange.feed(Speaker::client, Bytes{stream}.subspan(at, std::min(size, stream.size() - at)));
        EXPECT_EQ(pieces.all, whole.all) << "in pieces of " << size;
    }
}

TEST(Enip, RecognitionSaysWhoSpokeAndTakesNoNumberForProof) {
    const auto look = [](const char* bytes) {
        const auto head = hex(bytes);
        return enip().looks_like({.client = head, .server = {}, .latest = Speaker::client});
    };
    EXPECT_EQ(look(tag_read).likeness, Likeness::yes);
    EXPECT_EQ(look(tag_read).speaker, Speaker::client);
    EXPECT_EQ(look(tag_answer).speaker, Speaker::server);
    EXPECT_EQ(look("6300 0000 00000000 00000000 0000000000000000 00000000").likeness, Likeness::yes);
    EXPECT_EQ(look("6300").likeness, Likeness::more);
    EXPECT_EQ(look("0000 0000 00000000 00000000 0000000000000000 00000000").likeness, Likeness::maybe);
    EXPECT_EQ(look("6f00 1800 11000000 00000000 0000000000000001 01000000").likeness, Likeness::no);
    EXPECT_EQ(look("4745 5420 2f20 4854 5450 2f31 2e31 0d0a 486f 7374 3a20 610d").likeness, Likeness::no);
}

TEST(Cip, NoHeapOnThePacketPath) {
    observe::Listener quiet;
    Exchange exchange{enip(), quiet};
    const auto request = hex(tag_read), answer = hex(tag_answer);
    exchange.message(Speaker::client, request); // The channel and what is gathered take memory once.
    exchange.message(Speaker::server, answer);
    const auto before = test::allocations();
    for (int i = 0; i < 1000; ++i) {
        exchange.message(Speaker::client, request);
        exchange.message(Speaker::server, answer);
    }
    EXPECT_EQ(test::allocations(), before);
}

} // namespace
