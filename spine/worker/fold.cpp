#include "spine/worker/fold.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <optional>

namespace yagura::worker {
namespace {

namespace ob = observe;
using namespace std::chrono_literals;

/// How often one key may be told at once for a change or an irregular repetition.
constexpr auto pause = 1s;
/// A repetition slower than this is an act of its own.
constexpr std::uint32_t steady_most_us = 10'000'000;

constexpr ob::Speaker other(ob::Speaker speaker) noexcept {
    return speaker == ob::Speaker::client ? ob::Speaker::server : ob::Speaker::client;
}
constexpr bool acts(ob::Act act) noexcept {
    return ob::usual_effect(act) > ob::Effect::observes && act != ob::Act::cyclic_io;
}
std::uint64_t number_of_window(ob::Time at, std::chrono::nanoseconds length) noexcept {
    // Floor, so that times before 1970 (broken clocks, hostile files) have windows of the same length.
    const auto since = at.time_since_epoch().count(), one = length.count();
    return static_cast<std::uint64_t>(since / one - (since % one < 0 ? 1 : 0));
}
std::uint32_t microseconds(std::chrono::nanoseconds span) noexcept {
    const auto us = std::chrono::duration_cast<std::chrono::microseconds>(span).count();
    return static_cast<std::uint32_t>(std::clamp<std::int64_t>(us, 0, UINT32_MAX));
}
std::optional<double> numeric(const ob::Value& value) noexcept {
    std::optional<double> number;
    if (const auto* s = std::get_if<std::int64_t>(&value)) number = static_cast<double>(*s);
    if (const auto* u = std::get_if<std::uint64_t>(&value)) number = static_cast<double>(*u);
    if (const auto* d = std::get_if<double>(&value); d && std::isfinite(*d)) number = *d;
    return number;
}
Hasher& add(Hasher& hash, const ob::Part& part) noexcept {
    for (std::size_t i = 0; i < part.size && i < part.steps.size(); ++i)
        hash.add(std::uint64_t{static_cast<std::uint8_t>(part.steps[i].hop)} << 32 | part.steps[i].number);
    return hash;
}
Hasher& add(Hasher& hash, const ob::Object& object) noexcept {
    hash.add(object.number)
        .add(std::uint64_t{object.group} << 32 | std::uint64_t{object.element} << 16 |
             std::uint64_t{object.bit} << 8 | static_cast<std::uint8_t>(object.form));
    return object.text.empty() ? hash : hash.add(object.text);
}
/// A station without its port: ports change with every connection, who it is does not.
Hasher& add(Hasher& hash, const ob::Station& station) noexcept {
    std::uint64_t words[2];
    std::memcpy(words, station.ip.data(), sizeof words);
    std::uint64_t mac = 0;
    std::memcpy(&mac, station.mac.data(), station.mac.size());
    return hash.add(words[0]).add(words[1]).add(mac);
}

} // namespace

struct Fold::Key {
    std::uint64_t conversation = 0;
    std::uint64_t number = 0;
    std::uint64_t text = 0; ///< of the object, hashed with the secret key
    std::string_view space;
    std::uint32_t code = 0, group = 0;
    ob::Part part;
    std::uint16_t protocol = 0, element = 0;
    std::uint8_t bit = 0;
    ob::Object::Form form{};
    ob::Speaker asker{};
    friend bool operator==(const Key&, const Key&) = default;
};

struct Fold::Many {
    ob::Operation like;
    ob::Parties parties;
    std::uint64_t conversation = 0;
    ob::Speaker asker{};
    std::uint8_t acts = 0; ///< requests and events so far, up to 3
    bool answer_owed = false, counting = false, numbers = false;
    bool seen[2]{};           ///< a request or event; an answer
    std::uint64_t value[2]{}; ///< of the last told one
    std::uint64_t last_value[2]{};
    ob::Outcome outcome = ob::Outcome::pending; ///< of the last answer
    std::uint32_t usual_us = 0;                 ///< between acts, smoothed
    ob::Time last_act{}, last_told{};
    // The window that is open; what has been told at once is not in its counts.
    std::uint64_t messages = 0, answers = 0, refusals = 0;
    ob::Time first{}, last{};
    ob::Evidence first_seen{}, last_seen{};
    std::uint32_t changes = 0, intervals = 0, interval_least = 0, interval_most = 0;
    std::uint64_t interval_sum = 0;
    double least = 0, most = 0;
    bool events = false, requests = false;
    Many* previous = nullptr;
    Many* next = nullptr;
    // What `like` points to.
    std::array<char, 48> short_text;
    Chunk* text = nullptr;
    Chunk* bytes = nullptr;
};

Fold::Fold(const Settings& settings, ob::Sink& out, Limits& limits)
    : settings_{settings},
      out_{out},
      keys_limit_{limits.add("worker.fold.keys", settings.keys_most, "keys")},
      known_limit_{limits.add("worker.fold.known", settings.known_most, "facts")},
      keys_{std::make_unique<BoundedTable<Key, Many>>(settings.keys_most)},
      known_{settings.known_most},
      acts_{.length = settings.act_window},
      reads_{.length = settings.read_window} {}

Fold::~Fold() = default;

void Fold::close_ended() {
    for (auto* window : {&acts_, &reads_}) {
        const auto number = static_cast<std::int64_t>(number_of_window(now_, window->length));
        if (number == window->number) continue;
        close(*window);
        window->number = number;
    }
    next_end_ = std::min(acts_.end(), reads_.end());
}

void Fold::finish() {
    close(acts_);
    close(reads_);
}

void Fold::close(Window& window) {
    const auto end = window.end();
    while (auto* many = window.first) {
        window.first = many->next;
        tell(*many, end);
        many->previous = many->next = nullptr;
        many->counting = false;
    }
    window.last = nullptr;
    keys_limit_.use(keys_->size());
    keys_limit_.refusals(keys_->forgotten());
    known_limit_.use(known_.size());
    known_limit_.refusals(known_.forgotten());
}

void Fold::tell(Many& many, ob::Time at) {
    ob::Repeats repeats{
        .like = many.like,
        .messages = many.messages,
        .answers = many.answers,
        .refusals = many.refusals,
        .first = many.first,
        .last = many.last,
        .changes = many.changes,
        .least = many.least,
        .most = many.most,
        .interval_least_us = many.interval_least,
        .interval_mean_us = many.intervals ? static_cast<std::uint32_t>(many.interval_sum / many.intervals)
                                           : 0,
        .interval_most_us = many.interval_most,
        .last_seen = many.last_seen};
    repeats.like.phase = many.events     ? ob::Phase::event
                         : many.requests ? ob::Phase::request
                                         : ob::Phase::response;
    repeats.like.pair = 0;
    ++counters_.observations;
    out_.on({.at = at,
             .parties = many.parties,
             .conversation = many.conversation,
             .speaker = many.asker,
             .evidence = many.first_seen},
            repeats);
    many.messages = many.answers = many.refusals = many.interval_sum = 0;
    many.changes = many.intervals = many.interval_least = many.interval_most = 0;
    many.least = many.most = 0;
    many.numbers = many.events = many.requests = false;
}

std::uint64_t Fold::value_of(const ob::Value& value) const noexcept {
    struct Visitor {
        const Fingerprint& print;
        std::uint64_t operator()(std::monostate) const { return 0; }
        std::uint64_t operator()(bool on) const { return on ? 2 : 1; }
        std::uint64_t operator()(std::int64_t number) const {
            return print.of(static_cast<std::uint64_t>(number));
        }
        std::uint64_t operator()(std::uint64_t number) const { return print.of(number); }
        std::uint64_t operator()(double number) const {
            return print.of(std::bit_cast<std::uint64_t>(number));
        }
        std::uint64_t operator()(std::string_view text) const {
            return print.of(std::as_bytes(std::span{text}));
        }
        std::uint64_t operator()(Bytes bytes) const { return print.of(bytes); }
        std::uint64_t operator()(const ob::Array& array) const { return print.of(array.bytes); }
    };
    return std::visit(Visitor{fingerprint_}, value);
}

void Fold::on(const ob::Origin& origin, const ob::Operation& op) {
    const bool answer = op.phase == ob::Phase::response;
    const Key key{.conversation = origin.conversation,
                  .number = op.object.number,
                  .text = op.object.text.empty() ? 0 : Hasher{}.add(op.object.text).finish(),
                  .space = op.object.space,
                  .code = op.function.code,
                  .group = op.object.group,
                  .part = op.part,
                  .protocol = op.protocol,
                  .element = op.object.element,
                  .bit = op.object.bit,
                  .form = op.object.form,
                  .asker = answer ? other(origin.speaker) : origin.speaker};
    Hasher hasher;
    hasher.add(key.conversation)
        .add(std::uint64_t{key.code} << 32 | std::uint64_t{key.protocol} << 16 |
             static_cast<std::uint8_t>(key.asker))
        .add(key.number)
        .add(std::uint64_t{key.group} << 32 | std::uint64_t{key.element} << 16 | std::uint64_t{key.bit} << 8 |
             static_cast<std::uint8_t>(key.form));
    if (key.text) hasher.add(key.text);
    const auto hash = add(hasher, op.part).finish();

    auto* many = keys_->find(key, hash);
    if (!many) {
        many = &keys_->insert(key, hash, [this](const Key&, Many& old) { forget(old); });
        many->parties = origin.parties;
        many->conversation = origin.conversation;
        many->asker = key.asker;
        keep(*many, op);
    }

    bool told = !many->seen[answer];
    many->seen[answer] = true;
    const bool rested = now_ - many->last_told >= pause;

    const auto value = value_of(op.value);
    const bool changed = many->last_value[answer] != 0 && value != 0 && many->last_value[answer] != value;
    if (value != 0) {
        // With what was told, not with what came last: a change inside the pause is told after it.
        if (rested && many->value[answer] != value) told = true;
        if (many->last_value[answer] != value) keep_value(*many, op.value);
        many->last_value[answer] = value;
    }
    if (answer) {
        const bool refused = op.outcome == ob::Outcome::refused;
        if (many->outcome != ob::Outcome::pending && (many->outcome == ob::Outcome::refused) != refused)
            told = true;
        many->outcome = op.outcome;
        if (std::exchange(many->answer_owed, false)) told = true;
    } else {
        const auto interval = many->acts ? microseconds(now_ - many->last_act) : 0;
        if (acts(op.act)) {
            const bool steady = many->acts >= 2 && interval <= steady_most_us &&
                                interval / 2 <= many->usual_us;
            if (!steady && rested) told = true;
            if (told) many->answer_owed = true;
        }
        if (many->acts) {
            many->usual_us = many->acts == 1 ? interval
                                             : static_cast<std::uint32_t>(
                                                   (std::uint64_t{many->usual_us} * 3 + interval) / 4);
            many->interval_sum += interval;
            many->interval_least = many->intervals ? std::min(many->interval_least, interval) : interval;
            many->interval_most = std::max(many->interval_most, interval);
            ++many->intervals;
        }
        if (many->acts < 3) ++many->acts;
        many->last_act = now_;
    }

    if (told) {
        many->last_told = now_;
        if (value != 0) many->value[answer] = value;
        ++counters_.operations;
        pass(origin, op, true);
        return;
    }
    if (changed) ++many->changes;
    count(*many, origin, op, answer);
}

void Fold::count(Many& many, const ob::Origin& origin, const ob::Operation& op, bool answer) {
    ++counters_.folded;
    if (!many.counting) {
        auto& window = acts(many.like.act) ? acts_ : reads_;
        many.counting = true;
        many.previous = window.last;
        many.next = nullptr;
        (window.last ? window.last->next : window.first) = &many;
        window.last = &many;
    }
    if (many.messages++ == 0) {
        many.first = now_;
        many.first_seen = origin.evidence;
    }
    many.last = now_;
    many.last_seen = origin.evidence;
    many.like.status = op.status;
    if (answer) {
        ++(op.outcome == ob::Outcome::refused ? many.refusals : many.answers);
        many.like.outcome = op.outcome;
    } else {
        (op.phase == ob::Phase::event ? many.events : many.requests) = true;
    }
    if (op.count) many.like.count = op.count;
    if (const auto number = numeric(op.value)) {
        many.least = many.numbers ? std::min(many.least, *number) : *number;
        many.most = many.numbers ? std::max(many.most, *number) : *number;
        many.numbers = true;
    }
}

/// Copies what is borrowed: an entry outlives the packet.
void Fold::keep(Many& many, const ob::Operation& op) {
    many.like = op;
    many.like.value = {};
    const auto& text = op.object.text;
    const auto size = std::min(text.size(), kept_most);
    if (size == 0) return;
    char* to = many.short_text.data();
    if (size > many.short_text.size()) {
        many.text = take_chunk();
        to = many.text->data();
    }
    std::copy_n(text.data(), size, to);
    many.like.object.text = {to, size};
}
void Fold::keep_value(Many& many, const ob::Value& value) {
    const auto kept = [&](Bytes bytes) {
        if (!many.bytes) many.bytes = take_chunk();
        bytes = bytes.first(std::min(bytes.size(), kept_most));
        if (!bytes.empty()) std::memcpy(many.bytes->data(), bytes.data(), bytes.size());
        return Bytes{reinterpret_cast<const std::byte*>(many.bytes->data()), bytes.size()};
    };
    if (const auto* text = std::get_if<std::string_view>(&value)) {
        many.like.value = as_text(kept(std::as_bytes(std::span{*text})));
    } else if (const auto* raw = std::get_if<Bytes>(&value)) {
        many.like.value = kept(*raw);
    } else if (const auto* array = std::get_if<ob::Array>(&value)) {
        auto copy = *array;
        copy.bytes = kept(array->bytes);
        many.like.value = copy;
    } else {
        many.like.value = value; // Scalars own what they are.
    }
}

/// Before an entry makes room: what it counted is told early, and its memory goes back.
void Fold::forget(Many& many) {
    if (many.counting) {
        auto& window = acts(many.like.act) ? acts_ : reads_;
        (many.previous ? many.previous->next : window.first) = many.next;
        (many.next ? many.next->previous : window.last) = many.previous;
        tell(many, now_);
    }
    for (auto* chunk : {many.text, many.bytes})
        if (chunk) free_chunks_.push_back(chunk);
}

Fold::Chunk* Fold::take_chunk() {
    constexpr std::size_t at_once = 64;
    if (free_chunks_.empty()) {
        chunks_.push_back(std::make_unique_for_overwrite<Chunk[]>(at_once));
        free_chunks_.reserve(chunks_.size() * at_once);
        for (std::size_t i = 0; i < at_once; ++i) free_chunks_.push_back(&chunks_.back()[i]);
    }
    auto* chunk = free_chunks_.back();
    free_chunks_.pop_back();
    return chunk;
}

template <class Kind>
void Fold::pass(const ob::Origin& origin, const Kind& what, bool with_message) {
    ++counters_.observations;
    auto said = ob::Origin{.at = origin.at,
                           .parties = origin.parties,
                           .conversation = origin.conversation,
                           .speaker = origin.speaker,
                           .evidence = origin.evidence};
    if (with_message) said.message = origin.message.first(std::min(origin.message.size(), ob::message_kept));
    out_.on(said, what);
}

bool Fold::news(std::size_t key, std::uint64_t value, std::chrono::nanoseconds window) {
    const auto number = static_cast<std::int64_t>(number_of_window(now_, window));
    auto* known = known_.find(key, key);
    if (known && known->window == number && (known->value == value || now_ - known->told < pause)) {
        ++counters_.silenced;
        return false;
    }
    if (!known) known = &known_.insert(key, key);
    *known = {value, number, now_};
    return true;
}

// Each begins with a number of its own, so that no two kinds share a key.

void Fold::on(const ob::Origin& origin, const ob::Presence& presence) {
    // By host pair, which is what workers share out: by station alone, four workers would tell it four times.
    Hasher hash;
    hash.add(1u).add(static_cast<std::uint64_t>(presence.subject) << 8 |
                     static_cast<std::uint64_t>(origin.speaker));
    add(add(hash, origin.parties.client), origin.parties.server);
    add(add(hash, presence.third), presence.part);
    if (news(hash.finish(), 0, settings_.again_after)) pass(origin, presence, false);
}

void Fold::on(const ob::Origin& origin, const ob::Identity& identity) {
    Hasher hash;
    hash.add(2u)
        .add(origin.conversation)
        .add(std::uint64_t{identity.protocol} << 32 | static_cast<std::uint64_t>(identity.attribute) << 16 |
             static_cast<std::uint64_t>(identity.subject) << 8 | static_cast<std::uint64_t>(origin.speaker));
    add(add(hash, identity.third), identity.part);
    const auto value = value_of(identity.value);
    switch (identity.attribute) { // Of these a station may have several at once: one more is no change.
    case ob::Attribute::mac:
    case ob::Attribute::ip:
    case ob::Attribute::application:
    case ob::Attribute::certificate:
    case ob::Attribute::user:
    case ob::Attribute::gateway:
    case ob::Attribute::port_name:
    case ob::Attribute::engineering_station:
    case ob::Attribute::module:
        hash.add(value);
        break;
    default:
        break;
    }
    if (news(hash.finish(), value, settings_.again_after)) pass(origin, identity, true);
}

void Fold::on(const ob::Origin& origin, const ob::Neighbour& neighbour) {
    Hasher hash;
    hash.add(3u)
        .add(origin.conversation)
        .add(std::uint64_t{neighbour.protocol} << 8 | static_cast<std::uint64_t>(origin.speaker));
    add(hash, neighbour.far).add(neighbour.port).add(neighbour.far_port).add(neighbour.far_name);
    if (news(hash.finish(), 0, settings_.again_after)) pass(origin, neighbour, true);
}

void Fold::on(const ob::Origin& origin, const ob::Variable& variable) {
    Hasher hash;
    hash.add(7u)
        .add(origin.conversation)
        .add(std::uint64_t{variable.protocol} << 8 | static_cast<std::uint64_t>(origin.speaker));
    add(add(hash, variable.part), variable.object);
    if (news(hash.finish(), value_of(variable.value), settings_.again_after)) pass(origin, variable, false);
}

void Fold::on(const ob::Origin& origin, const ob::Name& name) {
    Hasher hash;
    hash.add(8u).add(std::uint64_t{name.kind} << 32 | std::uint64_t{name.code} << 8 |
                     static_cast<std::uint64_t>(origin.speaker));
    add(add(hash, origin.parties.client), origin.parties.server).add(name.asked).add(name.answer);
    if (news(hash.finish(), 0, settings_.again_after)) pass(origin, name, true);
}

void Fold::on(const ob::Origin& origin, const ob::Match& match) {
    Hasher hash;
    hash.add(12u).add(origin.conversation).add(match.rule);
    if (news(hash.finish(), match.revision, settings_.anomaly_window)) pass(origin, match, true);
}

void Fold::on(const ob::Origin& origin, const ob::Anomaly& anomaly) {
    Hasher hash;
    hash.add(13u).add(origin.conversation).add(anomaly.protocol).add(anomaly.detail.what);
    if (origin.conversation == 0) add(add(hash, origin.parties.client), origin.parties.server);
    if (news(hash.finish(), 0, settings_.anomaly_window)) pass(origin, anomaly, true);
}

void Fold::on(const ob::Origin& origin, const ob::Conversation& said) { pass(origin, said, false); }
void Fold::on(const ob::Origin& origin, const ob::Repeats& said) { pass(origin, said, false); }
void Fold::on(const ob::Origin& origin, const ob::Login& said) { pass(origin, said, true); }
void Fold::on(const ob::Origin& origin, const ob::Transfer& said) { pass(origin, said, false); }
void Fold::on(const ob::Origin& origin, const ob::Log& said) { pass(origin, said, true); }
void Fold::on(const ob::Origin& origin, const ob::Coverage& said) { pass(origin, said, false); }

} // namespace yagura::worker
