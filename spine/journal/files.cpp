#include "spine/journal/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include "spine/journal/segment_files.h"

namespace yagura::journal {

namespace fs = std::filesystem;
using namespace disk;

namespace {

constexpr std::size_t open_most = 64, streams_most = 4096, numbers_most = 1024, recalled_most = 16;

} // namespace

struct Journal::Inside {
    struct Segment {
        int descriptor = -1;
        std::string path;
        std::uint64_t first = 0, bytes = 0, ordinal = 0;
        std::int64_t hour = 0;
        std::vector<std::byte> buffer;
        bool unsynced = false;
    };
    struct Known {
        observe::Parties parties{};
        std::uint64_t told = 0; ///< ordinal of the segment
    };
    struct Explained {
        std::vector<std::byte> body;
        std::uint64_t told = 0;
    };
    struct One {
        explicit One(std::size_t conversations_most) : conversations{conversations_most} {}
        Segment segment;
        std::uint64_t last_sequence = 0, used = 0;
        std::uint64_t written_sequence = 0; ///< up to here the kernel has it
        BoundedMap<std::uint64_t, Known, ConversationHash> conversations;
        std::map<std::uint32_t, Explained> sources, protocols; ///< by number, at most numbers_most

        /// What an earlier run wrote: none of it is told in a segment of this one.
        void recall(Bytes written) {
            SegmentReader in{written};
            for (auto record = in.next(); !record.empty(); record = in.next()) {
                const auto envelope = journal::open(record);
                if (!envelope) continue;
                last_sequence = std::max(last_sequence, envelope->sequence);
                const std::vector<std::byte> body(envelope->body.begin(), envelope->body.end());
                if (envelope->kind == Kind::parties)
                    conversations.insert(envelope->conversation, {message<observe::Parties>(*envelope), 0});
                else if (envelope->kind == Kind::source && sources.size() < numbers_most)
                    sources[message<Source>(*envelope).number] = {body, 0};
                else if (envelope->kind == Kind::protocol && protocols.size() < numbers_most)
                    protocols[message<Protocol>(*envelope).number] = {body, 0};
            }
        }
    };

    std::string folder;
    Settings settings;
    std::map<Stream, std::unique_ptr<One>> streams;
    std::uint64_t arrival = 0, ordinal = 0, uses = 0, on_disk = 0;
    std::vector<std::byte> scratch = std::vector<std::byte>(record_most);

    ~Inside() {
        for (auto& [which, one] : streams)
            if (one->segment.descriptor >= 0) {
                (void)flush(*one);
                (void)::fdatasync(one->segment.descriptor);
                ::close(one->segment.descriptor);
            }
    }

    /// What an earlier run knew of a stream: where it stopped, and what explains the records that come next.
    /// Several falls in a row leave several small segments, so more than the newest is looked at.
    void recall(const Stream& which, One& one) const {
        const auto theirs = segments(folder, &which);
        std::vector<std::vector<std::byte>> newest;
        std::size_t read = 0;
        for (auto segment = theirs.rbegin(); segment != theirs.rend(); ++segment) {
            if (newest.size() >= 2 && (newest.size() >= recalled_most || read >= settings.segment_bytes))
                break;
            auto bytes = read_segment(segment->path);
            if (!bytes) continue;
            read += bytes->size();
            newest.push_back(std::move(*bytes));
        }
        for (auto bytes = newest.rbegin(); bytes != newest.rend(); ++bytes) one.recall(*bytes);
        one.written_sequence = one.last_sequence;
    }

    One& of(const Stream& which) {
        auto found = streams.find(which);
        if (found == streams.end()) {
            if (streams.size() >= streams_most) { // The one that was silent longest is not forgotten on disk.
                auto oldest = std::min_element(
                    streams.begin(), streams.end(),
                    [](const auto& a, const auto& b) { return a.second->used < b.second->used; });
                (void)close(*oldest->second);
                streams.erase(oldest);
            }
            auto made = std::make_unique<One>(settings.conversations);
            recall(which, *made);
            found = streams.emplace(which, std::move(made)).first;
        }
        found->second->used = ++uses;
        return *found->second;
    }

