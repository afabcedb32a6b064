// OPC UA over TCP: connection, secure channel and chunks. What the services say is read in opcua/.
//
// From OPC 10000-6 (1.05), clauses 6.7 (secure conversation) and 7.1 (connection protocol), and OPC 10000-4
// (1.05). docs/protocols/opcua.md tells objects and limits.
#include "spine/dissect/dissector.h"
#include "spine/dissect/protocols/opcua/identity.h"
#include "spine/dissect/protocols/opcua/messages.h"

namespace yagura::dissect::protocols {
namespace {

using namespace opcua;
using observe::Act;
using observe::Operation;
using observe::Outcome;
using observe::Phase;
using observe::Speaker;

/// A type and its form as one number, as they stand on the wire.
consteval std::uint32_t word(const char (&text)[5]) noexcept {
    std::uint32_t out = 0;
    for (std::size_t i = 0; i < 4; ++i) out = out << 8 | static_cast<std::uint8_t>(text[i]);
    return out;
}
constexpr std::uint32_t HELF = word("HELF"), ACKF = word("ACKF"), ERRF = word("ERRF"), RHEF = word("RHEF"),
                        OPNF = word("OPNF"), CLOF = word("CLOF"), MSGF = word("MSGF"), MSGC = word("MSGC"),
                        MSGA = word("MSGA");

constexpr std::size_t head_size = 8, secure_head = 16, readable = 28;
/// Both sides agree on how large a chunk may be: 64 kB nearly everywhere. Of larger ones the beginning is
/// read, and beyond the second limit nobody means it.
constexpr std::uint32_t chunk_read = 128u << 10, chunk_most = 64u << 20;

struct Head {
    std::uint32_t type, size;
};
Head read_head(Reader& in) noexcept {
    const auto type = in.u32();
    return {type, in.u32le()};
}
constexpr bool known_type(std::uint32_t type) noexcept {
    switch (type) {
    case HELF:
    case ACKF:
    case ERRF:
    case RHEF:
    case OPNF:
    case CLOF:
    case MSGF:
    case MSGC:
    case MSGA:
        return true;
    default:
        return false;
    }
}
constexpr std::uint32_t least(std::uint32_t type) noexcept {
    switch (type) {
    case HELF:
        return 32;
    case ACKF:
        return 28;
    case ERRF:
    case RHEF:
        return 16;
    default:
        return 24;
    }
}

/// OPC 10000-7: what comes behind '#' tells how messages are signed.
Policy policy_of(std::string_view name) noexcept {
    if (name == "None") return Policy::none;
    if (name == "Basic128Rsa15" || name == "Basic256") return Policy::sha1;
    if (name == "Basic256Sha256" || name == "Aes128_Sha256_RsaOaep" || name == "Aes256_Sha256_RsaPss")
        return Policy::sha256;
    return Policy::other;
}
constexpr std::size_t signature_size(Policy policy) noexcept {
    return policy == Policy::sha1 ? 20 : policy == Policy::sha256 ? 32 : 0;
}

struct OpcUa {
    static constexpr Over over[]{{"tcp", 4840}};
    static constexpr Mark marks[]{{0, 0xffffffff, HELF}, {0, 0xffffffff, ACKF}, {0, 0xffffffff, ERRF},
                                  {0, 0xffffffff, RHEF}, {0, 0xffffffff, OPNF}, {0, 0xffffffff, CLOF},
                                  {0, 0xffffffff, MSGF}, {0, 0xffffffff, MSGC}, {0, 0xffffffff, MSGA}};
    static constexpr Facts facts{
        .name = "opcua",
        .title = "OPC UA",
        .specification = "OPC 10000-4 and OPC 10000-6, 1.05",
        .over = over,
        .marks = marks,
        .message_most = 1u << 20, // of all chunks together; larger ones are read up to here
        .status_name = status_name,
    };
    using State = opcua::State;

