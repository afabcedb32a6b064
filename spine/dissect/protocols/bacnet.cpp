// BACnet/IP: objects and properties by name, who is there, writes with their values, alarms, restarts, and
// what a device says about itself; behind routers as well.
//
// From ANSI/ASHRAE 135-2016: annex J (BACnet/IP), clauses 6 (network layer), 13 to 17 (services), 20
// (encoding). docs/protocols/bacnet.md tells objects and limits.
#include <algorithm>
#include <optional>

#include "spine/dissect/dissector.h"
#include "spine/dissect/protocols/bacnet/names.h"
#include "spine/dissect/protocols/bacnet/tags.h"
#include "spine/dissect/waiting.h"

namespace yagura::dissect::protocols {
namespace {

using namespace bacnet;
using observe::Act;
using observe::Operation;
using observe::Outcome;
using observe::Part;
using observe::Phase;
using observe::Speaker;

constexpr std::uint8_t bacnet_ip = 0x81, version = 1;
constexpr std::uint32_t bvlc_code = 0x10000, network_code = 0x20000; ///< messages of the layers below
enum Bvlc : std::uint8_t { forwarded = 4, distribute = 9, unicast = 10, broadcast = 11 };
enum Apdu : std::uint8_t {
    confirmed,
    unconfirmed,
    simple_ack,
    complex_ack,
    segment_ack,
    error,
    reject,
    abort_
};

struct Bacnet {
    static constexpr Over over[]{{"udp", 47808}, {"ethernet", 0x182}}; // LLC 0x82: clause 7
    static constexpr Mark marks[]{{0, 0xfff00000, 0x81000000}, {0, 0xff500000, 0x01000000}};
    static constexpr Facts facts{
        .name = "bacnet",
        .title = "BACnet/IP",
        .specification = "ANSI/ASHRAE 135-2016",
        .over = over,
        .marks = marks,
        .message_most =
            32'768, // 6.3.1: 64 segments and more are allowed; who sends more than this is not believed
    };

    struct Asked {
        std::uint32_t object, property;
        std::uint16_t service, network;
        std::uint8_t invoke, has_property, from_server;
        bool alike(const Asked& other) const noexcept {
            return invoke == other.invoke && network == other.network && from_server == other.from_server;
        }
        friend bool operator==(const Asked&, const Asked&) = default;
    };
    struct State {
        Waiting<Asked, 9> asked;
    };
    static constexpr std::uint8_t patience = 20; // Three tries of 6 s are what devices do by default.
    static constexpr std::uint64_t segments_channel = 0x42414331'00000000;

    static Recognition looks_like(const Opening& opening) noexcept {
        const auto bytes = opening.latest == Speaker::client ? opening.client : opening.server;
        Reader in{bytes};
        const auto type = in.u8(), function = in.u8();
        if (in.ok() && type == version) return {(function & 0x50) == 0 ? Likeness::maybe : Likeness::no};
        const auto length = in.u16();
        if (!in.ok()) return {bytes.empty() ? Likeness::more : Likeness::no};
        if (type != bacnet_ip || function > 12 || length != bytes.size()) return {};
        if (function == forwarded) in.take(6);
        if (function == forwarded || function >= distribute) {
            const auto npdu = in.u8();
            const auto control = in.u8();
            if (!in.ok() || npdu != version || (control & 0x50) != 0) return {};
            return {Likeness::yes};
        }
        return {Likeness::maybe};
    }

    /// Datagrams only.
    static Framing frame(Bytes stream) noexcept {
        Reader in{stream};
        const auto type = in.u8();
        in.u8();
        const auto length = in.u16();
        if (!in.ok()) return {};
        if (type != bacnet_ip || length < 4)
            return {.lost = Malformed{0, "not the beginning of a BVLC message"}};
        return {.length = stream.size() < length ? 0 : std::size_t{length}};
    }

