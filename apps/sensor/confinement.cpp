#include "apps/sensor/confinement.h"

#include <cerrno>
#include <linux/if_packet.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "apps/confined/filter.h"

namespace yagura::sensor {

using namespace confined;

Result<void> lock(int records) {
    const Filter filter{::seccomp_init(SCMP_ACT_ERRNO(EPERM)), &seccomp_release};
    if (!filter) return confined::cannot(ourselves, "make its filter", ENOMEM);
    int error = prepare(filter.get());
    if (error != 0) return confined::cannot(ourselves, "make its filter", error);

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
    if (rules.error() != 0) return confined::cannot(ourselves, "make its filter", rules.error());
    if (error = -::seccomp_load(filter.get()); error != 0)
        return confined::cannot(ourselves, "load its filter", error);
    return {};
}

} // namespace yagura::sensor
