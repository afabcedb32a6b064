// The MC protocol in frame 1E, which controllers of the A and FX series speak and later ones understand:
// binary and ascii code, over TCP and UDP, on ports that each plant chooses.
//
// From "MELSEC Communication Protocol Reference Manual" SH(NA)-080008, chapter 18, and "FX3U-ENET User's
// Manual" JY997D18101, chapters 9 and 11. docs/protocols/mc_1e.md tells objects and limits.
#include <algorithm>

#include "spine/dissect/dissector.h"
#include "spine/dissect/protocols/mc_1e/request.h"

namespace yagura::dissect::protocols {
namespace {

using namespace mc_1e;
using observe::Act;
using observe::Object;
using observe::Operation;
using observe::Outcome;
using observe::Part;
using observe::Phase;
using observe::Speaker;
using slmp::Room;

struct Mc1e {
    static constexpr Over over[]{{"tcp"}, {"udp"}};
    // A request to the controller itself; one with a device, whoever it is for; an answer.
    static constexpr Mark marks[]{
        {1, 0xff00ff00, 0xff000000},  {2, 0xffffffff, 0x46463030},  {7, 0xffff0000, 0x00200000},
        {7, 0xffff0000, 0x004e0000},  {7, 0xffff0000, 0x00530000},  {7, 0xffff0000, 0x00430000},
        {10, 0xffffffff, 0x32303030}, {10, 0xffffffff, 0x34453030}, {10, 0xffffffff, 0x35333030},
        {10, 0xffffffff, 0x34333030}, {0, 0xe0ff0000, 0x80000000},  {0, 0xe0f00000, 0x80500000},
        {0, 0xffff0000, 0xbb000000},  {0, 0xffff0000, 0xbc000000},  {0, 0xff00ffff, 0x38003030},
        {0, 0xff00ffff, 0x39003030},  {0, 0xff00ff00, 0x38003500},  {0, 0xff00ff00, 0x39003500},
        {0, 0xffffffff, 0x42423030},  {0, 0xffffffff, 0x42433030}};
    static constexpr Facts facts{
        .name = "mc_1e",
        .title = "MC protocol, frame 1E",
        .specification = "SH(NA)-080008 MELSEC Communication Protocol Reference Manual, chapter 18",
        .over = over,
        .marks = marks,
        .message_most = 2 *
                        (4 + 2 + 256 * 10), // 256 words of the extended file register, each with its place
        .status_name = complete_code_name,
    };

    /// A request that waits for its answer: it has no number, but says which command it is to.
    struct Asked {
        Place place;
        std::uint16_t count, pair;
        std::uint8_t command, station;
        std::uint8_t second; ///< when, modulo 256
        bool text, waiting;
        bool to(const Head& answer) const noexcept {
            return waiting && command == answer.known->command && text == answer.text;
        }
        bool same(const Asked& other) const noexcept {
            return place.number == other.place.number && place.code == other.place.code &&
                   place.group == other.place.group && count == other.count;
        }
    };
    struct State {
        std::array<Asked, 8> asked;
        std::uint16_t pairs;
        std::uint8_t next;
    };
    /// The monitoring timer is how long the controller may try; clients wait a few seconds.
    static constexpr std::uint8_t patience = 15;

    /// Nothing in a frame 1E is constant: only a request and the answer to it, as long as was asked for, are
    /// one. A request alone may be.
    static Recognition looks_like(const Opening& opening) noexcept {
        const bool client = opening.latest == Speaker::client;
        const auto said = client ? opening.client : opening.server;
        const auto before = client ? opening.server : opening.client;
        Head head;
        switch (read_head(said, head)) {
        case Start::strange:
            return {};
        case Start::cut:
            return {Likeness::more};
        case Start::whole:
            break;
        }
        if (!head.answer) {
            Asked last;
            return {last_request(said, last)};
        }
        Asked asked;
        if (last_request(before, asked) != Likeness::maybe) return {};
        return {answers(asked, head, said), Speaker::server};
    }

    static Framing frame(Bytes stream) noexcept { return cut(stream, nullptr); }
    static Framing frame_after(Bytes stream, const State& state, Speaker) noexcept {
        return cut(stream, &state);
    }

