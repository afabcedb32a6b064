// IEC 60870-5-104: telecontrol. Information objects with their values, commands with select and execute,
// interrogation, clock, files, and the connection's own messages.
//
// From IEC 60870-5-104:2006 (APCI, clause 5) and IEC 60870-5-101:2003 (ASDU, clause 7).
// docs/protocols/iec104.md tells objects and limits.
#include <bit>
#include <optional>

#include "spine/dissect/dissector.h"
#include "spine/dissect/protocols/iec104/types.h"
#include "spine/dissect/waiting.h"

namespace yagura::dissect::protocols {
namespace {

using namespace iec104;
using observe::Act;
using observe::Operation;
using observe::Outcome;
using observe::Part;
using observe::Phase;
using observe::Speaker;
using observe::Value;

constexpr std::uint8_t start_byte = 0x68;
constexpr std::size_t apci = 6;
constexpr std::uint8_t length_least = 4, length_most = 253;
constexpr std::uint32_t unnumbered = 0x10000; ///< codes of U format messages

struct Iec104 {
    static constexpr Over over[]{{"tcp", 2404}};
    static constexpr Mark marks[]{{0, 0xff000000, 0x68000000}};
    static constexpr Facts facts{
        .name = "iec104",
        .title = "IEC 60870-5-104",
        .specification = "IEC 60870-5-104:2006 and IEC 60870-5-101:2003",
        .over = over,
        .marks = marks,
        .message_most = 2 + length_most,
        .status_name = cause_name,
    };

    struct Asked {
        std::uint32_t object;
        std::uint16_t common;
        std::uint8_t type;
        std::uint8_t selects;
        bool alike(const Asked& other) const noexcept {
            return type == other.type && common == other.common && object == other.object;
        }
        friend bool operator==(const Asked&, const Asked&) = default;
    };
    struct State {
        Waiting<Asked, 16> asked;
    };
    /// A command may run for a while before its end is told; its confirmation comes at once.
    static constexpr std::uint8_t patience = 15;

    struct Head {
        Type type;
        std::uint8_t count, cause;
        bool sequence, negative;
        std::uint16_t common;
    };

    static Recognition looks_like(const Opening& opening) noexcept {
        const auto bytes = opening.latest == Speaker::client ? opening.client : opening.server;
        Reader in{bytes};
        const auto start = in.u8(), length = in.u8();
        if (!in.ok()) return {bytes.empty() || start == start_byte ? Likeness::more : Likeness::no};
        if (start != start_byte || length < length_least || length > length_most) return {};
        const auto body = in.take(length);
        if (!in.ok()) return {Likeness::more};
        if (Reader next{in.rest()}; next.remaining() > 0 && next.u8() != start_byte) return {};
        Reader control{body};
        const auto first = control.u8(), second = control.u8(), third = control.u8(), fourth = control.u8();
        if ((first & 1) == 0) {
            if ((third & 1) != 0) return {};
            const auto head = read_head(control);
            if (!head || !fits(*head, control.remaining())) return {};
            return {Likeness::yes, head->type.id >= 100 || (head->type.id >= 45 && head->type.id <= 64)
                                       ? std::nullopt
                                       : std::optional{Speaker::server}};
        }
        if (length != length_least) return {};
        if (first == 1) return {second == 0 && (third & 1) == 0 ? Likeness::maybe : Likeness::no};
        if (second != 0 || third != 0 || fourth != 0 ||
            !std::has_single_bit(static_cast<unsigned>(first >> 2)) || (first & 3) != 3)
            return {};
        const auto speaker = first == 0x07 || first == 0x13   ? std::optional{Speaker::client}
                             : first == 0x0b || first == 0x23 ? std::optional{Speaker::server}
                                                              : std::nullopt; // Both sides test.
        return {Likeness::yes, speaker};
    }

    static Framing frame(Bytes stream) noexcept {
        Reader in{stream};
        const auto start = in.u8(), length = in.u8();
        if (!in.ok()) return {};
        if (start != start_byte) return {.lost = Malformed{0, "not the beginning of an APDU"}};
        if (length < length_least || length > length_most)
            return {.lost = Malformed{1, "length is not within 4..253"}};
        const std::size_t whole = std::size_t{2} + length;
        return {.length = stream.size() < whole ? 0 : whole};
    }

