// S7comm-plus of the 1200 and 1500: what is asked, as far as it stands in the clear.
//
// Siemens publishes no specification; functions and frame are those of public analyses, see
// docs/protocols/s7comm_plus.md. Newer controllers encrypt all of it in TLS.
#include <algorithm>
#include <array>

#include "spine/dissect/dissector.h"

namespace yagura::dissect::protocols {
namespace {

using observe::Act;
using observe::Outcome;
using observe::Phase;
using observe::Speaker;

constexpr std::uint8_t identifier = 0x72;
constexpr std::uint8_t with_digest = 3,
                       keep_alive = 0xff; // Versions of the frame; 1 and 2 have the plain one.
enum Opcode : std::uint8_t { request = 0x31, response = 0x32, notification = 0x33 };

struct Known {
    std::uint32_t code;
    std::string_view name;
    Act act;
};
constexpr std::array functions{
    Known{0x04bb, "explore", Act::browse},
    Known{0x04ca, "create object", Act::connect}, // The first one makes the session.
    Known{0x04d4, "delete object", Act::disconnect},
    Known{0x04f2, "set variable", Act::write},
    Known{0x04fc, "get variable", Act::read},
    Known{0x0506, "add link", Act::configure},
    Known{0x051a, "remove link", Act::configure},
    Known{0x0524, "get link", Act::read},
    Known{0x0542, "set multiple variables", Act::write},
    Known{0x054c, "get multiple variables", Act::read},
    Known{0x0556, "begin sequence", Act::unknown},
    Known{0x0560, "end sequence", Act::unknown},
    Known{0x056b, "invoke", Act::call},
    Known{0x057c, "set variable substreamed", Act::write},
    Known{0x0586, "get variable substreamed", Act::read},
    Known{0x0590, "get variables address", Act::browse},
    Known{0x059a, "abort", Act::unknown},
    Known{0x05a9, "error", Act::unknown},
    Known{0x05b3, "init ssl", Act::connect},
};
constexpr Known find_function(std::uint16_t code) noexcept {
    for (const auto& known : functions)
        if (known.code == code) return known;
    return {code, "unknown function", Act::unknown};
}

/// Composite codes for what has an opcode but no function: 0x10000 | opcode; for a keep-alive 0x100ff.
constexpr std::uint32_t without_function = 0x10000;

struct S7commPlus {
    static constexpr Over over[]{{"cotp", 0}};
    static constexpr Mark marks[]{{0, 0xff000000, 0x72000000}};
    static constexpr Facts facts{
        .name = "s7comm_plus",
        .title = "S7comm-plus",
        .specification = "none published; see docs/protocols/s7comm_plus.md",
        .over = over,
        .marks = marks,
        .message_most = 65'531,
        .depth = Depth::acts,
    };
    /// A message may go on in the next frames, which have no opcode: the last one has a trailer.
    struct State {
        std::array<std::uint8_t, 2> goes_on;
    };

    static Recognition looks_like(const Opening& opening) noexcept {
        const auto head = opening.latest == Speaker::client ? opening.client : opening.server;
        Reader in{head};
        const auto id = in.u8(), version = in.u8();
        if (!in.ok()) return {head.empty() || id == identifier ? Likeness::more : Likeness::no};
        const bool plus = id == identifier && ((version >= 1 && version <= with_digest) || version >= 0xfe);
        return {plus ? Likeness::yes : Likeness::no};
    }

    static Framing frame(Bytes stream) noexcept { return {.length = stream.size()}; }

    static void dissect(const Pdu& pdu, State& state, Ways& ways) noexcept {
        Reader in{pdu.bytes};
        const auto id = in.u8(), version = in.u8();
        const auto length = in.u16();
        if (!in.ok()) return report(pdu, ways, {0, "message ends inside its header"});
        if (id != identifier) return report(pdu, ways, {0, "protocol identifier is not 0x72"});
        auto& goes_on = state.goes_on[pdu.origin.speaker == Speaker::client ? 0 : 1];
        observe::Operation operation{
            .protocol = pdu.protocol, .phase = Phase::event, .outcome = Outcome::done};
        if (version >= 0xfe) { // The length is a number that counts the keep-alives.
            operation.function = {without_function | keep_alive, "keep-alive"};
            ways.say().on(pdu.origin, operation);
            return;
        }
        // Behind the last piece of a message stands the header again, with length 0.
        const bool trailer = pdu.bytes.size() >= std::size_t{4} + length + 4;
        const bool continues = goes_on != 0;
        goes_on = trailer ? 0 : 1;
        if (continues) return; // No opcode: it was told with its beginning.
        if (in.remaining() < length) report(pdu, ways, {2, "length is not that of the message"});
        in = Reader{in.take(std::min<std::size_t>(length, in.remaining()))};
        if (version == with_digest) in.take(in.u8());
        const auto opcode = in.u8();
        if (!in.ok()) return report(pdu, ways, {4, "message ends before its opcode"});
        if (opcode == notification) {
            operation.function = {without_function | opcode, "notification"};
            operation.act = Act::report;
            ways.say().on(pdu.origin, operation);
            return;
        }
        if (opcode != request && opcode != response) {
            operation.function = {without_function | opcode, "unknown opcode"};
            ways.say().on(pdu.origin, operation);
            return;
        }
        in.u16();
        const auto function = in.u16();
        if (!in.ok()) return report(pdu, ways, {4, "message ends before its function"});
        in.u16();
        const auto sequence = in.u16();
        const auto known = find_function(function);
        operation.function = {known.code, known.name};
        operation.act = known.act;
        operation.phase = opcode == request ? Phase::request : Phase::response;
        operation.outcome = opcode == request ? Outcome::pending : Outcome::done;
        if (in.ok()) operation.pair = sequence; // Zero, in the first message only, is not pairable.
        ways.say().on(pdu.origin, operation);
    }

private:
    static void report(const Pdu& pdu, Ways& ways, Malformed detail) noexcept {
        ways.say().on(pdu.origin, observe::Anomaly{pdu.protocol, detail});
    }
};

} // namespace

extern constinit const Dissector s7comm_plus = row<S7commPlus>();

} // namespace yagura::dissect::protocols
