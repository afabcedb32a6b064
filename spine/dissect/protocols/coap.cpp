// CoAP: what small sensors and actuators are asked and told over UDP, by paths as on the web.
//
// From RFC 7252 clauses 3 (messages), 5.4 (options), 12.1 (codes), 12.2 (numbers of options); RFC 7641
// (observe), RFC 7959 (blocks), RFC 8132 (fetch, patch); OMA LwM2M 1.1 for registration.
// docs/protocols/coap.md tells objects and limits.
#include <algorithm>
#include <optional>

#include "spine/base/text_room.h"
#include "spine/dissect/tell.h"
#include "spine/dissect/waiting.h"

namespace yagura::dissect::protocols {
namespace {

using observe::Act;
using observe::Attribute;
using observe::Operation;
using observe::Outcome;
using observe::Phase;
using observe::Speaker;

enum Type : std::uint8_t { confirmable, non_confirmable, acknowledgement, reset };
enum Option : std::uint32_t {
    uri_host = 3,
    observe_option = 6,
    uri_path = 11,
    uri_query = 15,
};
constexpr std::uint8_t payload_marker = 0xff;

struct Code {
    std::uint8_t code;
    std::string_view name;
    Act act;
};
constexpr Code codes[]{
    {0x01, "get", Act::read},
    {0x02, "post", Act::call},
    {0x03, "put", Act::write},
    {0x04, "delete", Act::write},
    {0x05, "fetch", Act::read},
    {0x06, "patch", Act::write},
    {0x07, "ipatch", Act::write},
    {0x41, "created", Act::unknown},
    {0x42, "deleted", Act::unknown},
    {0x43, "valid", Act::unknown},
    {0x44, "changed", Act::unknown},
    {0x45, "content", Act::unknown},
    {0x5f, "continue", Act::unknown},
    {0x80, "bad request", Act::unknown},
    {0x81, "unauthorized", Act::unknown},
    {0x82, "bad option", Act::unknown},
    {0x83, "forbidden", Act::unknown},
    {0x84, "not found", Act::unknown},
    {0x85, "method not allowed", Act::unknown},
    {0x86, "not acceptable", Act::unknown},
    {0x88, "request entity incomplete", Act::unknown},
    {0x89, "conflict", Act::unknown},
    {0x8c, "precondition failed", Act::unknown},
    {0x8d, "request entity too large", Act::unknown},
    {0x8f, "unsupported content-format", Act::unknown},
    {0x96, "unprocessable entity", Act::unknown},
    {0x9d, "too many requests", Act::unknown},
    {0xa0, "internal server error", Act::unknown},
    {0xa1, "not implemented", Act::unknown},
    {0xa2, "bad gateway", Act::unknown},
    {0xa3, "service unavailable", Act::unknown},
    {0xa4, "gateway timeout", Act::unknown},
    {0xa5, "proxying not supported", Act::unknown},
    {0xa8, "hop limit reached", Act::unknown},
};
const Code* find_code(std::uint8_t code) noexcept {
    const auto* found = std::ranges::find(codes, code, &Code::code);
    return found == std::end(codes) ? nullptr : found;
}
std::string_view status_name(std::uint32_t status) noexcept {
    const auto* found = status < 0x100 ? find_code(static_cast<std::uint8_t>(status)) : nullptr;
    return found ? found->name : std::string_view{};
}
constexpr bool is_request(std::uint8_t code) noexcept { return code >= 1 && code < 0x20; }

/// 12.2 and IANA's list: nothing else is asked for by whoever keeps to it.
constexpr bool known_option(std::uint32_t number) noexcept {
    constexpr std::uint16_t all[]{1,  3,  4,  5,  6,  7,  8,  9,  11, 12, 13,  14,  15,  16,  17,
                                  19, 20, 21, 23, 27, 28, 31, 35, 39, 60, 252, 258, 292, 2049};
    return std::ranges::find(all, number) != std::end(all);
}

struct Message {
    std::uint8_t type = 0, code = 0;
    std::uint16_t id = 0;
    Bytes token{}, payload{};
    TextRoom<96> path;
    std::string_view endpoint{}; ///< LwM2M: who registers
    std::optional<std::uint32_t> observes{};
    std::uint32_t position = 0; ///< where it went wrong
    bool has_head = false, whole = false, strange = false;
};
/// RFC 7252 figure 8: what is over 12 stands in one byte or two behind.
std::optional<std::uint32_t> extended(Reader& in, std::uint32_t nibble) noexcept {
    if (nibble < 13) return nibble;
    if (nibble == 13) return 13u + in.u8();
    if (nibble == 14) return 269u + in.u16();
    return std::nullopt;
}
void read(Bytes bytes, Message& to) noexcept {
    Reader in{bytes};
    const auto first = in.u8();
    to.type = first >> 4 & 3;
    to.code = in.u8();
    to.id = in.u16();
    to.has_head = in.ok() && first >> 6 == 1;
    const auto length = first & 15u;
    to.token = in.take(length);
    if (!to.has_head || length > 8 || !in.ok()) return;
    std::uint32_t number = 0;
    while (in.remaining() != 0) {
        to.position = static_cast<std::uint32_t>(in.position());
        const auto option = in.u8();
        if (option == payload_marker) {
            to.payload = in.rest();
            to.whole = !to.payload.empty();
            return;
        }
        const auto delta = extended(in, option >> 4), size = extended(in, option & 15u);
        if (!delta || !size) return;
        number += *delta;
        const auto value = in.take(*size);
        if (!in.ok()) return;
        to.strange = to.strange || !known_option(number);
        if (number == uri_path) {
            to.path.add('/').add(as_text(value));
        } else if (number == uri_query && as_text(value).starts_with("ep=")) {
            to.endpoint = as_text(value).substr(3);
        } else if (number == observe_option && value.size() <= 3) {
            to.observes = detail::big_endian<std::uint32_t>(value);
        }
    }
    to.position = static_cast<std::uint32_t>(in.position());
    to.whole = true;
}

struct Coap {
    static constexpr Over over[]{{"udp", 5683}};
    /// Version 1 and a token of at most 8 bytes.
    static constexpr Mark marks[]{{0, 0xc8000000, 0x40000000}, {0, 0xcf000000, 0x48000000}};
    static constexpr Facts facts{
        .name = "coap",
        .title = "Constrained Application Protocol",
        .specification = "RFC 7252, 7641, 7959, 8132",
        .over = over,
        .marks = marks,
        .message_most = 65'507,
        .status_name = status_name,
    };
    struct Asked {
        std::uint32_t token;
        std::uint8_t code;
        Act act;
        bool alike(const Asked& other) const noexcept { return token == other.token; }
        friend bool operator==(const Asked&, const Asked&) = default;
    };
    struct State {
        Waiting<Asked, 8> asked;
    };
    static constexpr std::uint8_t patience =
        93; // EXCHANGE_LIFETIME is 247 s; a separate answer comes sooner.

