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
/// So often may a value change in a window without a pause: a controller is stopped, changed and started
/// within a second, and what was told last has to be what is. Beyond it somebody plays with us.
constexpr std::uint32_t changes_at_once = 16;
/// A repetition slower than this is an act of its own.
constexpr std::uint32_t steady_most_us = 10'000'000;

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
/// Conversations' numbers are hashes already, but without a secret.
std::uint64_t conversation_hash(std::uint64_t conversation) noexcept {
    return Mix{}.add(conversation).finish();
}
/// The beginning and the end of a catalogue's word: enough to tell its words apart.
void add(Mix& hash, std::string_view space) noexcept {
    if (space.empty()) return;
    std::uint64_t begin = 0, end = 0;
    const auto size = std::min<std::size_t>(space.size(), 8);
    std::memcpy(&begin, space.data(), size);
    std::memcpy(&end, space.data() + space.size() - size, size);
    hash.add(begin ^ space.size() << 59, end);
}
void add(Mix& hash, const ob::Part& part) noexcept {
    for (std::size_t i = 0; i < part.size && i < part.steps.size(); ++i)
        hash.add(std::uint64_t{static_cast<std::uint8_t>(part.steps[i].hop)} << 32 | part.steps[i].number);
}
void add(Mix& hash, const ob::Object& object) noexcept {
    hash.add(object.number, std::uint64_t{object.group} << 32 | std::uint64_t{object.element} << 16 |
                                std::uint64_t{object.bit} << 8 | static_cast<std::uint8_t>(object.form));
    add(hash, object.space);
    if (!object.text.empty()) hash.add(object.text);
}
/// A station without its port: ports change with every connection, who it is does not.
void add(Mix& hash, const ob::Station& station) noexcept {
    std::uint64_t words[2];
    std::memcpy(words, station.ip.data(), sizeof words);
    std::uint64_t mac = 0;
    std::memcpy(&mac, station.mac.data(), station.mac.size());
    hash.add(words[0], words[1]).add(mac);
}

} // namespace

// What every message touches comes first: it shall lie in as few cache lines as possible.
struct Fold::Many {
    std::uint64_t key = 0;
    ob::Speaker asker{};
    std::uint8_t acts = 0; ///< requests and events so far, up to 3
    bool effect = false;   ///< of the act: its windows are the short ones
    bool answer_owed = false, counting = false, numbers = false, events = false, requests = false;
    bool ended = false;                         ///< its conversation has: it goes at the end of the window
    bool seen[2]{};                             ///< a request or event; an answer
    ob::Outcome outcome = ob::Outcome::pending; ///< of the last answer
    std::uint32_t usual_us = 0;                 ///< between acts, smoothed
    std::uint64_t value[2]{}, last_value[2]{};  ///< hashed: told last; seen last
    ob::Time last_act{}, last_told{};
    // The window that is open; what has been told at once is not in its counts.
    std::uint64_t messages = 0, answers = 0, refusals = 0, interval_sum = 0;
    std::uint32_t changes = 0, intervals = 0, interval_least = 0, interval_most = 0;
    ob::Time first{}, last{};
    ob::Evidence first_seen{}, last_seen{};
    double least = 0, most = 0;
    Many *previous = nullptr, *next = nullptr;          ///< in the window
    Many *sibling_before = nullptr, *sibling = nullptr; ///< of the same conversation
    std::uint64_t conversation = 0;
    ob::Operation like;
    ob::Parties parties;
    // What `like` points to.
    Chunk *text = nullptr, *bytes = nullptr;
    std::array<char, 48> short_text;
};

Fold::Fold(const Settings& settings, ob::Sink& out, Limits& limits)
    : settings_{settings},
      out_{out},
      keys_limit_{limits.add("worker.fold.keys", settings.keys_most, "keys")},
      known_limit_{limits.add("worker.fold.known", settings.known_most, "facts")},
      keys_{std::make_unique<BoundedTable<std::uint64_t, Many>>(settings.keys_most)},
      owners_{settings.keys_most},
      known_{settings.known_most},
      acts_{.length = settings.act_window},
      reads_{.length = settings.read_window} {}

Fold::~Fold() = default;

std::size_t Fold::memory_most(const Settings& settings) noexcept {
    using Keys = BoundedTable<std::uint64_t, Many>;
    using Owners = BoundedTable<std::uint64_t, Owner>;
    using Facts = BoundedTable<std::uint64_t, Known>;
    // Of each key an object's name and a value may be kept.
    const auto chunks = 2 * settings.keys_most + 64;
    return Keys::memory_most(settings.keys_most) + Owners::memory_most(settings.keys_most) +
           Facts::memory_most(settings.known_most) + chunks * (sizeof(Chunk) + 3 * sizeof(void*)) +
           sizeof(Keys);
}

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
        if (many->ended) drop(*many);
    }
    window.last = nullptr;
    publish();
}

