// A client that says exactly what it is told to, over TLS, for tests of what a server does with it. Blocking;
// trusts every certificate.
#pragma once

#include <arpa/inet.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <string_view>

namespace yagura::tests {

class TlsClient {
public:
    explicit TlsClient(std::uint16_t port, int seconds = 10) {
        ::signal(SIGPIPE, SIG_IGN); // OpenSSL writes without MSG_NOSIGNAL.
        socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        timeval wait{.tv_sec = seconds, .tv_usec = 0};
        ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_port = htons(port);
        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        connected = ::connect(socket_, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0;
    }
    ~TlsClient() {
        tls_.reset();
        ::close(socket_);
    }
    TlsClient(const TlsClient&) = delete;
    TlsClient& operator=(const TlsClient&) = delete;

    bool shake_hands(int highest = TLS1_3_VERSION) {
        context_.reset(SSL_CTX_new(TLS_client_method()));
        SSL_CTX_set_max_proto_version(context_.get(), highest);
        SSL_CTX_set_security_level(context_.get(), 0);
        SSL_CTX_set_min_proto_version(context_.get(), TLS1_VERSION);
        tls_.reset(SSL_new(context_.get()));
        SSL_set_fd(tls_.get(), socket_);
        return SSL_connect(tls_.get()) == 1;
    }
    bool send(std::string_view text) {
        return SSL_write(tls_.get(), text.data(), static_cast<int>(text.size())) > 0;
    }
    bool send_plain(std::string_view text) {
        return ::send(socket_, text.data(), text.size(), MSG_NOSIGNAL) > 0;
    }
    std::string receive_plain() {
        char room[4'096];
        const auto size = ::recv(socket_, room, sizeof room, 0);
        return size > 0 ? std::string{room, static_cast<std::size_t>(size)} : std::string{};
    }
    /// What is there, at least a byte; empty at the end.
    std::string receive() {
        char room[16'384];
        const auto size = SSL_read(tls_.get(), room, sizeof room);
        return size > 0 ? std::string{room, static_cast<std::size_t>(size)} : std::string{};
    }
    /// One answer with Content-Length, or up to the end.
    std::string answer() {
        std::string out;
        for (;;) {
            const auto more = receive();
            if (more.empty()) return out;
            out += more;
            const auto end = out.find("\r\n\r\n");
            if (end == out.npos) continue;
            const auto length = out.find("Content-Length: ");
            if (length == out.npos || length > end) {
                if (out.starts_with("HTTP/1.1 204") || out.starts_with("HTTP/1.1 304") ||
                    out.starts_with("HTTP/1.1 100"))
                    return out;
                continue;
            }
            if (out.size() >= end + 4 + std::stoul(out.substr(length + 16))) return out;
        }
    }
    std::string ask(std::string_view text) { return send(text) ? answer() : std::string{}; }

    bool connected = false;

private:
    struct Free {
        void operator()(SSL* one) const { SSL_free(one); }
        void operator()(SSL_CTX* one) const { SSL_CTX_free(one); }
    };
    int socket_ = -1;
    std::unique_ptr<SSL_CTX, Free> context_;
    std::unique_ptr<SSL, Free> tls_;
};

} // namespace yagura::tests
