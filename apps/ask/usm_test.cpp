// SNMP version 3 against the examples of its RFCs, and against whatever else may come.
#include <gtest/gtest.h>

#include "apps/ask/crypto.h"
#include "see/ask/ber.h"
#include "spine/base/hex.h"
#include "spine/base/text.h"

namespace yagura::ask {
namespace {

using namespace see::ask;
using namespace std::chrono_literals;
using Was = Usm::Opened::Was;

Bytes octets(std::string_view text) { return std::as_bytes(std::span{text}); }
std::vector<std::byte> bytes(std::string_view hex) {
    std::vector<std::byte> out;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
        out.push_back(static_cast<std::byte>(std::stoi(std::string{hex.substr(i, 2)}, nullptr, 16)));
    return out;
}

struct Version3 : testing::Test {
    std::unique_ptr<OpenSsl> crypto = OpenSsl::open().value();
    SnmpUser user{"yagura", Auth::sha256, "maplesyrup", Privacy::aes128, "second syrup"};
};

TEST_F(Version3, MakesKeysAsRfc3414DoesInItsExample) {
    const auto engine = bytes("000000000000000000000002");
    EXPECT_EQ(to_hex(localized(*crypto, Auth::sha1, "maplesyrup", engine)),
              "6695febc9288e36282235fc7151f128497b38f3f");
}
TEST_F(Version3, SignsAsRfc4231DoesInItsExamples) {
    EXPECT_EQ(to_hex(hmac(*crypto, Auth::sha256, octets("Jefe"), octets("what do ya want for nothing?"))),
              "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    // A key longer than a block (its example 6).
    EXPECT_EQ(to_hex(hmac(*crypto, Auth::sha512, std::vector(131, std::byte{0xaa}),
                          octets("Test Using Larger Than Block-Size Key - Hash Key First"))),
              "80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f3526b56d037e05f2598bd0fd2215d6a1e"
              "5295e64f73"
              "f63f0aec8b915a985d786598");
}
TEST_F(Version3, EncryptsAsNistDoesInItsExample) { // SP 800-38A, F.3.13
    auto text = bytes("6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51");
    const auto key = bytes("2b7e151628aed2a6abf7158809cf4f3c"),
               iv = bytes("000102030405060708090a0b0c0d0e0f");
    ASSERT_TRUE(crypto->cfb128(true, key, iv, text));
    EXPECT_EQ(to_hex(text), "3b3fd92eb72dad20333449f8e83cfb4ac8a64537a0b3a93fcde3cdad9f1ce58b");
    ASSERT_TRUE(crypto->cfb128(false, key, iv, text));
    EXPECT_EQ(to_hex(text).substr(0, 8), "6bc1bee2");
    EXPECT_FALSE(crypto->cfb128(true, Bytes{key}.first(15), iv, text));
}

TEST_F(Version3, WhatIsTornIsNoAnswerAndReadsNothingBeyondItsEnd) {
    Usm usm{user, *crypto};
    const auto discovery = usm.discovery();
    // Our own words, told back by somebody: no report is in them.
    EXPECT_EQ(usm.open(discovery, 0s).was, Was::broken);
    EXPECT_TRUE(usm.seal(discovery, 0s).empty());
    for (std::size_t size = 0; size < discovery.size(); ++size) {
        const std::vector<std::byte> piece(discovery.begin(),
                                           discovery.begin() + static_cast<std::ptrdiff_t>(size));
        EXPECT_NE(usm.open(piece, 0s).was, Was::again) << size;
        auto copy = piece;
        Usm::blank(copy);
    }
}

TEST_F(Version3, SecretsAreNeverTold) {
    const auto what = [](std::string_view text) {
        const auto read = parse_credentials(text, "credentials.toml");
        EXPECT_FALSE(read) << text;
        return read ? std::string{} : read.error().text();
    };
    constexpr std::string_view good = "[[credential]]\nname = \"a\"\nuser = \"u\"\nauth = \"sha256\"\n"
                                      "auth-password = \"long secret\"\nprivacy = \"aes128\"\n"
                                      "privacy-password = \"other secret\"\n";
    const auto read = parse_credentials(cat(good, "[[credential]]\nname = \"b\"\ncommunity = \"minamo\"\n"),
                                        "x");
    ASSERT_TRUE(read) << read.error().text();
    EXPECT_EQ(find(*read, "a")->user->auth, Auth::sha256);
    EXPECT_EQ(find(*read, "b")->community, "minamo");
    EXPECT_EQ(find(*read, "c"), nullptr);
    for (const auto& text :
         {cat(good, "community = \"minamo secret\"\n"), cat(good, good),
          cat(good, "auth-password = \"no secret\"\n"),
          std::string{"[[credential]]\nname = \"a\"\nuser = \"u\"\nauth-password = \"secret\"\n"},
          std::string{"[[credential]]\nname = \"a\"\nuser = \"u\"\nauth = \"secret md5\"\nauth-password = "
                      "\"12345678\"\n"},
          std::string{"[[credential]]\nname = \"a\"\ncommunity = \"secret\n"}, std::string{"secret = 3\n"},
          std::string{"[[credential]]\nsecret\n"}})
        EXPECT_FALSE(what(text).contains("secret")) << what(text);
}

} // namespace
} // namespace yagura::ask
