// SLMP's Read Type Name (0101): which processor a MELSEC controller is. Frame 3E, binary code.
// Mitsubishi SH(NA)-080956ENG, 4.1 and 4.2 (frame), 5.5 (Read Type Name).
#include "see/ask/query.h"

namespace yagura::see::ask::queries {
namespace {

using observe::Attribute;

constexpr std::uint16_t read_type_name = 0x0101;

Request request(const Asked&, unsigned step, std::span<std::byte> room) noexcept {
    if (step != 0) return {};
    Builder out{room};
    out.bytes(0x50, 0, 0, 0xff, 0xff, 3, 0); // 3E; the station that is connected
    out.u16le(6).u16le(8);                   // six bytes follow; it waits two seconds at most
    out.u16le(read_type_name).u16le(0);
    return {out.size(), "Read Type Name", read_type_name};
}

Framing frame(Bytes so_far) noexcept {
    Reader in{so_far};
    const auto mark = in.u16();
    in.take(5);
    const auto length = in.u16le();
    if (!in.ok()) return {};
    if (mark != 0xd000) return {0, Malformed{0, "this is no answer of SLMP"}};
    if (length < 2 || length > 2'048) return {0, Malformed{7, "no answer has this length"}};
    return {std::size_t{9} + length, {}};
}

Heard read(Asked&, unsigned, Bytes message, Facts& facts) {
    Reader in{message};
    in.take(9);
    const auto end = in.u16le();
    if (!in.ok()) return Heard::broken({0, "the answer is cut short"}, in.position());
    if (end != 0) return Heard::refused(end);
    const auto name = in.take(16);
    in.u16();
    if (!in.ok()) return Heard::broken({0, "the name is cut short"}, in.position());
    facts.say(Attribute::product, as_text(name));
    facts.say(Attribute::vendor, "Mitsubishi Electric", 80); // Others have the protocol, too.
    return {};
}

bool only_reads(Bytes request) noexcept {
    Reader in{request};
    const auto mark = in.u16();
    in.take(5);
    const auto length = in.u16le();
    in.u16();
    const auto command = in.u16le(), sub = in.u16le();
    return in.ok() && request.size() == 15 && mark == 0x5000 && length == 6 && command == read_type_name &&
           sub == 0;
}

} // namespace

extern constinit const Query slmp{.name = "slmp",
                                  .protocol = "slmp",
                                  .document = "Mitsubishi SH(NA)-080956ENG, 5.5",
                                  .carrier = Carrier::tcp,
                                  .port = 0,
                                  .requests_most = 1,
                                  .request = request,
                                  .frame = frame,
                                  .read = read,
                                  .only_reads = only_reads};

} // namespace yagura::see::ask::queries
