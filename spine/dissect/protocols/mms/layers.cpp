// ISO 8327-1 (X.225) clause 8.3, ISO 8823-1 (X.226) clause 8, ISO 8650-1 (X.227) clause 9.
#include "spine/dissect/protocols/mms/layers.h"

namespace yagura::dissect::mms {
namespace {

/// 8.2.3: one octet, or 0xFF and two.
std::size_t session_length(Reader& in) noexcept {
    const auto first = in.u8();
    return first == 0xff ? in.u16() : first;
}

/// Where `inner` begins in `outer`, which holds it.
std::size_t position_in(Bytes outer, Bytes inner) noexcept {
    return inner.empty() ? outer.size() : static_cast<std::size_t>(inner.data() - outer.data());
}

/// 9.1: the association's request or answer; MMS stands in its user information.
void association(const Tlv& acse, Opened& out) noexcept {
    Reader in{acse.content};
    Tlv field;
    while (next(in, field)) {
        out.cut = out.cut || field.cut;
        if (acse.tag == 0x61 && field.tag == 0xa2) { // The result.
            Reader one{field.content};
            if (Tlv number; next(one, number) && number.tag == 2)
                out.result = static_cast<std::uint8_t>(iec61850::unsigned_of(number.content));
        }
        if (field.tag == 0xac || field.tag == 0xaa) {
            Reader one{field.content};
            if (Tlv value; next(one, value) && value.tag == 0x80) out.password = !value.content.empty();
        }
        if (field.tag != 0xbe) continue;
        Reader list{field.content};
        Tlv external;
        if (!next(list, external) || external.tag != 0x28) continue;
        Reader parts{external.content};
        for (Tlv part; next(parts, part);)
            if (part.tag == 0xa0) out.mms = part.content;
    }
    if (!in.ok()) out.cut = true;
}

/// 8.4: fully encoded data: a context's number and the value that it describes. Who wrote which context is
/// not asked: association control and MMS have no tag in common.
void user_data(const Tlv& data, Opened& out) noexcept {
    out.cut = out.cut || data.cut;
    Reader lists{data.content};
    for (Tlv list; next(lists, list);) {
        if (list.tag != 0x30) continue;
        Reader parts{list.content};
        for (Tlv part; next(parts, part);) {
            if (part.tag != 0xa0) continue;
            out.cut = out.cut || part.cut;
            Reader value{part.content};
            Tlv inner;
            if (!next(value, inner)) {
                out.cut = out.cut || !value.ok();
                continue;
            }
            if (inner.kind() == 1) // Association control: request, answer, release, abort.
                association(inner, out);
            else if (out.mms.empty())
                out.mms = part.content;
        }
        if (!parts.ok()) out.cut = true;
    }
    if (!lists.ok()) out.cut = true;
}

void presentation(Bytes content, Opened& out) noexcept {
    Reader in{content};
    Tlv data;
    if (next(in, data) && data.tag == 0x61) return user_data(data, out);
    out.cut = out.cut || !in.ok();
}

/// Of a connection's parameters the user's data: presentation's own beginning, in which the data stands
/// again.
void parameters(Bytes content, bool begins, Opened& out) noexcept {
    Reader in{content};
    while (in.ok() && in.remaining() > 0) {
        const auto kind = in.u8();
        const auto size = session_length(in);
        if (!in.ok() || size > in.remaining()) out.cut = true;
        const auto value = in.take(std::min(size, in.remaining()));
        if (kind != 0xc1 && kind != 0xc2) continue;
        if (!begins) return presentation(value, out);
        Reader set{value};
        Tlv outer;
        if (!next(set, outer)) continue;
        if (outer.tag != 0x31 && outer.tag != 0xa0) {
            presentation(value, out);
            continue;
        }
        Reader fields{outer.content};
        for (Tlv field; next(fields, field);) {
            if (field.tag != 0xa2) continue;
            Reader mode{field.content};
            for (Tlv one; next(mode, one);)
                if (one.tag == 0x61) user_data(one, out);
        }
    }
}

} // namespace

Opened open(Bytes bytes) noexcept {
    Opened out;
    Reader in{bytes};
    const auto first = in.u8();
    if (!in.ok()) return out;
    // Without session and presentation: "MMS over TCP" of some makers begins with the message itself.
    if ((first >= 0xa0 && first <= 0xaa) || first == 0x8b || first == 0x8c || first == 0xad) {
        out.layer = Layer::data;
        out.mms = bytes;
        return out;
    }
    auto kind = first;
    auto size = session_length(in);
    if (!in.ok()) return out;
    if (kind == 1 && size <= in.remaining() && in.remaining() > size) { // Give tokens, which data follows.
        in.take(size);
        kind = in.u8();
        size = session_length(in);
        if (kind != 1 || !in.ok() || size > in.remaining()) return out;
        in.take(size);
        out.layer = Layer::data;
        presentation(in.rest(), out);
        out.position = out.mms.empty() ? bytes.size() : position_in(bytes, out.mms);
        return out;
    }
    switch (kind) {
    case 13:
        out.layer = Layer::connect;
        break;
    case 14:
        out.layer = Layer::accept;
        break;
    case 12:
        out.layer = Layer::refuse;
        break;
    case 9:
        out.layer = Layer::finish;
        break;
    case 10:
        out.layer = Layer::disconnect;
        break;
    case 25:
    case 26:
        out.layer = Layer::abort;
        break;
    default:
        return out;
    }
    out.cut = size > in.remaining();
    parameters(in.take(std::min(size, in.remaining())), kind == 13 || kind == 14, out);
    out.position = out.mms.empty() ? bytes.size() : position_in(bytes, out.mms);
    return out;
}

} // namespace yagura::dissect::mms
