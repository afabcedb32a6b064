// The spanning tree as its bridges tell it: who is the root, and how often it changes.
#pragma once

#include <array>

#include "see/health/board.h"

namespace yagura::see::health {

class Bridges {
public:
    struct Most {
        std::size_t ports = 2'048, networks = 256;
    };
    Bridges(Board& board, const Most& most);

    /// A port says that `root` ("32768/00:11:22:33:44:55") is the root, from `first` to `last`.
    void root(const observe::Origin&, std::string_view root, observe::Time first, observe::Time last);
    /// A bridge says that the tree has changed.
    void changed(const observe::Origin&, observe::Time first, observe::Time last);

    template <class Use>
    void tables(Use&& use) {
        use("health.bridge_ports", "ports", ports_);
        use("health.trees", "networks", networks_);
    }

private:
    struct Port {
        std::string root{};
        observe::Time last{};
        void pack(Packer&) const;
        void unpack(Unpacker&);
    };
    struct Network {
        std::array<observe::Time, 8> changes{}; ///< in their order
        std::uint8_t size = 0;
        void pack(Packer&) const;
        void unpack(Unpacker&);
    };
    Board& board_;
    Remembered<Port> ports_;
    Remembered<Network> networks_;
};

} // namespace yagura::see::health
