// A journal of each release is kept in tests/journal and reads as it did on the day on which it was written;
// and today's writer writes what the newest of them holds, so that the format cannot change unnoticed.
//
// Who changes it on purpose runs this with YAGURA_JOURNAL_GOLDEN=NAME: tests/journal/NAME is written anew,
// and a person reads the difference of NAME.txt. Those of releases stay as they are, for ever.
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

#include "apps/center/decisions.h"
#include "spine/journal/files.h"
#include "spine/observe/text.h"
#include "tests/support/every_kind.h"
#include "tests/support/record_text.h"

using namespace yagura;
namespace fs = std::filesystem;

namespace {

const fs::path kept = fs::path{YAGURA_SOURCE} / "tests/journal";
constexpr std::string_view newest = "0.1";

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

journal::Journal::Seconds at(std::int64_t seconds) {
    return journal::Journal::Seconds{std::chrono::seconds{seconds}};
}

class Writing {
public:
    explicit Writing(const fs::path& folder) : journal_{journal::Journal::open(folder, {}).value()} {}
    void add(const journal::Stream& stream, Bytes record, std::int64_t now) {
        ASSERT_FALSE(record.empty());
        ASSERT_TRUE(journal_.append(stream, journal::open(record).value(), record, at(now)));
        ASSERT_TRUE(journal_.write());
    }
    /// As a sensor's pipe gives it.
    void observed(const journal::Stream& stream, Bytes record, std::int64_t now) {
        std::vector<std::byte> body(record.begin(), record.end());
        const auto kind = journal::open(record)->kind;
        if (kind != journal::Kind::source && kind != journal::Kind::parties &&
            kind != journal::Kind::protocol && kind != journal::Kind::text) {
            std::array<std::byte, 16> room;
            journal::Writer more{room};
            const auto tail = more.number(2, ++sequence_).written();
            body.insert(body.end(), tail.begin(), tail.end());
        }
        add(stream, body, now);
    }
    void tidy(std::int64_t now) { ASSERT_TRUE(journal_.tidy(at(now))); }

private:
    journal::Journal journal_;
    std::uint64_t sequence_ = 0;
};

/// Every kind of record, every decision, what explains them, and what is yet to be invented; the first hour
/// is closed and compressed, the second is as a fall leaves it.
void write_journal(const fs::path& folder) {
    using journal::Kind;
    Writing out{folder};
    const journal::Stream sensor{{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}, 99}, ourselves{};
    const auto say = [&](std::int64_t now) {
        journal::ByteRing ring{1 << 16};
        journal::Encoder voice{ring, name_of, journal::WhenFull::count};
        voice.source(observe::Time{std::chrono::seconds{1'700'000'000}}, {.number = 2,
                                                                          .sensor = sensor.sensor,
                                                                          .boot = sensor.boot,
                                                                          .interface = "eth1",
                                                                          .sensor_name = "hall 1",
                                                                          .link_type = 1,
                                                                          .realm = observe::Realm{3},
                                                                          .live = true,
                                                                          .build = "0.1.0",
                                                                          .clock_offset_ns = -250});
        test::say_every_kind(voice);
        std::vector<std::byte> scratch(journal::record_room);
        ring.drain(scratch, SIZE_MAX, [&](Bytes record) { out.observed(sensor, record, now); });
    };
    say(10);

    using center::What;
    center::Decision told;
    told.at = observe::Time{std::chrono::nanoseconds{1'700'000'100'000'000'001}};
    told.who = "tanaka";
    const auto decide = [&](What what, std::uint64_t subject, std::uint64_t other, std::string text,
                            std::optional<std::string> value) {
        told.what = what;
        told.subject = subject;
        told.other = other;
        told.text = std::move(text);
        told.value = std::move(value);
        out.add(ourselves, center::encode(told), 20);
        told.at += std::chrono::seconds{1};
    };
    decide(What::setting, 0, 0, "inlet.3", sensor.text());
    decide(What::correct, 7, 0, "name", "プレス 2");
    decide(What::correct, 7, 0, "name", std::nullopt);
    decide(What::merge, 3, 4, "", std::nullopt);
    told.subnets = {observe::subnet_of("10.2.3.0/24").value(), observe::subnet_of("fd00:1::/64").value()};
    decide(What::line, 1, 0, "Line 1", std::nullopt);
    told.subnets = {};
    decide(What::line_gone, 1, 0, "", std::nullopt);
    decide(What::upload, 5, 123'456, "day.pcap.zst", "0f3a");
    decide(What::upload_gone, 5, 0, "", std::nullopt);
    decide(What::ledger, 3'000, 6, "台帳.csv", "3f21");
    decide(What::ledger_entry, 17, 0, "",
           "17\x1f"
           "4");
    decide(What::ledger_entry_gone, 17, 0, "", std::nullopt);
    decide(What::approve, 7, 3, "外注の調整",
           "1700600000000000000\x1e"
           "12 13\x1emac\x1f"
           "Press 2\nvendor\x1f"
           "cip\x1f"
           "Omron\n");
    decide(What::merge, 3, 4, "", "31 41");
    decide(What::split, 4, 9, "", "31 32");
    decide(What::undone, 21, 0, "", std::nullopt);
    decide(What::feed, 0, 0, "advisories.zip", "77ab");
    decide(What::feed_gone, 0, 0, "epss", std::nullopt);
    decide(What::weakness_state, 7, 0, "",
           "\x1f"
           "ICSA-22-335-01\x1f"
           "accepted\x1f"
           "behind a firewall\x1f"
           "2027-03-31");
    decide(What::comments, 2, 0, "溶接2号.csv", "77ab");
    decide(What::comments_of, 2, 0, "",
           "7\x1f\n"
           "9\x1funit 1\n");
    decide(What::comments_gone, 2, 0, "", std::nullopt);
    decide(What::ask_draft, 4, 0, "", "[[subnet]]\nname = \"溶接\"\n");
    decide(What::ask_approve, 4, 1, "型式の確認", "[[subnet]]\nname = \"溶接\"\n");
    decide(What::ask_stop, 0, 0, "試運転", std::nullopt);
    decide(What::ledger_rule, 4, 1, "",
           "10.2.3.0/24\x1f"
           "20\x1f\x1fPLC-*\x1f"
           "1\x1f\x1f製造1課\x1f\x1f\x1f\x1f\x1f\x1f\x1f");
    decide(What::ledger_rule_order, 0, 0, "", "4 2");
    decide(What::ledger_rule_gone, 4, 0, "", std::nullopt);
    decide(What::ledger_layout, 0, 0, "台帳.csv", "3f22.layout");

    std::array<std::byte, 512> room;
    const observe::Time then{std::chrono::nanoseconds{1'700'000'200'000'000'000}};
    out.observed(sensor,
                 journal::encode(room, {.kind = Kind::lost, .worth = journal::Worth::keep, .at = then},
                                 journal::Lost{journal::Lost::Why::ring_full, journal::Worth::bulk, 17, then,
                                               then + std::chrono::seconds{1}, 40, 57}),
                 30);
    // Of a newer release: fields that nobody knows yet in a kind that is known, and a kind that is not.
    journal::Writer newer{room};
    newer.number(1, 14).number(3, 1'700'000'300'000'000'000u);
    const auto body = newer.open(5);
    newer.number(1, 1'000).number(23, 5).text(4'000, "from the future");
    newer.close(body);
    newer.number(8, 2).text(200, "more of it").signed_number(201, -5).real(202, 2.5);
    out.observed(sensor, newer.written(), 30);
    for (const auto kind :
         {Kind::text, Kind::permit, Kind::answer, Kind::rules_loaded}) { // Given out, not yet used.
        journal::Writer reserved{room};
        reserved.number(1, static_cast<std::uint64_t>(kind)).number(3, 1'700'000'350'000'000'000u);
        out.observed(sensor, reserved.text(5, "what it will say").written(), 30);
    }
    journal::Writer unknown{room};
    unknown.number(1, 4'000).number(3, 1'700'000'400'000'000'000u).text(5, "a kind from the future");
    out.observed(sensor, unknown.written(), 30);

    out.tidy(3'700); // One segment each time.
    out.tidy(3'701);
    say(3'710);
}

std::string text_of(const fs::path& folder) {
    std::string out;
    std::map<journal::Stream, std::unique_ptr<journal::Replay>> readers;
    journal::Protocols protocols;
    const auto counts = journal::replay_journal(folder, 0, [&](const journal::Stream& stream, Bytes record) {
        auto& reader = readers[stream];
        if (!reader) reader = std::make_unique<journal::Replay>(protocols);
        out += cat(stream.sensor == std::array<std::uint8_t, 16>{} ? "ours   " : "sensor ",
                   test::record_text(record, *reader, protocols));
        if (const auto told = center::decision(journal::open(record).value());
            told && stream == journal::Stream{}) {
            out += cat("    decision ", static_cast<unsigned>(told->what), " by ", told->who, " about ",
                       told->subject, " and ", told->other, ": ", yagura::quoted(told->text), " = ",
                       told->value ? yagura::quoted(*told->value) : "nothing");
            for (const auto& subnet : told->subnets)
                out += cat(", ", observe::text(subnet.network), "/", static_cast<unsigned>(subnet.bits));
            out += "\n";
        }
        return true;
    });
    EXPECT_TRUE(counts) << counts.error().text();
    if (counts)
        out += cat(counts->records, " records in ", counts->segments, " segments, ", counts->damaged,
                   " damaged\n");
    return out;
}

std::string content(const fs::path& path) {
    std::ifstream file{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{file}, {}};
}

struct Folder {
    Folder() {
        auto made = (fs::temp_directory_path() / "yagura-golden-XXXXXX").string();
        EXPECT_NE(::mkdtemp(made.data()), nullptr);
        path = made;
    }
    ~Folder() { fs::remove_all(path); }
    fs::path path;
};

TEST(GoldenJournal, EachReleasesReadsAsItDid) {
    if (const char* name = std::getenv("YAGURA_JOURNAL_GOLDEN")) {
        fs::remove_all(kept / name);
        fs::create_directories(kept);
        write_journal(kept / name);
        std::ofstream{kept / cat(std::string_view{name}, ".txt")} << text_of(kept / name);
        GTEST_SKIP() << "written: " << (kept / name);
    }
    int read = 0;
    for (const auto& release : fs::directory_iterator{kept}) {
        if (!release.is_directory()) continue;
        ++read;
        const auto name = release.path().filename().string();
        EXPECT_EQ(text_of(release.path()), content(kept / (name + ".txt"))) << name;
    }
    EXPECT_GE(read, 1);
}

TEST(GoldenJournal, TodaysWriterWritesTheNewest) {
    const Folder folder;
    write_journal(folder.path);
    std::size_t compared = 0;
    for (const auto& file : fs::recursive_directory_iterator{kept / newest}) {
        if (!file.is_regular_file()) continue;
        const auto ours = folder.path / fs::relative(file.path(), kept / newest);
        const auto written = journal::read_segment(ours), golden = journal::read_segment(file.path());
        ASSERT_TRUE(golden) << file.path();
        ASSERT_TRUE(written) << ours;
        EXPECT_EQ(*written, *golden) << "the format has changed: what is said on top of this file?";
        ++compared;
    }
    EXPECT_EQ(compared, 3u);
}

// The rules that outlive us, on bytes that were written once: a tail that is torn, a bit that flipped.
TEST(GoldenJournal, DamageCostsWhatIsBehindIt) {
    for (const auto& file : fs::recursive_directory_iterator{kept / newest}) {
        if (file.path().extension() != ".ygj") continue;
        const auto whole = journal::read_segment(file.path()).value();
        std::size_t records = 0;
        const auto count = [](Bytes bytes) {
            journal::SegmentReader in{bytes};
            std::size_t found = 0;
            while (!in.next().empty()) ++found;
            return found;
        };
        records = count(whole);
        for (std::size_t length = 0; length < whole.size(); ++length)
            EXPECT_LT(count(Bytes{whole}.first(length)), records);
        for (std::size_t byte = 0; byte < whole.size(); byte += 7) {
            auto flipped = whole;
            flipped[byte] ^= std::byte{0x10};
            EXPECT_LE(count(flipped), records);
        }
    }
}

} // namespace
