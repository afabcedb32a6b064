// PROFINET's connection manager: how a controller takes hold of a device, writes its parameters, reads its
// records, and lets it go.
//
// From IEC 61158-6-10, clauses 5.1 to 5.3, over DCE/RPC (dce_rpc/connectionless.h), and "Profile Guidelines
// Part 1: Identification & Maintenance Functions" (PNO 3.502) for I&M. docs/protocols/profinet_cm.md tells
// objects and limits.
#include "spine/base/text_room.h"
#include "spine/dissect/dissector.h"
#include "spine/dissect/protocols/dce_rpc/connectionless.h"
#include "spine/dissect/protocols/profinet/blocks.h"
#include "spine/dissect/protocols/profinet/identity.h"
#include "spine/dissect/protocols/profinet/records.h"

namespace yagura::dissect::protocols {
namespace {

using namespace profinet;
using observe::Act;
using observe::Operation;
using observe::Outcome;
using observe::Part;
using observe::Phase;
using observe::Speaker;

constexpr std::uint16_t udp_port = 34964, udp_data_port = 34962;
constexpr std::size_t body_head = 20;
constexpr std::uint32_t rpc_code = 0x10000;
constexpr std::uint64_t fragment_channel = 0x504e434d'00000000;

/// DEA00001 device, DEA00002 controller, DEA00003 supervisor, DEA00004 parameter server, DEA00005 implicit.
constexpr bool ours(const dce_rpc::Uuid& id) noexcept {
    return id.first > 0xdea00000 && id.first <= 0xdea00005 && id.second == 0x6c97 && id.third == 0x11d1;
}
constexpr bool from_client(dce_rpc::Type type) noexcept {
    using enum dce_rpc::Type;
    return type == request || type == ping || type == acknowledge || type == cancel;
}
constexpr std::string_view packet_name(dce_rpc::Type type) noexcept {
    constexpr std::string_view names[]{
        "request",           "ping",   "response",    "fault",  "working",
        "no call",           "reject", "acknowledge", "cancel", "fragment acknowledge",
        "cancel acknowledge"};
    return names[static_cast<std::size_t>(type)];
}
constexpr std::string_view relation_name(std::uint16_t type) noexcept {
    switch (type) {
    case 0x0001:
        return "io controller";
    case 0x0006:
        return "io supervisor";
    case 0x0010:
        return "io controller, class 3";
    case 0x0020:
        return "io controller, redundant";
    default:
        return {};
    }
}

struct ProfinetCm {
    static constexpr Over over[]{{"udp", udp_port}};
    static constexpr Mark marks[]{{24, 0xfffffff8, 0xdea00000}, {24, 0xf8ffffff, 0x0000a0de}};
    static constexpr Facts facts{
        .name = "profinet_cm",
        .title = "PROFINET connection manager",
        .specification = "IEC 61158-6-10 clauses 5.1 to 5.3; Open Group C706 chapter 12",
        .over = over,
        .marks = marks,
        .message_most = 64u << 10, // of all fragments together
        .status_name = status_name,
    };
    /// One call in fragments for each side.
    struct Open {
        std::uint32_t call;
        std::uint16_t next;
        bool taken;
    };
    struct State {
        std::array<Open, 2> open;
    };

    static Recognition looks_like(const Opening& opening) noexcept {
        const auto head = dce_rpc::read_head(opening.latest == Speaker::client ? opening.client
                                                                               : opening.server);
        if (!head || !ours(head->interface)) return {};
        return {Likeness::yes, from_client(head->type) ? Speaker::client : Speaker::server};
    }
    static Framing frame(Bytes unit) noexcept { return {.length = unit.size()}; }

    static void dissect(const Pdu& pdu, State& state, Ways& ways) noexcept {
        const auto head = dce_rpc::read_head(pdu.bytes);
        if (!head) return report(pdu, ways, {0, "datagram ends inside its head, or has none"});
        const auto bytes = pdu.bytes.subspan(dce_rpc::head_size);
        Message message{pdu, ways, *head};
        if (head->length > bytes.size()) message.complain({74, "datagram ends before the length it tells"});
        const auto body = bytes.first(std::min<std::size_t>(bytes.size(), head->length));
        if (head->type != dce_rpc::Type::request && head->type != dce_rpc::Type::response)
            packet(message, body);
        else if (!head->fragment)
            call(message, body);
        else
            fragment(message, body, state);
        if (message.trouble) report(pdu, ways, *message.trouble);
    }

private:
    struct Message {
        const Pdu& pdu;
        Ways& ways;
        const dce_rpc::Head& head;
        std::optional<Malformed> trouble{};
        bool asks() const noexcept { return head.type == dce_rpc::Type::request; }
        void complain(Malformed detail) noexcept {
            if (!trouble) trouble = detail;
        }
        /// The same in a request and its answer, and another in the next.
        std::uint32_t pair() const noexcept {
            const auto& id = head.activity;
            std::uint32_t sum = id.first ^ (std::uint32_t{id.second} << 16 | id.third);
            for (const auto byte : id.rest) sum = sum * 31 + std::to_integer<std::uint32_t>(byte);
            sum ^= head.sequence * 0x9e3779b1u;
            return sum == 0 ? 1 : sum;
        }
    };

