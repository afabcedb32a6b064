#include "spine/capture/file.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <span>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include "spine/base/text.h"

namespace yagura::capture {

namespace {

Complaint cannot_open(const std::string& name, int error) {
    Complaint complaint{.code = "capture.cannot-open",
                        .what = cat("the capture file cannot be opened"),
                        .why = std::strerror(error),
                        .where = name,
                        .next = "check the path and who may read it"};
    if (error == EISDIR) complaint.next = "give the files in the folder one by one";
    return complaint;
}

Result<std::unique_ptr<File>> with_name(Result<std::unique_ptr<File>> opened, const std::string& name) {
    if (!opened && opened.error().where.empty()) opened.error().where = name;
    return opened;
}

bool packed(Bytes start) noexcept {
    constexpr std::byte gzip[]{std::byte{0x1f}, std::byte{0x8b}};
    constexpr std::byte zstd[]{std::byte{0x28}, std::byte{0xb5}, std::byte{0x2f}, std::byte{0xfd}};
    const auto begins = [start](std::span<const std::byte> with) {
        return start.size() >= with.size() && std::ranges::equal(start.first(with.size()), with);
    };
    const bool skippable = start.size() >= 4 && (start[0] & std::byte{0xf0}) == std::byte{0x50} &&
                           start[1] == std::byte{0x2a} && start[2] == std::byte{0x4d} &&
                           start[3] == std::byte{0x18};
    return begins(gzip) || begins(zstd) || skippable;
}

} // namespace

bool Cursor::finish(std::optional<Damage> damage) noexcept {
    finished_ = true;
    place_.store(chunks_ ? chunks_->taken() : walker_.position(), std::memory_order_relaxed);
    damage_ = std::move(damage);
    leave();
    return false;
}

void Cursor::leave() noexcept {
    if (chunks_) std::exchange(chunks_, nullptr)->leave(index_);
}

bool Cursor::next_slow(Frame& frame) noexcept {
    if (finished_) return false;
    if (mapping_ && mapping_->shortened())
        return finish(Damage{Damage::Kind::cut_short, walker_.frames(), walker_.position(),
                             "the file was shortened while it was read"});
    for (;;) {
        if (walker_.damage()) return finish(walker_.damage());
        if (!chunks_) return finish(walker_.end());
        const auto* const chunk = last_ ? nullptr : chunks_->next(index_);
        if (!chunk) {
            auto damage = walker_.end();
            // Why the bytes ended tells more than that they ended.
            if (const auto why = chunks_->failure(); !why.empty() && !walker_.damage())
                damage = Damage{Damage::Kind::corrupt, walker_.frames(), walker_.position(), why};
            return finish(damage);
        }
        last_ = chunk->last;
        walker_.show(chunk->bytes, chunk->offset);
        const auto step = walker_.next(frame);
        place_.store(chunks_->taken(), std::memory_order_relaxed);
        if (step == Walker::Step::frame) return true;
    }
}

std::unique_ptr<File> File::over(Bytes bytes, Walker walker, std::unique_ptr<Mapping> mapping,
                                 unsigned readers) {
    std::unique_ptr<File> file{new File};
    file->format_ = walker.format();
    file->total_ = bytes.size();
    file->mapping_ = std::move(mapping);
    const auto begun = walker.position();
    walker.show(bytes.subspan(static_cast<std::size_t>(begun)), begun);
    for (unsigned i = 0; i < readers; ++i) {
        auto& cursor = *file->cursors_.emplace_back(new Cursor{walker});
        cursor.mapping_ = file->mapping_.get();
        cursor.index_ = i;
    }
    return file;
}

Result<std::unique_ptr<File>> File::memory(Bytes bytes, unsigned readers) {
    YAGURA_TRY(auto walker, Walker::begin(bytes));
    return over(bytes, std::move(walker), nullptr, std::max(readers, 1u));
}

Result<std::unique_ptr<File>> File::stream(std::unique_ptr<Input> input, std::uint64_t total,
                                           unsigned readers) {
    readers = std::max(readers, 1u);
    auto plain = unpacked(std::move(input));
    // Enough to recognise the file, and no more than is there: a pipe may give it in small pieces.
    std::vector<std::byte> start(16 * 1024);
    std::size_t filled = 0;
    Result<Walker> walker = Walker::begin({});
    for (;;) {
        const auto got = plain->read(std::span{start}.subspan(filled));
        filled += got;
        walker = Walker::begin(Bytes{start}.first(filled));
        if (walker || got == 0 || filled == Walker::stretch_most) break;
        if (filled == start.size()) start.resize(2 * filled);
    }
    if (!walker) {
        auto complaint = std::move(walker).error();
        if (const auto why = plain->failure(); !why.empty()) {
            complaint.code = "capture.damaged-packing";
            complaint.what = "the capture cannot be unpacked or read";
            complaint.why = why;
            complaint.next = "copy it again from where it was captured";
        }
        return std::unexpected{std::move(complaint)};
    }
    std::unique_ptr<File> file{new File};
    file->format_ = walker->format();
    file->total_ = total;
    file->chunks_ = std::make_unique<Chunks>(std::move(plain), Bytes{start}.first(filled), *walker, readers);
    walker->show({}, walker->position());
    for (unsigned i = 0; i < readers; ++i) {
        auto& cursor = *file->cursors_.emplace_back(new Cursor{*walker});
        cursor.chunks_ = file->chunks_.get();
        cursor.index_ = i;
    }
    return file;
}

Result<std::unique_ptr<File>> File::adopt(Descriptor descriptor, const std::string& name, unsigned readers) {
    struct stat about{};
    if (::fstat(descriptor.number(), &about) != 0) return std::unexpected{cannot_open(name, errno)};
    if (S_ISDIR(about.st_mode)) return std::unexpected{cannot_open(name, EISDIR)};
    const auto size = S_ISREG(about.st_mode) ? static_cast<std::uint64_t>(about.st_size) : 0;
    // Somebody may have read a part of it already: then it is a stream like a pipe.
    if (size != 0 && ::lseek(descriptor.number(), 0, SEEK_CUR) == 0) {
        auto mapping = Mapping::of(descriptor.number(), static_cast<std::size_t>(size));
        if (mapping && !packed(mapping->bytes())) {
            auto walker = Walker::begin(mapping->bytes());
            if (!walker) {
                walker.error().where = name;
                return std::unexpected{std::move(walker).error()};
            }
            const auto bytes = mapping->bytes();
            return over(bytes, *std::move(walker), std::move(mapping), std::max(readers, 1u));
        }
    }
    return with_name(stream(from_descriptor(std::move(descriptor)), size, readers), name);
}

Result<std::unique_ptr<File>> File::open(const std::string& path, unsigned readers) {
    if (path == "-") {
        Descriptor input{::dup(STDIN_FILENO)};
        if (input.number() < 0) return std::unexpected{cannot_open("standard input", errno)};
        return adopt(std::move(input), "standard input", readers);
    }
    Descriptor descriptor{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY)};
    if (descriptor.number() < 0) return std::unexpected{cannot_open(path, errno)};
    return adopt(std::move(descriptor), path, readers);
}

Progress File::progress() const noexcept {
    Progress progress{~std::uint64_t{0}, total_};
    for (const auto& cursor : cursors_)
        progress.done = std::min(progress.done, cursor->place_.load(std::memory_order_relaxed));
    return progress;
}

} // namespace yagura::capture
