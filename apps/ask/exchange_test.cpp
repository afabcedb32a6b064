// One dialogue with a device of this machine's loopback: how it is booked when the other side, or this one,
// fails.
#include <gtest/gtest.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <netinet/in.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

#include "apps/ask/crypto.h"
#include "apps/ask/exchange.h"
#include "apps/ask/sockets.h"

namespace yagura::ask {
namespace {

using namespace std::chrono_literals;
using see::ask::End;

/// A device on 127.0.0.2 (a plan cannot name it; a test can), and all that a dialogue needs.
struct Dialogue : testing::Test {
    void SetUp() override {
        char name[] = "/tmp/yagura-exchange-XXXXXX";
        ASSERT_TRUE(::mkdtemp(name));
        folder = name;
        ASSERT_EQ(::pipe2(pipe, O_CLOEXEC | O_DIRECT), 0);
        listening = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        const auto at = address_of(device, 0);
        ASSERT_EQ(::bind(listening, at.get(), at.size), 0);
        ASSERT_EQ(::listen(listening, 4), 0);
        see::ask::Group group;
        group.addresses = {device};
        group.queries = {see::ask::find_query("slmp")};
        group.windows = {{0, see::ask::Window::week}};
        group.every = 1ms;
        group.choices.slmp_port = own_station(listening).port;
        plan.groups.push_back(group);
    }
    void TearDown() override {
        for (const int one : {pipe[0], pipe[1], listening}) ::close(one);
        std::filesystem::remove_all(folder);
    }

    struct Outcome {
        End end;
        bool mute;
        std::string log;
    };
    /// `device` has the first connection.
    Outcome ask(const std::function<void(int)>& answer = {}) {
        std::thread peer;
        if (answer)
            peer = std::thread{[&] {
                const int one = ::accept(listening, nullptr, nullptr);
                std::array<char, 64> room;
                EXPECT_GT(::recv(one, room.data(), room.size(), 0), 0);
                answer(one);
                ::close(one);
            }};
        Options options;
        options.folder = folder;
        see::ask::Planner planner{plan, memory, [](observe::Time) { return std::uint16_t{5}; },
                                  steady() - 1h};
        Voice voice{options, pipe[1]};
        auto log = Log::open(folder, 1u << 20);
        EXPECT_TRUE(log);
        const auto crypto = OpenSsl::open().value();
        Exchange exchange{plan, planner, *log, voice, patience, *crypto, 500ms};
        const auto end = exchange.with({0, device, plan.groups[0].queries[0]});
        if (peer.joinable()) peer.join();
        std::ifstream file{folder + "/ask-1.log"};
        return {end, exchange.mute(), std::string{std::istreambuf_iterator<char>{file}, {}}};
    }

    const observe::Ip device = observe::ip_of("127.0.0.2").value();
    std::string folder;
    int pipe[2] = {-1, -1}, listening = -1;
    see::ask::Plan plan;
    see::ask::Memory memory;
    Patience patience;
};

void send(int socket, std::string_view text) {
    EXPECT_EQ(::send(socket, text.data(), text.size(), MSG_NOSIGNAL), static_cast<ssize_t>(text.size()));
}

TEST_F(Dialogue, WhoDropsTheConnectionInTheMiddleLooksFragile) {
    EXPECT_EQ(ask([](int one) { send(one, std::string_view{"\xd0\0\0\xff\xff", 5}); }).end, End::fell_silent);
    EXPECT_EQ(ask([](int) {}).end, End::refused) << "nothing was heard of it";
}

TEST_F(Dialogue, AConnectionStandsInTheLogBeforeIt) {
    const auto outcome = ask([](int one) { send(one, std::string(2'000, 'x')); });
    EXPECT_EQ(outcome.end, End::broken);
    EXPECT_FALSE(outcome.mute);
    const auto connects = outcome.log.find("\"what\":\"connects\""),
               sent = outcome.log.find("\"way\":\"sent\"");
    EXPECT_NE(connects, std::string::npos);
    EXPECT_LT(connects, sent);
}

TEST_F(Dialogue, WithoutALogNobodyIsConnectedTo) {
    ::signal(SIGXFSZ, SIG_IGN);
    rlimit before{};
    ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
    const rlimit none{0, before.rlim_max};
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &none), 0);
    const auto outcome = ask();
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
    EXPECT_EQ(outcome.end, End::never);
    EXPECT_TRUE(outcome.mute);
    pollfd knocked{listening, POLLIN, 0};
    EXPECT_EQ(::poll(&knocked, 1, 100), 0) << "somebody was connected to";
}

TEST_F(Dialogue, WhatFailsHereIsNoDevicesFault) {
    // No descriptor is left.
    rlimit before{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
    Options options;
    options.folder = folder;
    see::ask::Planner planner{plan, memory, [](observe::Time) { return std::uint16_t{5}; }, steady() - 1h};
    Voice voice{options, pipe[1]};
    auto log = Log::open(folder, 1u << 20);
    ASSERT_TRUE(log);
    const auto crypto = OpenSsl::open().value();
    Exchange exchange{plan, planner, *log, voice, patience, *crypto, 500ms};
    const rlimit none{0, before.rlim_max};
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
    const auto end = exchange.with({0, device, plan.groups[0].queries[0]});
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
    EXPECT_EQ(end, End::never);
    EXPECT_FALSE(exchange.mute());
    EXPECT_EQ(planner.standings(moment())[0].why, see::ask::Why::failed);
    std::ifstream file{folder + "/ask-1.log"};
    const std::string text{std::istreambuf_iterator<char>{file}, {}};
    EXPECT_NE(text.find("failed here: EMFILE"), std::string::npos) << text;
}

TEST_F(Dialogue, AFullPipeHoldsNobodyUp) {
    std::array<std::byte, 4'096> filling{};
    ASSERT_GE(::fcntl(pipe[1], F_SETPIPE_SZ, 1 << 20), 0);
    ASSERT_EQ(::fcntl(pipe[1], F_SETFL, O_NONBLOCK | O_DIRECT), 0);
    while (::write(pipe[1], filling.data(), filling.size()) > 0) {
    }
    ASSERT_EQ(::fcntl(pipe[1], F_SETFL, O_DIRECT), 0);
    Options options;
    options.folder = folder;
    Voice voice{options, pipe[1]};
    EXPECT_EQ(voice.pipe(), Voice::Pipe::full);
    const auto began = std::chrono::steady_clock::now();
    for (int i = 0; i < 200; ++i) voice.begin(now());
    ::raise(SIGTERM); // It is blocked, and asked for.
    EXPECT_EQ(voice.flush(patience), Voice::Pipe::full);
    EXPECT_LT(std::chrono::steady_clock::now() - began, 1s);
    ::close(std::exchange(pipe[0], -1));
    EXPECT_EQ(voice.pipe(), Voice::Pipe::gone);
}

TEST(Sockets, RefuseThisBoxItself) {
    see::ask::Plan plan;
    plan.groups.emplace_back().addresses = {observe::ip_of("127.0.0.1").value()};
    const auto done = refuse_ourselves(plan, "plan.toml");
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, "ask.bad-plan");
    EXPECT_EQ(done.error().what, "127.0.0.1 cannot be asked: it is this box itself");
    plan.groups[0].addresses = {observe::ip_of("127.255.255.255").value()};
    EXPECT_FALSE(refuse_ourselves(plan, "plan.toml")) << "everybody on a network of this box";
}

} // namespace
} // namespace yagura::ask
