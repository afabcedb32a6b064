// mDNS and DNS-SD: what a device calls itself, at which addresses it is, and what it offers.
//
// From RFC 6762 (clauses 5, 6, 10, 18) and RFC 6763 (clauses 4, 6, 9: instances, TXT keys, the list of
// service types).
#include "spine/dissect/protocols/dns/message.h"

namespace yagura::dissect::protocols {
namespace {

using observe::Attribute;
namespace wire = yagura::wire::dns;

constexpr char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }
constexpr bool same(std::string_view a, std::string_view b) noexcept {
    return a.size() == b.size() &&
           std::ranges::equal(a, b, [](char x, char y) { return lower(x) == lower(y); });
}

/// Keys of TXT records that tell what a thing is: Bonjour's device info and printing, HomeKit, cast,
/// and what makers of industrial gear write there.
struct Key {
    std::string_view key;
    Attribute attribute;
    std::uint8_t confidence;
};
constexpr std::array keys{
    Key{"model", Attribute::product, 85},       Key{"md", Attribute::product, 85},
    Key{"ty", Attribute::product, 85},          Key{"product", Attribute::product, 75},
    Key{"usb_MDL", Attribute::product, 80},     Key{"usb_MFG", Attribute::vendor, 85},
    Key{"mfg", Attribute::vendor, 85},          Key{"manufacturer", Attribute::vendor, 85},
    Key{"vendor", Attribute::vendor, 85},       Key{"fv", Attribute::firmware, 80},
    Key{"fw", Attribute::firmware, 80},         Key{"firmware", Attribute::firmware, 80},
    Key{"sn", Attribute::serial, 85},           Key{"serial", Attribute::serial, 85},
    Key{"serialNumber", Attribute::serial, 85}, Key{"fn", Attribute::name, 60},
};

/// "_ipp._tcp" of "Printer 2._ipp._tcp.local" or of "_ipp._tcp.local"; empty if there is none.
constexpr std::string_view service_of(std::string_view name) noexcept {
    for (const std::string_view protocol : {"._tcp.", "._udp."}) {
        const auto at = name.rfind(protocol);
        if (at == name.npos) continue;
        const auto before = name.substr(0, at);
        const auto dot = before.rfind('.');
        const auto begin = dot == before.npos ? 0 : dot + 1;
        if (begin >= before.size() || before[begin] != '_') return {};
        return name.substr(begin, at + protocol.size() - 1 - begin);
    }
    return {};
}

struct Mdns {
    static constexpr Over over[]{{"udp", 5353}};
    static constexpr Facts facts{
        .name = "mdns",
        .title = "Multicast DNS and DNS service discovery",
        .specification = "RFC 6762, 6763",
        .over = over,
        .message_most = 9'000,
    };
    struct State {};
    static Recognition looks_like(const Opening& opening) noexcept {
        return dns_family::looks_like(opening, dns_family::Flavour::multicast);
    }
    static Framing frame(Bytes message) noexcept { return {.length = message.size()}; }
    static void dissect(const Pdu& pdu, State&, Ways& ways) noexcept {
        if (!dns_family::say(pdu, ways, dns_family::Flavour::multicast)) return;
        wire::Walk walk{pdu.bytes};
        // What stands in a question's answers is what the asker has heard from others (clause 7.1).
        if (!walk.ok() || !walk.header().response() || walk.header().code()) return;
        wire::NameText host;
        find_own_name(pdu, host);
        Telling tell{pdu, ways};
        wire::Record record;
        wire::NameText text;
        while (tell.left && walk.next(record))
            if (record.lives) one(pdu, record, host.view(), text, tell); // 0: a farewell.
    }

private:
    static const observe::Station& self(const Pdu& pdu) noexcept {
        return pdu.origin.speaker == observe::Speaker::client ? pdu.origin.parties.client
                                                              : pdu.origin.parties.server;
    }

    struct Telling {
        const Pdu& pdu;
        Ways& ways;
        unsigned left = 64; ///< facts of one message
        void say(observe::Identity identity) noexcept {
            if (left == 0) return;
            --left;
            identity.protocol = pdu.protocol;
            ways.say().on(pdu.origin, identity);
        }
        void say(Attribute attribute, std::string_view value, std::uint8_t confidence) noexcept {
            if (!value.empty())
                say({.subject = observe::Subject::speaker,
                     .attribute = attribute,
                     .value = value,
                     .confidence = confidence});
        }
    };

