#include "see/tables/table_writer.h"

#include <algorithm>

#include "spine/base/text.h"
#include "spine/base/utf8.h"

namespace yagura::see::tables {
namespace {

/// What a spreadsheet runs. "+81 52 …" and "-5" are numbers, "-" is what people write for nothing.
bool would_run(std::string_view text) {
    const auto first = text.find_first_not_of(" \t\r\n");
    if (first == text.npos || !std::string_view{"=+-@|%"}.contains(text[first])) return false;
    if (text[first] != '+' && text[first] != '-') return true;
    return text.find_first_not_of("0123456789 ().,-+", first) != text.npos;
}

void csv_cell(std::string& out, std::string_view text, char delimiter, bool quoted) {
    const bool run = would_run(text);
    quoted |= text.find_first_of("\"\r\n") != text.npos || text.contains(delimiter) ||
              text.starts_with(' ') || text.ends_with(' ');
    if (quoted) out += '"';
    if (run) out += '\'';
    for (const char c : text) {
        if (c == '"') out += '"';
        out += c;
    }
    if (quoted) out += '"';
}

void xml_text(std::string& out, std::string_view text) {
    for (const char c : text) {
        if (c == '&')
            out += "&amp;";
        else if (c == '<')
            out += "&lt;";
        else if (c == '>')
            out += "&gt;";
        else if (c == '"')
            out += "&quot;";
        else // XML 1.0 has no way to write most control characters.
            out += static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t' ? ' ' : c;
    }
}

/// A, Z, AA.
std::string column_name(std::size_t column) {
    std::string out;
    for (++column; column > 0; column = (column - 1) / 26)
        out.insert(out.begin(), static_cast<char>('A' + (column - 1) % 26));
    return out;
}
std::string cell_name(std::size_t row, std::size_t column) { return cat(column_name(column), row + 1); }

/// Written as a number it reads the same.
bool is_whole(std::string_view text) {
    return !text.empty() && text.size() <= 15 && text.find_first_not_of("0123456789") == text.npos &&
           (text.size() == 1 || text[0] != '0');
}

std::size_t width_of(std::string_view text) {
    std::size_t width = 0;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if ((byte & 0xc0u) != 0x80u) width += byte >= 0xe0u ? 2 : 1;
    }
    return width;
}

constexpr std::string_view xml = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";
constexpr std::string_view main_space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
constexpr std::string_view relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
constexpr std::string_view packaging = "http://schemas.openxmlformats.org/package/2006";

std::string sheet_part(const Sheet& sheet) {
    std::vector<std::size_t> widths;
    std::string rows;
    for (std::size_t r = 0; r < sheet.rows.size(); ++r) {
        const auto& row = sheet.rows[r];
        if (row.empty()) continue;
        rows += cat("<row r=\"", r + 1, "\">");
        if (widths.size() < row.size()) widths.resize(row.size());
        for (std::size_t c = 0; c < row.size(); ++c) {
            const auto& text = row[c];
            if (text.empty()) continue;
            widths[c] = std::max(widths[c], width_of(text));
            if (is_whole(text)) {
                rows += cat("<c r=\"", cell_name(r, c), "\"><v>", text, "</v></c>");
                continue;
            }
            rows += cat("<c r=\"", cell_name(r, c),
                        "\" t=\"inlineStr\" s=\"1\"><is><t xml:space=\"preserve\">");
            xml_text(rows, text);
            rows += "</t></is></c>";
        }
        rows += "</row>";
    }
    std::string out = cat(xml, "<worksheet xmlns=\"", main_space, "\">");
    if (!widths.empty()) {
        out += "<cols>";
        for (std::size_t c = 0; c < widths.size(); ++c)
            out += cat("<col min=\"", c + 1, "\" max=\"", c + 1, "\" width=\"",
                       std::clamp<std::size_t>(widths[c] + 2, 6, 60), "\" customWidth=\"1\"/>");
        out += "</cols>";
    }
    out += cat("<sheetData>", rows, "</sheetData>");
    std::string merged;
    std::size_t many = 0;
    for (const auto& range : sheet.merged) {
        if (range.rows * std::uint64_t{range.columns} < 2) continue;
        merged += cat("<mergeCell ref=\"", cell_name(range.row, range.column), ":",
                      cell_name(range.row + range.rows - 1, range.column + range.columns - 1), "\"/>");
        ++many;
    }
    if (many > 0) out += cat("<mergeCells count=\"", many, "\">", merged, "</mergeCells>");
    return out + "</worksheet>";
}

} // namespace