    static Recognition looks_like(const Opening& opening) noexcept {
        const auto bytes = opening.latest == Speaker::client ? opening.client : opening.server;
        Reader in{bytes};
        const auto head = read_head(in);
        if (!in.ok()) return {Likeness::more};
        if (!known_type(head.type) || head.size < least(head.type) || head.size > chunk_most) return {};
        switch (head.type) {
        case HELF:
            return {Likeness::yes, Speaker::client};
        case ACKF:
            return {head.size == 28 ? Likeness::yes : Likeness::no, Speaker::server};
        case ERRF:
            return {Likeness::yes, Speaker::server};
        case RHEF:
            return {Likeness::yes, std::nullopt}; // Here the server opened the connection.
        case OPNF: {
            In body{bytes.subspan(head_size)};
            (void)body.u32();
            const auto length = body.i32();
            if (!body.ok()) return {Likeness::more};
            return {length > 0 && length <= 255 ? Likeness::yes : Likeness::no, std::nullopt};
        }
        default:
            break;
        }
        if (bytes.size() < readable) return {Likeness::more};
        In body{bytes.subspan(secure_head + 8)};
        const auto type = body.node();
        const auto* service = type.kind == NodeId::Kind::numeric && type.space == 0
                                  ? find_service(type.number)
                                  : nullptr;
        if (service && body.ok())
            return {Likeness::yes, type.number == service->asks && type.number != service_fault
                                       ? Speaker::client
                                       : Speaker::server};
        return {head.size == bytes.size() ? Likeness::yes : Likeness::maybe, std::nullopt};
    }

    static Framing frame(Bytes stream) noexcept {
        Reader in{stream};
        const auto head = read_head(in);
        if (!in.ok()) return {};
        if (!known_type(head.type)) return {.lost = Malformed{0, "not the beginning of a message"}};
        if (head.size < least(head.type)) return {.lost = Malformed{4, "size is below that of its head"}};
        if (head.size > chunk_most) return {.lost = Malformed{4, "size is above 64 MB"}};
        const std::size_t whole = std::min(head.size, chunk_read);
        return {.length = stream.size() < whole ? 0 : whole};
    }

    static void dissect(const Pdu& pdu, State& state, Ways& ways) noexcept {
        Reader in{pdu.bytes};
        const auto head = read_head(in);
        if (!in.ok() || !known_type(head.type))
            return report(pdu, ways, {0, "message ends inside its head, or has none"});
        Message message{pdu, state, ways};
        if (head.size > pdu.bytes.size()) {
            if (pdu.bytes.size() == chunk_read) {
                ways.pass_over(head.size - pdu.bytes.size());
                message.complain({4, "a chunk is too large: behind its first 128 kB nobody read"});
            } else {
                message.complain({4, "message ends before its size"});
            }
        }
        const auto body = pdu.bytes.subspan(head_size);
        switch (head.type) {
        case HELF:
        case ACKF:
        case ERRF:
        case RHEF:
            connection(message, head.type, body);
            break;
        case OPNF:
            open_channel_message(message, body);
            break;
        default:
            secured(message, head.type, body);
        }
        if (message.trouble) report(pdu, ways, *message.trouble);
    }

private:
    /// 7.1.2: before there is a channel, and when there is none any more.
    static void connection(Message& message, std::uint32_t type, Bytes bytes) noexcept {
        In in{bytes};
        Operation operation{.protocol = message.pdu.protocol,
                            .act = Act::connect,
                            .phase = Phase::request,
                            .outcome = Outcome::pending};
        std::string_view server;
        switch (type) {
        case HELF:
            operation.function = {hello, "hello"};
            for (int i = 0; i < 5; ++i) (void)in.u32(); // Version and the four limits.
            if (const auto url = in.text(); !url.empty()) operation.object = {.text = url};
            break;
        case ACKF:
            operation.function = {acknowledge, "acknowledge"};
            operation.phase = Phase::response;
            operation.outcome = Outcome::done;
            for (int i = 0; i < 5; ++i) (void)in.u32();
            break;
        case ERRF: {
            operation.function = {error, "error"};
            operation.act = Act::disconnect;
            operation.phase = Phase::event;
            operation.outcome = Outcome::refused;
            operation.status = in.u32();
            const auto reason = in.text();
            if (!reason.empty()) operation.value = reason;
            break;
        }
        default: {
            operation.function = {reverse_hello, "reverse hello"};
            server = in.text();
            if (const auto url = in.text(); !url.empty()) operation.object = {.text = url};
        }
        }
        message.ways.say().on(message.pdu.origin, operation);
        Telling{message.pdu, message.ways, observe::Subject::speaker}.say(observe::Attribute::application,
                                                                          server, 60);
        if (!in.ok()) message.complain({head_size, "message ends before what it promises"});
    }

