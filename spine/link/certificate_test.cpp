#include "spine/link/certificate.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

using namespace yagura;

namespace {

struct Folder {
    Folder() {
        char path[] = "/tmp/yagura-certificate-XXXXXX";
        name = mkdtemp(path);
    }
    ~Folder() { std::filesystem::remove_all(name); }
    std::string name;
};

TEST(Certificate, IsMadeOnceAndStays) {
    const Folder folder;
    const auto first = link::own_certificate(folder.name + "/tls", {"localhost", "127.0.0.1", "::1"});
    ASSERT_TRUE(first) << first.error().text();
    EXPECT_EQ(first->fingerprint.size(), 95u);
    const auto second = link::own_certificate(folder.name + "/tls", {"other"});
    ASSERT_TRUE(second);
    EXPECT_EQ(second->fingerprint, first->fingerprint);
    struct stat is{};
    ASSERT_EQ(::stat(first->key.c_str(), &is), 0);
    EXPECT_EQ(is.st_mode & 0777u, 0600u);
}

TEST(Certificate, AnothersKeyIsNamed) {
    const Folder folder;
    const auto one = link::own_certificate(folder.name + "/a", {"localhost"});
    const auto two = link::own_certificate(folder.name + "/b", {"localhost"});
    ASSERT_TRUE(one && two);
    const auto mixed = link::certificate_at(one->certificate, two->key);
    ASSERT_FALSE(mixed);
    EXPECT_EQ(mixed.error().what, "certificate and key do not belong together");
    std::ofstream{folder.name + "/noise"} << "-----BEGIN CERTIFICATE-----\nnoise\n";
    EXPECT_EQ(link::certificate_at(folder.name + "/noise", one->key).error().what,
              "the certificate is not PEM");
    EXPECT_EQ(link::certificate_at(folder.name + "/none", one->key).error().next,
              "look at its path and owner");
}

} // namespace
