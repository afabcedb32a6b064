// SNMP: what network gear, printers and controllers tell of themselves, and who changes what in them.
// Communities and passwords are credentials and are never told.
//
// From RFC 1157 (version 1: clause 4), RFC 3416 (PDUs of version 2: clauses 3, 4), RFC 1901 (v2c), RFC 3412
// clause 6 and RFC 3414 clause 2.4 (version 3, its user-based security), RFC 3411 clause 5 (engine
// identifiers), ITU-T X.690.
#include <algorithm>
#include <array>

#include "spine/dissect/certificate.h"
#include "spine/dissect/protocols/snmp/objects.h"
#include "spine/dissect/tell.h"
#include "spine/wire/enterprises.h"

namespace yagura::dissect::protocols {
namespace {

using namespace snmp_family;
using observe::Act;
using observe::Attribute;
using observe::Outcome;
using observe::Phase;
using observe::Speaker;

enum Kind : std::uint8_t {
    get = 0,
    get_next = 1,
    response = 2,
    set = 3,
    trap_of_version_1 = 4,
    get_bulk = 5,
    inform = 6,
    trap = 7,
    report_kind = 8,
};
struct Known {
    std::string_view name;
    Act act;
    Phase phase;
};
constexpr std::array<Known, 9> kinds{{{"get", Act::read, Phase::request},
                                      {"get next", Act::browse, Phase::request},
                                      {"response", Act::read, Phase::response},
                                      {"set", Act::write, Phase::request},
                                      {"trap", Act::alarm, Phase::event},
                                      {"get bulk", Act::browse, Phase::request},
                                      {"inform", Act::alarm, Phase::request},
                                      {"trap", Act::alarm, Phase::event},
                                      {"report", Act::report, Phase::event}}};
/// Encrypted, so that nobody knows what it is: no number of a PDU.
constexpr std::uint32_t encrypted = 0x100;
constexpr std::uint8_t context = 0xa0; ///< class and form of a PDU's tag
constexpr std::size_t bindings_most = 64;

/// RFC 3416 clause 3: error-status.
std::string_view error_name(std::uint32_t status) noexcept {
    constexpr std::string_view names[]{"no error",
                                       "too big",
                                       "no such name",
                                       "bad value",
                                       "read only",
                                       "general error",
                                       "no access",
                                       "wrong type",
                                       "wrong length",
                                       "wrong encoding",
                                       "wrong value",
                                       "no creation",
                                       "inconsistent value",
                                       "resource unavailable",
                                       "commit failed",
                                       "undo failed",
                                       "authorization error",
                                       "not writable",
                                       "inconsistent name"};
    return status < std::size(names) ? names[status] : std::string_view{};
}

/// The message down to its PDU. Nothing where it is not SNMP.
struct Outside {
    std::uint32_t version = 0; ///< 0: 1, 1: 2c, 3: 3
    Bytes engine{}, user{};    ///< of version 3
    bool is_encrypted = false;
    std::uint8_t kind = 0;
    Bytes pdu{};
};
std::optional<Outside> open(Bytes bytes) noexcept {
    Elements outer{bytes};
    const auto whole = outer.next(der::sequence);
    if (!whole) return std::nullopt;
    Elements in{*whole};
    const auto version = in.next(der::integer);
    if (!version || version->size() != 1) return std::nullopt;
    Outside out{.version = std::to_integer<std::uint32_t>((*version)[0])};
    if (out.version <= 1) {
        if (!in.next(der::octet_string)) return std::nullopt; // The community.
    } else if (out.version == 3) {
        const auto global = in.next(der::sequence);
        const auto security = in.next(der::octet_string);
        if (!global || !security) return std::nullopt;
        Elements inside{*security};
        if (const auto parameters = inside.next(der::sequence)) {
            Elements fields{*parameters};
            if (const auto engine = fields.next(der::octet_string)) out.engine = *engine;
            (void)fields.next(der::integer);
            (void)fields.next(der::integer);
            if (const auto user = fields.next(der::octet_string)) out.user = *user;
        }
        auto scoped = in.next();
        if (!scoped) return std::nullopt;
        if (scoped->tag == der::octet_string) {
            out.is_encrypted = true;
            return out;
        }
        if (scoped->tag != der::sequence) return std::nullopt;
        Elements inner{scoped->content};
        if (!inner.next(der::octet_string) || !inner.next(der::octet_string)) return std::nullopt;
        in = inner;
    } else {
        return std::nullopt;
    }
    const auto pdu = in.next();
    if (!pdu || (pdu->tag & 0xe0) != context || (pdu->tag & 0x1f) >= kinds.size()) return std::nullopt;
    out.kind = pdu->tag & 0x1f;
    out.pdu = pdu->content;
    return out;
}

std::uint64_t number(Bytes integer) noexcept {
    std::uint64_t value = 0;
    for (const auto byte : integer) value = value << 8 | std::to_integer<std::uint64_t>(byte);
    return value;
}

struct Snmp {
    static constexpr Over over[]{{"udp", 161}, {"udp", 162}};
    static constexpr Facts facts{
        .name = "snmp",
        .title = "Simple Network Management Protocol",
        .specification = "RFC 1157, 1901, 3411, 3412, 3414, 3416",
        .over = over,
        .message_most = 65'507,
        .depth = Depth::acts,
        .status_name = error_name,
    };
    struct Asked {
        std::uint32_t number; ///< request-id, folded
        std::uint8_t kind;    ///< plus one; 0: free
        Group group;          ///< of a walk: its answer may be of another object
    };
    struct State {
        std::array<Asked, 12> asked;
        std::uint8_t next;
        bool user_told;
    };

