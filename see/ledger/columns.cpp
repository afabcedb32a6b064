#include "see/ledger/columns.h"

#include <algorithm>
#include <array>
#include <unordered_map>

#include "see/ledger/normal.h"
#include "see/ledger/values.h"
#include "spine/base/utf8.h"

namespace yagura::see::ledger {
namespace {

constexpr std::size_t told_most = 128; ///< bytes of a value in a problem

std::string told(std::string_view text) {
    const auto all = plain(text);
    std::size_t end = 0;
    while (end < all.size()) {
        const auto next = end + std::max<std::size_t>(utf8_length(std::string_view{all}.substr(end)), 1);
        if (next > told_most) break;
        end = next;
    }
    return all.substr(0, end);
}

/// Cells merged over rows, asked row by row downwards. Of ranges that overlap, which no spreadsheet writes,
/// the first counts.
class MergedDown {
public:
    MergedDown(const Sheet& sheet, std::size_t width)
        : sheet_{sheet}, ranges_{sheet.merged}, columns_(width) {
        std::ranges::stable_sort(ranges_, {}, &Range::row);
    }

    void go_to(std::uint32_t row) {
        row_ = row;
        for (; next_ < ranges_.size() && ranges_[next_].row <= row; ++next_) {
            const auto& range = ranges_[next_];
            if (range.rows < 2 || range.column >= columns_.size()) continue;
            auto& column = columns_[range.column];
            if (range.row >= column.end) column = {.begin = range.row, .end = range.row + range.rows};
        }
    }
    /// The row in which the text of this column's cell stands.
    std::uint32_t origin(std::size_t column) const noexcept {
        return column < columns_.size() && row_ < columns_[column].end ? columns_[column].begin : row_;
    }
    std::string_view cell(std::size_t column) const noexcept {
        const auto& row = sheet_.rows[std::min<std::size_t>(origin(column), sheet_.rows.size() - 1)];
        return column < row.size() ? std::string_view{row[column]} : std::string_view{};
    }
    /// The first cell of this row is merged over three columns at least: if it is the only one, the name of
    /// what follows.
    bool is_section(const std::vector<std::string>& row) const {
        const auto filled = std::ranges::find_if(row, [](const std::string& text) { return !text.empty(); });
        const auto column = static_cast<std::uint32_t>(filled - row.begin());
        const auto here = std::ranges::equal_range(ranges_, row_, {}, &Range::row);
        return std::ranges::any_of(
            here, [&](const Range& range) { return range.column == column && range.columns >= 3; });
    }

private:
    struct Span {
        std::uint32_t begin = 0, end = 0;
    };
    const Sheet& sheet_;
    std::vector<Range> ranges_;
    std::vector<Span> columns_;
    std::size_t next_ = 0;
    std::uint32_t row_ = 0;
};

class Taking {
public:
    Taking(const Sheet& sheet, const Mapping& mapping)
        : sheet_{sheet},
          mapping_{mapping},
          headings_{headings(sheet, mapping.header_row, mapping.header_rows)},
          merged_{sheet, mapping.columns.size()},
          above_(mapping.columns.size()) {
        for (const auto field : {Field::name, Field::number})
            if (const auto found = std::ranges::find(mapping.columns, field); found != mapping.columns.end())
                anchor_ = static_cast<std::size_t>(found - mapping.columns.begin());
    }

    Taken run() {
        const auto first = std::uint64_t{mapping_.header_row} + mapping_.header_rows;
        for (auto row = first; row < sheet_.rows.size(); ++row) take(static_cast<std::uint32_t>(row));
        finish();
        return std::move(out_);
    }

private:
    void take(std::uint32_t row) {
        merged_.go_to(row);
        if (is_none(row)) {
            ++out_.empty_rows;
            return;
        }
        const bool same = anchor_ && open_ && merged_.origin(*anchor_) < row &&
                          merged_.origin(*anchor_) >= first_row_;
        if (!same) begin(row);
        last_row_ = row;
        for (std::size_t c = 0; c < mapping_.columns.size(); ++c)
            if (mapping_.columns[c]) add(row, c, *mapping_.columns[c]);
    }

    /// Rows that hold no entry.
    bool is_none(std::uint32_t row) {
        const auto& cells = sheet_.rows[row];
        std::size_t filled = 0;
        bool end_word = false;
        for (auto cell = cells.begin(); cell != cells.end() && filled < 2; ++cell) {
            if (cell->empty()) continue;
            if (cell->find_first_of("0123456789") != cell->npos) { // Sooner said than by comparing.
                ++filled;
                continue;
            }
            const auto form = compared(*cell);
            filled += !form.empty();
            end_word = form == "以上";
        }
        return filled == 0 || (filled == 1 && (end_word || merged_.is_section(cells))) || is_head(cells);
    }

