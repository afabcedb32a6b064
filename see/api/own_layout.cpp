#include "see/api/own_layout.h"

#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <set>
#include <span>

#include "see/api/answers.h"
#include "see/api/kept_files.h"
#include "see/api/ledger_values.h"
#include "see/api/words.h"
#include "see/ledger/layout.h"
#include "see/tables/encoding.h"
#include "see/tables/table_writer.h"
#include "spine/api/passwords.h"

namespace yagura::see {
namespace {

using ledger::Field;
constexpr std::string_view head = "layout 1 ";

struct Kept {
    ledger::Mapping mapping{};
    std::map<std::uint32_t, std::uint64_t> entries{};
    tables::TableFile table{};
};

/// A line of JSON, then the file as it was brought.
std::string text_of(const TableFiles::File& file, const ledger::Mapping& mapping,
                    const std::map<std::uint32_t, std::uint64_t>& entries) {
    json told{{"mapping", json_of(mapping)}, {"entries", json::array()}, {"bytes", file.bytes.size()}};
    for (const auto& [row, id] : entries) told["entries"].push_back({row, id});
    std::string out = cat(head, told.dump(), "\n");
    out.append(reinterpret_cast<const char*>(file.bytes.data()), file.bytes.size());
    return out;
}

/// Nothing: the file is gone or damaged.
std::optional<Kept> kept_layout(const std::string& path) {
    std::ifstream file{path, std::ios::binary};
    const std::string text{std::istreambuf_iterator<char>{file}, {}};
    const auto end = text.find('\n');
    if (!text.starts_with(head) || end == text.npos) return std::nullopt;
    const auto told = json::parse(text.begin() + head.size(), text.begin() + static_cast<std::ptrdiff_t>(end),
                                  nullptr, false);
    if (!told.is_object() || !told.contains("mapping") || !told.contains("entries") ||
        told.value("bytes", std::size_t{0}) != text.size() - end - 1)
        return std::nullopt;
    auto table = tables::read_table(std::as_bytes(std::span{text}.subspan(end + 1)));
    if (!table) return std::nullopt;
    Kept out;
    auto mapping = mapping_of(told["mapping"], *table);
    if (!mapping) return std::nullopt;
    out.mapping = *std::move(mapping);
    for (const auto& one : told["entries"])
        if (one.is_array() && one.size() == 2)
            out.entries.emplace(one[0].get<std::uint32_t>(), one[1].get<std::uint64_t>());
    out.table = *std::move(table);
    return out;
}

/// What is seen and what rules say, where the entry says nothing; and the devices that no entry is of.
void fill_in(std::vector<ledger::Entry>& entries, const Reconciled& all, Language language) {
    // A MAC that two of them would have (cloned lines, a router's) is nobody's by it: the table stays one
    // that can be imported.
    std::set<std::string, std::less<>> macs;
    const auto take_macs = [&](const std::string& several, bool add) {
        std::string out;
        for (std::string_view rest{several}; !rest.empty();) {
            const auto end = std::min(rest.find(' '), rest.size());
            if (const auto mac = rest.substr(0, end); macs.emplace(mac).second && add)
                out += cat(out.empty() ? "" : " ", mac);
            rest.remove_prefix(std::min(end + 1, rest.size()));
        }
        return out;
    };
    for (const auto& entry : entries) take_macs(entry[Field::mac], false);
    const auto more = [&](ledger::Entry& entry, std::size_t device) {
        const auto& seen = all.devices[device];
        auto known = ledger::entry_of(seen);
        if (seen.role != "unknown") known[Field::kind] = word(language, "devicerole", seen.role);
        if (const auto* said = all.said_of(seen.id))
            for (const auto& one : all.filled(seen.id)) known[one.field] = (*said)[one.field];
        known[Field::mac] = entry[Field::mac].empty() ? take_macs(known[Field::mac], true) : std::string{};
        for (std::size_t f = 0; f < ledger::field_count; ++f)
            if (entry.values[f].empty()) entry.values[f] = known.values[f];
    };
    std::vector<ledger::Entry> added;
    for (const auto& pair : all.pairs) {
        if (!pair.device) continue;
        if (pair.entry) {
            // An address of several entries is a controller's: its modules have none of their own.
            const auto first = all.entry_of.find(all.devices[*pair.device].id);
            if (first != all.entry_of.end() && first->second == *pair.entry)
                more(entries[*pair.entry], *pair.device);
        } else {
            more(added.emplace_back(), *pair.device);
        }
    }
    std::uint64_t none = UINT64_MAX; // No entry's number: rows of their own.
    for (auto& entry : added) {
        entry.id = none--;
        entries.push_back(std::move(entry));
    }
}

/// RFC 6266: a plain name for old programs, the real one beside it.
std::string disposition(std::string_view name, std::string_view kind) {
    auto stem = name;
    if (const auto dot = name.rfind('.'); dot != name.npos && name.size() - dot <= 5)
        stem = name.substr(0, dot);
    std::string coded;
    constexpr std::string_view digits = "0123456789ABCDEF";
    for (const char c : stem) {
        const auto byte = static_cast<unsigned char>(c);
        if ((byte >= '0' && byte <= '9') || ((byte | 0x20u) >= 'a' && (byte | 0x20u) <= 'z') || byte == '-' ||
            byte == '_')
            coded += c;
        else
            coded += cat("%", digits.substr(byte >> 4, 1), digits.substr(byte & 15u, 1));
    }
    return cat("attachment; filename=\"ledger.", kind, "\"; filename*=UTF-8''", coded, ".", kind);
}

std::string csv_in(const tables::TableFile& table) {
    auto text = tables::csv_text(table);
    if (table.encoding == "cp932") return tables::in_cp932(text);
    return table.encoding == "utf-8" ? text : "\xef\xbb\xbf" + text; // UTF-16, too: nobody reads only that.
}

} // namespace

std::map<std::uint32_t, std::uint64_t> entries_of_rows(const std::vector<ledger::Entry>& rows,
                                                       const ledger::Merged& merged,
                                                       std::uint64_t last_entry) {
    std::map<std::uint32_t, std::uint64_t> out;
    for (std::size_t i = 0; i < rows.size() && i < merged.entries.size(); ++i)
        if (merged.entries[i].id <= last_entry) out.emplace(rows[i].row, merged.entries[i].id);
    return out;
}

Result<observe::Time> keep_layout(const LedgerParts& in, const TableFiles::File& file,
                                  const ledger::Mapping& mapping,
                                  const std::map<std::uint32_t, std::uint64_t>& entries,
                                  std::string_view who) {
    const auto name = cat(api::new_secret(), layout_ending);
    if (auto written = write_whole(in.folder, name, text_of(file, mapping, entries), "the layout"); !written)
        return std::unexpected{std::move(written).error()};
    const auto done = in.commands.run(model::KeepLedgerLayout{file.name, name}, who);
    if (!done) {
        ::unlink(cat(in.folder, "/", name).c_str());
        return std::unexpected{done.error()};
    }
    forget_layouts(in.folder, name);
    return done->at;
}

api::Response put_layout(const api::Request& request, const LedgerParts& in) {
    const auto file = in.files.find(request.in_path("file_id"));
    if (!file) return nothing("file");
    const auto mapping = mapping_of(request.body["mapping"], file->table);
    if (!mapping) return api::problem(400, mapping.error());
    if (std::ranges::none_of(mapping->columns, [](const auto& column) { return column.has_value(); }))
        return unfit("mapping.columns", "no column has a meaning", "say of a column what it is");
    const auto found = in.reader.entries();
    const auto head_now = in.reader.ledger();
    if (!found) return failed(found.error());
    if (!head_now) return failed(head_now.error());
    std::vector<ledger::Entry> now;
    for (const auto& row : *found) now.push_back(entry_of(row));
    const auto rows = ledger::taken(file->table.sheets[mapping->sheet], *mapping).entries;
    const auto merged = ledger::merged(now, rows, ledger::How::add, head_now->last_entry);
    const auto entries = entries_of_rows(rows, merged, head_now->last_entry);
    const auto done = keep_layout(in, *file, *mapping, entries, request.who->name);
    if (!done) return refused(done.error());
    auto response = api::answer({{"name", api::clipped(file->name, 255)},
                                 {"at", time_text(*done)},
                                 {"rows", rows.size()},
                                 {"entries", entries.size()}});
    response.audit = cat(yagura::quoted(file->name), ", ", entries.size(), " of ", rows.size(), " rows");
    return response;
}

api::Response export_own(const api::Request& request, const LedgerParts& in) {
    const auto found = in.reconciler.look(30, std::chrono::seconds{0});
    if (!found) return failed(found.error());
    const auto& all = **found;
    const auto& layout = all.compared.ledger.layout;
    const auto refuse = [](std::string why, std::string next) {
        return api::problem(409, {.code = "ledger.no-layout",
                                  .what = "there is no layout of your own",
                                  .why = std::move(why),
                                  .next = std::move(next)});
    };
    if (layout.file.empty()) return refuse("no file was imported yet", "import your ledger once");
    auto kept = kept_layout(cat(in.folder, "/", layout.file));
    if (!kept) return refuse("the file that was kept is gone or damaged", "import your ledger once more");
    std::vector<ledger::Entry> entries;
    for (const auto& row : all.compared.entries) entries.push_back(entry_of(row));
    if (request.in_query("with") == "seen") fill_in(entries, all, language_of(request));
    auto& sheet = kept->table.sheets[kept->mapping.sheet];
    sheet = ledger::written(sheet, kept->mapping, kept->entries, entries).sheet;
    const bool csv = kept->table.kind == "csv";
    api::Response out{.body = csv ? csv_in(kept->table) : api::zip(tables::workbook_parts(kept->table)),
                      .type = !csv ? "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
                              : kept->table.encoding == "cp932" ? "text/csv; charset=windows-31j"
                                                                : "text/csv; charset=utf-8"};
    out.headers.emplace_back("Content-Disposition", disposition(layout.name, csv ? "csv" : "xlsx"));
    return out;
}

} // namespace yagura::see
