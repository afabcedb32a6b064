// DNP3: link, transport and application layer, over TCP and UDP. Points by name and number with their values,
// select and operate, restarts, unsolicited reports, and what an outstation says about itself.
//
// From IEEE 1815-2012: clauses 4 (application), 8 (transport), 9 (link), 13 (IP), annex A (objects).
// docs/protocols/dnp3.md tells objects and limits.
#include <algorithm>
#include <bit>
#include <optional>

#include "spine/dissect/dissector.h"
#include "spine/dissect/protocols/dnp3/functions.h"
#include "spine/dissect/protocols/dnp3/objects.h"
#include "spine/dissect/waiting.h"

namespace yagura::dissect::protocols {
namespace {

using namespace dnp3;
using observe::Act;
using observe::Operation;
using observe::Outcome;
using observe::Part;
using observe::Phase;
using observe::Speaker;

constexpr std::uint16_t start_bytes = 0x0564;
constexpr std::size_t link_head = 10, block = 16, user_most = 250;
constexpr std::uint32_t link_code = 0x10000; ///< codes of link messages without user data
enum Control : std::uint8_t { from_master = 0x80, primary = 0x40 };
enum Transport : std::uint8_t { final = 0x80, first = 0x40 };
enum Code : std::uint8_t { confirm = 0, write = 2, response = 129, unsolicited = 130, authenticated = 131 };

/// 9.2.5: x16 + x13 + x12 + x11 + x10 + x8 + x6 + x5 + x2 + 1, bits reversed, inverted.
constexpr auto crc_table = [] {
    std::array<std::uint16_t, 256> table{};
    for (unsigned at = 0; at < 256; ++at) {
        auto value = static_cast<std::uint16_t>(at);
        for (int bit = 0; bit < 8; ++bit)
            value = static_cast<std::uint16_t>(value & 1 ? value >> 1 ^ 0xa6bc : value >> 1);
        table[at] = value;
    }
    return table;
}();
constexpr std::uint16_t crc(Bytes bytes) noexcept {
    std::uint16_t value = 0;
    for (const auto byte : bytes)
        value = static_cast<std::uint16_t>(value >> 8 ^
                                           crc_table[(value ^ std::to_integer<unsigned>(byte)) & 0xff]);
    return static_cast<std::uint16_t>(~value);
}

struct Link {
    std::uint8_t length, control;
    std::uint16_t to, from;
    std::size_t user() const noexcept { return length - std::size_t{5}; }
    std::size_t whole() const noexcept { return link_head + user() + (user() + block - 1) / block * 2; }
};
/// Nothing if the head is none, its checksum included.
std::optional<Link> read_link(Bytes bytes) noexcept {
    Reader in{bytes};
    const auto start = in.u16();
    const Link link{in.u8(), in.u8(), in.u16le(), in.u16le()};
    const auto sum = in.u16le();
    if (!in.ok() || start != start_bytes || link.length < 5 || crc(bytes.first(8)) != sum)
        return std::nullopt;
    return link;
}

struct Dnp3 {
    static constexpr Over over[]{{"tcp", 20000}, {"udp", 20000}};
    static constexpr Mark marks[]{{0, 0xffff0000, 0x05640000}};
    static constexpr Facts facts{
        .name = "dnp3",
        .title = "DNP3",
        .specification = "IEEE 1815-2012",
        .over = over,
        .marks = marks,
        .message_most = 4'096, // a fragment; a link frame has at most 292
        .status_name = status_name,
    };

    struct Asked {
        std::uint32_t number, count;
        std::uint16_t station;
        std::uint8_t code, sequence, group, variation;
        bool alike(const Asked& other) const noexcept {
            return sequence == other.sequence && station == other.station;
        }
        friend bool operator==(const Asked&, const Asked&) = default;
    };
    struct State {
        Waiting<Asked, 8> asked;
        std::array<std::uint8_t, 2> next; ///< sequence of the segment that has to come, by side
        std::array<bool, 2> open;         ///< a fragment was begun
    };
    static constexpr std::uint8_t patience = 15;
    static constexpr std::uint64_t fragment_channel = 0x444e5033'00000000;

