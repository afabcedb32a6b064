// TOYOPUC computer link: what screens, loggers and engineering tools ask JTEKT's controllers for over TCP and
// UDP, also through controllers that relay it.
//
// From "TOYOPUC computer link instruction manual" (frame, commands, error codes).
// docs/protocols/toyopuc.md tells objects and limits.
#include <algorithm>
#include <array>
#include <optional>
#include <span>

#include "spine/base/text_room.h"
#include "spine/dissect/in_turn.h"
#include "spine/dissect/protocols/toyopuc/commands.h"
#include "spine/dissect/tell.h"

namespace yagura::dissect::protocols {
namespace {

using namespace toyopuc;
using observe::Act;
using observe::Array;
using observe::Attribute;
using observe::Object;
using observe::Operation;
using observe::Outcome;
using observe::Part;
using observe::Phase;
using observe::Speaker;
using observe::Value;

constexpr std::size_t head = 4; // frame type, answer's code, length
constexpr std::uint32_t length_most = 2'100;
enum Frame : std::uint8_t { command_frame = 0x00, answer_frame = 0x80 };
constexpr std::uint8_t refusal = 0x10, enquiry = 0x05, acknowledged = 0x06;
constexpr int relays_most = 4;
constexpr std::uint16_t stop_scan = 0x0200, read_status = 0x1100, read_clock = 0x7000, set_clock = 0x7100;

struct Head {
    bool answer = false, refused = false;
    std::uint16_t length = 0;
    std::uint8_t command = 0;
};
/// Nothing if the bytes are none, or fewer than five.
constexpr std::optional<Head> read_head(Bytes bytes) noexcept {
    Reader in{bytes};
    const auto type = in.u8(), code = in.u8();
    const auto length = in.u16le();
    const auto command = in.u8();
    if (!in.ok() || length == 0 || length > length_most) return std::nullopt;
    if (type == command_frame && code == 0) return Head{false, false, length, command};
    if (type == answer_frame && (code == 0 || code == refusal)) return Head{true, code != 0, length, command};
    return std::nullopt;
}

/// Does a command have so many bytes behind its code?
bool has_length(const Known& known, Bytes data) noexcept {
    const auto size = data.size();
    const std::size_t number = known.by_number ? 1 : 0;
    switch (known.shape) {
    case Shape::words:
    case Shape::bytes:
        return size == 4 + number;
    case Shape::put_words:
        return size >= 4 + number && (size - number) % 2 == 0;
    case Shape::put_bytes:
        return size >= 3 + number;
    case Shape::bit:
        return size == 2;
    case Shape::put_bit:
        return size == 3 && std::to_integer<unsigned>(data[2]) <= 1;
    case Shape::scattered_words:
    case Shape::scattered_bytes:
        return size >= 2 && size % 2 == 0;
    case Shape::put_scattered_words:
        return size >= 4 && size % 4 == 0;
    case Shape::put_scattered_bytes:
        return size >= 3 && size % 3 == 0;
    case Shape::mixed:
    case Shape::put_mixed: {
        if (size < 6) return false;
        Reader in{data};
        const std::size_t bits = in.u8(), bytes = in.u8(), words = in.u8();
        const bool puts = known.shape == Shape::put_mixed;
        return size == 3 + bits * (puts ? 4u : 3u) + bytes * (puts ? 4u : 3u) + words * (puts ? 5u : 3u);
    }
    case Shape::block:
        return size == 6;
    case Shape::put_block:
        return size >= 5;
    case Shape::pc10_mixed:
        return size >= 8;
    case Shape::call:
        return size >= 2 + number && size <= 32;
    case Shape::relay:
        return size >= 8 && std::to_integer<unsigned>(data[3]) == enquiry;
    case Shape::one_byte:
        return size == 1;
    default:
        return known.act != Act::unknown;
    }
}

struct Toyopuc {
    static constexpr Over over[]{{"tcp", 1025}, {"udp", 1025}, {"tcp", 1026}, {"udp", 1026}};
    static constexpr Mark marks[]{{0, 0xffff0000, 0x00000000}, {0, 0xffef0000, 0x80000000}};
    static constexpr Facts facts{
        .name = "toyopuc",
        .title = "TOYOPUC computer link",
        .specification = "TOYOPUC computer link instruction manual",
        .over = over,
        .marks = marks,
        .message_most = head + length_most,
        .status_name = error_name,
    };

