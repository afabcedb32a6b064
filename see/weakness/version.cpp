#include "see/weakness/version.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <span>

namespace yagura::see::weakness {
namespace {

constexpr std::size_t text_most = 64;
constexpr std::array orders{
    std::pair{std::string_view{"dotted"}, Order::dotted},
    std::pair{std::string_view{"decimal"}, Order::decimal}, std::pair{std::string_view{"wago"}, Order::wago},
    std::pair{std::string_view{"codesys"}, Order::codesys}, std::pair{std::string_view{"ios"}, Order::ios}};

/// Only say that a version follows.
constexpr std::string_view heads[]{"v",   "ver",      "version",  "versions", "fw", "sv",    "hv", "r",
                                   "rev", "revision", "firmware", "release",  "os", "build", "fv", "lv"};

/// What stands behind numbers and its rank; before 0: older than the same without it. Words of one rank mean
/// the same; two different ranks do not follow each other by any rule that we know, but as makers use them.
struct Suffix {
    std::string_view word;
    int rank;
};
constexpr Suffix suffixes[]{{"alpha", -40},   {"a0", -40},   {"beta", -30},  {"pre", -25}, {"rc", -20},
                            {"preview", -25}, {"patch", 10}, {"p", 10},      {"hf", 10},   {"hotfix", 10},
                            {"ir", 10},       {"upd", 10},   {"update", 10}, {"u", 10},    {"sp", 5},
                            {"build", 8},     {"kit", 8},    {"rev", 8},     {"r", 8}};

bool digit(char c) { return c >= '0' && c <= '9'; }
bool letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

std::optional<int> rank(const Token& one) {
    for (const auto& known : suffixes)
        if (one.text == known.word) return known.rank;
    return std::nullopt;
}

bool date(const Token& one) { return one.number && one.text.size() == 8 && one.text.starts_with("20"); }

/// How many numbers stand in front.
std::size_t numbers(const Version& one) {
    return static_cast<std::size_t>(std::ranges::find(one.tokens, false, &Token::number) -
                                    one.tokens.begin());
}

using Answer = std::optional<std::strong_ordering>;

/// What follows where the other one has ended: zeros are nothing, a letter or a service pack is newer.
Answer against_nothing(std::span<const Token> rest) {
    for (const auto& one : rest) {
        if (one.number) {
            if (one.value != 0) return std::strong_ordering::greater;
            continue;
        }
        if (const auto known = rank(one))
            return *known < 0 ? std::strong_ordering::less : std::strong_ordering::greater;
        // A single letter behind a number counts up: 1.280 before 1.280A.
        if (one.text.size() == 1) return std::strong_ordering::greater;
        return std::nullopt;
    }
    return std::strong_ordering::equal;
}

Answer words(const Token& a, const Token& b) {
    if (a.text == b.text) return std::strong_ordering::equal;
    const auto first = rank(a), second = rank(b);
    if (first && second && a.text.size() > 1 && b.text.size() > 1) {
        if (*first == *second) return std::strong_ordering::equal;
        return *first <=> *second;
    }
    if (a.text.size() == 1 && b.text.size() == 1) return a.text[0] <=> b.text[0];
    return std::nullopt;
}

Answer plain(const Version& a, const Version& b) {
    const auto common = std::min(a.tokens.size(), b.tokens.size());
    for (std::size_t i = 0; i < common; ++i) {
        const auto &one = a.tokens[i], &other = b.tokens[i];
        if (one.number != other.number) {
            // 2.0 SP1 beside 2.0.0: each as if the other had ended; both newer than that is no order.
            const auto left = against_nothing(std::span{a.tokens}.subspan(i));
            const auto right = against_nothing(std::span{b.tokens}.subspan(i));
            if (!left || !right || *left == *right) return std::nullopt;
            return *left < 0 || *right > 0 ? std::strong_ordering::less : std::strong_ordering::greater;
        }
        if (one.number) {
            if (one.value != other.value) return one.value <=> other.value;
            continue;
        }
        const auto said = words(one, other);
        if (!said || *said != 0) return said;
    }
    if (a.tokens.size() > common) return against_nothing(std::span{a.tokens}.subspan(common));
    const auto said = against_nothing(std::span{b.tokens}.subspan(common));
    if (!said) return std::nullopt;
    return 0 <=> *said;
}

/// 1.4 and 1.39: the fraction's digits count from the left.
Answer decimal(const Version& a, const Version& b) {
    if (numbers(a) != 2 || numbers(b) != 2) {
        // "65" beside "66": whole numbers. 2.52 and 2.5.3 have an order only by their first number.
        if ((numbers(a) == 2 && numbers(b) > 2) || (numbers(b) == 2 && numbers(a) > 2)) {
            if (a.tokens[0].value != b.tokens[0].value) return a.tokens[0].value <=> b.tokens[0].value;
            return std::nullopt;
        }
        return plain(a, b);
    }
    auto first = a, second = b;
    auto &left = first.tokens[1], &right = second.tokens[1];
    const auto width = std::max(left.text.size(), right.text.size());
    if (width > 12) return plain(a, b);
    for (auto* one : {&left, &right})
        while (one->text.size() < width) {
            one->text += '0';
            one->value *= 10;
        }
    return plain(first, second);
}

/// "3.5 SP13 Patch 2" as 3.5.13.20.
Version codesys(const Version& one) {
    Version out;
    for (std::size_t i = 0; i < one.tokens.size(); ++i) {
        const auto& token = one.tokens[i];
        const bool counted = i + 1 < one.tokens.size() && one.tokens[i + 1].number;
        if (!token.number && token.text == "sp" && counted) {
            while (out.tokens.size() < 2) out.tokens.push_back({true, 0, "0"});
        } else if (!token.number && token.text == "patch" && counted) {
            while (out.tokens.size() < 3) out.tokens.push_back({true, 0, "0"});
            auto times = one.tokens[++i];
            times.value = std::min<std::uint64_t>(times.value, 1'000'000) * 10;
            out.tokens.push_back(times);
        } else {
            out.tokens.push_back(token);
        }
    }
    return out;
}

/// The index of a firmware: what stands alone, or last of several numbers.
std::optional<std::uint64_t> wago_index(const Version& one) {
    if (one.tokens.empty() || numbers(one) != one.tokens.size()) return std::nullopt;
    if (one.tokens.size() == 1 || one.tokens.size() == 4) return one.tokens.back().value;
    return std::nullopt;
}

/// 15.2(5)EA.fc4: the numbers decide; trains beside each other have no order.
Answer ios(const Version& a, const Version& b) {
    for (std::size_t i = 0; i < 3; ++i) {
        if (i >= numbers(a) || i >= numbers(b)) return plain(a, b);
        if (a.tokens[i].value != b.tokens[i].value) return a.tokens[i].value <=> b.tokens[i].value;
    }
    return a == b ? Answer{std::strong_ordering::equal} : std::nullopt;
}

} // namespace

std::string_view word(Order order) noexcept {
    for (const auto& [word, one] : orders)
        if (one == order) return word;
    return "dotted";
}

std::optional<Order> order_of(std::string_view word) noexcept {
    for (const auto& [name, one] : orders)
        if (name == word) return one;
    return std::nullopt;
}

std::optional<Version> version_of(std::string_view text) {
    while (!text.empty() && (text.back() == ' ' || text.back() == ',')) text.remove_suffix(1);
    if (text.empty() || text.size() > text_most) return std::nullopt;
    Version out;
    bool gap = false;
    for (std::size_t at = 0; at < text.size();) {
        const char one = text[at];
        if (digit(one)) {
            auto end = at;
            while (end < text.size() && digit(text[end])) ++end;
            Token token{.number = true, .text = std::string{text.substr(at, end - at)}};
            if (std::from_chars(text.data() + at, text.data() + end, token.value).ec != std::errc{})
                return std::nullopt;
            out.tokens.push_back(std::move(token));
            at = end;
        } else if (letter(one)) {
            auto end = at;
            while (end < text.size() && letter(text[end])) ++end;
            std::string word{text.substr(at, end - at)};
            std::ranges::transform(word, word.begin(), [](char c) {
                return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
            });
            at = end;
            if (out.tokens.empty()) {
                if (std::ranges::find(heads, word) == std::end(heads)) return std::nullopt;
                continue;
            }
            if (word == "x" && at == text.size()) {
                out.open = true;
                break;
            }
            // Prose is no version.
            if (word.size() > (gap ? 1u : 2u) && !rank({.text = word})) return std::nullopt;
            out.tokens.push_back({.text = std::move(word)});
        } else if (std::string_view{" ._-()/:+"}.contains(one)) {
            gap = one == ' ';
            ++at;
        } else {
            return std::nullopt;
        }
    }
    if (out.tokens.empty() || !out.tokens[0].number || out.tokens.size() > 12) return std::nullopt;
    out.open |= text.ends_with('.');
    return out;
}

std::optional<std::strong_ordering> compared(const Version& a, const Version& b, Order order) {
    if (a.tokens.empty() || b.tokens.empty()) return std::nullopt;
    // A date beside a version.
    if (date(a.tokens[0]) != date(b.tokens[0])) return std::nullopt;
    switch (order) {
    case Order::decimal:
        return decimal(a, b);
    case Order::codesys:
        return plain(codesys(a), codesys(b));
    case Order::ios:
        return ios(a, b);
    case Order::wago:
        if ((a.tokens.size() == 1) != (b.tokens.size() == 1)) {
            const auto first = wago_index(a), second = wago_index(b);
            if (!first || !second) return std::nullopt;
            return *first <=> *second;
        }
        return plain(a, b);
    case Order::dotted:
        break;
    }
    return plain(a, b);
}

bool begins_with(const Version& one, const Version& of) {
    return one.tokens.size() > of.tokens.size() &&
           std::ranges::equal(
               of.tokens, std::span{one.tokens}.first(of.tokens.size()), [](const Token& a, const Token& b) {
                   return a.number == b.number && (a.number ? a.value == b.value : a.text == b.text);
               });
}

} // namespace yagura::see::weakness