    static void dissect(const Pdu& pdu, State& state, Ways& ways) noexcept {
        Head head;
        switch (read_head(pdu.bytes, head)) {
        case Start::strange:
            return report(pdu, ways, {0, "not the beginning of a frame 1E"});
        case Start::cut:
            return report(pdu, ways, {0, "message ends inside its head"});
        case Start::whole:
            break;
        }
        Fields in{pdu.bytes.subspan(head.size), head.text};
        Operation operation{.protocol = pdu.protocol,
                            .function = {head.known->command, head.known->name},
                            .act = head.known->act};
        if (head.answer)
            answer(pdu, head, in, operation, state, ways);
        else
            request(pdu, head, in, operation, state, ways);
        if (!in.ok())
            report(pdu, ways,
                   at_end(head, in,
                          head.answer ? Malformed{0, "answer ends before what was asked for"}
                                      : Malformed{0, "request ends before what it promises"}));
        else if (in.remaining() != 0)
            report(pdu, ways, at_end(head, in, {0, "bytes behind the message"}));
    }

private:
    static Malformed at_end(const Head& head, const Fields& in, Malformed what) noexcept {
        return what.shifted(static_cast<std::uint32_t>(head.size + in.position()));
    }

    /// Of what was said, the request that it ends with. `maybe` if it is one; whole requests may be before
    /// it.
    static Likeness last_request(Bytes said, Asked& last) noexcept {
        constexpr int requests_most = 8;
        for (int i = 0; i < requests_most; ++i) {
            Head head;
            const auto start = read_head(said, head);
            if (start != Start::whole || head.answer)
                return start == Start::cut ? Likeness::more : Likeness::no;
            if (!plausible(head, said)) return Likeness::no;
            const auto size = request_size(head, said);
            if (!size || *size > said.size()) return Likeness::more;
            Fields in{said.subspan(head.size), head.text};
            last = asked_in(head, 0);
            locate(in, head, last);
            if (*size == said.size()) return Likeness::maybe;
            said = said.subspan(*size);
        }
        return Likeness::no;
    }

    /// As far as there are bytes of it.
    static bool plausible(const Head& head, Bytes said) noexcept {
        const auto& known = *head.known;
        if (head.timer > 0xff) return false; // 64 s
        const bool device = known.where == Where::device || known.where == Where::block ||
                            known.where == Where::direct;
        if (head.station != 0xff && (!device || head.station > 64)) return false;
        if (!device) return true;
        Fields in{said.subspan(head.size), head.text};
        const bool first = known.how == How::write_anywhere || known.how == How::watch;
        if (first && (in.u8() == 0 || in.u8() != 0))
            return !in.ok() && said.size() < head.size + 2 * head.unit();
        const auto place = read_place(in, known.where);
        if (!in.ok()) return in.remaining() < place_size(known.where) * head.unit();
        if (!device_of(place.code) || place.number > 0xffffff) return false;
        if (first) return true;
        in.u8();
        const auto fixed = in.u8();
        return !in.ok() || fixed == 0;
    }

    static Likeness answers(const Asked& asked, const Head& head, Bytes said) noexcept {
        if (!asked.to(head)) return Likeness::no;
        Fields in{said.subspan(head.size), head.text};
        std::size_t data = 0;
        if (head.end == with_reason)
            data = 2 * head.unit();
        else if (head.end != 0 && (head.end < 0x50 || head.end > 0x60))
            return Likeness::no;
        else if (head.end == 0 && head.known->how == How::read_watched)
            data = std::max(in.remaining(), head.unit());
        else if (head.end == 0)
            data = answer_size(*head.known, head.text, asked.count);
        if (in.remaining() < data) return Likeness::more;
        if (in.remaining() > data) return Likeness::no;
        if (head.end == with_reason || (head.end == 0 && head.known->how == How::model)) {
            in.u8();
            return in.u8() == 0 && in.ok() ? Likeness::yes : Likeness::no;
        }
        if (head.end == 0 && head.known->where == Where::echo)
            return points(in.u8()) == asked.count ? Likeness::yes : Likeness::no;
        return Likeness::yes;
    }

    /// Bytes behind the head of an answer that says done, where the request tells.
    static std::size_t answer_size(const Known& known, bool text, std::uint16_t count) noexcept {
        const std::size_t unit = text ? 2 : 1;
        if (known.how == How::model) return 2 * unit;
        if (known.how != How::read) return 0;
        return data_size(known, text, count) + (known.where == Where::echo ? unit : 0);
    }

