// MEWTOCOL-COM: lines of text by which screens and loggers read, write and switch Panasonic's FP controllers,
// over TCP and UDP as through a serial line.
//
// From "FP Series Programming Manual" ARCT1F353E, MEWTOCOL-COM communication, and "MEWTOCOL user's manual"
// ACGM0041. docs/protocols/mewtocol.md tells objects and limits.
#include <algorithm>
#include <array>
#include <optional>

#include "spine/base/text_room.h"
#include "spine/dissect/in_turn.h"
#include "spine/dissect/protocols/mewtocol/commands.h"
#include "spine/dissect/tell.h"

namespace yagura::dissect::protocols {
namespace {

using namespace mewtocol;
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

constexpr std::size_t line_most = 2'048; // with the header '<'; 118 with '%'
constexpr std::size_t head = 4;          // '%', address, '#'
using Room = std::array<std::byte, line_most / 2>;

constexpr std::uint8_t no_digit = 0xff;
constexpr std::uint8_t digit_of(char c) noexcept {
    if (c >= '0' && c <= '9') return static_cast<std::uint8_t>(c - '0');
    if (c >= 'A' && c <= 'F') return static_cast<std::uint8_t>(c - 'A' + 10);
    return no_digit;
}
constexpr std::optional<std::uint32_t> digits(std::string_view text, unsigned base) noexcept {
    if (text.empty() || text.size() > 7) return std::nullopt;
    std::uint32_t value = 0;
    for (const char c : text) {
        const auto one = digit_of(c);
        if (one >= base) return std::nullopt;
        value = value * base + one;
    }
    return value;
}

enum class Kind : char { command = '#', done = '$', refused = '!' };

/// One line, its CR left out.
struct Line {
    Kind kind{};
    std::string_view address, text; ///< the latter without block check and '&'
    bool whole = false;             ///< its CR is there
    bool more = false;              ///< '&': another line belongs to it
    bool checked = false;           ///< its block check fits, or is not used
};
constexpr std::optional<Line> line_of(std::string_view bytes) noexcept {
    if (bytes.size() < head || (bytes[0] != '%' && bytes[0] != '<')) return std::nullopt;
    const auto kind = bytes[3];
    if (kind != '#' && kind != '$' && kind != '!') return std::nullopt;
    Line line{.kind = Kind{kind}, .address = bytes.substr(1, 2)};
    if (!digits(line.address, 16)) return std::nullopt;
    const auto end = bytes.find('\r');
    line.whole = end != bytes.npos;
    auto text = bytes.substr(0, end);
    if (!line.whole) {
        line.text = text.substr(head);
        return line;
    }
    if (text.ends_with('&')) {
        line.more = true;
        text.remove_suffix(1);
    }
    if (text.size() < head + 2) {
        line.text = text.substr(head);
        return line;
    }
    const auto check = text.substr(text.size() - 2);
    text.remove_suffix(2);
    std::uint8_t sum = 0;
    for (const char c : text) sum ^= static_cast<std::uint8_t>(c);
    const auto told = digits(check, 16);
    line.checked = check == "**" || (told && *told == sum);
    line.text = text.substr(head);
    return line;
}

/// Fields of fixed width. What is not there, or is no number, spoils all that follows.
class Fields {
public:
    explicit Fields(std::string_view text) noexcept : text_{text} {}
    std::string_view take(std::size_t count) noexcept {
        if (!ok_ || text_.size() - at_ < count) {
            ok_ = false;
            return {};
        }
        const auto taken = text_.substr(at_, count);
        at_ += count;
        return taken;
    }
    std::uint32_t number(std::size_t count, unsigned base) noexcept {
        const auto value = digits(take(count), base);
        if (!value) ok_ = false;
        return value.value_or(0);
    }
    char letter() noexcept {
        const auto one = take(1);
        return one.empty() ? '\0' : one[0];
    }
    /// Words of four digits, the lower byte first: as bytes what they are in memory.
    Value words(std::size_t count, Room& room) noexcept {
        if (count == 0 || count * 2 > room.size()) {
            ok_ = false;
            return {};
        }
        for (std::size_t i = 0; i < count * 2; ++i) room[i] = static_cast<std::byte>(number(2, 16));
        if (!ok_) return {};
        if (count == 1)
            return std::uint64_t{std::to_integer<std::uint64_t>(room[0]) |
                                 std::to_integer<std::uint64_t>(room[1]) << 8};
        return Array{Array::Of::u16, true, static_cast<std::uint16_t>(count), Bytes{room}.first(count * 2)};
    }
    /// '0' or '1' each.
    Value points(std::size_t count, Room& room) noexcept {
        room[0] = {};
        for (std::size_t i = 0; i < count && i < 8; ++i)
            if (number(1, 2)) room[0] |= std::byte{1} << i;
        if (!ok_ || count == 0) return {};
        if (count == 1) return room[0] != std::byte{0};
        return Array{Array::Of::bit, true, static_cast<std::uint16_t>(count), Bytes{room}.first(1)};
    }
    void spoil() noexcept { ok_ = false; }
    bool ok() const noexcept { return ok_; }
    std::size_t remaining() const noexcept { return text_.size() - at_; }
    std::size_t position() const noexcept { return at_; }

private:
    std::string_view text_;
    std::size_t at_ = 0;
    bool ok_ = true;
};

struct Mewtocol {
    static constexpr Over over[]{{"tcp", 9094}, {"udp", 9094}, {"tcp", 2000}};
    static constexpr Mark marks[]{{0, 0xff0000ff, 0x25000023}, {0, 0xff0000ff, 0x25000024},
                                  {0, 0xff0000ff, 0x25000021}, {0, 0xff0000ff, 0x3c000023},
                                  {0, 0xff0000ff, 0x3c000024}, {0, 0xff0000ff, 0x3c000021}};
    static constexpr Facts facts{
        .name = "mewtocol",
        .title = "MEWTOCOL-COM",
        .specification = "ARCT1F353E FP Series Programming Manual, MEWTOCOL-COM communication",
        .over = over,
        .marks = marks,
        .message_most = line_most,
        .status_name = error_name,
    };

