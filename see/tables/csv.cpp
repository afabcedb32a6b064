#include "see/tables/csv.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "see/tables/encoding.h"
#include "see/tables/sheet_filler.h"
#include "spine/base/text.h"

namespace yagura::see::tables {
namespace {

/// One field after the other.
class Fields {
public:
    Fields(std::string_view text, char delimiter) noexcept : text_{text}, delimiter_{delimiter} {}

    /// False at the end of the text.
    bool next() {
        if (ended_) {
            if (at_ == text_.size()) return false;
            row_ = begun_ ? row_ + 1 : 0;
            column_ = 0;
        } else {
            ++column_;
        }
        begun_ = true;
        ended_ = line_ended_ = false;
        value_.clear();
        if (at_ < text_.size() && text_[at_] == '"') quoted_part();
        rest_of_field();
        return true;
    }

    std::uint32_t row() const noexcept { return row_; }
    std::uint32_t column() const noexcept { return column_; }
    std::string_view value() const noexcept { return value_; }
    /// Where the text goes on that was cut here.
    std::string end() const { return line_ended_ ? place({}, row_ + 1, 0) : place({}, row_, column_); }
    /// A quote was opened and the text ended before it was closed.
    bool open() const noexcept { return open_; }

private:
    void quoted_part() {
        for (++at_;;) {
            const auto quote = text_.find('"', at_);
            value_ += text_.substr(at_, quote - at_);
            if (quote == text_.npos) {
                open_ = true;
                at_ = text_.size();
                return;
            }
            at_ = quote + 1;
            if (at_ == text_.size() || text_[at_] != '"') return;
            value_ += '"';
            ++at_;
        }
    }

    void rest_of_field() {
        const char ends[]{delimiter_, '\r', '\n', '\0'};
        const auto end = std::min(text_.find_first_of(ends, at_), text_.size());
        value_ += text_.substr(at_, end - at_);
        at_ = end;
        if (at_ == text_.size()) {
            ended_ = true;
        } else if (text_[at_++] != delimiter_) {
            ended_ = line_ended_ = true;
            if (text_[at_ - 1] == '\r' && at_ < text_.size() && text_[at_] == '\n') ++at_;
        }
    }

    std::string_view text_;
    char delimiter_;
    std::string value_{};
    std::size_t at_ = 0;
    std::uint32_t row_ = 0, column_ = 0;
    bool begun_ = false, ended_ = true, line_ended_ = false, open_ = false;
};

constexpr std::size_t looked_at = 50;         ///< records by which the delimiter is found
constexpr std::size_t looked_into = 1u << 20; ///< bytes

/// How many records have the most frequent number of columns above one, and that number.
std::pair<std::size_t, std::size_t> evenness(std::string_view text, char delimiter) {
    Fields fields{text, delimiter};
    std::map<std::size_t, std::size_t> records; // by their columns
    std::size_t columns = 0;
    std::uint32_t row = 0;
    const auto count = [&] {
        if (columns > 1) ++records[columns];
    };
    while (fields.next() && fields.row() < looked_at) {
        if (fields.row() != row) count();
        row = fields.row();
        columns = fields.column() + std::size_t{1};
    }
    count();
    std::pair<std::size_t, std::size_t> best;
    for (const auto& [width, many] : records) best = std::max(best, {many, width});
    return best;
}

/// "sep=;" in the first line: Excel's own word, taken off the text.
std::optional<char> said(std::string_view& text) {
    if (!text.starts_with("sep=") || text.size() < 6 || (text[5] != '\r' && text[5] != '\n')) return {};
    const char delimiter = text[4];
    if (!std::string_view{",;\t|"}.contains(delimiter)) return {};
    text.remove_prefix(text.substr(5).starts_with("\r\n") ? 7 : 6);
    return delimiter;
}

char found(std::string_view text) {
    const auto begin = text.substr(0, looked_into);
    char best = ',';
    std::pair<std::size_t, std::size_t> most;
    for (const char delimiter : {',', '\t', ';'})
        if (const auto seen = evenness(begin, delimiter); seen > most) {
            most = seen;
            best = delimiter;
        }
    return best;
}

/// Every cell of the first line stands between quotes.
bool quoted(std::string_view text, char delimiter) {
    for (std::size_t at = 0;;) {
        if (at >= text.size() || text[at] != '"') return false;
        for (++at; at < text.size(); ++at)
            if (text[at] == '"') {
                if (at + 1 >= text.size() || text[at + 1] != '"') break;
                ++at;
            }
        ++at;
        if (at >= text.size() || text[at] != delimiter) return true;
        ++at;
    }
}

/// The cell's text without what was written around it for a spreadsheet's sake.
std::string_view meant(std::string_view value) {
    if (value.size() >= 3 && value.starts_with("=\"") && value.ends_with('"'))
        return value.substr(2, value.size() - 3);
    if (value.size() >= 2 && value[0] == '\'' && std::string_view{"=+-@|%"}.contains(value[1]))
        return value.substr(1);
    return value;
}

Complaint bad_byte(Bytes file, const Decoded& text, std::string_view where) {
    constexpr std::string_view digits = "0123456789abcdef";
    const auto byte = std::to_integer<unsigned>(file[*text.bad]);
    return {
        .code = "ledger.bad-byte",
        .what = cat("the file was not read: byte 0x", digits.substr(byte >> 4, 1),
                    digits.substr(byte & 15u, 1), " is no character of ", text.encoding),
        .why = "the file was cut, joined from pieces in two encodings, or is in an encoding that is not read",
        .where = cat(where, ", byte ", *text.bad),
        .next = "open it in a spreadsheet, look at this cell, save as CSV UTF-8 or XLSX, and try again"};
}

Complaint no_text() {
    return {.code = "ledger.not-a-table",
            .what = "the file was not read: it is neither text nor a workbook",
            .why = "it holds zero bytes",
            .next = "save the table as CSV UTF-8 or XLSX, and try again"};
}

} // namespace

Result<TableFile> read_csv(Bytes file, const TableLimits& limits) {
    const auto text = decoded(file);
    if (!text) return std::unexpected{text.error()};
    std::string_view rest{text->text};
    if (rest.contains('\0')) return std::unexpected{no_text()};
    const auto word = said(rest);
    TableFile out{.kind = "csv", .encoding = std::string{text->encoding}};
    out.delimiter = word ? *word : found(rest);
    out.says_delimiter = word.has_value();
    out.quoted = quoted(rest, out.delimiter);
    const auto line_end = rest.find('\n');
    out.crlf = line_end == rest.npos || (line_end > 0 && rest[line_end - 1] == '\r');
    Fields fields{rest, out.delimiter};
    auto& sheet = out.sheets.emplace_back();
    SheetFiller filler{limits};
    while (fields.next())
        if (auto done = filler.put(sheet, fields.row(), fields.column(), meant(fields.value())); !done)
            return std::unexpected{std::move(done).error()};
    if (text->bad) return std::unexpected{bad_byte(file, *text, fields.end())};
    if (fields.open())
        return std::unexpected{Complaint{
            .code = "ledger.open-quote",
            .what = "the file was not read: a quote is opened and not closed before its end",
            .why = "the file was cut, or a quote inside a cell is not doubled",
            .where = place(sheet, fields.row(), fields.column()),
            .next = "look at the cell with this row and column, save the table again, and try again"}};
    return out;
}

} // namespace yagura::see::tables
