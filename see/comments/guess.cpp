// Which tool wrote a list, and which column is what.
#include <algorithm>
#include <array>

#include "see/comments/heading_words.h"
#include "see/ledger/normal.h"
#include "spine/base/text.h"

namespace yagura::see::comments {
namespace {

constexpr std::uint32_t head_within = 30;
constexpr std::size_t rows_looked_at = 500;
constexpr std::array notations{Notation::melsec, Notation::keyence, Notation::omron, Notation::siemens};

std::string_view cell(const tables::Sheet& sheet, std::size_t row, std::size_t column) noexcept {
    const auto& cells = sheet.rows[row];
    return column < cells.size() ? std::string_view{cells[column]} : std::string_view{};
}

std::size_t width_of(const tables::Sheet& sheet) noexcept {
    std::size_t width = 0;
    for (std::size_t i = 0; i < std::min(sheet.rows.size(), rows_looked_at); ++i)
        width = std::max(width, sheet.rows[i].size());
    return width;
}

/// What could be Omron's, and is not written as its tools do: bits have two digits there, and a bare number
/// of five is a register of Modbus.
bool like_omron(std::string_view text) {
    const auto point = text.find('.');
    if (point != text.npos) return text.size() - point == 3;
    return text.size() < 5 || text.find_first_not_of("0123456789") != text.npos;
}

/// How much of a column is an address in this notation.
struct Fit {
    std::size_t filled = 0, fits = 0;
    double share() const noexcept {
        return filled == 0 ? 0 : static_cast<double>(fits) / static_cast<double>(filled);
    }
};
Fit fit(const tables::Sheet& sheet, std::size_t from, std::size_t column, Notation notation) {
    Fit out;
    for (auto row = from; row < std::min(sheet.rows.size(), from + rows_looked_at); ++row) {
        const auto text = ledger::plain(cell(sheet, row, column));
        if (text.empty()) continue;
        ++out.filled;
        out.fits += !objects_of(notation, text).empty() && (notation != Notation::omron || like_omron(text));
    }
    return out;
}

bool is_type(std::string_view text) {
    constexpr std::array known{"BOOL",  "BIT",   "INT",    "UINT",    "DINT", "UDINT", "LINT", "REAL",
                               "LREAL", "WORD",  "DWORD",  "CHANNEL", "BYTE", "TIME",  "CHAR", "STRING",
                               "SINT",  "USINT", "NUMBER", "TIMER",   "DATE", "S5TIME"};
    const auto form = ledger::compared(text);
    return std::ranges::any_of(known, [&](std::string_view one) { return form == ledger::compared(one); });
}

/// FX controllers number their inputs and outputs in octal: nobody has an 8, a 9 or a letter, and there are
/// enough of them for one to be missed.
bool counts_in_eights(const tables::Sheet& sheet, std::size_t from, std::size_t column) {
    std::size_t many = 0;
    bool two_digits = false;
    for (auto row = from; row < std::min(sheet.rows.size(), from + rows_looked_at); ++row) {
        const auto text = ledger::compared(cell(sheet, row, column));
        if (text.size() < 2 || (text[0] != 'x' && text[0] != 'y')) continue;
        const auto digits = std::string_view{text}.substr(1);
        if (digits.find_first_not_of("0123456789abcdef") != digits.npos) continue;
        if (digits.find_first_not_of("01234567") != digits.npos) return false;
        const auto first = digits.find_first_not_of('0');
        two_digits |= first != digits.npos && digits.size() - first > 1;
        ++many;
    }
    return two_digits && many > 8;
}

struct Head {
    std::uint32_t row = 0;
    std::vector<std::optional<Heading>> columns{};
    std::size_t known = 0;
};

/// The row of which the most is known; it has to have a comment and what that is of.
std::optional<Head> head_of(const tables::Sheet& sheet, std::size_t width) {
    std::optional<Head> best;
    for (std::uint32_t row = 0; row < std::min<std::size_t>(head_within, sheet.rows.size()); ++row) {
        Head head{.row = row, .columns = std::vector<std::optional<Heading>>(width)};
        bool comment = false, key = false;
        for (std::size_t column = 0; column < std::min(width, sheet.rows[row].size()); ++column) {
            head.columns[column] = heading_of(cell(sheet, row, column));
            if (!head.columns[column]) continue;
            ++head.known;
            comment |= head.columns[column]->column == Column::comment;
            key |= head.columns[column]->column == Column::address ||
                   head.columns[column]->column == Column::name;
        }
        if (comment && key && (!best || head.known > best->known)) best = std::move(head);
    }
    return best;
}

bool has(const Head& head, Sign sign) {
    return std::ranges::any_of(head.columns, [&](const auto& one) { return one && one->sign == sign; });
}

std::optional<std::size_t> place_of(const Mapping& mapping, Column column) {
    const auto found = std::ranges::find(mapping.columns, std::optional{column});
    return found == mapping.columns.end()
               ? std::nullopt
               : std::optional{static_cast<std::size_t>(found - mapping.columns.begin())};
}

std::size_t first_row(const Mapping& mapping) {
    return std::size_t{mapping.header_row} + mapping.header_rows;
}

Tool tool_by(Notation notation) {
    switch (notation) {
    case Notation::melsec:
    case Notation::melsec_octal:
        return Tool::gx_works;
    case Notation::keyence:
        return Tool::kv_studio;
    case Notation::omron:
        return Tool::cx_programmer;
    case Notation::siemens:
        return Tool::step7;
    default:
        return Tool::other;
    }
}

/// The notation in which most of the column is an address; the first of several that are as good.
std::pair<Notation, double> notation_by_cells(const tables::Sheet& sheet, std::size_t from,
                                              std::size_t column) {
    std::pair<Notation, double> best{Notation::modbus, 0};
    for (const auto notation : notations)
        if (const auto share = fit(sheet, from, column, notation).share(); share > best.second)
            best = {notation, share};
    return best;
}

void choose_notation(const tables::Sheet& sheet, Mapping& mapping) {
    const auto column = place_of(mapping, Column::address);
    if (!column) {
        mapping.notation = Notation::names;
        return;
    }
    // A heading that says so is half of the proof.
    const double most_of_it = mapping.header_rows > 0 ? 0.4 : 0.6;
    const auto [notation, share] = notation_by_cells(sheet, first_row(mapping), *column);
    mapping.notation = share < most_of_it ? Notation::modbus : notation;
    if (mapping.notation == Notation::melsec && counts_in_eights(sheet, first_row(mapping), *column))
        mapping.notation = Notation::melsec_octal;
    mapping.tool = tool_by(mapping.notation);
}

/// One column each, but for comments: the one with the highest rank, of these the first.
void keep_best(Mapping& mapping, const Head& head) {
    mapping.columns.assign(head.columns.size(), std::nullopt);
    for (std::size_t i = 0; i < column_count; ++i) {
        const auto column = static_cast<Column>(i);
        std::optional<std::size_t> best;
        for (std::size_t at = 0; at < head.columns.size(); ++at) {
            const auto& one = head.columns[at];
            if (!one || one->column != column) continue;
            if (column == Column::comment) mapping.columns[at] = column;
            if (!best || one->rank > head.columns[*best]->rank) best = at;
        }
        if (best) mapping.columns[*best] = column;
    }
}

Mapping by_head(const tables::Sheet& sheet, std::size_t at, const Head& head) {
    Mapping out{.sheet = at, .header_row = head.row, .header_rows = 1};
    keep_best(out, head);
    if (has(head, Sign::logix)) {
        out.tool = Tool::studio_5000;
        out.notation = Notation::logix;
        return out;
    }
    // "Type" is a kind of row in Studio 5000 alone.
    for (auto& column : out.columns)
        if (column == Column::kind)
            column = place_of(out, Column::type) ? std::nullopt : std::optional{Column::type};
    if (has(head, Sign::tia) || sheet.name == "PLC Tags") {
        out.tool = Tool::tia_portal;
        out.notation = Notation::siemens;
        return out;
    }
    if (has(head, Sign::sysmac)) {
        out.tool = Tool::sysmac_studio;
        out.notation = Notation::names;
        return out;
    }
    choose_notation(sheet, out);
    if (has(head, Sign::cx)) {
        out.tool = Tool::cx_programmer;
        out.notation = Notation::omron;
    }
    return out;
}

Mapping by_cells(const tables::Sheet& sheet, std::size_t at, std::size_t width) {
    Mapping out{.sheet = at, .header_row = 0, .header_rows = 0};
    out.columns.assign(width, std::nullopt);
    std::optional<std::size_t> address;
    double best = 0.6;
    for (std::size_t column = 0; column < width; ++column)
        if (const auto [notation, share] = notation_by_cells(sheet, 0, column); share > best) {
            best = share;
            address = column;
        }
    if (!address) return out;
    out.columns[*address] = Column::address;
    std::vector<std::size_t> texts;
    for (std::size_t column = 0; column < width; ++column) {
        if (column == *address) continue;
        std::size_t filled = 0, types = 0, flags = 0;
        for (std::size_t row = 0; row < std::min(sheet.rows.size(), rows_looked_at); ++row) {
            const auto text = cell(sheet, row, column);
            if (text.empty()) continue;
            ++filled;
            types += is_type(text);
            flags += text == "True" || text == "False";
        }
        if (filled == 0 || flags * 2 > filled) continue;
        if (types * 2 > filled)
            out.columns[column] = Column::type;
        else
            texts.push_back(column);
    }
    if (!texts.empty()) out.columns[texts.back()] = Column::comment;
    if (texts.size() > 1) out.columns[texts.front()] = Column::name;
    if (texts.size() == 1 && texts.front() < *address) out.columns[texts.front()] = Column::name;
    choose_notation(sheet, out);
    const bool percent = std::ranges::any_of(
        sheet.rows, [&](const auto& row) { return *address < row.size() && row[*address].starts_with('%'); });
    if (out.tool == Tool::step7 && percent) out.tool = Tool::tia_portal;
    return out;
}

} // namespace

Mapping guessed(const tables::TableFile& file, std::size_t at) {
    const auto& sheet = file.sheets[at];
    const auto width = width_of(sheet);
    if (const auto head = head_of(sheet, width)) return by_head(sheet, at, *head);
    return by_cells(sheet, at, width);
}

Mapping guessed(const tables::TableFile& file) {
    std::optional<Mapping> best;
    std::size_t most = 0;
    for (std::size_t at = 0; at < file.sheets.size(); ++at) {
        auto one = guessed(file, at);
        const auto known = static_cast<std::size_t>(std::ranges::count_if(
                               one.columns, [](const auto& column) { return column.has_value(); })) *
                               (file.sheets[at].hidden ? 1 : 2) +
                           (file.sheets[at].name == "PLC Tags" ? 100 : 0);
        if (best && known <= most) continue;
        most = known;
        best = std::move(one);
    }
    return best.value_or(Mapping{});
}

std::vector<std::string> headings(const tables::Sheet& sheet, const Mapping& mapping) {
    std::vector<std::string> out(std::max(width_of(sheet), mapping.columns.size()));
    if (mapping.header_rows == 0 || mapping.header_row >= sheet.rows.size()) return out;
    for (std::size_t column = 0; column < out.size(); ++column)
        out[column] = ledger::plain(cell(sheet, mapping.header_row, column));
    return out;
}

} // namespace yagura::see::comments
