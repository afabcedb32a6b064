// Values as MMS, GOOSE and reports write them (ISO 9506-2, Data; IEC 61850-8-1, 8.1.3).
#pragma once

#include <bit>

#include "spine/base/text_room.h"
#include "spine/dissect/protocols/iec61850/ber.h"
#include "spine/observe/observation.h"

namespace yagura::dissect::iec61850 {

enum DataTag : std::uint8_t {
    array = 0xa1,
    structure = 0xa2,
    boolean = 0x83,
    bit_string = 0x84,
    integer = 0x85,
    whole = 0x86,
    floating = 0x87,
    octet_string = 0x89,
    visible_string = 0x8a,
    generalized_time = 0x8b,
    binary_time = 0x8c,
    bcd = 0x8d,
    boolean_array = 0x8e,
    object_id = 0x8f,
    mms_string = 0x90,
    utc_time = 0x91,
};
constexpr bool is_data(std::uint8_t tag) noexcept {
    return tag == array || tag == structure || (tag >= boolean && tag <= utc_time && tag != 0x88);
}

/// Of one that holds no others. Bits are a number, the first one above; times are left as they are.
inline observe::Value value_of(const Tlv& data) noexcept {
    const auto content = data.content;
    switch (data.tag) {
    case boolean:
        return truth_of(content);
    case integer:
        return signed_of(content);
    case whole:
    case bcd:
        return unsigned_of(content);
    case bit_string: {
        if (content.empty() || content.size() > 9) return content;
        const auto unused = std::to_integer<unsigned>(content[0]);
        return unused > 7 ? observe::Value{content}
                          : observe::Value{unsigned_of(content.subspan(1)) >> unused};
    }
    case floating: // The first octet says how wide the exponent is.
        if (content.size() == 5)
            return double{std::bit_cast<float>(static_cast<std::uint32_t>(unsigned_of(content.subspan(1))))};
        if (content.size() == 9) return std::bit_cast<double>(unsigned_of(content.subspan(1)));
        return content;
    case visible_string:
    case mms_string:
        return as_text(content);
    default:
        return content.empty() ? observe::Value{} : observe::Value{content};
    }
}

inline constexpr unsigned depth_most = 5; ///< structures in structures that are opened

/// Every value that holds no others, with its place: `say(path, value)`, path like "[2.1]". False: not all is
/// well-formed. At most `most` are said.
template <class Say>
bool each_value(Bytes list, TextRoom<160>& path, unsigned depth, std::uint32_t& most, Say&& say) noexcept {
    Reader in{list};
    Tlv data;
    const auto before = path;
    for (std::uint32_t at = 1; next(in, data); ++at) {
        if (data.cut || !is_data(data.tag)) return false;
        if (most == 0) continue;
        path = before;
        if (depth) path.add('.');
        path.number(at);
        if (data.constructed()) {
            if (depth + 1 >= depth_most) continue;
            if (!each_value(data.content, path, depth + 1, most, say)) return false;
            continue;
        }
        --most;
        say(path.view(), value_of(data));
    }
    path = before;
    return in.ok();
}

} // namespace yagura::dissect::iec61850
