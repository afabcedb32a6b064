// LLDP: what a switch, a controller or a telephone says about itself to whoever is at the other end of
// the cable.
//
// From IEEE Std 802.1AB-2016 clauses 8 and 9 (LLDPDU and basic TLVs), Annex D of 802.1Q and Annex of
// 802.3 (organizationally specific TLVs; structure only), ANSI/TIA-1057 (LLDP-MED inventory) and IEC
// 61158-6-10 clause 4 (PROFINET's TLVs).
#include <array>

#include "spine/base/text_room.h"
#include "spine/dissect/dissector.h"

namespace yagura::dissect::protocols {
namespace {

using observe::Attribute;

enum Type : std::uint8_t {
    end_of_lldpdu = 0,
    chassis_id = 1,
    port_id = 2,
    time_to_live = 3,
    port_description = 4,
    system_name = 5,
    system_description = 6,
    capabilities = 7,
    management_address = 8,
    organization = 127,
};
constexpr std::uint32_t tia = 0x0012bb, profinet = 0x000ecf;

/// Table 8-4 of 802.1AB; bit 0 is "other".
constexpr std::array<std::string_view, 11> capability_names{
    "other",   "repeater",      "bridge",       "access point",  "router", "telephone", "docsis cable device",
    "station", "customer vlan", "service vlan", "two-port relay"};

struct Tlv {
    std::uint8_t type = 0;
    Bytes value{};
    std::uint32_t at = 0;
};

/// One after the other until the end TLV, the last byte or what does not fit.
class Tlvs {
public:
    explicit Tlvs(Bytes bytes) noexcept : in_{bytes} {}
    std::optional<Tlv> next() noexcept {
        if (in_.remaining() == 0) return std::nullopt;
        const auto at = static_cast<std::uint32_t>(in_.position());
        const auto head = in_.u16();
        const auto value = in_.take(head & 0x1ffu);
        if (!in_.ok()) return std::nullopt;
        const Tlv found{static_cast<std::uint8_t>(head >> 9), value, at};
        if (found.type == end_of_lldpdu) {
            ended_ = true;
            return std::nullopt;
        }
        return found;
    }
    bool ok() const noexcept { return in_.ok(); }
    bool ended() const noexcept { return ended_; }
    std::uint32_t position() const noexcept { return static_cast<std::uint32_t>(in_.position()); }

private:
    Reader in_;
    bool ended_ = false;
};

observe::Mac mac(Bytes bytes) noexcept {
    observe::Mac out{};
    if (bytes.size() >= out.size())
        for (std::size_t i = 0; i < out.size(); ++i) out[i] = std::to_integer<std::uint8_t>(bytes[i]);
    return out;
}

/// An address behind its family: 1 IPv4, 2 IPv6 (IANA address family numbers).
observe::Ip address(std::uint8_t family, Bytes bytes) noexcept {
    observe::Ip out{};
    if (family == 1 && bytes.size() == 4) {
        out[10] = out[11] = 0xff;
        for (std::size_t i = 0; i < 4; ++i) out[12 + i] = std::to_integer<std::uint8_t>(bytes[i]);
    } else if (family == 2 && bytes.size() == 16) {
        for (std::size_t i = 0; i < 16; ++i) out[i] = std::to_integer<std::uint8_t>(bytes[i]);
    }
    return out;
}

bool printable(Bytes bytes) noexcept {
    for (const auto byte : bytes)
        if (std::to_integer<unsigned>(byte) < 0x20 || byte == std::byte{0x7f}) return false;
    return true;
}

struct Lldp {
    static constexpr Over over[]{{"ethernet", 0x88cc}};
    static constexpr Facts facts{
        .name = "lldp",
        .title = "Link Layer Discovery Protocol",
        .specification = "IEEE 802.1AB-2016; ANSI/TIA-1057; IEC 61158-6-10",
        .over = over,
        .message_most = 1500,
    };
    struct State {};

    static Recognition looks_like(const Opening& opening) noexcept {
        Tlvs walk{opening.latest == observe::Speaker::client ? opening.client : opening.server};
        const auto first = walk.next(), second = walk.next(), third = walk.next();
        const bool mandatory = first && first->type == chassis_id && second && second->type == port_id &&
                               third && third->type == time_to_live;
        return {mandatory ? Likeness::yes : Likeness::maybe};
    }
    static Framing frame(Bytes unit) noexcept { return {.length = unit.size()}; }

