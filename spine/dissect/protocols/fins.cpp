// Omron FINS over UDP and TCP: memory areas by name, run and stop, programs, files, and what a controller
// says about itself.
//
// From "CS/CJ/CP/NSJ-series Communications Commands Reference Manual" W342-E1-14, section 5, and "Ethernet
// Units Operation Manual, Construction of Applications" W421-E1, section 7 (FINS/TCP). docs/protocols/fins.md
// tells objects and limits.
#include <algorithm>
#include <optional>

#include "spine/dissect/dissector.h"
#include "spine/dissect/protocols/fins/areas.h"
#include "spine/dissect/protocols/fins/commands.h"
#include "spine/dissect/waiting.h"

namespace yagura::dissect::protocols {
namespace {

using namespace fins;
using observe::Act;
using observe::Operation;
using observe::Outcome;
using observe::Part;
using observe::Phase;
using observe::Speaker;

constexpr std::uint32_t magic = 0x46494e53; // "FINS"
constexpr std::size_t tcp_head = 16, message_most = 2'012;
/// FINS/TCP's own commands get codes of their own: they are no FINS.
constexpr std::uint32_t tcp_code = 0x10000;

struct Head {
    std::uint8_t icf, rsv, gateways, to_network, to_node, to_unit, from_network, from_node, from_unit,
        service;
    std::uint16_t code;
    bool answer() const noexcept { return (icf & 0x40) != 0; }
    bool wants_answer() const noexcept { return (icf & 1) == 0; }
};
/// Braces, not parentheses: only they promise that the reads happen from left to right.
constexpr Head read_head(Reader& in) noexcept {
    return Head{in.u8(), in.u8(), in.u8(), in.u8(), in.u8(), in.u8(),
                in.u8(), in.u8(), in.u8(), in.u8(), in.u16()};
}

/// What every sender has to keep to: W342 5-1-1.
constexpr bool plausible(const Head& head) noexcept {
    return (head.icf & 0x3e) == 0 && head.rsv == 0 && head.gateways <= 7 && head.to_network <= 0x7f &&
           head.from_network <= 0x7f;
}

struct Fins {
    static constexpr Over over[]{{"udp", 9600}, {"tcp", 9600}};
    static constexpr Mark marks[]{{0, 0xffffffff, magic}, {0, 0x3efff800, 0}};
    static constexpr Facts facts{
        .name = "fins",
        .title = "Omron FINS",
        .specification = "W342-E1-14 CS/CJ/CP/NSJ-series Communications Commands Reference Manual",
        .over = over,
        .marks = marks,
        .message_most = tcp_head + message_most,
        .status_name = response_name,
    };

    struct Asked {
        std::uint32_t number; ///< word of an area, first byte of a program, mode
        std::uint16_t code, count, area;
        std::uint8_t service, bit, controller; ///< the last: which node and unit, folded
        bool alike(const Asked& other) const noexcept {
            return code == other.code && service == other.service && controller == other.controller;
        }
        friend bool operator==(const Asked&, const Asked&) = default;
    };
    struct State {
        Waiting<Asked, 10> asked;
        std::uint32_t loaded; ///< bytes of a program that is on its way
    };
    static constexpr std::uint8_t patience = 5;
    static constexpr std::uint64_t program_channel = 0x46494e53;

    static Recognition looks_like(const Opening& opening) noexcept {
        const auto bytes = opening.latest == Speaker::client ? opening.client : opening.server;
        Reader start{bytes};
        if (bytes.size() < 4) return {Likeness::more};
        if (start.u32() == magic) {
            const auto length = start.u32(), command = start.u32();
            if (!start.ok()) return {Likeness::more};
            if (length < 8 || length > message_most + 8 || command > 6) return {};
            // The client asks for its node address before anything else.
            return {Likeness::yes, command == 0   ? std::optional{Speaker::client}
                                   : command == 1 ? std::optional{Speaker::server}
                                                  : std::nullopt};
        }
        Reader in{bytes};
        const auto head = read_head(in);
        if (!in.ok() || !plausible(head) || bytes.size() > message_most) return {};
        if (find_command(head.code).act == Act::unknown) return {};
        if (head.answer() && in.remaining() < 2) return {};
        const auto speaker = head.answer() ? Speaker::server : Speaker::client;
        // A few zeros and a small number are not much of a sign; both sides' together are.
        const auto other = opening.latest == Speaker::client ? opening.server : opening.client;
        Reader theirs{other};
        const auto partner = read_head(theirs);
        const bool fits = theirs.ok() && plausible(partner) && partner.code == head.code &&
                          partner.service == head.service && partner.answer() != head.answer();
        return {fits ? Likeness::yes : Likeness::maybe, speaker};
    }

