// Frames to everybody, far more of them than this segment knows: what a loop of cables or a broken card does.
#pragma once

#include <array>

#include "see/health/board.h"

namespace yagura::see::health {

/// From what conversations with groups add in each minute. Broadcasts have a bound of their own; multicast
/// is compared with what is usual, for there are plants in which a thousand of it a second are.
class Storms {
public:
    struct Most {
        std::size_t talks = 8'192, segments = 512;
    };
    Storms(Board& board, const Most& most)
        : board_{board}, talks_{11, most.talks}, segments_{12, most.segments} {}

    void said(const observe::Origin&, const observe::Conversation&);

    template <class Use>
    void tables(Use&& use) {
        use("health.talks_to_groups", "conversations", talks_);
        use("health.segments", "segments", segments_);
    }

private:
    struct Talk {
        std::uint64_t packets = 0;
        void pack(Packer& out) const { out.u64(packets); }
        void unpack(Unpacker& in) { packets = in.u64(); }
    };
    struct Loud {
        observe::Mac mac{};
        std::uint64_t packets = 0;
        observe::Time at{};
        observe::Evidence evidence{};
    };
    /// What one segment sends to everybody, or to groups.
    struct Segment {
        static constexpr std::size_t kept = 30, loud_most = 8;
        std::uint64_t minute = 0, packets = 0, stormy = 0;
        std::array<Loud, loud_most> loud{}; ///< of this minute
        std::uint8_t louds = 0;
        std::array<std::uint32_t, kept> usual{}; ///< packets of minutes that were no storm, a ring
        std::uint8_t size = 0, next = 0;
        void pack(Packer&) const;
        void unpack(Unpacker&);
    };

    static std::uint64_t usual_of(const Segment& segment);
    static bool is_storm(const Segment& segment, bool broadcast);
    static void close(Segment& segment, std::uint64_t minute, bool broadcast);
    void tell(const observe::Origin&, const Segment& segment, bool broadcast);

    Board& board_;
    Remembered<Talk> talks_;
    Remembered<Segment> segments_;
};

} // namespace yagura::see::health