    static void dissect(const Pdu& pdu, State& state, Ways& ways) noexcept {
        Reader in{pdu.bytes};
        in.u8();
        const auto length = in.u8();
        const auto first = in.u8();
        in.take(3);
        if (!in.ok()) return report(pdu, ways, {0, "message ends inside its head"});
        const bool whole = pdu.bytes.size() == std::size_t{2} + length;
        if (!whole) report(pdu, ways, {1, "length is not that of the message"});
        if ((first & 3) == 1) return; // S format: only that so much was received.
        if ((first & 3) == 3) return connection(pdu, first, ways);
        const auto head = read_head(in);
        if (head) asdu(pdu, *head, in, state, ways);
        if (!whole) return; // What that leads to is no complaint of its own.
        if (!head)
            report(pdu, ways, {apci, "message ends inside its ASDU's head"});
        else if (!in.ok())
            report(pdu, ways, at(in, {0, "message ends before its last object"}));
        else if (in.remaining() != 0 && head->type.act != Act::unknown)
            report(pdu, ways, at(in, {0, "bytes behind the last object"}));
    }

private:
    static std::optional<Head> read_head(Reader& in) noexcept {
        const auto id = in.u8(), qualifier = in.u8(), cause = in.u8();
        in.u8(); // originator
        const auto common = in.u16le();
        if (!in.ok()) return std::nullopt;
        return Head{find_type(id),
                    static_cast<std::uint8_t>(qualifier & 0x7f),
                    static_cast<std::uint8_t>(cause & 0x3f),
                    (qualifier & 0x80) != 0,
                    (cause & 0x40) != 0,
                    common};
    }
    static bool fits(const Head& head, std::size_t left) noexcept {
        if (head.type.act == Act::unknown || head.cause == 0 || head.cause > unknown_object) return false;
        if (head.type.id == 125) return left >= 3u + head.type.size;
        if (head.count == 0) return left == 0;
        const auto addresses = head.sequence ? 3u : 3u * head.count;
        return left == addresses + std::size_t{head.count} * head.type.size;
    }

    /// 5.3: U format messages start and stop the transfer of data, and test the line.
    static void connection(const Pdu& pdu, std::uint8_t control, Ways& ways) noexcept {
        struct Known {
            std::uint8_t control;
            std::string_view name;
            Act act;
            bool asks;
        };
        constexpr std::array known{
            Known{0x07, "STARTDT act", Act::connect, true},
            Known{0x0b, "STARTDT con", Act::connect, false},
            Known{0x13, "STOPDT act", Act::disconnect, true},
            Known{0x23, "STOPDT con", Act::disconnect, false},
            Known{0x43, "TESTFR act", Act::diagnose, true},
            Known{0x83, "TESTFR con", Act::diagnose, false},
        };
        for (const auto& one : known)
            if (one.control == control)
                return ways.say().on(pdu.origin,
                                     Operation{.protocol = pdu.protocol,
                                               .function = {unnumbered | control, one.name},
                                               .act = one.act,
                                               .phase = one.asks ? Phase::request : Phase::response,
                                               .outcome = one.asks ? Outcome::pending : Outcome::done});
        report(pdu, ways, {2, "control field of no known message"});
    }

    static void asdu(const Pdu& pdu, const Head& head, Reader& in, State& state, Ways& ways) noexcept {
        Operation operation{.protocol = pdu.protocol,
                            .function = {head.type.id, head.type.name},
                            .act = head.type.act,
                            .part = {.steps = {{{Part::Hop::station, head.common}}}, .size = 1},
                            .count = head.count};
        std::uint32_t address = head.count != 0 ? read_address(in) : 0;
        const auto first = head.count != 0 && in.ok() ? read_object(head.type, in) : Told{};
        if (in.ok() && head.count != 0) operation.object = object(address);
        if (first.selects) operation.act = Act::select;
        operation.value = first.value;
        phase(head, operation);
        if (head.type.id == 122 && first.qualifier == 4) operation.act = Act::file_delete;

        const Asked asked{
            .object = address, .common = head.common, .type = head.type.id, .selects = first.selects};
        if (operation.phase == Phase::request) {
            operation.pair = state.asked.ask(asked, pdu.origin.at, patience);
        } else if (operation.phase == Phase::response && head.cause != terminated) {
            if (const auto found = state.asked.answer(asked, pdu.origin.at, patience)) {
                operation.pair = found->pair;
                if (found->request.selects && operation.act == Act::write) operation.act = Act::select;
            }
        }
        ways.say().on(pdu.origin, operation);
        for (unsigned at = 1; at < head.count && in.ok(); ++at) {
            address = head.sequence ? (address + 1) & 0xffffff : read_address(in);
            const auto told = read_object(head.type, in);
            if (!in.ok()) break;
            if (told.value.index() != 0)
                ways.say().on(pdu.origin, observe::Variable{.protocol = pdu.protocol,
                                                            .part = operation.part,
                                                            .object = object(address),
                                                            .value = told.value,
                                                            .count = 1});
        }
    }
    static Malformed at(const Reader& in, Malformed what) noexcept {
        return what.shifted(static_cast<std::uint32_t>(in.position()));
    }

