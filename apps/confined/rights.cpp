#include "apps/confined/rights.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "spine/base/text.h"

namespace yagura::confined {

std::unexpected<Complaint> cannot(const Program& program, std::string_view what, int error) {
    return std::unexpected{
        Complaint{.code = program.code_confinement,
                  .what = cat("the ", program.name, " cannot ", what),
                  .why = std::strerror(error),
                  .next = cat("the ", program.name,
                              " does not run unconfined: report this with the kernel's version")}};
}

namespace {

Result<void> become(const Program& program, const std::string& user) {
    const auto own = cat("yagura-", program.name);
    const auto* entry = ::getpwnam(user.empty() ? own.c_str() : user.c_str());
    if (!entry && user.empty()) entry = ::getpwnam("nobody");
    if (!entry || entry->pw_uid == 0)
        return std::unexpected{Complaint{.code = program.code_user,
                                         .what = cat("the ", program.name, " cannot become the user '",
                                                     user.empty() ? std::string_view{"nobody"} : user, "'"),
                                         .why = entry ? "that is root again" : "there is no such user",
                                         .where = "--user",
                                         .next = cat("make one: useradd --system --no-create-home ", own)}};
    if (::setgroups(0, nullptr) != 0 || ::setresgid(entry->pw_gid, entry->pw_gid, entry->pw_gid) != 0 ||
        ::setresuid(entry->pw_uid, entry->pw_uid, entry->pw_uid) != 0)
        return cannot(program, "give up being root", errno);
    return {};
}

} // namespace

void close_all_but(const std::vector<int>& kept) {
    std::vector<unsigned> all;
    for (const auto one : kept)
        if (one > 2) all.push_back(static_cast<unsigned>(one));
    std::ranges::sort(all);
    unsigned from = 3;
    for (const auto one : all) {
        if (one > from) (void)::syscall(SYS_close_range, from, one - 1, 0);
        from = one + 1;
    }
    (void)::syscall(SYS_close_range, from, ~0u, 0);
}

Result<void> give_up_rights(const Program& program, const std::string& user, unsigned long file_most) {
    // The bounding set says what a program that we start could ever get. Only root may shrink it, and under
    // systemd it has been done.
    for (unsigned long one = 0; one <= CAP_LAST_CAP; ++one) (void)::prctl(PR_CAPBSET_DROP, one, 0, 0, 0);
    (void)::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    // Whoever becomes somebody else is no longer told that its parent died.
    int told_of_death = 0;
    (void)::prctl(PR_GET_PDEATHSIG, &told_of_death, 0, 0, 0);
    const auto parent = ::getppid();
    if (::geteuid() == 0 || ::getuid() == 0)
        if (auto done = become(program, user); !done) return done;
    if (told_of_death != 0) {
        (void)::prctl(PR_SET_PDEATHSIG, told_of_death, 0, 0, 0);
        if (::getppid() != parent) (void)::raise(told_of_death); // It died meanwhile.
    }

    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    __user_cap_data_struct none[2]{};
    if (::syscall(SYS_capset, &header, none) != 0) return cannot(program, "give up its capabilities", errno);
    __user_cap_data_struct left[2]{};
    if (::syscall(SYS_capget, &header, left) != 0 ||
        (left[0].effective | left[1].effective | left[0].permitted | left[1].permitted) != 0)
        return cannot(program, "give up its capabilities", EPERM);

    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return cannot(program, "give up new rights", errno);
    (void)::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    const rlimit nothing{0, 0}, files{file_most, file_most};
    if (::setrlimit(RLIMIT_FSIZE, &files) != 0 || ::setrlimit(RLIMIT_CORE, &nothing) != 0)
        return cannot(program, "limit itself", errno);
    return {};
}

Result<void> close_standard(const Program& program) {
    const int empty = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (empty < 0) return cannot(program, "open /dev/null", errno);
    for (const int standard : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
        if (::dup2(empty, standard) < 0) return cannot(program, "close its standard output", errno);
    if (empty > STDERR_FILENO) ::close(empty);
    return {};
}

} // namespace yagura::confined
