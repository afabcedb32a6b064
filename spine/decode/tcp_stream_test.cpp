#include "spine/decode/tcp_stream.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <random>
#include <string>

#include "tests/support/no_allocation.h"

namespace yagura::decode {
namespace {

using observe::Speaker;
using namespace std::chrono_literals;

struct Sent {
    std::uint32_t sequence = 0;
    std::string text{};
    std::uint8_t flags = Tcp::ack | Tcp::psh;
    std::uint32_t acknowledged = 0;
    std::uint32_t cut = 0; ///< bytes at the end that the capture did not keep
};

struct Stream : testing::Test {
    TcpStore store;
    TcpStream stream;
    std::uint64_t frame = 0;
    observe::Time at{1000s};
    std::array<std::string, 2> heard;
    std::vector<std::uint64_t> frames;

    static Packet packet(const Sent& sent) {
        Packet made;
        made.form = Form::tcp;
        made.tcp = {sent.sequence + ((sent.flags & Tcp::syn) != 0), sent.acknowledged, 1000, sent.flags};
        made.payload = Bytes{reinterpret_cast<const std::byte*>(sent.text.data()),
                             sent.text.size() - sent.cut};
        made.wire_payload = static_cast<std::uint32_t>(sent.text.size());
        made.payload_offset = 54;
        return made;
    }

    auto hear() {
        return [this](const Piece& piece) {
            auto& text = heard[static_cast<std::size_t>(piece.speaker)];
            if (piece.lost != 0) text += '<' + std::to_string(piece.lost) + '>';
            text += as_text(piece.bytes);
            frames.push_back(piece.frame);
        };
    }

    Segment say(Speaker speaker, const Sent& sent) {
        auto one = packet(sent);
        one.frame = ++frame;
        one.at = at;
        return stream.segment(one, speaker, store, hear());
    }
    Segment client(const Sent& sent) { return say(Speaker::client, sent); }
    Segment server(const Sent& sent) { return say(Speaker::server, sent); }

