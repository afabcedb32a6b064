#include "apps/yagura/archive.h"

#include <fcntl.h>
#include <unistd.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <vector>

#include "spine/base/text.h"

namespace yagura::run {
namespace {

constexpr std::size_t block = 512, piece = 1u << 18;
using Header = std::array<char, block>;

// Where the fields of a header are (ustar).
constexpr std::size_t name_at = 0, name_size = 100, mode_at = 100, size_at = 124, size_size = 12,
                      sum_at = 148, type_at = 156, magic_at = 257, prefix_at = 345, prefix_size = 155;

std::unexpected<Complaint> failed(std::string_view what, const std::string& where, std::string_view next,
                                  int error = errno) {
    return std::unexpected{
        Complaint{.code = error == ENOSPC ? std::string_view{"backup.disk-full"} : "backup.failed",
                  .what = std::string{what},
                  .why = std::strerror(error),
                  .where = where,
                  .next = std::string{next}}};
}
std::unexpected<Complaint> damaged(std::string_view why, const std::string& where) {
    return std::unexpected{Complaint{.code = "restore.damaged",
                                     .what = "this backup is damaged, or is none",
                                     .why = std::string{why},
                                     .where = where,
                                     .next = "take another backup; nothing was changed"}};
}

void octal(Header& header, std::size_t at, std::size_t digits, std::uint64_t number) {
    for (std::size_t i = digits; i-- > 0; number >>= 3)
        header[at + i] = static_cast<char>('0' + (number & 7));
}
std::uint64_t sum_of(const Header& header) {
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < block; ++i)
        sum += i >= sum_at && i < sum_at + 8 ? ' ' : static_cast<unsigned char>(header[i]);
    return sum;
}
std::optional<std::uint64_t> from_octal(std::string_view digits) {
    std::uint64_t number = 0;
    bool any = false;
    for (const char c : digits) {
        if (c == '\0' || c == ' ') {
            if (any) break;
            continue;
        }
        if (c < '0' || c > '7' || number >> 60) return std::nullopt;
        number = number << 3 | static_cast<std::uint64_t>(c - '0');
        any = true;
    }
    return any ? std::optional{number} : std::nullopt;
}

/// Past 8 GiB octal digits end; the first bit says that the number follows in binary, as GNU tar writes it.
void put_size(Header& header, std::uint64_t bytes) {
    if (bytes < std::uint64_t{1} << 33) return octal(header, size_at, size_size - 1, bytes);
    header[size_at] = static_cast<char>(0x80);
    for (std::size_t i = 0; i < 8; ++i)
        header[size_at + size_size - 1 - i] = static_cast<char>(bytes >> (8 * i) & 0xff);
}
std::optional<std::uint64_t> size_in(const Header& header) {
    if ((static_cast<unsigned char>(header[size_at]) & 0x80) == 0)
        return from_octal({header.data() + size_at, size_size});
    std::uint64_t bytes = 0;
    for (std::size_t i = 4; i < size_size; ++i)
        bytes = bytes << 8 | static_cast<unsigned char>(header[size_at + i]);
    return bytes >> 62 ? std::nullopt : std::optional{bytes};
}

struct Context {
    void operator()(ZSTD_CCtx* context) const noexcept { ZSTD_freeCCtx(context); }
    void operator()(ZSTD_DCtx* context) const noexcept { ZSTD_freeDCtx(context); }
};

} // namespace

struct ArchiveWriter::Inside {
    std::string path;
    int descriptor = -1;
    std::unique_ptr<ZSTD_CCtx, Context> context{ZSTD_createCCtx()};
    std::vector<std::byte> out = std::vector<std::byte>(ZSTD_CStreamOutSize());

