// What messages that nobody claims look like: how long, which bytes stay, which count, where a length or a
// function may stand, how often. From it a person describes the protocol (dissect/described.h) without a hex
// editor.
#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "spine/base/bytes.h"
#include "spine/observe/endpoint.h"

namespace yagura::worker {

/// The messages of one side. Of TCP a segment is taken for a message: mostly it is one.
class SideShape {
public:
    static constexpr std::size_t places_most = 32;     ///< bytes from the front that are looked at
    static constexpr std::uint32_t sampled_most = 512; ///< messages; those behind it are counted and timed

    void add(Bytes message, observe::Time at) noexcept;
    /// Another conversation's of the same kind.
    void merge(const SideShape&) noexcept;

    std::uint64_t messages = 0, bytes = 0;
    std::uint32_t least = UINT32_MAX, most = 0; ///< lengths

    /// Places that all messages have.
    std::size_t common() const noexcept;
    bool constant(std::size_t place) const noexcept;
    std::uint8_t first(std::size_t place) const noexcept { return places_[place].first; }
    /// One more from message to message, four times of five at least.
    bool counts(std::size_t place) const noexcept;
    const std::bitset<256>& values(std::size_t place) const noexcept { return places_[place].values; }

    struct Length {
        std::size_t at = 0, bytes = 0;
        bool little = false;
        std::int32_t plus = 0; ///< number + plus is the whole message
    };
    /// A number that differs from the message's length by always the same, in messages of several lengths.
    std::optional<Length> length() const noexcept;
    /// Bits a byte, 0 to 8; near 8 it is packed or encrypted.
    double entropy() const noexcept;
    /// Microseconds between messages; 0 where they keep no time: a mean of which hardly any differs by a
    /// half.
    std::uint64_t period_us() const noexcept;

private:
    struct Place {
        std::bitset<256> values;
        std::uint32_t seen = 0, steps = 0, changes = 0;
        std::uint8_t first = 0, last = 0;
        /// Difference from the length as one byte, two big-endian, two little-endian; while it stays the
        /// same.
        std::array<std::int32_t, 3> plus{};
        std::array<bool, 3> holds{true, true, true};
    };
    std::array<Place, places_most> places_{};
    std::array<std::uint32_t, 256> histogram_{};
    std::uint32_t sampled_ = 0, intervals_ = 0, odd_intervals_ = 0;
    double mean_us_ = 0;
    observe::Time last_{};
};

/// One conversation that nobody claimed.
struct Shape {
    observe::Parties parties;
    observe::Time first{}, last{};
    std::array<SideShape, 2> sides; ///< by Speaker
    bool claimed = false;           ///< somebody did, later
};

/// Of one pipeline, at most `most`; those that come later are counted and left out.
class Shapes {
public:
    explicit Shapes(std::size_t most) : most_{most} {}
    bool on() const noexcept { return most_ != 0; }
    /// nullptr when there is no room.
    Shape* begin(const observe::Parties&, observe::Time);
    std::uint64_t left_out() const noexcept { return left_out_; }
    std::vector<std::unique_ptr<Shape>> take() noexcept { return std::move(all_); }

private:
    std::size_t most_;
    std::uint64_t left_out_ = 0;
    std::vector<std::unique_ptr<Shape>> all_;
};

} // namespace yagura::worker
