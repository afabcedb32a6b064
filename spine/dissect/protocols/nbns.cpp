// NetBIOS names: who has which, and what a machine answers when asked for all of them.
//
// From RFC 1001 clauses 14 to 17 and RFC 1002 clauses 4.2 (packets of the name service) and 4.2.18 (node
// status).
#include "spine/base/text_room.h"
#include "spine/dissect/tell.h"
#include "spine/wire/netbios.h"

namespace yagura::dissect::protocols {
namespace {

using observe::Act;
using observe::Attribute;
using observe::Outcome;
using observe::Phase;
using observe::Speaker;
namespace netbios = yagura::wire::netbios;

constexpr std::uint16_t type_name = 0x20, type_status = 0x21;
/// A query for the status is another function than one for a name: 0x100.
constexpr std::uint32_t status_query = 0x100;
constexpr std::uint16_t of_group = 0x8000; ///< RFC 1002 clause 4.2.1.3, of a name's flags
constexpr std::size_t header_size = 12, names_most = 32;

struct Known {
    std::string_view name;
    Act act;
};
constexpr Known opcode(unsigned code) noexcept {
    switch (code) {
    case 0:
        return {"query", Act::browse};
    case 5:
        return {"registration", Act::report};
    case 6:
        return {"release", Act::disconnect};
    case 7:
        return {"wait for acknowledgement", Act::report};
    case 8:
    case 9:
        return {"refresh", Act::report};
    case 15:
        return {"multi-homed registration", Act::report};
    default:
        return {"unassigned", Act::unknown};
    }
}

struct Nbns {
    static constexpr Over over[]{{"udp", 137}};
    static constexpr Facts facts{
        .name = "nbns",
        .title = "NetBIOS name service",
        .specification = "RFC 1001, 1002",
        .over = over,
        .message_most = 1'500,
        .depth = Depth::acts,
    };
    struct State {};

    static Recognition looks_like(const Opening& opening) noexcept {
        const auto bytes = latest(opening);
        Reader in{bytes};
        in.u16();
        const auto flags = in.u16(), questions = in.u16(), answers = in.u16();
        in.take(4);
        std::size_t at = header_size;
        if (!in.ok() || questions > 1 || answers > 8 || !netbios::read(bytes, at)) return {};
        if (opcode(flags >> 11 & 15u).act == Act::unknown) return {};
        return {Likeness::yes, flags & 0x8000 ? Speaker::server : Speaker::client};
    }
    static Framing frame(Bytes datagram) noexcept { return {.length = datagram.size()}; }

    static void dissect(const Pdu& pdu, State&, Ways& ways) noexcept {
        const Tell tell{pdu, ways};
        Reader in{pdu.bytes};
        const auto id = in.u16(), flags = in.u16(), questions = in.u16();
        const auto answers = static_cast<unsigned>(in.u16() + in.u16() + in.u16());
        if (!in.ok()) return tell.report({0, "message ends inside its header"});
        const bool response = (flags & 0x8000) != 0;
        const auto code = flags >> 11 & 15u;
        const auto known = opcode(code);
        const std::uint32_t refusal = flags & 15u;

        std::size_t at = header_size;
        const auto name = netbios::read(pdu.bytes, at);
        Reader question{pdu.bytes.subspan(std::min(at, pdu.bytes.size()))};
        const auto type = question.u16();
        question.u16();
        const bool status = name && question.ok() && type == type_status;
        observe::Operation said{
            .function = {status ? status_query : code, status ? "node status" : known.name},
            .act = status ? Act::identify : known.act,
            .phase = response ? Phase::response : Phase::request,
            .outcome = !response ? Outcome::pending
                       : refusal ? Outcome::refused
                                 : Outcome::done,
            .status = response ? refusal : 0,
            .pair = 0x10000u | id};
        TextRoom<24> text;
        if (name) said.object = {.space = "name", .text = write(*name, text)};
        tell.operation(said);
        if (!name || !question.ok()) return tell.report({header_size, "a name that is none"});
        at += question.position();
        if (questions == 1 && answers != 0) { // The record's own name, mostly a pointer to the question's.
            if (!netbios::read(pdu.bytes, at)) return tell.report({header_size, "a record without a name"});
            at += 4;
        }
        if (answers == 0 || refusal != 0) return;
        Reader record{pdu.bytes.subspan(std::min(at, pdu.bytes.size()))};
        record.u32(); // how long it lives
        const auto data = record.take(record.u16());
        if (!record.ok()) return tell.report({header_size, "a record is longer than what is left"});
        if (status)
            names(data, tell);
        else if (type == type_name)
            owner(*name, data, response, code, tell);
    }

private:
    /// "HIST-1<20>": the last character as two digits, as everybody writes it.
    static std::string_view write(const netbios::Name& name, TextRoom<24>& text) noexcept {
        const std::array kind{static_cast<std::byte>(name.kind)};
        return text.add(name.view()).add('<').hex(kind).add('>').view();
    }