    static Recognition looks_like(const Opening& opening) noexcept {
        const auto message = open(latest(opening));
        if (!message) return {};
        if (message->is_encrypted) return {Likeness::yes};
        const auto phase = kinds[message->kind].phase;
        return {Likeness::yes, phase == Phase::response ? Speaker::server : Speaker::client};
    }
    static Framing frame(Bytes datagram) noexcept { return {.length = datagram.size()}; }

    static void dissect(const Pdu& pdu, State& state, Ways& ways) noexcept {
        const Tell tell{pdu, ways};
        const auto message = open(pdu.bytes);
        if (!message) return tell.report({0, "not a message of SNMP, or cut short"});
        if (message->version == 3) of_version_3(*message, state, tell);
        if (message->is_encrypted)
            return tell.operation({.function = {encrypted, "encrypted"},
                                   .act = Act::unknown,
                                   .phase = Phase::event,
                                   .outcome = Outcome::done});
        if (message->kind == trap_of_version_1) return old_trap(message->pdu, tell);
        operation(*message, state, tell);
    }

private:
    static void operation(const Outside& message, State& state, const Tell& tell) noexcept {
        Elements in{message.pdu};
        const auto id = in.next(der::integer), status = in.next(der::integer), index = in.next(der::integer);
        const auto list = in.next(der::sequence);
        if (!id || !status || !index || !list) return tell.report({0, "a PDU without its fixed part"});
        Elements bindings{*list};
        ObjectText text;
        Binding first;
        LinkTrap link;
        std::size_t count = 0;
        const bool answers = message.kind == response;
        const auto error = static_cast<std::uint32_t>(number(*status));
        // What was refused is what somebody wanted, not what is.
        const bool holds = (answers && error == 0) || message.kind == trap || message.kind == inform;
        while (const auto binding = bindings.next(der::sequence)) {
            Binding one;
            if (!read_binding(*binding, one)) {
                tell.report({0, "a variable without name and value"});
                break;
            }
            if (count == 0) first = one;
            if (holds) identity(one, tell);
            if (holds && !answers) link.take(one);
            if (++count == bindings_most) break;
        }
        if (!bindings.ok()) tell.report({0, "a variable is longer than what is left"});
        write_name(first.name, text);

        const auto number_of_pair = static_cast<std::uint32_t>(number(*id));
        auto known = kinds[message.kind];
        std::uint32_t code = message.kind;
        const bool walks = message.kind == get_next || message.kind == get_bulk;
        observe::Object object;
        if (!text.view().empty()) object = {.space = "oid", .text = text.view()};
        const auto group = group_of(first.name);
        if (walks) {
            object = object_of(group);
            remember(state, number_of_pair, message.kind, group);
        } else if (known.phase == Phase::request) {
            remember(state, number_of_pair, message.kind, group);
        } else if (answers) {
            if (auto* asked = find(state, number_of_pair)) {
                code = asked->kind - 1u;
                known = {kinds[code].name, kinds[code].act, Phase::response};
                if (code == get_next || code == get_bulk) object = object_of(asked->group);
                asked->kind = 0;
            }
        }
        observe::Operation said{.function = {code, known.name},
                                .act = known.act,
                                .phase = known.phase,
                                .outcome = known.phase == Phase::request ? Outcome::pending
                                           : answers && error != 0       ? Outcome::refused
                                                                         : Outcome::done,
                                .status = answers ? error : 0,
                                .pair = number_of_pair,
                                .object = object,
                                .count = static_cast<std::uint32_t>(count)};
        if (message.kind != get && !walks) said.value = first.value();
        if (!link.name().empty()) {
            // Which port, and whether somebody switched it off, says more than the first variable, the time.
            said.object = link.object();
            said.value = link.admin;
        }
        tell.operation(said);
    }

