// GOOSE: what protection and bay devices tell each other of their states, within milliseconds, on Ethernet or
// routed over UDP.
//
// From IEC 61850-8-1:2011 (clauses 18 and A.1, Annex C for the Ethernet frame) and IEC TR 61850-90-5:2012 for
// the routed form. docs/protocols/goose.md tells objects and limits.
#include <array>
#include <optional>

#include "spine/base/hash.h"
#include "spine/dissect/protocols/iec61850/data.h"
#include "spine/dissect/protocols/iec61850/routed.h"
#include "spine/dissect/tell.h"

namespace yagura::dissect::protocols {
namespace {

using namespace iec61850;
using observe::Act;
using observe::Attribute;
using observe::Object;
using observe::Operation;
using observe::Outcome;
using observe::Phase;
using observe::Value;

constexpr std::size_t frame_head = 8;
constexpr std::uint8_t management_tag = 0x60, goose_tag = 0x61;
constexpr std::uint32_t values_most = 128; ///< of one message that are told

/// 18.1.2.5 and A.1: the fields in their order; security follows and is not read.
struct Message {
    Bytes control_block, data_set, id, data;
    std::uint32_t state = 0, sequence = 0, revision = 0, entries = 0;
    bool simulated = false, commission = false;
    std::uint16_t there = 0; ///< a bit for each field

    static constexpr std::uint16_t needed = 1 << 0 | 1 << 1 | 1 << 2 | 1 << 4 | 1 << 5 | 1 << 6 | 1 << 8 |
                                            1 << 10 | 1 << 11;
    bool whole() const noexcept { return (there & needed) == needed; }
};

struct Goose {
    static constexpr Over over[]{{"ethernet", 0x88b8}, {"udp", 102}};
    static constexpr Mark marks[]{{8, 0xfe000000, 0x60000000}, {0, 0xffffff00, 0x0140a100}};
    static constexpr Facts facts{
        .name = "goose",
        .title = "IEC 61850 GOOSE",
        .specification = "IEC 61850-8-1:2011 clause 18, A.1 and Annex C; IEC TR 61850-90-5:2012",
        .over = over,
        .marks = marks,
        .message_most = 1500,
    };
    /// What was last sent by a control block of this station.
    struct Sent {
        std::uint32_t name, state, sequence, data;
        std::uint8_t flags;
    };
    struct State {
        std::array<Sent, 11> sent;
        std::uint8_t next;
    };

    struct Opened {
        bool fits = false;
        bool simulated = false;
        std::size_t position = 0; ///< of the APDU
        std::size_t length = 0;   ///< that the head gives it
        Bytes apdu{};
    };
    static Opened open(Bytes bytes) noexcept {
        if (const auto routed = read_routed(bytes); routed.fits)
            return {.fits = routed.reaches && routed.payload == payload_goose,
                    .simulated = routed.simulated,
                    .position = routed.position,
                    .length = routed.length,
                    .apdu = routed.apdu};
        Reader in{bytes};
        in.u16(); // APPID.
        const auto length = in.u16();
        const auto reserved = in.u16();
        in.u16();
        if (!in.ok() || length < frame_head) return {};
        return {
            .fits = true,
            .simulated = (reserved & 0x8000) != 0,
            .position = frame_head,
            .length = length - frame_head,
            .apdu = in.rest()}; // What pads a short frame stands behind the APDU, which tells its own length.
    }

    /// Some count without the head, or half of it.
    static bool counts(const Opened& opened, std::size_t whole) noexcept {
        return opened.length <= whole && opened.length + frame_head >= whole;
    }

    static Recognition looks_like(const Opening& opening) noexcept {
        const auto bytes = latest(opening);
        const auto opened = open(bytes);
        Reader in{opened.apdu};
        Tlv apdu;
        if (!opened.fits || !next(in, apdu) || (apdu.tag != goose_tag && apdu.tag != management_tag))
            return {};
        if (apdu.tag == management_tag) return {apdu.cut ? Likeness::no : Likeness::maybe};
        Reader fields{apdu.content};
        Tlv first;
        if (!next(fields, first) || first.tag != 0x80 || !is_name(first.content)) return {};
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
        if (apdu.tag == management_tag) {
            tell.operation({.function = {0, "goose management"},
                            .act = Act::browse,
                            .phase = Phase::event,
                            .outcome = Outcome::done});
            if (apdu.cut) tell.report(Malformed{0, "message is shorter than its length"}.shifted(at));
            return;
        }
        if (apdu.tag != goose_tag)
            return tell.report(Malformed{0, "neither GOOSE nor its management"}.shifted(at));
        Message message;
        const bool good = read(apdu.content, message);
        message.simulated = message.simulated || opened.simulated;
        said(message, state, tell);
        const auto whole = opened.apdu.size() - in.remaining();
        if (apdu.cut)
            tell.report(Malformed{0, "message is shorter than its length"}.shifted(at));
        else if (!good)
            tell.report(Malformed{0, "a field is longer than its message"}.shifted(at));
        else if (!message.whole())
            tell.report(Malformed{0, "a field that has to be there is missing"}.shifted(at));
        else if (!counts(opened, whole))
            tell.report({2, "length of the head is not that of the message"});
    }

private:
    static bool read(Bytes content, Message& out) noexcept {
        Reader in{content};
        Tlv field;
        while (next(in, field)) {
            if (field.cut) return false;
            if (field.kind() != 2 || field.number > 15) continue;
            out.there = static_cast<std::uint16_t>(out.there | 1u << field.number);
            const auto number = static_cast<std::uint32_t>(unsigned_of(field.content));
            switch (field.number) {
            case 0:
                out.control_block = field.content;
                break;
            case 2:
                out.data_set = field.content;
                break;
            case 3:
                out.id = field.content;
                break;
            case 5:
                out.state = number;
                break;
            case 6:
                out.sequence = number;
                break;
            case 7:
                out.simulated = truth_of(field.content);
                break;
            case 8:
                out.revision = number;
                break;
            case 9:
                out.commission = truth_of(field.content);
                break;
            case 10:
                out.entries = number;
                break;
            case 11:
                out.data = field.content;
                break;
            default:
                break;
            }
        }
        return in.ok();
    }