    ~Inside() {
        if (descriptor >= 0) ::close(descriptor);
    }
    Result<void> write(Bytes bytes, ZSTD_EndDirective how = ZSTD_e_continue) {
        ZSTD_inBuffer from{bytes.data(), bytes.size(), 0};
        for (;;) {
            ZSTD_outBuffer to{out.data(), out.size(), 0};
            const auto left = ZSTD_compressStream2(context.get(), &to, &from, how);
            if (ZSTD_isError(left)) return failed("the backup cannot be packed", path, "try again", ENOMEM);
            Bytes packed{out.data(), to.pos};
            while (!packed.empty()) {
                const auto wrote = ::write(descriptor, packed.data(), packed.size());
                if (wrote < 0 && errno == EINTR) continue;
                if (wrote < 0)
                    return failed("the backup cannot be written", path,
                                  "free space there, or name a file on another disk");
                packed = packed.subspan(static_cast<std::size_t>(wrote));
            }
            if (how == ZSTD_e_end ? left == 0 : from.pos == from.size) return {};
        }
    }
    Result<void> head(std::string_view name, std::uint64_t bytes) {
        Header header{};
        std::string_view prefix;
        if (name.size() > name_size)
            if (const auto slash = name.rfind('/', prefix_size); slash != name.npos) {
                prefix = name.substr(0, slash);
                name = name.substr(slash + 1);
            }
        if (name.size() > name_size || prefix.size() > prefix_size)
            return failed("a name is too long for a backup", std::string{name}, "give it a shorter one",
                          ENAMETOOLONG);
        std::ranges::copy(name, header.begin() + name_at);
        std::ranges::copy(prefix, header.begin() + prefix_at);
        octal(header, mode_at, 7, 0600);
        octal(header, mode_at + 8, 7,
              0); // Owner and group: whoever owns the folder that it is restored into.
        octal(header, mode_at + 16, 7, 0);
        put_size(header, bytes);
        octal(header, size_at + size_size, 11, 0); // Of what time, the manifest says.
        header[type_at] = '0';
        std::ranges::copy(std::string_view{"ustar\0"
                                           "00",
                                           8},
                          header.begin() + magic_at);
        octal(header, sum_at, 6, sum_of(header));
        header[sum_at + 7] = ' ';
        return write(std::as_bytes(std::span{header}));
    }
    Result<void> pad(std::uint64_t bytes) {
        static constexpr std::array<std::byte, block> nothing{};
        const auto over = bytes % block;
        return over == 0 ? Result<void>{} : write(Bytes{nothing}.first(block - over));
    }
};

ArchiveWriter::ArchiveWriter(std::unique_ptr<Inside> in) : in_{std::move(in)} {}
ArchiveWriter::ArchiveWriter(ArchiveWriter&&) noexcept = default;
ArchiveWriter::~ArchiveWriter() = default;

Result<ArchiveWriter> ArchiveWriter::create(const std::string& path) {
    auto in = std::make_unique<Inside>();
    in->path = path;
    in->descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (in->descriptor < 0)
        return failed("the backup cannot be written", path,
                      "name a new file in a folder that can be written");
    ZSTD_CCtx_setParameter(in->context.get(), ZSTD_c_compressionLevel, 3);
    ZSTD_CCtx_setParameter(in->context.get(), ZSTD_c_checksumFlag, 1);
    return ArchiveWriter{std::move(in)};
}

Result<Sha256::Digest> ArchiveWriter::add(std::string_view name, int descriptor, std::uint64_t bytes) {
    if (auto done = in_->head(name, bytes); !done) return std::unexpected{std::move(done).error()};
    Sha256 hash;
    std::vector<std::byte> room(piece);
    for (auto left = bytes; left != 0;) {
        const auto got = ::read(descriptor, room.data(), std::min<std::uint64_t>(left, room.size()));
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0)
            return failed(cat("what is to be kept cannot be read: ", name), in_->path,
                          "make the backup again", got < 0 ? errno : EIO);
        const Bytes some{room.data(), static_cast<std::size_t>(got)};
        hash.add(some);
        if (auto done = in_->write(some); !done) return std::unexpected{std::move(done).error()};
        left -= some.size();
    }
    if (auto done = in_->pad(bytes); !done) return std::unexpected{std::move(done).error()};
    return hash.finish();
}

Result<Sha256::Digest> ArchiveWriter::add(std::string_view name, Bytes content) {
    if (auto done = in_->head(name, content.size()); !done) return std::unexpected{std::move(done).error()};
    if (auto done = in_->write(content); !done) return std::unexpected{std::move(done).error()};
    if (auto done = in_->pad(content.size()); !done) return std::unexpected{std::move(done).error()};
    return Sha256{}.add(content).finish();
}

Result<void> ArchiveWriter::finish() {
    static constexpr std::array<std::byte, 2 * block> end{};
    if (auto done = in_->write(end); !done) return done;
    if (auto done = in_->write({}, ZSTD_e_end); !done) return done;
    if (::fsync(in_->descriptor) != 0)
        return failed("the backup cannot be written", in_->path, "look at that disk's health");
    return {};
}

