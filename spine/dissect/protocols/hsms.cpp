// HSMS and SECS-II: what a fab's host and its equipment say to each other. Who the equipment is, recipes,
// commands from afar, alarms and events.
//
// From SEMI E37-0413 clause 8 (messages), SEMI E5-0813 clauses 9 and 10, SEMI E30. docs/protocols/hsms.md
// tells objects and limits.
#include <algorithm>
#include <optional>

#include "spine/dissect/protocols/hsms/items.h"
#include "spine/dissect/protocols/hsms/messages.h"
#include "spine/dissect/tell.h"
#include "spine/dissect/waiting.h"

namespace yagura::dissect::protocols {
namespace {

using namespace dissect::hsms;
using observe::Act;
using observe::Attribute;
using observe::Operation;
using observe::Outcome;
using observe::Phase;
using observe::Speaker;

constexpr std::size_t prefix = 4, head = 10;
constexpr std::uint32_t message_most = 1u << 20;
constexpr std::uint32_t control_code = 0x10000;
constexpr std::uint16_t no_device = 0xffff;
constexpr std::uint64_t recipe_channel = 0x5334;
constexpr std::size_t text_most = 80;

struct Head {
    std::uint32_t length = 0, system = 0;
    std::uint16_t session = 0;
    std::uint8_t second = 0, third = 0, presentation = 0, type = 0;

    std::uint8_t stream() const noexcept { return second & 0x7f; }
    bool wants_answer() const noexcept { return (second & 0x80) != 0; }
};
std::optional<Head> read_head(Bytes bytes) noexcept {
    Reader in{bytes};
    Head is;
    is.length = in.u32();
    is.session = in.u16();
    is.second = in.u8();
    is.third = in.u8();
    is.presentation = in.u8();
    is.type = in.u8();
    is.system = in.u32();
    return in.ok() ? std::optional{is} : std::nullopt;
}
/// E37 8.2: what every message keeps to.
bool plausible(const Head& is) noexcept {
    if (is.length < head || is.presentation != 0) return false;
    if (is.type != data) return is.length == head && !control(is.type).name.empty();
    return (is.third % 2 != 0 || !is.wants_answer()) && (is.session & 0x8000) == 0;
}

struct Hsms {
    static constexpr Over over[]{{"tcp", 5000}, {"tcp", 5001}};
    /// Presentation 0, and a type of session below 16.
    static constexpr Mark marks[]{{8, 0xfff00000, 0}};
    static constexpr Facts facts{
        .name = "hsms",
        .title = "SECS/GEM over HSMS",
        .specification = "SEMI E37-0413, E5-0813, E30",
        .over = over,
        .marks = marks,
        .message_most = message_most + prefix,
    };
    struct Asked {
        std::uint32_t system, number; ///< of what it is about, where it has one
        std::uint8_t stream, function;
        Act act;
        bool alike(const Asked& other) const noexcept {
            return system == other.system && stream == other.stream && function == other.function;
        }
        friend bool operator==(const Asked&, const Asked&) = default;
    };
    struct State {
        Waiting<Asked, 6> asked[2]; ///< by the client, by the server
    };
    static constexpr std::uint8_t patience = 120; // T3 is 45 s, and longer where people set it.

    static Recognition looks_like(const Opening& opening) noexcept {
        const auto bytes = latest(opening);
        const auto is = read_head(bytes);
        if (!is) return {bytes.size() < prefix + head ? Likeness::more : Likeness::no};
        if (!plausible(*is)) return {};
        if (is->type != data) {
            if (bytes.size() > prefix + head) {
                const auto next = read_head(bytes.subspan(prefix + head));
                if (next && !plausible(*next)) return {};
            }
            const bool asks = is->type == select_request, answers = is->type == select_response;
            if (is->second != 0 || is->third > 6 || is->session != no_device) return {};
            if ((is->type & 1) != 0 && is->third != 0 && is->type != reject) return {};
            if (!asks && !answers) return {Likeness::yes};
            return {Likeness::yes, asks ? Speaker::client : Speaker::server}; // Who connects selects.
        }
        const auto* known = find(is->stream(), is->third);
        if (!known || is->third == 0) return {};
        if (bytes.size() < prefix + is->length)
            return {is->length <= message_most ? Likeness::more : Likeness::no};
        const auto items = bytes.subspan(prefix + head, is->length - head);
        // A message without items could be many things: the next one decides.
        if (items.empty())
            return {known->function <= 17 && is->stream() <= 2 ? Likeness::yes : Likeness::maybe};
        return {is_one_item(items) ? Likeness::yes : Likeness::no};
    }

    static Framing frame(Bytes stream) noexcept {
        const auto is = read_head(stream);
        if (!is) return {};
        if (is->length < head || is->presentation != 0)
            return {.lost = Malformed{0, "not the head of an HSMS message"}};
        if (is->length > message_most) return {.length = prefix + head}; // The rest is passed over.
        const auto whole = prefix + std::size_t{is->length};
        return {.length = stream.size() < whole ? 0 : whole};
    }

