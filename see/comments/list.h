// A list of device comments or of variables, as a controller's tool writes it: which tool it was, which
// column is what, and the words that its rows are.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "see/comments/notation.h"
#include "see/tables/problem.h"
#include "see/tables/table_file.h"

namespace yagura::see::comments {

enum class Tool : std::uint8_t {
    gx_works, ///< and GX Developer
    kv_studio,
    cx_programmer,
    sysmac_studio,
    tia_portal,
    step7,
    studio_5000,
    other, ///< a table with addresses and what they mean
};
std::string_view key(Tool) noexcept;
Tool tool_of(std::string_view key) noexcept; ///< other, if it is none
/// As same_maker() knows it; empty: nobody's in particular.
std::string_view maker_of(Tool) noexcept;

enum class Column : std::uint8_t {
    address,
    name,
    type,
    comment,
    scope,     ///< of Studio 5000: the program that a tag is of
    specifier, ///< of Studio 5000: the operand that a comment is about, what an alias stands for
    kind,      ///< of Studio 5000: TAG, ALIAS, COMMENT, RCOMMENT
};
inline constexpr std::size_t column_count = 7;
std::string_view key(Column) noexcept;
std::optional<Column> column_of(std::string_view key) noexcept;

/// From 0. Of several columns of comments (languages, titles) the first that says something counts.
struct Mapping {
    std::size_t sheet = 0;
    std::uint32_t header_row = 0;  ///< the last row of the head, or the first of the data
    std::uint32_t header_rows = 1; ///< 0: no headings
    Tool tool = Tool::other;
    Notation notation = Notation::modbus;
    std::vector<std::optional<Column>> columns{};
    bool operator==(const Mapping&) const = default;
};

/// Reads the file as read_table() does; a symbol table of STEP 7 in fixed columns (.asc) gets them back.
Result<tables::TableFile> read_list(Bytes file, const tables::TableLimits& limits = {});

/// By headings in Japanese and English; without any, by what the columns look like. `file` has a sheet at
/// least; of several, the one in which most is understood.
Mapping guessed(const tables::TableFile& file);
Mapping guessed(const tables::TableFile& file, std::size_t sheet);

std::vector<std::string> headings(const tables::Sheet& sheet, const Mapping& mapping);

/// Bytes of UTF-8 that a comment or a name has at most.
inline constexpr std::size_t text_most = 512;

struct Word {
    std::uint32_t row = 0; ///< of the file, from 1
    std::string address{}; ///< as the list has it
    std::string name{}, type{};
    std::string comment{};
    std::vector<std::string>
        objects{}; ///< first what the address means; those that another word has are left out
};

/// Codes: comments.not-an-address, .double-address (args "row", the row that has it, from 1), .too-long
/// ("most", bytes).
using tables::Problem, tables::problems_most;

struct Taken {
    std::vector<Word> words{};
    std::vector<Problem> problems{};
    std::size_t problem_count = 0;
    std::uint32_t bad_rows = 0; ///< left out for their problems
    std::uint32_t silent_rows =
        0; ///< an address of which nothing is said, a label without an address, a repetition
};

/// Comments in the form that people search in: half-width katakana and full-width letters become the usual
/// ones.
Taken taken(const tables::Sheet& sheet, const Mapping& mapping);

} // namespace yagura::see::comments
