#include "spine/journal/segment_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <queue>

namespace yagura::journal {

namespace fs = std::filesystem;

namespace disk {

namespace {

std::optional<Name> name(const fs::path& path, const Stream& stream) {
    const auto file = path.filename().string();
    Name out{path.string(), stream};
    if (file.ends_with(closed_end) && file.size() == 33 + closed_end.size() && file[16] == '-') {
        const auto first = from_hexadecimal(std::string_view{file}.substr(0, 16));
        const auto last = from_hexadecimal(std::string_view{file}.substr(17, 16));
        if (!first || !last) return std::nullopt;
        out.first = *first, out.last = *last, out.closed = true;
        return out;
    }
    if (file.ends_with(raw_end) && file.size() == 16 + raw_end.size()) {
        const auto first = from_hexadecimal(std::string_view{file}.substr(0, 16));
        if (!first) return std::nullopt;
        out.first = *first;
        return out;
    }
    return std::nullopt;
}

Result<std::vector<std::byte>> read_file(const std::string& path) {
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return failed("open a segment", path);
    struct stat facts{};
    std::vector<std::byte> bytes;
    if (::fstat(descriptor, &facts) == 0 && facts.st_size > 0)
        bytes.resize(static_cast<std::size_t>(facts.st_size));
    std::size_t have = 0;
    while (have < bytes.size()) {
        const auto got = ::read(descriptor, bytes.data() + have, bytes.size() - have);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) break;
        have += static_cast<std::size_t>(got);
    }
    ::close(descriptor);
    bytes.resize(have);
    return bytes;
}

} // namespace

std::unexpected<Complaint> failed(std::string_view doing, std::string where, int error) {
    return std::unexpected{
        Complaint{.code = error == ENOSPC ? std::string_view{"journal.disk-full"} : "journal.failed",
                  .what = cat("the journal could not ", doing),
                  .why = std::strerror(error),
                  .where = std::move(where),
                  .next = error == ENOSPC ? "free some space on this disk, or shorten [center] journal-gib"
                                          : "look at the disk's health and at who owns this folder"}};
}

std::string hexadecimal(std::uint64_t number) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string out(16, '0');
    for (auto at = out.size(); at-- > 0; number >>= 4) out[at] = digits[number & 15u];
    return out;
}

std::optional<std::uint64_t> from_hexadecimal(std::string_view text) noexcept {
    std::uint64_t value = 0;
    const auto* end = text.data() + text.size();
    const auto [stopped, error] = std::from_chars(text.data(), end, value, 16);
    if (text.size() != 16 || error != std::errc{} || stopped != end) return std::nullopt;
    return value;
}

std::vector<Name> segments(const std::string& folder, const Stream* only) {
    std::vector<Name> all;
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator{folder, ignored}) {
        const auto which = stream(entry.path().filename().string());
        if (!which || (only && *which != *only)) continue;
        for (const auto& file : fs::directory_iterator{entry.path(), ignored})
            if (auto found = name(file.path(), *which)) all.push_back(std::move(*found));
    }
    std::sort(all.begin(), all.end(), [](const Name& a, const Name& b) { return a.first < b.first; });
    // Compressed and its original: a fall between the rename and the deletion. They say the same.
    std::erase_if(all, [&](const Name& raw) {
        return !raw.closed && std::any_of(all.begin(), all.end(), [&](const Name& other) {
            return other.closed && other.first == raw.first && other.stream == raw.stream;
        });
    });
    return all;
}

Result<void> write_all(int descriptor, Bytes bytes, const std::string& path) {
    while (!bytes.empty()) {
        const auto wrote = ::write(descriptor, bytes.data(), bytes.size());
        if (wrote < 0 && errno == EINTR) continue;
        if (wrote < 0) return failed("be written", path);
        bytes = bytes.subspan(static_cast<std::size_t>(wrote));
    }
    return {};
}

Last last_of(Bytes segment) noexcept {
    Last last;
    SegmentReader in{segment};
    for (auto record = in.next(); !record.empty(); record = in.next())
        if (const auto envelope = open(record)) {
            last.arrival = std::max(last.arrival, envelope->arrival);
            last.sequence = std::max(last.sequence, envelope->sequence);
        }
    last.good = in.good();
    return last;
}

void sync_folder(const std::string& folder) noexcept {
    const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) return;
    (void)::fsync(descriptor);
    ::close(descriptor);
}

