#include "bench/scale/tell.h"

#include "spine/base/text.h"

namespace yagura::bench {

using namespace std::chrono_literals;
using observe::Act;
using observe::Outcome;
using observe::Phase;
using observe::Speaker;

Teller::Teller(observe::Sink& out, std::uint64_t seed, NumberOf number_of, void* context)
    : out_{out}, dice_{seed}, arp_{number_of(context, "arp")}, lldp_{number_of(context, "lldp")} {
    for (std::size_t n = 0; n < spoken_many; ++n) {
        numbers_.push_back(number_of(context, spoken[n].protocol));
        carriers_.push_back(number_of(context, spoken[n].conversation));
    }
    for (std::size_t n = 0; n < others_many; ++n) {
        numbers_.push_back(number_of(context, others[n].protocol));
        carriers_.push_back(numbers_.back());
    }
    for (auto& byte : message_) byte = static_cast<std::byte>(dice_.next());
}

observe::Origin Teller::origin(const Stream& stream, observe::Time at, Speaker speaker) {
    return {.at = at,
            .parties = stream.parties,
            .conversation = stream.conversation,
            .speaker = speaker,
            .evidence = {++frame_, 1, 54}};
}

void Teller::who(const Thing& thing, observe::Time at) {
    const observe::Parties alone{.client = thing.station, .lane = {.vlan = thing.vlan, .carrier = 0x806}};
    const auto say = [&](std::uint16_t protocol, observe::Attribute attribute, observe::Value value) {
        out_.on(
            {.at = at, .parties = alone, .evidence = {++frame_, 1, 14}, .message = Bytes{message_}.first(28)},
            observe::Identity{.protocol = protocol, .attribute = attribute, .value = value});
    };
    out_.on({.at = at, .parties = alone, .evidence = {++frame_, 1, 14}},
            observe::Identity{.protocol = arp_,
                              .subject = observe::Subject::third,
                              .third = thing.station,
                              .attribute = observe::Attribute::ip});
    say(lldp_, observe::Attribute::name, std::string_view{thing.name});
    if (thing.kind == "printer" || thing.kind == "camera") return;
    const auto number = numbers_[thing.protocol];
    if (thing.kind == "plc" || thing.kind == "io" || thing.kind == "drive") {
        say(number, observe::Attribute::vendor, thing.vendor);
        if (thing.kind == "plc")
            say(number, observe::Attribute::product, thing.product);
        else
            say(number, observe::Attribute::role_hint,
                std::string_view{thing.kind == "io" ? "discrete i/o" : "AC drive"});
        text_ = cat("V", 1 + thing.station.mac[5] % 4, ".", thing.station.mac[5] % 10);
        say(number, observe::Attribute::firmware, std::string_view{text_});
        text_ = cat("S", thing.station.mac[4], "-", thing.station.mac[5], "-", thing.line);
        say(number, observe::Attribute::serial, std::string_view{text_});
    } else if (thing.kind != "switch") {
        say(lldp_, observe::Attribute::os, std::string_view{"Windows 10 Enterprise LTSC 2019"});
    }
}

void Teller::talk(const Stream& talk, observe::Time at, std::uint64_t minutes, bool opens) {
    using State = observe::Conversation::State;
    const auto packets = 20 + minutes * (1 + talk.conversation % 90);
    const bool deaf = talk.conversation % 37 == 0; // One-sided: the mirror port shows one direction.
    out_.on(origin(talk, at, Speaker::client),
            observe::Conversation{.state = opens ? State::opened : State::goes_on,
                                  .protocol = carriers_[talk.protocol],
                                  .confidence = 100,
                                  .packets = {packets, deaf ? 0 : packets - 7},
                                  .bytes = {packets * 90, deaf ? 0 : packets * 130}});
}

observe::Operation Teller::operation(const Stream& stream, Act act) {
    const auto& how = spoken[stream.protocol];
    const bool reads = observe::usual_effect(act) <= observe::Effect::observes;
    observe::Operation out{.protocol = numbers_[stream.protocol],
                           .function = {reads ? how.read_code : how.write_code, reads ? how.read : how.write},
                           .act = act,
                           .object = {.form = how.form, .space = how.space, .number = stream.number},
                           .count = 4};
    if (how.form == observe::Object::Form::s7) {
        out.object.group = static_cast<std::uint32_t>(10 + stream.number % 30);
        out.object.element = 'W';
    } else if (how.form == observe::Object::Form::device) {
        out.object.element = 10;
    }
    if (how.protocol == "cip" || how.protocol == "opcua") {
        text_ = cat(how.protocol == "cip" ? "Line.Station" : "ns=2;s=Cell.Motor", stream.number % 60,
                    ".Speed", stream.number % 7);
        out.object.text = text_;
    }
    if (stream.unit) {
        out.part.size = 1;
        out.part.steps[0] = {observe::Part::Hop::unit, stream.unit};
    }
    for (std::size_t n = 0; n < 4; ++n) words_[n] = static_cast<std::uint16_t>(stream.value + n * 17);
    out.value = observe::Array{observe::Array::Of::u16, true, 4, std::as_bytes(std::span{words_}).first(8)};
    return out;
}

void Teller::window(Stream& stream, observe::Time from, std::int64_t seconds) {
    const auto messages = static_cast<std::uint64_t>(seconds);
    observe::Repeats many{.like = operation(stream, stream.act),
                          .messages = messages * 2,
                          .answers = messages,
                          .first = from,
                          .last = from + std::chrono::seconds{seconds} - 200ms};
    many.like.outcome = Outcome::done;
    if (dice_.one_in(300)) {
        many.refusals = 1 + dice_.below(3);
        many.answers -= many.refusals;
    }
    many.changes = static_cast<std::uint32_t>(dice_.below(3));
    out_.on(origin(stream, many.last, Speaker::client), many);
}

/// A request and its answer, one act; of a read only the answer is told, because its value is another.
std::uint64_t Teller::at_once(Stream& stream, observe::Time at) {
    stream.value = stream.value * 31 % 4001 + dice_.below(40);
    auto op = operation(stream, stream.act);
    op.pair = ++pair_;
    auto asked = origin(stream, at, Speaker::client);
    if (dice_.one_in(5)) asked.message = Bytes{message_}.first(12 + dice_.below(28));
    const bool writes = observe::usual_effect(stream.act) > observe::Effect::observes;
    if (writes) out_.on(asked, op);
    op.phase = Phase::response;
    op.outcome = dice_.one_in(120) ? Outcome::refused : Outcome::done;
    if (op.outcome == Outcome::refused) op.status = 2;
    auto answered = asked;
    answered.at += 3ms;
    answered.speaker = Speaker::server;
    answered.evidence.frame = ++frame_;
    out_.on(answered, op);
    return writes ? 2 : 1;
}

std::uint64_t Teller::one(Stream& stream, observe::Time at) {
    if (dice_.one_in(3)) return at_once(stream, at);
    window(stream, at - 10s, 10);
    return 1;
}

std::uint64_t Teller::minute(Stream& stream, observe::Time at) {
    const bool writes = observe::usual_effect(stream.act) > observe::Effect::observes;
    const auto late = std::chrono::milliseconds{stream.conversation * 37 % 900};
    if (!writes) {
        window(stream, at + late, 60);
        if (!dice_.one_in(7)) return 1;
        at_once(stream, at + late + std::chrono::milliseconds{dice_.below(55'000)});
        return 2;
    }
    // Five windows and one write by itself: what changes is told at once.
    for (std::int64_t n = 0; n < 5; ++n) window(stream, at + late + std::chrono::seconds{n * 10}, 10);
    at_once(stream, at + late + 50s);
    return 6;
}

void Teller::rare(const Stream& stream, observe::Time at) {
    constexpr Act acts[]{Act::program_download, Act::stop,     Act::start,     Act::mode_change,
                         Act::identify,         Act::browse,   Act::alarm,     Act::authenticate,
                         Act::file_read,        Act::diagnose, Act::configure, Act::alarm,
                         Act::identify,         Act::diagnose, Act::alarm};
    auto op = operation(stream, acts[dice_.below(std::size(acts))]);
    op.function = {static_cast<std::uint32_t>(0x100 + static_cast<unsigned>(op.act)), "Service"};
    op.object = {};
    op.value = {};
    op.outcome = dice_.one_in(6) ? Outcome::refused : dice_.one_in(9) ? Outcome::unanswered : Outcome::done;
    auto asked = origin(stream, at, Speaker::client);
    asked.message = Bytes{message_}.first(24);
    out_.on(asked, op);
}

void Teller::coverage(observe::Time at, std::uint64_t packets) {
    out_.on({.at = at, .parties = {}, .evidence = {++frame_, 1, 0}},
            observe::Coverage{.packets = packets, .bytes = packets * 110});
}

void Teller::anomaly(const Stream& stream, observe::Time at) {
    out_.on(origin(stream, at, Speaker::client),
            observe::Anomaly{numbers_[stream.protocol], {7, "a length beyond the message"}});
}

} // namespace yagura::bench
