#include "apps/ask/exchange.h"

#include <algorithm>
#include <cerrno>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "spine/base/text.h"

namespace yagura::ask {

using namespace std::chrono_literals;
using see::ask::Carrier;
using see::ask::End;

namespace {

/// Less than a second, after which the kernel would knock again: one question is one packet.
constexpr auto connect_within = 900ms;
constexpr auto slice = 100ms; ///< how soon a signal is noticed while we wait for somebody

struct Address {
    sockaddr_storage room{};
    socklen_t size = 0;
};
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

} // namespace

observe::Time now() {
    return std::chrono::time_point_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now());
}

Patience::Patience() {
    sigemptyset(&signals_);
    sigaddset(&signals_, SIGTERM);
    sigaddset(&signals_, SIGINT);
    ::pthread_sigmask(SIG_SETMASK, &signals_, nullptr);
}
bool Patience::sleep(std::chrono::nanoseconds most) {
    if (ended_) return true;
    const auto left = std::max(most, 0ns);
    const auto seconds = std::chrono::floor<std::chrono::seconds>(left);
    const timespec time{static_cast<time_t>(seconds.count()), static_cast<long>((left - seconds).count())};
    ended_ = ::sigtimedwait(&signals_, nullptr, &time) > 0;
    return ended_;
}

struct Exchange::Dialogue {
    Dialogue(const see::ask::Task& its_task, const see::ask::Group& its_group, std::uint64_t its_number)
        : task{its_task},
          group{its_group},
          number{its_number},
          address{see::ask::text_of(its_task.ip)},
          port{see::ask::port_of(*its_task.query, its_group.choices)} {
        asked.target = its_task.ip;
        asked.choices = its_group.choices;
        asked.number = static_cast<std::uint16_t>(its_number);
    }
    Dialogue(const Dialogue&) = delete;
    Dialogue& operator=(const Dialogue&) = delete;

    const see::ask::Task& task;
    const see::ask::Group& group;
    see::ask::Asked asked{};
    std::uint64_t number;
    int socket = -1;
    unsigned step = 0;
    bool heard = false; ///< it answered at least once
    observe::Parties parties{};
    see::ask::Facts facts{};
    std::size_t told = 0; ///< facts that were passed on
    std::vector<std::byte> stream{};
    std::string address;
    std::uint16_t port;

    ~Dialogue() {
        if (socket >= 0) ::close(socket);
    }
    bool tcp() const noexcept { return task.query->carrier == Carrier::tcp; }
};

bool Exchange::wait_for_turn(const see::ask::Task& task) {
    while (!planner_.may_send(task, now())) {
        if (!planner_.open(plan_.groups[task.group], now())) return false; // its hours ended meanwhile
        if (patience_.sleep(std::min<std::chrono::nanoseconds>(planner_.next_send(task) - now(), 1s)))
            return false;
    }
    return !patience_.ended();
}

End Exchange::connect(Dialogue& dialogue) {
    const auto& ip = dialogue.task.ip;
    const int type = (dialogue.tcp() ? SOCK_STREAM : SOCK_DGRAM) | SOCK_NONBLOCK | SOCK_CLOEXEC;
    dialogue.socket = ::socket(observe::is_v4(ip) ? AF_INET : AF_INET6, type, 0);
    if (dialogue.socket < 0) return End::stopped;
    const auto to = address_of(ip, dialogue.port);
    planner_.sent(dialogue.task, now());
    if (::connect(dialogue.socket, reinterpret_cast<const sockaddr*>(&to.room), to.size) != 0) {
        if (errno == ECONNREFUSED) return End::closed;
        if (errno != EINPROGRESS) return End::silent;
        pollfd wanted{dialogue.socket, POLLOUT, 0};
        const auto until = std::chrono::steady_clock::now() + connect_within;
        while (::poll(&wanted, 1, static_cast<int>(slice / 1ms)) <= 0) {
            if (patience_.sleep(0ns)) return End::stopped;
            if (std::chrono::steady_clock::now() >= until) return End::silent;
        }
        int error = 0;
        socklen_t size = sizeof error;
        if (::getsockopt(dialogue.socket, SOL_SOCKET, SO_ERROR, &error, &size) != 0 || error != 0)
            return error == ECONNREFUSED ? End::closed : End::silent;
    }
    dialogue.parties = {
        .client = own_station(dialogue.socket),
        .server = {.ip = ip, .port = dialogue.port},
        .lane = {.carrier = static_cast<std::uint16_t>(dialogue.tcp() ? IPPROTO_TCP : IPPROTO_UDP)},
        .certain = true};
    dialogue.asked.own = dialogue.parties.client.ip;
    return End::answered;
}