    static void dissect(const Pdu& pdu, State& state, Ways& ways) noexcept {
        Reader in{pdu.bytes};
        // Over Ethernet the network layer comes first.
        if (!pdu.bytes.empty() && pdu.bytes[0] == std::byte{version})
            return network(pdu, in, true, state, ways);
        const auto type = in.u8(), function = in.u8();
        const auto length = in.u16();
        if (!in.ok() || type != bacnet_ip) return report(pdu, ways, {0, "message ends inside its head"});
        const bool whole = length == pdu.bytes.size();
        if (!whole) report(pdu, ways, {2, "length is not that of the message"});
        if (function == forwarded) in.take(6); // who said it
        if (function != forwarded && function < distribute) return link(pdu, function, in, whole, ways);
        network(pdu, in, whole, state, ways);
    }

private:
    /// J.2: broadcast management.
    static void link(const Pdu& pdu, std::uint8_t function, Reader& in, bool whole, Ways& ways) noexcept {
        struct Known {
            std::string_view name;
            Act act;
            bool asks;
        };
        constexpr Known known[]{{"bvlc result", Act::configure, false},
                                {"write broadcast distribution table", Act::configure, true},
                                {"read broadcast distribution table", Act::read, true},
                                {"broadcast distribution table", Act::read, false},
                                {"", Act::unknown, false},
                                {"register foreign device", Act::connect, true},
                                {"read foreign device table", Act::read, true},
                                {"foreign device table", Act::read, false},
                                {"delete foreign device", Act::configure, true}};
        if (function >= std::size(known))
            return report_of(whole, pdu, ways, {1, "bvlc function that nobody knows"});
        const auto& one = known[function];
        std::uint32_t status = 0;
        if (function == 0) status = in.u16();
        ways.say().on(pdu.origin, Operation{.protocol = pdu.protocol,
                                            .function = {bvlc_code | function, one.name},
                                            .act = one.act,
                                            .phase = one.asks ? Phase::request : Phase::response,
                                            .outcome = one.asks      ? Outcome::pending
                                                       : status == 0 ? Outcome::done
                                                                     : Outcome::refused,
                                            .status = status});
    }

    /// Clause 6.2. Of one that is not whole it has been said already that it is not.
    static void network(const Pdu& pdu, Reader& in, bool whole, State& state, Ways& ways) noexcept {
        const auto npdu = in.u8(), control = in.u8();
        std::uint16_t to = 0, from = 0;
        std::uint32_t to_station = 0, from_station = 0;
        if (control & 0x20) {
            to = in.u16();
            to_station = static_cast<std::uint32_t>(unsigned_of(in.take(in.u8())));
        }
        if (control & 0x08) {
            from = in.u16();
            from_station = static_cast<std::uint32_t>(unsigned_of(in.take(in.u8())));
        }
        if (control & 0x20) in.u8(); // hops
        if (!in.ok()) return report_of(whole, pdu, ways, {4, "message ends inside its network layer"});
        if (npdu != version) return report_of(whole, pdu, ways, {4, "not version 1 of the network layer"});
        if (control & 0x80) {
            const auto type = in.u8();
            if (!in.ok()) return report_of(whole, pdu, ways, {4, "message ends inside its network layer"});
            constexpr std::string_view names[]{
                "who-is-router-to-network",        "i-am-router-to-network",
                "i-could-be-router-to-network",    "reject-message-to-network",
                "router-busy-to-network",          "router-available-to-network",
                "initialize-routing-table",        "initialize-routing-table-ack",
                "establish-connection-to-network", "disconnect-connection-to-network"};
            ways.say().on(
                pdu.origin,
                Operation{.protocol = pdu.protocol,
                          .function = {network_code | type,
                                       type < std::size(names) ? names[type] : "other network message"},
                          .act = type == 6 ? Act::configure : Act::browse,
                          .phase = Phase::event,
                          .outcome = Outcome::done});
            return;
        }
        Routed routed{.to = to, .from = from, .to_station = to_station, .from_station = from_station};
        apdu(pdu, in, routed, whole, state, ways);
    }

    struct Routed {
        std::uint16_t to, from;
        std::uint32_t to_station, from_station;
        /// Of the device that is asked: behind a router by its network and address there.
        Part part(bool answers) const noexcept {
            const auto net = answers ? from : to;
            if (net == 0 || net == 0xffff) return {};
            return {.steps = {{{Part::Hop::network, net},
                               {Part::Hop::node, answers ? from_station : to_station}}},
                    .size = 2};
        }
    };

