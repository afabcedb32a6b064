// What .cases cannot show of EtherCAT: who a frame on its way back is about.
#include <gtest/gtest.h>

#include "spine/dissect/exchange.h"
#include "tests/support/hex.h"

using namespace yagura;

namespace {

struct Heard final : observe::Listener {
    using observe::Listener::on;
    void on(const observe::Origin&, const observe::Operation& op) override {
        phase = op.phase;
        outcome = op.outcome;
    }
    void on(const observe::Origin&, const observe::Identity& id) override {
        subject = id.subject;
        third = id.third;
        station = id.part.steps[0].number;
    }
    observe::Phase phase{};
    observe::Outcome outcome{};
    observe::Subject subject{};
    observe::Station third{};
    std::uint32_t station = 0;
};

// A slave sends on what it read from one port through the other, with one bit of the master's address set.
TEST(Ethercat, AFrameOnItsWayBackIsAboutTheSlavesOfItsMaster) {
    const observe::Parties back{
        .client = {.ip = {}, .mac = {2, 1, 5, 13, 117, 96}}, .server = {}, .lane = {}};
    Heard heard;
    dissect::Exchange exchange{*dissect::find("ethercat"), heard, back};
    exchange.message(observe::Speaker::client, test::hex("0e10 0401e903300102000000 0800 0100"));
    EXPECT_EQ(heard.subject, observe::Subject::third);
    EXPECT_EQ(heard.third.mac, (observe::Mac{0, 1, 5, 13, 117, 96}));
    EXPECT_EQ(heard.station, 1001u);
    EXPECT_EQ(heard.outcome, observe::Outcome::done);
    // Nobody counted it up.
    exchange.message(observe::Speaker::client, test::hex("0e10 04014b04300102000000 0000 0000"));
    EXPECT_EQ(heard.phase, observe::Phase::response);
    EXPECT_EQ(heard.outcome, observe::Outcome::unanswered);
}

} // namespace
