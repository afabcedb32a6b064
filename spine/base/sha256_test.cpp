#include "spine/base/sha256.h"

#include <gtest/gtest.h>

#include <random>
#include <span>
#include <string>

namespace yagura {
namespace {

std::string sha256(std::string_view text, std::size_t step) {
    Sha256 hash;
    for (std::size_t at = 0; at < text.size(); at += step)
        hash.add(std::as_bytes(std::span{text.substr(at, step)}));
    std::string out;
    for (const auto byte : hash.finish()) {
        constexpr std::string_view digits = "0123456789abcdef";
        out += digits[std::to_integer<unsigned>(byte) >> 4];
        out += digits[std::to_integer<unsigned>(byte) & 15u];
    }
    return out;
}

TEST(Sha256, GivesTheStandardsExamplesInPiecesOfAnySize) {
    for (const std::size_t step : {1u, 3u, 63u, 64u, 65u, 1000u}) {
        EXPECT_EQ(sha256("", step), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        EXPECT_EQ(sha256("abc", step), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        EXPECT_EQ(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", step),
                  "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
        EXPECT_EQ(sha256(std::string(100'000, 'a'), step), sha256(std::string(100'000, 'a'), 7));
    }
}

TEST(Sha256, TheProcessorsInstructionsGiveWhatTheLanguageGives) {
    const auto fast = detail::sha256_instructions();
    if (!fast) GTEST_SKIP() << "SKIPPED: this processor has no SHA extensions";
    std::mt19937 random{5};
    detail::Sha256State one{}, other{};
    for (int i = 0; i < 1'000; ++i) {
        std::array<std::byte, 64> block;
        for (auto& byte : block) byte = static_cast<std::byte>(random());
        for (auto& word : one) word = static_cast<std::uint32_t>(random());
        other = one;
        detail::sha256_block(one, block.data());
        fast(other, block.data());
        ASSERT_EQ(one, other);
    }
}

} // namespace
} // namespace yagura
