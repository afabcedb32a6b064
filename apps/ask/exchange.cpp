#include "apps/ask/exchange.h"

#include <algorithm>
#include <cerrno>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "apps/ask/sockets.h"
#include "spine/base/text.h"

namespace yagura::ask {

using namespace std::chrono_literals;
using see::ask::Carrier;
using see::ask::End;

namespace {

/// Less than a second, after which the kernel would knock again: one question is one packet.
constexpr auto connect_within = 900ms;
constexpr auto slice = 100ms;               ///< how soon a signal is noticed while we wait for somebody
constexpr unsigned frames_most = 64;        ///< that one request may bring
constexpr std::uint64_t foreign_logged = 3; ///< of one dialogue: the rest is counted

std::chrono::seconds seconds() { return std::chrono::floor<std::chrono::seconds>(steady()); }
/// usmStats (RFC 3414, 5), as a person reads them.
std::string_view usm_word(std::uint32_t status) noexcept {
    constexpr std::string_view words[]{"refused",
                                       "refused: no such security level",
                                       "refused: the clock",
                                       "refused: no such user",
                                       "refused: another engine",
                                       "refused: wrong password",
                                       "refused: cannot decrypt"};
    return words[status < std::size(words) ? status : 0];
}

} // namespace

struct Exchange::Dialogue {
    Dialogue(const see::ask::Task& its_task, const see::ask::Group& its_group, std::uint64_t its_number,
             see::ask::Crypto& crypto)
        : task{its_task},
          group{its_group},
          number{its_number},
          address{see::ask::text_of(its_task.ip)},
          port{see::ask::port_of(*its_task.query, its_group.choices)} {
        asked.target = its_task.ip;
        asked.choices = its_group.choices;
        asked.number = static_cast<std::uint16_t>(its_number);
        if (its_group.user && see::ask::is_snmp(*its_task.query)) usm.emplace(*its_group.user, crypto);
    }
    Dialogue(const Dialogue&) = delete;
    Dialogue& operator=(const Dialogue&) = delete;

    const see::ask::Task& task;
    const see::ask::Group& group;
    see::ask::Asked asked{};
    std::uint64_t number;
    int socket = -1;
    unsigned step = 0;
    bool heard = false;        ///< something came from it
    bool left = false;         ///< something went to it
    int error = 0;             ///< this box's, where nothing could be sent from here
    unsigned frames = 0;       ///< of the request that is being answered
    std::uint64_t foreign = 0; ///< messages that were no answers to us
    observe::Parties parties{};
    see::ask::Facts facts{};
    std::size_t told = 0; ///< facts that were passed on
    std::vector<std::byte> stream{};
    std::optional<see::ask::Usm> usm{}; ///< of SNMP version 3
    Bytes wire{};                       ///< of a sealed message what was or will be on the wire
    bool again = false; ///< the engine's clock is known now: the request has to be sealed anew
    std::string address;
    std::uint16_t port;