    static void dissect(const Pdu& pdu, State& state, Ways& ways) noexcept {
        const Tell tell{pdu, ways};
        const auto is = read_head(pdu.bytes);
        if (!is) return tell.report({0, "message ends inside its head"});
        std::optional<Malformed> trouble;
        auto items = pdu.bytes.subspan(prefix + head);
        const std::size_t promised = is->length - std::min<std::size_t>(is->length, head);
        const bool passed = is->length > message_most && items.empty();
        if (passed)
            ways.pass_over(promised);
        else if (items.size() < promised)
            trouble = Malformed{0, "message ends before its length"};
        else
            items = items.first(promised);
        if (is->type == data)
            message(tell, *is, items, state, passed, trouble);
        else
            session(tell, *is, state);
        if (trouble) tell.report(*trouble);
    }

private:
    static Waiting<Asked, 6>& asked_by(State& state, bool client) noexcept {
        return state.asked[client ? 0 : 1];
    }

    /// E37 clause 8.3.
    static void session(const Tell& tell, const Head& is, State& state) noexcept {
        const auto known = control(is.type);
        Operation said{.function = {control_code + is.type, known.name},
                       .act = known.act,
                       .phase = known.phase,
                       .outcome = Outcome::done};
        if (known.name.empty()) {
            said.function.name = "unknown control message";
            said.phase = Phase::event;
            tell.operation(said);
            return tell.report({9, "a type of session that HSMS does not have"});
        }
        const auto primary = static_cast<std::uint8_t>(is.type - 1 + is.type % 2);
        const Asked asked{
            .system = is.system, .number = 0, .stream = 0, .function = primary, .act = known.act};
        // Both forms of one have one code, as those of a pair do.
        if (known.phase != Phase::event) said.function.code = control_code + primary;
        if (known.phase == Phase::request) {
            said.outcome = Outcome::pending;
            said.pair = asked_by(state, tell.from_client()).ask(asked, tell.pdu.origin.at, patience);
        } else if (known.phase == Phase::response) {
            said.status = is.type == link_test_response ? 0 : is.third;
            // "Already active" is no refusal.
            said.outcome = said.status <= 1 ? Outcome::done : Outcome::refused;
            if (const auto found =
                    asked_by(state, !tell.from_client()).answer(asked, tell.pdu.origin.at, patience))
                said.pair = found->pair;
        } else if (is.type == reject) {
            said.outcome = Outcome::refused;
            said.status = is.third;
        }
        tell.operation(said);
    }

    static void message(const Tell& tell, const Head& is, Bytes items, State& state, bool passed,
                        std::optional<Malformed>& trouble) noexcept {
        const auto stream = is.stream(), function = is.third;
        const bool answers = function % 2 == 0;
        const auto* known = function == 0 ? nullptr : find(stream, function);
        Operation said{.function = {static_cast<std::uint32_t>(stream << 8 | function), "unknown function"},
                       .phase = answers             ? Phase::response
                                : is.wants_answer() ? Phase::request
                                                    : Phase::event,
                       .outcome = !answers && is.wants_answer() ? Outcome::pending : Outcome::done};
        if (known) {
            said.function.name = known->name;
            said.act = known->act;
        }
        if (stream == 9) said.outcome = Outcome::refused;
        // The first items are told even of a message that is cut behind them.
        if (answers)
            acknowledged(stream, function, items, said);
        else if (known)
            about(*known, items, said);
        const auto at = tell.pdu.origin.at;
        Asked asked{.system = is.system,
                    .number = static_cast<std::uint32_t>(said.object.number),
                    .stream = stream,
                    .function = static_cast<std::uint8_t>(answers ? function - 1 : function),
                    .act = said.act};
        if (said.phase == Phase::request) {
            said.pair = asked_by(state, tell.from_client()).ask(asked, at, patience);
        } else if (answers && function != 0) {
            if (const auto found = asked_by(state, !tell.from_client()).answer(asked, at, patience)) {
                said.pair = found->pair;
                said.act = found->request.act;
                if (known && found->request.number != 0)
                    said.object = {.space = known->space, .number = found->request.number};
            }
        }
        if (function == 0) { // The transaction is given up.
            said.function.name = "abort";
            said.act = Act::report;
            said.outcome = Outcome::refused;
        }
        tell.operation(said);
        if ((stream == 1 && (function == 2 || function == 13 || function == 14)))
            identity(tell, function, items);
        if (stream == 7 && (function == 3 || function == 6) && !trouble) recipe(tell, items);
        std::size_t where = 0;
        if (!trouble && !passed && !items.empty() && !is_one_item(items, &where))
            trouble = Malformed{prefix + head, "items that do not fit their message"}.shifted(
                static_cast<std::uint32_t>(where));
    }

