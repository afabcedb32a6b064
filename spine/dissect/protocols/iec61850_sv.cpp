// Sampled values: what merging units measure, thousands of times a second, on Ethernet or routed over UDP.
//
// From IEC 61850-9-2:2011 (clause 8.5 and Annex A) and IEC TR 61850-90-5:2012 for the routed form.
// docs/protocols/iec61850_sv.md tells objects and limits.
#include <array>

#include "spine/base/hash.h"
#include "spine/dissect/protocols/iec61850/ber.h"
#include "spine/dissect/protocols/iec61850/routed.h"
#include "spine/dissect/tell.h"

namespace yagura::dissect::protocols {
namespace {

using namespace iec61850;
using observe::Act;
using observe::Array;
using observe::Attribute;
using observe::Object;
using observe::Operation;
using observe::Outcome;
using observe::Phase;
using observe::Value;

constexpr std::size_t frame_head = 8;
constexpr std::uint8_t values_tag = 0x60, list_tag = 0xa2, unit_tag = 0x30;
constexpr std::uint32_t streams_most = 16; ///< that one message tells

/// 8.5.2: one point in time of one stream.
struct Unit {
    Bytes id, data_set, samples;
    std::uint32_t revision = 0;
    std::uint8_t sync = 0;
    std::uint16_t there = 0;

    static constexpr std::uint16_t needed = 1 << 0 | 1 << 2 | 1 << 3 | 1 << 5 | 1 << 7;
    bool whole() const noexcept { return (there & needed) == needed; }
};
constexpr std::string_view sync_name(std::uint8_t sync) noexcept {
    return sync == 0 ? "none" : sync == 1 ? "local clock" : sync == 2 ? "global clock" : "local area clock";
}

struct SampledValues {
    static constexpr Over over[]{{"ethernet", 0x88ba}, {"udp", 102}};
    static constexpr Mark marks[]{{8, 0xff000000, 0x60000000}, {0, 0xffffff00, 0x0140a200}};
    static constexpr Facts facts{
        .name = "iec61850_sv",
        .title = "IEC 61850 sampled values",
        .specification = "IEC 61850-9-2:2011 clause 8.5 and Annex A; IEC TR 61850-90-5:2012",
        .over = over,
        .marks = marks,
        .message_most = 1500,
    };
    struct Sent {
        std::uint32_t name, revision;
        std::uint8_t sync, flags;
    };
    struct State {
        std::array<Sent, 20> sent;
        std::uint8_t next;
    };

    struct Opened {
        bool fits = false, simulated = false;
        std::size_t position = 0, length = 0;
        Bytes apdu{};
    };
    static Opened open(Bytes bytes) noexcept {
        if (const auto routed = read_routed(bytes); routed.fits)
            return {routed.reaches && routed.payload == payload_values, routed.simulated, routed.position,
                    routed.length, routed.apdu};
        Reader in{bytes};
        in.u16(); // APPID.
        const auto length = in.u16(), reserved = in.u16();
        in.u16();
        if (!in.ok() || length < frame_head) return {};
        return {true, (reserved & 0x8000) != 0, frame_head, length - frame_head, in.rest()};
    }

    /// Some count without the head, or half of it.
    static bool counts(const Opened& opened, std::size_t whole) noexcept {
        return opened.length <= whole && opened.length + frame_head >= whole;
    }

    static Recognition looks_like(const Opening& opening) noexcept {
        const auto opened = open(latest(opening));
        Reader in{opened.apdu};
        Tlv apdu, count;
        if (!opened.fits || !next(in, apdu) || apdu.tag != values_tag) return {};
        Reader fields{apdu.content};
        if (!next(fields, count) || count.tag != 0x80 || count.content.empty() || count.content.size() > 2)
            return {};
        Tlv list;
        while (next(fields, list) && list.tag != list_tag) {
        }
        Reader units{list.content};
        Tlv unit;
        if (list.tag != list_tag || !next(units, unit) || unit.tag != unit_tag) return {};
        return {!apdu.cut && counts(opened, opened.apdu.size() - in.remaining()) ? Likeness::yes
                                                                                 : Likeness::maybe};
    }
    static Framing frame(Bytes unit) noexcept { return {.length = unit.size()}; }

