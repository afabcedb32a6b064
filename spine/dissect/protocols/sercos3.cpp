// SERCOS III: a controller and its drives in a line or ring; the master's
// telegrams go out each cycle and come back, and the drives fill theirs.
//
// From IEC 61158-4-19:2019 and IEC 61784-2 (CPF 16/3): the SERCOS III header
// and phases. docs/protocols/sercos3.md tells objects and limits.
#include "spine/base/text_room.h"
#include "spine/dissect/tell.h"

namespace yagura::dissect::protocols {
namespace {

using observe::Act;
using observe::Attribute;
using observe::Operation;
using observe::Outcome;
using observe::Phase;

constexpr std::uint8_t is_answer = 0x40, reserved = 0x10, number_bits = 0x0f, phase_bits = 0x0f,
                       changes = 0x80;
constexpr std::uint8_t number_most = 3, phase_most = 4;
constexpr std::size_t shortest = 40;

struct Sercos3 {
    static constexpr Over over[]{{"ethernet", 0x88cd}};
    static constexpr Facts facts{
        .name = "sercos3",
        .title = "SERCOS III",
        .specification = "IEC 61158-4-19:2019",
        .over = over,
        .message_most = 1'500,
        .depth = Depth::acts,
    };
    struct State {};

    static Recognition looks_like(const Opening& opening) noexcept {
        const auto bytes = latest(opening);
        Reader in{bytes};
        const auto type = in.u8(), phase = in.u8();
        const auto sum = in.u32();
        const bool fits = (type & reserved) == 0 && (type & number_bits) <= number_most &&
                          (phase & phase_bits) <= phase_most && sum != 0;
        return {in.ok() && bytes.size() >= shortest && fits ? Likeness::yes : Likeness::no};
    }
    static Framing frame(Bytes unit) noexcept { return {.length = unit.size()}; }

    static void dissect(const Pdu& pdu, State&, Ways& ways) noexcept {
        const Tell tell{pdu, ways};
        Reader in{pdu.bytes};
        const auto type = in.u8(), phase = in.u8();
        in.u32(); // check sum of the head
        if (!in.ok()) return tell.report({0, "message ends inside its head"});
        const auto number = static_cast<std::uint8_t>(type & number_bits);
        const auto now = static_cast<std::uint8_t>(phase & phase_bits);
        if (number > number_most || now > phase_most)
            return tell.report({0, "a telegram or a phase that SERCOS does not have"});
        const bool answers = (type & is_answer) != 0;
        Operation said{.function = {static_cast<std::uint32_t>(answers ? 1 : 0),
                                    answers ? "drive telegram" : "master telegram"},
                       .act = now == phase_most ? Act::cyclic_io : Act::unknown,
                       .phase = Phase::event,
                       .outcome = Outcome::done};
        said.object = {.space = "telegram", .number = number};
        said.count = static_cast<std::uint32_t>(in.remaining());
        // The master takes all through the phases, up to 4 in which it works, and
        // back to stop.
        if ((phase & changes) != 0 && !answers) {
            said.function = {2, "change of phase"};
            said.act = Act::mode_change;
            said.value = std::uint64_t{now};
        }
        tell.operation(said);
        TextRoom<16> room;
        if (!answers) {
            tell.of_speaker(Attribute::role_hint, "sercos master", 80);
            tell.of_speaker(Attribute::state, room.add("phase ").number(now).view(), 80);
        }
    }
};

} // namespace

extern constinit const Dissector sercos3 = row<Sercos3>();

} // namespace yagura::dissect::protocols