struct ArchiveReader::Inside {
    std::string path;
    int descriptor = -1;
    std::unique_ptr<ZSTD_DCtx, Context> context{ZSTD_createDCtx()};
    std::vector<std::byte> packed = std::vector<std::byte>(ZSTD_DStreamInSize());
    ZSTD_inBuffer from{nullptr, 0, 0};
    std::uint64_t left = 0, padding = 0; ///< of the entry that we are in
    bool ended = false;

    ~Inside() {
        if (descriptor >= 0) ::close(descriptor);
    }
    /// Fewer only at the end of the file.
    Result<std::size_t> read(std::span<std::byte> into) {
        ZSTD_outBuffer to{into.data(), into.size(), 0};
        while (to.pos < to.size) {
            if (from.pos == from.size) {
                const auto got = ::read(descriptor, packed.data(), packed.size());
                if (got < 0 && errno == EINTR) continue;
                if (got < 0) return failed("the backup cannot be read", path, "look at that disk's health");
                if (got == 0) break;
                from = {packed.data(), static_cast<std::size_t>(got), 0};
            }
            if (const auto hint = ZSTD_decompressStream(context.get(), &to, &from); ZSTD_isError(hint))
                return damaged(ZSTD_getErrorName(hint), path);
        }
        return to.pos;
    }
    Result<void> exactly(std::span<std::byte> into) {
        YAGURA_TRY(const auto got, read(into));
        if (got != into.size()) return damaged("it ends in the middle", path);
        return {};
    }
};

ArchiveReader::ArchiveReader(std::unique_ptr<Inside> in) : in_{std::move(in)} {}
ArchiveReader::ArchiveReader(ArchiveReader&&) noexcept = default;
ArchiveReader::~ArchiveReader() = default;

Result<ArchiveReader> ArchiveReader::open(const std::string& path) {
    auto in = std::make_unique<Inside>();
    in->path = path;
    in->descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (in->descriptor < 0)
        return failed("the backup cannot be read", path, "name a file that `yagura backup` made");
    return ArchiveReader{std::move(in)};
}

Result<std::optional<ArchiveReader::Entry>> ArchiveReader::next() {
    auto& in = *in_;
    if (in.left != 0 || in.padding != 0)
        if (auto done = content([](Bytes) { return Result<void>{}; }); !done)
            return std::unexpected{std::move(done).error()};
    if (in.ended) return std::optional<Entry>{};
    Header header;
    if (auto done = in.exactly(std::as_writable_bytes(std::span{header})); !done)
        return std::unexpected{std::move(done).error()};
    if (std::ranges::all_of(header, [](char c) { return c == '\0'; })) {
        in.ended = true;
        return std::optional<Entry>{};
    }
    const auto sum = from_octal({header.data() + sum_at, 8});
    const auto bytes = size_in(header);
    if (!sum || *sum != sum_of(header) || !bytes || std::memcmp(header.data() + magic_at, "ustar", 5) != 0)
        return damaged("a header is not what it should be", in.path);
    if (header[type_at] != '0') return damaged("there is something in it that is no file", in.path);
    const auto text = [&](std::size_t at, std::size_t size) {
        return std::string{header.data() + at, ::strnlen(header.data() + at, size)};
    };
    Entry entry{text(name_at, name_size), *bytes};
    if (const auto prefix = text(prefix_at, prefix_size); !prefix.empty())
        entry.name = cat(prefix, "/", entry.name);
    in.left = entry.bytes;
    in.padding = (block - entry.bytes % block) % block;
    return std::optional{std::move(entry)};
}

Result<void> ArchiveReader::content(const std::function<Result<void>(Bytes)>& use) {
    auto& in = *in_;
    std::vector<std::byte> room(piece);
    while (in.left != 0) {
        const auto some = std::span{room}.first(std::min<std::uint64_t>(in.left, room.size()));
        if (auto done = in.exactly(some); !done) return done;
        in.left -= some.size();
        if (auto done = use(some); !done) return done;
    }
    const auto padding = std::span{room}.first(std::exchange(in.padding, 0));
    return in.exactly(padding);
}

} // namespace yagura::run
