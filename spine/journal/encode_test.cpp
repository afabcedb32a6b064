// What is said comes back, whatever happens to it on the way; and the public schema tells the truth.
#include "spine/journal/encode.h"

#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <random>
#include <set>
#include <sstream>

#include "spine/journal/replay.h"
#include "spine/journal/segment.h"
#include "spine/observe/lines.h"
#include "tests/support/every_kind.h"
#include "tests/support/no_allocation.h"
#include "tests/support/say_again.h"

using namespace yagura;
using namespace yagura::journal;

namespace {

std::string_view name_of(std::uint16_t protocol) noexcept {
    switch (protocol) {
    case 5:
        return "s7comm";
    case 6:
        return "lldp";
    case 7:
        return "telnet";
    default:
        return {};
    }
}

using Record = std::vector<std::byte>;
std::vector<Record> drained(ByteRing& ring) {
    std::vector<Record> all;
    std::vector<std::byte> scratch(record_room);
    ring.drain(scratch, SIZE_MAX, [&](Bytes record) { all.emplace_back(record.begin(), record.end()); });
    return all;
}

/// Every kind, with what explains it.
std::vector<Record> every_record() {
    ByteRing ring{1 << 16};
    Encoder out{ring, name_of, WhenFull::count};
    out.source(observe::Time{std::chrono::seconds{1'700'000'000}},
               {.number = 2,
                .sensor = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16},
                .boot = 99,
                .interface = "eth1",
                .sensor_name = "hall 1",
                .link_type = 1,
                .realm = observe::Realm{3},
                .live = true,
                .build = "0.1.0",
                .clock_offset_ns = -250});
    test::say_every_kind(out);
    auto all = drained(ring);
    std::array<std::byte, 256> room;
    const auto lost = encode(
        room, Envelope{.kind = Kind::lost, .worth = Worth::keep, .at = observe::Time::max()},
        Lost{Lost::Why::ring_full, Worth::normal, 3, observe::Time{std::chrono::seconds{1}},
             observe::Time{std::chrono::seconds{2}}, 10, 12});
    all.emplace_back(lost.begin(), lost.end());
    return all;
}

/// Numbers as the encoder had them, so that records can be compared whole.
Protocols same_numbers() {
    Protocols protocols;
    for (const auto* name : {"a", "b", "c", "d", "s7comm", "lldp", "telnet"}) (void)protocols.number(name);
    return protocols;
}

TEST(Encode, EveryKindComesBackAsItWasSaid) {
    auto protocols = same_numbers();
    Replay replay{protocols};
    test::Again again;
    std::vector<Record> observations;
    for (const auto& record : every_record())
        if (replay.on(record, again) == Replay::Was::observation) observations.push_back(record);
    ASSERT_EQ(again.all.size(), 14u);
    for (std::size_t i = 0; i < 14; ++i) EXPECT_EQ(again.all[i], observations[i]) << i + 1;
    for (const auto& both : again.parties) EXPECT_EQ(both, test::some_parties());

    // In words, beside what was never encoded.
    observe::Lines before{name_of}, after{name_of};
    test::say_every_kind(before);
    Replay second{protocols};
    for (const auto& record : every_record()) (void)second.on(record, after);
    EXPECT_EQ(before.all, after.all);
}

TEST(Encode, ProtocolsKeepTheirNameNotTheirNumber) {
    Protocols protocols; // A reader that knows none of them yet.
    Replay replay{protocols};
    struct Listener final : observe::Listener {
        using observe::Listener::on;
        void on(const observe::Origin&, const observe::Operation& op) override { seen = op.protocol; }
        std::uint16_t seen = 0;
    } heard;
    for (const auto& record : every_record()) (void)replay.on(record, heard);
    EXPECT_EQ(protocols.name(heard.seen), "s7comm");
    EXPECT_NE(heard.seen, 5u);
}

TEST(Encode, WhatExplainsIsToldOnceASecond) {
    ByteRing ring{1 << 16};
    Encoder out{ring, name_of, WhenFull::count};
    auto parties = test::some_parties();
    const auto say = [&](std::int64_t ms) {
        out.on({.at = observe::Time{std::chrono::milliseconds{ms}}, .parties = parties, .conversation = 9},
               observe::Anomaly{5, Malformed{1, "x"}});
    };
    const auto kinds = [&] {
        std::string line;
        for (const auto& record : drained(ring)) {
            const auto kind = open(record)->kind;
            line += kind == Kind::parties ? 'p' : kind == Kind::protocol ? 'n' : 'o';
        }
        return line;
    };
    say(100), say(200), say(900);
    EXPECT_EQ(kinds(), "pnooo");
    say(1100), say(1200);
    EXPECT_EQ(kinds(), "pnoo");
    parties.lane.vlan = 7; // The same conversation on the other side of a router.
    say(1300);
    EXPECT_EQ(kinds(), "po");
}

TEST(Encode, AFullRingGivesUpRepeatsFirstAndSaysSo) {
    ByteRing ring{4096};
    Encoder out{ring, name_of, WhenFull::count};
    const auto parties = test::some_parties();
    std::array<std::uint64_t, 3> before{};
    for (int i = 0; i < 200; ++i) {
        const observe::Origin origin{.at = observe::Time{std::chrono::milliseconds{i}}, .parties = parties};
        out.on(origin, observe::Repeats{.like = {.act = observe::Act::read}, .messages = 10});
        out.on(origin, observe::Operation{.act = observe::Act::read});
        out.on(origin, observe::Operation{.act = observe::Act::stop});
        if (before == std::array<std::uint64_t, 3>{})
            for (std::size_t w = 0; w < 3; ++w) before[w] = out.refused(static_cast<Worth>(w));
    }
    EXPECT_GT(out.refused(Worth::bulk), out.refused(Worth::normal));
    EXPECT_GT(out.refused(Worth::normal), out.refused(Worth::keep));
    (void)drained(ring);
    out.on({.at = observe::Time{std::chrono::seconds{1}}, .parties = parties}, observe::Coverage{});
    std::array<std::uint64_t, 3> told{};
    for (const auto& record : drained(ring)) {
        const auto envelope = open(record).value();
        if (envelope.kind != Kind::lost) continue;
        const auto lost = message<Lost>(envelope);
        EXPECT_EQ(lost.why, Lost::Why::ring_full);
        told[static_cast<std::size_t>(lost.worth)] += lost.records;
    }
    for (std::size_t w = 0; w < 3; ++w) EXPECT_EQ(told[w], out.refused(static_cast<Worth>(w)));
}

TEST(Encode, TheLongestRecordFitsIntoOneWrite) {
    const std::string giant(70'000, 'x');
    const Bytes bytes = std::as_bytes(std::span{giant});
    const auto parties = test::some_parties();
    ByteRing ring{1 << 16};
    Encoder out{ring, name_of, WhenFull::count};
    const observe::Origin origin{.at = observe::Time::max(),
                                 .parties = parties,
                                 .conversation = UINT64_MAX,
                                 .evidence = {UINT64_MAX, UINT32_MAX, UINT32_MAX},
                                 .message = bytes};
    observe::Operation op{.protocol = 5, .function = {UINT32_MAX, giant}, .act = observe::Act::write};
    op.object.space = op.object.text = giant;
    op.value = observe::Array{observe::Array::Of::u16, false, 35'000, bytes};
    out.on(origin, observe::Repeats{.like = op, .messages = UINT64_MAX});
    out.on(origin, observe::Log{giant, giant, 1});
    out.on(origin, observe::Neighbour{6, {}, giant, giant, giant});
    out.on(origin, observe::Identity{.value = std::string_view{giant}});
    EXPECT_EQ(drained(ring).size(), 4u + 3u); // Parties, and two protocols.
    EXPECT_EQ(out.refused(Worth::keep), 0u);
}

TEST(Encode, AllocatesNothing) {
    ByteRing ring{1 << 16};
    Encoder out{ring, name_of, WhenFull::count};
    const auto before = test::allocations();
    test::say_every_kind(out);
    EXPECT_EQ(test::allocations(), before);
}

struct Nowhere final : observe::Listener {
    std::uint64_t heard = 0;
    using observe::Listener::on;
    void on(const observe::Origin&, const observe::Operation& op) override {
        heard += observe::word(op.act).size() + observe::word(op.phase).size() +
                 observe::word(op.outcome).size();
        heard += observe::text(op.part).size() + observe::text(op.object).size() +
                 observe::text(op.value).size();
    }
    void on(const observe::Origin&, const observe::Identity& id) override {
        heard += observe::word(id.subject).size() + observe::text(id.value).size() +
                 observe::text(id.part).size();
    }
};

TEST(Encode, NoBytesMakeTheReaderStumble) {
    Protocols protocols;
    Replay replay{protocols, 64};
    Nowhere sink;
    std::mt19937 random{7};
    const auto good = every_record();
    for (int round = 0; round < 4'000; ++round) {
        auto record = good[random() % good.size()];
        if (round % 3 == 0) record.resize(random() % (record.size() + 1));
        for (auto flips = random() % 4; flips-- && !record.empty();)
            record[random() % record.size()] = static_cast<std::byte>(random());
        (void)replay.on(record, sink);
    }
    for (const auto& record : good)
        for (std::size_t length = 0; length < record.size(); ++length)
            (void)replay.on(Bytes{record}.first(length), sink);
}

TEST(Encode, ClosedListsReadAsTheirFallback) {
    std::array<std::byte, 64> room;
    Writer out{room};
    out.number(1, static_cast<std::uint64_t>(Kind::operation));
    const auto start = out.open(5);
    out.number(4, 4'000).number(5, 77).number(6, 77).number(1, 1 << 20);
    out.close(start);
    Protocols protocols;
    struct Heard final : observe::Listener {
        using observe::Listener::on;
        void on(const observe::Origin& o, const observe::Operation& op) override {
            EXPECT_EQ(op.act, observe::Act::unknown);
            EXPECT_EQ(op.phase, observe::Phase::event);
            EXPECT_EQ(op.outcome, observe::Outcome::pending);
            EXPECT_EQ(op.protocol, 0);
            EXPECT_EQ(o.parties, observe::Parties{});
            ++heard;
        }
        int heard = 0;
    } sink;
    EXPECT_EQ(Replay{protocols}.on(out.written(), sink), Replay::Was::observation);
    EXPECT_EQ(sink.heard, 1);
}

// --- docs/journal.proto ---------------------------------------------------------------------------------

struct ProtoField {
    std::string name, type;
    bool packed_or_repeated = false;
};
using Schema = std::map<std::string, std::map<std::uint32_t, ProtoField>>;

/// As much of protobuf's language as our schema uses: messages of single-line fields, and enums.
Schema read_schema() {
    std::ifstream file{YAGURA_SOURCE "/docs/journal.proto"};
    EXPECT_TRUE(file);
    Schema schema;
    std::string line, message;
    while (std::getline(file, line)) {
        std::istringstream words{line.substr(0, line.find("//"))};
        std::string first, second, third, equals, number;
        words >> first >> second;
        if (first == "message") {
            message = second;
            schema[message];
        } else if (first == "enum") {
            message.clear();
        } else if (!message.empty() && !first.empty() && first != "}" && first != "oneof") {
            const bool repeated = first == "repeated";
            if (repeated) words >> third;
            words >> equals >> number;
            if (equals != "=") continue;
            schema[message][static_cast<std::uint32_t>(std::stoul(number))] =
                repeated ? ProtoField{third, second, true} : ProtoField{second, first, false};
        }
    }
    return schema;
}

void check(const Schema& schema, const std::string& message, Bytes bytes, std::set<std::string>& used) {
    ASSERT_TRUE(schema.contains(message)) << message;
    Fields in{bytes};
    Fields::Field field;
    while (in.next(field)) {
        const auto found = schema.at(message).find(field.number);
        ASSERT_NE(found, schema.at(message).end()) << message << " has no field " << field.number;
        const auto& type = found->second.type;
        used.insert(message + "." + found->second.name);
        if (type == "double") {
            EXPECT_EQ(field.wire, Fields::Wire::eight_bytes) << message << "." << found->second.name;
        } else if (type == "bytes") {
            EXPECT_EQ(field.wire, Fields::Wire::bytes) << message << "." << found->second.name;
        } else if (schema.contains(type)) {
            ASSERT_EQ(field.wire, Fields::Wire::bytes) << message << "." << found->second.name;
            check(schema, type, field.bytes, used);
        } else {
            EXPECT_EQ(field.wire, Fields::Wire::number) << message << "." << found->second.name;
        }
    }
    EXPECT_TRUE(in.ok());
}

TEST(Schema, SaysWhatStandsInEveryRecord) {
    const auto schema = read_schema();
    const std::map<Kind, std::string> bodies{{Kind::presence, "Presence"},
                                             {Kind::identity, "Identity"},
                                             {Kind::neighbour, "Neighbour"},
                                             {Kind::operation, "Operation"},
                                             {Kind::conversation, "Conversation"},
                                             {Kind::repeats, "Repeats"},
                                             {Kind::variable, "Variable"},
                                             {Kind::name, "Name"},
                                             {Kind::login, "Login"},
                                             {Kind::transfer, "Transfer"},
                                             {Kind::log, "Log"},
                                             {Kind::match, "Match"},
                                             {Kind::anomaly, "Anomaly"},
                                             {Kind::coverage, "Coverage"},
                                             {Kind::source, "Source"},
                                             {Kind::parties, "Parties"},
                                             {Kind::lost, "Lost"},
                                             {Kind::protocol, "Protocol"}};
    std::set<std::string> used;
    std::set<Kind> kinds;
    for (auto record : every_record()) {
        const auto envelope = open(record).value();
        ASSERT_TRUE(bodies.contains(envelope.kind));
        kinds.insert(envelope.kind);
        check(schema, "Record", record, used);
        check(schema, bodies.at(envelope.kind), envelope.body, used);
    }
    EXPECT_EQ(kinds.size(), bodies.size());
    // Each declared field was met, but for those that one record cannot have together.
    const std::set<std::string> not_here{
        "Record.sequence", "Record.arrival", "Value.yes_or_no", "Value.whole",  "Value.natural",
        "Value.raw",       "Value.uncut",    "Object.text",     "Station.port", "Record.text"};
    for (const auto& [message, fields] : schema)
        for (const auto& [number, field] : fields)
            EXPECT_TRUE(used.contains(message + "." + field.name) ||
                        not_here.contains(message + "." + field.name))
                << message << "." << field.name;
}

} // namespace
