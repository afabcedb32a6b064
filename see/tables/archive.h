// The container of a workbook: ZIP (PKWARE's APPNOTE 6.3.3), read from memory and never believed.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "spine/base/bytes.h"
#include "spine/base/result.h"

namespace yagura::see::tables {

/// Codes ledger.damaged-workbook and ledger.unsafe-workbook, for whatever is read out of the container.
Complaint damaged(std::string why, std::string where = {});
Complaint unsafe(std::string why, std::string where = {});

class Archive {
public:
    /// Reads the directory. Refuses names that lead outside, names that are there twice, ZIP64 and
    /// encryption.
    static Result<Archive> open(Bytes file);

    bool has(std::string_view name) const { return entries_.contains(name); }
    std::size_t size() const noexcept { return entries_.size(); }
    std::vector<std::string> names() const; ///< in their order

    /// Hands out the content of a part piece by piece. `left` is what may still be unpacked of all parts
    /// together, and is lowered. A wrong checksum is found at the end: what was handed out before counts only
    /// if this returns well.
    Result<void> unpack(std::string_view name, std::size_t& left,
                        const std::function<Result<void>(Bytes piece)>& take) const;

private:
    struct Entry {
        std::uint32_t offset = 0, packed = 0, size = 0, checksum = 0;
        bool deflated = false;
    };

    explicit Archive(Bytes file) noexcept : file_{file} {}
    Result<void> add(Reader& directory);
    Result<Bytes> packed(std::string_view name, const Entry& entry) const;

    Bytes file_;
    std::size_t directory_ = 0; ///< where it begins: no part reaches into it
    std::map<std::string, Entry, std::less<>> entries_{};
};

} // namespace yagura::see::tables
