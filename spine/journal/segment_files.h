// The journal's files by name: what stands in its folder, and one of them read, written, compressed. For
// files.cpp and whoever replays; nobody else's.
#pragma once

#include <cerrno>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "spine/journal/files.h"

namespace yagura::journal::disk {

inline constexpr std::string_view raw_end = ".ygj", closed_end = ".ygj.zst", unfinished_end = ".tmp";

std::unexpected<Complaint> failed(std::string_view doing, std::string where, int error = errno);

/// Sixteen digits, so that names sort like numbers.
std::string hexadecimal(std::uint64_t number);
std::optional<std::uint64_t> from_hexadecimal(std::string_view text) noexcept;

struct Name {
    std::string path;
    Stream stream;
    std::uint64_t first = 0, last = 0; ///< last 0: raw, nobody has counted
    bool closed = false;
};

/// In the order of their first arrival. What a fall left half made is not among them.
std::vector<Name> segments(const std::string& folder, const Stream* only = nullptr);

Result<void> write_all(int descriptor, Bytes bytes, const std::string& path);

struct Last {
    std::uint64_t arrival = 0, sequence = 0;
    std::size_t good = 0;
};
/// What its last whole record says, and where that ends.
Last last_of(Bytes segment) noexcept;

/// Into its closed form, beside which the raw one is not needed any more.
Result<void> compress(const Name& raw);

/// A new name is on disk when its folder is.
void sync_folder(const std::string& folder) noexcept;

} // namespace yagura::journal::disk
