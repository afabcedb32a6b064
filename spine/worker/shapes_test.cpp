#include "spine/worker/shapes.h"

#include <gtest/gtest.h>

#include <random>

#include "spine/worker/unknown.h"

using namespace yagura;
using namespace yagura::worker;
using namespace std::chrono_literals;

namespace {

constexpr observe::Time begin{std::chrono::hours{480'000}};

std::vector<std::byte> bytes_of(std::initializer_list<int> some) {
    std::vector<std::byte> out;
    for (const int one : some) out.push_back(static_cast<std::byte>(one));
    return out;
}

observe::Station station(std::uint8_t last, std::uint16_t port) {
    return {.ip = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 0, 0, last},
            .mac = {2, 0, 0, 0, 0, last},
            .port = port};
}

/// A machine builder's own: magic, counter, length of what follows, function, data; answers have its highest
/// bit.
void talk(Shape& shape, int rounds, bool turned = false, int seed = 0) {
    auto& asks = shape.sides[turned ? 1 : 0];
    auto& tells = shape.sides[turned ? 0 : 1];
    for (int i = 0; i < rounds; ++i) {
        const auto at = begin + i * 20ms;
        const int function = 1 + (i + seed) % 3;
        auto request = bytes_of({0xac, 0x3e, i + seed, 0, 2 + function, function, 0x10});
        request.resize(request.size() + static_cast<std::size_t>(function), std::byte(i * 7));
        auto answer = bytes_of({0xac, 0x3e, i + seed, 0, 4 + function, function | 0x80, 0, i, i * 3});
        answer.resize(answer.size() + static_cast<std::size_t>(function), std::byte(i * 11));
        asks.add(request, at);
        tells.add(answer, at + 2ms);
    }
    shape.last = begin + rounds * 20ms;
}

std::unique_ptr<Shape> conversation(std::uint8_t who, std::uint16_t from, std::uint16_t to,
                                    std::uint16_t carrier = 17) {
    auto out = std::make_unique<Shape>();
    out->parties = {.client = station(who, from), .server = station(200, to), .lane = {.carrier = carrier}};
    out->first = out->last = begin;
    return out;
}

TEST(Shapes, KnowWhatStaysWhatCountsAndWhereTheLengthIs) {
    Shape shape;
    talk(shape, 60);
    const auto& side = shape.sides[0];
    EXPECT_EQ(side.messages, 60u);
    EXPECT_EQ(side.least, 8u);
    EXPECT_EQ(side.most, 10u);
    EXPECT_TRUE(side.constant(0));
    EXPECT_TRUE(side.constant(1));
    EXPECT_FALSE(side.constant(2));
    EXPECT_TRUE(side.counts(2));
    EXPECT_FALSE(side.counts(5));
    const auto length = side.length();
    ASSERT_TRUE(length);
    EXPECT_EQ(length->at, 3u);
    EXPECT_EQ(length->bytes, 2u);
    EXPECT_FALSE(length->little);
    EXPECT_EQ(length->plus, 5);
    EXPECT_EQ(side.period_us(), 20'000u);
    EXPECT_EQ(UnknownProtocol::mark(side), "0: AC 3E ?? 00 ?? ?? 10");
}

TEST(Shapes, OfNoiseSayNothing) {
    std::mt19937 random{7};
    Shape shape;
    for (unsigned i = 0; i < 200; ++i) {
        std::vector<std::byte> noise(40 + random() % 100);
        for (auto& byte : noise) byte = static_cast<std::byte>(random());
        shape.sides[i % 2].add(noise, begin + std::chrono::milliseconds{random() % 1'000});
    }
    for (const auto& side : shape.sides) {
        EXPECT_GT(side.entropy(), 7.2);
        EXPECT_TRUE(UnknownProtocol::mark(side).empty());
        EXPECT_FALSE(side.length());
        EXPECT_EQ(side.period_us(), 0u);
        for (std::size_t i = 0; i < SideShape::places_most; ++i) EXPECT_FALSE(side.counts(i)) << i;
    }
}

TEST(Shapes, StandEmptyAndShortMessagesAndClocksThatRunBackwards) {
    SideShape side;
    EXPECT_EQ(side.common(), 0u);
    EXPECT_EQ(side.entropy(), 0);
    side.add({}, begin);
    side.add(bytes_of({1}), begin - 5s);
    side.add(bytes_of({2}), begin + 5s);
    EXPECT_EQ(side.common(), 0u);
    EXPECT_FALSE(side.length());
    EXPECT_TRUE(UnknownProtocol::mark(side).empty());
}

TEST(Unknown, IsGroupedByThePortThatAllShareWhoeverSpokeFirst) {
    std::vector<std::unique_ptr<Shape>> shapes;
    for (int i = 0; i < 3; ++i) {
        // The second was seen from its answer on.
        shapes.push_back(i == 1 ? conversation(static_cast<std::uint8_t>(i + 1), 5'007, 40'000)
                                : conversation(static_cast<std::uint8_t>(i + 1),
                                               static_cast<std::uint16_t>(40'000 + i), 5'007));
        talk(*shapes.back(), 30, i == 1, i * 40);
    }
    shapes.push_back(conversation(9, 1'000, 2'000));
    shapes.back()->claimed = true;
    const auto groups = grouped_by_shape(shapes);
    ASSERT_EQ(groups.size(), 1u);
    const auto& one = groups[0];
    EXPECT_EQ(one.carrier, "udp");
    EXPECT_EQ(one.selector, 5'007u);
    EXPECT_EQ(one.conversations, 3u);
    EXPECT_EQ(one.stations.size(), 4u);
    const auto opcode = one.opcode();
    ASSERT_TRUE(opcode);
    EXPECT_EQ(opcode->at, 5u);
    EXPECT_EQ(opcode->answer_bit, 0x80);
    EXPECT_EQ(opcode->values, (std::vector<std::uint8_t>{1, 2, 3}));
    EXPECT_EQ(one.counter(), 2u);
    EXPECT_EQ(
        one.draft("unknown_a"),
        "[[protocol]]\nname = \"unknown_a\"\ntitle = \"unknown_a\"\nover = [\"udp:5007\"]\n"
        "marks = [\"0: AC 3E ?? 00 ?? ?? 10\", \"0: AC 3E ?? 00 ?? ?? 00\"]\n"
        "length = { at = 3, bytes = 2, plus = 5 }\npair = { at = 2, bytes = 1 }\nanswer = \"5: 80/80\"\n"
        "function = { at = 5, bytes = 1, mask = 127 }\n[protocol.functions]\n"
        "0x01 = { name = \"function 0x01\", act = \"unknown\" }\n"
        "0x02 = { name = \"function 0x02\", act = \"unknown\" }\n"
        "0x03 = { name = \"function 0x03\", act = \"unknown\" }\n");
}

TEST(Unknown, OnSeveralPortsIsOneWhereItsBytesAgree) {
    std::vector<std::unique_ptr<Shape>> shapes;
    for (const std::uint16_t port : std::array<std::uint16_t, 2>{5'007, 6'007}) {
        for (int i = 0; i < 2; ++i) {
            shapes.push_back(conversation(static_cast<std::uint8_t>(i + 1),
                                          static_cast<std::uint16_t>(40'000 + i), port, 6));
            talk(*shapes.back(), 30);
        }
    }
    // Another one, of other bytes.
    shapes.push_back(conversation(7, 41'000, 7'000, 6));
    for (int i = 0; i < 9; ++i)
        shapes.back()->sides[0].add(bytes_of({0x55, 0xaa, 1, 2, 3, i}), begin + i * 1s);
    const auto groups = grouped_by_shape(shapes);
    ASSERT_EQ(groups.size(), 2u);
    EXPECT_EQ(groups[0].selector, 0u);
    EXPECT_EQ(groups[0].conversations, 4u);
    EXPECT_EQ(groups[1].selector, 7'000u);
    EXPECT_EQ(groups[1].sides[0].period_us(), 1'000'000u);
}

TEST(Unknown, ThatCannotBeToldFromOthersIsNotDescribed) {
    std::mt19937 random{3};
    std::vector<std::unique_ptr<Shape>> shapes;
    shapes.push_back(conversation(1, 40'000, 5'555));
    for (int i = 0; i < 60; ++i) {
        std::vector<std::byte> noise(64);
        for (auto& byte : noise) byte = static_cast<std::byte>(random());
        shapes.back()->sides[0].add(noise, begin + i * 1ms);
    }
    const auto groups = grouped_by_shape(shapes);
    ASSERT_EQ(groups.size(), 1u);
    EXPECT_TRUE(groups[0].draft("unknown_a").starts_with("# unknown_a: no byte"));
}

TEST(Unknown, HasLetters) {
    EXPECT_EQ(letters(0), "A");
    EXPECT_EQ(letters(25), "Z");
    EXPECT_EQ(letters(26), "AA");
    EXPECT_EQ(letters(27), "AB");
    EXPECT_EQ(letters(26 * 27), "AAA");
}

TEST(Shapes, HaveABoundAndCountWhatIsLeftOut) {
    Shapes shapes{2};
    EXPECT_NE(shapes.begin({}, begin), nullptr);
    EXPECT_NE(shapes.begin({}, begin), nullptr);
    EXPECT_EQ(shapes.begin({}, begin), nullptr);
    EXPECT_EQ(shapes.left_out(), 1u);
    EXPECT_EQ(shapes.take().size(), 2u);
}

} // namespace
