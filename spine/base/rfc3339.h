// Times as text: RFC 3339, UTC, nine digits, because JSON numbers end at 2^53.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "spine/base/text.h"

namespace yagura {

/// "2026-11-24T05:22:35.000000001Z". Years outside 0..9999 cannot come from 64 bits of nanoseconds.
inline std::string rfc3339(std::int64_t nanoseconds_since_1970) {
    using namespace std::chrono;
    const sys_time<nanoseconds> at{nanoseconds{nanoseconds_since_1970}};
    const auto day = floor<days>(at);
    const year_month_day date{day};
    const hh_mm_ss clock{at - day};
    std::string out = "0000-00-00T00:00:00.000000000Z";
    const auto put = [&](std::size_t last, std::uint64_t number) { // Right-aligned, ending at `last`.
        for (; number; number /= 10) out[last--] = static_cast<char>('0' + number % 10);
    };
    put(3, static_cast<std::uint64_t>(static_cast<int>(date.year())));
    put(6, static_cast<unsigned>(date.month()));
    put(9, static_cast<unsigned>(date.day()));
    put(12, static_cast<std::uint64_t>(clock.hours().count()));
    put(15, static_cast<std::uint64_t>(clock.minutes().count()));
    put(18, static_cast<std::uint64_t>(clock.seconds().count()));
    put(28, static_cast<std::uint64_t>(clock.subseconds().count()));
    return out;
}

/// RFC 3339's date-time, nothing else. A time that 64 bits of nanoseconds do not hold is the first or last
/// that they do (1678 to 2261): as a bound it means the same. Digits behind the ninth are cut.
inline std::optional<std::int64_t> from_rfc3339(std::string_view text) {
    using namespace std::chrono;
    if (text.size() < 20 || text[4] != '-' || text[7] != '-' || (text[10] != 'T' && text[10] != 't') ||
        text[13] != ':' || text[16] != ':')
        return std::nullopt;
    const auto field = [&](std::size_t at, std::size_t size) {
        return number<unsigned>(text.substr(at, size));
    };
    const auto y = field(0, 4), mo = field(5, 2), d = field(8, 2), h = field(11, 2), mi = field(14, 2),
               s = field(17, 2);
    if (!y || !mo || !d || !h || !mi || !s || *h > 23 || *mi > 59 || *s > 60) return std::nullopt;
    const year_month_day date{year{static_cast<int>(*y)}, month{*mo}, day{*d}};
    if (!date.ok()) return std::nullopt;
    auto rest = text.substr(19);
    std::int64_t fraction = 0;
    if (rest[0] == '.') {
        std::size_t digits = 0;
        std::int64_t unit = 100'000'000;
        for (rest.remove_prefix(1); !rest.empty() && rest[0] >= '0' && rest[0] <= '9';
             rest.remove_prefix(1)) {
            ++digits;
            fraction += (rest[0] - '0') * unit;
            unit /= 10;
        }
        if (digits == 0) return std::nullopt;
    }
    minutes offset{0};
    if (rest.size() == 6 && (rest[0] == '+' || rest[0] == '-') && rest[3] == ':') {
        const auto oh = number<unsigned>(rest.substr(1, 2)), om = number<unsigned>(rest.substr(4, 2));
        if (!oh || !om || *oh > 23 || *om > 59) return std::nullopt;
        offset = (rest[0] == '-' ? -1 : 1) * minutes{*oh * 60 + *om};
    } else if (rest != "Z" && rest != "z") {
        return std::nullopt;
    }
    constexpr sys_days first{year{1678} / January / 1}, last{year{2262} / January / 1};
    if (sys_days{date} <= first) return nanoseconds{first.time_since_epoch()}.count();
    if (sys_days{date} >= last) return nanoseconds{last.time_since_epoch()}.count() - 1;
    const auto at = sys_days{date} + hours{*h} + minutes{*mi} + seconds{*s} - offset;
    return nanoseconds{at.time_since_epoch()}.count() + fraction;
}

} // namespace yagura
