// The server's own certificate (X.509, RFC 5280), made at the first start: TLS from the first second, before
// anybody has bought or signed anything.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "spine/base/result.h"

namespace yagura::link {

struct CertificateFiles {
    std::string certificate;  ///< PEM, with its chain
    std::string key;          ///< PEM, mode 0600
    std::string fingerprint;  ///< SHA-256 as people compare it: "AB:CD:..."
    std::int64_t expires = 0; ///< nanoseconds since 1970
};

/// DIRECTORY/server.pem and server.key, made if they are not there: P-256, ten years, for `names` (host
/// names and addresses). Ten, because a browser warns about a self-signed one anyway, and a console that
/// locks its people out on a fixed day does harm.
Result<CertificateFiles> own_certificate(const std::string& directory, const std::vector<std::string>& names);

/// Looks at files that somebody else made: readable, and belonging together.
Result<CertificateFiles> certificate_at(const std::string& certificate, const std::string& key);

} // namespace yagura::link
