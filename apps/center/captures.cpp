// Captures that people bring, from their record to their end: read one after the other by sensors of their
// own, and taken out again whole.
#include <filesystem>

#include "apps/center/inside.h"

namespace yagura::center {

namespace fs = std::filesystem;

std::string Inside::upload_path(const store::UploadRow& row) const {
    return settings.data + "/uploads/" + row.file;
}

void Inside::begin_uploads() {
    for (auto& [id, row] : uploads) {
        if (reading.size() >= settings.uploads_at_once) return;
        if ((row.state != "waiting" && row.state != "reading") || reading.contains(id)) continue;
        auto sensor = FileSensor::start(settings.sensor, upload_path(row));
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
        finish(row, *one.ended);
        each = reading.erase(each);
    }
    begin_uploads();
}

void Inside::finish(store::UploadRow& row, const FileSensor::Ended& ended) {
    row.finished = wall_clock();
    const bool damaged = ended.words.find("damaged") != std::string::npos;
    row.state = ended.code != 0 ? "failed" : damaged ? "damaged" : "read";
    if (ended.code != 0 || damaged) {
        row.damage = ended.words.substr(0, 512);
        if (row.damage.empty()) row.damage = cat("the sensor that read it ended with ", ended.code);
    }
    if (ended.code == 0 && !damaged) row.bytes_read = row.bytes;
    uploads_changed.insert(row.id);
    std::error_code ignored;
    fs::remove(upload_path(row), ignored);
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
        // Whatever nobody vouches for any more has to go: what is left is marks without grounds.
        for (auto& node : stored->rows.nodes) node.state = model::State::mentioned;
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
