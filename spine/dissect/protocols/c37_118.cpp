// IEEE C37.118.2: synchrophasors, what measuring units (PMU) send to concentrators (PDC) many times a second
// over TCP and UDP, and the commands that ask for it.
//
// From IEEE Std C37.118.2-2011, clause 6 (frames 6.2, data 6.3, configuration 6.4 and 6.5, header 6.6,
// commands 6.7) and annex B (check word); the 2005 edition's frames are the same but for configuration 3.
#include <algorithm>
#include <array>

#include "spine/base/text_room.h"
#include "spine/dissect/tell.h"

namespace yagura::dissect::protocols {
namespace {

using observe::Act;
using observe::Attribute;
using observe::Outcome;
using observe::Part;
using observe::Phase;
using observe::Speaker;

constexpr std::size_t header_size = 14, check_size = 2, frame_least = header_size + check_size;
constexpr std::uint32_t command_codes = 0x100; ///< from there on: a command's number

enum Type : std::uint8_t {
    data = 0,
    header = 1,
    configuration_1 = 2,
    configuration_2 = 3,
    command = 4,
    configuration_3 = 5
};

struct Head {
    std::uint8_t sync, kind;
    std::uint16_t size, id;
    std::uint32_t second, fraction;
    constexpr std::uint8_t type() const noexcept { return kind >> 4; }
    constexpr std::uint8_t version() const noexcept { return kind & 15u; }
};
constexpr Head read_head(Reader& in) noexcept {
    return Head{in.u8(), in.u8(), in.u16(), in.u16(), in.u32(), in.u32()};
}
constexpr bool plausible(const Head& head) noexcept {
    return head.sync == 0xaa && head.type() <= configuration_3 && head.version() >= 1 &&
           head.version() <= 3 && head.size >= frame_least;
}

/// Annex B: CRC-CCITT, from ones, no reflection.
constexpr auto steps = [] {
    std::array<std::uint16_t, 256> out{};
    for (unsigned i = 0; i < out.size(); ++i) {
        auto value = i << 8;
        for (int bit = 0; bit < 8; ++bit)
            value = value & 0x8000 ? (value << 1 ^ 0x1021) & 0xffff : value << 1 & 0xffff;
        out[i] = static_cast<std::uint16_t>(value);
    }
    return out;
}();
constexpr bool checks(Bytes frame) noexcept {
    std::uint16_t sum = 0xffff;
    for (const auto byte : frame.first(frame.size() - check_size))
        sum = static_cast<std::uint16_t>(sum << 8 ^
                                         steps[(sum >> 8 ^ std::to_integer<unsigned>(byte)) & 0xffu]);
    Reader last{frame.last(check_size)};
    return last.u16() == sum;
}

struct Command {
    std::uint16_t code;
    std::string_view name;
    Act act;
};
constexpr Command commands[]{
    {1, "turn off data", Act::disconnect},      {2, "turn on data", Act::subscribe},
    {3, "send header", Act::identify},          {4, "send configuration 1", Act::identify},
    {5, "send configuration 2", Act::identify}, {6, "send configuration 3", Act::identify},
    {8, "extended frame", Act::call},
};
constexpr Command find(std::uint16_t code) noexcept {
    for (const auto& one : commands)
        if (one.code == code) return one;
    return {code, code >= 0x100 && code <= 0xfff ? "user's command" : "unknown command", Act::unknown};
}
constexpr std::string_view type_names[]{"data",    "header",         "configuration 1", "configuration 2",
                                        "command", "configuration 3"};

/// What a measuring unit's block in a data frame is made of (6.4, FORMAT and the three counts).
struct Block {
    std::uint16_t id;
    std::uint16_t phasors, analogs, digitals;
    std::uint16_t format;
    static constexpr std::uint16_t phasors_float = 2, analogs_float = 4, frequency_float = 8;
    /// The bytes of its phasors: frequency stands behind them.
    constexpr std::size_t before_frequency() const noexcept {
        return std::size_t{phasors} * (format & phasors_float ? 8u : 4u);
    }
    constexpr std::size_t behind_frequency() const noexcept {
        return (format & frequency_float ? 4u : 2u) +
               std::size_t{analogs} * (format & analogs_float ? 4u : 2u) + std::size_t{digitals} * 2u;
    }
};

struct C37118 {
    static constexpr Over over[]{{"tcp", 4712}, {"udp", 4713}, {"udp", 4712}, {"tcp", 4713}};
    static constexpr Mark marks[]{{0, 0xff8c0000, 0xaa000000}};
    static constexpr Facts facts{
        .name = "c37_118",
        .title = "IEEE C37.118 synchrophasors",
        .specification = "IEEE Std C37.118.2-2011; C37.118-2005",
        .over = over,
        .marks = marks,
        .message_most = 65'535,
    };
    /// Data frames say nothing of themselves: they are read as the last configuration 1 or 2 of the same
    /// stream said.
    static constexpr std::size_t units_most = 12;
    struct State {
        std::array<Block, units_most> blocks;
        std::uint16_t stream; ///< the frames' own id
        std::uint8_t units;   ///< 0: not known, or too many
        std::array<std::uint16_t, units_most> nominal;
    };

