// RFB, the protocol of VNC: versions, how one has to log in, whether that worked, and what the desktop is
// called.
//
// From RFC 6143 clauses 7.1 (handshake), 7.2 (security types) and 7.3 (initialisation); versions 3.3, 3.7
// and 3.8.
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

constexpr std::size_t version_size = 12, piece_most = 1'024;
enum Code : std::uint32_t { version_code = 1, security = 2, authentication = 3, initialisation = 4 };
constexpr std::uint32_t none = 1, by_password = 2;

/// Where the server stands: messages have neither length nor number, only an order.
enum class At : std::uint8_t { version, types, challenge, result, start, past };

std::string_view security_name(std::uint32_t type) noexcept {
    switch (type) {
    case 0:
        return "refused";
    case none:
        return "none";
    case by_password:
        return "vnc password";
    case 16:
        return "tight";
    case 18:
        return "tls";
    case 19:
        return "vencrypt";
    case 30:
    case 33:
    case 35:
    case 36:
        return "apple";
    default:
        return "other";
    }
}

struct Vnc {
    static constexpr Over over[]{{"tcp", 5900}, {"tcp", 5901}};
    static constexpr Mark marks[]{{0, 0xffffffff, 0x52464220}};
    static constexpr Facts facts{
        .name = "vnc",
        .title = "Remote Framebuffer Protocol (VNC)",
        .specification = "RFC 6143",
        .over = over,
        .marks = marks,
        .message_most = piece_most,
        .depth = Depth::acts,
    };
    struct State {
        At at;
        std::uint8_t minor;  ///< that both speak: 3, 7, 8
        std::uint8_t chosen; ///< security type; 0: not known yet
    };

    static Recognition looks_like(const Opening& opening) noexcept {
        const auto text = as_text(latest(opening));
        if (text.size() < version_size)
            return {std::string_view{"RFB "}.starts_with(text.substr(0, 4)) ? Likeness::more : Likeness::no};
        return {minor_of(text) ? Likeness::yes : Likeness::no};
    }
    static Framing frame(Bytes stream) noexcept {
        const auto text = as_text(stream);
        if (std::string_view{"RFB "}.starts_with(text.substr(0, 4)))
            return {.length = text.size() < version_size ? 0 : version_size};
        return {.length = std::min(stream.size(), piece_most)};
    }

    static void dissect(const Pdu& pdu, State& state, Ways& ways) noexcept {
        const Tell tell{pdu, ways};
        const auto text = as_text(pdu.bytes);
        if (const auto minor = minor_of(text)) {
            const auto spoken = static_cast<std::uint8_t>(*minor < 7 ? 3 : std::min<unsigned>(*minor, 8));
            state.minor = state.minor == 0 ? spoken : std::min(state.minor, spoken);
            if (!tell.from_client()) state.at = At::types;
            tell.operation({.function = {version_code, "version"},
                            .act = Act::connect,
                            .phase = Phase::event,
                            .outcome = Outcome::done,
                            .value = text.substr(0, version_size - 1)});
            // RealVNC and Apple write versions that no RFC has.
            tell.of_speaker(Attribute::application, text.substr(0, version_size - 1), 50);
            return;
        }
        if (text.starts_with("RFB ")) return tell.report({0, "a version that is none"});
        if (tell.from_client()) {
            if (state.minor >= 7 && state.chosen == 0 && pdu.bytes.size() == 1) {
                state.chosen = std::to_integer<std::uint8_t>(pdu.bytes[0]);
                return;
            }
            return ways.pass_over(Ways::everything); // An answer to the challenge, then keys and clicks.
        }
        server(pdu.bytes, state, tell);
    }

private:
    static std::optional<unsigned> minor_of(std::string_view text) noexcept {
        if (text.size() < version_size || !text.starts_with("RFB 00") || text[7] != '.' || text[11] != '\n')
            return std::nullopt;
        unsigned minor = 0;
        for (const char c : text.substr(8, 3)) {
            if (c < '0' || c > '9') return std::nullopt;
            minor = minor * 10 + static_cast<unsigned>(c - '0');
        }
        return minor;
    }

    static void server(Bytes bytes, State& state, const Tell& tell) noexcept {
        Reader in{bytes};
        switch (state.at) {
        case At::types: {
            std::uint32_t type = 0;
            if (state.minor < 7) {
                type = in.u32();
                state.chosen = static_cast<std::uint8_t>(type);
            } else if (const auto count = in.u8(); count != 0) {
                type = in.u8();
            }
            if (!in.ok()) return tell.report({0, "security types end before the first"});
            tell.operation({.function = {security, "security"},
                            .act = Act::authenticate,
                            .phase = Phase::event,
                            .outcome = type == 0 ? Outcome::refused : Outcome::done,
                            .value = security_name(type)});
            state.at = At::challenge;
            // Without a password the desktop follows, from 3.8 on behind a result.
            if (state.minor < 7 && type == none) state.at = At::start;
            return;
        }
        case At::challenge:
            if (state.chosen == by_password && bytes.size() == 16) {
                state.at = At::result;
                return;
            }
            if (state.chosen != none) break; // Methods with messages of their own.
            if (state.minor < 8) return start(in, state, tell);
            [[fallthrough]];
        case At::result: {
            const auto result = in.u32();
            if (!in.ok()) return tell.report({0, "a result ends inside itself"});
            tell.operation({.function = {authentication, "authentication"},
                            .act = Act::authenticate,
                            .phase = Phase::event,
                            .outcome = result == 0 ? Outcome::done : Outcome::refused,
                            .status = result});
            state.at = At::start;
            return;
        }
        case At::start:
            return start(in, state, tell);
        default:
            break;
        }
        tell.ways.pass_over(Ways::everything);
    }

    /// RFC 6143 7.3.2: size, pixel format, name.
    static void start(Reader& in, State& state, const Tell& tell) noexcept {
        state.at = At::past;
        tell.ways.pass_over(Ways::everything);
        in.take(20);
        const auto size = in.u32();
        if (!in.ok()) return tell.report({0, "initialisation ends before the desktop's name"});
        const auto name = label(in.take(std::min<std::size_t>(size, in.remaining()))).substr(0, 120);
        tell.operation({.function = {initialisation, "desktop"},
                        .act = Act::connect,
                        .phase = Phase::event,
                        .outcome = Outcome::done,
                        .value = name});
        tell.of_speaker(Attribute::description, name, 60);
    }
};

} // namespace

extern constinit const Dissector vnc = row<Vnc>();

} // namespace yagura::dissect::protocols
