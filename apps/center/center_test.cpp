// The center end to end, without API: records go into a pipe, rows come out of the store.
#include "tests/support/running_center.h"

using namespace yagura;
using namespace yagura::test;

namespace {

TEST(Center, RecordsBecomeDevicesAndHistory) {
    const Folder folder;
    const auto pipe = journal::make_pipe().value();
    Plant plant{pipe.write};
    {
        const Running running{folder.path, pipe.read};
        plant.say(100);
        running.wait_for(202);
    }
    const auto state = store::state_file(folder.path),
               day = store::history_folder(folder.path) + "/2023-11-14.sqlite";
    EXPECT_EQ(ask(day, "SELECT count(*) FROM operation"), 100); // A request and its answer are one act.
    EXPECT_EQ(ask(day, "SELECT count(*) FROM operation WHERE outcome = 1 AND answers = 1"), 100);
    EXPECT_EQ(ask(day, "SELECT packets FROM coverage"), 200);
    EXPECT_EQ(ask(state, "SELECT packets FROM source WHERE interface = 'eth1' AND live = 1"), 200);
    EXPECT_EQ(ask(state, "SELECT count(*) FROM device WHERE gone = 0"), 2);
    EXPECT_EQ(ask(state, "SELECT count(*) FROM shown"), 2);
    EXPECT_EQ(ask(state, "SELECT count(*) FROM change WHERE kind = 'new_device'"), 2);
    ::close(pipe.read), ::close(pipe.write);
}

TEST(Center, AConversationThatGoesOnIsCountedOnce) {
    const Folder folder;
    const auto pipe = journal::make_pipe().value();
    Plant plant{pipe.write};
    for (std::uint64_t packets = 100; packets <= 300; packets += 100) { // With a new center each time.
        const Running running{folder.path, pipe.read};
        plant.goes_on(packets);
        running.wait_for(1);
    }
    const auto state = store::state_file(folder.path);
    EXPECT_EQ(ask(state, "SELECT packets_out FROM talk"), 300);
    EXPECT_EQ(ask(state, "SELECT bytes_in FROM talk"), 3000);
    EXPECT_EQ(ask(state, "SELECT connections FROM talk"), 1);
    EXPECT_EQ(ask(state, "SELECT count(*) FROM counted"), 1);
    {
        const Running running{folder.path, pipe.read};
        plant.goes_on(310, observe::Conversation::State::closed);
        running.wait_for(1);
    }
    EXPECT_EQ(ask(state, "SELECT packets_out FROM talk"), 310);
    EXPECT_EQ(ask(state, "SELECT count(*) FROM counted"), 0); // It ended.
    ::close(pipe.read), ::close(pipe.write);
}

TEST(Center, OneAtATimeWorksOnAFolder) {
    const Folder folder;
    auto held = FolderLock::take(folder.path, 0ms);
    ASSERT_TRUE(held);
    const auto second = FolderLock::take(folder.path, 50ms);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, "base.folder-in-use");
}

TEST(Center, WhatWasAnsweredIsReadAtOnce) {
    const Folder folder;
    const auto pipe = journal::make_pipe().value();
    const Running running{folder.path, pipe.read};
    for (int i = 0; i < 20; ++i) {
        ASSERT_TRUE(running.center->run(model::CreateLine{cat("Line ", i), {}}, "tanaka"));
        EXPECT_EQ(ask(store::state_file(folder.path), "SELECT count(*) FROM line"), i + 1);
    }
    ::close(pipe.read), ::close(pipe.write);
}