    static void apdu(const Pdu& pdu, Reader& in, const Routed& routed, bool whole, State& state,
                     Ways& ways) noexcept {
        const auto first = in.u8();
        const auto type = static_cast<Apdu>(first >> 4);
        const bool segmented = (first & 8) != 0, more = (first & 4) != 0;
        Operation operation{.protocol = pdu.protocol};
        const auto channel = [&](std::uint8_t invoke) {
            return segments_channel | std::uint64_t{pdu.origin.speaker == Speaker::server} << 8 | invoke;
        };
        switch (type) {
        case confirmed: {
            in.u8();
            const auto invoke = in.u8();
            std::uint8_t sequence = 0;
            if (segmented) {
                sequence = in.u8();
                in.u8();
            }
            const auto service = in.u8();
            if (!in.ok()) break;
            auto body = in.rest();
            if (segmented) {
                body = gathered(channel(invoke), body, sequence, more, ways);
                if (body.empty()) return;
            }
            return request(pdu, service, invoke, body, routed, operation, state, ways);
        }
        case unconfirmed: {
            const auto service = in.u8();
            if (!in.ok()) break;
            return unasked(pdu, service, in.rest(), routed, operation, ways);
        }
        case simple_ack:
        case complex_ack:
        case error: {
            const auto invoke = in.u8();
            std::uint8_t sequence = 0;
            if (type == complex_ack && segmented) {
                sequence = in.u8();
                in.u8();
            }
            const auto service = in.u8();
            if (!in.ok()) break;
            auto body = in.rest();
            if (type == complex_ack && segmented) {
                body = gathered(channel(invoke), body, sequence, more, ways);
                if (body.empty()) return;
            }
            return answer(pdu, type, service, invoke, body, routed, operation, state, ways);
        }
        case reject:
        case abort_: {
            const auto invoke = in.u8(), reason = in.u8();
            if (!in.ok()) break;
            return refused(pdu, type, invoke, reason, routed, operation, state, ways);
        }
        case segment_ack:
            return; // Only that so much was received.
        default:
            return report_of(whole, pdu, ways, {6, "APDU of a type that nobody knows"});
        }
        report_of(whole, pdu, ways, {6, "message ends inside its APDU's head"});
    }

    static Bytes gathered(std::uint64_t channel, Bytes piece, std::uint8_t sequence, bool more,
                          Ways& ways) noexcept {
        if (sequence == 0) (void)ways.gather(channel, {}, Last::yes); // What never came to its end.
        return ways.gather(channel, piece, more ? Last::no : Last::yes);
    }

    struct About {
        std::uint32_t object = 0, property = 0;
        bool known = false, has_property = false;
        observe::Value value{};
        observe::Object what() const noexcept {
            return known ? object_of(object, property, has_property) : observe::Object{};
        }
    };

    /// The first object and property that stand in a service's parameters, and the first value behind them.
    /// Which context numbers they have differs by service: clauses 15.5 to 15.10, 13.
    static About look(std::uint16_t service, Bytes body, bool answer) noexcept {
        About about;
        Reader in{body};
        // Object, property and value by their context numbers.
        struct Places {
            std::uint8_t object, property, value;
        };
        std::optional<Places> places;
        switch (service) {
        case 12: // read property
        case 15: // write property
        case 26:
            places = Places{0, 1, 3};
            break;
        case 14: // read property multiple: object, then [1] { [0] property ... }, or [2] property [4] value
                 // in answers
        case 16:
            return look_multiple(in, service == 16 ? false : answer);
        case 1:
        case 258: // cov: subscriber, device, object, time, values
            places = Places{2, 0xff, 0xff};
            break;
        case 5:
        case 28: // subscribe: process, object
            places = Places{1, 0xff, 0xff};
            break;
        case 2:
        case 259: // event: process, device, object
            places = Places{2, 0xff, 0xff};
            break;
        case 10:
            places = Places{1, 0xff, 0xff};
            break;
        default:
            break;
        }
        if (!places) {
            if (service != 11 && service != 7 && service != 6)
                return about; // Application-tagged object first.
            const auto tag = read_tag(in);
            if (in.ok() && !tag.context && tag.number == 12 && tag.content.size() == 4) {
                about.object = static_cast<std::uint32_t>(unsigned_of(tag.content));
                about.known = true;
            }
            return about;
        }
        for (int tags = 0; tags < 16 && in.remaining() != 0 && in.ok(); ++tags) {
            const auto tag = read_tag(in);
            if (!in.ok()) break;
            if (!tag.context) continue;
            if (tag.opens) {
                if (tag.number != places->value && places->value != 0xff) continue;
                if (places->value == 0xff) {
                    if (tag.number == places->object) continue;
                    break;
                }
                const auto value = read_tag(in);
                if (in.ok() && !value.context) about.value = value_of(value);
                break;
            }
            if (tag.number == places->object && !about.known && tag.content.size() == 4) {
                about.object = static_cast<std::uint32_t>(unsigned_of(tag.content));
                about.known = true;
            } else if (tag.number == places->property && about.known && !about.has_property) {
                about.property = static_cast<std::uint32_t>(unsigned_of(tag.content));
                about.has_property = true;
            }
        }
        return about;
    }