    struct Asked {
        std::uint32_t number; ///< address, or a function's code
        std::uint16_t count;
        std::uint8_t command, area; ///< of a program or an extended area
        std::uint8_t relays;
        friend bool operator==(const Asked&, const Asked&) = default;
    };
    struct State {
        InTurn<Asked> asked;
    };
    static constexpr std::uint8_t patience = 10;

    /// The head is zeros and a length: one side alone is a sign only where its length fits its command, and
    /// surely only with the other one.
    static Recognition looks_like(const Opening& opening) noexcept {
        const auto bytes = latest(opening);
        const auto other = opening.latest == Speaker::client ? opening.server : opening.client;
        if (bytes.size() < 5) return {Likeness::more};
        const auto is = fits(bytes);
        if (!is) return {};
        const auto speaker = is->answer ? Speaker::server : Speaker::client;
        if (bytes.size() < head + is->length) return {Likeness::more};
        if (other.empty()) return {is->answer ? Likeness::more : Likeness::maybe, speaker};
        const auto beside = fits(other);
        if (!beside || beside->answer == is->answer) return {};
        return {Likeness::yes, speaker};
    }

    static Framing frame(Bytes stream) noexcept {
        if (stream.size() < 5) return {};
        const auto is = read_head(stream);
        if (!is) return {.lost = Malformed{0, "not the beginning of a command or an answer"}};
        const auto whole = head + is->length;
        return {.length = stream.size() < whole ? 0 : whole};
    }

    static void dissect(const Pdu& pdu, State& state, Ways& ways) noexcept {
        const Tell tell{pdu, ways};
        const auto is = read_head(pdu.bytes);
        if (!is) return tell.report({0, "message ends inside its head"});
        auto data = pdu.bytes.subspan(head + 1);
        std::optional<Malformed> trouble;
        if (data.size() + 1 < is->length) {
            trouble = Malformed{2, "message ends before its length"};
        } else if (data.size() + 1 > is->length) {
            trouble = Malformed{2, "bytes behind the message"};
            data = data.first(is->length - 1u);
        }
        if (is->answer)
            answer(tell, *is, data, state, trouble);
        else
            request(tell, *is, data, state, trouble);
        if (trouble) tell.report(*trouble);
    }

private:
    static std::optional<Head> fits(Bytes bytes) noexcept {
        const auto is = read_head(bytes);
        if (!is) return std::nullopt;
        if (bytes.size() < head + is->length) // Its command alone has to be one, until all of it is there.
            return is->refused || find_command(is->command).name != Known{}.name ? is : std::nullopt;
        if (bytes.size() > head + is->length) { // Another one follows.
            Reader in{bytes.subspan(head + is->length)};
            const auto type = in.u8();
            if (type != (is->answer ? answer_frame : command_frame)) return std::nullopt;
        }
        const auto data = bytes.subspan(head + 1, is->length - 1u);
        if (is->refused) return is->length <= 4 ? is : std::nullopt;
        const auto known = find_command(is->command);
        if (known.name == Known{}.name || (!is->answer && !has_length(known, data))) return std::nullopt;
        return is;
    }

