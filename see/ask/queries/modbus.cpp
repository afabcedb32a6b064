// Modbus' Read Device Identification: function 43 (0x2B), MEI type 14 (0x0E).
// MODBUS Application Protocol Specification V1.1b3, 6.21; MODBUS Messaging on TCP/IP V1.0b, 3.1.3 (header).
#include "see/ask/query.h"

namespace yagura::see::ask::queries {
namespace {

using observe::Attribute;

constexpr std::uint8_t function = 0x2b, identification = 0x0e;
constexpr std::uint32_t told = function << 8 | identification; // docs/protocols/modbus.md
enum Kept : std::size_t { conformity = 0 };

/// First the three that everybody has to have; then, who says that it has them, the regular ones.
Request request(const Asked& asked, unsigned step, std::span<std::byte> room) noexcept {
    if (step > 1 || (step == 1 && (asked.kept[conformity] & 0x7f) < 2)) return {};
    Builder out{room};
    out.u16(static_cast<std::uint16_t>(asked.number + step)).u16(0).u16(5).u8(asked.choices.modbus_unit);
    out.bytes(function, identification, step + 1, step == 0 ? 0 : 3);
    return {out.size(),
            step == 0 ? "Read Device Identification (basic)" : "Read Device Identification (regular)", told};
}

Framing frame(Bytes so_far) noexcept {
    Reader in{so_far};
    in.u16();
    const auto protocol = in.u16(), length = in.u16();
    if (!in.ok()) return {};
    if (protocol != 0) return {0, Malformed{2, "the protocol is not Modbus"}};
    if (length < 3 || length > 254) return {0, Malformed{4, "no message has this length"}};
    return {std::size_t{6} + length, {}};
}

Heard read(Asked& asked, unsigned step, Bytes message, Facts& facts) {
    Reader in{message};
    const auto number = in.u16();
    in.u32();
    const auto unit = in.u8(), code = in.u8(), second = in.u8();
    if (!in.ok()) return Heard::broken({0, "the answer is cut short"}, in.position());
    if (number != static_cast<std::uint16_t>(asked.number + step) || unit != asked.choices.modbus_unit)
        return Heard::foreign();
    if (code == (function | 0x80)) return step == 0 ? Heard::refused(second) : Heard::absent(second);
    if (code != function || second != identification)
        return Heard::broken({7, "answers another function than was asked"});
    in.u8();
    const auto level = in.u8();
    in.u8();
    in.u8(); // whether more follows and where: three objects are enough
    const auto objects = in.u8();
    if (!in.ok()) return Heard::broken({0, "the answer is cut short"}, in.position());
    if (step == 0) asked.kept[conformity] = level;
    for (unsigned i = 0; i < objects; ++i) {
        const auto id = in.u8();
        const auto value = as_text(in.take(in.u8()));
        if (!in.ok()) return Heard::broken({0, "an object leaves the message"}, in.position());
        constexpr Attribute attributes[]{Attribute::vendor,      Attribute::product,     Attribute::firmware,
                                         Attribute::description, Attribute::description, Attribute::module,
                                         Attribute::application};
        if (id < std::size(attributes) && id != 3) facts.say(attributes[id], value);
    }
    return {};
}

bool only_reads(Bytes request) noexcept {
    Reader in{request};
    in.u16();
    const auto protocol = in.u16(), length = in.u16();
    const auto unit = in.u8(); // 0 is all of them
    const auto code = in.u8(), kind = in.u8(), which = in.u8();
    return in.ok() && unit != 0 && request.size() == 11 && protocol == 0 && length == 5 && code == function &&
           kind == identification && (which == 1 || which == 2);
}

} // namespace

extern constinit const Query modbus{.name = "modbus",
                                    .protocol = "modbus",
                                    .document = "MODBUS Application Protocol V1.1b3, 6.21",
                                    .carrier = Carrier::tcp,
                                    .port = 502,
                                    .requests_most = 2,
                                    .request = request,
                                    .frame = frame,
                                    .read = read,
                                    .only_reads = only_reads};

} // namespace yagura::see::ask::queries
