// Frames from network cards: AF_PACKET with TPACKET_V3, as in Documentation/networking/packet_mmap.rst.
//
// A ring is one worker's, on any number of interfaces. The kernel spreads frames over the workers by their
// unordered pair of hosts (fanout.h), so a conversation is always one worker's.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "spine/base/bytes.h"
#include "spine/base/result.h"
#include "spine/capture/frame.h"
#include "spine/capture/input.h"

namespace yagura::capture {

struct RingOptions {
    std::vector<std::string> interfaces;
    unsigned workers = 1;
    std::size_t bytes = 64u << 20; ///< of kernel memory for each worker
    enum class Promiscuous : std::uint8_t { no, yes } promiscuous = Promiscuous::yes;
    /// What this host sends itself. On a mirror port there is nothing of that.
    enum class Outgoing : std::uint8_t { see, ignore } outgoing = Outgoing::see;
    /// A card's own clock is finer, but only somebody who set it to UTC should ask for it.
    enum class Clock : std::uint8_t { kernel, card } clock = Clock::kernel;
};

class Ring {
public:
    /// One ring a worker. Needs CAP_NET_RAW; afterwards nothing. When this returns, frames are being kept.
    static Result<std::vector<std::unique_ptr<Ring>>> open(const RingOptions& options);
    ~Ring();
    Ring(const Ring&) = delete;
    Ring& operator=(const Ring&) = delete;

    /// The next frame if one is there, good until the next call. Frames of several interfaces come in the
    /// order of their times, as far as the kernel handed them out in time. frame.interface is the place in
    /// RingOptions::interfaces, frame.number counts this ring's frames.
    bool next(Frame& frame) noexcept;
    /// Until there is something for next(), at most so long.
    void wait(std::chrono::milliseconds most) noexcept;
    /// Everything that the kernel has at this moment becomes visible to next() within so long.
    static constexpr std::chrono::milliseconds delay{50};

    /// seen = delivered + dropped, as soon as everything that was seen has been taken with next().
    struct Totals {
        std::uint64_t seen = 0;      ///< by the kernel
        std::uint64_t dropped = 0;   ///< because this ring was full
        std::uint64_t delivered = 0; ///< by next()
    };
    Totals totals(std::size_t interface) noexcept;
    std::size_t interfaces() const noexcept { return cards_.size(); }
    std::uint16_t link_type(std::size_t interface) const noexcept;
    /// The first interface that does not exist any more, or -1: it will never come back under this ring.
    int gone() noexcept;
    /// For whoever tries to send with it (the sensor's self-test).
    int descriptor(std::size_t interface) const noexcept;

private:
    struct Card;
    explicit Ring(std::vector<std::unique_ptr<Card>> cards);
    Card* turn() noexcept;

    std::vector<std::unique_ptr<Card>> cards_;
    Card* held_ = nullptr; ///< whose frame was handed out last
    std::uint64_t number_ = 0;
};

} // namespace yagura::capture
