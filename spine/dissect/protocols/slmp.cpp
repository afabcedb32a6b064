// SLMP, and MELSEC's MC protocol in the frames 3E and 4E, which are the same on the wire: binary and ascii
// code, over TCP and UDP. CC-Link IE Field Basic, whose messages are of the same form, is a row of its own.
//
// From "SLMP Reference Manual" SH(NA)-080956ENG, chapters 4 and 5, and "MELSEC Communication Protocol
// Reference Manual" SH(NA)-080008. docs/protocols/slmp.md tells objects and limits.
#include <algorithm>
#include <optional>

#include "spine/dissect/dissector.h"
#include "spine/dissect/protocols/slmp/commands.h"
#include "spine/dissect/protocols/slmp/devices.h"
#include "spine/dissect/protocols/slmp/head.h"

namespace yagura::dissect::protocols {
namespace {

using namespace slmp;
using observe::Act;
using observe::Object;
using observe::Operation;
using observe::Outcome;
using observe::Part;
using observe::Phase;
using observe::Speaker;

constexpr std::uint32_t length_most =
    9'000; // 3,584 words in ascii code are the longest that anybody describes

constexpr bool of_points(std::uint16_t sub) noexcept { return (sub & 1) != 0; }
constexpr bool wide(std::uint16_t sub) noexcept { return (sub & 2) != 0; }        // as iQ-R numbers devices
constexpr bool extended(std::uint16_t sub) noexcept { return (sub & 0x80) != 0; } // with a module's place

struct Slmp {
    static constexpr Over over[]{
        {"tcp", 5007}, {"tcp", 45239}, {"udp", 45237}, {"udp", 45238}, {"udp", 5006}};
    static constexpr Mark marks[]{{0, 0xffff0000, 0x50000000}, {0, 0xffff0000, 0xd0000000},
                                  {0, 0xffff0000, 0x54000000}, {0, 0xffff0000, 0xd4000000},
                                  {0, 0xffffffff, 0x35303030}, {0, 0xffffffff, 0x44303030},
                                  {0, 0xffffffff, 0x35343030}, {0, 0xffffffff, 0x44343030}};
    static constexpr Facts facts{
        .name = "slmp",
        .title = "SLMP / MC protocol",
        .specification = "SH(NA)-080956ENG SLMP Reference Manual",
        .over = over,
        .marks = marks,
        .message_most = 26 + length_most,
        .status_name = end_code_name,
    };

    /// A request that waits for its answer. Frame 3E has no number: its answers come in the order of the
    /// requests.
    struct Asked {
        std::uint32_t number; ///< of the device, address
        std::uint16_t command, sub, serial, pair;
        std::uint16_t count, unit;
        std::uint8_t second; ///< when, modulo 256
        std::uint8_t device; ///< code
        bool waiting, numbered;
    };
    struct State {
        std::array<Asked, 10> asked;
        std::uint16_t pairs;
        std::uint8_t next;
    };
    /// Clients wait a few seconds; the monitoring timer that they announce is how long the controller may
    /// try.
    static constexpr std::uint8_t patience = 15;

    static Recognition looks_like(const Opening& opening) noexcept {
        const auto bytes = opening.latest == Speaker::client ? opening.client : opening.server;
        if (bytes.size() < 4) return {Likeness::more};
        const auto start = announced(bytes);
        if (!start) return {};
        if (bytes.size() < start->size) return {Likeness::more};
        const auto head = read_head(bytes);
        if (!head || !plausible(*head)) return {};
        const auto whole = head->size + head->length;
        if (bytes.size() < whole) return {Likeness::more};
        if (bytes.size() >= whole + 4 && !announced(bytes.subspan(whole))) return {};
        if (head->answer) return {Likeness::yes, Speaker::server};
        Fields in{bytes.subspan(head->size, head->length), head->text};
        in.u16();
        const auto known = find_command(in.u16());
        const auto sub = in.u16();
        if (!in.ok() || sub > 0xff) return {};
        return {known.act == Act::unknown ? Likeness::maybe : Likeness::yes, Speaker::client};
    }

