// FANUC FOCAS over Ethernet: what loggers and factory systems ask numerical controls for: state, positions,
// macro variables, parameters, the PMC, programs.
//
// There is no public document of the bytes; docs/protocols/focas.md tells what is known from whom, and what
// is not.
#include <algorithm>
#include <array>
#include <optional>

#include "spine/base/text_room.h"
#include "spine/dissect/in_turn.h"
#include "spine/dissect/protocols/focas/functions.h"
#include "spine/dissect/tell.h"

namespace yagura::dissect::protocols {
namespace {

using namespace focas;
using observe::Act;
using observe::Array;
using observe::Attribute;
using observe::Operation;
using observe::Outcome;
using observe::Phase;
using observe::Speaker;
using observe::Value;

constexpr std::uint32_t magic = 0xa0a0a0a0;
constexpr std::size_t head = 10;
constexpr std::uint32_t length_most = 16'384;
constexpr std::uint16_t functions_most = 32; // in one frame
constexpr std::size_t name_most = 64;

struct Head {
    std::uint16_t version = 0, type = 0, length = 0;
};
constexpr std::optional<Head> read_head(Bytes bytes) noexcept {
    Reader in{bytes};
    const auto mark = in.u32();
    const auto version = in.u16(), type = in.u16(), length = in.u16();
    if (!in.ok() || mark != magic || version == 0 || version > 15 || length > length_most)
        return std::nullopt;
    return Head{version, type, length};
}
constexpr std::optional<Speaker> speaker_of(std::uint16_t type) noexcept {
    switch (type) {
    case open_request:
    case close_request:
    case read_request:
    case read_end_answer:
    case functions_request:
        return Speaker::client;
    case open_answer:
    case close_answer:
    case read_answer:
    case read_data:
    case read_end:
    case functions_answer:
    case functions_refused:
        return Speaker::server;
    default:
        return std::nullopt;
    }
}

struct Focas {
    static constexpr Over over[]{{"tcp", 8193}};
    static constexpr Mark marks[]{{0, 0xffffffff, magic}};
    static constexpr Facts facts{
        .name = "focas",
        .title = "FANUC FOCAS",
        .specification = "none is public; frames and functions as pyfanuc and pyfocas 0.1.1 use them",
        .over = over,
        .marks = marks,
        .message_most = head + length_most,
        .depth = Depth::acts,
    };

    struct Asked {
        std::uint32_t code, number, count;
        std::uint16_t kind; ///< of the PMC: area, and how wide
        friend bool operator==(const Asked&, const Asked&) = default;
    };
    struct State {
        InTurn<Asked> asked;
        std::uint32_t read; ///< bytes of a program that came
        std::uint8_t name_size;
        std::array<char, name_most> name;
    };
    static constexpr std::uint8_t patience = 10;
    static constexpr std::uint64_t program_channel = 0x464f4341;

    static Recognition looks_like(const Opening& opening) noexcept {
        const auto bytes = latest(opening);
        if (bytes.size() < head) return {Likeness::more};
        const auto is = read_head(bytes);
        const auto speaker = is ? speaker_of(is->type) : std::nullopt;
        return {speaker ? Likeness::yes : Likeness::no, speaker};
    }

    static Framing frame(Bytes stream) noexcept {
        if (stream.size() < head) return {};
        const auto is = read_head(stream);
        if (!is) return {.lost = Malformed{0, "not the head of a FOCAS frame"}};
        const auto whole = head + is->length;
        return {.length = stream.size() < whole ? 0 : whole};
    }

