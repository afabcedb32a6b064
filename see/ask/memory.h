// When which question was asked last, and how it ended: what keeps a device from being asked twice, whatever
// falls in between. A row is written before its question leaves.
#pragma once

#include <array>
#include <map>
#include <string_view>

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
    stopped = 8,     ///< a person stopped us
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

inline constexpr std::size_t row_bytes = 48, rows_most = 65'536;
std::array<std::byte, row_bytes> encode(const Row&) noexcept;
/// Nothing of bytes that were torn or are not ours.
std::optional<Row> decode(Bytes) noexcept;

/// Rows by address and question, each in a place of its own.
class Memory {
public:
    /// What an earlier run left, row after row; the rest of a torn file is left out and counted.
    static Memory read(Bytes file);
    struct Place {
        Row row;
        std::size_t at; ///< bytes from the file's beginning
    };
    /// A new place at the end where there was none; nothing when `rows_most` stand already.
    Place* find(const observe::Ip&, const Query&);
    const Row* known(const observe::Ip&, const Query&) const;
    std::size_t size() const noexcept { return places_.size(); }
    std::size_t damaged() const noexcept { return damaged_; }

private:
    std::map<std::pair<observe::Ip, std::uint8_t>, Place> places_;
    std::size_t end_ = 0, damaged_ = 0;
};

} // namespace yagura::see::ask