    void open(std::uint32_t first = 100, std::uint32_t second = 500) {
        client({first - 1, "", Tcp::syn});
        server({second - 1, "", Tcp::syn | Tcp::ack, first});
        client({first, "", Tcp::ack, second});
    }
    const std::string& asked() const { return heard[0]; }
    const std::string& answered() const { return heard[1]; }
};

TEST_F(Stream, InOrderBothWays) {
    open();
    EXPECT_EQ(client({100, "hello "}), Segment::none);
    EXPECT_EQ(server({500, "yes", Tcp::ack | Tcp::psh, 106}), Segment::none);
    EXPECT_EQ(client({106, "world"}), Segment::none);
    EXPECT_EQ(asked(), "hello world");
    EXPECT_EQ(answered(), "yes");
    EXPECT_TRUE(stream.opened());
    EXPECT_EQ(store.counters().kept, 0);
}

TEST_F(Stream, BytesInOrderAreThePacketsOwn) {
    const std::string text = "abc";
    auto one = packet({100, text});
    one.payload = Bytes{reinterpret_cast<const std::byte*>(text.data()), text.size()};
    const std::byte* seen = nullptr;
    stream.segment(one, Speaker::client, store, [&](const Piece& piece) { seen = piece.bytes.data(); });
    EXPECT_EQ(seen, one.payload.data());
}

TEST_F(Stream, EarlySegmentsWaitAndKeepTheirFrames) {
    open();
    frames.clear();
    client({100, "a"});                                          // frame 4
    EXPECT_TRUE(has(client({103, "d"}), Segment::out_of_order)); // 5
    client({102, "c"});                                          // 6
    EXPECT_EQ(asked(), "a");
    client({101, "b"}); // 7
    EXPECT_EQ(asked(), "abcd");
    EXPECT_THAT(frames, testing::ElementsAre(4, 7, 6, 5));
    EXPECT_EQ(store.bytes_used(), 0);
}

TEST_F(Stream, RetransmissionsAreCountedAndNotHeard) {
    open();
    client({100, "abc"});
    EXPECT_EQ(client({100, "abc"}), Segment::retransmission);
    EXPECT_EQ(client({101, "X"}), Segment::retransmission);
    EXPECT_EQ(asked(), "abc");
    EXPECT_EQ(stream.retransmitted(Speaker::client), 2);
}

TEST_F(Stream, OfOverlappingBytesTheFirstStand) {
    open();
    client({100, "abc"});
    EXPECT_TRUE(has(client({101, "XYdef"}), Segment::overlap));
    EXPECT_EQ(asked(), "abcdef");
    client({110, "klm"});
    client({108, "ijKLMn"}); // "ij" is new; what is behind the waiting piece comes again or is lost
    client({106, "ghIJ"});
    EXPECT_EQ(asked(), "abcdefghijklm");
    client({111, "LMno"});
    EXPECT_EQ(asked(), "abcdefghijklmno");
}

TEST_F(Stream, AWaitingPieceThatWasOvertakenIsNotHeardAgain) {
    open();
    client({103, "def"});
    client({100, "abcDEFg"});
    EXPECT_EQ(asked(), "abcdefg") << "what waited came first";
    EXPECT_EQ(store.bytes_used(), 0);
}

TEST_F(Stream, TheOtherSidesAcknowledgementGivesAHoleUp) {
    open();
    client({100, "abc"});
    client({106, "ghi"});
    EXPECT_EQ(asked(), "abc");
    server({500, "", Tcp::ack, 103}); // a duplicate acknowledgement: the hole is real, and may be filled
    EXPECT_EQ(asked(), "abc");
    EXPECT_TRUE(has(server({500, "", Tcp::ack, 109}), Segment::lost));
    EXPECT_EQ(asked(), "abc<3>ghi");
    EXPECT_EQ(stream.lost(Speaker::client), 3);
}

TEST_F(Stream, ARequestThatTheCaptureMissedDelaysNobody) {
    open();
    client({100, "one"});
    server({500, "eins", Tcp::ack | Tcp::psh, 103});
    server({504, "zwei", Tcp::ack | Tcp::psh, 106}); // its request is missing
    client({106, "three", Tcp::ack | Tcp::psh, 508});
    EXPECT_EQ(asked(), "one<3>three");
    EXPECT_EQ(answered(), "einszwei");
}

TEST_F(Stream, OneSidedStreamsGiveUpWhenTooMuchWaits) {
    client({100, "a"});
    for (std::uint32_t i = 0; i < TcpStore::segments_most; ++i) client({105 + i, "x"});
    EXPECT_EQ(asked(), "a<4>" + std::string(TcpStore::segments_most, 'x'));
}

TEST_F(Stream, OneSidedStreamsGiveUpAfterAWhile) {
    client({100, "a"});
    client({105, "f"});
    at += 4s;
    client({106, "g"});
    EXPECT_EQ(asked(), "a<4>fg");
}

TEST_F(Stream, TheEndHandsOnWhatWaits) {
    client({100, "a"});
    client({105, "f"});
    stream.finish(store, hear());
    EXPECT_EQ(asked(), "a<4>f");
    EXPECT_EQ(store.bytes_used(), 0);
}

TEST_F(Stream, PickedUpInTheMiddle) {
    EXPECT_EQ(server({9000, "tail"}), Segment::mid_stream);
    client({100, "", Tcp::ack, 9004});
    client({100, "next"});
    EXPECT_EQ(answered(), "tail");
    EXPECT_EQ(asked(), "next");
    EXPECT_FALSE(stream.opened());
}

TEST_F(Stream, KeepAlivesAreNotData) {
    open();
    client({100, "abc"});
    EXPECT_EQ(client({102, "\0", Tcp::ack}), Segment::keep_alive);
    EXPECT_EQ(client({102, "", Tcp::ack}), Segment::keep_alive);
    EXPECT_EQ(stream.retransmitted(Speaker::client), 0);
    client({103, "d"});
    EXPECT_EQ(asked(), "abcd");
}

TEST_F(Stream, AKeepAliveIsNotTheFirstByteOfAPickedUpStream) {
    client({99, std::string(1, '\0'), Tcp::ack});
    client({100, "abc"});
    EXPECT_EQ(asked(), "abc");
}

TEST_F(Stream, AZeroWindowProbeIsHeardOnce) {
    open();
    client({100, "abc"});
    client({103, "d", Tcp::ack}); // one byte into a closed window
    client({103, "d", Tcp::ack});
    client({103, "def"});
    EXPECT_EQ(asked(), "abcdef");
}

TEST_F(Stream, SequenceNumbersWrap) {
    open(0xfffffffe, 0xffffffff);
    client({0xfffffffe, "ab"});
    client({4, "gh"});
    client({0, "cdef"});
    EXPECT_EQ(asked(), "abcdefgh");
}

TEST_F(Stream, DataInASyn) {
    client({99, "fast", Tcp::syn});
    client({104, "er"});
    EXPECT_EQ(asked(), "faster");
}

TEST_F(Stream, FinFromBothCloses) {
    open();
    client({100, "bye", Tcp::ack | Tcp::fin});
    EXPECT_FALSE(stream.closed());
    server({500, "", Tcp::ack | Tcp::fin, 104});
    EXPECT_TRUE(stream.closed());
    EXPECT_FALSE(stream.refused());
    EXPECT_EQ(asked(), "bye");
}

TEST_F(Stream, AResetOfASynIsARefusal) {
    client({99, "", Tcp::syn});
    server({0, "", Tcp::rst | Tcp::ack, 100});
    EXPECT_TRUE(stream.closed());
    EXPECT_TRUE(stream.refused());
}

TEST_F(Stream, WhatAResetCarriesIsNotData) {
    open();
    client({100, "no such process", Tcp::rst | Tcp::ack});
    EXPECT_EQ(asked(), "");
}

TEST_F(Stream, ASegmentFromFarAwayIsNotBelieved) {
    open();
    client({100, "abc"});
    EXPECT_EQ(client({100 + (1u << 28), "evil"}), Segment::out_of_window);
    client({103, "def"});
    EXPECT_EQ(asked(), "abcdef");
    EXPECT_EQ(stream.lost(Speaker::client), 0);
}

TEST_F(Stream, TwoThatFollowEachOtherAre) {
    open();
    client({100, "abc"});
    const auto far = 103 + (1u << 28);
    client({far, "x"}); // lost with the rest: nobody could tell
    client({far + 1, "y"});
    client({far + 2, "z"});
    EXPECT_EQ(asked(), "abc<" + std::to_string((1u << 28) + 1) + ">yz");
}

TEST_F(Stream, WhatTheCaptureCutOffIsLost) {
    open();
    client({100, "abcdef", Tcp::ack | Tcp::psh, 0, 4});
    client({106, "gh"});
    EXPECT_EQ(asked(), "ab<4>gh");
    EXPECT_EQ(stream.lost(Speaker::client), 4);
}

TEST_F(Stream, ReopenedOnlyByAnotherSyn) {
    open();
    EXPECT_FALSE(stream.reopened_by(packet({99, "", Tcp::syn}), Speaker::client));
    EXPECT_TRUE(stream.reopened_by(packet({77, "", Tcp::syn}), Speaker::client));
    EXPECT_TRUE(stream.reopened_by(packet({77, "", Tcp::syn}), Speaker::server));
    EXPECT_FALSE(stream.reopened_by(packet({77, "", Tcp::syn | Tcp::ack}), Speaker::server));
}

TEST_F(Stream, ASynThatComesAfterItsAnswerOpensNothing) {
    server({499, "", Tcp::syn | Tcp::ack, 100});
    EXPECT_FALSE(stream.reopened_by(packet({99, "", Tcp::syn}), Speaker::client));
    EXPECT_TRUE(stream.reopened_by(packet({12, "", Tcp::syn}), Speaker::client));
}

TEST_F(Stream, TimeThatRunsBackwardsHarmsNothing) {
    client({100, "a"});
    client({105, "f"});
    at -= 500s;
    client({101, "bcde"});
    EXPECT_EQ(asked(), "abcdef");
}

// Any cutting, order, repetition and overlap of a stream gives the same bytes, as long as the holes are
// no larger than the store.
TEST(TcpStream, AnyOrderGivesTheSameBytes) {
    std::mt19937 random{7}; // NOLINT: the same numbers each time
    const auto below = [&](std::size_t n) {
        return std::uniform_int_distribution<std::size_t>{0, n - 1}(random);
    };
    for (int round = 0; round < 3000; ++round) {
        std::string whole(1 + below(400), ' ');
        for (auto& letter : whole) letter = static_cast<char>('a' + below(26));
        const auto start = static_cast<std::uint32_t>(random());
        struct Cut {
            std::size_t at, size;
            double order;
        };
        std::vector<Cut> cuts;
        for (std::size_t at = 0; at < whole.size();) {
            const auto size = std::min<std::size_t>(1 + below(40), whole.size() - at);
            const auto order = static_cast<double>(cuts.size()) + static_cast<double>(below(80)) / 10;
            cuts.push_back({at, size, order});
            if (below(4) == 0) { // again, perhaps with more
                const auto back = std::min(at, below(20));
                cuts.push_back(
                    {at - back, std::min(size + back + below(10), whole.size() - at + back), order + 1});
            }
            at += size;
        }
        std::ranges::stable_sort(cuts, {}, &Cut::order);
        TcpStore store;
        TcpStream stream;
        std::string heard;
        std::uint32_t lost = 0;
        const auto hear = [&](const Piece& piece) {
            lost += piece.lost;
            heard += as_text(piece.bytes);
        };
        Packet syn;
        syn.tcp = {start, 0, 0, Tcp::syn};
        stream.segment(syn, Speaker::client, store, hear);
        for (const auto& cut : cuts) {
            Packet one;
            one.tcp = {start + static_cast<std::uint32_t>(cut.at), 1, 0, Tcp::ack};
            one.payload = Bytes{reinterpret_cast<const std::byte*>(whole.data()) + cut.at, cut.size};
            one.wire_payload = static_cast<std::uint32_t>(cut.size);
            stream.segment(one, Speaker::client, store, hear);
        }
        stream.finish(store, hear);
        ASSERT_EQ(heard, whole) << "round " << round;
        ASSERT_EQ(lost, 0);
        ASSERT_EQ(store.bytes_used(), 0);
    }
}

TEST(TcpStore, OneFloodCannotTakeMoreThanTheBound) {
    TcpStore store{1u << 20};
    const std::vector<std::byte> payload(1000);
    std::vector<TcpStream> streams(5000);
    std::uint64_t heard = 0;
    for (std::uint32_t round = 0; round < 3; ++round)
        for (auto& stream : streams) {
            Packet one;
            one.tcp = {round * 2000, 0, 0, Tcp::ack};
            one.payload = payload;
            one.wire_payload = 1000;
            stream.segment(one, Speaker::client, store,
                           [&](const Piece& piece) { heard += piece.bytes.size(); });
        }
    EXPECT_LE(store.bytes_taken(), 1u << 20);
    EXPECT_GT(store.counters().evicted, 0);
    for (auto& stream : streams) stream.finish(store, [](const Piece&) {});
    EXPECT_EQ(store.bytes_used(), 0);
    EXPECT_EQ(heard, 5'000'000);
}

TEST(TcpStore, InSteadyStateNothingIsAllocated) {
    TcpStore store;
    TcpStream stream;
    const std::vector<std::byte> payload(1400);
    std::uint32_t next = 0;
    const auto send = [&](std::uint32_t sequence) {
        Packet one;
        one.tcp = {sequence, 0, 0, Tcp::ack};
        one.payload = payload;
        one.wire_payload = 1400;
        stream.segment(one, Speaker::client, store, [](const Piece&) {});
    };
    const auto round = [&] {
        for (std::uint32_t i = 8; i-- > 0;) send(next + i * 1400);
        next += 8 * 1400;
    };
    send(next), next += 1400;
    round();
    const auto before = test::allocations();
    for (int i = 0; i < 1000; ++i) round();
    EXPECT_EQ(test::allocations(), before);
}

} // namespace
} // namespace yagura::decode