    static Recognition looks_like(const Opening& opening) noexcept {
        const auto bytes = opening.latest == Speaker::client ? opening.client : opening.server;
        Reader in{bytes};
        const auto start = in.u16();
        if (!in.ok()) return {Likeness::more};
        if (start != start_bytes) return {};
        if (bytes.size() < link_head) return {Likeness::more};
        const auto link = read_link(bytes);
        if (!link) return {};
        return {Likeness::yes, link->control & from_master ? Speaker::client : Speaker::server};
    }

    static Framing frame(Bytes stream) noexcept {
        Reader in{stream};
        const auto start = in.u16();
        const auto length = in.u8();
        if (!in.ok()) return {};
        if (start != start_bytes) return {.lost = Malformed{0, "not the beginning of a link frame"}};
        if (length < 5) return {.lost = Malformed{2, "length is below 5"}};
        const auto whole = Link{length, 0, 0, 0}.whole();
        return {.length = stream.size() < whole ? 0 : whole};
    }

    static void dissect(const Pdu& pdu, State& state, Ways& ways) noexcept {
        auto rest = pdu.bytes;
        // A datagram may hold several frames (13.3).
        for (std::uint32_t at = 0;;) {
            const auto link = read_link(rest);
            if (!link) return report(pdu, ways, Malformed{0, "not the head of a link frame"}.shifted(at));
            link_frame(pdu, *link, rest.first(std::min(rest.size(), link->whole())), at, state, ways);
            if (rest.size() <= link->whole()) return;
            rest = rest.subspan(link->whole());
            at += static_cast<std::uint32_t>(link->whole());
        }
    }

private:
    static void link_frame(const Pdu& pdu, const Link& link, Bytes bytes, std::uint32_t base, State& state,
                           Ways& ways) noexcept {
        if (link.user() == 0) return link_message(pdu, link, ways);
        std::array<std::byte, user_most> room;
        std::size_t size = 0;
        Reader in{bytes};
        in.take(link_head);
        while (size < link.user()) {
            const auto piece = in.take(std::min(block, link.user() - size));
            const auto sum = in.u16le();
            if (!in.ok())
                return report(pdu, ways, Malformed{0, "link frame ends before its length"}.shifted(base));
            if (crc(piece) != sum)
                return report(pdu, ways,
                              Malformed{0, "wrong checksum of a block"}.shifted(
                                  base + static_cast<std::uint32_t>(in.position())));
            std::ranges::copy(piece, room.begin() + static_cast<std::ptrdiff_t>(size));
            size += piece.size();
        }
        segment(pdu, link, Bytes{room}.first(size), state, ways);
    }

    static Part station(const Link& link) noexcept {
        return station(link.control & from_master ? link.to : link.from);
    }
    /// Who asks and who answers is told by the function; the direction bit only where both may say it. Forged
    /// requests are seen with the wrong one.
    static Part station(const Link& link, std::uint8_t code) noexcept {
        return code == confirm ? station(link) : station(code >= response ? link.from : link.to);
    }
    static Part station(std::uint16_t outstation) noexcept {
        return {.steps = {{{Part::Hop::station, outstation}}}, .size = 1};
    }

    static void link_message(const Pdu& pdu, const Link& link, Ways& ways) noexcept {
        const bool asks = (link.control & primary) != 0;
        const auto code = static_cast<std::uint8_t>(link.control & 15);
        const auto name = link_function(asks, code);
        ways.say().on(pdu.origin,
                      Operation{.protocol = pdu.protocol,
                                .function = {link_code | (asks ? 0x10u : 0u) | code,
                                             name.empty() ? std::string_view{"unknown link function"} : name},
                                .act = name.empty()        ? Act::unknown
                                       : asks && code <= 1 ? Act::connect
                                                           : Act::diagnose,
                                .phase = asks ? Phase::request : Phase::response,
                                .outcome = asks                      ? Outcome::pending
                                           : code == 0 || code == 11 ? Outcome::done
                                                                     : Outcome::refused,
                                .part = station(link)});
    }

