// Boost.Beast stays in this file, channel.cpp and messages.cpp: it takes long to compile.
#include "spine/api/server.h"

#include <openssl/ssl.h>

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http.hpp>
#include <functional>
#include <list>
#include <map>
#include <mutex>
#include <stop_token>
#include <thread>

#include "spine/api/channel.h"
#include "spine/api/messages.h"

namespace yagura::api {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using tcp = asio::ip::tcp;

namespace {

constexpr auto in_tuple = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t head_piece_bytes = 4 * 1024, piece_bytes = 64 * 1024;

std::string_view view(beast::string_view text) { return {text.data(), text.size()}; }

Head head_of(const http::request_header<>& request, const std::string& from) {
    const auto field = [&](auto name) { return std::string{view(request[name])}; };
    return {.method = std::string{view(request.method_string())},
            .target = std::string{view(request.target())},
            .from = from,
            .cookie = field(http::field::cookie),
            .authorization = field(http::field::authorization),
            .csrf = field("X-CSRF-Token"),
            .content_type = field(http::field::content_type),
            .origin = field(http::field::origin),
            .host = field(http::field::host),
            .last_event = field("Last-Event-ID")};
}

Wish wish_of(const http::request_header<>& request) {
    return {.head_only = request.method() == http::verb::head,
            .gzip = view(request[http::field::accept_encoding]).contains("gzip"),
            .none_match = std::string{view(request[http::field::if_none_match])}};
}

} // namespace

struct Server::Inside {
    Inside(ServerSettings given, Service& whose, const StaticFiles& console, EventHub& hub)
        : settings{std::move(given)},
          service{whose},
          files{console},
          events{hub},
          io{std::max<std::size_t>(settings.io_threads, 1)},
          pool{std::max<std::size_t>(settings.workers, 1)},
          acceptor{asio::make_strand(io)} {}

    ServerSettings settings;
    Service& service;
    const StaticFiles& files;
    EventHub& events;
    asio::ssl::context tls{asio::ssl::context::tls_server};
    asio::thread_pool io, pool;
    tcp::acceptor acceptor;
    Counts counts;
    std::stop_source stop;
    std::uint16_t port = 0;
    bool running = false;
    std::atomic<std::size_t> waiting{0};

    // Connections, so that stop() can reach them and one address cannot have them all.
    struct Entry {
        std::function<void()> cancel;
    };
    std::mutex mutex;
    std::list<Entry> entries;
    std::map<std::string, std::size_t> by_address;

    asio::awaitable<void> accept();
    void serve(tcp::socket socket);
};

namespace {

/// One connection: its requests one after the other, on one strand.
class Connection : public std::enable_shared_from_this<Connection> {
public:
    Connection(Server::Counts& counts, const ServerSettings& settings, Service& service,
               const StaticFiles& files, EventHub& events, asio::ssl::context& tls, asio::thread_pool& pool,
               std::atomic<std::size_t>& waiting, std::stop_token stop, tcp::socket socket, std::string from)
        : counts_{counts},
          settings_{settings},
          service_{service},
          files_{files},
          events_{events},
          pool_{pool},
          waiting_{waiting},
          stop_{std::move(stop)},
          from_{std::move(from)},
          channel_{std::move(socket), tls},
          buffer_{settings.header_bytes + piece_bytes} {}

    asio::awaitable<void> run() {
        // One await a statement: GCC 12 loses temporaries of larger expressions.
        bool more = co_await shake_hands();
        while (more && !stop_.stop_requested()) {
            more = co_await wait_for_request();
            if (more) more = co_await one_request();
        }
        co_await shut_down();
    }

    auto executor() { return channel_.executor(); }
    /// On the strand. An idle connection ends at once, one at work after its answer (run() asks stop_).
    void stop_if_idle() {
        if (idle_) channel_.cancel();
    }
    void cancel() { channel_.close(); }

private:
    void expires(unsigned seconds) { channel_.expires_after(std::chrono::seconds{seconds}); }
    void note(const beast::error_code& error) {
        if (error == beast::error::timeout) ++counts_.timed_out;
    }

    asio::awaitable<bool> shake_hands() {
        expires(settings_.handshake);
        // A person who typed http:// deserves a sentence.
        static constexpr std::string_view otherwise =
            "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nContent-Length: 52\r\nConnection: "
            "close\r\n\r\n"
            "This port speaks HTTPS: use https:// in the address\n";
        const auto start = co_await channel_.shake_hands(otherwise);
        if (start.begun == Channel::Begun::not_tls) ++counts_.malformed;
        note(start.error);
        co_return start.begun == Channel::Begun::ready;
    }

