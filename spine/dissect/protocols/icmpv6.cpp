// ICMPv6: what ICMP does, and how neighbours and routers of IPv6 find one another.
//
// From RFC 4443 (messages), RFC 4861 clauses 4.1 to 4.6 (neighbour discovery), RFC 3810 (multicast
// listeners).
#include <algorithm>
#include <array>

#include "spine/dissect/protocols/icmp/common.h"

namespace yagura::dissect::protocols {
namespace {

using namespace icmp_family;
using observe::Act;
using observe::Attribute;
using observe::Outcome;
using observe::Phase;

constexpr std::uint8_t router_advertisement = 134, neighbour_solicitation = 135,
                       neighbour_advertisement = 136;
constexpr std::array types{
    Known{1, "destination unreachable", Act::report, Phase::event},
    Known{2, "packet too big", Act::report, Phase::event},
    Known{3, "time exceeded", Act::report, Phase::event},
    Known{4, "parameter problem", Act::report, Phase::event},
    Known{128, "echo", Act::diagnose, Phase::request},
    Known{129, "echo", Act::diagnose, Phase::response},
    Known{130, "listener query", Act::browse, Phase::event},
    Known{131, "listener report", Act::report, Phase::event},
    Known{132, "listener done", Act::disconnect, Phase::event},
    Known{133, "router solicitation", Act::browse, Phase::event},
    Known{router_advertisement, "router advertisement", Act::report, Phase::event},
    Known{neighbour_solicitation, "neighbour solicitation", Act::browse, Phase::event},
    Known{neighbour_advertisement, "neighbour advertisement", Act::report, Phase::event},
    Known{137, "redirect", Act::configure, Phase::event},
    Known{143, "listener report 2", Act::report, Phase::event},
};
struct Icmpv6 {
    static constexpr Over over[]{{"ip", 58}};
    static constexpr Facts facts{
        .name = "icmpv6",
        .title = "Internet Control Message Protocol for IPv6, neighbour discovery",
        .specification = "RFC 4443, 4861, 3810",
        .over = over,
        .message_most = 65'535,
        .depth = Depth::acts,
    };
    struct State {};

    static Recognition looks_like(const Opening& opening) noexcept { return recognise(types, opening); }
    static Framing frame(Bytes unit) noexcept { return {.length = unit.size()}; }

    static void dissect(const Pdu& pdu, State&, Ways& ways) noexcept {
        const Tell tell{pdu, ways};
        Reader in{pdu.bytes};
        const auto type = in.u8(), code = in.u8();
        in.u16();
        const auto word = in.u32();
        if (pdu.bytes.size() < 4) return tell.report({0, "message ends inside its header"});
        const auto known = find_type(types, type);
        const std::uint32_t function = type == 129 ? 128u : type;
        observe::Operation said{.function = {function * 256 + code, known.name},
                                .act = known.act,
                                .phase = known.phase,
                                .outcome = known.phase == Phase::request ? Outcome::pending : Outcome::done,
                                .pair = known.phase == Phase::event ? 0 : word};
        TargetText target;
        const bool about_address = type == neighbour_solicitation || type == neighbour_advertisement ||
                                   type == 137;
        const auto address = about_address ? in.take(16) : Bytes{};
        if (type < 5)
            write_target(in.ok() ? in.rest() : Bytes{}, target);
        else if (address.size() == 16)
            target.ip(ip_of(address));
        if (!target.view().empty())
            said.object = {.space = type < 5 ? "target" : "address", .text = target.view()};
        tell.operation(said);
        if (!in.ok()) return tell.report({4, "message ends before what it promises"});
        if (type == router_advertisement) {
            in.take(8); // lifetimes
            tell.of_speaker(Attribute::capability, "router", 85);
            own_address(tell.speaker().ip, options(in, 1), tell);
        } else if (type == neighbour_solicitation) {
            own_address(tell.speaker().ip, options(in, 1), tell);
        } else if (type == neighbour_advertisement) {
            own_address(ip_of(address), options(in, 2), tell);
        }
    }

private:
    /// RFC 4861 clause 4.6.1: 1 the sender's link-layer address, 2 the target's.
    static Bytes options(Reader& in, std::uint8_t wanted) noexcept {
        for (int i = 0; i < 16 && in.remaining() >= 8; ++i) {
            const auto type = in.u8(), units = in.u8();
            if (units == 0) return {};
            const auto content = in.take(units * 8u - 2u);
            if (!in.ok()) return {};
            if (type == wanted && content.size() == 6) return content;
        }
        return {};
    }
    static void own_address(const observe::Ip& ip, Bytes link, const Tell& tell) noexcept {
        if (link.size() != 6 || (std::to_integer<unsigned>(link[0]) & 1) || ip == observe::Ip{} ||
            ip[0] == 0xff)
            return;
        observe::Station station{.ip = ip};
        for (std::size_t i = 0; i < 6; ++i) station.mac[i] = std::to_integer<std::uint8_t>(link[i]);
        TextRoom<48> text;
        tell.of(station, Attribute::ip, text.ip(ip).view(), 90);
    }
};

} // namespace

extern constinit const Dissector icmpv6 = row<Icmpv6>();

} // namespace yagura::dissect::protocols