    static bool from_client(const Message& message) noexcept {
        return message.pdu.origin.speaker == Speaker::client;
    }

    /// What cannot be read is told by what it is.
    static void say_encrypted(const Message& message, std::uint32_t code, std::string_view name, Act act,
                              std::string_view policy = {}) noexcept {
        Operation operation{.protocol = message.pdu.protocol,
                            .function = {code, name},
                            .act = act,
                            .phase = from_client(message) ? Phase::request : Phase::response,
                            .outcome = from_client(message) ? Outcome::pending : Outcome::done};
        if (!policy.empty()) operation.object = {.space = "security policy", .text = policy};
        message.ways.say().on(message.pdu.origin, operation);
    }

    /// The type of a message's body; zero where there is none that we know.
    static std::uint32_t read_type(In& in) noexcept {
        const auto type = in.node();
        const bool known = in.ok() && type.kind == NodeId::Kind::numeric && type.space == 0;
        return known && find_service(type.number) ? type.number : 0;
    }

    /// 6.7.2.3: its head tells who signs and for whom it is encrypted. With any policy but None it is.
    static void open_channel_message(Message& message, Bytes bytes) noexcept {
        In in{bytes};
        (void)in.u32();
        auto policy = in.text();
        const auto certificate = in.string();
        (void)in.string();
        if (!in.ok()) return message.complain({head_size, "message ends inside its security header"});
        if (const auto mark = policy.rfind('#'); mark != policy.npos) policy.remove_prefix(mark + 1);
        auto& state = message.state;
        state.policy = policy_of(policy);
        message.policy = policy;
        const auto sequence = in.u32();
        message.request = in.u32();
        message.code = read_type(in);
        if (message.code != 0) {
            state.sequence[side_of(message)] = sequence;
            tell(message, in.rest(), static_cast<std::uint32_t>(head_size + in.position()));
        } else if (state.policy != Policy::none) {
            say_encrypted(message, encrypted_open, "open secure channel, encrypted", Act::connect, policy);
        } else {
            message.complain({head_size, "message has no type that is known"});
        }
        Telling{message.pdu, message.ways, observe::Subject::speaker}.certificate(certificate);
    }

    static std::size_t side_of(const Message& message) noexcept { return from_client(message) ? 0 : 1; }

    static Open* find_open(const Message& message) noexcept {
        for (auto& open : message.state.open)
            if (open.code != 0 && open.request == message.request && open.side == side_of(message))
                return &open;
        return nullptr;
    }
    static std::uint64_t channel_of(const Message& message, const Open& open) noexcept {
        return chunk_channel + static_cast<std::uint64_t>(&open - message.state.open.data());
    }
    static void forget(const Message& message, Open& open) noexcept {
        (void)message.ways.gather(channel_of(message, open), {}, Last::yes);
        open = {};
    }

