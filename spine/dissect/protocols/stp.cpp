// Spanning tree: who bridges, which bridge is the root, and over which port it is seen.
//
// From IEEE Std 802.1D-2004 clauses 9.2 and 9.3 (BPDUs of STP and RSTP) and 802.1Q-2018 clause 14 (MSTP: its
// first part is the same).
#include <algorithm>

#include "spine/base/text_room.h"
#include "spine/dissect/tell.h"

namespace yagura::dissect::protocols {
namespace {

using observe::Act;
using observe::Attribute;
using observe::Outcome;
using observe::Phase;

constexpr std::uint8_t configuration = 0x00, rapid = 0x02, topology_change = 0x80;

struct Stp {
    static constexpr Over over[]{{"ethernet", 0x142}};
    static constexpr Facts facts{
        .name = "stp",
        .title = "Spanning Tree Protocol, rapid and multiple too",
        .specification = "IEEE 802.1D-2004 clause 9; IEEE 802.1Q-2018 clause 14",
        .over = over,
        .message_most = 1'500,
        .depth = Depth::acts,
    };
    struct State {};

    static Recognition looks_like(const Opening& opening) noexcept {
        Reader in{latest(opening)};
        const auto protocol = in.u16();
        const auto version = in.u8(), type = in.u8();
        const bool known = type == configuration || type == rapid || type == topology_change;
        return {in.ok() && protocol == 0 && version <= 4 && known ? Likeness::yes : Likeness::no};
    }
    static Framing frame(Bytes unit) noexcept { return {.length = unit.size()}; }

    static void dissect(const Pdu& pdu, State&, Ways& ways) noexcept {
        const Tell tell{pdu, ways};
        Reader in{pdu.bytes};
        const auto protocol = in.u16();
        in.u8(); // version
        const auto type = in.u8();
        if (!in.ok() || protocol != 0) return tell.report({0, "not a BPDU, or cut short"});
        observe::Operation said{.function = {type, type == topology_change ? "topology change notification"
                                                   : type == rapid         ? "rapid configuration"
                                                   : type == configuration ? "configuration"
                                                                           : "unknown"},
                                .act = Act::report,
                                .phase = Phase::event,
                                .outcome = Outcome::done};
        if (type == topology_change || (type != configuration && type != rapid)) {
            tell.operation(said);
            if (type == topology_change) tell.of_speaker(Attribute::capability, "bridge", 88);
            return;
        }
        in.u8(); // flags
        const auto root = in.take(8);
        in.u32(); // cost
        const auto bridge = in.take(8);
        const auto port = in.u16();
        TextRoom<32> root_text, text;
        if (root.size() == 8) said.object = {.space = "root", .text = write(root, root_text)};
        if (in.ok()) said.value = std::uint64_t{port};
        tell.operation(said);
        if (!in.ok()) return tell.report({4, "a BPDU ends before its port"});
        tell.of_speaker(Attribute::capability, "bridge", 90);
        const auto mac = bridge.subspan(2);
        const bool given = std::ranges::any_of(mac, [](std::byte b) { return b != std::byte{0}; }) &&
                           !(std::to_integer<unsigned>(mac[0]) & 1);
        // The chassis behind the port that speaks.
        if (given) tell.of_speaker(Attribute::mac, text.hex(mac, ":").view(), 90);
    }

private:
    /// "32769/00:1c:0e:87:78:00"
    static std::string_view write(Bytes id, TextRoom<32>& text) noexcept {
        Reader in{id};
        return text.number(in.u16()).add('/').hex(in.rest(), ":").view();
    }
};

} // namespace

extern constinit const Dissector stp = row<Stp>();

} // namespace yagura::dissect::protocols
