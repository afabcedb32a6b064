#include "spine/capture/ring.h"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <thread>

#include "tests/support/captures.h"
#include "tests/support/hex.h"
#include "tests/support/network.h"
#include "tests/support/no_allocation.h"

namespace yagura::capture {
namespace {

using namespace std::chrono_literals;
using test::hex;
using test::Network;
using test::Sender;

using Kept = std::vector<std::vector<std::byte>>;

/// Until nothing more comes.
Kept take(Ring& ring) {
    Kept out;
    Frame frame;
    for (int idle = 0; idle < 4;) {
        ring.wait(Ring::delay);
        const auto before = out.size();
        while (ring.next(frame)) out.emplace_back(frame.bytes.begin(), frame.bytes.end());
        idle = out.size() == before ? idle + 1 : 0;
    }
    return out;
}

std::vector<std::byte> ipv4(std::uint32_t from, std::uint32_t to, std::string_view tags = "") {
    test::FileBytes out{std::endian::big};
    out.bytes(hex("020000000001 020000000002")).bytes(hex(tags)).u16(0x0800);
    out.u32(0x45000028).u32(0).u32(0x40110000).u32(from).u32(to);
    return out.pad(64).all;
}
std::vector<std::byte> ipv6(std::uint32_t from, std::uint32_t to) {
    test::FileBytes out{std::endian::big};
    out.bytes(hex("020000000001 020000000002 86dd")).u32(0x60000000).u32(0x00143b40);
    out.u64(0xfe80ull << 48).u64(from).u64(0xfe80ull << 48).u64(to);
    return out.pad(80).all;
}
std::vector<std::byte> layer2(std::uint8_t from, std::uint8_t to) {
    test::FileBytes out{std::endian::big};
    out.bytes(hex("0200000000")).u8(to).bytes(hex("0200000000")).u8(from).u16(0x8892);
    return out.pad(60).all;
}

class rings : public testing::Test {
protected:
    void SetUp() override {
        if (!network.good()) GTEST_SKIP() << "SKIPPED: needs root to make a network namespace";
    }
    Network network;
};

TEST_F(rings, give_frames_as_they_were_on_the_wire) {
    auto opened = Ring::open({.interfaces = {"near"}, .bytes = 4u << 20});
    ASSERT_TRUE(opened) << opened.error().text();
    auto& ring = *opened->front();
    const Kept sent{
        ipv4(1, 2),
        ipv4(1, 2, "8100 0064"),
        ipv4(1, 2, "88a8 6064 8100 0005"),
        ipv4(1, 2, "8100 e000"),
        test::pattern(14),
        test::pattern(1'514, 3),
    };
    const auto before = std::chrono::system_clock::now().time_since_epoch().count();
    const Sender far{"far"};
    for (const auto& frame : sent) ASSERT_TRUE(far.send(frame));
    Frame frame;
    Kept seen;
    for (int i = 0; i < 20 && seen.size() < sent.size(); ++i) {
        ring.wait(Ring::delay);
        while (ring.next(frame)) {
            seen.emplace_back(frame.bytes.begin(), frame.bytes.end());
            EXPECT_EQ(frame.number, seen.size());
            EXPECT_EQ(frame.wire_length, frame.bytes.size());
            EXPECT_EQ(frame.link_type, 1);
            EXPECT_GT(frame.at, before - 1'000'000'000);
            EXPECT_LT(frame.at, before + 60'000'000'000);
        }
    }
    EXPECT_EQ(seen, sent);
    EXPECT_EQ(ring.totals(0).seen, sent.size());
    EXPECT_EQ(ring.totals(0).dropped, 0u);
    EXPECT_EQ(ring.totals(0).delivered, sent.size());
}

TEST_F(rings, keep_both_directions_of_two_hosts_with_one_worker) {
    constexpr unsigned workers = 4;
    auto opened = Ring::open({.interfaces = {"near"}, .workers = workers, .bytes = 4u << 20});
    ASSERT_TRUE(opened) << opened.error().text();
    const Sender far{"far"};
    std::map<std::vector<std::byte>, std::uint32_t> pair_of;
    std::uint32_t pairs = 0;
    for (std::uint32_t i = 0; i < 64; ++i, ++pairs)
        for (const auto& [from, to] : {std::pair{0x0a000001u, 0x0a000100 + i}, {0x0a000100 + i, 0x0a000001u}})
            for (const auto* const tags : {"", "81000064", "88a8006481000005"})
                pair_of[ipv4(from, to, tags)] = pairs;
    for (std::uint32_t i = 0; i < 64; ++i, ++pairs)
        for (const auto& frame : {ipv6(7, 1'000 + i), ipv6(1'000 + i, 7)}) pair_of[frame] = pairs;
    for (std::uint8_t i = 0; i < 64; ++i, ++pairs)
        for (const auto& frame : {layer2(200, i), layer2(i, 200)}) pair_of[frame] = pairs;
    for (const auto& [frame, pair] : pair_of) ASSERT_TRUE(far.send(frame));

    std::map<std::uint32_t, std::set<unsigned>> workers_of;
    std::size_t seen = 0;
    for (unsigned i = 0; i < workers; ++i) {
        const auto mine = take(*(*opened)[i]);
        EXPECT_GT(mine.size(), pair_of.size() / workers / 3) << "worker " << i << " has next to nothing";
        seen += mine.size();
        for (const auto& frame : mine) {
            ASSERT_TRUE(pair_of.contains(frame));
            workers_of[pair_of[frame]].insert(i);
        }
    }
    EXPECT_EQ(seen, pair_of.size());
    EXPECT_EQ(workers_of.size(), pairs);
    for (const auto& [pair, who] : workers_of) EXPECT_EQ(who.size(), 1u) << "pair " << pair;
}

TEST_F(rings, count_exactly_what_they_lose) {
    // Two mebibytes, and nobody takes anything while 60,000 frames come.
    auto opened = Ring::open({.interfaces = {"near"}, .workers = 2, .bytes = 2u << 20});
    ASSERT_TRUE(opened) << opened.error().text();
    const Sender far{"far"};
    std::uint64_t sent = 0;
    for (std::uint32_t i = 0; i < 60'000; ++i) sent += far.send(ipv4(1, i % 50));
    std::uint64_t seen = 0, dropped = 0, delivered = 0;
    for (const auto& ring : *opened) {
        const auto mine = take(*ring);
        const auto totals = ring->totals(0);
        EXPECT_EQ(totals.delivered, mine.size());
        seen += totals.seen;
        dropped += totals.dropped;
        delivered += totals.delivered;
    }
    EXPECT_EQ(seen, sent);
    EXPECT_EQ(seen, delivered + dropped);
    EXPECT_GT(dropped, 1'000u);
}

TEST_F(rings, merge_interfaces_by_time) {
    ASSERT_TRUE(Network::run(
        "ip link add near2 type veth peer name far2 && ip link set near2 up && ip link set far2 up"));
    auto opened = Ring::open({.interfaces = {"near", "near2"}, .bytes = 8u << 20});
    ASSERT_TRUE(opened) << opened.error().text();
    auto& ring = *opened->front();
    const Sender far{"far"}, far2{"far2"};
    for (std::uint32_t i = 0; i < 400; ++i) {
        ASSERT_TRUE((i % 3 ? far : far2).send(ipv4(1, i)));
        if (i % 40 == 0) std::this_thread::sleep_for(7ms);
    }
    Frame frame;
    std::int64_t latest = 0;
    std::uint32_t count = 0;
    for (int idle = 0; idle < 10; ++idle) {
        ring.wait(Ring::delay);
        while (ring.next(frame)) {
            idle = 0;
            EXPECT_GE(frame.at, latest);
            latest = frame.at;
            EXPECT_EQ(frame.interface, count % 3 ? 0u : 1u);
            ++count;
        }
    }
    EXPECT_EQ(count, 400u);
}

TEST_F(rings, see_or_ignore_what_this_host_sends) {
    auto seeing = Ring::open({.interfaces = {"near"}, .bytes = 2u << 20});
    auto ignoring = Ring::open(
        {.interfaces = {"near"}, .bytes = 2u << 20, .outgoing = RingOptions::Outgoing::ignore});
    ASSERT_TRUE(seeing && ignoring);
    ASSERT_TRUE(Sender{"near"}.send(ipv4(1, 2)));
    ASSERT_TRUE(Sender{"far"}.send(ipv4(2, 1)));
    EXPECT_EQ(take(*seeing->front()).size(), 2u);
    EXPECT_EQ(take(*ignoring->front()).size(), 1u);
}

TEST_F(rings, notice_that_an_interface_is_down_up_and_gone) {
    auto opened = Ring::open({.interfaces = {"near"}, .bytes = 2u << 20});
    ASSERT_TRUE(opened);
    auto& ring = *opened->front();
    EXPECT_EQ(ring.gone(), -1);
    ASSERT_TRUE(Network::run("ip link set near down"));
    ring.wait(Ring::delay);
    EXPECT_EQ(ring.gone(), -1);
    ASSERT_TRUE(Network::run("ip link set near up"));
    // The kernel gives the other end its carrier back a while later, up to a second, and drops what is sent
    // before.
    std::size_t back = 0;
    for (int i = 0; i < 100 && back == 0; ++i) {
        ASSERT_TRUE(Sender{"far"}.send(ipv4(1, 2)));
        back = take(ring).size();
    }
    EXPECT_EQ(back, 1u) << "the ring goes on when the interface is back";
    ASSERT_TRUE(Network::run("ip link del near"));
    ring.wait(Ring::delay);
    EXPECT_EQ(ring.gone(), 0);
}

TEST_F(rings, take_no_heap_for_a_frame) {
    auto opened = Ring::open({.interfaces = {"near"}, .bytes = 4u << 20});
    ASSERT_TRUE(opened);
    auto& ring = *opened->front();
    const Sender far{"far"};
    const auto data = ipv4(1, 2, "81000064");
    for (int i = 0; i < 500; ++i) ASSERT_TRUE(far.send(data));
    const auto before = test::allocations();
    Frame frame;
    int count = 0;
    for (int i = 0; i < 20 && count < 500; ++i) {
        ring.wait(Ring::delay);
        while (ring.next(frame)) ++count;
    }
    EXPECT_EQ(count, 500);
    EXPECT_EQ(test::allocations(), before);
}

TEST_F(rings, that_cannot_be_opened_say_why) {
    const auto complaint = [](std::string name) {
        return Ring::open({.interfaces = {std::move(name)}}).error();
    };
    EXPECT_EQ(complaint("none").text(), "error: cannot find the interface 'none'\n"
                                        "  why:   No such device\n"
                                        "  where: none\n"
                                        "  next:  use a name that `ip link show` lists\n"
                                        "  code:  capture.interface\n");
    EXPECT_EQ(complaint("a-name-that-is-much-too-long").code, "capture.interface");
    EXPECT_EQ(Ring::open({}).error().code, "capture.interface");
}

} // namespace
} // namespace yagura::capture