    /// What keeps a call going, and what ends it.
    static void packet(Message& message, Bytes body) noexcept {
        using enum dce_rpc::Type;
        const auto type = message.head.type;
        const bool ends = type == fault || type == reject;
        Operation operation{.protocol = message.pdu.protocol,
                            .function = {rpc_code | static_cast<std::uint32_t>(type), packet_name(type)},
                            .act = Act::diagnose,
                            .phase = ends           ? Phase::response
                                     : type == ping ? Phase::request
                                                    : Phase::event,
                            .outcome = ends           ? Outcome::refused
                                       : type == ping ? Outcome::pending
                                                      : Outcome::done,
                            .pair = message.pair()};
        if (ends) {
            dce_rpc::NdrReader in{body, message.head.little};
            operation.status = in.number32();
            if (!in.ok()) message.complain({dce_rpc::head_size, "a refusal has no reason"});
        }
        message.ways.say().on(message.pdu.origin, operation);
    }

    static void fragment(Message& message, Bytes body, State& state) noexcept {
        const auto side = static_cast<std::size_t>(message.pdu.origin.speaker);
        auto& open = state.open[side];
        const auto channel = fragment_channel + side;
        const auto& head = message.head;
        const bool first = head.number == 0;
        if (open.taken && (first || open.call != message.pair() || open.next != head.number)) {
            (void)message.ways.gather(channel, {}, Last::yes);
            open.taken = false;
        }
        if (!open.taken && !first) return message.complain({76, "a fragment is missing"});
        open = {
            .call = message.pair(), .next = static_cast<std::uint16_t>(head.number + 1), .taken = !head.last};
        const auto whole = message.ways.gather(channel, body, head.last ? Last::yes : Last::no);
        if (head.last) call(message, whole);
    }

    static void call(Message& message, Bytes bytes) noexcept {
        const auto& head = message.head;
        const bool known = head.operation < calls.size();
        Operation operation{.protocol = message.pdu.protocol,
                            .function = {head.operation, known ? calls[head.operation].name
                                                               : std::string_view{"unknown call"}},
                            .act = known ? calls[head.operation].act : Act::unknown,
                            .phase = message.asks() ? Phase::request : Phase::response,
                            .outcome = message.asks() ? Outcome::pending : Outcome::done,
                            .pair = message.pair()};
        dce_rpc::NdrReader in{bytes, head.little};
        const auto first = in.number32(); // Of an answer: its status.
        in.take(body_head - 8);
        const auto length = in.number32();
        Reader blocks{in.take(std::min<std::size_t>(length, in.remaining()))};
        if (!in.ok() || blocks.remaining() < length)
            message.complain({dce_rpc::head_size, "arguments end before the length they tell"});
        if (in.ok() && !message.asks() && first != 0) {
            operation.outcome = Outcome::refused;
            operation.status = first;
        }
        const auto begin = blocks;
        Bytes record;
        describe(operation, blocks, record);
        message.ways.say().on(message.pdu.origin, operation);
        if (!blocks.ok())
            return message.complain({dce_rpc::head_size + body_head, "a block is longer than what is left"});
        if (operation.outcome == Outcome::refused) return;
        after(message, operation, begin, record);
    }

    static Part part_of(std::uint16_t slot, std::uint16_t subslot) noexcept {
        // The device's own access point, and the place of what is for several.
        if ((slot == 0 && subslot <= 1) || slot == 0xffff) return {};
        return {.steps = {{{Part::Hop::slot, slot}, {Part::Hop::subslot, subslot}}}, .size = 2};
    }
    static observe::Object object_of(std::uint16_t index) noexcept {
        observe::Object out{.space = "record", .number = index};
        if (const auto* known = find_index(index)) out.text = known->name;
        return out;
    }

    /// The first block that says what the call is about. `record`: what stands behind its head.
    static void describe(Operation& operation, Reader& in, Bytes& record) noexcept {
        while (const auto block = next_block(in)) {
            const auto type = static_cast<std::uint16_t>(block->type & ~answer_bit);
            if (type == relation_request && operation.object.space.empty()) {
                Reader body{block->body};
                const auto kind = body.u16();
                if (body.ok())
                    operation.object = {.space = "relation", .number = kind, .text = relation_name(kind)};
            } else if (type >= control_first && type <= control_last && operation.object.space.empty()) {
                const auto command = find_command(type);
                operation.object = {.space = "command", .number = type, .text = command.name};
                if (command.act != Act::unknown) operation.act = command.act;
            } else if (type == read_request || type == write_request) {
                const auto head = read_record_head(*block);
                operation.object = object_of(head.index);
                operation.part = part_of(head.slot, head.subslot);
                operation.count = head.length;
                if (const auto* known = find_index(head.index); known && type == read_request)
                    operation.act = known->act;
                if (head.status != 0) {
                    operation.outcome = Outcome::refused;
                    operation.status = head.status;
                }
                // What is read follows in the answer, what is written in the request.
                const bool here = (type == read_request) == ((block->type & answer_bit) != 0);
                if (here && head.length != 0) {
                    record = in.take(std::min<std::size_t>(head.length, in.remaining()));
                    if (record.size() != head.length) in.take(in.remaining() + 1);
                    if (!record.empty()) operation.value = record;
                }
                if (!here) in.rest();
                return;
            }
        }
    }

