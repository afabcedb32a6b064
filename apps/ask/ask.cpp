#include "apps/ask/ask.h"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <fcntl.h>
#include <fstream>
#include <iterator>
#include <ostream>
#include <sys/stat.h>
#include <unistd.h>

#include <utility>

#include "apps/ask/confinement.h"
#include "apps/ask/exchange.h"
#include "apps/ask/sockets.h"
#include "spine/base/folder_lock.h"
#include "spine/base/rfc3339.h"
#include "spine/base/time_zone.h"

namespace yagura::ask {
namespace {

using namespace std::chrono_literals;
namespace asking = see::ask;

Result<asking::Plan> read_plan(const std::string& path) {
    std::ifstream file{path, std::ios::binary};
    if (!file)
        return std::unexpected{Complaint{.code = "ask.no-plan",
                                         .what = cat("the plan ", yagura::quoted(path), " cannot be opened"),
                                         .where = path,
                                         .next = "name the file with --plan; without one nothing is asked"}};
    const std::string content{std::istreambuf_iterator<char>{file}, {}};
    YAGURA_TRY(auto plan, asking::parse_plan(content, path));
    if (auto done = refuse_ourselves(plan, path); !done) return std::unexpected{std::move(done).error()};
    return plan;
}

/// The C library reads the zone's file now, and never again while TZ stays. A name that it does not know it
/// would take for UTC, and devices would be asked in the middle of a shift.
Result<void> settle_time_zone(const std::string& zone) {
    if (!knows_time_zone(zone))
        return std::unexpected{
            Complaint{.code = "ask.no-time-zone",
                      .what = cat("this machine does not know the time zone ", yagura::quoted(zone)),
                      .why = "the hours of the plan would be another zone's",
                      .where = cat(zone_folder, "/", zone),
                      .next = "mend center.time-zone in yagura.toml (such as Asia/Tokyo), or install the "
                              "package tzdata"}};
    ::unsetenv("TZDIR");
    ::setenv("TZ", zone.c_str(), 1);
    ::tzset();
    return {};
}
std::uint16_t minute_of_week(observe::Time at) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count();
    const auto time = static_cast<time_t>(seconds);
    tm local{};
    ::localtime_r(&time, &local);
    const int day = (local.tm_wday + 6) % 7; // from Monday
    return static_cast<std::uint16_t>((day * 24 + local.tm_hour) * 60 + local.tm_min);
}

std::string local_time(observe::Time at) {
    constexpr const char* days[]{"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
    const unsigned minute = minute_of_week(at), hours = minute / 60 % 24, minutes = minute % 60;
    return cat(days[minute / (24 * 60)], hours < 10 ? " 0" : " ", hours, minutes < 10 ? ":0" : ":", minutes);
}

class Descriptor {
public:
    explicit Descriptor(int number) noexcept : number_{number} {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() {
        if (number_ >= 0) ::close(number_);
    }
    int number() const noexcept { return number_; }

private:
    int number_;
};

Complaint no_memory_file(const std::string& path) {
    return {.code = "ask.no-memory",
            .what = cat("what was asked cannot be remembered in ", yagura::quoted(path)),
            .why = std::strerror(errno),
            .where = path,
            .next = "who cannot remember asks nobody: give --folder a folder that this user may write"};
}

/// The whole file; a longer one than we write is cut.
Result<std::vector<std::byte>> content_of(int file, const std::string& path) {
    std::vector<std::byte> out(asking::rows_most * asking::row_bytes);
    std::size_t used = 0;
    while (used < out.size()) {
        const auto got = ::pread(file, out.data() + used, out.size() - used, static_cast<off_t>(used));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return std::unexpected{no_memory_file(path)};
        if (got == 0) break;
        used += static_cast<std::size_t>(got);
    }
    out.resize(used);
    return out;
}

/// What is not whole hides whom we asked there: nobody may go on from it.
Result<asking::Memory> memory_of(Bytes content, const std::string& path) {
    auto memory = asking::Memory::read(content);
    if (memory.damaged() == 0) return memory;
    return std::unexpected{Complaint{
        .code = "ask.no-memory",
        .what = cat("what was asked is damaged in ", yagura::quoted(path)),
        .why = cat(memory.damaged(), " of ", memory.size() + memory.damaged(),
                   " rows cannot be read: whoever they are of might be asked again"),
        .where = path,
        .next = "look in ask-1.log and ask-2.log beside it whom it asked lately; then move the file "
                "away, and approve the plan anew"}};
}

bool keep(int file, const asking::Memory::Place* place) {
    if (!place) return false;
    const auto row = asking::encode(place->row);
    return ::pwrite(file, row.data(), row.size(), static_cast<off_t>(place->at)) ==
               static_cast<ssize_t>(row.size()) &&
           ::fdatasync(file) == 0;
}

/// One question after the other, and what has to be on the disk before and after each.
class Round {
public:
    Round(const Options& options, const asking::Plan& plan, asking::Memory& memory, int memory_file, Log& log,
          Voice& voice, Patience& patience)
        : options_{options},
          memory_{memory},
          memory_file_{memory_file},
          log_{log},
          voice_{voice},
          patience_{patience},
          planner_{plan, memory, minute_of_week, steady()},
          exchange_{plan, planner_, log, voice, patience, std::chrono::milliseconds{options.patience_ms}} {}

    Exit all() {
        while (!patience_.ended()) {
            // Who asked while nobody takes the answers would have to hold them, or to let a device wait.
            const auto pipe = voice_.pipe();
            if (pipe == Voice::Pipe::gone) return Exit::no_reader;
            if (pipe == Voice::Pipe::full) {
                patience_.sleep(1s);
                continue;
            }
            const auto next = planner_.next(moment());
            if (!next.task) {
                if (!next.pacing && !sum_up()) return Exit::cannot_remember;
                if (options_.once && !next.pacing) return Exit::done;
                patience_.sleep(std::min<std::chrono::nanoseconds>(next.look_again - now(), 60s));
                continue;
            }
            if (const auto exit = one(*next.task)) return *exit;
        }
        return Exit::done;
    }

private:
    std::optional<Exit> one(const asking::Task& task) {
        // Its row is on the disk before anything leaves: a fall in between asks nobody twice.
        auto* place = memory_.find(task.ip, *task.query);
        if (!place) return Exit::cannot_remember;
        const auto earlier = place->row;
        if (!keep(memory_file_, planner_.begin(task, now()))) return Exit::cannot_remember;
        auto end = exchange_.with(task);
        // The connection is closed. What was learnt goes out before the memory says that it is known.
        const auto told = voice_.flush(patience_);
        if (told != Voice::Pipe::open && end == asking::End::answered) end = asking::End::stopped;
        if (end == asking::End::never)
            place->row = earlier; // It was not even begun: its hours had just ended.
        else
            place = planner_.end(task, end, now());
        if (end != asking::End::never) ++asked_;
        if (!keep(memory_file_, place)) return Exit::cannot_remember;
        if (exchange_.mute()) return Exit::cannot_remember;
        if (told == Voice::Pipe::gone) return Exit::no_reader;
        return std::nullopt;
    }

    /// At the end of its hours a line says what a person has to know, and nobody else can tell: after the
    /// lock-down there is only the log.
    bool sum_up() {
        if (asked_ == 0) return true;
        const auto text = cat("asked ", std::exchange(asked_, 0),
                              "; values and rows beyond what is kept: ", exchange_.refused(),
                              "; records that nobody took: ", voice_.dropped(), "; memory: ", memory_.size(),
                              " rows of ", asking::rows_most, ", ", memory_.forgotten(),
                              " of them anew; bytes of emptied logs: ", log_.forgotten());
        return log_.add(Log::Way::note, now(), 0, "", 0, "", text, {});
    }

    const Options& options_;
    asking::Memory& memory_;
    int memory_file_;
    Log& log_;
    Voice& voice_;
    Patience& patience_;
    asking::Planner planner_;
    Exchange exchange_;
    std::uint64_t asked_ = 0; ///< since the last sum
};

std::string seconds_text(std::chrono::milliseconds time) {
    return cat(time.count() / 1'000, ".", time.count() % 1'000 / 100, " s");
}

} // namespace

Result<Exit> run(const Options& options) {
    Patience patience;
    ::signal(SIGPIPE, SIG_IGN);
    confined::close_all_but({options.records_fd, options.held_fd});
    // Out of the way of the standard descriptors, which are closed below.
    const Descriptor pipe{::fcntl(options.records_fd, F_DUPFD_CLOEXEC, 3)};
    if (pipe.number() < 0)
        return std::unexpected{Complaint{.code = "ask.no-pipe",
                                         .what = "there is no pipe for records",
                                         .why = cat("descriptor ", options.records_fd, " is not open"),
                                         .where = "--records-fd",
                                         .next = "start it with `yagura run` or its systemd unit"}};
    if (auto done = settle_time_zone(options.time_zone); !done)
        return std::unexpected{std::move(done).error()};
    (void)minute_of_week(now());
    YAGURA_TRY(const auto plan, read_plan(options.plan));
    YAGURA_TRY(const auto lock_of_folder,
               FolderLock::take(options.folder, 10s, "one-asks.lock", "yagura-ask"));
    YAGURA_TRY(auto log, Log::open(options.folder, std::uint64_t{options.log_mib} << 20));
    const auto path = cat(options.folder, "/asked");
    const Descriptor file{::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640)};
    if (file.number() < 0) return std::unexpected{no_memory_file(path)};
    YAGURA_TRY(const auto content, content_of(file.number(), path));
    YAGURA_TRY(auto memory, memory_of(content, path));
    Voice voice{options, pipe.number()};

    const auto file_most = std::max<unsigned long>(log.most(), asking::rows_most * asking::row_bytes);
    if (auto done = confined::give_up_rights(ourselves, options.user, file_most); !done)
        return std::unexpected{std::move(done).error()};
    std::fprintf(stderr, "asking in %zu subnets\n", plan.groups.size());
    if (auto done = confined::close_standard(ourselves); !done)
        return std::unexpected{std::move(done).error()};
    if (auto done = lock({pipe.number(), file.number(), {log.descriptor(0), log.descriptor(1)}}); !done)
        return std::unexpected{std::move(done).error()};
    return Round{options, plan, memory, file.number(), log, voice, patience}.all();
}

Result<Exit> preview(const Options& options, std::ostream& out) {
    YAGURA_TRY(const auto plan, read_plan(options.plan));
    if (auto done = settle_time_zone(options.time_zone); !done)
        return std::unexpected{std::move(done).error()};
    asking::Memory memory;
    if (!options.folder.empty()) {
        const auto path = cat(options.folder, "/asked");
        const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
        // Without one nobody was asked yet; one that cannot be read would be taken for that.
        if (file.number() < 0 && errno != ENOENT) return std::unexpected{no_memory_file(path)};
        if (file.number() >= 0) {
            YAGURA_TRY(const auto content, content_of(file.number(), path));
            YAGURA_TRY(memory, memory_of(content, path));
        }
    }
    const auto at = moment();
    // Nothing was sent a moment ago: this program does not.
    asking::Planner planner{plan, memory, minute_of_week, at.steady - 24h};
    const auto standings = planner.standings(at);
    out << "it is " << local_time(at.wall) << " in the time zone of the hours, " << options.time_zone << '\n';
    for (std::size_t i = 0; i < plan.groups.size(); ++i) {
        const auto& group = plan.groups[i];
        const auto cost = asking::cost(group);
        out << group.name << ": " << cost.addresses << " addresses, at most " << cost.requests
            << " requests, one every " << seconds_text(group.every) << ", about " << seconds_text(cost.lasts)
            << (planner.open(group, at.wall) ? ", its hours are now" : ", not in its hours now")
            << "; approved by " << group.approved_by
            << (at.wall < group.approved ? cat(" from ", rfc3339(group.approved.time_since_epoch().count()),
                                               " on, which is later than now: nothing is asked before")
                                         : std::string{})
            << '\n';
        for (const auto& one : standings)
            if (one.task.group == i)
                out << "  " << asking::text_of(one.task.ip) << "  " << one.task.query->name << " ("
                    << one.task.query->document << ")  " << asking::word(one.why)
                    << (one.row ? cat(", last: ", asking::word(one.row->end)) : std::string{}) << '\n';
    }
    if (plan.groups.empty()) out << "the plan names nobody: nothing is asked\n";
    return Exit::done;
}

} // namespace yagura::ask
