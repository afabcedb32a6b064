// DNS messages as bytes: header, names, questions and records. mDNS and LLMNR have the same form.
//
// From RFC 1035 clause 4 (messages, compression), RFC 3596 (AAAA), RFC 2782 (SRV), RFC 6891 (EDNS), RFC
// 6762 clause 18 (the top bit of a class in mDNS).
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

#include "spine/base/bytes.h"
#include "spine/base/text_room.h"

namespace yagura::wire::dns {

inline constexpr std::size_t header_size = 12;
inline constexpr std::size_t name_most = 255; ///< RFC 1035 clause 3.1: bytes of a name on the wire
inline constexpr std::size_t hops_most = 127;

namespace type {
inline constexpr std::uint16_t a = 1, ns = 2, cname = 5, soa = 6, null = 10, ptr = 12, hinfo = 13, mx = 15,
                               txt = 16, aaaa = 28, srv = 33, opt = 41, nsec = 47, any = 255;
}

struct Header {
    std::uint16_t id = 0, flags = 0;
    std::uint16_t questions = 0, answers = 0, authorities = 0, additional = 0;
    constexpr bool response() const noexcept { return flags & 0x8000; }
    constexpr std::uint8_t opcode() const noexcept { return flags >> 11 & 15; }
    constexpr std::uint8_t code() const noexcept { return flags & 15; } ///< RCODE without EDNS' upper bits
    constexpr unsigned records() const noexcept { return unsigned{answers} + authorities + additional; }
};

constexpr std::optional<Header> read_header(Bytes message) noexcept {
    Reader in{message};
    const Header header{in.u16(), in.u16(), in.u16(), in.u16(), in.u16(), in.u16()};
    return in.ok() ? std::optional{header} : std::nullopt;
}

/// Of a question or a record, as people write it: labels joined by dots, no dot at the end; bytes that
/// are not printable ASCII, dots inside a label and backslashes as \DDD. 255 bytes make at most 1020.
using NameText = TextRoom<1024>;

/// Reads the name at `at` and gives the place behind it. Nothing if it leaves the message, is longer than
/// a name may be, or points anywhere but backwards: each pointer has to go before the one that led to
/// it, so no message can make this run in circles, and a name of 127 labels needs no more hops than that.
inline std::optional<std::size_t> read_name(Bytes message, std::size_t at, NameText& text) noexcept {
    std::optional<std::size_t> behind;
    std::size_t bytes = 0, hops = 0;
    auto limit = at; // A pointer has to lead before this.
    for (bool first = true;;) {
        if (at >= message.size()) return std::nullopt;
        const auto size = std::to_integer<std::size_t>(message[at]);
        if (size == 0) return behind ? behind : std::optional{at + 1};
        if ((size & 0xc0) == 0xc0) {
            if (at + 1 >= message.size()) return std::nullopt;
            if (!behind) behind = at + 2;
            const auto to = (size & 0x3f) << 8 | std::to_integer<std::size_t>(message[at + 1]);
            if (to >= limit || to < header_size || ++hops > hops_most) return std::nullopt;
            at = limit = to;
            continue;
        }
        if (size & 0xc0) return std::nullopt; // RFC 6891: extended labels were given up.
        if (size >= message.size() - at) return std::nullopt;
        bytes += size + 1;
        if (bytes >= name_most) return std::nullopt;
        if (!first) text.add('.');
        first = false;
        const auto label = message.subspan(at + 1, size);
        const auto plain = [](std::byte byte) {
            const auto c = std::to_integer<unsigned>(byte);
            return c > 0x20 && c < 0x7f && c != '.' && c != '\\';
        };
        if (std::ranges::all_of(label, plain)) { // All but the odd one are.
            text.add(as_text(label));
            at += size + 1;
            continue;
        }
        for (const auto byte : label) {
            const auto c = std::to_integer<unsigned>(byte);
            if (plain(byte))
                text.add(static_cast<char>(c));
            else
                text.add('\\')
                    .add(static_cast<char>('0' + c / 100))
                    .add(static_cast<char>('0' + c / 10 % 10))
                    .add(static_cast<char>('0' + c % 10));
        }
        at += size + 1;
    }
}

struct Question {
    NameText name;
    std::uint16_t type = 0, group = 0; ///< group: class; in mDNS its top bit asks for a unicast answer
};

enum class Section : std::uint8_t { answer, authority, additional };

struct Record {
    NameText name;
    std::uint16_t type = 0, group = 0; ///< in mDNS the top bit of class says "this is all there is"
    std::uint32_t lives = 0;
    std::size_t data_at = 0; ///< in the message: names inside may point out of it
    Bytes data{};
    Section section{};
};

/// Walks a message. Counts are claims: it ends with the bytes, whatever they say.
class Walk {
public:
    explicit Walk(Bytes message) noexcept : message_{message} {
        if (const auto header = read_header(message)) {
            header_ = *header;
            at_ = header_size;
            questions_ = header_.questions;
            records_ = header_.records();
        } else {
            ok_ = false;
        }
    }
    /// All questions come before the first record; next() passes over those not asked for.
    bool question(Question& out) noexcept {
        if (!ok_ || questions_ == 0) return false;
        --questions_;
        out.name.clear();
        const auto behind = read_name(message_, at_, out.name);
        if (!behind) return fail();
        Reader in{message_.subspan(*behind)};
        out.type = in.u16();
        out.group = in.u16();
        if (!in.ok()) return fail();
        at_ = *behind + in.position();
        return true;
    }
    bool next(Record& out) noexcept {
        for (Question skipped; questions_ && ok_;) (void)question(skipped);
        if (!ok_ || told_ == records_) return false;
        out.section = told_ < header_.answers                                   ? Section::answer
                      : told_ < unsigned{header_.answers} + header_.authorities ? Section::authority
                                                                                : Section::additional;
        ++told_;
        out.name.clear();
        const auto behind = read_name(message_, at_, out.name);
        if (!behind) return fail();
        Reader in{message_.subspan(*behind)};
        out.type = in.u16();
        out.group = in.u16();
        out.lives = in.u32();
        const auto size = in.u16();
        out.data_at = *behind + in.position();
        out.data = in.take(size);
        if (!in.ok()) return fail();
        at_ = *behind + in.position();
        return true;
    }
    bool ok() const noexcept { return ok_; }
    std::uint32_t position() const noexcept {
        return static_cast<std::uint32_t>(at_);
    } ///< of the last whole entry's end
    const Header& header() const noexcept { return header_; }

private:
    bool fail() noexcept { return ok_ = false; }

