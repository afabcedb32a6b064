// DCE/RPC over streams and over the pipes of SMB: which services of Windows are called from afar, by whom,
// and what they are told to do. DCOM, WMI and OPC Classic are interfaces of it.
//
// From C706 chapter 12.6 (connection-oriented protocol data units) and appendix L (towers), [MS-RPCE]
// clause 2.2; protocols/dcerpc/interfaces.h names where interfaces and operations are from. Proofs are never
// told.
#include <algorithm>
#include <array>

#include "spine/dissect/ntlm.h"
#include "spine/dissect/protocols/dcerpc/interfaces.h"
#include "spine/dissect/tell.h"

namespace yagura::dissect::protocols {
namespace {

using namespace dcerpc_family;
using observe::Attribute;
using observe::Outcome;
using observe::Phase;
using observe::Speaker;

constexpr std::size_t head_size = 16, text_most = 60;
constexpr std::uint8_t encrypted = 6; ///< [MS-RPCE] 2.2.1.1.8: level of protection
constexpr std::uint32_t access_denied = 5;
/// Codes of an operation: interface << 16 | number; of what is none, these.
constexpr std::uint32_t own = 0x1000000, elsewhere = 0xff;

enum Type : std::uint8_t {
    request = 0,
    response = 2,
    fault = 3,
    bind = 11,
    bind_accepted = 12,
    bind_refused = 13,
    alter = 14,
    alter_accepted = 15,
    third_leg = 16,
    shutdown = 17,
    cancel = 18,
    orphaned = 19,
};

std::string_view fault_name(std::uint32_t status) noexcept {
    switch (status) {
    case access_denied:
        return "access denied";
    case 0x1c010002:
        return "no such operation";
    case 0x1c010003:
        return "unknown interface";
    case 0x1c00001a:
        return "context mismatch";
    case 0x000006f7:
        return "bad stub data";
    default:
        return {};
    }
}

struct Head {
    Type type{};
    std::uint8_t flags = 0;
    bool little = false;
    std::uint16_t length = 0, proof = 0; ///< of the fragment; of the proof at its end
    std::uint32_t call = 0;
    bool first() const noexcept { return flags & 1; }
};
std::optional<Head> read_head(Bytes bytes) noexcept {
    if (bytes.size() < head_size) return std::nullopt;
    const auto at = [&](std::size_t place) { return std::to_integer<unsigned>(bytes[place]); };
    const auto type = at(2);
    const bool known = type == request || type == response || type == fault ||
                       (type >= bind && type <= orphaned);
    // Numbers as IEEE has them, letters as ASCII: nobody sends others.
    if (at(0) != 5 || at(1) > 1 || !known || (at(4) & 0xef) != 0 || at(5) != 0 || at(6) != 0 || at(7) != 0)
        return std::nullopt;
    Head out{
        .type = static_cast<Type>(type), .flags = static_cast<std::uint8_t>(at(3)), .little = at(4) == 0x10};
    dce_rpc::NdrReader in{bytes.subspan(8), out.little};
    out.length = in.number16();
    out.proof = in.number16();
    out.call = in.number32();
    if (out.length < head_size || (out.proof != 0 && out.proof + head_size + 8u > out.length))
        return std::nullopt;
    return out;
}
constexpr bool from_asker(Type type) noexcept {
    return type == request || type == bind || type == alter || type == third_leg || type == cancel ||
           type == orphaned;
}

struct Dcerpc {
    static constexpr Over over[]{{"tcp", 135}, {"smb"}};
    static constexpr Mark marks[]{{0, 0xfffee000, 0x05000000}, {0, 0xffffe000, 0x05010000}};
    static constexpr Facts facts{
        .name = "dcerpc",
        .title = "DCE/RPC, the remote procedure calls of Windows",
        .specification =
            "C706; [MS-RPCE], [MS-SCMR], [MS-TSCH], [MS-SAMR], [MS-LSAD], [MS-DRSR], [MS-RRP], [MS-DCOM]",
        .over = over,
        .marks = marks,
        .message_most = 65'535,
        .depth = Depth::acts,
        .status_name = fault_name,
    };
    struct Context {
        std::uint16_t number;
        std::uint8_t interface; ///< plus one; 0: free
    };
    struct Asked {
        std::uint32_t call;
        std::uint16_t number;
        std::uint8_t interface; ///< plus one; 0: free
        bool named;
    };
    struct State {
        std::array<Context, 10> contexts;
        std::array<Asked, 12> asked;
        std::array<char, 48> user;
        std::uint32_t binding; ///< call of the latest bind, plus one
        std::uint8_t user_size, next_context, next;
    };
    static_assert(sizeof(State) <= state_limit);

