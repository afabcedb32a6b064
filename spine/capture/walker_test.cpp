#include <gtest/gtest.h>

#include <limits>

#include "spine/capture/walker.h"
#include "tests/support/captures.h"
#include "tests/support/no_allocation.h"

namespace yagura::capture {
namespace {

using test::pattern;
using test::Pcap;
using test::Pcapng;
constexpr auto big = std::endian::big;
constexpr auto little = std::endian::little;

struct Kept {
    Frame frame;
    std::vector<std::byte> bytes;
};

struct Walked {
    std::vector<Kept> frames;
    std::optional<Damage> damage;
    std::uint64_t dropped = 0;
    std::vector<Interface> interfaces;
};

Walked walk(Bytes file) {
    Walked out;
    auto walker = Walker::begin(file);
    if (!walker) {
        ADD_FAILURE() << walker.error().text();
        return out;
    }
    walker->show(file.subspan(static_cast<std::size_t>(walker->position())), walker->position());
    Frame frame;
    while (walker->next(frame) == Walker::Step::frame)
        out.frames.push_back({frame, {frame.bytes.begin(), frame.bytes.end()}});
    out.damage = walker->end();
    out.dropped = walker->dropped();
    out.interfaces = walker->interfaces();
    return out;
}

std::string code_of(Bytes file) {
    const auto walker = Walker::begin(file);
    return walker ? "" : std::string{walker.error().code};
}

TEST(pcap, all_byte_orders_and_resolutions) {
    for (const auto order : {little, big}) {
        for (const auto& [magic, at] : {std::pair{0xa1b2c3d4u, 1'000'123'000ll},
                                        {0xa1b23c4du, 1'000'000'123ll},
                                        {0xa1b2cd34u, 1'000'123'000ll}}) {
            const auto data = pattern(60);
            const auto seen = walk(Pcap{magic, order, 147}.frame(1, 123, data, 1500).frame(2, 0, {}).all);
            ASSERT_EQ(seen.frames.size(), 2u) << std::hex << magic;
            EXPECT_FALSE(seen.damage);
            EXPECT_EQ(seen.frames[0].frame.at, at);
            EXPECT_EQ(seen.frames[0].bytes, data);
            EXPECT_EQ(seen.frames[0].frame.wire_length, 1500u);
            EXPECT_EQ(seen.frames[0].frame.link_type, 147);
            EXPECT_EQ(seen.frames[0].frame.number, 1u);
            EXPECT_EQ(seen.frames[1].frame.number, 2u);
            EXPECT_EQ(seen.frames[1].frame.at, 2'000'000'000);
        }
    }
}

TEST(pcap, a_header_alone_is_an_empty_capture) {
    const auto seen = walk(Pcap{}.all);
    EXPECT_TRUE(seen.frames.empty());
    EXPECT_FALSE(seen.damage);
}

TEST(pcap, old_versions_have_their_lengths_the_other_way_round) {
    for (const auto& [major, minor] : {std::pair{2, 2}, {543, 0}, {2, 3}}) {
        Pcap file{0xa1b2c3d4, little, 1, static_cast<std::uint16_t>(major),
                  static_cast<std::uint16_t>(minor)};
        file.u32(1).u32(5).u32(70).u32(60).bytes(pattern(60));
        const auto seen = walk(file.all);
        ASSERT_EQ(seen.frames.size(), 1u);
        EXPECT_EQ(seen.frames[0].bytes.size(), 60u);
        EXPECT_EQ(seen.frames[0].frame.wire_length, 70u);
    }
}

TEST(pcap, a_declared_frame_check_sequence_is_taken_off) {
    const auto seen = walk(
        Pcap{0xa1b2c3d4, little, 0x2400'0001}.frame(0, 0, pattern(64)).frame(0, 0, pattern(62), 64).all);
    ASSERT_EQ(seen.frames.size(), 2u);
    EXPECT_EQ(seen.frames[0].frame.link_type, 1);
    EXPECT_EQ(seen.frames[0].bytes.size(), 60u);
    EXPECT_EQ(seen.frames[0].frame.wire_length, 60u);
    EXPECT_EQ(seen.frames[1].bytes.size(), 60u);
}

TEST(pcap, wire_length_is_never_less_than_what_was_kept) {
    Pcap file;
    file.u32(1).u32(1).u32(60).u32(50).bytes(pattern(60));
    EXPECT_EQ(walk(file.all).frames.at(0).frame.wire_length, 60u);
}

TEST(pcap, the_largest_frame_and_one_more) {
    const auto seen = walk(Pcap{}.frame(0, 0, pattern(262'144)).frame(1, 0, pattern(262'145)).all);
    ASSERT_EQ(seen.frames.size(), 1u);
    ASSERT_TRUE(seen.damage);
    EXPECT_EQ(seen.damage->kind, Damage::Kind::corrupt);
    EXPECT_EQ(seen.damage->frames, 1u);
    EXPECT_EQ(seen.damage->offset, 24u + 16 + 262'144);
    EXPECT_EQ(seen.damage->what, "a frame larger than 262144 bytes");
}

TEST(pcap, a_transfer_over_usb_is_cut_and_the_rest_passed_over) {
    Pcap file{0xa1b2c3d4, little, 220};
    file.frame(0, 0, pattern(300'000)).frame(1, 0, pattern(10));
    const auto seen = walk(file.all);
    ASSERT_EQ(seen.frames.size(), 2u);
    EXPECT_FALSE(seen.damage);
    EXPECT_EQ(seen.frames[0].bytes.size(), 262'144u);
    EXPECT_EQ(seen.frames[0].frame.wire_length, 300'000u);
    EXPECT_EQ(seen.frames[1].bytes, pattern(10));
}

TEST(pcap, a_declared_four_gigabytes_are_damage_and_reserve_nothing) {
    Pcap file;
    file.frame(0, 0, pattern(20)).u32(1).u32(1).u32(0xffff'ffff).u32(0xffff'ffff).bytes(pattern(100));
    const auto seen = walk(file.all);
    EXPECT_EQ(seen.frames.size(), 1u);
    ASSERT_TRUE(seen.damage);
    EXPECT_EQ(seen.damage->kind, Damage::Kind::corrupt);
    EXPECT_EQ(seen.damage->text(), "corrupt after frame 1, at byte 60: a frame larger than 262144 bytes");
}

TEST(pcap, a_fraction_may_be_negative_or_more_than_a_second) {
    const auto seen = walk(
        Pcap{}.frame(10, static_cast<std::uint32_t>(-5), pattern(1)).frame(10, 1'500'000, {}).all);
    ASSERT_EQ(seen.frames.size(), 2u);
    EXPECT_EQ(seen.frames[0].frame.at, 9'999'995'000);
    EXPECT_EQ(seen.frames[1].frame.at, 11'500'000'000);
}

TEST(pcap, a_tail_of_zeros_is_damage_and_no_frames) {
    auto file = Pcap{}.frame(1, 0, pattern(60)).all;
    file.resize(file.size() + 500);
    const auto seen = walk(file);
    EXPECT_EQ(seen.frames.size(), 1u);
    EXPECT_EQ(seen.damage.value().what, "zeros where a record should begin");
}

TEST(pcap, cut_at_every_length_it_gives_what_is_whole) {
    const auto file = Pcap{}.frame(1, 0, pattern(60)).frame(2, 0, pattern(61)).frame(3, 0, {}).all;
    for (std::size_t size = 0; size <= file.size(); ++size) {
        const auto cut = Bytes{file}.first(size);
        if (size < 24) {
            EXPECT_NE(code_of(cut), "") << size;
            continue;
        }
        const auto seen = walk(cut);
        const std::size_t whole[]{24, 24 + 76, 24 + 76 + 77, 24 + 76 + 77 + 16};
        const auto frames = std::ranges::upper_bound(whole, size) - std::begin(whole) - 1;
        EXPECT_EQ(seen.frames.size(), static_cast<std::size_t>(frames)) << size;
        EXPECT_EQ(!seen.damage, std::ranges::binary_search(whole, size)) << size;
        if (seen.damage) {
            EXPECT_EQ(seen.damage->kind, Damage::Kind::cut_short);
            EXPECT_EQ(seen.damage->offset, whole[frames]);
        }
    }
}

TEST(recognising, says_what_a_stranger_is) {
    const auto text = [](std::string_view bytes) {
        const auto walker = Walker::begin(std::as_bytes(std::span{bytes}));
        return walker ? std::string{} : walker.error().text();
    };
    EXPECT_EQ(text(""), "error: the file is empty\n"
                        "  why:   even a capture without a packet has a header\n"
                        "  next:  capture again, or give another file\n"
                        "  code:  capture.empty-file\n");
    EXPECT_EQ(text("PK\x03\x04 and so on"), "error: this is no capture file that Yagura reads\n"
                                            "  why:   it is a ZIP archive\n"
                                            "  next:  unpack it first: unzip\n"
                                            "  code:  capture.not-a-capture\n");
    EXPECT_EQ(text("\x1b[2J hello"),
              "error: this is no capture file that Yagura reads\n"
              "  why:   it begins with \"\\x1b[2J hello\"\n"
              "  next:  give a pcap or pcapng file, as it is or packed with gzip or zstd\n"
              "  code:  capture.not-a-capture\n");
    EXPECT_EQ(code_of(Pcap{0xa1b2c3d4, little, 1, 1, 0}.all), "capture.version");
    EXPECT_EQ(code_of(Bytes{Pcap{}.all}.first(10)), "capture.not-a-capture");
    auto wrong_order = Pcapng{}.all;
    wrong_order[8] = std::byte{0};
    EXPECT_EQ(code_of(wrong_order), "capture.not-a-capture");
    auto later = Pcapng{}.all;
    later[12] = std::byte{2};
    EXPECT_EQ(code_of(later), "capture.version");
}

TEST(pcapng, sections_interfaces_and_every_kind_of_packet) {
    for (const auto order : {little, big}) {
        Pcapng file{order};
        file.interface(1, 0, {file.option(2, std::as_bytes(std::span{std::string_view{"mirror0"}}))});
        file.interface(113, 40);
        file.frame(5'000'001, pattern(61), 0, 1500).simple_frame(pattern(33));
        file.obsolete_frame(6'000'000, pattern(20), 1, 7);
        // The next section has another byte order, and its interfaces are new ones.
        file.section(order == little ? big : little).interface(101).frame(7'000'000, pattern(9));
        const auto seen = walk(file.all);
        ASSERT_EQ(seen.frames.size(), 4u);
        EXPECT_FALSE(seen.damage) << seen.damage->text();
        EXPECT_EQ(seen.dropped, 7u);
        const auto [first, simple, obsolete, other] = std::tie(seen.frames[0], seen.frames[1], seen.frames[2],
                                                               seen.frames[3]);
        EXPECT_EQ(first.frame.at, 5'000'001'000);
        EXPECT_EQ(first.frame.wire_length, 1500u);
        EXPECT_EQ(first.bytes, pattern(61));
        EXPECT_EQ(simple.frame.at, first.frame.at) << "it has no time of its own";
        EXPECT_EQ(simple.bytes, pattern(33));
        EXPECT_EQ(obsolete.frame.interface, 1u);
        EXPECT_EQ(obsolete.frame.link_type, 113);
        EXPECT_EQ(other.frame.interface, 2u);
        EXPECT_EQ(other.frame.link_type, 101);
        EXPECT_EQ(other.frame.at, 7'000'000'000);
        EXPECT_EQ(other.frame.number, 4u);
    }
}

TEST(pcapng, a_simple_packet_ends_at_the_snap_length) {
    Pcapng file;
    file.interface(1, 40).simple_frame(pattern(40), 1500);
    const auto seen = walk(file.all);
    ASSERT_EQ(seen.frames.size(), 1u);
    EXPECT_EQ(seen.frames[0].bytes, pattern(40));
    EXPECT_EQ(seen.frames[0].frame.wire_length, 1500u);
}

/// Picoseconds are cut, not rounded.
TEST(pcapng, clocks_of_any_resolution_and_offset) {
    struct Case {
        std::uint8_t resolution;
        std::int64_t offset;
        std::uint64_t ticks;
        std::int64_t at;
    };
    constexpr auto most = std::numeric_limits<std::int64_t>::max();
    const Case cases[]{
        {6, 0, 1'700'000'000'123'456, 1'700'000'000'123'456'000},
        {9, 0, 1'700'000'000'123'456'789, 1'700'000'000'123'456'789},
        {0, 0, 1'700'000'000, 1'700'000'000'000'000'000},
        {3, 3600, 5'001, 3'605'001'000'000},
        {12, 0, 1'000'000'000'123'456'789, 1'000'000'000'123'456},
        {0x80 | 10, 0, 1024 * 3 + 512, 3'500'000'000},
        {0x80 | 32, 0, (5ull << 32) + (1ull << 31), 5'500'000'000},
        {0x80 | 63, 0, (1ull << 63) + (1ull << 62), 1'500'000'000},
        {19, 0, 10'000'000'000'000'000'000ull, 1'000'000'000},
        {9, -2, 1'000'000'000, -1'000'000'000},
        {0, 0, ~0ull, most},
        {9, most, 0, most},
        {9, std::numeric_limits<std::int64_t>::min(), 0, -most},
    };
    for (const auto& one : cases) {
        Pcapng file;
        file.interface(
            1, 0,
            {file.option(9, one.resolution, 1), file.option(14, static_cast<std::uint64_t>(one.offset), 8)});
        const auto seen = walk(file.frame(one.ticks, pattern(4)).all);
        ASSERT_EQ(seen.frames.size(), 1u);
        if (one.resolution != 12)
            EXPECT_EQ(seen.frames[0].frame.at, one.at) << int{one.resolution} << ' ' << one.ticks;
        else // Picoseconds are cut, not rounded.
            EXPECT_EQ(seen.frames[0].frame.at, 1'000'000'000'123'456'789 / 1'000);
    }
    for (const auto resolution : {20, 64, 127, 0x80 | 64}) {
        Pcapng file;
        file.interface(1, 0, {file.option(9, static_cast<std::uint64_t>(resolution), 1)});
        EXPECT_EQ(walk(file.all).damage.value().what, "a clock finer than 64 bits can count");
    }
}

TEST(pcapng, losses_are_added_up_once) {
    Pcapng file;
    file.interface().interface();
    file.frame(1, pattern(5), 0, 0, {file.option(4, 3, 8)});
    file.statistics(0, {file.option(4, 100, 8), file.option(5, 4, 8), file.option(7, 2, 8)});
    file.statistics(0, {file.option(4, 200, 8), file.option(5, 9, 8), file.option(7, 2, 8)});
    file.statistics(1, {file.option(5, 1, 8)});
    const auto seen = walk(file.all);
    EXPECT_FALSE(seen.damage);
    EXPECT_EQ(seen.dropped, 12u);
    EXPECT_EQ(seen.interfaces.at(0).received, 200u);
}

TEST(pcapng, what_is_no_packet_is_passed_over) {
    Pcapng file;
    file.interface();
    file.block(10, pattern(50))
        .block(0xbad, pattern(40))
        .block(0x4000'0bad, pattern(41))
        .block(4, pattern(8));
    file.block(0x7777, pattern(3'000'000)).frame(1, pattern(5));
    const auto seen = walk(file.all);
    EXPECT_FALSE(seen.damage);
    ASSERT_EQ(seen.frames.size(), 1u);
    EXPECT_EQ(seen.frames[0].frame.number, 1u);
}

TEST(pcapng, a_block_whose_length_is_no_multiple_of_four_is_rounded_up_like_everywhere) {
    Pcapng file;
    file.interface();
    file.u32(0x99).u32(13).text("x").pad(4).u32(13);
    file.frame(1, pattern(5));
    EXPECT_EQ(walk(file.all).frames.size(), 1u);
}

TEST(pcapng, each_kind_of_damage_is_named_and_ends_the_reading) {
    const auto what = [](auto&& spoil) {
        Pcapng file;
        file.interface().frame(1, pattern(5));
        spoil(file);
        file.frame(2, pattern(5));
        const auto seen = walk(file.all);
        EXPECT_EQ(seen.frames.size(), 1u);
        return seen.damage ? seen.damage->what : "none";
    };
    EXPECT_EQ(what([](Pcapng& file) { file.frame(1, pattern(5), 1); }),
              "a frame of an interface that was not described");
    EXPECT_EQ(what([](Pcapng& file) { file.section(little); }),
              "a frame of an interface that was not described");
    EXPECT_EQ(what([](Pcapng& file) { file.section(little).simple_frame(pattern(4)); }),
              "a frame of an interface that was not described");
    EXPECT_EQ(what([](Pcapng& file) { file.u32(7).u32(8); }), "a block shorter than its own header");
    EXPECT_EQ(what([](Pcapng& file) { file.u32(7).u32(16).u32(0).u32(12); }),
              "a block whose two lengths disagree");
    EXPECT_EQ(what([](Pcapng& file) { file.u32(7).u32(3'000'000).bytes(pattern(3'000'000 - 8)); }),
              "a block whose two lengths disagree");
    EXPECT_EQ(what([](Pcapng& file) { file.block(0x0a0d0d0a, pattern(16)); }),
              "a section without a byte-order mark");
    EXPECT_EQ(what([](Pcapng& file) { file.u32(0x0a0d0d0a).u32(16).u32(0x1a2b3c4d).u32(16); }),
              "a section header that is too short");
    EXPECT_EQ(what([](Pcapng& file) { file.block(1, pattern(4)); }),
              "an interface description that is too short");
    EXPECT_EQ(what([](Pcapng& file) { file.block(6, pattern(16)); }), "a packet block that is too short");
    EXPECT_EQ(what([](Pcapng& file) { file.block(3, {}); }), "a packet block that is too short");
    EXPECT_EQ(what([](Pcapng& file) { file.block(5, pattern(4)); }),
              "interface statistics that are too short");
    EXPECT_EQ(what([](Pcapng& file) { file.statistics(9, {}); }),
              "statistics of an interface that was not described");
    EXPECT_EQ(
        what([](Pcapng& file) { file.frame(1, pattern(5), 0, 0, {{std::byte{1}, {}, std::byte{200}, {}}}); }),
        "an option longer than its block");
    EXPECT_EQ(what([](Pcapng& file) { file.frame(1, pattern(262'145)); }),
              "a frame larger than 262144 bytes");
    EXPECT_EQ(what([](Pcapng& file) {
                  test::FileBytes body;
                  body.u32(0).u32(0).u32(1).u32(0xffff'fff0).u32(0xffff'fff0);
                  file.block(6, body.all);
              }),
              "a frame longer than its block");
}

TEST(pcapng, interfaces_without_end_are_damage) {
    Pcapng file;
    for (int i = 0; i < 4'097; ++i) file.interface();
    EXPECT_EQ(walk(file.all).damage.value().what, "more than 4096 interfaces in a section");
}

TEST(pcapng, cut_at_every_length_it_gives_what_is_whole) {
    for (const auto order : {little, big}) {
        Pcapng file{order};
        std::vector<std::size_t> borders{file.all.size()};
        const auto mark = [&] { borders.push_back(file.all.size()); };
        file.interface(1, 0, {file.option(9, 9, 1)}), mark();
        file.frame(1, pattern(61)), mark();
        file.block(4, pattern(30)), mark();
        file.section(order == little ? big : little), mark();
        file.interface(), mark();
        file.simple_frame(pattern(7)), mark();
        file.obsolete_frame(3, pattern(8), 0, 0), mark();
        const auto all = file.all;
        for (std::size_t size = 0; size <= all.size(); ++size) {
            const auto cut = Bytes{all}.first(size);
            if (size < borders.front()) {
                EXPECT_NE(code_of(cut), "") << size;
                continue;
            }
            const auto seen = walk(cut);
            const auto border = *std::prev(std::ranges::upper_bound(borders, size));
            const auto frames = std::size_t{size >= borders[2]} + (size >= borders[6]) + (size >= borders[7]);
            EXPECT_EQ(seen.frames.size(), frames) << size;
            EXPECT_EQ(!seen.damage, size == border) << size;
            if (seen.damage) {
                EXPECT_EQ(seen.damage->kind, Damage::Kind::cut_short);
                EXPECT_EQ(seen.damage->offset, border);
            }
        }
    }
}

TEST(walker, takes_no_heap_for_a_frame) {
    Pcapng file;
    file.interface();
    for (std::uint32_t i = 0; i < 1'000; ++i) file.frame(i, pattern(60));
    auto walker = Walker::begin(file.all);
    ASSERT_TRUE(walker);
    walker->show(file.all, 0);
    Frame frame;
    ASSERT_EQ(walker->next(frame), Walker::Step::frame);
    const auto before = test::allocations();
    while (walker->next(frame) == Walker::Step::frame) {
    }
    EXPECT_EQ(test::allocations(), before);
    EXPECT_EQ(walker->frames(), 1'000u);
}

} // namespace
} // namespace yagura::capture