    static void phase(const Head& head, Operation& operation) noexcept {
        operation.outcome = Outcome::done;
        if (head.cause >= unknown_type && head.cause <= unknown_object) {
            operation.phase = Phase::response;
            operation.outcome = Outcome::refused;
            operation.status = head.cause;
            return;
        }
        switch (head.cause) {
        case activation:
        case deactivation:
            operation.phase = Phase::request;
            operation.outcome = Outcome::pending;
            return;
        case requested:
            // A request to read, or its answer.
            operation.phase = head.type.id == 102 ? Phase::request : Phase::response;
            if (head.type.id == 102) operation.outcome = Outcome::pending;
            return;
        case confirmed:
        case deactivated:
            operation.phase = Phase::response;
            if (head.negative) {
                operation.outcome = Outcome::refused;
                operation.status = head.cause;
            }
            return;
        case terminated:
            operation.phase = Phase::event;
            return;
        case file_transfer: // Whoever calls a file or a directory asks; the rest is what comes of it.
            operation.phase = head.type.id == 122 || head.type.id == 127 ? Phase::request : Phase::event;
            if (operation.phase == Phase::request) operation.outcome = Outcome::pending;
            return;
        default:
            operation.phase = head.cause >= interrogated && head.cause <= counters_last ? Phase::response
                                                                                        : Phase::event;
            return;
        }
    }

    static std::uint32_t read_address(Reader& in) noexcept {
        const auto low = in.u16le();
        return std::uint32_t{in.u8()} << 16 | low;
    }
    static observe::Object object(std::uint32_t address) noexcept {
        return {.space = "object", .number = address};
    }

    struct Told {
        Value value{};
        bool selects = false;
        std::uint8_t qualifier = 0;
    };
    /// One information object behind its address, whole: the value, and whether a command only selects
    /// (7.2.6).
    static Told read_object(const Type& type, Reader& in) noexcept {
        if (type.id == 125) { // A segment says itself how long it is.
            in.take(3);
            in.take(in.u8());
            return {};
        }
        Reader one{in.take(type.size)};
        if (!in.ok()) return {};
        const auto whole = [](std::uint16_t raw) { return std::int64_t{static_cast<std::int16_t>(raw)}; };
        const auto real = [&one] { return double{std::bit_cast<float>(one.u32le())}; };
        switch (type.element) {
        case Element::single:
            return {.value = (one.u8() & 1) != 0};
        case Element::pair: // 0 and 3: between, or broken
            return {.value = std::uint64_t{one.u8() & 3u}};
        case Element::step: {
            const auto raw = one.u8() & 0x7fu;
            return {.value = std::int64_t{raw} - (raw >= 64 ? 128 : 0)};
        }
        case Element::bits:
            return {.value = std::uint64_t{one.u32le()}};
        case Element::normalised:
            return {.value = static_cast<double>(whole(one.u16le())) / 32768.0};
        case Element::scaled:
            return {.value = whole(one.u16le())};
        case Element::real:
            return {.value = real()};
        case Element::counter:
            return {.value = std::int64_t{static_cast<std::int32_t>(one.u32le())}};
        case Element::command_1: {
            const auto raw = one.u8();
            return {.value = (raw & 1) != 0, .selects = (raw & 0x80) != 0};
        }
        case Element::command_2:
        case Element::command_step: {
            const auto raw = one.u8();
            return {.value = std::uint64_t{raw & 3u}, .selects = (raw & 0x80) != 0};
        }
        case Element::set_normalised: {
            const auto value = static_cast<double>(whole(one.u16le())) / 32768.0;
            return {.value = value, .selects = (one.u8() & 0x80) != 0};
        }
        case Element::set_scaled: {
            const auto value = whole(one.u16le());
            return {.value = value, .selects = (one.u8() & 0x80) != 0};
        }
        case Element::set_real: {
            const auto value = real();
            return {.value = value, .selects = (one.u8() & 0x80) != 0};
        }
        case Element::qualifier:
            return {.value = std::uint64_t{one.u8()}};
        case Element::file: {
            const auto name = one.u16le();
            one.u8();
            return {.value = std::uint64_t{name}, .qualifier = one.u8()};
        }
        default:
            return {};
        }
    }

    static void report(const Pdu& pdu, Ways& ways, Malformed detail) noexcept {
        ways.say().on(pdu.origin, observe::Anomaly{pdu.protocol, detail});
    }
};

} // namespace

extern constinit const Dissector iec104 = row<Iec104>();

} // namespace yagura::dissect::protocols
