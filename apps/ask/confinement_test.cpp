// Whoever is inside yagura-ask after the lock-down tries what an attacker would: each in a process of its
// own.
#include <gtest/gtest.h>

#include <cerrno>
#include <fcntl.h>
#include <functional>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "apps/ask/confinement.h"

namespace yagura::ask {
namespace {

enum class Ended { did_it, refused, killed };

/// A descriptor table as the program has it, locked; then the attempt. Raw system calls alone: nothing of a
/// sanitizer's may run in there.
Ended tried(const std::function<long(int file)>& attempt) {
    const auto child = ::fork();
    if (child == 0) {
        const int file = ::open("/dev/null", O_RDWR);
        int pipe[2];
        if (::pipe(pipe) != 0 || !lock({pipe[1], file, {file, file}})) ::_exit(9);
        const auto result = attempt(file);
        ::_exit(result >= 0 ? 0 : errno == EPERM ? 1 : 2);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    if (WIFSIGNALED(status)) return Ended::killed;
    EXPECT_LT(WEXITSTATUS(status), 2) << "it failed for another reason than the filter";
    return WEXITSTATUS(status) == 0 ? Ended::did_it : Ended::refused;
}
sockaddr_in somewhere(std::uint16_t port) {
    sockaddr_in out{};
    out.sin_family = AF_INET;
    out.sin_port = htons(port);
    out.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return out;
}

TEST(Confinement, LeavesWhatAskingNeeds) {
    EXPECT_EQ(tried([](int file) { return ::write(file, "x", 1); }), Ended::did_it);
    EXPECT_EQ(tried([](int file) { return ::pwrite(file, "x", 1, 0); }), Ended::did_it);
    EXPECT_EQ(tried([](int) { return ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0); }),
              Ended::did_it);
    EXPECT_EQ(tried([](int) {
                  const int udp = ::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
                  const auto to = somewhere(9);
                  if (::connect(udp, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) return -1L;
                  return static_cast<long>(::sendto(udp, "x", 1, MSG_NOSIGNAL, nullptr, 0));
              }),
              Ended::did_it);
}

TEST(Confinement, LeavesNoOtherWay) {
    // Raw sockets, other families, another descriptor.
    EXPECT_EQ(tried([](int) { return ::socket(AF_INET, SOCK_RAW, IPPROTO_ICMP); }), Ended::refused);
    EXPECT_EQ(tried([](int) { return ::socket(AF_PACKET, SOCK_RAW, 0); }), Ended::refused);
    EXPECT_EQ(tried([](int) { return ::socket(AF_UNIX, SOCK_STREAM, 0); }), Ended::refused);
    EXPECT_EQ(tried([](int) { return ::socket(AF_INET, SOCK_STREAM, IPPROTO_SCTP); }), Ended::refused);
    char room = 0;
    EXPECT_EQ(tried([&](int file) { return ::pread(file, &room, 1, 0); }),
              Ended::refused); // It has no permit.
    EXPECT_EQ(tried([](int) { return ::write(2, "x", 1); }), Ended::refused);
    // To an address of its own, past the one that a socket is connected to.
    EXPECT_EQ(tried([](int) {
                  const int udp = ::socket(AF_INET, SOCK_DGRAM, 0);
                  const auto to = somewhere(9);
                  return static_cast<long>(
                      ::sendto(udp, "x", 1, 0, reinterpret_cast<const sockaddr*>(&to), sizeof to));
              }),
              Ended::refused);
    const auto killed = [](long call) {
        return tried([call](int) { return ::syscall(call, 3, 0, 0, 0, 0, 0); }) == Ended::killed;
    };
    for (const long call :
         {SYS_bind, SYS_listen, SYS_accept4, SYS_sendmsg, SYS_setsockopt, SYS_openat, SYS_open, SYS_execve,
          SYS_clone, SYS_ptrace, SYS_io_uring_setup, SYS_ioctl, SYS_bpf, SYS_unlink})
        EXPECT_TRUE(killed(call)) << call;
}

} // namespace
} // namespace yagura::ask
