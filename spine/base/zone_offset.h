// What a plant's clock shows at a moment: a zone's offsets as zoneinfo has them (RFC 8536). The C library
// knows one zone a process; whoever answers several persons' questions about a month needs the plant's, not
// the machine's.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace yagura {

class ZoneOffsets {
public:
    /// A TZif file's bytes. Nothing: it is none, or cut off.
    static std::optional<ZoneOffsets> read(std::string_view file);
    /// Of "Asia/Tokyo"; UTC, where this machine does not know the zone.
    static ZoneOffsets of(const std::string& zone);

    /// Seconds east of UTC. Behind the last change that the file tells, the last one's.
    std::int32_t at(std::int64_t utc_seconds) const noexcept;
    /// When this day begins there, in UTC. Where midnight is twice, the first; where it is left out, the
    /// moment after.
    std::chrono::sys_seconds begin_of(std::chrono::year_month_day day) const;
    std::chrono::year_month_day day_of(std::chrono::sys_seconds utc) const;

private:
    struct Change {
        std::int64_t at = 0;
        std::int32_t offset = 0;
    };
    std::int32_t first_ = 0;
    std::vector<Change> changes_{};
};

} // namespace yagura