    /// The idle time is another one than the header's: who has sent a byte has to send the rest soon.
    asio::awaitable<bool> wait_for_request() {
        if (buffer_.size() != 0) co_return true;
        expires(settings_.idle);
        idle_ = true;
        const auto error = co_await read_more(head_piece_bytes);
        idle_ = false;
        co_return !error;
    }

    asio::awaitable<beast::error_code> read_more(std::size_t most) {
        const auto size = std::min(most, buffer_.max_size() - buffer_.size());
        if (size == 0) co_return http::make_error_code(http::error::buffer_overflow);
        const auto read = co_await channel_.read_some(buffer_.prepare(size));
        buffer_.commit(read.bytes);
        co_return read.error;
    }

    enum class Until { header, end };
    /// As http::async_read_header() and http::async_read() do, and with their errors; need_buffer, where the
    /// body's room is full.
    asio::awaitable<beast::error_code> parse(http::basic_parser<true>& parser, Until until) {
        parser.eager(until == Until::end);
        while (until == Until::header ? !parser.is_header_done() : !parser.is_done()) {
            beast::error_code error;
            if (buffer_.size() != 0) {
                buffer_.consume(parser.put(buffer_.data(), error));
                if (!error) continue;
                if (error != http::error::need_more) co_return error;
            }
            error = co_await read_more(until == Until::header ? head_piece_bytes : piece_bytes);
            if (error == asio::error::eof) {
                if (!parser.got_some()) co_return http::make_error_code(http::error::end_of_stream);
                error = {};
                parser.put_eof(error);
            }
            if (error) co_return error;
        }
        co_return beast::error_code{};
    }

    /// False: the connection ends.
    asio::awaitable<bool> one_request() {
        wish_ = {};
        http::request_parser<http::empty_body> parser;
        parser.header_limit(static_cast<std::uint32_t>(settings_.header_bytes));
        parser.body_limit(boost::none); // Each kind of request has its own.
        expires(settings_.header);
        const auto error = co_await parse(parser, Until::header);
        if (error) co_return co_await refuse_malformed(error);

        const auto& request = parser.get();
        auto head = head_of(request.base(), from_);
        head.length = parser.content_length().value_or(0);
        keep_ = request.keep_alive() && !stop_.stop_requested();
        const bool has_body = parser.chunked() || head.length != 0;
        wish_ = wish_of(request.base());

        if (!head.target.starts_with("/api/")) {
            if (has_body) keep_ = false;
            co_return co_await answer_file(head);
        }
        auto opened = co_await on_worker([&] { return service_.open(head); });
        if (!opened) co_return co_await answer_busy(has_body);
        if (opened->refusal) co_return co_await answer(*std::move(opened->refusal), has_body);
        if (opened->operation->stream) co_return co_await upload(parser, head, *opened);
        co_return co_await with_body(parser, head, *opened, has_body);
    }

    asio::awaitable<bool> with_body(http::request_parser<http::empty_body>& begun, const Head& head,
                                    const Service::Opened& opened, bool has_body) {
        if (head.length > settings_.body_bytes)
            co_return co_await answer(too_large(settings_.body_bytes), true);
        const bool expect = has_body && beast::iequals(begun.get()[http::field::expect], "100-continue");
        http::request_parser<http::string_body> parser{std::move(begun)};
        parser.body_limit(settings_.body_bytes);
        if (has_body) {
            expires(settings_.body);
            if (expect && !co_await say_continue()) co_return false;
            const auto error = co_await parse(parser, Until::end);
            if (error == http::error::body_limit)
                co_return co_await answer(too_large(settings_.body_bytes), true);
            if (error) co_return co_await refuse_malformed(error);
        }
        auto response = co_await on_worker(
            [&] { return service_.finish(head, opened, parser.get().body()); });
        if (!response) co_return co_await answer_busy(false);
        if (response->events) co_return co_await go_on_with_events(head, opened);
        co_return co_await answer(*std::move(response), false);
    }

