// Boost.Beast stays in this file: it costs 20 seconds of compiling.
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
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <ctime>
#include <functional>
#include <list>
#include <map>
#include <mutex>
#include <stop_token>
#include <thread>

namespace yagura::api {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using tcp = asio::ip::tcp;
using Stream = beast::ssl_stream<beast::tcp_stream>;

namespace {

constexpr auto in_tuple = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t piece_bytes = 64 * 1024;
constexpr std::size_t worth_compressing = 2'048;

std::string http_date() {
    std::array<char, 40> text{};
    const auto now = std::time(nullptr);
    std::tm parts{};
    gmtime_r(&now, &parts);
    const auto size = std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
    return {text.data(), size};
}

std::string_view view(beast::string_view text) { return {text.data(), text.size()}; }
beast::string_view view(std::string_view text) { return {text.data(), text.size()}; }

using Fields = http::fields;

bool accepts_gzip(const Fields& fields) {
    return view(fields[http::field::accept_encoding]).contains("gzip");
}

/// For every answer: what a browser must not do with it.
template <class Body>
void add_common(http::response<Body>& out) {
    out.set(http::field::date, http_date());
    out.set(http::field::strict_transport_security, "max-age=31536000");
    out.set("X-Content-Type-Options", "nosniff");
    out.set("Referrer-Policy", "no-referrer");
    out.set("X-Frame-Options", "DENY");
    out.set("Cross-Origin-Opener-Policy", "same-origin");
    out.set("Cross-Origin-Resource-Policy", "same-origin");
    out.set("Permissions-Policy", "camera=(), microphone=(), geolocation=(), usb=()");
}

http::response<http::string_body> from(Response&& response, bool head_only, bool gzip) {
    http::response<http::string_body> out{static_cast<http::status>(response.status), 11};
    add_common(out);
    out.set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
    out.set(http::field::cache_control, "no-store");
    for (auto& [name, value] : response.headers) out.set(view(name), value);
    if (response.status == 204) return out; // RFC 9110, 15.3.5: neither body nor length.
    out.set(http::field::content_type, view(response.type));
    out.set(http::field::vary, "Accept-Encoding");
    if (gzip && response.body.size() >= worth_compressing)
        if (auto small = gzipped(response.body, 4); !small.empty()) {
            out.set(http::field::content_encoding, "gzip");
            response.body = std::move(small);
        }
    out.content_length(response.body.size());
    if (!head_only) out.body() = std::move(response.body);
    return out;
}

http::response<http::string_body> from(const StaticFiles::File* file, const Fields& request, bool head_only) {
    if (!file)
        return from(
            problem(404, {.code = "api.no-path", .what = "there is nothing at this path", .next = "open /"}),
            head_only, false);
    http::response<http::string_body> out{http::status::ok, 11};
    add_common(out);
    const bool page = file->type.starts_with("text/html");
    const bool nonced = page && file->body.contains(nonce_place);
    const auto nonce = nonced ? new_secret() : std::string{};
    out.set("Content-Security-Policy",
            page ? page_policy(nonce) : std::string{"default-src 'none'; frame-ancestors 'none'"});
    out.set(http::field::content_type, view(file->type));
    out.set(http::field::cache_control, file->forever ? "public, max-age=31536000, immutable" : "no-cache");
    out.set(http::field::vary, "Accept-Encoding");
    if (!nonced) {
        out.set(http::field::etag, file->etag);
        if (view(request[http::field::if_none_match]).contains(file->etag)) {
            out.result(http::status::not_modified);
            return out;
        }
    }
    std::string body;
    if (nonced) {
        body = file->body;
        for (auto at = body.find(nonce_place); at != body.npos; at = body.find(nonce_place, at))
            body.replace(at, nonce_place.size(), nonce);
    } else if (!file->gzip.empty() && accepts_gzip(request)) {
        out.set(http::field::content_encoding, "gzip");
        body = file->gzip;
    } else {
        body = file->body;
    }
    out.content_length(body.size());
    if (!head_only) out.body() = std::move(body);
    return out;
}

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
          stream_{std::move(socket), tls},
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

    auto executor() { return stream_.get_executor(); }
    /// On the strand. An idle connection ends at once, one at work after its answer (run() asks stop_).
    void stop_if_idle() {
        if (idle_) beast::get_lowest_layer(stream_).cancel();
    }
    void cancel() { beast::get_lowest_layer(stream_).close(); }

private:
    void expires(unsigned seconds) {
        beast::get_lowest_layer(stream_).expires_after(std::chrono::seconds{seconds});
    }
    void note(const beast::error_code& error) {
        if (error == beast::error::timeout) ++counts_.timed_out;
    }

