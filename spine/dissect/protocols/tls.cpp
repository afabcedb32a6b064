// TLS: who is asked for under which name, by which software, and whose certificate is shown. What is
// encrypted passes unread.
//
// From RFC 5246 (TLS 1.2: clauses 6.2 records, 7.2 alerts, 7.4 handshake, 7.4.2 certificates) and RFC 8446
// (TLS 1.3: clauses 4, 5.1, 6, appendix D.4).
#include <algorithm>
#include <array>

#include "spine/dissect/certificate.h"
#include "spine/dissect/dissector.h"
#include "spine/dissect/protocols/tls/hello.h"
#include "spine/dissect/tell.h"

namespace yagura::dissect::protocols {
namespace {

using namespace tls;
using observe::Act;
using observe::Attribute;
using observe::Outcome;
using observe::Phase;
using observe::Speaker;

enum Content : std::uint8_t {
    change_cipher_spec = 20,
    alert = 21,
    handshake = 22,
    application_data = 23,
    heartbeat = 24,
};
constexpr std::uint8_t client_hello = 1, server_hello = 2, certificate = 11;
constexpr std::size_t header_size = 5, record_most = 16'384 + 2'048;
/// Alerts are no handshake messages: 0x100 and their number.
constexpr std::uint32_t alert_code = 0x100;
constexpr std::uint16_t pair_of_hellos = 1;

std::string_view alert_name(std::uint32_t status) noexcept {
    struct Known {
        std::uint8_t number;
        std::string_view name;
    };
    constexpr Known known[]{{0, "close notify"},
                            {10, "unexpected message"},
                            {20, "bad record mac"},
                            {22, "record overflow"},
                            {40, "handshake failure"},
                            {42, "bad certificate"},
                            {43, "unsupported certificate"},
                            {44, "certificate revoked"},
                            {45, "certificate expired"},
                            {46, "certificate unknown"},
                            {47, "illegal parameter"},
                            {48, "unknown certificate authority"},
                            {49, "access denied"},
                            {50, "decode error"},
                            {51, "decrypt error"},
                            {70, "protocol version"},
                            {71, "insufficient security"},
                            {80, "internal error"},
                            {86, "inappropriate fallback"},
                            {90, "user canceled"},
                            {100, "no renegotiation"},
                            {109, "missing extension"},
                            {110, "unsupported extension"},
                            {112, "unrecognized name"},
                            {115, "unknown psk identity"},
                            {116, "certificate required"},
                            {120, "no application protocol"}};
    for (const auto& one : known)
        if (one.number == status) return one.name;
    return {};
}

constexpr bool plausible(std::uint8_t type, std::uint16_t version, std::uint16_t length) noexcept {
    return type >= change_cipher_spec && type <= heartbeat && version >= 0x0300 && version <= 0x0304 &&
           length != 0 && length <= record_most;
}

struct Tls {
    static constexpr Over over[]{{"tcp", 443},  {"tcp", 8443}, {"tcp", 465}, {"tcp", 636},
                                 {"tcp", 990},  {"tcp", 993},  {"tcp", 995}, {"tcp", 5061},
                                 {"tcp", 8883}, {"tcp", 5986}, {"rdp", 0}};
    static constexpr Mark marks[]{{0, 0xffff0000, 0x16030000}, {0, 0xffff0000, 0x17030000}};
    static constexpr Facts facts{
        .name = "tls",
        .title = "Transport Layer Security",
        .specification = "RFC 5246, 8446, 6066, 7301",
        .over = over,
        .marks = marks,
        .message_most = header_size + record_most,
        .depth = Depth::acts,
        .status_name = alert_name,
    };
    struct State {
        std::array<std::uint32_t, 2>
            left; ///< of a handshake message that goes on in the next record, by Speaker
        std::uint8_t name_size;
        std::array<char, 120> name; ///< that the client asked for
    };