    static Framing frame(Bytes stream) noexcept {
        if (stream.size() < 4) return {};
        const auto start = announced(stream);
        if (!start) return {.lost = Malformed{0, "not the beginning of a frame 3E or 4E"}};
        if (stream.size() < start->size) return {};
        const auto head = read_head(stream);
        if (!head) return {.lost = Malformed{2, "the head is not one of frame 3E or 4E"}};
        if (head->length > length_most) return {.lost = Malformed{7, "length is above 9000"}};
        const auto whole = head->size + head->length;
        return {.length = stream.size() < whole ? 0 : whole};
    }

    static void dissect(const Pdu& pdu, State& state, Ways& ways) noexcept {
        const auto head = read_head(pdu.bytes);
        if (!head) return report(pdu, ways, {0, "message ends inside its head"});
        auto body = pdu.bytes.subspan(head->size);
        std::optional<Malformed> trouble;
        if (body.size() < head->length)
            trouble = Malformed{7, "message ends before its length"};
        else if (body.size() > head->length) {
            trouble = Malformed{7, "bytes behind the message"};
            body = body.first(head->length);
        }
        Fields in{body, head->text};
        Operation operation{.protocol = pdu.protocol, .part = part_of(*head)};
        if (head->answer)
            answer(pdu, *head, in, operation, trouble, state, ways);
        else
            request(pdu, *head, in, operation, trouble, state, ways);
        if (trouble) report(pdu, ways, *trouble);
    }

private:
    static bool plausible(const Head& head) noexcept {
        const unsigned unit = head.text ? 2 : 1;
        if (head.length < (head.answer ? 2u : 6u) * unit || head.length > length_most) return false;
        // The CPU itself, one of several CPUs, a control system, or a module's place.
        return head.module == 0x03ff || (head.module >= 0x03d0 && head.module <= 0x03d3) ||
               (head.module >= 0x03e0 && head.module <= 0x03e3) || head.module < 0x0200;
    }

    /// Empty for the controller that is connected to: network 0, station 255, its own CPU.
    static Part part_of(const Head& head) noexcept {
        Part part;
        const auto step = [&](Part::Hop hop, std::uint32_t number) {
            part.steps[part.size++] = {hop, number};
        };
        if (head.network != 0 || head.station != 0xff) {
            step(Part::Hop::network, head.network);
            step(Part::Hop::station, head.station);
        }
        if (head.module != 0x03ff) step(Part::Hop::module, head.module);
        if (head.multidrop != 0) step(Part::Hop::unit, head.multidrop);
        return part;
    }

    static void name(Operation& operation, std::uint16_t command, std::uint16_t sub) noexcept {
        const auto known = find_command(command);
        operation.function = {std::uint32_t{command} << 16 | sub, known.name};
        operation.act = known.act;
    }

    /// One device, and where it stands.
    struct Spot {
        std::uint32_t code = 0, number = 0;
        std::uint16_t unit = 0;
        Object object() const noexcept { return object_of(code, number, unit); }
    };
    static Spot read_spot(Fields& in, std::uint16_t sub) noexcept {
        Spot spot;
        if (in.text()) {
            const auto* known = find_device(as_text(in.raw(wide(sub) ? 4 : 2)));
            spot.number = in.digits(wide(sub) ? 8 : 6, known && !known->hexadecimal ? 10 : 16);
            spot.code = known ? known->code : 0;
            return spot;
        }
        if (extended(sub)) in.raw(2); // by an index register, or not
        spot.number = in.number(wide(sub) ? 4 : 3);
        spot.code = in.number(wide(sub) ? 2 : 1);
        if (extended(sub)) {
            in.raw(2);
            const auto unit = in.u16();
            if (in.u8() == 0xf8) spot.unit = unit; // 0xf9: a link's device, by network
        }
        return spot;
    }

