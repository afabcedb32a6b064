#include "spine/api/messages.h"

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/serializer.hpp>
#include <boost/beast/http/string_body.hpp>
#include <ctime>

#include "spine/api/passwords.h"

namespace yagura::api {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;

namespace {

constexpr std::size_t worth_compressing = 2'048;

std::string http_date() {
    std::array<char, 40> text{};
    const auto now = std::time(nullptr);
    std::tm parts{};
    gmtime_r(&now, &parts);
    const auto size = std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
    return {text.data(), size};
}

beast::string_view view(std::string_view text) { return {text.data(), text.size()}; }

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

http::response<http::string_body> from(Response&& response, const Wish& wish) {
    http::response<http::string_body> out{static_cast<http::status>(response.status), 11};
    add_common(out);
    out.set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
    out.set(http::field::cache_control, "no-store");
    for (auto& [name, value] : response.headers) out.set(view(name), value);
    if (response.status == 204) return out; // RFC 9110, 15.3.5: neither body nor length.
    out.set(http::field::content_type, view(response.type));
    out.set(http::field::vary, "Accept-Encoding");
    if (wish.gzip && response.body.size() >= worth_compressing)
        if (auto small = gzipped(response.body, 4); !small.empty()) {
            out.set(http::field::content_encoding, "gzip");
            response.body = std::move(small);
        }
    out.content_length(response.body.size());
    if (!wish.head_only) out.body() = std::move(response.body);
    return out;
}

http::response<http::string_body> from(const StaticFiles::File* file, const Wish& wish) {
    if (!file)
        return from(
            problem(404, {.code = "api.no-path", .what = "there is nothing at this path", .next = "open /"}),
            {.head_only = wish.head_only});
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
        if (std::string_view{wish.none_match}.contains(file->etag)) {
            out.result(http::status::not_modified);
            return out;
        }
    }
    std::string body;
    if (nonced) {
        body = file->body;
        for (auto at = body.find(nonce_place); at != body.npos; at = body.find(nonce_place, at))
            body.replace(at, nonce_place.size(), nonce);
    } else if (!file->gzip.empty() && wish.gzip) {
        out.set(http::field::content_encoding, "gzip");
        body = file->gzip;
    } else {
        body = file->body;
    }
    out.content_length(body.size());
    if (!wish.head_only) out.body() = std::move(body);
    return out;
}

/// From the status line to the empty line.
template <class Body>
std::string header_text(http::response<Body>& response) {
    std::string out;
    http::response_serializer<Body> serializer{response};
    serializer.split(true);
    beast::error_code error; // A header has none.
    serializer.next(error, [&](beast::error_code&, const auto& buffers) {
        for (auto one = asio::buffer_sequence_begin(buffers); one != asio::buffer_sequence_end(buffers);
             ++one) {
            const asio::const_buffer piece = *one;
            out.append(static_cast<const char*>(piece.data()), piece.size());
        }
    });
    return out;
}

HttpMessage message_of(http::response<http::string_body>&& response, bool keep) {
    response.keep_alive(keep);
    HttpMessage out{.header = header_text(response), .body = {}};
    out.body = std::move(response.body());
    return out;
}

} // namespace

HttpMessage message(Response&& response, const Wish& wish, bool keep) {
    return message_of(from(std::move(response), wish), keep);
}

HttpMessage message(const StaticFiles::File* file, const Wish& wish, bool keep) {
    return message_of(from(file, wish), keep);
}

std::string events_header() {
    http::response<http::empty_body> out{http::status::ok, 11};
    add_common(out);
    out.set(http::field::content_type, "text/event-stream");
    out.set(http::field::cache_control, "no-store");
    out.keep_alive(false);
    return header_text(out);
}

} // namespace yagura::api
