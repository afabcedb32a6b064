// OPC UA's FindServers: which servers answer at an address, by their own names. No session, so no login.
// OPC 10000-4, clauses 5.5.2 (FindServers), 5.6.2 (OpenSecureChannel); OPC 10000-6, clauses 5.2 (binary
// encoding), 6.7.2 (chunks), 7.1.2 (Hello). The channel has the policy None: discovery has to be possible
// without one.
#include "see/ask/query.h"

namespace yagura::see::ask::queries {
namespace {

using observe::Attribute;
using namespace std::string_view_literals;

constexpr auto no_policy = "http://opcfoundation.org/UA/SecurityPolicy#None"sv;
constexpr std::uint16_t open_channel = 446, opened_channel = 449, find_servers = 422, found_servers = 425,
                        close_channel = 452, fault = 397;
enum Kept : std::size_t { channel = 0, token = 1 };
constexpr std::uint32_t nothing = 0xffffffff; ///< the length of text that is not there

/// Behind the chunk's head: type of what follows, and the head of every request.
void begin(Builder& out, const Asked& asked, unsigned step, std::uint16_t type) noexcept {
    out.u32le(step).u32le(step);                             // numbers of sequence and request
    out.bytes(1, 0).u16le(type);                             // node id of four bytes
    out.bytes(0, 0).u32le(0).u32le(0).u32le(asked.number);   // no session, no time, our number
    out.u32le(0).u32le(nothing).u32le(2'000).bytes(0, 0, 0); // no diagnosis, no audit; two seconds
}

Request request(const Asked& asked, unsigned step, std::span<std::byte> room) noexcept {
    Builder out{room};
    std::string_view name;
    std::uint32_t function = 0;
    switch (step) {
    case 0:
        out.text("HELF").u32le(0).u32le(0).u32le(65'536).u32le(65'536).u32le(65'536).u32le(1);
        out.u32le(nothing); // to no one of several behind this address
        name = "Hello";
        break;
    case 1:
        out.text("OPNF")
            .u32le(0)
            .u32le(0)
            .u32le(static_cast<std::uint32_t>(no_policy.size()))
            .text(no_policy);
        out.u32le(nothing).u32le(nothing);
        begin(out, asked, step, open_channel);
        out.u32le(0).u32le(0).u32le(1).u32le(nothing).u32le(60'000); // issue; no security; for a minute
        name = "OpenSecureChannel";
        function = open_channel;
        break;
    case 2:
        out.text("MSGF").u32le(0).u32le(asked.kept[channel]).u32le(asked.kept[token]);
        begin(out, asked, step, find_servers);
        out.u32le(nothing).u32le(nothing).u32le(nothing); // whatever its address, languages and names
        name = "FindServers";
        function = find_servers;
        break;
    case 3:
        out.text("CLOF").u32le(0).u32le(asked.kept[channel]).u32le(asked.kept[token]);
        begin(out, asked, step, close_channel);
        name = "CloseSecureChannel";
        function = close_channel;
        break;
    default:
        return {};
    }
    const auto size = static_cast<std::uint32_t>(out.size());
    out.patch(4, static_cast<std::uint8_t>(size & 0xff)).patch(5, static_cast<std::uint8_t>(size >> 8));
    return {out.size(), name, function, step != 3};
}

Framing frame(Bytes so_far) noexcept {
    Reader in{so_far};
    const auto kind = as_text(in.take(3));
    in.u8();
    const auto length = in.u32le();
    if (!in.ok()) return {};
    if (kind != "ACK" && kind != "ERR" && kind != "OPN" && kind != "MSG")
        return {0, Malformed{0, "this is no message of OPC UA"}};
    if (length < 12 || length > answer_most) return {0, Malformed{4, "no chunk has this length"}};
    return {length, {}};
}

std::string_view text(Reader& in) noexcept {
    const auto length = in.u32le();
    return length == nothing ? std::string_view{} : as_text(in.take(length));
}
void node(Reader& in) noexcept { // only what stands in heads: of two and four bytes, and numbers
    const auto form = in.u8();
    in.take(form == 0 ? 1 : form == 1 ? 3 : form == 2 ? 6 : SIZE_MAX);
}
std::uint16_t type_of(Reader& in) noexcept {
    const auto form = in.u8(), space = in.u8();
    const auto id = in.u16le();
    return form == 1 && space == 0 ? id : 0;
}

/// The head of every answer: time, our number, result, diagnosis (none was asked for), names, nothing more.
std::uint32_t head(Reader& in) noexcept {
    in.u64();
    in.u32();
    const auto result = in.u32le();
    if (in.u8() != 0) in.take(SIZE_MAX);
    for (auto left = in.u32le(); in.ok() && left != nothing && left != 0; --left) (void)text(in);
    node(in);
    if (in.u8() != 0) in.take(SIZE_MAX);
    return result;
}

void say_servers(Reader& in, Facts& facts) {
    for (auto left = in.u32le(); in.ok() && left != nothing && left != 0 && facts.all().size() < Facts::most;
         --left) {
        const auto uri = text(in), product = text(in);
        const auto masks = in.u8();
        if (masks & 1) (void)text(in);
        const auto name = masks & 2 ? text(in) : std::string_view{};
        in.u32();
        (void)text(in);
        (void)text(in);
        for (auto urls = in.u32le(); in.ok() && urls != nothing && urls != 0; --urls) (void)text(in);
        if (!in.ok()) return;
        facts.say(Attribute::application, name, 85);
        facts.say(Attribute::application, uri, 60);
        facts.say(Attribute::product, product, 40);
    }
}

Heard read(Asked& asked, unsigned step, Bytes message, Facts& facts) {
    Reader in{message};
    const auto kind = as_text(in.take(3)), chunk = as_text(in.take(1));
    in.u32();
    if (!in.ok()) return Heard::broken({0, "the head is cut short"});
    const auto cut = [&] { return Heard::broken({0, "the answer is cut short"}, in.position()); };
    if (kind == "ERR") {
        const auto error = in.u32le();
        return in.ok() ? Heard::refused(error) : cut();
    }
    if (step == 0) return kind == "ACK" ? Heard{} : Heard::broken({0, "answers Hello with something else"});
    if (kind != (step == 1 ? "OPN" : "MSG"))
        return Heard::broken({0, "answers with another kind of message"});
    const auto id = in.u32le();
    if (step == 1)
        for (int i = 0; i < 3; ++i) (void)text(in); // policy, certificates
    else
        in.u32();
    in.u64(); // numbers of sequence and request
    const auto type = type_of(in);
    const auto result = head(in);
    if (!in.ok()) return cut();
    if (type == fault || result >> 31 != 0) return Heard::refused(result);
    if (type != (step == 1 ? opened_channel : found_servers))
        return Heard::broken({24, "answers another service than was asked"});
    if (step == 2) {
        // A list in several chunks is longer than any that a device has: its beginning will do.
        say_servers(in, facts);
        return in.ok() || chunk != "F" ? Heard{} : cut();
    }
    in.u32(); // version
    asked.kept[channel] = in.u32le();
    asked.kept[token] = in.u32le();
    if (!in.ok()) return cut();
    return id == asked.kept[channel] ? Heard{}
                                     : Heard::broken({8, "opens another channel than it speaks in"});
}

bool only_reads(Bytes request) noexcept {
    Reader in{request};
    const auto kind = as_text(in.take(4));
    const auto size = in.u32le();
    if (!in.ok() || size != request.size()) return false;
    if (kind == "HELF") return size == 32;
    in.u32();
    if (kind == "OPNF") {
        if (text(in) != no_policy || in.u32le() != nothing || in.u32le() != nothing) return false;
    } else {
        in.u32();
    }
    in.u64();
    const auto type = type_of(in);
    if (!in.ok()) return false;
    return (kind == "OPNF" && type == open_channel) || (kind == "MSGF" && type == find_servers) ||
           (kind == "CLOF" && type == close_channel);
}

} // namespace

extern constinit const Query opcua{.name = "opcua",
                                   .protocol = "opcua",
                                   .document = "OPC 10000-4, 5.5.2",
                                   .carrier = Carrier::tcp,
                                   .port = 4840,
                                   .requests_most = 4,
                                   .request = request,
                                   .frame = frame,
                                   .read = read,
                                   .only_reads = only_reads};

} // namespace yagura::see::ask::queries