    /// RFC 2863, linkDown and linkUp: ifIndex, ifAdminStatus, ifOperStatus; RFC 3418, snmpTrapOID.
    struct LinkTrap {
        std::uint64_t interface = 0, admin = 0;
        std::uint32_t which = 0; ///< 3 down, 4 up
        void take(const Binding& one) noexcept {
            using namespace std::string_view_literals;
            constexpr auto trap_name = "\x2b\x06\x01\x06\x03\x01\x01\x04\x01\x00"sv,
                           link_traps = "\x2b\x06\x01\x06\x03\x01\x01\x05"sv,
                           column = "\x2b\x06\x01\x02\x01\x02\x02\x01"sv;
            const auto name = as_text(one.name);
            if (name == trap_name && one.tag == der::object_id) {
                const auto what = as_text(one.content);
                if (what.size() == link_traps.size() + 1 && what.starts_with(link_traps))
                    which = static_cast<std::uint8_t>(what.back());
            }
            // Cisco's reason (OLD-CISCO-INTERFACES-MIB, locIfReason) stands where others have ifAdminStatus.
            constexpr auto reason = "\x2b\x06\x01\x04\x01\x09\x02\x02\x01\x01\x14"sv;
            if (name.starts_with(reason) && as_text(one.content) == "administratively down") admin = 2;
            if (!name.starts_with(column) || name.size() <= column.size() || one.tag != der::integer ||
                one.content.size() > 5)
                return;
            if (name[column.size()] == 1) interface = number(one.content);
            if (name[column.size()] == 7) admin = number(one.content);
        }
        std::string_view name() const noexcept {
            if (interface == 0 || interface > INT32_MAX) return {};
            return which == 3 ? "link down" : which == 4 ? "link up" : std::string_view{};
        }
        observe::Object object() const noexcept {
            return {.form = observe::Object::Form::bacnet,
                    .space = "interface",
                    .number = interface,
                    .text = name()};
        }
    };

