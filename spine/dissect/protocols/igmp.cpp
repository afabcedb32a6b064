// IGMP: who listens to which group, and who asks.
//
// From RFC 1112 appendix I (version 1), RFC 2236 (2), RFC 3376 (3).
#include "spine/base/text_room.h"
#include "spine/dissect/protocols/icmp/common.h"

namespace yagura::dissect::protocols {
namespace {

using observe::Act;
using observe::Attribute;
using observe::Outcome;
using observe::Phase;

constexpr std::uint8_t query = 0x11, report_1 = 0x12, report_2 = 0x16, leave = 0x17, report_3 = 0x22;

struct Igmp {
    static constexpr Over over[]{{"ip", 2}};
    static constexpr Facts facts{
        .name = "igmp",
        .title = "Internet Group Management Protocol",
        .specification = "RFC 1112, 2236, 3376",
        .over = over,
        .message_most = 1'500,
        .depth = Depth::acts,
    };
    struct State {};

    static Recognition looks_like(const Opening& opening) noexcept {
        const auto bytes = latest(opening);
        if (bytes.size() < 8) return {};
        const auto type = std::to_integer<std::uint8_t>(bytes[0]);
        return {name_of(type).empty() ? Likeness::maybe : Likeness::yes};
    }
    static Framing frame(Bytes unit) noexcept { return {.length = unit.size()}; }

    static void dissect(const Pdu& pdu, State&, Ways& ways) noexcept {
        const Tell tell{pdu, ways};
        Reader in{pdu.bytes};
        const auto type = in.u8();
        in.take(3);
        if (!in.ok()) return tell.report({0, "message ends inside its header"});
        const auto name = name_of(type);
        Bytes group;
        if (type == report_3) {
            in.u16();
            const auto count = in.u16();
            in.take(4); // of the first record: kind, length, sources
            if (count != 0) group = in.take(4);
        } else {
            group = in.take(4);
        }
        TextRoom<48> text;
        const auto ip = icmp_family::ip_of(group);
        const bool named = group.size() == 4 && (ip[12] | ip[13] | ip[14] | ip[15]) != 0;
        observe::Operation said{.function = {type, name.empty() ? "unknown type" : name},
                                .act = type == query   ? Act::browse
                                       : type == leave ? Act::disconnect
                                       : name.empty()  ? Act::unknown
                                                       : Act::subscribe,
                                .phase = Phase::event,
                                .outcome = Outcome::done};
        if (named) said.object = {.space = "group", .text = text.ip(ip).view()};
        tell.operation(said);
        if (!in.ok()) return tell.report({4, "message ends before its group"});
        // Whoever asks for all groups looks after the network: a router, or a switch in its place.
        const auto& from = tell.speaker().ip;
        const bool has_address = (from[12] | from[13] | from[14] | from[15]) != 0;
        if (type == query && !named && has_address) tell.of_speaker(Attribute::role_hint, "igmp querier", 75);
    }

private:
    static constexpr std::string_view name_of(std::uint8_t type) noexcept {
        switch (type) {
        case query:
            return "query";
        case report_1:
            return "report 1";
        case report_2:
            return "report 2";
        case leave:
            return "leave";
        case report_3:
            return "report 3";
        default:
            return {};
        }
    }
};

} // namespace

extern constinit const Dissector igmp = row<Igmp>();

} // namespace yagura::dissect::protocols
