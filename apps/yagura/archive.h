// One file that holds others: POSIX ustar (IEEE Std 1003.1, "ustar Interchange Format") in zstd (RFC 8878),
// so that `tar --zstd -x` opens it, too. What comes out again is looked at like a stranger's: names, sizes
// and types.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "spine/base/bytes.h"
#include "spine/base/result.h"
#include "spine/base/sha256.h"

namespace yagura::run {

class ArchiveWriter {
public:
    /// Makes the file, for its owner alone; it must not exist.
    static Result<ArchiveWriter> create(const std::string& path);
    ArchiveWriter(ArchiveWriter&&) noexcept;
    ~ArchiveWriter();

    /// The next `bytes` bytes of an open file. Fewer are a complaint: the archive is no good then.
    Result<Sha256::Digest> add(std::string_view name, int descriptor, std::uint64_t bytes);
    Result<Sha256::Digest> add(std::string_view name, Bytes content);
    /// The end, on the disk.
    Result<void> finish();

private:
    struct Inside;
    explicit ArchiveWriter(std::unique_ptr<Inside> in);
    std::unique_ptr<Inside> in_;
};

class ArchiveReader {
public:
    static Result<ArchiveReader> open(const std::string& path);
    ArchiveReader(ArchiveReader&&) noexcept;
    ~ArchiveReader();

    struct Entry {
        std::string name;
        std::uint64_t bytes = 0;
    };
    /// The next file; nothing at the end, which has to be there.
    Result<std::optional<Entry>> next();
    /// Its content, in pieces; may stop with a complaint of its own.
    Result<void> content(const std::function<Result<void>(Bytes)>& use);

private:
    struct Inside;
    explicit ArchiveReader(std::unique_ptr<Inside> in);
    std::unique_ptr<Inside> in_;
};

} // namespace yagura::run
