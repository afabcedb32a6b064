// ClientHello and ServerHello as they stand, and the fingerprint of who says the former.
//
// From RFC 5246 clause 7.4.1, RFC 8446 clauses 4.1.2, 4.1.3 and 4.2, RFC 6066 clause 3 (server name), RFC
// 7301 (ALPN), RFC 8701 (GREASE), and the public description of JA4 ("JA4: TLS client fingerprinting", the
// part that is for everybody's use).
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "spine/base/bytes.h"
#include "spine/base/text_room.h"

namespace yagura::dissect::tls {

struct Hello {
    std::uint16_t version = 0;     ///< that stands in the message
    std::uint16_t best = 0;        ///< the highest of supported_versions, if there is one
    std::uint16_t cipher = 0;      ///< the one that a server chose
    Bytes ciphers{}, extensions{}; ///< of a client
    Bytes signatures{};            ///< signature_algorithms, two bytes each
    Bytes protocols{};             ///< ALPN: strings with a length in front
    std::string_view server_name{};
    bool names_server = false; ///< there is a server_name, whatever is in it
    std::uint16_t spoken() const noexcept { return best ? best : version; }
};

/// Nothing unless all of it is there.
std::optional<Hello> read_client_hello(Bytes body) noexcept;
std::optional<Hello> read_server_hello(Bytes body) noexcept;

/// Values that mean nothing, sent so that nobody trips over unknown ones.
constexpr bool is_grease(std::uint16_t value) noexcept {
    return (value & 0x0f0f) == 0x0a0a && value >> 8 == (value & 0xff);
}

std::string_view version_name(std::uint16_t) noexcept;

/// "t13d1516h2_8daaf6152771_e5627efa2ab1", over TCP.
using Fingerprint = TextRoom<40>;
void write_ja4(const Hello&, Fingerprint&) noexcept;

/// The ALPN list with a comma between, as far as it fits.
void write_protocols(Bytes list, TextRoom<96>&) noexcept;

} // namespace yagura::dissect::tls