    /// The head again, as it is printed on every page.
    bool is_head(const std::vector<std::string>& cells) const {
        if (mapping_.header_rows == 0) return false;
        const auto& head = sheet_.rows[std::min<std::size_t>(mapping_.header_row + mapping_.header_rows - 1,
                                                             sheet_.rows.size() - 1)];
        std::size_t filled = 0;
        for (std::size_t c = 0; c < cells.size(); ++c) {
            if (cells[c].empty()) continue;
            if (c >= head.size() || cells[c] != head[c]) return false;
            ++filled;
        }
        return filled > 1;
    }

    void begin(std::uint32_t row) {
        finish();
        entry_ = {.row = row + 1};
        where_ = {};
        first_row_ = row;
        open_ = true;
        bad_ = false;
    }

    void add(std::uint32_t row, std::size_t column, Field field) {
        const auto origin = merged_.origin(column);
        if (origin < row && origin >= first_row_ && row != first_row_)
            return; // Said already, in this entry's first row.
        auto cell = merged_.cell(column);
        if (cell.empty()) return;
        if (is_ditto(cell))
            cell = above_[column];
        else
            above_[column] = cell;
        auto value = value_of(field, cell);
        auto& kept = entry_[field];
        if (value.code.empty()) {
            if (field == Field::criticality && !kept.empty()) return;
            if (kept.empty()) where_[static_cast<std::size_t>(field)] = static_cast<std::uint32_t>(column);
            join(kept, value.text);
            if (kept.size() <= value_most) return;
            kept.resize(value_most);
            value.code = "ledger.too-long";
        }
        decltype(Problem::args) args;
        if (value.code == "ledger.too-long") args.emplace_back("most", static_cast<std::int64_t>(value_most));
        problem(row, column, cell, value.code, std::move(args));
    }

    void problem(std::uint32_t row, std::optional<std::size_t> column, std::string_view value,
                 std::string_view code, decltype(Problem::args) args) {
        bad_ = true;
        if (++out_.problem_count > problems_most) return;
        out_.problems.push_back(
            {.row = row + 1,
             .column = column ? static_cast<std::uint32_t>(*column + 1) : 0,
             .heading = column && *column < headings_.size() ? headings_[*column] : std::string{},
             .value = told(value),
             .code = code,
             .args = std::move(args)});
    }

    /// The entry that was begun is whole.
    void finish() {
        if (!open_) return;
        open_ = false;
        const bool keyed = std::ranges::any_of(
            std::array{Field::number, Field::name, Field::ip, Field::mac, Field::serial},
            [&](Field field) { return !entry_[field].empty(); });
        if (!keyed && !bad_) problem(first_row_, {}, {}, "ledger.no-key", {});
        check_double(Field::number, compared(entry_[Field::number]));
        const auto macs = entry_[Field::mac];
        for (std::string_view rest{macs}; !rest.empty();) {
            const auto end = std::min(rest.find(' '), rest.size());
            check_double(Field::mac, rest.substr(0, end));
            rest.remove_prefix(std::min(end + 1, rest.size()));
        }
        if (bad_) {
            ++out_.bad_rows;
            return;
        }
        out_.entries.push_back(std::move(entry_));
        out_.last_rows.push_back(last_row_ + 1);
    }

    void check_double(Field field, std::string_view form) {
        if (form.empty()) return;
        auto& had = field == Field::number ? numbers_ : macs_;
        const auto [first, fresh] = had.emplace(form, first_row_);
        if (fresh || first->second == first_row_) return;
        problem(first_row_, where_[static_cast<std::size_t>(field)],
                field == Field::mac ? form : entry_[field], "ledger.double-key",
                {{"row", std::int64_t{first->second} + 1}, {"field", std::string{key(field)}}});
    }

    const Sheet& sheet_;
    const Mapping& mapping_;
    std::vector<std::string> headings_;
    MergedDown merged_;
    std::optional<std::size_t> anchor_{};
    Taken out_{};
    Entry entry_{};
    std::vector<std::string_view> above_{};          ///< the last text of each column that is no ditto
    std::array<std::uint32_t, field_count> where_{}; ///< the column that said it first
    std::uint32_t first_row_ = 0, last_row_ = 0;
    bool open_ = false, bad_ = false;
    std::unordered_map<std::string, std::uint32_t> numbers_{}, macs_{}; ///< the row that has it
};

} // namespace

Taken taken(const Sheet& sheet, const Mapping& mapping) { return Taking{sheet, mapping}.run(); }

} // namespace yagura::see::ledger
