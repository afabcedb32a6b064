// ARP and RARP: who says that an address is theirs, and who asks for which.
//
// From RFC 826 (the packet and its operations), RFC 903 (RARP), RFC 2390 (InARP) and RFC 5227 (probes
// and announcements, clauses 1.1 and 2).
#include <array>

#include "spine/base/text_room.h"
#include "spine/dissect/dissector.h"

namespace yagura::dissect::protocols {
namespace {

using observe::Act;
using observe::Outcome;
using observe::Phase;

constexpr std::uint16_t ethernet = 1, ieee_802 = 6; ///< hardware types that have Ethernet's addresses
constexpr std::uint16_t ipv4 = 0x0800;

struct Known {
    std::uint16_t code;
    std::string_view name;
    Act act;
    Phase phase;
};
constexpr std::array operations{
    Known{1, "request", Act::browse, Phase::request},
    Known{2, "reply", Act::browse, Phase::response},
    Known{3, "reverse request", Act::identify, Phase::request},
    Known{4, "reverse reply", Act::identify, Phase::response},
    Known{8, "inverse request", Act::identify, Phase::request},
    Known{9, "inverse reply", Act::identify, Phase::response},
};
constexpr Known unknown{0, "unknown operation", Act::unknown, Phase::event};

constexpr const Known& find_operation(std::uint16_t code) noexcept {
    for (const auto& known : operations)
        if (known.code == code) return known;
    return unknown;
}

using Four = std::array<std::uint8_t, 4>;

struct Addresses {
    observe::Mac sender_mac{};
    Four sender_ip{};
    observe::Mac target_mac{};
    Four target_ip{};
};

template <std::size_t N>
std::array<std::uint8_t, N> read(Reader& in) noexcept {
    std::array<std::uint8_t, N> out{};
    const auto bytes = in.take(N);
    for (std::size_t i = 0; i < bytes.size(); ++i) out[i] = std::to_integer<std::uint8_t>(bytes[i]);
    return out;
}

constexpr observe::Ip mapped(const Four& four) noexcept {
    return {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, four[0], four[1], four[2], four[3]};
}

struct Arp {
    static constexpr Over over[]{{"ethernet", 0x0806}, {"ethernet", 0x8035}};
    static constexpr Facts facts{
        .name = "arp",
        .title = "Address Resolution Protocol",
        .specification = "RFC 826, 903, 2390, 5227",
        .over = over,
        .message_most = 8 + 2 * (255 + 255),
        .depth = Depth::deep,
    };

    /// What this station said of itself, so that a thousand requests say it once. One MAC that claims
    /// many addresses (a router, a liar) starts again from the first place: repeated, never lost.
    struct Claim {
        observe::Mac mac;
        Four ip;
    };
    struct State {
        std::array<Claim, 8> said;
        std::uint8_t size, next;
        bool odd_sender_told;
    };

    static Recognition looks_like(const Opening& opening) noexcept {
        Reader in{opening.latest == observe::Speaker::client ? opening.client : opening.server};
        in.u16(); // Any hardware: the ethertype has said what it is.
        in.u16();
        const auto mac_size = in.u8(), ip_size = in.u8();
        const auto code = in.u16();
        if (!in.ok()) return {Likeness::maybe};
        return {mac_size == 6 && ip_size == 4 && find_operation(code).code ? Likeness::yes : Likeness::maybe};
    }
    static Framing frame(Bytes packet) noexcept { return {.length = packet.size()}; }