    /// Clause 8: a fragment of the application layer in segments, numbered modulo 64.
    static void segment(const Pdu& pdu, const Link& link, Bytes bytes, State& state, Ways& ways) noexcept {
        const auto head = std::to_integer<std::uint8_t>(bytes[0]);
        const auto number = static_cast<std::uint8_t>(head & 0x3f);
        const auto side = static_cast<std::size_t>(link.control & from_master ? 0 : 1);
        const auto channel = fragment_channel | side;
        bytes = bytes.subspan(1);
        if (head & first) {
            if (state.open[side]) (void)ways.gather(channel, {}, Last::yes); // What never came to its end.
            state.open[side] = false;
            if (head & final) return application(pdu, link, bytes, state, ways);
        } else if (!state.open[side] || number != state.next[side]) {
            if (state.open[side]) (void)ways.gather(channel, {}, Last::yes);
            state.open[side] = false;
            return report(pdu, ways, {link_head, "a segment is missing"});
        }
        state.open[side] = (head & final) == 0;
        state.next[side] = (number + 1u) & 0x3f;
        const auto whole = ways.gather(channel, bytes, head & final ? Last::yes : Last::no);
        if (!whole.empty()) application(pdu, link, whole, state, ways);
    }

    static void application(const Pdu& pdu, const Link& link, Bytes bytes, State& state,
                            Ways& ways) noexcept {
        Reader in{bytes};
        const auto control = in.u8(), code = in.u8();
        if (!in.ok()) return report(pdu, ways, {link_head, "fragment ends inside its head"});
        const auto known = find_function(code);
        Operation operation{.protocol = pdu.protocol,
                            .function = {code, known.name},
                            .act = known.act,
                            .part = station(link, code)};
        Asked asked{.number = 0,
                    .count = 0,
                    .station = static_cast<std::uint16_t>(operation.part.steps[0].number),
                    .code = code,
                    .sequence = static_cast<std::uint8_t>(control & 15),
                    .group = 0,
                    .variation = 0};
        const bool answers = code >= response;
        std::optional<Waiting<Asked, 8>::Found> found;
        if (answers) {
            operation.phase = code == unsolicited ? Phase::event : Phase::response;
            operation.outcome = Outcome::done;
            in.u8();
            const auto second = in.u8();
            if (second & 0x17) {
                operation.outcome = Outcome::refused;
                operation.status = second & 0x17u;
            }
            if (code != unsolicited) found = state.asked.answer(asked, pdu.origin.at, patience);
            if (found) {
                operation.pair = found->pair;
                operation.act = find_function(found->request.code).act;
            }
        } else {
            operation.phase = code == confirm ? Phase::event : Phase::request;
            operation.outcome = code == confirm ? Outcome::done : Outcome::pending;
        }
        // Values come behind what they are about: the first object is known before anything is said.
        const auto start = in;
        const bool with_data = answers || code == write || (code >= 3 && code <= 6);
        const auto told = read_objects(pdu, in, operation, with_data, nullptr);
        if (found) {
            operation.object = object(found->request.group, found->request.number);
            operation.count = found->request.count;
            if (found->request.group == 0 && found->request.count == 0) operation.object = {};
        } else if (told.any) {
            operation.object = object(told.group, told.number);
            operation.count = told.count;
        }
        // What is read as a class answers with other objects than it was asked for.
        const bool same = found && space_of(told.group) == operation.object.space &&
                          told.number == operation.object.number;
        if (!found || operation.act != Act::read || same) operation.value = told.value;
        if (told.status != 0 && operation.outcome != Outcome::refused) {
            operation.outcome = Outcome::refused;
            operation.status = 0x100u | told.status;
        }
        // A restart that somebody asks for, or the clock: what is written tells.
        if (code == write && told.group == 50) operation.act = Act::time_set;
        if (code == write && told.group == 80) operation.act = Act::alarm_ack;
        if (!answers && code != confirm) {
            asked.group = told.group;
            asked.variation = told.variation;
            asked.number = told.number;
            asked.count = told.count;
            if (code != 6 && code != 8 && code != 10 && code != 12)
                operation.pair = state.asked.ask(asked, pdu.origin.at, patience);
        }
        ways.say().on(pdu.origin, operation);
        if (with_data) {
            auto again = start;
            (void)read_objects(pdu, again, operation, true, &ways);
        }
        const auto place = static_cast<std::uint32_t>(in.position());
        if (told.unread)
            report(pdu, ways, Malformed{0, "objects that nobody knows the length of"}.shifted(place));
        else if (!in.ok())
            report(pdu, ways, Malformed{0, "fragment ends before its objects"}.shifted(place));
    }

