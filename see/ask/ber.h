// The little of X.690 that SNMP's messages are made of: definite lengths of at most three bytes, integers,
// names.
#pragma once

#include <algorithm>
#include <cstdint>

#include "see/ask/query.h"
#include "spine/base/bytes.h"

namespace yagura::see::ask::ber {

struct Field {
    std::uint8_t tag = 0;
    Bytes content{};
};
/// Poisons the reader where it does not fit, or where a length has a form that nothing here needs.
inline Field field(Reader& in) noexcept {
    Field out;
    out.tag = in.u8();
    std::size_t length = in.u8();
    if (length == 0x81)
        length = in.u8();
    else if (length == 0x82)
        length = in.u16();
    else if (length >= 0x80)
        length = SIZE_MAX;
    out.content = in.take(length);
    return out;
}
/// Of an integer that is not negative; of a longer one its first eight bytes.
inline std::uint64_t number(Bytes bytes) noexcept {
    std::uint64_t out = 0;
    for (const auto byte : bytes.first(std::min<std::size_t>(bytes.size(), 8)))
        out = out << 8 | std::to_integer<std::uint64_t>(byte);
    return out;
}
/// The next arc of a name, seven bits a byte; false at its end and where it does not fit 32 bits.
inline bool next_arc(Reader& in, std::uint32_t& arc) noexcept {
    std::uint64_t out = 0;
    for (int i = 0; i < 5 && in.remaining() != 0; ++i) {
        const auto byte = in.u8();
        out = out << 7 | (byte & 0x7fu);
        if ((byte & 0x80) == 0) {
            arc = static_cast<std::uint32_t>(out);
            return out <= UINT32_MAX;
        }
    }
    return false;
}

/// Rows come in the order of their arcs, which is not that of their bytes.
inline bool grows(Bytes before, Bytes now) noexcept {
    Reader one{before}, other{now};
    for (;;) {
        std::uint32_t a = 0, b = 0;
        if (!next_arc(other, b)) return false;
        if (!next_arc(one, a)) return true;
        if (a != b) return a < b;
    }
}

/// Of a request of many about one device. With bit 14, so that two bytes are the shortest form whatever the
/// number is (X.690, 8.3.2).
inline std::uint16_t id_of_walk(const Asked& asked, unsigned step) noexcept {
    return static_cast<std::uint16_t>(0x4000u | (asked.number & 0x3fu) << 8 | (step & 0xffu));
}

/// An answer's list of variables, where it is one to `request`.
struct Answer {
    enum class Was : std::uint8_t { good, foreign, refused, broken } was = Was::broken;
    std::uint32_t status = 0;
    Bytes variables{};
};
inline Answer answer(Bytes message, std::uint64_t request) noexcept {
    constexpr std::uint8_t response = 0xa2;
    Reader whole{message};
    Reader in{field(whole).content};
    const auto version = field(in);
    const auto community = field(in);
    const auto pdu = field(in);
    if (!whole.ok() || !in.ok()) return {};
    if (pdu.tag != response || number(version.content) != 1) return {Answer::Was::foreign, 0, {}};
    Reader body{pdu.content};
    const auto id = field(body), status = field(body), index = field(body), list = field(body);
    if (!body.ok() || community.tag != 4 || index.tag != 2 || list.tag != 0x30) return {};
    if (number(id.content) != request) return {Answer::Was::foreign, 0, {}};
    const auto code = static_cast<std::uint32_t>(number(status.content));
    return {code == 0 ? Answer::Was::good : Answer::Was::refused, code, list.content};
}

/// The PDU's tag of a whole message of version 2c; 0 of anything else.
inline std::uint8_t pdu_of(Bytes message) noexcept {
    Reader whole{message};
    Reader in{field(whole).content};
    const auto version = field(in);
    (void)field(in);
    const auto pdu = field(in);
    const bool good = whole.ok() && in.ok() && whole.remaining() == 0 && in.remaining() == 0 &&
                      number(version.content) == 1;
    return good ? pdu.tag : std::uint8_t{0};
}

/// Is it a get bulk that asks for nothing but names of which `good` says so? `good(name, place)`.
template <class Good>
bool is_bulk_of(Bytes message, Good&& good) noexcept {
    constexpr std::uint8_t get_bulk = 0xa5;
    if (pdu_of(message) != get_bulk) return false;
    Reader whole{message};
    Reader in{field(whole).content};
    (void)field(in);
    (void)field(in);
    Reader pdu{field(in).content};
    (void)field(pdu);
    (void)field(pdu);
    (void)field(pdu);
    const auto list = field(pdu);
    if (!pdu.ok() || pdu.remaining() != 0 || list.tag != 0x30 || list.content.empty()) return false;
    Reader rows{list.content};
    for (std::size_t place = 0; rows.remaining() != 0; ++place) {
        Reader row{field(rows).content};
        const auto name = field(row);
        if (!rows.ok() || !row.ok() || name.tag != 6 || !good(as_text(name.content), place)) return false;
    }
    return true;
}

/// Puts '*' where the community stands; in what cannot be read, wherever its text stands.
inline void blank_community(std::span<std::byte> message, const Choices& choices) noexcept {
    constexpr std::byte star{'*'};
    Reader whole{message};
    Reader in{field(whole).content};
    (void)field(in);
    const auto community = field(in);
    if (whole.ok() && in.ok() && community.tag == 4) {
        std::ranges::fill(message.subspan(static_cast<std::size_t>(community.content.data() - message.data()),
                                          community.content.size()),
                          star);
        return;
    }
    const auto text = std::as_bytes(std::span{choices.snmp_community});
    for (auto rest = message; !text.empty();) {
        const auto found = std::ranges::search(rest, text);
        if (found.empty()) return;
        std::ranges::fill(found, star);
        rest = {found.end(), rest.end()};
    }
}

} // namespace yagura::see::ask::ber
