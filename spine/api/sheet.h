// A table that a person opens in a spreadsheet: CSV (RFC 4180, UTF-8 with a byte order mark) or a workbook
// (Office Open XML, ECMA-376 part 1, in a ZIP container of PKWARE's APPNOTE 6.3.3). What the network says
// stays text in either: no cell is ever a formula.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "spine/api/http.h"

namespace yagura::api {

class Sheet {
public:
    enum class Form : std::uint8_t { csv, xlsx };
    /// Text, or a number that can be added up. Nothing: an empty cell.
    using Cell = std::variant<std::monostate, std::string, std::uint64_t>;

    /// `name` becomes the file's: "devices" is devices.csv. Columns are named in the first row.
    Sheet(Form form, std::string name, std::vector<std::string_view> columns);

    void row(const std::vector<Cell>& cells);
    std::size_t rows() const noexcept { return rows_; }
    /// More would have fitted the question than a file takes: said in the file's name and in the workbook.
    void cut() noexcept { cut_ = true; }
    /// What was asked for, so that the file can be understood in a year. Only a workbook has room for it.
    void about(std::string_view what, std::string_view value);
    Response response() &&;

private:
    void xlsx_row(const std::vector<Cell>& cells, bool head);
    std::string workbook() const;

    Form form_;
    std::string name_, body_;
    std::vector<std::size_t> widths_{}; ///< characters of the widest cell of each column
    std::vector<std::pair<std::string, std::string>> about_{};
    std::size_t rows_ = 0;
    bool cut_ = false;
};

/// "xlsx", or CSV for everything else.
Sheet::Form sheet_form(std::string_view word) noexcept;

/// A ZIP archive of these files, deflated. Names are plain ASCII.
std::string zip(const std::vector<std::pair<std::string, std::string>>& files);

} // namespace yagura::api
