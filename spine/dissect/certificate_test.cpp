#include "spine/dissect/certificate.h"

#include <gtest/gtest.h>

#include "tests/support/hex.h"

using namespace yagura;
using namespace yagura::dissect;

namespace {

// Made with openssl req -x509: an elliptic key, C=JP O=Acme CN=plc-7, a DNS name and a URI.
constexpr std::string_view of_a_controller =
    "308201d53082017ba003020102021470fd060c64aefb8c23d7399f5ba4899c50d0cf16300a06082a8648ce3d040302302c310b30"
    "090603"
    "55040613024a50310d300b060355040a0c0441636d65310e300c06035504030c05706c632d37301e170d32363131323431323531"
    "31365a"
    "170d3237313132343132353131365a302c310b3009060355040613024a50310d300b060355040a0c0441636d65310e300c060355"
    "04030c"
    "05706c632d373059301306072a8648ce3d020106082a8648ce3d030107034200048218c775f3c3b30497e1f12320c05c7b0e9baa"
    "f54854"
    "8fff3d14405e1c4e55189a0c0b41a4e15927c51fd753401c2d72d82786e6d9b25cad95d7c0ee15bc0ef6a37b3079301d0603551d"
    "0e0416"
    "04143f70aa8ddbbf7fb638c8e8f9a30ae3319a92fc14301f0603551d230418301680143f70aa8ddbbf7fb638c8e8f9a30ae3319a"
    "92fc14"
    "300f0603551d130101ff040530030101ff30260603551d11041f301d820b706c632d372e6c6f63616c860e75726e3a61636d653a"
    "706c63"
    "2d37300a06082a8648ce3d0403020348003045022076dc5d0592835c907fff3d6c1f0fb8df7817f2251137808a306b241b837edd"
    "6f0221"
    "00afe98d737e7b0215a56da47aca889e0226607f9b60c4bdad43ec01168db31ab0";

TEST(Certificate, TellsWhomItNames) {
    const auto bytes = test::hex(of_a_controller);
    const auto read = read_certificate(bytes);
    ASSERT_TRUE(read);
    CertificateText text;
    describe(*read, text);
    EXPECT_EQ(text.view(), "CN=plc-7, O=Acme; self-signed; until 2027-11-24");
    EXPECT_EQ(read->host_names[0], "plc-7.local");
    EXPECT_EQ(read->application_uri, "urn:acme:plc-7");
    EXPECT_TRUE(read->self_signed());
}

TEST(Certificate, CutAnywhereTellsNothingOrLess) {
    const auto bytes = test::hex(of_a_controller);
    for (std::size_t length = 0; length < bytes.size(); ++length) {
        // Storage of exactly this size, so that the address sanitizer sees one byte too many.
        const std::vector<std::byte> cut{bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(length)};
        EXPECT_FALSE(read_certificate(cut)) << length;
    }
}

TEST(Certificate, EveryByteMayBeWrong) {
    const auto bytes = test::hex(of_a_controller);
    for (std::size_t at = 0; at < bytes.size(); ++at)
        for (const auto value : {0x00, 0x80, 0xff, 0x84}) {
            auto broken = bytes;
            broken[at] = static_cast<std::byte>(value);
            if (const auto read = read_certificate(broken)) {
                CertificateText text;
                describe(*read, text);
                EXPECT_LE(text.view().size(), 480u);
            }
        }
}

TEST(Certificate, WritesTextOfTwoBytesAsUtf8) {
    const auto bytes = test::hex("0041 00e9 65e5 d800");
    DirectoryRoom room;
    add_text(room, {der::bmp_string, bytes});
    EXPECT_EQ(room.view(), "A\xc3\xa9\xe6\x97\xa5");
}

TEST(Elements, EndWithTheBytes) {
    const auto bytes = test::hex("0201 05 0484ffffffff 00");
    Elements walk{bytes};
    EXPECT_EQ(walk.next()->tag, der::integer);
    EXPECT_FALSE(walk.next());
    EXPECT_FALSE(walk.ok());
}

} // namespace
