#include "spine/api/passwords.h"

#include <sodium.h>

#include <algorithm>
#include <array>

#include "spine/base/sha256.h"

namespace yagura::api {
namespace {

/// Once for the program; nothing of libsodium works before.
void ready() {
    static const bool is = sodium_init() >= 0;
    if (!is) std::abort(); // No source of randomness: nothing we could promise would hold.
}

std::string base64url(std::string_view bytes) {
    std::string out(sodium_base64_encoded_len(bytes.size(), sodium_base64_VARIANT_URLSAFE_NO_PADDING), '\0');
    sodium_bin2base64(out.data(), out.size(), reinterpret_cast<const unsigned char*>(bytes.data()),
                      bytes.size(), sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    out.pop_back(); // Its NUL.
    return out;
}

// What the long ones of the leaked lists are made of.
constexpr std::string_view common[]{
    "administrator", "password", "passwort", "passw",    "welcome",  "letmein",  "iloveyou", "monkey",
    "dragon",        "football", "baseball", "princess", "sunshine", "superman", "trustno",  "shadow",
    "master",        "secret",   "changeme", "default",  "factory",  "siemens",  "rockwell", "mitsubishi",
    "omron",         "yagura",   "sensor",   "plant",    "admin",    "user",     "login",    "hello",
    "test",          "guest",    "root",     "pass",     "sakura",   "nippon",   "tokyo",    "doraemon",
    "pokemon",       "naruto",   "qwertz",   "azerty",   "love"};
constexpr std::string_view rows[]{
    "abcdefghijklmnopqrstuvwxyz",  "01234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm"};

char plain(char c) {
    constexpr std::string_view from = "@4310$5!7", to = "aaeiossit";
    if (c >= 'A' && c <= 'Z') return static_cast<char>(c - 'A' + 'a');
    const auto at = from.find(c);
    return at == from.npos ? c : to[at];
}

/// Length of the run of neighbours on a row (either way) or of one character at the start of `text`.
std::size_t run(std::string_view text) {
    std::size_t longest = 1;
    while (longest < text.size() && text[longest] == text[0]) ++longest;
    for (const auto row : rows)
        for (const int step : {1, -1}) {
            auto at = static_cast<std::ptrdiff_t>(row.find(text[0]));
            std::size_t length = 0;
            while (at >= 0 && at < static_cast<std::ptrdiff_t>(row.size()) && length < text.size() &&
                   row[static_cast<std::size_t>(at)] == text[length]) {
                at += step;
                ++length;
            }
            longest = std::max(longest, length);
        }
    return longest;
}

/// Characters that somebody had to think of: common words, the account's name and runs count as one.
std::size_t thought(std::string_view password, std::string_view name) {
    std::string lower{password}, letters{password}, own{name};
    std::ranges::transform(lower, lower.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    std::ranges::transform(letters, letters.begin(), plain);
    std::ranges::transform(own, own.begin(), plain);
    std::size_t count = 0;
    for (std::size_t at = 0; at < letters.size(); ++count) {
        std::size_t taken = run(std::string_view{lower}.substr(at));
        if (taken < 3) taken = 1;
        const auto rest = std::string_view{letters}.substr(at);
        for (const auto word : common)
            if (rest.starts_with(word)) taken = std::max(taken, word.size());
        if (own.size() >= 3 && rest.starts_with(own)) taken = std::max(taken, own.size());
        // "abcabcabcabc": what only repeats the characters before it.
        for (std::size_t period = 1; period <= at && period <= 8; ++period) {
            std::size_t same = 0;
            while (at + same < letters.size() && letters[at + same] == letters[at + same - period]) ++same;
            if (same >= 2 * period) taken = std::max(taken, same);
        }
        at += taken;
    }
    return count;
}

} // namespace

std::string hashed(std::string_view password, Effort effort) {
    ready();
    std::array<char, crypto_pwhash_STRBYTES> out{};
    if (crypto_pwhash_str_alg(out.data(), password.data(), password.size(), effort.operations, effort.memory,
                              crypto_pwhash_ALG_ARGON2ID13) != 0)
        return {};
    return out.data();
}

bool matches(const std::string& hash, std::string_view password) {
    ready();
    return crypto_pwhash_str_verify(hash.c_str(), password.data(), password.size()) == 0;
}

std::optional<Complaint> too_easy(std::string_view password, std::string_view name) {
    if (password.size() < 12)
        return Complaint{
            .code = "api.password-too-easy",
            .what = "the password has fewer than 12 characters",
            .where = "body.new",
            .next = "use 12 or more; four words that have nothing to do with each other are fine"};
    if (thought(password, name) < 7)
        return Complaint{
            .code = "api.password-too-easy",
            .what = "the password is made of common words, a name, or characters in a row",
            .why = "programs that guess passwords try these first",
            .where = "body.new",
            .next =
                "use four words that have nothing to do with each other, or let a password manager make one"};
    return {};
}

std::string first_password() {
    ready();
    constexpr std::string_view letters = "abcdefghjkmnpqrstuvwxyz23456789"; // 31: 4.95 bits each.
    std::string out;
    for (int i = 0; i < 20; ++i) {
        if (i && i % 5 == 0) out += '-';
        out += letters[randombytes_uniform(static_cast<std::uint32_t>(letters.size()))];
    }
    return out;
}

std::string new_secret() {
    ready();
    std::array<char, 32> bytes{};
    randombytes_buf(bytes.data(), bytes.size());
    return base64url({bytes.data(), bytes.size()});
}

model::SecretHash hash_of(std::string_view secret) {
    return Sha256{}.add(std::as_bytes(std::span{secret})).finish();
}

std::string csrf_of(std::string_view secret) {
    const auto digest = hash_of(cat("csrf:", secret));
    return base64url({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

bool equal_in_constant_time(std::string_view a, std::string_view b) noexcept {
    return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

} // namespace yagura::api
