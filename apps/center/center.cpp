#include "apps/center/center.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>

#include "apps/center/portraits.h"
#include "apps/center/projector.h"
#include "apps/center/queue.h"
#include "apps/center/uploads.h"
#include "spine/journal/pipe.h"

namespace yagura::center {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using Steady = std::chrono::steady_clock;

constexpr std::chrono::milliseconds batch_every = 200ms, sync_every = 400ms, tidy_every = 30s,
                                    store_tidy_every = 10min;
constexpr std::size_t batch_rows_most = 20'000, batches_waiting = 4, commands_waiting = 256,
                      drawn_at_once = 400;
constexpr std::size_t streams_most = 1'000, switches_most = 1'000;
/// Whoever sends under these two is us: decisions, and captures that are read here.
constexpr std::array<std::uint8_t, 16> ourselves{}, uploaded{'u', 'p', 'l', 'o', 'a', 'd'};
constexpr journal::Stream decisions{ourselves, 0};

observe::Time wall_clock() {
    return std::chrono::time_point_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now());
}
journal::Journal::Seconds seconds(observe::Time at) { return std::chrono::floor<std::chrono::seconds>(at); }

std::string uuid(const std::array<std::uint8_t, 16>& bytes) {
    const auto digits = journal::Stream{bytes, 0}.text();
    return cat(digits.substr(0, 8), "-", digits.substr(8, 4), "-", digits.substr(12, 4), "-",
               digits.substr(16, 4), "-", digits.substr(20, 12));
}

void complain(const Complaint& complaint) { std::fputs(complaint.text().c_str(), stderr); }

} // namespace

struct Center::Inside {
    struct Inlet {
        explicit Inlet(int descriptor) : reader{descriptor} {}
        journal::PipeReader reader;
        std::optional<journal::Stream> stream;
        std::int64_t upload = 0;
        std::uint64_t last_sequence = 0, skipped = 0;
        std::size_t switches = 0;
        bool ended = false;
    };
    struct Context {
        explicit Context(journal::Protocols& protocols) : replay{protocols} {}
        journal::Replay replay;
        std::uint32_t first_source = 0;
    };
    struct Asked {
        model::Command command;
        std::string who;
        std::promise<Result<model::Done>> answer;
    };
    struct Reading {
        FileSensor sensor;
        std::unique_ptr<Inlet> inlet;
        std::optional<FileSensor::Ended> ended;
    };

