// MRP: switches and devices in a ring; one of them, the manager, sends tests
// around it and closes the ring where it is broken.
//
// From IEC 62439-2:2021, 8.1 (frames) and its tables of types.
// docs/protocols/mrp.md tells objects and limits.
#include <array>
#include <optional>

#include "spine/base/text_room.h"
#include "spine/dissect/tell.h"

namespace yagura::dissect::protocols {
namespace {

using observe::Act;
using observe::Attribute;
using observe::Operation;
using observe::Outcome;
using observe::Phase;

enum Type : std::uint8_t { end = 0, common = 1, test = 2, in_test = 6, option = 0x7f };
struct Known {
    std::uint8_t type;
    std::string_view name;
    Act act;
    std::uint8_t least;  ///< bytes of it
    std::uint8_t sender; ///< where its address stands
};
constexpr Known types[]{
    {common, "common", Act::unknown, 18},
    {test, "test", Act::diagnose, 18},
    {3, "topology change", Act::report, 10},
    {4, "link down", Act::alarm, 12},
    {5, "link up", Act::report, 12},
    {in_test, "interconnection test", Act::diagnose, 18},
    {7, "interconnection topology change", Act::report, 10},
    {8, "interconnection link down", Act::alarm, 12},
    {9, "interconnection link up", Act::report, 12},
    {10, "interconnection link status poll", Act::diagnose, 10},
    {option, "option", Act::unknown, 3},
};
constexpr const Known* find_type(std::uint8_t type) noexcept {
    for (const auto& one : types)
        if (one.type == type) return &one;
    return nullptr;
}

struct Mrp {
    static constexpr Over over[]{{"ethernet", 0x88e3}};
    static constexpr Facts facts{
        .name = "mrp",
        .title = "Media Redundancy Protocol",
        .specification = "IEC 62439-2:2021",
        .over = over,
        .message_most = 1'500,
        .depth = Depth::acts,
    };
    struct State {};

    /// Version 1, parts that exist and are as long as they have to be, and the
    /// end.
    static Recognition looks_like(const Opening& opening) noexcept {
        Reader in{latest(opening)};
        if (in.u16() != 1) return {};
        for (int parts = 0; in.remaining() >= 2 && parts < 16; ++parts) {
            const auto type = in.u8(), length = in.u8();
            if (type == end) return {parts != 0 && length == 0 ? Likeness::yes : Likeness::no};
            const auto* known = find_type(type);
            in.take(length);
            if (!known || length < known->least || !in.ok()) return {};
        }
        return {};
    }
    static Framing frame(Bytes unit) noexcept { return {.length = unit.size()}; }

    static void dissect(const Pdu& pdu, State&, Ways& ways) noexcept {
        const Tell tell{pdu, ways};
        Reader in{pdu.bytes};
        const auto version = in.u16();
        if (!in.ok()) return tell.report({0, "message ends inside its version"});
        if (version != 1) return tell.report({0, "a version that is not known"});
        for (;;) {
            const auto at = static_cast<std::uint32_t>(in.position());
            const auto type = in.u8(), length = in.u8();
            if (!in.ok()) return tell.report(Malformed{0, "message without its end"}.shifted(at));
            if (type == end) return;
            const auto body = in.take(length);
            if (!in.ok())
                return tell.report(Malformed{1, "message ends before its part's length"}.shifted(at));
            const auto* known = find_type(type);
            if (!known) return tell.report(Malformed{0, "a part that MRP does not have"}.shifted(at));
            if (length < known->least)
                return tell.report(Malformed{1, "a part shorter than it has to be"}.shifted(at));
            if (known->act != Act::unknown) part(tell, *known, body);
        }
    }

private:
    static void part(const Tell& tell, const Known& known, Bytes body) noexcept {
        Operation said{.function = {known.type, known.name},
                       .act = known.act,
                       .phase = Phase::event,
                       .outcome = Outcome::done};
        Reader in{body};
        if (known.type == test) {
            const auto priority = in.u16();
            in.take(6);
            const auto port = in.u16(), state = in.u16(), changes = in.u16();
            said.object = {.space = "ring port", .number = port + std::uint64_t{1}};
            said.value = std::uint64_t{changes};
            tell.operation(said);
            tell.of_speaker(Attribute::capability, "bridge", 60);
            tell.of_speaker(Attribute::state, state == 0 ? "ring open" : "ring closed", 80);
            TextRoom<48> room;
            tell.of_speaker(Attribute::description,
                            room.add("MRP manager, priority ").number(priority).view(), 60);
            return;
        }
        if (known.type == 4 || known.type == 5) {
            in.take(6);
            said.object = {.space = "ring port", .number = in.u16() + std::uint64_t{1}};
        }
        tell.operation(said);
    }
};

} // namespace

extern constinit const Dissector mrp = row<Mrp>();

} // namespace yagura::dissect::protocols