Result<void> compress(const Name& raw) {
    YAGURA_TRY(const auto bytes, read_file(raw.path));
    const auto last = last_of(bytes);
    const fs::path path{raw.path};
    std::error_code error;
    if (last.arrival == 0) { // Not one whole record in it.
        fs::remove(path, error);
        return {};
    }
    std::vector<std::byte> packed(ZSTD_compressBound(last.good));
    auto* const context = ZSTD_createCCtx();
    ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, 3);
    ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
    const auto size = ZSTD_compress2(context, packed.data(), packed.size(), bytes.data(), last.good);
    ZSTD_freeCCtx(context);
    if (ZSTD_isError(size)) return failed("compress a segment", raw.path, ENOMEM);
    const auto closed = path.parent_path() /
                        cat(hexadecimal(raw.first), "-", hexadecimal(last.arrival), closed_end);
    const auto unfinished = closed.string() + std::string{unfinished_end};
    const int descriptor = ::open(unfinished.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (descriptor < 0) return failed("make a segment", unfinished);
    auto done = write_all(descriptor, Bytes{packed}.first(size), unfinished);
    if (done && ::fdatasync(descriptor) != 0) done = failed("reach the disk", unfinished);
    ::close(descriptor);
    if (!done) {
        fs::remove(unfinished, error);
        return done;
    }
    fs::rename(unfinished, closed, error);
    if (error) return failed("name a segment", closed.string(), error.value());
    sync_folder(path.parent_path().string());
    fs::remove(path, error);
    return {};
}

} // namespace disk

using namespace disk;

std::string Stream::text() const {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string out;
    for (const auto byte : sensor) out += cat(digits.substr(byte >> 4, 1), digits.substr(byte & 15u, 1));
    return out + '-' + hexadecimal(boot);
}

std::optional<Stream> stream(std::string_view text) noexcept {
    if (text.size() != 49 || text[32] != '-') return std::nullopt;
    const auto high = from_hexadecimal(text.substr(0, 16)), low = from_hexadecimal(text.substr(16, 16));
    const auto boot = from_hexadecimal(text.substr(33));
    if (!high || !low || !boot) return std::nullopt;
    Stream out{.boot = *boot};
    for (std::size_t i = 0; i < 8; ++i) {
        out.sensor[i] = static_cast<std::uint8_t>(*high >> (56 - 8 * i));
        out.sensor[8 + i] = static_cast<std::uint8_t>(*low >> (56 - 8 * i));
    }
    return out;
}

Result<std::vector<std::byte>> read_segment(const std::string& path) {
    YAGURA_TRY(auto bytes, read_file(path));
    if (!path.ends_with(closed_end)) return bytes;
    constexpr std::uint64_t most = std::uint64_t{1} << 31; // A size that is not ours reserves nothing.
    const auto size = ZSTD_getFrameContentSize(bytes.data(), bytes.size());
    if (size == ZSTD_CONTENTSIZE_ERROR || size == ZSTD_CONTENTSIZE_UNKNOWN || size > most)
        return failed("unpack a segment", path, EBADMSG);
    std::vector<std::byte> out(size);
    const auto got = ZSTD_decompress(out.data(), out.size(), bytes.data(), bytes.size());
    if (ZSTD_isError(got)) return failed("unpack a segment", path, EBADMSG);
    out.resize(got);
    return out;
}

Result<ReplayCounts> replay_journal(const std::string& folder, std::uint64_t after,
                                    const std::function<bool(const Stream&, Bytes)>& use) {
    struct Reading {
        Name name;
        std::vector<std::byte> bytes;
        std::optional<SegmentReader> in;
        Bytes record;
        std::uint64_t arrival = 0;
        bool next() {
            for (record = in->next(); !record.empty(); record = in->next())
                if (const auto envelope = open(record)) {
                    arrival = envelope->arrival;
                    return true;
                }
            return false;
        }
    };
    ReplayCounts counts;
    auto waiting = segments(folder);
    std::erase_if(waiting, [&](const Name& segment) { return segment.closed && segment.last <= after; });
    std::vector<std::unique_ptr<Reading>> reading;
    const auto later = [](const std::unique_ptr<Reading>& a, const std::unique_ptr<Reading>& b) {
        return a->arrival > b->arrival;
    };
    std::size_t opened = 0;
    for (;;) {
        // Opened when its time comes: only as many are in memory as overlap.
        while (opened < waiting.size() &&
               (reading.empty() || waiting[opened].first <= reading.front()->arrival)) {
            auto one = std::make_unique<Reading>();
            one->name = waiting[opened++];
            auto bytes = read_segment(one->name.path);
            ++counts.segments;
            if (!bytes) {
                ++counts.damaged;
                continue;
            }
            one->bytes = std::move(*bytes);
            if (!one->name.closed && last_of(one->bytes).arrival <= after) continue;
            one->in.emplace(one->bytes);
            if (!one->in->readable()) {
                ++counts.damaged;
                continue;
            }
            if (!one->next()) continue;
            reading.push_back(std::move(one));
            std::push_heap(reading.begin(), reading.end(), later);
        }
        if (reading.empty()) {
            if (opened == waiting.size()) return counts;
            continue;
        }
        std::pop_heap(reading.begin(), reading.end(), later);
        auto& one = *reading.back();
        const auto kind = open(one.record)->kind;
        const bool explains = kind == Kind::source || kind == Kind::parties || kind == Kind::protocol;
        if (one.arrival > after || explains) {
            counts.records += one.arrival > after;
            if (!use(one.name.stream, one.record)) return counts;
        }
        if (one.next()) {
            std::push_heap(reading.begin(), reading.end(), later);
        } else {
            counts.damaged += one.in->torn();
            reading.pop_back();
        }
    }
}

} // namespace yagura::journal
