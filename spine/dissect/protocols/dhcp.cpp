// DHCPv4 and BOOTP: who asks for an address, who gives which, and what both tell about themselves.
//
// From RFC 951 (BOOTP), RFC 2131 (clauses 2 to 4), RFC 2132 (options), RFC 3046 (relay agents), RFC 4702
// (client FQDN), RFC 4388 and 7724 (lease query types).
#include <array>

#include "spine/base/text_room.h"
#include "spine/dissect/dissector.h"
#include "spine/wire/dhcp.h"

namespace yagura::dissect::protocols {
namespace {

using observe::Act;
using observe::Attribute;
using observe::Outcome;
using observe::Phase;
using observe::Speaker;
using observe::Subject;
namespace wire = yagura::wire::dhcp;
namespace option = yagura::wire::dhcp::option;

constexpr std::uint8_t boot_request = 1, boot_reply = 2;
constexpr std::uint8_t ethernet = 1;
/// A message without option 53: BOOTP, or DHCP cut before it told its type. docs/protocols/dhcp.md.
constexpr std::uint32_t without_type = 0x100;

struct Known {
    std::uint32_t code;
    std::string_view name;
    Act act;
    Phase phase;
    Outcome outcome = Outcome::done;
};
constexpr std::array types{
    Known{1, "discover", Act::browse, Phase::request, Outcome::pending},
    Known{2, "offer", Act::browse, Phase::response},
    Known{3, "request", Act::connect, Phase::request, Outcome::pending},
    Known{4, "decline", Act::disconnect, Phase::event},
    Known{5, "ack", Act::connect, Phase::response},
    Known{6, "nak", Act::connect, Phase::response, Outcome::refused},
    Known{7, "release", Act::disconnect, Phase::event},
    Known{8, "inform", Act::read, Phase::request, Outcome::pending},
    Known{9, "force renew", Act::configure, Phase::event},
    Known{10, "lease query", Act::browse, Phase::request, Outcome::pending},
    Known{11, "lease unassigned", Act::browse, Phase::response},
    Known{12, "lease unknown", Act::browse, Phase::response},
    Known{13, "lease active", Act::browse, Phase::response},
    Known{14, "bulk lease query", Act::browse, Phase::request, Outcome::pending},
    Known{15, "lease query done", Act::browse, Phase::response},
    Known{16, "active lease query", Act::browse, Phase::request, Outcome::pending},
    Known{17, "lease query status", Act::browse, Phase::response},
    Known{18, "tls", Act::unknown, Phase::event},
    Known{without_type | boot_request, "boot request", Act::connect, Phase::request, Outcome::pending},
    Known{without_type | boot_reply, "boot reply", Act::connect, Phase::response},
};
constexpr Known unknown{0, "unknown message", Act::unknown, Phase::event};

constexpr const Known& find_type(std::uint32_t code) noexcept {
    for (const auto& known : types)
        if (known.code == code) return known;
    return unknown;
}

constexpr observe::Ip mapped(const wire::Four& four) noexcept {
    if (four == wire::Four{}) return {};
    return {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, four[0], four[1], four[2], four[3]};
}
constexpr wire::Four four(Bytes bytes) noexcept { return wire::detail::four(bytes); }

struct Dhcp {
    static constexpr Over over[]{{"udp", 67}, {"udp", 68}};
    static constexpr Facts facts{
        .name = "dhcp",
        .title = "Dynamic Host Configuration Protocol (IPv4) and BOOTP",
        .specification = "RFC 951, 2131, 2132, 3046, 3396, 4702",
        .over = over,
        .message_most = 1500,
    };
    struct State {};

    static Recognition looks_like(const Opening& opening) noexcept {
        const auto message = wire::read(opening.latest == Speaker::client ? opening.client : opening.server);
        const bool known = message.op == boot_request || message.op == boot_reply;
        if (!known || message.hardware_size > 16) return {Likeness::no};
        if (!message.ok) return {Likeness::maybe};
        return {message.has_cookie ? Likeness::yes : Likeness::maybe,
                message.op == boot_request ? Speaker::client : Speaker::server};
    }
    static Framing frame(Bytes datagram) noexcept { return {.length = datagram.size()}; }

