// Stations whose traffic goes another way since somebody offered himself for it unasked: who stands between
// a station and its gateway, where the gateway itself is never heard to claim its address.
#pragma once

#include <algorithm>
#include <array>

#include "see/health/board.h"

namespace yagura::see::health {

/// Of each station: for which addresses it asked, who told it of one without being asked, and through which
/// card it reached the latest addresses that it spoke with.
class Detours {
public:
    struct Most {
        std::size_t stations = 8'192;
    };
    Detours(Board& board, const Most& most) : board_{board}, stations_{10, most.stations} {}

    /// The speaker asked who has `ip`.
    void asked(const observe::Origin&, const observe::Ip& ip, observe::Time at);
    /// The speaker told the listener, and nobody else, that `ip` is his.
    void offered(const observe::Origin&, const observe::Ip& ip, observe::Time at, const observe::Evidence&);
    /// Both speak with each other.
    void spoke(const observe::Origin&);

    template <class Use>
    void tables(Use&& use) {
        use("health.ways", "stations", stations_);
    }

private:
    struct Asked {
        observe::Ip ip{};
        observe::Time at{};
    };
    struct Offer {
        observe::Ip ip{};
        observe::Mac by{};
        observe::Time at{};
        observe::Evidence evidence{};
    };
    struct Way {
        observe::Ip to{};
        observe::Mac through{};
        observe::Time at{};
        observe::Evidence evidence{};
    };
    /// The latest of each kind, in the order in which they were met last.
    template <class One, std::size_t most>
    struct Latest {
        std::array<One, most> all{};
        std::uint8_t size = 0;
        One& add(const One& one) {
            if (size == most) std::move(all.begin() + 1, all.end(), all.begin());
            return all[size == most ? most - 1u : size++] = one;
        }
        /// It was met again: others make room before it.
        void again(One* one) { std::rotate(one, one + 1, all.data() + size); }
        auto begin() { return all.begin(); }
        auto end() { return all.begin() + size; }
        auto begin() const { return all.begin(); }
        auto end() const { return all.begin() + size; }
    };
    struct Station {
        Latest<Asked, 8> asked{};
        Latest<Offer, 4> offers{};
        Latest<Way, 8> ways{};
        void pack(Packer&) const;
        void unpack(Unpacker&);
    };

    void reached(const observe::Origin&, const observe::Station& who, const observe::Station& far);
    void tell(const observe::Origin&, const Offer& offer, const Way& before);

    Board& board_;
    Remembered<Station> stations_;
};

} // namespace yagura::see::health
