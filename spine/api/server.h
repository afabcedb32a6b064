// HTTPS (RFC 9110, 9112; TLS 1.2 or 1.3): connections, limits, times. What a request means is Service's.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "spine/api/events.h"
#include "spine/api/service.h"
#include "spine/api/static_files.h"
#include "spine/base/result.h"

namespace yagura::api {

struct ServerSettings {
    std::string address = "127.0.0.1";
    std::uint16_t port = 8443; ///< 0: any that is free
    std::string certificate, key;
    std::size_t connections = 512;       ///< more are closed at once, and counted
    std::size_t connections_of_one = 64; ///< from one address
    std::size_t io_threads = 2;
    std::size_t workers = 4;   ///< run handlers: they may wait for the disk
    std::size_t waiting = 128; ///< requests that wait for a worker; more are told 503
    std::size_t header_bytes = 16 * 1024;
    std::size_t body_bytes = 64 * 1024; ///< of anything but an upload
    // Seconds. Each is for the whole of its thing: a byte now and then does not make it longer.
    unsigned handshake = 10, header = 15, body = 30, idle = 75, write = 60;
    unsigned piece = 30;   ///< for each 64 KiB of an upload
    unsigned stopping = 5; ///< what is under way at stop() may take this long
};

class Server {
public:
    struct Counts {
        std::atomic<std::uint64_t> accepted{0}, refused{0}, timed_out{0}, malformed{0}, busy{0}, open{0};
    };

    /// Opens the socket: whether the port is free is known when this returns. `service`, `files` and `events`
    /// outlive the server.
    static Result<Server> open(ServerSettings, Service& service, const StaticFiles& files, EventHub& events);
    ~Server(); ///< stop()
    Server(Server&&) noexcept;
    Server& operator=(Server&&) noexcept;

    std::uint16_t port() const noexcept;
    /// Begins to answer, on threads of its own.
    void start();
    /// No new connection; what is under way is finished, then everything is closed. Joins.
    void stop();
    const Counts& counts() const noexcept;

private:
    struct Inside;
    explicit Server(std::unique_ptr<Inside>);
    std::unique_ptr<Inside> in_;
};

} // namespace yagura::api
