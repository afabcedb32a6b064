// WS-Discovery: how cameras (ONVIF), printers and Windows say over UDP that they are there, what they are,
// and where to ask for more.
//
// From "Web Services Dynamic Discovery (WS-Discovery) Version 1.1", OASIS 2009, clauses 4 to 6, and the
// version of April 2005 that most devices speak; ONVIF Core Specification, clause 7.3 (scopes); DPWS 1.1.
// docs/protocols/ws_discovery.md tells what is read.
#include <algorithm>

#include "spine/base/text_room.h"
#include "spine/dissect/tell.h"

namespace yagura::dissect::protocols {
namespace {

using observe::Act;
using observe::Attribute;
using observe::Outcome;
using observe::Phase;
using observe::Speaker;

enum Code : std::uint32_t { other = 0, hello = 1, bye = 2, probe = 3, resolve = 4 };

struct Known {
    std::string_view element;
    Code code;
    std::string_view name;
    Act act;
    Phase phase;
};
constexpr Known known[]{
    {"Hello", hello, "hello", Act::report, Phase::event},
    {"Bye", bye, "bye", Act::disconnect, Phase::event},
    {"Probe", probe, "probe", Act::browse, Phase::request},
    {"ProbeMatches", probe, "probe", Act::browse, Phase::response},
    {"Resolve", resolve, "resolve", Act::identify, Phase::request},
    {"ResolveMatches", resolve, "resolve", Act::identify, Phase::response},
};

/// A start tag's name without its prefix, and the text up to the next tag.
struct Element {
    std::string_view name{}, text{};
};

/// The next start tag of a document; what is no element (comments, declarations, end tags) is stepped over.
/// It does not ask whether the document is well-formed: what a device says counts, not how.
bool next(std::string_view& rest, Element& out) noexcept {
    for (;;) {
        const auto open = rest.find('<');
        if (open == rest.npos) return false;
        rest.remove_prefix(open + 1);
        if (rest.starts_with("!--")) {
            rest.remove_prefix(std::min(rest.size(), rest.find("-->")));
            continue;
        }
        if (rest.starts_with('/') || rest.starts_with('?') || rest.starts_with('!')) continue;
        const auto end = rest.find('>');
        if (end == rest.npos) return false;
        auto name = rest.substr(0, std::min(end, rest.find_first_of(" \t\r\n/>")));
        if (const auto colon = name.find(':'); colon != name.npos) name.remove_prefix(colon + 1);
        const bool empty = end > 0 && rest[end - 1] == '/';
        rest.remove_prefix(end + 1);
        out = {name, empty ? std::string_view{} : trimmed(rest.substr(0, rest.find('<')))};
        return true;
    }
}

struct Said {
    const Known* what = nullptr;
    std::string_view types{}, scopes{}, addresses{}, endpoint{};
};

Said read(std::string_view text) noexcept {
    Said out;
    Element one;
    constexpr int elements_most = 400;
    for (int count = 0; count < elements_most && next(text, one); ++count) {
        if (!out.what) {
            for (const auto& each : known)
                if (one.name == each.element) out.what = &each;
            continue; // The header has addresses, too.
        }
        auto* kept = one.name == "Types"     ? &out.types
                     : one.name == "Scopes"  ? &out.scopes
                     : one.name == "XAddrs"  ? &out.addresses
                     : one.name == "Address" ? &out.endpoint
                                             : nullptr;
        if (kept && kept->empty()) *kept = one.text;
    }
    return out;
}

/// The next of words with blanks between.
std::string_view word(std::string_view& rest) noexcept {
    rest = trimmed(rest);
    const auto found = rest.substr(0, std::min(rest.size(), rest.find_first_of(" \t\r\n")));
    rest.remove_prefix(found.size());
    return found;
}

constexpr int digit(char c) noexcept {
    return c >= '0' && c <= '9' ? c - '0' : small(c) >= 'a' && small(c) <= 'f' ? small(c) - 'a' + 10 : -1;
}
/// A part of a URI as people read it (RFC 3986 clause 2.1).
template <std::size_t N>
std::string_view plain(std::string_view part, TextRoom<N>& room) noexcept {
    for (std::size_t i = 0; i < part.size(); ++i) {
        const int high = part[i] == '%' && i + 2 < part.size() ? digit(part[i + 1]) : -1;
        const int low = high >= 0 ? digit(part[i + 2]) : -1;
        const int both = high * 16 + low;
        if (low >= 0 && both >= 0x20 && both != 0x7f) {
            room.add(static_cast<char>(both));
            i += 2;
        } else {
            room.add(part[i]);
        }
    }
    return trimmed(room.view());
}

constexpr std::string_view versions[]{"http://schemas.xmlsoap.org/ws/2005/04/discovery",
                                      "http://docs.oasis-open.org/ws-dd/ns/discovery/2009/01"};

struct WsDiscovery {
    static constexpr Over over[]{{"udp", 3702}};
    static constexpr Mark marks[]{{0, 0xff000000, 0x3c000000},
                                  {0, 0xffffff00, 0xefbbbf00}}; // '<', or a byte order mark
    static constexpr Facts facts{
        .name = "ws_discovery",
        .title = "WS-Discovery (ONVIF, DPWS, Windows)",
        .specification =
            "OASIS WS-Discovery 1.1; WS-Discovery April 2005; ONVIF Core Specification clause 7.3",
        .over = over,
        .marks = marks,
        .message_most = 65'507,
        .depth = Depth::acts,
    };
    struct State {};

