#include "see/tables/xlsx.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "see/tables/sheet_filler.h"
#include "see/tables/workbook.h"
#include "spine/base/text.h"

namespace yagura::see::tables {
namespace {

constexpr std::uint32_t rows_most = 1'048'576,
                        columns_most = 16'384; ///< of a spreadsheet, so that nothing overflows

/// "BC12" as (11, 54), both from 0.
std::optional<std::pair<std::uint32_t, std::uint32_t>> cell_at(std::string_view reference) {
    std::uint32_t column = 0;
    std::size_t at = 0;
    for (; at < reference.size() && reference[at] >= 'A' && reference[at] <= 'Z' && column <= columns_most;
         ++at)
        column = column * 26 + static_cast<std::uint32_t>(reference[at] - 'A' + 1);
    const auto row = number<std::uint32_t>(reference.substr(at));
    if (!row || *row == 0 || *row > rows_most || column == 0 || column > columns_most) return {};
    return std::pair{*row - 1, column - 1};
}

/// "A1:C2".
std::optional<Range> range_of(std::string_view reference) {
    const auto colon = reference.find(':');
    if (colon == reference.npos) return {};
    const auto first = cell_at(reference.substr(0, colon)), last = cell_at(reference.substr(colon + 1));
    if (!first || !last || last->first < first->first || last->second < first->second) return {};
    return Range{first->first, first->second, last->first - first->first + 1,
                 last->second - first->second + 1};
}

class Cells final : public XmlListener {
public:
    Cells(const Workbook& book, const TableLimits& limits, SheetFiller& filler, Sheet& sheet,
          std::string part)
        : book_{book}, limits_{limits}, filler_{filler}, sheet_{sheet}, part_{std::move(part)} {}

    Result<void> start(std::string_view name, const XmlAttributes& attributes) override {
        inside_ = false;
        if (name == "sheetData") data_ = true;
        if (name == "mergeCell") return merge(attributes.get("ref"));
        if (!data_) return {};
        if (name == "row") return begin_row(attributes.get("r"));
        if (name == "c") return begin_cell(attributes);
        if (name == "rPh") phonetic_ = true;
        inside_ = name == "v" || (name == "t" && !phonetic_);
        return {};
    }
    void text(std::string_view piece) override {
        if (inside_) text_ += piece.substr(0, std::min(piece.size(), 7 * (limits_.cell + 1) - text_.size()));
    }
    Result<void> end(std::string_view name) override {
        inside_ = false;
        if (name == "sheetData") data_ = false;
        if (name == "rPh") phonetic_ = false;
        if (name == "c" && data_) return end_cell();
        return {};
    }

private:
    std::unexpected<Complaint> wrong(std::string why) const {
        return std::unexpected{damaged(std::move(why), cat(part_, ", ", place(sheet_, row_, column_)))};
    }
    Result<void> begin_row(std::string_view said) {
        const auto row = said.empty() ? next_row_ + 1 : number<std::uint32_t>(said).value_or(0);
        if (row == 0 || row > rows_most) return wrong("a row has a number that cannot be");
        row_ = row - 1;
        next_row_ = row;
        next_column_ = 0;
        return {};
    }
    /// Where no place is said, a cell follows the one before it.
    Result<void> begin_cell(const XmlAttributes& attributes) {
        column_ = next_column_;
        if (const auto said = attributes.get("r"); !said.empty()) {
            const auto at = cell_at(said);
            if (!at) return wrong("a cell has a place that cannot be");
            row_ = at->first;
            column_ = at->second;
        }
        next_column_ = column_ + 1;
        type_ = attributes.get("t");
        style_ = number<std::uint32_t>(attributes.get("s")).value_or(0);
        text_.clear();
        return {};
    }
    Result<void> end_cell() {
        if (text_.empty()) return {};
        if (type_ == "s") {
            const auto at = number<std::uint32_t>(text_);
            if (!at || *at >= book_.strings.size()) return wrong("a cell's text is none of the shared ones");
            return filler_.put(sheet_, row_, column_, book_.strings[*at]);
        }
        if (type_.empty() || type_ == "n") {
            const auto format = style_ < book_.formats.size() ? book_.formats[style_] : NumberFormat{};
            return filler_.put(sheet_, row_, column_, shown(text_, format, book_.since_1904));
        }
        if (type_ == "b") return filler_.put(sheet_, row_, column_, text_ == "1" ? "TRUE" : "FALSE");
        return filler_.put(sheet_, row_, column_, unescaped(text_)); // inlineStr, str, e, d
    }
    Result<void> merge(std::string_view reference) {
        const auto range = range_of(reference);
        if (!range) return wrong(cat("merged cells are none: ", yagura::quoted(reference.substr(0, 32))));
        return filler_.merge(sheet_, *range);
    }

    const Workbook& book_;
    const TableLimits& limits_;
    SheetFiller& filler_;
    Sheet& sheet_;
    std::string part_, type_{}, text_{};
    std::uint32_t row_ = 0, column_ = 0, next_row_ = 0, next_column_ = 0, style_ = 0;
    bool data_ = false, inside_ = false, phonetic_ = false;
};

} // namespace

Result<TableFile> read_xlsx(Bytes file, const TableLimits& limits) {
    YAGURA_TRY(const auto archive, Archive::open(file));
    auto left = limits.unpacked;
    YAGURA_TRY(const auto book, read_workbook(archive, left, limits));
    TableFile out{.kind = "xlsx"};
    SheetFiller filler{limits};
    for (const auto& [name, part, hidden] : book.sheets) {
        auto& sheet = out.sheets.emplace_back(Sheet{.name = name, .hidden = hidden});
        Cells cells{book, limits, filler, sheet, yagura::quoted(part)};
        if (auto done = read_part(archive, part, left, cells); !done)
            return std::unexpected{std::move(done).error()};
    }
    return out;
}

} // namespace yagura::see::tables
