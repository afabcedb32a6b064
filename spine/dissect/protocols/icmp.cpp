// ICMP: who is asked whether he is there, what could not be delivered, and who sends others another way.
//
// From RFC 792, RFC 950 (masks), RFC 1256 (router discovery).
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

constexpr std::array types{
    Known{0, "echo", Act::diagnose, Phase::response},
    Known{3, "destination unreachable", Act::report, Phase::event},
    Known{4, "source quench", Act::report, Phase::event},
    Known{5, "redirect", Act::configure, Phase::event},
    Known{8, "echo", Act::diagnose, Phase::request},
    Known{9, "router advertisement", Act::report, Phase::event},
    Known{10, "router solicitation", Act::browse, Phase::event},
    Known{11, "time exceeded", Act::report, Phase::event},
    Known{12, "parameter problem", Act::report, Phase::event},
    Known{13, "timestamp", Act::diagnose, Phase::request},
    Known{14, "timestamp", Act::diagnose, Phase::response},
    Known{17, "address mask", Act::diagnose, Phase::request},
    Known{18, "address mask", Act::diagnose, Phase::response},
};
struct Icmp {
    static constexpr Over over[]{{"ip", 1}};
    static constexpr Facts facts{
        .name = "icmp",
        .title = "Internet Control Message Protocol",
        .specification = "RFC 792, 950, 1256",
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
        if (!in.ok()) return tell.report({0, "message ends inside its header"});
        const auto known = find_type(types, type);
        // An answer is its question's function.
        const auto function = type == 0                  ? std::uint8_t{8}
                              : type == 14 || type == 18 ? static_cast<std::uint8_t>(type - 1u)
                                                         : type;
        observe::Operation said{.function = {function * 256u + code, known.name},
                                .act = known.act,
                                .phase = known.phase,
                                .outcome = known.phase == Phase::request ? Outcome::pending : Outcome::done};
        const auto word = in.take(4);
        TargetText target, gateway;
        if (known.phase != Phase::event && word.size() == 4) {
            Reader number{word};
            said.pair = number.u32();
        }
        if (type == 3 || type == 5 || type == 11 || type == 12)
            write_target(pdu.bytes.subspan(std::min<std::size_t>(8, pdu.bytes.size())), target);
        if (!target.view().empty()) said.object = {.space = "target", .text = target.view()};
        if (type == 5 && word.size() == 4) said.value = gateway.ip(ip_of(word)).view();
        tell.operation(said);
        if (word.size() != 4 && type != 9 && type != 10)
            return tell.report({4, "message ends inside its header"});
        // RFC 1256 clause 3: only routers say this.
        if (type == 9) tell.of_speaker(Attribute::capability, "router", 85);
    }
};

} // namespace

extern constinit const Dissector icmp = row<Icmp>();

} // namespace yagura::dissect::protocols
