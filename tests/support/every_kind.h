// One of each kind with every member set: for tests and for the golden journal.
#pragma once

#include <array>
#include <chrono>

#include "spine/observe/observation.h"

namespace yagura::test {

inline observe::Parties some_parties() {
    observe::Parties both;
    both.client = {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 2, 0, 66}, {2, 0, 0, 0, 0, 1}, 50123};
    both.server = {{0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7}, {2, 0, 0, 0, 0, 2}, 502};
    both.lane = {observe::Realm{3}, 20, 30, 6};
    both.certain = true;
    return both;
}

/// Says all fourteen to the sink, in the order of the vocabulary.
inline void say_every_kind(observe::Sink& sink) {
    using namespace observe;
    static const auto parties = some_parties();
    static constexpr std::array<std::byte, 5> bytes{std::byte{0}, std::byte{1}, std::byte{0xfe},
                                                    std::byte{0xff}, std::byte{7}};
    std::uint64_t frame = 100;
    const auto at = Time{std::chrono::nanoseconds{1'700'000'000'123'456'789}};
    const auto origin = [&] {
        return Origin{.at = at + std::chrono::milliseconds{frame},
                      .parties = parties,
                      .conversation = 0x1'0000'0007,
                      .speaker = Speaker::server,
                      .evidence = {.frame = ++frame, .source = 2, .offset = 54},
                      .message = bytes};
    };
    Part part;
    part.size = 2;
    part.steps[0] = {Part::Hop::rack, 0};
    part.steps[1] = {Part::Hop::slot, 0xffff'ffff};
    part.cut = true;
    const Object object{.form = Object::Form::s7,
                        .space = "DB",
                        .group = 10,
                        .number = 4,
                        .element = 'X',
                        .bit = 0,
                        .text = {}};
    const Operation operation{.protocol = 5,
                              .function = {0x2c, "Write Var"},
                              .act = Act::write,
                              .phase = Phase::response,
                              .outcome = Outcome::refused,
                              .status = 0x81,
                              .pair = 77,
                              .part = part,
                              .object = object,
                              .count = 2,
                              .value = Array{Array::Of::u16, true, 2, Bytes{bytes}.first(4)}};
    const Station third{parties.client.ip, {2, 0, 0, 0, 0, 9}, 0};
    sink.on(origin(), Presence{Subject::third, third, part});
    sink.on(origin(), Identity{5, Subject::listener, third, part, Attribute::firmware, "V2.1\xff", 0});
    sink.on(origin(), Neighbour{6, third, "port 1", "port 2", "switch"});
    sink.on(origin(), Conversation{.state = Conversation::State::one_sided,
                                   .protocol = 5,
                                   .confidence = 70,
                                   .packets = {1, 2},
                                   .bytes = {300, UINT64_MAX},
                                   .retransmitted = {5, 6},
                                   .lost = {7, 8},
                                   .answer_time_us = 9});
    sink.on(origin(), operation);
    sink.on(origin(), Repeats{.like = operation,
                              .messages = 600,
                              .answers = 598,
                              .refusals = 2,
                              .first = at,
                              .last = at + std::chrono::seconds{59},
                              .changes = 4,
                              .least = -1.5,
                              .most = 1e300,
                              .interval_least_us = 99'000,
                              .interval_mean_us = 100'000,
                              .interval_most_us = 101'000,
                              .last_seen = {.frame = 4'000'000'000'000, .source = 2, .offset = 54}});
    sink.on(origin(), Variable{5, part, object, -2.25, 3});
    sink.on(origin(), Name{"press2.plant.example", "10.2.0.66", 1, 3});
    sink.on(origin(), Login{7, "operator", "password", Outcome::done});
    Transfer transfer{Transfer::Content::program, "main.awl", 70'000, 12, {}};
    transfer.sha256.fill(std::byte{0xab});
    sink.on(origin(), transfer);
    sink.on(origin(), Log{"syslog", "link down", 4});
    sink.on(origin(), Match{2'000'001, 3});
    sink.on(origin(), Anomaly{5, Malformed{11, "a length that no message has"}});
    sink.on(origin(), Coverage{1, 2, 3, 4, 5, 6, true});
}

} // namespace yagura::test
