#include "spine/base/md5.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "spine/base/hex.h"

using namespace yagura;

namespace {

// RFC 1321, A.5, and a length around which padding takes another block.
TEST(Md5, IsWhatTheRfcSays) {
    const auto of = [](std::string_view text) { return to_hex(Md5{}.add(text).finish()); };
    EXPECT_EQ(of(""), "d41d8cd98f00b204e9800998ecf8427e");
    EXPECT_EQ(of("a"), "0cc175b9c0f1b6a831c399e269772661");
    EXPECT_EQ(of("abc"), "900150983cd24fb0d6963f7d28e17f72");
    EXPECT_EQ(of("message digest"), "f96b697d7cb7938d525a2f31aaf161d0");
    EXPECT_EQ(of("abcdefghijklmnopqrstuvwxyz"), "c3fcd3d76192e4007dfb496cca67e13b");
    EXPECT_EQ(of("12345678901234567890123456789012345678901234567890123456789012345678901234567890"),
              "57edf4a22be3c955ac49da2e2107b67a");
}

TEST(Md5, DoesNotDependOnThePieces) {
    const std::string text(1000, 'x');
    const auto whole = Md5{}.add(text).finish();
    Md5 pieces;
    for (std::size_t at = 0; at < text.size(); at += 7) pieces.add(std::string_view{text}.substr(at, 7));
    EXPECT_EQ(pieces.finish(), whole);
}

} // namespace
