// PROFINET DCP: how devices are found, named and given addresses, before anything has an IP.
//
// From IEC 61158-5-10 and 61158-6-10, clause 4.3 (DCP): service, blocks, qualifiers, errors. Frame ids
// 0xFEFC to 0xFEFF; other frames of the ethertype are real-time data and not ours.
#include <array>

#include "spine/base/text_room.h"
#include "spine/dissect/dissector.h"

namespace yagura::dissect::protocols {
namespace {

using observe::Act;
using observe::Attribute;
using observe::Outcome;
using observe::Phase;

constexpr std::uint16_t hello = 0xfefc, get_set = 0xfefd, identify_request = 0xfefe,
                        identify_response = 0xfeff;
enum Service : std::uint8_t { get = 3, set = 4, identify = 5, hello_service = 6 };
constexpr std::uint8_t response_bit = 0x01, unsupported_bit = 0x04; ///< of the service type

constexpr std::uint16_t block_id(std::uint8_t option, std::uint8_t suboption) noexcept {
    return static_cast<std::uint16_t>(option << 8 | suboption);
}

struct Block {
    std::uint16_t id;
    std::string_view name;
    Act set; ///< what setting it means
};
constexpr std::array blocks{
    Block{block_id(1, 1), "MAC address", Act::unknown},
    Block{block_id(1, 2), "IP parameter", Act::configure},
    Block{block_id(1, 3), "full IP suite", Act::configure},
    Block{block_id(2, 1), "type of station", Act::configure},
    Block{block_id(2, 2), "name of station", Act::configure},
    Block{block_id(2, 3), "device id", Act::configure},
    Block{block_id(2, 4), "device role", Act::configure},
    Block{block_id(2, 5), "device options", Act::configure},
    Block{block_id(2, 6), "alias name", Act::configure},
    Block{block_id(2, 7), "device instance", Act::configure},
    Block{block_id(2, 8), "OEM device id", Act::configure},
    Block{block_id(2, 10), "RSI properties", Act::configure},
    Block{block_id(3, 12), "DHCP host name", Act::configure},
    Block{block_id(3, 43), "DHCP vendor options", Act::configure},
    Block{block_id(3, 54), "DHCP server", Act::configure},
    Block{block_id(3, 55), "DHCP parameters", Act::configure},
    Block{block_id(3, 60), "DHCP class", Act::configure},
    Block{block_id(3, 61), "DHCP client id", Act::configure},
    Block{block_id(3, 81), "DHCP FQDN", Act::configure},
    Block{block_id(3, 97), "DHCP UUID", Act::configure},
    Block{block_id(5, 1), "start transaction", Act::unknown},
    Block{block_id(5, 2), "end transaction", Act::unknown},
    Block{block_id(5, 3), "signal", Act::identify}, // A lamp blinks so that somebody finds the device.
    Block{block_id(5, 4), "response", Act::unknown},
    Block{block_id(5, 5), "factory reset", Act::reset},
    Block{block_id(5, 6), "reset to factory", Act::reset},
    Block{block_id(6, 1), "device initiative", Act::configure},
    Block{block_id(0xff, 0xff), "all", Act::unknown},
};
constexpr std::uint16_t control_response = block_id(5, 4);
constexpr std::uint8_t no_block = 0xff;

constexpr std::uint8_t find_block(std::uint16_t id) noexcept {
    for (std::size_t i = 0; i < blocks.size(); ++i)
        if (blocks[i].id == id) return static_cast<std::uint8_t>(i);
    return no_block;
}
static_assert(blocks.size() < no_block);

struct Vendor {
    std::uint16_t id;
    std::string_view name;
};
/// PI's vendor ids, those that plants have most of.
constexpr std::array vendors{
    Vendor{0x002a, "Siemens"},  Vendor{0x00b0, "Phoenix Contact"}, Vendor{0x011d, "WAGO"},
    Vendor{0x0120, "Beckhoff"}, Vendor{0x011e, "Hilscher"},        Vendor{0x0493, "RT-Labs"},
};

constexpr std::string_view vendor_name(std::uint16_t id) noexcept {
    for (const auto& vendor : vendors)
        if (vendor.id == id) return vendor.name;
    return {};
}

struct ProfinetDcp {
    static constexpr Over over[]{{"ethernet", 0x8892}};
    static constexpr Mark marks[]{{0, 0xfffc0000, 0xfefc0000}};
    static constexpr Facts facts{
        .name = "profinet_dcp",
        .title = "PROFINET Discovery and Configuration Protocol",
        .specification = "IEC 61158-6-10 clause 4.3",
        .over = over,
        .marks = marks,
        .message_most = 1500,
    };

