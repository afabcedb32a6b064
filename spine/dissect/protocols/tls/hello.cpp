#include "spine/dissect/protocols/tls/hello.h"

#include <algorithm>

#include "spine/base/sha256.h"

namespace yagura::dissect::tls {
namespace {

enum Extension : std::uint16_t {
    server_name = 0,
    signature_algorithms = 13,
    application_protocols = 16,
    supported_versions = 43,
};
/// Of one hello: real ones have some 20 to 60. What comes past them is counted, not hashed; nobody who means
/// to be recognised sends that many.
constexpr std::size_t numbers_most = 256;

/// Lists of two-byte numbers: calls `each` for those that are no GREASE.
template <class Each>
void for_each_number(Bytes list, Each&& each) noexcept {
    Reader in{list};
    while (in.remaining() >= 2)
        if (const auto value = in.u16(); !is_grease(value)) each(value);
}

template <class Each>
bool for_each_extension(Bytes extensions, Each&& each) noexcept {
    Reader in{extensions};
    while (in.remaining() > 0) {
        const auto type = in.u16();
        const auto content = in.take(in.u16());
        if (!in.ok()) return false;
        each(type, content);
    }
    return true;
}

/// RFC 6066 clause 3: a list with one host name.
std::string_view host_name(Bytes content) noexcept {
    Reader in{content};
    in.u16();
    const auto kind = in.u8();
    const auto name = in.take(in.u16());
    return in.ok() && kind == 0 ? as_text(name) : std::string_view{};
}

void read_extension(std::uint16_t type, Bytes content, bool of_client, Hello& out) noexcept {
    switch (type) {
    case server_name:
        out.names_server = true;
        out.server_name = host_name(content);
        break;
    case signature_algorithms:
        out.signatures = content.size() > 2 ? content.subspan(2) : Bytes{};
        break;
    case application_protocols:
        out.protocols = content.size() > 2 ? content.subspan(2) : Bytes{};
        break;
    case supported_versions:
        if (of_client && !content.empty())
            content = content.subspan(1); // A server names one, without a length.
        for_each_number(content, [&](std::uint16_t version) {
            // 0x7fxx were drafts of 1.3.
            if (version >> 8 == 0x7f) version = 0x0304;
            out.best = std::max(out.best, version);
        });
        break;
    default:
        break;
    }
}

/// Sorted, four digits each, with a comma between.
class Sorted {
public:
    void add(std::uint16_t value) noexcept {
        if (count_ < values_.size()) values_[count_++] = value;
    }
    bool empty() const noexcept { return count_ == 0; }
    void sort() noexcept {
        std::sort(values_.begin(), values_.begin() + static_cast<std::ptrdiff_t>(count_));
    }
    void hash(Sha256& out) const noexcept {
        for (std::size_t i = 0; i < count_; ++i) {
            const std::array two{static_cast<std::byte>(values_[i] >> 8),
                                 static_cast<std::byte>(values_[i] & 0xff)};
            TextRoom<8> text;
            if (i) text.add(',');
            text.hex(two);
            out.add(std::as_bytes(std::span{text.view()}));
        }
    }

private:
    std::array<std::uint16_t, numbers_most> values_; // Only what was added is read.
    std::size_t count_ = 0;
};

void add_digest(Sha256& hash, Fingerprint& out) noexcept { out.hex(Bytes{hash.finish()}.first(6)); }

void add_two_digits(std::size_t count, Fingerprint& out) noexcept {
    count = std::min<std::size_t>(count, 99);
    out.add(static_cast<char>('0' + count / 10)).add(static_cast<char>('0' + count % 10));
}

std::string_view short_version(std::uint16_t version) noexcept {
    switch (version) {
    case 0x0304:
        return "13";
    case 0x0303:
        return "12";
    case 0x0302:
        return "11";
    case 0x0301:
        return "10";
    case 0x0300:
        return "s3";
    case 0x0002:
        return "s2";
    default:
        return "00";
    }
}

/// First and last character of the first protocol; of its bytes as digits where either is neither letter nor
/// digit.
void add_first_protocol(Bytes list, Fingerprint& out) noexcept {
    Reader in{list};
    const auto first = in.take(in.u8());
    if (!in.ok() || first.empty()) {
        out.add("00");
        return;
    }
    const auto plain = [](std::byte byte) {
        const auto c = std::to_integer<char>(byte);
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    };
    if (plain(first.front()) && plain(first.back())) {
        out.add(std::to_integer<char>(first.front())).add(std::to_integer<char>(first.back()));
        return;
    }
    TextRoom<4> digits;
    digits.hex(first.first(1)).hex(first.last(1));
    out.add(digits.view().front()).add(digits.view().back());
}

} // namespace

std::optional<Hello> read_client_hello(Bytes body) noexcept {
    Reader in{body};
    Hello out{.version = in.u16()};
    in.take(32); // random
    in.take(in.u8());
    out.ciphers = in.take(in.u16());
    in.take(in.u8()); // compression
    if (!in.ok()) return std::nullopt;
    if (in.remaining() == 0) return out; // Before TLS 1.2 there need be none.
    out.extensions = in.take(in.u16());
    const auto read = [&](std::uint16_t type, Bytes content) { read_extension(type, content, true, out); };
    return in.ok() && for_each_extension(out.extensions, read) ? std::optional{out} : std::nullopt;
}

std::optional<Hello> read_server_hello(Bytes body) noexcept {
    Reader in{body};
    Hello out{.version = in.u16()};
    in.take(32);
    // Drafts 18 to 21 of TLS 1.3 had neither session nor compression there.
    const bool early_draft = out.version >> 8 == 0x7f;
    if (!early_draft) in.take(in.u8());
    out.cipher = in.u16();
    if (!early_draft) in.u8();
    if (!in.ok()) return std::nullopt;
    if (early_draft) out.version = 0x0304;
    if (in.remaining() == 0) return out;
    out.extensions = in.take(in.u16());
    const auto read = [&](std::uint16_t type, Bytes content) { read_extension(type, content, false, out); };
    return in.ok() && for_each_extension(out.extensions, read) ? std::optional{out} : std::nullopt;
}

std::string_view version_name(std::uint16_t version) noexcept {
    switch (version) {
    case 0x0304:
        return "TLS 1.3";
    case 0x0303:
        return "TLS 1.2";
    case 0x0302:
        return "TLS 1.1";
    case 0x0301:
        return "TLS 1.0";
    case 0x0300:
        return "SSL 3.0";
    default:
        return "unknown version";
    }
}

void write_ja4(const Hello& hello, Fingerprint& out) noexcept {
    constexpr std::string_view nothing = "000000000000";
    Sorted ciphers, extensions;
    std::size_t ciphers_count = 0, extensions_count = 0;
    for_each_number(hello.ciphers, [&](std::uint16_t cipher) {
        ++ciphers_count;
        ciphers.add(cipher);
    });
    (void)for_each_extension(hello.extensions, [&](std::uint16_t type, Bytes) {
        if (is_grease(type)) return;
        ++extensions_count;
        // They say where to and what for, not who asks.
        if (type != server_name && type != application_protocols) extensions.add(type);
    });
    out.add('t').add(short_version(hello.spoken())).add(hello.names_server ? 'd' : 'i');
    add_two_digits(ciphers_count, out);
    add_two_digits(extensions_count, out);
    add_first_protocol(hello.protocols, out);
    out.add('_');
    Sha256 hash;
    if (ciphers.empty()) {
        out.add(nothing);
    } else {
        ciphers.sort();
        ciphers.hash(hash);
        add_digest(hash, out);
    }
    out.add('_');
    if (extensions.empty()) {
        out.add(nothing);
        return;
    }
    hash = {};
    extensions.sort();
    extensions.hash(hash);
    if (!hello.signatures.empty()) {
        Sorted algorithms; // In the order in which they stand.
        for_each_number(hello.signatures, [&](std::uint16_t algorithm) { algorithms.add(algorithm); });
        hash.add(std::as_bytes(std::span{std::string_view{"_"}}));
        algorithms.hash(hash);
    }
    add_digest(hash, out);
}

void write_protocols(Bytes list, TextRoom<96>& out) noexcept {
    Reader in{list};
    while (in.remaining() > 0) {
        const auto one = in.take(in.u8());
        if (!in.ok()) return;
        if (!out.view().empty()) out.add(' ');
        out.add(as_text(one));
    }
}

} // namespace yagura::dissect::tls
