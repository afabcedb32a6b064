// VRRP: which routers stand in for one another, who of them is the master, and for which addresses.
//
// From RFC 3768 clause 5.3 (version 2), RFC 5798 and RFC 9568 clause 5.2 (version 3).
#include "spine/base/text_room.h"
#include "spine/dissect/protocols/icmp/common.h"

namespace yagura::dissect::protocols {
namespace {

using observe::Act;
using observe::Attribute;
using observe::Outcome;
using observe::Phase;

constexpr std::size_t head = 8;
constexpr std::uint8_t advertisement = 1;
constexpr std::uint32_t resigns = 0x100; ///< an advertisement of priority 0: no type of its own

struct Vrrp {
    static constexpr Over over[]{{"ip", 112}};
    static constexpr Facts facts{
        .name = "vrrp",
        .title = "Virtual Router Redundancy Protocol",
        .specification = "RFC 3768, 5798, 9568",
        .over = over,
        .message_most = 1'500,
        .depth = Depth::acts,
    };
    struct State {};

    /// As many addresses as are counted, of four bytes at least: of sixteen where version 3 speaks of IPv6,
    /// which only who carries it knows.
    static Recognition looks_like(const Opening& opening) noexcept {
        const auto bytes = latest(opening);
        Reader in{bytes};
        const auto version = in.u8();
        const auto router = in.u8();
        in.u8();
        const std::size_t count = in.u8();
        if (!in.ok() || bytes.size() < head || router == 0 || count == 0) return {};
        const bool known = version == 0x21 || version == 0x31;
        return {known && bytes.size() - head >= 4 * count ? Likeness::yes : Likeness::no};
    }
    static Framing frame(Bytes unit) noexcept { return {.length = unit.size()}; }

    static void dissect(const Pdu& pdu, State&, Ways& ways) noexcept {
        const Tell tell{pdu, ways};
        Reader in{pdu.bytes};
        const auto first = in.u8(), router = in.u8(), priority = in.u8(), count = in.u8();
        const auto kind = in.u8();
        in.u8();  // interval
        in.u16(); // check sum
        if (!in.ok()) return tell.report({0, "message ends inside its head"});
        const auto version = first >> 4;
        if ((first & 15) != advertisement || version < 2 || version > 3)
            return tell.report({0, "neither version 2 nor 3, or no advertisement"});
        const bool leaves = priority == 0;
        tell.operation({.function = {leaves ? resigns : advertisement, leaves ? "resigns" : "advertisement"},
                        .act = leaves ? Act::disconnect : Act::report,
                        .phase = Phase::event,
                        .outcome = Outcome::done,
                        .object = {.space = "virtual router", .number = router},
                        .count = count,
                        .value = std::uint64_t{priority}});
        tell.of_speaker(Attribute::capability, "router", 80);
        const auto address = in.take(4);
        if (!in.ok()) return tell.report({8, "fewer addresses than are counted"});
        // Of IPv6 the first one is link-local and tells nothing; whoever sends it does so by IPv6.
        const auto& own = tell.speaker().ip;
        const bool by_4 = own[10] == 0xff && own[11] == 0xff;
        if (version == 2 || by_4) {
            TextRoom<64> text;
            text.add("stands in for ").ip(icmp_family::ip_of(address));
            tell.of_speaker(Attribute::description, text.view(), 60);
        }
        // RFC 2338 clause 5.3.6: a password that everybody who hears it can read.
        if (version == 2 && kind == 1) {
            TextRoom<40> text;
            text.add("virtual router ").number(router);
            tell.login(text.view(), "vrrp clear text", Outcome::done);
        }
    }
};

} // namespace

extern constinit const Dissector vrrp = row<Vrrp>();

} // namespace yagura::dissect::protocols