    struct Asked {
        std::uint32_t code, number, count;
        char area, mode; ///< area's letter, remote control's letter
        std::uint8_t station;
        friend bool operator==(const Asked&, const Asked&) = default;
    };
    struct State {
        InTurn<Asked> asked;
    };
    static constexpr std::uint8_t patience = 10;

    static Recognition looks_like(const Opening& opening) noexcept {
        const auto said = as_text(latest(opening));
        if (said.size() < head) return {Likeness::more};
        const auto line = line_of(said);
        if (!line) return {};
        const auto speaker = line->kind == Kind::command ? Speaker::client : Speaker::server;
        const auto printable = [](char c) { return c >= 0x20 && c < 0x7f; };
        if (!line->whole)
            return {std::ranges::all_of(said, printable) && said.size() < line_most ? Likeness::more
                                                                                    : Likeness::no};
        if (!line->checked) return {};
        if (line->kind == Kind::refused)
            return {line->text.size() == 2 && digits(line->text, 16) ? Likeness::yes : Likeness::no, speaker};
        if (line->text.empty() || command_at(line->text).word.empty()) return {};
        return {Likeness::yes, speaker};
    }

    static Framing frame(Bytes stream) noexcept {
        const auto text = as_text(stream);
        if (text.empty()) return {};
        if (text[0] != '%' && text[0] != '<')
            return {.lost = Malformed{0, "not the beginning of a line of MEWTOCOL"}};
        const auto end = text.find('\r');
        if (end == text.npos) {
            if (text.size() > line_most) return {.lost = Malformed{0, "a line without an end"}};
            return {};
        }
        return {.length = end + 1};
    }

    static void dissect(const Pdu& pdu, State& state, Ways& ways) noexcept {
        const Tell tell{pdu, ways};
        const auto text = as_text(pdu.bytes);
        const auto line = line_of(text);
        // "%01**&" asks for the next line of an answer that has several.
        if (!line && text.size() > head && text[3] == '*' && text.ends_with('\r')) return;
        if (!line) return tell.report({0, "message ends inside its head"});
        std::optional<Malformed> trouble;
        if (!line->whole)
            trouble = Malformed{0, "message ends before its CR"};
        else if (!line->checked)
            trouble = Malformed{0, "the block check does not fit"};
        Part part;
        if (line->address != "EE" && line->address != "FF") {
            part.steps[0] = {Part::Hop::unit, digits(line->address, 16).value_or(0)};
            // Numbers of stations are written in decimal digits.
            if (const auto number = digits(line->address, 10)) part.steps[0].number = *number;
            part.size = 1;
        }
        if (line->kind == Kind::command)
            request(tell, *line, part, state, trouble);
        else
            answer(tell, *line, part, state, trouble);
        if (trouble) tell.report(*trouble);
    }

private:
    static Object object_of(const Known& known, const Asked& asked) noexcept {
        const auto device = [&](std::string_view space, std::uint16_t base) {
            return Object{
                .form = Object::Form::device, .space = space, .number = asked.number, .element = base};
        };
        switch (known.shape) {
        case Shape::contact:
        case Shape::contacts:
            for (const auto& area : areas)
                if (area.letter == asked.area)
                    return device(area.points, area.letter == 'T' || area.letter == 'C' ? 10 : 16);
            return {};
        case Shape::contact_words:
        case Shape::contact_fill:
            for (const auto& area : areas)
                if (area.letter == asked.area) return device(area.words, 10);
            return {};
        case Shape::data:
        case Shape::data_fill:
        case Shape::timers:
            for (const auto& area : data_areas)
                if (area.letter == asked.area) return device(area.words, 10);
            return asked.area == 'I' ? Object{.text = asked.mode == 'X'   ? "IX"
                                                      : asked.mode == 'Y' ? "IY"
                                                                          : "IX and IY"}
                                     : Object{};
        case Shape::system_registers:
            return {.space = "system register", .number = asked.number};
        default:
            return {};
        }
    }

