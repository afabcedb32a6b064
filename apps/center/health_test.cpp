// What the detectors of network health remember lives as long as the journal: whatever falls, they go on in
// the middle.
#include "tests/support/running_center.h"

using namespace yagura;
using namespace yagura::test;

namespace {

std::string_view names_arp(std::uint16_t protocol) noexcept { return protocol == 3 ? "arp" : ""; }

/// A sensor that sees two stations claim one address in turn, and says so, a claim each time it is asked.
class TwoOfOneAddress {
public:
    explicit TwoOfOneAddress(int pipe) : out_{pipe}, encoder_{ring_, names_arp, journal::WhenFull::count} {}
    void claim() {
        encoder_.source(now_, {.number = 1,
                               .sensor = {7},
                               .boot = 1,
                               .interface = "eth1",
                               .sensor_name = "hall",
                               .live = true});
        now_ += 70s;
        const observe::Ip address{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 2, 0, 50};
        const observe::Mac card{0, 0x30, 0xde, 0, 0, static_cast<std::uint8_t>(1 + frame_++ % 2 * 0x40)};
        const observe::Parties parties{.client = {.ip = {}, .mac = card},
                                       .server = {.ip = {}, .mac = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff}},
                                       .lane = {.carrier = 0x806}};
        encoder_.on({.at = now_, .parties = parties, .conversation = 1, .evidence = {frame_, 1, 14}},
                    observe::Identity{.protocol = 3,
                                      .subject = observe::Subject::third,
                                      .third = {.ip = address, .mac = card},
                                      .attribute = observe::Attribute::ip,
                                      .value = std::string_view{"10.2.0.50"},
                                      .confidence = 95});
        encoder_.on({.at = now_, .parties = {}, .evidence = {frame_, 1, 0}},
                    observe::Coverage{.packets = 1, .bytes = 60});
        ring_.drain(scratch_, SIZE_MAX, [&](Bytes record) { ASSERT_TRUE(out_.add(record)); });
        out_.flush();
    }

private:
    journal::PipeWriter out_;
    journal::ByteRing ring_{1 << 16};
    journal::Encoder encoder_;
    observe::Time now_{1'700'000'000s};
    std::uint64_t frame_ = 0;
    std::vector<std::byte> scratch_ = std::vector<std::byte>(journal::record_room);
};

/// Each finding and each thing remembered, as one text.
std::vector<std::string> kept(const std::string& folder) {
    std::vector<std::string> out;
    auto state = store::Database::open(store::state_file(folder), store::Database::Mode::reader).value();
    for (const auto* sql :
         {"SELECT key || ' ' || first || ' ' || last || ' ' || until || ' ' || times || ' ' || facts || ' ' "
          "|| "
          "(SELECT group_concat(role || ' ' || hex(mac) || ' ' || node || ' ' || frame) FROM health_party p "
          "WHERE p.finding = f.id) FROM health_finding f ORDER BY key",
          "SELECT detector || ' ' || hex(key) || ' ' || hex(value) FROM health_memory ORDER BY 1"})
        EXPECT_TRUE(
            state.prepare(sql).value().each([&](const store::Row& row) { out.push_back(row.string(0)); }));
    return out;
}

constexpr int claims = 6;

/// `kills`: with kill -9 after each claim and a center anew; else one center that sees all of it.
std::vector<std::string> told(bool kills) {
    const Folder folder;
    const auto pipe = journal::make_pipe().value();
    TwoOfOneAddress sensor{pipe.write};
    for (int i = 0; kills && i < claims - 1; ++i) {
        const auto child = ::fork();
        if (child == 0) {
            const Running running{folder.path, pipe.read};
            std::this_thread::sleep_for(1h);
            ::_exit(0);
        }
        sensor.claim();
        std::this_thread::sleep_for(std::chrono::milliseconds{120 + 210 * (i % 3)});
        ::kill(child, SIGKILL);
        ::waitpid(child, nullptr, 0);
    }
    {
        const Running running{folder.path, pipe.read};
        for (int i = kills ? claims - 1 : 0; i < claims; ++i) sensor.claim();
        running.wait_for(2);
        std::this_thread::sleep_for(400ms);
    }
    ::close(pipe.read), ::close(pipe.write);
    return kept(folder.path);
}

TEST(Center, WhatDetectorsRememberOutlivesKill9) {
    const auto broken = told(true), whole = told(false);
    EXPECT_EQ(broken, whole);
    ASSERT_FALSE(whole.empty());
    EXPECT_TRUE(whole[0].starts_with("duplicate_address|0|0|10.2.0.50|")) << whole[0];
    EXPECT_EQ(std::ranges::count_if(whole, [](const auto& row) { return row.contains("duplicate_address"); }),
              1);
}

} // namespace
