// DHCPv6: what stations of IPv6 call themselves, which hardware they have, and which address they were lent.
//
// From RFC 8415 clauses 8 and 9 (messages), 11 (DUIDs), 21 (options), 24; RFC 4704 (names), RFC 3646 (name
// servers), ITU and IANA registries named there.
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
using observe::Speaker;

struct Known {
    std::uint8_t type;
    std::string_view name;
    Act act;
    Phase phase;
};
constexpr Known types[]{{1, "solicit", Act::browse, Phase::request},
                        {2, "advertise", Act::browse, Phase::response},
                        {3, "request", Act::connect, Phase::request},
                        {4, "confirm", Act::connect, Phase::request},
                        {5, "renew", Act::connect, Phase::request},
                        {6, "rebind", Act::connect, Phase::request},
                        {7, "reply", Act::connect, Phase::response},
                        {8, "release", Act::disconnect, Phase::request},
                        {9, "decline", Act::disconnect, Phase::request},
                        {10, "reconfigure", Act::configure, Phase::event},
                        {11, "information request", Act::read, Phase::request},
                        {12, "relay forward", Act::unknown, Phase::event},
                        {13, "relay reply", Act::unknown, Phase::event}};
constexpr const Known* find_type(std::uint8_t type) noexcept {
    return type >= 1 && type <= std::size(types) ? &types[type - 1] : nullptr;
}
constexpr std::uint8_t reply = 7, relay_forward = 12, relay_reply = 13;
constexpr int nested_most = 4; ///< relays behind one another

namespace option {
constexpr std::uint16_t client = 1, server = 2, lease = 3, temporary = 4, address = 5, wanted = 6,
                        relayed = 9, status = 13, vendor_class = 16, name_servers = 23, domains = 24,
                        full_name = 39;
}

struct Option {
    std::uint16_t code = 0;
    Bytes value{};
};
class Options {
public:
    explicit Options(Bytes area) noexcept : in_{area} {}
    std::optional<Option> next() noexcept {
        if (in_.remaining() == 0) return std::nullopt;
        const auto code = in_.u16();
        const auto value = in_.take(in_.u16());
        if (!in_.ok()) return std::nullopt;
        return Option{code, value};
    }
    bool ok() const noexcept { return in_.ok(); }

private:
    Reader in_;
};

std::string_view status_name(std::uint32_t status) noexcept {
    constexpr std::string_view names[]{"success",         "failed",        "no addresses left",
                                       "no such lease",   "wrong network", "send to everybody",
                                       "no prefixes left"};
    return status < std::size(names) ? names[status] : std::string_view{};
}

/// RFC 1035 clause 3.1 without compression, up to its end or the first part alone.
template <std::size_t N>
void add_name(TextRoom<N>& to, Bytes bytes) noexcept {
    Reader in{bytes};
    for (int i = 0; i < 16 && in.remaining() != 0; ++i) {
        const auto part = in.take(in.u8());
        if (!in.ok() || part.empty()) return;
        if (i != 0) to.add('.');
        to.add(as_text(part));
    }
}

struct Dhcpv6 {
    static constexpr Over over[]{{"udp", 546}, {"udp", 547}};
    static constexpr Facts facts{
        .name = "dhcpv6",
        .title = "Dynamic Host Configuration Protocol (IPv6)",
        .specification = "RFC 8415, 4704, 3646",
        .over = over,
        .message_most = 1'500,
        .depth = Depth::acts,
        .status_name = status_name,
    };
    struct State {};

    static Recognition looks_like(const Opening& opening) noexcept {
        const auto bytes = latest(opening);
        Reader in{bytes};
        const auto* known = find_type(in.u8());
        if (!in.ok() || !known) return {};
        in.take(known->type >= relay_forward ? 33 : 3);
        if (!in.ok()) return {};
        Options options{in.rest()};
        std::size_t count = 0;
        while (const auto one = options.next()) {
            if (one->code == 0 || one->code > 300) return {};
            ++count;
        }
        if (!options.ok() || count == 0) return {};
        if (known->phase == Phase::event) return {Likeness::yes};
        return {Likeness::yes, known->phase == Phase::request ? Speaker::client : Speaker::server};
    }
    static Framing frame(Bytes unit) noexcept { return {.length = unit.size()}; }

