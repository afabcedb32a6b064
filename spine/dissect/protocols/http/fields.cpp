#include "spine/dissect/protocols/http/fields.h"

#include <algorithm>

#include "spine/base/text.h"

namespace yagura::dissect::http_family {
namespace {

constexpr std::size_t fields_most = 100;
constexpr std::uint64_t body_most = std::uint64_t{1} << 50; ///< longer ones are made up

bool has_words(std::string_view text, std::string_view words) noexcept {
    for (std::size_t at = 0; at + words.size() <= text.size(); ++at)
        if (same_words(text.substr(at, words.size()), words)) return true;
    return false;
}

/// What stands in quotes, or up to the next comma, behind `key`.
std::string_view parameter(std::string_view text, std::string_view key) noexcept {
    for (std::size_t at = 0; at + key.size() <= text.size(); ++at) {
        if (!same_words(text.substr(at, key.size()), key)) continue;
        if (at != 0 && text[at - 1] != ' ' && text[at - 1] != ',') continue;
        auto rest = text.substr(at + key.size());
        if (!rest.starts_with('"')) return trimmed(rest.substr(0, rest.find(',')));
        rest.remove_prefix(1);
        return rest.substr(0, rest.find('"'));
    }
    return {};
}

std::string_view without_port(std::string_view host) noexcept { return host.substr(0, host.find(':')); }

int sextet(char c) noexcept {
    if (c >= 'A' && c <= 'Z') return c - 'A';
    if (c >= 'a' && c <= 'z') return c - 'a' + 26;
    if (c >= '0' && c <= '9') return c - '0' + 52;
    if (c == '+') return 62;
    return c == '/' ? 63 : -1;
}

/// `use(byte)` for each byte, until it says no or something else than base64 comes (RFC 4648 clause 4).
template <class Use>
void each_byte_of_base64(std::string_view text, Use&& use) noexcept {
    unsigned bits = 0, held = 0;
    for (const char c : text) {
        const auto six = sextet(c);
        if (six < 0) return;
        held = (held << 6 | static_cast<unsigned>(six)) & 0xfff;
        bits += 6;
        if (bits < 8) continue;
        bits -= 8;
        if (!use(static_cast<std::byte>(held >> bits & 0xff))) return;
    }
}

/// Up to the colon that ends the name; nothing if there is none: a secret must not be taken for a name.
std::string_view name_in_base64(std::string_view text, std::array<char, 96>& room) noexcept {
    std::size_t used = 0;
    bool ended = false;
    each_byte_of_base64(text, [&](std::byte byte) {
        ended = byte == std::byte{':'};
        if (ended || used == room.size()) return false;
        room[used++] = std::to_integer<char>(byte);
        return true;
    });
    return ended ? std::string_view{room.data(), used} : std::string_view{};
}

} // namespace

std::string_view reason(std::uint32_t status) noexcept {
    switch (status) {
    case 400:
        return "bad request";
    case 401:
        return "unauthorized";
    case 403:
        return "forbidden";
    case 404:
        return "not found";
    case 405:
        return "method not allowed";
    case 407:
        return "proxy authentication required";
    case 408:
        return "request timeout";
    case 429:
        return "too many requests";
    case 500:
        return "internal server error";
    case 501:
        return "not implemented";
    case 502:
        return "bad gateway";
    case 503:
        return "service unavailable";
    case 504:
        return "gateway timeout";
    default:
        return {};
    }
}

Fields read_fields(std::string_view head) noexcept {
    Fields out;
    auto rest = head.substr(std::min(head.size(), head.find('\n')));
    for (std::size_t count = 0; count < fields_most && rest.size() > 1; ++count) {
        rest.remove_prefix(1); // the end of the line before
        const auto line = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(line.size());
        if (trimmed(line).empty()) break;
        const auto colon = line.find(':');
        if (colon == line.npos) {
            out.bad = true;
            continue;
        }
        const auto name = line.substr(0, colon), value = trimmed(line.substr(colon + 1));
        if (same_words(name, "host")) {
            out.host = without_port(value);
        } else if (same_words(name, "user-agent")) {
            out.agent = value;
        } else if (same_words(name, "server")) {
            out.server = value;
        } else if (same_words(name, "authorization")) {
            out.authorization = value;
        } else if (same_words(name, "www-authenticate")) {
            if (out.realm.empty()) out.realm = trimmed(parameter(value, "realm="));
            if (out.challenge.empty()) out.challenge = windows_token(value);
        } else if (same_words(name, "content-type")) {
            out.page = has_words(value, "text/html");
        } else if (same_words(name, "transfer-encoding")) {
            out.chunked = has_words(value, "chunked");
        } else if (same_words(name, "content-length")) {
            out.length = number<std::uint64_t>(value);
            if (!out.length || *out.length > body_most) {
                out.length.reset();
                out.bad = true;
            }
        }
    }
    return out;
}

LoginName read_login(std::string_view authorization, std::array<char, 96>& room) noexcept {
    const auto blank = authorization.find(' ');
    if (blank == authorization.npos) return {};
    const auto scheme = authorization.substr(0, blank);
    const auto rest = trimmed(authorization.substr(blank));
    if (same_words(scheme, "basic")) return {LoginBy::basic, name_in_base64(rest, room)};
    if (same_words(scheme, "digest")) return {LoginBy::digest, parameter(rest, "username=")};
    return {};
}

std::string_view windows_token(std::string_view value) noexcept {
    const auto blank = value.find(' ');
    if (blank == value.npos) return {};
    const auto scheme = value.substr(0, blank);
    if (!same_words(scheme, "ntlm") && !same_words(scheme, "negotiate")) return {};
    return trimmed(value.substr(blank));
}

Bytes from_base64(std::string_view text, std::span<std::byte> room) noexcept {
    std::size_t used = 0;
    each_byte_of_base64(text, [&](std::byte byte) {
        if (used == room.size()) return false;
        room[used++] = byte;
        return true;
    });
    return room.first(used);
}

Chunk::End Chunk::walk(Bytes here, std::uint64_t& over) noexcept {
    over = 0;
    for (std::size_t i = 0; i < here.size(); ++i) {
        const auto c = std::to_integer<char>(here[i]);
        switch (at_) {
        case At::length: {
            const auto low = small(c);
            const int digit = low >= '0' && low <= '9'   ? low - '0'
                              : low >= 'a' && low <= 'f' ? low - 'a' + 10
                                                         : -1;
            if (digit >= 0) {
                digits_ = true;
                size_ = size_ << 4 | static_cast<unsigned>(digit);
                if (size_ > body_most) return End::broken;
                break;
            }
            if (c != '\n') {
                if (!digits_ || (c != '\r' && c != ';' && c != ' ' && c != '\t')) return End::broken;
                at_ = c == '\r' ? At::length : At::extension;
                break;
            }
            [[fallthrough]];
        }
        case At::extension: {
            if (c != '\n') break;
            if (!digits_) return End::broken;
            if (size_ == 0) {
                at_ = At::trailer_begin;
                break;
            }
            const auto whole = size_ + 2; // with the line's end behind it
            const auto rest = here.size() - i - 1;
            *this = {};
            if (whole > rest) {
                over = whole - rest;
                return End::none;
            }
            i += static_cast<std::size_t>(whole);
            break;
        }
        case At::trailer_begin:
            if (c == '\n') return End::body;
            if (c != '\r') at_ = At::trailer;
            break;
        case At::trailer:
            if (c == '\n') at_ = At::trailer_begin;
            break;
        }
    }
    return End::none;
}

} // namespace yagura::dissect::http_family
