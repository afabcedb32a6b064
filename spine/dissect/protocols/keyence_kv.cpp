// KEYENCE KV host link ("upper link"): lines of text by which screens, loggers and cameras read, write and
// switch KV controllers.
//
// From "KV Series Ethernet unit user's manual" and "EtherNet/IP unit user's manual", chapter 8 (host link
// communication: commands, answers, error codes). docs/protocols/keyence_kv.md tells objects and limits.
#include <algorithm>
#include <array>
#include <optional>

#include "spine/dissect/in_turn.h"
#include "spine/dissect/protocols/keyence_kv/commands.h"
#include "spine/dissect/tell.h"

namespace yagura::dissect::protocols {
namespace {

using namespace keyence_kv;
using observe::Array;
using observe::Attribute;
using observe::Object;
using observe::Operation;
using observe::Outcome;
using observe::Phase;
using observe::Speaker;
using observe::Value;

constexpr std::size_t line_most = 8'192; // 1,000 signed values, and some
using Room = std::array<std::byte, 4096>;

constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

/// A number, and nothing but it; at most 32 bits.
constexpr std::optional<std::uint32_t> number_of_text(std::string_view text, unsigned base) noexcept {
    if (text.empty() || text.size() > 16) return std::nullopt;
    std::uint64_t value = 0;
    for (const char raw : text) {
        const char c = large(raw);
        const unsigned digit = is_digit(c)            ? static_cast<unsigned>(c - '0')
                               : c >= 'A' && c <= 'F' ? static_cast<unsigned>(c - 'A') + 10
                                                      : 99u;
        if (digit >= base) return std::nullopt;
        value = value * base + digit;
        if (value > 0xffffffff) return std::nullopt;
    }
    return static_cast<std::uint32_t>(value);
}

/// Words of a line, parted by spaces or commas.
class Words {
public:
    explicit Words(std::string_view text) noexcept : text_{text} {}
    std::string_view next() noexcept {
        const auto parts = [](char c) { return c == ' ' || c == ','; };
        while (at_ < text_.size() && parts(text_[at_])) ++at_;
        const auto begin = at_;
        while (at_ < text_.size() && !parts(text_[at_])) ++at_;
        return text_.substr(begin, at_ - begin);
    }
    std::string_view rest() const noexcept { return trimmed(text_.substr(at_)); }
    std::size_t position() const noexcept { return at_; }

private:
    std::string_view text_;
    std::size_t at_ = 0;
};

struct Device {
    std::uint32_t number = 0;
    std::uint8_t kind = 0; ///< its place in `kinds`, from 1; 0: an address and no device
    Format format = Format::u16;
    bool told = false; ///< its format stands there
};
constexpr std::optional<Format> format_of(char letter) noexcept {
    switch (large(letter)) {
    case 'U':
        return Format::u16;
    case 'S':
        return Format::i16;
    case 'D':
        return Format::u32;
    case 'L':
        return Format::i32;
    case 'H':
        return Format::hex;
    default:
        return std::nullopt;
    }
}
/// "DM100.U", "MR1015", "X39F"; with `address`, "100.U" of a unit's buffer.
constexpr std::optional<Device> device_of(std::string_view text, bool address = false) noexcept {
    Device device;
    if (text.size() > 2 && text[text.size() - 2] == '.') {
        const auto format = format_of(text.back());
        if (!format) return std::nullopt;
        device.format = *format;
        device.told = true;
        text.remove_suffix(2);
    }
    unsigned base = 10;
    if (!address) {
        for (std::size_t i = 0; i < kinds.size(); ++i) {
            const auto& kind = kinds[i];
            if (text.size() <= kind.name.size() || !same(text.substr(0, kind.name.size()), kind.name))
                continue;
            // "C10" and "CR10": the longest name that leaves a number.
            if (!number_of_text(text.substr(kind.name.size()), kind.base)) continue;
            if (device.kind && kinds[device.kind - 1u].name.size() > kind.name.size()) continue;
            device.kind = static_cast<std::uint8_t>(i + 1);
        }
        if (!device.kind) return std::nullopt;
        const auto& kind = kinds[device.kind - 1u];
        base = kind.base;
        if (!device.told) device.format = kind.format;
        text.remove_prefix(kind.name.size());
    }
    const auto number = number_of_text(text, base);
    if (!number) return std::nullopt;
    device.number = *number;
    return device;
}

/// Values as text, put into `room`; nothing if one is none.
class Values {
public:
    Values(Format format, Room& room) noexcept : format_{format}, room_{room} {}
    bool add(std::string_view word) noexcept {
        const bool minus = word.starts_with('-');
        if (minus || word.starts_with('+')) word.remove_prefix(1);
        const auto value = number_of_text(word, format_ == Format::hex ? 16 : 10);
        if (!value || (count_ + 1u) * width() > room_.size()) return false;
        if (format_ == Format::bit) {
            if (*value > 1) return false;
            auto& into = room_[count_ / 8];
            if (count_ % 8 == 0) into = {};
            if (*value) into |= std::byte{1} << count_ % 8;
        } else {
            first_ = minus ? -static_cast<std::int64_t>(*value) : static_cast<std::int64_t>(*value);
            for (std::size_t i = 0; i < width(); ++i)
                room_[count_ * width() + i] = static_cast<std::byte>(
                    static_cast<std::uint64_t>(first_) >> (8 * i) & 0xffu);
        }
        ++count_;
        return true;
    }
    Value value() const noexcept {
        if (count_ == 0) return {};
        const auto kind = format_ == Format::bit   ? Array::Of::bit
                          : format_ == Format::i16 ? Array::Of::i16
                          : format_ == Format::u32 ? Array::Of::u32
                          : format_ == Format::i32 ? Array::Of::i32
                          : format_ == Format::any ? Array::Of::i64
                                                   : Array::Of::u16;
        if (count_ > 1) {
            const auto bytes = format_ == Format::bit ? (count_ + 7u) / 8u : count_ * width();
            return Array{kind, true, count_, Bytes{room_}.first(bytes)};
        }
        if (format_ == Format::bit) return (room_[0] & std::byte{1}) != std::byte{0};
        if (format_ == Format::i16 || format_ == Format::i32 || format_ == Format::any) return first_;
        return static_cast<std::uint64_t>(first_);
    }

private:
    std::size_t width() const noexcept {
        return format_ == Format::any ? 8 : format_ == Format::u32 || format_ == Format::i32 ? 4 : 2;
    }
    Format format_;
    Room& room_;
    std::int64_t first_ = 0;
    std::uint16_t count_ = 0;
};

/// What stands before the CR; nothing if there is none.
constexpr std::optional<std::string_view> line_of(std::string_view text) noexcept {
    const auto end = text.find('\r');
    if (end == text.npos) return std::nullopt;
    return trimmed(text.substr(0, end));
}
constexpr bool is_text(std::string_view text) noexcept {
    return std::ranges::all_of(
        text, [](char c) { return static_cast<unsigned char>(c) >= 0x20 || c == '\r' || c == '\n'; });
}

/// How surely a line is a command: its word alone is that of many.
enum class Surely : std::uint8_t { no, hardly, well };
Surely asks(std::string_view line) noexcept {
    Words words{line};
    const auto word = words.next();
    const auto command = command_of(word);
    if (!command) return Surely::no;
    const auto shape = commands[command].shape;
    if (shape == Shape::none) return words.rest().empty() ? Surely::hardly : Surely::no;
    if (shape == Shape::text) {
        unsigned count = 0;
        for (auto one = words.next(); !one.empty(); one = words.next(), ++count)
            if (one.size() > 2 || !number_of_text(one, 10)) return Surely::no;
        if (word.size() == 2) return count == 1 ? Surely::hardly : Surely::no; // BE
        return count == 7 ? Surely::well : Surely::no;                         // WRT
    }
    const bool unit = shape == Shape::unit || shape == Shape::unit_puts;
    if (unit && !number_of_text(words.next(), 10)) return Surely::no;
    const auto device = device_of(words.next(), unit);
    if (!device) return Surely::no;
    if (shape == Shape::range || shape == Shape::puts || unit) {
        const auto count = number_of_text(words.next(), 10);
        if (!count || *count == 0 || *count > 1000) return Surely::no;
    }
    if (shape == Shape::one || shape == Shape::range || shape == Shape::unit) {
        if (!words.rest().empty()) return Surely::no;
    } else if (words.rest().empty() && shape != Shape::list) {
        return Surely::no;
    }
    const bool long_name = device->kind && kinds[device->kind - 1u].name.size() > 1;
    return word.size() == 3 || device->told || long_name ? Surely::well : Surely::hardly;
}
constexpr bool is_refusal(std::string_view line) noexcept {
    return line.size() == 2 && line[0] == 'E' && is_digit(line[1]);
}
bool answers(std::string_view line) noexcept {
    if (line == "OK" || line == "CC" || line == "CF" || is_refusal(line)) return true;
    Words words{line};
    auto one = words.next();
    if (one.empty()) return false;
    for (; !one.empty(); one = words.next()) {
        if (one[0] == '+' || one[0] == '-') one.remove_prefix(1);
        if (!number_of_text(one, 16)) return false;
    }
    return true;
}

struct KeyenceKv {
    static constexpr Over over[]{{"tcp", 8501}, {"udp", 8501}};
    /// The command's letters, large or small, and what has to follow them.
    static constexpr Mark marks[]{
        {0, 0xdfdfff00, 0x52442000}, {0, 0xdfdfdfff, 0x52445320}, // RD, RDS
        {0, 0xdfdfdfff, 0x52444520}, {0, 0xdfdfdfff, 0x52444320}, // RDE, RDC
        {0, 0xdfdfff00, 0x57522000}, {0, 0xdfdfdfff, 0x57525320}, // WR, WRS
        {0, 0xdfdfdfff, 0x57524520}, {0, 0xdfdfdfff, 0x57525420}, // WRE, WRT
        {0, 0xdfdfff00, 0x53542000}, {0, 0xdfdfff00, 0x52532000}, // ST, RS
        {0, 0xdfdfdfff, 0x53545320}, {0, 0xdfdfdfff, 0x52535320}, // STS, RSS
        {0, 0xdfdfff00, 0x57532000}, {0, 0xdfdfdfff, 0x57535320}, // WS, WSS
        {0, 0xdfdfdfff, 0x4d425320}, {0, 0xdfdfdfff, 0x4d575320}, // MBS, MWS
        {0, 0xdfdfdfff, 0x4d42520d}, {0, 0xdfdfdfff, 0x4d57520d}, // MBR, MWR
        {0, 0xdfdfdfff, 0x55524420}, {0, 0xdfdfdfff, 0x55575220}, // URD, UWR
        {0, 0xffdfff00, 0x3f4b0d00}, {0, 0xffdfff00, 0x3f4d0d00}, // ?K, ?M
        {0, 0xffdfff00, 0x3f450d00}, {0, 0xdffeff00, 0x4d300d00}, // ?E, M0 or M1
        {0, 0xdfdfff00, 0x45520d00}, {0, 0xdfdfff00, 0x43520d00}, // ER, CR
        {0, 0xdfdfff00, 0x43510d00}, {0, 0xdfdfff00, 0x42452000}, // CQ, BE
    };
    static constexpr Facts facts{
        .name = "keyence_kv",
        .title = "KEYENCE KV host link",
        .specification = "KV Series Ethernet unit user's manual, host link communication",
        .over = over,
        .marks = marks,
        .message_most = line_most,
        .status_name = error_name,
    };

