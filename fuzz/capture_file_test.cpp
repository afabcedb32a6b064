#include "fuzz/capture_file.h"

#include <gtest/gtest.h>

#include "tests/support/captures.h"

namespace yagura::fuzz {
namespace {

TEST(capture_file, agrees_on_good_and_bad_files) {
    test::Pcapng file;
    file.interface().frame(1, test::pattern(60)).simple_frame(test::pattern(3));
    file.section(std::endian::big).interface().frame(2, test::pattern(5));
    test::Pcap classic;
    classic.frame(1, 2, test::pattern(60)).frame(1, 3, test::pattern(3));
    for (const auto& plain : {file.all, classic.all}) {
        for (std::size_t size = 0; size <= plain.size(); ++size) capture_file(Bytes{plain}.first(size));
        for (std::size_t at = 0; at < plain.size(); ++at)
            for (const unsigned flip : {1u, 0x80u, 0xffu}) {
                auto spoilt = plain;
                spoilt[at] ^= static_cast<std::byte>(flip);
                capture_file(spoilt);
            }
    }
}

} // namespace
} // namespace yagura::fuzz