    static void dissect(const Pdu& pdu, State& state, Ways& ways) noexcept {
        const Tell tell{pdu, ways};
        const auto opened = open(pdu.bytes);
        Reader in{opened.apdu};
        Tlv apdu;
        if (!opened.fits || !next(in, apdu)) return tell.report({0, "message ends inside its heads"});
        const auto at = static_cast<std::uint32_t>(opened.position);
        if (apdu.tag != values_tag) return tell.report(Malformed{0, "no sampled values"}.shifted(at));
        const auto whole = opened.apdu.size() - in.remaining();
        const auto trouble = message(apdu.content, opened.simulated, state, tell);
        if (apdu.cut)
            tell.report(Malformed{0, "message is shorter than its length"}.shifted(at));
        else if (trouble)
            tell.report(trouble->shifted(at));
        else if (!counts(opened, whole))
            tell.report({2, "length of the head is not that of the message"});
    }

private:
    static std::optional<Malformed> message(Bytes content, bool simulated, State& state,
                                            const Tell& tell) noexcept {
        Operation operation{.function = {1, "sampled values"},
                            .act = Act::cyclic_io,
                            .phase = Phase::event,
                            .outcome = Outcome::done};
        Reader in{content};
        Tlv field, list;
        std::uint32_t promised = 0;
        while (next(in, field)) {
            if (field.tag == 0x80) promised = static_cast<std::uint32_t>(unsigned_of(field.content));
            if (field.tag == list_tag) list = field;
        }
        const bool good = in.ok();
        Reader units{list.content};
        Tlv one;
        std::uint32_t count = 0, told = 0, before = 0;
        bool whole = true;
        operation.count = promised;
        while (next(units, one) && one.tag == unit_tag) {
            ++count;
            Unit unit;
            if (!read(one.content, unit) || one.cut || !unit.whole()) whole = false;
            if (!is_name(unit.id)) continue;
            const auto hash = static_cast<std::uint32_t>(Hasher{}.add(unit.id).finish());
            // Of one stream there may be several points in time in one message.
            if (told != 0 && hash == before) continue;
            before = hash;
            if (told++ == streams_most) break;
            const Object object{.space = "stream", .text = as_text(unit.id)};
            if (told == 1) {
                operation.object = object;
                operation.value = samples(unit.samples);
                tell.operation(operation);
            } else if (!unit.samples.empty()) {
                variable(object, samples(unit.samples), tell);
            }
            if (unit.whole()) news(unit, hash, simulated, state, tell);
        }
        if (told == 0) tell.operation(operation);
        if (!good || !units.ok()) return Malformed{0, "a field is longer than its message"};
        if (!whole) return Malformed{0, "a field that has to be there is missing, or longer than its unit"};
        if (count != promised && told < streams_most)
            return Malformed{0, "not as many units as were counted"};
        return std::nullopt;
    }
    static bool read(Bytes content, Unit& out) noexcept {
        Reader in{content};
        Tlv field;
        while (next(in, field)) {
            if (field.cut) return false;
            if (field.kind() != 2 || field.number > 15) continue;
            out.there = static_cast<std::uint16_t>(out.there | 1u << field.number);
            if (field.number == 0) out.id = field.content;
            if (field.number == 1) out.data_set = field.content;
            if (field.number == 3) out.revision = static_cast<std::uint32_t>(unsigned_of(field.content));
            if (field.number == 5) out.sync = static_cast<std::uint8_t>(unsigned_of(field.content));
            if (field.number == 7) out.samples = field.content;
        }
        return in.ok();
    }
    /// What a stream is made of stands in its data set: words, as most have them (9-2LE: value, quality, …).
    static Value samples(Bytes bytes) noexcept {
        if (bytes.size() < 4 || bytes.size() % 4 != 0 || bytes.size() > 1024)
            return bytes.empty() ? Value{} : Value{bytes};
        return Array{Array::Of::i32, false, static_cast<std::uint16_t>(bytes.size() / 4), bytes};
    }
    static void variable(const Object& object, const Value& value, const Tell& tell) noexcept {
        tell.ways.say().on(
            tell.pdu.origin,
            observe::Variable{.protocol = tell.pdu.protocol, .object = object, .value = value, .count = 1});
    }
    /// Told when it changes: the clock that a stream is bound to, its revision, whether it is a test.
    static void news(const Unit& unit, std::uint32_t hash, bool simulated, State& state,
                     const Tell& tell) noexcept {
        const Sent now{hash, unit.revision, unit.sync, static_cast<std::uint8_t>(simulated ? 3 : 1)};
        Sent* known = nullptr;
        for (auto& one : state.sent)
            if (one.flags != 0 && one.name == hash) known = &one;
        if (known && known->revision == now.revision && known->sync == now.sync && known->flags == now.flags)
            return;
        if (!known) known = &state.sent[state.next++ % state.sent.size()];
        *known = now;
        const auto name = as_text(unit.id);
        variable({.space = "confRev", .text = name}, std::uint64_t{unit.revision}, tell);
        variable({.space = "smpSynch", .text = name}, sync_name(unit.sync), tell);
        variable({.space = "simulation", .text = name}, simulated, tell);
        if (is_name(unit.data_set)) variable({.space = "datSet", .text = name}, as_text(unit.data_set), tell);
        tell.of_speaker(Attribute::role_hint, "sampled values publisher", 75);
    }
};

} // namespace

extern constinit const Dissector iec61850_sv = row<SampledValues>();

} // namespace yagura::dissect::protocols
