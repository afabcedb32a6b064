#include "spine/journal/replay.h"

namespace yagura::journal {
namespace {

/// What the numbers of a stream mean to us.
struct Meaning {
    std::span<const std::uint16_t> protocols;
    std::span<const std::pair<std::uint32_t, std::uint32_t>> sources;
    bool maps_sources = false;
    std::uint32_t source(std::uint32_t theirs) const noexcept {
        if (!maps_sources) return theirs;
        for (const auto& [from, to] : sources)
            if (from == theirs) return to;
        return 0;
    }
};

/// Bijective, so that two of one stream never become one.
std::uint64_t mixed(std::uint64_t id, std::uint64_t salt) noexcept {
    if (id == 0 || salt == 0) return id;
    id = (id ^ salt) * 0x9e3779b97f4a7c15u;
    return id ^ id >> 32;
}

template <class K>
void say(const Envelope& envelope, const observe::Parties& parties, const Meaning& meaning,
         std::uint64_t conversation, observe::Sink& sink) {
    auto what = [] {
        if constexpr (std::same_as<K, observe::Anomaly>)
            return observe::Anomaly{.protocol = 0, .detail = {0, ""}};
        else
            return K{};
    }();
    Take in{envelope.body};
    describe(in, what);
    const auto ours = [&](std::uint16_t& theirs) {
        theirs = theirs < meaning.protocols.size() ? meaning.protocols[theirs] : std::uint16_t{0};
    };
    if constexpr (std::same_as<K, observe::Repeats>)
        ours(what.like.protocol);
    else if constexpr (requires { what.protocol; })
        ours(what.protocol);
    if constexpr (std::same_as<K, observe::Repeats>)
        what.last_seen.source = meaning.source(what.last_seen.source);
    auto evidence = envelope.evidence;
    evidence.source = meaning.source(evidence.source);
    sink.on({.at = envelope.at,
             .parties = parties,
             .conversation = conversation,
             .speaker = envelope.speaker,
             .evidence = evidence,
             .message = envelope.message},
            what);
}

using Say = void (*)(const Envelope&, const observe::Parties&, const Meaning&, std::uint64_t, observe::Sink&);
constexpr auto sayers = []<class... K>(observe::KindList<K...>) {
    return std::array<Say, sizeof...(K)>{say<K>...};
}(observe::Kinds{});

} // namespace

std::optional<Envelope> open(Bytes record) noexcept {
    Take in{record};
    const auto* kind = in.number(1);
    if (!in.ok() || !kind || kind->value == 0 || kind->value > 0xffff) return std::nullopt;
    Envelope out;
    out.kind = static_cast<Kind>(kind->value);
    in(2, out.sequence)(3, out.at)(4, out.conversation)(5, out.body);
    in.closed(6, out.speaker, observe::Speaker::server, observe::Speaker::client);
    in(7, out.evidence.frame)(8, out.evidence.source)(9, out.evidence.offset)(10, out.message)(12,
                                                                                               out.arrival);
    if (const auto* worth = in.number(11)) out.worth = worth->value == 1 ? Worth::bulk : Worth::keep;
    return out;
}

std::uint16_t Protocols::number(std::string_view name) {
    name = name.substr(0, 64);
    if (name.empty()) return 0;
    for (std::size_t i = 0; i < names_.size(); ++i)
        if (names_[i] == name) return static_cast<std::uint16_t>(i + 1);
    if (names_.size() == most) {
        ++refused_;
        return 0;
    }
    names_.emplace_back(name);
    return static_cast<std::uint16_t>(names_.size());
}

std::string_view Protocols::name(std::uint16_t number) const noexcept {
    return number == 0 || number > names_.size() ? std::string_view{} : names_[number - 1u];
}

Replay::Replay(Protocols& protocols, std::size_t conversations)
    : protocols_{protocols}, conversations_{conversations}, numbers_(Protocols::most) {}

void Replay::source(std::uint32_t theirs, std::uint32_t ours) {
    constexpr std::size_t most = 1024;
    maps_sources_ = true;
    for (auto& [from, to] : sources_)
        if (from == theirs) {
            to = ours;
            return;
        }
    if (sources_.size() < most) sources_.emplace_back(theirs, ours);
}

Replay::Was Replay::on(Bytes record, observe::Sink& sink) {
    const auto envelope = open(record);
    return envelope ? on(*envelope, sink) : Was::damaged;
}

Replay::Was Replay::on(const Envelope& envelope, observe::Sink& sink) {
    static const observe::Parties nobody{};
    const auto kind = static_cast<std::size_t>(envelope.kind);
    if (kind >= 1 && kind <= sayers.size()) {
        const auto* both = envelope.conversation ? conversations_.find(envelope.conversation) : nullptr;
        sayers[kind - 1](envelope, both ? *both : nobody, {numbers_, sources_, maps_sources_},
                         mixed(envelope.conversation, salt_), sink);
        return Was::observation;
    }
    switch (envelope.kind) {
    case Kind::parties:
        conversations_.insert(envelope.conversation, message<observe::Parties>(envelope));
        return Was::context;
    case Kind::protocol: {
        const auto told = message<Protocol>(envelope);
        if (told.number < numbers_.size()) numbers_[told.number] = protocols_.number(told.name);
        return Was::context;
    }
    case Kind::source:
    case Kind::text:
    case Kind::lost:
    case Kind::watermark:
        return Was::context;
    case Kind::settings:
    case Kind::permit:
    case Kind::answer:
    case Kind::correction:
    case Kind::rules_loaded:
        return Was::decision;
    default:
        return Was::unknown;
    }
}

} // namespace yagura::journal
