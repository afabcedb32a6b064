// Kerberos: who logs in to a Windows domain, which services are asked for in whose name, and what was
// refused.
//
// From RFC 4120 clauses 5.2 (names), 5.3 (tickets), 5.4 (requests and answers), 5.9.1 (errors), 7.2.2 (the
// length in front of a message over TCP) and 7.5; RFC 4757 for RC4. Tickets and keys are never told.
#include <algorithm>
#include <array>

#include "spine/base/text_room.h"
#include "spine/dissect/certificate.h"
#include "spine/dissect/tell.h"

namespace yagura::dissect::protocols {
namespace {

using observe::Act;
using observe::Attribute;
using observe::Outcome;
using observe::Phase;
using observe::Speaker;

enum Type : std::uint8_t {
    as_request = 10,
    as_reply = 11,
    ticket_request = 12,
    ticket_reply = 13,
    service_request = 14,
    service_reply = 15,
    error_message = 30,
};
constexpr std::size_t prefix = 4;
constexpr std::uint32_t message_most = 65'535;

std::string_view error_name(std::uint32_t status) noexcept {
    switch (status) {
    case 6:
        return "client unknown";
    case 7:
        return "service unknown";
    case 12:
        return "refused by policy";
    case 14:
        return "encryption type not supported";
    case 18:
        return "account revoked";
    case 23:
        return "password expired";
    case 24:
        return "wrong password";
    case 25:
        return "pre-authentication required";
    case 32:
        return "ticket expired";
    case 37:
        return "clocks differ too much";
    case 52:
        return "answer too big for UDP";
    case 68:
        return "wrong realm";
    default:
        return {};
    }
}
/// Those that say that whoever asks is not who may.
constexpr bool refuses_login(std::uint32_t status) noexcept {
    return status == 6 || status == 12 || status == 18 || status == 23 || status == 24;
}

struct Known {
    std::string_view name;
    Act act;
};
constexpr Known known_of(std::uint8_t request) noexcept {
    switch (request) {
    case as_request:
        return {"log in", Act::authenticate};
    case ticket_request:
        return {"ask for a ticket", Act::authenticate};
    case service_request:
        return {"use a ticket", Act::authenticate};
    default:
        return {"error", Act::report};
    }
}

constexpr std::uint8_t tagged(std::uint8_t number) noexcept {
    return static_cast<std::uint8_t>(0xa0 | number);
}

std::uint32_t number(Bytes element) noexcept {
    Elements in{element};
    const auto value = in.next(der::integer);
    if (!value || value->size() > 5) return 0;
    std::uint32_t out = 0;
    for (const auto byte : *value) out = out << 8 | std::to_integer<std::uint32_t>(byte);
    return out;
}
constexpr std::uint8_t general_string = 0x1b;
std::string_view general(Bytes element) noexcept {
    Elements in{element};
    const auto value = in.next(general_string);
    return value ? as_text(*value) : std::string_view{};
}
/// RFC 4120 clause 5.2.2: its parts with a slash between them, as people write it.
template <std::size_t N>
void add_principal(TextRoom<N>& to, Bytes element) noexcept {
    Elements outer{element};
    const auto whole = outer.next(der::sequence);
    if (!whole) return;
    Elements fields{*whole};
    fields.skip(tagged(0));
    const auto names = fields.next(tagged(1));
    if (!names) return;
    Elements wrapped{*names};
    const auto list = wrapped.next(der::sequence);
    if (!list) return;
    Elements each{*list};
    for (int i = 0; i < 4; ++i) {
        const auto part = each.next(general_string);
        if (!part) break;
        if (i != 0) to.add('/');
        to.add(as_text(*part));
    }
}

/// What a message says, as far as it is there.
struct Message {
    std::uint8_t type = 0;
    std::uint32_t error = 0, cipher = 0;
    TextRoom<96> client, realm, service;
    TextRoom<16> station; ///< NetBIOS name among the addresses
    bool whole = false;
};

/// The type by tag, version and number: three times the same, or it is none.
std::uint8_t type_of(Bytes bytes, Bytes* fields = nullptr) noexcept {
    if (bytes.size() < 2) return 0;
    const auto tag = std::to_integer<std::uint8_t>(bytes[0]);
    const auto type = static_cast<std::uint8_t>(tag & 0x1f);
    const bool known = (type >= as_request && type <= service_reply) || type == error_message;
    if ((tag & 0xe0) != 0x60 || !known) return 0;
    // As much as there is: a message that is cut is told as far as it goes.
    Reader in{bytes};
    in.u8();
    const auto open = [&in](std::uint8_t wanted) {
        if (wanted != 0 && in.u8() != wanted) return false;
        const auto first = in.u8();
        if (first & 0x80) in.take(first & 0x7f);
        return in.ok() && (first & 0x7f) <= (first & 0x80 ? 4 : 127);
    };
    if (!open(0) || !open(der::sequence)) return 0;
    const auto start = in.position();
    const bool asks = type == as_request || type == ticket_request;
    const auto at_version = static_cast<std::uint8_t>(asks ? 1 : 0);
    const auto version = in.take(5), number = in.take(5);
    if (!in.ok()) return 0;
    const auto is = [](Bytes field, std::uint8_t place, std::uint8_t value) {
        const std::uint8_t wanted[]{tagged(place), 3, der::integer, 1, value};
        return std::ranges::equal(std::as_bytes(std::span{wanted}), field);
    };
    if (!is(version, at_version, 5) || !is(number, static_cast<std::uint8_t>(at_version + 1), type)) return 0;
    if (fields) *fields = bytes.subspan(start);
    return type;
}

void read_body(Bytes element, Message& out) noexcept {
    Elements outer{element};
    const auto whole = outer.next(der::sequence);
    if (!whole) return;
    Elements fields{*whole};
    while (const auto field = fields.next()) {
        if (field->tag == tagged(1)) add_principal(out.client, field->content);
        if (field->tag == tagged(2)) out.realm.add(general(field->content));
        if (field->tag == tagged(3)) add_principal(out.service, field->content);
        if (field->tag != tagged(9)) continue;
        Elements wrapped{field->content};
        const auto list = wrapped.next(der::sequence);
        if (!list) continue;
        Elements addresses{*list};
        while (const auto one = addresses.next(der::sequence)) {
            Elements parts{*one};
            const auto kind = parts.next(tagged(0)), value = parts.next(tagged(1));
            if (!kind || !value || number(*kind) != 20) continue; // 20: NetBIOS
            Elements text{*value};
            if (const auto name = text.next(der::octet_string); name && name->size() == 16)
                out.station.add(label(name->first(15)));
        }
    }
    out.whole = fields.ok();
}
/// RFC 4120 clause 5.3: by which cipher the ticket is sealed. What is sealed by RC4 can be guessed offline.
void read_ticket(Bytes element, Message& out) noexcept {
    Elements tagged_one{element};
    const auto ticket = tagged_one.next(0x61);
    if (!ticket) return;
    Elements outer{*ticket};
    const auto whole = outer.next(der::sequence);
    if (!whole) return;
    Elements fields{*whole};
    while (const auto field = fields.next()) {
        if (field->tag == tagged(2)) add_principal(out.service, field->content);
        if (field->tag != tagged(3)) continue;
        Elements sealed{field->content};
        const auto parts = sealed.next(der::sequence);
        if (!parts) return;
        Elements inner{*parts};
        if (const auto cipher = inner.next(tagged(0))) out.cipher = number(*cipher);
    }
}
void read_message(Bytes bytes, Message& out) noexcept {
    Bytes rest;
    out.type = type_of(bytes, &rest);
    if (out.type == 0) return;
    Elements fields{rest};
    while (const auto field = fields.next()) {
        const auto& content = field->content;
        switch (out.type) {
        case as_request:
        case ticket_request:
            if (field->tag == tagged(4)) read_body(content, out);
            break;
        case as_reply:
        case ticket_reply:
            if (field->tag == tagged(3)) out.realm.add(general(content));
            if (field->tag == tagged(4)) add_principal(out.client, content);
            if (field->tag == tagged(5)) read_ticket(content, out);
            break;
        case error_message:
            if (field->tag == tagged(6)) out.error = number(content);
            if (field->tag == tagged(9)) out.realm.add(general(content));
            if (field->tag == tagged(10)) add_principal(out.service, content);
            break;
        default:
            break;
        }
    }
    out.whole = fields.ok();
}

struct Kerberos {
    static constexpr Over over[]{{"udp", 88}, {"tcp", 88}};
    static constexpr Mark marks[]{{0, 0xff000000, 0x6a000000}, {0, 0xff000000, 0x6b000000},
                                  {0, 0xff000000, 0x6c000000}, {0, 0xff000000, 0x6d000000},
                                  {0, 0xff000000, 0x7e000000}, {1, 0xff0000ff, 0x0000006a},
                                  {1, 0xff0000ff, 0x0000006b}, {1, 0xff0000ff, 0x0000006c},
                                  {1, 0xff0000ff, 0x0000006d}, {1, 0xff0000ff, 0x0000007e}};
    static constexpr Facts facts{
        .name = "kerberos",
        .title = "Kerberos version 5",
        .specification = "RFC 4120, 4757; [MS-KILE]",
        .over = over,
        .marks = marks,
        .message_most = prefix + message_most,
        .depth = Depth::acts,
        .status_name = error_name,
    };
    /// One asks and waits; what an answer does not repeat is kept from the request.
    struct State {
        std::uint16_t number;
        std::uint8_t asked; ///< its type; 0: nobody waits
        std::uint8_t service_size, user_size;
        std::array<char, 96> service;
        std::array<char, 96> user;
    };