    /// Requests that wait: an answer names its Xid and not what it was about.
    struct Asked {
        std::uint32_t xid;
        std::uint8_t block; ///< of `blocks`, or no_block
        std::uint8_t service;
    };
    struct State {
        std::array<Asked, 8> asked;
        std::uint8_t size, next;
    };

    static Recognition looks_like(const Opening& opening) noexcept {
        Reader in{opening.latest == observe::Speaker::client ? opening.client : opening.server};
        const auto id = in.u16();
        const auto service = in.u8(), type = in.u8();
        if (!in.ok() || id < hello) return {Likeness::no};
        if (service < get || service > hello_service) return {Likeness::maybe};
        return {Likeness::yes, type & response_bit ? observe::Speaker::server : observe::Speaker::client};
    }
    static Framing frame(Bytes unit) noexcept { return {.length = unit.size()}; }

    static void dissect(const Pdu& pdu, State& state, Ways& ways) noexcept {
        Reader in{pdu.bytes};
        const auto id = in.u16();
        if (!in.ok()) return report(pdu, ways, {0, "frame ends before its frame id"});
        if (id < hello) return; // Cyclic data, alarms, clocks between the same two stations.
        const auto service = in.u8(), type = in.u8();
        if (!in.ok()) return report(pdu, ways, {2, "frame ends before its service"});

        observe::Operation operation{
            .protocol = pdu.protocol,
            .function = {service, name_of_service(service)},
            .act = service == identify        ? Act::browse
                   : service == get           ? Act::identify
                   : service == hello_service ? Act::report
                                              : Act::unknown,
            .phase = id == hello           ? Phase::event
                     : type & response_bit ? Phase::response
                                           : Phase::request,
        };
        if (operation.phase != Phase::request)
            operation.outcome = type & unsupported_bit ? Outcome::refused : Outcome::done;
        const auto xid = in.u32();
        in.u16(); // Response delay of a multicast, or reserved.
        const auto length = in.u16();
        if (!in.ok()) {
            ways.say().on(pdu.origin, operation);
            return report(pdu, ways, {4, "frame ends inside its header"});
        }
        if (operation.phase != Phase::event) operation.pair = xid;

        const auto body = in.take(std::min<std::size_t>(length, in.remaining()));
        const bool whole = body.size() == length;
        TextRoom<64> room;
        read_blocks(service, body, operation, state, room);
        ways.say().on(pdu.origin, operation);
        // Facts stand in answers and greetings; what is asked or set is a wish.
        if (operation.phase != Phase::request && service != set) facts_of(pdu, body, ways);
        if (id != expected_frame(service, operation.phase) && service >= get && service <= hello_service)
            return report(pdu, ways, {0, "frame id does not belong to the service"});
        if (service < get || service > hello_service)
            return report(pdu, ways, {2, "service is not get, set, identify or hello"});
        if (!whole) return report(pdu, ways, {10, "frame ends before the length it tells"});
        Blocks walk{body, service == get && operation.phase == Phase::request};
        while (walk.next()) {
        }
        if (!walk.ok()) report(pdu, ways, {12, "a block is longer than what is left"});
    }

private:
    struct Found {
        std::uint16_t id = 0;
        Bytes value{};
    };
    /// Blocks begin at even places. A Get names options only: two bytes each.
    class Blocks {
    public:
        Blocks(Bytes bytes, bool names_only) noexcept : in_{bytes}, names_only_{names_only} {}
        std::optional<Found> next() noexcept {
            if (in_.remaining() == 0) return std::nullopt;
            Found found{.id = in_.u16()};
            if (!names_only_) {
                const auto size = in_.u16();
                found.value = in_.take(size);
                if (in_.ok() && size % 2 && in_.remaining()) in_.u8();
            }
            if (!in_.ok()) return std::nullopt;
            return found;
        }
        bool ok() const noexcept { return in_.ok(); }

