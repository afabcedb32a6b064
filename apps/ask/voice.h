// What was asked and what was answered, as records: the same format, and one pipe, as a sensor's.
#pragma once

#include "apps/ask/options.h"
#include "apps/ask/patience.h"
#include "see/ask/query.h"
#include "spine/journal/encode.h"
#include "spine/journal/pipe.h"

namespace yagura::ask {

class Voice {
public:
    Voice(const Options& options, int pipe);

    struct Message { ///< one that left, or one that came
        const see::ask::Query& query;
        std::uint64_t dialogue = 0, number = 0; ///< number: as the log has it
        std::uint32_t step = 0, function = 0;
        std::string_view name{};
        const observe::Parties& parties;
        observe::Time at{};
        Bytes bytes{};
    };
    /// Before a dialogue: whose records these are.
    void begin(observe::Time at);
    /// Who asks: this box, so that nobody takes its questions for a stranger's.
    void sent(const Message&);
    void received(const Message&, const see::ask::Heard&, std::span<const see::ask::Facts::Fact> facts);
    enum class Pipe : std::uint8_t { open, full, gone };
    /// Whoever begins a dialogue while the pipe is full would have to hold what it learns for as long.
    Pipe pipe() const noexcept;
    /// Everything said so far goes out; until then it is held, so that no device waits for our reader.
    /// `full`: told to end before there was room.
    Pipe flush(Patience&);
    std::uint64_t dropped() const noexcept { return dropped_; } ///< records beyond what is held

private:
    static constexpr std::size_t held_most = 8u << 20;
    void pass_on();
    bool wait_for_room(Patience&) const;
    const Options& options_;
    std::uint64_t boot_;
    journal::ByteRing ring_;
    journal::Encoder encoder_;
    journal::PipeWriter writer_;
    std::array<std::byte, journal::record_room> scratch_;
    std::vector<std::byte> held_; ///< each with its length before it
    std::uint64_t dropped_ = 0;
    int pipe_;
};

} // namespace yagura::ask