    static void request(const Pdu& pdu, const Head& head, Fields& in, Operation& operation,
                        std::optional<Malformed>& trouble, State& state, Ways& ways) noexcept {
        in.u16(); // monitoring timer
        const auto command = in.u16(), sub = in.u16();
        if (!in.ok()) {
            if (!trouble) trouble = behind(head.size, Malformed{0, "message ends before its command"});
            return;
        }
        name(operation, command, sub);
        const auto known = find_command(command);
        const bool asks = command != 0x2101; // On demand: the controller tells, nobody answers.
        operation.phase = asks ? Phase::request : Phase::event;
        Room room;
        Asked fresh{.number = 0,
                    .command = command,
                    .sub = sub,
                    .serial = head.serial,
                    .pair = 0,
                    .count = 0,
                    .unit = 0,
                    .second = second(pdu),
                    .device = 0,
                    .waiting = true,
                    .numbered = head.numbered};
        Fields more = in;
        read_request(known, in, sub, operation, fresh, room);
        if (!in.ok() && !trouble)
            trouble = behind(head.size + in.position(), Malformed{0, "request ends before what it promises"});
        if (asks) operation.pair = ask(state, fresh);
        ways.say().on(pdu.origin, operation);
        if (in.ok() && known.shape == Shape::random_write) further(pdu, more, sub, operation, ways);
    }

    static void read_request(const Known& known, Fields& in, std::uint16_t sub, Operation& operation,
                             Asked& asked, Room& room) noexcept {
        const auto about = [&](const Spot& spot, std::uint32_t count) {
            if (!in.ok()) return;
            operation.object = spot.object();
            operation.count = count;
            asked.number = spot.number;
            asked.device = static_cast<std::uint8_t>(spot.code);
            asked.unit = spot.unit;
            asked.count = static_cast<std::uint16_t>(count);
        };
        const auto address = [&](std::string_view space, std::uint32_t number, std::uint32_t count,
                                 std::uint16_t unit) {
            if (!in.ok()) return;
            operation.object = {.space = space, .group = unit, .number = number};
            operation.count = count;
            asked.number = number;
            asked.unit = unit;
            asked.count = static_cast<std::uint16_t>(count);
        };
        // In text, where a module's place is written has several forms: what follows is then told without it.
        if (in.text() && extended(sub)) return;
        switch (known.shape) {
        case Shape::read:
        case Shape::write: {
            const auto spot = read_spot(in, sub);
            const auto count = in.u16();
            about(spot, count);
            if (known.shape == Shape::write)
                operation.value = of_points(sub) ? in.points(count, room) : in.words(count, room);
            break;
        }
        case Shape::random_read:
        case Shape::monitor: {
            const auto words = in.u8(), doubles = in.u8();
            if (words + doubles == 0) break;
            const auto spot = read_spot(in, sub);
            about(spot, std::uint32_t{words} + doubles);
            break;
        }
        case Shape::random_write: {
            const auto count = of_points(sub) ? std::uint32_t{in.u8()} : std::uint32_t{in.u8()} + in.u8();
            if (count == 0) break;
            const auto spot = read_spot(in, sub);
            about(spot, count);
            break;
        }
        case Shape::read_blocks:
        case Shape::write_blocks: {
            const auto blocks = std::uint32_t{in.u8()} + in.u8();
            if (blocks == 0) break;
            const auto spot = read_spot(in, sub);
            const auto count = in.u16();
            about(spot, count);
            if (known.shape == Shape::write_blocks) operation.value = in.words(count, room);
            break;
        }
        case Shape::memory_read:
        case Shape::memory_write: {
            const auto number = in.u32();
            const auto count = in.u16();
            address("memory", number, count, 0);
            if (known.shape == Shape::memory_write) operation.value = in.words(count, room);
            break;
        }
        case Shape::module_read:
        case Shape::module_write: {
            const auto number = in.u32();
            const auto count = in.u16(), unit = in.u16();
            address("module buffer", number, count, unit);
            break;
        }
        default:
            break;
        }
    }

    /// One request may write devices here and there. The first is the operation's object.
    static void further(const Pdu& pdu, Fields in, std::uint16_t sub, const Operation& operation,
                        Ways& ways) noexcept {
        const unsigned singles = in.u8(), doubles = of_points(sub) ? 0u : in.u8();
        for (unsigned at = 0; at < singles + doubles && in.ok(); ++at) {
            const auto spot = read_spot(in, sub);
            const auto value = of_points(sub) ? in.number(wide(sub) ? 2 : 1)
                               : at < singles ? in.u16()
                                              : in.u32();
            if (!in.ok()) return;
            ways.say().on(pdu.origin,
                          observe::Variable{.protocol = pdu.protocol,
                                            .part = operation.part,
                                            .object = spot.object(),
                                            .value = of_points(sub) ? observe::Value{value != 0}
                                                                    : observe::Value{std::uint64_t{value}},
                                            .count = 1});
        }
    }

