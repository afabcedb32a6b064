#include "spine/decode/conversations.h"

#include <gmock/gmock.h>

#include "tests/support/no_allocation.h"

namespace yagura::decode {
namespace {

using observe::Speaker;
using namespace std::chrono_literals;

struct State {
    std::array<std::byte, 600> room{};
};
using Table = ConversationTable<State>;

Packet packet(std::uint32_t from, std::uint16_t from_port, std::uint32_t to, std::uint16_t to_port,
              Form form = Form::udp) {
    Packet made;
    made.form = form;
    const auto put = [](observe::Station& station, std::uint32_t ip, std::uint16_t port) {
        station.ip[10] = station.ip[11] = 0xff;
        for (unsigned i = 0; i < 4; ++i) station.ip[12 + i] = static_cast<std::uint8_t>(ip >> (24 - 8 * i));
        station.port = port;
    };
    put(made.parties.client, from, from_port);
    put(made.parties.server, to, to_port);
    made.parties.lane.carrier = form == Form::tcp ? 6 : 17;
    made.wire_bytes = 100;
    made.at = observe::Time{1000s};
    return made;
}

struct Conversations : testing::Test {
    TcpStore store;
    Table table{{}, store};
    std::vector<Ending> endings;

    Table::Found see(const Packet& one) {
        return table.find(table.hash(one), one,
                          [this](Table::Entry&, Ending why) { endings.push_back(why); });
    }
};

TEST_F(Conversations, BothDirectionsAreOne) {
    const auto asked = see(packet(1, 1000, 2, 502));
    const auto answered = see(packet(2, 502, 1, 1000));
    EXPECT_TRUE(asked.fresh);
    EXPECT_FALSE(answered.fresh);
    EXPECT_EQ(asked.conversation, answered.conversation);
    EXPECT_EQ(asked.speaker, Speaker::client);
    EXPECT_EQ(answered.speaker, Speaker::server);
    EXPECT_THAT(asked.conversation->packets, testing::ElementsAre(1, 1));
    EXPECT_THAT(asked.conversation->bytes, testing::ElementsAre(100, 100));
    EXPECT_EQ(table.size(), 1);
}

TEST_F(Conversations, OtherPortsRealmsAndCarriersAreOthers) {
    see(packet(1, 1000, 2, 502));
    see(packet(1, 1001, 2, 502));
    see(packet(1, 502, 2, 1000));
    see(packet(1, 1000, 2, 502, Form::tcp));
    auto cloned = packet(1, 1000, 2, 502);
    cloned.parties.lane.realm = observe::Realm{1};
    see(cloned);
    EXPECT_EQ(table.size(), 5);
}

TEST_F(Conversations, VlanAndMacAreToldAndNotKeyed) {
    auto one = packet(1, 1000, 2, 502);
    one.parties.lane.vlan = 10;
    one.parties.client.mac = {2, 0, 0, 0, 0, 1};
    auto other = packet(2, 502, 1, 1000);
    other.parties.lane.vlan = 20;
    other.parties.client.mac = {2, 0, 0, 0, 0, 9};
    see(one);
    EXPECT_FALSE(see(other).fresh);
}

TEST_F(Conversations, WithoutIpTheMacsAreTheKey) {
    Packet one;
    one.form = Form::ethernet;
    one.parties.client.mac = {2, 0, 0, 0, 0, 1};
    one.parties.server.mac = {2, 0, 0, 0, 0, 2};
    one.parties.lane.carrier = 0x8892;
    auto back = one;
    std::swap(back.parties.client, back.parties.server);
    auto third = one;
    third.parties.server.mac[5] = 3;
    see(one);
    EXPECT_FALSE(see(back).fresh);
    EXPECT_TRUE(see(third).fresh);
    back.channel = 0x8000;
    EXPECT_TRUE(see(back).fresh) << "another channel of the same two";
    EXPECT_FALSE(see(one).fresh);
}

TEST_F(Conversations, SynSaysWhoIsTheClient) {
    auto answer = packet(2, 502, 1, 1000, Form::tcp);
    answer.tcp.flags = Tcp::syn | Tcp::ack;
    const auto found = see(answer);
    EXPECT_EQ(found.speaker, Speaker::server);
    EXPECT_EQ(found.conversation->parties.client.port, 1000);
    EXPECT_TRUE(found.conversation->parties.certain);
    EXPECT_FALSE(see(packet(5, 1, 6, 2, Form::tcp)).conversation->parties.certain);
}

TEST_F(Conversations, AnotherSynOpensAnother) {
    auto syn = packet(1, 1000, 2, 502, Form::tcp);
    syn.tcp.flags = Tcp::syn;
    syn.tcp.sequence = 100;
    auto found = see(syn);
    found.conversation->tcp.segment(syn, found.speaker, store, [](const Piece&) {});
    EXPECT_FALSE(see(syn).fresh) << "repeated";
    syn.tcp.sequence = 5000;
    EXPECT_TRUE(see(syn).fresh);
    EXPECT_THAT(endings, testing::ElementsAre(Ending::reopened));
    EXPECT_EQ(table.size(), 1);
}

TEST_F(Conversations, SilenceEndsThemByTheirOwnTime) {
    auto one = packet(1, 1000, 2, 53);
    see(one);
    one.at += 601s;
    EXPECT_TRUE(see(one).fresh);
    EXPECT_THAT(endings, testing::ElementsAre(Ending::silent));
    endings.clear();
    const auto note = [this](Table::Entry&, Ending why) { endings.push_back(why); };
    EXPECT_FALSE(table.advance(one.at + 599s, note));
    EXPECT_EQ(table.size(), 1);
    table.advance(one.at + 602s, note);
    EXPECT_EQ(table.size(), 0);
    EXPECT_THAT(endings, testing::ElementsAre(Ending::silent));
}

TEST_F(Conversations, SpeakingAgainPutsTheEndOff) {
    auto one = packet(1, 1000, 2, 53);
    const auto note = [this](Table::Entry&, Ending why) { endings.push_back(why); };
    for (int i = 0; i < 100; ++i) {
        EXPECT_FALSE(see(one).fresh && i > 0);
        table.advance(one.at, note);
        one.at += 300s;
    }
    EXPECT_EQ(table.size(), 1);
}

TEST_F(Conversations, AJumpOfTheClockIsWorkedOffInPieces) {
    for (std::uint16_t i = 1; i <= 1000; ++i) see(packet(1, i, 2, 53));
    const auto note = [this](Table::Entry&, Ending why) { endings.push_back(why); };
    int rounds = 1;
    while (table.advance(observe::Time{1'000'000s}, note, 100)) ++rounds;
    EXPECT_GE(rounds, 10);
    EXPECT_EQ(table.size(), 0);
    EXPECT_EQ(endings.size(), 1000);
}

TEST(ConversationTable, AtItsLimitTheOldestGoes) {
    TcpStore store;
    Table table{{.conversations_most = 100, .patience = {}}, store};
    std::vector<std::uint16_t> gone;
    const auto note = [&](Table::Entry& entry, Ending why) {
        EXPECT_EQ(why, Ending::evicted);
        gone.push_back(entry.parties.client.port);
    };
    for (std::uint16_t i = 1; i <= 150; ++i) {
        auto one = packet(1, i, 2, 53);
        one.at += std::chrono::seconds{i};
        table.find(table.hash(one), one, note);
    }
    EXPECT_EQ(table.size(), 100);
    EXPECT_EQ(table.counters().evicted, 50);
    ASSERT_EQ(gone.size(), 50);
    for (std::uint16_t i = 0; i < 50; ++i) EXPECT_EQ(gone[i], i + 1);
    table.finish([](Table::Entry&, Ending) {});
}

TEST(ConversationTable, AFloodOfSynsDoesNotPushOutWhoSpeaks) {
    TcpStore store;
    Table table{{.conversations_most = 1000, .patience = {}}, store};
    int lost = 0;
    const auto note = [&](Table::Entry& entry, Ending) { lost += entry.parties.client.port == 1; };
    auto steady = packet(9, 1, 8, 502, Form::tcp);
    table.find(table.hash(steady), steady, note);
    auto answer = packet(8, 502, 9, 1, Form::tcp);
    table.find(table.hash(answer), answer, note);
    for (std::uint32_t i = 0; i < 20'000; ++i) {
        auto syn = packet(i + 100, 1000, 2, 80, Form::tcp);
        syn.tcp.flags = Tcp::syn;
        syn.at += std::chrono::milliseconds{i};
        table.find(table.hash(syn), syn, note);
    }
    EXPECT_EQ(lost, 0);
}

TEST(ConversationTable, FindsAllOfMany) {
    TcpStore store;
    Table table{{}, store};
    const auto none = [](Table::Entry&, Ending) {};
    for (std::uint32_t round = 0; round < 2; ++round)
        for (std::uint32_t i = 0; i < 20'000; ++i) {
            const auto one = packet(i, static_cast<std::uint16_t>(i * 7), i + 1, 502);
            ASSERT_EQ(table.find(table.hash(one), one, none).fresh, round == 0) << i;
        }
    EXPECT_EQ(table.size(), 20'000);
    EXPECT_EQ(table.counters().rekeyed, 0);
    for (std::uint32_t i = 0; i < 20'000; i += 2) { // closing up the places of who leaves
        auto one = packet(i, static_cast<std::uint16_t>(i * 7), i + 1, 502);
        one.at += 601s;
        EXPECT_TRUE(table.find(table.hash(one), one, none).fresh);
    }
    for (std::uint32_t i = 1; i < 20'000; i += 2) {
        const auto one = packet(i, static_cast<std::uint16_t>(i * 7), i + 1, 502);
        ASSERT_FALSE(table.find(table.hash(one), one, none).fresh) << i;
    }
}

TEST(ConversationTable, CostsWhatItHolds) {
    TcpStore store;
    Table table{{}, store};
    const auto none = [](Table::Entry&, Ending) {};
    const auto fill = [&](std::uint32_t until) {
        for (auto i = static_cast<std::uint32_t>(table.size()); i < until; ++i) {
            const auto one = packet(i, 1, 0xffff0000, 502);
            table.find(table.hash(one), one, none);
        }
        return table.bytes_taken();
    };
    const auto few = fill(10'000), many = fill(100'000);
    EXPECT_LE((many - few) / 90'000, 1024);
    EXPECT_LE(few, 11'000 * 1024);
}

TEST(ConversationTable, NothingIsAllocatedForAPacketOrForAPlaceThatWasUsed) {
    TcpStore store;
    Table table{{.conversations_most = 64, .patience = {}}, store};
    const auto none = [](Table::Entry&, Ending) {};
    for (std::uint32_t i = 0; i < 64; ++i) {
        const auto one = packet(i, 1, 0xffff0000, 502);
        table.find(table.hash(one), one, none);
    }
    const auto before = test::allocations();
    for (std::uint32_t i = 0; i < 10'000; ++i) {
        auto one = packet(i, 1, 0xffff0000, 502);
        one.at += std::chrono::seconds{i};
        table.find(table.hash(one), one, none);
        table.advance(one.at, none);
    }
    EXPECT_EQ(test::allocations(), before);
}

TEST(ConversationTable, TheNumberIsTheSameInEveryRun) {
    TcpStore store;
    Table one{{}, store}, other{{}, store};
    const auto none = [](Table::Entry&, Ending) {};
    const auto sent = packet(1, 1000, 2, 502), later = packet(1, 1001, 2, 502);
    const auto number = one.find(one.hash(sent), sent, none).conversation->number;
    EXPECT_EQ(number, other.find(other.hash(sent), sent, none).conversation->number);
    EXPECT_NE(number, other.find(other.hash(later), later, none).conversation->number);
}

} // namespace
} // namespace yagura::decode