    static Recognition looks_like(const Opening& opening) noexcept {
        const auto bytes = latest(opening);
        Reader in{bytes};
        const auto head = read_head(in);
        if (!in.ok()) return {!bytes.empty() && bytes[0] == std::byte{0xaa} ? Likeness::more : Likeness::no};
        if (!plausible(head)) return {};
        const auto speaker = head.type() == command ? Speaker::client : Speaker::server;
        constexpr std::size_t patience = 1'400;
        if (bytes.size() < head.size)
            return {bytes.size() < patience ? Likeness::more : Likeness::maybe, speaker};
        return {checks(bytes.first(head.size)) ? Likeness::yes : Likeness::no, speaker};
    }

    static Framing frame(Bytes stream) noexcept {
        Reader in{stream};
        const auto head = Head{in.u8(), in.u8(), in.u16(), 0, 0, 0};
        if (!in.ok()) return {};
        if (!plausible(head)) return {.lost = Malformed{0, "not the head of a frame"}};
        return {.length = stream.size() < head.size ? 0u : head.size};
    }

    static void dissect(const Pdu& pdu, State& state, Ways& ways) noexcept {
        const Tell tell{pdu, ways};
        Reader in{pdu.bytes};
        const auto head = read_head(in);
        if (!in.ok() || !plausible(head)) return tell.report({0, "not the head of a frame"});
        const bool whole = head.size == pdu.bytes.size() && checks(pdu.bytes);
        observe::Operation said{.function = {head.type(), type_names[head.type()]}, .part = part(head.id)};
        Reader body{pdu.bytes.subspan(header_size, pdu.bytes.size() - header_size -
                                                       std::min(check_size, pdu.bytes.size() - header_size))};
        switch (head.type()) {
        case command: {
            const auto asked = find(body.u16());
            said.function = {command_codes + asked.code, asked.name};
            said.act = asked.act;
            said.phase = Phase::request;
            said.outcome = Outcome::pending;
            tell.operation(said);
            break;
        }
        case data:
            said.act = Act::cyclic_io;
            said.phase = Phase::event;
            said.outcome = Outcome::done;
            measured(tell, head, body, said, whole, state);
            break;
        default:
            said.act = Act::identify;
            said.phase = Phase::response;
            said.outcome = Outcome::done;
            tell.operation(said);
            if (!whole) break;
            if (head.type() == header)
                tell.of_speaker(Attribute::description, trimmed(as_text(body.rest())).substr(0, 160), 60);
            else if (head.type() != configuration_3)
                configured(tell, head, body, state);
        }
        if (head.size != pdu.bytes.size()) return tell.report({2, "size is not that of the frame"});
        if (!whole) return tell.report({0, "check word does not fit"});
        if (!body.ok()) tell.report({header_size, "frame ends before what it promises"});
    }

private:
    static Part part(std::uint16_t id) noexcept { return {.steps = {{{Part::Hop::unit, id}}}, .size = 1}; }