std::string csv_text(const TableFile& file) {
    std::string out;
    if (file.sheets.empty()) return out;
    const auto end = file.crlf ? std::string_view{"\r\n"} : std::string_view{"\n"};
    if (file.says_delimiter) out += cat("sep=", std::string_view{&file.delimiter, 1}, end);
    const auto& rows = file.sheets.front().rows;
    std::size_t width = 0;
    for (const auto& row : rows) width = std::max(width, row.size());
    for (const auto& row : rows) {
        if (!row.empty())
            for (std::size_t c = 0; c < width; ++c) {
                if (c > 0) out += file.delimiter;
                csv_cell(out, c < row.size() ? std::string_view{row[c]} : std::string_view{}, file.delimiter,
                         file.quoted);
            }
        out += end;
    }
    return out;
}

std::vector<std::pair<std::string, std::string>> workbook_parts(const TableFile& file) {
    std::vector<std::pair<std::string, std::string>> out;
    std::string types, sheets, related;
    for (std::size_t i = 0; i < file.sheets.size(); ++i) {
        const auto& sheet = file.sheets[i];
        const auto part = cat("sheet", i + 1, ".xml");
        sheets += "<sheet name=\"";
        xml_text(sheets, sheet.name.empty() ? cat("Sheet", i + 1) : sheet.name);
        sheets += cat("\" sheetId=\"", i + 1, "\"", sheet.hidden ? " state=\"hidden\"" : "", " r:id=\"rId",
                      i + 1, "\"/>");
        related += cat("<Relationship Id=\"rId", i + 1, "\" Type=\"", relations,
                       "/worksheet\" Target=\"worksheets/", part, "\"/>");
        types += cat(
            "<Override PartName=\"/xl/worksheets/", part,
            "\" ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml\"/>");
        out.emplace_back(cat("xl/worksheets/", part), sheet_part(sheet));
    }
    related += cat("<Relationship Id=\"rId", file.sheets.size() + 1, "\" Type=\"", relations,
                   "/styles\" Target=\"styles.xml\"/>");
    out.emplace_back("xl/workbook.xml", cat(xml, "<workbook xmlns=\"", main_space, "\" xmlns:r=\"", relations,
                                            "\"><sheets>", sheets, "</sheets></workbook>"));
    out.emplace_back(
        "xl/styles.xml",
        cat(xml, "<styleSheet xmlns=\"", main_space,
            "\"><fonts count=\"1\"><font><sz val=\"11\"/><name val=\"Calibri\"/></font></fonts><fills "
            "count=\"2\"><fill><patternFill patternType=\"none\"/></fill><fill><patternFill "
            "patternType=\"gray125\"/></fill></fills><borders count=\"1\"><border><left/><right/><top/>"
            "<bottom/><diagonal/></border></borders><cellStyleXfs count=\"1\"><xf/></cellStyleXfs>"
            "<cellXfs count=\"2\"><xf numFmtId=\"0\" xfId=\"0\"/><xf numFmtId=\"49\" xfId=\"0\" "
            "applyNumberFormat=\"1\"/></cellXfs></styleSheet>"));
    out.emplace_back("xl/_rels/workbook.xml.rels", cat(xml, "<Relationships xmlns=\"", packaging,
                                                       "/relationships\">", related, "</Relationships>"));
    out.emplace_back("_rels/.rels", cat(xml, "<Relationships xmlns=\"", packaging,
                                        "/relationships\"><Relationship Id=\"rId1\" Type=\"", relations,
                                        "/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"));
    out.emplace_back(
        "[Content_Types].xml",
        cat(xml, "<Types xmlns=\"", packaging,
            "/content-types\"><Default Extension=\"rels\" "
            "ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/><Default "
            "Extension=\"xml\" ContentType=\"application/xml\"/><Override PartName=\"/xl/workbook.xml\" "
            "ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml\"/>"
            "<Override PartName=\"/xl/styles.xml\" "
            "ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml\"/>",
            types, "</Types>"));
    return out;
}

} // namespace yagura::see::tables