    private:
        Reader in_;
        bool names_only_;
    };

    static std::string_view name_of_service(std::uint8_t service) noexcept {
        constexpr std::array<std::string_view, 4> names{"get", "set", "identify", "hello"};
        return service >= get && service <= hello_service ? names[service - get] : "unknown service";
    }
    static std::uint16_t expected_frame(std::uint8_t service, Phase phase) noexcept {
        if (service == hello_service) return hello;
        if (service != identify) return get_set;
        return phase == Phase::response ? identify_response : identify_request;
    }

    /// What the message is about: the block with the largest effect, else the first.
    static void read_blocks(std::uint8_t service, Bytes body, observe::Operation& operation, State& state,
                            TextRoom<64>& room) noexcept {
        const bool asks = operation.phase == Phase::request;
        std::uint8_t about = no_block;
        std::uint16_t unknown_id = 0;
        Bytes value{};
        std::uint8_t error = 0;
        std::uint16_t failed = 0;
        Blocks walk{body, service == get && asks};
        while (const auto found = walk.next()) {
            if (found->id == control_response) {
                Reader in{found->value};
                const auto which = in.u16();
                const auto code = in.u8();
                if (!in.ok()) continue;
                if (code && !error) error = code, failed = which;
                if (about == no_block) about = find_block(which);
                continue;
            }
            const auto row = find_block(found->id);
            const bool stronger = about == no_block ||
                                  (row != no_block && observe::usual_effect(blocks[row].set) >
                                                          observe::usual_effect(blocks[about].set));
            if (!stronger) continue;
            if (row == no_block) {
                if (!unknown_id) unknown_id = found->id;
                continue;
            }
            about = row;
            value = found->value;
        }
        if (error) {
            operation.outcome = Outcome::refused;
            operation.status = error;
            about = find_block(failed);
        }
        if (asks) {
            remember(state, {operation.pair, about, service});
        } else if (service == get || service == set) {
            if (const auto* asked = find_asked(state, operation.pair, service); asked && about == no_block)
                about = asked->block;
        }
        if (service == set) operation.act = about == no_block ? Act::configure : set_act(about);
        if (about != no_block && service != identify && service != hello_service)
            operation.object = {.space = "block", .text = blocks[about].name};
        else if (unknown_id)
            operation.object = {.space = "block", .number = unknown_id};
        // Behind the name of a filter or of a setting stands what is looked for or set.
        if (about == no_block || value.size() < 2) return;
        const bool filter = service == identify && asks;
        if (filter && blocks[about].id != block_id(0xff, 0xff))
            operation.object = {.space = blocks[about].name, .text = label(value)};
        else if (service == set && asks && (blocks[about].id >> 8) == 2)
            operation.value = label(value.subspan(2));
        else if (service == set && asks && (blocks[about].id >> 8) == 1)
            operation.value = addresses(value.subspan(2), room);
    }
    /// "192.168.0.5 255.255.255.0 192.168.0.1": address, mask, gateway.
    static observe::Value addresses(Bytes value, TextRoom<64>& room) noexcept {
        if (value.size() < 12) return {};
        for (std::size_t i = 0; i < 12; ++i) {
            if (i) room.add(i % 4 ? '.' : ' ');
            room.number(std::to_integer<unsigned>(value[i]));
        }
        return room.view();
    }
    /// A transaction's start and end around a setting, or a setting that we know no more of.
    static Act set_act(std::uint8_t block) noexcept {
        return blocks[block].set == Act::unknown ? Act::configure : blocks[block].set;
    }

    static void remember(State& state, Asked fresh) noexcept {
        if (fresh.xid == 0) return;
        for (std::size_t i = 0; i < state.size; ++i)
            if (state.asked[i].xid == fresh.xid) {
                state.asked[i] = fresh;
                return;
            }
        state.asked[state.next] = fresh;
        state.next = static_cast<std::uint8_t>((state.next + 1u) % state.asked.size());
        if (state.size < state.asked.size()) ++state.size;
    }
    static const Asked* find_asked(const State& state, std::uint32_t xid, std::uint8_t service) noexcept {
        for (std::size_t i = 0; i < state.size; ++i)
            if (state.asked[i].xid == xid && state.asked[i].service == service) return &state.asked[i];
        return nullptr;
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
    };

