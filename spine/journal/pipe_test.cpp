// Whoever is killed at either end of the pipe, what was whole stays whole.
#include "spine/journal/pipe.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <random>
#include <thread>
#include <vector>

#include "spine/journal/replay.h"

using namespace yagura;
using namespace yagura::journal;

namespace {

struct Ends {
    Ends() : ends{make_pipe().value()} {}
    explicit Ends(int flags) {
        int both[2];
        EXPECT_EQ(::pipe2(both, flags), 0);
        ends = {both[0], both[1]};
    }
    ~Ends() { close_read(), close_write(); }
    void close_read() { close(ends.read); }
    void close_write() { close(ends.write); }
    static void close(int& descriptor) {
        if (descriptor >= 0) ::close(std::exchange(descriptor, -1));
    }
    PipeEnds ends;
};

Bytes numbered(std::span<std::byte> room, std::uint64_t number, std::size_t filling = 0) {
    static const std::array<std::byte, record_room> some{};
    Writer out{room};
    out.number(1, static_cast<std::uint64_t>(Kind::log)).number(4, number);
    out.bytes(5, Bytes{some}.first(filling));
    return out.written();
}

TEST(Pipe, GivesBackRecordsWithSequences) {
    Ends pipe;
    PipeWriter out{pipe.ends.write};
    std::array<std::byte, record_room> room;
    for (std::uint64_t i = 1; i <= 500; ++i) ASSERT_TRUE(out.add(numbered(room, i, i)));
    Writer explains{room};
    explains.number(1, static_cast<std::uint64_t>(Kind::parties)).number(4, 1);
    ASSERT_TRUE(out.add(explains.written()));
    Writer mark{room};
    mark.number(1, static_cast<std::uint64_t>(Kind::watermark));
    ASSERT_TRUE(out.add(mark.written()));
    ASSERT_TRUE(out.flush());
    EXPECT_EQ(out.sequence(), 500u);
    pipe.close_write();

    PipeReader in{pipe.ends.read};
    std::uint64_t seen = 0, explained = 0;
    while (in.fill() == PipeReader::State::more)
        for (auto record = in.next(); !record.empty(); record = in.next()) {
            const auto envelope = open(record).value();
            if (envelope.kind == Kind::parties) {
                EXPECT_EQ(envelope.sequence, 0u);
                ++explained;
                continue;
            }
            EXPECT_EQ(envelope.kind, Kind::log);
            EXPECT_EQ(envelope.sequence, ++seen);
            EXPECT_EQ(envelope.conversation, seen);
        }
    EXPECT_EQ(seen, 500u);
    EXPECT_EQ(explained, 1u);
    EXPECT_EQ(in.skipped(), 0u);
}

TEST(Pipe, RefusesWhatWouldNotFitAndABrokenPipeIsTold) {
    ::signal(SIGPIPE, SIG_IGN);
    Ends pipe;
    PipeWriter out{pipe.ends.write};
    const std::vector<std::byte> giant(record_room + 1, std::byte{8});
    EXPECT_FALSE(out.add(giant));
    EXPECT_FALSE(out.add({}));
    pipe.close_read();
    std::array<std::byte, 64> room;
    EXPECT_TRUE(out.add(numbered(room, 1)));
    EXPECT_FALSE(out.flush());
    EXPECT_TRUE(out.broken());
}

TEST(Pipe, GarbageCostsItsOwnReadsOnly) {
    Ends pipe;
    PipeWriter out{pipe.ends.write};
    PipeReader in{pipe.ends.read};
    std::mt19937 random{3};
    std::array<std::byte, record_room> room;
    std::uint64_t seen = 0;
    for (std::uint64_t i = 1; i <= 300; ++i) {
        std::vector<std::byte> garbage(1 + random() % 4096);
        for (auto& byte : garbage) byte = static_cast<std::byte>(random());
        if (i % 2) std::memcpy(garbage.data(), "YGB1\x10\0\0\0", std::min<std::size_t>(garbage.size(), 8));
        ASSERT_GT(::write(pipe.ends.write, garbage.data(), garbage.size()), 0);
        ASSERT_TRUE(out.add(numbered(room, i, random() % 3000)));
        ASSERT_TRUE(out.flush());
        for (int reads = 0; reads < 2; ++reads) {
            ASSERT_EQ(in.fill(), PipeReader::State::more);
            for (auto record = in.next(); !record.empty(); record = in.next())
                EXPECT_EQ(open(record)->sequence, ++seen);
        }
    }
    EXPECT_EQ(seen, 300u);
    EXPECT_GT(in.skipped(), 0u);
}

TEST(Pipe, AStrangersTextNeverPassesForRecords) {
    // A station is named so that its name, inside a record, is itself a batch with a good checksum.
    Ends inner;
    PipeWriter forged{inner.ends.write};
    std::array<std::byte, record_room> room, batch;
    ASSERT_TRUE(forged.add(numbered(room, 666)));
    ASSERT_TRUE(forged.flush());
    const auto size = ::read(inner.ends.read, batch.data(), batch.size());
    ASSERT_GT(size, 0);

    Ends pipe;
    PipeWriter out{pipe.ends.write};
    Writer named{room};
    named.number(1, static_cast<std::uint64_t>(Kind::log)).number(4, 1);
    named.bytes(5, Bytes{batch}.first(static_cast<std::size_t>(size)));
    ASSERT_TRUE(out.add(named.written()));
    ASSERT_TRUE(out.flush());
    // Whatever part of it a reader gets to see, and whatever is damaged in it.
    const auto length = ::read(pipe.ends.read, batch.data(), batch.size());
    ASSERT_GT(length, 0);
    for (std::size_t from = 0; from < static_cast<std::size_t>(length); ++from)
        for (const bool damaged : {false, true}) {
            auto bytes = batch;
            if (damaged) bytes[from] ^= std::byte{1};
            Ends other;
            const auto start = damaged     ? 0
                               : from == 0 ? 0
                                           : 1; // A read begins where a write began, or just not.
            ASSERT_GT(
                ::write(other.ends.write, bytes.data() + start, static_cast<std::size_t>(length - start)), 0);
            PipeReader in{other.ends.read};
            ASSERT_EQ(in.fill(), PipeReader::State::more);
            for (auto record = in.next(); !record.empty(); record = in.next())
                EXPECT_NE(open(record)->conversation, 666u);
        }
}

// Without packet mode: who starts in the middle of a batch understands again once it has caught up.
TEST(Pipe, AReaderOfAPlainStreamFindsItsFeet) {
    Ends pipe{O_CLOEXEC};
    std::array<std::byte, record_room> room;
    const auto write_one = [&](std::uint64_t number) {
        Ends packet;
        PipeWriter out{packet.ends.write};
        ASSERT_TRUE(out.add(numbered(room, number, 50)));
        ASSERT_TRUE(out.flush());
        std::array<std::byte, batch_most> batch;
        const auto size = ::read(packet.ends.read, batch.data(), batch.size());
        ASSERT_EQ(::write(pipe.ends.write, batch.data(), static_cast<std::size_t>(size)), size);
    };
    write_one(1), write_one(2);
    std::array<std::byte, 13> lost;
    ASSERT_EQ(::read(pipe.ends.read, lost.data(), lost.size()), 13);
    PipeReader in{pipe.ends.read};
    ASSERT_EQ(in.fill(), PipeReader::State::more);
    EXPECT_TRUE(in.next().empty());
    write_one(3);
    ASSERT_EQ(in.fill(), PipeReader::State::more);
    EXPECT_EQ(open(in.next())->conversation, 3u);
}

TEST(Pipe, AKilledReaderLosesOnlyWhatItHadRead) {
    Ends pipe;
    std::jthread writer{[&] {
        PipeWriter out{pipe.ends.write};
        std::array<std::byte, record_room> room;
        for (std::uint64_t i = 1; i <= 200'000; ++i) {
            (void)out.add(numbered(room, i, i % 200));
            if (i % 64 == 0) (void)out.flush();
        }
        (void)out.flush();
        pipe.close_write();
    }};
    for (int kills = 0; kills < 5; ++kills) { // Children read for a moment and are killed in the middle.
        const auto child = ::fork();
        if (child == 0) {
            PipeReader in{pipe.ends.read};
            while (in.fill() == PipeReader::State::more)
                while (!in.next().empty()) {
                }
            ::_exit(0);
        }
        ::usleep(2'000);
        ::kill(child, SIGKILL);
        ::waitpid(child, nullptr, 0);
    }
    PipeReader in{pipe.ends.read};
    std::uint64_t last = 0, records = 0;
    while (in.fill() == PipeReader::State::more)
        for (auto record = in.next(); !record.empty(); record = in.next(), ++records) {
            const auto envelope = open(record).value();
            EXPECT_EQ(envelope.sequence, envelope.conversation);
            if (last != 0) {
                EXPECT_EQ(envelope.sequence, last + 1);
            }
            last = envelope.sequence;
        }
    EXPECT_EQ(last, 200'000u);
    EXPECT_EQ(in.skipped(), 0u);
    EXPECT_GT(records, 0u);
}

} // namespace