    asio::awaitable<bool> upload(http::request_parser<http::empty_body>& begun, const Head& head,
                                 const Service::Opened& opened) {
        auto stream = co_await on_worker([&] { return service_.stream(head, opened); });
        if (!stream) co_return co_await answer_busy(true);
        if (stream->refusal) co_return co_await answer(*std::move(stream->refusal), true);
        const bool expect = beast::iequals(begun.get()[http::field::expect], "100-continue");
        http::request_parser<http::buffer_body> parser{std::move(begun)};
        parser.body_limit(boost::none); // The sink's.
        if (expect && !co_await say_continue()) co_return false;
        std::string piece(piece_bytes, '\0');
        while (!parser.is_done()) {
            parser.get().body() = {.data = piece.data(), .size = piece.size(), .more = true};
            expires(settings_.piece);
            const auto error = co_await parse(parser, Until::end);
            const auto got = piece.size() - parser.get().body().size;
            if (error && error != http::error::need_buffer) {
                note(error);
                (void)co_await on_worker([&] {
                    stream->sink.reset();
                    return service_.failed_stream(head, opened,
                                                  {.code = "api.upload-broken",
                                                   .what = "the upload ended early",
                                                   .next = "send the file again"});
                });
                co_return false;
            }
            if (got == 0) continue;
            auto kept = co_await on_worker(
                [&] { return stream->sink->write(std::as_bytes(std::span{piece.data(), got})); });
            // No worker was free: the client waits with us rather than sending it all again.
            while (!kept) {
                asio::steady_timer pause{executor(), std::chrono::milliseconds{50}};
                co_await pause.async_wait(asio::use_awaitable);
                kept = co_await on_worker(
                    [&] { return stream->sink->write(std::as_bytes(std::span{piece.data(), got})); });
            }
            if (!*kept) {
                auto refusal = co_await on_worker([&] {
                    stream->sink.reset();
                    return service_.failed_stream(head, opened, kept->error());
                });
                if (!refusal) co_return false;
                co_return co_await answer(*std::move(refusal), true);
            }
        }
        auto response = co_await on_worker([&] { return service_.finish_stream(head, opened, *stream); });
        if (!response) co_return co_await answer_busy(false);
        co_return co_await answer(*std::move(response), false);
    }

    asio::awaitable<bool> go_on_with_events(const Head& head, const Service::Opened& opened) {
        const auto start = events_header();
        expires(settings_.write);
        const auto error = co_await channel_.write(asio::buffer(start));
        if (error || opened.head_only) co_return false;
        const auto client = events_.join(opened.who->rights, head.last_event);
        unsigned silent = 0;
        for (unsigned tick = 0; client && !stop_.stop_requested(); ++tick) {
            if (tick % 15 == 14 && !co_await may_go_on(head)) break;
            auto text = client->take();
            if (text.empty() && ++silent == 15) text = ": still here\n\n";
            if (!text.empty()) {
                silent = 0;
                expires(settings_.write);
                const auto broken = co_await channel_.write(asio::buffer(text));
                if (broken) {
                    note(broken);
                    co_return false;
                }
            }
            channel_.expires_never();
            asio::steady_timer second{executor(), std::chrono::seconds{1}};
            (void)co_await second.async_wait(in_tuple);
        }
        co_return false;
    }

    asio::awaitable<bool> may_go_on(const Head& head) {
        auto who = co_await on_worker([&] { return service_.still(head); });
        co_return !who || who->has_value(); // No worker free: asked again in 15 s.
    }

    asio::awaitable<bool> say_continue() {
        static constexpr std::string_view words = "HTTP/1.1 100 Continue\r\n\r\n";
        const auto error = co_await channel_.write(asio::buffer(words));
        co_return !error;
    }

    /// Runs on a worker; nothing, if too many wait already.
    template <class Work>
    asio::awaitable<std::optional<std::invoke_result_t<Work>>> on_worker(Work work) {
        std::optional<std::invoke_result_t<Work>> answer;
        std::function<void()> job = [&] { answer.emplace(work()); };
        co_await run_on_worker(std::move(job));
        co_return answer;
    }
    asio::awaitable<void> run_on_worker(std::function<void()> job) {
        if (waiting_.fetch_add(1) >= settings_.waiting) {
            waiting_.fetch_sub(1);
            co_return;
        }
        const auto run = [](std::function<void()>& what) -> asio::awaitable<void> {
            what();
            co_return;
        };
        co_await asio::co_spawn(pool_, run(job), asio::use_awaitable);
        waiting_.fetch_sub(1);
    }

    static Response too_large(std::uint64_t most) {
        return problem(413, {.code = "api.too-large",
                             .what = cat("the body has more than ", most, " bytes"),
                             .next = "send less; captures go to POST /api/v1/captures"});
    }

