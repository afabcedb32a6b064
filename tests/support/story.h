// What a test says to a plant, station by station, so that it can be said again in another order.
#pragma once

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "spine/model/plant.h"
#include "spine/observe/text.h"

namespace yagura::tests {

using namespace yagura::model;
namespace ob = yagura::observe;

inline ob::Ip v4(int a, int b, int c, int d) {
    return {0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0xff,
            0xff,
            static_cast<std::uint8_t>(a),
            static_cast<std::uint8_t>(b),
            static_cast<std::uint8_t>(c),
            static_cast<std::uint8_t>(d)};
}
inline ob::Mac mac(int last, int first = 0) {
    return {static_cast<std::uint8_t>(first), 0x30, 0xde, 0, 0, static_cast<std::uint8_t>(last)};
}
inline constexpr ob::Mac everybody{0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
inline ob::Time at(int second) { return ob::Time{std::chrono::seconds{1'700'000'000 + second}}; }

inline constexpr std::uint16_t modbus = 1, arp = 2, dhcp = 3, lldp = 4, s7 = 5;
inline std::string_view name_of(std::uint16_t number) {
    constexpr std::string_view names[]{"unknown", "modbus", "arp", "dhcp", "lldp", "s7comm"};
    return number < std::size(names) ? names[number] : names[0];
}

/// What one test says to the plant, so that it can be said again in another order.
struct Story {
    std::vector<std::function<void(Plant&)>> steps;
    std::uint64_t conversations = 0;

    Story& talk(ob::Station a, ob::Station b, int second, bool both = true, std::uint16_t protocol = modbus) {
        const auto number = ++conversations;
        steps.push_back([=](Plant& plant) {
            const ob::Parties parties{.client = a, .server = b, .lane = {.carrier = 6}, .certain = true};
            plant.on(
                {.at = at(second), .parties = parties, .conversation = number, .evidence = {.frame = number}},
                ob::Conversation{.state = ob::Conversation::State::opened,
                                 .protocol = protocol,
                                 .confidence = 100,
                                 .packets = {4, both ? 4u : 0u},
                                 .bytes = {400, both ? 400u : 0u}});
        });
        return *this;
    }
    Story& claims(ob::Mac who, ob::Ip what, int second, std::uint16_t protocol = arp,
                  std::uint8_t confidence = 95) {
        steps.push_back([=](Plant& plant) {
            const ob::Parties parties{
                .client = {.mac = who}, .server = {.mac = everybody}, .lane = {.carrier = 0x806}};
            const auto text = ob::text(what);
            plant.on({.at = at(second), .parties = parties}, ob::Identity{.protocol = protocol,
                                                                          .subject = ob::Subject::third,
                                                                          .third = {.ip = what, .mac = who},
                                                                          .attribute = ob::Attribute::ip,
                                                                          .value = std::string_view{text},
                                                                          .confidence = confidence});
        });
        return *this;
    }
    Story& tells(ob::Station who, ob::Attribute attribute, std::string value, int second, ob::Part part = {},
                 std::uint16_t protocol = modbus) {
        steps.push_back([=](Plant& plant) {
            const ob::Parties parties{.client = {.ip = v4(10, 0, 0, 200), .mac = mac(200), .port = 40000},
                                      .server = who,
                                      .lane = {.carrier = 6},
                                      .certain = true};
            plant.on({.at = at(second), .parties = parties, .speaker = ob::Speaker::server},
                     ob::Identity{.protocol = protocol,
                                  .subject = ob::Subject::speaker,
                                  .part = part,
                                  .attribute = attribute,
                                  .value = std::string_view{value}});
        });
        return *this;
    }
    Story& answers(ob::Station a, ob::Station b, ob::Part part, int second,
                   ob::Outcome outcome = ob::Outcome::done) {
        steps.push_back([=](Plant& plant) {
            const ob::Parties parties{.client = a, .server = b, .lane = {.carrier = 6}, .certain = true};
            ob::Operation op{.protocol = modbus,
                             .function = {3, "read holding registers"},
                             .act = ob::Act::read,
                             .phase = ob::Phase::request,
                             .part = part};
            plant.on({.at = at(second), .parties = parties, .speaker = ob::Speaker::client}, op);
            op.phase = ob::Phase::response;
            op.outcome = outcome;
            plant.on({.at = at(second), .parties = parties, .speaker = ob::Speaker::server}, op);
        });
        return *this;
    }
    Plant told() const { return told(steps); }
    static Plant told(const std::vector<std::function<void(Plant&)>>& all) {
        Plant plant{name_of};
        for (const auto& step : all) step(plant);
        plant.settle();
        return plant;
    }
};

inline ob::Part unit(std::uint32_t number) { return {.steps = {{{ob::Part::Hop::unit, number}}}, .size = 1}; }

inline std::string text(const NodeRow& row) {
    const auto& bytes = row.node.mark;
    if (row.node.kind == Node::Kind::ip) {
        ob::Ip ip{};
        std::ranges::copy(bytes, ip.begin());
        return ob::text(ip);
    }
    if (row.node.kind == Node::Kind::mac) {
        ob::Mac m{};
        std::ranges::copy(bytes, m.begin());
        return ob::text(m);
    }
    return bytes;
}
inline std::string text(const Plant& plant, DeviceId id) {
    std::string out;
    for (const auto node : plant.nodes_of(id)) out += cat(out.empty() ? "" : " ", text(*plant.node(node)));
    return out;
}
inline std::vector<std::string> devices(const Plant& plant) {
    std::vector<std::string> out;
    for (const auto id : plant.devices()) out.push_back(text(plant, id));
    std::ranges::sort(out);
    return out;
}

inline const ob::Station hmi{.ip = v4(10, 0, 0, 5), .mac = mac(5), .port = 50000},
    plc{.ip = v4(10, 0, 0, 9), .mac = mac(9), .port = 502};

} // namespace yagura::tests
