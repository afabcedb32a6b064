// CIP: what is asked of which object or tag, through which ports, with values and their types.
//
// From "CIP Networks Library, volume 1: Common Industrial Protocol", chapters 2 to 5, appendices A to C, and
// "Logix 5000 Controllers Data Access" (1756-PM020). docs/protocols/cip.md tells what else and the limits.
#include "spine/dissect/protocols/cip/connections.h"
#include "spine/dissect/protocols/cip/identity.h"
#include "spine/dissect/protocols/cip/messages.h"
#include "spine/dissect/protocols/cip/names.h"
#include "spine/dissect/protocols/cip/pccc.h"
#include "spine/dissect/protocols/cip/values.h"
#include "spine/dissect/protocols/enip/encapsulation.h"

namespace yagura::dissect::protocols {
namespace {

using namespace cip;
using observe::Act;
using observe::Outcome;
using observe::Phase;
using observe::Speaker;

constexpr std::uint64_t transfer_channel = 0x43495054'00000000;
constexpr std::uint16_t io_port = 2222;
constexpr int nesting_most = 3;

std::string_view name_of_status(std::uint32_t status) noexcept { return status_name(status & 0xff); }

/// Services of the message router and the connection manager; the same numbers mean other things elsewhere.
bool only_carries(const observe::Operation& op) noexcept {
    return op.function.name == "unconnected send" || op.function.name == "multiple service packet";
}

struct Cip {
    static constexpr Over over[]{{"cip", 0}};
    static constexpr Facts facts{
        .name = "cip",
        .title = "Common Industrial Protocol",
        .specification = "CIP Networks Library volume 1; 1756-PM020",
        .over = over,
        .message_most = enip::header_size + 65'511,
        .status_name = name_of_status,
        .only_carries = only_carries,
    };
    struct State {
        Waiting waiting;
        Connections connections;
        std::uint16_t piece; ///< of firmware: a smaller one is the last
    };

    /// Its carrier knows that it is CIP.
    static Recognition looks_like(const Opening& opening) noexcept {
        const auto carried = enip::read_carried(opening.latest == Speaker::client ? opening.client
                                                                                  : opening.server);
        if (!carried.found || carried.cip.empty()) return {};
        const bool answers = std::to_integer<unsigned>(carried.cip[0]) & 0x80;
        return {Likeness::yes, answers ? Speaker::server : Speaker::client};
    }

    static Framing frame(Bytes stream) noexcept { return {.length = stream.size()}; }

    static void dissect(const Pdu& pdu, State& state, Ways& ways) noexcept {
        const auto carried = enip::read_carried(pdu.bytes);
        if (!carried.found || carried.cip.empty())
            return report(pdu, ways, {0, "nothing for a message router"});
        Context context{pdu, state, ways, carried};
        const auto first = std::to_integer<unsigned>(carried.cip[0]);
        if (first & 0x80)
            answers(context);
        else
            asks(context);
        if (context.trouble) report(pdu, ways, *context.trouble);
    }

private:
    struct Context {
        const Pdu& pdu;
        State& state;
        Ways& ways;
        const enip::Carried& carried;
        observe::Part part{}; ///< where the connection or the route leads to
        std::optional<Malformed> trouble{};

        Waiting::Key key() const noexcept {
            const auto context = static_cast<std::uint32_t>(carried.context ^ carried.context >> 32);
            return {carried.connected ? carried.sequence : context, carried.connection, carried.connected};
        }
        void complain(Malformed detail) noexcept {
            if (!trouble) trouble = detail;
        }
    };

    static unsigned inside(const Request& request) noexcept {
        if (request.service == multiple_service) return packet_count(request.data);
        return request.routes() ? 1u + packet_count(embedded_packet(request)) : 0u;
    }
    static Bytes embedded_packet(const Request& request) noexcept {
        const auto inner = read_request(embedded(request));
        return inner.ok && inner.service == multiple_service ? inner.data : Bytes{};
    }

    static void asks(Context& context) noexcept {
        const auto bytes = context.carried.cip;
        const auto request = read_request(bytes);
        auto& state = context.state;
        if (context.carried.connected)
            context.part = state.connections.part(context.carried.connection, context.ways);
        // The answer to what is routed comes from behind the route, with the service of what was inside.
        auto service = request.service;
        if (request.ok && request.routes())
            if (const auto inner = embedded(request); !inner.empty())
                service = std::to_integer<std::uint8_t>(inner[0]);
        const auto pair = state.waiting.ask(context.key(), service, request.ok ? inside(request) : 0,
                                            context.pdu, bytes, context.ways);
        ask_one(context, bytes, pair, 0);
    }

