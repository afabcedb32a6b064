// RDP: who wants a desktop, under which name, and how it is secured. The certificate inside is TLS'; the
// desktop itself passes unread.
//
// From [MS-RDPBCGR] clauses 2.2.1.1 (connection request), 2.2.1.2 (confirm), 2.2.1.3 (GCC client core data)
// and 5.3; RFC 1006 and ITU-T X.224 clause 13 for what is around them.
#include <algorithm>
#include <array>

#include "spine/dissect/ntlm.h"
#include "spine/dissect/tell.h"

namespace yagura::dissect::protocols {
namespace {

using observe::Act;
using observe::Attribute;
using observe::Outcome;
using observe::Phase;
using observe::Speaker;

constexpr std::uint8_t connection_request = 0xe0, connection_confirm = 0xd0, data = 0xf0;
constexpr std::uint8_t asks = 1, agrees = 2, fails = 3; ///< [MS-RDPBCGR] 2.2.1.1.1, 2.2.1.2.1, 2.2.1.2.2
constexpr std::uint32_t core_data = 0x7f65;             ///< MCS Connect-Initial's tag
constexpr std::size_t fixed = 11;                       ///< TPKT, length indicator, code, references, class

std::string_view failure_name(std::uint32_t status) noexcept {
    constexpr std::string_view names[]{"",
                                       "tls is required",
                                       "tls is not allowed",
                                       "no certificate on server",
                                       "inconsistent flags",
                                       "credssp is required",
                                       "tls with user authentication is required"};
    return status < std::size(names) ? names[status] : std::string_view{};
}
std::string_view security_name(std::uint32_t protocol) noexcept {
    switch (protocol) {
    case 0:
        return "rdp security";
    case 1:
        return "tls";
    case 2:
        return "credssp";
    case 8:
        return "credssp with early authorization";
    default:
        return "other";
    }
}

struct Negotiation {
    std::string_view cookie{};
    std::uint8_t kind = 0;
    std::uint32_t value = 0;
};
/// What stands behind the fixed part of a request or confirm.
Negotiation read_negotiation(Bytes variable) noexcept {
    Negotiation out;
    const auto text = as_text(variable);
    std::size_t at = 0;
    constexpr std::string_view begins = "Cookie: ";
    if (text.starts_with(begins)) {
        const auto end = text.find("\r\n");
        out.cookie = text.substr(begins.size(), end == text.npos ? text.npos : end - begins.size());
        at = end == text.npos ? text.size() : end + 2;
    }
    Reader in{variable.subspan(at)};
    const auto kind = in.u8();
    in.u8();
    const auto size = in.u16le();
    const auto value = in.u32le();
    if (in.ok() && size == 8 && kind >= asks && kind <= fails) out.kind = kind, out.value = value;
    return out;
}

struct Rdp {
    static constexpr Over over[]{{"tcp", 3389}};
    /// Longer than COTP's, so that this row is asked first where both fit.
    static constexpr Mark marks[]{{0, 0xffff0000, 0x03000000}};
    static constexpr Facts facts{
        .name = "rdp",
        .title = "Remote Desktop Protocol",
        .specification = "[MS-RDPBCGR]; ITU-T X.224; RFC 1006",
        .over = over,
        .marks = marks,
        .carries = "rdp",
        .message_most = 18'500,
        .depth = Depth::acts,
        .status_name = failure_name,
    };
    struct State {
        std::uint8_t secured; ///< what follows is TLS
        std::uint8_t cookie_size;
        std::array<char, 40> cookie;
    };

    static Recognition looks_like(const Opening& opening) noexcept {
        const auto bytes = latest(opening);
        Reader in{bytes};
        const auto version = in.u16(), length = in.u16();
        const auto indicator = in.u8(), code = in.u8();
        if (!in.ok()) return {Likeness::more};
        if (version != 0x0300 || length < fixed || indicator + 5u != length) return {};
        const bool request = code == connection_request;
        if (!request && code != connection_confirm) return {};
        if (bytes.size() < length) return {Likeness::more};
        const auto found = read_negotiation(bytes.subspan(fixed, length - fixed));
        const bool sure = found.cookie.starts_with("msts") ||
                          (request ? found.kind == asks : found.kind > asks);
        return {sure ? Likeness::yes : Likeness::no, request ? Speaker::client : Speaker::server};
    }

    static Framing frame(Bytes stream) noexcept {
        Reader in{stream};
        const auto first = in.u8(), second = in.u8();
        if (!in.ok()) return {};
        std::size_t length = 0;
        if (first == 3) {
            length = in.u16();
            if (!in.ok()) return {};
            if (length < 7) return {.lost = Malformed{2, "TPKT is shorter than its smallest content"}};
        } else if (first >= 20 && first <= 24 && second == 3) {
            in.u8();
            length = 5u + in.u16();
            if (!in.ok()) return {};
            // Encrypted from here on: its head is enough.
            if (first == 23) return {.length = 5};
        } else {
            return {.length = std::min<std::size_t>(stream.size(), 512)}; // Fast path: nothing that is read.
        }
        return {.length = stream.size() < length ? 0 : length};
    }

