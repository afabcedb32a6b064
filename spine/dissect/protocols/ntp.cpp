// NTP and SNTP: who tells the time to whom, and where it has it from.
//
// From RFC 5905 clauses 7.3 (header) and 7.4 (kiss codes), RFC 1305 appendix B (control messages), RFC 4330
// (SNTP).
#include "spine/base/text_room.h"
#include "spine/dissect/tell.h"

namespace yagura::dissect::protocols {
namespace {

using observe::Act;
using observe::Attribute;
using observe::Outcome;
using observe::Phase;
using observe::Speaker;

enum Mode : std::uint8_t {
    active = 1,
    passive = 2,
    client = 3,
    server = 4,
    broadcast = 5,
    control = 6,
    restricted = 7
};
constexpr std::size_t header_size = 48;

struct Known {
    std::string_view name;
    Act act;
    Phase phase;
};
constexpr Known modes[]{
    {"reserved", Act::unknown, Phase::event},       {"symmetric active", Act::read, Phase::event},
    {"symmetric passive", Act::read, Phase::event}, {"time", Act::read, Phase::request},
    {"time", Act::read, Phase::response},           {"broadcast", Act::report, Phase::event},
    {"control", Act::diagnose, Phase::request},     {"private", Act::diagnose, Phase::request}};

struct Ntp {
    static constexpr Over over[]{{"udp", 123}};
    static constexpr Facts facts{
        .name = "ntp",
        .title = "Network Time Protocol",
        .specification = "RFC 5905, 1305, 4330",
        .over = over,
        .message_most = 1'500,
        .depth = Depth::acts,
    };
    struct State {};

    static Recognition looks_like(const Opening& opening) noexcept {
        const auto bytes = latest(opening);
        if (bytes.empty()) return {};
        const auto first = std::to_integer<unsigned>(bytes[0]);
        const auto version = first >> 3 & 7, mode = first & 7;
        if (version == 0 || version > 4 || mode == 0) return {};
        if (mode >= control) return {bytes.size() >= 8 ? Likeness::maybe : Likeness::no};
        if (bytes.size() < header_size) return {};
        if (mode == client) return {Likeness::yes, Speaker::client};
        if (mode == server) return {Likeness::yes, Speaker::server};
        return {Likeness::yes};
    }
    static Framing frame(Bytes unit) noexcept { return {.length = unit.size()}; }

    static void dissect(const Pdu& pdu, State&, Ways& ways) noexcept {
        const Tell tell{pdu, ways};
        Reader in{pdu.bytes};
        const auto first = in.u8(), second = in.u8();
        if (!in.ok()) return tell.report({0, "message ends inside its header"});
        const auto mode = first & 7u;
        const auto& known = modes[mode];
        // A request and its answer are one function; its number is the asker's mode.
        observe::Operation said{.function = {mode == server ? std::uint32_t{client} : mode, known.name},
                                .act = known.act,
                                .phase = known.phase,
                                .outcome = known.phase == Phase::request ? Outcome::pending : Outcome::done};
        if (mode >= control) {
            // Bit 7 of the second byte tells an answer in control messages, of the first in private ones.
            if (mode == control ? second & 0x80 : first & 0x80) {
                said.phase = Phase::response;
                said.outcome = Outcome::done;
            }
            return tell.operation(said);
        }
        in.take(2);
        in.take(8); // delay, dispersion
        const auto reference = in.take(4);
        in.take(8); // when the clock was set
        in.take(4);
        const auto origin = in.u32(); // The fraction: seconds repeat.
        in.take(12);
        const auto transmitted = in.u32();
        const auto stratum = second;
        if (mode == client) said.pair = transmitted;
        if (mode == server) said.pair = origin;
        if (mode == server || mode == broadcast) {
            said.value = std::uint64_t{stratum};
            // Stratum 0 is a kiss of death: go away, and why.
            if (mode == server && stratum == 0) said.outcome = Outcome::refused;
        }
        tell.operation(said);
        if (!in.ok()) return tell.report({0, "message ends inside its header"});
        if ((mode != server && mode != broadcast) || stratum == 0 || stratum > 15) return;
        if (stratum > 1) return tell.of_speaker(Attribute::role_hint, "time server", 80);
        tell.of_speaker(Attribute::role_hint, "reference clock", 85);
        TextRoom<32> text;
        const auto name = label(reference);
        if (is_host_name(name))
            tell.of_speaker(Attribute::description, text.add("reference clock ").add(name).view(), 80);
    }
};

} // namespace

extern constinit const Dissector ntp = row<Ntp>();

} // namespace yagura::dissect::protocols
