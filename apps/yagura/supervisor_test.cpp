#include "apps/yagura/supervisor.h"

#include <gtest/gtest.h>
#include <signal.h>

using namespace yagura;
using namespace yagura::run;
using std::chrono::milliseconds;

namespace {

TEST(Backoff, DoublesUntilTheMostAndForgetsAfterAGoodRun) {
    Backoff backoff;
    EXPECT_EQ(backoff.fell(milliseconds{0}), milliseconds{100});
    EXPECT_EQ(backoff.fell(milliseconds{0}), milliseconds{200});
    for (int i = 0; i < 20; ++i) (void)backoff.fell(milliseconds{0});
    EXPECT_EQ(backoff.fell(milliseconds{0}), Backoff::most);
    EXPECT_EQ(backoff.fell(Backoff::well), Backoff::least);
}

TEST(Supervisor, StartsAgainWhatFallsAndEndsTheLastFirst) {
    const std::vector<Program> programs{
        {.name = "steady", .path = "/bin/sleep", .arguments = {"60"}},
        {.name = "falling", .path = "/bin/sh", .arguments = {"-c", "exit 3"}},
        {.name = "stubborn",
         .path = "/bin/sh",
         .arguments = {"-c", "trap '' TERM; while :; do sleep 0.05; done"},
         .grace = milliseconds{300}},
    };
    std::vector<std::string> ended;
    int falls = 0;
    const auto done = supervise(
        programs,
        [&](const Told& told) {
            if (told.state == State::ended) ended.push_back(told.program.name + ": " + told.detail);
            if (told.state == State::waiting && told.program.name == "falling" && ++falls == 3) {
                EXPECT_EQ(told.detail, "ended with code 3; starting again in 400 ms");
                raise(SIGTERM);
            }
        },
        [] {});
    EXPECT_TRUE(done);
    ASSERT_EQ(ended.size(), 2u);
    EXPECT_EQ(ended[0], "stubborn: ended by signal 9");
    EXPECT_EQ(ended[1], "steady: ended by signal 15");
}

TEST(Supervisor, LeavesEndedWhatSaysSo) {
    const std::vector<Program> programs{
        {.name = "mute",
         .path = "/bin/sh",
         .arguments = {"-c", "exit 6"},
         .stays_ended = 6,
         .stays_ended_why = "the disk is full"},
        {.name = "other", .path = "/bin/sh", .arguments = {"-c", "exit 6"}},
    };
    std::vector<std::string> mute;
    int falls = 0;
    const auto done = supervise(
        programs,
        [&](const Told& told) {
            if (told.program.name == "mute" && told.state != State::running) mute.push_back(told.detail);
            if (told.program.name == "other" && told.state == State::waiting && ++falls == 3) raise(SIGTERM);
        },
        [] {});
    EXPECT_TRUE(done);
    EXPECT_EQ(mute, (std::vector<std::string>{"ended with code 6; not started again: the disk is full"}));
}

TEST(Supervisor, AProgramThatIsNotThereIsAComplaint) {
    const auto path = beside("yagura-no-such-program");
    ASSERT_FALSE(path);
    EXPECT_EQ(path.error().code, "run.no-program");
}

} // namespace