    struct Told {
        bool any = false, unread = false;
        std::uint8_t group = 0, variation = 0, status = 0;
        std::uint32_t number = 0, count = 0;
        observe::Value value{};
    };

    static observe::Object object(std::uint8_t group, std::uint32_t number) noexcept {
        const auto space = space_of(group);
        if (space == "object") return {.space = space, .group = group, .number = number};
        return {.space = space, .number = number};
    }

    /// 4.2.2.7. Without `ways` only looked at: the first header's object, how many there are in all, and
    /// whether a command was taken. With `ways` each value is told, but the first of an operation that has it
    /// itself.
    static Told read_objects(const Pdu& pdu, Reader& in, const Operation& operation, bool with_data,
                             Ways* ways) noexcept {
        Told told;
        while (in.remaining() != 0 && in.ok()) {
            const auto group = in.u8(), variation = in.u8(), qualifier = in.u8();
            const auto prefix = static_cast<std::uint8_t>(qualifier >> 4 & 7),
                       range = static_cast<std::uint8_t>(qualifier & 15);
            std::uint32_t from = 0, count = 0;
            switch (range) {
            case 0:
            case 3:
                from = in.u8();
                count = stretch(from, in.u8());
                break;
            case 1:
            case 4:
                from = in.u16le();
                count = stretch(from, in.u16le());
                break;
            case 2:
            case 5:
                from = in.u32le();
                count = stretch(from, in.u32le());
                break;
            case 6:
                break; // All there are: none follow.
            case 7:
                count = in.u8();
                break;
            case 8:
                count = in.u16le();
                break;
            case 9:
                count = in.u32le();
                break;
            case 11:
                count = in.u8();
                break;
            default:
                told.unread = true;
                return told;
            }
            if (!in.ok()) break;
            if (!told.any) {
                told.any = true;
                told.group = group;
                told.variation = variation;
                // Which class is said by the variation: 1 is class 0.
                told.number = group == 60 && variation != 0 ? variation - 1u : group == 0 ? variation : from;
            }
            if (count == 0 && range <= 5) { // Stop before start: nobody knows which are meant.
                told.unread = true;
                return told;
            }
            told.count += count;
            const auto* known = find_variation(group, variation);
            if (prefix == 0 && !with_data) continue;
            if (!with_data) { // A read of single points: an index each, no values.
                const auto width = prefix <= 3 ? prefix == 3 ? 4u : prefix : 0u;
                // A count alone is no bytes: what moves nothing must not be counted to four billion.
                for (std::uint32_t at = 0; width != 0 && at < count && in.ok(); ++at) {
                    const auto index = number(in, width);
                    if (at == 0 && told.group == group && told.number == 0) told.number = index;
                }
                continue;
            }
            if (known && is_packed(*known)) {
                bits(pdu, in, operation, *known, from, count, told, ways);
                continue;
            }
            for (std::uint32_t at = 0; at < count && in.ok(); ++at) {
                if (!ways && at == 1) at += pass(in, known, prefix, count - at);
                if (at == count) break;
                auto index = from + at;
                std::size_t size = 0;
                if (prefix >= 1 && prefix <= 3) {
                    index = number(in, prefix == 3 ? 4u : prefix);
                } else if (prefix >= 4 && prefix <= 6) {
                    size = number(in, prefix == 6 ? 4u : prefix - 3u);
                } else if (prefix == 7) {
                    told.unread = true;
                    return told;
                }
                if (prefix < 4) {
                    if (known)
                        size = known->size;
                    else if (group == 110 || group == 111)
                        size = variation;
                    else if (group == 0)
                        size = attribute_size(in);
                    else if (group != 60) {
                        told.unread = true;
                        return told;
                    }
                }
                const auto bytes = in.take(size);
                if (!in.ok() || (size == 0 && prefix == 0)) break;
                one(pdu, operation, group, variation, index, bytes, known, told, at == 0, ways);
            }
        }
        return told;
    }