TEST(Center, SensorsSpeakNeitherForPersonsNorForOthers) {
    const Folder folder;
    const auto pipe = journal::make_pipe().value();
    {
        const Running running{folder.path, pipe.read};
        journal::PipeWriter out{pipe.write};
        std::array<std::byte, 256> room;
        for (const auto& sensor :
             {std::array<std::uint8_t, 16>{}, std::array<std::uint8_t, 16>{'u', 'p', 'l', 'o', 'a', 'd'}}) {
            ASSERT_TRUE(out.add(journal::encode(room, {.kind = journal::Kind::source},
                                                journal::Source{.number = 1, .sensor = sensor})));
            ASSERT_TRUE(out.add(journal::encode(room, {.kind = journal::Kind::settings}, journal::Lost{})));
        }
        ASSERT_TRUE(out.add(journal::encode(room, {.kind = journal::Kind::source},
                                            journal::Source{.number = 1, .sensor = {5}})));
        ASSERT_TRUE(out.add(journal::encode(room, {.kind = journal::Kind::correction}, journal::Lost{})));
        ASSERT_TRUE(out.flush());
        ASSERT_EQ(::write(pipe.write, "garbage", 7), 7);
        std::this_thread::sleep_for(300ms);
        EXPECT_EQ(running.center->counters().skipped_bytes, 7u);
    }
    EXPECT_EQ(
        ask(store::state_file(folder.path), "SELECT count(*) FROM setting WHERE name NOT LIKE 'inlet.%'"), 0);
    // What stands in the journal is whose the pipe is, said by us, and what sensor 5 said of itself.
    const auto played = journal::replay_journal(
        folder.path + "/journal", 0, [&](const journal::Stream& stream, Bytes record) {
            const auto envelope = journal::open(record).value();
            if (stream.sensor == std::array<std::uint8_t, 16>{}) {
                const auto told = center::decision(envelope);
                EXPECT_TRUE(told && told->what == center::What::setting && told->who == "center" &&
                            told->text == cat("inlet.", pipe.read));
            } else {
                EXPECT_EQ(stream.sensor, (std::array<std::uint8_t, 16>{5}));
                EXPECT_EQ(envelope.kind, journal::Kind::source);
            }
            return true;
        });
    EXPECT_TRUE(played && played->records == 2);
    ::close(pipe.read), ::close(pipe.write);
}

// kill -9 under load: what the journal has is in the store exactly once, in the order of the sensor.

TEST(Center, KilledAtAnyMomentItLosesNothingAndDoublesNothing) {
    const int kills = std::getenv("YAGURA_KILLS") ? std::atoi(std::getenv("YAGURA_KILLS")) : 8;
    const Folder folder;
    const auto pipe = journal::make_pipe().value();
    std::atomic<bool> enough{false};
    std::atomic<std::uint64_t> said{0};
    std::jthread sensor{[&] {
        Plant plant{pipe.write};
        while (!enough) {
            plant.say(50);
            said = plant.said();
            std::this_thread::sleep_for(5ms);
        }
    }};
    for (int kill = 0; kill < kills; ++kill) {
        const auto child = ::fork();
        if (child == 0) {
            const Running running{folder.path, pipe.read};
            std::this_thread::sleep_for(1h);
            ::_exit(0);
        }
        std::this_thread::sleep_for(std::chrono::milliseconds{40 + 37 * (kill % 11)});
        ::kill(child, SIGKILL);
        ::waitpid(child, nullptr, 0);
    }
    std::uint64_t missing = 0;
    const auto began = std::chrono::steady_clock::now();
    {
        const Running running{folder.path, pipe.read};
        EXPECT_LT(std::chrono::steady_clock::now() - began, 5s); // A restart is seconds.
        enough = true;
        sensor.join(); // Its pipe may be full: it ends when somebody reads.
        for (std::uint64_t before = 0, now = 1; before != now;) {
            before = now;
            std::this_thread::sleep_for(400ms);
            now = running.center->counters().records + 1;
        }
        missing = running.center->counters().missing;
    }
    const auto state = store::state_file(folder.path),
               day = store::history_folder(folder.path) + "/2023-11-14.sqlite";
    const auto rows = ask(day, "SELECT count(*) FROM operation");
    const auto lost = ask(state, "SELECT ifnull(sum(records), 0) FROM lost");
    // Each register was written once: each act is in there, and none twice.
    EXPECT_EQ(
        ask(day, "SELECT count(*) - count(DISTINCT object) FROM operation WHERE act = 4 AND object <> ''"),
        0);
    EXPECT_EQ(rows, static_cast<std::int64_t>(said));
    EXPECT_EQ(lost, 0);
    EXPECT_EQ(missing, 0u);
    EXPECT_EQ(ask(day, "SELECT count(*) FROM operation WHERE who = 0 OR protocol <> 'modbus'"), 0);
    for (const auto& file : {state, day}) {
        auto database = store::Database::open(file, store::Database::Mode::reader).value();
        EXPECT_EQ(database.check().value(), "");
    }
    std::printf("%d kills: %llu acts said, %lld rows, %lld records lost and told\n", kills,
                static_cast<unsigned long long>(said), static_cast<long long>(rows),
                static_cast<long long>(lost));
    ::close(pipe.read), ::close(pipe.write);
}

} // namespace