    using Room = TextRoom<24>;
    static void hex(Room& into, std::uint32_t value, unsigned digits) noexcept {
        while (digits < 8 && value >> (digits * 4)) ++digits;
        for (auto shift = digits * 4; shift != 0;) into.add("0123456789ABCDEF"[value >> (shift -= 4) & 15u]);
    }
    enum class Unit : std::uint8_t { bit, byte, word };
    /// "D0100", "P1-X010W", "M100", "D0100L": as people write it.
    static Object object_of(std::uint32_t address, std::uint8_t number, bool by_number, Unit unit,
                            Room& room) noexcept {
        const std::uint32_t word = unit == Unit::word   ? address
                                   : unit == Unit::byte ? address / 2
                                                        : address / 16;
        std::span<const Area> among = areas;
        if (by_number) {
            if (number >= 1 && number <= 3)
                room.add('P').number(number).add('-');
            else if (number == 0)
                among = extended_areas;
            else if (number == 7)
                among = shared_areas;
            else if (number == 8)
                among = unit_areas;
            else
                among = {};
        }
        for (const auto& area : among) {
            if (word < area.first || word - area.first >= area.words) continue;
            room.add(area.name);
            if (unit == Unit::bit)
                hex(room, address - area.first * 16u, 3);
            else
                hex(room, word - area.first, area.packed ? 3 : 4);
            if (unit == Unit::byte)
                room.add(address % 2 ? 'H' : 'L');
            else if (unit == Unit::word && area.packed)
                room.add('W');
            return {.text = room.view()};
        }
        room.clear();
        if (by_number) room.number(number).add('/');
        hex(room, address, 4);
        return {.space = "address", .text = room.view()};
    }
    static Object object_of(const Known& known, const Asked& asked, Room& room) noexcept {
        switch (known.shape) {
        case Shape::words:
        case Shape::put_words:
        case Shape::scattered_words:
        case Shape::put_scattered_words:
            return object_of(asked.number, asked.area, known.by_number, Unit::word, room);
        case Shape::bytes:
        case Shape::put_bytes:
        case Shape::scattered_bytes:
        case Shape::put_scattered_bytes:
            return object_of(asked.number, asked.area, known.by_number, Unit::byte, room);
        case Shape::bit:
        case Shape::put_bit:
            return object_of(asked.number, 0, false, Unit::bit, room);
        case Shape::block:
        case Shape::put_block:
            // The programs' own areas are numbered 0D to 0F here.
            if (asked.number >> 16 >= 0x0d && asked.number >> 16 <= 0x0f)
                return object_of(asked.number & 0xffff,
                                 static_cast<std::uint8_t>((asked.number >> 16) - 0x0c), true, Unit::byte,
                                 room);
            hex(room, asked.number, 8);
            return {.space = "address", .text = room.view()};
        case Shape::one_byte:
            return {.space = "flash register", .number = asked.number};
        default:
            return {};
        }
    }

    /// Steps of a relay: which of them, which station behind it. The last four are kept.
    static void step(Part& part, Part::Hop hop, std::uint32_t number) noexcept {
        if (part.size == part.steps.size()) {
            std::shift_left(part.steps.begin(), part.steps.end(), 1);
            --part.size;
            part.cut = true;
        }
        part.steps[part.size++] = {hop, number};
    }
    /// Takes the relays off: what is left are a command and its data. False if a relay refused, or there is
    /// no more.
    static bool unwrap(std::uint8_t& command, Bytes& data, Part& part, std::uint8_t mark, int& relays,
                       std::uint8_t& said) noexcept {
        while (command == 0x60 && relays < relays_most) {
            Reader in{data};
            const auto link = in.u8();
            const auto station = in.u16le();
            const auto told = in.u8();
            if (!in.ok()) return false;
            said = told;
            step(part, Part::Hop::link, link);
            step(part, Part::Hop::station, station);
            ++relays;
            if (said != mark) return false;
            const auto length = in.u16le();
            const auto inner = in.u8();
            if (!in.ok() || length == 0) return false;
            command = inner;
            data = in.take(std::min<std::size_t>(length - 1u, in.remaining()));
        }
        return command != 0x60;
    }

    static void request(const Tell& tell, const Head& is, Bytes data, State& state,
                        std::optional<Malformed>& trouble) noexcept {
        Operation operation{.phase = Phase::request};
        auto command = is.command;
        int relays = 0;
        std::uint8_t mark = enquiry;
        const bool reached = unwrap(command, data, operation.part, enquiry, relays, mark);
        const auto known = find_command(reached ? command : 0x60);
        operation.function = {known.code, known.name};
        operation.act = known.act;
        Asked asked{.number = 0,
                    .count = 0,
                    .command = command,
                    .area = 0,
                    .relays = static_cast<std::uint8_t>(relays)};
        Room room, clock;
        Reader in{data};
        if (reached) read_request(known, in, operation, asked, room, clock);
        if (!trouble && mark != enquiry) trouble = Malformed{head + 4, "a relay without its mark"};
        if (!trouble && !reached) trouble = Malformed{head, "request ends before its command"};
        if (!trouble && !in.ok()) trouble = Malformed{head, "request ends before what it promises"};
        operation.pair = state.asked.ask(asked, tell.pdu.origin.at, patience);
        tell.operation(operation);
        if (reached && in.ok()) further(tell, known, data, operation);
    }