    /// How many from start to stop; 0 where stop is before start, or all there can be.
    static constexpr std::uint32_t stretch(std::uint32_t start, std::uint32_t stop) noexcept {
        return stop < start ? 0 : stop - start + 1;
    }
    static std::uint32_t number(Reader& in, unsigned width) noexcept {
        return width == 1 ? in.u8() : width == 2 ? in.u16le() : width == 4 ? in.u32le() : 0u;
    }
    static bool is_packed(const Variation& known) noexcept {
        return known.value == dnp3::Value::packed_1 || known.value == dnp3::Value::packed_2;
    }
    /// Where objects are only looked at, the first of a header says all that the others could, but whether a
    /// command was taken: as many as are there are passed at once. How many those are.
    static std::uint32_t pass(Reader& in, const Variation* known, std::uint8_t prefix,
                              std::uint32_t left) noexcept {
        if (!known || known->size == 0 || prefix > 3 || known->group == 12 || known->group == 41) return 0;
        const auto each = known->size + (prefix == 3 ? 4u : prefix);
        const auto there = static_cast<std::uint32_t>(std::min<std::size_t>(left, in.remaining() / each));
        in.take(std::size_t{there} * each);
        return there;
    }
    /// A.1: a type, a length, and that many bytes.
    static std::size_t attribute_size(Reader in) noexcept {
        in.u8();
        return std::size_t{2} + in.u8();
    }

    static void bits(const Pdu& pdu, Reader& in, const Operation& operation, const Variation& known,
                     std::uint32_t from, std::uint32_t count, Told& told, Ways* ways) noexcept {
        const unsigned width = known.value == dnp3::Value::packed_1 ? 1 : 2;
        const auto size = (std::uint64_t{count} * width + 7) / 8;
        if (size > in.remaining()) {
            in.take(in.remaining() + 1);
            return;
        }
        const auto bytes = in.take(static_cast<std::size_t>(size));
        if (width != 1 || count == 0 || count > 0xffff) return;
        const observe::Array array{observe::Array::Of::bit, true, static_cast<std::uint16_t>(count), bytes};
        const auto value = count == 1 ? observe::Value{(std::to_integer<unsigned>(bytes[0]) & 1u) != 0}
                                      : observe::Value{array};
        if (!ways) {
            if (told.value.index() == 0) told.value = value;
            return;
        }
        ways->say().on(pdu.origin, observe::Variable{.protocol = pdu.protocol,
                                                     .part = operation.part,
                                                     .object = object(known.group, from),
                                                     .value = value,
                                                     .count = count});
    }

