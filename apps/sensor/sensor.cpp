#include "apps/sensor/sensor.h"

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <fcntl.h>
#include <latch>
#include <malloc.h>
#include <optional>
#include <random>
#include <stop_token>
#include <thread>
#include <unistd.h>

#include "apps/sensor/confinement.h"
#include "apps/sensor/merge.h"
#include "spine/base/text.h"
#include "spine/capture/file.h"
#include "spine/capture/ring.h"
#include "spine/decode/shares.h"
#include "spine/descriptions/file.h"
#include "spine/dissect/dissector.h"
#include "spine/journal/pipe.h"
#include "spine/worker/pipeline.h"
#include <yagura_version.h>

namespace yagura::sensor {

namespace {

using namespace std::chrono_literals;
namespace ob = observe;

constexpr std::size_t ring_bytes = 4u << 20;          ///< of records, for each worker
constexpr auto watermark_every = 100ms;               ///< of packet time
constexpr std::uint64_t watermark_bytes = 256u << 10; ///< and of a file, however dense it is
/// A frame that came so long ago has been handed out: in silence, time goes on at this distance behind the
/// clock. More than two expiries of the kernel's blocks.
constexpr auto behind = 2 * capture::Ring::delay;
/// Longer than a worker may be silent: then the others' records go out without it.
constexpr auto patience = 100ms;

ob::Time time_of(std::int64_t nanoseconds) noexcept {
    return ob::Time{std::chrono::nanoseconds{nanoseconds}};
}

/// Where our records come from.
std::vector<journal::Source> sources_of(const Options& options, std::uint64_t boot, std::uint16_t link_type) {
    std::vector<journal::Source> all;
    const auto add = [&](std::uint32_t number, std::string_view interface) {
        all.push_back({.number = number,
                       .sensor = options.sensor,
                       .boot = boot,
                       .interface = interface,
                       .sensor_name = options.name,
                       .link_type = link_type,
                       .live = options.live(),
                       .build = version});
    };
    if (!options.live()) add(0, options.name.empty() ? options.file : options.name);
    for (std::uint32_t i = 0; i < options.interfaces.size(); ++i) add(i, options.interfaces[i]);
    return all;
}

worker::PipelineSettings settings_of(const Options& options) {
    worker::PipelineSettings all;
    all.labels = options.labels;
    return all.shared_by(options.workers);
}

/// A worker's pipeline, and the ring of records that it ends at.
class Worker {
public:
    Worker(const Options& options, std::uint64_t boot, unsigned index)
        : options_{options},
          boot_{boot},
          index_{index},
          records{ring_bytes},
          encoder_{records, dissect::name_of,
                   options.live() ? journal::WhenFull::count : journal::WhenFull::wait},
          pipeline_{settings_of(options), nullptr, encoder_} {}

    void listen(capture::Ring& ring, const std::stop_token& stop);
    void read(capture::Cursor& cursor, const std::stop_token& stop);

private:
    void tell_sources(std::uint16_t link_type, ob::Time at);
    void take(const capture::Frame& frame) {
        pipeline_.frame({.bytes = frame.bytes,
                         .wire_length = frame.wire_length,
                         .link_type = frame.link_type,
                         .number = frame.number,
                         .at = time_of(frame.at)},
                        frame.interface);
    }
    void progress(ob::Time at) {
        if (at < told_ + watermark_every) return;
        told_ = at;
        encoder_.watermark(at);
    }
    void finish() {
        pipeline_.finish();
        encoder_.watermark(ob::Time::max());
    }

