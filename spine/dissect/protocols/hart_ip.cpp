// HART-IP: field devices on current loops, buses and wireless, asked through gateways and multiplexers.
//
// From FieldComm HCF_SPEC-085 (Network Management, HART-IP: heads, sessions, token-passing PDUs),
// HCF_SPEC-081 (frames), HCF_SPEC-127 and -151 (commands), HCF_SPEC-99 (responses). docs/protocols/hart_ip.md
// tells objects and limits.
#include <array>
#include <bit>
#include <optional>

#include "spine/base/text_room.h"
#include "spine/dissect/protocols/hart_ip/commands.h"
#include "spine/dissect/tell.h"
#include "spine/dissect/waiting.h"

namespace yagura::dissect::protocols {
namespace {

using namespace hart;
using observe::Attribute;
using observe::Operation;
using observe::Outcome;
using observe::Part;
using observe::Phase;
using observe::Speaker;
using observe::Value;

constexpr std::size_t head_size = 8, message_most = 1024;
constexpr std::uint32_t of_session =
    0x10000; ///< codes: this and the message's kind; others are HART commands
constexpr std::uint8_t patience = 60;

enum Message : std::uint8_t { request, response, publish, nak = 15 };
enum Kind : std::uint8_t { initiate, close, keep_alive, token_passing, direct, read_audit_log = 5 };
constexpr std::string_view kinds[]{"session initiate", "session close",  "keep alive",
                                   "token-passing",    "direct command", "read audit log"};
constexpr Act kind_acts[]{Act::connect, Act::disconnect, Act::diagnose,
                          Act::unknown, Act::unknown,    Act::read};

struct Head {
    std::uint8_t version = 0, message = 0, kind = 0, status = 0;
    std::uint16_t transaction = 0, length = 0;
};
Head read_head(Reader& in) noexcept {
    Head head;
    head.version = in.u8();
    head.message = in.u8();
    head.kind = in.u8();
    head.status = in.u8();
    head.transaction = in.u16();
    head.length = in.u16();
    return head;
}
bool is_head(const Head& head) noexcept {
    return (head.version == 1 || head.version == 2) && (head.message <= publish || head.message == nak) &&
           head.kind <= read_audit_log && head.length >= head_size && head.length <= message_most;
}

struct HartIp {
    static constexpr Over over[]{{"tcp", 5094}, {"udp", 5094}};
    /// Version, message and kind: each a small number. Status of a request is zero.
    static constexpr Mark marks[]{{0, 0xfff8f800, 0x01000000}, {0, 0xfff8f800, 0x02000000}};
    static constexpr Facts facts{
        .name = "hart_ip",
        .title = "HART-IP",
        .specification = "FieldComm HCF_SPEC-085, -081, -127, -151 and -99 (HART 7)",
        .over = over,
        .marks = marks,
        .message_most = message_most,
        .status_name = status_name,
    };
    struct Asked {
        std::uint32_t device;
        std::uint16_t transaction, command;
        std::uint8_t kind, variable;
        bool alike(const Asked& other) const noexcept {
            return transaction == other.transaction && kind == other.kind;
        }
        friend bool operator==(const Asked&, const Asked&) = default;
    };
    struct State {
        Waiting<Asked, 14> asked;
    };

    static Recognition looks_like(const Opening& opening) noexcept {
        const auto bytes = latest(opening);
        Reader in{bytes};
        const auto head = read_head(in);
        if (!in.ok())
            return {bytes.empty() || bytes[0] == std::byte{1} || bytes[0] == std::byte{2} ? Likeness::more
                                                                                          : Likeness::no};
        if (!is_head(head) || (head.message == request && head.status != 0)) return {};
        const auto body = in.take(head.length - head_size);
        if (!in.ok()) return {head.kind == token_passing ? Likeness::more : Likeness::no};
        if (Reader after{in.rest()}; after.remaining() >= head_size && !is_head(read_head(after))) return {};
        const auto speaker = head.message == request ? Speaker::client : Speaker::server;
        switch (head.kind) {
        case initiate: // Master's type, and how long it may be silent.
            if (body.size() != 5 || body[0] > std::byte{1}) return {};
            return {Likeness::yes, speaker};
        case token_passing:
            return {is_frame(body, head.message == request) ? Likeness::yes : Likeness::no, speaker};
        case direct:
            return {body.size() >= 4 ? Likeness::maybe : Likeness::no, speaker};
        default:
            return {body.empty() ? Likeness::maybe : Likeness::no, speaker};
        }
    }

    static Framing frame(Bytes stream) noexcept {
        Reader in{stream};
        const auto head = read_head(in);
        if (!in.ok()) return {};
        if (!is_head(head)) return {.lost = Malformed{0, "not the head of a HART-IP message"}};
        return {.length = stream.size() < head.length ? 0u : head.length};
    }