    static void answer(const Pdu& pdu, const Head& head, Fields& in, Operation& operation,
                       std::optional<Malformed>& trouble, State& state, Ways& ways) noexcept {
        operation.phase = Phase::response;
        const auto code = in.u16();
        if (!in.ok()) { // Done or refused: nobody knows.
            if (!trouble) trouble = behind(head.size, Malformed{0, "answer ends before its end code"});
            return;
        }
        operation.status = code;
        operation.outcome = code == 0 ? Outcome::done : Outcome::refused;
        operation.function.name = "answer";
        const auto likely = common(state, head, second(pdu));
        const auto asked = asked_for(state, head, code == 0 ? std::optional{in.remaining()} : std::nullopt,
                                     second(pdu));
        if (code != 0) {
            // Says again for whom it was and what it was (4.3, "error information").
            in.u8(), in.u8(), in.u16(), in.u8();
            const auto command = in.u16(), sub = in.u16();
            if (in.ok()) name(operation, command, sub);
        }
        if (!asked && likely && code == 0) name(operation, likely->command, likely->sub);
        if (asked) {
            name(operation, asked->command, asked->sub);
            operation.pair = asked->pair;
            const auto known = find_command(asked->command);
            if (asked->device != 0)
                operation.object = object_of(asked->device, asked->number, asked->unit);
            else if (known.shape == Shape::memory_read || known.shape == Shape::memory_write)
                operation.object = {.space = "memory", .number = asked->number};
            else if (known.shape == Shape::module_read || known.shape == Shape::module_write)
                operation.object = {.space = "module buffer", .group = asked->unit, .number = asked->number};
            operation.count = asked->count;
        }
        Room room;
        if (asked && code == 0) {
            const auto shape = find_command(asked->command).shape;
            if (shape == Shape::read)
                operation.value = of_points(asked->sub) ? in.points(asked->count, room)
                                                        : in.words(asked->count, room);
            else if (shape == Shape::memory_read)
                operation.value = in.words(asked->count, room);
            if (!in.ok() && !trouble)
                trouble = behind(head.size + in.position(),
                                 Malformed{0, "answer ends before what was asked for"});
        }
        ways.say().on(pdu.origin, operation);
        if (asked && code == 0) learn(pdu, *asked, in, operation.part, ways);
    }

    /// What an answer says about the controller itself.
    static void learn(const Pdu& pdu, const Asked& asked, Fields& in, const Part& part, Ways& ways) noexcept {
        const auto tell = [&](observe::Attribute attribute, std::string_view value, std::uint8_t confidence) {
            ways.say().on(pdu.origin, observe::Identity{.protocol = pdu.protocol,
                                                        .subject = observe::Subject::speaker,
                                                        .part = part,
                                                        .attribute = attribute,
                                                        .value = value,
                                                        .confidence = confidence});
        };
        switch (asked.command) {
        case 0x0101: { // 5.6: the model in 16 characters, then its code.
            auto model = as_text(in.raw(16));
            while (!model.empty() && (model.back() == ' ' || model.back() == '\0')) model.remove_suffix(1);
            if (!model.empty()) tell(observe::Attribute::product, model, 100);
            break;
        }
        case 0x1001:
            tell(observe::Attribute::state, "run", 90);
            break;
        case 0x1002:
            tell(observe::Attribute::state, "stop", 90);
            break;
        case 0x1003:
            tell(observe::Attribute::state, "pause", 90);
            break;
        default:
            break;
        }
    }

    static std::uint8_t second(const Pdu& pdu) noexcept {
        return static_cast<std::uint8_t>(
            std::chrono::floor<std::chrono::seconds>(pdu.origin.at).time_since_epoch().count());
    }