    asio::awaitable<bool> shake_hands() {
        expires(settings_.handshake);
        // A person who typed http:// deserves a sentence.
        beast::flat_buffer first{4'096};
        auto [error, is_tls] = co_await beast::async_detect_ssl(beast::get_lowest_layer(stream_), first,
                                                                in_tuple);
        if (error) {
            note(error);
            co_return false;
        }
        if (!is_tls) {
            ++counts_.malformed;
            static constexpr std::string_view words =
                "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nContent-Length: 52\r\nConnection: "
                "close\r\n\r\n"
                "This port speaks HTTPS: use https:// in the address\n";
            (void)co_await asio::async_write(beast::get_lowest_layer(stream_), asio::buffer(words), in_tuple);
            co_return false;
        }
        auto [shaken, used] = co_await stream_.async_handshake(asio::ssl::stream_base::server, first.data(),
                                                               in_tuple);
        (void)used;
        note(shaken);
        co_return !shaken;
    }

    /// The idle time is another one than the header's: who has sent a byte has to send the rest soon.
    asio::awaitable<bool> wait_for_request() {
        if (buffer_.size() != 0) co_return true;
        expires(settings_.idle);
        idle_ = true;
        auto [error, size] = co_await stream_.async_read_some(buffer_.prepare(4'096), in_tuple);
        idle_ = false;
        if (!error) buffer_.commit(size);
        co_return !error;
    }

    /// False: the connection ends.
    asio::awaitable<bool> one_request() {
        http::request_parser<http::empty_body> parser;
        parser.header_limit(static_cast<std::uint32_t>(settings_.header_bytes));
        parser.body_limit(boost::none); // Each kind of request has its own.
        expires(settings_.header);
        auto [error, size] = co_await http::async_read_header(stream_, buffer_, parser, in_tuple);
        (void)size;
        if (error) co_return co_await refuse_malformed(error);

        const auto& request = parser.get();
        auto head = head_of(request.base(), from_);
        head.length = parser.content_length().value_or(0);
        keep_ = request.keep_alive() && !stop_.stop_requested();
        const bool has_body = parser.chunked() || head.length != 0;
        const bool head_only = head.method == "HEAD";

        if (!head.target.starts_with("/api/")) {
            if (has_body) keep_ = false;
            co_return co_await answer_file(request.base(), head, head_only);
        }
        auto opened = co_await on_worker([&] { return service_.open(head); });
        if (!opened) co_return co_await answer_busy(has_body);
        if (opened->refusal)
            co_return co_await answer(*std::move(opened->refusal), request.base(), head_only, has_body);
        if (opened->operation->stream) co_return co_await upload(parser, head, *opened);
        co_return co_await with_body(parser, head, *opened, has_body);
    }

    asio::awaitable<bool> with_body(http::request_parser<http::empty_body>& begun, const Head& head,
                                    const Service::Opened& opened, bool has_body) {
        if (head.length > settings_.body_bytes)
            co_return co_await answer(too_large(settings_.body_bytes), begun.get().base(), false, true);
        const bool expect = has_body && beast::iequals(begun.get()[http::field::expect], "100-continue");
        http::request_parser<http::string_body> parser{std::move(begun)};
        parser.body_limit(settings_.body_bytes);
        if (has_body) {
            expires(settings_.body);
            if (expect && !co_await say_continue()) co_return false;
            auto [error, size] = co_await http::async_read(stream_, buffer_, parser, in_tuple);
            (void)size;
            if (error == http::error::body_limit)
                co_return co_await answer(too_large(settings_.body_bytes), parser.get().base(), false, true);
            if (error) co_return co_await refuse_malformed(error);
        }
        auto response = co_await on_worker(
            [&] { return service_.finish(head, opened, parser.get().body()); });
        if (!response) co_return co_await answer_busy(false);
        if (response->events) co_return co_await go_on_with_events(head, opened);
        co_return co_await answer(*std::move(response), parser.get().base(), opened.head_only, false);
    }

    asio::awaitable<bool> upload(http::request_parser<http::empty_body>& begun, const Head& head,
                                 const Service::Opened& opened) {
        auto stream = co_await on_worker([&] { return service_.stream(head, opened); });
        if (!stream) co_return co_await answer_busy(true);
        if (stream->refusal)
            co_return co_await answer(*std::move(stream->refusal), begun.get().base(), false, true);
        const bool expect = beast::iequals(begun.get()[http::field::expect], "100-continue");
        http::request_parser<http::buffer_body> parser{std::move(begun)};
        parser.body_limit(boost::none); // The sink's.
        if (expect && !co_await say_continue()) co_return false;
        std::string piece(piece_bytes, '\0');
        while (!parser.is_done()) {
            parser.get().body() = {.data = piece.data(), .size = piece.size(), .more = true};
            expires(settings_.piece);
            auto [error, size] = co_await http::async_read(stream_, buffer_, parser, in_tuple);
            (void)size;
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
                co_return co_await answer(*std::move(refusal), parser.get().base(), false, true);
            }
        }
        auto response = co_await on_worker([&] { return service_.finish_stream(head, opened, *stream); });
        if (!response) co_return co_await answer_busy(false);
        co_return co_await answer(*std::move(response), parser.get().base(), false, false);
    }

    asio::awaitable<bool> go_on_with_events(const Head& head, const Service::Opened& opened) {
        http::response<http::empty_body> out{http::status::ok, 11};
        add_common(out);
        out.set(http::field::content_type, "text/event-stream");
        out.set(http::field::cache_control, "no-store");
        out.keep_alive(false); // It ends with the connection: no length.
        http::response_serializer<http::empty_body> serializer{out};
        expires(settings_.write);
        auto [error, size] = co_await http::async_write_header(stream_, serializer, in_tuple);
        (void)size;
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
                auto [broken, written] = co_await asio::async_write(stream_, asio::buffer(text), in_tuple);
                (void)written;
                if (broken) {
                    note(broken);
                    co_return false;
                }
            }
            beast::get_lowest_layer(stream_).expires_never();
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
        auto [error, size] = co_await asio::async_write(stream_, asio::buffer(words), in_tuple);
        (void)size;
        co_return !error;
    }

    /// Runs on a worker; nothing, if too many wait already.
    template <class Work>
    asio::awaitable<std::optional<std::invoke_result_t<Work>>> on_worker(Work work) {
        using Answer = std::invoke_result_t<Work>;
        if (waiting_.fetch_add(1) >= settings_.waiting) {
            waiting_.fetch_sub(1);
            co_return std::optional<Answer>{};
        }
        const auto run = [](Work& what) -> asio::awaitable<Answer> { co_return what(); };
        std::optional<Answer> answer{co_await asio::co_spawn(pool_, run(work), asio::use_awaitable)};
        waiting_.fetch_sub(1);
        co_return answer;
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
        co_return co_await answer(std::move(response), Fields{}, false, unread);
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
        co_return co_await answer(std::move(response), Fields{}, false, true);
    }

    asio::awaitable<bool> answer_file(const Fields& request, const Head& head, bool head_only) {
        if (head.method != "GET" && !head_only) {
            auto refusal = problem(405, {.code = "api.no-method",
                                         .what = "this path has only GET, HEAD",
                                         .next = "the API is at /api/v1"});
            refusal.headers.emplace_back("Allow", "GET, HEAD");
            co_return co_await answer(std::move(refusal), request, false, !keep_);
        }
        const auto path = decoded(std::string_view{head.target}.substr(0, head.target.find('?')), false);
        co_return co_await write(from(path ? files_.find(*path) : nullptr, request, head_only), false,
                                 head_only);
    }

    /// `unread`: the client may still be sending a body that nobody wants.
    asio::awaitable<bool> answer(Response response, const Fields& request, bool head_only, bool unread) {
        const bool gzip = accepts_gzip(request) && response.body.size() >= worth_compressing;
        co_return co_await write(from(std::move(response), head_only, gzip), unread, head_only);
    }

    asio::awaitable<bool> write(http::response<http::string_body> out, bool unread, bool head_only) {
        const bool keep = keep_ && !unread && !stop_.stop_requested();
        out.keep_alive(keep);
        http::response_serializer<http::string_body> serializer{out};
        expires(settings_.write);
        beast::error_code error;
        if (head_only) {
            auto [failed, size] = co_await http::async_write_header(stream_, serializer, in_tuple);
            (void)size;
            error = failed;
        } else {
            auto [failed, size] = co_await http::async_write(stream_, serializer, in_tuple);
            (void)size;
            error = failed;
        }
        note(error);
        if (!error && unread) co_await linger();
        co_return keep && !error;
    }

    /// Closing while the client still sends would reset the connection, and our answer with it.
    asio::awaitable<void> linger() {
        std::string waste(16 * 1024, '\0');
        expires(2);
        for (std::size_t all = 0; all < (std::size_t{8} << 20);) {
            auto [error, size] = co_await stream_.async_read_some(asio::buffer(waste), in_tuple);
            if (error) break;
            all += size;
        }
    }

    asio::awaitable<void> shut_down() {
        expires(2);
        (void)co_await stream_.async_shutdown(in_tuple);
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
    Stream stream_;
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
                   [this, connection, entry, from](std::exception_ptr) {
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