    asio::awaitable<bool> answer_busy(bool unread) {
        ++counts_.busy;
        auto response = problem(503, {.code = "api.too-busy",
                                      .what = "too many requests wait already",
                                      .next = "try again in 2 seconds"});
        response.headers.emplace_back("Retry-After", "2");
        co_return co_await answer(std::move(response), unread);
    }

    asio::awaitable<bool> refuse_malformed(beast::error_code error) {
        note(error);
        if (error == http::error::end_of_stream ||
            error.category() != http::make_error_code(http::error::bad_method).category())
            co_return false;
        ++counts_.malformed;
        keep_ = false;
        const bool long_header = error == http::error::header_limit || error == http::error::buffer_overflow;
        auto response = long_header ? problem(431, {.code = "api.long-header",
                                                    .what = cat("the header has more than ",
                                                                settings_.header_bytes, " bytes"),
                                                    .next = "send fewer or shorter fields"})
                                    : problem(400, {.code = "api.bad-http",
                                                    .what = cat("this is no HTTP request: ", error.message()),
                                                    .next = "see RFC 9112"});
        co_return co_await answer(std::move(response), true);
    }

    asio::awaitable<bool> answer_file(const Head& head) {
        if (head.method != "GET" && !wish_.head_only) {
            auto refusal = problem(405, {.code = "api.no-method",
                                         .what = "this path has only GET, HEAD",
                                         .next = "the API is at /api/v1"});
            refusal.headers.emplace_back("Allow", "GET, HEAD");
            co_return co_await answer(std::move(refusal), !keep_);
        }
        const auto path = decoded(std::string_view{head.target}.substr(0, head.target.find('?')), false);
        const bool keep = goes_on(false);
        auto out = message(path ? files_.find(*path) : nullptr, wish_, keep);
        co_return co_await write(std::move(out), keep, false);
    }

    /// `unread`: the client may still be sending a body that nobody wants.
    asio::awaitable<bool> answer(Response response, bool unread) {
        const bool keep = goes_on(unread);
        auto out = message(std::move(response), wish_, keep);
        co_return co_await write(std::move(out), keep, unread);
    }

    bool goes_on(bool unread) const { return keep_ && !unread && !stop_.stop_requested(); }

    asio::awaitable<bool> write(HttpMessage out, bool keep, bool unread) {
        // In one write with its header, and so in one record.
        const bool small = out.body.size() <= piece_bytes;
        if (small) out.header += out.body;
        expires(settings_.write);
        auto error = co_await channel_.write(asio::buffer(out.header));
        if (!error && !small) error = co_await channel_.write(asio::buffer(out.body));
        note(error);
        if (!error && unread) co_await linger();
        co_return keep && !error;
    }

    /// Closing while the client still sends would reset the connection, and our answer with it.
    asio::awaitable<void> linger() {
        std::string waste(16 * 1024, '\0');
        expires(2);
        for (std::size_t all = 0; all < (std::size_t{8} << 20);) {
            const auto read = co_await channel_.read_some(asio::buffer(waste));
            if (read.error) break;
            all += read.bytes;
        }
    }

    asio::awaitable<void> shut_down() {
        expires(2);
        co_await channel_.shut_down();
    }