    static void after(Message& message, const Operation& operation, Reader blocks, Bytes record) noexcept {
        const bool reads = operation.function.code == profinet::read ||
                           operation.function.code == read_implicit;
        if (reads && !message.asks()) return learn(message, operation.part, record);
        if (operation.function.code == profinet::write && message.asks() && operation.object.number == 0xe040)
            return several(message, record);
        if (operation.function.code == profinet::connect && message.asks()) connected(message, blocks);
    }

    static void learn(Message& message, const Part& part, Bytes record) noexcept {
        const Telling tell{message.pdu, message.ways, observe::Subject::speaker};
        Reader in{record};
        while (const auto block = next_block(in)) {
            if (block->type == im0) say_im0(*block, part, tell);
            if (block->type == im1) say_im1(*block, part, tell);
            if (block->type == im3) say_im3(*block, part, tell);
            if (block->type == real_identification) say_modules(*block, tell);
        }
    }

    /// 5.2.4: heads and records one after the other, each at a multiple of four.
    static void several(Message& message, Bytes record) noexcept {
        Reader in{record};
        for (unsigned count = 0; count < 256 && in.remaining() >= 6; ++count) {
            const auto block = next_block(in);
            if (!block || block->type != write_request) break;
            const auto head = read_record_head(*block);
            const auto data = in.take(head.length);
            if (!in.ok()) break;
            message.ways.say().on(
                message.pdu.origin,
                observe::Variable{.protocol = message.pdu.protocol,
                                  .part = part_of(head.slot, head.subslot),
                                  .object = object_of(head.index),
                                  .value = data.empty() ? observe::Value{} : observe::Value{data},
                                  .count = head.length});
            in.take(std::min<std::size_t>(in.remaining(), (4 - in.position() % 4) % 4));
        }
        if (!in.ok()) message.complain({dce_rpc::head_size + body_head, "a record ends before its length"});
    }

    /// 5.2.1: who takes hold, which frames will come, and which modules are meant to be there.
    static void connected(Message& message, Reader in) noexcept {
        const auto& parties = message.pdu.origin.parties;
        const bool client = message.pdu.origin.speaker == Speaker::client;
        const auto& self = client ? parties.client : parties.server;
        const auto& other = client ? parties.server : parties.client;
        while (const auto block = next_block(in)) {
            Reader body{block->body};
            if (block->type == relation_request) {
                const auto kind = body.u16();
                body.take(16 + 2 + 6 + 16 + 4 + 2 + 2);
                const auto name = label(body.take(body.u16()));
                const Telling tell{message.pdu, message.ways, observe::Subject::speaker},
                    told{message.pdu, message.ways, observe::Subject::listener};
                if (!body.ok()) continue;
                tell.say(observe::Attribute::name, name, 90);
                tell.say(observe::Attribute::role_hint,
                         kind == 6 ? "profinet io supervisor" : "profinet io controller", 90);
                told.say(observe::Attribute::role_hint, "profinet io device", 85);
            } else if (block->type == data_relation_request) {
                const auto kind = body.u16();
                body.take(4);
                const auto properties = body.u32();
                const auto length = body.u16();
                const auto frame_id = body.take(2);
                if (!body.ok()) continue;
                TextRoom<16> name;
                name.add("0x").hex(frame_id);
                message.ways.say().on(
                    message.pdu.origin,
                    observe::Variable{.protocol = message.pdu.protocol,
                                      .object = {.space = kind == 2   ? std::string_view{"output frame"}
                                                          : kind == 1 ? std::string_view{"input frame"}
                                                                      : std::string_view{"multicast frame"},
                                                 .text = name.view()},
                                      .value = std::uint64_t{length},
                                      .count = 1});
                if ((properties & 15) != 4) continue; // The others are not carried in datagrams.
                const auto expect = [&](const observe::Station& from, const observe::Station& to) {
                    message.ways.expect({.from = {.ip = from.ip},
                                         .to = {.ip = to.ip, .port = udp_data_port},
                                         .ip_protocol = 17,
                                         .protocol = "profinet_rt"});
                };
                expect(self, other);
                expect(other, self);
            } else if (block->type == expected_submodule) {
                say_expected(*block, {message.pdu, message.ways, observe::Subject::listener});
            }
        }
    }

    static void report(const Pdu& pdu, Ways& ways, Malformed detail) noexcept {
        ways.say().on(pdu.origin, observe::Anomaly{pdu.protocol, detail});
    }
};

} // namespace

extern constinit const Dissector profinet_cm = row<ProfinetCm>();

} // namespace yagura::dissect::protocols