    static void dissect(const Pdu& pdu, State& state, Ways& ways) noexcept {
        const Tell tell{pdu, ways};
        Reader in{pdu.bytes};
        const auto first = in.u8();
        in.u8();
        if (!in.ok()) return tell.report({0, "message ends inside its head"});
        if (first != 3) {
            const bool records = state.secured && first >= 20 && first <= 24;
            if (records) ways.carry("rdp", 0, 0, pdu.bytes, pdu.origin);
            if (!records || first == 20 || first == 23) ways.pass_over(Ways::everything);
            return;
        }
        const auto length = in.u16();
        in.u8();
        const auto code = in.u8();
        in.take(5);
        const auto variable = in.ok() ? in.rest() : Bytes{};
        if (pdu.bytes.size() < 6) return tell.report({0, "message ends inside its head"});
        if (code == connection_request)
            request(variable, state, tell);
        else if (code == connection_confirm)
            confirm(variable, state, tell);
        else if (code == data)
            first_data(pdu.bytes, tell);
        if (length != pdu.bytes.size()) tell.report({2, "length is not that of the message"});
    }

private:
    static observe::Object object(const State& state) noexcept {
        if (state.cookie_size == 0) return {};
        return {.space = "cookie", .text = {state.cookie.data(), state.cookie_size}};
    }
    static void request(Bytes variable, State& state, const Tell& tell) noexcept {
        const auto found = read_negotiation(variable);
        state.cookie_size = static_cast<std::uint8_t>(std::min(found.cookie.size(), state.cookie.size()));
        std::copy_n(found.cookie.begin(), state.cookie_size, state.cookie.begin());
        tell.operation({.function = {connection_request, "connection"},
                        .act = Act::connect,
                        .phase = Phase::request,
                        .outcome = Outcome::pending,
                        .pair = 1,
                        .object = object(state)});
        // The name that stood in the box; "msts=" is a balancer's.
        constexpr std::string_view named = "mstshash=";
        if (found.cookie.starts_with(named))
            tell.login(found.cookie.substr(named.size()).substr(0, 40), "rdp", Outcome::pending);
    }
    static void confirm(Bytes variable, State& state, const Tell& tell) noexcept {
        const auto found = read_negotiation(variable);
        const bool failed = found.kind == fails;
        observe::Operation said{.function = {connection_request, "connection"},
                                .act = Act::connect,
                                .phase = Phase::response,
                                .outcome = failed ? Outcome::refused : Outcome::done,
                                .status = failed ? found.value : 0,
                                .pair = 1,
                                .object = object(state)};
        if (!failed) said.value = security_name(found.value);
        tell.operation(said);
        state.secured = found.kind == agrees && found.value != 0;
    }

    /// GCC's user data behind the key "Duca": blocks of type and length, the client's core data among them.
    static void first_data(Bytes message, const Tell& tell) noexcept {
        tell.ways.pass_over(Ways::everything); // Channels and pictures follow.
        if (!tell.from_client()) return;
        constexpr std::string_view key = "Duca";
        const auto text = as_text(message);
        const auto at = text.find(key);
        if (at == text.npos) return;
        Reader in{message.subspan(at + key.size())};
        if (in.u8() & 0x80) in.u8(); // X.691: a length of one or two bytes.
        for (int i = 0; i < 8; ++i) {
            const auto type = in.u16le(), size = in.u16le();
            if (!in.ok() || size < 4) return;
            const auto block = in.take(std::min<std::size_t>(size - 4u, in.remaining()));
            if (type != 0xc001) continue;
            Reader core{block};
            core.take(16); // version, width, height, depth, sequence, keyboard
            const auto build = core.u32le();
            const auto wide = core.take(32);
            if (!core.ok()) return tell.report({0, "core data end before the client's name"});
            WideRoom name;
            add_wide(name, wide);
            TextRoom<40> client;
            tell.operation({.function = {core_data, "client core data"},
                            .act = Act::identify,
                            .phase = Phase::event,
                            .outcome = Outcome::done,
                            .value = name.view()});
            if (is_host_name(name.view())) tell.of_speaker(Attribute::name, name.view(), 58);
            tell.of_speaker(Attribute::application, client.add("RDP client build ").number(build).view(), 50);
            return;
        }
    }
};

} // namespace

extern constinit const Dissector rdp = row<Rdp>();

} // namespace yagura::dissect::protocols