    static std::string_view shortened(std::string_view text) noexcept { return text.substr(0, text_most); }

    static void about(const Message& known, Bytes bytes, Operation& said) noexcept {
        Items in{bytes};
        const auto name = [&](const Item& one) {
            said.object = {.space = known.space};
            if (const auto number = one.number())
                said.object.number = *number;
            else if (const auto text = shortened(one.text()); !text.empty())
                said.object.text = text;
            else
                said.object = {};
        };
        switch (known.about) {
        case About::nothing:
            return;
        case About::numbers:
        case About::pairs: {
            const auto first = in.next();
            if (!first) return;
            if (first->is_list()) said.count = first->length;
            const auto one = first->is_list() ? in.next_value() : first;
            if (!one) return;
            name(*one);
            if (known.about == About::pairs)
                if (const auto value = in.next(); value && !value->is_list()) said.value = value->value();
            return;
        }
        case About::number_1: {
            in.next_value();
            const auto one = in.next_value();
            if (!one) return;
            name(*one);
            if (known.act == Act::alarm)
                if (const auto text = in.next(); text && !text->text().empty()) said.value = text->text();
            return;
        }
        case About::command_2:
            in.next_value();
            in.next_value();
            [[fallthrough]];
        case About::command: {
            const auto one = in.next_value();
            if (!one) return;
            name(*one);
            said.act = act_of(trimmed(one->text()));
            return;
        }
        case About::recipe:
            if (const auto one = in.next_value()) name(*one);
            return;
        case About::clock:
            if (const auto one = in.next_value(); one && !one->text().empty())
                said.value = shortened(one->text());
            return;
        }
    }

    /// E5 clause 10: one byte that says whether it was done, alone or first in a list.
    static void acknowledged(std::uint8_t stream, std::uint8_t function, Bytes bytes,
                             Operation& said) noexcept {
        struct Acknowledges {
            std::uint8_t stream, function;
        };
        constexpr Acknowledges all[]{{1, 14}, {1, 16}, {1, 18}, {2, 16}, {2, 22}, {2, 24}, {2, 32},
                                     {2, 34}, {2, 36}, {2, 38}, {2, 40}, {2, 42}, {2, 44}, {2, 46},
                                     {2, 50}, {3, 18}, {3, 26}, {3, 28}, {5, 2},  {5, 4},  {6, 2},
                                     {6, 4},  {6, 10}, {6, 12}, {6, 14}, {6, 24}, {7, 2},  {7, 4},
                                     {7, 18}, {7, 24}, {10, 2}, {10, 4}, {10, 6}};
        const auto fits = [&](const Acknowledges& one) {
            return one.stream == stream && one.function == function;
        };
        if (std::ranges::none_of(all, fits)) return;
        Items in{bytes};
        const auto code = in.next_value();
        const auto number = code && code->content.size() == 1 ? code->number() : std::nullopt;
        if (!number) return;
        said.status = static_cast<std::uint32_t>(*number);
        // 4 to a command, and to a carrier's: it is done, and its end is told later; 2 to on-line: it is
        // already.
        const bool later = *number == 4 &&
                           ((stream == 2 && (function == 42 || function == 50)) || stream == 3);
        const bool already = *number == 2 && stream == 1 && function == 18;
        if (*number != 0 && !later && !already) said.outcome = Outcome::refused;
    }

    /// Model and version: of equipment alone, a host's list is empty.
    static void identity(const Tell& tell, std::uint8_t function, Bytes bytes) noexcept {
        Items in{bytes};
        if (function == 14) {
            in.next();
            in.next(); // the acknowledgement
        }
        const auto pair = in.next();
        if (!pair || !pair->is_list() || pair->length != 2) return;
        const auto model = in.next(), version = in.next();
        if (!model || !version || model->format != ascii || version->format != ascii) return;
        tell.of_speaker(Attribute::product, trimmed(model->text()), 90);
        tell.of_speaker(Attribute::firmware, trimmed(version->text()), 90);
        tell.of_speaker(Attribute::role_hint, "secs equipment", 80);
        tell.of_listener(Attribute::role_hint, "secs host", 70);
    }

    /// A name and a body: what the equipment is to do.
    static void recipe(const Tell& tell, Bytes bytes) noexcept {
        Items in{bytes};
        const auto pair = in.next();
        if (!pair || !pair->is_list() || pair->length != 2) return;
        const auto name = in.next(), body = in.next();
        if (!name || !body || name->text().empty() || body->is_list() || body->content.empty()) return;
        tell.ways.transfer(recipe_channel, observe::Transfer::Content::program, name->text(), 0,
                           body->content, Last::yes, tell.pdu.origin);
    }
};

} // namespace

extern constinit const Dissector hsms = row<Hsms>();

} // namespace yagura::dissect::protocols