    /// 6.4: names of sixteen characters, filled up with blanks.
    static void configured(const Tell& tell, const Head& head, Reader& in, State& state) noexcept {
        in.u32(); // time base
        const auto units = in.u16();
        state.units = 0;
        state.stream = head.id;
        constexpr std::size_t name_size = 16;
        for (unsigned i = 0; i < units && in.ok(); ++i) {
            const auto name = trimmed(as_text(in.take(name_size)));
            Block block{.id = in.u16(), .phasors = 0, .analogs = 0, .digitals = 0, .format = in.u16()};
            block.phasors = in.u16();
            block.analogs = in.u16();
            block.digitals = in.u16();
            in.take(name_size *
                    (std::size_t{block.phasors} + block.analogs + std::size_t{block.digitals} * 16u));
            in.take(4 * (std::size_t{block.phasors} + block.analogs + block.digitals));
            const auto nominal = in.u16();
            in.u16(); // how often it was changed
            if (!in.ok()) return;
            if (i < units_most) {
                state.blocks[i] = block;
                state.nominal[i] = nominal & 1 ? 50 : 60;
            }
            if (i < 8 && !name.empty()) {
                TextRoom<64> room;
                tell.of_speaker(Attribute::description,
                                room.add("synchrophasors of ").add(name).add(", ID ").number(block.id).view(),
                                70);
            }
        }
        if (!in.ok()) return;
        if (units >= 1 && units <= units_most) state.units = static_cast<std::uint8_t>(units);
        tell.of_speaker(Attribute::role_hint,
                        units > 1 ? "phasor data concentrator" : "phasor measurement unit", 80);
    }

    /// 6.3: of each unit its state, phasors, frequency, rate of its change, analogs, digitals. Told: state
    /// and frequency.
    static void measured(const Tell& tell, const Head& head, Reader& in, observe::Operation& said, bool whole,
                         const State& state) noexcept {
        const bool known = whole && state.units != 0 && state.stream == head.id && sized(state, in);
        if (!known) return tell.operation(said);
        for (unsigned i = 0; i < state.units; ++i) {
            const auto& block = state.blocks[i];
            Part unit = part(head.id);
            if (state.units > 1)
                unit = {.steps = {{{Part::Hop::unit, head.id}, {Part::Hop::station, block.id}}}, .size = 2};
            in.u16(); // state
            in.take(block.before_frequency());
            double frequency = 0;
            if (block.format & Block::frequency_float)
                frequency = static_cast<double>(std::bit_cast<float>(in.u32()));
            else // Thousandths of a hertz beside the nominal one.
                frequency = state.nominal[i] + static_cast<std::int16_t>(in.u16()) / 1'000.0;
            in.take(block.behind_frequency());
            if (i == 0) {
                said.object = {.space = "frequency of", .number = block.id};
                said.value = frequency;
                tell.operation(said);
            } else {
                tell.ways.say().on(tell.pdu.origin,
                                   observe::Variable{.protocol = tell.pdu.protocol,
                                                     .part = unit,
                                                     .object = {.space = "frequency of", .number = block.id},
                                                     .value = frequency,
                                                     .count = 1});
            }
        }
    }
    static bool sized(const State& state, const Reader& in) noexcept {
        std::size_t size = 0;
        for (unsigned i = 0; i < state.units; ++i) {
            const auto& block = state.blocks[i];
            size += 2 + block.before_frequency() + (block.format & Block::frequency_float ? 4u : 2u) +
                    block.behind_frequency();
        }
        return size == in.remaining();
    }
};

} // namespace

extern constinit const Dissector c37_118 = row<C37118>();

} // namespace yagura::dissect::protocols
