#include "see/ledger/normal.h"

#include <arpa/inet.h>
#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <span>
#include <vector>

#include "spine/base/text.h"
#include "spine/base/utf8.h"

namespace yagura::see::ledger {
namespace {

/// What people type where a hyphen is meant, besides "-" and what NFKC makes of it: hyphen, figure dash, en
/// and em dash, horizontal bar, minus, hyphen bullet, box drawings. The long vowel mark ー is asked about
/// apart.
constexpr std::string_view dashes[]{"\u2010", "\u2011", "\u2012", "\u2013", "\u2014",
                                    "\u2015", "\u2212", "\u2043", "\u2500", "\u2501"};
constexpr std::string_view long_vowel = "\u30fc";

std::string well_formed(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const auto length = utf8_length(text);
        out += length ? text.substr(0, length) : std::string_view{"\ufffd"};
        text.remove_prefix(std::max<std::size_t>(length, 1));
    }
    return out;
}

/// Printable ASCII, which NFKC leaves as it is: most of what a ledger holds.
bool simple(std::string_view text) noexcept {
    return std::ranges::all_of(text, [](char c) { return c >= ' ' && c < '\x7f'; });
}

std::string mapped(std::string_view text, int options) {
    if (simple(text)) {
        std::string out{text};
        if (options & UTF8PROC_CASEFOLD)
            std::ranges::transform(out, out.begin(), [](char c) {
                return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 0x20) : c;
            });
        return out;
    }
    utf8proc_uint8_t* raw = nullptr;
    const auto length = utf8proc_map(
        reinterpret_cast<const utf8proc_uint8_t*>(text.data()), static_cast<utf8proc_ssize_t>(text.size()),
        &raw, static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE | options));
    const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owned{raw, std::free};
    if (length < 0) return std::string{text};
    return {reinterpret_cast<const char*>(raw), static_cast<std::size_t>(length)};
}

/// The length of a control character, a line end of Unicode or a space at the start of `text`, else 0.
std::size_t blank(std::string_view text) noexcept {
    const auto first = static_cast<unsigned char>(text[0]);
    if (first <= 0x20 || first == 0x7f) return 1;
    if (first == 0xc2 && text.size() > 1 && static_cast<unsigned char>(text[1]) < 0xa0) return 2;
    return text.starts_with("\u2028") || text.starts_with("\u2029") ? 3 : 0;
}

std::size_t dash(std::string_view text) noexcept {
    if (text.starts_with('-')) return 1;
    for (const auto one : dashes)
        if (text.starts_with(one)) return one.size();
    return 0;
}

bool ascii_word(char c) noexcept {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/// Every dash as "-", ー too: for what has no Japanese in it.
std::string dashed(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const auto length = text.starts_with(long_vowel) ? long_vowel.size() : dash(text);
        out += length ? '-' : text[0];
        text.remove_prefix(std::max<std::size_t>(length, 1));
    }
    return out;
}

std::string without(std::string text, std::span<const std::string_view> parts) {
    for (const auto part : parts)
        for (auto at = text.find(part); at != text.npos; at = text.find(part, at))
            text.erase(at, part.size());
    return text;
}

std::string folded(std::string_view text) { return mapped(plain(text), UTF8PROC_COMPAT | UTF8PROC_CASEFOLD); }

/// What compared() leaves of folded text.
std::string bare(std::string_view text) {
    static constexpr std::string_view legal[]{"(株)", "株式会社"};
    std::string out;
    while (!text.empty()) {
        std::size_t length = dash(text);
        for (const std::string_view gone : {std::string_view{" "}, std::string_view{"_"},
                                            std::string_view{"."}, std::string_view{"・"}, long_vowel})
            if (text.starts_with(gone)) length = gone.size();
        if (!length) out += text[0];
        text.remove_prefix(std::max<std::size_t>(length, 1));
    }
    return without(std::move(out), legal);
}

