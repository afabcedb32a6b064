// The parts of a workbook that say what its sheets are made of.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "see/tables/archive.h"
#include "see/tables/number_format.h"
#include "see/tables/table_file.h"
#include "see/tables/xml.h"

namespace yagura::see::tables {

struct Workbook {
    struct SheetPart {
        std::string name, part; ///< as people see it; in the container
        bool hidden = false;
    };
    std::vector<SheetPart> sheets{};
    std::vector<std::string>
        strings{}; ///< shared ones; one that is too long for a cell is cut one byte behind that
    std::vector<NumberFormat> formats{}; ///< by the number of a cell's style
    bool since_1904 = false;
};

/// Reads a part of the container as XML. `left` as in Archive::unpack().
Result<void> read_part(const Archive& archive, const std::string& name, std::size_t& left,
                       XmlListener& listener);

/// Everything but the sheets' cells.
Result<Workbook> read_workbook(const Archive& archive, std::size_t& left, const TableLimits& limits);

/// Text as it was meant: "_x000D_" stands for what XML cannot hold (18.18.89, ST_Xstring).
std::string unescaped(std::string_view text);

} // namespace yagura::see::tables
