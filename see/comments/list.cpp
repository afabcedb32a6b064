#include "see/comments/list.h"

#include <algorithm>
#include <array>

#include "see/comments/fixed_columns.h"

namespace yagura::see::comments {
namespace {

constexpr std::array<std::string_view, 8> tools{"gx_works",   "kv_studio", "cx_programmer", "sysmac_studio",
                                                "tia_portal", "step7",     "studio_5000",   "other"};
constexpr std::array<std::string_view, column_count> columns{"address", "name",      "type", "comment",
                                                             "scope",   "specifier", "kind"};

} // namespace

std::string_view key(Tool tool) noexcept { return tools[static_cast<std::size_t>(tool)]; }

Tool tool_of(std::string_view key) noexcept {
    const auto* const found = std::ranges::find(tools, key);
    return found == tools.end() ? Tool::other : static_cast<Tool>(found - tools.begin());
}

std::string_view maker_of(Tool tool) noexcept {
    switch (tool) {
    case Tool::gx_works:
        return "三菱電機";
    case Tool::kv_studio:
        return "キーエンス";
    case Tool::cx_programmer:
    case Tool::sysmac_studio:
        return "オムロン";
    case Tool::tia_portal:
    case Tool::step7:
        return "シーメンス";
    case Tool::studio_5000:
        return "ロックウェル";
    case Tool::other:
        break;
    }
    return {};
}

std::string_view key(Column column) noexcept { return columns[static_cast<std::size_t>(column)]; }

std::optional<Column> column_of(std::string_view key) noexcept {
    const auto* const found = std::ranges::find(columns, key);
    return found == columns.end() ? std::nullopt
                                  : std::optional{static_cast<Column>(found - columns.begin())};
}

Result<tables::TableFile> read_list(Bytes file, const tables::TableLimits& limits) {
    YAGURA_TRY(auto out, tables::read_table(file, limits));
    if (out.kind == "csv")
        for (auto& sheet : out.sheets) unfold(sheet, out.encoding == "cp932");
    return out;
}

} // namespace yagura::see::comments