void Fold::publish() noexcept {
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
    auto hash = mix_;
    struct Visitor {
        Mix& hash;
        void operator()(std::monostate) const {}
        void operator()(bool on) const { hash.add(on ? 2u : 1u); }
        void operator()(std::int64_t number) const { hash.add(static_cast<std::uint64_t>(number)); }
        void operator()(std::uint64_t number) const { hash.add(number); }
        void operator()(double number) const { hash.add(std::bit_cast<std::uint64_t>(number)); }
        void operator()(std::string_view text) const { hash.add(text); }
        void operator()(Bytes bytes) const { hash.add(bytes); }
        void operator()(const ob::Array& array) const { hash.add(array.bytes); }
    };
    if (value.index() == 0) return 0;
    std::visit(Visitor{hash}, value);
    return hash.finish() | 1u; // 0 is "no value".
}

void Fold::on(const ob::Origin& origin, const ob::Operation& op) {
    const bool answer = op.phase == ob::Phase::response;
    const auto asker = answer ? other(origin.speaker) : origin.speaker;
    auto hash = mix_;
    hash.add(origin.conversation, std::uint64_t{op.function.code} << 32 | std::uint64_t{op.protocol} << 16 |
                                      static_cast<std::uint8_t>(asker));
    add(hash, op.object);
    add(hash, op.part);
    const auto key = hash.finish();

    auto* many = keys_->find(key, key);
    if (!many) [[unlikely]] {
        many = &keys_->insert(key, key, [this](std::uint64_t, Many& old) { release(old); });
        many->key = key;
        many->parties = origin.parties;
        many->conversation = origin.conversation;
        many->asker = asker;
        many->effect = acts(op.act);
        keep(*many, op);
        auto* owner = owners_.find(origin.conversation, conversation_hash(origin.conversation));
        if (!owner) owner = &owners_.insert(origin.conversation, conversation_hash(origin.conversation));
        many->sibling = owner->first;
        if (many->sibling) many->sibling->sibling_before = many;
        owner->first = many;
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
        if (many->effect) {
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
        auto& window = many.effect ? acts_ : reads_;
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

/// Also before an entry makes room: what it counted is then told early.
void Fold::release(Many& many) {
    if (many.counting) {
        auto& window = many.effect ? acts_ : reads_;
        (many.previous ? many.previous->next : window.first) = many.next;
        (many.next ? many.next->previous : window.last) = many.previous;
        tell(many, now_);
    }
    if (many.sibling) many.sibling->sibling_before = many.sibling_before;
    if (many.sibling_before) {
        many.sibling_before->sibling = many.sibling;
    } else if (!many.ended) {
        const auto hash = conversation_hash(many.conversation);
        if (many.sibling)
            owners_.find(many.conversation, hash)->first = many.sibling;
        else
            owners_.erase(many.conversation, hash);
    }
    for (auto* chunk : {many.text, many.bytes})
        if (chunk) free_chunks_.push_back(chunk);
}

void Fold::drop(Many& many) {
    const auto key = many.key;
    release(many);
    keys_->erase(key, key);
}

/// Its keys will not be asked for again. Those with something to tell stay until their window ends.
void Fold::conversation_ended(std::uint64_t conversation) {
    const auto hash = conversation_hash(conversation);
    auto* owner = owners_.find(conversation, hash);
    if (!owner) return;
    auto* many = owner->first;
    owners_.erase(conversation, hash);
    while (many) {
        auto& one = *many;
        many = one.sibling;
        one.sibling = one.sibling_before = nullptr;
        one.ended = true;
        if (!one.counting) drop(one);
    }
}

Fold::Chunk* Fold::take_chunk() {
    constexpr std::size_t at_once = 64;
    if (free_chunks_.empty()) {
        chunks_.push_back(std::make_unique_for_overwrite<Chunk[]>(at_once));
        if (const auto all = chunks_.size() * at_once; free_chunks_.capacity() < all)
            free_chunks_.reserve(2 * all);
        for (std::size_t i = 0; i < at_once; ++i) free_chunks_.push_back(&chunks_.back()[i]);
    }
    auto* chunk = free_chunks_.back();
    free_chunks_.pop_back();
    return chunk;
}

template <class Kind>
void Fold::pass(const ob::Origin& origin, const Kind& what, bool with_message) {
    // Each worker covers every second, and whoever merges workers adds those up into one: counted here, the
    // number of workers would change the sum.
    if constexpr (!std::is_same_v<Kind, ob::Coverage>) ++counters_.observations;
    auto said = ob::Origin{.at = origin.at,
                           .parties = origin.parties,
                           .conversation = origin.conversation,
                           .speaker = origin.speaker,
                           .evidence = origin.evidence};
    if (with_message) said.message = origin.message.first(std::min(origin.message.size(), ob::message_kept));
    out_.on(said, what);
}

bool Fold::news(std::uint64_t key, std::uint64_t value, std::chrono::nanoseconds window) {
    const auto number = static_cast<std::uint32_t>(number_of_window(now_, window));
    auto* known = known_.find(key, key);
    const bool again = known && known->window == number;
    if (again &&
        (known->value == value || (known->changes >= changes_at_once && now_ - known->told < pause))) {
        ++counters_.silenced;
        return false;
    }
    const auto changes = again ? std::min(known->changes + 1, changes_at_once) : 0u;
    if (!known) known = &known_.insert(key, key);
    *known = {value, number, changes, now_};
    return true;
}

// Each begins with a number of its own, so that no two kinds share a key.

void Fold::on(const ob::Origin& origin, const ob::Presence& presence) {
    // By host pair, which is what workers share out: by station alone, four workers would tell it four times.
    auto hash = mix_;
    hash.add(1u).add(static_cast<std::uint64_t>(presence.subject) << 8 |
                     static_cast<std::uint64_t>(origin.speaker));
    add(hash, origin.parties.client);
    add(hash, origin.parties.server);
    add(hash, presence.third);
    add(hash, presence.part);
    if (news(hash.finish(), 0, settings_.again_after)) pass(origin, presence, false);
}

void Fold::on(const ob::Origin& origin, const ob::Identity& identity) {
    // By host pair: a browser opens a connection for every picture, and is the same browser in each.
    auto hash = mix_;
    hash.add(2u).add(
        std::uint64_t{identity.protocol} << 32 | static_cast<std::uint64_t>(identity.attribute) << 16 |
        static_cast<std::uint64_t>(identity.subject) << 8 | static_cast<std::uint64_t>(origin.speaker));
    add(hash, origin.parties.client);
    add(hash, origin.parties.server);
    add(hash, identity.third);
    add(hash, identity.part);
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
    case ob::Attribute::name:
    case ob::Attribute::description:
    case ob::Attribute::capability:
    case ob::Attribute::service:
    case ob::Attribute::fingerprint:
    case ob::Attribute::role_hint:
    case ob::Attribute::name_server:
        hash.add(value);
        break;
    case ob::Attribute::state: // A controller tells its mode and its key switch in one message.
        if (const auto* text = std::get_if<std::string_view>(&identity.value))
            hash.add(std::uint64_t{text->starts_with("key switch")});
        break;
    default:
        break;
    }
    if (news(hash.finish(), value, settings_.again_after)) pass(origin, identity, true);
}

void Fold::on(const ob::Origin& origin, const ob::Neighbour& neighbour) {
    auto hash = mix_;
    hash.add(3u)
        .add(origin.conversation)
        .add(std::uint64_t{neighbour.protocol} << 8 | static_cast<std::uint64_t>(origin.speaker));
    add(hash, neighbour.far);
    hash.add(neighbour.port).add(neighbour.far_port).add(neighbour.far_name);
    if (news(hash.finish(), 0, settings_.again_after)) pass(origin, neighbour, true);
}

void Fold::on(const ob::Origin& origin, const ob::Variable& variable) {
    auto hash = mix_;
    hash.add(7u)
        .add(origin.conversation)
        .add(std::uint64_t{variable.protocol} << 8 | static_cast<std::uint64_t>(origin.speaker));
    add(hash, variable.part);
    add(hash, variable.object);
    if (news(hash.finish(), value_of(variable.value), settings_.again_after)) pass(origin, variable, false);
}

void Fold::on(const ob::Origin& origin, const ob::Name& name) {
    auto hash = mix_;
    hash.add(8u).add(std::uint64_t{name.kind} << 32 | std::uint64_t{name.code} << 8 |
                     static_cast<std::uint64_t>(origin.speaker));
    add(hash, origin.parties.client);
    add(hash, origin.parties.server);
    hash.add(name.asked).add(name.answer);
    if (news(hash.finish(), 0, settings_.again_after)) pass(origin, name, true);
}

void Fold::on(const ob::Origin& origin, const ob::Match& match) {
    auto hash = mix_;
    hash.add(12u).add(origin.conversation).add(match.rule);
    if (news(hash.finish(), match.revision, settings_.anomaly_window)) pass(origin, match, true);
}

void Fold::on(const ob::Origin& origin, const ob::Anomaly& anomaly) {
    auto hash = mix_;
    hash.add(13u).add(origin.conversation).add(anomaly.protocol).add(anomaly.detail.what);
    if (origin.conversation == 0) {
        add(hash, origin.parties.client);
        add(hash, origin.parties.server);
    }
    if (news(hash.finish(), 0, settings_.anomaly_window)) pass(origin, anomaly, true);
}

void Fold::on(const ob::Origin& origin, const ob::Conversation& said) {
    using State = ob::Conversation::State;
    pass(origin, said, false);
    if (said.state == State::closed || said.state == State::refused) conversation_ended(origin.conversation);
}
void Fold::on(const ob::Origin& origin, const ob::Repeats& said) { pass(origin, said, false); }
void Fold::on(const ob::Origin& origin, const ob::Login& said) { pass(origin, said, true); }
void Fold::on(const ob::Origin& origin, const ob::Transfer& said) { pass(origin, said, false); }
void Fold::on(const ob::Origin& origin, const ob::Log& said) { pass(origin, said, true); }
void Fold::on(const ob::Origin& origin, const ob::Coverage& said) { pass(origin, said, false); }

} // namespace yagura::worker