    static Recognition looks_like(const Opening& opening) noexcept {
        const auto bytes = latest(opening);
        if (bytes.size() < head_size) return {Likeness::more};
        const auto head = read_head(bytes);
        if (!head) return {};
        // A message ends where it says, or another one follows there.
        if (bytes.size() > head->length && bytes[head->length] != std::byte{5}) return {};
        return {Likeness::yes, from_asker(head->type) ? Speaker::client : Speaker::server};
    }
    static Framing frame(Bytes stream) noexcept {
        if (stream.size() < head_size) return {};
        const auto head = read_head(stream);
        if (!head) return {.lost = Malformed{0, "not the head of a message of DCE/RPC"}};
        return {.length = stream.size() < head->length ? std::size_t{0} : head->length};
    }

    static void dissect(const Pdu& pdu, State& state, Ways& ways) noexcept {
        const Tell tell{pdu, ways};
        const auto head = read_head(pdu.bytes);
        if (!head) return tell.report({0, "not the head of a message of DCE/RPC"});
        const bool whole = pdu.bytes.size() >= head->length;
        auto body = pdu.bytes.first(std::min<std::size_t>(pdu.bytes.size(), head->length)).subspan(head_size);
        bool readable = whole;
        if (whole && head->proof != 0) {
            const auto trailer = body.subspan(body.size() - head->proof - 8);
            readable = trailer[1] != std::byte{encrypted};
            proof(head->type, trailer.subspan(8), state, tell);
            body = body.first(body.size() - trailer.size());
        }
        dce_rpc::NdrReader in{body, head->little};
        switch (head->type) {
        case bind:
        case alter:
            binds(*head, in, state, tell);
            break;
        case bind_accepted:
        case alter_accepted:
            is_bound(*head, in, state, tell);
            break;
        case bind_refused:
            answer_bind(*head, Outcome::refused, in.number16(), state, tell);
            login(Outcome::refused, state, tell);
            break;
        case request:
            asks(*head, in, readable, state, tell);
            break;
        case response:
        case fault:
            answers(*head, in, readable, state, tell);
            break;
        default:
            break; // Nothing that changes what is told.
        }
        if (!whole || !in.ok()) tell.report({head_size, "message ends before what it promises"});
    }

private:
    /// A negotiation, a challenge, or the client's answer to it: who logs in, and both sides' names.
    static void proof(Type type, Bytes blob, State& state, const Tell& tell) noexcept {
        if (type == request || type == response || type == fault) return; // A signature.
        const auto message = ntlm::find(blob);
        if (!message) return;
        WideRoom user;
        ntlm::tell_of(*message, tell, user);
        if (user.view().empty()) return;
        state.user_size = static_cast<std::uint8_t>(std::min(user.view().size(), state.user.size()));
        std::copy_n(user.view().begin(), state.user_size, state.user.begin());
        tell.login({state.user.data(), state.user_size}, "ntlm", Outcome::pending);
    }
    static void login(Outcome outcome, State& state, const Tell& tell) noexcept {
        if (state.user_size == 0) return;
        tell.login({state.user.data(), state.user_size}, "ntlm", outcome);
        state.user_size = 0;
    }