    static Framing frame(Bytes stream) noexcept {
        Reader in{stream};
        const auto first = in.u32(), length = in.u32();
        if (!in.ok()) return {};
        if (first != magic) return {.lost = Malformed{0, "not the beginning of a FINS/TCP message"}};
        if (length < 8 || length > message_most + 8)
            return {.lost = Malformed{4, "length is not within 8..2020"}};
        const std::size_t whole = 8 + std::size_t{length};
        return {.length = stream.size() < whole ? 0 : whole};
    }

    static void dissect(const Pdu& pdu, State& state, Ways& ways) noexcept {
        Reader start{pdu.bytes};
        std::uint32_t base = 0;
        bool whole = true; // A datagram has no length of its own.
        if (start.u32() == magic) {
            const auto length = start.u32(), command = start.u32(), error = start.u32();
            if (!start.ok()) return report(pdu, ways, {0, "message ends inside the head of FINS/TCP"});
            whole = pdu.bytes.size() == 8 + std::size_t{length};
            if (command != 2) {
                tcp_message(pdu, command, error, ways);
                if (!whole) report(pdu, ways, {4, "length is not that of the message"});
                return;
            }
            base = tcp_head;
        }
        const auto bytes = pdu.bytes.subspan(base);
        Reader in{bytes};
        const auto head = read_head(in);
        if (!in.ok()) return report(pdu, ways, Malformed{0, "message ends inside its head"}.shifted(base));
        const auto known = find_command(head.code);
        Operation operation{.protocol = pdu.protocol,
                            .function = {head.code, known.name},
                            .act = known.act,
                            .phase = head.answer() ? Phase::response : Phase::request,
                            .part = part_of(head)};
        if (head.answer())
            answer(pdu, head, known, in, operation, state, ways);
        else
            request(pdu, head, known, in, operation, state, ways);
        if (!in.ok())
            report(pdu, ways,
                   Malformed{0, "message ends before what it promises"}.shifted(
                       base + static_cast<std::uint32_t>(in.position())));
        else if (!whole)
            report(pdu, ways, {4, "length is not that of the message"});
    }

private:
    /// Of the controller, whichever side speaks. Empty for the CPU of the station itself on its own network:
    /// then node is the last byte of an address that is told anyway.
    static Part part_of(const Head& head) noexcept {
        const auto network = head.answer() ? head.from_network : head.to_network;
        const auto node = head.answer() ? head.from_node : head.to_node;
        const auto unit = head.answer() ? head.from_unit : head.to_unit;
        Part part;
        const auto step = [&](Part::Hop hop, std::uint32_t number) {
            part.steps[part.size++] = {hop, number};
        };
        if (network != 0) {
            step(Part::Hop::network, network);
            step(Part::Hop::node, node);
        }
        if (unit != 0) step(Part::Hop::unit, unit);
        return part;
    }
    static std::uint8_t controller_of(const Head& head) noexcept {
        return head.answer()
                   ? static_cast<std::uint8_t>(head.from_network * 31 + head.from_node * 7 + head.from_unit)
                   : static_cast<std::uint8_t>(head.to_network * 31 + head.to_node * 7 + head.to_unit);
    }

    /// W421 7-3: node addresses are given out, connections confirmed, errors told.
    static void tcp_message(const Pdu& pdu, std::uint32_t command, std::uint32_t error, Ways& ways) noexcept {
        constexpr std::string_view names[]{
            "node address request",   "node address answer", {}, "error notice", {}, {},
            "connection confirmation"};
        const bool named = command < std::size(names) && !names[command].empty();
        const bool asks = command == 0;
        ways.say().on(
            pdu.origin,
            Operation{.protocol = pdu.protocol,
                      .function = {tcp_code | (command & 0xffff), named ? names[command] : "unknown command"},
                      .act = named ? (command == 3 ? Act::report : Act::connect) : Act::unknown,
                      .phase = asks           ? Phase::request
                               : command == 1 ? Phase::response
                                              : Phase::event,
                      .outcome = asks         ? Outcome::pending
                                 : error == 0 ? Outcome::done
                                              : Outcome::refused,
                      .status = error});
    }

