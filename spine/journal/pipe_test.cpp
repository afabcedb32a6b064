// Whoever is killed at either end of the pipe, what was whole stays whole.
#include "spine/journal/pipe.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mman.h>
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
    while (in.fill() == PipeReader::State::more) {
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
        in.taken();
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
        ASSERT_EQ(in.fill(), PipeReader::State::more);
        for (auto record = in.next(); !record.empty(); record = in.next())
            EXPECT_EQ(open(record)->sequence, ++seen);
        in.taken();
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
    in.taken();
    write_one(3);
    ASSERT_EQ(in.fill(), PipeReader::State::more);
    EXPECT_EQ(open(in.next())->conversation, 3u);
}

TEST(Pipe, WhatWasNotTakenComesAgain) {
    for (const int flags : {O_CLOEXEC | O_DIRECT | O_NONBLOCK, O_CLOEXEC | O_NONBLOCK}) {
        Ends pipe{flags};
        PipeWriter out{pipe.ends.write};
        if ((flags & O_DIRECT) == 0) // The writer asks for it; take it away again.
            (void)::fcntl(pipe.ends.write, F_SETFL, ::fcntl(pipe.ends.write, F_GETFL) & ~O_DIRECT);
        std::array<std::byte, record_room> room;
        const auto say = [&](std::uint64_t number) {
            ASSERT_TRUE(out.add(numbered(room, number, 3'000)));
            ASSERT_TRUE(out.flush());
        };
        // More than one look has room for: the last batch that is looked at is cut.
        for (std::uint64_t number = 1; number <= 100; ++number) say(number);
        std::uint64_t last = 0;
        for (int looks = 0; last != 100; ++looks) {
            ASSERT_LT(looks, 10);
            std::uint64_t seen = last;
            for (int readers = 0; readers < 2; ++readers) { // The first one dies.
                PipeReader in{pipe.ends.read};
                ASSERT_EQ(in.fill(), PipeReader::State::more);
                ASSERT_TRUE(in.keeps());
                seen = last;
                for (auto record = in.next(); !record.empty(); record = in.next())
                    ASSERT_EQ(open(record)->sequence, ++seen);
                if (readers == 1) in.taken();
                EXPECT_EQ(in.skipped(), 0u);
            }
            EXPECT_GT(seen, last);
            last = seen;
        }
        PipeReader in{pipe.ends.read};
        EXPECT_EQ(in.fill(), PipeReader::State::waiting);
        pipe.close_write();
        EXPECT_EQ(in.fill(), PipeReader::State::ended);
    }
}

TEST(Pipe, AKilledReaderLosesNothing) {
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
    // What is safe, as a journal would have it: known to whoever comes after.
    auto* const safe = static_cast<std::atomic<std::uint64_t>*>(
        ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
    ASSERT_NE(safe, MAP_FAILED);
    const auto read_on = [&] {
        PipeReader in{pipe.ends.read};
        bool whole = true;
        while (in.fill() == PipeReader::State::more) {
            auto last = safe->load();
            for (auto record = in.next(); !record.empty(); record = in.next()) {
                const auto sequence = open(record).value().sequence;
                whole = whole && sequence <= last + 1;
                last = std::max(last, sequence);
            }
            safe->store(last);
            in.taken();
        }
        return whole && in.skipped() == 0;
    };
    for (int kills = 0; kills < 20; ++kills) { // Children read for a moment and are killed in the middle.
        const auto child = ::fork();
        if (child == 0) ::_exit(read_on() ? 0 : 1);
        ::usleep(static_cast<useconds_t>(500 + 300 * (kills % 7)));
        ::kill(child, SIGKILL);
        int status = 0;
        ::waitpid(child, &status, 0);
        EXPECT_TRUE(WIFSIGNALED(status) || WEXITSTATUS(status) == 0);
    }
    EXPECT_TRUE(read_on());
    EXPECT_EQ(safe->load(), 200'000u);
    ::munmap(safe, 4096);
}

} // namespace
