// A center that runs in a folder of its own, and a sensor of a small plant that speaks into its pipe: for
// tests.
#pragma once

#include "apps/center/center.h"
#include "apps/center/decisions.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "spine/base/folder_lock.h"
#include "spine/journal/pipe.h"
#include "spine/store/comments.h"
#include "spine/store/ledger.h"
#include "spine/store/weaknesses.h"
#include "spine/store/writer.h"

namespace yagura::test {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

struct Folder {
    Folder() {
        auto made = (fs::temp_directory_path() / "yagura-center-XXXXXX").string();
        EXPECT_NE(::mkdtemp(made.data()), nullptr);
        path = made;
    }
    ~Folder() { fs::remove_all(path); }
    std::string path;
};

inline std::string_view name_of(std::uint16_t protocol) noexcept { return protocol == 3 ? "modbus" : ""; }

/// A sensor that saw `count` writes of one station to another, 10 ms apart.
class Plant {
public:
    explicit Plant(int pipe, std::uint64_t boot = 1)
        : out_{pipe}, encoder_{ring_, name_of, journal::WhenFull::count} {
        source_ = {.number = 1,
                   .sensor = {7},
                   .boot = boot,
                   .interface = "eth1",
                   .sensor_name = "hall",
                   .live = true};
        for (auto* station : {&both_.client, &both_.server}) {
            station->ip = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 0, 0, 1};
            station->mac = {2, 0, 0, 0, 0, 1};
        }
        both_.server.ip[15] = 2;
        both_.server.mac[5] = 2;
        both_.server.port = 502;
        both_.client.port = 40000;
        both_.lane.carrier = 6;
        both_.certain = true;
    }
    void say(int count) {
        encoder_.source(now_, source_);
        for (int i = 0; i < count; ++i) {
            now_ += 10ms;
            ++frame_;
            const observe::Origin origin{.at = now_,
                                         .parties = both_,
                                         .conversation = 1,
                                         .speaker = observe::Speaker::client,
                                         .evidence = {frame_, 1, 54}};
            if (frame_ == 1)
                encoder_.on(origin, observe::Conversation{.state = observe::Conversation::State::opened,
                                                          .protocol = 3,
                                                          .confidence = 100,
                                                          .packets = {5, 5},
                                                          .bytes = {500, 500}});
            encoder_.on(origin, observe::Operation{.protocol = 3,
                                                   .function = {6, "Write Single Register"},
                                                   .act = observe::Act::write,
                                                   .pair = static_cast<std::uint32_t>(frame_),
                                                   .object = {.space = "holding register", .number = frame_},
                                                   .value = std::uint64_t{frame_}});
            auto answer = origin;
            answer.speaker = observe::Speaker::server;
            encoder_.on(answer, observe::Operation{.protocol = 3,
                                                   .function = {6, "Write Single Register"},
                                                   .act = observe::Act::write,
                                                   .phase = observe::Phase::response,
                                                   .outcome = observe::Outcome::done,
                                                   .pair = static_cast<std::uint32_t>(frame_)});
            drain();
        }
        encoder_.on({.at = now_, .parties = {}, .evidence = {frame_, 1, 0}},
                    observe::Coverage{.packets = static_cast<std::uint64_t>(count) * 2, .bytes = 100});
        drain();
        out_.flush();
    }
    void goes_on(std::uint64_t packets,
                 observe::Conversation::State state = observe::Conversation::State::goes_on) {
        if (packets == 100) encoder_.source(now_, source_);
        now_ += 100ms; // Within one second: what explains it is not told again.
        encoder_.on({.at = now_,
                     .parties = both_,
                     .conversation = 1,
                     .speaker = observe::Speaker::client,
                     .evidence = {++frame_, 1, 54}},
                    observe::Conversation{.state = state,
                                          .protocol = 3,
                                          .confidence = 100,
                                          .packets = {packets, packets},
                                          .bytes = {packets * 10, packets * 10}});
        drain();
        out_.flush();
    }
    std::uint64_t said() const { return frame_; }
    observe::Time now() const { return now_; }

private:
    void drain() {
        ring_.drain(scratch_, SIZE_MAX, [&](Bytes record) { ASSERT_TRUE(out_.add(record)); });
    }
    journal::PipeWriter out_;
    journal::ByteRing ring_{1 << 16};
    journal::Encoder encoder_;
    journal::Source source_;
    observe::Parties both_;
    observe::Time now_{1'700'000'000s};
    std::uint64_t frame_ = 0;
    std::vector<std::byte> scratch_ = std::vector<std::byte>(journal::record_room);
};

inline std::int64_t ask(const std::string& file, std::string_view sql) {
    auto database = store::Database::open(file, store::Database::Mode::reader);
    if (!database) return -1;
    auto statement = database->prepare(sql);
    if (!statement) return -2;
    return statement->one([](const store::Row& row) { return row.integer(0); }).value().value_or(-3);
}

struct Running {
    explicit Running(const std::string& folder, int pipe) {
        auto started = center::Center::start({.data = folder, .pipes = {pipe}, .sensor = "/nonexistent"});
        EXPECT_TRUE(started) << started.error().text();
        center = std::move(*started);
    }
    void wait_for(std::uint64_t records) const {
        for (int i = 0; i < 500 && center->counters().records < records; ++i)
            std::this_thread::sleep_for(10ms);
        EXPECT_GE(center->counters().records, records);
    }
    std::unique_ptr<center::Center> center;
};

} // namespace yagura::test