    /// An answer to a read is as long as its request asked for. Where nobody knows that, it is all there is.
    static Framing cut(Bytes stream, const State* state) noexcept {
        Head head;
        switch (read_head(stream, head)) {
        case Start::strange:
            return {.lost = Malformed{0, "not the beginning of a frame 1E"}};
        case Start::cut:
            return {};
        case Start::whole:
            break;
        }
        auto whole = stream.size();
        if (!head.answer) {
            const auto size = request_size(head, stream);
            if (!size) return {};
            whole = *size;
        } else if (head.end != 0) {
            whole = head.size + (head.end == with_reason ? 2 * head.unit() : 0);
        } else if (head.known->how == How::read) {
            if (const auto asked = awaited(head, state, stream.size())) whole = *asked;
        } else if (head.known->how != How::read_watched) {
            whole = head.size + answer_size(*head.known, head.text, 0);
        }
        return {.length = whole > stream.size() ? 0 : whole};
    }
    /// How long an answer can be, by the requests that wait for such a one: as long as there is where it can
    /// be that long.
    static std::optional<std::size_t> awaited(const Head& head, const State* state,
                                              std::size_t there) noexcept {
        std::optional<std::size_t> most;
        if (!state) return most;
        for (const auto& one : state->asked) {
            if (!one.to(head)) continue;
            const auto size = head.size + answer_size(*head.known, head.text, one.count);
            if (size == there) return size;
            most = std::max(most.value_or(0), size);
        }
        return most;
    }

    static Asked asked_in(const Head& head, std::uint8_t when) noexcept {
        return {.place = {},
                .count = 0,
                .pair = 0,
                .command = head.known->command,
                .station = head.station,
                .second = when,
                .text = head.text,
                .waiting = true};
    }
    /// Empty for the controller that is connected to.
    static Part part_of(std::uint8_t station) noexcept {
        Part part;
        if (station == 0xff) return part;
        part.steps[0] = {Part::Hop::station, station};
        part.size = 1;
        return part;
    }

    /// Reads place and count, in whichever order the command has them.
    static void locate(Fields& in, const Head& head, Asked& asked) noexcept {
        const auto& known = *head.known;
        switch (known.where) {
        case Where::nowhere:
            return;
        case Where::echo:
            asked.count = points(in.u8());
            return;
        case Where::buffer:
            asked.place.number = in.number(3);
            asked.count = points(in.u8());
            asked.place.group = in.u8();
            in.u8();
            return;
        default:
            break;
        }
        const bool many = known.how == How::write_anywhere || known.how == How::watch;
        if (!many) asked.place = read_place(in, known.where);
        asked.count = points(in.u8());
        in.u8();
        if (many) asked.place = read_place(in, known.where);
    }

    static Object object_of(const Place& place, Where where) noexcept {
        switch (where) {
        case Where::device:
            if (const auto* device = device_of(place.code))
                return slmp::object_of(device->code, place.number);
            return {.space = "device", .group = place.code, .number = place.number};
        case Where::block:
        case Where::direct:
            return {.space = "extended file register", .group = place.group, .number = place.number};
        case Where::buffer:
            return {.space = "module buffer", .group = place.group, .number = place.number};
        default:
            return {};
        }
    }

    static observe::Value read_value(Fields& in, const Known& known, std::uint16_t count,
                                     Room& room) noexcept {
        if (known.where == Where::buffer || known.where == Where::echo) {
            if (!in.text()) return in.raw(count);
            for (std::size_t at = 0; at < count; ++at) room[at] = std::byte{in.u8()};
            return in.ok() ? observe::Value{Bytes{room}.first(count)} : observe::Value{};
        }
        if (!known.points) return in.words(count, room);
        const auto value = in.points(count, room);
        if (in.text() && count % 2 != 0) in.raw(1);
        return value;
    }

    static void request(const Pdu& pdu, const Head& head, Fields& in, Operation& operation, State& state,
                        Ways& ways) noexcept {
        const auto& known = *head.known;
        operation.phase = Phase::request;
        operation.part = part_of(head.station);
        auto asked = asked_in(head, second(pdu));
        Room room;
        auto more = in;
        locate(in, head, asked);
        if (in.ok() && known.where != Where::nowhere) {
            operation.object = object_of(asked.place, known.where);
            operation.count = asked.count;
        }
        if (known.how == How::write || known.where == Where::echo)
            operation.value = read_value(in, known, asked.count, room);
        operation.pair = ask(state, asked);
        ways.say().on(pdu.origin, operation);
        if (known.how != How::write_anywhere && known.how != How::watch) return;
        more.raw(2 * head.unit()); // Each place, from the first.
        for (std::uint16_t i = 0; i < asked.count && more.ok(); ++i)
            further(pdu, known, more, operation, ways);
        in = more;
    }
    static void further(const Pdu& pdu, const Known& known, Fields& in, const Operation& operation,
                        Ways& ways) noexcept {
        const auto place = read_place(in, known.where);
        if (known.how == How::watch) return;
        const auto value = in.number(known.points ? 1 : 2);
        if (!in.ok()) return;
        ways.say().on(pdu.origin,
                      observe::Variable{.protocol = pdu.protocol,
                                        .part = operation.part,
                                        .object = object_of(place, known.where),
                                        .value = known.points ? observe::Value{value != 0}
                                                              : observe::Value{std::uint64_t{value}},
                                        .count = 1});
    }

