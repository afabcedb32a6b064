// One thing that Yagura may ask a device: what is sent, when an answer is whole, what it says. One file in
// queries/ each, by the clauses of its standard. No sockets, no clock: a query is a function of what came.
//
// What may be sent is decided three times: a query makes constants in which a few fields stand for somebody's
// choice; `only_reads` reads the finished bytes again as a device would, just before they leave; and a test
// records what really leaves and has somebody else's dissector name every function.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "spine/base/bytes.h"
#include "spine/observe/observation.h"

namespace yagura::see::ask {

enum class Carrier : std::uint8_t { udp, tcp };

/// What somebody decided about the devices of one subnet, where a standard leaves it open.
struct Choices {
    std::uint8_t s7_slot = 2;       ///< of the processor: 2 in S7-300, mostly 1 in S7-1200 and S7-1500
    std::uint8_t modbus_unit = 255; ///< the station itself; behind a gateway the units have others
    std::uint16_t slmp_port = 5007; ///< has no number of its own: it is what the engineer chose
    std::string snmp_community = "public";
};

/// What a switch told of its table of stations so far. Bounded: the switch is a stranger, too.
struct Walk {
    static constexpr std::size_t stations_most = 1'024, ports_most = 512, name_most = 64;
    unsigned phase = 0;
    std::vector<std::byte> name{}; ///< the last row's, as it is encoded; empty: a table's beginning
    std::string system{};
    std::map<std::uint32_t, std::string> names{};        ///< by interface
    std::map<std::uint32_t, std::uint32_t> interfaces{}; ///< by port of the bridge
    std::map<observe::Mac, std::uint32_t> stations{};    ///< port of the bridge
    std::map<std::uint32_t, std::size_t> beyond{};       ///< by port: stations that are not kept
    bool uncounted = false;                              ///< so many ports that not even that is known
    std::uint64_t refused = 0;                           ///< rows beyond what is kept

    // Of tables that are read several columns at a time.
    static constexpr std::size_t neighbours_most = 256;
    struct Column {
        std::vector<std::byte> name{}; ///< the last row's, as it is encoded; empty: the column's beginning
        bool over = false;
    };
    std::vector<Column> columns{};
    bool one_row = false; ///< more a request were too much for it
    struct Neighbour {
        std::uint32_t chassis_is = 0, port_is = 0; ///< which kind of identifier
        std::string chassis{}, port{}, port_text{}, name{};
    };
    /// By the local port's number and the neighbour's at it.
    std::map<std::pair<std::uint32_t, std::uint32_t>, Neighbour> neighbours{};
    std::map<std::uint32_t, std::string>
        local_ports{}; ///< as LLDP numbers them: names that are interfaces', too
};

/// Who is asked, and what is remembered from one answer to the next request.
struct Asked {
    observe::Ip target{}, own{};
    Choices choices{};
    std::uint16_t number = 1;            ///< of this dialogue: requests carry it where they carry one
    std::array<std::uint32_t, 4> kept{}; ///< a query's own
    Walk walk{};
};

/// What a device said of itself. Bounded, because the device is a stranger.
class Facts {
public:
    static constexpr std::size_t values_of_a_port = 18;
    static constexpr std::size_t most = 48 + Walk::stations_most + Walk::ports_most * values_of_a_port,
                                 text_most = 256;
    /// A value of one of its interfaces; 0: of all.
    struct Port {
        std::uint32_t interface = 0;
        std::string_view field{}; ///< "oper"; static
        std::optional<std::uint64_t> number{};
    };
    /// Who is at the other end of a cable: `value` is what it calls itself.
    struct Near {
        std::string port{}, far_port{};
        std::optional<observe::Mac> far{};
    };
    struct Fact {
        observe::Attribute attribute{};
        std::string value;
        std::uint8_t confidence = 100;
        std::optional<observe::Mac> about{}; ///< another station, of which its table knows
        std::optional<Port> port{};          ///< then it says nothing of who the device is
        std::optional<Near> near{};
    };
    /// Up to the first zero byte, without spaces around it; nothing is not said.
    void say(observe::Attribute attribute, std::string_view text, std::uint8_t confidence = 100,
             std::optional<observe::Mac> about = std::nullopt);
    void say(std::uint32_t interface, std::string_view field, std::string_view text);
    void say(std::uint32_t interface, std::string_view field, std::uint64_t number);
    void say(Near near, std::string_view name);
    const std::vector<Fact>& all() const noexcept { return all_; }
    std::uint64_t refused() const noexcept { return refused_; }

private:
    void keep(Fact fact, std::string_view text);
    std::vector<Fact> all_;
    std::uint64_t refused_ = 0;
};

struct Request {
    std::size_t size = 0;       ///< 0: nothing is left to ask
    std::string_view name{};    ///< "ListIdentity"; static
    std::uint32_t function = 0; ///< as a dissector of ours numbers it (docs/protocols)
    bool answered = true;       ///< false: a last word that nobody answers
};

/// What came of one message.
struct Heard {
    enum class Was : std::uint8_t {
        answer,  ///< go on
        absent,  ///< an answer, too: it has no such thing
        refused, ///< it says no: leave it alone
        foreign, ///< not an answer to us: wait on
        broken,  ///< breaks its own format: leave it alone
    } was = Was::answer;
    std::uint32_t status = 0; ///< the protocol's own code of a refusal
    std::optional<Malformed> why{};

