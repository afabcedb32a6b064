// CC-Link IE Field, Control and TSN on the bare Ethernet: which frames pass, and no more.
//
// The layouts stand in IEC 61158-6-23, which is sold, and in the CC-Link Partner Association's documents for
// members: they would be needed to read link data and nodes. docs/protocols/cclink_ie.md tells where the
// frames' names come from.
#include <array>

#include "spine/dissect/tell.h"

namespace yagura::dissect::protocols {
namespace {

using observe::Act;
using observe::Outcome;
using observe::Phase;
using observe::Speaker;

struct Known {
    std::uint8_t type = 0;
    std::string_view name = "other frame";
    Act act = Act::unknown;
};
constexpr std::array frames{
    Known{0x10, "persuasion"},
    Known{0x11, "test data"},
    Known{0x12, "test data acknowledged"},
    Known{0x13, "setup", Act::connect},
    Known{0x14, "setup acknowledged", Act::connect},
    Known{0x15, "token"},
    Known{0x1c, "timer"},
    Known{0x20, "own status", Act::report},
    Known{0x22, "transient 1"},
    Known{0x23, "transient acknowledged"},
    Known{0x25, "transient 2"},
    Known{0x26, "IP transient"},
    Known{0x28, "parameter check", Act::diagnose},
    Known{0x29, "parameter", Act::configure},
    Known{0x40, "measure"},
    Known{0x41, "measure acknowledged"},
    Known{0x42, "offset"},
    Known{0x43, "update"},
    Known{0x82, "cyclic data RWw", Act::cyclic_io},
    Known{0x83, "cyclic data RY", Act::cyclic_io},
    Known{0x84, "cyclic data RWr", Act::cyclic_io},
    Known{0x85, "cyclic data RX", Act::cyclic_io},
};
constexpr Known find_frame(std::uint8_t type) noexcept {
    for (const auto& known : frames)
        if (known.type == type) return known;
    return {.type = type};
}

constexpr std::size_t least = 28; // what no frame is shorter than, padding left out

struct CclinkIe {
    static constexpr Over over[]{{"ethernet", 0x890f}};
    static constexpr Facts facts{
        .name = "cclink_ie",
        .title = "CC-Link IE Field, Control and TSN",
        .specification = "IEC 61158-6-23 is not read; frame types as seen",
        .over = over,
        .message_most = 1'500,
        .depth = Depth::recognised,
    };
    struct State {};

    /// The ethertype is the association's alone; a type that Field does not have is Control's or TSN's.
    static Recognition looks_like(const Opening& opening) noexcept {
        Reader in{latest(opening)};
        const auto type = in.u8();
        if (!in.ok() || latest(opening).size() < least) return {};
        return {find_frame(type).name == Known{}.name ? Likeness::maybe : Likeness::yes};
    }

    static Framing frame(Bytes stream) noexcept { return {.length = stream.size()}; }

    static void dissect(const Pdu& pdu, State&, Ways& ways) noexcept {
        const Tell tell{pdu, ways};
        Reader in{pdu.bytes};
        const auto known = find_frame(in.u8());
        if (!in.ok()) return tell.report({0, "a frame without a type"});
        tell.operation({.function = {known.type, known.name},
                        .act = known.act,
                        .phase = Phase::event,
                        .outcome = Outcome::done});
        if (pdu.bytes.size() < least) tell.report({0, "message ends inside its head"});
    }
};

} // namespace

extern constinit const Dissector cclink_ie = row<CclinkIe>();

} // namespace yagura::dissect::protocols
