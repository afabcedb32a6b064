#include "spine/link/certificate.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <memory>

namespace yagura::link {
namespace {

template <auto Free>
struct Freed {
    template <class T>
    void operator()(T* one) const noexcept {
        Free(one);
    }
};
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Freed<X509_free>>;
using Memory = std::unique_ptr<BIO, Freed<BIO_free>>;
using Extension = std::unique_ptr<X509_EXTENSION, Freed<X509_EXTENSION_free>>;

constexpr long ten_years = 3'652L * 86'400L;

Complaint failed(std::string what, std::string where, std::string next) {
    return {.code = "link.certificate",
            .what = std::move(what),
            .where = std::move(where),
            .next = std::move(next)};
}

bool is_address(const std::string& name) {
    std::array<unsigned char, 16> room{};
    return inet_pton(AF_INET, name.c_str(), room.data()) == 1 ||
           inet_pton(AF_INET6, name.c_str(), room.data()) == 1;
}

bool add_extension(X509* certificate, int kind, const std::string& value) {
    X509V3_CTX context{};
    X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
    const Extension extension{X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str())};
    return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

Certificate signed_certificate(EVP_PKEY* key, const std::vector<std::string>& names) {
    Certificate certificate{X509_new()};
    std::array<unsigned char, 16> serial{};
    if (!certificate || RAND_bytes(serial.data(), serial.size()) != 1) return {};
    serial[0] &= 0x7f; // Positive (RFC 5280, 4.1.2.2).
    std::string alternative;
    for (const auto& name : names)
        alternative += cat(alternative.empty() ? "" : ",", is_address(name) ? "IP:" : "DNS:", name);
    auto* number = X509_get_serialNumber(certificate.get());
    const std::unique_ptr<BIGNUM, Freed<BN_free>> big{BN_bin2bn(serial.data(), serial.size(), nullptr)};
    auto* name = X509_get_subject_name(certificate.get());
    const auto common = reinterpret_cast<const unsigned char*>("Yagura");
    const bool made = big && BN_to_ASN1_INTEGER(big.get(), number) &&
                      X509_set_version(certificate.get(), 2) == 1 &&
                      // An hour back: the clocks of plant PCs are what they are.
                      X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -3'600) &&
                      X509_gmtime_adj(X509_getm_notAfter(certificate.get()), ten_years) &&
                      X509_set_pubkey(certificate.get(), key) == 1 &&
                      X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, common, -1, -1, 0) == 1 &&
                      X509_set_issuer_name(certificate.get(), name) == 1 &&
                      add_extension(certificate.get(), NID_basic_constraints, "critical,CA:FALSE") &&
                      add_extension(certificate.get(), NID_key_usage, "critical,digitalSignature") &&
                      add_extension(certificate.get(), NID_ext_key_usage, "serverAuth") &&
                      (alternative.empty() ||
                       add_extension(certificate.get(), NID_subject_alt_name, alternative)) &&
                      X509_sign(certificate.get(), key, EVP_sha256()) > 0;
    return made ? std::move(certificate) : Certificate{};
}

std::string text_of(BIO* memory) {
    char* data = nullptr;
    const auto size = BIO_get_mem_data(memory, &data);
    return {data, static_cast<std::size_t>(size)};
}

/// Whole or not at all, and on disk when it returns.
Result<void> write_file(const std::string& path, const std::string& text, mode_t mode) {
    const auto half = cat(path, ".new");
    const auto wrong = [&] {
        return std::unexpected{failed(cat("cannot write ", path), std::strerror(errno),
                                      "look at the folder's owner and free space")};
    };
    const int file = ::open(half.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode);
    if (file < 0) return wrong();
    const bool done = ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
                      ::fsync(file) == 0;
    ::close(file);
    if (!done || ::rename(half.c_str(), path.c_str()) != 0) return wrong();
    return {};
}

std::string fingerprint_of(X509* certificate) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    X509_digest(certificate, EVP_sha256(), digest.data(), &size);
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string out;
    for (unsigned i = 0; i < size; ++i)
        out += cat(out.empty() ? "" : ":", digits.substr(digest[i] >> 4, 1),
                   digits.substr(digest[i] & 15u, 1));
    return out;
}

} // namespace

Result<CertificateFiles> certificate_at(const std::string& certificate, const std::string& key) {
    const Memory certificate_file{BIO_new_file(certificate.c_str(), "r")},
        key_file{BIO_new_file(key.c_str(), "r")};
    if (!certificate_file)
        return std::unexpected{failed(cat("cannot read the certificate ", certificate), std::strerror(errno),
                                      "look at its path and owner")};
    if (!key_file)
        return std::unexpected{
            failed(cat("cannot read the key ", key), std::strerror(errno), "look at its path and owner")};
    const Certificate parsed{PEM_read_bio_X509(certificate_file.get(), nullptr, nullptr, nullptr)};
    const Key private_key{
        PEM_read_bio_PrivateKey(key_file.get(), nullptr, [](char*, int, int, void*) { return 0; }, nullptr)};
    if (!parsed)
        return std::unexpected{
            failed("the certificate is not PEM", certificate, "convert it with openssl x509 -outform PEM")};
    if (!private_key)
        return std::unexpected{failed("the key is not PEM, or it asks for a password", key,
                                      "convert it with openssl pkey, without a password")};
    if (X509_check_private_key(parsed.get(), private_key.get()) != 1)
        return std::unexpected{failed("certificate and key do not belong together",
                                      cat(certificate, ", ", key),
                                      "give the key that the certificate was made for")};
    std::tm until{};
    ASN1_TIME_to_tm(X509_get0_notAfter(parsed.get()), &until);
    return CertificateFiles{certificate, key, fingerprint_of(parsed.get()),
                            std::int64_t{::timegm(&until)} * 1'000'000'000};
}

Result<CertificateFiles> own_certificate(const std::string& directory,
                                         const std::vector<std::string>& names) {
    const auto certificate = cat(directory, "/server.pem"), key = cat(directory, "/server.key");
    std::error_code error;
    std::filesystem::create_directories(directory, error);
    if (error)
        return std::unexpected{failed(cat("cannot make the folder ", directory), error.message(),
                                      "look at the owner of the data folder")};
    std::filesystem::permissions(directory, std::filesystem::perms::owner_all, error);
    if (std::filesystem::exists(certificate) && std::filesystem::exists(key))
        return certificate_at(certificate, key);

    const Key made{EVP_EC_gen("P-256")};
    const auto self_signed = made ? signed_certificate(made.get(), names) : Certificate{};
    const Memory key_text{BIO_new(BIO_s_mem())}, certificate_text{BIO_new(BIO_s_mem())};
    if (!self_signed || !key_text || !certificate_text ||
        PEM_write_bio_PrivateKey(key_text.get(), made.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1 ||
        PEM_write_bio_X509(certificate_text.get(), self_signed.get()) != 1)
        return std::unexpected{failed("OpenSSL could not make a certificate", directory,
                                      "give one with center.certificate and center.key")};
    if (auto done = write_file(key, text_of(key_text.get()), 0600); !done)
        return std::unexpected{done.error()};
    if (auto done = write_file(certificate, text_of(certificate_text.get()), 0644); !done)
        return std::unexpected{done.error()};
    return certificate_at(certificate, key);
}

} // namespace yagura::link