    const Options& options_;
    std::uint64_t boot_;
    unsigned index_;

public:
    journal::ByteRing records;

private:
    journal::Encoder encoder_;
    worker::Pipeline pipeline_;
    ob::Time told_{}, latest_{};
    std::optional<std::chrono::steady_clock::time_point> sources_told_;
};

/// Once a second, so that a reader who lost a moment, or begins, understands.
void Worker::tell_sources(std::uint16_t link_type, ob::Time at) {
    const auto now = std::chrono::steady_clock::now();
    if (index_ != 0 || (sources_told_ && now - *sources_told_ < 1s)) return;
    sources_told_ = now;
    for (const auto& source : sources_of(options_, boot_, link_type)) encoder_.source(at, source);
}

void Worker::listen(capture::Ring& ring, const std::stop_token& stop) {
    capture::Frame frame;
    std::uint64_t dropped_before = 0;
    auto asked = std::chrono::steady_clock::now();
    const auto ask_kernel = [&] {
        std::uint64_t dropped = 0;
        for (std::size_t i = 0; i < ring.interfaces(); ++i) dropped += ring.totals(i).dropped;
        pipeline_.dropped(dropped - std::exchange(dropped_before, dropped));
    };
    for (auto last = std::chrono::steady_clock::time_point::max();;) {
        ob::Time latest{};
        for (unsigned count = 0; count < 4'096 && ring.next(frame); ++count) {
            take(frame);
            latest = time_of(frame.at);
        }
        const auto now = std::chrono::steady_clock::now();
        if (latest == ob::Time{}) {
            latest = std::chrono::time_point_cast<std::chrono::nanoseconds>(
                         std::chrono::system_clock::now()) -
                     behind;
            pipeline_.advance(latest);
        }
        tell_sources(ring.link_type(0), latest);
        progress(latest);
        if (now - asked >= 500ms) {
            asked = now;
            ask_kernel();
        }
        // What the kernel has when we are told to stop still counts; what comes later may be endless.
        if (stop.stop_requested() && last == std::chrono::steady_clock::time_point::max())
            last = now + 3 * capture::Ring::delay;
        if (now >= last) break;
        ring.wait(capture::Ring::delay / 2);
    }
    ask_kernel();
    finish();
}

void Worker::read(capture::Cursor& cursor, const std::stop_token& stop) {
    capture::Frame frame;
    std::uint64_t dropped_before = 0, walked = 0;
    decode::Shares shares{options_.workers};
    for (std::uint64_t count = 0; cursor.next(frame); ++count) {
        if (count % 1'024 == 0 && stop.stop_requested()) break;
        const auto at = time_of(frame.at);
        if (count == 0) tell_sources(frame.link_type, at);
        frame.interface = 0; // The file is one source, however many interfaces it was captured on.
        if (options_.workers == 1 || shares.next(decode::host_pair(frame.bytes, frame.link_type)) == index_)
            take(frame);
        else
            pipeline_.advance(at);
        if (index_ == 0 && cursor.dropped() != dropped_before) [[unlikely]]
            pipeline_.dropped(cursor.dropped() - std::exchange(dropped_before, cursor.dropped()));
        walked += frame.bytes.size() + 64;
        if (walked >= watermark_bytes) {
            walked = 0;
            tell_sources(frame.link_type, at);
            latest_ = std::max(latest_, at);
            told_ = {};
        }
        latest_ = std::max(latest_, at);
        progress(latest_);
    }
    cursor.leave();
    if (index_ == 0 && cursor.damage()) {
        static constexpr ob::Parties nobody{};
        const auto& damage = *cursor.damage();
        auto detail = damage.kind == capture::Damage::Kind::cut_short
                          ? Malformed{0, "the capture file is cut short"}
                          : Malformed{0, "the capture file is damaged: the rest cannot be read"};
        detail.offset = static_cast<std::uint32_t>(std::min<std::uint64_t>(damage.offset, UINT32_MAX));
        encoder_.on({.at = latest_, .parties = nobody, .evidence = {.frame = damage.frames}},
                    ob::Anomaly{0, detail});
    }
    finish();
}

/// Signals that end us wait for the one thread that asks for them.
sigset_t ending_signals() {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    return set;
}
bool told_to_end(const sigset_t& signals) {
    const timespec at_once{};
    return ::sigtimedwait(&signals, nullptr, &at_once) > 0;
}

/// Opened before the lock-down.
struct Sources {
    std::vector<std::unique_ptr<capture::Ring>> rings;
    std::unique_ptr<capture::File> file;
    capture::Descriptor place; ///< the file's descriptor: its position tells a parent how far we are
};

Result<Sources> open(const Options& options) {
    Sources sources;
    if (options.live()) {
        capture::RingOptions rings{.interfaces = options.interfaces,
                                   .workers = options.workers,
                                   .bytes = std::size_t{options.ring_mib} << 20};
        if (options.ignore_outgoing) rings.outgoing = capture::RingOptions::Outgoing::ignore;
        if (options.card_clock) rings.clock = capture::RingOptions::Clock::card;
        if (options.not_promiscuous) rings.promiscuous = capture::RingOptions::Promiscuous::no;
        YAGURA_TRY(sources.rings, capture::Ring::open(rings));
        return sources;
    }
    if (options.file_fd >= 0) {
        sources.place = capture::Descriptor{::fcntl(options.file_fd, F_DUPFD_CLOEXEC, 3)};
        const auto name = options.name.empty() ? cat("descriptor ", options.file_fd) : options.name;
        YAGURA_TRY(sources.file,
                   capture::File::adopt(capture::Descriptor{options.file_fd}, name, options.workers));
    } else {
        YAGURA_TRY(sources.file, capture::File::open(options.file, options.workers));
    }
    return sources;
}

} // namespace

Result<Exit> run(const Options& options) {
    const auto signals = ending_signals();
    ::pthread_sigmask(SIG_SETMASK, &signals, nullptr);
    ::signal(SIGPIPE, SIG_IGN);
    // One heap for all threads: when one of a thread's own shrinks, glibc opens a file in /proc to ask
    // whether it may, and under the filter that ends the process. Workers hardly allocate once their tables
    // stand.
    ::mallopt(M_ARENA_MAX, 1);
    confined::close_all_but({options.records_fd, options.file_fd, options.held_fd});
    // Out of the way of the standard descriptors, which are closed below.
    const capture::Descriptor pipe{::fcntl(options.records_fd, F_DUPFD_CLOEXEC, 3)};
    if (pipe.number() < 0)
        return std::unexpected{Complaint{.code = "sensor.no-pipe",
                                         .what = "there is no pipe for records",
                                         .why = cat("descriptor ", options.records_fd, " is not open"),
                                         .where = "--records-fd",
                                         .next = "start the sensor with `yagura run` or its systemd unit"}};
    if (options.records_fd > STDERR_FILENO) ::close(options.records_fd);
    YAGURA_TRY(auto sources, open(options));
    // A slip in it must not end the watch: everything else is read as without it.
    if (!options.protocols.empty())
        if (const auto done = descriptions::load(options.protocols); !done)
            std::fprintf(stderr, "%snote: no described protocol is known until that is mended\n",
                         done.error().text().c_str());

    std::random_device random;
    const auto boot = std::uint64_t{random()} << 32 | random();
    std::vector<std::unique_ptr<Worker>> workers;
    std::vector<journal::ByteRing*> rings;
    for (unsigned i = 0; i < options.workers; ++i) {
        workers.push_back(std::make_unique<Worker>(options, boot, i));
        rings.push_back(&workers.back()->records);
    }
    Merge merge{rings};
    journal::PipeWriter writer{pipe.number()};
    const auto out = [&writer](Bytes body) { return writer.add(body); };

    if (auto done = confined::give_up_rights(ourselves, options.user, 0); !done)
        return std::unexpected{std::move(done).error()};
    std::latch locked{1};
    std::vector<std::jthread> threads;
    for (unsigned i = 0; i < options.workers; ++i)
        threads.emplace_back([&, i](const std::stop_token& stop) {
            locked.wait();
            if (options.live())
                workers[i]->listen(*sources.rings[i], stop);
            else
                workers[i]->read(sources.file->cursor(i), stop);
        });
    // From here on a return would leave threads at the latch.
    const auto fail = [&](Complaint complaint) {
        for (auto& thread : threads) thread.request_stop();
        for (const auto& worker : workers) worker->records.close();
        locked.count_down();
        return std::unexpected{std::move(complaint)};
    };
    if (options.live()) {
        std::string names;
        for (const auto& name : options.interfaces) names += cat(names.empty() ? "" : ", ", name);
        std::fprintf(stderr, "listening on %s with %u workers\n", names.c_str(), options.workers);
    }
    if (auto done = confined::close_standard(ourselves); !done) return fail(std::move(done).error());
    if (auto done = lock(pipe.number()); !done) return fail(std::move(done).error());
    // Before anything else, whichever worker is the first to say something: to the reader all that comes
    // belongs to the sensor that was on this pipe before, until it hears of another one.
    for (const auto& source :
         sources_of(options, boot, options.live() ? sources.rings[0]->link_type(0) : std::uint16_t{0})) {
        std::array<std::byte, journal::record_room> room;
        (void)writer.add(
            journal::encode(room, {.kind = journal::Kind::source, .worth = journal::Worth::keep}, source));
    }
    locked.count_down();

    auto result = Exit::done;
    auto moved = std::chrono::steady_clock::now(), looked = moved;
    const auto stop_all = [&] {
        for (auto& thread : threads) thread.request_stop();
    };
    for (;;) {
        const auto state = merge.move(1'024, out);
        const auto now = std::chrono::steady_clock::now();
        if (state == Merge::State::ended) break;
        if (state == Merge::State::refused) {
            result = Exit::no_reader;
            break;
        }
        if (state == Merge::State::moved) {
            moved = now;
            merge.hurry(false);
        } else {
            if (!writer.flush()) {
                result = Exit::no_reader;
                break;
            }
            if (options.live()) merge.hurry(now - moved > patience);
            std::this_thread::sleep_for(options.live() ? 5ms : 200us);
        }
        if (now - looked < 20ms) continue;
        looked = now;
        if (told_to_end(signals)) stop_all();
        if (sources.file && sources.place.number() >= 0) {
            const auto done = sources.file->progress().done;
            (void)::lseek(sources.place.number(), static_cast<off_t>(done), SEEK_SET);
        }
        for (const auto& ring : sources.rings)
            if (result == Exit::done && ring->gone() >= 0) {
                result = Exit::no_interface;
                stop_all();
            }
    }
    stop_all();
    for (const auto& worker : workers) worker->records.close();
    for (auto& thread : threads) thread.join();
    if (!writer.flush() && result == Exit::done) result = Exit::no_reader;
    if (sources.file && sources.file->damage() && result == Exit::done) result = Exit::damaged;
    return result;
}

} // namespace yagura::sensor