    static void dissect(const Pdu& pdu, State& state, Ways& ways) noexcept {
        const Tell tell{pdu, ways};
        const auto is = read_head(pdu.bytes);
        if (!is) return tell.report({0, "message ends inside its head"});
        auto body = pdu.bytes.subspan(head);
        std::optional<Malformed> trouble;
        if (body.size() < is->length)
            trouble = Malformed{8, "message ends before its length"};
        else
            body = body.first(is->length);
        Reader in{body};
        const auto simple = [&](std::string_view name, Act act, Phase phase) {
            // An answer is known by what was asked.
            tell.operation(
                {.function = {(is->type & 0xff00u) | (is->type > 0x0202 ? is->type & 0xffu : 1u), name},
                 .act = act,
                 .phase = phase,
                 .outcome = phase == Phase::request ? Outcome::pending : Outcome::done});
        };
        switch (is->type) {
        case open_request:
            simple("open", Act::connect, Phase::request);
            break;
        case open_answer:
            simple("open", Act::connect, Phase::response);
            break;
        case close_request:
            simple("close", Act::disconnect, Phase::request);
            break;
        case close_answer:
            simple("close", Act::disconnect, Phase::response);
            break;
        case functions_request:
        case functions_answer:
        case functions_refused:
            several(tell, *is, in, state, trouble);
            break;
        case read_request:
        case read_answer:
        case read_data:
        case read_end:
        case read_end_answer:
            program(tell, *is, body, state);
            break;
        default:
            simple("unknown frame", Act::unknown, Phase::event);
            break;
        }
        if (trouble) tell.report(*trouble);
    }

private:
    /// One frame asks for, or answers, several functions; what is kept is the first.
    static void several(const Tell& tell, const Head& is, Reader& in, State& state,
                        std::optional<Malformed>& trouble) noexcept {
        const bool asks = is.type == functions_request;
        const auto count = in.u16();
        if (in.ok() && count > functions_most && !trouble)
            trouble = Malformed{head, "more functions than a frame has"};
        std::optional<InTurn<Asked>::Found> found;
        if (!asks && in.ok()) found = state.asked.answer(tell.pdu.origin.at, patience);
        std::uint32_t pair = found ? found->pair : 0;
        bool whole = in.ok();
        for (std::uint16_t i = 0; i < std::min(count, functions_most) && whole; ++i) {
            const auto length = in.u16();
            if (!in.ok() || length < 2) break;
            Reader one{in.take(std::min<std::size_t>(length - 2u, in.remaining()))};
            const auto device = one.u16();
            one.u16(); // always 1
            const auto function = one.u16();
            if (!one.ok()) break;
            const auto known = find_function(std::uint32_t{device} << 16 | function);
            Operation operation{.function = {known.code, known.name}, .act = known.act};
            if (asks)
                request(tell, known, one, i == 0, pair, operation, state);
            else
                answer(tell, is, known, one, i == 0 && found ? &found->request : nullptr, pair, operation);
            whole = one.ok();
        }
        if ((!in.ok() || !whole) && !trouble)
            trouble = Malformed{head, "message ends before its functions do"};
    }

    static void object(const Known& known, const Asked& asked, Operation& operation) noexcept {
        switch (known.shape) {
        case Shape::macro:
        case Shape::macro_double:
            operation.object = {.space = "macro variable", .number = asked.number};
            break;
        case Shape::parameter:
            operation.object = {.space = "parameter", .number = asked.number};
            break;
        case Shape::pmc:
            if (const auto area = pmc_area(asked.kind >> 8u); !area.empty())
                operation.object = {.form = observe::Object::Form::device,
                                    .space = area,
                                    .number = asked.number,
                                    .element = 10};
            break;
        default:
            return;
        }
        operation.count = asked.count;
    }

    static void request(const Tell& tell, const Known& known, Reader& in, bool first, std::uint32_t& pair,
                        Operation& operation, State& state) noexcept {
        const auto from = in.u32(), to = in.u32(), third = in.u32(), fourth = in.u32(), size = in.u32();
        operation.phase = Phase::request;
        Asked asked{.code = known.code, .number = 0, .count = 0, .kind = 0};
        if (in.ok()) {
            asked.number = from;
            const bool counted = known.shape == Shape::macro_double && known.act == Act::read;
            asked.count = counted ? to : to >= from ? to - from + 1 : 1;
            if (known.act == Act::write && known.shape != Shape::pmc) asked.count = 1;
            if (known.shape == Shape::pmc) {
                const auto width = std::min(fourth, 2u);
                asked.kind = static_cast<std::uint16_t>((third & 0xffu) << 8 | width);
                asked.count >>= width;
            }
            object(known, asked, operation);
            if (known.act == Act::write && known.shape == Shape::macro_double && size == 8)
                operation.value = real(in.take(8));
            else if (known.act == Act::write && known.shape == Shape::pmc)
                operation.value = pmc(in.take(std::min<std::size_t>(size, in.remaining())),
                                      asked.kind & 0xffu);
        }
        if (first) pair = state.asked.ask(asked, tell.pdu.origin.at, patience);
        operation.pair = pair;
        tell.operation(operation);
    }

    static void answer(const Tell& tell, const Head& is, const Known& known, Reader& in, const Asked* asked,
                       std::uint32_t pair, Operation& operation) noexcept {
        const auto error = in.u16();
        in.take(4); // more about the error
        operation.phase = Phase::response;
        operation.pair = pair;
        if (asked && asked->code == known.code) object(known, *asked, operation);
        const bool refused = is.type == functions_refused || error != 0;
        operation.outcome = refused ? Outcome::refused : Outcome::done;
        operation.status = error;
        const auto size = refused ? std::uint16_t{0} : in.u16();
        const auto data = in.take(size);
        if (in.ok() && !refused && asked && asked->code == known.code && known.act == Act::read) {
            if (known.shape == Shape::macro && size == 8) operation.value = scaled(data);
            if (known.shape == Shape::macro_double) operation.value = reals(data);
            if (known.shape == Shape::pmc) operation.value = pmc(data, asked->kind & 0xffu);
        }
        tell.operation(operation);
        if (in.ok() && !refused) learn(tell, known, data);
    }