    static std::uint16_t ask(State& state, Asked fresh) noexcept {
        if (++state.pairs == 0) state.pairs = 1; // Zero means "not paired".
        fresh.pair = state.pairs;
        state.asked[state.next] = fresh;
        state.next = static_cast<std::uint8_t>((state.next + 1u) % state.asked.size());
        return fresh.pair;
    }

    /// Bytes or digits behind the end code, where the request tells.
    static std::optional<std::size_t> promised(const Asked& asked, bool text) noexcept {
        switch (find_command(asked.command).shape) {
        case Shape::read:
            if (of_points(asked.sub)) return text ? asked.count : (asked.count + 1u) / 2u;
            return std::size_t{asked.count} * (text ? 4u : 2u);
        case Shape::write:
        case Shape::random_write:
        case Shape::write_blocks:
        case Shape::memory_write:
        case Shape::module_write:
            return 0;
        case Shape::memory_read:
            return std::size_t{asked.count} * (text ? 4u : 2u);
        default:
            return std::nullopt;
        }
    }

    /// The request that this answers, if there can be only one. With frame 4E the serial number says it. With
    /// 3E a controller answers in order, but a client that gave up on one asks again: if several wait, the
    /// length of the answer decides, or nothing does.
    static std::optional<Asked> asked_for(State& state, const Head& head, std::optional<std::size_t> length,
                                          std::uint8_t now) noexcept {
        Asked* found = nullptr;
        unsigned fitting = 0;
        Asked* oldest = nullptr;
        for (std::size_t i = 0; i < state.asked.size(); ++i) {
            auto& one = state.asked[(state.next + i) % state.asked.size()];
            if (!one.waiting || one.numbered != head.numbered) continue;
            if (static_cast<std::uint8_t>(now - one.second) > patience) {
                one.waiting = false;
                continue;
            }
            if (head.numbered && one.serial != head.serial) continue;
            if (!oldest) oldest = &one;
            const auto wanted = promised(one, head.text);
            if (length && wanted && *wanted != *length) continue;
            ++fitting;
            if (!found) found = &one;
        }
        if (!oldest) return std::nullopt;
        if (fitting == 0 || (fitting > 1 && !all_alike(state, head, *found))) {
            oldest->waiting = false;
            return std::nullopt;
        }
        found->waiting = false;
        if (!head.numbered) // In order: whoever asked before it will not be answered any more.
            for (std::size_t i = 0; i < state.asked.size(); ++i) {
                auto& one = state.asked[(state.next + i) % state.asked.size()];
                if (&one == found) break;
                if (!one.numbered) one.waiting = false;
            }
        return *found;
    }
    /// Where all that wait ask for the same, an answer is to that, whichever of them it answers.
    static std::optional<Asked> common(const State& state, const Head& head, std::uint8_t now) noexcept {
        const Asked* first = nullptr;
        for (const auto& one : state.asked) {
            if (!one.waiting || one.numbered != head.numbered ||
                static_cast<std::uint8_t>(now - one.second) > patience)
                continue;
            if (first && (first->command != one.command || first->sub != one.sub)) return std::nullopt;
            first = &one;
        }
        return first ? std::optional{*first} : std::nullopt;
    }
    static bool same(const Asked& a, const Asked& b) noexcept {
        return a.command == b.command && a.sub == b.sub && a.device == b.device && a.number == b.number &&
               a.count == b.count && a.unit == b.unit;
    }
    static bool all_alike(const State& state, const Head& head, const Asked& as) noexcept {
        return std::ranges::all_of(state.asked, [&](const Asked& one) {
            return !one.waiting || one.numbered != head.numbered ||
                   (head.numbered && one.serial != head.serial) || same(one, as);
        });
    }

    static Malformed behind(std::size_t place, Malformed what) noexcept {
        return what.shifted(static_cast<std::uint32_t>(place));
    }
    static void report(const Pdu& pdu, Ways& ways, Malformed detail) noexcept {
        ways.say().on(pdu.origin, observe::Anomaly{pdu.protocol, detail});
    }
};

} // namespace

extern constinit const Dissector slmp = row<Slmp>();

} // namespace yagura::dissect::protocols
