// The pipeline over traffic made here: what no capture has, and what only an enemy sends.
#include <gtest/gtest.h>

#include <iostream>
#include <random>

#include "spine/observe/text.h"
#include "spine/worker/pipeline.h"
#include "tests/support/hex.h"
#include "tests/support/no_allocation.h"

using namespace yagura;
using namespace yagura::worker;
namespace ob = yagura::observe;
using test::hex;

namespace {

constexpr std::uint8_t fin = 1, syn = 2, rst = 4, psh = 8, ack = 16;

struct End {
    std::uint32_t ip;
    std::uint16_t port;
};

/// Ethernet, IPv4 and TCP or UDP around bytes; checksums are left out, since nobody here looks at them.
class Frames {
public:
    Bytes tcp(End from, End to, std::uint32_t sequence, std::uint32_t acknowledged, std::uint8_t flags,
              Bytes payload = {}) {
        begin(from, to, 6, 20 + payload.size());
        u16(from.port), u16(to.port), u32(sequence), u32(acknowledged);
        u8(0x50), u8(flags), u16(8192), u32(0);
        return end(payload);
    }
    Bytes udp(End from, End to, Bytes payload) {
        begin(from, to, 17, 8 + payload.size());
        u16(from.port), u16(to.port), u16(8 + payload.size()), u16(0);
        return end(payload);
    }

private:
    void begin(End from, End to, std::uint8_t protocol, std::size_t length) {
        frame_.clear();
        mac(to.ip), mac(from.ip), u16(0x0800);
        u8(0x45), u8(0), u16(20 + length), u16(++id_), u16(0x4000), u8(64), u8(protocol), u16(0);
        u32(from.ip), u32(to.ip);
    }
    Bytes end(Bytes payload) {
        frame_.insert(frame_.end(), payload.begin(), payload.end());
        return frame_;
    }
    void mac(std::uint32_t ip) { u16(0x0200), u32(ip); }
    void u8(std::uint64_t value) { frame_.push_back(static_cast<std::byte>(value & 0xff)); }
    void u16(std::uint64_t value) { u8(value >> 8), u8(value); }
    void u32(std::uint64_t value) { u16(value >> 16), u16(value); }

    std::vector<std::byte> frame_;
    std::uint16_t id_ = 0;
};

struct Told final : ob::Listener {
    using Listener::on;
    void on(const ob::Origin& origin, const ob::Operation& op) override {
        ++operations;
        last = op;
        parties = origin.parties;
        message = origin.message.size();
    }
    void on(const ob::Origin& origin, const ob::Anomaly& anomaly) override {
        ++anomalies;
        last_anomaly = anomaly.detail.what;
        (void)origin;
    }
    void on(const ob::Origin& origin, const ob::Conversation& said) override {
        states[static_cast<std::size_t>(said.state)]++;
        conversation = said;
        parties = origin.parties;
    }
    void on(const ob::Origin&, const ob::Presence&) override { ++presences; }
    void on(const ob::Origin& origin, const ob::Coverage& said) override {
        ++coverages;
        covered += said.packets;
        EXPECT_EQ(origin.at.time_since_epoch() % std::chrono::seconds{1}, std::chrono::nanoseconds{});
    }
    std::array<int, 5> states{};
    int operations = 0, anomalies = 0, presences = 0, coverages = 0;
    std::uint64_t covered = 0;
    std::size_t message = 0;
    std::string_view last_anomaly{};
    ob::Operation last{};
    ob::Parties parties{};
    ob::Conversation conversation{};
    int state(ob::Conversation::State which) const { return states[static_cast<std::size_t>(which)]; }
};

using State = ob::Conversation::State;

struct Wire : testing::Test {
    void send(Bytes bytes) {
        pipeline.frame({.bytes = bytes,
                        .wire_length = static_cast<std::uint32_t>(bytes.size()),
                        .link_type = 1,
                        .number = ++number,
                        .at = now},
                       1);
        now += std::chrono::milliseconds{30}; // Further apart than copies of a SPAN.
    }
    void open() {
        send(frames.tcp(client, server, 999, 0, syn));
        send(frames.tcp(server, client, 4999, 1000, syn | ack));
        ask = 1000, tell = 5000;
    }
    void request(Bytes bytes) {
        send(frames.tcp(client, server, ask, tell, psh | ack, bytes));
        ask += static_cast<std::uint32_t>(bytes.size());
    }
    void answer(Bytes bytes) {
        send(frames.tcp(server, client, tell, ask, psh | ack, bytes));
        tell += static_cast<std::uint32_t>(bytes.size());
    }
    const ProtocolCount& count(std::string_view name) {
        return pipeline.counts().protocols[dissect::number_of(*dissect::find(name))];
    }

