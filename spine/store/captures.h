// Where packets come from: sensors, uploaded captures, and what nobody can see. One snapshot each.
#pragma once

#include "spine/store/answers.h"
#include "spine/store/database.h"

namespace yagura::store {

class History;

struct Capture {
    std::string id{}, name{};
    std::string state{}; ///< waiting, reading, read, damaged, failed, cancelled, removing
    std::uint64_t bytes = 0, bytes_read = 0, packets = 0, devices = 0;
    Time first_packet{}, last_packet{};
    Time at{}, finished{}; ///< our clock
    std::string by{};
    std::string damage{}; ///< in words; empty: none
    std::uint64_t damage_packet = 0;
};
struct CaptureList {
    std::vector<Capture> captures{}; ///< newest first
    std::string next_cursor{};
};

struct Sensor {
    std::string id{}, name{}, interface{};
    std::string state{}; ///< receiving, silent, lost, stopped
    Time since{};        ///< our clock: when this boot was first heard
    Time last_packet{}, last_heard{};
    double packets_per_second = 0, bytes_per_second = 0; ///< over the last whole minute
    std::uint64_t packets = 0, dropped = 0;
    double dropped_share = 0;
    bool one_sided = false;
    double clock_offset_ms = 0;
};
struct SensorMinute {
    Time at{};
    std::uint64_t packets = 0, bytes = 0, dropped = 0;
};

struct BlindSpot {
    std::string id{};
    std::string kind{}; ///< no_sensor, dropped, one_sided, sensor_lost, sensor_silent, records_lost, limit
    Time since{};
    std::optional<Time> until{};
    std::string sensor{}, source{};
    double seen = 0; ///< share
    std::uint64_t count = 0;
};

class CaptureReader {
public:
    CaptureReader(Readers& state, History& history) : state_{state}, history_{history} {}
    Result<CaptureList> captures(const Page&);
    Result<std::optional<Capture>> capture(std::string_view id);
    /// Those that a sensor reads just now; without the count of devices.
    Result<std::vector<Capture>> being_read();
    /// `now`: the wall clock, from whoever has one.
    Result<std::vector<Sensor>> sensors(Time now);
    Result<std::optional<Sensor>> sensor(std::string_view id, Time now);
    Result<std::vector<SensorMinute>> sensor_day(std::string_view id, Time now);
    Result<std::vector<BlindSpot>> blind_spots(Time now); ///< worst first

private:
    Readers& state_;
    History& history_;
};

} // namespace yagura::store
