// Test support: a network of one's own, with a cable between two interfaces. Needs root.
#pragma once

#include <cstdlib>
#include <fcntl.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <string>
#include <sys/socket.h>
#include <unistd.h>

#include "spine/base/bytes.h"

namespace yagura::test {

/// While it lives, this thread, and programs that it starts, see only this network: "near" and "far".
class Network {
public:
    Network() : before_{::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC)} {
        if (before_ < 0 || ::unshare(CLONE_NEWNET) != 0) return;
        // No addresses, no IPv6: nothing is on the cable but what a test puts there.
        good_ = run(
            "sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 2>/dev/null; "
            "ip link add near type veth peer name far && ip link set near up && ip link set far up");
    }
    ~Network() {
        if (before_ < 0) return;
        (void)::setns(before_, CLONE_NEWNET);
        ::close(before_);
    }
    Network(const Network&) = delete;
    Network& operator=(const Network&) = delete;

    /// False without the rights to make one: skip the test.
    bool good() const { return good_; }
    static bool run(const std::string& command) { return std::system(command.c_str()) == 0; }

private:
    int before_;
    bool good_ = false;
};

/// Puts frames on the cable.
class Sender {
public:
    explicit Sender(const char* interface) : socket_{::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0)} {
        sockaddr_ll where{};
        where.sll_family = AF_PACKET;
        where.sll_protocol = htons(0); // Receives nothing.
        where.sll_ifindex = static_cast<int>(::if_nametoindex(interface));
        (void)::bind(socket_, reinterpret_cast<const sockaddr*>(&where), sizeof where);
    }
    ~Sender() { ::close(socket_); }
    Sender(const Sender&) = delete;
    Sender& operator=(const Sender&) = delete;

    bool send(Bytes frame) const {
        return ::send(socket_, frame.data(), frame.size(), 0) == static_cast<ssize_t>(frame.size());
    }

private:
    int socket_;
};

} // namespace yagura::test