    static void little(std::vector<std::byte>& out, std::uint32_t number) {
        for (int i = 0; i < 4; ++i, number >>= 8) out.push_back(static_cast<std::byte>(number & 0xff));
    }
    static void add(Segment& segment, Bytes body) {
        little(segment.buffer, static_cast<std::uint32_t>(body.size()));
        little(segment.buffer, crc32c(body));
        segment.buffer.insert(segment.buffer.end(), body.begin(), body.end());
    }

    Result<void> flush(One& one) {
        auto& segment = one.segment;
        if (segment.buffer.empty()) return {};
        auto done = write_all(segment.descriptor, segment.buffer, segment.path);
        if (!done) {
            // Half of it may stand there, which will come again as a whole, in a segment of its own.
            (void)!::ftruncate(segment.descriptor, static_cast<off_t>(segment.bytes));
            ::close(std::exchange(segment.descriptor, -1));
            one.last_sequence = one.written_sequence;
            return done;
        }
        one.written_sequence = one.last_sequence;
        segment.bytes += segment.buffer.size();
        on_disk += segment.buffer.size();
        segment.buffer.clear();
        segment.unsynced = true;
        return {};
    }
    Result<void> close(One& one) {
        if (one.segment.descriptor < 0) return {};
        auto done = flush(one);
        if (one.segment.descriptor >= 0) {
            (void)::fdatasync(one.segment.descriptor);
            ::close(one.segment.descriptor);
        }
        one.segment = {};
        return done;
    }

    void explain(One& one, Kind kind, Bytes body, observe::Time at) {
        Writer out{scratch};
        out.number(1, static_cast<std::uint64_t>(kind));
        Put{out}(3, at);
        out.bytes(5, body).number(11, 2).number(12, ++arrival);
        add(one.segment, out.written());
    }