    static void binds(const Head& head, dce_rpc::NdrReader& in, State& state, const Tell& tell) noexcept {
        in.take(8); // sizes, group
        const auto count = in.u8();
        in.take(3);
        TextRoom<text_most> text;
        for (unsigned i = 0; i < count && in.ok(); ++i) {
            const auto number = in.number16();
            const auto transfers = in.u8();
            in.u8();
            const auto uuid = in.uuid();
            in.number32(); // version
            in.take(std::size_t{transfers} * 20);
            if (!in.ok()) break;
            const auto interface = find_interface(uuid);
            if (i == 0) name_of(interface, uuid, text);
            keep(number, interface, state);
        }
        observe::Operation said{.function = {own | bind, "bind"},
                                .act = Act::connect,
                                .phase = Phase::request,
                                .outcome = Outcome::pending,
                                .pair = head.call + 1,
                                .count = count};
        if (!text.view().empty()) said.object = {.space = "interface", .text = text.view()};
        state.binding = !text.view().empty() && keep_name(of_bind, text.view(), tell) ? head.call + 1 : 0;
        tell.operation(said);
    }
    static void answer_bind(const Head& head, Outcome outcome, std::uint32_t status, const State& state,
                            const Tell& tell) noexcept {
        TextRoom<text_most> text;
        if (state.binding != 0 && state.binding == head.call + 1) recall(of_bind, text, tell);
        observe::Operation said{.function = {own | bind, "bind"},
                                .act = Act::connect,
                                .phase = Phase::response,
                                .outcome = outcome,
                                .status = status,
                                .pair = head.call + 1};
        if (!text.view().empty()) said.object = {.space = "interface", .text = text.view()};
        tell.operation(said);
    }
    static void is_bound(const Head& head, dce_rpc::NdrReader& in, const State& state,
                         const Tell& tell) noexcept {
        in.take(8);
        const auto name = in.number16();
        in.take(name);
        in.take((4 - (name + 2) % 4) % 4);
        const auto count = in.u8();
        in.take(3);
        bool taken = false;
        std::uint16_t reason = 0;
        for (unsigned i = 0; i < count && in.ok(); ++i) {
            const auto result = in.number16();
            if (const auto why = in.number16(); result == 2) reason = why;
            in.take(20);
            taken = taken || (in.ok() && result == 0);
        }
        answer_bind(head, taken || !in.ok() ? Outcome::done : Outcome::refused, taken ? 0u : reason, state,
                    tell);
    }

    struct Said {
        std::uint32_t code;
        std::string_view name;
        Act act;
        std::string_view space;
        Names names;
    };
    static Said meaning(std::uint8_t interface, std::uint16_t number) noexcept {
        if (interface >= places) return {elsewhere << 16 | number, "call", Act::unknown, {}, Names::none};
        const auto& whose = interfaces[interface];
        const auto code = static_cast<std::uint32_t>(interface) << 16 | number;
        if (const auto* known = find_operation(interface, number))
            return {code, known->name, known->act, whose.space, known->names};
        return {code, whose.name, Act::unknown, {}, Names::none};
    }

    static void asks(const Head& head, dce_rpc::NdrReader& in, bool readable, State& state,
                     const Tell& tell) noexcept {
        in.number32(); // how much there will be
        const auto context = in.number16(), number = in.number16();
        if (!in.ok() || !head.first()) return;
        if (head.flags & 0x80) in.uuid(); // the object
        const auto interface = interface_of(context, state);
        const auto what = meaning(interface, number);
        TextRoom<text_most> text;
        if (readable) read_name(what.names, in, text);
        const auto slot = state.next;
        state.next = static_cast<std::uint8_t>((state.next + 1u) % state.asked.size());
        const bool named = !text.view().empty() && keep_name(slot, text.view(), tell);
        state.asked[slot] = {head.call, number, static_cast<std::uint8_t>(interface + 1), named};
        observe::Operation said{.function = {what.code, what.name},
                                .act = what.act,
                                .phase = Phase::request,
                                .outcome = Outcome::pending,
                                .pair = head.call + 1};
        if (!text.view().empty()) said.object = {.space = what.space, .text = text.view()};
        tell.operation(said);
    }

    static void answers(const Head& head, dce_rpc::NdrReader& in, bool readable, State& state,
                        const Tell& tell) noexcept {
        in.number32();
        in.take(4); // context, cancellations
        const auto status = head.type == fault ? in.number32() : 0u;
        if (!in.ok() || !head.first()) return;
        const auto found = std::ranges::find_if(
            state.asked, [&](const Asked& one) { return one.interface != 0 && one.call == head.call; });
        if (head.type == response) login(Outcome::done, state, tell);
        if (head.type == fault && status == access_denied) login(Outcome::refused, state, tell);
        observe::Operation said{.function = {own | response, "answer"},
                                .act = Act::unknown,
                                .phase = Phase::response,
                                .outcome = head.type == fault ? Outcome::refused : Outcome::done,
                                .status = status};
        TextRoom<text_most> text;
        if (found != state.asked.end()) {
            const auto interface = static_cast<std::uint8_t>(found->interface - 1);
            const auto what = meaning(interface, found->number);
            said.function = {what.code, what.name};
            said.act = what.act;
            said.pair = head.call + 1;
            if (found->named) recall(static_cast<std::size_t>(found - state.asked.begin()), text, tell);
            if (!text.view().empty()) said.object = {.space = what.space, .text = text.view()};
            if (interface == mapper && found->number == 3 && readable && head.type == response)
                will_come(in.rest(), tell);
            found->interface = 0;
        }
        tell.operation(said);
    }

