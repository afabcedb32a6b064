// Captures that people bring, from their record to their end: read one after the other by sensors of their
// own, and taken out again whole.
#include <filesystem>

#include "apps/center/inside.h"

namespace yagura::center {

namespace fs = std::filesystem;

std::string Inside::upload_path(const store::UploadRow& row) const {
    return settings.data + "/uploads/" + row.file;
}

void Inside::remove_strays() const {
    std::set<std::string> wanted;
    for (const auto& [id, row] : uploads)
        if (row.state == "waiting" || row.state == "reading") wanted.insert(row.file);
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator{settings.data + "/uploads", ignored})
        if (entry.is_regular_file(ignored) && !wanted.contains(entry.path().filename().string()))
            fs::remove(entry.path(), ignored);
}

void Inside::begin_uploads() {
    for (auto& [id, row] : uploads) {
        if (reading.size() >= settings.uploads_at_once) return;
        if ((row.state != "waiting" && row.state != "reading") || reading.contains(id)) continue;
        auto sensor = FileSensor::start(settings.sensor, upload_path(row), settings.protocols);
        uploads_changed.insert(id);
        if (!sensor) {
            row.state = "failed";
            row.damage = sensor.error().what + ": " + sensor.error().why;
            row.finished = wall_clock();
            continue;
        }
        row.state = "reading";
        auto inlet = std::make_unique<Inlet>(sensor->records());
        inlet->upload = id;
        reading.emplace(id, Reading{std::move(*sensor), std::move(inlet), {}});
    }
}

void Inside::look_after_uploads() {
    for (auto each = reading.begin(); each != reading.end();) {
        auto& [id, one] = *each;
        auto& row = uploads[id];
        one.sensor.look();
        std::uint64_t packets = 0, bytes = 0;
        for (const auto& [source, seen] : sources)
            if (seen.upload == id) packets += seen.packets, bytes += seen.bytes + 16 * seen.packets;
        const auto read_now = std::min(row.bytes, std::max(one.sensor.bytes_read(), bytes));
        if (packets != row.packets || read_now != row.bytes_read) {
            row.packets = packets;
            row.bytes_read = std::max(row.bytes_read, read_now);
            uploads_changed.insert(id);
        }
        if (!one.ended) one.ended = one.sensor.ended();
        if (row.state == "removing") {
            each = reading.erase(each);
            continue;
        }
        if (!one.ended || !one.inlet->ended) {
            ++each;
            continue;
        }
        // Whoever kills the sensor does not end the capture: what it said before is known by its sequence.
        const bool killed = one.ended->code > 128 && ++reader_falls[id] < reader_falls_most;
        if (!killed) finish(row, *one.ended);
        each = reading.erase(each);
    }
    begin_uploads();
}

void Inside::finish(store::UploadRow& row, const FileSensor::Ended& ended) {
    constexpr int read_up_to_damage = 3; // apps/sensor/sensor.h; where it is, an anomaly said (damage_told).
    reader_falls.erase(row.id);
    row.finished = wall_clock();
    if (ended.code == 0) {
        row.state = "read";
        row.bytes_read = row.bytes;
    } else if (ended.code == read_up_to_damage) {
        row.state = "damaged";
        if (row.damage.empty()) row.damage = "the capture file is damaged";
    } else {
        row.state = "failed";
        row.damage = ended.words.substr(0, 512);
        if (row.damage.empty() && ended.code > 128)
            row.damage = cat("the sensor that read it was ended by signal ", ended.code - 128, ", ",
                             reader_falls_most, " times; what it said until then is kept");
        if (row.damage.empty()) row.damage = cat("the sensor that read it ended with code ", ended.code);
    }
    uploads_changed.insert(row.id); // Once that is in the store, the file goes.
}

void Inside::damage_told(const journal::Stream& stream, const journal::Envelope& envelope) {
    const auto found = uploads.find(static_cast<std::int64_t>(stream.boot));
    if (found == uploads.end()) return;
    observe::Anomaly told{0, {0, ""}};
    journal::Take in{envelope.body};
    journal::describe(in, told);
    if (told.protocol != 0 || !told.detail.what.starts_with("the capture file is ")) return;
    found->second.damage = told.detail.what.substr(0, 512);
    found->second.damage_packet = envelope.evidence.frame;
    uploads_changed.insert(found->first);
}

void Inside::make_again() {
    rebuild = false;
    flush(true);
    batches.wait_idle();
    std::vector<std::uint32_t> gone_sources;
    std::vector<std::int64_t> gone;
    for (const auto& [id, row] : uploads) {
        if (row.state != "removing") continue;
        gone.push_back(id);
        for (const auto& [source, from] : sources)
            if (from.upload == id) gone_sources.push_back(source);
    }
    for (const auto id : gone) {
        reading.erase(id);
        std::error_code ignored;
        fs::remove(upload_path(uploads[id]), ignored);
        if (auto done = journal.remove({uploaded, static_cast<std::uint64_t>(id)}); !done)
            complain(done.error());
    }
    if (!gone_sources.empty()) {
        (void)journal.sync();
        auto done = writer.forget(gone_sources);
        auto stored = done ? writer.load() : Result<store::Stored>{std::unexpected{done.error()}};
        if (!stored) {
            complain(stored.error());
            counters.store_failures.fetch_add(1, std::memory_order_relaxed);
            rebuild = true;
            return;
        }
        fill(*stored);
        if (auto played = play(0); !played) complain(played.error());
        for (auto& inlet : inlets)
            if (inlet->stream) attach(*inlet, *inlet->stream);
    }
    for (const auto id : gone) {
        uploads.erase(id);
        uploads_changed.erase(id);
        batch.uploads_gone.push_back(id);
    }
    flush(true);
}

} // namespace yagura::center
