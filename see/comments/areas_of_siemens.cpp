// Addresses of STEP 7 and TIA Portal, in English and in German letters.
#include <array>

#include "see/comments/areas.h"
#include "spine/base/text.h"

namespace yagura::see::comments {
namespace {

using Objects = std::vector<std::string>;

struct Area {
    std::string_view letters, seen;
};
constexpr std::array areas{Area{"PIW", "PW"}, Area{"PEW", "PW"}, Area{"PQW", "PW"}, Area{"PAW", "PW"},
                           Area{"PIB", "PB"}, Area{"PEB", "PB"}, Area{"PQB", "PB"}, Area{"PAB", "PB"},
                           Area{"PID", "PD"}, Area{"PED", "PD"}, Area{"PQD", "PD"}, Area{"PAD", "PD"},
                           Area{"I", "I"},    Area{"E", "I"},    Area{"Q", "Q"},    Area{"A", "Q"},
                           Area{"M", "M"}};
constexpr std::array blocks{"OB", "FB", "FC", "SFB", "SFC", "SDB"};

/// Behind the letter of the area or behind "DB1.DB": "X4.2", "4.2", "W4".
Objects within(std::string_view area, std::string_view text, bool block) {
    char width = 'X';
    if (!text.empty() && std::string_view{"XBWD"}.contains(text[0])) {
        width = text[0];
        text.remove_prefix(1);
    } else if (block) {
        return {};
    }
    const auto byte = take_number(text, 10);
    if (!byte) return {};
    if (width == 'X') {
        if (text.size() != 2 || text[0] != '.' || text[1] < '0' || text[1] > '7') return {};
        return {cat(area, block ? "X" : "", *byte, text)};
    }
    if (!text.empty()) return {};
    auto out = Objects{cat(area, std::string_view{&width, 1}, *byte)};
    // Many clients read whole stretches as bytes: what begins there has this name.
    if (width != 'B') out.push_back(cat(area, "B", *byte));
    return out;
}

} // namespace

Objects siemens_objects(std::string_view text) {
    if (text.starts_with('%')) text.remove_prefix(1);
    for (const std::string_view block : {"DB", "DI"}) {
        auto rest = text;
        if (!rest.starts_with(block)) continue;
        rest.remove_prefix(2);
        const auto number = take_number(rest, 10);
        if (!number) return {};
        const auto whole = cat(block, *number);
        if (rest.empty()) return {whole, cat("block ", block, " ", *number)};
        if (!rest.starts_with(".DB")) return {};
        return within(cat(whole, ".DB"), rest.substr(3), true);
    }
    for (const std::string_view block : blocks) {
        auto rest = text;
        if (!rest.starts_with(block)) continue;
        rest.remove_prefix(block.size());
        const auto number = take_number(rest, 10);
        return number && rest.empty() ? Objects{cat("block ", block, " ", *number)} : Objects{};
    }
    for (const std::string_view letters : {"T", "C", "Z"}) {
        auto rest = text;
        if (!rest.starts_with(letters)) continue;
        rest.remove_prefix(1);
        const auto number = take_number(rest, 10);
        return number && rest.empty() ? Objects{cat(letters == "T" ? "T" : "C", *number)} : Objects{};
    }
    for (const auto& [letters, seen] : areas) {
        if (!text.starts_with(letters)) continue;
        auto rest = text.substr(letters.size());
        if (seen.size() == 2) { // The peripheral areas have their width in their name.
            const auto number = take_number(rest, 10);
            return number && rest.empty() ? Objects{cat(seen, *number)} : Objects{};
        }
        return within(seen, rest, false);
    }
    return {};
}

} // namespace yagura::see::comments