    Result<void> begin(const Stream& which, One& one, std::int64_t hour, observe::Time at) {
        const auto in = folder + '/' + which.text();
        if (::mkdir(in.c_str(), 0700) != 0 && errno != EEXIST) return failed("make a folder", in);
        if (std::count_if(streams.begin(), streams.end(), [](const auto& each) {
                return each.second->segment.descriptor >= 0;
            }) >= static_cast<std::ptrdiff_t>(open_most)) {
            auto idle = streams.end();
            for (auto each = streams.begin(); each != streams.end(); ++each)
                if (each->second->segment.descriptor >= 0 &&
                    (idle == streams.end() || each->second->used < idle->second->used))
                    idle = each;
            if (auto done = close(*idle->second); !done) return done;
        }
        Segment segment;
        segment.first = arrival + 1;
        segment.path = in + '/' + hexadecimal(segment.first) + std::string{raw_end};
        segment.hour = hour;
        segment.ordinal = ++ordinal;
        segment.descriptor = ::open(segment.path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_TRUNC | O_CLOEXEC,
                                    0600);
        if (segment.descriptor < 0) return failed("make a segment", segment.path);
        sync_folder(in);
        const auto header = one.sources.empty() ? Bytes{} : Bytes{one.sources.begin()->second.body};
        SegmentWriter{header, segment.buffer};
        one.segment = std::move(segment);
        // It stands alone: names and sources are few, so all of them are told; stations when they are used.
        for (auto& [number, source] : one.sources) {
            explain(one, Kind::source, source.body, at);
            source.told = ordinal;
        }
        for (auto& [number, protocol] : one.protocols) {
            explain(one, Kind::protocol, protocol.body, at);
            protocol.told = ordinal;
        }
        return {};
    }
};

Journal::Journal(std::unique_ptr<Inside> in) : in_{std::move(in)} {}
Journal::Journal(Journal&&) noexcept = default;
Journal& Journal::operator=(Journal&&) noexcept = default;
Journal::~Journal() = default;

Result<Journal> Journal::open(std::string folder, const Settings& settings) {
    std::error_code error;
    fs::create_directories(folder, error);
    if (error) return failed("make its folder", folder, error.value());
    auto in = std::make_unique<Inside>();
    in->folder = std::move(folder);
    in->settings = settings;
    for (const auto& each : fs::recursive_directory_iterator{in->folder, error})
        if (each.path().extension() == unfinished_end) fs::remove(each.path(), error);
    for (const auto& segment : segments(in->folder)) {
        in->on_disk += fs::file_size(segment.path, error);
        if (segment.closed) {
            in->arrival = std::max(in->arrival, segment.last);
        } else if (const auto bytes = read_segment(segment.path)) {
            in->arrival = std::max({in->arrival, segment.first, last_of(*bytes).arrival});
        }
    }
    return Journal{std::move(in)};
}

Result<std::uint64_t> Journal::append(const Stream& stream, const Envelope& envelope, Bytes record,
                                      Seconds now) {
    auto& one = in_->of(stream);
    const auto hour = now.time_since_epoch().count() / 3600;
    if (one.segment.descriptor >= 0 &&
        (one.segment.hour != hour ||
         one.segment.bytes + one.segment.buffer.size() + record.size() > in_->settings.segment_bytes))
        if (auto done = in_->close(one); !done) return std::unexpected{std::move(done).error()};

    const auto remember = [&](std::map<std::uint32_t, Inside::Explained>& all,
                              std::uint32_t number) -> Inside::Explained* {
        auto found = all.find(number);
        if (found == all.end()) {
            if (all.size() >= numbers_most) return nullptr;
            found = all.emplace(number, Inside::Explained{}).first;
        }
        auto& explained = found->second;
        if (!std::ranges::equal(explained.body, envelope.body)) {
            explained.body.assign(envelope.body.begin(), envelope.body.end());
            explained.told = 0;
        }
        return &explained;
    };
    const bool explains = envelope.kind == Kind::source || envelope.kind == Kind::protocol;
    Inside::Explained* explained = nullptr;
    if (envelope.kind == Kind::source)
        explained = remember(one.sources, message<Source>(envelope).number);
    else if (envelope.kind == Kind::protocol)
        explained = remember(one.protocols, message<Protocol>(envelope).number);
    // Written when it is told, not when it is used: whoever is killed in between has to know it afterwards.
    if (one.segment.descriptor < 0)
        if (auto done = in_->begin(stream, one, hour, envelope.at); !done)
            return std::unexpected{std::move(done).error()};
    if (explains) {
        if (!explained || explained->told == one.segment.ordinal) return 0;
        explained->told = one.segment.ordinal;
    }
    Inside::Known* known = nullptr;
    if (envelope.kind == Kind::parties) {
        const auto parties = message<observe::Parties>(envelope);
        known = one.conversations.find(envelope.conversation);
        if (known && known->parties == parties) return 0; // In a later segment it is told when it is used.
        one.conversations.insert(envelope.conversation, {parties, one.segment.ordinal});
    }
    if (envelope.conversation != 0 && (known = one.conversations.find(envelope.conversation)) &&
        known->told != one.segment.ordinal) {
        known->told = one.segment.ordinal;
        std::array<std::byte, 256> room;
        Inside::add(one.segment, encode(room,
                                        Envelope{.kind = Kind::parties,
                                                 .worth = Worth::keep,
                                                 .at = envelope.at,
                                                 .conversation = envelope.conversation,
                                                 .arrival = ++in_->arrival},
                                        std::as_const(known->parties)));
    }
    auto& scratch = in_->scratch;
    if (record.size() + 16 > scratch.size()) return 0; // PipeReader gives none of this size.
    std::copy(record.begin(), record.end(), scratch.begin());
    // The last of equal fields counts, so an arrival that somebody else wrote is overruled.
    Writer more{std::span{scratch}.subspan(record.size())};
    const auto size = record.size() + more.number(12, ++in_->arrival).written().size();
    Inside::add(one.segment, Bytes{scratch}.first(size));
    one.last_sequence = std::max(one.last_sequence, envelope.sequence);
    if (one.segment.buffer.size() >= (1u << 18))
        if (auto done = in_->flush(one); !done) return std::unexpected{std::move(done).error()};
    return in_->arrival;
}

Result<void> Journal::write() {
    for (auto& [which, one] : in_->streams)
        if (auto done = in_->flush(*one); !done) return done;
    return {};
}
Result<void> Journal::sync() {
    for (auto& [which, one] : in_->streams) {
        if (auto done = in_->flush(*one); !done) return done;
        if (!one->segment.unsynced) continue;
        if (::fdatasync(one->segment.descriptor) != 0) return failed("reach the disk", one->segment.path);
        one->segment.unsynced = false;
    }
    return {};
}
bool Journal::dirty() const noexcept {
    return std::any_of(in_->streams.begin(), in_->streams.end(), [](const auto& each) {
        return each.second->segment.unsynced || !each.second->segment.buffer.empty();
    });
}
std::uint64_t Journal::last_sequence(const Stream& which) { return in_->of(which).last_sequence; }
void Journal::explain(const Stream& which, const std::function<void(const Envelope&)>& use) {
    auto& one = in_->of(which);
    for (const auto& [number, source] : one.sources) use({.kind = Kind::source, .body = source.body});
    for (const auto& [number, protocol] : one.protocols) use({.kind = Kind::protocol, .body = protocol.body});
    one.conversations.each([&](std::uint64_t conversation, const Inside::Known& known) {
        std::array<std::byte, 256> room;
        const auto record = encode(room, Envelope{.kind = Kind::parties, .conversation = conversation},
                                   std::as_const(known.parties));
        if (const auto envelope = journal::open(record)) use(*envelope);
    });
}
void Journal::go_on_after(std::uint64_t arrival) noexcept { in_->arrival = std::max(in_->arrival, arrival); }
std::uint64_t Journal::last_arrival() const noexcept { return in_->arrival; }
std::uint64_t Journal::bytes() const noexcept { return in_->on_disk; }
const std::string& Journal::folder() const noexcept { return in_->folder; }

std::vector<Stream> Journal::streams() const {
    std::vector<Stream> all;
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator{in_->folder, ignored})
        if (const auto which = stream(entry.path().filename().string())) all.push_back(*which);
    std::sort(all.begin(), all.end());
    return all;
}

