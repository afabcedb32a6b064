#include "spine/base/zone_offset.h"

#include <algorithm>
#include <fstream>
#include <iterator>

#include "spine/base/time_zone.h"

namespace yagura {
namespace {

constexpr std::size_t header = 44, changes_most = 10'000, types_most = 256;

std::uint64_t big(std::string_view bytes) noexcept {
    std::uint64_t out = 0;
    for (const char byte : bytes) out = out << 8 | static_cast<unsigned char>(byte);
    return out;
}

struct Counts {
    std::size_t is_ut = 0, is_std = 0, leaps = 0, changes = 0, types = 0, letters = 0;
    std::size_t body(std::size_t time) const noexcept {
        return changes * time + changes + types * 6 + letters + leaps * (time + 4) + is_std + is_ut;
    }
};
std::optional<Counts> counts_of(std::string_view file) {
    if (file.size() < header || !file.starts_with("TZif")) return std::nullopt;
    const auto number = [&](std::size_t at) { return static_cast<std::size_t>(big(file.substr(at, 4))); };
    const Counts out{number(20), number(24), number(28), number(32), number(36), number(40)};
    if (out.changes > changes_most || out.types == 0 || out.types > types_most || out.letters > 4'096 ||
        out.leaps > 1'000 || out.is_std > types_most || out.is_ut > types_most)
        return std::nullopt;
    return out;
}

} // namespace

std::optional<ZoneOffsets> ZoneOffsets::read(std::string_view file) {
    auto counts = counts_of(file);
    if (!counts) return std::nullopt;
    std::size_t time = 4;
    if (file[4] >= '2') { // A second body follows with times of 64 bits.
        if (file.size() < header + counts->body(4)) return std::nullopt;
        file.remove_prefix(header + counts->body(4));
        counts = counts_of(file);
        if (!counts) return std::nullopt;
        time = 8;
    }
    if (file.size() < header + counts->body(time)) return std::nullopt;
    file.remove_prefix(header);
    const auto times = file.substr(0, counts->changes * time);
    const auto kinds = file.substr(times.size(), counts->changes);
    const auto types = file.substr(times.size() + kinds.size(), counts->types * 6);
    const auto offset = [&](std::size_t type) {
        return static_cast<std::int32_t>(big(types.substr(type * 6, 4)));
    };
    ZoneOffsets out;
    out.first_ = offset(0);
    for (std::size_t i = 0; i < counts->changes; ++i) {
        const auto type = static_cast<unsigned char>(kinds[i]);
        if (type >= counts->types) return std::nullopt;
        const auto raw = big(times.substr(i * time, time));
        const auto at = time == 8 ? static_cast<std::int64_t>(raw)
                                  : std::int64_t{static_cast<std::int32_t>(raw)};
        if (!out.changes_.empty() && at <= out.changes_.back().at) return std::nullopt;
        out.changes_.push_back({at, offset(type)});
    }
    return out;
}

ZoneOffsets ZoneOffsets::of(const std::string& zone) {
    if (!knows_time_zone(zone)) return {};
    std::ifstream file{std::string{zone_folder} + "/" + zone, std::ios::binary};
    const std::string bytes{std::istreambuf_iterator<char>{file}, {}};
    return read(bytes).value_or(ZoneOffsets{});
}

std::int32_t ZoneOffsets::at(std::int64_t utc) const noexcept {
    const auto next = std::ranges::upper_bound(changes_, utc, {}, &Change::at);
    return next == changes_.begin() ? first_ : std::prev(next)->offset;
}

std::chrono::sys_seconds ZoneOffsets::begin_of(std::chrono::year_month_day day) const {
    const auto local = std::chrono::sys_days{day}.time_since_epoch() / std::chrono::seconds{1};
    // The earliest moment at which the clock there shows this day.
    auto utc = local - at(local);
    bool shown = false;
    for (const auto near : {local - 86'400, local, local + 86'400})
        if (const auto moment = local - at(near); moment + at(moment) == local && (!shown || moment < utc)) {
            utc = moment;
            shown = true;
        }
    if (!shown) // Midnight is left out: the clock goes on behind it.
        for (const auto& change : changes_)
            if (change.at > local - 2 * 86'400 && change.at + change.offset >= local) {
                utc = change.at;
                break;
            }
    return std::chrono::sys_seconds{std::chrono::seconds{utc}};
}

std::chrono::year_month_day ZoneOffsets::day_of(std::chrono::sys_seconds utc) const {
    const auto there = utc + std::chrono::seconds{at(utc.time_since_epoch().count())};
    return std::chrono::floor<std::chrono::days>(there);
}

} // namespace yagura
