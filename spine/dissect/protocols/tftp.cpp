// TFTP: which files are fetched from whom and which are put there, by machines that start, by who saves a
// switch's settings, and by whoever brings a tool along.
//
// From RFC 1350 (packets), RFC 2347 (options), RFC 2348 (block size), RFC 2349 (timeout, size).
#include <algorithm>
#include <array>
#include <charconv>

#include "spine/dissect/tell.h"

namespace yagura::dissect::protocols {
namespace {

using observe::Act;
using observe::Outcome;
using observe::Phase;
using observe::Speaker;

enum Code : std::uint16_t { read = 1, write = 2, data = 3, acknowledge = 4, error = 5, options = 6 };
constexpr std::uint16_t usual_block = 512, block_most = 65'464; ///< RFC 2348
constexpr std::size_t name_most = 255;
constexpr std::uint64_t transfer_channel = 0x54465450;

std::string_view error_name(std::uint32_t status) noexcept {
    constexpr std::string_view names[]{"see the message",     "file not found",    "access violation",
                                       "disk full",           "illegal operation", "unknown transfer",
                                       "file exists already", "no such user",      "options refused"};
    return status < std::size(names) ? names[status] : std::string_view{};
}

/// A text that ends with NUL; not ok() where none comes.
std::string_view text(Reader& in, Bytes all) noexcept {
    const auto rest = as_text(all.subspan(in.position()));
    const auto end = rest.find('\0');
    if (end == rest.npos) {
        in.take(in.remaining() + 1);
        return {};
    }
    in.take(end + 1);
    return rest.substr(0, end);
}
constexpr bool printable(std::string_view name) noexcept {
    return !name.empty() && name.size() <= name_most && std::ranges::all_of(name, [](char c) {
        return static_cast<unsigned char>(c) >= 0x20 && c != 0x7f;
    });
}

struct Tftp {
    static constexpr Over over[]{{"udp", 69}};
    // A request tells itself by its mode's word; what follows is found because it was expected.
    static constexpr Mark marks[]{{0, 0xffff8000, 0x00010000}, {0, 0xffff8000, 0x00020000}};
    static constexpr Facts facts{
        .name = "tftp",
        .title = "Trivial File Transfer Protocol",
        .specification = "RFC 1350, 2347, 2348, 2349",
        .over = over,
        .marks = marks,
        .message_most = block_most + 4,
        .depth = Depth::acts,
        .status_name = error_name,
    };
    struct State {
        std::uint64_t offset;   ///< of the next block of the file
        std::uint16_t size;     ///< of a block; 0: as usual
        std::uint16_t expected; ///< number of the next block, less one
        bool over;
    };

    static Recognition looks_like(const Opening& opening) noexcept {
        const auto bytes = latest(opening);
        Reader in{bytes};
        const auto code = in.u16();
        if (!in.ok() || (code != read && code != write)) return {};
        const auto name = text(in, bytes), mode = text(in, bytes);
        if (!in.ok() || !printable(name)) return {};
        if (!same_words(mode, "octet") && !same_words(mode, "netascii") && !same_words(mode, "mail"))
            return {};
        while (in.remaining() != 0) { // RFC 2347: words and values in pairs.
            const auto option = text(in, bytes);
            (void)text(in, bytes);
            if (!in.ok() || !printable(option)) return {};
        }
        return {Likeness::yes, Speaker::client};
    }
    static Framing frame(Bytes datagram) noexcept { return {.length = datagram.size()}; }

    static void dissect(const Pdu& pdu, State& state, Ways& ways) noexcept {
        const Tell tell{pdu, ways};
        Reader in{pdu.bytes};
        const auto code = in.u16();
        if (!in.ok()) return tell.report({0, "message ends inside its operation code"});
        switch (code) {
        case read:
        case write:
            return request(code, in, tell);
        case data:
            return block(in, state, tell);
        case acknowledge:
            in.u16();
            if (!in.ok()) return tell.report({2, "message ends before the block's number"});
            return tell.operation({.function = {code, "acknowledgement"},
                                   .act = Act::unknown,
                                   .phase = Phase::event,
                                   .outcome = Outcome::done});
        case error: {
            const auto status = in.u16();
            if (!in.ok()) return tell.report({2, "message ends before the error's number"});
            return tell.operation({.function = {code, "error"},
                                   .act = Act::report,
                                   .phase = Phase::event,
                                   .outcome = Outcome::refused,
                                   .status = status});
        }
        case options:
            return agree(in, state, tell);
        default:
            return tell.report({0, "an operation that TFTP does not have"});
        }
    }

private:
    static void request(std::uint16_t code, Reader& in, const Tell& tell) noexcept {
        const auto name = text(in, tell.pdu.bytes), mode = text(in, tell.pdu.bytes);
        observe::Operation said{.function = {code, code == read ? "read request" : "write request"},
                                .act = code == read ? Act::file_read : Act::file_write,
                                .phase = Phase::request,
                                .outcome = Outcome::pending};
        if (printable(name)) said.object = {.space = "file", .text = name.substr(0, 80)};
        tell.operation(said);
        if (!in.ok() || mode.empty()) return tell.report({2, "a request without a name and a mode"});
        // RFC 1350 clause 4: the answer comes from a port of its own.
        const auto& parties = tell.pdu.origin.parties;
        if (parties.client.has_ip() && parties.client.port != 0)
            tell.ways.expect({.from = {.ip = parties.server.ip},
                              .to = {.ip = parties.client.ip, .port = parties.client.port},
                              .ip_protocol = 17,
                              .protocol = "tftp"});
    }

    static void agree(Reader& in, State& state, const Tell& tell) noexcept {
        std::uint64_t size = 0;
        while (in.remaining() != 0) {
            const auto option = text(in, tell.pdu.bytes), value = text(in, tell.pdu.bytes);
            if (!in.ok()) break;
            std::uint64_t number = 0;
            std::from_chars(value.data(), value.data() + value.size(), number);
            if (same_words(option, "blksize") && number >= 8 && number <= block_most)
                state.size = static_cast<std::uint16_t>(number);
            if (same_words(option, "tsize")) size = number;
        }
        observe::Operation said{.function = {options, "options agreed"},
                                .act = Act::connect,
                                .phase = Phase::event,
                                .outcome = Outcome::done};
        if (size != 0) said.value = size;
        tell.operation(said);
        if (!in.ok()) tell.report({2, "an option without its end"});
    }

    /// Who spoke first here is the file's keeper: what it sends is read from it.
    static void block(Reader& in, State& state, const Tell& tell) noexcept {
        const auto number = in.u16();
        if (!in.ok()) return tell.report({2, "message ends before the block's number"});
        const auto bytes = in.rest();
        tell.operation({.function = {data, "data"},
                        .act = tell.from_client() ? Act::file_read : Act::file_write,
                        .phase = Phase::event,
                        .outcome = Outcome::done});
        const std::size_t size = state.size != 0 ? state.size : usual_block;
        if (bytes.size() > size) return tell.report({4, "a block of more bytes than were agreed"});
        if (state.over || number != static_cast<std::uint16_t>(state.expected + 1)) return; // Sent again.
        const bool last = bytes.size() < size;
        tell.ways.transfer(transfer_channel, observe::Transfer::Content::file, "tftp", state.offset, bytes,
                           last ? Last::yes : Last::no, tell.pdu.origin);
        state.offset += bytes.size();
        state.expected = number;
        state.over = last;
    }
};

} // namespace

extern constinit const Dissector tftp = row<Tftp>();

} // namespace yagura::dissect::protocols
