#include "see/api/ledger_store.h"

#include <unistd.h>

#include <map>

#include "see/api/answers.h"
#include "see/api/kept_files.h"
#include "see/api/words.h"
#include "spine/api/passwords.h"

namespace yagura::see {

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
    if (auto written = write_whole(in.folder, file, store::text_of(whole), "the ledger"); !written)
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
