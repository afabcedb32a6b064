// From what is said to a record in the worker's ring: borrowed text is copied once, here, and the same bytes
// go through pipe, spool and journal. No heap; about 40 ns a record.
#pragma once

#include <atomic>
#include <vector>

#include "spine/journal/byte_ring.h"
#include "spine/journal/schema.h"

namespace yagura::journal {

/// The longest body. With a sequence and the frames around it it fits into one write of a pipe (PIPE_BUF).
inline constexpr std::size_t record_room = 4032;

/// Kind, time and so on of a record: everything but the kind's own message.
struct Envelope {
    Kind kind{}; ///< as it stands: a newer sensor may say kinds that we do not know
    Worth worth = Worth::normal;
    std::uint64_t sequence = 0; ///< 0: not given, or a record that only explains others
    observe::Time at{};
    std::uint64_t conversation = 0;
    observe::Speaker speaker{};
    observe::Evidence evidence{};
    Bytes message{};           ///< the first bytes of the message, if they were kept
    std::uint64_t arrival = 0; ///< the centre's own count over all sources; 0 outside its journal
    Bytes body{};              ///< the kind's own message
};

/// What a record would cost if it were dropped.
Worth worth(const observe::Operation&) noexcept;
template <class K>
constexpr Worth worth(const K& what) noexcept {
    if constexpr (std::same_as<K, observe::Repeats>)
        return observe::usual_effect(what.like.act) > observe::Effect::observes ? Worth::normal : Worth::bulk;
    else if constexpr (std::same_as<K, observe::Conversation>)
        return what.state == observe::Conversation::State::goes_on ? Worth::bulk : Worth::normal;
    else if constexpr (std::same_as<K, observe::Presence> || std::same_as<K, observe::Variable> ||
                       std::same_as<K, observe::Name> || std::same_as<K, observe::Log>)
        return Worth::normal;
    else
        return Worth::keep;
}

/// Of any record's body, into `room`: for what is said outside the packet path (sources, loss, decisions).
/// Empty if it does not fit.
template <class T>
Bytes encode(std::span<std::byte> room, const Envelope& envelope, const T& what) noexcept {
    Writer out{room};
    out.number(1, static_cast<std::uint64_t>(envelope.kind));
    Put put{out};
    put(2, envelope.sequence)(3, envelope.at)(4, envelope.conversation);
    const auto start = out.open(5);
    describe(put, what);
    out.close(start);
    put(6, envelope.speaker)(7, envelope.evidence.frame)(8, envelope.evidence.source);
    put(9, envelope.evidence.offset)(10, envelope.message, observe::message_kept);
    if (envelope.worth != Worth::normal)
        out.number(11, envelope.worth == Worth::bulk ? 1u : 2u); // normal is what an absent field says
    put(12, envelope.arrival);
    return out.written();
}

/// One worker's voice. Before a conversation or a protocol is referred to it is told, and told again in every
/// second of packet time in which it is used: a reader that lost a moment understands again within a second.
class Encoder final : public observe::Sink {
public:
    /// observe does not know the table of protocols, so whoever does lends it.
    using NameOf = std::string_view (*)(std::uint16_t protocol) noexcept;

    /// A card counts what a full ring refuses, the lowest worth first, and says Lost when there is room
    /// again; a file waits. `conversations`: how many are remembered as told; more only costs repetition.
    Encoder(ByteRing& ring, NameOf name_of, WhenFull when_full, std::size_t conversations = 4096);

    void on(const observe::Origin& o, const observe::Presence& what) override { say(o, what); }
    void on(const observe::Origin& o, const observe::Identity& what) override { say(o, what); }
    void on(const observe::Origin& o, const observe::Neighbour& what) override { say(o, what); }
    void on(const observe::Origin& o, const observe::Conversation& what) override { say(o, what); }
    void on(const observe::Origin& o, const observe::Operation& what) override { say(o, what); }
    void on(const observe::Origin& o, const observe::Repeats& what) override { say(o, what); }
    void on(const observe::Origin& o, const observe::Variable& what) override { say(o, what); }
    void on(const observe::Origin& o, const observe::Name& what) override { say(o, what); }
    void on(const observe::Origin& o, const observe::Login& what) override { say(o, what); }
    void on(const observe::Origin& o, const observe::Transfer& what) override { say(o, what); }
    void on(const observe::Origin& o, const observe::Log& what) override { say(o, what); }
    void on(const observe::Origin& o, const observe::Match& what) override { say(o, what); }
    void on(const observe::Origin& o, const observe::Anomaly& what) override { say(o, what); }
    void on(const observe::Origin& o, const observe::Coverage& what) override { say(o, what); }

    /// Nothing older than this comes from here any more; every 100 ms of packet time. At the end:
    /// Time::max().
    void watermark(observe::Time at);
    /// A stream, before its first observation.
    void source(observe::Time at, const Source&);

    std::uint64_t said() const noexcept { return said_.load(std::memory_order_relaxed); }
    std::uint64_t refused(Worth worth) const noexcept {
        return refused_[static_cast<std::size_t>(worth)].load(std::memory_order_relaxed);
    }

private:
    struct Told {
        std::uint64_t conversation = 0;
        std::int64_t second = 0;
        observe::Parties parties{};
    };

    template <class K>
    void say(const observe::Origin& origin, const K& what) {
        const auto second = origin.at.time_since_epoch().count() / 1'000'000'000;
        if (origin.conversation != 0) tell_parties(origin, second);
        if constexpr (std::same_as<K, observe::Repeats>)
            tell_protocol(what.like.protocol, origin.at, second);
        else if constexpr (requires { what.protocol; })
            tell_protocol(what.protocol, origin.at, second);
        push(encode(room_,
                    Envelope{.kind = kind_of<K>(),
                             .worth = worth(what),
                             .at = origin.at,
                             .conversation = origin.conversation,
                             .speaker = origin.speaker,
                             .evidence = origin.evidence,
                             .message = origin.message},
                    what),
             worth(what), origin.at);
    }
    void tell_parties(const observe::Origin&, std::int64_t second);
    void tell_protocol(std::uint16_t protocol, observe::Time at, std::int64_t second);
    bool push(Bytes record, Worth, observe::Time at);
    void tell_lost();

    ByteRing& ring_;
    NameOf name_of_;
    WhenFull when_full_;
    std::vector<Told> told_;                   ///< by conversation, direct mapped
    std::vector<std::int64_t> protocols_told_; ///< second, by number
    std::array<std::atomic<std::uint64_t>, 3> refused_{};
    std::atomic<std::uint64_t> said_{0};
    std::array<Lost, 3> lost_{}; ///< not yet told, by worth
    bool losing_ = false;
    std::array<std::byte, record_room> room_;
};

} // namespace yagura::journal