    Bytes message_;
    Header header_{};
    std::size_t at_ = 0;
    unsigned questions_ = 0, records_ = 0, told_ = 0;
    bool ok_ = true;
};

/// The name of a type as zone files write it; empty if it has none here.
constexpr std::string_view type_name(std::uint16_t type) noexcept {
    switch (type) {
    case 1:
        return "A";
    case 2:
        return "NS";
    case 5:
        return "CNAME";
    case 6:
        return "SOA";
    case 10:
        return "NULL";
    case 12:
        return "PTR";
    case 13:
        return "HINFO";
    case 15:
        return "MX";
    case 16:
        return "TXT";
    case 28:
        return "AAAA";
    case 33:
        return "SRV";
    case 35:
        return "NAPTR";
    case 39:
        return "DNAME";
    case 41:
        return "OPT";
    case 43:
        return "DS";
    case 46:
        return "RRSIG";
    case 47:
        return "NSEC";
    case 48:
        return "DNSKEY";
    case 50:
        return "NSEC3";
    case 52:
        return "TLSA";
    case 64:
        return "SVCB";
    case 65:
        return "HTTPS";
    case 99:
        return "SPF";
    case 249:
        return "TKEY";
    case 250:
        return "TSIG";
    case 251:
        return "IXFR";
    case 252:
        return "AXFR";
    case 255:
        return "ANY";
    case 257:
        return "CAA";
    default:
        return {};
    }
}

/// "TYPE65280" where there is no name: RFC 3597 clause 5. The view lives as long as the room.
inline std::string_view type_text(std::uint16_t type, TextRoom<16>& room) noexcept {
    if (const auto name = type_name(type); !name.empty()) return name;
    return room.add("TYPE").number(type).view();
}

/// A record's data as text: addresses, names, the first string of TXT. Empty for what has no short form.
inline std::string_view data_text(Bytes message, const Record& record, NameText& room) noexcept {
    room.clear();
    const auto address = [&](std::size_t size) {
        std::array<std::uint8_t, 16> ip{};
        if (size == 4) ip[10] = ip[11] = 0xff;
        for (std::size_t i = 0; i < size; ++i)
            ip[16 - size + i] = std::to_integer<std::uint8_t>(record.data[i]);
        return room.ip(ip).view();
    };
    const auto name = [&](std::size_t skip) {
        if (record.data.size() <= skip) return std::string_view{};
        // The name may point back, but not begin or end outside its record.
        const auto behind = read_name(message.first(record.data_at + record.data.size()),
                                      record.data_at + skip, room);
        return behind ? room.view() : std::string_view{};
    };
    switch (record.type) {
    case type::a:
        return record.data.size() == 4 ? address(4) : std::string_view{};
    case type::aaaa:
        return record.data.size() == 16 ? address(16) : std::string_view{};
    case type::ns:
    case type::cname:
    case type::soa:
    case type::ptr:
        return name(0);
    case type::mx:
        return name(2);
    case type::srv:
        return name(6);
    case type::txt: {
        Reader in{record.data};
        const auto text = in.take(in.u8());
        return in.ok() ? as_text(text) : std::string_view{};
    }
    default:
        return {};
    }
}

} // namespace yagura::wire::dns