    struct Spot {
        std::uint8_t area;
        std::uint16_t word;
        std::uint8_t bit;
    };
    static Spot read_spot(Reader& in) noexcept { return Spot{in.u8(), in.u16(), in.u8()}; }
    static void about(Asked& asked, const Spot& spot) noexcept {
        asked.area = spot.area;
        asked.number = spot.word;
        asked.bit = spot.bit;
    }
    static Asked nothing(const Head& head) noexcept {
        return {.number = 0,
                .code = head.code,
                .count = 0,
                .area = 0,
                .service = head.service,
                .bit = 0,
                .controller = controller_of(head)};
    }
    /// The same for a request and for its answer.
    static observe::Object object(const Known& known, const Asked& asked) noexcept {
        switch (known.shape) {
        case Shape::read_area:
        case Shape::write_area:
        case Shape::fill_area:
        case Shape::transfer_area:
        case Shape::read_many:
        case Shape::force:
            if (asked.count == 0 && asked.area == 0 && asked.number == 0)
                return {}; // Cut short in front of it.
            return object_of(static_cast<std::uint8_t>(asked.area), static_cast<std::uint16_t>(asked.number),
                             asked.bit);
        case Shape::parameter:
            return {.space = "parameter", .group = asked.area, .number = asked.number};
        case Shape::program_read:
        case Shape::program_write:
            return {.space = "program", .number = asked.number};
        case Shape::run:
            if (asked.area == 0) return {};
            return {.space = "mode",
                    .number = asked.number,
                    .text = mode_name(static_cast<std::uint8_t>(asked.number))};
        default:
            return {};
        }
    }

    static void request(const Pdu& pdu, const Head& head, const Known& known, Reader& in,
                        Operation& operation, State& state, Ways& ways) noexcept {
        Room room;
        auto asked = nothing(head);
        switch (known.shape) {
        case Shape::read_area:
        case Shape::write_area:
        case Shape::fill_area:
        case Shape::transfer_area: {
            const auto from = read_spot(in);
            const auto to = known.shape == Shape::transfer_area ? read_spot(in)
                                                                : from; // What is written counts.
            asked.count = in.u16();
            about(asked, to);
            if (!in.ok()) break;
            if (known.shape == Shape::write_area) operation.value = values(in, to.area, asked.count, room);
            if (known.shape == Shape::fill_area) operation.value = std::uint64_t{in.u16()};
            break;
        }
        case Shape::read_many:
        case Shape::force: {
            const std::size_t each = known.shape == Shape::force ? 6 : 4;
            if (known.shape == Shape::force) asked.count = in.u16();
            if (in.remaining() < each) break;
            const auto how = known.shape == Shape::force ? in.u16() : std::uint16_t{0};
            about(asked, read_spot(in));
            if (known.shape == Shape::read_many)
                asked.count = static_cast<std::uint16_t>(1 + in.remaining() / each);
            // 0 reset, 1 set; 0x8000 and above let go of it.
            if (known.shape == Shape::force && how < 2) operation.value = how == 1;
            break;
        }
        case Shape::parameter: {
            const auto area = in.u16(), word = in.u16(), count = in.u16();
            if (!in.ok()) break;
            asked.area = area;
            asked.number = word;
            asked.count = count & 0x7fff;
            break;
        }
        case Shape::program_read:
        case Shape::program_write: {
            in.u16(); // program number, always FFFF
            const auto from = in.u32();
            const auto size = in.u16();
            if (!in.ok()) break;
            asked.number = from;
            asked.count = size & 0x7fffu;
            if (known.shape == Shape::program_write) {
                const auto block = in.take(std::min<std::size_t>(size & 0x7fffu, in.remaining()));
                if (from == 0) state.loaded = 0;
                ways.transfer(program_channel, observe::Transfer::Content::program, "fins program",
                              state.loaded, block, (size & 0x8000u) != 0 ? Last::yes : Last::no, pdu.origin);
                state.loaded += static_cast<std::uint32_t>(block.size());
            }
            break;
        }
        case Shape::run: {
            if (in.remaining() < 3) break; // Without a mode: monitor.
            in.u16();
            asked.number = in.u8();
            asked.area = 1; // A mode was said.
            break;
        }
        default:
            break;
        }
        operation.object = object(known, asked);
        operation.count = asked.count;
        if (head.wants_answer()) operation.pair = state.asked.ask(asked, pdu.origin.at, patience);
        ways.say().on(pdu.origin, operation);
    }

