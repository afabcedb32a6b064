// GE SRTP: how screens, servers and Proficy/Machine Edition read, write, load and start GE's controllers
// (Series 90, VersaMax, PACSystems).
//
// No specification is public. Header, services and memory selectors are those of G. Denton, F. Karpisek, F.
// Breitinger, I. Baggili, "Leveraging the SRTP protocol for over-the-network memory acquisition of a GE Fanuc
// Series 90-30", Digital Investigation 22 (2017), held against a capture. docs/protocols/ge_srtp.md tells
// what is read.
#include <algorithm>
#include <array>

#include "spine/dissect/tell.h"

namespace yagura::dissect::protocols {
namespace {

using observe::Act;
using observe::Array;
using observe::Object;
using observe::Outcome;
using observe::Phase;
using observe::Speaker;

constexpr std::size_t header_size = 56, text_most = 0x2000;
enum Type : std::uint8_t { open = 0, opened = 1, request = 2, answer = 3 };
enum Kind : std::uint8_t {
    request_alone = 0xc0,
    request_with_text = 0x80,
    answer_alone = 0xd4,
    answer_with_text = 0x94,
    refused = 0xd1
};
constexpr std::uint32_t session_codes = 0x100; ///< what has no service: 0x100 and the type

struct Service {
    std::uint8_t code;
    std::string_view name;
    Act act;
};
constexpr Service services[]{
    {0x00, "short status", Act::diagnose},
    {0x03, "read program names", Act::browse},
    {0x04, "read system memory", Act::read},
    {0x05, "read task memory", Act::read},
    {0x06, "read program memory", Act::program_upload},
    {0x07, "write system memory", Act::write},
    {0x08, "write task memory", Act::write},
    {0x09, "write program block memory", Act::program_download},
    {0x20, "programmer logon", Act::authenticate},
    {0x21, "change privilege level", Act::authenticate},
    {0x22, "set control id", Act::configure},
    {0x23, "set run or stop", Act::mode_change},
    {0x24, "set time", Act::time_set},
    {0x25, "read time", Act::read},
    {0x38, "read fault table", Act::diagnose},
    {0x39, "clear fault table", Act::clear},
    {0x3f, "store program", Act::program_upload},
    {0x40, "load program", Act::program_download},
    {0x43, "read controller type", Act::identify},
    {0x44, "toggle force", Act::force},
};
constexpr Service find(std::uint8_t code) noexcept {
    for (const auto& one : services)
        if (one.code == code) return one;
    return {code, "unknown service", Act::unknown};
}
/// Whose selector, offset and count name memory.
constexpr bool touches_memory(std::uint8_t code) noexcept {
    return code == 0x04 || code == 0x07 || code == 0x44;
}

struct Memory {
    std::uint8_t selector;
    std::string_view name;
    std::uint8_t bits; ///< of one item
};
constexpr Memory memories[]{
    {0x08, "%R", 16}, {0x0a, "%AI", 16}, {0x0c, "%AQ", 16}, {0x10, "%I", 8},  {0x12, "%Q", 8},
    {0x14, "%T", 8},  {0x16, "%M", 8},   {0x18, "%SA", 8},  {0x1a, "%SB", 8}, {0x1c, "%SC", 8},
    {0x1e, "%S", 8},  {0x38, "%G", 8},   {0x46, "%I", 1},   {0x48, "%Q", 1},  {0x4a, "%T", 1},
    {0x4c, "%M", 1},  {0x4e, "%SA", 1},  {0x50, "%SB", 1},  {0x52, "%SC", 1}, {0x54, "%S", 1},
    {0x56, "%G", 1},
};
constexpr const Memory* memory_of(std::uint8_t selector) noexcept {
    for (const auto& one : memories)
        if (one.selector == selector) return &one;
    return nullptr;
}

struct Head {
    std::uint8_t type;
    std::uint16_t number, text;
    std::uint8_t sequence, kind, service, selector;
    std::uint16_t offset, count;
};
constexpr Head read_head(Reader& in) noexcept {
    Head out{};
    out.type = in.u8();
    in.u8();
    out.number = in.u16le();
    out.text = in.u16le();
    in.take(24);
    out.sequence = in.u8();
    out.kind = in.u8();
    in.take(8); // mailboxes
    in.u16();   // which packet of how many
    // Where a text follows, its length and place stand first, and the numbers of packets once more.
    if (out.kind == request_with_text) in.take(8);
    out.service = in.u8();
    out.selector = in.u8();
    out.offset = in.u16le();
    out.count = in.u16le();
    if (out.kind != request_with_text) in.take(8);
    return out;
}
/// By bytes 0, 1, 4, 5: the rest of the header comes later.
constexpr bool plausible(Bytes bytes) noexcept {
    Reader in{bytes};
    const auto type = in.u8(), none = in.u8();
    in.u16();
    return type <= answer && none == 0 && in.u16le() <= text_most;
}
constexpr bool kind_fits(const Head& head) noexcept {
    if (head.type == request) return head.kind == request_alone || head.kind == request_with_text;
    if (head.type == answer)
        return head.kind == answer_alone || head.kind == answer_with_text || head.kind == refused;
    return true;
}

/// Counted from 1; a byte is told by its first bit.
Object object_of(const Memory& memory, std::uint16_t offset) noexcept {
    const auto first = std::uint64_t{offset} * (memory.bits == 8 ? 8u : 1u) + 1;
    return {.form = Object::Form::device, .space = memory.name, .number = first, .element = 10};
}

struct GeSrtp {
    static constexpr Over over[]{{"tcp", 18245}};
    static constexpr Mark marks[]{{0, 0xfeff0000, 0x02000000}, {0, 0xffffffff, 0}};
    static constexpr Facts facts{
        .name = "ge_srtp",
        .title = "GE SRTP",
        .specification = "none is public; Denton and others, Digital Investigation 22 (2017)",
        .over = over,
        .marks = marks,
        .message_most = header_size + text_most,
        .depth = Depth::acts,
    };
    /// Several requests wait at a time, told apart by the mailbox's sequence number.
    struct Asked {
        std::uint16_t pair, offset, count;
        std::uint8_t sequence, service, selector;
        bool waits;
    };
    struct State {
        std::array<Asked, 12> asked;
        std::uint16_t pairs;
        std::uint8_t next;
    };