    static About look_multiple(Reader& in, bool answer) noexcept {
        About about;
        const std::uint8_t property = answer ? 2 : 0, value = answer ? 4 : 2;
        bool inside = false;
        for (int tags = 0; tags < 16 && in.remaining() != 0 && in.ok(); ++tags) {
            const auto tag = read_tag(in);
            if (!in.ok() || !tag.context) break;
            if (!inside && tag.number == 0 && tag.content.size() == 4) {
                about.object = static_cast<std::uint32_t>(unsigned_of(tag.content));
                about.known = true;
            } else if (tag.opens && tag.number == 1) {
                inside = true;
            } else if (inside && !tag.opens && tag.number == property) {
                if (about.has_property) break;
                about.property = static_cast<std::uint32_t>(unsigned_of(tag.content));
                about.has_property = true;
            } else if (inside && tag.opens && tag.number == value) {
                const auto first = read_tag(in);
                if (in.ok() && !first.context) about.value = value_of(first);
                break;
            }
        }
        return about;
    }

    static Asked asked_of(const Pdu& pdu, std::uint16_t service, std::uint8_t invoke, std::uint16_t network,
                          bool answers, const About& about) noexcept {
        const bool server = pdu.origin.speaker == Speaker::server;
        return {
            .object = about.object,
            .property = about.property,
            .service = service,
            .network = network == 0xffff ? std::uint16_t{0} : network,
            .invoke = invoke,
            .has_property = static_cast<std::uint8_t>((about.known ? 2 : 0) | (about.has_property ? 1 : 0)),
            .from_server = answers ? !server : server}; // Both sides ask, over one pair of ports.
    }

    static void request(const Pdu& pdu, std::uint8_t service, std::uint8_t invoke, Bytes body,
                        const Routed& routed, Operation& operation, State& state, Ways& ways) noexcept {
        const auto known = find_service(service);
        const auto about = look(service, body, false);
        operation.function = {service, known.name};
        operation.act = known.act;
        operation.phase = Phase::request;
        operation.part = routed.part(false);
        operation.object = about.what();
        if (service == 15 || service == 16) operation.value = about.value;
        operation.pair = state.asked.ask(asked_of(pdu, service, invoke, routed.to, false, about),
                                         pdu.origin.at, patience);
        ways.say().on(pdu.origin, operation);
    }

    static void answer(const Pdu& pdu, Apdu type, std::uint8_t service, std::uint8_t invoke, Bytes body,
                       const Routed& routed, Operation& operation, State& state, Ways& ways) noexcept {
        const auto known = find_service(service);
        operation.function = {service, known.name};
        operation.act = known.act;
        operation.phase = Phase::response;
        operation.outcome = type == error ? Outcome::refused : Outcome::done;
        operation.part = routed.part(true);
        const auto found = state.asked.answer(asked_of(pdu, service, invoke, routed.from, true, {}),
                                              pdu.origin.at, patience);
        const auto told = type == complex_ack ? look(service, body, true) : About{};
        if (found && found->request.service == service) {
            operation.pair = found->pair;
            const auto& asked = found->request;
            if (asked.has_property & 2)
                operation.object = object_of(asked.object, asked.property, asked.has_property & 1);
        } else {
            operation.object = told.what();
        }
        operation.value = told.value;
        if (type == error) { // Class and code, each an enumeration (20.1.7); some services wrap them.
            Reader in{body};
            auto tag = read_tag(in);
            if (tag.opens) tag = read_tag(in);
            const auto code = read_tag(in);
            if (in.ok())
                operation.status = static_cast<std::uint32_t>((unsigned_of(tag.content) & 0xffff) << 16 |
                                                              (unsigned_of(code.content) & 0xffff));
        }
        ways.say().on(pdu.origin, operation);
        if (type == complex_ack) learn(pdu, service, body, operation.part, ways);
    }

    static void refused(const Pdu& pdu, Apdu type, std::uint8_t invoke, std::uint8_t reason,
                        const Routed& routed, Operation& operation, State& state, Ways& ways) noexcept {
        operation.function = {type == reject ? bvlc_code | 0x100u : bvlc_code | 0x101u,
                              type == reject ? "reject" : "abort"};
        operation.phase = Phase::response;
        operation.outcome = Outcome::refused;
        operation.status = (type == reject ? 0x1000000u : 0x2000000u) | reason;
        operation.part = routed.part(true);
        if (const auto found = state.asked.answer(asked_of(pdu, 0, invoke, routed.from, true, {}),
                                                  pdu.origin.at, patience)) {
            const auto& asked = found->request;
            operation.pair = found->pair;
            operation.act = find_service(asked.service).act;
            if (asked.has_property & 2)
                operation.object = object_of(asked.object, asked.property, asked.has_property & 1);
        }
        ways.say().on(pdu.origin, operation);
    }

