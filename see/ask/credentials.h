// What SNMP needs to be answered, by the names that plans use: communities of version 2c, users of version 3.
// The file is yagura-ask's alone; nothing of it is ever told, logged or shown.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "spine/base/result.h"

namespace yagura::see::ask {

enum class Auth : std::uint8_t { sha1, sha224, sha256, sha384, sha512 }; ///< RFC 3414, RFC 7860
enum class Privacy : std::uint8_t { none, aes128 };                      ///< RFC 3826

struct SnmpUser {
    std::string name;
    Auth auth{};
    std::string auth_password;
    Privacy privacy{};
    std::string privacy_password;
};
struct Credential {
    std::string name;
    std::string community; ///< version 2c; empty where there is a user
    std::optional<SnmpUser> user{};
};
using Credentials = std::vector<Credential>;
inline constexpr std::size_t credentials_most = 256;

/// The whole file (TOML). A complaint names line and column, and never what stands there.
Result<Credentials> parse_credentials(std::string_view toml, std::string_view path);
const Credential* find(const Credentials&, std::string_view name) noexcept;

} // namespace yagura::see::ask
