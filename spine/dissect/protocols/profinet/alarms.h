// What PROFINET's alarms and diagnoses say.
//
// From IEC 61158-6-10, clause 5.2: AlarmNotification, AlarmAck, channel diagnosis and their numbers.
#pragma once

#include <string_view>

#include "spine/base/bytes.h"
#include "spine/base/text_room.h"

namespace yagura::dissect::profinet {

constexpr std::string_view alarm_name(std::uint16_t type) noexcept {
    constexpr std::string_view names[]{"diagnosis",
                                       "process",
                                       "pull",
                                       "plug",
                                       "status",
                                       "update",
                                       "media redundancy",
                                       "controlled by supervisor",
                                       "released",
                                       "plug of a wrong submodule",
                                       "return of submodule",
                                       "diagnosis disappears",
                                       "multicast communication mismatch",
                                       "port data change",
                                       "sync data change",
                                       "isochronous mode problem",
                                       "network component problem",
                                       "time data change",
                                       "dynamic frame packing problem",
                                       "seamless redundancy problem",
                                       "multiple interface mismatch",
                                       "upload and retrieval",
                                       "pull of a module"};
    return type - 1u < std::size(names) ? names[type - 1u] : std::string_view{};
}

constexpr std::string_view error_name(std::uint16_t error) noexcept {
    constexpr std::string_view low[]{{},
                                     "short circuit",
                                     "undervoltage",
                                     "overvoltage",
                                     "overload",
                                     "overtemperature",
                                     "line break",
                                     "upper limit exceeded",
                                     "lower limit exceeded",
                                     "error",
                                     "simulation active"};
    constexpr std::string_view middle[]{
        "parameterization fault", "power supply fault",   "fuse blown",     "communication fault",
        "ground fault",           "reference point lost", "sampling error", "threshold fault",
        "output disabled",        "safety event",         "external fault"};
    constexpr std::string_view high[]{"data transmission impossible",
                                      "remote mismatch",
                                      "media redundancy mismatch",
                                      "sync mismatch",
                                      "isochronous mode mismatch",
                                      "multicast relation mismatch",
                                      "fiber optic mismatch",
                                      "network component mismatch",
                                      "time mismatch"};
    if (error < std::size(low)) return low[error];
    if (error >= 16 && error - 16u < std::size(middle)) return middle[error - 16u];
    if (error >= 0x8000 && error - 0x8000u < std::size(high)) return high[error - 0x8000u];
    return {};
}

struct Alarm {
    bool known = false, acknowledges = false, diagnosis = false;
    std::uint16_t type = 0, slot = 0, subslot = 0;
    std::uint16_t sequence = 0;              ///< of the alarm, in both
    std::uint32_t module = 0, submodule = 0; ///< idents
    std::uint32_t status = 0;                ///< of the acknowledgement
    std::uint16_t channel = 0, error = 0;    ///< of the first diagnosis
    bool appears = false, maintenance = false;
};

/// Blocks 0x0001, 0x0002 (notification) and 0x8001, 0x8002 (acknowledgement); another one is not `known`.
inline Alarm read_alarm(Reader& in) noexcept {
    Alarm out;
    const auto block = in.u16();
    in.u16();
    in.u16(); // Its version.
    out.type = in.u16();
    in.u32(); // The profile.
    out.slot = in.u16();
    out.subslot = in.u16();
    if (block == 0x8001 || block == 0x8002) {
        out.acknowledges = true;
        out.sequence = in.u16() & 0x07ff;
        out.status = in.u32();
        out.known = in.ok();
        return out;
    }
    if (block != 0x0001 && block != 0x0002) return out;
    out.module = in.u32();
    out.submodule = in.u32();
    out.sequence = in.u16() & 0x07ff;
    out.known = in.ok();
    if (!out.known || in.remaining() < 8) return out;
    const auto structure = in.u16();
    if (structure != 0x8000 && structure != 0x8002 && structure != 0x8003) return out;
    out.channel = in.u16();
    const auto properties = in.u16();
    out.error = in.u16();
    out.diagnosis = true;
    out.appears = (properties >> 11 & 3) == 1;
    out.maintenance = (properties >> 9 & 3) != 0;
    return out;
}

/// "line break on channel 3", "error 300 of the submodule". False if it has none.
template <std::size_t N>
bool add_diagnosis(TextRoom<N>& out, const Alarm& alarm) noexcept {
    if (!alarm.diagnosis) return false;
    if (const auto name = error_name(alarm.error); !name.empty())
        out.add(name);
    else
        out.add("error ").number(alarm.error);
    if (alarm.channel == 0x8000)
        out.add(" of the submodule");
    else
        out.add(" on channel ").number(alarm.channel);
    if (alarm.maintenance) out.add(", maintenance");
    if (!alarm.appears) out.add(", gone");
    return true;
}

} // namespace yagura::dissect::profinet
