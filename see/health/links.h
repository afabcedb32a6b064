// Ports of switches: which are up, since when, how fast, with how many errors, who is at the other end; and
// what of that stops lines. From what switches answer (yagura-ask) and from the traps that they send.
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "see/health/board.h"

namespace yagura::see::health {

class Links {
public:
    struct Most {
        std::size_t ports = 8'192, names = 16'384, switches = 512;
    };
    Links(Board& board, const Most& most);

    /// A switch says a value of one of its interfaces; 0: of itself.
    void told(const observe::Origin&, const observe::Object&, const observe::Value&);
    /// Its own list of who is at the other end of a cable (LLDP).
    void near(const observe::Origin&, const observe::Neighbour&);
    /// Its table of addresses: `text` is "switch port".
    void behind(const observe::Origin&, const observe::Mac& station, std::string_view text);
    /// linkDown and linkUp; `messages` of them until `at`. `admin`: as the trap has it, 0 where it does not.
    void trap(const observe::Origin&, std::uint32_t interface, bool up, std::uint64_t admin, observe::Time at,
              std::uint64_t messages);

    /// RFC 2863: ifAdminStatus, ifOperStatus. 0: not known.
    enum class State : std::uint8_t { unknown = 0, up = 1, down = 2 };
    enum class How : std::uint8_t { nobody = 0, lldp = 1, table = 2 };
    struct There {
        observe::Mac mac{};
        std::string name{}, port{};
        How how{};
        observe::Time at{};
    };
    struct Guard {
        std::uint8_t port_control = 0;  ///< IEEE 802.1X: 1 never, 2 after authentication, 3 always
        std::uint8_t port_security = 0; ///< 1 on, 2 off
    };
    /// What the console shows of one.
    struct Row {
        std::string key{};
        observe::Ip who{};
        observe::Realm realm{};
        std::string system{};
        std::uint32_t interface = 0, type = 0;
        std::string name{}, alias{};
        std::uint8_t admin = 0, oper = 0;
        Guard guard{};
        observe::Time since{}, first{}, last{}; ///< since: so is it; zero: longer than anybody knows
        std::uint64_t speed_mbit = 0, in_bps = 0, out_bps = 0;
        std::uint64_t errors_in = 0, errors_out = 0, discards_in = 0, discards_out = 0;
        std::uint64_t errors_new = 0; ///< from `counted_from` until the last answer
        observe::Time counted_from{};
        std::uint32_t downs = 0; ///< seen
        There there{};
        observe::Evidence evidence{};
    };
    void take(std::vector<Row>& into);

    template <class Use>
    void tables(Use&& use) {
        use("health.switch_ports", "ports", ports_);
        use("health.port_names", "names", names_);
        use("health.switches", "switches", switches_);
    }

private:
    struct Counter {
        std::uint64_t value = 0;
        observe::Time at{};
    };
    enum Counted : std::size_t { octets_in, octets_out, errors_in, errors_out, discards_in, discards_out };
    struct Port {
        observe::Ip who{};
        observe::Realm realm{};
        std::uint16_t vlan = 0;
        std::uint32_t interface = 0, type = 0;
        std::string name{}, alias{};
        std::uint8_t admin = 0, oper = 0;
        Guard guard{};
        observe::Time changed{}; ///< as its last answer said; zero: it did not
        observe::Time since{}, first{}, last{};
        std::uint64_t speed_mbit = 0, in_bps = 0, out_bps = 0;
        std::array<Counter, 6> counters{};
        std::uint64_t errors_new = 0;
        observe::Time counted_from{}, polled{};
        std::array<observe::Time, 8> downs{}; ///< the latest, in their order
        std::uint8_t downs_size = 0;
        std::uint32_t downs_all = 0;
        There there{};
        observe::Evidence evidence{};
        void pack(Packer&) const;
        void unpack(Unpacker&);
    };
    struct Named { ///< by switch and the port's name
        std::uint32_t interface = 0;
        There there{};
        void pack(Packer&) const;
        void unpack(Unpacker&);
    };
    struct Switch {
        std::string system{};
        observe::Time booted{};
        void pack(Packer&) const;
        void unpack(Unpacker&);
    };
    enum class By : std::uint8_t { answer, trap };

    Port& port_of(const observe::Origin&, std::uint32_t interface, observe::Time at, std::string& key);
    void text(const observe::Origin&, Port&, std::string_view field, std::string_view value);
    void number(const observe::Origin&, const std::string& key, Port&, std::string_view field,
                std::uint64_t value);
    void count(Port&, Counted which, std::uint64_t value, observe::Time at);
    void went(const observe::Origin&, const std::string& key, Port&, bool up, observe::Time at, By by);
    void went_down(const observe::Origin&, const std::string& key, Port&, observe::Time at, By by);
    void flaps(const observe::Origin&, const std::string& key, const Port&);
    void errs(const observe::Origin&, const std::string& key, const Port&);
    void at_port(const observe::Origin&, std::string_view port, There there);
    Finding finding(Kind, const observe::Origin&, const std::string& key, const Port&) const;

    Board& board_;
    Remembered<Port> ports_;
    Remembered<Named> names_;
    Remembered<Switch> switches_;
    std::vector<std::string> shown_;
};

} // namespace yagura::see::health
