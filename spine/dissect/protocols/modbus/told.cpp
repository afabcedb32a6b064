#include "spine/dissect/protocols/modbus/told.h"

#include <algorithm>

#include "spine/dissect/protocols/modbus/umas.h"

namespace yagura::dissect::modbus {
namespace {

using observe::Outcome;
using observe::Phase;
using observe::Speaker;
using std::chrono::seconds;

/// Clients give up after a second or so. Past this, a request counts as never answered.
constexpr std::uint8_t patience = 5;
constexpr std::uint8_t waiting_most = 0x7f;

/// The channel of a program transfer, apart from what other protocols of the conversation use.
constexpr std::uint64_t program_channel = 0x554d4153;

using Asked = Asking::Asked;

std::uint8_t second(const Pdu& pdu) noexcept {
    return static_cast<std::uint8_t>(std::chrono::floor<seconds>(pdu.origin.at).time_since_epoch().count());
}

/// Newest first: a request that never got its answer must not take the answer of a later one.
Asked* waiting(const Head& header, Asking& state, std::uint8_t now) noexcept {
    for (std::size_t back = 1; back <= state.asked.size(); ++back) {
        auto& asked = state.asked[(state.next + state.asked.size() - back) % state.asked.size()];
        if (asked.waiting && asked.transaction == header.transaction && asked.unit == header.unit &&
            asked.function == plain(header.function))
            return static_cast<std::uint8_t>(now - asked.second) > patience ? nullptr : &asked;
    }
    return nullptr;
}

std::uint16_t ask(const Head& header, const Touch& touch, Asking& state, std::uint8_t now) noexcept {
    if (++state.pairs == 0) state.pairs = 1; // Zero means "not paired".
    Asked fresh{.transaction = header.transaction,
                .pair = state.pairs,
                .touch = touch,
                .second = now,
                .unit = header.unit,
                .function = plain(header.function),
                .waiting = 1,
                .doubtful = 0};
    if (auto* older = waiting(header, state, now)) {
        fresh.doubtful = older->doubtful || older->touch != fresh.touch;
        if (older->waiting < waiting_most) fresh.waiting = (older->waiting + 1u) & waiting_most;
        older->waiting = 0; // The new one stands for both.
    }
    state.asked[state.next] = fresh;
    state.next = static_cast<std::uint8_t>((state.next + 1u) % state.asked.size());
    return fresh.pair;
}

/// The request that this answers, if there can be only one.
std::optional<Asked> answer(const Head& header, Asking& state, std::uint8_t now) noexcept {
    auto* asked = waiting(header, state, now);
    if (!asked) return std::nullopt;
    asked->waiting = (asked->waiting - 1u) & waiting_most;
    return asked->doubtful ? std::nullopt : std::optional{*asked};
}

/// Clause 6.15: one request may write several records. The first is the operation's object.
void more_records(const Pdu& pdu, Reader in, const Known& known, const observe::Operation& operation,
                  Ways& ways) noexcept {
    Reader records{in.take(in.u8())};
    for (bool first = true; records.remaining() >= 7; first = false) {
        records.u8();
        const auto file = records.u16(), record = records.u16(), length = records.u16();
        const auto data = records.take(std::size_t{length} * 2);
        if (!records.ok()) return;
        if (first || data.empty()) continue;
        ways.say().on(pdu.origin,
                      observe::Variable{.protocol = pdu.protocol,
                                        .part = operation.part,
                                        .object = {.space = known.space, .group = file, .number = record},
                                        .value = observe::Array{observe::Array::Of::u16, false, length, data},
                                        .count = length});
    }
}

/// UMAS 0x30 to 0x32 bring a program to the controller, block by block.
void load(const Pdu& pdu, const Touch& touch, Reader& in, Asking& state, Ways& ways) noexcept {
    Bytes block;
    if (touch.address == 0x30) {
        state.loaded = 0;
        return;
    }
    if (touch.address == 0x31) {
        in.take(4); // strategy, number of the block
        block = in.take(in.u16le());
        if (!in.ok()) return;
    } else if (touch.address != 0x32) {
        return;
    }
    ways.transfer(program_channel, observe::Transfer::Content::program, "umas program", state.loaded, block,
                  touch.address == 0x32 ? Last::yes : Last::no, pdu.origin);
    state.loaded += static_cast<std::uint32_t>(block.size());
}

void tell(const Pdu& pdu, const observe::Part& part, observe::Attribute attribute, Bytes value,
          Ways& ways) noexcept {
    ways.say().on(pdu.origin, observe::Identity{.protocol = pdu.protocol,
                                                .subject = observe::Subject::speaker,
                                                .part = part,
                                                .attribute = attribute,
                                                .value = as_text(value)});
}

/// Clause 6.21. Objects 0..2 are the only ones that every device has to offer.
void identify(const Pdu& pdu, Reader& in, const observe::Part& part, std::optional<Malformed>& trouble,
              Ways& ways) noexcept {
    using observe::Attribute;
    struct Told {
        std::uint8_t object;
        Attribute attribute;
    };
    // 3 is a URL; 4 to 6 say in other words what it is.
    constexpr std::array attributes{Told{0, Attribute::vendor},   Told{1, Attribute::product},
                                    Told{2, Attribute::firmware}, Told{4, Attribute::description},
                                    Told{5, Attribute::module},   Told{6, Attribute::application}};
    const auto interface = in.u8();
    if (in.ok() && interface != 14) return; // CANopen, clause 6.20, says nothing about identity.
    in.take(4);                             // read code, conformity, more follows, next object
    const auto objects = in.u8();
    for (unsigned i = 0; i < objects && in.ok(); ++i) {
        const auto object = in.u8();
        const auto value = in.take(in.u8());
        if (!in.ok()) break;
        for (const auto& told : attributes)
            if (told.object == object && !value.empty()) tell(pdu, part, told.attribute, value, ways);
    }
    if (!in.ok() && !trouble) trouble = Malformed{13, "device identification ends inside an object"};
}

/// Clause 6.13: the bytes are the maker's own, but for the run indicator. It is believed where it
/// stands right behind a server id of one byte and has one of its two values.
void server_id(const Pdu& pdu, Reader& in, const observe::Part& part, std::optional<Malformed>& trouble,
               Ways& ways) noexcept {
    auto said = in.take(in.u8());
    if (!in.ok()) {
        if (!trouble) trouble = Malformed{8, "server id ends before what it promises"};
        return;
    }
    const auto at = [&](std::size_t index) { return std::to_integer<unsigned>(said[index]); };
    if (said.size() >= 2 && (at(1) == 0 || at(1) == 0xff)) {
        constexpr std::string_view run = "run", stop = "stop";
        tell(pdu, part, observe::Attribute::state, std::as_bytes(std::span{at(1) ? run : stop}), ways);
        said = said.subspan(2);
    }
    while (!said.empty() && at(said.size() - 1) == 0) said = said.first(said.size() - 1);
    const auto readable = [](std::byte byte) {
        return std::to_integer<unsigned>(byte) >= 0x20 && std::to_integer<unsigned>(byte) < 0x7f;
    };
    if (said.size() >= 3 && std::ranges::all_of(said, readable))
        tell(pdu, part, observe::Attribute::product, said, ways);
}

/// UMAS 0x02: the name of the processor behind numbers of model and versions.
void umas_id(const Pdu& pdu, Reader& in, const observe::Part& part, Ways& ways) noexcept {
    in.take(2 + 8); // session, done; range, identifier, model
    const auto version = in.u16le();
    in.take(12); // patches, versions of hardware and internals, crash code
    const auto name = in.take(in.u8());
    if (!in.ok() || name.empty()) return;
    tell(pdu, part, observe::Attribute::product, name, ways);
    const auto digit = [&](unsigned shift) { return static_cast<char>('0' + (version >> shift & 15u)); };
    if (version == 0 || (version & 15u) > 9 || (version >> 4 & 15u) > 9 || (version >> 8 & 15u) > 9) return;
    const char firmware[]{digit(8), '.', digit(4), digit(0)}; // Decimal digits in half bytes.
    tell(pdu, part, observe::Attribute::firmware, std::as_bytes(std::span{firmware}), ways);
}

void report(const Pdu& pdu, Ways& ways, Malformed detail) noexcept {
    ways.say().on(pdu.origin, observe::Anomaly{pdu.protocol, detail});
}

void request(const Pdu& pdu, const Head& header, const Known& known, Reader& in,
             observe::Operation& operation, std::optional<Malformed> trouble, Asking& state,
             Ways& ways) noexcept {
    Reader again = in;
    const auto touch = read_request(known, in, operation);
    if (!in.ok() && !trouble) trouble = Malformed{8, "request ends before what it promises"};
    if (!trouble) trouble = doubt(known, touch);
    operation.pair = ask(header, touch, state, second(pdu));
    ways.say().on(pdu.origin, operation);
    if (in.ok()) {
        if (known.shape == Shape::write_file) more_records(pdu, again, known, operation, ways);
        if (known.shape == Shape::umas) load(pdu, touch, in, state, ways);
    }
    if (trouble) report(pdu, ways, *trouble);
}

void response(const Pdu& pdu, const Head& header, const Known& known, Reader& in,
              observe::Operation& operation, std::optional<Malformed> trouble, Asking& state,
              Ways& ways) noexcept {
    const bool refused = header.function & refusal;
    operation.outcome = refused ? Outcome::refused : Outcome::done;
    const auto asked = answer(header, state, second(pdu));
    if (asked) {
        operation.pair = asked->pair;
        remake(known, asked->touch, operation);
    }
    observe::Variable read{.protocol = pdu.protocol, .part = operation.part};
    auto identity = in;
    if (refused)
        operation.status = in.u8();
    else
        read_answer(known, in, asked ? &asked->touch : nullptr, operation, read);
    if (!in.ok() && !trouble) trouble = Malformed{8, "answer ends before what it promises"};
    ways.say().on(pdu.origin, operation);
    if (!read.object.space.empty() && read.value.index() != 0) ways.say().on(pdu.origin, read);
    if (!refused) {
        if (known.shape == Shape::interface)
            identify(pdu, identity, operation.part, trouble, ways);
        else if (known.shape == Shape::server_id)
            server_id(pdu, identity, operation.part, trouble, ways);
        else if (known.shape == Shape::umas && asked && asked->touch.address == 0x02 &&
                 operation.outcome == Outcome::done)
            umas_id(pdu, identity, operation.part, ways);
    }
    if (trouble) report(pdu, ways, *trouble);
}

} // namespace

void tell_message(const Pdu& pdu, const Head& header, Reader in, bool whole,
                  const std::optional<Malformed>& trouble, Asking& state, Ways& ways) noexcept {
    const auto function = plain(header.function);
    const auto body = Reader{in}.rest(); // A copy: what takes the rest has read it.
    const auto known = find_function(function);
    const auto speaker = pdu.origin.speaker;
    const auto told = whole || header.function & refusal ? nature(header.function, body) : std::nullopt;
    // The bytes know better than the connection: who sent the SYN is a guess if we came later.
    if (told) state.asker = *told == Phase::request ? speaker : other(speaker);
    const auto phase = told                                               ? *told
                       : state.asker.value_or(Speaker::client) == speaker ? Phase::request
                                                                          : Phase::response;
    observe::Operation operation{
        .protocol = pdu.protocol,
        .function = {function, known.name},
        .act = known.act,
        .phase = phase,
        .part = {.steps = {{{observe::Part::Hop::unit, header.unit}}}, .size = 1},
    };
    if (phase == Phase::request)
        request(pdu, header, known, in, operation, trouble, state, ways);
    else
        response(pdu, header, known, in, operation, trouble, state, ways);
}

} // namespace yagura::dissect::modbus