int hex_digit(char c) noexcept {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/// The digits between separators that are all alike; empty if anything else is there.
std::vector<std::string> groups(std::string_view text, char& separator) {
    std::vector<std::string> out(1);
    separator = '\0';
    for (const char c : text) {
        if (hex_digit(c) >= 0) {
            out.back() += c;
            continue;
        }
        if (!std::string_view{"-:. "}.contains(c) || (separator && separator != c) || out.size() == 6)
            return {};
        separator = c;
        out.emplace_back();
    }
    return out;
}

/// Digits of each group of a MAC by their number: 1 × 12, 2 × 6, 3 × 4, 6 × 2 (or 1 between colons).
bool has_form(std::span<const std::string> parts, char separator) {
    if (parts.size() == 6)
        return std::ranges::all_of(parts, [&](const std::string& part) {
            return part.size() == 2 || (part.size() == 1 && separator == ':');
        });
    if (parts.empty() || parts.size() > 3) return false;
    return std::ranges::all_of(parts,
                               [&](const std::string& part) { return part.size() == 12 / parts.size(); });
}

std::optional<std::array<std::uint8_t, 4>> four(std::string_view text) {
    std::array<std::uint8_t, 4> out{};
    for (std::size_t i = 0; i < 4; ++i) {
        const auto end = i < 3 ? text.find('.') : text.size();
        if (end == text.npos || end > 3) return {};
        const auto part = number<std::uint16_t>(text.substr(0, end)); // Decimal: a zero in front is for show.
        if (!part || *part > 255) return {};
        out[i] = static_cast<std::uint8_t>(*part);
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return out;
}

std::optional<std::string> device_address(const std::array<std::uint8_t, 4>& address) {
    if (address[0] >= 224 || address[0] == 127 || std::ranges::all_of(address, [](auto b) { return b == 0; }))
        return {};
    return cat(address[0], ".", address[1], ".", address[2], ".", address[3]);
}

std::optional<std::string> six(std::string text) {
    if (const auto zone = text.find('%'); zone != text.npos) text.resize(zone);
    std::array<std::uint8_t, 16> address{};
    if (inet_pton(AF_INET6, text.c_str(), address.data()) != 1) return {};
    constexpr std::array<std::uint8_t, 12> mapped_four{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    if (std::equal(mapped_four.begin(), mapped_four.end(), address.begin()))
        return device_address({address[12], address[13], address[14], address[15]});
    const bool small = std::all_of(address.begin(), address.end() - 1, [](auto b) { return b == 0; });
    if (address[0] == 0xff || (small && address[15] < 2)) return {}; // groups, :: and ::1
    char room[INET6_ADDRSTRLEN];
    return std::string{inet_ntop(AF_INET6, address.data(), room, sizeof room)};
}

/// "/24" or "/255.255.255.0" behind an address.
bool is_prefix(std::string_view text) {
    if (const auto bits = number<std::uint16_t>(text)) return *bits <= 128;
    const auto mask = four(text);
    if (!mask) return false;
    std::uint32_t host = 0;
    for (const auto byte : *mask) host = host << 8 | static_cast<std::uint8_t>(~byte);
    return (host & (host + 1)) == 0; // Ones from the right, as many as there are.
}

} // namespace

std::string plain(std::string_view text) {
    const auto composed = mapped(well_formed(text), UTF8PROC_COMPAT | UTF8PROC_IGNORE);
    std::string out;
    std::string_view rest{composed};
    while (!rest.empty()) {
        const auto length = blank(rest);
        if (!length)
            out += rest[0];
        else if (!out.empty() && out.back() != ' ')
            out += ' ';
        rest.remove_prefix(std::max<std::size_t>(length, 1));
    }
    if (out.ends_with(' ')) out.pop_back();
    return out;
}

std::string code(std::string_view text) {
    const auto all = plain(text);
    std::string out;
    std::string_view rest{all};
    while (!rest.empty()) {
        auto length = dash(rest);
        if (rest.starts_with(long_vowel) && !out.empty() && ascii_word(out.back()))
            length = long_vowel.size();
        out += length ? '-' : rest[0];
        rest.remove_prefix(std::max<std::size_t>(length, 1));
    }
    return out;
}

std::string compared(std::string_view text) { return bare(folded(text)); }

std::optional<std::string> mac(std::string_view text) {
    const auto typed = dashed(plain(text));
    char separator = '\0';
    const auto parts = groups(typed, separator);
    if (!has_form(parts, separator)) return {};
    std::string digits;
    for (const auto& part : parts) {
        if (part.size() == 1) digits += '0';
        for (const char c : part) digits += c >= 'A' && c <= 'F' ? static_cast<char>(c + 0x20) : c;
    }
    if ((hex_digit(digits[1]) & 1) != 0 || digits.find_first_not_of('0') == digits.npos) return {};
    for (std::size_t at = 2; at < digits.size(); at += 3) digits.insert(at, ":");
    return digits;
}

std::optional<std::string> ip(std::string_view text) {
    auto typed = plain(text);
    if (const auto slash = typed.find('/'); slash != typed.npos) {
        if (!is_prefix(std::string_view{typed}.substr(slash + 1))) return {};
        typed.resize(slash);
    }
    if (typed.contains(':')) return six(std::move(typed));
    // "192.168. 1. 10" is how columns are made to stand below each other.
    for (const std::string_view gap : {" .", ". "})
        for (auto at = typed.find(gap); at != typed.npos; at = typed.find(gap)) typed.replace(at, 2, ".");
    const auto address = four(typed);
    return address ? device_address(*address) : std::nullopt;
}

} // namespace yagura::see::ledger