    /// What it is, and, where something is new, all values.
    static void said(const Message& message, State& state, const Tell& tell) noexcept {
        Operation operation{.function = {1, "goose"},
                            .act = Act::report,
                            .phase = Phase::event,
                            .outcome = Outcome::done,
                            .count = message.entries};
        const auto name = is_name(message.control_block) ? as_text(message.control_block)
                                                         : std::string_view{};
        if (!name.empty()) operation.object = {.space = "control block", .text = name};
        if (!message.whole()) return tell.operation(operation);
        const auto variable = [&](Object object, const Value& value) {
            if (value.index() != 0)
                tell.ways.say().on(tell.pdu.origin, observe::Variable{.protocol = tell.pdu.protocol,
                                                                      .object = object,
                                                                      .value = value,
                                                                      .count = 1});
        };
        const auto flags = static_cast<std::uint8_t>((message.simulated ? 1 : 0) |
                                                     (message.commission ? 2 : 0) | 4);
        const auto hash = static_cast<std::uint32_t>(Hasher{}.add(message.control_block).finish());
        const auto data = static_cast<std::uint32_t>(
            Hasher{}.add(message.data).add(message.revision).add(message.data_set).finish());
        auto* known = find(state, hash);
        const bool news = !known || known->state != message.state || known->data != data ||
                          known->flags != flags;
        std::optional<Malformed> trouble;
        if (known && message.state < known->state && message.state != 1)
            trouble = Malformed{0, "stNum went back: an old state is sent again, or somebody else sends it"};
        else if (known && message.state == known->state && message.sequence < known->sequence &&
                 message.sequence > 1)
            trouble = Malformed{0,
                                "sqNum went back: an old message is sent again, or somebody else sends it"};
        else if (known && message.state == known->state && known->data != data && message.state > 1)
            trouble = Malformed{0, "values changed, and stNum did not"};
        if (!known) known = &state.sent[state.next++ % state.sent.size()];
        *known = {hash, message.state, message.sequence, data, flags};

        TextRoom<160> path;
        if (is_name(message.data_set)) path.add(as_text(message.data_set));
        path.add('[');
        bool first = true;
        auto most = news ? values_most : 1u;
        const bool readable = each_value(
            message.data, path, 0, most, [&](std::string_view at, const Value& value) {
                if (std::exchange(first, false)) {
                    operation.value = value;
                    tell.operation(operation);
                }
                if (!news) return;
                TextRoom<168> closed;
                variable({.space = "data set", .text = closed.add(at).add(']').view()}, value);
            });
        if (first) tell.operation(operation);
        if (trouble) tell.report(*trouble);
        if (!readable && !trouble)
            tell.report({frame_head, "a value is none that MMS has, or longer than its message"});
        if (!news || name.empty()) return;
        variable({.space = "stNum", .text = name}, std::uint64_t{message.state});
        variable({.space = "sqNum", .text = name}, std::uint64_t{message.sequence});
        variable({.space = "confRev", .text = name}, std::uint64_t{message.revision});
        variable({.space = "simulation", .text = name}, message.simulated);
        variable({.space = "ndsCom", .text = name}, message.commission);
        tell.of_speaker(Attribute::role_hint, "goose publisher", 75);
        // Up to the slash: the logical device that the control block is in.
        if (const auto device = name.substr(0, name.find('/')); device.size() < name.size())
            tell.of_speaker(Attribute::module, device, 80);
    }
    static Sent* find(State& state, std::uint32_t name) noexcept {
        for (auto& one : state.sent)
            if (one.flags != 0 && one.name == name) return &one;
        return nullptr;
    }
};

} // namespace

extern constinit const Dissector goose = row<Goose>();

} // namespace yagura::dissect::protocols