    /// `pair` is its own; what it embeds has the numbers behind.
    static void ask_one(Context& context, Bytes bytes, std::uint32_t pair, int depth) noexcept {
        const auto request = read_request(bytes);
        About about;
        observe::Operation operation{
            .protocol = context.pdu.protocol,
            .function = {request.service, find_service(request.service, 0, false).name},
            .phase = Phase::request,
            .pair = pair,
            .part = context.part};
        if (request.ok) {
            describe(request, about, operation);
            if (request.path.bad) context.complain({2, "a path has a segment that cannot be read"});
        } else {
            context.complain({0, "a request ends inside its path"});
        }
        context.ways.say().on(context.pdu.origin, operation);
        if (!request.ok) return;
        if (request.path.object_class == 0xa1 && request.service == 0x4d) load(context, request);
        if (depth == nesting_most) return;
        if (request.service == multiple_service) {
            const auto outer = context.part;
            context.part = operation.part;
            for (unsigned i = 0; i < packet_count(request.data); ++i)
                if (const auto inner = packet_message(request.data, i); !inner.empty())
                    ask_one(context, inner, pair + 1 + i, depth + 1);
                else
                    context.complain({4, "a packet's offset leads nowhere"});
            context.part = outer;
        } else if (request.routes()) {
            const auto inner = embedded(request);
            const auto outer = std::exchange(context.part, operation.part);
            if (inner.empty())
                context.complain({4, "an unconnected send has nothing inside"});
            else
                ask_one(context, inner, pair + 1, depth + 1);
            context.part = outer;
        }
    }

    static void answers(Context& context) noexcept {
        auto& state = context.state;
        const auto bytes = context.carried.cip;
        const auto service = static_cast<std::uint8_t>(std::to_integer<unsigned>(bytes[0]) & 0x7f);
        const auto found = state.waiting.answer(
            context.key(), service, context.pdu, context.ways,
            [&](std::uint32_t connection) { return state.connections.partner(connection, context.ways); });
        if (context.carried.connected && found.pair)
            context.part = state.connections.part(found.connection, context.ways);
        auto request = found.request;
        std::uint32_t pair = found.pair;
        if (const auto outer = read_request(request); outer.ok && outer.routes()) {
            About route;
            observe::Operation through;
            describe(outer, route, through);
            context.part = through.part;
            if (service != unconnected_send ||
                std::to_integer<unsigned>(embedded(outer).empty() ? std::byte{0} : embedded(outer)[0]) ==
                    service) {
                request = embedded(outer);
                if (pair) ++pair;
            }
        }
        answer_one(context, bytes, request, pair, 0);
    }

    static void answer_one(Context& context, Bytes bytes, Bytes asked, std::uint32_t pair,
                           int depth) noexcept {
        const auto answer = read_answer(bytes);
        const auto code = static_cast<std::uint8_t>(std::to_integer<unsigned>(bytes[0]) & 0x7f);
        const auto request = read_request(asked);
        About about;
        observe::Operation operation{.protocol = context.pdu.protocol,
                                     .function = {code, {}},
                                     .phase = Phase::response,
                                     .outcome = Outcome::done,
                                     .pair = pair,
                                     .part = context.part};
        // Without its request only services of the connection manager can be told by their number, and only
        // where no tag can be meant.
        const bool managed = !context.carried.connected &&
                             (code == unconnected_send || code == forward_open ||
                              code == large_forward_open || code == forward_close);
        const auto service = find_service(code, managed ? connection_manager : 0u, false);
        operation.function.name = service.name;
        operation.act = service.act;
        const bool known = request.ok && !asked.empty();
        if (known) {
            describe(request, about, operation);
            operation.value = {}; // What was asked to be written is the request's.
        }
        if (!answer.ok) context.complain({0, "an answer ends inside its status"});
        operation.status = answer.status;
        const auto general = answer.status & 0xff;
        // 6: more comes; 0x1E: one of the embedded was refused, which it says itself.
        if (answer.ok && general != 0 && general != 6 && !(general == 0x1e && code == multiple_service))
            operation.outcome = Outcome::refused;
        const bool done = answer.ok && operation.outcome == Outcome::done;
        if (done && known) values(request, answer, operation);
        context.ways.say().on(context.pdu.origin, operation);
        if (!answer.ok) return;
        if (done && known) after(context, request, answer, operation.part);
        if (code != multiple_service || depth == nesting_most) return;
        for (unsigned i = 0; i < packet_count(answer.data); ++i)
            if (const auto inner = packet_message(answer.data, i); !inner.empty())
                answer_one(context, inner, known ? packet_message(request.data, i) : Bytes{},
                           pair ? pair + 1 + i : 0, depth + 1);
            else
                context.complain({4, "a packet's offset leads nowhere"});
    }

