// A plant of any size, made from a seed: its devices, who asks whom for what and how often, and what the fold
// tells of that. The same plant is written into a store (fill.cpp) and told through a pipe (feed.cpp).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "spine/observe/observation.h"

namespace yagura::bench {

/// SplitMix64: the same numbers on every machine, which std::uniform_int_distribution does not promise.
class Dice {
public:
    explicit Dice(std::uint64_t seed) noexcept : state_{seed} {}
    std::uint64_t next() noexcept {
        auto z = state_ += 0x9e3779b97f4a7c15;
        z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
        z = (z ^ z >> 27) * 0x94d049bb133111eb;
        return z ^ z >> 31;
    }
    std::uint64_t below(std::uint64_t bound) noexcept { return next() % bound; }
    double share() noexcept { return static_cast<double>(next() >> 11) * 0x1p-53; }
    bool one_in(std::uint64_t many) noexcept { return below(many) == 0; }

private:
    std::uint64_t state_;
};

/// What industrial protocols call what they do, as their dissectors say it.
struct Spoken {
    std::string_view protocol, conversation; ///< of an act; of the conversation that carries it
    std::uint16_t carrier, port;
    std::uint32_t read_code, write_code;
    std::string_view read, write, space;
    observe::Object::Form form;
};
extern const Spoken spoken[];
extern const std::size_t spoken_many;
/// What the IT side talks; conversations only.
extern const Spoken others[];
extern const std::size_t others_many;

struct Thing {
    observe::Station station{};
    std::string name{},
        kind{}; ///< kind: plc, hmi, io, drive, robot, camera, printer, switch, server, station
    std::string_view vendor{}, product{};
    std::size_t line = 0;
    std::uint8_t protocol = 0; ///< row of spoken
    std::uint16_t vlan = 0;
};

/// One who does one thing to one object of another, again and again.
struct Stream {
    observe::Parties parties{};
    std::uint64_t conversation = 0;
    std::uint8_t protocol = 0;
    observe::Act act{};
    std::uint32_t unit = 0;
    std::uint64_t number = 0; ///< register, or whatever the protocol counts
    std::uint64_t value = 0;
    std::size_t line = 0;
};

class ScalePlant {
public:
    /// `rows_a_minute`: what all streams tell in a minute of full production.
    ScalePlant(std::uint64_t seed, std::size_t devices, double rows_a_minute);

    const std::vector<Thing>& things() const noexcept { return things_; }
    std::vector<Stream>& streams() noexcept { return streams_; }
    const std::vector<Stream>& talks() const noexcept { return talks_; } ///< IT, and streams' conversations
    std::size_t lines() const noexcept { return lines_; }
    std::string line_name(std::size_t line) const;

    /// Rows of `operation` that this stream makes in a minute of full production.
    static double rows(const Stream& stream) noexcept;
    /// How busy a line is then: shifts, nights, week-ends.
    static double busy(std::size_t line, std::int64_t minute) noexcept;

private:
    void people_line(std::size_t line, std::size_t count);
    void people_hall(std::size_t count);
    Thing& add(std::size_t line, std::string_view kind, std::uint8_t protocol);
    void stream(const Thing& client, const Thing& server, observe::Act act, std::uint64_t round);
    void wish(std::vector<Stream>& into, std::size_t line, std::uint64_t round);
    void talk(const Thing& client, const Thing& server, const Spoken& how);

    Dice dice_;
    std::size_t lines_ = 0;
    std::vector<Thing> things_;
    std::vector<std::vector<std::size_t>> of_line_; ///< places in things_; 0: the hall
    std::vector<Stream> streams_, talks_;
    std::uint64_t conversations_ = 0;
};

} // namespace yagura::bench