    Inside(Settings given, journal::Journal opened, store::Writer store)
        : settings{std::move(given)},
          journal{std::move(opened)},
          writer{std::move(store)},
          wake{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)} {}
    ~Inside() {
        if (recorder.joinable()) {
            recorder.request_stop();
            signal();
            recorder.join();
        }
        if (storing.joinable()) {
            batches.wait_idle();
            storing.request_stop();
            storing.join();
        }
        ::close(wake);
    }

    Settings settings;
    Counters counters;
    journal::Journal journal;
    store::Writer writer; ///< the writer's thread; ours while that is idle
    int wake;
    Queue<std::unique_ptr<Asked>> commands{commands_waiting};
    Queue<std::unique_ptr<store::Batch>> batches{batches_waiting};
    std::mutex news_mutex;
    std::function<void(const News&)> tell_news;

    // From here on the recorder thread's alone.
    journal::Protocols protocols;
    People people;
    store::Batch batch;
    std::unique_ptr<model::Plant> plant;
    std::unique_ptr<Projector> projector;
    std::unique_ptr<Portraits> portraits;
    std::map<journal::Stream, std::unique_ptr<Context>> contexts;
    std::map<std::tuple<std::string, std::uint64_t, std::uint32_t>, std::uint32_t> source_ids;
    std::map<std::uint32_t, store::SourceRow> sources;
    std::set<std::uint32_t> sources_changed;
    std::map<std::int64_t, store::UploadRow> uploads;
    std::set<std::int64_t> uploads_changed;
    std::vector<std::unique_ptr<Inlet>> inlets;
    std::map<std::int64_t, Reading> reading;
    std::uint64_t consumed = 0, batched = 0, decided = 0;
    bool rebuild = false;
    std::int64_t last_line = 0, last_upload = 0;
    std::uint32_t last_source = 0;

    std::jthread storing, recorder; ///< last: they use everything above

    void signal() const {
        const std::uint64_t one = 1;
        (void)!::write(wake, &one, sizeof one);
    }

    // --- start
    // -----------------------------------------------------------------------------------------------

    void fill(const store::Stored& stored) {
        plant = std::make_unique<model::Plant>(
            [this](std::uint16_t number) { return protocols.name(number); });
        projector = std::make_unique<Projector>(*plant, protocols, batch);
        portraits = std::make_unique<Portraits>(*plant, people);
        contexts.clear();
        source_ids.clear();
        sources.clear();
        sources_changed.clear();
        people = {};
        batch = {};
        plant->load(stored.rows);
        for (const auto& line : stored.lines) {
            people.lines[line.id] = line;
            last_line = std::max(last_line, line.id);
        }
        for (const auto& correction : stored.corrections)
            people.corrections[correction.node.value][correction.attribute] = correction;
        for (const auto& setting : stored.settings) people.settings[setting.name] = setting;
        for (const auto& row : stored.sources) {
            sources[row.id] = row;
            source_ids[{row.sensor, row.boot, row.number}] = row.id;
            last_source = std::max(last_source, row.id);
        }
        for (const auto& upload : stored.uploads) {
            if (!uploads.contains(upload.id)) uploads[upload.id] = upload;
            last_upload = std::max(last_upload, upload.id);
        }
        portraits->load(stored);
        consumed = batched = stored.arrival;
        decided = std::max(decided, stored.decided);
        counters.written_mark = static_cast<std::int64_t>(stored.arrival);
    }

    Result<void> play(std::uint64_t after) {
        auto played = journal::replay_journal(
            journal.folder(), after, [&](const journal::Stream& stream, Bytes record) {
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

    /// What a pipe's records belong to until the sensor says it again: a new sensor says it first of all.
    void recall_inlets() {
        for (const auto pipe : settings.pipes) {
            auto inlet = std::make_unique<Inlet>(pipe);
            if (const auto known = people.settings.find(cat("inlet.", pipe)); known != people.settings.end())
                if (const auto stream = journal::stream(known->second.value)) attach(*inlet, *stream);
            inlets.push_back(std::move(inlet));
        }
    }

    // --- records
    // ---------------------------------------------------------------------------------------------

    Context& context(const journal::Stream& stream) {
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

    /// The sensor's words for where its records come from. Those of a capture are ours.
    std::uint32_t source_id(const journal::Stream& stream, const journal::Source& told) {
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

    /// One record of the journal, live or played. `again`: from before the mark, it only explains.
    void consume(const journal::Stream& stream, const journal::Envelope& envelope, bool again = false) {
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

    void count(const journal::Envelope& envelope) {
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

    void attach(Inlet& inlet, const journal::Stream& stream) {
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
        if (inlet.upload == 0) {
            const auto name = cat("inlet.", inlet.reader.descriptor());
            people.settings[name] = {name, stream.text(), wall_clock(), "center"};
            batch.settings.push_back(people.settings[name]);
        }
    }

    /// A record as it came. Gives it to the journal; `taken` is what the model is told after it is written.
    Result<void> take(Inlet& inlet, Bytes record, observe::Time now,
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

    /// Everything that one read gives. False: nobody writes any more.
    bool read(Inlet& inlet, observe::Time now) {
        switch (inlet.reader.fill()) {
        case journal::PipeReader::State::waiting:
            return true;
        case journal::PipeReader::State::failed:
        case journal::PipeReader::State::ended:
            return false;
        case journal::PipeReader::State::more:
            break;
        }
        std::vector<std::pair<journal::Stream, journal::Envelope>> taken;
        const auto before = inlet.last_sequence;
        auto done = Result<void>{};
        for (auto record = inlet.reader.next(); !record.empty() && done; record = inlet.reader.next())
            done = take(inlet, record, now, taken);
        if (done) done = journal.write();
        if (!done) { // Not in the journal: not in the model either. The gap will be told when there is room
                     // again.
            counters.journal_failures.fetch_add(1, std::memory_order_relaxed);
            inlet.last_sequence = before;
            complain(done.error());
            std::this_thread::sleep_for(1s);
            return true;
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
        return true;
    }

    // --- decisions
    // -------------------------------------------------------------------------------------------

    void decide(const Decision& told, std::uint64_t arrival) {
        switch (told.what) {
        case What::correct: {
            auto& all = people.corrections[told.subject];
            store::CorrectionRow row{{told.subject}, told.text, told.value.value_or(""),
                                     told.at,        told.who,  !told.value.has_value()};
            if (told.value)
                all[told.text] = row;
            else
                all.erase(told.text);
            batch.corrections.push_back(row);
            plant->settle();
            if (const auto device = plant->device_of(model::NodeId{told.subject})) {
                portraits->changed(*device);
                store::ChangeRow change;
                change.at = told.at;
                change.kind = "correction";
                change.device = *device;
                change.attribute = told.text;
                change.new_value = told.value.value_or("");
                change.who = told.who;
                batch.changes.push_back(std::move(change));
            }
            break;
        }
        case What::merge:
            (void)plant->merge(model::DeviceId{told.subject}, model::DeviceId{told.other}, told.who, told.at);
            break;
        case What::line: {
            const auto id = static_cast<std::int64_t>(told.subject);
            last_line = std::max(last_line, id);
            // A subnet is one line's: the last word counts.
            for (auto& [other, line] : people.lines)
                if (other != id && std::erase_if(line.subnets, [&](const store::Subnet& subnet) {
                        return std::ranges::find(told.subnets, subnet) != told.subnets.end();
                    }))
                    batch.lines.push_back(line);
            people.lines[id] = {id, told.text, told.subnets, false};
            batch.lines.push_back(people.lines[id]);
            plant->settle();
            portraits->changed_all();
            break;
        }
        case What::line_gone:
            people.lines.erase(static_cast<std::int64_t>(told.subject));
            batch.lines.push_back({static_cast<std::int64_t>(told.subject), {}, {}, true});
            plant->settle();
            portraits->changed_all();
            break;
        case What::upload: {
            const auto id = static_cast<std::int64_t>(told.subject);
            last_upload = std::max(last_upload, id);
            if (arrival <= decided) break;
            auto& row = uploads[id];
            row.id = id;
            row.name = told.text;
            row.file = told.value.value_or("");
            row.state = "waiting";
            row.bytes = told.other;
            row.at = told.at;
            row.who = told.who;
            uploads_changed.insert(id);
            break;
        }
        case What::upload_gone: {
            const auto found = uploads.find(static_cast<std::int64_t>(told.subject));
            if (arrival <= decided || found == uploads.end()) break;
            found->second.state = "removing";
            uploads_changed.insert(found->first);
            rebuild = true;
            break;
        }
        case What::setting:
            people.settings[told.text] = {told.text, told.value.value_or(""), told.at, told.who};
            batch.settings.push_back(people.settings[told.text]);
            break;
        case What::unknown:
            break;
        }
    }

    static std::unexpected<Complaint> refuse(std::string_view code, std::string what, std::string next) {
        return std::unexpected{Complaint{.code = code, .what = std::move(what), .next = std::move(next)}};
    }
    Result<model::DeviceId> device(std::string_view text) {
        plant->settle();
        const auto id = model::device_id(text);
        const auto* row = id ? plant->device(*id) : nullptr;
        if (!row || row->gone)
            return refuse("model.no-such-device", "there is no such device",
                          "take the id from the list of devices");
        return *id;
    }
    Result<std::int64_t> line(std::string_view text) {
        const auto id = text.starts_with("l0-") ? number<std::uint32_t>(text.substr(3)) : std::nullopt;
        if (!id || !people.lines.contains(*id))
            return refuse("model.no-such-line", "there is no such line",
                          "take the id from the list of lines");
        return static_cast<std::int64_t>(*id);
    }
    Result<std::vector<store::Subnet>> subnets(const std::vector<std::string>& texts) {
        std::vector<store::Subnet> out;
        if (texts.size() > 256)
            return refuse("model.bad-subnet", "a line has at most 256 subnets", "name fewer, larger ones");
        for (const auto& text : texts) {
            const auto one = subnet(text);
            if (!one)
                return refuse("model.bad-subnet", cat("this is no subnet: ", yagura::quoted(text)),
                              "write it as 10.2.3.0/24 or fd00:1::/64");
            out.push_back(*one);
        }
        return out;
    }
    Result<std::string> name(std::string_view text, std::int64_t but = 0) {
        if (text.empty() || text.size() > 256)
            return refuse("model.bad-value", "a name has 1 to 256 bytes", "choose a shorter name");
        for (const auto& [id, line] : people.lines)
            if (id != but && line.name == text)
                return refuse("model.name-taken", cat("another line is called ", yagura::quoted(text)),
                              "choose another name");
        return std::string{text};
    }

    /// The decision that a command comes to, and the id of what it makes.
    Result<std::pair<Decision, std::string>> judge(const model::Command& command) {
        struct Judge {
            Inside& in;
            using Out = Result<std::pair<Decision, std::string>>;
            Out operator()(const model::CorrectDevice& asked) const {
                YAGURA_TRY(const auto id, in.device(asked.device));
                const auto nodes = in.plant->nodes_of(id);
                if (nodes.empty())
                    return refuse("model.no-such-device", "there is no such device",
                                  "take the id from the list of devices");
                Decision out;
                out.what = What::correct;
                out.text = asked.attribute;
                out.value = asked.value;
                out.subject = nodes.front().value;
                // What is given back is what somebody said of any of its marks.
                for (const auto node : nodes)
                    if (const auto said = in.people.corrections.find(node.value);
                        said != in.people.corrections.end() && said->second.contains(asked.attribute))
                        out.subject = node.value;
                if (asked.attribute == "line" && asked.value) {
                    YAGURA_TRY(const auto line, in.line(*asked.value));
                    out.value = cat(line);
                } else if (asked.attribute != "name" && asked.attribute != "role" &&
                           asked.attribute != "line") {
                    return refuse("model.bad-value",
                                  cat("nobody can correct ", yagura::quoted(asked.attribute)),
                                  "correct name, role or line");
                }
                if (out.value && (out.value->empty() || out.value->size() > 256))
                    return refuse("model.bad-value", "a correction has 1 to 256 bytes",
                                  "choose a shorter text");
                return std::pair{out, std::string{asked.device}};
            }
            Out operator()(const model::MergeDevices& asked) const {
                YAGURA_TRY(const auto from, in.device(asked.from));
                YAGURA_TRY(const auto into, in.device(asked.into));
                if (from == into)
                    return refuse("model.bad-value", "a device cannot be merged into itself", "name two");
                Decision out;
                out.what = What::merge;
                out.subject = from.value;
                out.other = into.value;
                return std::pair{out, asked.into};
            }
            Out operator()(const model::CreateLine& asked) const {
                if (in.people.lines.size() >= 500)
                    return refuse("model.bad-value", "there are 500 lines already",
                                  "delete one that is not used");
                Decision out;
                out.what = What::line;
                YAGURA_TRY(out.text, in.name(asked.name));
                YAGURA_TRY(out.subnets, in.subnets(asked.subnets));
                out.subject = static_cast<std::uint64_t>(in.last_line + 1);
                return std::pair{out, cat("l0-", out.subject)};
            }
            Out operator()(const model::EditLine& asked) const {
                YAGURA_TRY(const auto id, in.line(asked.line));
                const auto& now = in.people.lines.at(id);
                Decision out;
                out.what = What::line;
                out.subject = static_cast<std::uint64_t>(id);
                out.text = now.name;
                out.subnets = now.subnets;
                if (asked.name) {
                    YAGURA_TRY(out.text, in.name(*asked.name, id));
                }
                if (asked.subnets) {
                    YAGURA_TRY(out.subnets, in.subnets(*asked.subnets));
                }
                return std::pair{out, asked.line};
            }
            Out operator()(const model::DeleteLine& asked) const {
                YAGURA_TRY(const auto id, in.line(asked.line));
                Decision out;
                out.what = What::line_gone;
                out.subject = static_cast<std::uint64_t>(id);
                return std::pair{out, asked.line};
            }
            Out operator()(const model::AddUpload& asked) const {
                // A name of ours in a folder of ours: whoever asks cannot point elsewhere.
                if (asked.file.empty() || asked.file.find('/') != asked.file.npos ||
                    asked.file.starts_with('.'))
                    return refuse("model.bad-value", "an upload is a file in the folder of uploads",
                                  "name only the file");
                Decision out;
                out.what = What::upload;
                out.text = asked.name.substr(0, 255);
                out.value = asked.file;
                out.other = asked.bytes;
                out.subject = static_cast<std::uint64_t>(in.last_upload + 1);
                return std::pair{out, cat("c0-", out.subject)};
            }
            Out operator()(const model::RemoveUpload& asked) const {
                const auto id = asked.upload.starts_with("c0-")
                                    ? number<std::uint32_t>(std::string_view{asked.upload}.substr(3))
                                    : std::nullopt;
                if (!id || !in.uploads.contains(*id))
                    return refuse("model.no-such-upload", "there is no such capture",
                                  "take the id from the list of captures");
                Decision out;
                out.what = What::upload_gone;
                out.subject = *id;
                return std::pair{out, asked.upload};
            }
            Out operator()(const model::ChangeSetting& asked) const {
                if (asked.name.empty() || asked.name.size() > 128 || asked.value.size() > 512 ||
                    asked.name.starts_with("inlet."))
                    return refuse("model.bad-value",
                                  "a setting has a name of 128 and a value of 512 bytes at most",
                                  "choose a shorter one");
                Decision out;
                out.what = What::setting;
                out.text = asked.name;
                out.value = asked.value;
                return std::pair{out, asked.name};
            }
        };
        return std::visit(Judge{*this}, command);
    }

    void answer_commands() {
        std::vector<std::pair<std::unique_ptr<Asked>, Result<model::Done>>> answers;
        while (auto asked = commands.try_pop()) {
            auto judged = judge((*asked)->command);
            if (!judged) {
                answers.emplace_back(std::move(*asked), std::unexpected{std::move(judged).error()});
                continue;
            }
            auto& told = judged->first;
            told.at = wall_clock();
            told.who = (*asked)->who.substr(0, 128);
            const auto record = encode(told);
            auto envelope = journal::open(record);
            auto arrival = envelope ? journal.append(decisions, *envelope, record, seconds(told.at))
                                    : Result<std::uint64_t>{
                                          refuse("model.bad-value", "this is too long", "shorten it")};
            if (!arrival) {
                answers.emplace_back(std::move(*asked), std::unexpected{std::move(arrival).error()});
                continue;
            }
            envelope->arrival = *arrival;
            consume(decisions, *envelope);
            answers.emplace_back(std::move(*asked), model::Done{told.at, std::move(judged->second)});
        }
        if (answers.empty()) return;
        // Nobody is told yes before it is on the disk.
        const auto on_disk = journal.sync();
        for (auto& [asked, answer] : answers)
            asked->answer.set_value(on_disk ? std::move(answer) : std::unexpected{on_disk.error()});
    }

    // --- uploads
    // ---------------------------------------------------------------------------------------------

    std::string upload_path(const store::UploadRow& row) const {
        return settings.data + "/uploads/" + row.file;
    }

    void begin_uploads() {
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

    void look_after_uploads() {
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

    void finish(store::UploadRow& row, const FileSensor::Ended& ended) {
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

    /// Takes out what came from captures that are to go: everything that the model made is made again from
    /// the journal without them.
    void make_again() {
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

    // --- batches
    // ---------------------------------------------------------------------------------------------

    void flush(bool wait) {
        if (!wait && !batches.has_room()) return;
        batch.rows = plant->take_changes();
        portraits->changed(batch.rows, batch);
        portraits->draw(drawn_at_once, batch);
        for (const auto id : sources_changed) batch.sources.push_back(sources[id]);
        sources_changed.clear();
        for (const auto id : uploads_changed) batch.uploads.push_back(uploads[id]);
        uploads_changed.clear();
        batch.arrival = consumed;
        const bool nothing = consumed == batched && batch.shown.empty() && batch.seen.empty() &&
                             batch.uploads.empty() && batch.uploads_gone.empty() && batch.sources.empty() &&
                             batch.settings.empty();
        if (nothing) return;
        batched = consumed;
        (void)batches.push(std::make_unique<store::Batch>(std::exchange(batch, {})));
    }

    void store_batches(std::stop_token stop) {
        auto tidied = Steady::now() - store_tidy_every;
        while (auto next = batches.pop(stop)) {
            const auto& what = **next;
            for (auto pause = 100ms;; pause = std::min<std::chrono::milliseconds>(pause * 2, 5s)) {
                auto done = writer.apply(what);
                if (done) break;
                counters.store_failures.fetch_add(1, std::memory_order_relaxed);
                complain(done.error());
                if (stop.stop_requested()) break; // The journal has it.
                std::this_thread::sleep_for(pause);
            }
            counters.batches.fetch_add(1, std::memory_order_relaxed);
            counters.written_mark.store(static_cast<std::int64_t>(what.arrival), std::memory_order_relaxed);
            {
                const std::scoped_lock lock{news_mutex};
                if (tell_news)
                    tell_news({.devices = !what.shown.empty() || !what.seen.empty(),
                               .operations = !what.operations.empty(),
                               .captures = !what.uploads.empty() || !what.uploads_gone.empty(),
                               .sensors = !what.sources.empty(),
                               .changes = !what.changes.empty()});
            }
            if (Steady::now() - tidied > store_tidy_every) {
                tidied = Steady::now();
                if (auto done = writer.tidy(std::chrono::floor<std::chrono::days>(wall_clock())); !done)
                    complain(done.error());
            }
            batches.done();
        }
    }

    // --- the recorder's life
    // -----------------------------------------------------------------------------------

    void record(std::stop_token stop) {
        auto flushed = Steady::now(), synced = flushed, tidied = flushed, looked = flushed;
        while (!stop.stop_requested()) {
            std::vector<pollfd> waiting{{wake, POLLIN, 0}};
            std::vector<Inlet*> whose{nullptr};
            const auto wait_for = [&](Inlet& inlet) {
                if (inlet.ended) return;
                waiting.push_back({inlet.reader.descriptor(), POLLIN, 0});
                whose.push_back(&inlet);
            };
            for (auto& inlet : inlets) wait_for(*inlet);
            for (auto& [id, one] : reading) wait_for(*one.inlet);
            (void)::poll(waiting.data(), waiting.size(), 50);
            const auto now = wall_clock();
            if ((waiting[0].revents & POLLIN) != 0) {
                std::uint64_t ignored = 0;
                (void)!::read(wake, &ignored, sizeof ignored);
            }
            for (std::size_t i = 1; i < waiting.size(); ++i) {
                if (waiting[i].revents == 0) continue;
                // No writer: of a capture that is its end; a sensor's pipe will get another one.
                if (!read(*whose[i], now)) {
                    whose[i]->ended = whose[i]->upload != 0;
                    if (!whose[i]->ended) std::this_thread::sleep_for(20ms);
                }
            }
            answer_commands();
            if (rebuild) make_again();
            const auto tick = Steady::now();
            if (tick - looked >= 100ms) {
                looked = tick;
                look_after_uploads();
            }
            if (tick - flushed >= batch_every || batch.history_rows() >= batch_rows_most) {
                flush(batch.history_rows() >= batch_rows_most * 4);
                if (batch.history_rows() == 0) flushed = tick;
            }
            if (tick - synced >= sync_every && journal.dirty()) {
                synced = tick;
                if (auto done = journal.sync(); !done) {
                    counters.journal_failures.fetch_add(1, std::memory_order_relaxed);
                    complain(done.error());
                }
            }
            if (tick - tidied >= tidy_every) {
                tidied = tick;
                if (auto done = journal.tidy(seconds(now)); !done) complain(done.error());
                counters.journal_bytes.store(journal.bytes(), std::memory_order_relaxed);
            }
        }
        answer_commands();
        while (!portraits->idle()) flush(true);
        flush(true);
        if (auto done = journal.sync(); !done) complain(done.error());
    }
};

Center::Center(std::unique_ptr<Inside> in) : in_{std::move(in)} {}
Center::~Center() = default;

Result<std::unique_ptr<Center>> Center::start(Settings settings) {
    std::error_code error;
    fs::create_directories(settings.data + "/uploads", error);
    if (error)
        return std::unexpected{Complaint{.code = "center.no-data-folder",
                                         .what = "the data folder cannot be used",
                                         .why = error.message(),
                                         .where = settings.data,
                                         .next = "let the user of yagura-center own it"}};
    YAGURA_TRY(auto writer, store::Writer::open(settings.data, {.history_days = settings.keep_days}));
    YAGURA_TRY(auto journal, journal::Journal::open(settings.data + "/journal",
                                                    {.keep = std::chrono::hours{24 * settings.keep_days},
                                                     .keep_bytes = settings.journal_bytes}));
    YAGURA_TRY(const auto stored, writer.load());
    auto in = std::make_unique<Inside>(std::move(settings), std::move(journal), std::move(writer));
    in->fill(stored);
    in->storing = std::jthread{[raw = in.get()](std::stop_token stop) { raw->store_batches(stop); }};
    if (auto played = in->play(stored.arrival); !played) return std::unexpected{std::move(played).error()};
    in->recall_inlets();
    for (const auto& [id, row] : in->uploads) in->rebuild |= row.state == "removing";
    in->flush(true);
    in->recorder = std::jthread{[raw = in.get()](std::stop_token stop) { raw->record(stop); }};
    return std::unique_ptr<Center>{new Center{std::move(in)}};
}

Result<model::Done> Center::run(model::Command command, std::string_view who) {
    auto asked = std::make_unique<Inside::Asked>(std::move(command), std::string{who});
    auto answer = asked->answer.get_future();
    if (!in_->commands.try_push(std::move(asked)))
        return std::unexpected{Complaint{.code = "model.too-busy",
                                         .what = "too much is being decided at once",
                                         .next = "try again in a moment"}};
    in_->signal();
    try {
        return answer.get();
    } catch (const std::future_error&) { // The recorder has ended.
        return std::unexpected{Complaint{
            .code = "model.stopping", .what = "the center is stopping", .next = "try again when it is back"}};
    }
}

const Counters& Center::counters() const noexcept { return in_->counters; }
void Center::on_news(std::function<void(const News&)> tell) {
    const std::scoped_lock lock{in_->news_mutex};
    in_->tell_news = std::move(tell);
}

} // namespace yagura::center
