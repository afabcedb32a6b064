#include "apps/sensor/confinement.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/if_packet.h>
#include <memory>
#include <pwd.h>
#include <seccomp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "spine/base/text.h"

namespace yagura::sensor {

namespace {

std::unexpected<Complaint> cannot(std::string_view what, int error, std::string_view next) {
    return std::unexpected{Complaint{.code = "sensor.confinement",
                                     .what = cat("the sensor cannot ", what),
                                     .why = std::strerror(error),
                                     .next = std::string{next}}};
}
constexpr std::string_view report =
    "the sensor does not run unconfined: report this with the kernel's version";

Result<void> become(const std::string& user) {
    const auto* entry = user.empty() ? ::getpwnam("yagura-sensor") : ::getpwnam(user.c_str());
    if (!entry && user.empty()) entry = ::getpwnam("nobody");
    if (!entry || entry->pw_uid == 0)
        return std::unexpected{
            Complaint{.code = "sensor.user",
                      .what = cat("the sensor cannot become the user '",
                                  user.empty() ? std::string_view{"nobody"} : user, "'"),
                      .why = entry ? "that is root again" : "there is no such user",
                      .where = "--user",
                      .next = "make one: useradd --system --no-create-home yagura-sensor"}};
    if (::setgroups(0, nullptr) != 0 || ::setresgid(entry->pw_gid, entry->pw_gid, entry->pw_gid) != 0 ||
        ::setresuid(entry->pw_uid, entry->pw_uid, entry->pw_uid) != 0)
        return cannot("give up being root", errno, report);
    return {};
}

using Filter = std::unique_ptr<void, decltype(&seccomp_release)>;

/// Rules are collected; the first error counts.
class Rules {
public:
    explicit Rules(scmp_filter_ctx filter) : filter_{filter} {}
    void allow(std::initializer_list<int> calls) {
        for (const auto call : calls) add(SCMP_ACT_ALLOW, call, {});
    }
    void allow(int call, std::initializer_list<scmp_arg_cmp> only) { add(SCMP_ACT_ALLOW, call, only); }
    void kill(std::initializer_list<int> calls) {
        for (const auto call : calls) add(SCMP_ACT_KILL_PROCESS, call, {});
    }
    int error() const { return error_; }

private:
    void add(std::uint32_t action, int call, std::initializer_list<scmp_arg_cmp> only) {
        if (error_ != 0 || call == __NR_SCMP_ERROR) return;
        error_ = -::seccomp_rule_add_array(filter_, action, call, static_cast<unsigned>(only.size()),
                                           only.begin());
    }
    scmp_filter_ctx filter_;
    int error_ = 0;
};

// Comparing one argument of a call.
scmp_arg_cmp equals(unsigned argument, std::uint64_t value) { return {argument, SCMP_CMP_EQ, value, 0}; }
scmp_arg_cmp has_bits(unsigned argument, std::uint64_t mask, std::uint64_t value) {
    return {argument, SCMP_CMP_MASKED_EQ, mask, value};
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

Result<void> give_up_rights(const std::string& user) {
    // The bounding set says what a program that we start could ever get. Only root may shrink it, and under
    // systemd it has been done.
    for (unsigned long one = 0; one <= CAP_LAST_CAP; ++one) (void)::prctl(PR_CAPBSET_DROP, one, 0, 0, 0);
    (void)::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    // Whoever becomes somebody else is no longer told that its parent died.
    int told_of_death = 0;
    (void)::prctl(PR_GET_PDEATHSIG, &told_of_death, 0, 0, 0);
    const auto parent = ::getppid();
    if (::geteuid() == 0 || ::getuid() == 0)
        if (auto done = become(user); !done) return done;
    if (told_of_death != 0) {
        (void)::prctl(PR_SET_PDEATHSIG, told_of_death, 0, 0, 0);
        if (::getppid() != parent) (void)::raise(told_of_death); // It died meanwhile.
    }

    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    __user_cap_data_struct none[2]{};
    if (::syscall(SYS_capset, &header, none) != 0) return cannot("give up its capabilities", errno, report);
    __user_cap_data_struct left[2]{};
    if (::syscall(SYS_capget, &header, left) != 0 ||
        (left[0].effective | left[1].effective | left[0].permitted | left[1].permitted) != 0)
        return cannot("give up its capabilities", EPERM, report);

    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return cannot("give up new rights", errno, report);
    (void)::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    const rlimit nothing{0, 0};
    if (::setrlimit(RLIMIT_FSIZE, &nothing) != 0 || ::setrlimit(RLIMIT_CORE, &nothing) != 0)
        return cannot("limit itself", errno, report);
    return {};
}

Result<void> close_standard() {
    const int empty = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (empty < 0) return cannot("open /dev/null", errno, "look at why the box has none");
    for (const int standard : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
        if (::dup2(empty, standard) < 0) return cannot("close its standard output", errno, report);
    if (empty > STDERR_FILENO) ::close(empty);
    return {};
}

Result<void> lock(int records) {
    const Filter filter{::seccomp_init(SCMP_ACT_ERRNO(EPERM)), &seccomp_release};
    if (!filter) return cannot("make its filter", ENOMEM, report);
    // A call of another architecture is not what it seems: 32-bit numbers mean other things.
    int error = -::seccomp_attr_set(filter.get(), SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
    if (error == 0) error = -::seccomp_attr_set(filter.get(), SCMP_FLTATR_CTL_TSYNC, 1);
    if (error == 0) error = -::seccomp_attr_set(filter.get(), SCMP_FLTATR_CTL_OPTIMIZE, 2);
    if (error != 0) return cannot("make its filter", error, report);

    Rules rules{filter.get()};
    const auto pipe = static_cast<std::uint64_t>(static_cast<unsigned>(records));
    rules.allow(SCMP_SYS(write), {equals(0, pipe)});
    rules.allow({SCMP_SYS(read), SCMP_SYS(close), SCMP_SYS(poll), SCMP_SYS(ppoll)});
    // Losses, errors and whether the interface still exists.
    rules.allow(SCMP_SYS(getsockopt), {equals(1, SOL_PACKET), equals(2, PACKET_STATISTICS)});
    rules.allow(SCMP_SYS(getsockopt), {equals(1, SOL_SOCKET), equals(2, SO_ERROR)});
    rules.allow({SCMP_SYS(getsockname)});
    // Memory: what malloc() and the guard of mapped files need. Nothing executable, no file.
    rules.allow(SCMP_SYS(mmap),
                {has_bits(2, PROT_EXEC, 0), has_bits(3, MAP_ANONYMOUS | MAP_SHARED, MAP_ANONYMOUS)});
    rules.allow(SCMP_SYS(mprotect), {has_bits(2, PROT_EXEC, 0)});
    rules.allow({SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(madvise), SCMP_SYS(brk)});
    // Threads that exist: to wait, to end. There will be no others.
    rules.allow({SCMP_SYS(futex), SCMP_SYS(sched_yield), SCMP_SYS(rseq), SCMP_SYS(set_robust_list),
                 SCMP_SYS(gettid), SCMP_SYS(getpid), SCMP_SYS(exit), SCMP_SYS(exit_group),
                 SCMP_SYS(restart_syscall)});
    rules.allow({SCMP_SYS(rt_sigreturn), SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigaction),
                 SCMP_SYS(sigaltstack), SCMP_SYS(rt_sigtimedwait)});
    rules.allow(SCMP_SYS(tgkill), {equals(0, static_cast<std::uint64_t>(::getpid()))}); // abort()
    // Time, and keys for hash tables.
    rules.allow({SCMP_SYS(clock_gettime), SCMP_SYS(clock_getres), SCMP_SYS(clock_nanosleep),
                 SCMP_SYS(nanosleep), SCMP_SYS(gettimeofday), SCMP_SYS(getrandom)});

    // Sending.
    rules.kill({SCMP_SYS(sendto), SCMP_SYS(sendmsg), SCMP_SYS(sendmmsg), SCMP_SYS(sendfile), SCMP_SYS(splice),
                SCMP_SYS(vmsplice), SCMP_SYS(tee), SCMP_SYS(io_uring_setup), SCMP_SYS(io_uring_enter),
                SCMP_SYS(io_uring_register), SCMP_SYS(io_setup), SCMP_SYS(io_submit)});
    // Descriptors that could be written, and changes to those we have.
    rules.kill({SCMP_SYS(socket),       SCMP_SYS(socketpair),
                SCMP_SYS(bind),         SCMP_SYS(connect),
                SCMP_SYS(listen),       SCMP_SYS(accept),
                SCMP_SYS(accept4),      SCMP_SYS(setsockopt),
                SCMP_SYS(ioctl),        SCMP_SYS(open),
                SCMP_SYS(openat),       SCMP_SYS(openat2),
                SCMP_SYS(creat),        SCMP_SYS(open_by_handle_at),
                SCMP_SYS(memfd_create), SCMP_SYS(pidfd_open),
                SCMP_SYS(pidfd_getfd),  SCMP_SYS(dup),
                SCMP_SYS(dup2),         SCMP_SYS(dup3),
                SCMP_SYS(bpf),          SCMP_SYS(perf_event_open),
                SCMP_SYS(userfaultfd)});
    // Processes, other people's and new ones, and the kernel.
    rules.kill({SCMP_SYS(execve),
                SCMP_SYS(execveat),
                SCMP_SYS(fork),
                SCMP_SYS(vfork),
                SCMP_SYS(clone),
                SCMP_SYS(clone3),
                SCMP_SYS(ptrace),
                SCMP_SYS(process_vm_readv),
                SCMP_SYS(process_vm_writev),
                SCMP_SYS(kcmp),
                SCMP_SYS(unshare),
                SCMP_SYS(setns),
                SCMP_SYS(mount),
                SCMP_SYS(umount2),
                SCMP_SYS(pivot_root),
                SCMP_SYS(chroot),
                SCMP_SYS(keyctl),
                SCMP_SYS(add_key),
                SCMP_SYS(request_key),
                SCMP_SYS(init_module),
                SCMP_SYS(finit_module),
                SCMP_SYS(kexec_load),
                SCMP_SYS(reboot)});
    if (rules.error() != 0) return cannot("make its filter", rules.error(), report);
    if (error = -::seccomp_load(filter.get()); error != 0) return cannot("load its filter", error, report);
    return {};
}

} // namespace yagura::sensor