    static void dissect(const Pdu& pdu, State& state, Ways& ways) noexcept {
        const Tell tell{pdu, ways};
        Reader in{pdu.bytes};
        const auto head = read_head(in);
        if (!in.ok()) return tell.report({0, "message ends inside its head"});
        if (!is_head(head)) return tell.report({0, "not the head of a HART-IP message"});
        const std::size_t size = head.length - head_size;
        const bool whole = size <= in.remaining();
        Reader body{in.take(std::min(size, in.remaining()))};
        const bool good = head.kind == token_passing ? token(head, body, whole, state, tell)
                          : head.kind == direct      ? commands_of(head, body, state, tell)
                                                     : session(head, body, state, tell);
        if (!whole)
            tell.report({6, "message is shorter than its length"});
        else if (!good)
            tell.report({head_size, "frame is not as long as it says, or its check octet is wrong"});
        else if (in.remaining() != 0)
            tell.report({6, "bytes behind the message"});
    }

private:
    struct Frame {
        std::uint8_t delimiter = 0;
        std::uint64_t address = 0; ///< five octets, or the short one
        bool is_long = false, answers = false, bursts = false;
        std::uint16_t command = 0;
        std::uint8_t count = 0;
        Bytes data{};
        bool counted = false; ///< as many octets as it says, and a check octet
        bool checked = false;
    };
    /// HCF_SPEC-081, 5.2: delimiter, address, expansion, command, count, data, check.
    static bool read_frame(Bytes bytes, Frame& out) noexcept {
        Reader in{bytes};
        out.delimiter = in.u8();
        const auto type = out.delimiter & 7u;
        out.is_long = (out.delimiter & 0x80) != 0;
        out.answers = type == 6;
        out.bursts = type == 1;
        for (unsigned i = 0; i < (out.is_long ? 5u : 1u); ++i) out.address = out.address << 8 | in.u8();
        in.take(out.delimiter >> 5 & 3u);
        out.command = in.u8();
        out.count = in.u8();
        if (!in.ok()) return false;
        out.data = in.take(std::min<std::size_t>(out.count, in.remaining()));
        out.counted = out.data.size() == out.count && in.remaining() == 1;
        std::uint8_t check = 0;
        for (const auto byte : bytes) check ^= std::to_integer<std::uint8_t>(byte);
        out.checked = out.counted && check == 0;
        return true;
    }
    static bool is_frame(Bytes bytes, bool asks) noexcept {
        Frame frame;
        if (!read_frame(bytes, frame) || !frame.counted) return false;
        const auto type = frame.delimiter & 7u;
        return asks ? type == 2 : (type == 6 || type == 1) && frame.count >= 2;
    }

    static Operation begin(const Head& head, std::uint32_t code, std::string_view name, Act act) noexcept {
        const auto phase = head.message == request   ? Phase::request
                           : head.message == publish ? Phase::event
                                                     : Phase::response;
        return {.function = {code, name},
                .act = act,
                .phase = phase,
                .outcome = phase == Phase::request ? Outcome::pending : Outcome::done};
    }
    static void pair_up(const Head& head, Asked ask, Operation& operation, std::optional<Asked>& of,
                        State& state, const Tell& tell) noexcept {
        if (head.message == request) {
            operation.pair = state.asked.ask(ask, tell.pdu.origin.at, patience);
        } else if (head.message != publish) {
            if (const auto found = state.asked.answer(ask, tell.pdu.origin.at, patience)) {
                operation.pair = found->pair;
                of = found->request;
            }
        }
    }

    static bool session(const Head& head, Reader& body, State& state, const Tell& tell) noexcept {
        auto operation = begin(head, of_session | head.kind, kinds[head.kind], kind_acts[head.kind]);
        std::optional<Asked> of;
        pair_up(
            head,
            {.device = 0, .transaction = head.transaction, .command = 0, .kind = head.kind, .variable = 0},
            operation, of, state, tell);
        refuse(head, operation);
        if (head.kind == initiate && head.message != nak && body.remaining() >= 5) {
            const auto master = body.u8();
            operation.object = {.space = "master", .number = master};
            operation.value = std::uint64_t{body.u32()}; // Milliseconds of silence that end it.
        }
        tell.operation(operation);
        return true;
    }
    static void refuse(const Head& head, Operation& operation) noexcept {
        // 6.3.3: below 8 and 16 are errors of HART-IP itself; 8 says that a wish was changed.
        if (head.message == request || (head.message != nak && (head.status == 0 || head.status == 8)))
            return;
        operation.status = head.status;
        operation.outcome = Outcome::refused;
    }

