// Addresses of MELSEC (SH(NA)-080956ENG, chapter 5), KEYENCE (by what its units answer to frame 3E) and Omron
// (W342, 5-2-2).
#include <algorithm>
#include <array>

#include "see/comments/areas.h"
#include "spine/base/text.h"

namespace yagura::see::comments {
namespace {

enum class Kind : std::uint8_t {
    bit,
    word,  ///< its bits are addressed, D100.F
    timed, ///< a value, a contact and a coil
    local, ///< of the program alone: nobody asks for it over the network
};
struct Area {
    std::string_view letters;
    unsigned base;
    Kind kind;
};
/// Longer letters first: SB0 is not the step relay B0.
constexpr std::array melsec{
    Area{"LSTN", 10, Kind::bit}, Area{"STN", 10, Kind::word},  Area{"STS", 10, Kind::bit},
    Area{"STC", 10, Kind::bit},  Area{"LST", 10, Kind::timed}, Area{"ZR", 10, Kind::word},
    Area{"SM", 10, Kind::bit},   Area{"SD", 10, Kind::word},   Area{"SB", 16, Kind::bit},
    Area{"SW", 16, Kind::word},  Area{"DX", 16, Kind::bit},    Area{"DY", 16, Kind::bit},
    Area{"FX", 16, Kind::local}, Area{"FY", 16, Kind::local},  Area{"FD", 16, Kind::local},
    Area{"TN", 10, Kind::word},  Area{"TS", 10, Kind::bit},    Area{"TC", 10, Kind::bit},
    Area{"CN", 10, Kind::word},  Area{"CS", 10, Kind::bit},    Area{"CC", 10, Kind::bit},
    Area{"ST", 10, Kind::timed}, Area{"LT", 10, Kind::timed},  Area{"LC", 10, Kind::timed},
    Area{"LZ", 10, Kind::word},  Area{"RD", 10, Kind::word},   Area{"BL", 10, Kind::local},
    Area{"X", 16, Kind::bit},    Area{"Y", 16, Kind::bit},     Area{"M", 10, Kind::bit},
    Area{"L", 10, Kind::bit},    Area{"F", 10, Kind::bit},     Area{"V", 10, Kind::bit},
    Area{"B", 16, Kind::bit},    Area{"S", 10, Kind::bit},     Area{"D", 10, Kind::word},
    Area{"W", 16, Kind::word},   Area{"R", 10, Kind::word},    Area{"T", 10, Kind::timed},
    Area{"C", 10, Kind::timed},  Area{"Z", 10, Kind::word},    Area{"P", 10, Kind::local},
    Area{"I", 10, Kind::local},  Area{"N", 10, Kind::local}};

using Objects = std::vector<std::string>;

/// U3E0\G10: the buffer memory of a module.
Objects buffer(std::string_view text) {
    text.remove_prefix(1);
    const auto module = take_number(text, 16);
    if (!module || text.size() < 2 || text[0] != '\\') return {};
    text.remove_prefix(1);
    const std::string_view letters = text.starts_with("HG") ? "HG" : "G";
    if (!text.starts_with(letters)) return {};
    text.remove_prefix(letters.size());
    const auto number = take_number(text, 10);
    if (!number || !text.empty()) return {};
    return {cat("U", digits(*module, 16), "\\", letters, *number)};
}

Objects timed(std::string_view letters, std::uint32_t number) {
    Objects out;
    for (const std::string_view what : {"N", "S", "C", ""}) out.push_back(cat(letters, what, number));
    return out;
}

/// A relay's number is its channel and two digits of its bit: MR1515 is bit 15 of channel 15.
std::optional<std::uint32_t> relay(std::string_view text) {
    const auto number = take_number(text, 10);
    if (!number || !text.empty() || *number % 100 > 15 || *number / 100 > 0xffff) return std::nullopt;
    return *number / 100 * 16 + *number % 100;
}

/// X1A0 of KEYENCE: the channel in decimal, the bit in hexadecimal.
std::optional<std::uint32_t> xy(std::string_view text) {
    auto last = text.empty() ? text : text.substr(text.size() - 1);
    const auto bit = take_number(last, 16);
    auto front = text.substr(0, text.size() - (text.empty() ? 0 : 1));
    const auto channel = front.empty() ? std::optional<std::uint32_t>{0} : take_number(front, 10);
    if (!bit || !last.empty() || !channel || !front.empty() || *channel > 0xffff) return std::nullopt;
    return *channel * 16 + *bit;
}

struct Word {
    std::string_view letters, seen;
    std::uint32_t from; ///< where it begins among those that are seen
    unsigned base;
};
constexpr std::array keyence_words{
    Word{"DM", "D", 0, 10},  Word{"EM", "D", 100'000, 10}, Word{"FM", "R", 0, 10},  Word{"ZF", "ZR", 0, 10},
    Word{"CM", "SD", 0, 10}, Word{"TM", "TM", 0, 10},      Word{"VM", "VM", 0, 10}, Word{"W", "W", 0, 16},
    Word{"D", "D", 0, 10},   Word{"E", "D", 100'000, 10},  Word{"F", "R", 0, 10},   Word{"Z", "Z", 0, 10}};
struct Relay {
    std::string_view letters;
    std::array<std::string_view, 2> seen;
    unsigned base;
};
constexpr std::array keyence_relays{Relay{"MR", {"M", ""}, 10}, Relay{"LR", {"L", ""}, 10},
                                    Relay{"CR", {"SM", ""}, 10}, Relay{"R", {"X", "Y"}, 16}};

} // namespace

Objects melsec_objects(std::string_view text, bool octal) {
    if (text.starts_with('U')) return buffer(text);
    for (const auto& area : melsec) {
        if (!text.starts_with(area.letters)) continue;
        auto rest = text.substr(area.letters.size());
        const bool by_eight = octal && (area.letters == "X" || area.letters == "Y");
        const auto number = take_number(rest, by_eight ? 8 : area.base);
        if (!number) continue;
        auto whole = cat(area.letters, digits(*number, area.base));
        if (rest.empty()) return area.kind == Kind::timed ? timed(area.letters, *number) : Objects{whole};
        if (area.kind != Kind::word || rest[0] != '.') continue;
        rest.remove_prefix(1);
        const auto bit = take_number(rest, 16);
        if (bit && *bit < 16 && rest.empty()) return {whole + bit_text(*bit)};
    }
    return {};
}

Objects keyence_objects(std::string_view text) {
    for (const auto& area : keyence_words) {
        if (!text.starts_with(area.letters)) continue;
        auto rest = text.substr(area.letters.size());
        const auto number = take_number(rest, area.base);
        if (!number) continue;
        const auto own = cat(area.letters, digits(*number, area.base));
        const auto seen = cat(area.seen, digits(std::uint64_t{*number} + area.from, area.base));
        std::string bit;
        if (!rest.empty()) {
            if (rest[0] != '.') continue;
            rest.remove_prefix(1);
            const auto which = take_number(rest, 10);
            if (!which || *which > 15 || !rest.empty()) continue;
            bit = bit_text(*which);
        }
        return own == seen ? Objects{seen + bit} : Objects{seen + bit, own + bit};
    }
    for (const auto& area : keyence_relays) {
        if (!text.starts_with(area.letters)) continue;
        const auto number = relay(text.substr(area.letters.size()));
        if (!number) return {};
        Objects out;
        for (const auto letters : area.seen)
            if (!letters.empty()) out.push_back(cat(letters, digits(*number, area.base)));
        auto own = cat(area.letters, *number / 16, *number % 16 < 10 ? "0" : "", *number % 16);
        // R1515 is a relay here and a file register where it is asked for by that name.
        if (area.letters != "R") out.push_back(std::move(own));
        return out;
    }
    if (text.starts_with('X') || text.starts_with('Y')) {
        const auto number = xy(text.substr(1));
        return number ? Objects{cat(text.substr(0, 1), digits(*number, 16))} : Objects{};
    }
    for (const std::string_view letters : {"T", "C"}) {
        auto rest = text;
        if (!rest.starts_with(letters)) continue;
        rest.remove_prefix(1);
        const auto number = take_number(rest, 10);
        return number && rest.empty() ? timed(letters, *number) : Objects{};
    }
    for (const std::string_view letters : {"VB", "B", "M", "L"}) {
        auto rest = text;
        if (!rest.starts_with(letters)) continue;
        rest.remove_prefix(letters.size());
        const unsigned base = letters.ends_with('B') ? 16 : 10;
        const auto number = take_number(rest, base);
        return number && rest.empty() ? Objects{cat(letters, digits(*number, base))} : Objects{};
    }
    return {};
}

Objects omron_objects(std::string_view text) {
    if (text.starts_with('%')) text.remove_prefix(1);
    struct Named {
        std::string_view letters, seen;
    };
    constexpr std::array areas{Named{"CIO", "CIO"}, Named{"TIM", "T"}, Named{"CNT", "C"}, Named{"DM", "D"},
                               Named{"WR", "W"},    Named{"HR", "H"},  Named{"AR", "A"},  Named{"IR", "CIO"},
                               Named{"D", "D"},     Named{"W", "W"},   Named{"H", "H"},   Named{"A", "A"},
                               Named{"T", "T"},     Named{"C", "C"},   Named{"", "CIO"}};
    if (text.starts_with('E')) { // Extended memory by bank, E0_200, or the current bank's.
        text.remove_prefix(text.starts_with("EM") ? 2 : 1);
        auto number = take_number(text, 16);
        if (!number) return {};
        auto out = cat("E", digits(*number, 16));
        if (text.starts_with('_') || text.starts_with(':')) {
            text.remove_prefix(1);
            number = take_number(text, 10);
            if (!number) return {};
            out += cat("_", *number);
        }
        if (text.empty()) return {out};
        if (text[0] != '.') return {};
        text.remove_prefix(1);
        const auto bit = take_number(text, 10);
        return bit && *bit < 16 && text.empty() ? Objects{out + bit_text(*bit)} : Objects{};
    }
    for (const auto& area : areas) {
        if (!text.starts_with(area.letters)) continue;
        auto rest = text.substr(area.letters.size());
        const auto number = take_number(rest, 10);
        if (!number) continue;
        auto out = cat(area.seen, *number);
        if (rest.empty()) return {out};
        if (rest[0] != '.' || area.seen == "T" || area.seen == "C") return {};
        rest.remove_prefix(1);
        const auto bit = take_number(rest, 10);
        return bit && *bit < 16 && rest.empty() ? Objects{out + bit_text(*bit)} : Objects{};
    }
    return {};
}

} // namespace yagura::see::comments
