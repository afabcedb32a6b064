// The files of the history, one a day of packet time, for whoever answers questions to it. For this folder.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>

#include "spine/store/history.h"
#include "spine/store/reading.h"

namespace yagura::store {
namespace reading {

inline constexpr std::size_t days_open = 64;

/// "2026-11-24" to its first nanosecond.
inline std::optional<std::int64_t> begin_of(std::string_view day) {
    if (day.size() != 10 || day[4] != '-' || day[7] != '-') return std::nullopt;
    const auto year = number<std::uint16_t>(day.substr(0, 4));
    const auto month = number<std::uint8_t>(day.substr(5, 2)),
               of_month = number<std::uint8_t>(day.substr(8, 2));
    if (!year || !month || !of_month || *year < 1678 || *year > 2261)
        return std::nullopt; // 64 bits of nanoseconds.
    const std::chrono::year_month_day date{std::chrono::year{*year}, std::chrono::month{*month},
                                           std::chrono::day{*of_month}};
    if (!date.ok()) return std::nullopt;
    return std::chrono::sys_days{date}.time_since_epoch().count() * day_ns;
}

inline void within(Query& query, const Range& range) {
    if (range.from != Time{}) query.add(" AND at >= ?", ns(range.from));
    if (range.until != Time{}) query.add(" AND at < ?", ns(range.until));
}

} // namespace reading

struct History::Inside {
    std::string folder;
    Readers& state;
    std::mutex mutex;
    std::map<std::string, std::shared_ptr<Readers>> readers;

    std::vector<std::string> days() const {
        std::vector<std::string> out;
        std::error_code ignored;
        for (const auto& file : std::filesystem::directory_iterator{folder, ignored})
            if (file.path().extension() == ".sqlite" && reading::begin_of(file.path().stem().string()))
                out.push_back(file.path().stem().string());
        std::ranges::sort(out);
        return out;
    }
    /// Those that a range touches, the latest first. An act may begin on the day before its record.
    std::vector<std::string> days(const Range& range) const {
        auto out = days();
        std::erase_if(out, [&](const std::string& day) {
            const auto begin = *reading::begin_of(day);
            return (range.from != Time{} && begin + reading::day_ns <= reading::ns(range.from)) ||
                   (range.until != Time{} && begin >= reading::ns(range.until));
        });
        std::ranges::reverse(out);
        return out;
    }
    /// Kept until the day is dropped; who reads it meanwhile keeps it alive.
    std::shared_ptr<Readers> day(const std::string& name) {
        const std::scoped_lock lock{mutex};
        auto found = readers.find(name);
        if (found == readers.end()) {
            if (readers.size() >= reading::days_open) readers.erase(readers.begin());
            found =
                readers.emplace(name, std::make_shared<Readers>(folder + '/' + name + ".sqlite", 2)).first;
        }
        return found->second;
    }
    /// `use(Database&, day)` for each day; returns false to stop. A day that was dropped meanwhile has
    /// nothing.
    template <class Use>
    Result<void> each_day(const std::vector<std::string>& names, Use&& use) {
        for (const auto& name : names) {
            const auto readers_of_day = day(name);
            auto loan = readers_of_day->borrow();
            if (!loan) {
                std::error_code ignored;
                if (!std::filesystem::exists(readers_of_day->path(), ignored)) continue;
                return std::unexpected{std::move(loan).error()};
            }
            Result<bool> more = use(**loan, name);
            if (!more) return std::unexpected{std::move(more).error()};
            if (!*more) break;
        }
        return {};
    }
};

} // namespace yagura::store
