#include "apps/yagura/supervisor.h"

#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

namespace yagura::run {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

struct Running {
    const Program* program = nullptr;
    Backoff backoff{};
    pid_t pid = 0;
    Clock::time_point since{}; ///< when it was started
    Clock::time_point due{};   ///< when it is to be started, if it is not running
};

Complaint machine(std::string what, std::string where, std::string next) {
    return {.code = "run.machine",
            .what = std::move(what),
            .why = std::generic_category().message(errno),
            .where = std::move(where),
            .next = std::move(next)};
}

/// In the child, after fork: only calls that are safe there.
[[noreturn]] void become(const Program& program, std::vector<char*>& arguments, const passwd* user,
                         pid_t parent) {
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
    // Whoever kills the supervisor with SIGKILL must not leave programs behind that nobody restarts.
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent) _exit(1);
    for (const int fd : program.keep) fcntl(fd, F_SETFD, 0);
    if (user) {
        if (setgroups(0, nullptr) != 0 || setgid(user->pw_gid) != 0 || setuid(user->pw_uid) != 0) _exit(126);
        prctl(PR_SET_PDEATHSIG, SIGTERM); // Changing the user cleared it.
    }
    execv(program.path.c_str(), arguments.data());
    _exit(127);
}

bool start(Running& one, std::string& why) {
    const auto& program = *one.program;
    std::vector<std::string> words{program.path};
    words.insert(words.end(), program.arguments.begin(), program.arguments.end());
    std::vector<char*> arguments;
    for (auto& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    const passwd* user = program.user.empty() ? nullptr : getpwnam(program.user.c_str());
    if (!program.user.empty() && !user) {
        why = cat("there is no user ", yagura::quoted(program.user));
        return false;
    }
    const auto parent = getpid();
    const auto pid = fork();
    if (pid == 0) become(program, arguments, user, parent);
    if (pid < 0) {
        why = std::generic_category().message(errno);
        return false;
    }
    one.pid = pid;
    one.since = Clock::now();
    return true;
}

std::string how(int status) {
    if (WIFSIGNALED(status)) return cat("ended by signal ", WTERMSIG(status));
    const auto code = WEXITSTATUS(status);
    if (code == 127) return "cannot be executed";
    if (code == 126) return "cannot become its user";
    return cat("ended with code ", code);
}

} // namespace

milliseconds Backoff::fell(milliseconds after_running) {
    if (after_running >= well) next_ = least;
    const auto wait = next_;
    next_ = std::min(next_ * 2, most);
    return wait;
}

Result<std::string> beside(std::string_view name) {
    std::error_code error;
    const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
    const auto path = self.parent_path() / name;
    if (error || access(path.c_str(), X_OK) != 0)
        return std::unexpected{
            Complaint{.code = "run.no-program",
                      .what = cat("the program ", yagura::quoted(name), " is not there"),
                      .where = path.string(),
                      .next = "build it with ./yagura build, or install the package again"}};
    return path.string();
}

Result<void> supervise(const std::vector<Program>& programs, const std::function<void(const Told&)>& tell,
                       const std::function<void()>& tick) {
    sigset_t ours;
    sigemptyset(&ours);
    for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGCHLD}) sigaddset(&ours, signal);
    sigprocmask(SIG_BLOCK, &ours, nullptr);
    const int signals = signalfd(-1, &ours, SFD_CLOEXEC | SFD_NONBLOCK);
    if (signals < 0)
        return std::unexpected{
            machine("signals cannot be received", "signalfd", "look at the limit of open files")};

    std::vector<Running> all;
    for (const auto& program : programs) all.push_back({.program = &program, .due = Clock::now()});
    bool stopping = false;
    std::size_t ending = 0; ///< while stopping: those at this index and above have been told to
    Clock::time_point deadline{};

    const auto end_last = [&] { // The next one that still runs, from the end, is told to stop.
        while (ending > 0) {
            auto& one = all[--ending];
            if (one.pid == 0) continue;
            kill(one.pid, SIGTERM);
            deadline = Clock::now() + one.program->grace;
            return true;
        }
        return false;
    };
    const auto reap = [&] {
        int status = 0;
        for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;) {
            const auto found = std::ranges::find(all, pid, &Running::pid);
            if (found == all.end()) continue;
            const auto ran = std::chrono::duration_cast<milliseconds>(Clock::now() - found->since);
            found->pid = 0;
            if (stopping) {
                tell({*found->program, State::ended, pid, how(status)});
                continue;
            }
            if (WIFEXITED(status) && WEXITSTATUS(status) == found->program->stays_ended) {
                found->due = Clock::time_point::max();
                tell({*found->program, State::ended, pid,
                      cat(how(status), "; not started again: ", found->program->stays_ended_why)});
                continue;
            }
            const auto wait = found->backoff.fell(ran);
            found->due = Clock::now() + wait;
            tell({*found->program, State::waiting, pid,
                  cat(how(status), "; starting again in ", wait.count(), " ms")});
        }
    };

    while (true) {
        const auto now = Clock::now();
        if (!stopping) {
            for (auto& one : all) {
                if (one.pid != 0 || now < one.due) continue;
                if (std::string why; start(one, why)) {
                    tell({*one.program, State::running, one.pid, {}});
                } else {
                    const auto wait = one.backoff.fell(milliseconds{0});
                    one.due = now + wait;
                    tell({*one.program, State::waiting, 0,
                          cat(why, "; trying again in ", wait.count(), " ms")});
                }
            }
        } else {
            if (ending < all.size() && all[ending].pid != 0) {
                if (now > deadline) kill(all[ending].pid, SIGKILL);
            } else if (!end_last()) {
                break;
            }
        }
        pollfd waiting{.fd = signals, .events = POLLIN, .revents = 0};
        poll(&waiting, 1, 100);
        for (signalfd_siginfo got{}; read(signals, &got, sizeof got) == sizeof got;) {
            if (got.ssi_signo == SIGTERM || got.ssi_signo == SIGINT) {
                if (!stopping) ending = all.size();
                stopping = true;
            }
        }
        reap();
        tick();
    }
    close(signals);
    return {};
}

} // namespace yagura::run
