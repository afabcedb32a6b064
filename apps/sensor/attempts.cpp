#include "apps/sensor/attempts.h"

#include <arpa/inet.h>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/io_uring.h>
#include <net/if.h>
#include <sched.h>
#include <sstream>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "apps/sensor/confinement.h"
#include "spine/base/text.h"
#include "spine/capture/ring.h"

namespace yagura::sensor {

namespace {

/// What somebody who took over the sensor would have, and more: two pipes and a file full of frames.
struct Loot {
    int socket = -1;  ///< the packet socket that the sensor listens with
    int index = 0;    ///< its interface
    int records = -1; ///< the pipe that may be written
    int full = -1;    ///< a pipe that holds a frame
    int file = -1;    ///< a file that holds a frame
    const char* interface = "";
};

/// A broadcast of an unassigned ethertype for local experiments (IEEE 802): harmless where it does get out.
alignas(8) unsigned char frame[64]{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, 1, 0x88, 0xb5};

sockaddr_ll address(const Loot& loot) {
    sockaddr_ll to{};
    to.sll_family = AF_PACKET;
    to.sll_protocol = htons(0x88b5);
    to.sll_ifindex = loot.index;
    to.sll_halen = ETH_ALEN;
    std::memset(to.sll_addr, 0xff, ETH_ALEN);
    return to;
}

using Attempt = long (*)(const Loot&);
struct Way {
    std::string_view name;
    Attempt attempt; ///< negative: refused
};

long send_with(int socket, const Loot& loot) {
    const auto to = address(loot);
    return ::sendto(socket, frame, sizeof frame, 0, reinterpret_cast<const sockaddr*>(&to), sizeof to);
}

const Way ways[]{
    {"send on the packet socket",
     [](const Loot& l) -> long { return ::send(l.socket, frame, sizeof frame, 0); }},
    {"sendto on the packet socket", [](const Loot& l) { return send_with(l.socket, l); }},
    {"sendmsg on the packet socket",
     [](const Loot& l) -> long {
         auto to = address(l);
         iovec part{frame, sizeof frame};
         msghdr message{};
         message.msg_name = &to;
         message.msg_namelen = sizeof to;
         message.msg_iov = &part;
         message.msg_iovlen = 1;
         return ::sendmsg(l.socket, &message, 0);
     }},
    {"sendmmsg on the packet socket",
     [](const Loot& l) -> long {
         iovec part{frame, sizeof frame};
         mmsghdr message{};
         message.msg_hdr.msg_iov = &part;
         message.msg_hdr.msg_iovlen = 1;
         return ::sendmmsg(l.socket, &message, 1, 0);
     }},
    {"write to the packet socket",
     [](const Loot& l) -> long { return ::write(l.socket, frame, sizeof frame); }},
    {"writev to the packet socket",
     [](const Loot& l) -> long {
         iovec part{frame, sizeof frame};
         return ::writev(l.socket, &part, 1);
     }},
    {"pwrite to the packet socket",
     [](const Loot& l) -> long { return ::pwrite(l.socket, frame, sizeof frame, 0); }},
    {"pwritev2 to the packet socket",
     [](const Loot& l) -> long {
         iovec part{frame, sizeof frame};
         return ::pwritev2(l.socket, &part, 1, -1, 0);
     }},
    {"sendfile to the packet socket",
     [](const Loot& l) -> long { return ::sendfile(l.socket, l.file, nullptr, sizeof frame); }},
    {"splice to the packet socket",
     [](const Loot& l) -> long { return ::splice(l.full, nullptr, l.socket, nullptr, sizeof frame, 0); }},
    {"vmsplice into the pipe",
     [](const Loot& l) -> long {
         iovec part{frame, sizeof frame};
         return ::vmsplice(l.records, &part, 1, 0);
     }},
    {"tee into the pipe", [](const Loot& l) -> long { return ::tee(l.full, l.records, sizeof frame, 0); }},
    {"copy_file_range to the packet socket",
     [](const Loot& l) -> long {
         return ::copy_file_range(l.file, nullptr, l.socket, nullptr, sizeof frame, 0);
     }},
    {"set up an io_uring",
     [](const Loot&) -> long {
         io_uring_params parameters{};
         return ::syscall(SYS_io_uring_setup, 8, &parameters);
     }},
    {"set up asynchronous I/O",
     [](const Loot&) -> long {
         unsigned long context = 0;
         return ::syscall(SYS_io_setup, 8, &context);
     }},
    {"map a ring to send with",
     [](const Loot& l) -> long {
         tpacket_req3 ring{};
         ring.tp_block_size = 65'536;
         ring.tp_block_nr = 1;
         ring.tp_frame_size = 2'048;
         ring.tp_frame_nr = 32;
         return ::setsockopt(l.socket, SOL_PACKET, PACKET_TX_RING, &ring, sizeof ring);
     }},
    {"send what is in a ring",
     [](const Loot& l) -> long { return ::send(l.socket, nullptr, 0, MSG_DONTWAIT); }},
    {"open another packet socket",
     [](const Loot& l) -> long {
         const int other = ::socket(AF_PACKET, SOCK_RAW, 0);
         return other < 0 ? other : send_with(other, l);
     }},
    {"open a UDP socket", [](const Loot&) -> long { return ::socket(AF_INET, SOCK_DGRAM, 0); }},
    {"open a raw IP socket", [](const Loot&) -> long { return ::socket(AF_INET, SOCK_RAW, IPPROTO_RAW); }},
    {"open a netlink socket", [](const Loot&) -> long { return ::socket(AF_NETLINK, SOCK_RAW, 0); }},
    {"open a pair of sockets",
     [](const Loot&) -> long {
         int pair[2];
         return ::socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
     }},
    {"bind the packet socket elsewhere",
     [](const Loot& l) -> long {
         const auto to = address(l);
         return ::bind(l.socket, reinterpret_cast<const sockaddr*>(&to), sizeof to);
     }},
    {"connect the packet socket",
     [](const Loot& l) -> long {
         const auto to = address(l);
         return ::connect(l.socket, reinterpret_cast<const sockaddr*>(&to), sizeof to);
     }},
    {"change the interface",
     [](const Loot& l) -> long {
         ifreq request{};
         std::strncpy(request.ifr_name, l.interface, IFNAMSIZ - 1);
         request.ifr_flags = IFF_UP;
         return ::ioctl(l.socket, SIOCSIFFLAGS, &request);
     }},
    {"change the socket's flags",
     [](const Loot& l) -> long { return ::fcntl(l.socket, F_SETFL, O_ASYNC | O_NONBLOCK); }},
    {"open a tunnel device", [](const Loot&) -> long { return ::open("/dev/net/tun", O_RDWR); }},
    {"open a file to read", [](const Loot&) -> long { return ::open("/proc/self/maps", O_RDONLY); }},
    {"open a file to write",
     [](const Loot&) -> long { return ::open("/tmp/yagura-sensor-self-test", O_CREAT | O_WRONLY, 0600); }},
    {"make a file in memory",
     [](const Loot&) -> long { return ::syscall(SYS_memfd_create, "self-test", 0); }},
    {"write to standard error", [](const Loot&) -> long { return ::write(STDERR_FILENO, "!", 1); }},
    {"write to a file that is open",
     [](const Loot& l) -> long { return ::write(l.file, frame, sizeof frame); }},
    {"copy a descriptor", [](const Loot& l) -> long { return ::dup2(l.socket, l.records); }},
    {"take a descriptor of another process",
     [](const Loot&) -> long { return ::syscall(SYS_pidfd_open, ::getppid(), 0); }},
    {"load a BPF program",
     [](const Loot&) -> long {
         char attributes[64]{};
         return ::syscall(SYS_bpf, 5, attributes, sizeof attributes);
     }},
    {"start a program",
     [](const Loot&) -> long {
         char path[] = "/bin/true";
         char* const arguments[]{path, nullptr};
         return ::execve(path, arguments, nullptr);
     }},
    {"start a process", [](const Loot&) -> long { return ::syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0); }},
    {"start a thread",
     [](const Loot&) -> long {
         return ::syscall(SYS_clone, CLONE_VM | CLONE_SIGHAND | CLONE_THREAD, nullptr, nullptr, nullptr, 0);
     }},
    {"look into another process",
     [](const Loot&) -> long {
         iovec here{frame, sizeof frame}, there{frame, sizeof frame};
         return ::process_vm_readv(::getppid(), &here, 1, &there, 1, 0);
     }},
    {"trace another process",
     [](const Loot&) -> long { return ::syscall(SYS_ptrace, 16, ::getppid(), 0, 0); }},
    {"signal another process", [](const Loot&) -> long { return ::kill(::getppid(), 0); }},
    {"make memory executable",
     [](const Loot&) -> long {
         auto* const page = ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
         return ::mprotect(page, 4096, PROT_READ | PROT_EXEC);
     }},
    {"map executable memory",
     [](const Loot&) -> long {
         return ::mmap(nullptr, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED
                    ? -1
                    : 0;
     }},
    {"become root again", [](const Loot&) -> long { return ::setresuid(0, 0, 0); }},
    {"enter another network", [](const Loot&) -> long { return ::unshare(CLONE_NEWUSER | CLONE_NEWNET); }},
#ifdef __x86_64__
    {"send by a 32-bit system call",
     [](const Loot& l) -> long {
         long result = 0;
         // write(2) has the number 4 there, which is stat(2) here.
         asm volatile("int $0x80"
                      : "=a"(result)
                      : "a"(4L), "b"(static_cast<long>(l.socket)), "c"(frame), "d"(sizeof frame)
                      : "memory", "r8", "r9", "r10", "r11");
         return result;
     }},
    {"send by an x32 system call",
     [](const Loot& l) -> long {
         return ::syscall(SYS_sendto | 0x4000'0000, l.socket, frame, sizeof frame, 0, nullptr, 0);
     }},
#endif
};

struct Fate {
    bool refused = false;
    std::string how;
};

/// In a process of its own, because most ways end it. What it is left with: 100 + errno, or 1 for success.
Fate attempt(const Way& way, const Loot& loot, const std::string& user) {
    const auto child = ::fork();
    if (child < 0) return {false, "no process for it"};
    if (child == 0) {
        if (!confined::give_up_rights(ourselves, user, 0) || !confined::close_standard(ourselves) ||
            !lock(loot.records))
            ::_exit(2);
        // The pipe is the one way out and has to stay open.
        if (::write(loot.records, "ok", 2) != 2) ::_exit(3);
        errno = 0;
        ::_exit(way.attempt(loot) < 0 ? 100 + std::min(errno, 150) : 1);
    }
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS) return {true, "the kernel ended the process"};
    if (WIFSIGNALED(status)) return {false, cat("ended by signal ", WTERMSIG(status))};
    const auto code = WEXITSTATUS(status);
    if (code >= 100) return {true, std::strerror(code - 100)};
    if (code == 1) return {false, "IT SUCCEEDED"};
    return {false, code == 2 ? "the sensor could not confine itself" : "the pipe could not be written"};
}

/// Frames sent by each interface, as the kernel counts them.
std::uint64_t sent_by(const std::string& interface) {
    std::ifstream counters{"/proc/thread-self/net/dev"};
    for (std::string line; std::getline(counters, line);) {
        const auto colon = line.find(':');
        const auto name = line.find_first_not_of(' ');
        if (colon == line.npos || name == line.npos || line.substr(name, colon - name) != interface) continue;
        std::istringstream rest{line.substr(colon + 1)};
        std::uint64_t value = 0;
        for (int i = 0; i < 10; ++i) rest >> value; // Eight about receiving, then bytes and frames sent.
        return value;
    }
    return 0;
}

} // namespace

Result<bool> self_test(const std::vector<std::string>& interfaces, const std::string& user,
                       std::ostream& out) {
    YAGURA_TRY(const auto rings, capture::Ring::open({.interfaces = interfaces, .bytes = 2u << 20}));
    int records[2], full[2];
    const int file = static_cast<int>(::syscall(SYS_memfd_create, "frames", 0));
    if (::pipe(records) != 0 || ::pipe(full) != 0 || file < 0 || ::write(file, frame, sizeof frame) < 0 ||
        ::write(full[1], frame, sizeof frame) < 0)
        return std::unexpected{Complaint{.code = "sensor.self-test",
                                         .what = "the self-test cannot make what it needs",
                                         .why = std::strerror(errno),
                                         .next = "try again"}};
    std::size_t tried = 0, failed = 0;
    for (std::size_t i = 0; i < interfaces.size(); ++i) {
        const auto before = sent_by(interfaces[i]);
        const Loot loot{.socket = rings.front()->descriptor(i),
                        .index = static_cast<int>(::if_nametoindex(interfaces[i].c_str())),
                        .records = records[1],
                        .full = full[0],
                        .file = file,
                        .interface = interfaces[i].c_str()};
        for (const auto& way : ways) {
            (void)::lseek(file, 0, SEEK_SET);
            const auto [refused, how] = attempt(way, loot, user);
            char drained[64];
            (void)!::read(records[0], drained, sizeof drained);
            ++tried;
            failed += !refused;
            out << cat(refused ? "  refused  " : "  FAILED   ", way.name, ": ", how, "\n");
        }
        const auto after = sent_by(interfaces[i]);
        failed += after != before;
        out << cat(after == before ? "  " : "  FAILED   ", interfaces[i], ": ", after - before,
                   " frames sent (", before, " before, ", after, " after)\n");
    }
    out << cat(tried, " ways tried, ", failed, " failures\n");
    for (const int end : {records[0], records[1], full[0], full[1], file}) ::close(end);
    return failed == 0;
}

} // namespace yagura::sensor
