#include "spine/decode/duplicates.h"

#include <gmock/gmock.h>

#include "spine/decode/conversations.h"
#include "spine/decode/decoder.h"
#include "tests/support/frames.h"

namespace yagura::decode {
namespace {

using namespace test::frames;
using namespace std::chrono_literals;

struct Nothing {};

struct Spans : testing::Test {
    Decoder decoder;
    Duplicates duplicates;
    TcpStore store;
    ConversationTable<Nothing> table{{}, store};

    bool copy(const Raw& frame, std::chrono::nanoseconds at) {
        Packet packet;
        Frame made;
        made.bytes = bytes(frame);
        made.wire_length = static_cast<std::uint32_t>(frame.size());
        made.at = observe::Time{1000s} + at;
        EXPECT_TRUE(decoder.decode(made, packet));
        return duplicates.seen(table.hash(packet), packet);
    }
    static Raw segment(std::uint16_t id, std::uint8_t ttl = 64, const Raw& payload = "modbus") {
        return ipv4({.id = id, .ttl = ttl}, tcp({}, payload));
    }
    static Raw datagram(std::uint16_t id, const Raw& payload, std::uint8_t ttl = 64) {
        return ethernet(0x0800, ipv4({.protocol = 17, .id = id, .ttl = ttl}, udp(1, 2, payload)));
    }
};

TEST_F(Spans, BothPortsOfAMirror) {
    EXPECT_FALSE(copy(plain(), 0us));
    EXPECT_TRUE(copy(plain(), 20us));
    EXPECT_EQ(duplicates.copies(), 1);
}

TEST_F(Spans, BothSidesOfARouter) {
    EXPECT_FALSE(copy(ethernet(0x8100, vlan(10, 0x0800, segment(5, 64))), 0us));
    EXPECT_TRUE(copy(
        ethernet(0x8100, vlan(20, 0x0800, segment(5, 63)), hex("020000000009"), hex("020000000008")), 300us));
    EXPECT_TRUE(copy(ethernet(0x0800, segment(5, 62)), 500us));
}

TEST_F(Spans, TapsWhoseClocksDisagree) {
    EXPECT_FALSE(copy(plain(), 100us));
    EXPECT_TRUE(copy(plain(), 40us));
}

TEST_F(Spans, ThroughATunnelAndPlain) {
    EXPECT_FALSE(copy(plain(), 0us));
    EXPECT_TRUE(copy(ethernet(0x0800, ipv4({.protocol = 47, .id = 99}, hex("0000 88be") + plain())), 1ms));
}

TEST_F(Spans, ARetransmissionIsNot) {
    EXPECT_FALSE(copy(plain(), 0us));
    EXPECT_FALSE(copy(ethernet(0x0800, segment(2)), 1ms)) << "another identification";
    EXPECT_FALSE(copy(plain(), 200ms)) << "too late for a copy";
}

TEST_F(Spans, AnswersAndOtherSegmentsAreNot) {
    EXPECT_FALSE(copy(plain(), 0us));
    EXPECT_FALSE(
        copy(ethernet(0x0800, ipv4({.from = ip_two, .to = ip_one},
                                   tcp({.from_port = 502, .to_port = 1000}, "modbus", ip_two, ip_one))),
             1us));
    EXPECT_FALSE(copy(ethernet(0x0800, ipv4({}, tcp({.sequence = 106}, "modbus"))), 2us));
    EXPECT_FALSE(copy(ethernet(0x0800, ipv4({}, tcp({.acknowledged = 201}, "modbus"))), 3us));
    EXPECT_FALSE(copy(ethernet(0x0800, ipv4({}, tcp({}, "modbuS"))), 4us));
}

TEST_F(Spans, RepeatedDatagramsAreNot) {
    for (std::uint16_t i = 1; i < 50; ++i) EXPECT_FALSE(copy(datagram(i, "cyclic"), i * 500us));
    for (int i = 1; i < 50; ++i) EXPECT_FALSE(copy(datagram(0, "no identification"), 100ms + i * 2ms));
    EXPECT_TRUE(copy(datagram(0, "no identification"), 100ms + 49 * 2ms + 100us));
}

TEST_F(Spans, EveryByteOfADatagramCounts) {
    EXPECT_FALSE(copy(datagram(5, "write 1 coil"), 0us));
    EXPECT_FALSE(copy(datagram(5, "write 2 coil"), 1us));
    // The same checksum: words exchanged.
    EXPECT_FALSE(copy(datagram(6, "aabb"), 2us));
    EXPECT_FALSE(copy(datagram(6, "bbaa"), 3us));
}

TEST_F(Spans, CyclicFramesWithoutIpAreNot) {
    const auto frame = ethernet(0x8892, "the same output again");
    for (int i = 0; i < 50; ++i) EXPECT_FALSE(copy(frame, i * 500us));
    EXPECT_TRUE(copy(frame, 49 * 500us + 60us));
    EXPECT_FALSE(copy(ethernet(0x8892, "the same output again", mac_two, mac_one), 49 * 500us + 61us));
}

TEST_F(Spans, AStormDoesNotVanish) {
    int counted = 0;
    for (int i = 0; i < 10'000; ++i) counted += !copy(plain(), i * 1us);
    EXPECT_EQ(counted, 10'000 / 4);
}

} // namespace
} // namespace yagura::decode
