#include "apps/ask/ask.h"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <iterator>
#include <ostream>
#include <sys/stat.h>
#include <unistd.h>

#include <optional>

#include "apps/ask/confinement.h"
#include "apps/ask/crypto.h"
#include "apps/ask/round.h"
#include "apps/ask/sockets.h"
#include "spine/base/folder_lock.h"
#include "spine/base/rfc3339.h"
#include "spine/base/time_zone.h"
#include "spine/base/week.h"

namespace yagura::ask {
namespace {

using namespace std::chrono_literals;
namespace asking = see::ask;

/// Whoever may read it may ask the plant's switches in our name: the center may not.
Result<asking::Credentials> read_credentials(const std::string& path) {
    if (path.empty()) return asking::Credentials{};
    const auto bad = [&](std::string what, std::string why) {
        return std::unexpected{
            Complaint{.code = "ask.bad-credentials",
                      .what = std::move(what),
                      .why = std::move(why),
                      .where = path,
                      .next = "let yagura-ask own it, and nobody else read it (mode 0400)"}};
    };
    struct stat found{};
    if (::stat(path.c_str(), &found) != 0)
        return bad("the file of credentials cannot be opened", std::strerror(errno));
    if ((found.st_mode & 0077) != 0) return bad("others may read the file of credentials", "");
    std::ifstream file{path, std::ios::binary};
    if (!file) return bad("the file of credentials cannot be opened", std::strerror(errno));
    const std::string content{std::istreambuf_iterator<char>{file}, {}};
    return asking::parse_credentials(content, path);
}

Result<asking::Plan> read_plan(const std::string& path, const asking::Credentials& credentials) {
    std::ifstream file{path, std::ios::binary};
    if (!file)
        return std::unexpected{Complaint{.code = "ask.no-plan",
                                         .what = cat("the plan ", yagura::quoted(path), " cannot be opened"),
                                         .where = path,
                                         .next = "name the file with --plan; without one nothing is asked"}};
    const std::string content{std::istreambuf_iterator<char>{file}, {}};
    YAGURA_TRY(auto plan, asking::parse_plan(content, path));
    if (auto done = asking::lend(plan, credentials, path); !done)
        return std::unexpected{std::move(done).error()};
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
    use_time_zone(zone);
    return {};
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
    YAGURA_TRY(const auto credentials, read_credentials(options.credentials));
    YAGURA_TRY(const auto crypto, OpenSsl::open());
    std::optional<asking::Plan> plan;
    std::optional<Permit> permit;
    if (options.permit.empty()) {
        YAGURA_TRY(plan, read_plan(options.plan, credentials));
    } else {
        // The center makes it at its start, which may be a moment after ours.
        auto opened = Permit::open(options.permit);
        for (const auto until = steady() + 20s; !opened && steady() < until && !patience.sleep(200ms);)
            opened = Permit::open(options.permit);
        if (!opened) return std::unexpected{std::move(opened).error()};
        permit.emplace(*std::move(opened));
        patience.obey(*permit);
    }
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
    if (plan)
        std::fprintf(stderr, "asking in %zu subnets\n", plan->groups.size());
    else
        std::fprintf(stderr, "asking what is approved in the console\n");
    if (auto done = confined::close_standard(ourselves); !done)
        return std::unexpected{std::move(done).error()};
    if (auto done = lock({.records = pipe.number(),
                          .memory = file.number(),
                          .logs = {log.descriptor(0), log.descriptor(1)},
                          .permit = permit ? permit->descriptor() : -1});
        !done)
        return std::unexpected{std::move(done).error()};
    const Round::Parts parts{options, memory, file.number(), log, voice, patience, credentials, *crypto};
    return plan ? Round{parts, *plan}.all() : as_permitted(parts, *permit);
}

Result<Exit> preview(const Options& options, std::ostream& out) {
    YAGURA_TRY(const auto credentials, read_credentials(options.credentials));
    YAGURA_TRY(const auto plan, read_plan(options.plan, credentials));
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
    out << "it is " << week_text(minute_of_week(at.wall)) << " in the time zone of the hours, "
        << options.time_zone << '\n';
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