    static Recognition looks_like(const Opening& opening) noexcept {
        auto bytes = latest(opening);
        if (bytes.empty()) return {Likeness::more};
        if (bytes[0] == std::byte{0}) {
            if (bytes.size() < prefix + 2) return {Likeness::more};
            bytes = bytes.subspan(prefix);
        }
        const auto type = type_of(bytes);
        if (type == 0) return {};
        const bool asks = type == as_request || type == ticket_request || type == service_request;
        return {Likeness::yes, asks ? Speaker::client : Speaker::server};
    }
    static Framing frame(Bytes stream) noexcept {
        if (stream.empty()) return {};
        if (stream[0] != std::byte{0}) {
            if (type_of(stream) != 0) return {.length = stream.size()}; // A datagram.
            return {.lost = Malformed{0, "neither a length nor a message of Kerberos"}};
        }
        if (stream.size() < prefix) return {};
        const std::size_t length = Reader{stream}.u32();
        if (length == 0 || length > message_most)
            return {.lost = Malformed{0, "a length that no message of Kerberos has"}};
        return {.length = stream.size() < prefix + length ? 0 : prefix + length};
    }

    static void dissect(const Pdu& pdu, State& state, Ways& ways) noexcept {
        const Tell tell{pdu, ways};
        auto bytes = pdu.bytes;
        bool whole = true;
        if (!bytes.empty() && bytes[0] == std::byte{0}) {
            const auto length = Reader{bytes}.u32();
            bytes = bytes.subspan(std::min(prefix, bytes.size()));
            whole = length == bytes.size();
        }
        Message message;
        read_message(bytes, message);
        if (message.type == 0) return tell.report({0, "not a message of Kerberos, or cut short"});
        if (message.type == as_request || message.type == ticket_request || message.type == service_request)
            request(message, state, tell);
        else
            answer(message, state, tell);
        if (!whole || !message.whole) tell.report({0, "message ends before what it promises"});
    }

private:
    static observe::Object object(const State& state) noexcept {
        if (state.service_size == 0) return {};
        return {.space = "service", .text = {state.service.data(), state.service_size}};
    }
    template <std::size_t N>
    static std::uint8_t keep(std::string_view text, std::array<char, N>& room) noexcept {
        const auto size = std::min(text.size(), N);
        std::copy_n(text.begin(), size, room.begin());
        return static_cast<std::uint8_t>(size);
    }

