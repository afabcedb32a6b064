#include "spine/api/sheet.h"

#include <zlib.h>

#include <algorithm>

#include "spine/base/text.h"

namespace yagura::api {
namespace {

constexpr std::size_t cell_most = 32'767; ///< characters that a spreadsheet takes in a cell

/// A spreadsheet runs what begins so, even after a blank; a quote before it makes it text.
bool like_a_formula(std::string_view text) noexcept {
    const auto first = text.find_first_not_of(" \t\r\n");
    return first != text.npos && std::string_view{"=+-@|%"}.contains(text[first]);
}

void csv_field(std::string& out, std::string_view raw) {
    const auto text = clipped(raw, cell_most);
    out += '"';
    if (like_a_formula(text)) out += '\'';
    for (const char c : text) {
        if (c == '"') out += '"';
        out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    }
    out += '"';
}

/// XML 1.0 has no way to write most control characters: they become blanks.
void xml_text(std::string& out, std::string_view raw) {
    auto text = clipped(raw, cell_most);
    // U+FFFE and U+FFFF are no characters of XML either.
    for (const std::string_view none : {"\xef\xbf\xbe", "\xef\xbf\xbf"})
        for (auto at = text.find(none); at != text.npos; at = text.find(none, at)) text.replace(at, 3, "?");
    for (const char c : text) {
        switch (c) {
        case '&':
            out += "&amp;";
            break;
        case '<':
            out += "&lt;";
            break;
        case '>':
            out += "&gt;";
            break;
        case '"':
            out += "&quot;";
            break;
        default:
            out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
        }
    }
}

/// Bytes of UTF-8 that begin a character; a full-width one counts for two.
std::size_t width_of(std::string_view text) noexcept {
    std::size_t width = 0;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if ((byte & 0xc0u) != 0x80u) width += byte >= 0xe0u ? 2 : 1;
    }
    return width;
}

void little(std::string& out, std::uint64_t value, int bytes) {
    for (int i = 0; i < bytes; ++i) out += static_cast<char>(value >> (8 * i) & 0xffu);
}

/// Without the header of zlib, as ZIP wants it; empty if zlib has no memory.
std::string deflated(std::string_view data) {
    z_stream stream{};
    if (deflateInit2(&stream, 6, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY) != Z_OK) return {};
    std::string out(deflateBound(&stream, static_cast<uLong>(data.size())), '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(data.data()));
    stream.avail_in = static_cast<uInt>(data.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    const bool whole = deflate(&stream, Z_FINISH) == Z_STREAM_END;
    out.resize(whole ? stream.total_out : 0);
    deflateEnd(&stream);
    return out;
}

constexpr std::string_view xml = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";
constexpr std::string_view main_space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
constexpr std::string_view relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
constexpr std::string_view packaging = "http://schemas.openxmlformats.org/package/2006";

} // namespace

Sheet::Form sheet_form(std::string_view word) noexcept {
    return word == "xlsx" ? Sheet::Form::xlsx : Sheet::Form::csv;
}

std::string zip(const std::vector<std::pair<std::string, std::string>>& files) {
    std::string out, directory;
    for (const auto& [name, data] : files) {
        const auto packed = deflated(data);
        const bool stored = packed.empty();
        const auto& body = stored ? data : packed;
        const auto at = out.size();
        std::string entry;
        little(entry, 20, 2);             // version that is needed: 2.0
        little(entry, 1u << 11, 2);       // names are UTF-8
        little(entry, stored ? 0 : 8, 2); // stored, deflated
        little(entry, 0, 2);              // time and date: 1980-01-01, so that equal tables are equal files
        little(entry, 0x21, 2);
        little(entry, crc32_z(0, reinterpret_cast<const Bytef*>(data.data()), data.size()), 4);
        little(entry, body.size(), 4);
        little(entry, data.size(), 4);
        little(entry, name.size(), 2);
        little(entry, 0, 2); // no extra field
        out += cat("PK\x03\x04", entry, name, body);
        directory += "PK\x01\x02";
        little(directory, 20, 2);
        directory += entry;
        little(directory, 0, 2); // no comment
        little(directory, 0, 2); // first disk
        little(directory, 0, 2);
        little(directory, 0, 4);
        little(directory, at, 4);
        directory += name;
    }
    const auto begin = out.size();
    out += directory;
    out += "PK\x05\x06";
    little(out, 0, 4);
    little(out, files.size(), 2);
    little(out, files.size(), 2);
    little(out, directory.size(), 4);
    little(out, begin, 4);
    little(out, 0, 2);
    return out;
}

Sheet::Sheet(Form form, std::string name, std::vector<std::string_view> columns)
    : form_{form}, name_{std::move(name)} {
    std::vector<Cell> head;
    for (const auto column : columns) head.emplace_back(std::string{column});
    if (form_ == Form::csv) {
        body_ = "\xef\xbb\xbf";
        row(head);
    } else {
        xlsx_row(head, true);
    }
    rows_ = 0;
}

void Sheet::row(const std::vector<Cell>& cells) {
    ++rows_;
    if (form_ == Form::xlsx) return xlsx_row(cells, false);
    for (std::size_t i = 0; i < cells.size(); ++i) {
        if (i) body_ += ',';
        if (const auto* text = std::get_if<std::string>(&cells[i]))
            csv_field(body_, *text);
        else if (const auto* number = std::get_if<std::uint64_t>(&cells[i]))
            body_ += cat(*number);
    }
    body_ += "\r\n";
}

void Sheet::xlsx_row(const std::vector<Cell>& cells, bool head) {
    body_ += "<row>";
    if (widths_.size() < cells.size()) widths_.resize(cells.size());
    for (std::size_t i = 0; i < cells.size(); ++i) {
        if (const auto* number = std::get_if<std::uint64_t>(&cells[i])) {
            body_ += cat("<c><v>", *number, "</v></c>");
            widths_[i] = std::max<std::size_t>(widths_[i], 12);
        } else if (const auto* text = std::get_if<std::string>(&cells[i]); text && !text->empty()) {
            // Style 1 is bold, 2 is text whatever it looks like, also when somebody edits the cell.
            body_ += cat("<c t=\"inlineStr\" s=\"", head ? 1 : 2, "\"><is><t xml:space=\"preserve\">");
            std::string clean;
            xml_text(clean, *text);
            widths_[i] = std::max(widths_[i], width_of(clean));
            body_ += cat(clean, "</t></is></c>");
        } else {
            body_ += "<c/>";
        }
    }
    body_ += "</row>";
}

void Sheet::about(std::string_view what, std::string_view value) { about_.emplace_back(what, value); }

std::string Sheet::workbook() const {
    const auto part = [](std::string_view type) {
        return cat("application/vnd.openxmlformats-officedocument.spreadsheetml.", type, "+xml");
    };
    std::string columns = "<cols>";
    for (std::size_t i = 0; i < widths_.size(); ++i)
        columns += cat("<col min=\"", i + 1, "\" max=\"", i + 1, "\" width=\"",
                       std::clamp<std::size_t>(widths_[i] + 2, 8, 60), "\" customWidth=\"1\"/>");
    columns += "</cols>";
    std::string last; // The last column in letters, for the filter of the first row.
    for (auto at = widths_.size(); at > 0; at = (at - 1) / 26)
        last.insert(last.begin(), static_cast<char>('A' + (at - 1) % 26));
    const auto table = cat(
        xml, "<worksheet xmlns=\"", main_space,
        "\"><sheetViews><sheetView workbookViewId=\"0\"><pane ySplit=\"1\" topLeftCell=\"A2\" "
        "activePane=\"bottomLeft\" state=\"frozen\"/></sheetView></sheetViews>",
        columns, "<sheetData>", body_, "</sheetData><autoFilter ref=\"A1:", last, rows_ + 1,
        "\"/></worksheet>");
    std::string told;
    auto all = about_;
    all.emplace_back("rows", cat(rows_, cut_ ? " (cut: more would fit)" : ""));
    for (const auto& [what, value] : all) {
        told += "<row><c t=\"inlineStr\" s=\"1\"><is><t>";
        xml_text(told, what);
        told += "</t></is></c><c t=\"inlineStr\" s=\"2\"><is><t xml:space=\"preserve\">";
        xml_text(told, value);
        told += "</t></is></c></row>";
    }
    const auto about = cat(
        xml, "<worksheet xmlns=\"", main_space,
        "\"><cols><col min=\"1\" max=\"1\" width=\"16\" customWidth=\"1\"/><col min=\"2\" max=\"2\" "
        "width=\"60\" customWidth=\"1\"/></cols><sheetData>",
        told, "</sheetData></worksheet>");
    const auto book = cat(
        xml, "<workbook xmlns=\"", main_space, "\" xmlns:r=\"", relations, "\"><sheets><sheet name=\"", name_,
        "\" sheetId=\"1\" r:id=\"rId1\"/><sheet name=\"about\" sheetId=\"2\" r:id=\"rId2\"/></sheets>"
        "</workbook>");
    const auto styles = cat(
        xml, "<styleSheet xmlns=\"", main_space,
        "\"><fonts count=\"2\"><font><sz val=\"11\"/><name val=\"Calibri\"/></font><font><b/><sz val=\"11\"/>"
        "<name val=\"Calibri\"/></font></fonts><fills count=\"2\"><fill><patternFill "
        "patternType=\"none\"/></fill>"
        "<fill><patternFill patternType=\"gray125\"/></fill></fills><borders "
        "count=\"1\"><border><left/><right/>"
        "<top/><bottom/><diagonal/></border></borders><cellStyleXfs count=\"1\"><xf/></cellStyleXfs>"
        "<cellXfs count=\"3\"><xf numFmtId=\"0\" xfId=\"0\"/><xf numFmtId=\"0\" fontId=\"1\" xfId=\"0\" "
        "applyFont=\"1\"/><xf numFmtId=\"49\" xfId=\"0\" applyNumberFormat=\"1\" "
        "quotePrefix=\"1\"/></cellXfs>"
        "</styleSheet>");
    const auto related = [](std::string_view id, std::string_view kind, std::string_view target) {
        return cat("<Relationship Id=\"", id, "\" Type=\"", relations, "/", kind, "\" Target=\"", target,
                   "\"/>");
    };
    const auto override = [&](std::string_view name, std::string_view type) {
        return cat("<Override PartName=\"/xl/", name, "\" ContentType=\"", part(type), "\"/>");
    };
    return zip(
        {{"[Content_Types].xml",
          cat(xml, "<Types xmlns=\"", packaging,
              "/content-types\"><Default Extension=\"rels\" "
              "ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>",
              override("workbook.xml", "sheet.main"), override("worksheets/sheet1.xml", "worksheet"),
              override("worksheets/sheet2.xml", "worksheet"), override("styles.xml", "styles"), "</Types>")},
         {"_rels/.rels", cat(xml, "<Relationships xmlns=\"", packaging, "/relationships\">",
                             related("rId1", "officeDocument", "xl/workbook.xml"), "</Relationships>")},
         {"xl/workbook.xml", book},
         {"xl/_rels/workbook.xml.rels", cat(xml, "<Relationships xmlns=\"", packaging, "/relationships\">",
                                            related("rId1", "worksheet", "worksheets/sheet1.xml"),
                                            related("rId2", "worksheet", "worksheets/sheet2.xml"),
                                            related("rId3", "styles", "styles.xml"), "</Relationships>")},
         {"xl/styles.xml", styles},
         {"xl/worksheets/sheet1.xml", table},
         {"xl/worksheets/sheet2.xml", about}});
}

Response Sheet::response() && {
    const bool csv = form_ == Form::csv;
    Response out{.body = csv ? std::move(body_) : workbook(),
                 .type = csv ? "text/csv; charset=utf-8"
                             : "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"};
    out.headers.emplace_back("Content-Disposition",
                             cat("attachment; filename=\"", name_, cut_ ? cat("-first-", rows_) : "",
                                 csv ? ".csv" : ".xlsx", "\""));
    return out;
}

} // namespace yagura::api