    static void read_request(const Known& known, Reader& in, Operation& operation, Asked& asked, Room& room,
                             Room& clock) noexcept {
        const auto meant = [&](std::uint32_t number, std::size_t count) {
            if (!in.ok()) return;
            asked.number = number;
            asked.count = static_cast<std::uint16_t>(count);
            operation.object = object_of(known, asked, room);
            operation.count = asked.count;
        };
        if (known.by_number && known.shape != Shape::mixed && known.shape != Shape::put_mixed)
            asked.area = in.u8();
        switch (known.shape) {
        case Shape::words:
        case Shape::bytes: {
            const auto number = in.u16le(), count = in.u16le();
            meant(number, count);
            break;
        }
        case Shape::put_words: {
            const auto number = in.u16le();
            meant(number, in.remaining() / 2);
            operation.value = words(in.take(asked.count * std::size_t{2}));
            break;
        }
        case Shape::put_bytes: {
            const auto number = in.u16le();
            meant(number, in.remaining());
            operation.value = bytes(in.rest());
            break;
        }
        case Shape::bit:
            meant(in.u16le(), 1);
            break;
        case Shape::put_bit: {
            meant(in.u16le(), 1);
            const auto on = in.u8();
            if (in.ok()) operation.value = on != 0;
            break;
        }
        case Shape::scattered_words:
        case Shape::scattered_bytes: {
            const auto count = in.remaining() / 2;
            meant(in.u16le(), count);
            break;
        }
        case Shape::put_scattered_words:
        case Shape::put_scattered_bytes: {
            const auto count = in.remaining() / (known.shape == Shape::put_scattered_words ? 4u : 3u);
            meant(in.u16le(), count);
            break;
        }
        case Shape::mixed:
        case Shape::put_mixed: {
            const std::size_t bit_points = in.u8(), byte_points = in.u8(), word_points = in.u8();
            meant(0, bit_points + byte_points + word_points);
            break;
        }
        case Shape::pc10_mixed: {
            const std::size_t bit_points = in.u8(), byte_points = in.u8(), word_points = in.u8(),
                              long_points = in.u8();
            meant(0, bit_points + byte_points + word_points + long_points);
            break;
        }
        case Shape::block: {
            const auto number = in.u32le();
            const auto count = in.u16le();
            meant(number, count);
            break;
        }
        case Shape::put_block: {
            const auto number = in.u32le();
            meant(number, in.remaining());
            operation.value = bytes(in.rest());
            break;
        }
        case Shape::call: {
            const auto code = in.u16();
            if (!in.ok()) break;
            asked.number = code;
            name(operation, known, code);
            if (code == stop_scan && in.remaining() != 0 && in.u8() == 0) asked.count = releases;
            if (asked.count == releases) release(operation);
            if (code == set_clock) operation.value = clock_text(in, clock);
            break;
        }
        case Shape::one_byte:
            meant(in.u8(), 1);
            break;
        default:
            break;
        }
    }
    /// One function stops the scan and releases it again: what it was is kept in its count.
    static constexpr std::uint16_t releases = 0xffff;
    static void release(Operation& operation) noexcept {
        operation.function.name = "release stop of scan";
        operation.act = Act::start;
    }
    static void name(Operation& operation, const Known& known, std::uint16_t code) noexcept {
        const auto function = find_function(code);
        operation.function = {known.code << 16 | code, function.name};
        operation.act = function.act;
    }

    /// One request may write here and there. The first is the operation's object.
    static void further(const Tell& tell, const Known& known, Bytes data,
                        const Operation& operation) noexcept {
        const bool of_words = known.shape == Shape::put_scattered_words;
        if (!of_words && known.shape != Shape::put_scattered_bytes) return;
        Reader in{data};
        while (in.remaining() != 0) {
            const auto address = in.u16le();
            const std::uint64_t value = of_words ? in.u16le() : in.u8();
            if (!in.ok()) return;
            Room room;
            tell.ways.say().on(
                tell.pdu.origin,
                observe::Variable{
                    .protocol = tell.pdu.protocol,
                    .part = operation.part,
                    .object = object_of(address, 0, false, of_words ? Unit::word : Unit::byte, room),
                    .value = value,
                    .count = 1});
        }
    }

