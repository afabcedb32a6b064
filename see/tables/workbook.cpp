#include "see/tables/workbook.h"

#include <algorithm>
#include <map>
#include <optional>

#include "see/tables/sheet_filler.h"
#include "spine/base/text.h"

namespace yagura::see::tables {
namespace {

constexpr std::size_t styles_most = 65'536; ///< a spreadsheet has 65,490 at most

struct Relation {
    std::string id, type,
        part; ///< type: the last word of its URI, which is one in both of the standard's kinds
};

/// A part's name, from the part that refers to it: "../a/b.xml" or "/xl/b.xml".
std::string resolved(std::string_view from, std::string_view target) {
    std::string path{target.starts_with('/') ? std::string_view{} : from.substr(0, from.rfind('/') + 1)};
    std::vector<std::string_view> steps;
    path += target;
    for (std::string_view rest{path}; !rest.empty();) {
        const auto end = std::min(rest.find('/'), rest.size());
        const auto step = rest.substr(0, end);
        if (step == "..") {
            if (!steps.empty()) steps.pop_back();
        } else if (!step.empty() && step != ".") {
            steps.push_back(step);
        }
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    std::string out;
    for (const auto step : steps) out += cat(out.empty() ? "" : "/", step);
    return out;
}

struct Relations final : XmlListener {
    explicit Relations(std::string_view owner) : from{owner} {}
    Result<void> start(std::string_view name, const XmlAttributes& attributes) override {
        if (name != "Relationship" || attributes.get("TargetMode") == "External") return {};
        if (all.size() == styles_most)
            return std::unexpected{unsafe("it has too many relations between parts", from)};
        const auto type = attributes.get("Type");
        all.push_back({.id = std::string{attributes.get("Id")},
                       .type = std::string{type.substr(type.rfind('/') + 1)},
                       .part = resolved(from, attributes.get("Target"))});
        return {};
    }
    std::string part_of(std::string_view type) const {
        const auto found = std::ranges::find(all, type, &Relation::type);
        return found == all.end() ? std::string{} : found->part;
    }
    std::string from;
    std::vector<Relation> all;
};

struct Sheets final : XmlListener {
    explicit Sheets(std::size_t most) : limit{most} {}
    Result<void> start(std::string_view name, const XmlAttributes& attributes) override {
        if (name == "workbookPr") {
            const auto word = attributes.get("date1904");
            since_1904 = word == "1" || word == "true";
        }
        if (name != "sheet") return {};
        if (all.size() == limit)
            return std::unexpected{too_large(cat("it has more than ", limit, " sheets"), {})};
        const auto state = attributes.get("state");
        all.push_back({.name = std::string{attributes.get("name")},
                       .part = std::string{attributes.get("id", true)},
                       .hidden = state == "hidden" || state == "veryHidden"});
        return {};
    }
    std::size_t limit;
    bool since_1904 = false;
    std::vector<Workbook::SheetPart> all; ///< with a relation's id for the part
};

struct Strings final : XmlListener {
    explicit Strings(const TableLimits& of) : limits{of} {}
    Result<void> start(std::string_view name, const XmlAttributes&) override {
        if (name == "si") now.clear();
        if (name == "rPh") phonetic = true;
        inside = name == "t" && !phonetic;
        return {};
    }
    void text(std::string_view piece) override {
        // Escapes are seven bytes for one; a text that is cut here is too long for a cell all the same.
        if (inside) now += piece.substr(0, std::min(piece.size(), 7 * (limits.cell + 1) - now.size()));
    }
    Result<void> end(std::string_view name) override {
        inside = false;
        if (name == "rPh") phonetic = false;
        if (name != "si") return {};
        auto whole = unescaped(now);
        if (whole.size() > limits.cell) whole.resize(limits.cell + 1);
        size += whole.size();
        if (all.size() == limits.cells || size > limits.text)
            return std::unexpected{too_large(cat("it has more than ", limits.text, " bytes of text"), {})};
        all.push_back(std::move(whole));
        return {};
    }
    const TableLimits& limits;
    bool inside = false, phonetic = false;
    std::string now;
    std::size_t size = 0;
    std::vector<std::string> all;
};

struct Styles final : XmlListener {
    Result<void> start(std::string_view name, const XmlAttributes& attributes) override {
        const auto format = number<std::uint32_t>(attributes.get("numFmtId")).value_or(0);
        if (name == "numFmt" && own.size() < styles_most)
            own.insert_or_assign(format, format_of(attributes.get("formatCode")));
        if (name == "cellXfs") cells = true;
        if (name == "xf" && cells && numbers.size() < styles_most) numbers.push_back(format);
        return {};
    }
    Result<void> end(std::string_view name) override {
        if (name == "cellXfs") cells = false;
        return {};
    }
    std::vector<NumberFormat> formats() const {
        std::vector<NumberFormat> out;
        for (const auto format : numbers)
            out.push_back(own.contains(format) ? own.at(format) : built_in_format(format));
        return out;
    }
    bool cells = false;
    std::map<std::uint32_t, NumberFormat> own;
    std::vector<std::uint32_t> numbers;
};

Complaint no_workbook(const Archive& archive) {
    return {.code = "ledger.not-a-table",
            .what = "the file was not read: it is a ZIP archive, and not a workbook that can be read",
            .why = archive.has("mimetype") ? "it looks like one of LibreOffice's own (ODS)"
                                           : "no part of it says that it is one (XLSX)",
            .next = "save the table as XLSX or CSV UTF-8, and try again"};
}

std::optional<int> hex_of(std::string_view text) {
    int value = 0;
    for (const char c : text) {
        const auto at = std::string_view{"0123456789ABCDEFabcdef"}.find(c);
        if (at == std::string_view::npos) return {};
        value = value * 16 + static_cast<int>(at < 16 ? at : at - 6);
    }
    return value;
}

} // namespace

std::string unescaped(std::string_view text) {
    std::string out;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const auto part = text.substr(at, 7);
        const auto code = part.size() == 7 && part.starts_with("_x") && part[6] == '_'
                              ? hex_of(part.substr(2, 4))
                              : std::nullopt;
        if (code && *code < 0x80) { // Everything above stands as itself.
            out += *code == 0 ? ' ' : static_cast<char>(*code);
            at += 6;
        } else {
            out += text[at];
        }
    }
    return out;
}

Result<void> read_part(const Archive& archive, const std::string& name, std::size_t& left,
                       XmlListener& listener) {
    XmlReader reader{listener, yagura::quoted(name)};
    if (auto done = archive.unpack(name, left, [&](Bytes piece) { return reader.feed(piece); }); !done)
        return done;
    return reader.feed({}, true);
}

Result<Workbook> read_workbook(const Archive& archive, std::size_t& left, const TableLimits& limits) {
    constexpr auto start = "_rels/.rels";
    if (!archive.has(start)) return std::unexpected{no_workbook(archive)};
    Relations package{""};
    if (auto done = read_part(archive, start, left, package); !done)
        return std::unexpected{std::move(done).error()};
    const auto book = package.part_of("officeDocument");
    if (!archive.has(book) || !book.ends_with(".xml")) return std::unexpected{no_workbook(archive)};

    const auto slash = book.rfind('/') + 1;
    Relations relations{book};
    Sheets sheets{limits.sheets};
    Strings strings{limits};
    Styles styles;
    const auto beside = cat(book.substr(0, slash), "_rels/", book.substr(slash), ".rels");
    const auto read = [&](const std::string& name, XmlListener& listener) -> Result<void> {
        if (name.empty()) return {}; // A workbook without texts has no shared ones.
        return read_part(archive, name, left, listener);
    };
    if (auto done = read(book, sheets); !done) return std::unexpected{std::move(done).error()};
    if (auto done = read(beside, relations); !done) return std::unexpected{std::move(done).error()};
    if (auto done = read(relations.part_of("sharedStrings"), strings); !done)
        return std::unexpected{std::move(done).error()};
    if (auto done = read(relations.part_of("styles"), styles); !done)
        return std::unexpected{std::move(done).error()};

    Workbook out{
        .strings = std::move(strings.all), .formats = styles.formats(), .since_1904 = sheets.since_1904};
    for (auto& sheet : sheets.all) {
        const auto found = std::ranges::find(relations.all, sheet.part, &Relation::id);
        if (found == relations.all.end() || found->type != "worksheet")
            continue; // A chart alone, or a macro's dialogue.
        sheet.part = found->part;
        out.sheets.push_back(std::move(sheet));
    }
    return out;
}

} // namespace yagura::see::tables