    /// RFC 1002 clauses 4.2.2 and 4.2.13: flags and address, of whoever registers or is found.
    static void owner(const netbios::Name& name, Bytes data, bool response, unsigned code,
                      const Tell& tell) noexcept {
        Reader in{data};
        const auto flags = in.u16();
        const auto address = in.take(4);
        if (!in.ok()) return tell.report({header_size, "an address is shorter than four bytes"});
        const bool group = (flags & of_group) != 0;
        observe::Ip ip{};
        ip[10] = ip[11] = 0xff;
        for (std::size_t i = 0; i < 4; ++i) ip[12 + i] = std::to_integer<std::uint8_t>(address[i]);
        TextRoom<48> shown;
        if (response && code == 0)
            tell.ways.say().on(
                tell.pdu.origin,
                observe::Name{.asked = name.view(), .answer = shown.ip(ip).view(), .kind = type_name});
        const bool own = ip == tell.speaker().ip;
        if (!response && code != 6 && own) return of_speaker(name, group, 85, tell);
        if (!response || code != 0 || group || !name.of_machine()) return;
        // Who answers for itself has the name; a name server answers for others.
        if (own)
            tell.of_speaker(Attribute::name, name.view(), 85);
        else
            tell.of({.ip = ip}, Attribute::name, name.view(), 60);
    }
    static void of_speaker(const netbios::Name& name, bool group, std::uint8_t confidence,
                           const Tell& tell) noexcept {
        if (group) {
            if (name.kind == 0x00) tell.of_speaker(Attribute::domain, name.view(), 75);
            // The domain's controllers share this name.
            if (name.kind == 0x1c) tell.of_speaker(Attribute::role_hint, "domain controller", 80);
        } else if (name.kind == 0x00 || name.kind == 0x20) {
            tell.of_speaker(Attribute::name, name.view(), confidence);
        }
    }

    /// Clause 4.2.18: all names, then the unit's identifier: its hardware address.
    static void names(Bytes data, const Tell& tell) noexcept {
        Reader in{data};
        const auto count = in.u8();
        for (std::size_t i = 0; i < count && i < names_most; ++i) {
            const auto name = netbios::read_plain(in.take(16));
            const auto flags = in.u16();
            if (!in.ok() || !name) return tell.report({header_size, "a status ends inside its names"});
            of_speaker(*name, (flags & of_group) != 0, 90, tell);
        }
        const auto mac = in.take(6);
        if (!in.ok()) return;
        TextRoom<20> text;
        const bool given = std::ranges::any_of(mac, [](std::byte b) { return b != std::byte{0}; }) &&
                           !(std::to_integer<unsigned>(mac[0]) & 1);
        if (given) tell.of({.ip = tell.speaker().ip}, Attribute::mac, text.hex(mac, ":").view(), 90);
    }
};

} // namespace

extern constinit const Dissector nbns = row<Nbns>();

} // namespace yagura::dissect::protocols