    static Recognition looks_like(const Opening& opening) noexcept {
        auto bytes = latest(opening);
        if (opens(bytes))
            bytes = bytes.subspan(header_size); // 56 bytes of next to nothing: what follows tells.
        if (bytes.size() < 6) return {Likeness::more};
        if (!plausible(bytes)) return {};
        if (bytes.size() < header_size) return {Likeness::more};
        Reader in{bytes};
        const auto head = read_head(in);
        const bool fits = (head.type == request || head.type == answer) && kind_fits(head) &&
                          (head.type == answer || find(head.service).act != Act::unknown) &&
                          std::to_integer<unsigned>(bytes[40]) >= 1 && bytes[40] <= bytes[41];
        return {fits ? Likeness::yes : Likeness::no,
                head.type == request ? Speaker::client : Speaker::server};
    }

    static Framing frame(Bytes stream) noexcept {
        if (stream.size() < 6) return {};
        if (!plausible(stream)) return {.lost = Malformed{0, "not the head of a message"}};
        Reader in{stream.subspan(4)};
        const auto whole = header_size + in.u16le();
        return {.length = stream.size() < whole ? 0 : whole};
    }

    static void dissect(const Pdu& pdu, State& state, Ways& ways) noexcept {
        const Tell tell{pdu, ways};
        Reader in{pdu.bytes};
        const auto head = read_head(in);
        if (!in.ok()) return tell.report({0, "message ends inside its header"});
        const auto text = in.rest();
        if (head.type == request)
            asks(tell, head, text, state);
        else if (head.type == answer)
            answers(tell, head, text, state);
        else
            tell.operation({.function = {session_codes, "open session"},
                            .act = Act::connect,
                            .phase = head.type == open ? Phase::request : Phase::response,
                            .outcome = head.type == open ? Outcome::pending : Outcome::done});
        if (text.size() != head.text)
            return tell.report({4, "length of the text is not that of the message"});
        if (!kind_fits(head)) tell.report({31, "neither a kind of request nor of answer"});
    }

private:
    /// The first message of each side: its type and hardly anything else.
    static bool opens(Bytes bytes) noexcept {
        constexpr auto zeros_least = 52;
        return bytes.size() >= header_size && std::to_integer<unsigned>(bytes[0]) <= opened &&
               std::ranges::count(bytes.first(header_size), std::byte{}) >= zeros_least;
    }

    static void asks(const Tell& tell, const Head& head, Bytes text, State& state) noexcept {
        const auto service = find(head.service);
        if (++state.pairs == 0) state.pairs = 1;
        state.asked[state.next] = {.pair = state.pairs,
                                   .offset = head.offset,
                                   .count = head.count,
                                   .sequence = head.sequence,
                                   .service = head.service,
                                   .selector = head.selector,
                                   .waits = true};
        state.next = static_cast<std::uint8_t>((state.next + 1u) % state.asked.size());
        observe::Operation said{.function = {service.code, service.name},
                                .act = service.act,
                                .phase = Phase::request,
                                .outcome = Outcome::pending};
        said.pair = state.pairs;
        if (const auto* memory = touches_memory(head.service) ? memory_of(head.selector) : nullptr) {
            said.object = object_of(*memory, head.offset);
            said.count = head.count;
            if (head.service == 0x07) said.value = words(*memory, head.count, text);
        }
        tell.operation(said);
    }

    static void answers(const Tell& tell, const Head& head, Bytes text, State& state) noexcept {
        auto* asked = std::ranges::find_if(
            state.asked, [&](const Asked& one) { return one.waits && one.sequence == head.sequence; });
        const bool known = asked != state.asked.end();
        const auto service = known ? find(asked->service) : Service{0, "answer", Act::unknown};
        observe::Operation said{.function = {known ? service.code : session_codes + answer, service.name},
                                .act = service.act,
                                .phase = Phase::response};
        said.outcome = head.kind == refused ? Outcome::refused : Outcome::done;
        // The words of the mailbox that name memory in a request give the reason in a refusal: major and
        // minor.
        if (head.kind == refused) said.status = std::uint32_t{head.service} << 8 | head.selector;
        if (known) {
            asked->waits = false;
            said.pair = asked->pair;
            if (const auto* memory = touches_memory(asked->service) ? memory_of(asked->selector) : nullptr) {
                said.object = object_of(*memory, asked->offset);
                said.count = asked->count;
                if (asked->service == 0x04 && head.kind == answer_with_text)
                    said.value = words(*memory, asked->count, text);
            }
        }
        tell.operation(said);
    }

    /// Registers, as many as were asked for and not one byte more.
    static observe::Value words(const Memory& memory, std::uint16_t count, Bytes text) noexcept {
        if (memory.bits != 16 || count == 0 || text.size() != std::size_t{count} * 2) return {};
        return Array{Array::Of::u16, true, count, text};
    }
};

} // namespace

extern constinit const Dissector ge_srtp = row<GeSrtp>();

} // namespace yagura::dissect::protocols