    static Recognition looks_like(const Opening& opening) noexcept {
        Reader in{opening.latest == Speaker::client ? opening.client : opening.server};
        const auto type = in.u8();
        const auto version = in.u16(), length = in.u16();
        if (!in.ok()) return {Likeness::more};
        if (!plausible(type, version, length)) return {};
        if (type == handshake) {
            const auto kind = in.u8();
            if (!in.ok()) return {Likeness::more};
            if (kind == client_hello) return {Likeness::yes, Speaker::client};
            if (kind == server_hello) return {Likeness::yes, Speaker::server};
            return {Likeness::maybe};
        }
        if (type != application_data || length > in.remaining()) return {Likeness::maybe};
        in.take(length);
        const auto next = in.u8();
        const auto next_version = in.u16(), next_length = in.u16();
        return {in.ok() && plausible(next, next_version, next_length) ? Likeness::yes : Likeness::maybe};
    }

    static Framing frame(Bytes stream) noexcept {
        Reader in{stream};
        const auto type = in.u8();
        const auto version = in.u16(), length = in.u16();
        if (!in.ok()) return {};
        if (!plausible(type, version, length))
            return {.lost = Malformed{0, "not the beginning of a TLS record"}};
        if (type == application_data) return {.length = header_size}; // Nothing behind it will be read.
        return {.length = in.remaining() < length ? 0 : header_size + length};
    }

    static void dissect(const Pdu& pdu, State& state, Ways& ways) noexcept {
        Reader in{pdu.bytes};
        const auto type = in.u8();
        in.u16();
        const auto length = in.u16();
        if (!in.ok()) return report(pdu, ways, {0, "record ends inside its header"});
        // From here on this side is encrypted.
        if (type == application_data || type == change_cipher_spec) ways.pass_over(Ways::everything);
        if (type == application_data) return;
        const auto content = in.rest();
        if (type == handshake) messages(pdu, content, state, ways);
        if (type == alert && content.size() == 2) {
            const auto level = std::to_integer<unsigned>(content[0]);
            const auto what = std::to_integer<std::uint32_t>(content[1]);
            if (level == 1 || level == 2)
                ways.say().on(pdu.origin,
                              observe::Operation{.protocol = pdu.protocol,
                                                 .function = {alert_code | what, "alert"},
                                                 .act = what == 0 ? Act::disconnect : Act::report,
                                                 .phase = Phase::event,
                                                 .outcome = level == 2 ? Outcome::refused : Outcome::done,
                                                 .status = what});
        }
        if (content.size() != length) report(pdu, ways, {3, "length is not that of the record"});
    }

private:
    /// A record may hold several, and one may go on in the next: what is worth reading stands at its
    /// beginning.
    static void messages(const Pdu& pdu, Bytes content, State& state, Ways& ways) noexcept {
        auto& left = state.left[pdu.origin.speaker == Speaker::client ? 0 : 1];
        const auto before = std::min<std::size_t>(left, content.size());
        left -= static_cast<std::uint32_t>(before);
        Reader in{content.subspan(before)};
        while (in.remaining() > 0) {
            const auto at = static_cast<std::uint32_t>(header_size + before + in.position());
            const auto kind = in.u8();
            const std::uint32_t size = static_cast<std::uint32_t>(in.u8()) << 16 | in.u16();
            if (!in.ok()) return;
            const bool whole = size <= in.remaining();
            const auto body = in.take(whole ? size : in.remaining());
            if (!whole) left = size - static_cast<std::uint32_t>(body.size());
            one(pdu, kind, body, whole, at, state, ways);
        }
    }

    static void one(const Pdu& pdu, std::uint8_t kind, Bytes body, bool whole, std::uint32_t at, State& state,
                    Ways& ways) noexcept {
        switch (kind) {
        case client_hello:
            if (const auto hello = read_client_hello(body)) return asks(pdu, *hello, state, ways);
            break;
        case server_hello:
            if (const auto hello = read_server_hello(body)) return answers(pdu, *hello, state, ways);
            break;
        case certificate:
            return shows(pdu, body, whole, at, ways);
        default:
            return;
        }
        if (whole)
            report(pdu, ways, Malformed{0, "a field of a hello is longer than what is left"}.shifted(at));
    }