    struct Asked {
        std::uint32_t number;
        std::uint16_t count;
        std::uint8_t command, kind, unit;
        Format format;
        friend bool operator==(const Asked&, const Asked&) = default;
    };
    struct State {
        InTurn<Asked> asked;
    };
    static constexpr std::uint8_t patience = 10;

    static Recognition looks_like(const Opening& opening) noexcept {
        const auto said = as_text(latest(opening));
        const auto before = as_text(opening.latest == Speaker::client ? opening.server : opening.client);
        if (!is_text(said)) return {};
        const auto line = line_of(said), other = line_of(before);
        if (!line) return {said.size() < line_most ? Likeness::more : Likeness::no};
        if (const auto surely = asks(*line); surely != Surely::no)
            return {together(surely, *line, other), Speaker::client};
        if (!other || !answers(*line)) return {};
        const auto surely = asks(*other);
        if (surely == Surely::no) return {};
        return {together(surely, *other, line), Speaker::server};
    }

    /// Over TCP a line ends with CR, and controllers add LF.
    static Framing frame(Bytes stream) noexcept {
        const auto text = as_text(stream);
        const auto begin = std::min(text.find_first_not_of('\n'), text.size());
        const auto end = text.find('\r', begin);
        const auto line = text.substr(begin, end == text.npos ? end : end - begin);
        if (!is_text(line)) return {.lost = Malformed{0, "not a line of text"}};
        if (end == text.npos) {
            if (text.size() > line_most) return {.lost = Malformed{0, "a line without an end"}};
            return {};
        }
        return {.length = end + (end + 1 < text.size() && text[end + 1] == '\n' ? 2u : 1u)};
    }

