#include "spine/decode/fragments.h"

#include <gmock/gmock.h>

#include <random>

#include "tests/support/frames.h"
#include "tests/support/no_allocation.h"

namespace yagura::decode {
namespace {

using namespace test::frames;
using namespace std::chrono_literals;

struct Reassembly : testing::Test {
    Decoder decoder{{.checksums = Checksums::all, .fragment_bytes = 256u << 10, .fragment_datagrams = 64}};
    Packet packet;
    observe::Time at{1000s};
    std::uint64_t number = 0;

    bool see(const Raw& frame) {
        Frame made;
        made.bytes = bytes(frame);
        made.wire_length = static_cast<std::uint32_t>(frame.size());
        made.number = ++number;
        made.at = at;
        return decoder.decode(made, packet);
    }
    static Raw piece(const Raw& whole, std::size_t offset, std::size_t size, std::uint16_t id = 7,
                     std::uint8_t ttl = 64) {
        const bool more = offset + size < whole.size();
        return ethernet(0x0800,
                        ipv4({.protocol = 17,
                              .id = id,
                              .fragment = static_cast<std::uint16_t>((more ? 0x2000 : 0) | offset / 8),
                              .ttl = ttl},
                             whole.substr(offset, size)));
    }
    std::string payload() const { return std::string{as_text(packet.payload)}; }
    const Counters& counters() const { return decoder.counters(); }
};

Raw letters(std::size_t count) {
    Raw made(count, ' ');
    for (std::size_t i = 0; i < count; ++i) made[i] = static_cast<char>('a' + i % 26);
    return made;
}

TEST_F(Reassembly, InAnyOrder) {
    const auto text = letters(100);
    const auto whole = udp(1000, 2000, text);
    std::array<std::size_t, 4> order{0, 1, 2, 3};
    std::uint16_t id = 0;
    do {
        ++id;
        for (std::size_t i = 0; i < order.size(); ++i) {
            const auto offset = order[i] * 32;
            EXPECT_EQ(see(piece(whole, offset, 32, id)), i == 3);
        }
        EXPECT_EQ(packet.form, Form::udp);
        EXPECT_EQ(packet.parties.client.port, 1000);
        EXPECT_EQ(payload(), text);
        EXPECT_EQ(packet.frames, 4);
        EXPECT_EQ(packet.frame, number);
        EXPECT_EQ(packet.wire_bytes, 4 * 34 + whole.size());
        EXPECT_TRUE(has(packet.oddities, Oddity::reassembled));
        EXPECT_FALSE(has(packet.oddities, Oddity::wrong_checksum));
    } while (std::ranges::next_permutation(order).found);
    EXPECT_EQ(counters().reassembled, 24);
    EXPECT_EQ(counters().fragments, 96);
}

TEST_F(Reassembly, TheFactsAreThoseOfTheBeginning) {
    const auto whole = udp(1, 2, letters(40));
    see(piece(whole, 24, 24, 7, 10));
    see(piece(whole, 0, 24, 7, 60));
    EXPECT_EQ(packet.ttl, 60);
    EXPECT_EQ(packet.frame, 2);
}

TEST_F(Reassembly, OfIpv6) {
    const auto whole = udp(1, 2, letters(100), ip6_one, ip6_two);
    const auto part = [&](std::size_t offset, std::size_t size, bool more) {
        return ethernet(0x86dd, ipv6(44, hex("1100") + be16(offset | more) + hex("00000009") +
                                             whole.substr(offset, size)));
    };
    EXPECT_FALSE(see(part(48, 60, false)));
    EXPECT_TRUE(see(part(0, 48, true)));
    EXPECT_EQ(payload(), letters(100));
    EXPECT_FALSE(has(packet.oddities, Oddity::wrong_checksum));
}

TEST_F(Reassembly, TheLargestDatagram) {
    const auto whole = udp(1, 2, letters(65'507));
    for (std::size_t offset = 0; offset < whole.size(); offset += 1480)
        EXPECT_EQ(see(piece(whole, offset, std::min<std::size_t>(1480, whole.size() - offset))),
                  offset + 1480 >= whole.size());
    EXPECT_EQ(payload(), letters(65'507));
}

TEST_F(Reassembly, AnythingThatGoesBeyondIsRefused) { // the "ping of death"
    see(ethernet(0x0800, ipv4({.protocol = 1, .fragment = 0x1fff}, letters(64))));
    EXPECT_TRUE(has(packet.oddities, Oddity::fragment_lost));
    EXPECT_EQ(counters().fragments_refused, 1);
}

TEST_F(Reassembly, OfOverlapsTheFirstStandsAndItIsTold) { // "teardrop" and its kin
    const auto whole = udp(1, 2, letters(56));
    see(piece(whole, 0, 32));
    auto evil = whole;
    for (std::size_t i = 24; i < evil.size(); ++i) evil[i] = 'X';
    see(piece(evil, 24, 16));
    EXPECT_TRUE(has(packet.oddities, Oddity::fragment_overlap));
    EXPECT_TRUE(see(piece(whole, 32, 32)));
    EXPECT_TRUE(has(packet.oddities, Oddity::fragment_overlap));
    EXPECT_EQ(payload(), letters(24) + "XXXXXXXX" + letters(56).substr(32));
    EXPECT_EQ(counters().fragments_overlapping, 2);
}

TEST_F(Reassembly, EqualOverlapsAreOnlyRepetitions) {
    const auto whole = udp(1, 2, letters(56));
    see(piece(whole, 0, 32));
    see(piece(whole, 0, 32));
    see(piece(whole, 24, 24));
    EXPECT_TRUE(see(piece(whole, 48, 16)));
    EXPECT_FALSE(has(packet.oddities, Oddity::fragment_overlap));
    EXPECT_EQ(counters().fragments_repeated, 1);
}

TEST_F(Reassembly, TwoEndsAreNotBelieved) {
    const auto whole = udp(1, 2, letters(56)), shorter = whole.substr(0, 48);
    see(piece(whole, 48, 16));
    see(piece(shorter, 40, 8));
    EXPECT_TRUE(has(packet.oddities, Oddity::fragment_overlap));
    EXPECT_TRUE(see(piece(whole, 0, 48)));
    EXPECT_EQ(payload(), letters(56));
}

TEST_F(Reassembly, CopiesOfAWholeDatagramBeginNoOther) {
    const auto whole = udp(1, 2, letters(56));
    see(piece(whole, 0, 32));
    see(piece(whole, 32, 32));
    at += 1ms;
    EXPECT_FALSE(see(piece(whole, 0, 32)));
    EXPECT_FALSE(see(piece(whole, 32, 32)));
    EXPECT_EQ(counters().reassembled, 1);
    EXPECT_EQ(counters().fragments_repeated, 2);
    at += 1s; // the same identification, used again
    see(piece(whole, 0, 32));
    EXPECT_TRUE(see(piece(whole, 32, 32)));
}

TEST_F(Reassembly, PatienceEndsInPacketTime) {
    const auto whole = udp(1, 2, letters(56));
    see(piece(whole, 0, 32));
    at += 31s;
    EXPECT_FALSE(see(piece(whole, 32, 32)));
    EXPECT_EQ(counters().datagrams_timed_out, 1);
}

TEST_F(Reassembly, AFloodStaysInsideTheBudget) {
    for (std::uint32_t i = 0; i < 20'000; ++i) {
        const Raw from = be32(0x0a000000 + i);
        see(ethernet(0x0800, ipv4({.protocol = 17, .fragment = 0x2000, .from = from}, "12345678")));
    }
    EXPECT_EQ(counters().datagrams_evicted, 20'000 - 64);
    const auto whole = udp(1, 2, letters(1400)); // and the next honest one still comes through
    Frame first, second;
    const auto one = piece(whole, 0, 800), two = piece(whole, 800, 608);
    first.bytes = bytes(one);
    second.bytes = bytes(two);
    first.at = second.at = at;
    const auto here = test::allocations();
    decoder.decode(first, packet);
    EXPECT_TRUE(decoder.decode(second, packet));
    EXPECT_EQ(test::allocations(), here);
}

TEST_F(Reassembly, LargeOnesAreLimitedByBytes) {
    const auto whole = udp(1, 2, letters(60'000));
    for (std::uint16_t id = 1; id < 60; ++id)
        for (std::size_t offset = 0; offset < 59'000; offset += 1480) see(piece(whole, offset, 1480, id));
    EXPECT_GT(counters().datagrams_evicted, 50);
    for (std::size_t offset = 59'200; offset < whole.size(); offset += 1480)
        see(piece(whole, offset, std::min<std::size_t>(1480, whole.size() - offset), 59));
    EXPECT_EQ(payload(), letters(60'000)) << "the newest survived";
}

TEST_F(Reassembly, TooManyGapsAreNoDatagram) {
    const auto whole = udp(1, 2, letters(1000));
    for (std::size_t offset = 0; offset < 960; offset += 16) see(piece(whole, offset, 8));
    EXPECT_GT(counters().datagrams_evicted, 0);
    EXPECT_GT(counters().fragments_refused, 0);
}

TEST_F(Reassembly, WhatTheCaptureCutIsNotPutTogether) {
    const auto whole = udp(1, 2, letters(100));
    auto frame = piece(whole, 0, 64);
    Frame made;
    made.bytes = bytes(frame).first(60);
    made.wire_length = static_cast<std::uint32_t>(frame.size());
    EXPECT_FALSE(decoder.decode(made, packet));
    EXPECT_TRUE(has(packet.oddities, Oddity::fragment_lost));
}

TEST_F(Reassembly, PayloadsStayForABatch) {
    std::vector<std::pair<Bytes, Raw>> kept;
    for (std::uint16_t id = 0; id < 200; ++id) {
        const auto text = std::to_string(id) + letters(65'000);
        const auto whole = udp(1, 2, text);
        for (std::size_t offset = 0; offset < whole.size(); offset += 16'000)
            see(piece(whole, offset, std::min<std::size_t>(16'000, whole.size() - offset), id));
        kept.emplace_back(packet.payload, text);
        if (kept.size() > Decoder::held) kept.erase(kept.begin());
        if (id % 20 != 0) continue;
        for (const auto& [there, expected] : kept) ASSERT_EQ(as_text(there), expected);
    }
}

// Any cutting and order, with repetitions, gives the datagram back; disagreeing overlaps never give more
// than one reading, whatever else is in flight.
TEST_F(Reassembly, AnyCuttingGivesTheSameBytes) {
    std::mt19937 random{3}; // NOLINT: the same numbers each time
    const auto below = [&](std::size_t n) {
        return std::uniform_int_distribution<std::size_t>{0, n - 1}(random);
    };
    std::uint64_t whole_ones = 0;
    for (std::uint16_t id = 1; id < 2000; ++id) {
        const auto whole = udp(1, 2, letters(1 + below(600)));
        std::vector<std::pair<std::size_t, std::size_t>> cuts;
        for (std::size_t offset = 0; offset < whole.size();) {
            const auto size = std::min<std::size_t>(8 * (1 + below(16)), whole.size() - offset);
            cuts.emplace_back(offset, size);
            if (below(5) == 0) cuts.emplace_back(offset, size);
            offset += size;
        }
        std::shuffle(cuts.begin(), cuts.end(), random);
        bool done = cuts.size() == 1;
        if (done) continue;
        for (const auto& [offset, size] : cuts) {
            const auto frame = piece(whole, offset, size,
                                     id); // One that was not cut at all is borrowed from.
            if (see(frame)) {
                done = true;
                ASSERT_EQ(payload(), whole.substr(8));
            }
        }
        if (done) ++whole_ones;
        at += 60ms;
    }
    EXPECT_GT(whole_ones, 1500);
}

} // namespace
} // namespace yagura::decode
