// FL-net (OPCN-2): the nodes of a line share a common memory, each sends its part of it while it holds the
// token, and asks others for more by messages. Every frame is a UDP datagram, most of them to all.
//
// From JIS B 3521 and "CS1W/CJ1W-FLN22 FL-net Units Operation Manual" W440-E1, appendix C, whose frame
// explains the header's fields. docs/protocols/fl_net.md tells objects and limits.
#include <algorithm>
#include <array>
#include <optional>

#include "spine/dissect/protocols/fl_net/frames.h"
#include "spine/dissect/tell.h"
#include "spine/dissect/waiting.h"

namespace yagura::dissect::protocols {
namespace {

using namespace fl_net;
using observe::Act;
using observe::Attribute;
using observe::Operation;
using observe::Outcome;
using observe::Phase;
using observe::Speaker;
using observe::Variable;

constexpr std::uint32_t magic = 0x4641434e; // "FACN"
constexpr std::size_t head_size = 64, head_most = 96, data_most = 1'024;
/// In words. A node's part of either area lies inside of it.
constexpr std::uint32_t area_1 = 0x200, area_2 = 0x2000;

struct Head {
    std::uint32_t total = 0, address = 0;
    std::uint8_t from = 0, to = 0, result = 0, block = 0, blocks = 0, version = 0;
    std::uint16_t sequence = 0, state = 0, size = 0, code = 0, first_1 = 0, words_1 = 0, first_2 = 0,
                  words_2 = 0, bytes = 0;
};
/// Only where all of it is there.
std::optional<Head> read_head(Bytes bytes) noexcept {
    Reader in{bytes};
    Head head;
    const bool ours = in.u32() == magic;
    head.total = in.u32();
    in.take(3);
    head.from = in.u8();
    in.take(3);
    head.to = in.u8();
    in.take(4); // version of the sequence
    head.sequence = static_cast<std::uint16_t>(in.u32());
    in.take(4); // control of messages
    head.state = in.u16();
    head.size = in.u16();
    head.address = in.u32();
    in.u8(); // least interval of frames
    head.result = in.u8();
    in.take(2);
    head.code = in.u16();
    in.take(2);
    head.first_1 = in.u16();
    head.words_1 = in.u16();
    head.first_2 = in.u16();
    head.words_2 = in.u16();
    in.take(2); // mode
    head.version = in.u8();
    in.u8(); // priority
    head.block = in.u8();
    head.blocks = in.u8();
    head.bytes = in.u16();
    in.take(4); // state of the link, watchdog of the token, refresh cycle
    return in.ok() && ours ? std::optional{head} : std::nullopt;
}
bool plausible(const Head& head) noexcept {
    return head.total >= head_size && head.total <= head_most + data_most && head.from != 0 &&
           head.version == 0x80 && head.block <= head.blocks && head.bytes <= head_most + data_most &&
           (head.code <= transparent_most || head.code >= with_token) &&
           head.first_1 + head.words_1 <= area_1 && head.first_2 + head.words_2 <= area_2;
}

struct FlNet {
    static constexpr Over over[]{{"udp", 55'000}, {"udp", 55'001}, {"udp", 55'002}, {"udp", 55'003}};
    static constexpr Mark marks[]{{0, 0xffffffff, magic}};
    static constexpr Facts facts{
        .name = "fl_net",
        .title = "FL-net (OPCN-2)",
        .specification = "JIS B 3521 FL-net; W440-E1 FL-net Units Operation Manual",
        .over = over,
        .marks = marks,
        .message_most = head_most + data_most,
    };

    struct Asked {
        std::uint32_t address;
        std::uint16_t code, size;
        std::uint8_t from, to;
        bool alike(const Asked& other) const noexcept {
            return code == other.code && from == other.from && to == other.to;
        }
        friend bool operator==(const Asked&, const Asked&) = default;
    };
    struct State {
        Waiting<Asked, 8> asked;
    };
    static constexpr std::uint8_t patience = 5;

    static Recognition looks_like(const Opening& opening) noexcept {
        const auto bytes = latest(opening);
        const auto head = read_head(bytes);
        if (!head || !plausible(*head) || head->total != bytes.size()) return {};
        return {Likeness::yes, is_answer(head->code) ? Speaker::server : Speaker::client};
    }

    static Framing frame(Bytes stream) noexcept { return {.length = stream.size()}; }

