// PTP: who gives the time to the microsecond, who passes it on, and who sets clocks.
//
// From IEEE Std 1588-2008 clause 13 (messages of version 2), annexes D (UDP) and F (Ethernet); IEEE Std
// 1588-2002 clause 8 (version 1, its header).
#include <algorithm>
#include <array>

#include "spine/base/text_room.h"
#include "spine/dissect/tell.h"

namespace yagura::dissect::protocols {
namespace {

using observe::Act;
using observe::Attribute;
using observe::Outcome;
using observe::Phase;

constexpr std::size_t header_size = 34, header_size_1 = 40;
constexpr std::uint8_t announce = 0xb, management = 0xd;
/// Version 1 numbers its messages by their control field: 0x100 and that.
constexpr std::uint32_t version_1 = 0x100;

struct Known {
    std::string_view name;
    Act act;
    Phase phase;
};
constexpr std::array<Known, 16> types{{{"sync", Act::report, Phase::event},
                                       {"delay", Act::read, Phase::request},
                                       {"peer delay", Act::read, Phase::request},
                                       {"peer delay", Act::read, Phase::response},
                                       {},
                                       {},
                                       {},
                                       {},
                                       {"follow up", Act::report, Phase::event},
                                       {"delay", Act::read, Phase::response},
                                       {"peer delay follow up", Act::report, Phase::event},
                                       {"announce", Act::report, Phase::event},
                                       {"signalling", Act::configure, Phase::event},
                                       {"management", Act::read, Phase::event},
                                       {},
                                       {}}};

struct Ptp {
    static constexpr Over over[]{{"udp", 319}, {"udp", 320}, {"ethernet", 0x88f7}};
    static constexpr Facts facts{
        .name = "ptp",
        .title = "Precision Time Protocol",
        .specification = "IEEE 1588-2008, 1588-2002",
        .over = over,
        .message_most = 1'500,
        .depth = Depth::acts,
    };
    struct State {};

    static Recognition looks_like(const Opening& opening) noexcept {
        const auto bytes = latest(opening);
        if (bytes.size() < header_size) return {};
        Reader in{bytes};
        const auto type = in.u8() & 15u;
        const auto version = in.u8() & 15u;
        const auto length = in.u16();
        if (version == 1 && bytes[0] == std::byte{0})
            return {bytes.size() >= header_size_1 ? Likeness::yes : Likeness::no};
        const bool fits = version == 2 && !types[type].name.empty() && length >= header_size &&
                          length <= bytes.size();
        return {fits ? Likeness::yes : Likeness::no};
    }
    static Framing frame(Bytes unit) noexcept { return {.length = unit.size()}; }

    static void dissect(const Pdu& pdu, State&, Ways& ways) noexcept {
        const Tell tell{pdu, ways};
        Reader in{pdu.bytes};
        const auto type = in.u8() & 15u;
        const auto version = in.u8() & 15u;
        if (!in.ok()) return tell.report({0, "message ends inside its header"});
        if (version == 1) return of_1(pdu.bytes, tell);
        if (version != 2) return tell.report({1, "version is neither 1 nor 2"});
        const auto length = in.u16();
        const auto domain = in.u8();
        in.take(15); // flags, correction, reserved
        const auto clock = in.take(8);
        in.u16(); // port
        const auto sequence = in.u16();
        in.take(2); // control, interval
        if (!in.ok()) return tell.report({2, "message ends inside its header"});
        const auto& known = types[type];
        TextRoom<40> text, master;
        observe::Operation said{.function = {type == 3   ? 2u
                                             : type == 9 ? 1u
                                                         : type,
                                             known.name.empty() ? "reserved" : known.name},
                                .act = known.act,
                                .phase = known.phase,
                                .outcome = known.phase == Phase::request ? Outcome::pending : Outcome::done,
                                .pair = known.phase == Phase::event ? 0u : 0x10000u | sequence,
                                .object = {.space = "domain", .number = domain}};
        bool grand = false, whole = true;
        if (type == announce) {
            in.take(13); // time, offset, reserved
            in.take(6);  // priority and quality
            const auto grandmaster = in.take(8);
            whole = in.ok();
            if (whole) {
                said.value = master.hex(grandmaster).view();
                grand = std::equal(grandmaster.begin(), grandmaster.end(), clock.begin(), clock.end());
            }
        } else if (type == management) {
            in.take(12); // target, hops
            const auto action = in.u8() & 15u;
            whole = in.ok();
            if (whole && action == 1) said.act = Act::configure; // SET
            if (whole && action == 3) said.act = Act::call;
        }
        tell.operation(said);
        if (length > pdu.bytes.size() || !whole) return tell.report({2, "length is not that of the message"});
        if (type == announce)
            tell.of_speaker(Attribute::role_hint, grand ? "ptp grandmaster" : "ptp boundary clock", 85);
        // An identity made of a MAC has ff-fe in its middle (clause 7.5.2.2.2).
        if (clock[3] == std::byte{0xff} && clock[4] == std::byte{0xfe} && tell.speaker().has_ip() &&
            !(std::to_integer<unsigned>(clock[0]) & 1))
            tell.of({.ip = tell.speaker().ip}, Attribute::mac,
                    text.hex(clock.first(3), ":").add(':').hex(clock.last(3), ":").view(), 85);
    }

private:
    static void of_1(Bytes bytes, const Tell& tell) noexcept {
        constexpr std::string_view names[]{"sync", "delay request", "follow up", "delay response",
                                           "management"};
        Reader in{bytes};
        in.take(32); // versions, domain's name, kind, technology, clock, port, sequence
        const auto control = in.u8();
        if (!in.ok()) return tell.report({2, "message ends inside its header"});
        tell.operation(
            {.function = {version_1 | control, control < std::size(names) ? names[control] : "unknown"},
             .act = control == 4 ? Act::configure : Act::report,
             .phase = Phase::event,
             .outcome = Outcome::done});
        // Version 1 has no announcements: who sends Sync is the master.
        if (control == 0) tell.of_speaker(Attribute::role_hint, "ptp master", 80);
    }
};

} // namespace

extern constinit const Dissector ptp = row<Ptp>();

} // namespace yagura::dissect::protocols
