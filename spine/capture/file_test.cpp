#include "spine/capture/file.h"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <thread>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include "spine/base/hash.h"
#include "spine/base/text.h"
#include "tests/support/captures.h"
#include "tests/support/no_allocation.h"

namespace yagura::capture {
namespace {

using test::pattern;
using test::Pcap;
using test::Pcapng;

std::vector<std::byte> gzip(Bytes plain) {
    z_stream state{};
    EXPECT_EQ(deflateInit2(&state, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    std::vector<std::byte> out(deflateBound(&state, plain.size()) + 64);
    state.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(plain.data()));
    state.avail_in = static_cast<uInt>(plain.size());
    state.next_out = reinterpret_cast<Bytef*>(out.data());
    state.avail_out = static_cast<uInt>(out.size());
    EXPECT_EQ(deflate(&state, Z_FINISH), Z_STREAM_END);
    out.resize(state.total_out);
    deflateEnd(&state);
    return out;
}

std::vector<std::byte> zstd(Bytes plain, int window = 0) {
    auto* const state = ZSTD_createCCtx();
    ZSTD_CCtx_setParameter(state, ZSTD_c_checksumFlag, 1);
    if (window) {
        ZSTD_CCtx_setParameter(state, ZSTD_c_windowLog, window);
        ZSTD_CCtx_setParameter(state, ZSTD_c_contentSizeFlag, 0);
    }
    std::vector<std::byte> out(ZSTD_compressBound(plain.size()));
    ZSTD_inBuffer from{plain.data(), plain.size(), 0};
    ZSTD_outBuffer to{out.data(), out.size(), 0};
    if (window) // In two steps, or the library would make the window as small as the data.
        ZSTD_compressStream2(state, &to, &from, ZSTD_e_continue);
    EXPECT_EQ(ZSTD_compressStream2(state, &to, &from, ZSTD_e_end), 0u);
    out.resize(to.pos);
    ZSTD_freeCCtx(state);
    return out;
}

std::vector<std::byte> joined(Bytes a, Bytes b) {
    std::vector<std::byte> out{a.begin(), a.end()};
    out.insert(out.end(), b.begin(), b.end());
    return out;
}

/// A few megabytes, so that chunks are used again; frames of all sizes.
const std::vector<std::byte>& large() {
    static std::vector<std::byte> made;
    if (!made.empty()) return made;
    Pcapng file;
    file.interface();
    for (unsigned i = 0; i < 6'000; ++i) file.frame(i, pattern(i * 37 % 1'500, i));
    file.frame(6'000, pattern(262'144)).block(0x99, pattern(2'500'000)).frame(6'001, pattern(3));
    for (unsigned i = 0; i < 6'000; ++i) file.frame(6'002 + i, pattern(i * 53 % 2'500, i));
    return made = std::move(file.all);
}

struct Seen {
    std::uint64_t frames = 0, digest = 0;
    std::optional<Damage> damage;
    bool operator==(const Seen& other) const {
        return frames == other.frames && digest == other.digest &&
               damage.has_value() == other.damage.has_value();
    }
};

Seen read(Cursor& cursor) {
    Seen seen;
    Frame frame;
    while (cursor.next(frame)) {
        ++seen.frames;
        Hasher hash{seen.digest, 1};
        hash.add(static_cast<std::uint64_t>(frame.at)).add(frame.number).add(frame.wire_length);
        hash.add(std::hash<std::string_view>{}(as_text(frame.bytes)));
        seen.digest = hash.finish();
    }
    seen.damage = cursor.damage();
    return seen;
}

Seen read(const Result<std::unique_ptr<File>>& file) {
    if (!file) {
        ADD_FAILURE() << file.error().text();
        return {};
    }
    return read((*file)->cursor(0));
}

Result<std::unique_ptr<File>> stream(Bytes bytes, std::size_t piece = 5'000, unsigned readers = 1) {
    return File::stream(from_memory(bytes, piece), bytes.size(), readers);
}

class files : public testing::Test {
protected:
    void SetUp() override {
        std::string name = (std::filesystem::temp_directory_path() / "yagura-capture-XXXXXX").string();
        ASSERT_NE(::mkdtemp(name.data()), nullptr);
        folder = name;
    }
    void TearDown() override { std::filesystem::remove_all(folder); }
    std::string write(const std::string& name, Bytes bytes) {
        const auto path = folder / name;
        std::ofstream{path, std::ios::binary} << as_text(bytes);
        return path.string();
    }
    std::filesystem::path folder;
};

TEST_F(files, mapped_packed_and_piped_are_the_same_frames) {
    const auto plain = large();
    const auto expected = read(File::memory(plain));
    EXPECT_EQ(expected.frames, 12'002u);
    EXPECT_FALSE(expected.damage);
    EXPECT_EQ(read(File::open(write("a.pcapng", plain))), expected);
    EXPECT_EQ(read(File::open(write("a.pcapng.gz", gzip(plain)))), expected);
    EXPECT_EQ(read(File::open(write("a.pcapng.zst", zstd(plain)))), expected);
    EXPECT_EQ(read(stream(plain)), expected);

    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    std::jthread writer{[&plain, out = Descriptor{ends[1]}] {
        for (Bytes rest{plain}; !rest.empty();) {
            const auto wrote = ::write(out.number(), rest.data(), std::min<std::size_t>(rest.size(), 10'007));
            ASSERT_GT(wrote, 0);
            rest = rest.subspan(static_cast<std::size_t>(wrote));
        }
    }};
    EXPECT_EQ(read(File::adopt(Descriptor{ends[0]}, "a pipe")), expected);
}

TEST_F(files, every_reader_sees_every_frame) {
    const auto plain = large();
    const auto expected = read(File::memory(plain));
    const auto path = write("a.pcapng", plain), packed = write("a.zst", zstd(plain));
    for (const auto& one : {path, packed}) {
        const auto file = File::open(one, 4);
        ASSERT_TRUE(file);
        std::vector<Seen> seen(4);
        {
            std::vector<std::jthread> threads;
            for (unsigned i = 0; i < 4; ++i)
                threads.emplace_back([&, i] { seen[i] = read((*file)->cursor(i)); });
        }
        for (const auto& by_one : seen) EXPECT_EQ(by_one, expected);
        EXPECT_EQ((*file)->progress().done, (*file)->progress().total);
        EXPECT_EQ((*file)->progress().total, std::filesystem::file_size(one));
    }
}

TEST_F(files, a_reader_that_leaves_keeps_nobody_waiting) {
    const auto plain = large();
    const auto file = stream(plain, 5'000, 2);
    ASSERT_TRUE(file);
    Frame frame;
    ASSERT_TRUE((*file)->cursor(0).next(frame));
    (*file)->cursor(0).leave();
    EXPECT_EQ(read((*file)->cursor(1)).frames, 12'002u);
    EXPECT_FALSE((*file)->cursor(0).next(frame)) << "no frame after leaving";
}

TEST(packed, members_and_frames_follow_each_other) {
    const auto plain = large();
    const auto expected = read(File::memory(plain));
    const auto half = Bytes{plain}.first(plain.size() / 2), rest = Bytes{plain}.subspan(plain.size() / 2);
    auto two = joined(gzip(half), gzip(rest));
    EXPECT_EQ(read(stream(two)), expected);
    two.resize(two.size() + 1'000); // Padding as on tapes.
    EXPECT_EQ(read(stream(two)), expected);
    const std::byte skippable[]{std::byte{0x53}, std::byte{0x2a}, std::byte{0x4d}, std::byte{0x18},
                                std::byte{2},    std::byte{0},    std::byte{0},    std::byte{0},
                                std::byte{9},    std::byte{9}};
    EXPECT_EQ(read(stream(joined(skippable, joined(zstd(half), joined(skippable, zstd(rest)))))), expected);
    EXPECT_EQ(read(stream(gzip(Pcap{}.all))).frames, 0u);
}

TEST(packed, cut_or_spoilt_it_is_read_up_to_the_damage) {
    const auto plain = large();
    for (const auto& packed : {gzip(plain), zstd(plain)}) {
        const auto cut = read(stream(Bytes{packed}.first(packed.size() / 2)));
        EXPECT_GT(cut.frames, 1'000u);
        ASSERT_TRUE(cut.damage);
        EXPECT_TRUE(cut.damage->what.ends_with("data end in the middle")) << cut.damage->what;
        EXPECT_EQ(cut.damage->frames, cut.frames);

        auto spoilt = packed;
        for (auto& byte : std::span{spoilt}.subspan(packed.size() / 2, 64)) byte ^= std::byte{0xff};
        const auto seen = read(stream(spoilt));
        EXPECT_GT(seen.frames, 1'000u);
        EXPECT_TRUE(seen.damage);
    }
    auto wrong_sum = gzip(plain);
    wrong_sum[wrong_sum.size() - 8] ^= std::byte{1};
    const auto seen = read(stream(wrong_sum));
    EXPECT_EQ(seen.frames, 12'002u);
    ASSERT_TRUE(seen.damage);
    EXPECT_EQ(seen.damage->what, "the gzip data are damaged");
    EXPECT_EQ(read(stream(joined(gzip(plain), pattern(50)))).damage.value().what,
              "something that is not gzip follows the gzip data");
}

TEST(packed, cut_at_every_length_it_ends) {
    const auto plain = Pcap{}.frame(1, 0, pattern(60)).frame(2, 0, pattern(61)).all;
    for (const auto& packed : {gzip(plain), zstd(plain)}) {
        for (std::size_t size = 0; size < packed.size(); ++size) {
            const auto file = stream(Bytes{packed}.first(size), 3);
            if (!file) {
                EXPECT_FALSE(file.error().next.empty());
                continue;
            }
            EXPECT_TRUE(read(file).damage) << size;
        }
        EXPECT_EQ(read(stream(packed, 3)).frames, 2u);
    }
}

TEST(packed, a_window_that_would_take_too_much_memory_is_refused) {
    const auto file = stream(zstd(large(), 27));
    ASSERT_FALSE(file);
    EXPECT_EQ(file.error().text(),
              "error: the capture cannot be unpacked or read\n"
              "  why:   zstd with a window larger than 64 MiB; unpack it first with zstd -d --long=31\n"
              "  next:  copy it again from where it was captured\n"
              "  code:  capture.damaged-packing\n");
}

TEST(streams, say_the_same_damage_as_a_mapped_file) {
    Pcapng file;
    file.interface();
    for (unsigned i = 0; i < 3'000; ++i) file.frame(i, pattern(1'000));
    const auto good = file.all;
    file.u32(6).u32(8).bytes(pattern(3'000'000));
    for (const auto& bytes :
         {Bytes{file.all}, Bytes{good}.first(good.size() - 5), Bytes{good}.first(good.size() - 1'031)}) {
        const auto mapped = read(File::memory(bytes)), streamed = read(stream(bytes));
        EXPECT_EQ(mapped, streamed);
        ASSERT_TRUE(mapped.damage && streamed.damage);
        EXPECT_EQ(mapped.damage->text(), streamed.damage->text());
    }
}

TEST_F(files, that_cannot_be_read_say_why) {
    EXPECT_EQ(File::open((folder / "none").string()).error().text(),
              cat("error: the capture file cannot be opened\n  why:   No such file or directory\n  where: ",
                  (folder / "none").string(),
                  "\n  next:  check the path and who may read it\n  code:  capture.cannot-open\n"));
    EXPECT_EQ(File::open(folder.string()).error().next, "give the files in the folder one by one");
    EXPECT_EQ(File::open(write("empty", {})).error().code, "capture.empty-file");
    EXPECT_EQ(File::open("/dev/null").error().code, "capture.empty-file");
    EXPECT_EQ(
        File::open(write("text", std::as_bytes(std::span{std::string_view{"no capture"}}))).error().where,
        (folder / "text").string());
    EXPECT_EQ(File::open(write("gz", Bytes{gzip(large())}.first(20))).error().code,
              "capture.damaged-packing");
}

TEST_F(files, half_read_by_somebody_else_go_on_from_there) {
    const auto path = write("a", joined(pattern(10), Pcap{}.frame(1, 0, pattern(60)).all));
    Descriptor descriptor{::open(path.c_str(), O_RDONLY)};
    ASSERT_EQ(::lseek(descriptor.number(), 10, SEEK_SET), 10);
    EXPECT_EQ(read(File::adopt(std::move(descriptor), path)).frames, 1u);
}

TEST_F(files, shortened_while_they_are_read_are_damaged_and_nothing_worse) {
    Pcap capture;
    for (unsigned i = 0; i < 20'000; ++i) capture.frame(i, 0, pattern(100));
    const auto path = write("a", capture.all);
    const auto file = File::open(path);
    ASSERT_TRUE(file);
    auto& cursor = (*file)->cursor(0);
    Frame frame;
    for (int i = 0; i < 100; ++i) ASSERT_TRUE(cursor.next(frame));
    std::filesystem::resize_file(path, 500'000);
    std::uint64_t frames = 100;
    while (cursor.next(frame)) ++frames;
    EXPECT_GE(frames, 4'000u);
    EXPECT_LE(frames, 4'400u);
    ASSERT_TRUE(cursor.damage());
    EXPECT_EQ(cursor.damage()->frames, frames);
    EXPECT_FALSE(cursor.next(frame));
}

TEST(cursor, takes_no_heap_for_a_frame_nor_for_a_chunk_used_again) {
    const auto plain = large();
    const auto mapped = File::memory(plain), streamed = stream(plain, 100'000);
    for (auto* const file : {mapped->get(), streamed->get()}) {
        auto& cursor = file->cursor(0);
        Frame frame;
        for (int i = 0; i < 9'000; ++i) ASSERT_TRUE(cursor.next(frame));
        const auto before = test::allocations();
        for (int i = 0; i < 1'000; ++i) ASSERT_TRUE(cursor.next(frame));
        EXPECT_EQ(test::allocations(), before);
    }
}

} // namespace
} // namespace yagura::capture
