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

#include "apps/ask/confinement.h"
#include "apps/ask/exchange.h"
#include "spine/base/folder_lock.h"

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
    return asking::parse_plan(content, path);
}

/// The C library reads the zone's file now, and never again while TZ stays.
void settle_time_zone(const std::string& zone) {
    ::setenv("TZ", zone.c_str(), 1);
    ::tzset();
}
std::uint16_t minute_of_week(observe::Time at) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count();
    const auto time = static_cast<time_t>(seconds);
    tm local{};
    ::localtime_r(&time, &local);
    const int day = (local.tm_wday + 6) % 7; // from Monday
    return static_cast<std::uint16_t>((day * 24 + local.tm_hour) * 60 + local.tm_min);
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

bool keep(int file, const asking::Memory::Place* place) {
    if (!place) return false;
    const auto row = asking::encode(place->row);
    return ::pwrite(file, row.data(), row.size(), static_cast<off_t>(place->at)) ==
               static_cast<ssize_t>(row.size()) &&
           ::fdatasync(file) == 0;
}

Exit ask_all(const Options& options, const asking::Plan& plan, asking::Memory& memory, int memory_file,
             Log& log, Voice& voice, Patience& patience) {
    asking::Planner planner{plan, memory, minute_of_week};
    Exchange exchange{plan, planner, log, voice, patience, std::chrono::milliseconds{options.patience_ms}};
    while (!patience.ended()) {
        const auto next = planner.next(now());
        if (!next.task) {
            if (options.once && !next.pacing) return Exit::done;
            patience.sleep(std::min<std::chrono::nanoseconds>(next.look_again - now(), 60s));
            continue;
        }
        // Its row is on the disk before anything leaves: a fall in between asks nobody twice.
        auto* place = memory.find(next.task->ip, *next.task->query);
        if (!place) return Exit::cannot_remember;
        const auto earlier = place->row;
        if (!keep(memory_file, planner.begin(*next.task, now()))) return Exit::cannot_remember;
        const auto end = exchange.with(*next.task);
        if (end == asking::End::never)
            place->row = earlier; // It was not even begun: its hours had just ended.
        else
            place = planner.end(*next.task, end, now());
        if (!keep(memory_file, place)) return Exit::cannot_remember;
        if (!voice.flush()) return Exit::no_reader;
        if (exchange.mute()) return Exit::cannot_remember;
    }
    return Exit::done;
}

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
    YAGURA_TRY(const auto plan, read_plan(options.plan));
    YAGURA_TRY(const auto lock_of_folder, FolderLock::take(options.folder, 10s, "one-asks.lock"));
    YAGURA_TRY(auto log, Log::open(options.folder, std::uint64_t{options.log_mib} << 20));
    const auto path = cat(options.folder, "/asked");
    const Descriptor file{::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640)};
    if (file.number() < 0) return std::unexpected{no_memory_file(path)};
    YAGURA_TRY(const auto content, content_of(file.number(), path));
    auto memory = asking::Memory::read(content);
    settle_time_zone(options.time_zone);
    (void)minute_of_week(now());
    Voice voice{options, pipe.number()};

    const auto file_most = std::max<unsigned long>(log.most(), asking::rows_most * asking::row_bytes);
    if (auto done = confined::give_up_rights(ourselves, options.user, file_most); !done)
        return std::unexpected{std::move(done).error()};
    std::fprintf(stderr, "asking in %zu subnets\n", plan.groups.size());
    if (auto done = confined::close_standard(ourselves); !done)
        return std::unexpected{std::move(done).error()};
    if (auto done = lock({pipe.number(), file.number(), {log.descriptor(0), log.descriptor(1)}}); !done)
        return std::unexpected{std::move(done).error()};
    return ask_all(options, plan, memory, file.number(), log, voice, patience);
}

Result<Exit> preview(const Options& options, std::ostream& out) {
    YAGURA_TRY(const auto plan, read_plan(options.plan));
    settle_time_zone(options.time_zone);
    asking::Memory memory;
    if (!options.folder.empty()) {
        std::ifstream file{cat(options.folder, "/asked"), std::ios::binary};
        const std::string content{std::istreambuf_iterator<char>{file}, {}};
        memory = asking::Memory::read(std::as_bytes(std::span{content}));
    }
    asking::Planner planner{plan, memory, minute_of_week};
    const auto standings = planner.standings(now());
    for (std::size_t i = 0; i < plan.groups.size(); ++i) {
        const auto& group = plan.groups[i];
        const auto cost = asking::cost(group);
        out << group.name << ": " << cost.addresses << " addresses, at most " << cost.requests
            << " requests, one every " << seconds_text(group.every) << ", about " << seconds_text(cost.lasts)
            << (planner.open(group, now()) ? ", its hours are now" : ", not in its hours now")
            << "; approved by " << group.approved_by << '\n';
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