    Server::Counts& counts_;
    const ServerSettings& settings_;
    Service& service_;
    const StaticFiles& files_;
    EventHub& events_;
    asio::thread_pool& pool_;
    std::atomic<std::size_t>& waiting_;
    std::stop_token stop_;
    std::string from_;
    Channel channel_;
    Wish wish_; ///< of the request that is answered
    beast::flat_buffer buffer_;
    bool keep_ = true;
    bool idle_ = false;
};

} // namespace

namespace {
asio::awaitable<void> run_it(std::shared_ptr<Connection> connection) { co_await connection->run(); }
} // namespace

void Server::Inside::serve(tcp::socket socket) {
    beast::error_code error;
    const auto far = socket.remote_endpoint(error);
    if (error) return;
    auto address = far.address();
    if (address.is_v6() && address.to_v6().is_v4_mapped())
        address = asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
    auto from = address.to_string();
    socket.set_option(tcp::no_delay{true}, error);

    const std::lock_guard lock{mutex};
    auto& of_one = by_address[from];
    if (entries.size() >= settings.connections || of_one >= settings.connections_of_one) {
        ++counts.refused;
        if (of_one == 0) by_address.erase(from);
        return; // Closed by its destructor.
    }
    ++of_one;
    ++counts.accepted;
    counts.open = entries.size() + 1;
    const auto connection = std::make_shared<Connection>(counts, settings, service, files, events, tls, pool,
                                                         waiting, stop.get_token(), std::move(socket), from);
    const auto entry = entries.emplace(entries.end());
    entry->cancel = [weak = std::weak_ptr{connection}] {
        if (const auto alive = weak.lock()) asio::post(alive->executor(), [alive] { alive->stop_if_idle(); });
    };
    asio::co_spawn(connection->executor(), run_it(connection),
                   [this, connection, entry, from](const std::exception_ptr&) {
                       connection->cancel();
                       const std::lock_guard inner{mutex};
                       entries.erase(entry);
                       counts.open = entries.size();
                       if (--by_address[from] == 0) by_address.erase(from);
                   });
}

asio::awaitable<void> Server::Inside::accept() {
    for (;;) {
        auto [error, socket] = co_await acceptor.async_accept(asio::make_strand(io), in_tuple);
        if (error == asio::error::operation_aborted || stop.stop_requested()) co_return;
        if (error) { // Out of descriptors: wait rather than spin.
            ++counts.refused;
            asio::steady_timer pause{acceptor.get_executor(), std::chrono::milliseconds{100}};
            (void)co_await pause.async_wait(in_tuple);
            continue;
        }
        serve(std::move(socket));
    }
}

Server::Server(std::unique_ptr<Inside> in) : in_{std::move(in)} {}
Server::Server(Server&&) noexcept = default;
Server& Server::operator=(Server&&) noexcept = default;
Server::~Server() {
    if (in_) stop();
}

Result<Server> Server::open(ServerSettings settings, Service& service, const StaticFiles& files,
                            EventHub& events) {
    auto in = std::make_unique<Inside>(std::move(settings), service, files, events);
    const auto& given = in->settings;
    const auto where = cat(given.address, " port ", given.port);
    beast::error_code error;
    auto& tls = in->tls;
    tls.use_certificate_chain_file(given.certificate, error);
    if (!error) tls.use_private_key_file(given.key, asio::ssl::context::pem, error);
    if (error)
        return std::unexpected{Complaint{.code = "link.certificate",
                                         .what = cat("cannot use the certificate: ", error.message()),
                                         .where = given.certificate,
                                         .next = "look at center.certificate and center.key"}};
    auto* native = tls.native_handle();
    SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
    SSL_CTX_set_options(native,
                        SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
    // Forward secrecy and authenticated encryption only.
    SSL_CTX_set_cipher_list(native, "ECDHE+AESGCM:ECDHE+CHACHA20");
    SSL_CTX_set_session_cache_mode(native, SSL_SESS_CACHE_OFF);

    const auto address = asio::ip::make_address(given.address, error);
    const auto refused = [&](std::string_view what) {
        return std::unexpected{
            Complaint{.code = "api.cannot-listen",
                      .what = cat(what, ": ", error.message()),
                      .where = where,
                      .next = "look at center.listen, and whether another program has the port (ss -ltnp)"}};
    };
    if (error) return refused("this is no address to listen on");
    const tcp::endpoint endpoint{address, given.port};
    auto& acceptor = in->acceptor;
    acceptor.open(endpoint.protocol(), error);
    if (!error) acceptor.set_option(asio::socket_base::reuse_address{true}, error);
    if (!error && address.is_v6()) acceptor.set_option(asio::ip::v6_only{false}, error);
    if (!error) acceptor.bind(endpoint, error);
    if (!error) acceptor.listen(256, error);
    if (error) return refused("cannot listen");
    in->port = acceptor.local_endpoint(error).port();
    return Server{std::move(in)};
}

std::uint16_t Server::port() const noexcept { return in_->port; }
const Server::Counts& Server::counts() const noexcept { return in_->counts; }

void Server::start() {
    in_->running = true;
    asio::co_spawn(in_->acceptor.get_executor(), in_->accept(), asio::detached);
}

void Server::stop() {
    auto& in = *in_;
    if (!in.stop.request_stop()) return;
    asio::post(in.acceptor.get_executor(), [&in] {
        beast::error_code ignored;
        in.acceptor.close(ignored);
    });
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds{in.settings.stopping};
    for (;;) { // Idle ones end when they are told; the others after their answer.
        {
            const std::lock_guard lock{in.mutex};
            if (in.entries.empty()) break;
            for (const auto& entry : in.entries) entry.cancel();
        }
        if (std::chrono::steady_clock::now() > until) break;
        std::this_thread::sleep_for(std::chrono::milliseconds{20});
    }
    in.pool.join();
    in.io.stop();
    in.io.join();
}

} // namespace yagura::api