    static Recognition looks_like(const Opening& opening) noexcept {
        const auto text = as_text(latest(opening)).substr(0, 2'048);
        if (text.find("Envelope") == text.npos) return {};
        if (std::ranges::none_of(versions, [&](auto version) { return text.find(version) != text.npos; }))
            return {};
        const auto said = read(text);
        if (!said.what) return {Likeness::maybe};
        return {Likeness::yes, said.what->phase == Phase::response ? Speaker::server : Speaker::client};
    }
    static Framing frame(Bytes unit) noexcept { return {.length = unit.size()}; }

    static void dissect(const Pdu& pdu, State&, Ways& ways) noexcept {
        const Tell tell{pdu, ways};
        const auto said = read(as_text(pdu.bytes));
        if (!said.what) return tell.report({0, "neither a greeting, a question nor an answer"});
        observe::Operation operation{.function = {said.what->code, said.what->name},
                                     .act = said.what->act,
                                     .phase = said.what->phase,
                                     .outcome = said.what->phase == Phase::request ? Outcome::pending
                                                                                   : Outcome::done};
        if (!said.types.empty()) operation.object = {.space = "types", .text = said.types.substr(0, 96)};
        if (!said.addresses.empty()) operation.value = said.addresses.substr(0, 120);
        tell.operation(operation);
        if (said.what->phase == Phase::request || said.what->code == bye)
            return; // What it looks for it is not.
        if (!speaks_of_itself(tell, said.addresses)) return;
        auto rest = said.types;
        for (int count = 0; count < 16 && !rest.empty(); ++count) {
            auto type = word(rest);
            if (const auto colon = type.find(':'); colon != type.npos) type.remove_prefix(colon + 1);
            if (type != "Device") tell.of_speaker(Attribute::service, type.substr(0, 64), 75);
        }
        scopes(tell, said.scopes);
    }

private:
    /// A proxy answers for others: then the addresses are theirs.
    static bool speaks_of_itself(const Tell& tell, std::string_view addresses) noexcept {
        TextRoom<64> own;
        own.ip(tell.speaker().ip);
        return addresses.empty() || addresses.find("://[") != addresses.npos ||
               addresses.find(own.view()) != addresses.npos;
    }

    /// onvif://www.onvif.org/hardware/DS-2CD2042: one kind of thing a scope, written as part of a URI.
    static void scopes(const Tell& tell, std::string_view rest) noexcept {
        struct Scope {
            std::string_view kind;
            Attribute attribute;
            std::uint8_t confidence;
        };
        constexpr Scope told[]{{"hardware/", Attribute::product, 80},
                               {"name/", Attribute::description, 70},
                               {"location/", Attribute::location, 60}};
        constexpr std::string_view onvif = "onvif://www.onvif.org/";
        for (int count = 0; count < 64 && !rest.empty(); ++count) {
            auto scope = word(rest);
            if (!scope.starts_with(onvif)) continue;
            scope.remove_prefix(onvif.size());
            for (const auto& one : told) {
                if (!scope.starts_with(one.kind)) continue;
                TextRoom<96> room;
                tell.of_speaker(one.attribute, plain(scope.substr(one.kind.size()), room), one.confidence);
            }
        }
    }
};

} // namespace

extern constinit const Dissector ws_discovery = row<WsDiscovery>();

} // namespace yagura::dissect::protocols