    static void one(const Pdu& pdu, const Operation& operation, std::uint8_t group, std::uint8_t variation,
                    std::uint32_t index, Bytes bytes, const Variation* known, Told& told, bool leads,
                    Ways* ways) noexcept {
        if (group == 0) {
            if (ways && operation.phase != Phase::request) attribute(pdu, operation, variation, bytes, *ways);
            return;
        }
        const auto value = known ? value_of(*known, bytes) : observe::Value{as_text(bytes)};
        // A command's answer says for each point whether it was taken.
        if ((group == 12 || group == 41) && operation.phase == Phase::response && !bytes.empty() &&
            told.status == 0)
            told.status = std::to_integer<std::uint8_t>(bytes.back()) & 0x7f;
        if (!ways) {
            if (told.value.index() == 0) told.value = value;
            if (leads && told.group == group) told.number = told.number == 0 ? index : told.number;
            return;
        }
        if (value.index() == 0) return;
        const auto what = object(group, index);
        if (operation.value.index() != 0 && operation.object.space == what.space &&
            operation.object.number == what.number)
            return; // The operation's own.
        ways->say().on(pdu.origin, observe::Variable{.protocol = pdu.protocol,
                                                     .part = operation.part,
                                                     .object = what,
                                                     .value = value,
                                                     .count = 1});
    }

    static observe::Value value_of(const Variation& known, Bytes bytes) noexcept {
        using Form = dnp3::Value;
        Reader in{bytes};
        const auto form = known.value;
        if (form >= Form::flagged_u16 && form <= Form::flagged_f64) in.u8();
        const auto f64 = [&in] {
            const std::uint64_t low = in.u32le();
            return std::bit_cast<double>(std::uint64_t{in.u32le()} << 32 | low);
        };
        switch (form) {
        case Form::flag_bit:
            return (in.u8() & 0x80) != 0;
        case Form::flag_pair:
            return std::uint64_t{in.u8()} >> 6;
        case Form::u16:
        case Form::flagged_u16:
            return std::uint64_t{in.u16le()};
        case Form::u32:
        case Form::flagged_u32:
            return std::uint64_t{in.u32le()};
        case Form::i16:
        case Form::flagged_i16:
        case Form::output_i16:
            return std::int64_t{static_cast<std::int16_t>(in.u16le())};
        case Form::i32:
        case Form::flagged_i32:
        case Form::output_i32:
            return std::int64_t{static_cast<std::int32_t>(in.u32le())};
        case Form::f32:
        case Form::flagged_f32:
        case Form::output_f32:
            return double{std::bit_cast<float>(in.u32le())};
        case Form::flagged_f64:
        case Form::f64:
        case Form::output_f64:
            return f64();
        case Form::control: // What to do, as one byte: 0x41 closes, 0x81 trips, 3 latches on, 4 off.
            return std::uint64_t{in.u8()};
        default:
            return {};
        }
    }

    /// A.1.1: an outstation's own words about itself.
    static void attribute(const Pdu& pdu, const Operation& operation, std::uint8_t variation, Bytes bytes,
                          Ways& ways) noexcept {
        using observe::Attribute;
        Reader in{bytes};
        const auto type = in.u8();
        const auto text = as_text(in.take(in.u8()));
        if (!in.ok() || type != 1 || text.empty()) return;
        std::optional<Attribute> which;
        switch (variation) {
        case 252:
            which = Attribute::vendor;
            break;
        case 250:
            which = Attribute::product;
            break;
        case 248:
            which = Attribute::serial;
            break;
        case 247:
        case 246:
            which = Attribute::name;
            break;
        case 245:
            which = Attribute::location;
            break;
        case 243:
            which = Attribute::hardware;
            break;
        case 242:
            which = Attribute::firmware;
            break;
        default:
            return;
        }
        ways.say().on(pdu.origin, observe::Identity{.protocol = pdu.protocol,
                                                    .subject = observe::Subject::speaker,
                                                    .part = operation.part,
                                                    .attribute = *which,
                                                    .value = text});
    }

    static void report(const Pdu& pdu, Ways& ways, Malformed detail) noexcept {
        ways.say().on(pdu.origin, observe::Anomaly{pdu.protocol, detail});
    }
};

} // namespace

extern constinit const Dissector dnp3 = row<Dnp3>();

} // namespace yagura::dissect::protocols