    /// 6.7.2.4: a piece of a message, or the whole of it. Signed ones are read; encrypted ones show nothing
    /// but their channel and token.
    static void secured(Message& message, std::uint32_t type, Bytes bytes) noexcept {
        In in{bytes};
        auto& state = message.state;
        (void)in.u32();
        (void)in.u32();
        const auto sequence = in.u32();
        message.request = in.u32();
        if (!in.ok()) return message.complain({head_size, "message ends inside its security header"});
        if (message.trouble && bytes.size() + head_size < readable) return; // Too little of it to tell.
        auto* open = find_open(message);
        auto first = in;
        const auto code = open ? open->code : read_type(first);
        if (code == 0 && !(type == MSGA && state.policy == Policy::none)) {
            if (state.policy == Policy::none)
                return message.complain({secure_head, "message has no type that is known"});
            if (type == CLOF)
                say_encrypted(message, encrypted_close, "close secure channel, encrypted", Act::disconnect);
            else if (type != MSGC)
                say_encrypted(message, encrypted_message, "encrypted message", Act::unknown);
            return;
        }
        const bool follows = sequence == state.sequence[side_of(message)] + 1 || sequence < 1024; // 6.7.2.4
        state.sequence[side_of(message)] = sequence;
        message.code = code;
        if (type == MSGA) return abort(message, open, in);
        if (open && !follows) {
            forget(message, *open);
            return message.complain({secure_head, "a chunk is missing"});
        }
        const auto base = static_cast<std::uint32_t>(head_size + first.position());
        if (!open && type != MSGC) return tell(message, first.rest(), base);
        auto piece = open ? in.rest() : first.rest();
        if (!message.trouble)
            piece = piece.first(piece.size() - std::min(piece.size(), signature_size(state.policy)));
        if (!open) open = &begin(message);
        gather(message, *open, piece, type != MSGC);
    }

    static Open& begin(const Message& message) noexcept {
        auto& state = message.state;
        auto& open = state.open[state.next_open];
        state.next_open = static_cast<std::uint8_t>((state.next_open + 1u) % state.open.size());
        if (open.code != 0) forget(message, open);
        open = {.request = message.request,
                .bytes = 0,
                .code = static_cast<std::uint16_t>(message.code),
                .side = static_cast<std::uint8_t>(side_of(message)),
                .too_large = false};
        return open;
    }
    static void gather(Message& message, Open& open, Bytes piece, bool last) noexcept {
        open.too_large = open.too_large || open.bytes + piece.size() > facts.message_most;
        if (open.too_large) piece = {};
        open.bytes += static_cast<std::uint32_t>(piece.size());
        const auto whole = message.ways.gather(channel_of(message, open), piece, last ? Last::yes : Last::no);
        if (!last) return;
        if (open.too_large)
            message.complain({4, "a message is too large: only the beginning of it was read"});
        else if (whole.size() != open.bytes)
            message.complain({4, "a message's first chunks had to make room: only its function is told"});
        tell(message, whole.size() == open.bytes ? whole : Bytes{}, 0);
        open = {};
    }

    /// 6.7.3: the sender gave up.
    static void abort(Message& message, Open* open, In in) noexcept {
        Operation operation{.protocol = message.pdu.protocol,
                            .function = {aborted, "aborted message"},
                            .phase = from_client(message) ? Phase::request : Phase::response,
                            .outcome = Outcome::refused,
                            .pair = message.request};
        if (const auto* service = find_service(message.code)) operation.act = service->act;
        operation.status = in.u32();
        const auto reason = in.text();
        if (!reason.empty()) operation.value = reason;
        message.ways.say().on(message.pdu.origin, operation);
        if (open) forget(message, *open);
        if (!in.ok()) message.complain({secure_head, "message ends before what it promises"});
    }

    static void report(const Pdu& pdu, Ways& ways, Malformed detail) noexcept {
        ways.say().on(pdu.origin, observe::Anomaly{pdu.protocol, detail});
    }
};

} // namespace

extern constinit const Dissector opcua = row<OpcUa>();

} // namespace yagura::dissect::protocols