    static void unasked(const Pdu& pdu, std::uint8_t choice, Bytes body, const Routed& routed,
                        Operation& operation, Ways& ways) noexcept {
        const auto service = static_cast<std::uint16_t>(256 + choice);
        const auto known = find_service(service);
        operation.function = {service, known.name};
        operation.act = known.act;
        operation.phase = Phase::event;
        operation.outcome = Outcome::done;
        operation.part = routed.part(true);
        Reader in{body};
        if (service == 256) { // I-Am: device, longest APDU, segmentation, vendor
            const auto device = read_tag(in);
            if (in.ok() && !device.context && device.number == 12 && device.content.size() == 4)
                operation.object = object_of(static_cast<std::uint32_t>(unsigned_of(device.content)), 0,
                                             false);
        } else {
            operation.object = look(service, body, false).what();
        }
        ways.say().on(pdu.origin, operation);
        if (operation.object.space == "device" && service == 256)
            ways.say().on(pdu.origin, observe::Identity{.protocol = pdu.protocol,
                                                        .subject = observe::Subject::speaker,
                                                        .part = operation.part,
                                                        .attribute = observe::Attribute::role_hint,
                                                        .value = std::string_view{"bacnet device"},
                                                        .confidence = 60});
    }

    /// Of the device object: what it says about the device itself (12.11).
    static void learn(const Pdu& pdu, std::uint16_t service, Bytes body, const Part& part,
                      Ways& ways) noexcept {
        const auto tell = [&](std::uint32_t property, const Tag& value) {
            using observe::Attribute;
            std::optional<Attribute> which;
            switch (property) {
            case 121:
                which = Attribute::vendor;
                break;
            case 70:
                which = Attribute::product;
                break;
            case 44:
                which = Attribute::firmware;
                break;
            case 12:
                which = Attribute::application;
                break;
            case 77:
                which = Attribute::name;
                break;
            case 58:
                which = Attribute::location;
                break;
            case 28:
                which = Attribute::description;
                break;
            case 372:
                which = Attribute::serial;
                break;
            default:
                return;
            }
            const auto text = value.number == 7 && !value.context ? text_of(value.content)
                                                                  : std::string_view{};
            if (text.empty()) return;
            ways.say().on(pdu.origin, observe::Identity{.protocol = pdu.protocol,
                                                        .subject = observe::Subject::speaker,
                                                        .part = part,
                                                        .attribute = *which,
                                                        .value = text});
        };
        constexpr std::uint32_t device = 8;
        if (service == 12) {
            const auto about = look(service, body, true);
            if (!about.known || about.object >> 22 != device) return;
            Reader in{body};
            for (int tags = 0; tags < 8 && in.remaining() != 0; ++tags) {
                const auto tag = read_tag(in);
                if (!in.ok()) return;
                if (tag.opens && tag.number == 3) return tell(about.property, read_tag(in));
            }
            return;
        }
        if (service != 14) return;
        Reader in{body};
        std::uint32_t object = 0, property = 0;
        int depth = 0;
        while (in.remaining() != 0 && in.ok()) {
            const auto tag = read_tag(in);
            if (!in.ok()) return;
            if (tag.closes) {
                depth -= depth > 0;
                continue;
            }
            if (depth == 0 && tag.context && tag.number == 0 && tag.content.size() == 4)
                object = static_cast<std::uint32_t>(unsigned_of(tag.content));
            else if (depth == 1 && tag.context && !tag.opens && tag.number == 2)
                property = static_cast<std::uint32_t>(unsigned_of(tag.content));
            if (!tag.opens) continue;
            ++depth;
            if (depth == 2 && tag.number == 4 && object >> 22 == device) {
                auto peek = in;
                const auto value = read_tag(peek);
                if (peek.ok()) tell(property, value);
            }
        }
    }

    static void report_of(bool whole, const Pdu& pdu, Ways& ways, Malformed detail) noexcept {
        if (whole) report(pdu, ways, detail);
    }
    static void report(const Pdu& pdu, Ways& ways, Malformed detail) noexcept {
        ways.say().on(pdu.origin, observe::Anomaly{pdu.protocol, detail});
    }
};

} // namespace

extern constinit const Dissector bacnet = row<Bacnet>();

} // namespace yagura::dissect::protocols
