#include "apps/ask/sockets.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <netinet/in.h>
#include <unistd.h>

namespace yagura::ask {

Address address_of(const observe::Ip& ip, std::uint16_t port) noexcept {
    Address out;
    if (observe::is_v4(ip)) {
        sockaddr_in v4{};
        v4.sin_family = AF_INET;
        v4.sin_port = htons(port);
        std::copy_n(ip.begin() + 12, 4, reinterpret_cast<std::uint8_t*>(&v4.sin_addr));
        std::copy_n(reinterpret_cast<const char*>(&v4), sizeof v4, reinterpret_cast<char*>(&out.room));
        out.size = sizeof v4;
    } else {
        sockaddr_in6 v6{};
        v6.sin6_family = AF_INET6;
        v6.sin6_port = htons(port);
        std::copy_n(ip.begin(), 16, reinterpret_cast<std::uint8_t*>(&v6.sin6_addr));
        std::copy_n(reinterpret_cast<const char*>(&v6), sizeof v6, reinterpret_cast<char*>(&out.room));
        out.size = sizeof v6;
    }
    return out;
}

observe::Station own_station(int socket) noexcept {
    sockaddr_storage room{};
    socklen_t size = sizeof room;
    observe::Station out;
    if (::getsockname(socket, reinterpret_cast<sockaddr*>(&room), &size) != 0) return out;
    if (room.ss_family == AF_INET) {
        const auto& v4 = reinterpret_cast<const sockaddr_in&>(room);
        out.ip[10] = out.ip[11] = 0xff;
        std::copy_n(reinterpret_cast<const std::uint8_t*>(&v4.sin_addr), 4, out.ip.begin() + 12);
        out.port = ntohs(v4.sin_port);
    } else {
        const auto& v6 = reinterpret_cast<const sockaddr_in6&>(room);
        std::copy_n(reinterpret_cast<const std::uint8_t*>(&v6.sin6_addr), 16, out.ip.begin());
        out.port = ntohs(v6.sin6_port);
    }
    return out;
}

bool is_of_device(int error) noexcept {
    constexpr int theirs[]{ECONNREFUSED, ECONNRESET, EPIPE,       ETIMEDOUT,
                           EHOSTUNREACH, EHOSTDOWN,  ENOPROTOOPT, ECONNABORTED};
    return std::ranges::find(theirs, error) != std::end(theirs);
}

std::string error_name(int error) {
    const auto* name = ::strerrorname_np(error);
    return name ? name : cat("error ", error);
}

Result<void> refuse_ourselves(const see::ask::Plan& plan, const std::string& path) {
    const auto bad = [&](const observe::Ip& ip, std::string_view why) {
        return std::unexpected{Complaint{.code = "ask.bad-plan",
                                         .what = cat(see::ask::text_of(ip), " cannot be asked: ", why),
                                         .where = path,
                                         .next = "leave it out of the plan: only other, single devices are "
                                                 "asked"}};
    };
    for (const auto& group : plan.groups)
        for (const auto& ip : group.addresses) {
            // Connecting a socket of UDP looks up the way and sends nothing (udp(7)).
            const int socket = ::socket(observe::is_v4(ip) ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC,
                                        0);
            if (socket < 0) continue;
            const auto to = address_of(ip, 9);
            const bool connected = ::connect(socket, to.get(), to.size) == 0;
            const bool everybody = !connected && errno == EACCES;
            const bool ours = connected && own_station(socket).ip == ip;
            ::close(socket);
            if (ours) return bad(ip, "it is this box itself");
            if (everybody) return bad(ip, "it is everybody on a network of this box");
        }
    return {};
}

} // namespace yagura::ask
