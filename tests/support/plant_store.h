// A store of a small plant over two days, as a writer makes it from one batch: for tests of whoever reads it.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>

#include "spine/store/history.h"
#include "spine/store/writer.h"

namespace yagura::test {

using namespace store;
using namespace std::chrono_literals;

inline const Time begin_time{1'700'000'000s}; // 2023-11-14T22:13:20Z

inline model::NodeId mac_node(std::uint64_t n) { return {n * 2 + 1}; }
inline model::NodeId ip_node(std::uint64_t n) { return {n * 2 + 2}; }

/// `count` devices, each talking Modbus to the next one.
inline Batch plant(std::uint64_t count) {
    Batch out;
    out.arrival = 1000;
    out.latest = begin_time + 3h;
    SourceRow source;
    source.id = 1;
    source.sensor = "u";
    source.boot = 1;
    source.interface = "eth1";
    source.sensor_name = "hall";
    source.live = true;
    source.first = begin_time;
    source.last = source.heard = begin_time + 3h;
    source.packets = 900;
    source.dropped = 100;
    out.sources.push_back(source);
    out.lines.push_back(
        {1, "Line 1", {{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 0, 0, 0}, 120}}, false});
    for (std::uint64_t n = 0; n < count; ++n) {
        const std::string mac{2, 0, 0, 0, static_cast<char>(n >> 8), static_cast<char>(n)};
        std::string ip(16, '\0');
        ip[10] = ip[11] = '\xff';
        ip[12] = 10, ip[14] = static_cast<char>(n >> 8), ip[15] = static_cast<char>(n);
        out.rows.nodes.push_back({mac_node(n),
                                  {.kind = model::Node::Kind::mac, .mark = mac},
                                  begin_time,
                                  begin_time + 3h,
                                  model::State::confirmed});
        out.rows.nodes.push_back({ip_node(n),
                                  {.kind = model::Node::Kind::ip, .mark = ip},
                                  begin_time,
                                  begin_time + 3h,
                                  model::State::confirmed});
        const model::DeviceId device{n + 1};
        out.rows.devices.push_back({device, begin_time, begin_time + 3h, model::State::confirmed, false});
        for (const auto node : {mac_node(n), ip_node(n)})
            out.rows.links.push_back({.by = model::Link::By::rule,
                                      .id = {node.value},
                                      .node = node,
                                      .device = device,
                                      .from = begin_time,
                                      .rule = "mac-and-ip"});
        ShownRow shown;
        shown.device = device;
        shown.name = cat("device ", n);
        shown.address = cat("10.0.", n >> 8, ".", n & 255);
        shown.address_key.assign(std::as_bytes(std::span{ip}).begin(), std::as_bytes(std::span{ip}).end());
        shown.role = n % 3 ? "plc" : "hmi";
        shown.level = "1";
        shown.vendor = n % 2 ? "Acme" : "Other";
        shown.firmware = n % 2 ? "V2.1" : "3.0";
        shown.protocols = " modbus ";
        shown.line = n < 256 ? std::optional<std::int64_t>{1} : std::nullopt;
        shown.words = cat("device ", n, " acme ", shown.address);
        shown.first = n == 1 ? begin_time + 2h : begin_time;
        shown.last = begin_time + 3h;
        shown.facts.push_back({.attribute = "vendor",
                               .value = shown.vendor,
                               .by = "protocol",
                               .protocol = "modbus",
                               .confidence = 100,
                               .chosen = true,
                               .first = begin_time,
                               .last = begin_time,
                               .source = 1,
                               .frame = 7,
                               .offset = 54});
        out.shown.push_back(std::move(shown));
        out.rows.services.push_back({ip_node(n), "modbus", 6, 502, begin_time, begin_time});
        if (n == 0) continue;
        model::ConversationRow talk;
        talk.client = ip_node(n - 1);
        talk.server = ip_node(n);
        talk.protocol = "modbus";
        talk.carrier = 6;
        talk.port = 502;
        talk.packets[0] = talk.packets[1] = n;
        talk.first = begin_time;
        talk.last = begin_time + std::chrono::seconds{n};
        talk.source = 1;
        out.rows.conversations.push_back(talk);
        model::PairRow pair;
        pair.peer = ip_node(n - 1);
        pair.node = ip_node(n);
        pair.protocol = "modbus";
        pair.act = n % 2 ? observe::Act::write : observe::Act::read;
        pair.messages = n;
        pair.first = begin_time;
        pair.last = begin_time + 1h;
        out.rows.pairs.push_back(pair);
    }
    out.evidence.push_back({1, 7, 54, {std::byte{0xab}}});
    out.changes.push_back({.at = begin_time + 1h, .kind = "new_device", .device = {1}});
    out.changes.push_back({.at = begin_time + 2h,
                           .kind = "first_act",
                           .device = {2},
                           .peer = model::DeviceId{1},
                           .act = observe::Act::write});
    for (std::uint64_t i = 1; i <= 20; ++i) {
        OperationItem op;
        op.arrival = i;
        op.source = 1;
        op.at = op.last = begin_time + std::chrono::minutes{i * 10}; // Crosses midnight.
        op.who = ip_node(0);
        op.whom = ip_node(1);
        op.act = i % 2 ? observe::Act::write : observe::Act::read;
        op.protocol = "modbus";
        op.object = cat("holding register ", i);
        op.many = i % 2 == 0;
        op.messages = op.many ? 10 : 1;
        op.pair = static_cast<std::uint32_t>(i);
        op.message = {std::byte{0x01}, std::byte{0x02}};
        out.operations.push_back(std::move(op));
    }
    out.told.push_back({.arrival = 50,
                        .source = 1,
                        .at = begin_time,
                        .kind = journal::Kind::anomaly,
                        .who = ip_node(0),
                        .whom = ip_node(1),
                        .protocol = "modbus",
                        .what = "a length"});
    out.coverage.push_back({60, 1, begin_time, {.packets = 900, .bytes = 9000, .dropped = 100}});
    out.lost.push_back({1, {.records = 5, .from = begin_time, .until = begin_time + 1s}});
    return out;
}

struct Store {
    /// `change`: what is another about the plant, before it is written.
    explicit Store(std::uint64_t devices, void (*change)(Batch&) = nullptr) {
        auto made = (std::filesystem::temp_directory_path() / "yagura-readers-XXXXXX").string();
        EXPECT_NE(::mkdtemp(made.data()), nullptr);
        folder = made;
        writer.emplace(Writer::open(folder, {}).value());
        auto batch = plant(devices);
        if (change) change(batch);
        const auto done = writer->apply(batch);
        EXPECT_TRUE(done) << done.error().text();
        state.emplace(state_file(folder));
        history.emplace(history_folder(folder), *state);
    }
    ~Store() {
        history.reset(), state.reset(), writer.reset();
        std::filesystem::remove_all(folder);
    }
    std::string folder;
    std::optional<Writer> writer;
    std::optional<Readers> state;
    std::optional<History> history;
};

} // namespace yagura::test
