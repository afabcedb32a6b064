#include <algorithm>
#include <array>
#include <set>

#include "see/ledger/columns.h"
#include "see/ledger/heading_words.h"
#include "see/ledger/normal.h"

namespace yagura::see::ledger {
namespace {

constexpr std::uint32_t titles_most = 30;  ///< rows above the head
constexpr std::size_t cells_most = 30'000; ///< in which heads are looked for, in all sheets together
constexpr std::size_t sampled = 200;       ///< rows by which a column's content is judged

std::string_view cell(const Sheet& sheet, std::size_t row, std::size_t column) noexcept {
    if (row >= sheet.rows.size() || column >= sheet.rows[row].size()) return {};
    return sheet.rows[row][column];
}

std::size_t width_of(const Sheet& sheet, std::size_t first) noexcept {
    std::size_t width = 0;
    for (auto row = first; row < sheet.rows.size(); ++row) width = std::max(width, sheet.rows[row].size());
    return width;
}

bool covers(const Range& range, std::uint32_t row, std::size_t column) noexcept {
    return row >= range.row && row - range.row < range.rows && column >= range.column &&
           column - range.column < range.columns;
}

/// One row of heads: each cell's text, the first one's in merged cells; `from` is the row that the text
/// stands in.
struct Head {
    std::string text{};
    std::uint32_t from = 0;
};

std::vector<Head> heads(const Sheet& sheet, std::uint32_t row, std::size_t width) {
    std::vector<Head> out(width);
    for (std::size_t c = 0; c < width; ++c) out[c] = {.text = plain(cell(sheet, row, c)), .from = row};
    std::vector<bool> covered(
        width); // Of ranges that overlap, which no spreadsheet writes, the first counts.
    for (const auto& range : sheet.merged) {
        if (range.column >= width || covered[range.column] || !covers(range, row, range.column)) continue;
        const auto text = plain(cell(sheet, range.row, range.column));
        const auto end = std::min<std::size_t>(width, std::size_t{range.column} + range.columns);
        for (std::size_t c = range.column; c < end && !covered[c]; ++c) {
            out[c] = {.text = text, .from = range.row};
            covered[c] = true;
        }
    }
    return out;
}

/// Which field each column is, and how sure the headings make it.
struct Guess {
    std::vector<std::optional<Field>> columns{};
    std::vector<bool> silent{}; ///< columns whose headings say nothing
    int score = 0;
};

/// Fields whose columns belong together: a second IP, a building and a floor.
bool several(Field field) noexcept {
    return field == Field::ip || field == Field::mac || field == Field::place || field == Field::contact ||
           field == Field::note;
}

Guess by_words(const std::vector<std::string>& words) {
    Guess out;
    out.columns.resize(words.size());
    out.silent.resize(words.size());
    std::vector<std::optional<Meaning>> meant;
    std::array<int, field_count> best{};
    for (const auto& heading : words) {
        const auto found = meant.emplace_back(heading.empty() ? std::nullopt : meaning(heading));
        if (found && found->field) {
            auto& rank = best[static_cast<std::size_t>(*found->field)];
            rank = std::max(rank, found->rank);
        }
    }
    std::array<bool, field_count> had{};
    for (std::size_t c = 0; c < words.size(); ++c) {
        out.silent[c] = !meant[c];
        if (!meant[c] || !meant[c]->field) continue;
        const auto field = *meant[c]->field;
        const auto at = static_cast<std::size_t>(field);
        // A usual word beside a better one is another thing ("工程" beside "ライン"), but a floor beside a
        // place is more of it.
        const bool first = !had[at] && meant[c]->rank == best[at];
        if (!first && !(several(field) && meant[c]->rank > 1)) continue;
        out.columns[c] = field;
        if (!had[at]) out.score += meant[c]->rank > 1 ? 2 : 1;
        had[at] = true;
    }
    return out;
}

struct Candidate {
    Mapping mapping{};
    Guess guess{};