    static constexpr End client{0x0a000001, 40000}, server{0x0a000002, 502};
    Frames frames;
    Told told, raw;
    Pipeline pipeline{{}, &raw, told};
    ob::Time now{std::chrono::seconds{1'700'000'000}};
    std::uint64_t number = 0;
    std::uint32_t ask = 0, tell = 0;
    const std::vector<std::byte> read = hex("0001 0000 0006 | 11 03 006b 0003"),
                                 value = hex("0001 0000 0009 | 11 03 06 022b 0000 0064");
};

TEST_F(Wire, ARequestAndItsAnswerMakeTheConversationCertain) {
    open();
    request(read);
    answer(value);
    EXPECT_EQ(told.operations, 2);
    EXPECT_EQ(told.message, value.size());
    EXPECT_EQ(ob::text(told.last.object), "holding register 107");
    EXPECT_EQ(told.presences, 2);
    send(frames.tcp(client, server, ask, tell, fin | ack));
    send(frames.tcp(server, client, tell, ask + 1, fin | ack));
    pipeline.advance(now + std::chrono::seconds{130});
    EXPECT_EQ(told.state(State::opened), 1);
    EXPECT_EQ(told.state(State::closed), 1);
    EXPECT_EQ(told.conversation.confidence, 100);
    EXPECT_EQ(told.conversation.packets[0], 3u);
    EXPECT_GT(told.conversation.answer_time_us, 0u);
    EXPECT_EQ(told.parties.client.port, 40000);
    EXPECT_TRUE(told.parties.certain);
}

TEST_F(Wire, APortAloneNamesNothing) {
    open();
    request(hex("7469 636b 2030 3030 3031"));
    answer(hex("746f 636b 2030 3030 3031 2e2e"));
    pipeline.finish();
    EXPECT_EQ(told.operations, 0);
    EXPECT_EQ(pipeline.counts().unclaimed_flows, 1u);
    EXPECT_EQ(count("modbus").flows, 0u);
}

TEST_F(Wire, WhatIsPassedOverMayBeLost) {
    const auto text = [](std::string_view words) {
        const auto bytes = std::as_bytes(std::span{words});
        return std::vector<std::byte>{bytes.begin(), bytes.end()};
    };
    open();
    request(text("GET /a HTTP/1.1\r\n\r\n"));
    answer(text("HTTP/1.1 200 OK\r\nContent-Length: 3000\r\n\r\n0123456789"));
    EXPECT_EQ(told.operations, 2);
    tell += 1990; // Two segments that the capture does not have.
    answer(std::vector<std::byte>(500, std::byte{'x'}));
    answer(text(std::string(500, 'y') + "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"));
    for (int i = 0; i < 8; ++i) request(text("GET /b HTTP/1.1\r\n\r\n")); // Until the hole is given up.
    pipeline.finish();
    EXPECT_GE(count("http").messages, 11u);
    EXPECT_EQ(told.anomalies, 0);
    EXPECT_EQ(told.state(State::one_sided), 0);
}

TEST_F(Wire, AnotherPortHidesNothing) {
    const End elsewhere{server.ip, 10502};
    send(frames.tcp(client, elsewhere, 999, 0, syn));
    send(frames.tcp(elsewhere, client, 4999, 1000, syn | ack));
    send(frames.tcp(client, elsewhere, 1000, 5000, psh | ack, read));
    EXPECT_EQ(told.operations, 1);
}

TEST_F(Wire, PickedUpInTheMiddleTheBytesTellWhoAsks) {
    answer(value);
    request(read);
    answer(value);
    EXPECT_EQ(count("modbus").messages, 3u);
    EXPECT_EQ(told.parties.client.port, 40000) << "the server spoke first, and is the server all the same";
    EXPECT_FALSE(told.parties.certain);
    pipeline.finish();
    EXPECT_EQ(told.conversation.packets[0], 1u);
    EXPECT_EQ(told.conversation.packets[1], 2u);
}

TEST_F(Wire, AByteASegmentIsStillAMessage) {
    open();
    for (int i = 0; i < 50; ++i)
        for (std::size_t at = 0; at < read.size(); ++at) request(Bytes{read}.subspan(at, 1));
    EXPECT_EQ(count("modbus").messages, 50u);
    EXPECT_EQ(told.anomalies, 0);
}

TEST_F(Wire, ManyMessagesInASegmentAndOneAcrossTwo) {
    open();
    std::vector<std::byte> many;
    for (int i = 0; i < 40; ++i) many.insert(many.end(), read.begin(), read.end());
    request(Bytes{many}.first(many.size() - 5));
    request(Bytes{many}.last(5));
    EXPECT_EQ(count("modbus").messages, 40u);
}

TEST_F(Wire, OverlapsAndRetransmissionsCountOnce) {
    open();
    request(read);
    ask -= static_cast<std::uint32_t>(read.size());
    request(read);
    ask -= 5;
    std::vector<std::byte> overlapping(read.end() - 5, read.end());
    overlapping.insert(overlapping.end(), read.begin(), read.end());
    request(overlapping);
    EXPECT_EQ(count("modbus").messages, 2u);
}

TEST_F(Wire, AfterALossTheNextSegmentThatBeginsAMessageIsFound) {
    open();
    request(read);
    ask += 30; // Thirty bytes that we never see; the server confirms them.
    request(Bytes{read}.subspan(4));
    answer(value);
    request(read);
    answer(value);
    EXPECT_EQ(count("modbus").messages, 4u);
}

TEST_F(Wire, NonsenseIsToldOnceAndThreeTimesIsEnough) {
    open();
    request(read);
    answer(value);
    for (int i = 0; i < 10; ++i) request(hex("dead beef dead beef dead beef"));
    EXPECT_GE(raw.anomalies, 1);
    EXPECT_LE(raw.anomalies, 3);
    request(read);
    EXPECT_LE(told.anomalies, 2);
}

TEST_F(Wire, AConnectionThatIsRefusedIsToldAsThat) {
    send(frames.tcp(client, server, 999, 0, syn));
    send(frames.tcp(server, client, 0, 1000, rst | ack));
    pipeline.advance(now + std::chrono::seconds{60});
    EXPECT_EQ(told.state(State::refused), 1);
}

TEST_F(Wire, OneDirectionOfASpanIsToldAsThat) {
    ask = 1000, tell = 5000;
    for (int i = 0; i < 10; ++i) request(read);
    pipeline.advance(now + std::chrono::seconds{61});
    EXPECT_EQ(told.state(State::one_sided), 1);
    EXPECT_EQ(told.presences, 1);
}

TEST_F(Wire, CopiesOfASpanAreOnePacketUnlessAskedFor) {
    open();
    const auto copies = [&](Pipeline& to) {
        const auto bytes = frames.tcp(client, server, 1000, 5000, psh | ack, read);
        for (int i = 0; i < 2; ++i)
            to.frame({.bytes = bytes, .wire_length = 66, .link_type = 1, .number = ++number, .at = now}, 1);
    };
    copies(pipeline);
    EXPECT_EQ(pipeline.counts().duplicates, 1u);
    EXPECT_EQ(count("modbus").messages, 1u);
    Pipeline both{{.copies = Copies::count}, nullptr, told};
    both.frame({.bytes = frames.udp(client, {server.ip, 9}, read), .wire_length = 54, .number = 1, .at = now},
               1);
    copies(both);
    EXPECT_EQ(both.counts().duplicates, 1u);
}

TEST_F(Wire, SilenceIsCoveredAndAClockFromTheFutureIsNoFlood) {
    open();
    pipeline.advance(now + std::chrono::seconds{5});
    EXPECT_EQ(told.coverages, 5);
    EXPECT_EQ(told.covered, 2u);
    now += std::chrono::hours{24 * 365 * 20};
    open();
    EXPECT_LT(told.coverages, 100);
    now -= std::chrono::hours{24 * 365 * 20};
    open();
    EXPECT_EQ(told.last_anomaly, "the clock of the capture ran backwards");
    pipeline.finish();
    EXPECT_EQ(told.covered, number);
}

// MC protocol 1E: nothing but the answer shows what a request was.
const auto read_words = hex("01ff 0a00 64000000 2044 0200"), two_words = hex("8100 3412 0200");

TEST_F(Wire, ADatagramThatMayBeSomebodysIsReadOnceItsAnswerTellsWhose) {
    const End from{client.ip, 40'001}, to{server.ip, 5'001};
    send(frames.udp(from, to, read_words));
    EXPECT_EQ(raw.operations, 0);
    const auto asked = number;
    send(frames.udp(to, from, two_words));
    EXPECT_EQ(raw.operations, 2);
    EXPECT_EQ(raw.last.object.number, 100u) << "the answer is paired with the request that was kept";
    EXPECT_EQ(raw.parties.server.port, 5'001);
    send(frames.udp(from, to, read_words));
    EXPECT_EQ(raw.operations, 3);
    EXPECT_EQ(raw.anomalies, 0);
    EXPECT_EQ(asked + 2, number);
}

TEST_F(Wire, AnAnswerIsAsLongAsWasAskedForInWhateverPiecesItComesAndAfterALoss) {
    open();
    request(read_words);
    answer(two_words);
    EXPECT_EQ(raw.operations, 2);
    request(read_words);
    for (std::size_t at = 0; at < two_words.size(); ++at) answer(Bytes{two_words}.subspan(at, 1));
    EXPECT_EQ(raw.operations, 4);
    request(read_words);
    tell += static_cast<std::uint32_t>(two_words.size()); // Lost by the capture; the client has it.
    request(read_words);
    answer(two_words);
    EXPECT_EQ(raw.operations, 7);
    EXPECT_EQ(raw.last.phase, ob::Phase::response);
    EXPECT_EQ(raw.anomalies, 0);
}

TEST_F(Wire, WhatOnlyCarriesAnotherProtocolIsCountedAndNotTold) {
    open();
    request(hex("0300 0016 11e0 0000 0001 00c0 010a c102 0100 c202 0102"));
    answer(hex("0300 0016 11d0 0001 0002 00c0 010a c102 0100 c202 0102"));
    request(hex("0300 0019 02f080 3201 0000 0001 0008 0000 f000 0001 0001 01e0"));
    EXPECT_EQ(raw.operations, 4) << "connection request and confirm, data, setup communication";
    EXPECT_EQ(told.operations, 3);
    EXPECT_EQ(count("cotp").messages, 3u);
    EXPECT_EQ(told.last.act, ob::Act::connect);
}

TEST_F(Wire, WhatShouldHaveCarriedAndWasRefusedIsTold) {
    open();
    request(hex("6500 0400 00000000 00000000 0000000000000000 00000000 0100 0000"));
    answer(hex("6500 0400 01000000 00000000 0000000000000000 00000000 0100 0000"));
    const auto before = told.operations;
    answer(hex("6f00 0000 01000000 64000000 0000000000000000 00000000"));
    EXPECT_EQ(told.operations, before + 1);
    EXPECT_EQ(told.last.status, 0x64u);
}

TEST_F(Wire, DeclaredLengthsReserveNothing) {
    // A record of 64 KiB is promised on each of 2,000 connections, in a protocol that allows it.
    const auto promise = hex("0300 ffff | 02f080 | 3201 0000 0001");
    const auto before = pipeline.bytes_taken();
    for (std::uint32_t i = 0; i < 2000; ++i) {
        const End from{client.ip + i, 40000}, to{server.ip, 102};
        send(frames.tcp(from, to, 1000, 5000, psh | ack, promise));
    }
    EXPECT_LT(pipeline.bytes_taken() - before, 8u << 20);
}

TEST_F(Wire, HalfOpenFlowsDoNotPushTheTableOverItsBound) {
    Pipeline small{{.table = {.conversations_most = 1000}}, nullptr, told};
    for (std::uint32_t i = 0; i < 200'000; ++i) {
        const auto bytes = frames.tcp({client.ip + i, static_cast<std::uint16_t>(i)}, server, i, 0, syn);
        small.frame({.bytes = bytes, .wire_length = 54, .link_type = 1, .number = i + 1, .at = now}, 1);
        now += std::chrono::microseconds{10};
    }
    small.finish();
    for (const auto& limit : small.limits().all()) {
        EXPECT_LE(limit.used(), limit.bound) << limit.name;
        if (limit.name == "worker.conversations") {
            EXPECT_GT(limit.refused(), 190'000u);
        }
    }
    EXPECT_EQ(small.counts().flows, 200'000u);
}

TEST_F(Wire, AFlowThatClaimsEveryProtocolEndsAsNobodys) {
    std::mt19937 noise{5};
    open();
    const std::vector<std::vector<std::byte>> starts{
        read,
        hex("0300 0016 11e0 0000 0001 00c0 010a c102 0100 c202 0102"),
        hex("6500 0400 0000 0000"),
        hex("1603 0100 0006"),
        hex("4854 5450"),
        hex("0005 0100 0001 0000 0000 0000")};
    for (int i = 0; i < 3000; ++i) {
        auto bytes = starts[noise() % starts.size()];
        for (int flips = 0; flips < 3; ++flips)
            bytes[noise() % bytes.size()] ^= static_cast<std::byte>(noise());
        (i % 2 ? request(bytes) : answer(bytes));
    }
    EXPECT_LE(raw.anomalies, 3000);
    EXPECT_LE(told.anomalies, 40);
    EXPECT_LE(pipeline.bytes_taken(), 8u << 20);
}

TEST_F(Wire, TrackedFlowsTakeLessThanAKibibyteEach) {
    Pipeline large{{}, nullptr, told};
    auto upto = [&, made = std::uint32_t{0}](std::uint32_t flows) mutable {
        for (; made < flows; ++made) {
            const End from{client.ip + made, 40000};
            const auto bytes = frames.tcp(from, server, 1000, 5000, psh | ack, read);
            large.frame({.bytes = bytes, .wire_length = 66, .link_type = 1, .number = made + 1, .at = now},
                        1);
        }
        return large.bytes_taken();
    };
    const auto few = upto(10'000), many = upto(100'000);
    EXPECT_LE((many - few) / 90'000, 1024u) << "with the dissector's state in it";
    RecordProperty("bytes_a_flow", static_cast<int>((many - few) / 90'000));
    std::cout << (many - few) / 90'000 << " bytes a flow\n";
}

// The bounds are chosen by hand; that their sum is what a machine was promised is not left to hands.
TEST(Memory, TheSumOfAllBoundsStaysBelow170Megabytes) {
    const auto one = Pipeline::memory_most({});
    EXPECT_LE(one, 170'000'000u);
    std::cout << one / 1'000'000 << " MB for one worker";
    for (const auto workers : {2u, 4u, 8u}) {
        const auto all = workers * Pipeline::memory_most(PipelineSettings{}.shared_by(workers));
        // What each has of its own: the last datagrams put together, recent digests, tables of functions.
        EXPECT_LE(all, 170'000'000u + (workers - 1) * 8'000'000u);
        std::cout << ", " << all / 1'000'000 << " for " << workers;
    }
    std::cout << '\n';
}

TEST(Memory, NDpiTakesEightMegabytesMoreOfEach) {
    PipelineSettings asked;
    asked.labels = PipelineSettings::labels_usual;
    EXPECT_LE(Pipeline::memory_most(asked), Pipeline::memory_most({}) + 8'000'000u);
}

// And what is computed holds: everything that a stranger can make a pipeline keep, with small bounds.
TEST_F(Wire, NoTrafficTakesMoreThanTheBoundsSay) {
    PipelineSettings settings;
    settings.table.conversations_most = 2000;
    settings.fold.keys_most = settings.fold.known_most = 1000;
    settings.waiting_bytes = settings.out_of_order_bytes = settings.state_bytes = 1u << 20;
    settings.decode.fragment_bytes = 1u << 18;
    settings.ways.children_most = settings.ways.records_most = 500;
    const auto before = test::heap_bytes();
    Pipeline small{settings, nullptr, told};
    std::mt19937 random{7};
    std::size_t most = 0;
    for (std::uint32_t i = 0; i < 20'000; ++i) {
        const End from{client.ip + i % 10'000, 40000};
        auto begun = read;
        begun[9] = static_cast<std::byte>(i >> 8), begun[10] = static_cast<std::byte>(i);
        const auto send = [&](Bytes bytes) {
            small.frame({.bytes = bytes,
                         .wire_length = static_cast<std::uint32_t>(bytes.size()),
                         .link_type = 1,
                         .number = ++number,
                         .at = now},
                        1);
            now += std::chrono::microseconds{50};
        };
        std::vector<std::byte> noise(1 + random() % 1400);
        for (auto& byte : noise) byte = static_cast<std::byte>(random());
        send(frames.tcp(from, server, 1000, 5000, psh | ack, begun));
        send(frames.tcp(from, server, 1000 + static_cast<std::uint32_t>(begun.size()), 5000, psh | ack,
                        Bytes{begun}.first(7)));
        send(frames.tcp(server, from, 9000 + i % 3 * 1500, 1000, psh | ack, noise));
        most = std::max(most, test::heap_bytes() - before);
    }
    EXPECT_LE(most, Pipeline::memory_most(settings) + (1u << 20)) << "what the test keeps is in it, too";
    std::cout << most / 1000 << " of " << Pipeline::memory_most(settings) / 1000 << " kB\n";
}

TEST_F(Wire, NoHeapInSteadyState) {
    ob::Listener quiet;
    Pipeline steady{{}, nullptr, quiet};
    std::uint32_t sequence[200]{}, told_bytes[200]{};
    const auto turn = [&] {
        for (int round = 0; round < 120; ++round)
            for (std::uint32_t flow = 0; flow < 200; ++flow) {
                const End from{client.ip + flow, 40000};
                const auto question = frames.tcp(from, server, 1000 + sequence[flow], 5000 + told_bytes[flow],
                                                 psh | ack, read);
                steady.frame(
                    {.bytes = question, .wire_length = 66, .link_type = 1, .number = ++number, .at = now}, 1);
                sequence[flow] += static_cast<std::uint32_t>(read.size());
                for (std::size_t half = 0; half < 2;
                     ++half) { // The answer comes in two pieces, and has to wait.
                    const auto piece = half ? Bytes{value}.subspan(7) : Bytes{value}.first(7);
                    const auto reply = frames.tcp(server, from, 5000 + told_bytes[flow],
                                                  1000 + sequence[flow], psh | ack, piece);
                    steady.frame(
                        {.bytes = reply, .wire_length = 66, .link_type = 1, .number = ++number, .at = now},
                        1);
                    told_bytes[flow] += static_cast<std::uint32_t>(piece.size());
                }
                now += std::chrono::milliseconds{5};
            }
    };
    turn();
    const auto before = test::allocations();
    turn();
    EXPECT_EQ(test::allocations(), before);
    EXPECT_EQ(steady.counts().messages(), 2u * 2u * 120u * 200u);
}

} // namespace