    /// RFC 1157 clause 4.1.6: enterprise, agent's address, generic and specific number, time, variables.
    static void old_trap(Bytes bytes, const Tell& tell) noexcept {
        constexpr std::string_view generic_names[]{
            "cold start",     "warm start", "link down", "link up", "authentication failure",
            "neighbour lost", "enterprise"};
        Elements in{bytes};
        const auto enterprise = in.next(der::object_id);
        const auto address = in.next(0x40);
        const auto generic = in.next(der::integer), specific = in.next(der::integer);
        if (!enterprise || !address || !generic || !specific)
            return tell.report({0, "a trap without its fixed part"});
        ObjectText text;
        write_name(*enterprise, text);
        const auto which = number(*generic);
        observe::Operation said{.function = {trap_of_version_1, "trap"},
                                .act = Act::alarm,
                                .phase = Phase::event,
                                .outcome = Outcome::done,
                                .object = {.space = "oid", .text = text.view()},
                                .value = number(*specific)};
        if (which < 6) said.value = generic_names[which];
        (void)in.next(0x43);
        if (const auto list = in.next(der::sequence); list && (which == 2 || which == 3)) {
            LinkTrap link{.which = static_cast<std::uint32_t>(which + 1)};
            Elements bindings{*list};
            Binding one;
            for (std::size_t count = 0; count != bindings_most; ++count) {
                const auto binding = bindings.next(der::sequence);
                if (!binding || !read_binding(*binding, one)) break;
                link.take(one);
            }
            if (!link.name().empty()) {
                said.object = link.object();
                said.value = link.admin;
            }
        }
        tell.operation(said);
    }

    static void of_version_3(const Outside& message, State& state, const Tell& tell) noexcept {
        // A manager tells the engine that it asks; only an agent tells its own.
        if (!tell.from_client()) engine(message.engine, tell);
        if (state.user_told || message.user.empty() || !tell.from_client()) return;
        state.user_told = true;
        tell.login(as_text(message.user), "usm", Outcome::pending);
    }

    static void engine(Bytes id, const Tell& tell) noexcept {
        Reader in{id};
        const auto maker = in.u32();
        const auto form = in.u8();
        if (!in.ok() || !(maker & 0x80000000)) return;
        tell.of_speaker(Attribute::vendor, wire::enterprise(maker & 0x7fffffff), 70);
        const auto rest = in.rest();
        TextRoom<20> text;
        if (form == 3 && rest.size() == 6 && !(std::to_integer<unsigned>(rest[0]) & 1))
            tell.of({.ip = tell.speaker().ip}, Attribute::mac, text.hex(rest, ":").view(), 80);
    }

    static void identity(const Binding& one, const Tell& tell) noexcept {
        const auto* known = find_told(one.name);
        if (!known) return;
        if (known->form == Form::enterprise)
            return tell.of_speaker(Attribute::vendor, wire::enterprise(enterprise_of(one.content)), 80);
        if (one.tag != der::octet_string) return;
        if (known->form == Form::hardware) {
            TextRoom<20> text;
            const bool own = one.content.size() == 6 && !(std::to_integer<unsigned>(one.content[0]) & 1) &&
                             std::ranges::any_of(one.content, [](std::byte b) { return b != std::byte{0}; });
            if (own)
                tell.of({.ip = tell.speaker().ip}, Attribute::mac, text.hex(one.content, ":").view(), 90);
            return;
        }
        tell.of_speaker(known->attribute, trimmed(label(one.content)), known->confidence);
    }

    static void remember(State& state, std::uint32_t id, std::uint8_t kind, Group group) noexcept {
        state.asked[state.next] = {.number = id, .kind = static_cast<std::uint8_t>(kind + 1), .group = group};
        state.next = static_cast<std::uint8_t>((state.next + 1u) % state.asked.size());
    }
    static Asked* find(State& state, std::uint32_t id) noexcept {
        for (auto& one : state.asked)
            if (one.kind != 0 && one.number == id) return &one;
        return nullptr;
    }
};

} // namespace

extern constinit const Dissector snmp = row<Snmp>();

} // namespace yagura::dissect::protocols