    static void values(const Request& request, const Answer& answer, observe::Operation& operation) noexcept {
        const bool tag = request.path.tag || request.path.object_class == 0x6b ||
                         request.path.object_class == 0xb2;
        Reader in{answer.data};
        if (request.path.object_class == pccc_class && request.service == 0x4b)
            read_pccc_answer(answer.data, request.data, operation);
        else if (tag && (request.service == read_tag || request.service == fragmented_read))
            operation.value = read_typed(in);
        else if (request.service == get_attribute_single && !answer.data.empty())
            operation.value = answer.data;
    }

    static void after(Context& context, const Request& request, const Answer& answer,
                      const observe::Part& part) noexcept {
        if (request.path.object_class == identity_class && !request.path.tag)
            return identify(context, request, answer, part);
        if (request.opens()) return opened(context, request, answer, part);
        if (request.path.object_class == 0x6a && request.service == 0x4f) {
            Reader place{request.data};
            const auto offset = place.u32le();
            if (!place.ok()) return;
            TextRoom<32> name;
            name.add("routine ").number(request.path.instance);
            context.ways.transfer(transfer_channel | request.path.instance,
                                  observe::Transfer::Content::program, name.view(), offset, answer.data,
                                  (answer.status & 0xff) == 6 ? Last::no : Last::yes, context.pdu.origin);
        }
    }

    static void identify(Context& context, const Request& request, const Answer& answer,
                         const observe::Part& part) noexcept {
        Reader in{answer.data};
        IdentityWords words;
        switch (request.service) {
        case get_attributes_all:
            if (request.path.instance == 0) return; // The class, not a device.
            if (!read_identity(in, words)) context.complain({4, "an identity ends inside"});
            break;
        case get_attribute_single:
            read_identity_attribute(request.path.attribute, in, words);
            break;
        case get_attribute_list: {
            const auto count = in.u16le();
            for (unsigned i = 0; i < count && in.ok(); ++i) {
                const auto attribute = in.u16le(), status = in.u16le();
                if (!in.ok() || attribute > 7) break; // How long the others are, nobody says.
                if (status == 0) read_identity_attribute(attribute, in, words);
            }
            break;
        }
        default:
            return;
        }
        say_identity(context.pdu, part, words, context.ways);
    }

    /// 3-5.5.2: the answer has both identifiers. Class 0 and 1 goes on in datagrams between the same two,
    /// or to a group that the answer's socket address names.
    static void opened(Context& context, const Request& request, const Answer& answer,
                       const observe::Part& part) noexcept {
        Reader in{answer.data};
        const auto to_target = in.u32le(), to_originator = in.u32le();
        if (!in.ok()) return context.complain({4, "a forward open's answer has no connections"});
        context.state.connections.open(to_target, to_originator, part, context.ways);
        const auto transport = transport_class(request);
        if (!transport || *transport > 1) return;
        const auto& parties = context.pdu.origin.parties;
        const auto expect = [&](const observe::Station& from, observe::Ip to, std::uint16_t port) {
            context.ways.expect({.from = {.ip = from.ip},
                                 .to = {.ip = to, .port = port},
                                 .ip_protocol = 17,
                                 .protocol = "cip_io",
                                 .token = to_target});
        };
        expect(parties.client, parties.server.ip, io_port);
        expect(parties.server, parties.client.ip, io_port);
        for (const auto socket : context.carried.sockets) {
            Reader address{socket};
            address.u16();
            const auto port = address.u16();
            const auto ip = address.take(4);
            if (!address.ok() || (std::to_integer<unsigned>(ip[0]) & 0xf0) != 0xe0) continue;
            observe::Ip group{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
            for (std::size_t i = 0; i < 4; ++i) group[12 + i] = std::to_integer<std::uint8_t>(ip[i]);
            expect(parties.server, group, port ? port : io_port);
            expect(parties.client, group, port ? port : io_port);
        }
    }

    /// Non-volatile storage takes firmware in pieces of one size, each with its place.
    static void load(Context& context, const Request& request) noexcept {
        Reader in{request.data};
        const auto offset = in.u32le();
        const auto piece = in.rest();
        if (!in.ok()) return;
        if (offset == 0)
            context.state.piece = static_cast<std::uint16_t>(std::min<std::size_t>(piece.size(), 0xffff));
        context.ways.transfer(transfer_channel, observe::Transfer::Content::firmware, "firmware", offset,
                              piece, piece.size() < context.state.piece ? Last::yes : Last::no,
                              context.pdu.origin);
    }

    static void report(const Pdu& pdu, Ways& ways, Malformed detail) noexcept {
        ways.say().on(pdu.origin, observe::Anomaly{pdu.protocol, detail});
    }
};

} // namespace

extern constinit const Dissector cip = row<Cip>();

} // namespace yagura::dissect::protocols