    ~Dialogue() {
        if (socket >= 0) ::close(socket);
    }
    bool tcp() const noexcept { return task.query->carrier == Carrier::tcp; }
};

bool Exchange::note(const Dialogue& dialogue, std::string_view what) {
    mute_ = mute_ || !log_.add(Log::Way::note, now(), 0, dialogue.address, dialogue.port,
                               dialogue.task.query->name, what, {});
    return !mute_;
}

bool Exchange::wait_for_turn(const see::ask::Task& task, bool connected) {
    while (!planner_.may_send(task, moment(), connected)) {
        if (!planner_.open(plan_.groups[task.group], now())) return false; // its hours ended meanwhile
        if (patience_.interrupted()) return false;
        (void)patience_.sleep(patience_.nap(
            std::min<std::chrono::nanoseconds>(planner_.next_send(task, connected) - steady(), 1s)));
    }
    return !patience_.interrupted();
}

/// How it ends when the kernel gave us an error: `theirs` where it tells of the device.
End Exchange::failed(Dialogue& dialogue, int error, End theirs) {
    if (is_of_device(error)) return dialogue.heard ? End::fell_silent : theirs;
    dialogue.error = error;
    // What left counts as asked; what did not may be asked as if nothing had been.
    return dialogue.left ? End::stopped : End::never;
}

End Exchange::connect(Dialogue& dialogue) {
    const auto& ip = dialogue.task.ip;
    const int type = (dialogue.tcp() ? SOCK_STREAM : SOCK_DGRAM) | SOCK_NONBLOCK | SOCK_CLOEXEC;
    dialogue.socket = ::socket(observe::is_v4(ip) ? AF_INET : AF_INET6, type, 0);
    if (dialogue.socket < 0) return failed(dialogue, errno, End::silent);
    const auto to = address_of(ip, dialogue.port);
    // Of TCP a packet leaves now: it is written down first, like every other.
    if (dialogue.tcp() && !note(dialogue, "connects")) return End::never;
    planner_.sent(dialogue.task, steady());
    const auto over = [&](int error) {
        return failed(dialogue, error, error == ECONNREFUSED ? End::closed : End::silent);
    };
    if (::connect(dialogue.socket, to.get(), to.size) != 0) {
        if (errno != EINPROGRESS) return over(errno);
        dialogue.left = true;
        pollfd wanted{dialogue.socket, POLLOUT, 0};
        const auto until = std::chrono::steady_clock::now() + connect_within;
        while (::poll(&wanted, 1, static_cast<int>(slice / 1ms)) <= 0) {
            if (patience_.interrupted()) return End::stopped;
            if (std::chrono::steady_clock::now() >= until) return End::silent;
        }
        int error = 0;
        socklen_t size = sizeof error;
        if (::getsockopt(dialogue.socket, SOL_SOCKET, SO_ERROR, &error, &size) != 0) return over(errno);
        if (error != 0) return over(error);
    }
    dialogue.left = dialogue.tcp();
    dialogue.parties = {
        .client = own_station(dialogue.socket),
        .server = {.ip = ip, .port = dialogue.port},
        .lane = {.carrier = static_cast<std::uint16_t>(dialogue.tcp() ? IPPROTO_TCP : IPPROTO_UDP)},
        .certain = true};
    dialogue.asked.own = dialogue.parties.client.ip;
    // Since the start this box may have been given an address that the plan names.
    if (dialogue.asked.own == ip) return failed(dialogue, EADDRINUSE, End::stopped);
    return End::answered;
}

bool Exchange::write_down(const Dialogue& dialogue, Log::Way way, std::string_view what, Bytes message) {
    auto bytes = message;
    if (dialogue.usm) {
        shown_.assign(dialogue.wire.begin(), dialogue.wire.end());
        see::ask::Usm::blank(shown_);
        bytes = shown_;
    } else {
        bytes = shown(dialogue, message);
    }
    mute_ = mute_ || !log_.add(way, now(), ++messages_, dialogue.address, dialogue.port,
                               dialogue.task.query->name, what, bytes);
    return !mute_;
}

/// What is written down and shown of it: no password.
Bytes Exchange::shown(const Dialogue& dialogue, Bytes message) {
    const auto& query = *dialogue.task.query;
    if (!query.blank) return message;
    shown_.assign(message.begin(), message.end());
    query.blank(shown_, dialogue.group.choices);
    return shown_;
}

End Exchange::send(Dialogue& dialogue, Bytes request, std::string_view name, std::uint32_t function) {
    const auto& query = *dialogue.task.query;
    const auto at = now();
    if (patience_.interrupted()) return dialogue.left ? End::stopped : End::never;
    // Written down first: what left and stands nowhere would be worse than what stands and never left.
    std::vector<std::byte> sealed;
    if (dialogue.usm) {
        sealed = dialogue.usm->seal(request, seconds());
        dialogue.wire = sealed;
    }
    const auto wire = dialogue.usm ? Bytes{sealed} : request;
    if (wire.empty() || !query.only_reads(request) || !write_down(dialogue, Log::Way::sent, name, request)) {
        mute_ = true;
        return dialogue.left ? End::stopped : End::never;
    }
    planner_.sent(dialogue.task, steady());
    const auto sent = ::sendto(dialogue.socket, wire.data(), wire.size(), MSG_NOSIGNAL, nullptr, 0);
    if (sent != static_cast<ssize_t>(wire.size()))
        return failed(dialogue, sent < 0 ? errno : ENOBUFS, dialogue.tcp() ? End::refused : End::closed);
    dialogue.left = true;
    voice_.sent({.query = query,
                 .dialogue = dialogue.number,
                 .number = messages_,
                 .step = dialogue.step,
                 .function = function,
                 .name = name,
                 .parties = dialogue.parties,
                 .at = at,
                 .bytes = shown(dialogue, request)});
    return End::answered;
}

std::optional<End> Exchange::take(Dialogue& dialogue, Bytes message, std::string_view name,
                                  std::uint32_t function) {
    const auto& query = *dialogue.task.query;
    const auto at = now();
    const auto written = [&] { return write_down(dialogue, Log::Way::received, name, message); };
    // A device that talks on and on fills no log: of what is no answer the first few stand in it.
    const bool first = dialogue.foreign < foreign_logged;
    if (first && !written()) return End::stopped;
    const auto heard = query.read(dialogue.asked, dialogue.step, message, dialogue.facts);
    const bool foreign = heard.was == see::ask::Heard::Was::foreign;
    if (!first && !foreign && !written()) return End::stopped;
    if (foreign) ++dialogue.foreign;
    if (++dialogue.frames > frames_most) return End::broken; // what nobody asked, over and over
    const std::span all{dialogue.facts.all()};
    voice_.received({.query = query,
                     .dialogue = dialogue.number,
                     .number = messages_,
                     .step = dialogue.step,
                     .function = function,
                     .name = name,
                     .parties = dialogue.parties,
                     .at = at,
                     .bytes = shown(dialogue, message)},
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

std::optional<End> Exchange::receive(Dialogue& dialogue, Bytes wire, std::string_view name,
                                     std::uint32_t function) {
    if (!dialogue.usm) return take(dialogue, wire, name, function);
    using Was = see::ask::Usm::Opened::Was;
    dialogue.wire = wire;
    const auto opened = dialogue.usm->open(wire, seconds());
    if (opened.was == Was::answer) return take(dialogue, opened.message, name, function);
    const bool foreign = opened.was == Was::foreign;
    if ((!foreign || dialogue.foreign < foreign_logged) &&
        !write_down(dialogue, Log::Way::received,
                    opened.was == Was::again     ? "the engine and its clock"
                    : opened.was == Was::refused ? usm_word(opened.status)
                    : foreign                    ? name
                                                 : "breaks the format of SNMP version 3",
                    wire))
        return End::stopped;
    if (foreign) ++dialogue.foreign;
    if (++dialogue.frames > frames_most || opened.was == Was::broken) return End::broken;
    if (foreign) return std::nullopt;
    dialogue.heard = true;
    dialogue.again = opened.was == Was::again;
    return dialogue.again ? End::answered : End::refused;
}

/// Which engine is this, and what does its clock say? Nothing of ours is in the question.
End Exchange::discover(Dialogue& dialogue) {
    constexpr std::string_view name = "Discovery of the engine";
    if (patience_.interrupted()) return End::never;
    const auto wire = dialogue.usm->discovery();
    dialogue.wire = wire;
    if (!write_down(dialogue, Log::Way::sent, name, wire)) return End::never;
    planner_.sent(dialogue.task, steady());
    const auto sent = ::sendto(dialogue.socket, wire.data(), wire.size(), MSG_NOSIGNAL, nullptr, 0);
    if (sent != static_cast<ssize_t>(wire.size()))
        return failed(dialogue, sent < 0 ? errno : ENOBUFS, End::closed);
    dialogue.left = true;
    return hear(dialogue, name, 0);
}

End Exchange::hear(Dialogue& dialogue, std::string_view name, std::uint32_t function) {
    const auto& query = *dialogue.task.query;
    const auto until = std::chrono::steady_clock::now() + answer_within_;
    const auto silent = [&] { return dialogue.heard ? End::fell_silent : End::silent; };
    std::array<std::byte, see::ask::answer_most> room;
    dialogue.frames = 0;
    for (;;) {
        if (patience_.interrupted()) return End::stopped;
        if (std::chrono::steady_clock::now() >= until) return silent();
        pollfd wanted{dialogue.socket, POLLIN, 0};
        if (::poll(&wanted, 1, static_cast<int>(slice / 1ms)) <= 0) continue;
        const auto came = ::recvfrom(dialogue.socket, room.data(), room.size(), 0, nullptr, nullptr);
        if (came < 0 && (errno == EAGAIN || errno == EINTR)) continue;
        // A datagram's port that nobody listens on, or a connection that was reset or ended.
        if (came < 0 || (came == 0 && dialogue.tcp()))
            return failed(dialogue, came < 0 ? errno : ECONNRESET,
                          dialogue.tcp()          ? End::refused
                          : errno == ECONNREFUSED ? End::closed
                                                  : End::silent);
        const auto bytes = Bytes{room}.first(static_cast<std::size_t>(came));
        if (!dialogue.tcp()) {
            if (const auto end = receive(dialogue, bytes, name, function)) return *end;
            continue;
        }
        dialogue.heard = true;
        auto& stream = dialogue.stream;
        if (stream.size() + bytes.size() > see::ask::answer_most) return End::broken;
        stream.insert(stream.end(), bytes.begin(), bytes.end());
        for (;;) {
            const auto framing = query.frame(stream);
            if (framing.why) {
                mute_ = mute_ || !log_.add(Log::Way::received, now(), ++messages_, dialogue.address,
                                           dialogue.port, query.name, framing.why->what, stream);
                return End::broken;
            }
            if (framing.length == 0 || framing.length > stream.size()) break;
            const auto end = take(dialogue, Bytes{stream}.first(framing.length), name, function);
            stream.erase(stream.begin(), stream.begin() + static_cast<std::ptrdiff_t>(framing.length));
            if (end) return *end;
        }
    }
}

End Exchange::with(const see::ask::Task& task) {
    const auto& group = plan_.groups[task.group];
    Dialogue dialogue{task, group, ++dialogues_, crypto_};
    if (!wait_for_turn(task, false)) return End::never;
    voice_.begin(now());
    const auto end = talk(dialogue);
    refused_ += dialogue.facts.refused() + dialogue.asked.walk.refused;
    if (dialogue.error != 0) {
        (void)note(dialogue, cat("failed here: ", error_name(dialogue.error)));
        if (end == End::never) planner_.put_off(task, steady());
    } else if (end != End::answered) {
        (void)note(dialogue, see::ask::word(end));
    }
    if (dialogue.foreign > foreign_logged)
        (void)note(dialogue, cat("messages that answered nothing: ", dialogue.foreign));
    return end;
}

End Exchange::talk(Dialogue& dialogue) {
    if (const auto end = connect(dialogue); end != End::answered) return end;
    const auto& query = *dialogue.task.query;
    std::array<std::byte, see::ask::request_most> room;
    if (dialogue.usm) {
        if (const auto end = discover(dialogue); end != End::answered) return end;
        if (!wait_for_turn(dialogue.task, false)) return End::stopped;
    }
    for (;; ++dialogue.step) {
        const auto request = query.request(dialogue.asked, dialogue.step, room);
        if (request.size == 0) return End::answered;
        // The connection and its first request count as one.
        if (dialogue.step != 0 && !wait_for_turn(dialogue.task, dialogue.tcp())) return End::stopped;
        if (const auto end = send(dialogue, Bytes{room}.first(request.size), request.name, request.function);
            end != End::answered)
            return end;
        if (!request.answered) continue;
        dialogue.again = false;
        if (const auto end = hear(dialogue, request.name, request.function); end != End::answered) return end;
        if (dialogue.again) --dialogue.step; // Once a dialogue: the engine's clock is known now.
    }
}

} // namespace yagura::ask