    static bool token(const Head& head, Reader& body, bool whole, State& state, const Tell& tell) noexcept {
        Frame frame;
        const auto bytes = body.rest();
        if (!read_frame(bytes, frame)) {
            auto operation = begin(head, of_session | head.kind, kinds[head.kind], Act::unknown);
            refuse(head, operation);
            tell.operation(operation);
            return head.message == nak && bytes.empty();
        }
        command(head, frame, state, tell);
        return !whole || frame.checked;
    }

    static void command(const Head& head, const Frame& frame, State& state, const Tell& tell) noexcept {
        Reader in{frame.data};
        auto number = frame.command;
        std::uint8_t code = 0, device_status = 0;
        const bool answers = head.message != request;
        if (answers && frame.data.size() >= 2) {
            code = in.u8();
            device_status = in.u8();
        }
        if (number == 31 && in.remaining() >= 2)
            number = in.u16(); // HCF_SPEC-99: the number is longer than an octet.
        const auto known = find_command(number);
        auto operation = begin(head, number, known.name, known.act);
        // Of the long address the upper two bits are whose turn it is; of the short one, too.
        const auto device = frame.is_long ? static_cast<std::uint32_t>(frame.address & 0xffffffffu)
                                          : static_cast<std::uint32_t>(frame.address & 0x3fu);
        operation.part = {.steps = {{{Part::Hop::unit, device}}}, .size = 1};
        std::optional<Asked> of;
        const auto variable = first_of(in);
        pair_up(head,
                {.device = device,
                 .transaction = head.transaction,
                 .command = number,
                 .kind = head.kind,
                 .variable = variable},
                operation, of, state, tell);
        operation.object = object_of(number, of ? of->variable : variable, of || !answers);
        refuse(head, operation);
        // From 128 on the field device did not understand a transmission.
        if (answers && ((code & 0x80) != 0 || refuses(code))) {
            operation.status = code;
            operation.outcome = Outcome::refused;
        }
        content(number, in, answers, operation, tell);
        if (answers && operation.outcome != Outcome::refused && frame.counted && frame.data.size() >= 2)
            identify(number, frame.data.subspan(2), operation.part, tell);
        if (answers && (device_status & 0x80) && (code & 0x80) == 0)
            tell.ways.say().on(tell.pdu.origin, observe::Identity{.protocol = tell.pdu.protocol,
                                                                  .part = operation.part,
                                                                  .attribute = Attribute::state,
                                                                  .value = std::string_view{"malfunction"},
                                                                  .confidence = 85});
    }
    static std::uint8_t first_of(Reader in) noexcept {
        return in.remaining() == 0 ? std::uint8_t{0} : in.u8();
    }
    /// What a command is about, the same in request and answer. `is_known`: the request's first octet is.
    static observe::Object object_of(std::uint16_t number, std::uint8_t variable, bool is_known) noexcept {
        switch (number) {
        case 1:
            return {.space = "variable", .text = "PV"};
        case 2:
        case 3:
        case 40:
            return {.space = "variable", .text = "loop current"};
        case 34:
            return {.space = "variable", .text = "damping"};
        case 35:
            return {.space = "variable", .text = "upper range"};
        case 9:
        case 33:
        case 54:
        case 79:
            return is_known ? observe::Object{.space = "device variable", .number = variable}
                            : observe::Object{};
        default:
            return {};
        }
    }
    /// HCF_SPEC-99, 7.3: of the codes below 128 these are errors; the others warn.
    static bool refuses(std::uint8_t code) noexcept {
        return (code >= 1 && code <= 7) || (code >= 16 && code <= 23) || code == 28 || code == 29 ||
               (code >= 32 && code <= 36) || (code >= 64 && code <= 95);
    }

    /// The value that a command is about, and the other dynamic variables.
    static void content(std::uint16_t number, Reader in, bool answers, Operation& operation,
                        const Tell& tell) noexcept {
        const auto real = [](Reader& from) { return double{std::bit_cast<float>(from.u32())}; };
        struct Said {
            std::string_view name;
            double value;
        };
        std::array<Said, 5> said{};
        std::size_t count = 0;
        const auto add = [&](std::string_view name, double value) {
            if (in.ok()) said[count++] = {name, value};
        };
        constexpr std::string_view variables[]{"PV", "SV", "TV", "QV"};
        if (answers && number == 1 && in.remaining() >= 5) {
            in.u8();
            add("PV", real(in));
        } else if (answers && number == 2 && in.remaining() >= 8) {
            add("loop current", real(in));
            add("percent of range", real(in));
        } else if (answers && number == 3 && in.remaining() >= 4) {
            add("loop current", real(in));
            for (unsigned i = 0; i < 4 && in.remaining() >= 5; ++i) {
                in.u8();
                add(variables[i], real(in));
            }
        } else if (number == 40 && in.remaining() >= 4) {
            add("loop current", real(in));
        } else if (number == 35 && in.remaining() >= 9) {
            in.u8();
            add("upper range", real(in));
            add("lower range", real(in));
        } else if (number == 34 && in.remaining() >= 4) {
            add("damping", real(in));
        } else if ((number == 6 || number == 42 || number == 71 || number == 109 || number == 44) &&
                   in.remaining() >= 1) {
            operation.value = std::uint64_t{in.u8()};
        } else if (number == 22 && in.remaining() >= 32) {
            operation.value = label(in.take(32));
        }
        if (count != 0) {
            operation.value = said[0].value;
        }
        tell.operation(operation);
        for (std::size_t i = 1; i < count; ++i)
            tell.ways.say().on(tell.pdu.origin,
                               observe::Variable{.protocol = tell.pdu.protocol,
                                                 .part = operation.part,
                                                 .object = {.space = "variable", .text = said[i].name},
                                                 .value = said[i].value,
                                                 .count = 1});
    }

