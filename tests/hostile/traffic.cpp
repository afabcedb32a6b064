#include "tests/hostile/traffic.h"

#include <algorithm>

#include "spine/base/text.h"

namespace yagura::hostile {

namespace ob = observe;
using ob::Speaker;

namespace {

constexpr End good_client{0x0afa0001, 40'000}, good_server{0x0afa0002, 502};
constexpr std::uint64_t good_register = 107;

bool of_good(const ob::Parties& parties) noexcept {
    return parties.server.port == good_server.port && parties.server.ip[13] == 0xfa;
}
void add16(std::vector<std::byte>& to, std::size_t value) {
    to.push_back(static_cast<std::byte>(value >> 8 & 0xff));
    to.push_back(static_cast<std::byte>(value & 0xff));
}
void add32(std::vector<std::byte>& to, std::size_t value) {
    add16(to, value >> 16);
    add16(to, value);
}

} // namespace

void Told::on(const ob::Origin& origin, const ob::Operation& op) {
    ++operations;
    if (op.phase != ob::Phase::response || !of_good(origin.parties)) return;
    const auto* value = std::get_if<std::uint64_t>(&op.value);
    if (op.object.number == good_register && value && *value == ((good + 1) & 0xffff)) ++good;
}
void Told::on(const ob::Origin&, const ob::Conversation& said) {
    using State = ob::Conversation::State;
    if (said.state == State::opened) ++opened;
    if (said.state != State::closed && said.state != State::refused) return;
    ++ended;
    if (said.lost[0] != 0 || said.lost[1] != 0) ++flows_with_loss;
}
void Told::on(const ob::Origin&, const ob::Coverage& said) {
    packets += said.packets;
    forgotten += said.forgotten;
}

Bench::Bench(const worker::PipelineSettings& settings, std::uint32_t every)
    : pipeline_{settings, &told_, quiet_}, good_{good_client, good_server}, every_{every} {
    open(good_);
}

void Bench::frame(Bytes bytes) {
    put(bytes);
    if (++since_ < every_ || behaving_) return;
    since_ = 0;
    behave();
}
void Bench::say_something() {
    since_ = 0;
    behave();
}
void Bench::put(Bytes bytes) {
    pipeline_.frame({.bytes = bytes,
                     .wire_length = static_cast<std::uint32_t>(bytes.size()),
                     .link_type = 1,
                     .number = ++number_,
                     .at = now_},
                    1);
    now_ += std::chrono::microseconds{1};
}

/// A register is read; its value counts up.
void Bench::behave() {
    behaving_ = true;
    ++good_asked_;
    std::vector<std::byte> message;
    add16(message, good_asked_), add16(message, 0), add16(message, 6);
    add16(message, 0x0103), add16(message, good_register), add16(message, 1);
    say(good_, Speaker::client, message);
    message.clear();
    add16(message, good_asked_), add16(message, 0), add16(message, 5);
    add16(message, 0x0103), message.push_back(std::byte{2}), add16(message, good_asked_);
    say(good_, Speaker::server, message);
    behaving_ = false;
}

Bytes Bench::around(End from, End to, std::uint8_t protocol, Bytes segment) {
    frame_.clear();
    for (const auto station : {to, from}) add16(frame_, 0x0200), add32(frame_, station.ip);
    add16(frame_, 0x0800), add16(frame_, 0x4500), add16(frame_, 20 + segment.size());
    add16(frame_, ++id_), add16(frame_, 0x4000), add16(frame_, 0x4000u | protocol), add16(frame_, 0);
    add32(frame_, from.ip), add32(frame_, to.ip);
    frame_.insert(frame_.end(), segment.begin(), segment.end());
    return frame_;
}
void Bench::tcp(End from, End to, std::uint32_t sequence, std::uint32_t acknowledged, std::uint8_t flags,
                Bytes payload) {
    segment_.clear();
    add16(segment_, from.port), add16(segment_, to.port), add32(segment_, sequence);
    add32(segment_, acknowledged), add16(segment_, 0x5000u | flags), add16(segment_, 8192);
    add32(segment_, 0); // The checksum is that of a card which computes it later.
    segment_.insert(segment_.end(), payload.begin(), payload.end());
    frame(around(from, to, 6, segment_));
}
void Bench::udp(End from, End to, Bytes payload) {
    segment_.clear();
    add16(segment_, from.port), add16(segment_, to.port), add16(segment_, 8 + payload.size());
    add16(segment_, 0);
    segment_.insert(segment_.end(), payload.begin(), payload.end());
    frame(around(from, to, 17, segment_));
}
void Bench::say(Flow& flow, Speaker speaker, Bytes payload, std::size_t size) {
    const bool asks = speaker == Speaker::client;
    auto& mine = asks ? flow.asked : flow.told;
    while (!payload.empty()) {
        const auto piece = payload.first(std::min(size, payload.size()));
        tcp(asks ? flow.client : flow.server, asks ? flow.server : flow.client, mine,
            asks ? flow.told : flow.asked, push | ack, piece);
        mine += static_cast<std::uint32_t>(piece.size());
        payload = payload.subspan(piece.size());
    }
}
void Bench::open(Flow& flow) {
    tcp(flow.client, flow.server, flow.asked - 1, 0, syn);
    tcp(flow.server, flow.client, flow.told - 1, flow.asked, syn | ack);
}
Flow Bench::fresh(std::uint16_t port) {
    const auto host = 2 * ++hosts_;
    return {{0x0b000000 + host, 40'000}, {0x0b000001 + host, port}};
}
/// Its first fragment alone.
void Bench::fragment(End from, End to, std::uint16_t id, Bytes payload) {
    (void)around(from, to, 17, payload);
    frame_[18] = static_cast<std::byte>(id >> 8), frame_[19] = static_cast<std::byte>(id);
    frame_[20] = std::byte{0x20}; // more fragments, offset 0
    frame(frame_);
}
void Bench::finish() {
    pipeline_.advance(now_ + std::chrono::seconds{1}); // The last second's coverage.
    pipeline_.finish();
}

std::uint64_t Bench::refused(std::string_view limit) const noexcept {
    for (const auto& one : pipeline_.limits().all())
        if (one.name == limit) return one.refused();
    return 0;
}
std::uint64_t Bench::used(std::string_view limit) const noexcept {
    for (const auto& one : pipeline_.limits().all())
        if (one.name == limit) return one.used();
    return 0;
}

std::vector<std::string> wrong(Bench& bench) {
    bench.finish();
    std::vector<std::string> found;
    const auto same = [&](std::string_view what, std::uint64_t have, std::uint64_t want) {
        if (have != want) found.push_back(cat(what, ": ", have, ", not ", want));
    };
    auto& pipeline = bench.pipeline();
    const auto& told = bench.told();
    const auto& counts = pipeline.counts();
    std::uint64_t forgotten = 0;
    for (const auto& limit : pipeline.limits().all()) {
        if (limit.name != "worker.labels") forgotten += limit.refused(); // A name not found is no loss.
        if (limit.used() > limit.bound)
            found.push_back(cat(limit.name, " has ", limit.used(), " ", limit.unit, " of ", limit.bound));
    }
    same("packets counted", counts.packets, bench.frames());
    same("packets that coverage told", told.packets, bench.frames());
    same("losses that coverage told", told.forgotten, forgotten);
    same("conversations told as opened", told.opened, counts.flows);
    same("answers of the well-behaved conversation", told.good, bench.good_asked());
    return found;
}

} // namespace yagura::hostile
