// Addresses that two stations claim, and stations that take over others' addresses.
#pragma once

#include <array>

#include "see/health/board.h"

namespace yagura::see::health {

/// From ARP, neighbour discovery and DHCP. A station that took an address over once has moved; who claims it
/// again after the other did is in conflict with it.
class Claims {
public:
    struct Most {
        std::size_t addresses = 16'384, stations = 16'384;
    };
    Claims(Board& board, const Most& most);

    enum class How : std::uint8_t {
        said,      ///< an Identity: vouches for the pair
        answered,  ///< an ARP reply to somebody
        announced, ///< to everybody, unasked
    };
    struct Claim {
        observe::Ip ip{};
        observe::Mac mac{};
        How how{};
        observe::Time at{};
        std::uint64_t messages = 1;
        observe::Evidence evidence{};
    };
    void claimed(const observe::Origin&, const Claim&);
    /// Somebody asked who has `ip`.
    void asked(const observe::Origin&, const observe::Ip& ip, std::uint64_t messages);
    /// A DHCP client found `ip` taken.
    void declined(const observe::Origin&, const observe::Ip& ip);
    /// A station spoke, whatever it said.
    void spoke(const observe::Origin&, observe::Time at);

    template <class Use>
    void tables(Use&& use) {
        use("health.addresses", "addresses", addresses_);
        use("health.stations", "stations", stations_);
    }

private:
    struct Instant {
        observe::Time at{};
        std::uint32_t to = 0; ///< of the listener's MAC; 0: everybody
    };
    struct Claimant {
        static constexpr std::size_t kept = 12;
        observe::Mac mac{};
        observe::Time first{}, last{};
        observe::Evidence evidence{};
        std::uint64_t answers = 0, announcements = 0;
        std::array<Instant, kept> instants{}; ///< in their order
        std::uint8_t size = 0;
    };
    struct Address {
        static constexpr std::size_t claimants_most = 4;
        std::array<Claimant, claimants_most> claimants{};
        std::uint8_t size = 0;
        std::uint64_t requests = 0;
        void pack(Packer&) const;
        void unpack(Unpacker&);
    };
    struct Contended {
        observe::Ip ip{};
        observe::Mac other{};
        observe::Time at{};
        bool alternating = false, unasked = false;
        observe::Evidence evidence{};
    };
    struct Station {
        static constexpr std::size_t contended_most = 12;
        observe::Time spoke{};
        std::array<observe::Ip, 4> own{}; ///< addresses that only it claims
        std::array<Contended, contended_most> contended{};
        std::uint8_t size = 0;
        void pack(Packer&) const;
        void unpack(Unpacker&);
    };
    struct Alternation {
        std::size_t changes = 0; ///< from one to the other within the window
        observe::Time last{};
        bool quick = false; ///< within seconds, as who defends its address does
        bool common_listener = false;
        /// One said to everybody what the other had said a moment before: a bridge that puts its own card
        /// into what it passes on (to a wireless network, to a virtual machine).
        bool echo = false;
    };

    void judge(const observe::Origin&, const observe::Ip& ip, Address& address);
    void contend(const observe::Origin&, const std::string& where, const Claimant& one, const Contended&);
    void judge_station(const observe::Origin&, const observe::Mac& mac, const Station& station);
    static Alternation alternation(const Claimant& one, const Claimant& other);
    bool has_another(const std::string& scope, const observe::Mac& mac, const observe::Ip& but);

    Board& board_;
    Remembered<Address> addresses_;
    Remembered<Station> stations_;
};

} // namespace yagura::see::health
