// What a sensor's fold would tell of the plant: repetitions once a window, what is new, what changed and what
// was refused at once, and who everybody is.
#pragma once

#include <array>

#include "bench/scale/plant.h"

namespace yagura::bench {

class Teller {
public:
    /// The number of a protocol's name, as whoever reads the records knows it.
    using NumberOf = std::uint16_t (*)(void* context, std::string_view name);
    Teller(observe::Sink& out, std::uint64_t seed, NumberOf number_of, void* context);

    /// MAC, address and what it says about itself.
    void who(const Thing& thing, observe::Time at);
    /// A conversation as it stands after so many minutes; `opens`: for the first time.
    void talk(const Stream& talk, observe::Time at, std::uint64_t minutes, bool opens);
    /// The minute of a stream that begins at `at`: its windows and what is told at once. Gives how many rows
    /// of `operation` that is.
    std::uint64_t minute(Stream& stream, observe::Time at);
    /// One thing of a stream, as a sensor tells it now. Gives how many records.
    std::uint64_t one(Stream& stream, observe::Time at);
    /// One act that is rare: a stop, a program, a refusal. One row.
    void rare(const Stream& stream, observe::Time at);
    void coverage(observe::Time at, std::uint64_t packets);
    void anomaly(const Stream& stream, observe::Time at);

    std::uint64_t frames() const noexcept { return frame_; }

private:
    observe::Origin origin(const Stream& stream, observe::Time at, observe::Speaker speaker);
    observe::Operation operation(const Stream& stream, observe::Act act);
    void window(Stream& stream, observe::Time from, std::int64_t seconds);
    std::uint64_t at_once(Stream& stream, observe::Time at);

    observe::Sink& out_;
    Dice dice_;
    std::vector<std::uint16_t> numbers_; ///< of spoken, then of others
    std::vector<std::uint16_t> carriers_;
    std::uint16_t arp_, lldp_;
    std::uint64_t frame_ = 0;
    std::uint32_t pair_ = 0;
    std::array<std::uint16_t, 8> words_{};
    std::array<std::byte, 40> message_{};
    std::string text_;
};

} // namespace yagura::bench
