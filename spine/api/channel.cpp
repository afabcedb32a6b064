#include "spine/api/channel.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/detect_ssl.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>

namespace yagura::api {

namespace asio = boost::asio;
namespace beast = boost::beast;

namespace {
constexpr auto in_tuple = asio::as_tuple(asio::use_awaitable);
}

struct Channel::Inside {
    asio::ssl::stream<beast::tcp_stream> stream;
    beast::tcp_stream& tcp() { return stream.next_layer(); }
};

Channel::Channel(asio::ip::tcp::socket socket, asio::ssl::context& tls)
    : in_{new Inside{{beast::tcp_stream{std::move(socket)}, tls}}} {}
Channel::~Channel() = default;

asio::any_io_executor Channel::executor() const { return in_->tcp().get_executor(); }
void Channel::expires_after(std::chrono::seconds time) { in_->tcp().expires_after(time); }
void Channel::expires_never() { in_->tcp().expires_never(); }
void Channel::cancel() { in_->tcp().cancel(); }
void Channel::close() { in_->tcp().close(); }

Channel::Later<Channel::Start> Channel::shake_hands(std::string_view otherwise) {
    beast::flat_buffer first{4'096};
    auto [error, is_tls] = co_await beast::async_detect_ssl(in_->tcp(), first, in_tuple);
    if (error) co_return Start{Begun::failed, error};
    if (!is_tls) {
        (void)co_await asio::async_write(in_->tcp(), asio::buffer(otherwise), in_tuple);
        co_return Start{Begun::not_tls, {}};
    }
    auto [shaken, used] = co_await in_->stream.async_handshake(asio::ssl::stream_base::server, first.data(),
                                                               in_tuple);
    (void)used;
    co_return Start{shaken ? Begun::failed : Begun::ready, shaken};
}

Channel::Later<Channel::Moved> Channel::read_some(asio::mutable_buffer room) {
    auto [error, bytes] = co_await in_->stream.async_read_some(room, in_tuple);
    co_return Moved{error, bytes};
}

Channel::Later<Channel::Error> Channel::write(asio::const_buffer data) {
    auto [error, bytes] = co_await asio::async_write(in_->stream, data, in_tuple);
    (void)bytes;
    co_return error;
}

Channel::Later<void> Channel::shut_down() { (void)co_await in_->stream.async_shutdown(in_tuple); }

} // namespace yagura::api