    static void dissect(const Pdu& pdu, State& state, Ways& ways) noexcept {
        const Tell tell{pdu, ways};
        const auto text = as_text(pdu.bytes);
        const auto end = text.find('\r');
        const auto line = trimmed(text.substr(0, end));
        if (pdu.origin.speaker == Speaker::client) return request(tell, line, end != text.npos, text, state);
        if (end == text.npos) return tell.report({0, "message ends before its CR"});
        answer(tell, line, state);
    }

private:
    static Likeness together(Surely surely, std::string_view asked,
                             std::optional<std::string_view> answer) noexcept {
        if (!answer) return surely == Surely::well ? Likeness::yes : Likeness::maybe;
        if (!answers(*answer)) return surely == Surely::well ? Likeness::maybe : Likeness::no;
        if (surely == Surely::well) return Likeness::yes;
        const auto command = command_of(Words{asked}.next());
        if (command == model) {
            const auto code = number_of_text(*answer, 10);
            return code && !model_name(*code).empty() ? Likeness::yes : Likeness::maybe;
        }
        return command == open_line && *answer == "CC" ? Likeness::yes : Likeness::maybe;
    }

    static Object object_of(std::uint8_t kind, std::uint32_t number, std::uint8_t unit,
                            std::uint8_t command) noexcept {
        const auto shape = commands[command].shape;
        if (shape == Shape::unit || shape == Shape::unit_puts)
            return {.space = "unit buffer", .group = unit, .number = number};
        if (!kind) return {};
        return {.form = Object::Form::device,
                .space = kinds[kind - 1u].name,
                .number = number,
                .element = kinds[kind - 1u].base};
    }

