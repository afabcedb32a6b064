// Real captures through the whole pipeline: the same observations from one worker and from four, and what is
// counted before the fold comes out after it.
#include <gtest/gtest.h>

#include <filesystem>
#include <iostream>
#include <map>
#include <random>

#include "spine/decode/decoder.h"
#include "spine/observe/lines.h"
#include "spine/worker/file_run.h"

using namespace yagura;
using namespace yagura::worker;
namespace ob = yagura::observe;

namespace {

/// Everything that is told, as text; compared as a set.
struct Everything final : ob::Sink {
    std::map<std::string, int> told;
    std::uint64_t observations = 0, operations = 0, folded = 0;
    ob::Lines lines{dissect::name_of};

    template <class Kind>
    void add(const ob::Origin& o, const Kind& what, std::string more = {}) {
        ++observations;
        lines.on(o, what);
        const auto station = [](const ob::Station& s) { return cat(ob::text(s), ":", s.port); };
        ++told[cat(o.at.time_since_epoch().count(), " ", o.conversation, " ", station(o.parties.client), " ",
                   station(o.parties.server), " ", static_cast<int>(o.speaker), " ", o.evidence.frame, " ",
                   o.evidence.offset, " ", o.message.size(), " ", lines.take().back(), more)];
    }
    void on(const ob::Origin& o, const ob::Presence& what) override { add(o, what); }
    void on(const ob::Origin& o, const ob::Identity& what) override { add(o, what); }
    void on(const ob::Origin& o, const ob::Neighbour& what) override { add(o, what); }
    void on(const ob::Origin& o, const ob::Conversation& what) override {
        add(o, what,
            cat(" ", static_cast<int>(what.state), " ", what.protocol, " ", static_cast<int>(what.confidence),
                " ", what.packets[0], " ", what.packets[1], " ", what.bytes[0], " ", what.bytes[1], " ",
                what.retransmitted[0], " ", what.lost[0], " ", what.lost[1], " ", what.answer_time_us));
    }
    void on(const ob::Origin& o, const ob::Operation& what) override {
        add(o, what);
        ++operations;
    }
    void on(const ob::Origin& o, const ob::Repeats& what) override {
        add(o, what, cat(" ", what.last_seen.frame, " ", what.interval_mean_us));
        folded += what.messages;
    }
    void on(const ob::Origin& o, const ob::Variable& what) override { add(o, what); }
    void on(const ob::Origin& o, const ob::Name& what) override { add(o, what); }
    void on(const ob::Origin& o, const ob::Login& what) override { add(o, what); }
    void on(const ob::Origin& o, const ob::Transfer& what) override { add(o, what); }
    void on(const ob::Origin& o, const ob::Log& what) override { add(o, what); }
    void on(const ob::Origin& o, const ob::Match& what) override { add(o, what); }
    void on(const ob::Origin& o, const ob::Anomaly& what) override { add(o, what); }
    void on(const ob::Origin& o, const ob::Coverage& what) override {
        add(o, what, cat(" ", what.packets, " ", what.bytes, " ", what.dropped));
        --observations; // Not among those that are counted: see Fold::pass.
    }
};

std::vector<std::filesystem::path> captures() {
    std::vector<std::filesystem::path> all;
    const char* elsewhere = std::getenv("YAGURA_CAPTURES");
    const std::filesystem::path folder = elsewhere ? elsewhere : YAGURA_SOURCE "/../shared/captures";
    if (!std::filesystem::exists(folder)) return all;
    for (const auto& entry : std::filesystem::recursive_directory_iterator{folder}) {
        const auto extension = entry.path().extension();
        if (entry.is_regular_file() &&
            (extension == ".pcap" || extension == ".pcapng" || extension == ".cap"))
            all.push_back(entry.path());
    }
    std::ranges::sort(all);
    return all;
}

TEST(Captures, OneWorkerAndFourSayTheSame) {
    const auto files = captures();
    if (files.empty()) GTEST_SKIP() << "SKIPPED: no ../shared/captures beside the sources";
    std::uint64_t observations = 0;
    for (const auto& path : files) {
        if (std::filesystem::file_size(path) > 3'000'000) continue;
        Everything one, four;
        Counts counts[2];
        for (const auto& [workers, to, at] : {std::tuple{1u, &one, 0}, {4u, &four, 1}}) {
            auto file = capture::File::open(path.string(), workers);
            if (!file) continue; // Not a capture that any reader takes: capture's own tests say why.
            counts[at] = run_file(**file, 1, {}, nullptr, to).counts;
        }
        observations += one.observations;
        EXPECT_EQ(counts[0].packets, counts[1].packets) << path;
        EXPECT_EQ(counts[0].messages(), counts[1].messages()) << path;
        EXPECT_EQ(counts[0].flows, counts[1].flows) << path;
        EXPECT_EQ(counts[0].messages(), one.operations + one.folded + counts[0].carriers) << path;
        EXPECT_EQ(counts[0].carriers, counts[1].carriers) << path;
        EXPECT_EQ(counts[0].operations, one.operations) << path;
        EXPECT_EQ(counts[0].observations, one.observations) << path;
        if (one.told == four.told) continue;
        int shown = 0;
        for (const auto& [line, count] : one.told)
            if (!four.told.contains(line) && shown++ < 3) ADD_FAILURE() << path << " only from one: " << line;
        for (const auto& [line, count] : four.told)
            if (!one.told.contains(line) && shown++ < 6) ADD_FAILURE() << path << " only from four: " << line;
        EXPECT_TRUE(shown > 0) << path << ": the same lines, not as often";
    }
    std::cout << files.size() << " captures, " << observations << " observations\n";
}

// What frames are shared out by is read a short way where that is possible; it has to find whom the whole
// walk through the layers finds, also in frames that somebody bent.
TEST(Captures, TheShortWayToAHostPairAgreesWithTheLongOne) {
    const auto files = captures();
    if (files.empty()) GTEST_SKIP() << "SKIPPED: no ../shared/captures beside the sources";
    std::mt19937 random{17}; // NOLINT: the same numbers each time
    std::uint64_t frames = 0;
    for (const auto& path : files) {
        if (std::filesystem::file_size(path) > 3'000'000) continue;
        auto file = capture::File::open(path.string());
        if (!file) continue;
        decode::Decoder decoder;
        decode::Packet packet;
        const auto agrees = [&](Bytes bytes, const capture::Frame& frame) {
            decoder.decode({.bytes = bytes,
                            .wire_length = frame.wire_length,
                            .link_type = frame.link_type,
                            .number = frame.number,
                            .at = ob::Time{std::chrono::nanoseconds{frame.at}}},
                           packet);
            ++frames;
            return has(packet.oddities, decode::Oddity::reassembled) || // By its fragments' outer pair.
                   decode::host_pair(bytes, frame.link_type) == decode::host_pair(packet.parties);
        };
        capture::Frame frame;
        std::vector<std::byte> bent;
        while (file.value()->cursor(0).next(frame)) {
            ASSERT_TRUE(agrees(frame.bytes, frame)) << path << ' ' << frame.number;
            for (int i = 0; i < 2 && !frame.bytes.empty(); ++i) {
                bent.assign(frame.bytes.begin(), frame.bytes.end());
                bent.resize(i == 0 ? bent.size() : random() % bent.size() + 1);
                // Where the headers are that decide: types, versions, lengths, protocols, ports.
                for (int change = 0; change < 2; ++change)
                    bent[random() % std::min<std::size_t>(bent.size(), 60)] = static_cast<std::byte>(
                        random());
                ASSERT_TRUE(agrees(bent, frame)) << path << ' ' << frame.number << " bent";
            }
        }
    }
    std::cout << frames << " frames\n";
}

} // namespace