    static void dissect(const Pdu& pdu, State&, Ways& ways) noexcept {
        const Tell tell{pdu, ways};
        auto bytes = pdu.bytes;
        bool relayed = false;
        for (int depth = 0; depth < nested_most; ++depth) {
            Reader in{bytes};
            const auto type = in.u8();
            if (!in.ok()) return tell.report({0, "message ends inside its head"});
            if (type != relay_forward && type != relay_reply) return message(bytes, relayed, tell);
            in.take(33); // hops, link and peer
            if (!in.ok()) return tell.report({1, "message ends inside its head"});
            Options options{in.rest()};
            Bytes inner;
            while (const auto one = options.next())
                if (one->code == option::relayed) inner = one->value;
            if (inner.empty()) return tell.report({34, "a relay's message without what it relays"});
            bytes = inner;
            relayed = true;
        }
        tell.report({0, "relays behind more relays than are read"});
    }

private:
    static void message(Bytes bytes, bool relayed, const Tell& tell) noexcept {
        Reader in{bytes};
        const auto type = in.u8();
        const std::uint32_t number = static_cast<std::uint32_t>(in.u8()) << 16 | in.u16();
        if (!in.ok()) return tell.report({0, "message ends inside its head"});
        const auto* known = find_type(type);
        if (!known) return tell.report({0, "a message that DHCPv6 does not have"});
        Options options{in.rest()};
        Bytes address, wanted, vendor, name, servers, domains;
        std::uint16_t status = 0;
        bool of_client = false, of_server = false;
        while (const auto one = options.next()) {
            Reader value{one->value};
            switch (one->code) {
            case option::client:
                of_client = true;
                break;
            case option::server:
                of_server = true;
                break;
            case option::lease:
            case option::temporary: {
                value.take(one->code == option::lease ? 12 : 4);
                Options leased{value.rest()};
                while (const auto inside = leased.next()) {
                    if (inside->code == option::address && inside->value.size() >= 24 && address.empty())
                        address = inside->value.first(16);
                    if (inside->code == option::status) status = Reader{inside->value}.u16();
                }
                break;
            }
            case option::wanted:
                wanted = one->value;
                break;
            case option::status:
                status = value.u16();
                break;
            case option::vendor_class:
                value.u32();
                vendor = value.take(value.u16());
                break;
            case option::name_servers:
                servers = one->value;
                break;
            case option::domains:
                domains = one->value;
                break;
            case option::full_name:
                value.u8();
                name = value.rest();
                break;
            default:
                break;
            }
        }
        observe::Station station;
        const bool answers = known->phase == Phase::response;
        TextRoom<48> text;
        observe::Operation said{.function = {type, known->name},
                                .act = known->act,
                                .phase = known->phase,
                                .outcome = known->phase == Phase::request ? Outcome::pending
                                           : status != 0                  ? Outcome::refused
                                                                          : Outcome::done,
                                .status = answers ? status : 0u,
                                .pair = number + 1};
        if (!address.empty()) {
            for (std::size_t i = 0; i < 16; ++i) station.ip[i] = std::to_integer<std::uint8_t>(address[i]);
            text.ip(station.ip);
            if (answers) said.object = {.space = "address", .text = text.view()};
        }
        tell.operation(said);
        if (!options.ok()) tell.report({4, "an option is longer than what is left"});
        // Identifiers are made of whichever card was there first, and copied with a machine's image: they do
        // not tell whose an address is.
        if (type == reply && status == 0 && !address.empty()) tell_servers(station, servers, domains, tell);
        if (answers && of_server && !relayed && of_client)
            tell.of_speaker(Attribute::role_hint, "dhcp server", 80);
        if (known->phase != Phase::request || relayed) return;
        TextRoom<192> called;
        add_name(called, name);
        tell.of_speaker(Attribute::name, called.view(), 80);
        fingerprints(wanted, vendor, tell);
    }

    static void tell_servers(const observe::Station& station, Bytes servers, Bytes domains,
                             const Tell& tell) noexcept {
        for (Reader in{servers}; in.remaining() >= 16;) {
            observe::Ip ip{};
            const auto one = in.take(16);
            for (std::size_t i = 0; i < ip.size(); ++i) ip[i] = std::to_integer<std::uint8_t>(one[i]);
            TextRoom<48> text;
            tell.of(station, Attribute::name_server, text.ip(ip).view(), 80);
        }
        TextRoom<192> text;
        add_name(text, domains);
        tell.of(station, Attribute::domain, text.view(), 75);
    }

    static void fingerprints(Bytes wanted, Bytes vendor, const Tell& tell) noexcept {
        TextRoom<120> text;
        if (!wanted.empty()) {
            text.add("dhcpv6 ");
            Reader in{wanted};
            for (bool first = true; in.remaining() >= 2; first = false) {
                if (!first) text.add(',');
                text.number(in.u16());
            }
            tell.of_speaker(Attribute::fingerprint, text.view(), 60);
        }
        if (vendor.empty()) return;
        text.clear();
        text.add("dhcpv6-class ").add(as_text(vendor));
        tell.of_speaker(Attribute::fingerprint, text.view(), 60);
    }
};

} // namespace

extern constinit const Dissector dhcpv6 = row<Dhcpv6>();

} // namespace yagura::dissect::protocols
