// The parts of an HTTP/1 message: methods, fields, chunks, and the name in a login.
//
// From RFC 9110 clauses 9, 15 and 11.6; RFC 9112 clauses 5 and 7.1; RFC 4648 clause 4 (base64).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "spine/dissect/tell.h"

namespace yagura::dissect::http_family {

struct Method {
    std::string_view name;
    std::uint8_t code; ///< HTTP has none: docs/protocols/http.md
    observe::Act act;
};
inline constexpr std::array methods{
    Method{"GET", 1, observe::Act::read},           Method{"HEAD", 2, observe::Act::read},
    Method{"POST", 3, observe::Act::write},         Method{"PUT", 4, observe::Act::file_write},
    Method{"DELETE", 5, observe::Act::file_delete}, Method{"OPTIONS", 6, observe::Act::browse},
    Method{"TRACE", 7, observe::Act::diagnose},     Method{"CONNECT", 8, observe::Act::connect},
    Method{"PATCH", 9, observe::Act::write},        Method{"PROPFIND", 10, observe::Act::browse},
    Method{"NOTIFY", 11, observe::Act::report},     Method{"SUBSCRIBE", 12, observe::Act::subscribe},
};
inline constexpr Method unknown_method{"answer", 0, observe::Act::unknown};

/// The method that a line begins with, a blank behind it.
constexpr const Method* method_of(std::string_view text) noexcept {
    for (const auto& method : methods)
        if (text.size() > method.name.size() && text.starts_with(method.name) &&
            text[method.name.size()] == ' ')
            return &method;
    return nullptr;
}
/// Could it become one with more bytes?
constexpr bool begins_method(std::string_view text) noexcept {
    for (const auto& method : methods)
        if (text.size() <= method.name.size() && method.name.starts_with(text)) return true;
    return false;
}

/// "HTTP/1.1 404 Not Found"
constexpr std::optional<std::uint16_t> status_of(std::string_view line) noexcept {
    if (!line.starts_with("HTTP/1.") || line.size() < 12 || line[8] != ' ') return std::nullopt;
    std::uint16_t status = 0;
    for (const char c : line.substr(9, 3)) {
        if (c < '0' || c > '9') return std::nullopt;
        status = static_cast<std::uint16_t>(status * 10 + (c - '0'));
    }
    return status >= 100 && status < 600 ? std::optional{status} : std::nullopt;
}
std::string_view reason(std::uint32_t status) noexcept;

/// Behind the empty line that ends a head; 0 if there is none yet.
constexpr std::size_t end_of_head(std::string_view text) noexcept {
    for (std::size_t at = 0; (at = text.find('\n', at)) != text.npos; ++at) {
        if (text.substr(at + 1).starts_with('\n')) return at + 2;
        if (text.substr(at + 1).starts_with("\r\n")) return at + 3;
    }
    return 0;
}

struct Fields {
    std::string_view host{}, agent{}, server{}, authorization{}, realm{};
    std::string_view challenge{}; ///< a server's own token, of NTLM or what wraps it
    std::optional<std::uint64_t> length{};
    bool chunked = false, page = false, bad = false;
};
/// Of a whole head, its start line in front.
Fields read_fields(std::string_view head) noexcept;

enum class LoginBy : std::uint8_t { nothing, basic, digest, ntlm };
constexpr std::string_view word(LoginBy by) noexcept {
    return by == LoginBy::digest ? "digest" : by == LoginBy::ntlm ? "ntlm" : "basic";
}
struct LoginName {
    LoginBy by = LoginBy::nothing;
    std::string_view user{};
};
/// The name alone: what stands behind it never leaves this function.
LoginName read_login(std::string_view authorization, std::array<char, 96>& room) noexcept;

/// What stands behind "NTLM" or "Negotiate", empty for other schemes ([MS-NTHT], RFC 4559).
std::string_view windows_token(std::string_view value) noexcept;
/// As much of it as there is room for, up to what is no base64.
Bytes from_base64(std::string_view text, std::span<std::byte> room) noexcept;

/// Where in a chunked body we are, a byte at a time over what is no data.
class Chunk {
public:
    enum class End : std::uint8_t { none, body, broken };
    /// Reads lengths; `over` is what has to be passed over behind `here`.
    End walk(Bytes here, std::uint64_t& over) noexcept;

private:
    enum class At : std::uint8_t { length, extension, trailer_begin, trailer } at_;
    bool digits_;
    std::uint64_t size_;
};

} // namespace yagura::dissect::http_family
