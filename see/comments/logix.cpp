#include "see/comments/logix.h"

#include <cstdint>

#include "see/comments/areas.h"
#include "spine/base/text.h"

namespace yagura::see::comments {
namespace {

void put(std::string& out, std::uint32_t character) {
    const auto byte = [&](std::uint32_t bits) { out += static_cast<char>(bits); };
    if (character < 0x80) {
        byte(character);
    } else if (character < 0x800) {
        byte(0xc0 | character >> 6);
        byte(0x80 | (character & 0x3f));
    } else if (character < 0x10000) {
        byte(0xe0 | character >> 12);
        byte(0x80 | (character >> 6 & 0x3f));
        byte(0x80 | (character & 0x3f));
    } else {
        byte(0xf0 | character >> 18);
        byte(0x80 | (character >> 12 & 0x3f));
        byte(0x80 | (character >> 6 & 0x3f));
        byte(0x80 | (character & 0x3f));
    }
}

/// Four digits behind a dollar.
std::optional<std::uint32_t> unit_at(std::string_view text, std::size_t at) {
    if (at + 5 > text.size() || text[at] != '$') return std::nullopt;
    const auto four = close(text.substr(at + 1, 4));
    std::string_view rest{four};
    const auto number = take_number(rest, 16);
    return four.size() == 4 && rest.empty() ? number : std::nullopt;
}

bool same(std::string_view a, std::string_view b) { return close(a) == close(b); }

} // namespace

std::optional<LogixTag> logix_row(std::string_view kind, std::string_view scope, std::string_view name,
                                  std::string_view specifier) {
    const bool comment = same(kind, "COMMENT");
    const bool alias = same(kind, "ALIAS");
    if (!comment && !alias && !same(kind, "TAG")) return std::nullopt;
    const auto own = comment && !specifier.empty() ? specifier : name;
    if (own.empty()) return std::nullopt;
    const auto scoped = [&](std::string_view tag) {
        return scope.empty() || tag.starts_with("Program:") ? std::string{tag}
                                                            : cat("Program:", scope, ".", tag);
    };
    LogixTag out{.address = scoped(own)};
    out.objects.push_back(out.address);
    if (alias && !specifier.empty()) out.objects.push_back(scoped(specifier));
    return out;
}

std::string unescaped_logix(std::string_view text) {
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        if (text[at] != '$' || at + 1 == text.size()) {
            out += text[at++];
            continue;
        }
        if (auto unit = unit_at(text, at)) {
            at += 5;
            if (*unit >= 0xd800 && *unit < 0xdc00) { // The first half of a pair; alone it is nothing.
                const auto low = unit_at(text, at);
                if (!low || *low < 0xdc00 || *low > 0xdfff) continue;
                unit = 0x10000 + ((*unit - 0xd800) << 10) + (*low - 0xdc00);
                at += 5;
            } else if (*unit >= 0xdc00 && *unit <= 0xdfff) {
                continue;
            }
            put(out, *unit);
            continue;
        }
        const char next = text[at + 1];
        at += 2;
        if (next == 'N' || next == 'n' || next == 'L' || next == 'l' || next == 'R' || next == 'r' ||
            next == 'P' || next == 'p')
            out += '\n';
        else if (next == 'T' || next == 't')
            out += '\t';
        else if (next == 'Q' || next == 'q')
            out += '"';
        else
            out += next; // $$ and $' are themselves.
    }
    return out;
}

} // namespace yagura::see::comments