    static void dissect(const Pdu& pdu, State&, Ways& ways) noexcept {
        Telling tell{pdu, ways};
        TextRoom<544> chassis, port;
        observe::Station far = speaker(pdu);
        std::string_view name;
        std::optional<std::uint16_t> lives;
        Tlvs first{pdu.bytes};
        for (std::uint8_t expected = chassis_id; expected <= time_to_live; ++expected) {
            const auto found = first.next();
            if (!found || found->type != expected) break;
            Reader in{found->value};
            if (expected == time_to_live) {
                const auto seconds = in.u16();
                if (in.ok()) lives = seconds;
                continue;
            }
            const auto subtype = in.u8();
            const auto id = in.rest();
            if (!in.ok()) break;
            // Subtypes differ by one: chassis 4 and port 3 are MACs, chassis 5 and port 4 addresses.
            const auto kind = static_cast<std::uint8_t>(expected == chassis_id ? subtype : subtype + 1);
            name_of_id(kind, id, expected == chassis_id ? chassis : port);
            if (expected == chassis_id && kind == 4 && id.size() == 6 &&
                !(std::to_integer<unsigned>(id[0]) & 1))
                far.mac = mac(id);
        }
        observe::Operation operation{
            .protocol = pdu.protocol,
            .function = {0, "advertisement"}, // The format has no functions.
            .act = lives == 0 ? observe::Act::disconnect : observe::Act::report,
            .phase = observe::Phase::event,
            .outcome = observe::Outcome::done,
        };
        if (!port.view().empty()) operation.object = {.space = "port", .text = port.view()};
        if (!pdu.bytes.empty()) ways.say().on(pdu.origin, operation);
        if (far.has_mac() && far.mac != speaker(pdu).mac) {
            TextRoom<20> text;
            tell.say(Attribute::mac, text.mac(far.mac).view());
        } else if (chassis_is_name(pdu.bytes)) {
            // PROFINET writes product, order number, serial and versions there, in columns: no name.
            tell.say(chassis.view().find(' ') == std::string_view::npos ? Attribute::name
                                                                        : Attribute::description,
                     chassis.view(), 80);
        }
        tell.say(Attribute::port_name, port.view());

        Tlvs walk{pdu.bytes};
        while (const auto tlv = walk.next()) {
            if (tlv->type == system_name) name = label(tlv->value);
            one(*tlv, far, tell);
        }
        if (!port.view().empty() || !name.empty())
            ways.say().on(pdu.origin, observe::Neighbour{.protocol = pdu.protocol,
                                                         .far = far,
                                                         .far_port = port.view(),
                                                         .far_name = name});
        if (!lives) return report(pdu, ways, {0, "chassis, port and time to live do not come first"});
        if (!walk.ok())
            return report(pdu, ways,
                          Malformed{0, "a TLV is longer than what is left"}.shifted(walk.position()));
        // 802.1AB allows padding, not a missing end; bytes cut off look like one.
        if (!walk.ended()) report(pdu, ways, Malformed{0, "there is no end TLV"}.shifted(walk.position()));
    }

private:
    static const observe::Station& speaker(const Pdu& pdu) noexcept {
        return pdu.origin.speaker == observe::Speaker::client ? pdu.origin.parties.client
                                                              : pdu.origin.parties.server;
    }

    struct Telling {
        const Pdu& pdu;
        Ways& ways;
        void say(Attribute attribute, std::string_view value, std::uint8_t confidence = 95) const noexcept {
            if (value.empty()) return;
            ways.say().on(pdu.origin, observe::Identity{.protocol = pdu.protocol,
                                                        .subject = observe::Subject::speaker,
                                                        .attribute = attribute,
                                                        .value = value,
                                                        .confidence = confidence});
        }
        void complain(const Tlv& tlv) const noexcept {
            report(pdu, ways, Malformed{0, "a TLV is shorter than its own fields"}.shifted(tlv.at));
        }
    };

    static bool chassis_is_name(Bytes unit) noexcept {
        Tlvs walk{unit};
        const auto first = walk.next();
        return first && first->type == chassis_id && !first->value.empty() &&
               first->value[0] == std::byte{7} && printable(first->value.subspan(1));
    }