    static observe::Ip mapped(Bytes bytes) noexcept {
        observe::Ip out{};
        if (bytes.size() < 4) return out;
        bool any = false;
        for (std::size_t i = 0; i < 4; ++i) {
            out[12 + i] = std::to_integer<std::uint8_t>(bytes[i]);
            any = any || out[12 + i];
        }
        if (!any) return {};
        out[10] = out[11] = 0xff;
        return out;
    }

    static void facts_of(const Pdu& pdu, Bytes body, Ways& ways) noexcept {
        const Telling tell{pdu, ways};
        Blocks walk{body, false};
        while (const auto found = walk.next()) {
            if (found->value.size() < 2 || found->id == control_response) continue;
            const auto info = static_cast<std::uint16_t>(std::to_integer<unsigned>(found->value[0]) << 8 |
                                                         std::to_integer<unsigned>(found->value[1]));
            fact(pdu, found->id, info, found->value.subspan(2), tell);
        }
    }

    static void fact(const Pdu& pdu, std::uint16_t id, std::uint16_t info, Bytes value,
                     const Telling& tell) noexcept {
        Reader in{value};
        TextRoom<64> text;
        switch (id) {
        case block_id(1, 2):
        case block_id(1, 3): {
            const auto ip = mapped(in.take(4)), mask = mapped(in.take(4)), gateway = mapped(in.take(4));
            if (!in.ok() || ip == observe::Ip{} || (info & 3) == 0) return; // 0: no address is set.
            const auto& self = pdu.origin.speaker == observe::Speaker::client ? pdu.origin.parties.client
                                                                              : pdu.origin.parties.server;
            const bool conflict = info & 0x80; // Somebody else has it too.
            tell.ways.say().on(
                pdu.origin, observe::Identity{.protocol = pdu.protocol,
                                              .subject = observe::Subject::third,
                                              .third = {.ip = ip, .mac = self.mac},
                                              .attribute = Attribute::ip,
                                              .value = text.ip(ip).view(),
                                              .confidence = conflict ? std::uint8_t{50} : std::uint8_t{95}});
            text.clear();
            if (mask != observe::Ip{}) tell.say(Attribute::netmask, text.ip(mask).view());
            text.clear();
            if (gateway != observe::Ip{} && gateway != ip)
                tell.say(Attribute::gateway, text.ip(gateway).view());
            return;
        }
        case block_id(2, 1):
            return tell.say(Attribute::product, label(value));
        case block_id(2, 2):
            return tell.say(Attribute::name, label(value));
        case block_id(2, 6):
            return tell.say(Attribute::port_name, label(value), 80);
        case block_id(2, 3): {
            const auto vendor = in.u16(), device = in.u16();
            if (!in.ok()) return;
            tell.say(Attribute::vendor, vendor_name(vendor));
            constexpr std::string_view digits = "0123456789abcdef";
            text.add("profinet ");
            for (int shift = 12; shift >= 0; shift -= 4) text.add(digits[vendor >> shift & 15]);
            text.add(':');
            for (int shift = 12; shift >= 0; shift -= 4) text.add(digits[device >> shift & 15]);
            return tell.say(Attribute::fingerprint, text.view());
        }
        case block_id(2, 4): {
            const auto role = in.u8();
            if (!in.ok()) return;
            constexpr std::array<std::string_view, 4> roles{"profinet io device", "profinet io controller",
                                                            "profinet io multidevice",
                                                            "profinet io supervisor"};
            for (std::size_t bit = 0; bit < roles.size(); ++bit)
                if (role >> bit & 1u) tell.say(Attribute::role_hint, roles[bit]);
            return;
        }
        default:
            return;
        }
    }

    static void report(const Pdu& pdu, Ways& ways, Malformed detail) noexcept {
        ways.say().on(pdu.origin, observe::Anomaly{pdu.protocol, detail});
    }
};

} // namespace

extern constinit const Dissector profinet_dcp = row<ProfinetDcp>();

} // namespace yagura::dissect::protocols
