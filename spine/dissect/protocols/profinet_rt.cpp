// PROFINET real-time frames: cyclic data with the state of who provides it, alarms, and clocks. Discovery is
// profinet_dcp, how relations are made is profinet_cm.
//
// From IEC 61158-6-10, clauses 4.7 (frame ids, cycle counter, data status), 4.8 (alarms over RTA) and
// 5.2 (alarm notification). docs/protocols/profinet_rt.md tells functions and limits.
#include "spine/base/text_room.h"
#include "spine/dissect/dissector.h"
#include "spine/dissect/protocols/profinet/alarms.h"

namespace yagura::dissect::protocols {
namespace {

using namespace profinet;
using observe::Act;
using observe::Operation;
using observe::Outcome;
using observe::Part;
using observe::Phase;

constexpr std::uint16_t alarm_high = 0xfc01, alarm_low = 0xfe01;
constexpr std::size_t head_size = 2, trailer_size = 4, data_least = 1;

enum Kind : std::uint8_t { none, cyclic, alarm, clock };
struct Range {
    std::uint16_t first, last;
    std::uint8_t code; ///< of our functions; alarms and clocks have more than one
    Kind kind;
    std::string_view name;
};
/// 4.7.1: what a frame id says of its frame.
constexpr Range ranges[]{
    {0x0000, 0x00ff, 0, clock, {}},
    {0x0100, 0x7fff, 3, cyclic, "cyclic data, class 3"},
    {0x8000, 0xbbff, 1, cyclic, "cyclic data, class 1"},
    {0xbc00, 0xbfff, 2, cyclic, "cyclic data, class 1, to many"},
    {0xc000, 0xf7ff, 4, cyclic, "cyclic data, class UDP"},
    {0xf800, 0xfbff, 5, cyclic, "cyclic data, class UDP, to many"},
    {alarm_high, alarm_high, 0x20, alarm, {}},
    {alarm_low, alarm_low, 0x10, alarm, {}},
    {0xff00, 0xff8f, 0, clock, {}},
};
constexpr const Range* find_range(std::uint16_t frame_id) noexcept {
    for (const auto& range : ranges)
        if (frame_id >= range.first && frame_id <= range.last) return &range;
    return nullptr;
}

/// 4.5: precision time control.
constexpr std::string_view clock_name(std::uint16_t frame_id) noexcept {
    switch (frame_id) {
    case 0x0020:
    case 0x0080:
        return "clock sync with follow-up";
    case 0x0021:
    case 0x0081:
        return "clock sync";
    case 0xff00:
    case 0xff01:
        return "clock announce";
    case 0xff20:
    case 0xff21:
        return "clock follow-up";
    case 0xff40:
        return "line delay request";
    case 0xff41:
    case 0xff43:
        return "line delay answer";
    case 0xff42:
        return "line delay follow-up";
    default:
        return "clock";
    }
}

enum Status : std::uint8_t { primary = 0x01, valid = 0x04, run = 0x10, normal = 0x20 };
constexpr std::uint8_t told_bits = primary | valid | run | normal, reserved_bits = 0x48;

struct ProfinetRt {
    static constexpr Over over[]{{"ethernet", 0x8892}, {"udp", 34962}};
    static constexpr Facts facts{
        .name = "profinet_rt",
        .title = "PROFINET real-time data and alarms",
        .specification = "IEC 61158-6-10 clauses 4.5, 4.7, 4.8 and 5.2",
        .over = over,
        .message_most = 1500,
    };
    struct State {
        std::array<std::uint8_t, 2> status; ///< of the last cyclic frame, by side
        std::array<bool, 2> known;
    };

    static Recognition looks_like(const Opening& opening) noexcept {
        const auto bytes = opening.latest == observe::Speaker::client ? opening.client : opening.server;
        Reader in{bytes};
        const auto* range = find_range(in.u16());
        if (!in.ok() || !range) return {};
        switch (range->kind) {
        case cyclic:
            if (bytes.size() < head_size + data_least + trailer_size) return {};
            // Transfer status is zero, and two bits of the data status are.
            return {bytes.back() == std::byte{0} &&
                            (std::to_integer<unsigned>(bytes[bytes.size() - 2]) & reserved_bits) == 0
                        ? Likeness::yes
                        : Likeness::no};
        case alarm: {
            in.u32();
            const auto type = in.u8();
            return {in.ok() && type >> 4 == 1 && (type & 15) >= 1 && (type & 15) <= 4 ? Likeness::yes
                                                                                      : Likeness::no};
        }
        case clock:
            return {Likeness::yes};
        case none:
            break;
        }
        return {};
    }
    static Framing frame(Bytes unit) noexcept { return {.length = unit.size()}; }

