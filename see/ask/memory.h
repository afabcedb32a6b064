// When which question was asked last, and how it ended: what keeps a device from being asked twice, whatever
// falls in between. A row is written before its question leaves.
#pragma once

#include <array>
#include <functional>
#include <map>
#include <string_view>
#include <vector>

#include "see/ask/plan.h"

namespace yagura::see::ask {

/// How a dialogue ended. Numbers stand in files.
enum class End : std::uint8_t {
    never = 0,
    begun = 1, ///< no more is known: this program fell meanwhile
    answered = 2,
    silent = 3,      ///< nobody answered at all
    closed = 4,      ///< nobody offers this there: the connection was refused
    refused = 5,     ///< it said no
    broken = 6,      ///< it answered with what breaks the format
    fell_silent = 7, ///< it answered, and then no more: it may be overtaxed
    stopped = 8,     ///< a person stopped us, or this box failed in the middle of it
};
/// Signs that a device does not take being asked: nothing is asked of it any more until somebody approves
/// again.
constexpr bool looks_fragile(End end) noexcept {
    return end == End::broken || end == End::fell_silent || end == End::begun;
}
std::string_view word(End) noexcept;

struct Row {
    observe::Ip ip{};
    std::uint8_t query = 0; ///< its number for ever (query_number)
    End end = End::never;
    std::uint8_t silences = 0; ///< one after the other
    observe::Time begun{}, ended{};
};

/// Numbers of queries in files; 0: none of ours.
std::uint8_t query_number(std::string_view name) noexcept;

/// No row crosses a sector of a disk, or a page: one is written whole or not at all.
inline constexpr std::size_t row_bytes = 64, rows_most = 65'536;
static_assert(512 % row_bytes == 0);
std::array<std::byte, row_bytes> encode(const Row&) noexcept;
/// Nothing of bytes that were torn or are not ours.
std::optional<Row> decode(Bytes) noexcept;

/// Rows by address and question, each in a place of its own.
class Memory {
public:
    /// What an earlier run left, row after row. What is not whole is left out and counted: whoever was asked
    /// there is not known any more, so nobody may go on from it (`damaged`).
    static Memory read(Bytes file);
    struct Place {
        Row row;
        std::size_t at; ///< bytes from the file's beginning
    };
    /// A new place at the end where there was none; when `rows_most` stand already, the place of somebody
    /// whom no plan names any more, the oldest first; else nothing.
    Place* find(const observe::Ip&, const Query&);
    const Row* known(const observe::Ip&, const Query&) const;
    std::size_t size() const noexcept { return places_.size(); }
    std::size_t damaged() const noexcept { return damaged_; }

    using Planned = std::function<bool(const observe::Ip&, std::uint8_t query)>;
    /// From now on the places of all others are taken where there is no other.
    void may_forget_all_but(const Planned& planned);
    /// Is there a place for one more?
    bool room() const noexcept { return places_.size() < rows_most || !spare_.empty(); }
    std::uint64_t forgotten() const noexcept { return forgotten_; } ///< rows whose place was taken

private:
    using Key = std::pair<observe::Ip, std::uint8_t>;
    std::vector<Key> spare_; ///< the oldest at the back
    std::uint64_t forgotten_ = 0;
    std::map<Key, Place> places_;
    std::size_t end_ = 0, damaged_ = 0;
};

} // namespace yagura::see::ask