    /// What an answer says about the control itself.
    static void learn(const Tell& tell, const Known& known, Bytes data) noexcept {
        Reader in{data};
        if (known.shape == Shape::status) {
            in.u16(); // automatic, manual, ...
            const auto run = in.u16();
            if (in.ok()) tell.of_speaker(Attribute::state, run >= 3 ? "run" : "stop", 80);
        }
        if (known.shape != Shape::system) return;
        in.take(4); // what more there is, how many axes
        const auto control = label(in.take(2)), machine = label(in.take(2)), series = label(in.take(4)),
                   version = label(in.take(4));
        if (!in.ok()) return;
        const auto printable = [](std::string_view text) {
            return !text.empty() && std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f; });
        };
        if (!printable(control)) return;
        tell.of_speaker(Attribute::vendor, "FANUC", 95);
        TextRoom<32> product;
        product.add("FANUC Series ").add(control);
        if (printable(machine)) product.add('-').add(machine);
        tell.of_speaker(Attribute::product, product.view(), 90);
        if (!printable(series) || !printable(version)) return;
        TextRoom<16> firmware;
        firmware.add(series).add(' ').add(version);
        tell.of_speaker(Attribute::firmware, firmware.view(), 90);
    }

    /// A program on its way out of the control, from its name to its end.
    static void program(const Tell& tell, const Head& is, Bytes body, State& state) noexcept {
        Operation operation{.function = {read_request, "read program"}, .act = Act::program_upload};
        operation.phase = is.type == read_request ? Phase::request
                          : is.type == read_data  ? Phase::event
                                                  : Phase::response;
        operation.outcome = is.type == read_request ? Outcome::pending : Outcome::done;
        if (is.type == read_request) {
            const auto name = body.size() > 4 ? label(body.subspan(4)) : std::string_view{};
            state.name_size = static_cast<std::uint8_t>(std::min(name.size(), name_most));
            std::copy_n(name.begin(), state.name_size, state.name.begin());
            state.read = 0;
        }
        const std::string_view name{state.name.data(), state.name_size};
        if (!name.empty()) operation.object = {.space = "program", .text = name};
        tell.operation(operation);
        if (is.type != read_data && is.type != read_end) return;
        tell.ways.transfer(program_channel, observe::Transfer::Content::program, name, state.read,
                           is.type == read_data ? body : Bytes{}, is.type == read_end ? Last::yes : Last::no,
                           tell.pdu.origin);
        state.read = is.type == read_end ? 0 : state.read + static_cast<std::uint32_t>(body.size());
    }

    /// A number as a whole one and a power of 2 or 10 that divides it.
    static Value scaled(Bytes data) noexcept {
        Reader in{data};
        const auto whole = static_cast<std::int32_t>(in.u32());
        in.u8();
        const auto base = in.u8();
        const auto valid = in.u8(), exponent = in.u8();
        if (!in.ok() || (base != 2 && base != 10) || valid != 0 || exponent > 30) return {};
        double number = whole;
        for (unsigned i = 0; i < exponent; ++i) number /= base;
        return number;
    }
    static Value real(Bytes data) noexcept {
        Reader in{data};
        const auto bits = in.u64();
        return in.ok() ? Value{std::bit_cast<double>(bits)} : Value{};
    }
    static Value reals(Bytes data) noexcept {
        if (data.size() <= 8) return real(data);
        return Array{Array::Of::f64, false, static_cast<std::uint16_t>(data.size() / 8), data};
    }
    static Value pmc(Bytes data, unsigned width) noexcept {
        const auto kind = width == 0 ? Array::Of::u8 : width == 1 ? Array::Of::u16 : Array::Of::u32;
        const auto count = data.size() >> width;
        if (count == 0) return {};
        Reader in{data};
        if (count == 1)
            return width == 0   ? Value{std::uint64_t{in.u8()}}
                   : width == 1 ? Value{std::uint64_t{in.u16()}}
                                : Value{std::uint64_t{in.u32()}};
        return Array{kind, false, static_cast<std::uint16_t>(count), data};
    }
};

} // namespace

extern constinit const Dissector focas = row<Focas>();

} // namespace yagura::dissect::protocols