    static void answer(const Tell& tell, const Head& is, Bytes data, State& state,
                       std::optional<Malformed>& trouble) noexcept {
        Operation operation{.phase = Phase::response,
                            .outcome = is.refused ? Outcome::refused : Outcome::done};
        auto command = is.command;
        int relays = 0;
        std::uint8_t said = acknowledged;
        const bool reached = is.refused || unwrap(command, data, operation.part, acknowledged, relays, said);
        auto found = state.asked.answer(tell.pdu.origin.at, patience);
        if (is.refused) {
            // The error stands in the command's place, or behind it.
            operation.status = data.empty() ? command : std::to_integer<std::uint32_t>(data.back());
            command = found ? found->request.command : std::uint8_t{0};
        } else if (said != acknowledged) {
            operation.outcome = Outcome::refused;
            operation.status = data.size() > head ? std::to_integer<std::uint32_t>(data.back()) : said;
            command = found ? found->request.command : std::uint8_t{0x60};
        }
        const bool done = operation.outcome == Outcome::done;
        if (found && done && (found->request.command != command || found->request.relays != relays))
            found = std::nullopt;
        const auto known = find_command(command);
        operation.function = {known.code, command == 0 ? "answer" : known.name};
        operation.act = known.act;
        Room room;
        Reader in{data};
        if (found) {
            operation.pair = found->pair;
            operation.object = object_of(known, found->request, room);
            operation.count = known.shape == Shape::call ? 0 : found->request.count;
            if (known.shape == Shape::call)
                name(operation, known, static_cast<std::uint16_t>(found->request.number));
        }
        std::uint16_t function = 0;
        Room clock;
        if (done && known.shape == Shape::call) {
            if (known.by_number) in.u8();
            function = in.u16();
            if (in.ok()) name(operation, known, function);
            if (function == read_clock) operation.value = clock_text(in, clock);
        }
        if (found && known.shape == Shape::call && found->request.count == releases) release(operation);
        if (found && done && reached && !trouble) read_answer(known, found->request, in, operation);
        if (!trouble && !reached && said == acknowledged)
            trouble = Malformed{head, "answer ends before its command"};
        if (!trouble && done && !in.ok()) trouble = Malformed{head, "answer ends before what was asked for"};
        tell.operation(operation);
        if (done && function == read_status && !trouble) learn(tell, operation.part, in);
    }

    static void read_answer(const Known& known, const Asked& asked, Reader& in,
                            Operation& operation) noexcept {
        switch (known.shape) {
        case Shape::words:
            operation.value = words(in.take(asked.count * std::size_t{2}));
            break;
        case Shape::bytes:
        case Shape::block:
            operation.value = bytes(in.take(asked.count));
            break;
        case Shape::bit: {
            const auto on = in.u8();
            if (in.ok()) operation.value = on != 0;
            break;
        }
        default:
            break;
        }
    }

    static Value words(Bytes data) noexcept {
        if (data.empty()) return {};
        if (data.size() == 2) return std::uint64_t{Reader{data}.u16le()};
        return Array{Array::Of::u16, true, static_cast<std::uint16_t>(data.size() / 2), data};
    }
    static Value bytes(Bytes data) noexcept {
        if (data.empty()) return {};
        if (data.size() == 1) return std::uint64_t{Reader{data}.u8()};
        return Array{Array::Of::u8, true, static_cast<std::uint16_t>(data.size()), data};
    }
    /// Seconds, minutes, hours, day, month and year in decimal digits: "26-12-01 03:30:00".
    static Value clock_text(Reader& in, Room& room) noexcept {
        std::array<std::uint8_t, 6> fields{};
        for (auto& one : fields) one = in.u8();
        if (!in.ok()) return {};
        constexpr std::array<std::string_view, 6> before{"", "-", "-", " ", ":", ":"};
        for (std::size_t i = 0; i < fields.size(); ++i) {
            const auto one = fields[fields.size() - 1 - i];
            room.add(before[i]);
            hex(room, one, 2);
        }
        return room.view();
    }

    /// Eight bytes of flags; the first says whether the scan runs.
    static void learn(const Tell& tell, const Part& part, Reader& in) noexcept {
        const auto flags = in.u8();
        if (!in.ok() || (flags & 0xc0) == 0) return;
        tell.ways.say().on(tell.pdu.origin,
                           observe::Identity{.protocol = tell.pdu.protocol,
                                             .subject = observe::Subject::speaker,
                                             .part = part,
                                             .attribute = Attribute::state,
                                             .value = std::string_view{flags & 0x80 ? "run" : "stop"},
                                             .confidence = 100});
        if (part.size == 0) tell.of_speaker(Attribute::vendor, "JTEKT", 70);
    }
};

} // namespace

extern constinit const Dissector toyopuc = row<Toyopuc>();

} // namespace yagura::dissect::protocols
