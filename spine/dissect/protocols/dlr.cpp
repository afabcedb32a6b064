// DLR: devices of EtherNet/IP in a ring; a supervisor sends beacons around it
// and is told where it breaks.
//
// From ODVA, CIP Networks Library volume 2, edition 1.27, 9-5 (frames).
// docs/protocols/dlr.md tells objects and limits.
#include <algorithm>
#include <array>

#include "spine/base/text_room.h"
#include "spine/dissect/tell.h"

namespace yagura::dissect::protocols {
namespace {

using observe::Act;
using observe::Attribute;
using observe::Operation;
using observe::Outcome;
using observe::Phase;

constexpr std::size_t head = 12;
enum Type : std::uint8_t { beacon = 1, neighbour_status = 4, announce = 6, sign_on = 7 };
struct Known {
    std::uint8_t type;
    std::string_view name;
    Act act;
};
constexpr Known types[]{
    {beacon, "beacon", Act::diagnose},
    {2, "neighbour check request", Act::diagnose},
    {3, "neighbour check response", Act::diagnose},
    {neighbour_status, "link or neighbour status", Act::alarm},
    {5, "locate fault", Act::diagnose},
    {announce, "announce", Act::report},
    {sign_on, "sign on", Act::browse},
    {8, "advertise", Act::report},
    {9, "flush tables", Act::report},
    {10, "learning update", Act::report},
};
constexpr const Known* find_type(std::uint8_t type) noexcept {
    return type >= 1 && type <= std::size(types) ? &types[type - 1] : nullptr;
}

struct Dlr {
    static constexpr Over over[]{{"ethernet", 0x80e1}};
    static constexpr Facts facts{
        .name = "dlr",
        .title = "Device Level Ring",
        .specification = "CIP Networks Library volume 2, 9-5",
        .over = over,
        .message_most = 1'500,
        .depth = Depth::acts,
    };
    struct State {};

    static Recognition looks_like(const Opening& opening) noexcept {
        Reader in{latest(opening)};
        const auto subtype = in.u8(), version = in.u8(), type = in.u8(), port = in.u8();
        in.take(8);
        const auto state = in.u8();
        if (!in.ok() || subtype != 2 || version != 1 || !find_type(type) || port > 2) return {};
        const bool tells = type == beacon || type == announce;
        return {tells && (state < 1 || state > 2) ? Likeness::no : Likeness::yes};
    }
    static Framing frame(Bytes unit) noexcept { return {.length = unit.size()}; }

    static void dissect(const Pdu& pdu, State&, Ways& ways) noexcept {
        const Tell tell{pdu, ways};
        Reader in{pdu.bytes};
        const auto subtype = in.u8(), version = in.u8(), type = in.u8(), port = in.u8();
        const auto address = in.take(4);
        in.u32(); // sequence
        if (!in.ok()) return tell.report({0, "message ends inside its head"});
        if (subtype != 2 || version != 1) return tell.report({0, "a version that is not known"});
        const auto* known = find_type(type);
        Operation said{.function = {type, known ? known->name : "unknown frame"},
                       .act = known ? known->act : Act::unknown,
                       .phase = Phase::event,
                       .outcome = Outcome::done};
        if (port != 0) said.object = {.space = "ring port", .number = port};
        tell.operation(said);
        const auto ip = ip_of(address);
        TextRoom<48> room;
        if (ip[12] != 0) tell.of_speaker(Attribute::ip, room.ip(ip).view(), 90);
        if (type == beacon || type == announce) {
            const auto state = in.u8();
            if (!in.ok()) return tell.report({head, "message ends before the ring's state"});
            tell.of_speaker(Attribute::state, state == 1 ? "ring closed" : "ring open", 80);
        }
        if (type == beacon) {
            const auto precedence = in.u8();
            in.take(8); // interval, timeout
            if (!in.ok()) return tell.report({head + 1, "message ends before its times"});
            room.clear();
            tell.of_speaker(Attribute::description,
                            room.add("DLR supervisor, precedence ").number(precedence).view(), 60);
        }
        if (type == sign_on) participants(tell, in);
    }

private:
    static observe::Ip ip_of(Bytes four) noexcept {
        observe::Ip ip{};
        ip[10] = ip[11] = 0xff;
        for (std::size_t i = 0; i < 4 && i < four.size(); ++i)
            ip[12 + i] = std::to_integer<std::uint8_t>(four[i]);
        return ip;
    }
    /// Each device of the ring adds itself.
    static void participants(const Tell& tell, Reader& in) noexcept {
        const auto count = in.u16();
        if (!in.ok()) return tell.report({head, "message ends before how many take part"});
        for (std::uint16_t i = 0; i < count; ++i) {
            const auto mac = in.take(6), address = in.take(4);
            if (!in.ok()) return tell.report({head + 2, "fewer devices than are counted"});
            observe::Station one{};
            for (std::size_t b = 0; b < 6; ++b) one.mac[b] = std::to_integer<std::uint8_t>(mac[b]);
            const auto ip = ip_of(address);
            TextRoom<16> room;
            if (ip[12] != 0) tell.of(one, Attribute::ip, room.ip(ip).view(), 80);
        }
    }
};

} // namespace

extern constinit const Dissector dlr = row<Dlr>();

} // namespace yagura::dissect::protocols