Result<void> Journal::remove(const Stream& which) {
    if (const auto found = in_->streams.find(which); found != in_->streams.end()) {
        if (found->second->segment.descriptor >= 0)
            ::close(std::exchange(found->second->segment.descriptor, -1));
        in_->streams.erase(found);
    }
    std::error_code error;
    const auto path = in_->folder + '/' + which.text();
    for (const auto& file : fs::directory_iterator{path, error})
        in_->on_disk -= std::min<std::uint64_t>(in_->on_disk, fs::file_size(file.path(), error));
    fs::remove_all(path, error);
    sync_folder(in_->folder);
    return {};
}

Result<void> Journal::tidy(Seconds now) {
    const auto hour = now.time_since_epoch().count() / 3600;
    for (auto& [which, one] : in_->streams)
        if (one->segment.descriptor >= 0 && one->segment.hour != hour)
            if (auto done = in_->close(*one); !done) return done;
    auto all = segments(in_->folder);
    const auto in_use = [&](const Name& segment) {
        return std::any_of(in_->streams.begin(), in_->streams.end(), [&](const auto& each) {
            return each.second->segment.descriptor >= 0 && each.second->segment.path == segment.path;
        });
    };
    for (const auto& segment : all)
        if (!segment.closed && !in_use(segment)) {
            if (auto done = compress(segment); !done) return done;
            break; // One at a time: records wait meanwhile.
        }
    std::error_code error;
    std::uint64_t bytes = 0;
    all = segments(in_->folder);
    std::vector<std::uint64_t> sizes;
    for (const auto& segment : all) bytes += sizes.emplace_back(fs::file_size(segment.path, error));
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (in_use(all[i])) continue;
        struct stat facts{};
        const bool old = ::stat(all[i].path.c_str(), &facts) == 0 &&
                         now - std::chrono::sys_seconds{std::chrono::seconds{facts.st_mtime}} >
                             in_->settings.keep;
        if (!old && bytes <= in_->settings.keep_bytes) continue;
        fs::remove(all[i].path, error);
        bytes -= std::min(bytes, sizes[i]);
        fs::remove(fs::path{all[i].path}.parent_path(), error); // Only if it is empty now.
    }
    in_->on_disk = bytes;
    return {};
}

} // namespace yagura::journal