    /// The host whose address is the speaker's: a proxy or reflector speaks for others and has none.
    static void find_own_name(const Pdu& pdu, wire::NameText& host) noexcept {
        TextRoom<48> own;
        own.ip(self(pdu).ip);
        wire::Walk walk{pdu.bytes};
        wire::Record record;
        wire::NameText text;
        while (walk.next(record)) {
            if (record.type != wire::type::a && record.type != wire::type::aaaa) continue;
            if (record.lives == 0 || wire::data_text(pdu.bytes, record, text) != own.view()) continue;
            host.add(record.name.view());
            return;
        }
    }

    static std::string_view without_local(std::string_view name) noexcept {
        constexpr std::string_view local = ".local";
        return name.size() > local.size() && same(name.substr(name.size() - local.size()), local)
                   ? name.substr(0, name.size() - local.size())
                   : name;
    }

    static void one(const Pdu& pdu, const wire::Record& record, std::string_view host, wire::NameText& text,
                    Telling& tell) noexcept {
        switch (record.type) {
        case wire::type::a:
        case wire::type::aaaa:
            return address(pdu, record, host, tell);
        case wire::type::ptr: {
            const auto service = service_of(record.name.view());
            if (service == "_dns-sd._udp") // Clause 9 of RFC 6763: a list of types.
                return tell.say(Attribute::service, service_of(wire::data_text(pdu.bytes, record, text)), 80);
            return tell.say(Attribute::service, service, 80);
        }
        case wire::type::srv:
            return tell.say(Attribute::service, service_of(record.name.view()), 85);
        case wire::type::hinfo: {
            Reader in{record.data};
            const auto hardware = in.take(in.u8()), os = in.take(in.u8());
            if (!in.ok()) return;
            tell.say(Attribute::hardware, label(hardware), 70);
            return tell.say(Attribute::os, label(os), 80);
        }
        case wire::type::txt:
            return properties(record.data, tell);
        default:
            return;
        }
    }

    static void address(const Pdu& pdu, const wire::Record& record, std::string_view host,
                        Telling& tell) noexcept {
        const auto size = record.data.size();
        if (size != (record.type == wire::type::a ? 4u : 16u)) return;
        observe::Ip ip{};
        if (size == 4) ip[10] = ip[11] = 0xff;
        for (std::size_t i = 0; i < size; ++i)
            ip[16 - size + i] = std::to_integer<std::uint8_t>(record.data[i]);
        const auto name = without_local(record.name.view());
        if (ip == self(pdu).ip) return tell.say(Attribute::name, name, 90);
        if (!host.empty() && same(record.name.view(), host)) {
            // Clause 10.2: all addresses of one name that its owner tells are the owner's.
            if (!self(pdu).has_mac()) return;
            TextRoom<48> room;
            return tell.say({.subject = observe::Subject::third,
                             .third = {.ip = ip, .mac = self(pdu).mac},
                             .attribute = Attribute::ip,
                             .value = room.ip(ip).view(),
                             .confidence = 85});
        }
        tell.say({.subject = observe::Subject::third,
                  .third = {.ip = ip},
                  .attribute = Attribute::name,
                  .value = name,
                  .confidence = 60});
    }

    /// RFC 6763 clause 6.3: strings of "key=value".
    static void properties(Bytes data, Telling& tell) noexcept {
        Reader in{data};
        while (in.remaining()) {
            const auto pair = in.take(in.u8());
            if (!in.ok()) return;
            const auto text = as_text(pair);
            const auto equals = text.find('=');
            if (equals == text.npos) continue;
            for (const auto& known : keys) {
                if (!same(text.substr(0, equals), known.key)) continue;
                auto value = label(pair.subspan(equals + 1));
                if (value.size() > 2 && value.front() == '(' && value.back() == ')')
                    value = value.substr(1, value.size() - 2); // Printers write PostScript's product so.
                tell.say(known.attribute, value, known.confidence);
            }
        }
    }
};

} // namespace

extern constinit const Dissector mdns = row<Mdns>();

} // namespace yagura::dissect::protocols
