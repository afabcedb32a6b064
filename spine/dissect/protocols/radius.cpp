// RADIUS: who asks a network for admission, through which switch or access point, and what was answered.
//
// From RFC 2865 clauses 3 to 5 (packets, attributes), RFC 2866 clause 5 (accounting), RFC 3579 (EAP), RFC
// 5176 (disconnection, change of authorisation), RFC 5997 (status). Passwords and secrets are never read.
#include <algorithm>
#include <array>

#include "spine/dissect/tell.h"

namespace yagura::dissect::protocols {
namespace {

using observe::Act;
using observe::Attribute;
using observe::Outcome;
using observe::Phase;
using observe::Speaker;

constexpr std::size_t head = 20;
constexpr std::uint32_t message_most = 4'096;
constexpr std::uint8_t access_request = 1, access_accept = 2, access_reject = 3, accounting_request = 4,
                       challenge = 11;

struct Code {
    std::uint8_t number;
    std::uint8_t asked; ///< the request that it answers; itself if it is one
    std::string_view name;
    Act act;
    Outcome outcome;
};
constexpr Code codes[]{
    {access_request, access_request, "access", Act::authenticate, Outcome::pending},
    {access_accept, access_request, "access", Act::authenticate, Outcome::done},
    {access_reject, access_request, "access", Act::authenticate, Outcome::refused},
    {accounting_request, accounting_request, "accounting", Act::report, Outcome::pending},
    {5, accounting_request, "accounting", Act::report, Outcome::done},
    {challenge, access_request, "access", Act::authenticate, Outcome::done},
    {12, 12, "status", Act::diagnose, Outcome::pending},
    {40, 40, "disconnect", Act::disconnect, Outcome::pending},
    {41, 40, "disconnect", Act::disconnect, Outcome::done},
    {42, 40, "disconnect", Act::disconnect, Outcome::refused},
    {43, 43, "change of authorisation", Act::configure, Outcome::pending},
    {44, 43, "change of authorisation", Act::configure, Outcome::done},
    {45, 43, "change of authorisation", Act::configure, Outcome::refused},
};
constexpr const Code* find_code(std::uint8_t number) noexcept {
    for (const auto& one : codes)
        if (one.number == number) return &one;
    return nullptr;
}

struct Fields {
    std::string_view user{}, station{}, called{};
    std::string_view method = "radius";
    std::size_t count = 0;
    bool sound = false; ///< from the first to the last
};
Fields read_fields(Bytes bytes) noexcept {
    Fields out;
    Reader in{bytes};
    while (in.remaining() != 0) {
        const auto type = in.u8(), size = in.u8();
        if (size < 2) return out;
        const auto value = in.take(size - 2u);
        if (!in.ok() || type == 0) return out;
        ++out.count;
        if (type == 1) out.user = as_text(value);
        if (type == 2) out.method = "radius pap";
        if (type == 3) out.method = "radius chap";
        if (type == 79) out.method = "radius eap";
        if (type == 32) out.station = as_text(value);
        if (type == 30) out.called = as_text(value);
    }
    out.sound = in.ok();
    return out;
}

struct Radius {
    static constexpr Over over[]{{"udp", 1812}, {"udp", 1813}, {"udp", 1645}, {"udp", 1646}, {"udp", 3799}};
    static constexpr Facts facts{
        .name = "radius",
        .title = "Remote Authentication Dial-In User Service",
        .specification = "RFC 2865, 2866, 3579, 5176, 5997",
        .over = over,
        .message_most = message_most,
        .depth = Depth::acts,
    };
    struct Asked {
        std::uint8_t number, code; ///< code 0: free
        std::uint8_t size, method;
        std::array<char, 44> user;
    };
    struct State {
        std::array<Asked, 5> asked;
        std::uint8_t next;
    };

    static Recognition looks_like(const Opening& opening) noexcept {
        const auto bytes = latest(opening);
        Reader in{bytes};
        const auto* code = find_code(in.u8());
        in.u8();
        const auto length = in.u16();
        in.take(16);
        if (!in.ok() || !code || length < head || length > bytes.size() || length > message_most) return {};
        const auto fields = read_fields(bytes.subspan(head, length - head));
        if (!fields.sound) return {};
        const bool asks = code->outcome == Outcome::pending;
        if (asks && fields.count == 0) return {};
        return {Likeness::yes, asks ? Speaker::client : Speaker::server};
    }
    static Framing frame(Bytes datagram) noexcept { return {.length = datagram.size()}; }

    static void dissect(const Pdu& pdu, State& state, Ways& ways) noexcept {
        const Tell tell{pdu, ways};
        Reader in{pdu.bytes};
        const auto* code = find_code(in.u8());
        const auto number = in.u8();
        const auto length = in.u16();
        in.take(16);
        if (!in.ok()) return tell.report({0, "message ends inside its head"});
        if (!code) return tell.report({0, "a code that RADIUS does not have"});
        const auto rest = in.rest();
        const auto size = length < head ? 0u : length - head;
        const auto fields = read_fields(rest.first(std::min<std::size_t>(rest.size(), size)));
        const bool asks = code->outcome == Outcome::pending;
        observe::Operation said{.function = {code->asked, code->name},
                                .act = code->act,
                                .phase = asks ? Phase::request : Phase::response,
                                .outcome = code->outcome,
                                .status = asks ? 0u : code->number,
                                .pair = number + 1u};
        Asked* asked = nullptr;
        if (asks) {
            asked = &state.asked[state.next];
            state.next = static_cast<std::uint8_t>((state.next + 1u) % state.asked.size());
            *asked = {.number = number, .code = code->number, .size = 0, .method = 0, .user = {}};
            asked->size = static_cast<std::uint8_t>(std::min(fields.user.size(), asked->user.size()));
            std::copy_n(fields.user.begin(), asked->size, asked->user.begin());
            asked->method = method_number(fields.method);
        } else {
            for (auto& one : state.asked)
                if (one.code == code->asked && one.number == number) asked = &one;
            if (!asked) said.pair = 0;
        }
        const std::string_view user = asked ? std::string_view{asked->user.data(), asked->size}
                                            : std::string_view{};
        if (!user.empty()) said.object = {.space = "user", .text = user};
        tell.operation(said);
        if (asks && is_host_name(fields.station)) tell.of_speaker(Attribute::name, fields.station, 70);
        if (asked && asked->code == access_request && code->number != challenge)
            tell.login(user, methods[asked->method], code->outcome);
        if (asked && !asks) asked->code = 0;
        if (!fields.sound || rest.size() < size) tell.report({2, "attributes are not as long as they say"});
    }

private:
    static constexpr std::string_view methods[]{"radius", "radius pap", "radius chap", "radius eap"};
    static constexpr std::uint8_t method_number(std::string_view method) noexcept {
        return static_cast<std::uint8_t>(std::ranges::find(methods, method) - std::begin(methods));
    }
};

} // namespace

extern constinit const Dissector radius = row<Radius>();

} // namespace yagura::dissect::protocols