    static void request(const Tell& tell, const Line& line, const Part& part, State& state,
                        std::optional<Malformed>& trouble) noexcept {
        if (line.text.size() < 3 && !line.whole) return; // RC could become RCS.
        const auto known = command_at(line.text);
        Operation operation{
            .function = {known.word.empty() ? code_of(line.text.substr(0, 2)) : code_of(known.word),
                         known.name},
            .act = known.act,
            .phase = Phase::request,
            .part = part};
        Asked asked{.code = operation.function.code,
                    .number = 0,
                    .count = 0,
                    .area = '\0',
                    .mode = '\0',
                    .station = static_cast<std::uint8_t>(part.size ? part.steps[0].number : 0)};
        Fields in{line.text.substr(known.word.size())};
        Room room;
        read_request(known, in, operation, asked, room);
        if (!in.ok() && !trouble)
            trouble = behind(in, known, Malformed{0, "fields that the command does not have"});
        operation.pair = state.asked.ask(asked, tell.pdu.origin.at, patience);
        tell.operation(operation);
    }

    static void read_request(const Known& known, Fields& in, Operation& operation, Asked& asked,
                             Room& room) noexcept {
        // What is meant is told where it can be read, whatever is wrong with the rest.
        const auto meant = [&](std::uint32_t count) {
            if (!in.ok()) return;
            operation.object = object_of(known, asked);
            operation.count = asked.count = count;
        };
        switch (known.shape) {
        case Shape::contact:
            read_contact(in, asked);
            meant(1);
            if (known.writes) operation.value = in.points(1, room);
            break;
        case Shape::contacts: {
            const auto count = in.number(1, 10);
            if (count == 0 || count > 8) in.spoil();
            std::byte on{};
            for (std::uint32_t i = 0; i < count && in.ok(); ++i) {
                Asked one = asked;
                read_contact(in, one);
                if (i == 0) {
                    asked = one;
                    meant(count);
                }
                if (known.writes && in.number(1, 2)) on |= std::byte{1} << i;
            }
            room[0] = on;
            if (known.writes && in.ok())
                operation.value = Array{Array::Of::bit, true, static_cast<std::uint16_t>(count),
                                        Bytes{room}.first(1)};
            break;
        }
        case Shape::contact_words:
        case Shape::contact_fill:
            asked.area = in.letter();
            meant(range(in, asked, 4));
            if (known.writes)
                operation.value = in.words(known.shape == Shape::contact_fill ? 1 : asked.count, room);
            break;
        case Shape::data:
        case Shape::data_fill:
            asked.area = in.letter();
            if (asked.area == 'I') { // Index registers: IX, IY or ID, then nine zeros.
                asked.mode = in.letter();
                in.take(9);
                meant(asked.mode == 'D' ? 2 : 1);
            } else {
                meant(range(in, asked, 5));
            }
            if (known.writes)
                operation.value = in.words(known.shape == Shape::data_fill ? 1 : asked.count, room);
            break;
        case Shape::timers:
            asked.area = known.word[1]; // RS, WS: set values; RK, WK: elapsed ones
            meant(range(in, asked, 4));
            if (known.writes) operation.value = in.words(asked.count, room);
            break;
        case Shape::system_registers:
            in.take(1);
            meant(range(in, asked, 3));
            if (known.writes) operation.value = in.words(asked.count, room);
            break;
        case Shape::remote:
            asked.mode = in.letter();
            operation.act = of_remote(asked.mode);
            break;
        default:
            break;
        }
    }
    /// X, Y, R and L: a word in decimal digits, a point in a hexadecimal one; T and C: decimal.
    static void read_contact(Fields& in, Asked& asked) noexcept {
        asked.area = in.letter();
        asked.number = in.number(4, asked.area == 'T' || asked.area == 'C' ? 10 : 16);
    }
    /// From the first to the last: how many.
    static std::uint32_t range(Fields& in, Asked& asked, std::size_t width) noexcept {
        const auto first = in.number(width, 10), last = in.number(width, 10);
        if (last < first) in.spoil();
        if (!in.ok()) return 0;
        asked.number = first;
        return last - first + 1;
    }
    static Act of_remote(char mode) noexcept {
        return mode == 'R' ? Act::start : mode == 'P' ? Act::stop : Act::mode_change;
    }