    static Heard refused(std::uint32_t status) { return {Was::refused, status, {}}; }
    static Heard absent(std::uint32_t status) { return {Was::absent, status, {}}; }
    static Heard foreign() { return {Was::foreign, 0, {}}; }
    static Heard broken(Malformed why, std::size_t further = 0) {
        return {Was::broken, 0, why.shifted(static_cast<std::uint32_t>(further))};
    }
};

/// Of bytes that came over TCP so far.
struct Framing {
    std::size_t length = 0; ///< of the whole message; 0: not known yet
    std::optional<Malformed> why{};
};

inline constexpr std::size_t request_most = 1'024, answer_most = 65'536;

struct Query {
    std::string_view name;     ///< as a plan has it
    std::string_view protocol; ///< as the dissector of the same protocol is called
    std::string_view document; ///< where it is written
    Carrier carrier{};
    std::uint16_t port = 0;   ///< 0: `slmp_port`
    unsigned requests_most{}; ///< of one dialogue, for the preview
    Request (*request)(const Asked&, unsigned step, std::span<std::byte> room) noexcept {};
    Framing (*frame)(Bytes) noexcept {}; ///< TCP only
    Heard (*read)(Asked&, unsigned step, Bytes message, Facts& facts){};
    /// Do these bytes, read as a device reads them, ask for nothing but an identity?
    bool (*only_reads)(Bytes request) noexcept {};
    /// What stands for a password in a message, before others are shown it.
    void (*blank)(std::span<std::byte> message, const Choices&) noexcept {};
};

/// Every query, in the order of their names; nothing if there is no such one.
std::span<const Query* const> all_queries() noexcept;
const Query* find_query(std::string_view name) noexcept;
inline std::uint16_t port_of(const Query& query, const Choices& choices) noexcept {
    return query.port != 0 ? query.port : choices.slmp_port;
}

/// Does a credential of SNMP speak for it?
inline bool is_snmp(const Query& query) noexcept {
    return query.carrier == Carrier::udp && query.port == 161;
}

/// Puts a request together; what does not fit makes it empty.
class Builder {
public:
    explicit Builder(std::span<std::byte> room) noexcept : room_{room} {}
    template <class... Octets>
    Builder& bytes(Octets... octets) noexcept {
        (u8(static_cast<std::uint8_t>(octets)), ...);
        return *this;
    }
    Builder& u8(std::uint8_t value) noexcept {
        if (used_ < room_.size())
            room_[used_++] = std::byte{value};
        else
            fits_ = false;
        return *this;
    }
    Builder& u16(std::uint16_t value) noexcept { return bytes(value >> 8, value & 0xff); }
    Builder& u16le(std::uint16_t value) noexcept { return bytes(value & 0xff, value >> 8); }
    Builder& u32(std::uint32_t value) noexcept {
        return u16(static_cast<std::uint16_t>(value >> 16)).u16(static_cast<std::uint16_t>(value));
    }
    Builder& u32le(std::uint32_t value) noexcept {
        return u16le(static_cast<std::uint16_t>(value)).u16le(static_cast<std::uint16_t>(value >> 16));
    }
    Builder& text(std::string_view value) noexcept {
        for (const char c : value) u8(static_cast<std::uint8_t>(c));
        return *this;
    }
    /// At a place that was written before.
    Builder& patch(std::size_t at, std::uint8_t value) noexcept {
        if (at < used_) room_[at] = std::byte{value};
        return *this;
    }
    std::size_t size() const noexcept { return fits_ ? used_ : 0; }

private:
    std::span<std::byte> room_;
    std::size_t used_ = 0;
    bool fits_ = true;
};

} // namespace yagura::see::ask
