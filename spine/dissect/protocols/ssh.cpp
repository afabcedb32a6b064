// SSH: which software speaks, and which algorithms it offers. What follows is encrypted and passes unread.
//
// From RFC 4253 clauses 4.2 (version exchange), 6 (binary packets) and 7.1 (algorithm negotiation); and the
// public description of HASSH, which names client and server software by what it offers.
#include <algorithm>

#include "spine/base/md5.h"
#include "spine/base/text_room.h"
#include "spine/dissect/dissector.h"
#include "spine/dissect/tell.h"

namespace yagura::dissect::protocols {
namespace {

using observe::Act;
using observe::Attribute;
using observe::Outcome;
using observe::Phase;
using observe::Speaker;

constexpr std::uint8_t disconnect = 1, key_exchange_init = 20;
/// The version exchange is no message of the protocol and has no number.
constexpr std::uint32_t version_exchange = 0x100;
constexpr std::size_t line_most = 255, packet_most = 35'000;

constexpr std::string_view begins = "SSH-";

struct Ssh {
    static constexpr Over over[]{{"tcp", 22}};
    static constexpr Mark marks[]{{0, 0xffffffff, 0x5353482d}};
    static constexpr Facts facts{
        .name = "ssh",
        .title = "Secure Shell",
        .specification = "RFC 4253; HASSH",
        .over = over,
        .marks = marks,
        .message_most = packet_most + 4,
        .depth = Depth::acts,
    };
    struct State {};

    /// The banner alone: what is encrypted looks like anything.
    static Recognition looks_like(const Opening& opening) noexcept {
        const auto text = as_text(latest(opening));
        if (text.size() < begins.size() + 4)
            return {begins.starts_with(text) ? Likeness::more : Likeness::no};
        const bool known = text.starts_with("SSH-2.0-") || text.starts_with("SSH-1.");
        return {known ? Likeness::yes : Likeness::no};
    }

    static Framing frame(Bytes stream) noexcept {
        const auto text = as_text(stream);
        if (text.starts_with(begins.substr(0, std::min(text.size(), begins.size())))) {
            const auto end = text.substr(0, line_most).find('\n');
            if (end != text.npos) return {.length = end + 1};
            if (text.size() >= line_most)
                return {.lost = Malformed{0, "a version line of more than 255 bytes"}};
            return {};
        }
        Reader in{stream};
        const auto length = in.u32();
        if (!in.ok()) return {};
        if (length < 2 || length > packet_most)
            return {.lost = Malformed{0, "packet length is not within 2..35000"}};
        return {.length = in.remaining() < length ? 0 : length + 4};
    }

    static void dissect(const Pdu& pdu, State&, Ways& ways) noexcept {
        const Tell tell{pdu, ways};
        const auto text = as_text(pdu.bytes);
        if (text.starts_with(begins)) return version(text, tell);
        Reader in{pdu.bytes};
        const auto length = in.u32();
        const auto padding = in.u8(), kind = in.u8();
        if (!in.ok()) return tell.report({0, "packet ends inside its header"});
        if (length != pdu.bytes.size() - 4) tell.report({0, "length is not that of the packet"});
        if (kind == key_exchange_init) {
            in.take(16); // cookie
            const auto offers = in;
            const auto methods = in.take(in.u32());
            observe::Operation operation{.function = {key_exchange_init, "key exchange init"},
                                         .act = Act::connect,
                                         .phase = Phase::event,
                                         .outcome = Outcome::done};
            if (!methods.empty())
                operation.value = as_text(methods.first(std::min<std::size_t>(methods.size(), 160)));
            tell.operation(operation);
            if (!in.ok()) tell.report({6, "a list of algorithms is longer than what is left"});
            fingerprint(offers, tell);
        } else if (kind == disconnect) {
            const auto reason = in.u32();
            tell.operation({.function = {disconnect, "disconnect"},
                            .act = Act::disconnect,
                            .phase = Phase::event,
                            .outcome = Outcome::done,
                            .status = reason});
        }
        if (padding >= length) tell.report({4, "padding is longer than its packet"});
        // Keys follow, then nothing that anybody can read.
        ways.pass_over(Ways::everything);
    }

private:
    /// HASSH: the digest of what a side offers, for its own direction, in the order in which it offers it. Of
    /// ten lists (7.1) the first, and of encryption, authentication and compression one of two each.
    static void fingerprint(Reader in, const Tell& tell) noexcept {
        const bool client = tell.from_client();
        Md5 digest;
        for (unsigned list = 0; list < 8; ++list) {
            const auto names = in.take(in.u32());
            if (list != 0 && (list < 2 || (list % 2 == 0) != client)) continue;
            if (list != 0) digest.add(";");
            digest.add(names);
        }
        if (!in.ok()) return;
        TextRoom<48> text;
        text.add(client ? "hassh " : "hasshserver ").hex(digest.finish());
        tell.of_speaker(Attribute::fingerprint, text.view(), 70);
    }

    /// "SSH-protoversion-softwareversion SP comments CR LF"
    static void version(std::string_view text, const Tell& tell) noexcept {
        const auto end = text.find('\n');
        const auto line = trimmed(text.substr(0, std::min(end, line_most)));
        const auto dash = line.find('-', begins.size());
        const auto software = dash == line.npos ? std::string_view{} : line.substr(dash + 1);
        tell.operation({.function = {version_exchange, "version exchange"},
                        .act = Act::connect,
                        .phase = Phase::event,
                        .outcome = Outcome::done,
                        .value = line});
        tell.of_speaker(Attribute::application, software, tell.from_client() ? 70 : 85);
        if (end == text.npos || software.empty())
            tell.report({0, "a version line that does not end, or names nothing"});
    }
};

} // namespace

extern constinit const Dissector ssh = row<Ssh>();

} // namespace yagura::dissect::protocols
