#include "see/api/ledger_store.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <map>

#include "see/api/answers.h"
#include "see/api/words.h"
#include "see/ledger/encoding.h"
#include "spine/api/passwords.h"

namespace yagura::see {
namespace {

namespace fs = std::filesystem;

/// What the journal may still need of ledgers that were imported: the newest.
constexpr std::size_t files_kept = 10;

Complaint disk(std::string_view what) {
    return {.code = "api.disk-full",
            .what = std::string{what},
            .why = std::strerror(errno),
            .next = "free space where the data folder is, then import it again"};
}

/// Whole and on the disk, or not there.
Result<void> write_whole(const std::string& folder, const std::string& name, std::string_view text) {
    std::error_code ignored;
    fs::create_directories(folder, ignored);
    const auto path = cat(folder, "/", name), half = path + ".half";
    const int file = ::open(half.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (file < 0) return std::unexpected{disk("the ledger cannot be written")};
    bool good = true;
    while (good && !text.empty()) {
        const auto done = ::write(file, text.data(), text.size());
        if (done < 0 && errno == EINTR) continue;
        good = done > 0;
        if (good) text.remove_prefix(static_cast<std::size_t>(done));
    }
    good = good && ::fsync(file) == 0;
    good = ::close(file) == 0 && good && ::rename(half.c_str(), path.c_str()) == 0;
    if (!good) {
        auto complaint = disk("the ledger cannot be written");
        ::unlink(half.c_str());
        return std::unexpected{std::move(complaint)};
    }
    const int directory = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (directory >= 0) {
        ::fsync(directory);
        ::close(directory);
    }
    return {};
}

void forget_old(const std::string& folder) {
    std::vector<std::pair<fs::file_time_type, fs::path>> files;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator{folder, error})
        files.emplace_back(entry.last_write_time(error), entry.path());
    std::ranges::sort(files, std::greater{});
    for (std::size_t i = files_kept; i < files.size(); ++i) fs::remove(files[i].second, error);
}

api::Response in_encoding(api::Response response, std::string_view encoding) {
    constexpr std::string_view mark = "\xef\xbb\xbf";
    if (encoding == "utf-8-bom") return response;
    if (response.body.starts_with(mark)) response.body.erase(0, mark.size());
    if (encoding == "cp932") {
        response.body = ledger::in_cp932(response.body);
        response.type = "text/csv; charset=windows-31j";
    }
    return response;
}

} // namespace

Result<Imported> import_ledger(const LedgerParts& in, std::string_view name,
                               const std::vector<ledger::Entry>& rows, ledger::How how,
                               std::string_view who) {
    YAGURA_TRY(const auto head, in.reader.ledger());
    YAGURA_TRY(const auto now, in.reader.entries());
    std::map<std::uint64_t, const store::LedgerRow*> known;
    std::vector<ledger::Entry> entries;
    for (const auto& row : now) {
        known[row.id] = &row;
        entries.push_back(entry_of(row));
    }
    Imported out{.merged = ledger::merged(entries, rows, how, head.last_entry)};
    if (out.merged.entries.size() > store::ledger_rows_most)
        return std::unexpected{
            Complaint{.code = "model.bad-value",
                      .what = cat("a ledger has at most ", store::ledger_rows_most, " entries"),
                      .next = "leave out what is not on the network"}};
    const observe::Time at{std::chrono::nanoseconds{in.clock.now()}};
    std::vector<store::LedgerRow> whole;
    for (const auto& entry : out.merged.entries) {
        const auto before = known.find(entry.id);
        const bool same = before != known.end() && before->second->values == entry.values;
        whole.push_back({.id = entry.id,
                         .row = entry.row,
                         .values = entry.values,
                         .accepted = before == known.end() ? "[]" : before->second->accepted,
                         .at = same ? before->second->at : at,
                         .who = same ? before->second->who : std::string{who}});
    }
    const auto file = api::new_secret();
    if (auto written = write_whole(in.folder, file, store::text_of(whole)); !written)
        return std::unexpected{std::move(written).error()};
    const auto done = in.commands.run(
        model::ReplaceLedger{std::string{name}, file, head.version, out.merged.last_entry}, who);
    if (!done) {
        ::unlink(cat(in.folder, "/", file).c_str());
        return std::unexpected{done.error()};
    }
    forget_old(in.folder);
    out.at = done->at;
    return out;
}

api::Response export_ledger(const api::Request& request, const LedgerParts& in) {
    const auto found = in.reconciler.look(request.query.value("days", 30u));
    if (!found) return failed(found.error());
    const auto& all = **found;
    const auto wanted = request.in_query("list");
    const auto language = language_of(request);
    constexpr std::array list_names{"same", "different", "unseen", "not_in_ledger"};
    std::vector<std::string_view> columns{store::ledger_columns.begin(), store::ledger_columns.end()};
    for (const auto* seen :
         {"ledger_list", "differs", "seen_name", "seen_address", "seen_mac", "seen_role", "seen_vendor",
          "seen_product", "seen_firmware", "seen_serial", "seen_line", "last_seen"})
        columns.push_back(seen);
    for (auto& column : columns)
        column = word(language, "ledgerfield", column) == column ? word(language, "column", column)
                                                                 : word(language, "ledgerfield", column);
    api::Sheet sheet{api::sheet_form(request.in_query("format")), "ledger", columns};
    about(sheet, request);
    for (const auto& pair : all.pairs) {
        const std::string_view list = list_names[static_cast<std::size_t>(pair.list)];
        if (wanted.empty() ? !pair.entry : wanted != list) continue;
        std::vector<api::Sheet::Cell> cells;
        for (std::size_t i = 0; i < store::ledger_columns.size(); ++i)
            cells.emplace_back(pair.entry ? all.compared.entries[*pair.entry].values[i] : std::string{});
        std::string differs;
        for (const auto& one : pair.differences)
            differs += cat(differs.empty() ? "" : " ", word(language, "ledgerfield", ledger::key(one.field)));
        cells.emplace_back(std::string{word(language, "ledgerlist", list)});
        cells.emplace_back(std::move(differs));
        if (pair.device) {
            const auto& device = all.compared.devices[*pair.device];
            std::string macs;
            for (const auto& mac : device.macs) macs += cat(macs.empty() ? "" : " ", mac);
            for (const auto& text :
                 {device.name, device.address, macs, std::string{word(language, "devicerole", device.role)},
                  device.vendor, device.product, device.firmware, device.serial, device.line.name,
                  time_text(device.last)})
                cells.emplace_back(text);
        } else {
            cells.resize(columns.size());
        }
        sheet.row(cells);
    }
    auto response = std::move(sheet).response();
    return request.in_query("format") == "xlsx"
               ? std::move(response)
               : in_encoding(std::move(response), request.in_query("encoding"));
}

} // namespace yagura::see