    static void dissect(const Pdu& pdu, State& state, Ways& ways) noexcept {
        Reader in{pdu.bytes};
        const auto hardware = in.u16(), protocol = in.u16();
        const auto mac_size = in.u8(), ip_size = in.u8();
        const auto code = in.u16();
        if (!in.ok()) return report(pdu, ways, {0, "packet ends before its operation"});

        const auto& known = find_operation(code);
        observe::Operation operation{
            .protocol = pdu.protocol,
            .function = {code, known.name},
            .act = known.act,
            .phase = known.phase,
            .outcome = known.phase == Phase::request ? Outcome::pending : Outcome::done,
        };
        const bool ours = (hardware == ethernet || hardware == ieee_802) && protocol == ipv4;
        if (!ours || mac_size != 6 || ip_size != 4) {
            ways.say().on(pdu.origin,
                          operation); // ATM, FireWire: nothing that this network has stations for.
            if (ours) report(pdu, ways, {4, "address lengths are not those of Ethernet and IPv4"});
            return;
        }
        const Addresses told{read<6>(in), read<4>(in), read<6>(in), read<4>(in)};
        if (!in.ok()) {
            ways.say().on(pdu.origin, operation);
            return report(pdu, ways, {8, "packet ends inside its addresses"});
        }

        TextRoom<48> room;
        operation.object = about(code, told, room, operation);
        ways.say().on(pdu.origin, operation);
        claims(pdu, code, told, state, ways);
    }

private:
    /// RFC 5227: a probe has no sender address; an announcement asks for the sender's own. A reply that
    /// names the same address twice was asked for by nobody.
    static observe::Object about(std::uint16_t code, const Addresses& told, TextRoom<48>& room,
                                 observe::Operation& operation) noexcept {
        observe::Object object{.space = "address"};
        if (code == 3 || code == 8) {
            object.space = "station";
            room.mac(told.target_mac);
        } else if (code == 4) {
            object.space = "station";
            room.mac(told.target_mac).add(" ").ip(mapped(told.target_ip));
        } else if (code == 2 || code == 9) {
            room.ip(mapped(told.sender_ip));
            if (code == 2 && told.sender_ip == told.target_ip) object.space = "announcement";
        } else {
            room.ip(mapped(told.target_ip));
            if (told.sender_ip == Four{})
                object.space = "probe";
            else if (told.sender_ip == told.target_ip)
                object.space = "announcement";
        }
        if (object.space == "announcement") {
            operation.act = Act::report;
            operation.phase = Phase::event;
            operation.outcome = Outcome::done;
        }
        object.text = room.view();
        return object;
    }

    static void claims(const Pdu& pdu, std::uint16_t code, const Addresses& told, State& state,
                       Ways& ways) noexcept {
        if (find_operation(code).code == 0) return;
        if (told.sender_mac == observe::Mac{} || (told.sender_mac[0] & 1))
            return report(pdu, ways, {8, "sender is a group or no station at all"});
        const auto& frame = pdu.origin.speaker == observe::Speaker::client ? pdu.origin.parties.client
                                                                           : pdu.origin.parties.server;
        const bool same = !frame.has_mac() || frame.mac == told.sender_mac;
        if (!same && !state.odd_sender_told) {
            state.odd_sender_told = true;
            report(pdu, ways, {8, "sender is another station than the frame's source"});
        }
        // A server of RARP says an address of the asker; everybody else one of their own.
        if (code == 4) return claim(pdu, {told.target_mac, told.target_ip}, 90, state, ways);
        claim(pdu, {told.sender_mac, told.sender_ip}, same ? 95 : 40, state, ways);
    }

    static void claim(const Pdu& pdu, const Claim& fresh, std::uint8_t confidence, State& state,
                      Ways& ways) noexcept {
        if (fresh.ip == Four{} || fresh.mac == observe::Mac{}) return;
        for (std::size_t i = 0; i < state.size; ++i)
            if (state.said[i].mac == fresh.mac && state.said[i].ip == fresh.ip) return;
        state.said[state.next] = fresh;
        state.next = static_cast<std::uint8_t>((state.next + 1u) % state.said.size());
        if (state.size < state.said.size()) ++state.size;
        TextRoom<48> room;
        const auto ip = mapped(fresh.ip);
        ways.say().on(pdu.origin, observe::Identity{.protocol = pdu.protocol,
                                                    .subject = observe::Subject::third,
                                                    .third = {.ip = ip, .mac = fresh.mac},
                                                    .attribute = observe::Attribute::ip,
                                                    .value = room.ip(ip).view(),
                                                    .confidence = confidence});
    }

    static void report(const Pdu& pdu, Ways& ways, Malformed detail) noexcept {
        ways.say().on(pdu.origin, observe::Anomaly{pdu.protocol, detail});
    }
};

} // namespace

extern constinit const Dissector arp = row<Arp>();

} // namespace yagura::dissect::protocols