    static void dissect(const Pdu& pdu, State&, Ways& ways) noexcept {
        if (pdu.bytes.empty()) return report(pdu, ways, {0, "message ends before its operation"});
        const auto message = wire::read(pdu.bytes);
        const auto areas = wire::areas(message);
        std::array<std::byte, 512> room;
        std::uint32_t code = without_type | message.op;
        if (const auto type = wire::value(areas, option::message_type, room); type && type->size() == 1)
            code = std::to_integer<std::uint8_t>((*type)[0]);

        const auto& known = find_type(code);
        // What an unknown type means is told by op alone.
        const auto phase = known.code                   ? known.phase
                           : message.op == boot_request ? Phase::request
                           : message.op == boot_reply   ? Phase::response
                                                        : Phase::event;
        observe::Operation operation{
            .protocol = pdu.protocol,
            .function = {code, known.name},
            .act = known.act,
            .phase = phase,
            .outcome = known.code                ? known.outcome
                       : phase == Phase::request ? Outcome::pending
                                                 : Outcome::done,
            .pair = phase == Phase::event ? 0 : message.transaction,
        };
        TextRoom<64> text;
        if (message.ok) operation.object = about(message, areas, text);
        ways.say().on(pdu.origin, operation);

        if (message.op != boot_request && message.op != boot_reply)
            return report(pdu, ways, {0, "operation is neither request nor reply"});
        if (!message.ok) return report(pdu, ways, {1, "message ends inside its fixed part"});
        if (message.hardware_size > 16)
            return report(pdu, ways, {2, "hardware address is longer than its field"});
        if (message.op == boot_request)
            client_tells(pdu, message, areas, ways);
        else
            server_tells(pdu, message, areas, code, ways);
        check(pdu, message, areas, ways);
    }

private:
    using Areas = std::array<Bytes, 3>;
    using Room = std::array<std::byte, 512>; ///< for an option that came in pieces

    /// The address that the message is about: given, asked for, or had already.
    static observe::Object about(const wire::Message& message, const Areas& areas,
                                 TextRoom<64>& text) noexcept {
        Room room;
        auto address = mapped(message.yours);
        if (address == observe::Ip{})
            if (const auto asked = wire::value(areas, option::requested_address, room);
                asked && asked->size() == 4)
                address = mapped(four(*asked));
        if (address == observe::Ip{}) address = mapped(message.client);
        if (address == observe::Ip{}) return {};
        return {.space = "address", .text = text.ip(address).view()};
    }

    static observe::Mac mac(const wire::Message& message) noexcept {
        observe::Mac out{};
        if (message.hardware == ethernet && message.hardware_size == out.size())
            for (std::size_t i = 0; i < out.size(); ++i)
                out[i] = std::to_integer<std::uint8_t>(message.hardware_address[i]);
        return out[0] & 1 ? observe::Mac{} : out;
    }

    struct Telling {
        const Pdu& pdu;
        Ways& ways;
        observe::Station whom{};
        std::uint8_t confidence = 100;
        void say(Attribute attribute, std::string_view value) const noexcept {
            if (value.empty() || (!whom.has_ip() && !whom.has_mac())) return;
            ways.say().on(pdu.origin, observe::Identity{.protocol = pdu.protocol,
                                                        .subject = Subject::third,
                                                        .third = whom,
                                                        .attribute = attribute,
                                                        .value = value,
                                                        .confidence = confidence});
        }
    };

    /// What stands in a client's message is about the owner of the hardware address, not about who sent
    /// the frame: a relay may have passed it on.
    static void client_tells(const Pdu& pdu, const wire::Message& message, const Areas& areas,
                             Ways& ways) noexcept {
        Room room;
        const Telling tell{pdu, ways, {.ip = mapped(message.client), .mac = mac(message)}, 90};
        TextRoom<48> address;
        if (tell.whom.has_ip() && tell.whom.has_mac())
            tell.say(Attribute::ip, address.ip(tell.whom.ip).view());
        if (const auto name = wire::value(areas, option::host_name, room))
            tell.say(Attribute::name, label(*name));
        if (const auto name = wire::value(areas, option::client_name, room)) {
            TextRoom<256> text;
            tell.say(Attribute::name, full_name(*name, text));
        }
        TextRoom<640> print;
        if (const auto asked = wire::value(areas, option::parameters, room); asked && !asked->empty()) {
            print.add("dhcp ");
            for (std::size_t i = 0; i < asked->size(); ++i) {
                if (i) print.add(',');
                print.number(std::to_integer<unsigned>((*asked)[i]));
            }
            tell.say(Attribute::fingerprint, print.view());
        }
        if (const auto vendor = wire::value(areas, option::vendor_class, room);
            vendor && !label(*vendor).empty()) {
            print.clear();
            tell.say(Attribute::fingerprint, print.add("dhcp-class ").add(label(*vendor)).view());
        }
        if (const auto id = wire::value(areas, option::client_id, room)) {
            // Type 1 and the hardware address say nothing that the message has not said.
            const auto own = message.hardware_address.first(message.hardware_size);
            const bool known = id->size() == own.size() + 1 && std::ranges::equal(id->subspan(1), own);
            if (!known && id->size() > 1) {
                print.clear();
                tell.say(
                    Attribute::fingerprint,
                    print.add("dhcp-client ").hex(id->first(std::min<std::size_t>(id->size(), 64))).view());
            }
        }
        relay(pdu, message, ways);
    }

