// Minutes of a week in the time zone of this process, for hours that people agree on ("Sat 06:00-08:00").
#pragma once

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <string>

#include "spine/base/text.h"

namespace yagura {

/// From now on local time is this zone's: its file is read now, and never again while TZ stays. Before other
/// threads begin. A name that is not known is UTC (time_zone.h tells).
inline void use_time_zone(const std::string& zone) {
    ::unsetenv("TZDIR");
    ::setenv("TZ", zone.c_str(), 1);
    ::tzset();
}

/// From Monday 00:00.
inline std::uint16_t minute_of_week(std::chrono::sys_time<std::chrono::nanoseconds> at) {
    const auto time = static_cast<time_t>(
        std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count());
    tm local{};
    ::localtime_r(&time, &local);
    const int day = (local.tm_wday + 6) % 7;
    return static_cast<std::uint16_t>((day * 24 + local.tm_hour) * 60 + local.tm_min);
}

/// "Mon 06:30".
inline std::string week_text(std::uint16_t minute_of_the_week) {
    constexpr const char* days[]{"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
    const unsigned minute = minute_of_the_week, hours = minute / 60 % 24, minutes = minute % 60;
    return cat(days[minute / (24 * 60) % 7], hours < 10 ? " 0" : " ", hours, minutes < 10 ? ":0" : ":",
               minutes);
}

} // namespace yagura