    /// A request with a path, or an answer that names its format or has a token: few other bytes make options
    /// that fill a datagram.
    static Recognition looks_like(const Opening& opening) noexcept {
        const auto bytes = latest(opening);
        Message message;
        read(bytes, message);
        if (!message.whole || message.strange) return {};
        if (message.code == 0)
            return {bytes.size() == 4 && message.type >= acknowledgement ? Likeness::maybe : Likeness::no};
        if (!find_code(message.code)) return {};
        if (is_request(message.code)) {
            if (message.type > non_confirmable) return {};
            const auto path = message.path.view();
            const bool readable = std::ranges::all_of(path, [](char c) {
                const auto u = static_cast<unsigned char>(c);
                return u >= 0x20 && u != 0x7f;
            });
            if (path.size() < 2 || !readable)
                return {path.empty() ? Likeness::maybe : Likeness::no, Speaker::client};
            return {Likeness::yes, Speaker::client};
        }
        return {Likeness::maybe, Speaker::server};
    }
    static Framing frame(Bytes datagram) noexcept { return {.length = datagram.size()}; }

    static void dissect(const Pdu& pdu, State& state, Ways& ways) noexcept {
        const Tell tell{pdu, ways};
        Message message;
        read(pdu.bytes, message);
        if (!message.has_head) return tell.report({0, "message ends inside its head, or is of no version"});
        const auto* known = find_code(message.code);
        Operation said{.function = {message.code, known ? known->name : "unknown code"},
                       .act = known ? known->act : Act::unknown,
                       .phase = Phase::event,
                       .outcome = Outcome::done};
        const auto at = pdu.origin.at;
        Asked asked{.token = message.token.empty() ? message.id : short_of(message.token),
                    .code = message.code,
                    .act = said.act};
        if (message.code == 0) {
            said.function.name = message.type == reset             ? "reset"
                                 : message.type == acknowledgement ? "empty acknowledgement"
                                                                   : "ping";
            if (message.type == reset) said.outcome = Outcome::refused;
        } else if (is_request(message.code)) {
            if (!message.path.view().empty())
                said.object = {.space = "resource", .text = message.path.view()};
            if (message.code == 1 && message.path.view() == "/.well-known/core") said.act = Act::browse;
            if (message.code == 1 && message.observes) said.act = Act::subscribe;
            if (!message.payload.empty() && said.act != Act::read) said.value = payload(message.payload);
            asked.act = said.act;
            said.phase = Phase::request;
            said.outcome = Outcome::pending;
            said.pair = state.asked.ask(asked, at, patience);
        } else {
            said.phase = Phase::response;
            said.status = message.code;
            if (message.code >= 0x80) said.outcome = Outcome::refused;
            if (const auto found = state.asked.answer(asked, at, patience)) {
                said.pair = found->pair;
                said.act = found->request.act;
            } else if (message.observes) {
                said.phase = Phase::event; // What was subscribed to has changed.
                said.act = Act::report;
            }
            if (!message.payload.empty()) said.value = payload(message.payload);
        }
        tell.operation(said);
        if (message.code == 2 && message.path.view() == "/rd" && is_host_name(message.endpoint))
            tell.of_speaker(Attribute::name, message.endpoint, 70);
        if (!message.whole)
            tell.report(Malformed{0, "options that do not fit their message"}.shifted(message.position));
    }

private:
    /// A token is of up to 8 bytes; a collision makes a doubtful pair at worst.
    static std::uint32_t short_of(Bytes token) noexcept {
        const auto whole = detail::big_endian<std::uint64_t>(token);
        return static_cast<std::uint32_t>(whole ^ whole >> 32);
    }
    static observe::Value payload(Bytes bytes) noexcept {
        const auto text = as_text(bytes.first(std::min<std::size_t>(bytes.size(), 256)));
        const bool readable = std::ranges::all_of(
            text, [](char c) { return (c >= 0x20 && c < 0x7f) || c == '\n' || c == '\r' || c == '\t'; });
        if (readable) return text;
        return bytes.first(std::min<std::size_t>(bytes.size(), 256));
    }
};

} // namespace

extern constinit const Dissector coap = row<Coap>();

} // namespace yagura::dissect::protocols