    /// Whichever name stands among the arguments; [MS-DTYP] and C706 chapter 14 have their forms.
    static void read_name(Names names, dce_rpc::NdrReader in, TextRoom<text_most>& text) noexcept {
        if (names == Names::none) return;
        in.take(names == Names::at_once ? 0 : names == Names::behind_pointer ? 4 : 20);
        if (names == Names::counted) {
            in.take(4); // sizes
            if (in.number32() == 0) return;
        }
        in.number32();
        const auto offset = in.number32(), count = in.number32();
        if (!in.ok() || offset != 0) return;
        WideRoom wide;
        add_wide(wide, in.take(std::min<std::size_t>(std::size_t{count} * 2, in.remaining())));
        text.add(wide.view());
    }

    /// C706 appendix L: of each tower the port of TCP, two floors above the address.
    static void will_come(Bytes stub, const Tell& tell) noexcept {
        constexpr std::uint8_t before[]{1, 0, 7, 2, 0}, behind[]{1, 0, 9, 4, 0};
        const auto& parties = tell.pdu.origin.parties;
        if (!parties.server.has_ip()) return;
        const auto is = [&](std::size_t at, std::span<const std::uint8_t> wanted) {
            return std::ranges::equal(std::as_bytes(wanted), stub.subspan(at, wanted.size()));
        };
        int left = 4;
        for (std::size_t at = 0; at + 12 <= stub.size() && left > 0; ++at) {
            if (!is(at, before) || !is(at + 7, behind)) continue;
            const auto port = Reader{stub.subspan(at + 5)}.u16();
            if (port == 0) continue;
            --left;
            tell.ways.expect({.from = {.ip = parties.client.ip},
                              .to = {.ip = parties.server.ip, .port = port},
                              .ip_protocol = 6,
                              .protocol = "dcerpc"});
        }
    }

    static void name_of(std::uint8_t interface, const dce_rpc::Uuid& uuid,
                        TextRoom<text_most>& text) noexcept {
        if (interface < places) {
            text.add(interfaces[interface].name);
            return;
        }
        const auto add = [&text](std::uint32_t value, unsigned digits) {
            for (; digits != 0; --digits) text.add("0123456789abcdef"[value >> (4 * digits - 4) & 15u]);
        };
        add(uuid.first, 8);
        text.add('-');
        add(uuid.second, 4);
        text.add('-');
        add(uuid.third, 4);
        const Bytes rest{uuid.rest};
        text.add('-').hex(rest.first(2)).add('-').hex(rest.subspan(2));
    }

    static void keep(std::uint16_t number, std::uint8_t interface, State& state) noexcept {
        for (auto& one : state.contexts)
            if (one.interface != 0 && one.number == number) {
                one.interface = static_cast<std::uint8_t>(interface + 1);
                return;
            }
        state.contexts[state.next_context] = {number, static_cast<std::uint8_t>(interface + 1)};
        state.next_context = static_cast<std::uint8_t>((state.next_context + 1u) % state.contexts.size());
    }
    static std::uint8_t interface_of(std::uint16_t context, const State& state) noexcept {
        for (const auto& one : state.contexts)
            if (one.interface != 0 && one.number == context)
                return static_cast<std::uint8_t>(one.interface - 1);
        return places;
    }

    static constexpr std::size_t of_bind = 0x20; ///< behind the slots of calls
    static std::uint64_t key(std::size_t slot) noexcept { return 0x52504300u | slot; }
    static bool keep_name(std::size_t slot, std::string_view name, const Tell& tell) noexcept {
        auto* record = tell.ways.remember(key(slot));
        if (!record) return false;
        (*record)[0] = static_cast<std::byte>(name.size());
        std::ranges::copy(std::as_bytes(std::span{name}), record->begin() + 1);
        return true;
    }
    static void recall(std::size_t slot, TextRoom<text_most>& text, const Tell& tell) noexcept {
        const auto* record = tell.ways.remember(key(slot));
        if (!record) return;
        Reader in{*record};
        text.add(as_text(in.take(in.u8())));
    }
};

} // namespace

extern constinit const Dissector dcerpc = row<Dcerpc>();

} // namespace yagura::dissect::protocols
