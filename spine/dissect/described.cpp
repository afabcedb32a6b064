#include "spine/dissect/described.h"

#include <algorithm>
#include <bit>
#include <memory>

#include "spine/base/text.h"
#include "spine/dissect/labels.h"
#include "spine/dissect/tell.h"
#include "spine/dissect/waiting.h"

namespace yagura::dissect {

using observe::Act;
using observe::Operation;
using observe::Outcome;
using observe::Phase;
using observe::Speaker;

bool DescribedMark::fits(Bytes bytes) const noexcept {
    if (bytes.size() < end()) return false;
    for (std::size_t i = 0; i < size; ++i)
        if ((std::to_integer<std::uint8_t>(bytes[at + i]) & mask[i]) != value[i]) return false;
    return true;
}

int DescribedMark::fixed_bits() const noexcept {
    int bits = 0;
    for (std::size_t i = 0; i < size; ++i) bits += std::popcount(mask[i]);
    return bits;
}

std::uint64_t DescribedField::of(Bytes bytes) const noexcept {
    std::uint64_t number = 0;
    const auto own = bytes.subspan(at, size);
    for (std::size_t i = 0; i < size; ++i)
        number = number << 8 | std::to_integer<std::uint64_t>(own[little ? size - 1u - i : i]);
    return number & mask;
}

std::size_t Description::head() const noexcept {
    std::size_t most = std::max(length.end(), function.end());
    if (answer) most = std::max(most, answer->end());
    for (const auto& mark : marks) most = std::max(most, mark.end());
    return most;
}

const DescribedFunction* Description::function_of(std::uint32_t code) const noexcept {
    const auto found = std::ranges::lower_bound(functions, code, {}, &DescribedFunction::code);
    return found != functions.end() && found->code == code ? &*found : nullptr;
}

namespace described {
namespace {

/// Bits that have to agree before a conversation is this protocol's wherever it is spoken; with fewer its
/// port has to fit, too.
constexpr int bits_that_prove = 24;
constexpr std::uint8_t patience = 30; ///< seconds that an answer may take

/// The whole message's bytes, 0 if its length field says what no message can have.
std::uint64_t length_of(const Description& own, Bytes bytes) noexcept {
    const auto number = own.length.of(bytes);
    if (number > own.message_most) return 0;
    const auto whole = static_cast<std::int64_t>(number * own.times) + own.plus;
    return whole < static_cast<std::int64_t>(own.head()) || whole > own.message_most
               ? 0
               : static_cast<std::uint64_t>(whole);
}

} // namespace

struct State {
    struct Asked {
        std::uint64_t object;
        std::uint32_t number, code, unit, count;
        bool alike(const Asked& other) const noexcept { return number == other.number && code == other.code; }
        bool operator==(const Asked&) const = default;
    };
    Waiting<Asked, 6> waiting;
};
static_assert(sizeof(State) <= state_limit);

Recognition looks_like(const Description& own, const Opening& opening) noexcept {
    const auto bytes = opening.latest == Speaker::client ? opening.client : opening.server;
    if (bytes.size() < own.head()) {
        // As far as there are bytes of it.
        const bool may = own.marks.empty() || std::ranges::any_of(own.marks, [&](const DescribedMark& mark) {
                             auto begun = mark;
                             begun.size = static_cast<std::uint8_t>(std::min<std::size_t>(
                                 mark.size, bytes.size() > mark.at ? bytes.size() - mark.at : 0));
                             return begun.size == 0 || begun.fits(bytes);
                         });
        return {may ? Likeness::more : Likeness::no};
    }
    int bits = 0;
    if (!own.marks.empty()) {
        for (const auto& mark : own.marks)
            if (mark.fits(bytes)) bits = std::max(bits, mark.fixed_bits());
        if (bits == 0) return {};
    }
    if (own.length) {
        const auto whole = length_of(own, bytes);
        if (whole == 0) return {};
        // As long as it says: one chance in as many as the field has values.
        if (whole == bytes.size()) bits += 8 * own.length.size;
    }
    if (own.fixed != 0 && bytes.size() < own.fixed) return {Likeness::more};
    // A function that has no name proves nothing where there is little else.
    if (own.function && !own.functions.empty() && bits < bits_that_prove &&
        !own.function_of(static_cast<std::uint32_t>(own.function.of(bytes))))
        return {};
    Recognition out{bits >= bits_that_prove ? Likeness::yes : Likeness::maybe};
    if (own.answer) out.speaker = own.answer->fits(bytes) ? Speaker::server : Speaker::client;
    return out;
}

Framing frame(const Description& own, Bytes stream) noexcept {
    const auto begins = [&] {
        return own.marks.empty() ||
               std::ranges::any_of(own.marks, [&](const DescribedMark& mark) { return mark.fits(stream); });
    };
    if (own.length) {
        if (stream.size() < own.head()) return {};
        if (!begins()) return {.lost = Malformed{0, "not the beginning of a message"}};
        const auto whole = length_of(own, stream);
        if (whole == 0) return {.lost = Malformed{0, "a length that no message has"}.shifted(own.length.at)};
        return {.length = whole > stream.size() ? 0 : static_cast<std::size_t>(whole)};
    }
    if (own.fixed != 0) {
        if (stream.size() < own.fixed) return {};
        if (!begins()) return {.lost = Malformed{0, "not the beginning of a message"}};
        return {.length = own.fixed};
    }
    if (!own.ends_with.empty()) {
        const auto within = stream.first(std::min<std::size_t>(stream.size(), own.message_most));
        const auto end = std::ranges::search(within, own.ends_with);
        if (end.empty()) {
            if (within.size() < stream.size())
                return {.lost = Malformed{0, "a message does not end where its longest would"}};
            return {};
        }
        return {.length = static_cast<std::size_t>(end.end() - stream.begin())};
    }
    return {.length = stream.size()};
}

void dissect(const Description& own, const Pdu& pdu, State& state, Ways& ways) noexcept {
    const Tell tell{pdu, ways};
    auto bytes = pdu.bytes;
    if (bytes.size() < own.head()) return tell.report({0, "message ends inside its head"});
    if (!own.marks.empty() &&
        std::ranges::none_of(own.marks, [&](const DescribedMark& mark) { return mark.fits(bytes); }))
        return tell.report({0, "not the beginning of a message"});
    if (own.length) {
        const auto whole = length_of(own, bytes);
        if (whole == 0)
            return tell.report(Malformed{0, "a length that no message has"}.shifted(own.length.at));
        if (whole > bytes.size()) tell.report({0, "message ends before its length says"});
        // What is behind it fills the smallest frame.
        if (whole < bytes.size()) bytes = bytes.first(static_cast<std::size_t>(whole));
    }
    if (own.fixed != 0 && bytes.size() < own.fixed)
        tell.report({0, "message is shorter than all of them are"});
    if (!own.function) return;
    const auto number_in = [&](const DescribedField& field) -> std::optional<std::uint64_t> {
        if (!field || bytes.size() < field.end()) return std::nullopt;
        return field.of(bytes);
    };
    const auto code = static_cast<std::uint32_t>(own.function.of(bytes));
    const auto* known = own.function_of(code);
    Operation operation{.function = {code, known ? std::string_view{known->name} : std::string_view{}},
                        .act = known ? known->act : Act::unknown};
    const auto part = [&](std::uint32_t unit) {
        operation.part.steps[0] = {observe::Part::Hop::unit, unit};
        operation.part.size = 1;
    };
    State::Asked asked{.object = 0,
                       .number = static_cast<std::uint32_t>(number_in(own.pair).value_or(0)),
                       .code = code,
                       .unit = static_cast<std::uint32_t>(number_in(own.unit).value_or(0)),
                       .count = 0};
    const bool answer = own.answer ? own.answer->fits(bytes) : pdu.origin.speaker == Speaker::server;
    if (known && known->event) {
        operation.phase = Phase::event;
        operation.outcome = Outcome::done;
        if (own.unit) part(asked.unit);
        return tell.operation(operation);
    }
    const auto object = [&] {
        if (!known || !known->object || !own.object) return;
        operation.object = {.space = own.space, .number = asked.object};
        operation.count = asked.count;
    };
    if (!answer) {
        operation.phase = Phase::request;
        operation.outcome = Outcome::pending;
        if (known && known->object) {
            asked.object = number_in(own.object).value_or(0);
            asked.count = static_cast<std::uint32_t>(number_in(own.count).value_or(0));
        }
        object();
        if (own.unit) part(asked.unit);
        operation.pair = state.waiting.ask(asked, pdu.origin.at, patience);
        return tell.operation(operation);
    }
    operation.phase = Phase::response;
    operation.outcome = Outcome::done;
    if (const auto status = number_in(own.status)) {
        operation.status = static_cast<std::uint32_t>(*status);
        if (*status != own.fine) operation.outcome = Outcome::refused;
    }
    if (own.unit) part(asked.unit);
    if (const auto found = state.waiting.answer(asked, pdu.origin.at, patience)) {
        operation.pair = found->pair;
        asked = found->request;
        object();
        if (own.unit) part(asked.unit);
    }
    tell.operation(operation);
}

namespace {

/// The rows of the table are plain functions without a place for whose they are: each description has a slot,
/// and the slot's functions know it by its number.
constinit std::array<const Description*, described_most> slots{};

template <std::size_t slot>
Dissector row_of(const Description& own, std::span<const Over> over, std::span<const Mark> marks) {
    return {.facts = {.name = own.name,
                      .title = own.title,
                      .specification = "described by this plant",
                      .over = over,
                      .marks = marks,
                      .message_most = own.message_most,
                      .depth = own.function ? Depth::acts : Depth::recognised,
                      .described = true},
            .state_size = sizeof(State),
            .looks_like =
                [](const Opening& opening) noexcept { return described::looks_like(*slots[slot], opening); },
            .frame = [](Bytes stream) noexcept { return described::frame(*slots[slot], stream); },
            .start = [](void* memory) noexcept { new (memory) State{}; },
            .dissect =
                [](const Pdu& pdu, void* state, Ways& ways) noexcept {
                    described::dissect(*slots[slot], pdu, *static_cast<State*>(state), ways);
                }};
}
using Maker = Dissector (*)(const Description&, std::span<const Over>, std::span<const Mark>);
template <std::size_t... slot>
constexpr std::array<Maker, sizeof...(slot)> makers_of(std::index_sequence<slot...>) {
    return {row_of<slot>...};
}
constexpr auto makers = makers_of(std::make_index_sequence<described_most>{});

/// What the rows borrow.
struct Kept {
    std::vector<Description> own;
    std::vector<std::vector<Over>> over;
    std::vector<std::vector<Mark>> marks;
    std::vector<Dissector> made;
    std::vector<const Dissector*> rows;
};
std::unique_ptr<Kept>& kept() {
    static std::unique_ptr<Kept> now;
    return now;
}
constinit std::span<const Dissector* const> all_rows{};

/// The four bytes of it that say most, as the decision table has them.
Mark in_table(const DescribedMark& mark) {
    Mark best{mark.at, 0, 0};
    for (std::size_t begin = 0; begin < mark.size; ++begin) {
        Mark here{static_cast<std::uint8_t>(mark.at + begin), 0, 0};
        for (std::size_t i = 0; i < 4 && begin + i < mark.size; ++i) {
            const auto shift = 24 - 8 * i;
            here.mask |= std::uint32_t{mark.mask[begin + i]} << shift;
            here.value |= std::uint32_t{mark.value[begin + i]} << shift;
        }
        if (std::popcount(here.mask) > std::popcount(best.mask)) best = here;
    }
    return best;
}

Complaint bad(const Description& own, std::string_view what, std::string next) {
    return {.code = "protocols.bad-description",
            .what = cat("the protocol ", yagura::quoted(own.name), " ", what),
            .next = std::move(next)};
}

Result<void> check(const Description& own) {
    const auto is = [&](std::string_view carrier) {
        return std::ranges::any_of(own.over, [&](const auto& one) { return one.first == carrier; });
    };
    if (own.over.empty())
        return std::unexpected{bad(own, "does not say what carries it", "write e.g. over = [\"tcp:5000\"]")};
    if (is("tcp") && !own.length && own.fixed == 0 && own.ends_with.empty())
        return std::unexpected{bad(own, "does not say where a message ends, and TCP is a stream",
                                   "give length, fixed or ends-with")};
    int least = own.marks.empty() ? 0 : 8 * static_cast<int>(DescribedMark::bytes_most);
    for (const auto& mark : own.marks) least = std::min(least, mark.fixed_bits());
    if (least == 0 && !own.length)
        return std::unexpected{bad(own, "has neither marks nor a length: its port alone would name it",
                                   "give marks that all of its messages have, or the length's field")};
    const bool anywhere = std::ranges::any_of(own.over, [](const auto& one) { return one.second == 0; });
    if (anywhere && least < bits_that_prove)
        return std::unexpected{bad(
            own,
            cat("would be looked for everywhere, by ", least, " bits that it has in common with much else"),
            "name its port or ethertype, e.g. \"udp:5000\", or give marks of three bytes or more")};
    return {};
}

} // namespace

std::span<const Dissector* const> rows() noexcept { return all_rows; }

} // namespace described

Result<void> describe(std::vector<Description> descriptions) {
    using namespace described;
    const auto built_in = all().first(all().size() - (kept() ? kept()->own.size() : 0));
    if (descriptions.size() > described_most)
        return std::unexpected{Complaint{.code = "protocols.too-many",
                                         .what = cat(descriptions.size(), " protocols are described"),
                                         .next = cat("describe at most ", described_most,
                                                     ": leave out those that this plant does not speak")}};
    for (const auto& own : descriptions) {
        if (auto fine = check(own); !fine) return fine;
        const bool ours = std::ranges::any_of(
            built_in, [&](const Dissector* row) { return row->facts.name == own.name; });
        const bool taken = ours || std::ranges::find(labels(), own.name) != labels().end() ||
                           own.name == "unknown" ||
                           std::ranges::count(descriptions, own.name, &Description::name) > 1;
        if (taken)
            return std::unexpected{bad(own, "has another protocol's name", "give it a name of its own")};
    }
    if (descriptions.empty()) {
        all_rows = {};
        kept().reset();
        return {};
    }
    auto made = std::make_unique<Kept>();
    made->own = std::move(descriptions);
    made->over.resize(made->own.size());
    made->marks.resize(made->own.size());
    made->made.reserve(made->own.size());
    made->rows.assign(built_in.begin(), built_in.end());
    slots = {};
    for (std::size_t i = 0; i < made->own.size(); ++i) {
        auto& own = made->own[i];
        std::ranges::sort(own.functions, {}, &DescribedFunction::code);
        for (const auto& [carrier, hint] : own.over) made->over[i].push_back({carrier, hint});
        for (const auto& mark : own.marks) made->marks[i].push_back(in_table(mark));
        slots[i] = &own;
        made->rows.push_back(&made->made.emplace_back(makers[i](own, made->over[i], made->marks[i])));
    }
    kept() = std::move(made);
    all_rows = kept()->rows;
    return {};
}

} // namespace yagura::dissect