    static void request(const Message& message, State& state, const Tell& tell) noexcept {
        if (++state.number == 0) state.number = 1;
        state.asked = message.type;
        state.service_size = keep(message.service.view(), state.service);
        state.user_size = 0;
        const auto known = known_of(message.type);
        tell.operation({.function = {message.type, known.name},
                        .act = known.act,
                        .phase = Phase::request,
                        .outcome = Outcome::pending,
                        .pair = state.number,
                        .object = object(state)});
        const auto client = message.client.view();
        tell.of_speaker(Attribute::domain, message.realm.view(), 60);
        tell.of_speaker(Attribute::name, message.station.view(), 75);
        if (client.size() > 1 && client.ends_with('$') && is_host_name(client.substr(0, client.size() - 1)))
            tell.of_speaker(Attribute::name, client.substr(0, client.size() - 1), 75);
        if (message.type != as_request || client.empty()) return;
        TextRoom<96> user;
        user.add(client).add('@').add(message.realm.view());
        state.user_size = keep(user.view(), state.user);
        tell.login(user.view(), "kerberos", Outcome::pending);
    }

    static void answer(const Message& message, State& state, const Tell& tell) noexcept {
        const bool fails = message.type == error_message;
        const bool ours = state.asked != 0 && (fails || message.type == state.asked + 1);
        const auto asked = static_cast<std::uint8_t>(ours    ? state.asked
                                                     : fails ? error_message
                                                             : message.type - 1);
        const auto known = known_of(asked);
        observe::Operation said{.function = {asked, known.name},
                                .act = known.act,
                                .phase = ours ? Phase::response : Phase::event,
                                .outcome = fails ? Outcome::refused : Outcome::done,
                                .status = message.error,
                                .pair = ours ? state.number : 0u};
        if (ours)
            said.object = object(state);
        else if (!message.service.view().empty())
            said.object = {.space = "service", .text = message.service.view()};
        if (message.cipher != 0) said.value = std::uint64_t{message.cipher};
        tell.operation(said);
        tell.of_speaker(Attribute::domain, message.realm.view(), 80);
        if (!ours) return;
        const std::string_view user{state.user.data(), state.user_size};
        if (state.asked == as_request && (!fails || refuses_login(message.error)))
            tell.login(user, "kerberos", fails ? Outcome::refused : Outcome::done);
        state.asked = 0;
    }
};

} // namespace

extern constinit const Dissector kerberos = row<Kerberos>();

} // namespace yagura::dissect::protocols
