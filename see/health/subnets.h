// Masks and gateways that stations of one subnet have, and where they disagree.
#pragma once

#include <map>

#include "see/health/board.h"

namespace yagura::see::health {

class Subnets {
public:
    struct Most {
        std::size_t stations = 16'384;
    };
    Subnets(Board& board, const Most& most);

    /// `who` has this mask or gateway, by what it or somebody who knows says.
    void mask(const observe::Origin&, const observe::Station& who, std::string_view text,
              std::string_view by);
    void gateway(const observe::Origin&, const observe::Station& who, std::string_view text,
                 std::string_view by);

    template <class Use>
    void tables(Use&& use) {
        use("health.masks", "stations", stations_);
    }
    /// After loading.
    void index();

private:
    struct Told {
        observe::Station who{};
        std::uint8_t bits = 0; ///< 0: not told
        std::uint32_t gateway = 0;
        std::string by{};
        observe::Realm realm{};
        std::uint16_t vlan = 0;
        observe::Time first{}, last{};
        observe::Evidence evidence{};
        void pack(Packer&) const;
        void unpack(Unpacker&);
    };
    Told* told(const observe::Origin&, const observe::Station& who, std::string_view by);
    void judge(const observe::Origin&, const Told& fresh);

    Board& board_;
    Remembered<Told> stations_;
    /// By source and address: those of a subnet lie together.
    std::map<std::pair<std::uint32_t, std::uint32_t>, std::string> places_;
};

} // namespace yagura::see::health