    static void server_tells(const Pdu& pdu, const wire::Message& message, const Areas& areas,
                             std::uint32_t code, Ways& ways) noexcept {
        Room room;
        TextRoom<320> text;
        const Telling tell{pdu, ways, {.ip = mapped(message.yours), .mac = mac(message)}, 95};
        // An offer is not yet a lease: others may have offered too.
        if ((code == 5 || code == (without_type | boot_reply)) && tell.whom.has_ip()) {
            if (tell.whom.has_mac()) tell.say(Attribute::ip, text.ip(tell.whom.ip).view());
            if (const auto name = wire::value(areas, option::host_name, room))
                tell.say(Attribute::name, label(*name));
            addresses(tell, Attribute::netmask, wire::value(areas, option::subnet_mask, room), 1);
            addresses(tell, Attribute::gateway, wire::value(areas, option::routers, room), 4);
            addresses(tell, Attribute::name_server, wire::value(areas, option::name_servers, room), 4);
            if (const auto domain = wire::value(areas, option::domain_name, room))
                tell.say(Attribute::domain, label(*domain));
        }
        if (const auto id = wire::value(areas, option::server_id, room); id && id->size() == 4) {
            const Telling server{pdu, ways, {.ip = mapped(four(*id)), .mac = {}}, 95};
            server.say(Attribute::role_hint, "dhcp server");
        }
        relay(pdu, message, ways);
    }

    static void addresses(const Telling& tell, Attribute attribute, std::optional<Bytes> list,
                          std::size_t most) noexcept {
        if (!list) return;
        for (std::size_t i = 0; i < most && (i + 1) * 4 <= list->size(); ++i) {
            TextRoom<48> text;
            const auto address = mapped(four(list->subspan(i * 4, 4)));
            if (address != observe::Ip{}) tell.say(attribute, text.ip(address).view());
        }
    }

    static void relay(const Pdu& pdu, const wire::Message& message, Ways& ways) noexcept {
        const Telling tell{pdu, ways, {.ip = mapped(message.relay), .mac = {}}, 90};
        tell.say(Attribute::role_hint, "dhcp relay");
    }

    /// RFC 4702 clause 2: flags, two dead bytes, then the name: as DNS writes it if bit E is set.
    static std::string_view full_name(Bytes value, TextRoom<256>& text) noexcept {
        Reader in{value};
        const auto flags = in.u8();
        in.take(2);
        if (!in.ok()) return {};
        if (!(flags & 4)) return label(in.rest());
        while (in.remaining()) {
            const auto size = in.u8();
            const auto piece = in.take(size);
            if (!in.ok() || size == 0 || size > 63) break;
            if (!text.view().empty()) text.add('.');
            text.add(as_text(piece));
        }
        return text.view();
    }

    static void check(const Pdu& pdu, const wire::Message& message, const Areas& areas, Ways& ways) noexcept {
        if (!message.has_cookie) return;
        for (std::size_t i = 0; i < areas.size(); ++i) {
            wire::Options walk{areas[i]};
            while (walk.next()) {
            }
            if (!walk.ok())
                return report(pdu, ways, {wire::fixed_size, "an option is longer than what is left"});
            if (i == 0 && !walk.ended())
                return report(pdu, ways, {wire::fixed_size, "options end without an end option"});
        }
    }

    static void report(const Pdu& pdu, Ways& ways, Malformed detail) noexcept {
        ways.say().on(pdu.origin, observe::Anomaly{pdu.protocol, detail});
    }
};

} // namespace

extern constinit const Dissector dhcp = row<Dhcp>();

} // namespace yagura::dissect::protocols
