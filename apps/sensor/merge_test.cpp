#include "apps/sensor/merge.h"

#include <gtest/gtest.h>

#include <string>

#include "spine/base/text.h"
#include "spine/journal/replay.h"

namespace yagura::sensor {
namespace {

namespace ob = observe;
using State = Merge::State;

ob::Time at(std::int64_t milliseconds) { return ob::Time{std::chrono::milliseconds{milliseconds}}; }
std::string_view no_name(std::uint16_t) noexcept { return {}; }

/// A worker's voice, and the ring that it goes into.
struct Voice {
    journal::ByteRing ring{1u << 16};
    journal::Encoder encoder{ring, no_name, journal::WhenFull::wait, 16};

    void say(std::int64_t when, std::string_view name) {
        static const ob::Parties nobody{};
        encoder.on({.at = at(when), .parties = nobody}, ob::Log{.text = name});
    }
    void cover(std::int64_t when, std::uint64_t packets) {
        static const ob::Parties nobody{};
        encoder.on({.at = at(when), .parties = nobody},
                   ob::Coverage{.packets = packets, .bytes = packets * 10});
    }
    void until(std::int64_t when) { encoder.watermark(at(when)); }
    void end() { encoder.watermark(ob::Time::max()); }
};

class merging : public testing::Test {
protected:
    Voice a, b;
    Merge merge{{&a.ring, &b.ring}};
    std::string seen;
    bool takes = true;

    State move(std::size_t most = 1'000) {
        return merge.move(most, [this](Bytes body) {
            const auto envelope = journal::open(body);
            if (!envelope) return false;
            seen += cat(seen.empty() ? "" : " ", envelope->at.time_since_epoch().count() / 1'000'000);
            if (envelope->kind == journal::Kind::coverage) {
                const auto cover = journal::message<ob::Coverage>(*envelope);
                seen += cat(":", cover.packets, "/", cover.bytes);
            }
            return takes;
        });
    }
};

TEST_F(merging, is_by_time_and_waits_for_the_silent) {
    a.say(10, "a"), a.say(30, "a"), a.say(50, "a");
    EXPECT_EQ(move(), State::waiting);
    EXPECT_EQ(seen, "") << "b may still say something older";
    b.say(20, "b"), b.until(40);
    move();
    EXPECT_EQ(seen, "10 20 30") << "50 is beyond what b has said nothing about";
    b.end();
    a.end();
    EXPECT_EQ(move(), State::ended);
    EXPECT_EQ(seen, "10 20 30 50");
}

TEST_F(merging, does_not_wait_when_it_is_to_hurry) {
    a.say(10, "a");
    EXPECT_EQ(move(), State::waiting);
    merge.hurry(true);
    EXPECT_EQ(move(), State::moved);
    EXPECT_EQ(seen, "10");
}

TEST_F(merging, adds_up_the_coverage_of_a_second) {
    a.cover(1'000, 5), a.say(1'500, "a"), a.cover(2'000, 7), a.end();
    b.cover(1'000, 1), b.cover(2'000, 2), b.end();
    EXPECT_EQ(move(), State::ended);
    EXPECT_EQ(seen, "1000:6/60 1500 2000:9/90");
}

TEST_F(merging, keeps_each_workers_own_order_when_times_run_back) {
    a.cover(2'000, 1), a.say(1'500, "said at the end"), a.end();
    b.end();
    EXPECT_EQ(move(), State::ended);
    EXPECT_EQ(seen, "1500 2000:1/10") << "coverage waits for the others' share";
}

TEST_F(merging, tells_when_nobody_takes_it) {
    takes = false;
    a.say(10, "a"), a.end(), b.end();
    EXPECT_EQ(move(), State::refused);
}

} // namespace
} // namespace yagura::sensor