bool Exchange::send(Dialogue& dialogue, Bytes request, std::string_view name, std::uint32_t function) {
    const auto& query = *dialogue.task.query;
    const auto at = now();
    // Written down first: what left and stands nowhere would be worse than what stands and never left.
    if (!query.only_reads(request) || !log_.add(Log::Way::sent, at, ++messages_, dialogue.address,
                                                dialogue.port, query.name, name, request)) {
        mute_ = true;
        return false;
    }
    planner_.sent(dialogue.task, at);
    const auto sent = ::sendto(dialogue.socket, request.data(), request.size(), MSG_NOSIGNAL, nullptr, 0);
    if (sent != static_cast<ssize_t>(request.size())) return false;
    voice_.sent({.query = query,
                 .dialogue = dialogue.number,
                 .number = messages_,
                 .step = dialogue.step,
                 .function = function,
                 .name = name,
                 .parties = dialogue.parties,
                 .at = at,
                 .bytes = request});
    return true;
}

std::optional<End> Exchange::take(Dialogue& dialogue, Bytes message, std::string_view name,
                                  std::uint32_t function) {
    const auto& query = *dialogue.task.query;
    const auto at = now();
    if (!log_.add(Log::Way::received, at, ++messages_, dialogue.address, dialogue.port, query.name, name,
                  message)) {
        mute_ = true;
        return End::stopped;
    }
    const auto heard = query.read(dialogue.asked, dialogue.step, message, dialogue.facts);
    const std::span all{dialogue.facts.all()};
    voice_.received({.query = query,
                     .dialogue = dialogue.number,
                     .number = messages_,
                     .step = dialogue.step,
                     .function = function,
                     .name = name,
                     .parties = dialogue.parties,
                     .at = at,
                     .bytes = message},
                    heard, all.subspan(dialogue.told));
    dialogue.told = all.size();
    switch (heard.was) {
    case see::ask::Heard::Was::foreign:
        return std::nullopt;
    case see::ask::Heard::Was::refused:
        return End::refused;
    case see::ask::Heard::Was::broken:
        return End::broken;
    default:
        dialogue.heard = true;
        return End::answered;
    }
}

End Exchange::hear(Dialogue& dialogue, std::string_view name, std::uint32_t function) {
    const auto& query = *dialogue.task.query;
    const auto until = std::chrono::steady_clock::now() + answer_within_;
    const auto silent = [&] { return dialogue.heard ? End::fell_silent : End::silent; };
    std::array<std::byte, see::ask::answer_most> room;
    for (unsigned messages = 0; messages < 64;) {
        if (patience_.sleep(0ns)) return End::stopped;
        if (std::chrono::steady_clock::now() >= until) return silent();
        pollfd wanted{dialogue.socket, POLLIN, 0};
        if (::poll(&wanted, 1, static_cast<int>(slice / 1ms)) <= 0) continue;
        const auto came = ::recvfrom(dialogue.socket, room.data(), room.size(), 0, nullptr, nullptr);
        if (came < 0 && (errno == EAGAIN || errno == EINTR)) continue;
        // A datagram's port that nobody listens on, or a connection that was reset or ended.
        if (came < 0 || (came == 0 && dialogue.tcp()))
            return dialogue.tcp() ? End::refused : dialogue.heard ? End::fell_silent : End::closed;
        const auto bytes = Bytes{room}.first(static_cast<std::size_t>(came));
        ++messages;
        if (!dialogue.tcp()) {
            if (const auto end = take(dialogue, bytes, name, function)) return *end;
            continue;
        }
        auto& stream = dialogue.stream;
        if (stream.size() + bytes.size() > see::ask::answer_most) return End::broken;
        stream.insert(stream.end(), bytes.begin(), bytes.end());
        for (;;) {
            const auto framing = query.frame(stream);
            if (framing.why) {
                (void)log_.add(Log::Way::received, now(), ++messages_, dialogue.address, dialogue.port,
                               query.name, framing.why->what, stream);
                return End::broken;
            }
            if (framing.length == 0 || framing.length > stream.size()) break;
            const auto end = take(dialogue, Bytes{stream}.first(framing.length), name, function);
            stream.erase(stream.begin(), stream.begin() + static_cast<std::ptrdiff_t>(framing.length));
            if (end) return *end;
        }
    }
    return End::broken; // Somebody who answers what nobody asked, over and over.
}

End Exchange::with(const see::ask::Task& task) {
    const auto& group = plan_.groups[task.group];
    Dialogue dialogue{task, group, ++dialogues_};
    if (!wait_for_turn(task)) return End::never;
    voice_.begin(now());
    if (const auto end = connect(dialogue); end != End::answered) {
        (void)log_.add(Log::Way::note, now(), 0, dialogue.address, dialogue.port, task.query->name,
                       see::ask::word(end), {});
        return end;
    }
    std::array<std::byte, see::ask::request_most> room;
    for (;; ++dialogue.step) {
        const auto request = task.query->request(dialogue.asked, dialogue.step, room);
        if (request.size == 0) return End::answered;
        // The connection and its first request count as one.
        if (dialogue.step != 0 && !wait_for_turn(task)) return End::stopped;
        if (!send(dialogue, Bytes{room}.first(request.size), request.name, request.function))
            return mute_ ? End::stopped : dialogue.tcp() ? End::refused : End::closed;
        if (!request.answered) continue;
        if (const auto end = hear(dialogue, request.name, request.function); end != End::answered) return end;
    }
}

} // namespace yagura::ask
