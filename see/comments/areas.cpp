// What all makers' addresses are read with, and Modbus, which has none of its own.
#include "see/comments/areas.h"

#include <algorithm>
#include <array>
#include <utility>

#include "spine/base/text.h"

namespace yagura::see::comments {
namespace {

char low(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

bool begins(std::string_view text, std::string_view with) noexcept {
    return text.size() >= with.size() && std::ranges::equal(text.substr(0, with.size()), with, {}, low, low);
}

/// The four tables by the digit that people put before a number which counts from 1.
std::string_view table_of(char digit) noexcept {
    switch (digit) {
    case '0':
        return "coil";
    case '1':
        return "discrete input";
    case '3':
        return "input register";
    case '4':
        return "holding register";
    default:
        return {};
    }
}

/// 40108, 400108, 4x0108, 4:108: the 107 of the protocol. Five or six digits, or any number behind a mark.
std::string counted_from_one(std::string_view text) {
    const auto table = text.empty() ? std::string_view{} : table_of(text[0]);
    if (table.empty()) return {};
    auto rest = text.substr(1);
    const bool marked = !rest.empty() && (rest[0] == 'x' || rest[0] == 'X' || rest[0] == ':');
    if (marked) rest.remove_prefix(1);
    if (!marked && rest.size() != 4 && rest.size() != 5) return {};
    const auto number = take_number(rest, 10);
    if (!number || !rest.empty() || *number == 0 || *number > 65'536) return {};
    return cat(table, " ", *number - 1);
}

constexpr std::array words{
    std::pair{std::string_view{"holding register"}, std::string_view{"holding register"}},
    std::pair{std::string_view{"保持レジスタ"}, std::string_view{"holding register"}},
    std::pair{std::string_view{"hr"}, std::string_view{"holding register"}},
    std::pair{std::string_view{"%mw"}, std::string_view{"holding register"}},
    std::pair{std::string_view{"input register"}, std::string_view{"input register"}},
    std::pair{std::string_view{"入力レジスタ"}, std::string_view{"input register"}},
    std::pair{std::string_view{"ir"}, std::string_view{"input register"}},
    std::pair{std::string_view{"%iw"}, std::string_view{"input register"}},
    std::pair{std::string_view{"discrete input"}, std::string_view{"discrete input"}},
    std::pair{std::string_view{"入力ステータス"}, std::string_view{"discrete input"}},
    std::pair{std::string_view{"di"}, std::string_view{"discrete input"}},
    std::pair{std::string_view{"coil"}, std::string_view{"coil"}},
    std::pair{std::string_view{"コイル"}, std::string_view{"coil"}},
    std::pair{std::string_view{"%m"}, std::string_view{"coil"}}};

/// A table by its name and a number as the protocol has it, from 0.
std::string named(std::string_view text) {
    for (const auto& [word, table] : words) {
        if (!begins(text, word)) continue;
        auto rest = text.substr(word.size());
        while (!rest.empty() && (rest[0] == ' ' || rest[0] == '_' || rest[0] == ':')) rest.remove_prefix(1);
        const auto number = take_number(rest, 10);
        if (number && rest.empty() && *number < 65'536) return cat(table, " ", *number);
    }
    return {};
}

} // namespace

std::string close(std::string_view text) {
    std::string out;
    for (const char c : text)
        if (c != ' ') out += c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
    return out;
}

std::optional<std::uint32_t> take_number(std::string_view& text, unsigned base) {
    std::uint64_t number = 0;
    std::size_t taken = 0;
    for (; taken < text.size(); ++taken) {
        const char c = text[taken];
        const unsigned digit = c >= '0' && c <= '9'   ? static_cast<unsigned>(c - '0')
                               : c >= 'A' && c <= 'F' ? static_cast<unsigned>(c - 'A') + 10
                                                      : 16;
        if (digit >= base) break;
        number = number * base + digit;
        if (number > UINT32_MAX) return std::nullopt;
    }
    if (taken == 0) return std::nullopt;
    text.remove_prefix(taken);
    return static_cast<std::uint32_t>(number);
}

std::string digits(std::uint64_t number, unsigned base) {
    std::string out;
    do out.insert(out.begin(), "0123456789ABCDEF"[number % base]);
    while (number /= base);
    return out;
}

std::string bit_text(std::uint32_t bit) { return cat(bit < 10 ? ".0" : ".", bit); }

std::vector<std::string> modbus_objects(std::string_view text) {
    if (text.empty()) return {};
    for (auto& found : {named(text), counted_from_one(text)})
        if (!found.empty()) return {found};
    return {std::string{text}};
}

} // namespace yagura::see::comments
