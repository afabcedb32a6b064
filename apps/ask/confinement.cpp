#include "apps/ask/confinement.h"

#include <cerrno>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "apps/confined/filter.h"

namespace yagura::ask {

Result<void> lock(const Kept& kept) {
    using namespace confined;
    const Filter filter{::seccomp_init(SCMP_ACT_ERRNO(EPERM)), &seccomp_release};
    if (!filter) return confined::cannot(ourselves, "make its filter", ENOMEM);
    int error = prepare(filter.get());
    if (error != 0) return confined::cannot(ourselves, "make its filter", error);

    Rules rules{filter.get()};
    const auto number = [](int descriptor) {
        return static_cast<std::uint64_t>(static_cast<unsigned>(descriptor));
    };
    for (const int one : {kept.records, kept.logs[0], kept.logs[1]})
        rules.allow(SCMP_SYS(write), {equals(0, number(one))});
    for (const int one : kept.logs) rules.allow(SCMP_SYS(ftruncate), {equals(0, number(one))});
    rules.allow(SCMP_SYS(pwrite64), {equals(0, number(kept.memory))});
    rules.allow(SCMP_SYS(fdatasync), {equals(0, number(kept.memory))});
    if (kept.permit >= 0) rules.allow(SCMP_SYS(pread64), {equals(0, number(kept.permit))});
    // Sockets of TCP and UDP, never raw ones. There is no bind() and no listen(): nobody can be served. What
    // is sent goes where connect() said, because an address of its own is not allowed (argument 4 is none).
    constexpr std::uint64_t kind = 0xf;
    for (const auto family : {AF_INET, AF_INET6})
        for (const auto type : {SOCK_STREAM, SOCK_DGRAM})
            rules.allow(SCMP_SYS(socket),
                        {equals(0, static_cast<std::uint64_t>(family)),
                         has_bits(1, kind, static_cast<std::uint64_t>(type)), equals(2, 0)});
    rules.allow({SCMP_SYS(connect)});
    rules.allow(SCMP_SYS(sendto), {equals(4, 0)});
    rules.allow({SCMP_SYS(recvfrom), SCMP_SYS(getsockname), SCMP_SYS(shutdown)});
    rules.allow(SCMP_SYS(getsockopt), {equals(1, SOL_SOCKET), equals(2, SO_ERROR)});
    rules.allow({SCMP_SYS(read), SCMP_SYS(close), SCMP_SYS(poll), SCMP_SYS(ppoll)});
    // Memory: what malloc() needs. Nothing executable, no file.
    rules.allow(SCMP_SYS(mmap),
                {has_bits(2, PROT_EXEC, 0), has_bits(3, MAP_ANONYMOUS | MAP_SHARED, MAP_ANONYMOUS)});
    rules.allow(SCMP_SYS(mprotect), {has_bits(2, PROT_EXEC, 0)});
    rules.allow({SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(madvise), SCMP_SYS(brk)});
    rules.allow({SCMP_SYS(futex), SCMP_SYS(sched_yield), SCMP_SYS(rseq), SCMP_SYS(gettid), SCMP_SYS(getpid),
                 SCMP_SYS(exit), SCMP_SYS(exit_group), SCMP_SYS(restart_syscall)});
    rules.allow({SCMP_SYS(rt_sigreturn), SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigaction),
                 SCMP_SYS(sigaltstack), SCMP_SYS(rt_sigtimedwait)});
    rules.allow(SCMP_SYS(tgkill), {equals(0, static_cast<std::uint64_t>(::getpid()))}); // abort()
    rules.allow({SCMP_SYS(clock_gettime), SCMP_SYS(clock_getres), SCMP_SYS(clock_nanosleep),
                 SCMP_SYS(nanosleep), SCMP_SYS(gettimeofday), SCMP_SYS(getrandom)});

    // What no code of ours calls, and whoever broke in would.
    rules.kill({SCMP_SYS(bind),
                SCMP_SYS(listen),
                SCMP_SYS(accept),
                SCMP_SYS(accept4),
                SCMP_SYS(sendmsg),
                SCMP_SYS(sendmmsg),
                SCMP_SYS(sendfile),
                SCMP_SYS(splice),
                SCMP_SYS(vmsplice),
                SCMP_SYS(tee),
                SCMP_SYS(io_uring_setup),
                SCMP_SYS(io_uring_enter),
                SCMP_SYS(io_setup),
                SCMP_SYS(io_submit),
                SCMP_SYS(socketpair),
                SCMP_SYS(setsockopt),
                SCMP_SYS(ioctl),
                SCMP_SYS(open),
                SCMP_SYS(openat),
                SCMP_SYS(openat2),
                SCMP_SYS(creat),
                SCMP_SYS(memfd_create),
                SCMP_SYS(pidfd_open),
                SCMP_SYS(pidfd_getfd),
                SCMP_SYS(dup),
                SCMP_SYS(dup2),
                SCMP_SYS(dup3),
                SCMP_SYS(bpf),
                SCMP_SYS(userfaultfd),
                SCMP_SYS(perf_event_open),
                SCMP_SYS(execve),
                SCMP_SYS(execveat),
                SCMP_SYS(fork),
                SCMP_SYS(vfork),
                SCMP_SYS(clone),
                SCMP_SYS(clone3),
                SCMP_SYS(ptrace),
                SCMP_SYS(unshare),
                SCMP_SYS(setns),
                SCMP_SYS(mount),
                SCMP_SYS(umount2),
                SCMP_SYS(chroot),
                SCMP_SYS(keyctl),
                SCMP_SYS(add_key),
                SCMP_SYS(request_key),
                SCMP_SYS(unlink),
                SCMP_SYS(unlinkat),
                SCMP_SYS(rename),
                SCMP_SYS(process_vm_readv),
                SCMP_SYS(process_vm_writev),
                SCMP_SYS(kcmp)});
    if (rules.error() != 0) return confined::cannot(ourselves, "make its filter", rules.error());
    if (error = -::seccomp_load(filter.get()); error != 0)
        return confined::cannot(ourselves, "load its filter", error);
    return {};
}

} // namespace yagura::ask
