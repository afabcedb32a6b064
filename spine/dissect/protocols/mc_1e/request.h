// The head of a frame 1E, and how long a request is. There is no length in it: it follows from the command
// and the number of points. SH(NA)-080008, 18.1 and 18.2.
#pragma once

#include <optional>

#include "spine/dissect/protocols/mc_1e/commands.h"
#include "spine/dissect/protocols/slmp/devices.h"
#include "spine/dissect/protocols/slmp/fields.h"

namespace yagura::dissect::mc_1e {

using slmp::Fields;

struct Head {
    const Known* known = nullptr;
    bool text = false; ///< ascii code
    bool answer = false;
    std::uint8_t station = 0; ///< PC number: 0xff is the controller that is connected to
    std::uint8_t end = 0;     ///< complete code of an answer
    std::uint16_t timer = 0;  ///< monitoring timer, in 250 ms
    std::size_t size = 0;     ///< of the head itself
    std::size_t unit() const noexcept { return text ? 2 : 1; }
};

enum class Start : std::uint8_t { strange, cut, whole };

/// `head` is filled in when it is whole. The two codes do not share a first byte.
inline Start read_head(Bytes bytes, Head& head) noexcept {
    if (bytes.empty()) return Start::cut;
    const auto first = std::to_integer<std::uint8_t>(bytes[0]);
    head.text = (first >= '0' && first <= '9') || (first >= 'A' && first <= 'F');
    Fields in{bytes, head.text};
    const auto subheader = in.u8();
    if (!in.ok()) return bytes.size() < 2 ? Start::cut : Start::strange;
    head.answer = (subheader & 0x80) != 0;
    head.known = find_command(subheader & 0x7f);
    if (!head.known) return Start::strange;
    head.size = (head.answer ? 2u : 4u) * head.unit();
    if (bytes.size() < head.size) return Start::cut;
    if (head.answer) {
        head.end = in.u8();
    } else {
        head.station = in.u8();
        head.timer = in.u16();
    }
    return in.ok() ? Start::whole : Start::strange;
}

/// Where something stands, without saying yet what it is.
struct Place {
    std::uint32_t number = 0;
    std::uint16_t code = 0;  ///< of a device: its two letters
    std::uint16_t group = 0; ///< block, or module
};

/// A device's letters as frame 3E has them, nullptr for others (18.2, "device code").
constexpr const slmp::Device* device_of(std::uint16_t code) noexcept {
    const char letters[]{static_cast<char>(code >> 8), static_cast<char>(code & 0xff)};
    switch (code) {
    case 0x4420: // "D "
    case 0x5720: // "W "
    case 0x5220: // "R "
    case 0x5820: // "X "
    case 0x5920: // "Y "
    case 0x4d20: // "M "
    case 0x4c20: // "L "
    case 0x4620: // "F "
    case 0x4220: // "B "
    case 0x5320: // "S "
        return slmp::find_device(std::string_view{letters, 1});
    case 0x544e: // "TN"
    case 0x5453: // "TS"
    case 0x5443: // "TC"
    case 0x434e: // "CN"
    case 0x4353: // "CS"
    case 0x4343: // "CC"
        return slmp::find_device(std::string_view{letters, 2});
    default:
        return nullptr;
    }
}

inline Place read_place(Fields& in, Where where) noexcept {
    Place place;
    if (where == Where::block) place.group = in.u16();
    if (in.text()) {
        place.code = in.u16();
        place.number = in.u32();
    } else {
        place.number = in.u32();
        place.code = in.u16();
    }
    return place;
}
constexpr std::size_t place_size(Where where) noexcept { return where == Where::block ? 8 : 6; }

/// Zero means 256 (18.2, "number of device points").
constexpr std::uint16_t points(std::uint8_t told) noexcept { return told == 0 ? 256 : told; }

/// Bytes on the wire of so many points, words or bytes. Points in ascii code are filled up to an even number.
constexpr std::size_t data_size(const Known& known, bool text, std::size_t count) noexcept {
    if (known.where == Where::buffer || known.where == Where::echo) return count * (text ? 2 : 1);
    if (known.points) return (count + 1) / 2 * (text ? 2 : 1);
    return count * (text ? 4 : 2);
}

/// How long a request is in all; nothing if there is too little of it to tell.
inline std::optional<std::size_t> request_size(const Head& head, Bytes bytes) noexcept {
    const auto& known = *head.known;
    const auto unit = head.unit();
    const auto count_at = [&](std::size_t units) -> std::optional<std::uint16_t> {
        Fields in{bytes.subspan(head.size), head.text};
        in.raw(units * unit);
        const auto count = points(in.u8());
        return in.ok() ? std::optional{count} : std::nullopt;
    };
    switch (known.how) {
    case How::plain:
    case How::model:
    case How::read_watched:
        return head.size;
    case How::write_anywhere:
    case How::watch: {
        const auto count = count_at(0);
        if (!count) return std::nullopt;
        const auto value = known.how == How::watch ? 0u : known.points ? 1u : 2u;
        return head.size + (2 + *count * (place_size(known.where) + value)) * unit;
    }
    case How::read:
    case How::write: {
        const auto before = known.where == Where::echo     ? 0u
                            : known.where == Where::buffer ? 3u
                                                           : place_size(known.where);
        const auto behind = known.where == Where::echo ? 0u : known.where == Where::buffer ? 2u : 1u;
        const bool data = known.how == How::write || known.where == Where::echo;
        const auto fixed = head.size + (before + 1 + behind) * unit;
        if (!data) return fixed;
        const auto count = count_at(before);
        if (!count) return std::nullopt;
        return fixed + data_size(known, head.text, *count);
    }
    }
    return std::nullopt;
}

} // namespace yagura::dissect::mc_1e
