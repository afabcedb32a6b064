#include "spine/store/captures.h"

#include <algorithm>

#include "spine/base/hash.h"
#include "spine/store/history.h"
#include "spine/store/reading.h"

namespace yagura::store {
namespace {

using namespace reading;
using namespace std::chrono_literals;

constexpr auto lost_after = 15s, late_after = 60s;

constexpr std::string_view capture_columns = "SELECT u.id, u.name, u.state, u.bytes, u.bytes_read, "
                                             "u.packets, u.at, u.finished, u.who, u.damage, u.damage_packet, "
                                             "(SELECT min(first) FROM source WHERE upload = u.id AND first > "
                                             "0), (SELECT max(last) FROM source WHERE upload = u.id) "
                                             "FROM upload u WHERE 1";

Capture capture_of(const Row& row) {
    Capture out;
    out.id = upload_text(row.integer(0));
    out.name = row.string(1);
    out.state = row.string(2);
    out.bytes = row.as<std::uint64_t>(3);
    out.bytes_read = row.as<std::uint64_t>(4);
    out.packets = row.as<std::uint64_t>(5);
    out.at = from_ns(row.integer(6));
    out.finished = from_ns(row.integer(7));
    out.by = row.string(8);
    out.damage = row.string(9);
    out.damage_packet = row.as<std::uint64_t>(10);
    out.first_packet = from_ns(row.integer(11));
    out.last_packet = from_ns(row.integer(12));
    return out;
}

/// Devices that something of this capture was the first to say something about.
Result<void> count_devices(Database& state, Capture& one) {
    const auto upload = number_of(one.id, "c0-").value_or(0);
    YAGURA_TRY(const auto devices,
               Query{"SELECT count(DISTINCT link.device) FROM source JOIN talk ON talk.source = source.id "
                     "JOIN link ON "
                     "link.node IN (talk.client, talk.server) AND link.ends IS NULL WHERE source.upload = "}
                   .add("?", upload)
                   .number(state));
    one.devices = static_cast<std::uint64_t>(devices);
    return {};
}

/// All boots of one sensor's interface are one sensor to a person. An interface may be called anything, so
/// the id is made from its name and does not hold it; the key is fixed, because bookmarks outlive the
/// program.
std::string sensor_text(std::string_view uuid, std::string_view interface) {
    auto hash = Hasher{0x73656e736f722031, 0}.add(uuid).add(interface).finish();
    std::string out = "s0-";
    for (int digit = 0; digit < 16; ++digit, hash <<= 4) out += "0123456789abcdef"[hash >> 60];
    return out;
}

} // namespace

Result<CaptureList> CaptureReader::captures(const Page& page) {
    YAGURA_TRY(auto loan, state_.borrow());
    YAGURA_TRY(const auto after, place(page.cursor));
    CaptureList out;
    const auto most = std::clamp<std::size_t>(page.most, 1, 1000);
    Query query{capture_columns};
    if (after) query.add(" AND u.id < ?", after->id);
    query.add(cat(" ORDER BY u.id DESC LIMIT ", most + 1));
    std::int64_t last = 0;
    YAGURA_STORE_DO(query.each(*loan, [&](const Row& row) {
        if (out.captures.size() == most) {
            out.next_cursor = cursor({std::int64_t{0}, last});
            return;
        }
        out.captures.push_back(capture_of(row));
        last = row.integer(0);
    }));
    for (auto& one : out.captures) YAGURA_STORE_DO(count_devices(*loan, one));
    return out;
}

Result<std::optional<Capture>> CaptureReader::capture(std::string_view id) {
    std::optional<Capture> out;
    const auto number = number_of(id, "c0-");
    if (!number) return out;
    YAGURA_TRY(auto loan, state_.borrow());
    YAGURA_STORE_DO(Query{capture_columns}.add(" AND u.id = ?", *number).each(*loan, [&](const Row& row) {
        out = capture_of(row);
    }));
    if (out) YAGURA_STORE_DO(count_devices(*loan, *out));
    return out;
}

Result<std::vector<Capture>> CaptureReader::being_read() {
    std::vector<Capture> out;
    YAGURA_TRY(auto loan, state_.borrow());
    YAGURA_STORE_DO(Query{capture_columns}
                        .add(" AND u.state = 'reading' ORDER BY u.id LIMIT 20")
                        .each(*loan, [&](const Row& row) { out.push_back(capture_of(row)); }));
    return out;
}

Result<std::vector<Sensor>> CaptureReader::sensors(Time now) {
    std::vector<Sensor> out;
    std::vector<std::vector<std::uint32_t>> sources;
    {
        YAGURA_TRY(auto loan, state_.borrow());
        YAGURA_STORE_DO(Query{"SELECT id, sensor, sensor_name, interface, heard, last, packets, dropped, "
                              "one_sided, clock_offset, boot FROM "
                              "source WHERE live = 1 ORDER BY sensor, interface, id"}
                            .each(*loan, [&](const Row& row) {
                                const auto id = sensor_text(row.text(1), row.text(3));
                                if (out.empty() || out.back().id != id) {
                                    out.emplace_back().id = id;
                                    sources.emplace_back();
                                }
                                auto& one = out.back();
                                one.name = row.text(2).empty() ? row.string(3) : row.string(2);
                                one.interface = row.string(3);
                                one.last_heard = std::max(one.last_heard, from_ns(row.integer(4)));
                                one.last_packet = std::max(one.last_packet, from_ns(row.integer(5)));
                                one.packets += row.as<std::uint64_t>(6);
                                one.dropped += row.as<std::uint64_t>(7);
                                one.one_sided = row.integer(8) != 0;
                                one.clock_offset_ms = static_cast<double>(row.integer(9)) / 1e6;
                                sources.back().push_back(row.as<std::uint32_t>(0));
                                if (sources.back().size() > 64) sources.back().erase(sources.back().begin());
                            }));
    }
    for (std::size_t i = 0; i < out.size(); ++i) {
        auto& one = out[i];
        if (one.packets + one.dropped != 0)
            one.dropped_share = static_cast<double>(one.dropped) /
                                static_cast<double>(one.packets + one.dropped);
        if (now - one.last_heard > lost_after)
            one.state = "lost";
        else if (now - one.last_packet > late_after)
            one.state = "silent";
        else
            one.state = "receiving";
        YAGURA_TRY(const auto minutes, history_.coverage({now - 24h, now + 1h}, sources[i]));
        if (!minutes.empty()) one.since = minutes.front().minute;
        for (const auto& minute : minutes) // The last one that is whole.
            if (now - minute.minute >= 60s && now - minute.minute < 180s && minute.seconds != 0) {
                one.packets_per_second = static_cast<double>(minute.packets) /
                                         static_cast<double>(minute.seconds);
                one.bytes_per_second = static_cast<double>(minute.bytes) /
                                       static_cast<double>(minute.seconds);
            }
    }
    return out;
}

Result<std::optional<Sensor>> CaptureReader::sensor(std::string_view id, Time now) {
    YAGURA_TRY(auto all, sensors(now));
    for (auto& one : all)
        if (one.id == id) return std::optional{std::move(one)};
    return std::optional<Sensor>{};
}

Result<std::vector<SensorMinute>> CaptureReader::sensor_day(std::string_view id, Time now) {
    std::vector<std::uint32_t> sources;
    {
        YAGURA_TRY(auto loan, state_.borrow());
        YAGURA_STORE_DO(
            Query{"SELECT id, sensor, interface FROM source WHERE live = 1 ORDER BY id DESC LIMIT 10000"}
                .each(*loan, [&](const Row& row) {
                    if (sensor_text(row.text(1), row.text(2)) == id && sources.size() < 64)
                        sources.push_back(row.as<std::uint32_t>(0));
                }));
    }
    YAGURA_TRY(const auto minutes, history_.coverage({now - 24h, now + 1h}, sources));
    std::vector<SensorMinute> out;
    for (const auto& minute : minutes) {
        if (out.empty() || out.back().at != minute.minute) out.push_back({minute.minute, 0, 0, 0});
        out.back().packets += minute.packets;
        out.back().bytes += minute.bytes;
        out.back().dropped += minute.dropped;
    }
    if (out.size() > 1440) out.erase(out.begin(), out.end() - 1440);
    return out;
}

Result<std::vector<BlindSpot>> CaptureReader::blind_spots(Time now) {
    std::vector<BlindSpot> out;
    YAGURA_TRY(const auto all, sensors(now));
    for (const auto& sensor : all) {
        const auto spot = [&](std::string_view kind, Time since, double seen) -> BlindSpot& {
            BlindSpot one;
            one.id = cat("b-", kind, "-", sensor.id);
            one.kind = kind;
            one.since = since;
            one.sensor = sensor.id;
            one.source = sensor.name;
            one.seen = seen;
            return out.emplace_back(std::move(one));
        };
        if (sensor.state == "lost") spot("sensor_lost", sensor.last_heard, 0);
        if (sensor.state == "silent") spot("sensor_silent", sensor.last_packet, 0);
        if (sensor.dropped != 0)
            spot("dropped", sensor.since, 1 - sensor.dropped_share).count = sensor.dropped;
        if (sensor.one_sided) spot("one_sided", sensor.since, 0.5);
    }
    YAGURA_TRY(auto loan, state_.borrow());
    Who who{*loan};
    /// `sql` gives source, count, since and until.
    const auto each_source = [&](std::string_view sql, std::string_view kind, std::string_view id) {
        return Query{sql}.each(*loan, [&](const Row& row) {
            BlindSpot one;
            one.id = cat(id, row.integer(0));
            one.kind = kind;
            one.since = from_ns(row.integer(2));
            one.until = from_ns(row.integer(3));
            one.source = who.evidence(row.as<std::uint32_t>(0), 0, 0, {}, "").source;
            one.count = row.as<std::uint64_t>(1);
            one.seen = 1;
            out.push_back(std::move(one));
        });
    };
    YAGURA_STORE_DO(
        each_source("SELECT source, total(records), min(begins), max(ends) FROM lost GROUP BY source "
                    "ORDER BY 2 DESC LIMIT 200",
                    "records_lost", "b-lost-"));
    YAGURA_STORE_DO(
        each_source("SELECT id, forgotten + refused, first, last FROM source WHERE forgotten + refused > 0 "
                    "ORDER BY 2 DESC LIMIT 200",
                    "limit", "b-limit-"));
    if (all.empty()) {
        BlindSpot none;
        none.id = "b-no-sensor";
        none.kind = "no_sensor";
        none.since = now;
        out.push_back(std::move(none));
    }
    std::ranges::stable_sort(out, {}, &BlindSpot::seen);
    if (out.size() > 1000) out.resize(1000);
    return out;
}

} // namespace yagura::store