    void take(std::uint32_t row, std::uint32_t rows, const Guess& found) {
        mapping.header_row = row;
        mapping.header_rows = rows;
        guess = found;
    }
};

/// "作成部署" above "管理番号": of one column, two heads that say different things are a title's row and the
/// head. Above several, the upper one is what they have in common ("担当" above "氏名" and "内線").
bool title_above(const Sheet& sheet, std::uint32_t row) {
    const auto width = width_of(sheet, row);
    const auto upper = heads(sheet, row, width), lower = heads(sheet, row + 1, width);
    for (std::size_t c = 0; c < width; ++c) {
        if (upper[c].text.empty() || lower[c].text.empty() || upper[c].from == lower[c].from) continue;
        if (c + 1 < width && upper[c + 1].text.empty() && !lower[c + 1].text.empty()) continue;
        const auto above = meaning(upper[c].text), below = meaning(lower[c].text);
        if (above && below && above->field != below->field) return true;
    }
    return false;
}

/// The best head of a sheet; a head of two rows if it says more than each of them, or if heads are merged
/// over both.
Candidate best_head(const Sheet& sheet) {
    Candidate best;
    const auto rows = std::min<std::uint32_t>(titles_most, static_cast<std::uint32_t>(sheet.rows.size()));
    std::vector<Guess> single;
    for (std::uint32_t row = 0; row < rows; ++row) single.push_back(by_words(headings(sheet, row, 1)));
    for (std::uint32_t row = 0; row < rows; ++row) {
        if (single[row].score > best.guess.score) best.take(row, 1, single[row]);
        if (row + 1 == rows) break;
        const bool merged = std::ranges::any_of(sheet.merged, [&](const Range& range) {
            return range.row == row && range.rows == 2 && !cell(sheet, row, range.column).empty();
        });
        const auto both = by_words(headings(sheet, row, 2));
        // Heads have several words that are known; a row of data may have one by chance.
        const bool more = both.score > single[row].score && both.score > single[row + 1].score &&
                          single[row + 1].score >= 3 && !title_above(sheet, row);
        if ((more || (merged && both.score >= single[row].score)) && both.score >= best.guess.score)
            best.take(row, 2, both);
    }
    return best;
}

/// Digits alone may be a serial or a telephone: a MAC is one by its separators or letters.
bool like_a_mac(std::string_view text) {
    const auto typed = plain(text);
    return mac(typed) && typed.find_first_not_of("0123456789") != typed.npos;
}
bool like_an_ip(std::string_view text) {
    const auto typed = plain(text);
    const auto found = ip(typed);
    return found && (typed.contains('.') || typed.contains(':'));
}

/// Nine of ten cells are so, and half of them differ: a gateway is an address, too, and everybody's.
bool column_is(const Sheet& sheet, std::size_t first, std::size_t column, bool (*like)(std::string_view)) {
    std::size_t filled = 0, fit = 0;
    std::set<std::string_view> different;
    const auto last = std::min(sheet.rows.size(), first + sampled);
    for (auto row = first; row < last; ++row) {
        const auto text = cell(sheet, row, column);
        if (text.empty()) continue;
        ++filled;
        fit += like(text);
        different.insert(text);
    }
    return filled && fit * 10 >= filled * 9 && different.size() * 2 >= filled;
}

void add_by_content(const Sheet& sheet, Mapping& mapping, const std::vector<bool>& silent) {
    const auto first = std::size_t{mapping.header_row} + mapping.header_rows;
    const auto add = [&](Field field, bool (*like)(std::string_view)) {
        if (std::ranges::find(mapping.columns, field) != mapping.columns.end()) return;
        for (std::size_t c = 0; c < mapping.columns.size(); ++c)
            if (!mapping.columns[c] && silent[c] && column_is(sheet, first, c, like))
                mapping.columns[c] = field;
    };
    add(Field::mac, like_a_mac);
    add(Field::ip, like_an_ip);
}

/// A table without a known heading: from the first row that has an address. What stands above it is its head.
Mapping by_content(const TableFile& file, std::size_t at) {
    const auto& sheet = file.sheets[at];
    const auto addressed = [](const std::vector<std::string>& row) {
        return std::ranges::any_of(
            row, [](const std::string& text) { return like_a_mac(text) || like_an_ip(text); });
    };
    const auto end = sheet.rows.begin() +
                     static_cast<std::ptrdiff_t>(std::min<std::size_t>(titles_most, sheet.rows.size()));
    const auto found = std::find_if(sheet.rows.begin(), end, addressed);
    Mapping out{.sheet = at, .header_row = 0, .header_rows = sheet.rows.size() > 1 ? 1u : 0u};
    if (found != end) {
        const auto row = static_cast<std::uint32_t>(found - sheet.rows.begin());
        const bool headed = row > 0 && sheet.rows[row - 1].size() > 1;
        out.header_row = headed ? row - 1 : row;
        out.header_rows = headed;
    }
    out.columns.resize(width_of(sheet, out.header_row));
    add_by_content(sheet, out, std::vector<bool>(out.columns.size(), true));
    return out;
}

} // namespace

std::vector<std::string> headings(const Sheet& sheet, std::uint32_t header_row, std::uint32_t header_rows) {
    const auto width = width_of(sheet, header_row);
    std::vector<std::string> out(width);
    if (header_rows == 0) return out;
    const auto upper = heads(sheet, header_row, width);
    for (std::size_t c = 0; c < width; ++c) out[c] = upper[c].text;
    if (header_rows < 2) return out;
    const auto lower = heads(sheet, header_row + 1, width);
    std::string parent; // The last head of the upper row that has something below it.
    for (std::size_t c = 0; c < width; ++c) {
        const auto& below = lower[c];
        const bool own = !below.text.empty() && below.from != upper[c].from;
        if (!upper[c].text.empty())
            parent = own ? upper[c].text : std::string{};
        else if (!own)
            parent.clear();
        if (!own) continue;
        out[c] = parent.empty() || parent == below.text ? below.text : parent + " / " + below.text;
    }
    return out;
}

Mapping guessed(const TableFile& file, std::size_t sheet) {
    auto best = best_head(file.sheets[sheet]);
    best.mapping.sheet = sheet;
    if (best.guess.score < 2) return by_content(file, sheet);
    auto out = std::move(best.mapping);
    out.columns = std::move(best.guess.columns);
    add_by_content(file.sheets[sheet], out, best.guess.silent);
    return out;
}

std::vector<std::optional<Field>> guessed_columns(const Sheet& sheet, std::uint32_t header_row,
                                                  std::uint32_t header_rows) {
    auto guess = by_words(headings(sheet, header_row, header_rows));
    Mapping out{.header_row = header_row, .header_rows = header_rows, .columns = std::move(guess.columns)};
    add_by_content(sheet, out, guess.silent);
    return std::move(out.columns);
}

Mapping guessed(const TableFile& file) {
    Candidate best;
    std::size_t cells = 0;
    for (const bool hidden : {false, true})
        for (std::size_t at = 0; at < file.sheets.size(); ++at) {
            const auto& sheet = file.sheets[at];
            if (sheet.hidden != hidden || (hidden && best.guess.score > 0)) continue;
            if (cells >= cells_most) break; // The person has to say which sheet it is.
            cells += std::min<std::size_t>(sheet.rows.size(), titles_most) * width_of(sheet, 0);
            auto one = best_head(sheet);
            one.mapping.sheet = at;
            if (one.guess.score > best.guess.score) best = std::move(one);
        }
    if (best.guess.score < 2) {
        const auto first = std::ranges::find_if(
            file.sheets, [](const Sheet& sheet) { return !sheet.hidden && !sheet.rows.empty(); });
        return by_content(
            file, first == file.sheets.end() ? 0 : static_cast<std::size_t>(first - file.sheets.begin()));
    }
    return guessed(file, best.mapping.sheet);
}

} // namespace yagura::see::ledger
