// Steps through the records of a capture file: classic pcap (draft-ietf-opsawg-pcap) in all its byte
// orders and resolutions, and pcapng (draft-ietf-opsawg-pcapng, version 1.x). It reads nothing itself:
// it is shown stretches of the file and says when it needs more. So a mapped file, a pipe and a fuzzer
// take the same way.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "spine/base/bytes.h"
#include "spine/base/result.h"
#include "spine/capture/frame.h"

namespace yagura::capture {

/// The first thing wrong with a file. Everything in front of it was read.
struct Damage {
    enum class Kind : std::uint8_t {
        cut_short, ///< the file ends inside a record: copied while it was written, or a full disk
        corrupt,   ///< bytes that no writer of the format writes
    };
    Kind kind = Kind::cut_short;
    std::uint64_t frames = 0; ///< good frames in front of it
    std::uint64_t offset = 0; ///< of the record that is damaged, in the uncompressed file
    std::string_view what{};  ///< a literal

    std::string text() const;
};

enum class Format : std::uint8_t { pcap, pcapng };

/// An interface of a pcapng section, or the only one of a pcap file.
struct Interface {
    std::string name{}; ///< as written by whoever captured, at most 63 bytes, unchecked
    std::uint16_t link_type = 0;
    std::uint32_t snap_length = 0; ///< 0: no limit
    std::uint8_t fcs = 0;          ///< bytes of frame check sequence at the end of each frame
    // How a count of its clock becomes nanoseconds.
    std::uint64_t ticks = 1'000'000;  ///< in a second
    std::uint64_t multiplier = 1'000; ///< nanoseconds in a tick where that is whole, else 0
    std::int64_t offset = 0;          ///< seconds to be added
    // Interface Statistics Block, last one said.
    std::uint64_t received = 0, dropped = 0;
};

class Walker {
public:
    enum class Step : std::uint8_t {
        frame,
        more,    ///< needs wanted() bytes from position() on in one stretch; if there are none, the file ends
                 ///< here
        damaged, ///< see damage(); it stays so
    };
    /// It never wants more bytes in one stretch than this, whatever lengths a file declares.
    static constexpr std::size_t stretch_most = 512 * 1024;
    static constexpr std::size_t interfaces_most = 4'096; ///< in one section

    /// `start` is the beginning of the file: at least stretch_most bytes of it or all there are.
    static Result<Walker> begin(Bytes start);

    /// What to walk over from now on. `bytes` begin at `offset` of the file, which is position().
    void show(Bytes bytes, std::uint64_t offset) noexcept {
        base_ = offset;
        start_ = at_ = bytes.data();
        end_ = at_ + bytes.size();
    }

    Step next(Frame& frame) noexcept {
        if (skip_ == 0 && format_ == Format::pcap) [[likely]]
            return next_record(frame);
        return next_slow(frame);
    }

    /// No more bytes will come: what was begun is cut short. Nothing if the file ended between records.
    std::optional<Damage> end() const noexcept;

    Format format() const noexcept { return format_; }
    std::uint64_t position() const noexcept { return base_ + static_cast<std::uint64_t>(at_ - start_); }
    std::size_t wanted() const noexcept { return wanted_; }
    std::uint64_t frames() const noexcept { return number_; }
    const std::optional<Damage>& damage() const noexcept { return damage_; }

    /// Of the section being read. frame.interface - first_interface() is the index.
    const std::vector<Interface>& interfaces() const noexcept { return interfaces_; }
    std::uint32_t first_interface() const noexcept { return first_interface_; }
    /// Frames that the capturing host says it lost. Both ways of saying it tell the same loss.
    std::uint64_t dropped() const noexcept { return std::max(dropped_by_interfaces_, dropped_by_frames_); }

private:
    struct Block;

    Step next_record(Frame& frame) noexcept;
    Step next_slow(Frame& frame) noexcept;
    Step next_block(Frame& frame) noexcept;
    bool section(Block block) noexcept;
    bool interface(Block block) noexcept;
    bool statistics(Block block) noexcept;
    bool packet(Block block, Frame& frame) noexcept;
    bool simple_packet(Block block, Frame& frame) noexcept;
    bool options(Block block, std::size_t from, auto&& use) noexcept;
    bool fill(Frame& frame, const Interface& on, const std::byte* data, std::uint32_t kept,
              std::uint32_t wire) noexcept;
    Step want(std::size_t bytes) noexcept {
        wanted_ = bytes;
        return Step::more;
    }
    /// Passes over skip_ bytes as far as they are in sight; true once all are behind us.
    bool pass() noexcept {
        const auto passed = std::min(skip_, static_cast<std::uint64_t>(end_ - at_));
        at_ += passed;
        skip_ -= passed;
        return skip_ == 0;
    }
    bool corrupt(std::string_view what) noexcept;
    std::uint16_t u16(const std::byte* at) const noexcept;
    std::uint32_t u32(const std::byte* at) const noexcept;
    std::uint64_t u64(const std::byte* at) const noexcept;

    const std::byte* start_ = nullptr;
    const std::byte* at_ = nullptr;
    const std::byte* end_ = nullptr;
    std::uint64_t base_ = 0;
    std::uint64_t number_ = 0;
    std::uint64_t skip_ = 0;   ///< bytes of a record that are passed over, before anything else
    std::uint64_t record_ = 0; ///< where that record begins
    std::size_t wanted_ = 1;
    std::int64_t latest_ = 0; ///< time of the latest frame, for those that have none
    Format format_ = Format::pcap;
    bool swapped_ = false;
    // pcap
    enum class Lengths : std::uint8_t { kept_first, wire_first, either };
    Lengths lengths_ = Lengths::kept_first;
    std::uint8_t header_ = 16;
    std::uint32_t nanoseconds_ = 1'000; ///< in the fraction's unit
    // pcapng
    std::uint32_t trailer_ = 0; ///< the length to be repeated after skip_ bytes, if any
    std::uint32_t first_interface_ = 0;
    std::uint64_t dropped_by_interfaces_ = 0, dropped_by_frames_ = 0;
    std::vector<Interface> interfaces_;
    std::optional<Damage> damage_;
};

} // namespace yagura::capture
