#include "see/tables/encoding.h"

#include <iconv.h>

#include <array>
#include <cerrno>
#include <cstdint>

#include "spine/base/utf8.h"

namespace yagura::see::tables {
namespace {

void append(std::string& out, std::uint32_t point) {
    const auto tail = [&](unsigned shift) { out += static_cast<char>(0x80u | (point >> shift & 0x3fu)); };
    if (point < 0x80) {
        out += static_cast<char>(point);
    } else if (point < 0x800) {
        out += static_cast<char>(0xc0u | point >> 6);
        tail(0);
    } else if (point < 0x10000) {
        out += static_cast<char>(0xe0u | point >> 12);
        tail(6), tail(0);
    } else {
        out += static_cast<char>(0xf0u | point >> 18);
        tail(12), tail(6), tail(0);
    }
}

Decoded utf16(Bytes file, bool little) {
    Decoded out{.encoding = "utf-16"};
    Reader reader{file.subspan(2)};
    const auto unit = [&] { return little ? reader.u16le() : reader.u16(); };
    while (reader.remaining()) {
        const auto at = reader.position() + 2;
        std::uint32_t point = unit();
        if ((point & 0xfc00u) == 0xd800u) { // The first half of a pair.
            const auto second = unit();
            point = (second & 0xfc00u) == 0xdc00u ? 0x10000 + ((point & 0x3ffu) << 10) + (second & 0x3ffu)
                                                  : 0;
        } else if ((point & 0xfc00u) == 0xdc00u) {
            point = 0;
        }
        if (!reader.ok() || point == 0) {
            out.bad = at;
            return out;
        }
        append(out.text, point);
    }
    return out;
}

/// What a text is as UTF-8.
struct Utf8 {
    std::size_t good = 0; ///< up to here
    std::size_t threes = 0,
                broken = 0; ///< characters of three bytes or more, as Japanese has them; bytes that are none
};

Utf8 as_utf8(std::string_view text) {
    Utf8 out;
    for (std::size_t at = 0; at < text.size();) {
        const auto length = utf8_length(text.substr(at));
        if (length == 0 && out.broken++ == 0) out.good = at;
        out.threes += length >= 3;
        at += length ? length : 1;
    }
    if (!out.broken) out.good = text.size();
    return out;
}

Decoded utf8(std::string_view text, std::size_t good, std::string_view encoding, std::size_t skipped) {
    Decoded out{.text = std::string{text.substr(0, good)}, .encoding = encoding};
    if (good < text.size()) out.bad = good + skipped;
    return out;
}

/// Bytes that begin no character of Windows-31J; some tables give them one all the same.
bool begins_nothing(unsigned char byte) noexcept { return byte == 0x80 || byte == 0xa0 || byte >= 0xfd; }

/// Bytes that begin a character of two.
bool leads(unsigned char byte) noexcept { return (byte > 0x80 && byte < 0xa0) || byte >= 0xe0; }

/// Where the first character stands that begins with no such byte; the size if there is none.
std::size_t whole_characters(std::string_view text) noexcept {
    std::size_t at = 0;
    while (at < text.size()) {
        const auto byte = static_cast<unsigned char>(text[at]);
        if (begins_nothing(byte)) return at;
        at += leads(byte) ? 2 : 1;
    }
    return text.size();
}

/// As iconv_open() says that it failed.
bool is_none(iconv_t converter) noexcept {
    return converter == reinterpret_cast<iconv_t>(-1); // NOLINT(performance-no-int-to-ptr)
}

Result<Decoded> cp932(std::string_view text) {
    const auto converter = iconv_open("UTF-8", "CP932");
    if (is_none(converter))
        return std::unexpected{
            Complaint{.code = "ledger.no-decoder",
                      .what = "the file is in Shift_JIS (CP932), and this system cannot read that",
                      .why = "the C library's conversion tables (gconv) are not there",
                      .next = "install Debian's package libc6 again, or save the file as CSV UTF-8"}};
    Decoded out{.encoding = "cp932"};
    const auto good = whole_characters(text);
    auto* in = const_cast<char*>(text.data()); // It only reads.
    auto left = good;
    std::array<char, 16'384> room;
    while (left) {
        auto* to = room.data();
        auto free = room.size();
        const bool done = iconv(converter, &in, &left, &to, &free) != static_cast<std::size_t>(-1);
        out.text.append(room.data(), room.size() - free);
        if (!done && errno != E2BIG) break;
    }
    iconv_close(converter);
    if (const auto read = good - left; read < text.size()) out.bad = read;
    return out;
}

} // namespace

Result<Decoded> decoded(Bytes file) {
    const auto text = as_text(file);
    if (text.starts_with("\xff\xfe")) return utf16(file, true);
    if (text.starts_with("\xfe\xff")) return utf16(file, false);
    if (text.starts_with("\xef\xbb\xbf")) {
        const auto rest = text.substr(3);
        return utf8(rest, as_utf8(rest).good, "utf-8-bom", 3);
    }
    const auto seen = as_utf8(text);
    // Text in CP932 hardly ever holds three bytes that are a character of UTF-8; a broken UTF-8 file is full
    // of them, and would pass for CP932 as nonsense.
    if (!seen.broken || seen.threes > 2 * seen.broken) return utf8(text, seen.good, "utf-8", 0);
    return cp932(text);
}

std::string in_cp932(std::string_view text) {
    const auto converter = iconv_open("CP932", "UTF-8");
    if (is_none(converter)) return std::string{text};
    std::string out(text.size(), '\0');        // No character is longer in it than in UTF-8.
    auto* in = const_cast<char*>(text.data()); // It only reads.
    auto left = text.size();
    auto* to = out.data();
    auto free = out.size();
    while (iconv(converter, &in, &left, &to, &free) == static_cast<std::size_t>(-1) && left > 0 && free > 0) {
        do { // The whole character that it does not have.
            ++in;
            --left;
        } while (left > 0 && (static_cast<unsigned char>(*in) & 0xc0) == 0x80);
        *to++ = '?';
        --free;
    }
    iconv_close(converter);
    out.resize(out.size() - free);
    return out;
}

} // namespace yagura::see::tables
