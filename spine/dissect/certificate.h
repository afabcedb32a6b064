// Who a certificate names: the few fields of X.509 that tell what a device is and who vouches for it.
//
// From RFC 5280 clauses 4.1 and 4.2.1.6 (Certificate, GeneralName), ITU-T X.690 (02/2021) clauses 8.1
// and 10.1 (definite lengths) and RFC 4519 (attribute types). TLS, OPC UA and RDP show certificates in the
// clear; nothing here verifies one.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "spine/base/bytes.h"
#include "spine/base/text_room.h"

namespace yagura::dissect {

/// Tag, length, value, one after the other, of DER or of BER with definite lengths. Ends with the bytes,
/// whatever the lengths claim. SNMP's messages are read by it, too.
class Elements {
public:
    struct Element {
        std::uint8_t tag = 0; ///< class and number in one byte: those of several bytes end the walk
        Bytes content{};
    };
    explicit Elements(Bytes bytes) noexcept : in_{bytes} {}

    std::optional<Element> next() noexcept;
    /// The next one, if it has that tag; otherwise nothing, and the walk has ended.
    std::optional<Bytes> next(std::uint8_t tag) noexcept;
    /// Passes over the next one if it has that tag.
    void skip(std::uint8_t tag) noexcept;
    /// False once something was longer than what is left, or not what was asked for.
    bool ok() const noexcept { return ok_; }
    bool at_end() const noexcept { return in_.remaining() == 0; }
    std::size_t position() const noexcept { return in_.position(); }

private:
    Reader in_;
    bool ok_ = true;
};

namespace der {
inline constexpr std::uint8_t boolean = 0x01, integer = 0x02, bit_string = 0x03, octet_string = 0x04,
                              null = 0x05, object_id = 0x06, utf8_string = 0x0c, printable_string = 0x13,
                              teletex_string = 0x14, ia5_string = 0x16, utc_time = 0x17,
                              generalized_time = 0x18, bmp_string = 0x1e, sequence = 0x30, set = 0x31;
} // namespace der

/// A value of a directory attribute: borrowed bytes and how they are written.
struct DirectoryText {
    std::uint8_t tag = 0;
    Bytes bytes{};
    bool empty() const noexcept { return bytes.empty(); }
};
using DirectoryRoom = TextRoom<192>;
/// As UTF-8: two-byte characters and Latin-1 are converted.
void add_text(DirectoryRoom&, const DirectoryText&) noexcept;

/// The last of each kind that a name has: relative names go from the root to the leaf.
struct DirectoryName {
    Bytes all{}; ///< the whole name, to compare
    DirectoryText common_name{}, organization{}, unit{};
};

struct Certificate {
    DirectoryName issuer{}, subject{};
    std::array<char, 10> until{};                 ///< "2031-05-01"; zeros if it cannot be read
    std::array<std::string_view, 4> host_names{}; ///< DNS names of subjectAltName, the first few; borrowed
    std::string_view application_uri{}; ///< the first URI of subjectAltName: an OPC UA application's name
    bool self_signed() const noexcept;
};

/// Nothing unless subject and issuer can be read; what follows them is read as far as it goes.
std::optional<Certificate> read_certificate(Bytes) noexcept;

using CertificateText = TextRoom<480>;
/// "CN=plc-7, O=Acme; issuer CN=Acme CA, O=Acme; until 2031-05-01", or "self-signed" for the issuer.
void describe(const Certificate&, CertificateText&) noexcept;

} // namespace yagura::dissect
