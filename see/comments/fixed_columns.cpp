#include "see/comments/fixed_columns.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "spine/base/text.h"

namespace yagura::see::comments {
namespace {

constexpr std::string_view mark = "126";
constexpr std::array<std::size_t, 3> widths{24, 12, 10}; // The rest is the comment.

bool is_one(const std::vector<std::string>& row) {
    return row.size() >= 2 && row[0] == mark && row[1].size() > widths[0];
}

/// How many bytes the character at the front has, and how many places it took.
std::pair<std::size_t, std::size_t> character(std::string_view text, bool double_width) noexcept {
    const auto first = static_cast<unsigned char>(text[0]);
    const std::size_t bytes = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    const bool half_katakana = text.starts_with("\xef\xbd") || text.starts_with("\xef\xbe");
    return {std::min(bytes, text.size()), double_width && bytes > 1 && !half_katakana ? 2 : 1};
}

/// Takes what stood in `width` places off the front.
std::string_view take(std::string_view& line, std::size_t width, bool double_width) {
    std::size_t at = 0, places = 0;
    while (at < line.size() && places < width) {
        const auto [bytes, wide] = character(line.substr(at), double_width);
        at += bytes;
        places += wide;
    }
    auto out = line.substr(0, at);
    line.remove_prefix(at);
    return out;
}

std::string trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(' ');
    if (first == text.npos) return {};
    return std::string{text.substr(first, text.find_last_not_of(' ') + 1 - first)};
}

} // namespace

void unfold(tables::Sheet& sheet, bool double_width) {
    const auto filled = std::ranges::count_if(sheet.rows, [](const auto& row) { return !row.empty(); });
    const auto ours = std::ranges::count_if(sheet.rows, is_one);
    if (ours == 0 || ours * 2 < filled) return;
    for (auto& row : sheet.rows) {
        if (!is_one(row)) continue;
        std::string whole; // A comma in a comment parted it.
        for (std::size_t i = 1; i < row.size(); ++i) whole += cat(i > 1 ? "," : "", row[i]);
        std::string_view line{whole};
        std::vector<std::string> cells;
        for (const auto width : widths) cells.push_back(trimmed(take(line, width, double_width)));
        cells.push_back(trimmed(line));
        row = std::move(cells);
    }
}

} // namespace yagura::see::comments
