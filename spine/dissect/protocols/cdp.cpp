// CDP: what Cisco's gear, and much that is built like it, says of itself to whoever is at the other end of
// the cable.
//
// From Cisco's published description of the frame ("Frame Formats", LAN Switching, chapter "Cisco Discovery
// Protocol": SNAP 00-00-0C/0x2000, version, time to live, checksum, type-length-value fields).
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

constexpr std::size_t snap = 5, fields_most = 64;

enum Type : std::uint16_t {
    device_id = 1,
    addresses = 2,
    port_id = 3,
    capabilities = 4,
    version = 5,
    platform = 6,
    domain = 9,
    system_name = 0x14,
    management_addresses = 0x16,
    location = 0x17,
};

struct Capability {
    std::uint32_t bit;
    std::string_view name;
};
/// In the words of LLDP.
constexpr std::array capability_names{Capability{0x01, "router"},   Capability{0x02, "bridge"},
                                      Capability{0x04, "bridge"},   Capability{0x08, "bridge"},
                                      Capability{0x10, "station"},  Capability{0x40, "repeater"},
                                      Capability{0x80, "telephone"}};

struct Cdp {
    /// 0x100 + 0xaa: SNAP with an organisation; the payload begins at the organisation.
    static constexpr Over over[]{{"ethernet", 0x1aa}};
    static constexpr Mark marks[]{{0, 0xffffffff, 0x00000c20}};
    static constexpr Facts facts{
        .name = "cdp",
        .title = "Cisco Discovery Protocol",
        .specification = "Cisco, Frame Formats: Cisco Discovery Protocol, versions 1 and 2",
        .over = over,
        .marks = marks,
        .message_most = 1'500,
        .depth = Depth::acts,
    };
    struct State {};

    static Recognition looks_like(const Opening& opening) noexcept {
        Reader in{latest(opening)};
        in.take(3);
        const auto kind = in.u16();
        const auto said_version = in.u8();
        return {in.ok() && kind == 0x2000 && (said_version == 1 || said_version == 2) ? Likeness::yes
                                                                                      : Likeness::no};
    }
    static Framing frame(Bytes unit) noexcept { return {.length = unit.size()}; }

    static void dissect(const Pdu& pdu, State&, Ways& ways) noexcept {
        const Tell tell{pdu, ways};
        Reader in{pdu.bytes};
        in.take(snap + 1);
        const auto lives = in.u8();
        in.u16();
        if (!in.ok()) return tell.report({0, "frame ends inside its header"});
        std::string_view name, port;
        for (auto walk = in; const auto field = next(walk);) {
            if (field->type == port_id) port = label(field->value);
            if (field->type == device_id) name = label(field->value);
        }
        observe::Operation said{.function = {0, "advertisement"},
                                .act = lives == 0 ? Act::disconnect : Act::report,
                                .phase = Phase::event,
                                .outcome = Outcome::done};
        if (!port.empty()) said.object = {.space = "port", .text = port};
        tell.operation(said);
        for (std::size_t i = 0; i < fields_most; ++i) {
            const auto field = next(in);
            if (!field) break;
            one(*field, tell);
        }
        if (!in.ok() || in.remaining() >= 4)
            tell.report(Malformed{0, "a field is longer than what is left"}.shifted(
                static_cast<std::uint32_t>(in.position())));
        if (!name.empty() || !port.empty())
            ways.say().on(pdu.origin, observe::Neighbour{.protocol = pdu.protocol,
                                                         .far = tell.speaker(),
                                                         .far_port = port,
                                                         .far_name = name});
    }

private:
    struct Field {
        std::uint16_t type;
        Bytes value;
    };
    /// Lengths count their own four bytes. Padding behind the last one is none.
    static std::optional<Field> next(Reader& in) noexcept {
        if (in.remaining() < 4) return std::nullopt;
        auto ahead = in;
        const auto type = ahead.u16(), size = ahead.u16();
        if (type == 0 && size == 0) { // Frames are filled up with zeros.
            in.rest();
            return std::nullopt;
        }
        if (size < 4) return std::nullopt;
        const auto value = ahead.take(size - 4u);
        if (!ahead.ok()) return std::nullopt;
        in = ahead;
        return Field{type, value};
    }

    static void one(const Field& field, const Tell& tell) noexcept {
        switch (field.type) {
        case device_id:
            return tell.of_speaker(Attribute::name, label(field.value), 90);
        case system_name:
            return tell.of_speaker(Attribute::name, label(field.value), 90);
        case port_id:
            return tell.of_speaker(Attribute::port_name, label(field.value), 90);
        case version:
            return tell.of_speaker(Attribute::description, trimmed(label(field.value)), 90);
        case platform:
            return tell.of_speaker(Attribute::product, label(field.value), 90);
        case domain:
            return tell.of_speaker(Attribute::domain, label(field.value), 60);
        case location:
            if (field.value.size() > 1)
                tell.of_speaker(Attribute::location, label(field.value.subspan(1)), 85);
            return;
        case capabilities: {
            Reader in{field.value};
            const auto bits = in.u32();
            std::string_view before;
            for (const auto& one : capability_names) {
                if (!(bits & one.bit) || one.name == before) continue;
                tell.of_speaker(Attribute::capability, one.name, 90);
                before = one.name;
            }
            return;
        }
        case addresses:
        case management_addresses:
            return own_addresses(field.value, tell);
        default:
            return;
        }
    }

    /// How many, then each with its protocol: 0xcc is IPv4, the eight bytes of 802.2 and 0x86dd IPv6.
    static void own_addresses(Bytes value, const Tell& tell) noexcept {
        Reader in{value};
        const auto count = in.u32();
        for (std::uint32_t i = 0; i < count && i < 16; ++i) {
            in.u8();
            const auto protocol = in.take(in.u8());
            const auto address = in.take(in.u16());
            if (!in.ok()) return;
            observe::Ip ip{};
            if (protocol.size() == 1 && protocol[0] == std::byte{0xcc} && address.size() == 4)
                ip[10] = ip[11] = 0xff;
            else if (protocol.size() != 8 || address.size() != 16)
                continue;
            for (std::size_t k = 0; k < address.size(); ++k)
                ip[16 - address.size() + k] = std::to_integer<std::uint8_t>(address[k]);
            TextRoom<48> text;
            if (std::ranges::any_of(address, [](std::byte b) { return b != std::byte{0}; }))
                tell.of({.ip = ip, .mac = tell.speaker().mac}, Attribute::ip, text.ip(ip).view(), 95);
        }
    }
};

} // namespace

extern constinit const Dissector cdp = row<Cdp>();

} // namespace yagura::dissect::protocols