    static void dissect(const Pdu& pdu, State& state, Ways& ways) noexcept {
        const Tell tell{pdu, ways};
        const auto head = read_head(pdu.bytes);
        if (!head) {
            Reader in{pdu.bytes};
            const bool ours = in.u32() == magic;
            return tell.report(ours || pdu.bytes.size() < 4 ? Malformed{0, "message ends inside its head"}
                                                            : Malformed{0, "not a frame of FL-net"});
        }
        auto data = pdu.bytes.subspan(head_size);
        std::optional<Malformed> trouble;
        if (head->total < head_size || head->total > head_most + data_most) {
            trouble = Malformed{4, "a length that no frame has"};
        } else if (pdu.bytes.size() < head->total) {
            trouble = Malformed{4, "message ends before its length"};
        } else if (pdu.bytes.size() > head->total) {
            trouble = Malformed{4, "bytes behind the message"};
            data = data.first(head->total - head_size);
        }
        const bool answers_it = is_answer(head->code);
        const auto known = find_frame(answers_it ? static_cast<std::uint16_t>(head->code - answers)
                                                 : head->code);
        Operation operation{.function = {known.code, known.name}, .act = known.act};
        operation.object = {.space = "node", .number = head->from};
        if (known.shape == Shape::cyclic || known.shape == Shape::join || known.act == Act::unknown) {
            operation.phase = Phase::event;
            operation.outcome = Outcome::done;
        } else {
            exchange(tell, *head, known, answers_it, data, operation, state, trouble);
        }
        if (known.shape == Shape::cyclic) operation.count = head->words_1 + std::uint32_t{head->words_2};
        tell.operation(operation);
        if (known.shape == Shape::cyclic || known.shape == Shape::join) {
            // Bits of the upper layer: run, then what is wrong with it.
            tell.of_speaker(Attribute::role_hint, "fl-net node", 90);
            tell.of_speaker(Attribute::state, head->state & 0x8000 ? "run" : "stop", 80);
            if (known.shape == Shape::cyclic) shared(tell, *head, data, trouble);
        }
        if (trouble) tell.report(*trouble);
    }

private:
    /// A message from one node to another, and what comes back.
    static void exchange(const Tell& tell, const Head& head, const Known& known, bool answers_it, Bytes data,
                         Operation& operation, State& state, std::optional<Malformed>& trouble) noexcept {
        operation.phase = answers_it ? Phase::response : Phase::request;
        operation.object.number = answers_it ? head.from : head.to; // whom it is about
        Asked asked{.address = head.address,
                    .code = known.code,
                    .size = head.size,
                    .from = answers_it ? head.to : head.from,
                    .to = answers_it ? head.from : head.to};
        if (answers_it) {
            operation.outcome = head.result == 0 ? Outcome::done : Outcome::refused;
            operation.status = head.result;
            const auto found = state.asked.answer(asked, tell.pdu.origin.at, patience);
            if (found) {
                operation.pair = found->pair;
                asked = found->request;
            }
        } else {
            operation.pair = state.asked.ask(asked, tell.pdu.origin.at, patience);
        }
        if (known.shape != Shape::memory) return;
        operation.object = {.space = "virtual address", .number = asked.address};
        operation.count = asked.size;
        const bool has_data = answers_it ? known.act == Act::read && head.result == 0
                                         : known.act == Act::write;
        if (!has_data || data.empty()) return;
        const bool in_words = known.code == 65'005 || known.code == 65'006;
        const auto promised = std::size_t{asked.size} * (in_words ? 2u : 1u);
        if (head.blocks > 1) return; // The rest comes in other frames.
        if (promised > data.size()) {
            if (!trouble) trouble = Malformed{head_size, "message ends before what it promises"};
            return;
        }
        if (promised != 0) operation.value = data.first(promised);
    }

    /// The node's part of the common memory. What takes several frames is told by its size alone.
    static void shared(const Tell& tell, const Head& head, Bytes data,
                       std::optional<Malformed>& trouble) noexcept {
        if (head.blocks > 1) return;
        const std::size_t promised = (head.words_1 + std::size_t{head.words_2}) * 2;
        if (promised > data.size()) {
            if (!trouble) trouble = Malformed{44, "message ends before the memory that it promises"};
            return;
        }
        const auto area = [&](std::uint32_t number, std::uint16_t first, std::uint16_t words, Bytes bytes) {
            if (words == 0) return;
            tell.ways.say().on(tell.pdu.origin,
                               Variable{.protocol = tell.pdu.protocol,
                                        .object = {.space = "area", .group = number, .number = first},
                                        .value = bytes,
                                        .count = words});
        };
        const auto first = std::size_t{head.words_1} * 2;
        area(1, head.first_1, head.words_1, data.first(first));
        area(2, head.first_2, head.words_2, data.subspan(first, std::size_t{head.words_2} * 2));
    }
};

} // namespace

extern constinit const Dissector fl_net = row<FlNet>();

} // namespace yagura::dissect::protocols