    /// Subtypes of the chassis id (Table 8-2): 4 MAC, 5 network address, others text.
    static void name_of_id(std::uint8_t kind, Bytes id, TextRoom<544>& text) noexcept {
        if (kind == 4 && id.size() == 6)
            text.mac(mac(id));
        else if (kind == 5 && id.size() > 1 &&
                 address(std::to_integer<std::uint8_t>(id[0]), id.subspan(1)) != observe::Ip{})
            text.ip(address(std::to_integer<std::uint8_t>(id[0]), id.subspan(1)));
        else if (printable(id))
            text.add(label(id));
        else
            text.hex(id);
    }

    static void one(const Tlv& tlv, const observe::Station& far, const Telling& tell) noexcept {
        switch (tlv.type) {
        case port_description:
            return tell.say(Attribute::port_name, label(tlv.value), 80);
        case system_name:
            return tell.say(Attribute::name, label(tlv.value));
        case system_description:
            return tell.say(Attribute::description, label(tlv.value));
        case capabilities: {
            Reader in{tlv.value};
            in.u16(); // What it could be; what counts is what is switched on.
            const auto enabled = in.u16();
            if (!in.ok()) return tell.complain(tlv);
            for (std::size_t bit = 0; bit < capability_names.size(); ++bit)
                if (enabled >> bit & 1u) tell.say(Attribute::capability, capability_names[bit]);
            return;
        }
        case management_address: {
            Reader in{tlv.value};
            const auto size = in.u8();
            const auto family = in.u8();
            if (!in.ok() || size == 0) return tell.complain(tlv);
            const auto bytes = in.take(size - 1u);
            if (!in.ok()) return tell.complain(tlv);
            const auto ip = address(family, bytes);
            if (ip == observe::Ip{}) return;
            TextRoom<48> text;
            observe::Station managed{.ip = ip, .mac = speaker(tell.pdu).mac};
            if (!managed.has_mac()) managed.mac = far.mac;
            return tell.ways.say().on(tell.pdu.origin, observe::Identity{.protocol = tell.pdu.protocol,
                                                                         .subject = observe::Subject::third,
                                                                         .third = managed,
                                                                         .attribute = Attribute::ip,
                                                                         .value = text.ip(ip).view(),
                                                                         .confidence = 95});
        }
        case organization: {
            Reader in{tlv.value};
            const std::uint32_t oui = static_cast<std::uint32_t>(in.u16()) << 8 | in.u8();
            const auto subtype = in.u8();
            if (!in.ok()) return tell.complain(tlv);
            const auto info = in.rest();
            if (oui == tia) return inventory(subtype, info, tell);
            if (oui == profinet) return of_profinet(subtype, info, tell);
            return;
        }
        default:
            return;
        }
    }

    /// TIA-1057 clause 10.2.6.
    static void inventory(std::uint8_t subtype, Bytes info, const Telling& tell) noexcept {
        constexpr std::array attributes{Attribute::hardware, Attribute::firmware, Attribute::application,
                                        Attribute::serial,   Attribute::vendor,   Attribute::product};
        if (subtype == 1 && info.size() >= 3) { // Clause 10.2.2: capabilities, then the device's class.
            constexpr std::array<std::string_view, 5> classes{"", "endpoint", "media endpoint", "telephone",
                                                              "network connectivity"};
            const auto device = std::to_integer<std::size_t>(info[2]);
            if (device < classes.size()) tell.say(Attribute::role_hint, classes[device]);
            return;
        }
        if (subtype >= 5 && subtype < 5 + attributes.size()) tell.say(attributes[subtype - 5u], label(info));
    }

    /// IEC 61158-6-10: 5 is the chassis' MAC; the others are delays, port states and redundancy.
    static void of_profinet(std::uint8_t subtype, Bytes info, const Telling& tell) noexcept {
        tell.say(Attribute::role_hint, "profinet", 90);
        if (subtype != 5 || info.size() < 6 || std::to_integer<unsigned>(info[0]) & 1) return;
        TextRoom<20> text;
        tell.say(Attribute::mac, text.mac(mac(info)).view());
    }

    static void report(const Pdu& pdu, Ways& ways, Malformed detail) noexcept {
        ways.say().on(pdu.origin, observe::Anomaly{pdu.protocol, detail});
    }
};

} // namespace

extern constinit const Dissector lldp = row<Lldp>();

} // namespace yagura::dissect::protocols
