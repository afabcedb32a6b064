// Passwords and secrets: argon2id (RFC 9106, libsodium's form), what is too easy to guess, random tokens.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "spine/base/result.h"
#include "spine/model/account.h"

namespace yagura::api {

/// How much work one guess costs. Tests use less.
struct Effort {
    unsigned long long operations = 2;
    std::size_t memory = std::size_t{64} << 20;
};

/// "$argon2id$v=19$...", salted. Empty only when there is no memory.
std::string hashed(std::string_view password, Effort = {});
bool matches(const std::string& hash, std::string_view password);

/// Why this password is no good, or nothing. `name`: the account's.
std::optional<Complaint> too_easy(std::string_view password, std::string_view name);

/// A password that a person can type: 20 characters without look-alikes, 99 bits.
std::string first_password();
/// 256 random bits as base64url.
std::string new_secret();
model::SecretHash hash_of(std::string_view secret);
/// What X-CSRF-Token must be for a session with this secret; it tells nothing about the secret.
std::string csrf_of(std::string_view secret);
/// Takes the same time wherever they differ.
bool equal_in_constant_time(std::string_view, std::string_view) noexcept;

} // namespace yagura::api