    static void answer(const Pdu& pdu, const Head& head, const Known& known, Reader& in, Operation& operation,
                       State& state, Ways& ways) noexcept {
        const auto code = in.u16();
        operation.status = plain_code(code);
        operation.outcome = operation.status == 0 ? Outcome::done : Outcome::refused;
        const auto found = state.asked.answer(nothing(head), pdu.origin.at, patience);
        Room room;
        if (found) {
            const auto& asked = found->request;
            operation.pair = found->pair;
            operation.count = asked.count;
            operation.object = object(known, asked);
            if (operation.outcome == Outcome::done && known.shape == Shape::read_area && in.ok())
                operation.value = values(in, static_cast<std::uint8_t>(asked.area), asked.count, room);
        }
        ways.say().on(pdu.origin, operation);
        if (operation.outcome == Outcome::done && in.ok()) learn(pdu, head, known, in, operation.part, ways);
    }

    using Room = std::array<std::byte, 256>; ///< 2,000 bits

    /// One element a byte for bits, two for words, four where a register or the forced bits come with it.
    static observe::Value values(Reader& in, std::uint8_t code, std::uint16_t count, Room& room) noexcept {
        const auto* area = find_area(code);
        if (!area || count == 0) return {};
        const auto bytes = in.take(std::size_t{count} * area->size);
        if (bytes.empty()) return {};
        if (area->size == 1) {
            if (count == 1) return (std::to_integer<unsigned>(bytes[0]) & 1u) != 0;
            if (count > room.size() * 8) return bytes;
            for (std::size_t at = 0; at < count; ++at) {
                auto& into = room[at / 8];
                if (at % 8 == 0) into = {};
                into |= (bytes[at] & std::byte{1}) << at % 8;
            }
            return observe::Array{observe::Array::Of::bit, true, count, Bytes{room}.first((count + 7u) / 8)};
        }
        if (area->size == 2) {
            if (count == 1) return std::uint64_t{Reader{bytes}.u16()};
            return observe::Array{observe::Array::Of::u16, false, count, bytes};
        }
        if (count == 1) return std::uint64_t{Reader{bytes}.u32()};
        return observe::Array{observe::Array::Of::u32, false, count, bytes};
    }

    static std::string_view mode_name(std::uint8_t mode) noexcept {
        switch (mode) {
        case 0:
            return "program";
        case 1:
            return "debug";
        case 2:
            return "monitor";
        case 4:
            return "run";
        default:
            return {};
        }
    }

    /// Text of a fixed width, filled up with spaces or zeros.
    static std::string_view trimmed(Bytes bytes) noexcept {
        auto text = as_text(bytes);
        text = text.substr(0, text.find('\0'));
        while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
        return text;
    }

    static void learn(const Pdu& pdu, const Head& head, const Known& known, Reader& in, const Part& part,
                      Ways& ways) noexcept {
        const auto tell = [&](observe::Attribute attribute, std::string_view value) {
            if (value.empty()) return;
            ways.say().on(pdu.origin, observe::Identity{.protocol = pdu.protocol,
                                                        .subject = observe::Subject::speaker,
                                                        .part = part,
                                                        .attribute = attribute,
                                                        .value = value});
        };
        switch (known.shape) {
        case Shape::controller: { // 5-3-17: model and version in 20 characters each
            const auto model = in.take(20), version = in.take(20);
            tell(observe::Attribute::product, trimmed(model));
            tell(observe::Attribute::firmware, trimmed(version));
            break;
        }
        case Shape::status: { // 5-3-19
            const auto status = in.u8(), mode = in.u8();
            if (!in.ok()) break;
            tell(observe::Attribute::state, (status & 0x7f) == 0 ? "stop" : mode == 2 ? "monitor" : "run");
            break;
        }
        default:
            if (head.code == 0x0401) tell(observe::Attribute::state, "run");
            if (head.code == 0x0402) tell(observe::Attribute::state, "stop");
            break;
        }
    }

    static void report(const Pdu& pdu, Ways& ways, Malformed detail) noexcept {
        ways.say().on(pdu.origin, observe::Anomaly{pdu.protocol, detail});
    }
};

} // namespace

extern constinit const Dissector fins = row<Fins>();

} // namespace yagura::dissect::protocols