    /// Commands 0, 11, 13, 20, 21: who a device is.
    static void identify(std::uint16_t number, Bytes data, const Part& part, const Tell& tell) noexcept {
        const auto told = [&](Attribute attribute, std::string_view value) {
            if (value.empty()) return;
            tell.ways.say().on(tell.pdu.origin, observe::Identity{.protocol = tell.pdu.protocol,
                                                                  .part = part,
                                                                  .attribute = attribute,
                                                                  .value = value,
                                                                  .confidence = 90});
        };
        const auto printable = [](std::string_view text) {
            return std::ranges::all_of(text, [](char c) { return c >= 0x20 && c < 0x7f; });
        };
        TextRoom<40> text;
        Reader in{data};
        if (number == 20) {
            if (const auto tag = label(in.take(32)); printable(tag)) told(Attribute::name, tag);
            return;
        }
        if (number == 13) { // Six octets hold eight letters of six bits each.
            const auto packed = in.take(6);
            if (!in.ok()) return;
            std::uint64_t bits = 0;
            for (const auto byte : packed) bits = bits << 8 | std::to_integer<std::uint64_t>(byte);
            for (unsigned i = 0; i < 8; ++i) {
                const auto six = static_cast<char>(bits >> (42 - 6 * i) & 0x3f);
                text.add(static_cast<char>(six < 0x20 ? six + 0x40 : six));
            }
            return told(Attribute::name, trimmed(text.view()));
        }
        if (number != 0 && number != 11 && number != 21) return;
        if (in.u8() != 254) return;
        const auto type = in.u16();
        in.u8(); // Preambles that a request needs.
        const auto universal = in.u8(), revision = in.u8(), software = in.u8(), hardware = in.u8();
        in.u8(); // Flags.
        const auto identifier = in.take(3);
        if (!in.ok()) return;
        in.take(5); // Preambles, variables, changes, status.
        auto id = in.u16();
        if (!in.ok() || universal < 7) id = type >> 8;
        told(Attribute::vendor, maker(id));
        text.add("HART device type 0x").hex(data.subspan(1, 2));
        told(Attribute::product, text.view());
        text.clear();
        text.number(revision).add('.').number(software);
        told(Attribute::firmware, text.view());
        text.clear();
        text.number(hardware >> 3u);
        told(Attribute::hardware, text.view());
        text.clear();
        text.hex(identifier);
        told(Attribute::serial, text.view());
    }

    /// HCF_SPEC-085, 6.3.2.5: commands without a frame: status octets, then number, length and data of each.
    static bool commands_of(const Head& head, Reader& body, State& state, const Tell& tell) noexcept {
        const bool answers = head.message != request;
        body.u8();
        body.u8(); // Of an answer: status of the device; of a request reserved.
        const auto number = body.u16();
        const auto count = body.u8();
        auto data = body.take(std::min<std::size_t>(count, body.remaining()));
        if (!body.ok()) {
            tell.operation(begin(head, of_session | head.kind, kinds[head.kind], Act::unknown));
            return head.message == nak;
        }
        const auto known = find_command(number);
        auto operation = begin(head, number, known.name, known.act);
        std::optional<Asked> of;
        Reader in{data};
        const auto variable = first_of(in);
        pair_up(head,
                {.device = 0,
                 .transaction = head.transaction,
                 .command = number,
                 .kind = head.kind,
                 .variable = variable},
                operation, of, state, tell);
        operation.object = object_of(number, of ? of->variable : variable, of || !answers);
        refuse(head, operation);
        if (answers && data.size() >= 1) {
            const auto code = in.u8();
            if (refuses(code) || (code & 0x80)) {
                operation.status = code;
                operation.outcome = Outcome::refused;
            }
        }
        content(number, in, answers, operation, tell);
        if (answers && operation.outcome != Outcome::refused && data.size() == count && count >= 1)
            identify(number, data.subspan(1), {}, tell);
        return data.size() == count;
    }
};

} // namespace

extern constinit const Dissector hart_ip = row<HartIp>();

} // namespace yagura::dissect::protocols