    static void asks(const Pdu& pdu, const Hello& hello, State& state, Ways& ways) noexcept {
        state.name_size = static_cast<std::uint8_t>(std::min(hello.server_name.size(), state.name.size()));
        std::copy_n(hello.server_name.begin(), state.name_size, state.name.begin());
        TextRoom<96> protocols;
        write_protocols(hello.protocols, protocols);
        TextRoom<160> value;
        value.add(version_name(hello.spoken()));
        if (!protocols.view().empty()) value.add(" alpn ").add(protocols.view());
        say(pdu, Phase::request, Outcome::pending, state, value.view(), ways);
        Fingerprint print;
        write_ja4(hello, print);
        TextRoom<48> text;
        text.add("ja4 ").add(print.view());
        Tell{pdu, ways}.of_speaker(Attribute::fingerprint, text.view(), 70);
        if (is_host_name(hello.server_name))
            Tell{pdu, ways}.of_listener(Attribute::name, hello.server_name, 45);
    }

    static void answers(const Pdu& pdu, const Hello& hello, const State& state, Ways& ways) noexcept {
        TextRoom<160> value;
        const std::array cipher{static_cast<std::byte>(hello.cipher >> 8),
                                static_cast<std::byte>(hello.cipher & 0xff)};
        value.add(version_name(hello.spoken())).add(" cipher ").hex(cipher);
        TextRoom<96> protocols;
        write_protocols(hello.protocols, protocols);
        if (!protocols.view().empty()) value.add(" alpn ").add(protocols.view());
        say(pdu, Phase::response, Outcome::done, state, value.view(), ways);
    }

    /// RFC 5246 clause 7.4.2: the sender's own comes first. In TLS 1.3 nobody sees it.
    static void shows(const Pdu& pdu, Bytes body, bool whole, std::uint32_t at, Ways& ways) noexcept {
        Reader in{body};
        in.take(3);
        const std::uint32_t size = static_cast<std::uint32_t>(in.u8()) << 16 | in.u16();
        const bool none = body.size() == 3; // A client that has none says so.
        const auto bytes = in.take(size);
        if (!in.ok()) {
            if (whole && !none)
                report(pdu, ways, Malformed{0, "a certificate is longer than what is left"}.shifted(at));
            return;
        }
        const auto shown = read_certificate(bytes);
        CertificateText text;
        if (shown) describe(*shown, text);
        observe::Operation operation{.protocol = pdu.protocol,
                                     .function = {certificate, "certificate"},
                                     .act = Act::identify,
                                     .phase = Phase::event,
                                     .outcome = Outcome::done};
        if (shown) operation.value = text.view();
        ways.say().on(pdu.origin, operation);
        if (!shown) return report(pdu, ways, Malformed{0, "a certificate that is none"}.shifted(at));
        Tell{pdu, ways}.of_speaker(Attribute::certificate, text.view(), 90);
        DirectoryRoom name;
        add_text(name, shown->subject.common_name);
        if (name.view().find('.') == std::string_view::npos || !is_host_name(name.view())) return;
        Tell{pdu, ways}.of_speaker(Attribute::name, name.view(), 45);
    }

    static void say(const Pdu& pdu, Phase phase, Outcome outcome, const State& state, std::string_view value,
                    Ways& ways) noexcept {
        observe::Operation operation{.protocol = pdu.protocol,
                                     .function = {client_hello, "hello"},
                                     .act = Act::connect,
                                     .phase = phase,
                                     .outcome = outcome,
                                     .pair = pair_of_hellos,
                                     .value = value};
        if (state.name_size != 0)
            operation.object = {.space = "server", .text = {state.name.data(), state.name_size}};
        ways.say().on(pdu.origin, operation);
    }

    static void report(const Pdu& pdu, Ways& ways, Malformed detail) noexcept {
        ways.say().on(pdu.origin, observe::Anomaly{pdu.protocol, detail});
    }
};

} // namespace

extern constinit const Dissector tls = row<Tls>();

} // namespace yagura::dissect::protocols
