// BACnet's Who-Is, and then the device object's own names by ReadProperty.
// ANSI/ASHRAE 135-2020: clause 16.10 (Who-Is, I-Am), 15.5 (ReadProperty), 12.11 (device object), 6
// (NPDU), 20.1, 20.2 (encoding), annex J.2 (BVLC). Sent to one address, never to all: a device answers that,
// too.
#include "see/ask/query.h"

namespace yagura::see::ask::queries {
namespace {

using observe::Attribute;

enum Kept : std::size_t { instance = 0 };
struct Property {
    std::uint16_t number;
    Attribute attribute;
    std::string_view name;
};
constexpr Property properties[]{{121, Attribute::vendor, "ReadProperty vendor-name"},
                                {70, Attribute::product, "ReadProperty model-name"},
                                {44, Attribute::firmware, "ReadProperty firmware-revision"},
                                {12, Attribute::application, "ReadProperty application-software-version"},
                                {77, Attribute::name, "ReadProperty object-name"}};
constexpr std::uint8_t who_is = 8, i_am = 0, read_property = 12, device = 8;

Request request(const Asked& asked, unsigned step, std::span<std::byte> room) noexcept {
    Builder out{room};
    if (step == 0) {
        out.bytes(0x81, 0x0a, 0, 8, 1, 0, 0x10, who_is);
        return {out.size(), "Who-Is", 0x100u | who_is};
    }
    if (step > std::size(properties)) return {};
    const auto& property = properties[step - 1];
    out.bytes(0x81, 0x0a, 0, 17, 1, 4);   // wants an answer
    out.bytes(0, 5, step, read_property); // whole answers of at most 1,476 bytes
    out.u8(0x0c).u32(device << 22 | (asked.kept[instance] & 0x3fffff));
    out.bytes(0x19, property.number);
    return {out.size(), property.name, read_property};
}

/// Behind BVLC and NPDU, whose addresses of networks beyond are passed over.
bool to_apdu(Reader& in) noexcept {
    const auto type = in.u8(), function = in.u8();
    in.u16();
    if (function == 4) in.take(6); // forwarded: by whom
    const auto version = in.u8(), control = in.u8();
    if (!in.ok() || type != 0x81 || version != 1 || (control & 0x80)) return false;
    if (control & 0x20) {
        in.u16();
        in.take(in.u8());
    }
    if (control & 8) {
        in.u16();
        in.take(in.u8());
    }
    if (control & 0x20) in.u8();
    return in.ok();
}

struct Tag {
    std::uint8_t number = 0;
    bool context = false;
    std::uint8_t kind = 0; ///< 6: opens, 7: closes, where context
    std::uint32_t length = 0;
};
Tag read_tag(Reader& in) noexcept {
    const auto head = in.u8();
    Tag tag{static_cast<std::uint8_t>(head >> 4), (head & 8) != 0, static_cast<std::uint8_t>(head & 7), 0};
    tag.length = tag.kind;
    if (tag.number == 15) tag.number = in.u8();
    if (tag.kind == 5) {
        tag.length = in.u8();
        if (tag.length == 254)
            tag.length = in.u16();
        else if (tag.length == 255)
            tag.length = in.u32();
    }
    return tag;
}

Heard read(Asked& asked, unsigned step, Bytes message, Facts& facts) {
    Reader in{message};
    if (!to_apdu(in)) return in.ok() ? Heard::foreign() : Heard::broken({0, "the header is cut short"});
    const auto type = in.u8();
    if (!in.ok()) return Heard::broken({0, "there is no message in it"}, in.position());
    if (step == 0) {
        const auto service = in.u8();
        const auto tag = read_tag(in);
        const auto id = in.u32();
        if (type >> 4 != 1 || service != i_am)
            return in.ok() ? Heard::foreign() : Heard::broken({0, "the answer is cut short"});
        if (!in.ok() || tag.context || tag.number != 12 || tag.length != 4 || id >> 22 != device)
            return Heard::broken({0, "says I-Am of no device"}, in.position());
        asked.kept[instance] = id & 0x3fffff;
        return {};
    }
    const auto invoke = in.u8();
    if (!in.ok()) return Heard::broken({0, "the answer is cut short"}, in.position());
    if (type >> 4 == 1 || invoke != static_cast<std::uint8_t>(step)) return Heard::foreign();
    if (type >> 4 == 5) return Heard::absent(0);                          // it has no such property
    if (type >> 4 == 6 || type >> 4 == 7) return Heard::refused(in.u8()); // reject, abort
    if (type >> 4 != 3) return Heard::foreign();
    if (type & 8) return Heard::absent(0); // in pieces: no name is that long
    const auto service = in.u8();
    const auto object = read_tag(in);
    const auto id = in.take(object.length);
    const auto which = read_tag(in);
    const auto number = in.take(which.length);
    const auto opens = read_tag(in);
    const auto value = read_tag(in);
    const auto bytes = in.take(value.length);
    if (!in.ok()) return Heard::broken({0, "the value is cut short"}, in.position());
    if (service != read_property || id.size() != 4 || number.size() != 1 ||
        std::to_integer<unsigned>(number[0]) != properties[step - 1].number || opens.kind != 6)
        return Heard::broken({4, "answers another property than was asked"});
    // A character string whose first byte says UTF-8; another encoding would be read wrongly.
    if (value.context || value.number != 7 || bytes.empty() || bytes[0] != std::byte{0})
        return Heard::absent(0);
    facts.say(properties[step - 1].attribute, as_text(bytes.subspan(1)), 95);
    return {};
}

bool only_reads(Bytes request) noexcept {
    Reader in{request};
    const auto type = in.u8(), function = in.u8();
    const auto length = in.u16();
    const auto version = in.u8(), control = in.u8();
    const auto kind = in.u8();
    if (!in.ok() || type != 0x81 || function != 0x0a || length != request.size() || version != 1)
        return false;
    if (kind == 0x10) return control == 0 && in.u8() == who_is && in.ok() && in.remaining() == 0;
    in.u16();
    return kind == 0 && control == 4 && in.u8() == read_property && in.ok() && in.remaining() == 7;
}

} // namespace

extern constinit const Query bacnet{.name = "bacnet",
                                    .protocol = "bacnet",
                                    .document = "ANSI/ASHRAE 135-2020, 16.10 and 15.5",
                                    .carrier = Carrier::udp,
                                    .port = 47808,
                                    .requests_most = 6,
                                    .request = request,
                                    .read = read,
                                    .only_reads = only_reads};

} // namespace yagura::see::ask::queries
