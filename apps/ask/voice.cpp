#include "apps/ask/voice.h"

#include <algorithm>
#include <cstring>
#include <poll.h>
#include <random>

#include <yagura_version.h>

namespace yagura::ask {
namespace {

namespace ob = observe;

constexpr std::size_t ring_bytes = 1u << 20; ///< more than one message's records ever are
/// What evidence shows: where a value comes from is told by its source.
constexpr std::string_view our_name = "Yagura", our_interface = "asked";
constexpr std::uint16_t ourselves_protocol = 1;

std::uint16_t protocol_number(const see::ask::Query& query) noexcept {
    const auto all = see::ask::all_queries();
    return static_cast<std::uint16_t>(std::ranges::find(all, &query) - all.begin() + 2);
}
std::string_view protocol_name(std::uint16_t number) noexcept {
    const auto all = see::ask::all_queries();
    if (number == ourselves_protocol) return "yagura";
    return number >= 2 && number - 2u < all.size() ? all[number - 2u]->protocol : std::string_view{};
}
std::uint64_t draw() {
    std::random_device random;
    return std::uint64_t{random()} << 32 | random();
}

} // namespace

Voice::Voice(const Options& options, int pipe)
    : options_{options},
      boot_{draw()},
      ring_{ring_bytes},
      encoder_{ring_, protocol_name, journal::WhenFull::count},
      writer_{pipe},
      pipe_{pipe} {}

void Voice::begin(ob::Time at) {
    encoder_.source(at, {.number = 0,
                         .sensor = options_.sensor,
                         .boot = boot_,
                         .interface = our_interface,
                         .sensor_name = our_name,
                         .live = false,
                         .build = version});
    pass_on();
}

void Voice::sent(const Message& message) {
    const ob::Origin origin{.at = message.at,
                            .parties = message.parties,
                            .conversation = message.dialogue,
                            .speaker = ob::Speaker::client,
                            .evidence = {.frame = message.number},
                            .message = message.bytes};
    if (message.step == 0)
        encoder_.on(origin, ob::Identity{.protocol = ourselves_protocol,
                                         .subject = ob::Subject::speaker,
                                         .attribute = ob::Attribute::application,
                                         .value = std::string_view{"Yagura active queries"}});
    encoder_.on(origin, ob::Operation{.protocol = protocol_number(message.query),
                                      .function = {message.function, message.name},
                                      .act = ob::Act::identify,
                                      .phase = ob::Phase::request,
                                      .outcome = ob::Outcome::pending,
                                      .pair = message.step + 1});
    pass_on();
}

void Voice::received(const Message& message, const see::ask::Heard& heard,
                     std::span<const see::ask::Facts::Fact> facts) {
    using Was = see::ask::Heard::Was;
    const ob::Origin origin{.at = message.at,
                            .parties = message.parties,
                            .conversation = message.dialogue,
                            .speaker = ob::Speaker::server,
                            .evidence = {.frame = message.number},
                            .message = message.bytes};
    const auto protocol = protocol_number(message.query);
    if (heard.was == Was::broken && heard.why) encoder_.on(origin, ob::Anomaly{protocol, *heard.why});
    if (heard.was == Was::broken || heard.was == Was::foreign) return pass_on();
    encoder_.on(origin,
                ob::Operation{.protocol = protocol,
                              .function = {message.function, message.name},
                              .act = ob::Act::identify,
                              .phase = ob::Phase::response,
                              .outcome = heard.was == Was::answer ? ob::Outcome::done : ob::Outcome::refused,
                              .status = heard.status,
                              .pair = message.step + 1});
    for (const auto& fact : facts) {
        if (fact.port || fact.near) {
            // Dozens of values come of one message: its bytes stand with the operation already.
            auto bare = origin;
            bare.message = {};
            if (fact.port)
                encoder_.on(bare,
                            ob::Variable{.protocol = protocol,
                                         .object = {.form = ob::Object::Form::bacnet,
                                                    .space = "interface",
                                                    .number = fact.port->interface,
                                                    .text = fact.port->field},
                                         .value = fact.port->number ? ob::Value{*fact.port->number}
                                                                    : ob::Value{std::string_view{fact.value}},
                                         .count = 1});
            else
                encoder_.on(bare, ob::Neighbour{.protocol = protocol,
                                                .far = {.mac = fact.near->far.value_or(ob::Mac{})},
                                                .port = fact.near->port,
                                                .far_port = fact.near->far_port,
                                                .far_name = fact.value});
            pass_on();
            continue;
        }
        encoder_.on(origin, ob::Identity{.protocol = protocol,
                                         .subject = fact.about ? ob::Subject::third : ob::Subject::speaker,
                                         .third = {.mac = fact.about.value_or(ob::Mac{})},
                                         .attribute = fact.attribute,
                                         .value = std::string_view{fact.value},
                                         .confidence = fact.confidence});
        pass_on(); // A switch's table may be more than the ring holds.
    }
    pass_on();
}

void Voice::pass_on() {
    ring_.drain(scratch_, SIZE_MAX, [&](Bytes record) {
        const auto size = static_cast<std::uint32_t>(record.size());
        if (held_.size() + sizeof size + size > held_most) {
            ++dropped_;
            return;
        }
        const auto head = std::as_bytes(std::span{&size, 1});
        held_.insert(held_.end(), head.begin(), head.end());
        held_.insert(held_.end(), record.begin(), record.end());
    });
}

Voice::Pipe Voice::pipe() const noexcept {
    pollfd one{pipe_, POLLOUT, 0};
    if (::poll(&one, 1, 0) < 0) return Pipe::full;
    if ((one.revents & (POLLERR | POLLNVAL)) != 0) return Pipe::gone;
    return (one.revents & POLLOUT) != 0 ? Pipe::open : Pipe::full;
}

/// Where there is any there is enough for one batch, and nobody else writes into it.
bool Voice::wait_for_room(Patience& patience) const {
    while (pipe() == Pipe::full) {
        if (patience.sleep(std::chrono::nanoseconds{0})) return false;
        pollfd one{pipe_, POLLOUT, 0};
        (void)::poll(&one, 1, 100);
    }
    return true;
}

Voice::Pipe Voice::flush(Patience& patience) {
    pass_on();
    auto rest = Bytes{held_};
    bool good = true;
    while (good && !rest.empty()) {
        std::uint32_t size = 0;
        std::memcpy(&size, rest.data(), sizeof size);
        // One record makes at most one batch leave.
        if (!wait_for_room(patience)) return Pipe::full;
        good = writer_.add(rest.subspan(sizeof size, size));
        rest = rest.subspan(sizeof size + size);
    }
    held_.clear();
    if (!wait_for_room(patience)) return Pipe::full;
    return good && writer_.flush() ? Pipe::open : Pipe::gone;
}

} // namespace yagura::ask
