// Extended MEMOBUS: what Yaskawa's MP controllers, their screens and loggers say to each other over TCP and
// UDP. A head of 12 bytes, then functions much like Modbus's with two numbers.
//
// From "MP920 Communications Module user's manual" SIEZ-C887-2.6, appendix B (218IF messages), and "MP3000
// Series Communications user's manual" SIEP C880725 12, 2.16. docs/protocols/memobus.md tells objects and
// limits.
#include <algorithm>
#include <array>
#include <optional>

#include "spine/dissect/protocols/memobus/functions.h"
#include "spine/dissect/tell.h"
#include "spine/dissect/waiting.h"

namespace yagura::dissect::protocols {
namespace {

using namespace memobus;
using observe::Act;
using observe::Array;
using observe::Object;
using observe::Operation;
using observe::Outcome;
using observe::Part;
using observe::Phase;
using observe::Speaker;
using observe::Value;

constexpr std::size_t head = 12, inner = head + 2; // the 218 header; behind it the message's own length
constexpr std::uint32_t total_most = 4'110;        // 2,044 words
enum Kind : std::uint8_t { command = 0x11, general = 0x12, response = 0x19 };
constexpr std::uint8_t refusal = 0x80;

struct Head {
    std::uint8_t kind = 0, serial = 0;
    std::uint16_t total = 0;
};
constexpr std::optional<Head> read_head(Bytes bytes) noexcept {
    Reader in{bytes};
    const auto kind = in.u8(), serial = in.u8();
    in.take(2); // channels
    const auto first = in.u16();
    const auto total = in.u16le();
    const auto second = in.u32();
    if (!in.ok() || first != 0 || second != 0) return std::nullopt;
    if (kind != command && kind != general && kind != response) return std::nullopt;
    if (total < head || total > total_most) return std::nullopt;
    return Head{kind, serial, total};
}

/// Numbers as the function has them: the lower byte first in the extended ones.
struct Numbers {
    Reader& in;
    bool little;
    std::uint16_t next() const noexcept { return little ? in.u16le() : in.u16(); }
};

struct Memobus {
    static constexpr Over over[]{{"tcp", 10000}, {"udp", 10000}, {"tcp", 10001},
                                 {"udp", 10001}, {"tcp", 10002}, {"udp", 10002}};
    /// Behind the head: the message's length, of which the upper byte is small, and the main function.
    static constexpr Mark marks[]{{12, 0x00f0ff00, 0x00002000}, {12, 0x00f0ff00, 0x00004300}};
    static constexpr Facts facts{
        .name = "memobus",
        .title = "Extended MEMOBUS",
        .specification = "SIEP C880725 12 MP3000 Series Communications user's manual",
        .over = over,
        .marks = marks,
        .message_most = total_most,
        .status_name = error_name,
    };

    struct Asked {
        std::uint16_t function, number, count;
        std::uint8_t serial, cpu;
        bool alike(const Asked& other) const noexcept {
            return serial == other.serial && function == other.function;
        }
        friend bool operator==(const Asked&, const Asked&) = default;
    };
    struct State {
        Waiting<Asked, 8> asked;
    };
    static constexpr std::uint8_t patience = 10;

    static Recognition looks_like(const Opening& opening) noexcept {
        const auto bytes = latest(opening);
        const auto is = read_head(bytes);
        if (!is || is->kind == general) return {bytes.size() < head ? Likeness::more : Likeness::no};
        if (bytes.size() < inner + 3) return {Likeness::more};
        Reader in{bytes.subspan(head)};
        const auto length = in.u16le();
        const auto main = in.u8(), sub = in.u8();
        const auto speaker = is->kind == command ? Speaker::client : Speaker::server;
        const auto plain = static_cast<std::uint8_t>(is->kind == response ? sub & ~refusal : sub);
        if (length + inner != is->total || bytes.size() < is->total ||
            find_function(static_cast<std::uint16_t>(main << 8 | plain)).act == Act::unknown)
            return {length + inner == is->total && bytes.size() < is->total ? Likeness::more : Likeness::no};
        if (bytes.size() >= is->total + 1u && !read_head(bytes.subspan(is->total)) &&
            bytes.size() >= is->total + head)
            return {};
        return {Likeness::yes, speaker};
    }

    static Framing frame(Bytes stream) noexcept {
        if (stream.size() < head) return {};
        const auto is = read_head(stream);
        if (!is) return {.lost = Malformed{0, "not the head of a MEMOBUS message"}};
        return {.length = stream.size() < is->total ? 0u : is->total};
    }