    static void answer(const Tell& tell, const Line& line, const Part& part, State& state,
                       std::optional<Malformed>& trouble) noexcept {
        if (line.text.size() < 2) {
            if (!trouble) trouble = Malformed{head, "answer without a code"};
            return;
        }
        Operation operation{.function = {0, "answer"},
                            .phase = Phase::response,
                            .outcome = line.kind == Kind::done ? Outcome::done : Outcome::refused,
                            .part = part};
        if (line.kind == Kind::refused)
            operation.status = digits(line.text.substr(0, 2), 16).value_or(0);
        else {
            const auto known = command_at(line.text.substr(0, 2));
            operation.function = {code_of(line.text.substr(0, 2)), known.name};
            operation.act = known.act;
        }
        auto found = state.asked.answer(tell.pdu.origin.at, patience);
        // An answer says which group of commands it belongs to.
        if (found && line.kind == Kind::done && !line.text.starts_with(group_of(found->request.code)))
            found = std::nullopt;
        Room room;
        Fields in{line.text.substr(2)};
        Known known;
        if (found) {
            const auto& asked = found->request;
            known = known_by(asked.code);
            operation.function = {asked.code, known.name};
            operation.act = known.shape == Shape::remote ? of_remote(asked.mode) : known.act;
            operation.pair = found->pair;
            operation.object = object_of(known, asked);
            operation.count = asked.count;
            if (line.kind == Kind::done && !known.writes && line.whole)
                read_answer(known, asked, in, operation, room);
            if (!in.ok() && !trouble && !line.more)
                trouble = behind(in, known, Malformed{0, "answer ends before what was asked for"});
        }
        tell.operation(operation);
        if (line.kind == Kind::done && line.whole && line.checked)
            learn(tell, line.text, part, found ? found->request.mode : '\0');
    }

    static void read_answer(const Known& known, const Asked& asked, Fields& in, Operation& operation,
                            Room& room) noexcept {
        switch (known.shape) {
        case Shape::contact:
        case Shape::contacts:
            operation.value = in.points(asked.count, room);
            break;
        case Shape::contact_words:
        case Shape::data:
        case Shape::timers:
        case Shape::system_registers:
            operation.value = in.words(asked.count, room);
            break;
        default:
            break;
        }
    }

    /// "RC" of RCS, "RD" of RD.
    static std::string_view group_of(std::uint32_t code) noexcept { return known_by(code).word.substr(0, 2); }

    /// What an answer says about the controller itself.
    static void learn(const Tell& tell, std::string_view text, const Part& part, char mode) noexcept {
        const auto say = [&](Attribute attribute, std::string_view value, std::uint8_t confidence) {
            if (value.empty()) return;
            tell.ways.say().on(tell.pdu.origin, observe::Identity{.protocol = tell.pdu.protocol,
                                                                  .subject = observe::Subject::speaker,
                                                                  .part = part,
                                                                  .attribute = attribute,
                                                                  .value = value,
                                                                  .confidence = confidence});
        };
        if (text.starts_with("RM") && mode == 'R') say(Attribute::state, "run", 90);
        if (text.starts_with("RM") && mode == 'P') say(Attribute::state, "stop", 90);
        const bool extended = text.starts_with("EX");
        if (!extended && !text.starts_with("RT")) return;
        Fields in{text.substr(2)};
        if (extended && (in.number(2, 16) != 0 || in.take(2) != "RT")) {
            in = Fields{text.substr(2)}; // Some answer "EX00RT" again, some go on at once.
            if (in.number(2, 16) != 0) return;
            in.take(2); // how many bytes follow
        } else if (extended) {
            in.take(4);
        }
        const auto model = in.number(2, 16), version = in.number(2, 16);
        in.take(2); // capacity
        const auto state = in.number(2, 16);
        in.take(8); // link unit, error flag, self-diagnosis
        if (!in.ok()) return;
        say(Attribute::vendor, "Panasonic", 90);
        say(Attribute::product, model_name(model), extended ? 95 : 85);
        say(Attribute::state, state & 1 ? "run" : "stop", 100);
        if (extended || version == 0) return;
        TextRoom<8> firmware;
        firmware.number(version >> 4).add('.').number(version & 15u);
        say(Attribute::firmware, firmware.view(), 80);
    }

    static Malformed behind(const Fields& in, const Known& known, Malformed what) noexcept {
        return what.shifted(static_cast<std::uint32_t>(head + known.word.size() + in.position()));
    }
};

} // namespace

extern constinit const Dissector mewtocol = row<Mewtocol>();

} // namespace yagura::dissect::protocols
