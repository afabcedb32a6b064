#include "apps/ask/crypto.h"

#include <array>
#include <random>

#include <openssl/crypto.h>
#include <openssl/evp.h>

namespace yagura::ask {

struct OpenSsl::Inside {
    ~Inside() {
        for (auto* one : hashes) EVP_MD_free(one);
        EVP_CIPHER_free(cipher);
        EVP_MD_CTX_free(hash);
        EVP_CIPHER_CTX_free(text);
    }
    std::array<EVP_MD*, 5> hashes{};
    EVP_CIPHER* cipher = nullptr;
    EVP_MD_CTX* hash = nullptr;
    EVP_CIPHER_CTX* text = nullptr;
};

OpenSsl::OpenSsl(std::unique_ptr<Inside> in) : in_{std::move(in)} {}
OpenSsl::~OpenSsl() = default;

Result<std::unique_ptr<OpenSsl>> OpenSsl::open() {
    auto in = std::make_unique<Inside>();
    // No settings of the box: an engine of somebody's has no place in here.
    OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, nullptr);
    constexpr const char* names[]{"SHA1", "SHA224", "SHA256", "SHA384", "SHA512"};
    bool whole = true;
    for (std::size_t i = 0; i < in->hashes.size(); ++i) {
        in->hashes[i] = EVP_MD_fetch(nullptr, names[i], nullptr);
        whole = whole && in->hashes[i];
    }
    in->cipher = EVP_CIPHER_fetch(nullptr, "AES-128-CFB", nullptr);
    in->hash = EVP_MD_CTX_new();
    in->text = EVP_CIPHER_CTX_new();
    if (!whole || !in->cipher || !in->hash || !in->text)
        return std::unexpected{Complaint{.code = "ask.no-crypto",
                                         .what = "OpenSSL lacks what SNMP version 3 needs",
                                         .next = "install Debian's libssl3 anew"}};
    std::unique_ptr<OpenSsl> out{new OpenSsl{std::move(in)}};
    // Everything is used once while files may still be read.
    std::array<std::byte, 16> some{};
    for (int i = 0; i < 5; ++i) (void)out->digest(static_cast<see::ask::Auth>(i), some);
    auto text = some;
    (void)out->cfb128(true, some, some, text);
    out->random(some);
    return out;
}

std::vector<std::byte> OpenSsl::digest(see::ask::Auth auth, Bytes bytes) {
    std::vector<std::byte> out(EVP_MAX_MD_SIZE);
    unsigned size = 0;
    const bool done = EVP_DigestInit_ex2(in_->hash, in_->hashes[static_cast<std::size_t>(auth)], nullptr) ==
                          1 &&
                      EVP_DigestUpdate(in_->hash, bytes.data(), bytes.size()) == 1 &&
                      EVP_DigestFinal_ex(in_->hash, reinterpret_cast<unsigned char*>(out.data()), &size) == 1;
    // Without memory: what is made with a key of chance fits nobody's.
    if (!done) {
        size = 64;
        random(out);
    }
    out.resize(size);
    return out;
}

bool OpenSsl::cfb128(bool encrypt, Bytes key, Bytes iv, std::span<std::byte> text) {
    if (key.size() != 16 || iv.size() != 16) return false;
    const auto octets = [](auto* bytes) { return reinterpret_cast<const unsigned char*>(bytes); };
    auto* const place = reinterpret_cast<unsigned char*>(text.data());
    int size = 0, last = 0;
    return EVP_CipherInit_ex2(in_->text, in_->cipher, octets(key.data()), octets(iv.data()), encrypt ? 1 : 0,
                              nullptr) == 1 &&
           EVP_CipherUpdate(in_->text, place, &size, place, static_cast<int>(text.size())) == 1 &&
           EVP_CipherFinal_ex(in_->text, place + size, &last) == 1 &&
           size + last == static_cast<int>(text.size());
}

void OpenSsl::random(std::span<std::byte> into) {
    std::random_device draw;
    for (auto& octet : into) octet = static_cast<std::byte>(draw());
}

} // namespace yagura::ask