    static void answer(const Pdu& pdu, const Head& head, Fields& in, Operation& operation, State& state,
                       Ways& ways) noexcept {
        const auto& known = *head.known;
        operation.phase = Phase::response;
        operation.status = head.end;
        operation.outcome = head.end == 0 ? Outcome::done : Outcome::refused;
        if (head.end == with_reason) {
            const auto reason = in.u8();
            in.u8();
            if (in.ok()) operation.status = std::uint32_t{with_reason} << 8 | reason;
        }
        const auto asked = asked_for(state, head, in.remaining(), second(pdu));
        if (asked) {
            operation.pair = asked->pair;
            operation.part = part_of(asked->station);
            operation.object = object_of(asked->place, known.where);
            operation.count = asked->count;
        }
        if (head.end != 0) return ways.say().on(pdu.origin, operation);
        Room room;
        std::uint8_t model = 0;
        if (known.how == How::model) {
            model = in.u8();
            in.u8();
        } else if (known.where == Where::echo) {
            in.raw(in.ok() ? points(in.u8()) * head.unit() : 0);
        } else if (known.how == How::read && asked) {
            operation.value = read_value(in, known, asked->count, room);
        } else if (known.how == How::read || known.how == How::read_watched) {
            in.rest();
        }
        ways.say().on(pdu.origin, operation);
        if (!in.ok()) return;
        if (known.how == How::model)
            tell(pdu, operation.part, ways, observe::Attribute::product, model_name(model));
        if (known.act == Act::start) tell(pdu, operation.part, ways, observe::Attribute::state, "run");
        if (known.act == Act::stop) tell(pdu, operation.part, ways, observe::Attribute::state, "stop");
    }
    static void tell(const Pdu& pdu, const Part& part, Ways& ways, observe::Attribute attribute,
                     std::string_view value) noexcept {
        if (value.empty()) return;
        ways.say().on(pdu.origin, observe::Identity{.protocol = pdu.protocol,
                                                    .subject = observe::Subject::speaker,
                                                    .part = part,
                                                    .attribute = attribute,
                                                    .value = value,
                                                    .confidence = 90});
    }

    static std::uint8_t second(const Pdu& pdu) noexcept {
        return static_cast<std::uint8_t>(
            std::chrono::floor<std::chrono::seconds>(pdu.origin.at).time_since_epoch().count());
    }
    static std::uint16_t ask(State& state, Asked fresh) noexcept {
        if (++state.pairs == 0) state.pairs = 1; // Zero means "not paired".
        fresh.pair = state.pairs;
        state.asked[state.next] = fresh;
        state.next = static_cast<std::uint8_t>((state.next + 1u) % state.asked.size());
        return fresh.pair;
    }
    /// The request that this answers, if there can be only one. A controller answers in order, but a client
    /// that gave up asks again: where several of a command wait, the length of the answer decides, or nothing
    /// does.
    static std::optional<Asked> asked_for(State& state, const Head& head, std::size_t length,
                                          std::uint8_t now) noexcept {
        Asked *oldest = nullptr, *found = nullptr;
        bool several = false, doubtful = false;
        const auto fits = [&](const Asked& one) {
            return head.end != 0 || head.known->how != How::read ||
                   answer_size(*head.known, head.text, one.count) == length;
        };
        for (std::size_t i = 0; i < state.asked.size(); ++i) {
            auto& one = state.asked[(state.next + i) % state.asked.size()];
            if (one.waiting && static_cast<std::uint8_t>(now - one.second) > patience) one.waiting = false;
            if (!one.to(head)) continue;
            several = oldest != nullptr;
            if (!oldest) oldest = &one;
            if (!fits(one)) continue;
            doubtful = doubtful || (found && !found->same(one));
            if (!found) found = &one;
        }
        if (!oldest) return std::nullopt;
        if (!several) found = oldest; // Cut short, perhaps.
        if (!found || doubtful) {
            oldest->waiting = false;
            return std::nullopt;
        }
        found->waiting = false;
        return *found;
    }

    static void report(const Pdu& pdu, Ways& ways, Malformed detail) noexcept {
        ways.say().on(pdu.origin, observe::Anomaly{pdu.protocol, detail});
    }
};

} // namespace

extern constinit const Dissector mc_1e = row<Mc1e>();

} // namespace yagura::dissect::protocols
