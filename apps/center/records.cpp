// From a sensor's pipe into the journal, and from the journal to the model: live, after a restart and when
// everything is made again.
#include <fcntl.h>
#include <unistd.h>

#include "apps/center/inside.h"

namespace yagura::center {
namespace {

constexpr std::size_t streams_most = 1'000, switches_most = 1'000;

std::string uuid(const std::array<std::uint8_t, 16>& bytes) {
    const auto digits = journal::Stream{bytes, 0}.text();
    return cat(digits.substr(0, 8), "-", digits.substr(8, 4), "-", digits.substr(12, 4), "-",
               digits.substr(16, 4), "-", digits.substr(20, 12));
}

} // namespace

Inside::Context& Inside::context(const journal::Stream& stream) {
    auto found = contexts.find(stream);
    if (found == contexts.end()) {
        if (contexts.size() >= streams_most) contexts.erase(contexts.begin());
        found = contexts.emplace(stream, std::make_unique<Context>(protocols)).first;
        Hasher salt{0x79616775, 0x72612121}; // The same in every run: a replay has to say the same.
        for (const auto byte : stream.sensor) salt.add(byte);
        found->second->replay.salt(salt.add(stream.boot).finish() | 1);
    }
    return *found->second;
}

std::uint32_t Inside::source_id(const journal::Stream& stream, const journal::Source& told) {
    const auto key = std::tuple{uuid(stream.sensor), stream.boot, told.number};
    auto found = source_ids.find(key);
    if (found == source_ids.end()) {
        store::SourceRow row;
        row.id = ++last_source;
        row.sensor = std::get<0>(key);
        row.boot = stream.boot;
        row.number = told.number;
        if (stream.sensor == uploaded) row.upload = static_cast<std::int64_t>(stream.boot);
        sources[row.id] = row;
        found = source_ids.emplace(key, row.id).first;
    }
    auto& row = sources[found->second];
    row.interface = told.interface;
    row.sensor_name = told.sensor_name;
    row.link_type = told.link_type;
    row.realm = told.realm;
    row.live = told.live && row.upload == 0;
    row.build = told.build;
    row.clock_offset = told.clock_offset_ns;
    sources_changed.insert(row.id);
    return found->second;
}

void Inside::consume(const journal::Stream& stream, const journal::Envelope& envelope, bool again) {
    auto& known = context(stream);
    if (envelope.kind == journal::Kind::source) {
        const auto told = journal::message<journal::Source>(envelope);
        const auto id = source_id(stream, told);
        if (known.first_source == 0) known.first_source = id;
        known.replay.source(told.number, id);
    } else if (envelope.kind == journal::Kind::lost && !again) {
        const auto lost = journal::message<journal::Lost>(envelope);
        if (auto row = sources.find(known.first_source); row != sources.end()) {
            row->second.lost += lost.records;
            sources_changed.insert(row->first);
        }
        batch.lost.push_back({known.first_source, lost});
    } else if (stream == decisions) {
        if (const auto told = decision(envelope); told && !again) decide(*told, envelope.arrival);
    } else {
        projector->arrival(envelope.arrival);
        switch (known.replay.on(envelope, *projector)) {
        case journal::Replay::Was::observation:
            count(envelope);
            if (envelope.kind == journal::Kind::anomaly && stream.sensor == uploaded)
                damage_told(stream, envelope);
            break;
        case journal::Replay::Was::unknown:
            counters.unknown.fetch_add(1, std::memory_order_relaxed);
            break;
        default:
            break;
        }
    }
    if (envelope.arrival > consumed) consumed = envelope.arrival;
}

void Inside::count(const journal::Envelope& envelope) {
    counters.records.fetch_add(1, std::memory_order_relaxed);
    for (const auto& seen : projector->seen()) {
        const auto found = sources.find(seen.source);
        if (found == sources.end()) continue;
        auto& row = found->second;
        row.packets += seen.coverage.packets;
        row.bytes += seen.coverage.bytes;
        row.dropped += seen.coverage.dropped;
        row.refused += seen.coverage.refused;
        row.forgotten += seen.coverage.forgotten;
        row.lost += seen.coverage.spool_lost;
        row.one_sided = seen.coverage.one_sided;
        if (seen.coverage.packets != 0) {
            if (row.first == observe::Time{} || seen.at < row.first) row.first = seen.at;
            row.last = std::max(row.last, seen.at);
        }
        row.heard = wall_clock();
        sources_changed.insert(row.id);
    }
    projector->seen().clear();
    counters.latest_packet.store(envelope.at.time_since_epoch().count(), std::memory_order_relaxed);
}

void Inside::attach(Inlet& inlet, const journal::Stream& stream) {
    inlet.stream = stream;
    inlet.last_sequence = journal.last_sequence(stream);
    auto& known = context(stream);
    journal.explain(stream, [&](const journal::Envelope& envelope) {
        if (envelope.kind == journal::Kind::source) {
            const auto told = journal::message<journal::Source>(envelope);
            const auto id = source_id(stream, told);
            if (known.first_source == 0) known.first_source = id;
            known.replay.source(told.number, id);
        } else {
            (void)known.replay.on(envelope, *projector);
        }
    });
}

Result<void> Inside::take(Inlet& inlet, Bytes record, observe::Time now,
                          std::vector<std::pair<journal::Stream, journal::Envelope>>& taken) {
    auto envelope = journal::open(record);
    if (!envelope) {
        counters.skipped_bytes.fetch_add(record.size(), std::memory_order_relaxed);
        return {};
    }
    envelope->arrival = 0;
    std::array<std::byte, journal::record_room> room;
    if (envelope->kind == journal::Kind::source) {
        auto told = journal::message<journal::Source>(*envelope);
        auto stream = journal::stream(told);
        if (inlet.upload != 0) {
            stream = {uploaded, static_cast<std::uint64_t>(inlet.upload)};
            told.sensor = stream.sensor;
            told.boot = stream.boot;
            told.sensor_name = "";
            told.interface = uploads[inlet.upload].name;
            told.live = false;
            record = journal::encode(room, *envelope, std::as_const(told));
            envelope = journal::open(record);
            if (!envelope) return {};
        } else if (stream.sensor == ourselves || stream.sensor == uploaded) {
            return {}; // Nobody speaks for us.
        }
        if (inlet.stream != stream) {
            if (++inlet.switches > switches_most) return {};
            if (inlet.upload == 0) {
                // Before the first of its records: after a fall what is in the pipe has to be known as its.
                Decision sensor;
                sensor.what = What::setting;
                sensor.at = now;
                sensor.who = "center";
                sensor.text = cat("inlet.", inlet.reader.descriptor());
                sensor.value = stream.text();
                if (auto done = decided_now(sensor); !done) return std::unexpected{std::move(done).error()};
            }
            attach(inlet, stream);
        }
    }
    if (!inlet.stream) {
        counters.unattributed.fetch_add(1, std::memory_order_relaxed);
        return {};
    }
    const auto kind = static_cast<std::uint16_t>(envelope->kind);
    if (kind >= static_cast<std::uint16_t>(journal::Kind::settings) &&
        kind <= static_cast<std::uint16_t>(journal::Kind::rules_loaded))
        return {}; // Decisions are made here, not by sensors.
    if (envelope->sequence != 0) {
        if (envelope->sequence <= inlet.last_sequence) {
            counters.duplicates.fetch_add(1, std::memory_order_relaxed);
            return {};
        }
        if (const auto missing = envelope->sequence - inlet.last_sequence - 1; missing != 0) {
            counters.missing.fetch_add(missing, std::memory_order_relaxed);
            const journal::Lost lost{
                journal::Lost::Why::missing, journal::Worth::keep,  missing, envelope->at, envelope->at,
                inlet.last_sequence + 1,     envelope->sequence - 1};
            std::array<std::byte, 128> lost_room;
            journal::Envelope around{
                .kind = journal::Kind::lost, .worth = journal::Worth::keep, .at = envelope->at};
            const auto told = journal::encode(lost_room, around, lost);
            YAGURA_TRY(const auto arrival, journal.append(*inlet.stream, around, told, seconds(now)));
            store::LostRow row{context(*inlet.stream).first_source, lost};
            batch.lost.push_back(row);
            consumed = std::max(consumed, arrival);
        }
        inlet.last_sequence = envelope->sequence;
    }
    YAGURA_TRY(envelope->arrival, journal.append(*inlet.stream, *envelope, record, seconds(now)));
    // What explains is needed at once; its bytes may be ours, above.
    if (envelope->kind == journal::Kind::source)
        consume(*inlet.stream, *envelope);
    else
        taken.emplace_back(*inlet.stream, *envelope);
    return {};
}

bool Inside::switches(const Inlet& inlet, Bytes record) {
    if (inlet.upload != 0 || !inlet.stream) return false;
    const auto envelope = journal::open(record);
    return envelope && envelope->kind == journal::Kind::source &&
           journal::stream(journal::message<journal::Source>(*envelope)) != *inlet.stream;
}

Inside::Came Inside::read(Inlet& inlet, observe::Time now) {
    switch (inlet.reader.fill()) {
    case journal::PipeReader::State::waiting:
        return Came::nothing;
    case journal::PipeReader::State::failed:
    case journal::PipeReader::State::ended:
        return Came::ended;
    case journal::PipeReader::State::more:
        break;
    }
    std::vector<std::pair<journal::Stream, journal::Envelope>> taken;
    auto done = Result<void>{};
    for (auto record = inlet.reader.next(); !record.empty() && done; record = inlet.reader.next()) {
        // What another sensor sends waits until what came before it is safe: after a fall in between, nobody
        // could tell whose it was.
        if (switches(inlet, record) && inlet.reader.give_back()) break;
        done = take(inlet, record, now, taken);
    }
    if (done) done = journal.write();
    if (done) {
        inlet.reader.taken();
    } else {
        // Not in the journal: not in the model either. It stays in the pipe, and what was written of it
        // before the disk refused is known by its sequence when it comes again.
        counters.journal_failures.fetch_add(1, std::memory_order_relaxed);
        if (inlet.stream) inlet.last_sequence = journal.last_sequence(*inlet.stream);
        std::erase_if(taken, [&](const auto& one) {
            return one.second.sequence == 0 || one.second.sequence > journal.last_sequence(one.first);
        });
        complain(done.error());
        std::this_thread::sleep_for(1s);
    }
    for (const auto& [stream, envelope] : taken) consume(stream, envelope);
    const auto skipped = inlet.reader.skipped();
    counters.skipped_bytes.fetch_add(skipped - inlet.skipped, std::memory_order_relaxed);
    inlet.skipped = skipped;
    if (inlet.upload != 0) {
        auto& row = uploads[inlet.upload];
        row.records += taken.size();
        uploads_changed.insert(inlet.upload);
    }
    return Came::something;
}

Result<void> Inside::play(std::uint64_t after) {
    auto played = journal::replay_journal(journal.folder(), after,
                                          [&](const journal::Stream& stream, Bytes record) {
                                              if (const auto envelope = journal::open(record)) {
                                                  consume(stream, *envelope, envelope->arrival <= after);
                                                  counters.replayed.fetch_add(1, std::memory_order_relaxed);
                                              }
                                              if (batch.history_rows() >= batch_rows_most) flush(true);
                                              return true;
                                          });
    if (!played) return std::unexpected{std::move(played).error()};
    journal.go_on_after(consumed);
    return {};
}

void Inside::recall_inlets() {
    for (const auto pipe : settings.pipes) {
        (void)::fcntl(pipe, F_SETFL, ::fcntl(pipe, F_GETFL) | O_NONBLOCK); // drain() looks until it is empty.
        auto inlet = std::make_unique<Inlet>(pipe);
        if (const auto known = people.settings.find(cat("inlet.", pipe)); known != people.settings.end())
            if (const auto stream = journal::stream(known->second.value)) attach(*inlet, *stream);
        inlets.push_back(std::move(inlet));
    }
}

} // namespace yagura::center