    static void dissect(const Pdu& pdu, State& state, Ways& ways) noexcept {
        const Tell tell{pdu, ways};
        const auto is = read_head(pdu.bytes);
        if (!is) return tell.report({0, "message ends inside its head"});
        if (is->kind == general) {
            tell.operation({.function = {general, "general-purpose message"},
                            .phase = Phase::event,
                            .outcome = Outcome::done});
            if (pdu.bytes.size() < is->total) tell.report({6, "message ends before its length"});
            return;
        }
        std::optional<Malformed> trouble;
        if (pdu.bytes.size() < is->total) trouble = Malformed{6, "message ends before its length"};
        Reader in{pdu.bytes.subspan(head, std::min<std::size_t>(pdu.bytes.size(), is->total) - head)};
        const auto length = in.u16le();
        const auto main = in.u8(), sub = in.u8(), cpus = in.u8();
        if (!in.ok()) {
            if (!trouble) trouble = Malformed{inner, "message ends before its function"};
            return tell.report(*trouble);
        }
        if (!trouble && length + inner != is->total)
            trouble = Malformed{head, "two lengths that do not agree"};
        const bool refused = is->kind == response && (sub & refusal) != 0;
        const auto known = find_function(
            static_cast<std::uint16_t>(main << 8 | (refused ? sub & ~refusal & 0xff : sub)));
        if (known.extended && !refused) in.u8(); // spare
        const auto cpu = static_cast<std::uint8_t>(is->kind == command ? cpus >> 4 : cpus & 15u);
        Operation operation{.function = {known.code, known.name}, .act = known.act};
        if (cpu > 1) {
            operation.part.steps[0] = {Part::Hop::module, cpu};
            operation.part.size = 1;
        }
        if (is->kind == command)
            request(tell, *is, known, cpu, in, operation, state, trouble);
        else
            answer(tell, *is, known, cpu, refused, in, operation, state, trouble);
        if (trouble) tell.report(*trouble);
    }

private:
    static Object object_of(const Known& known, std::uint16_t number) noexcept {
        return known.of == Of::nothing ? Object{} : Object{.space = space_of(known.of), .number = number};
    }
    static bool of_bits(const Known& known) noexcept { return known.of == Of::coil || known.of == Of::relay; }

    static void request(const Tell& tell, const Head& is, const Known& known, std::uint8_t cpu, Reader& in,
                        Operation& operation, State& state, std::optional<Malformed>& trouble) noexcept {
        operation.phase = Phase::request;
        Asked asked{.function = known.code, .number = 0, .count = 0, .serial = is.serial, .cpu = cpu};
        const Numbers numbers{in, known.extended};
        const auto meant = [&](std::uint16_t number, std::uint16_t count) {
            if (!in.ok()) return;
            asked.number = number;
            asked.count = count;
            operation.object = object_of(known, number);
            operation.count = count;
        };
        const Reader all = in;
        switch (known.shape) {
        case Shape::read: {
            const auto number = numbers.next(), count = numbers.next();
            meant(number, count);
            break;
        }
        case Shape::put_one: {
            const auto number = numbers.next();
            meant(number, 1);
            const auto value = numbers.next();
            if (in.ok())
                operation.value = of_bits(known) ? Value{value == 0xff00} : Value{std::uint64_t{value}};
            break;
        }
        case Shape::put_many: {
            const auto number = numbers.next(), count = numbers.next();
            meant(number, count);
            operation.value = values(known, count, in);
            break;
        }
        case Shape::scattered:
        case Shape::put_scattered: {
            const auto count = numbers.next(), number = numbers.next();
            meant(number, count);
            in.take((known.shape == Shape::scattered ? 2u : 4u) * std::size_t{count} - (count ? 2u : 0u));
            break;
        }
        default:
            break;
        }
        if (!in.ok() && !trouble) trouble = behind(in, Malformed{0, "request ends before what it promises"});
        operation.pair = state.asked.ask(asked, tell.pdu.origin.at, patience);
        tell.operation(operation);
        if (known.shape == Shape::put_scattered) further(tell, known, all, operation);
    }

    /// One request may write registers here and there. The first is the operation's object.
    static void further(const Tell& tell, const Known& known, Reader in,
                        const Operation& operation) noexcept {
        const Numbers numbers{in, known.extended};
        const auto count = numbers.next();
        for (std::uint16_t i = 0; i < count; ++i) {
            const auto number = numbers.next(), value = numbers.next();
            if (!in.ok()) return;
            tell.ways.say().on(tell.pdu.origin, observe::Variable{.protocol = tell.pdu.protocol,
                                                                  .part = operation.part,
                                                                  .object = object_of(known, number),
                                                                  .value = std::uint64_t{value},
                                                                  .count = 1});
        }
    }

    static void answer(const Tell& tell, const Head& is, const Known& known, std::uint8_t cpu, bool refused,
                       Reader& in, Operation& operation, State& state,
                       std::optional<Malformed>& trouble) noexcept {
        operation.phase = Phase::response;
        operation.outcome = refused ? Outcome::refused : Outcome::done;
        const Asked like{.function = known.code, .number = 0, .count = 0, .serial = is.serial, .cpu = cpu};
        const auto found = state.asked.answer(like, tell.pdu.origin.at, patience);
        if (found) {
            operation.pair = found->pair;
            operation.object = object_of(known, found->request.number);
            operation.count = found->request.count;
        }
        if (refused)
            operation.status = in.u8();
        else if (found && known.shape == Shape::read) {
            std::uint16_t count = found->request.count;
            if (known.extended) count = std::min(count, in.u16le());
            operation.value = values(known, count, in);
        }
        if (!in.ok() && !trouble) trouble = behind(in, Malformed{0, "answer ends before what was asked for"});
        tell.operation(operation);
    }

    /// Words as they stand there, or points, the lowest bit first.
    static Value values(const Known& known, std::uint16_t count, Reader& in) noexcept {
        const auto bits = of_bits(known);
        const auto data = in.take(bits ? (count + 7u) / 8u : count * 2u);
        if (!in.ok() || count == 0) return {};
        if (bits) {
            if (count == 1) return (data[0] & std::byte{1}) != std::byte{0};
            return Array{Array::Of::bit, true, count, data};
        }
        Reader one{data};
        if (count == 1) return std::uint64_t{known.extended ? one.u16le() : one.u16()};
        return Array{Array::Of::u16, known.extended, count, data};
    }

    static Malformed behind(const Reader& in, Malformed what) noexcept {
        return what.shifted(static_cast<std::uint32_t>(head + in.position()));
    }
};

} // namespace

extern constinit const Dissector memobus = row<Memobus>();

} // namespace yagura::dissect::protocols
