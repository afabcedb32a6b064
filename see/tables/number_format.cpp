#include "see/tables/number_format.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <optional>

#include "spine/base/text.h"

namespace yagura::see::tables {
namespace {

using Kind = NumberFormat::Kind;

/// What the first section of a format code says, read from left to right.
struct Reading {
    bool date = false, time = false, month_or_minute = false, other = false;
    std::size_t digits = 0;
    std::string shape{};

    void literal(std::string_view text) { shape += text; }
    /// [h], [mm] and [ss] count on past a day or an hour; the others are colours, languages and conditions.
    void bracket(std::string_view inside) {
        time = time || (!inside.empty() && std::ranges::all_of(inside, [](char c) {
                   return std::string_view{"hms"}.contains(lower(c));
               }));
    }
    void letter(char c) {
        switch (lower(c)) {
        case 'y':
        case 'd':
        case 'g':
        case 'e':
            date = true;
            break;
        case 'h':
        case 's':
            time = true;
            break;
        case 'm':
            month_or_minute = true;
            break;
        case '0':
            ++digits;
            shape += place_of_digit;
            break;
        case '#':
        case '?':
        case '.':
        case ',':
        case '%':
        case '/':
        case '@':
            other = true;
            break;
        default:
            shape += c;
        }
    }
};

Reading read(std::string_view code) {
    Reading out;
    for (std::size_t at = 0; at < code.size() && code[at] != ';'; ++at) {
        const char c = code[at];
        if (c == '"' || c == '[') {
            const auto end = std::min(code.find(c == '"' ? '"' : ']', at + 1), code.size());
            const auto inside = code.substr(at + 1, end - at - 1);
            if (c == '"')
                out.literal(inside);
            else
                out.bracket(inside);
            at = end;
        } else if (c == '\\' && at + 1 < code.size()) {
            out.literal(code.substr(++at, 1));
        } else if ((c == '_' || c == '*') && at + 1 < code.size()) {
            ++at; // As wide as the next character, or filled with it.
        } else if (lower(c) == 'e' && at + 1 < code.size() && (code[at + 1] == '+' || code[at + 1] == '-')) {
            out.other = true; // 1.2E+3
            ++at;
        } else {
            out.letter(c);
        }
    }
    return out;
}

std::optional<double> as_number(std::string_view text) {
    double value = 0;
    const auto* end = text.data() + text.size();
    const auto [stopped, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc{} || stopped != end || !std::isfinite(value)) return {};
    return value;
}

std::string two(std::int64_t value) { return cat(value < 10 ? "0" : "", value); }

std::string clock(std::int64_t seconds) {
    return cat(two(seconds / 3600), ":", two(seconds / 60 % 60), ":", two(seconds % 60));
}

constexpr double last_day = 2'958'466; ///< the day after 9999-12-31
constexpr std::int64_t day_seconds = 86'400;

std::string moment(double value, Kind kind, bool since_1904) {
    const auto seconds = std::llround(value * day_seconds);
    if (kind == Kind::time) return clock(seconds);
    // Day 60 is 1900-02-29, which was none: before it, days count from one day later.
    auto days = seconds / day_seconds;
    days += since_1904 ? 1462 : (days < 60 ? 1 : 0);
    constexpr std::chrono::sys_days epoch{std::chrono::year{1899} / 12 / 30};
    const std::chrono::year_month_day date{epoch + std::chrono::days{days}};
    const auto day = cat(static_cast<int>(date.year()), "-", two(static_cast<unsigned>(date.month())), "-",
                         two(static_cast<unsigned>(date.day())));
    return kind == Kind::date ? day : cat(day, "T", clock(seconds % day_seconds));
}

/// Digits from the right; what is more than there are places stands at the first.
std::string filled(std::string_view shape, std::string digits) {
    const auto first = shape.find(place_of_digit);
    std::string out; // From behind.
    for (auto at = shape.size(); at-- > 0;) {
        if (shape[at] != place_of_digit) {
            out += shape[at];
            continue;
        }
        do {
            out += digits.empty() ? '0' : digits.back();
            if (!digits.empty()) digits.pop_back();
        } while (at == first && !digits.empty());
    }
    std::ranges::reverse(out);
    return out;
}

constexpr double exact = 1e15; ///< whole numbers below are exact, and shown without an exponent

std::string general(double value) {
    if (std::trunc(value) == value && std::abs(value) < exact) return cat(static_cast<std::int64_t>(value));
    char room[32];
    const auto end =
        std::to_chars(std::begin(room), std::end(room), value, std::chars_format::general, 15).ptr;
    return {room, end};
}

} // namespace

NumberFormat built_in_format(std::uint32_t number) {
    const auto in = [&](std::uint32_t first, std::uint32_t last) {
        return number >= first && number <= last;
    };
    if (number == 22) return {.kind = Kind::moment};
    if (in(18, 21) || in(32, 33) || in(45, 47)) return {.kind = Kind::time};
    if (in(14, 17) || in(27, 36) || in(50, 58)) return {.kind = Kind::date};
    return {};
}

NumberFormat format_of(std::string_view code) {
    if (code.size() >= 7 && lower(code.substr(0, 7)) == "general") return {};
    auto seen = read(code);
    const bool time = seen.time, date = seen.date || (seen.month_or_minute && !time);
    if (date && time) return {.kind = Kind::moment};
    if (date || time) return {.kind = date ? Kind::date : Kind::time};
    if (seen.digits && !seen.other) return {.kind = Kind::digits, .shape = std::move(seen.shape)};
    return {};
}

std::string shown(std::string_view value, const NumberFormat& format, bool since_1904) {
    const auto number = as_number(value);
    if (!number) return std::string{value};
    const bool calendar = *number >= 0 && *number < last_day - (since_1904 ? 1462 : 0);
    switch (format.kind) {
    case Kind::general:
        break;
    case Kind::date:
    case Kind::time:
    case Kind::moment:
        if (calendar) return moment(*number, format.kind, since_1904);
        break;
    case Kind::digits:
        if (*number >= 0 && *number < exact)
            return filled(format.shape, cat(static_cast<std::int64_t>(std::llround(*number))));
        break;
    }
    return general(*number);
}

} // namespace yagura::see::tables
