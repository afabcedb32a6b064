// NetBIOS datagrams: what machines announce of themselves to a workgroup's list of computers.
//
// From RFC 1002 clause 4.4 (datagrams) and [MS-BRWS] clause 2.2 (announcements, inside a transaction of
// [MS-CIFS] clause 2.2.4.33 to a mail slot).
#include <array>

#include "spine/base/text_room.h"
#include "spine/dissect/tell.h"
#include "spine/wire/netbios.h"

namespace yagura::dissect::protocols {
namespace {

using observe::Act;
using observe::Attribute;
using observe::Outcome;
using observe::Phase;
namespace netbios = yagura::wire::netbios;

constexpr std::size_t header_size = 14;
constexpr std::uint8_t direct_unique = 0x10, broadcast = 0x12;
constexpr std::uint8_t host_announcement = 1, domain_announcement = 12, master_announcement = 15;
/// A datagram that carries something else, or nothing that is read.
constexpr std::uint32_t datagram = 0x100;

std::string_view command_name(std::uint8_t command) noexcept {
    switch (command) {
    case host_announcement:
        return "host announcement";
    case 2:
        return "announcement request";
    case 8:
        return "election";
    case 9:
        return "backup list request";
    case 10:
        return "backup list response";
    case 11:
        return "become backup";
    case domain_announcement:
        return "domain announcement";
    case 13:
        return "master announcement";
    case 14:
        return "reset";
    case master_announcement:
        return "local master announcement";
    default:
        return {};
    }
}

struct Nbdgm {
    static constexpr Over over[]{{"udp", 138}};
    static constexpr Facts facts{
        .name = "nbdgm",
        .title = "NetBIOS datagrams and the browser's announcements",
        .specification = "RFC 1002; [MS-BRWS]",
        .over = over,
        .message_most = 1'500,
        .depth = Depth::acts,
    };
    struct State {};

    static Recognition looks_like(const Opening& opening) noexcept {
        const auto bytes = latest(opening);
        if (bytes.size() < header_size) return {};
        const auto kind = std::to_integer<std::uint8_t>(bytes[0]);
        std::size_t at = header_size;
        const bool fits = kind >= direct_unique && kind <= broadcast && netbios::read(bytes, at) &&
                          netbios::read(bytes, at);
        return {fits ? Likeness::yes : Likeness::no};
    }
    static Framing frame(Bytes unit) noexcept { return {.length = unit.size()}; }

    static void dissect(const Pdu& pdu, State&, Ways& ways) noexcept {
        const Tell tell{pdu, ways};
        if (pdu.bytes.size() < header_size) return tell.report({0, "datagram ends inside its header"});
        std::size_t at = header_size;
        const auto from = netbios::read(pdu.bytes, at);
        const auto to = from ? netbios::read(pdu.bytes, at) : std::nullopt;
        if (!from || !to) return tell.report({header_size, "a name that is none"});
        const auto announced = mail(pdu.bytes.subspan(at));
        const auto command = announced.empty() ? std::uint8_t{0}
                                               : std::to_integer<std::uint8_t>(announced[0]);
        const auto name = command_name(command);
        tell.operation({.function = {name.empty() ? datagram : command, name.empty() ? "datagram" : name},
                        .act = Act::report,
                        .phase = Phase::event,
                        .outcome = Outcome::done,
                        .object = {.space = "name", .text = to->view()}});
        if (from->of_machine()) tell.of_speaker(Attribute::name, from->view(), 80);
        if (command == host_announcement || command == master_announcement) announcement(announced, tell);
        if (command == domain_announcement) {
            Reader in{announced};
            in.take(6);
            tell.of_speaker(Attribute::domain, label(in.take(16)), 70);
        }
    }

private:
    /// The data of a transaction to the browser's mail slot; empty if it is none.
    static Bytes mail(Bytes message) noexcept {
        constexpr std::string_view slot = "\\MAILSLOT\\BROWSE";
        Reader in{message};
        if (in.u32() != 0xff534d42 || in.u8() != 0x25) return {};
        in.take(27);
        if (in.u8() < 17) return {};
        in.take(22);
        const auto size = in.u16le(), at = in.u16le();
        in.take(10);
        const auto name = as_text(in.take(slot.size()));
        if (!in.ok() || name != slot || at > message.size()) return {};
        return message.subspan(at, std::min<std::size_t>(size, message.size() - at));
    }

    /// [MS-BRWS] 2.2.1 and 2.2.6.
    static void announcement(Bytes data, const Tell& tell) noexcept {
        Reader in{data};
        in.take(6); // command, how often, period
        const auto name = in.take(16);
        const auto major = in.u8(), minor = in.u8();
        const auto kinds = in.u32le();
        in.take(4);
        if (!in.ok()) return tell.report({header_size, "an announcement ends inside itself"});
        tell.of_speaker(Attribute::name, label(name), 85);
        tell.of_speaker(Attribute::description, label(in.rest()), 75);
        if (kinds & 0x18) tell.of_speaker(Attribute::role_hint, "domain controller", 80);
        // Samba says that it is a Unix, and which Windows it stands for.
        if (kinds & 0x800) return tell.of_speaker(Attribute::application, "Samba", 70);
        TextRoom<24> text;
        if (major >= 4 && major <= 10)
            tell.of_speaker(Attribute::os,
                            text.add("Windows NT ").number(major).add('.').number(minor).view(), 60);
    }
};

} // namespace

extern constinit const Dissector nbdgm = row<Nbdgm>();

} // namespace yagura::dissect::protocols
