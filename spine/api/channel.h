// One TLS connection with two plain ways to move bytes. Asio and Beast make a type of everything that is
// composed over a stream; what is composed over these two functions costs no types, and a third of the
// compiling.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <chrono>
#include <cstddef>
#include <memory>
#include <string_view>

namespace yagura::api {

/// All of it on the strand of the socket's executor, one function at a time in each direction.
class Channel {
public:
    using Error = boost::system::error_code;
    template <class T>
    using Later = boost::asio::awaitable<T>;

    Channel(boost::asio::ip::tcp::socket, boost::asio::ssl::context&);
    ~Channel();
    Channel(const Channel&) = delete;
    Channel& operator=(const Channel&) = delete;

    boost::asio::any_io_executor executor() const;
    /// What runs or begins from now on ends within `time` with beast::error::timeout.
    void expires_after(std::chrono::seconds time);
    void expires_never();

    enum class Begun { ready, not_tls, failed };
    struct Start {
        Begun begun{};
        Error error{};
    };
    /// As a server; `not_tls`: the client says something else, and hears `otherwise`.
    Later<Start> shake_hands(std::string_view otherwise);

    struct Moved {
        Error error{};
        std::size_t bytes = 0;
    };
    Later<Moved> read_some(boost::asio::mutable_buffer);
    Later<Error> write(boost::asio::const_buffer); ///< all of it
    Later<void> shut_down();                       ///< says good-bye as TLS does

    void cancel(); ///< what runs ends with operation_aborted
    void close();

private:
    struct Inside;
    std::unique_ptr<Inside> in_;
};

} // namespace yagura::api
