// S7's system status lists: 0x0011 (module identification) and 0x001C (component identification).
// RFC 1006 clause 6 (TPKT), ISO 8073 clauses 13.3, 13.4, 13.7 (COTP); Siemens, System Software for
// S7-300/400, System and Standard Functions, chapter 33 (SZL). An operator's connection, as a panel makes
// one: no password, and no function that could change anything.
#include "see/ask/query.h"
#include "spine/base/text_room.h"

namespace yagura::see::ask::queries {
namespace {

using observe::Attribute;

constexpr std::uint16_t modules = 0x0011, components = 0x001c;
constexpr std::uint16_t list_of(unsigned step) noexcept { return step == 2 ? modules : components; }
constexpr std::uint32_t read_szl =
    0x4401; // docs/protocols/s7comm.md: group 4 of the programmer's functions, 1

Request request(const Asked& asked, unsigned step, std::span<std::byte> room) noexcept {
    Builder out{room};
    switch (step) {
    case 0: // COTP CR, class 0, TPDU of 1,024 bytes; from 0x0100 to an operator's connection of rack 0
        out.bytes(3, 0, 0, 22, 17, 0xe0, 0, 0, 0, 1, 0, 0xc0, 1, 10, 0xc1, 2, 1, 0, 0xc2, 2, 2,
                  asked.choices.s7_slot & 0x1fu);
        return {out.size(), "COTP connection request", 0xe0};
    case 1: // one job at a time, PDU of 480 bytes
        out.bytes(3, 0, 0, 25, 2, 0xf0, 0x80, 0x32, 1, 0, 0, 0, 1, 0, 8, 0, 0, 0xf0, 0, 0, 1, 0, 1, 1, 0xe0);
        return {out.size(), "Setup communication", 0xf0};
    case 2:
    case 3:
        out.bytes(3, 0, 0, 33, 2, 0xf0, 0x80, 0x32, 7, 0, 0, 0, step, 0, 8, 0, 8);
        out.bytes(0, 1, 0x12, 4, 0x11, 0x44, 1, 0, 0xff, 9, 0, 4).u16(list_of(step)).u16(0);
        return {out.size(), step == 2 ? "Read SZL 0x0011" : "Read SZL 0x001C", read_szl};
    default:
        return {};
    }
}

Framing frame(Bytes so_far) noexcept {
    Reader in{so_far};
    const auto version = in.u8();
    in.u8();
    const auto length = in.u16();
    if (!in.ok()) return {};
    if (version != 3) return {0, Malformed{0, "this is no TPKT"}};
    if (length < 7 || length > 4'096) return {0, Malformed{2, "no message has this length"}};
    return {length, {}};
}

/// A record of 28 bytes: index, order number, type, two versions: 'V', 3 and 2, 6 is V3.2.6.
void module_identification(Reader& record, Facts& facts) {
    const auto index = record.u16();
    const auto order_number = as_text(record.take(20));
    record.u16();
    const auto letter = record.u8(), major = record.u8(), minor = record.u8(), patch = record.u8();
    if (!record.ok()) return;
    TextRoom<24> version;
    if (index == 1) facts.say(Attribute::module, order_number);
    if (index == 6 && letter == 0 && major != 0) facts.say(Attribute::hardware, version.number(major).view());
    if (index == 7 && letter == 'V')
        facts.say(Attribute::firmware,
                  version.add('V').number(major).add('.').number(minor).add('.').number(patch).view());
}
/// A record of 34 bytes: index and text.
void component_identification(Reader& record, Facts& facts) {
    const auto index = record.u16();
    const auto text = as_text(record.take(24));
    if (!record.ok()) return;
    if (index == 1) facts.say(Attribute::name, text);
    if (index == 2) facts.say(Attribute::description, text);
    if (index == 3 || index == 11) facts.say(Attribute::location, text);
    if (index == 4 && text.starts_with("Original Siemens")) facts.say(Attribute::vendor, "Siemens", 90);
    if (index == 5) facts.say(Attribute::serial, text);
    if (index == 7) facts.say(Attribute::product, text);
}

Heard read_list(Reader& in, unsigned step, Facts& facts) {
    const auto parameters = in.u16(), data = in.u16();
    Reader parameter{in.take(parameters)};
    Reader body{in.take(data)};
    parameter.take(10); // head, length, method, function, sequence, data unit, whether more follows
    const auto error = parameter.u16();
    const auto code = body.u8(), kind = body.u8();
    const auto length = body.u16();
    if (!in.ok() || !parameter.ok() || !body.ok())
        return Heard::broken({0, "the answer is cut short"}, in.position());
    if (error != 0) return Heard::absent(error);
    if (code != 0xff || kind != 9) return Heard::absent(code);
    Reader list{body.take(length)};
    const auto which = list.u16();
    list.u16();
    const auto size = list.u16(), count = list.u16();
    if (!body.ok() || !list.ok()) return Heard::broken({29, "the list is cut short"});
    if (which != list_of(step)) return Heard::broken({29, "answers another list than was asked"});
    if (size != (step == 2 ? 28 : 34)) return Heard::broken({33, "no record of this list has this size"});
    // What does not fit into one answer is not asked for: what counts comes first.
    for (unsigned i = 0; i < count && list.remaining() >= size; ++i) {
        Reader record{list.take(size)};
        step == 2 ? module_identification(record, facts) : component_identification(record, facts);
    }
    return {};
}

Heard read(Asked&, unsigned step, Bytes message, Facts& facts) {
    Reader in{message};
    in.u32();
    const auto length = in.u8(), kind = in.u8();
    if (!in.ok()) return Heard::broken({0, "the answer is cut short"}, in.position());
    if ((kind & 0xf0) == 0x80) return Heard::refused(kind); // disconnect
    if (step == 0) {
        if ((kind & 0xf0) != 0xd0) return Heard::broken({5, "answers a connection with something else"});
        return {};
    }
    if (kind != 0xf0 || length != 2) return Heard::broken({5, "this is no data of COTP"});
    in.u8();
    const auto magic = in.u8(), type = in.u8();
    in.u32();
    if (!in.ok()) return Heard::broken({0, "the answer is cut short"}, in.position());
    if (magic != 0x32) return Heard::broken({7, "this is not S7"});
    if (type == 7 && step >= 2) return read_list(in, step, facts);
    in.u32(); // lengths of parameters and data
    const auto error = in.u16();
    if (!in.ok()) return Heard::broken({0, "the answer is cut short"}, in.position());
    if (type != 3 || step != 1) return Heard::broken({8, "answers with another kind of message"});
    return error == 0 ? Heard{} : Heard::refused(error);
}

bool only_reads(Bytes request) noexcept {
    Reader in{request};
    const auto version = in.u8();
    in.u8();
    const auto size = in.u16();
    const auto length = in.u8(), kind = in.u8();
    if (!in.ok() || version != 3 || size != request.size()) return false;
    if (kind == 0xe0) return request.size() == 22 && length == 17;
    in.u8();
    const auto magic = in.u8(), type = in.u8();
    in.u32();
    const auto parameters = in.u16(), data = in.u16();
    Reader parameter{in.take(parameters)};
    if (!in.ok() || kind != 0xf0 || magic != 0x32 || in.remaining() != data) return false;
    if (type == 1) return data == 0 && parameters == 8 && parameter.u8() == 0xf0;
    parameter.u32();
    const auto method = parameter.u8(), group = parameter.u8(), function = parameter.u8();
    in.u32();
    const auto list = in.u16();
    return parameter.ok() && in.ok() && type == 7 && parameters == 8 && data == 8 && method == 0x11 &&
           group == 0x44 && function == 1 && (list == modules || list == components);
}

} // namespace

extern constinit const Query s7{.name = "s7",
                                .protocol = "s7comm",
                                .document = "System Software for S7-300/400, SZL 0x0011 and 0x001C",
                                .carrier = Carrier::tcp,
                                .port = 102,
                                .requests_most = 4,
                                .request = request,
                                .frame = frame,
                                .read = read,
                                .only_reads = only_reads};

} // namespace yagura::see::ask::queries