    static void dissect(const Pdu& pdu, State& state, Ways& ways) noexcept {
        Reader in{pdu.bytes};
        const auto frame_id = in.u16();
        if (!in.ok()) return report(pdu, ways, {0, "frame ends before its frame id"});
        const auto* range = find_range(frame_id);
        if (!range) return report(pdu, ways, {0, "frame id means nothing"});
        if (range->kind == cyclic)
            cyclic_data(pdu, *range, frame_id, state, ways);
        else if (range->kind == alarm)
            acyclic(pdu, *range, in, ways);
        else
            ways.say().on(pdu.origin, Operation{.protocol = pdu.protocol,
                                                .function = {frame_id, clock_name(frame_id)},
                                                .act = Act::report,
                                                .phase = Phase::event,
                                                .outcome = Outcome::done});
    }

private:
    static void cyclic_data(const Pdu& pdu, const Range& range, std::uint16_t frame_id, State& state,
                            Ways& ways) noexcept {
        const auto bytes = pdu.bytes;
        TextRoom<8> number;
        const std::array id{static_cast<std::byte>(frame_id >> 8), static_cast<std::byte>(frame_id & 0xff)};
        number.add("0x").hex(id);
        Operation operation{.protocol = pdu.protocol,
                            .function = {range.code, range.name},
                            .act = Act::cyclic_io,
                            .phase = Phase::event,
                            .outcome = Outcome::done,
                            .object = {.space = "frame", .text = number.view()}};
        if (bytes.size() < head_size + data_least + trailer_size) {
            ways.say().on(pdu.origin, operation);
            return report(pdu, ways, {head_size, "frame ends before its status"});
        }
        const auto data = bytes.subspan(head_size, bytes.size() - head_size - trailer_size);
        const auto status = std::to_integer<std::uint8_t>(bytes[bytes.size() - 2]);
        const bool whole = bytes.back() == std::byte{0} && (status & reserved_bits) == 0;
        if (whole) {
            operation.value = data;
            operation.count = static_cast<std::uint32_t>(data.size());
        }
        ways.say().on(pdu.origin, operation);
        if (!whole)
            return report(pdu, ways,
                          Malformed{0, "frame does not end with a data status"}.shifted(
                              static_cast<std::uint32_t>(bytes.size() - trailer_size)));
        provider(pdu, status, state, ways);
    }

    /// Told when it changes: a controller that stops, a device with a fault.
    static void provider(const Pdu& pdu, std::uint8_t status, State& state, Ways& ways) noexcept {
        const auto side = static_cast<std::size_t>(pdu.origin.speaker);
        const auto bits = static_cast<std::uint8_t>(status & told_bits);
        if (state.known[side] && state.status[side] == bits) return;
        state.known[side] = true;
        state.status[side] = bits;
        if ((bits & primary) == 0) return; // Of two it is the one that waits.
        ways.say().on(pdu.origin,
                      observe::Identity{.protocol = pdu.protocol,
                                        .attribute = observe::Attribute::state,
                                        .value = std::string_view{(bits & run) == 0      ? "stop"
                                                                  : (bits & normal) == 0 ? "fault"
                                                                  : (bits & valid) == 0  ? "no valid data"
                                                                                         : "run"},
                                        .confidence = 85});
    }

    /// 4.8: alarms, and what keeps them going.
    static void acyclic(const Pdu& pdu, const Range& range, Reader in, Ways& ways) noexcept {
        constexpr std::string_view names[]{"alarm", "alarm transfer refused", "alarm transfer acknowledge",
                                           "alarm transfer error"};
        in.u32(); // Endpoints.
        const auto type = static_cast<std::uint8_t>(in.u8() & 15);
        in.u8();  // Window.
        in.u32(); // Sequence numbers.
        const auto length = in.u16();
        if (!in.ok()) return report(pdu, ways, {head_size, "frame ends inside its head"});
        if (type < 1 || type > 4) return report(pdu, ways, {6, "type of an alarm frame means nothing"});
        Operation operation{.protocol = pdu.protocol,
                            .function = {static_cast<std::uint32_t>(range.code | type), names[type - 1]},
                            .act = Act::alarm,
                            .phase = Phase::event,
                            .outcome = Outcome::done};
        const bool whole = length <= in.remaining();
        Reader body{in.take(std::min<std::size_t>(length, in.remaining()))};
        TextRoom<160> text;
        Alarm what;
        switch (type) {
        case 1:
            what = read_alarm(body);
            if (what.known) {
                operation.pair = what.sequence + 1u;
                operation.object = {.space = "alarm", .number = what.type};
                if (const auto name = alarm_name(what.type); !name.empty()) operation.object.text = name;
                operation.part = {
                    .steps = {{{Part::Hop::slot, what.slot}, {Part::Hop::subslot, what.subslot}}}, .size = 2};
                operation.act = what.acknowledges ? Act::alarm_ack : Act::alarm;
                operation.phase = what.acknowledges ? Phase::response : Phase::event;
                operation.status = what.status;
                if (what.status != 0) operation.outcome = Outcome::refused;
                if (add_diagnosis(text, what)) operation.value = text.view();
            }
            break;
        case 4:
            operation.act = Act::disconnect;
            operation.outcome = Outcome::refused;
            operation.status = body.u32();
            break;
        default:
            operation.act = Act::report;
            if (type == 2) operation.outcome = Outcome::refused;
        }
        ways.say().on(pdu.origin, operation);
        if (!whole)
            report(pdu, ways, {10, "frame ends before the length it tells"});
        else if (!body.ok() || (type == 1 && !what.known))
            report(pdu, ways, {12, "an alarm ends before what it promises"});
    }

    static void report(const Pdu& pdu, Ways& ways, Malformed detail) noexcept {
        ways.say().on(pdu.origin, observe::Anomaly{pdu.protocol, detail});
    }
};

} // namespace

extern constinit const Dissector profinet_rt = row<ProfinetRt>();

} // namespace yagura::dissect::protocols
