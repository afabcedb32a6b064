// From records back to what was said: live, after a restart, and over last month's journal the same way.
// What a fallen sensor writes is read here: nothing is believed, nothing grows without a bound.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "spine/base/bounded_map.h"
#include "spine/base/hash.h"
#include "spine/journal/encode.h"

namespace yagura::journal {

/// A record's envelope, or nothing if the bytes are not a record. Borrows.
std::optional<Envelope> open(Bytes record) noexcept;

/// Kind::source, Kind::lost, Kind::protocol and Kind::parties as structs. Borrows.
template <class T>
T message(const Envelope& envelope) noexcept {
    T what;
    Take in{envelope.body};
    describe(in, what);
    return what;
}

/// The reader's numbering of protocols: names are what counts, numbers are each run's own.
class Protocols {
public:
    static constexpr std::size_t most = 1024;
    /// 0 is nobody's: "unknown".
    std::uint16_t number(std::string_view name);
    /// Empty for a number that was not given out.
    std::string_view name(std::uint16_t number) const noexcept;
    std::size_t size() const noexcept { return names_.size(); }
    std::uint64_t refused() const noexcept { return refused_; }

private:
    std::vector<std::string> names_; ///< number n is names_[n - 1]
    std::uint64_t refused_ = 0;
};

struct ConversationHash {
    std::size_t operator()(std::uint64_t id) const noexcept { return Hasher{}.add(id).finish(); }
};

/// One stream's context: a reader has one for each source.
class Replay {
public:
    enum class Was : std::uint8_t {
        observation, ///< said to the sink
        context,     ///< source, parties, protocol: remembered, or for the caller to look at
        decision,    ///< settings, permit, answer, correction, rules
        unknown,     ///< a newer kind: keep it, forward it
        damaged,     ///< not a record
    };
    explicit Replay(Protocols& protocols, std::size_t conversations = 65536);

    Was on(Bytes record, observe::Sink& sink);
    Was on(const Envelope& envelope, observe::Sink& sink);

    /// Numbers of a stream mean nothing to another: `ours` is what evidence says from now on for its source
    /// `theirs` (0 until told), and conversations are told apart by the stream's own `salt`.
    void source(std::uint32_t theirs, std::uint32_t ours);
    void salt(std::uint64_t salt) noexcept { salt_ = salt; }

    /// Both stations of a conversation, if they were told and are not forgotten.
    const observe::Parties* parties(std::uint64_t conversation) { return conversations_.find(conversation); }
    std::uint64_t forgotten() const noexcept { return conversations_.forgotten(); }

private:
    Protocols& protocols_;
    BoundedMap<std::uint64_t, observe::Parties, ConversationHash> conversations_;
    std::vector<std::uint16_t> numbers_; ///< theirs -> ours
    std::vector<std::pair<std::uint32_t, std::uint32_t>> sources_;
    std::uint64_t salt_ = 0;
    bool maps_sources_ = false;
};

} // namespace yagura::journal
