// What the journal on disk promises: what was written is there after any death, in the order in which it
// came, and every segment can be understood alone.
#include "spine/journal/files.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

#include "tests/support/every_kind.h"

using namespace yagura;
using namespace yagura::journal;
namespace fs = std::filesystem;

namespace {

struct Folder {
    Folder() {
        auto made = (fs::temp_directory_path() / "yagura-journal-XXXXXX").string();
        EXPECT_NE(::mkdtemp(made.data()), nullptr);
        path = made;
    }
    ~Folder() { fs::remove_all(path); }
    std::string path;
};

constexpr Stream hall{{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}, 7}, yard{{9}, 1};
Journal::Seconds at(std::int64_t seconds) { return Journal::Seconds{std::chrono::seconds{seconds}}; }

std::string_view name_of(std::uint16_t protocol) noexcept { return protocol == 5 ? "s7comm" : ""; }

/// Records as a sensor sends them: what explains, and `count` anomalies of one conversation.
std::vector<std::vector<std::byte>> some(std::uint64_t conversation, std::uint64_t first_sequence,
                                         int count) {
    ByteRing ring{1 << 18};
    Encoder out{ring, name_of, WhenFull::count};
    const auto parties = test::some_parties();
    for (int i = 0; i < count; ++i)
        out.on({.at = observe::Time{std::chrono::milliseconds{i}},
                .parties = parties,
                .conversation = conversation},
               observe::Anomaly{5, Malformed{1, "x"}});
    std::vector<std::vector<std::byte>> all;
    std::vector<std::byte> scratch(record_room);
    ring.drain(scratch, SIZE_MAX, [&](Bytes record) {
        std::vector<std::byte> body(record.begin(), record.end());
        if (open(record)->kind == Kind::anomaly) {
            std::array<std::byte, 16> room;
            Writer more{room};
            const auto tail = more.number(2, first_sequence++).written();
            body.insert(body.end(), tail.begin(), tail.end());
        }
        all.push_back(std::move(body));
    });
    return all;
}

void feed(Journal& journal, const Stream& stream, std::uint64_t conversation, std::uint64_t first, int count,
          Journal::Seconds now) {
    for (const auto& record : some(conversation, first, count))
        ASSERT_TRUE(journal.append(stream, open(record).value(), record, now));
    ASSERT_TRUE(journal.write());
}

/// One character for each record; every observation has to be understood.
std::string replayed(const std::string& folder, std::uint64_t after) {
    std::string kinds;
    std::uint64_t last = 0;
    std::map<Stream, std::pair<Protocols, std::unique_ptr<Replay>>> readers;
    struct Heard final : observe::Listener {
        using observe::Listener::on;
        void on(const observe::Origin& origin, const observe::Anomaly& anomaly) override {
            EXPECT_EQ(origin.parties, test::some_parties());
            EXPECT_EQ(anomaly.protocol, 1);
        }
    } heard;
    const auto counts = replay_journal(folder, after, [&](const Stream& stream, Bytes record) {
        const auto envelope = open(record).value();
        EXPECT_GT(envelope.arrival, last);
        last = envelope.arrival;
        auto& [protocols, reader] = readers[stream];
        if (!reader) reader = std::make_unique<Replay>(protocols);
        (void)reader->on(envelope, heard);
        kinds += envelope.kind == Kind::anomaly    ? stream == hall ? 'a' : 'b'
                 : envelope.kind == Kind::parties  ? 'p'
                 : envelope.kind == Kind::protocol ? 'n'
                                                   : '?';
        return true;
    });
    EXPECT_TRUE(counts);
    return kinds;
}

TEST(Files, KeepTheOrderOfArrivalOverStreams) {
    const Folder folder;
    auto journal = Journal::open(folder.path, {}).value();
    feed(journal, hall, 1, 1, 2, at(10));
    feed(journal, yard, 1, 1, 1, at(11));
    feed(journal, hall, 1, 3, 1, at(12));
    feed(journal, hall, 2, 4, 1, at(12));
    EXPECT_EQ(replayed(folder.path, 0), "pnaapnbapa");
    EXPECT_EQ(replayed(folder.path, journal.last_arrival() - 2), "pnpa"); // What explains is always there.
    EXPECT_EQ(replayed(folder.path, journal.last_arrival()), "");
}

TEST(Files, ADeathCostsTheTornRecordOnly) {
    const Folder folder;
    {
        auto journal = Journal::open(folder.path, {}).value();
        feed(journal, hall, 1, 1, 3, at(10));
    }
    std::string file;
    for (const auto& each : fs::recursive_directory_iterator{folder.path})
        if (each.is_regular_file()) file = each.path();
    fs::resize_file(file, fs::file_size(file) - 1);
    auto journal = Journal::open(folder.path, {}).value();
    EXPECT_EQ(journal.last_sequence(hall), 2u);
    EXPECT_EQ(journal.last_sequence(yard), 0u);
    feed(journal, hall, 1, 3, 1, at(11));
    EXPECT_EQ(replayed(folder.path, 0), "pnaanpa"); // The new segment stands alone.
}

TEST(Files, WhatExplainsIsKnownAfterADeath) {
    const Folder folder;
    {
        auto journal = Journal::open(folder.path, {}).value();
        for (const auto& record : some(7, 1, 1)) {
            const auto envelope = open(record).value();
            if (envelope.kind == Kind::anomaly) continue;
            ASSERT_TRUE(journal.append(hall, envelope, record, at(10)));
        }
        ASSERT_TRUE(journal.write());
    }
    // The sensor goes on with what it said before, and does not say again at once what explains it.
    auto journal = Journal::open(folder.path, {}).value();
    std::string told;
    journal.explain(hall, [&](const Envelope& envelope) {
        if (envelope.kind == Kind::parties && envelope.conversation == 7) told += 'p';
        if (envelope.kind == Kind::protocol) told += 'n';
    });
    EXPECT_EQ(told, "np");
    const auto record = some(7, 1, 1).back();
    ASSERT_TRUE(journal.append(hall, open(record).value(), record, at(11)));
    ASSERT_TRUE(journal.write());
    EXPECT_EQ(replayed(folder.path, 0), "pnnpa");
}

TEST(Files, HoursAreClosedCompressedAndDropped) {
    const Folder folder;
    auto journal = Journal::open(folder.path, {.keep_bytes = 1 << 20}).value();
    feed(journal, hall, 1, 1, 500, at(10));
    const auto raw = journal.bytes();
    feed(journal, hall, 1, 501, 5, at(3600));
    ASSERT_TRUE(journal.tidy(at(3601)));
    EXPECT_LT(journal.bytes(), raw / 2);
    EXPECT_EQ(replayed(folder.path, 0), "pn" + std::string(500, 'a') + "np" + std::string(5, 'a'));
    EXPECT_EQ(replayed(folder.path, journal.last_arrival() - 1), "npa");
    // As if a fall had left the original beside its compressed copy, and half of another one.
    for (const auto& each : fs::recursive_directory_iterator{folder.path})
        if (each.path().string().ends_with(".zst")) {
            const auto bytes = read_segment(each.path()).value();
            std::ofstream{each.path().parent_path() /
                          (each.path().filename().string().substr(0, 16) + ".ygj")}
                .write(reinterpret_cast<const char*>(bytes.data()),
                       static_cast<std::streamsize>(bytes.size()));
            std::ofstream{each.path().string() + ".tmp"} << "half";
            break;
        }
    EXPECT_EQ(replayed(folder.path, 0).size(), 509u);
    auto again = Journal::open(folder.path, {.keep = std::chrono::hours{0}}).value();
    EXPECT_EQ(again.last_sequence(hall), 505u);
    EXPECT_EQ(again.last_arrival(), journal.last_arrival());
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(again.tidy(at(4'000'000'000)));
    EXPECT_EQ(again.bytes(), 0u);
}

TEST(Files, RetentionDropsTheOldestFirst) {
    const Folder folder;
    auto journal = Journal::open(folder.path, {.keep_bytes = 2'000}).value();
    for (int hour = 0; hour < 20; ++hour) {
        feed(journal, hall, 1, static_cast<std::uint64_t>(hour) * 50 + 1, 50, at(hour * 3600));
        ASSERT_TRUE(journal.tidy(at(hour * 3600 + 1)));
    }
    const auto left = replayed(folder.path, 0);
    EXPECT_LT(std::count(left.begin(), left.end(), 'a'), 1000);
    EXPECT_GE(std::count(left.begin(), left.end(), 'a'), 50);
    EXPECT_EQ(journal.last_sequence(hall), 1000u);
}

TEST(Files, AStreamIsTakenOutWhole) {
    const Folder folder;
    auto journal = Journal::open(folder.path, {}).value();
    feed(journal, hall, 1, 1, 2, at(10));
    feed(journal, yard, 1, 1, 2, at(10));
    EXPECT_EQ(journal.streams().size(), 2u);
    ASSERT_TRUE(journal.remove(yard));
    EXPECT_EQ(journal.streams(), std::vector{hall});
    EXPECT_EQ(replayed(folder.path, 0), "pnaa");
}

TEST(Files, DamagedFilesEndWhereTheDamageBegins) {
    const Folder folder;
    {
        auto journal = Journal::open(folder.path, {}).value();
        feed(journal, hall, 1, 1, 100, at(10));
        feed(journal, yard, 1, 1, 1, at(10));
    }
    for (const auto& each : fs::recursive_directory_iterator{folder.path})
        if (each.is_regular_file() && each.path().string().find(hall.text()) != std::string::npos) {
            std::fstream file{each.path(), std::ios::in | std::ios::out | std::ios::binary};
            file.seekp(static_cast<std::streamoff>(each.file_size() / 2));
            file.put('!');
        }
    const auto left = replayed(folder.path, 0);
    EXPECT_EQ(std::count(left.begin(), left.end(), 'b'), 1);
    const auto whole = std::count(left.begin(), left.end(), 'a');
    EXPECT_GT(whole, 30);
    EXPECT_LT(whole, 70);
}

TEST(Files, StreamsHaveNamesThatCanBeReadBack) {
    EXPECT_EQ(hall.text(), "0102030405060708090a0b0c0d0e0f10-0000000000000007");
    EXPECT_EQ(stream(hall.text()), hall);
    EXPECT_FALSE(stream("lost+found"));
    EXPECT_FALSE(stream("0102030405060708090a0b0c0d0e0f10-000000000000000g"));
}

} // namespace