    static void request(const Tell& tell, std::string_view line, bool whole, std::string_view text,
                        State& state) noexcept {
        Words words{line};
        const auto word = words.next();
        if (word.empty() || (!whole && text.find(' ', text.find(word)) == text.npos))
            return tell.report(whole ? Malformed{0, "a line without a command"}
                                     : Malformed{0, "message ends before its command does"});
        const auto command = command_of(word);
        const auto& known = commands[command];
        Operation operation{.function = {command, known.name}, .act = known.act, .phase = Phase::request};
        Asked asked{.number = 0, .count = 0, .command = command, .kind = 0, .unit = 0, .format = Format::u16};
        Room room;
        auto trouble = arguments(words, known.shape, operation, asked, room);
        if (!whole) trouble = Malformed{0, "message ends before its CR"};
        if (command == set || command == set_many) operation.value = true;
        if (command == reset || command == reset_many) operation.value = false;
        operation.pair = state.asked.ask(asked, tell.pdu.origin.at, patience);
        tell.operation(operation);
        if (trouble) tell.report(*trouble);
    }

    static std::optional<Malformed> arguments(Words& words, Shape shape, Operation& operation, Asked& asked,
                                              Room& room) noexcept {
        if (shape == Shape::text) operation.value = words.rest();
        if (shape == Shape::none || shape == Shape::text) return std::nullopt;
        const bool unit = shape == Shape::unit || shape == Shape::unit_puts;
        if (unit) {
            const auto place = number_of_text(words.next(), 10);
            if (!place || *place > 0xff) return at(words, Malformed{0, "not the number of a unit"});
            asked.unit = static_cast<std::uint8_t>(*place);
        }
        const auto device = device_of(words.next(), unit);
        if (!device) return at(words, Malformed{0, "not a device"});
        asked.number = device->number;
        asked.kind = device->kind;
        asked.format = device->format;
        std::uint32_t count = 1;
        if (shape == Shape::range || shape == Shape::puts || unit) {
            const auto many = number_of_text(words.next(), 10);
            if (!many || *many == 0 || *many > 1000) return at(words, Malformed{0, "not a count"});
            count = *many;
        }
        if (shape == Shape::list)
            while (!words.next().empty()) ++count;
        operation.object = object_of(asked.kind, asked.number, asked.unit, asked.command);
        operation.count = count;
        asked.count = static_cast<std::uint16_t>(count);
        if (shape != Shape::put && shape != Shape::puts && shape != Shape::unit_puts) return std::nullopt;
        Values values{asked.format, room};
        for (std::uint32_t i = 0; i < count; ++i) {
            const auto word = words.next();
            if (word.empty()) return at(words, Malformed{0, "request ends before what it promises"});
            if (!values.add(word)) return at(words, Malformed{0, "not a value"});
        }
        operation.value = values.value();
        return std::nullopt;
    }

    static void answer(const Tell& tell, std::string_view line, State& state) noexcept {
        const auto found = state.asked.answer(tell.pdu.origin.at, patience);
        Operation operation{.function = {0, "answer"}, .phase = Phase::response, .outcome = Outcome::done};
        const auto command = found ? found->request.command : std::uint8_t{0};
        if (found) {
            const auto& asked = found->request;
            operation.function = {command, commands[command].name};
            operation.act = commands[command].act;
            operation.pair = found->pair;
            operation.object = object_of(asked.kind, asked.number, asked.unit, command);
            operation.count = asked.count;
        }
        if (is_refusal(line)) {
            operation.outcome = Outcome::refused;
            operation.status = refusal + static_cast<std::uint32_t>(line[1] - '0');
            return tell.operation(operation);
        }
        Room room;
        std::optional<Malformed> trouble;
        const bool data = line != "OK" && line != "CC" && line != "CF";
        if (command == comment) {
            operation.value = line;
        } else if (data && found && command != 0) {
            const auto format = command == monitored_bits    ? Format::bit
                                : command == monitored_words ? Format::any
                                                             : found->request.format;
            Values values{
                command == model || command == mode || command == error_number ? Format::u16 : format, room};
            Words words{line};
            for (auto word = words.next(); !word.empty(); word = words.next())
                if (!values.add(word)) {
                    trouble = at(words, Malformed{0, "not a value"});
                    break;
                }
            if (!trouble) operation.value = values.value();
        }
        tell.operation(operation);
        if (trouble) return tell.report(*trouble);
        learn(tell, command, line);
    }

    /// What an answer says about the controller itself.
    static void learn(const Tell& tell, std::uint8_t command, std::string_view line) noexcept {
        if (command == program_mode && line == "OK") tell.of_speaker(Attribute::state, "stop", 90);
        if (command == run_mode && line == "OK") tell.of_speaker(Attribute::state, "run", 90);
        if (command == mode && line == "0") tell.of_speaker(Attribute::state, "stop", 100);
        if (command == mode && line == "1") tell.of_speaker(Attribute::state, "run", 100);
        if (command != model) return;
        const auto code = number_of_text(line, 10);
        if (!code || model_name(*code).empty()) return;
        tell.of_speaker(Attribute::vendor, "KEYENCE", 95);
        tell.of_speaker(Attribute::product, model_name(*code), 95);
    }

    static Malformed at(const Words& words, Malformed what) noexcept {
        return what.shifted(static_cast<std::uint32_t>(words.position()));
    }
};

} // namespace

extern constinit const Dissector keyence_kv = row<KeyenceKv>();

} // namespace yagura::dissect::protocols
