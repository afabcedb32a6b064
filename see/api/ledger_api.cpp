#include "see/api/ledger_api.h"

#include <algorithm>
#include <array>
#include <map>
#include <unordered_map>

#include "see/api/answers.h"
#include "see/api/handlers.h"
#include "see/api/ledger_rules_api.h"
#include "see/api/ledger_store.h"
#include "see/api/ledger_values.h"
#include "see/api/own_layout.h"
#include "see/api/pages.h"
#include "see/api/table_problem.h"
#include "see/ledger/merge.h"

namespace yagura::see {
namespace {

constexpr std::array list_words{std::pair{std::string_view{"same"}, ledger::List::same},
                                std::pair{std::string_view{"different"}, ledger::List::different},
                                std::pair{std::string_view{"unseen"}, ledger::List::unseen},
                                std::pair{std::string_view{"not_in_ledger"}, ledger::List::not_in_ledger}};

ledger::List list_of(std::string_view word) {
    for (const auto& [name, list] : list_words)
        if (name == word) return list;
    return ledger::List::same;
}

unsigned days_of(const api::Request& request) { return request.query.value("days", 30u); }

json by_word(ledger::By by) {
    using enum ledger::By;
    return by == mac ? "mac" : by == ip ? "ip" : by == serial ? "serial" : by == name ? "name" : json{};
}

json device_json(const store::SeenDevice& device) {
    const auto some = [](const std::vector<std::string>& all) {
        json out = json::array();
        for (const auto& one : all)
            if (out.size() < 64) out.push_back(api::clipped(one, 64));
        return out;
    };
    json out{{"id", device.id},
             {"name", api::clipped(device.name)},
             {"role", role_word(device.role)},
             {"ips", some(device.ips)},
             {"macs", some(device.macs)},
             {"state", device.state},
             {"first_seen", time_text(device.first)},
             {"last_seen", time_text(device.last)}};
    put_text(out, "vendor", device.vendor);
    put_text(out, "product", device.product);
    put_text(out, "firmware", device.firmware);
    put_text(out, "serial", device.serial);
    if (!device.line.id.empty()) out["line"] = json_of(device.line);
    return out;
}

json pair_json(const Reconciled& all, const ledger::Pair& pair) {
    json out{{"entry", json{}},
             {"device", json{}},
             {"by", by_word(pair.by)},
             {"differences", json::array()},
             {"last_seen", json{}}};
    if (pair.device) {
        const auto& device = all.compared.devices[*pair.device];
        out["key"] = device.id;
        out["device"] = device_json(device);
        out["last_seen"] = time_text(device.last);
        if (auto by_rule = by_rule_json(all, device.id); !by_rule.empty())
            out["by_rule"] = std::move(by_rule);
    }
    if (pair.entry) {
        out["entry"] = json_of(all.compared.entries[*pair.entry]);
        out["key"] = out["entry"]["id"];
    }
    for (const auto& one : pair.differences)
        out["differences"].push_back({{"field", ledger::key(one.field)},
                                      {"ledger", api::clipped(one.ledger)},
                                      {"seen", api::clipped(one.seen)}});
    return out;
}

/// What a search looks at, in lower case.
std::string searched(const Reconciled& all, const ledger::Pair& pair) {
    std::string out;
    const auto add = [&](std::string_view text) {
        out += ' ';
        for (const char one : text) out += one >= 'A' && one <= 'Z' ? static_cast<char>(one + 32) : one;
    };
    if (pair.entry)
        for (const auto& value : all.compared.entries[*pair.entry].values) add(value);
    if (pair.device) {
        const auto& device = all.compared.devices[*pair.device];
        for (const auto* text : {&device.name, &device.address, &device.vendor, &device.product,
                                 &device.firmware, &device.serial, &device.role})
            add(*text);
        for (const auto* several : {&device.ips, &device.macs, &device.names})
            for (const auto& one : *several) add(one);
    }
    return out;
}

bool fits_words(const std::string& text, std::string_view wanted) {
    std::string lower;
    for (const char one : wanted) lower += one >= 'A' && one <= 'Z' ? static_cast<char>(one + 32) : one;
    for (std::string_view rest{lower}; !rest.empty();) {
        const auto end = std::min(rest.find(' '), rest.size());
        if (end != 0 && !text.contains(rest.substr(0, end))) return false;
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return true;
}

/// `line`: its id, or none. An entry without a device is on the line that the ledger names.
bool fits_line(const Reconciled& all, const ledger::Pair& pair, std::string_view line,
               const std::string& name) {
    if (pair.device) {
        const auto& id = all.compared.devices[*pair.device].line.id;
        return line == "none" ? id.empty() : id == line;
    }
    const auto& said = all.entries[*pair.entry].entry[ledger::Field::line];
    return line == "none" ? said.empty() : !name.empty() && same_text(said, name);
}

api::Response get(const api::Request& request, const LedgerParts& in) {
    const auto days = days_of(request);
    const auto found = in.reconciler.look(days);
    if (!found) return failed(found.error());
    const auto& all = **found;
    const auto devices = in.devices.list({}, store::DeviceSort::name, store::Order::ascending,
                                         {.cursor = {}, .most = 1});
    if (!devices) return failed(devices.error());
    json counts = json::object(), columns = json::array();
    for (const auto& [word, list] : list_words)
        counts[std::string{word}] = std::ranges::count(all.pairs, list, &ledger::Pair::list);
    for (std::size_t i = 0; i < store::ledger_columns.size(); ++i)
        if (std::ranges::any_of(all.compared.entries,
                                [i](const auto& row) { return !row.values[i].empty(); }))
            columns.push_back(store::ledger_columns[i]);
    const auto& head = all.compared.ledger;
    json out{{"entries", all.compared.entries.size()},
             {"file", json{}},
             {"layout", json{}},
             {"columns", std::move(columns)},
             {"counts", std::move(counts)},
             {"days", days},
             {"covered", devices->covered}};
    if (!head.layout.file.empty())
        out["layout"] = {{"name", api::clipped(head.layout.name, 255)},
                         {"at", time_text(head.layout.at)},
                         {"who", api::clipped(head.layout.who, 96)}};
    if (!head.name.empty()) {
        out["file"] = api::clipped(head.name, 255);
        put_time(out, "at", head.at);
        put_text(out, "who", head.who, 96);
    }
    return api::answer(out);
}

api::Response list(const api::Request& request, const LedgerParts& in) {
    const auto found = in.reconciler.look(days_of(request));
    if (!found) return failed(found.error());
    const auto& all = **found;
    const auto page = slice_of(request);
    if (!page) return failed(page.error());
    const auto wanted = list_of(request.in_path("list"));
    const auto text = request.in_query("q"), line = request.in_query("line");
    std::string line_name;
    for (const auto& device : all.compared.devices)
        if (device.line.id == line) line_name = device.line.name;
    json items = json::array();
    std::uint64_t total = 0;
    for (const auto& pair : all.pairs) {
        if (pair.list != wanted) continue;
        if (!line.empty() && !fits_line(all, pair, line, line_name)) continue;
        if (!text.empty() && !fits_words(searched(all, pair), text)) continue;
        if (total++ >= page->from && items.size() < page->most) items.push_back(pair_json(all, pair));
    }
    json out{{"items", std::move(items)}, {"total", total}};
    if (const auto next = page->from + out["items"].size(); next < total) out["next_cursor"] = cat(next);
    return api::answer(out);
}

std::optional<ledger::Seen> device_without_entry(const Reconciled& all, std::string_view id, bool& known) {
    known = false;
    for (std::size_t i = 0; i < all.devices.size(); ++i) {
        if (all.devices[i].id != id) continue;
        known = true;
        if (std::ranges::none_of(all.pairs,
                                 [i](const ledger::Pair& one) { return one.device == i && one.entry; }))
            return all.devices[i];
    }
    return std::nullopt;
}

/// Recorded and told as the API says; the audit log names what of it was said.
api::Response recorded(const LedgerParts& in, store::LedgerRow row, std::optional<std::uint64_t> id,
                       std::string_view who, std::string audit, int status) {
    row.at = observe::Time{std::chrono::nanoseconds{in.clock.now()}};
    row.who = who;
    const auto done = in.commands.run(model::PutLedgerEntry{id, store::text_of(row)}, who);
    if (!done) return refused(done.error());
    row.id = store::ledger_entry_number(done->id).value_or(0);
    auto response = api::answer(json_of(row), status);
    response.audit = std::move(audit);
    return response;
}

api::Response create(const api::Request& request, const LedgerParts& in) {
    const bool by_device = request.body.contains("device");
    ledger::Entry entry;
    if (by_device) {
        const auto found = in.reconciler.look(30);
        if (!found) return failed(found.error());
        const auto id = request.body["device"].get<std::string>();
        bool known = false;
        const auto device = device_without_entry(**found, id, known);
        if (!known) return nothing("device");
        if (!device)
            return api::problem(409, {.code = "ledger.device-has-entry",
                                      .what = "the ledger has an entry of this device already",
                                      .next = "correct that one"});
        entry = ledger::entry_of(*device);
    } else if (auto wrong = set_values(entry, request.body["values"])) {
        return *std::move(wrong);
    }
    if (std::ranges::all_of(entry.values, &std::string::empty))
        return unfit("values", "an entry says something", "give a number, a name or an address");
    store::LedgerRow row{.values = entry.values};
    row.accepted = "[]";
    return recorded(in, std::move(row), std::nullopt, request.who->name,
                    by_device ? cat("device ", request.body["device"].get<std::string>())
                              : told(request.body["values"]),
                    201);
}

api::Response edit(const api::Request& request, const LedgerParts& in) {
    auto row = in.reader.entry(request.in_path("entry_id"));
    if (!row) return failed(row.error());
    if (!*row) return nothing("entry");
    std::string audit;
    if (request.body.contains("values")) {
        auto entry = entry_of(**row);
        if (auto wrong = set_values(entry, request.body["values"])) return *std::move(wrong);
        if (std::ranges::all_of(entry.values, &std::string::empty))
            return unfit("values", "an entry says something", "delete it, if it says nothing");
        (*row)->values = entry.values;
        audit = told(request.body["values"]);
    }
    if (request.body.contains("accept")) {
        (*row)->accepted = accepted((*row)->accepted, request.body["accept"], request.who->name,
                                    in.clock.now());
        for (const auto& one : request.body["accept"])
            audit += cat(audit.empty() ? "" : ", ", one["seen"].is_null() ? "no more known: " : "known: ",
                         one["field"].get<std::string>());
    }
    const auto id = (*row)->id;
    return recorded(in, **std::move(row), id, request.who->name, std::move(audit), 200);
}

api::Response edit_of_devices(const api::Request& request, const LedgerParts& in) {
    const auto found = in.reconciler.look(30, std::chrono::seconds{0});
    if (!found) return failed(found.error());
    const auto& all = **found;
    std::unordered_map<std::string_view, std::size_t> places;
    for (std::size_t i = 0; i < all.devices.size(); ++i) places.emplace(all.devices[i].id, i);
    const observe::Time at{std::chrono::nanoseconds{in.clock.now()}};
    model::PutLedgerEntries asked;
    std::size_t made = 0;
    for (const auto& one : request.body["devices"]) {
        const auto& id = one.get_ref<const std::string&>();
        const auto place = places.find(id);
        if (place == places.end()) return nothing("device");
        const auto known = all.entry_of.find(id);
        store::LedgerRow row;
        if (known != all.entry_of.end()) {
            row = all.compared.entries[known->second];
        } else {
            row.values = ledger::entry_of(all.devices[place->second]).values;
            row.accepted = "[]";
            ++made;
        }
        auto entry = entry_of(row);
        if (auto wrong = set_values(entry, request.body["values"])) return *std::move(wrong);
        row.values = entry.values;
        row.at = at;
        row.who = request.who->name;
        asked.entries.push_back(
            {known == all.entry_of.end() ? std::nullopt : std::optional{row.id}, store::text_of(row)});
    }
    const auto many = asked.entries.size();
    const auto done = in.commands.run(std::move(asked), request.who->name);
    if (!done) return refused(done.error());
    auto response = api::answer({{"at", time_text(done->at)}, {"changed", many - made}, {"made", made}});
    response.audit = cat(many, " devices: ", told(request.body["values"]));
    return response;
}

api::Response remove(const api::Request& request, const LedgerParts& in) {
    const auto row = in.reader.entry(request.in_path("entry_id"));
    if (!row) return failed(row.error());
    if (!*row) return nothing("entry");
    const auto done = in.commands.run(model::DropLedgerEntry{(*row)->id}, request.who->name);
    if (!done) return refused(done.error());
    api::Response out{.status = 204};
    out.audit = told(json_of(**row)["values"]);
    return out;
}

json file_json(const TableFiles::Kept& file, const ledger::Mapping& mapping,
               const std::vector<ledger::Entry>& now) {
    const auto& table = file->table;
    const auto& sheet = table.sheets[mapping.sheet];
    const auto taken = ledger::taken(sheet, mapping);
    json sheets = json::array(), sample = json::array(), problems = json::array();
    for (const auto& one : table.sheets)
        if (sheets.size() < 256)
            sheets.push_back({{"name", api::clipped(one.name, 255)}, {"rows", one.rows.size()}});
    const std::size_t below = mapping.header_row + mapping.header_rows;
    for (auto row = below; row < std::min(below + 20, sheet.rows.size()); ++row) {
        json cells = json::array();
        for (const auto& cell : sheet.rows[row])
            if (cells.size() < 256) cells.push_back(api::clipped(cell, 4'096));
        sample.push_back(std::move(cells));
    }
    for (const auto& one : taken.problems)
        if (problems.size() < 100) problems.push_back(json_of(one));
    const auto merged = ledger::merged(now, taken.entries, ledger::How::replace, 0);
    json headings = json::array();
    for (const auto& one : ledger::headings(sheet, mapping.header_row, mapping.header_rows))
        if (headings.size() < 256) headings.push_back(api::clipped(one, 8'200));
    json out{{"id", file->id},
             {"name", api::clipped(file->name, 255)},
             {"kind", table.kind},
             {"sheets", std::move(sheets)},
             {"mapping", json_of(mapping)},
             {"headings", std::move(headings)},
             {"sample", std::move(sample)},
             {"rows", sheet.rows.size() - std::min(below, sheet.rows.size())},
             {"entries", taken.entries.size()},
             {"empty_rows", taken.empty_rows},
             {"problem_rows", taken.bad_rows},
             {"problems", std::move(problems)},
             {"problem_count", taken.problem_count},
             {"new", merged.made},
             {"changed", merged.changed},
             {"gone", merged.gone}};
    put_text(out, "encoding", table.encoding);
    return out;
}

Result<std::vector<ledger::Entry>> entries_now(const LedgerParts& in) {
    YAGURA_TRY(const auto rows, in.reader.entries());
    std::vector<ledger::Entry> out;
    for (const auto& row : rows) out.push_back(entry_of(row));
    return out;
}

api::Response look(const TableFiles::Kept& file, const ledger::Mapping& mapping, const LedgerParts& in,
                   int status) {
    const auto now = entries_now(in);
    if (!now) return failed(now.error());
    return api::answer(file_json(file, mapping, *now), status);
}

api::Response preview(const api::Request& request, const LedgerParts& in) {
    const auto file = in.files.find(request.in_path("file_id"));
    if (!file) return nothing("file");
    auto mapping = mapping_of(request.body["mapping"], file->table);
    if (!mapping) return api::problem(400, mapping.error());
    return look(file, *mapping, in, 200);
}

api::Response import(const api::Request& request, const LedgerParts& in) {
    const auto file = in.files.find(request.in_path("file_id"));
    if (!file) return nothing("file");
    const auto mapping = mapping_of(request.body["mapping"], file->table);
    if (!mapping) return api::problem(400, mapping.error());
    const auto taken = ledger::taken(file->table.sheets[mapping->sheet], *mapping);
    if (!taken.problems.empty() && !request.body.value("skip_problems", false))
        return api::problem(409, {.code = "ledger.has-problems",
                                  .what = cat(taken.bad_rows, " rows have a problem; nothing was changed"),
                                  .where = place_of(taken.problems.front()),
                                  .next = "mend them in the file, or leave those rows out"});
    const auto how = request.body["how"] == "add" ? ledger::How::add : ledger::How::replace;
    auto done = import_ledger(in, file->name, taken.entries, how, request.who->name);
    if (!done) return done.error().code == "store.busy" ? failed(done.error()) : refused(done.error());
    const auto& [merged, at] = *done;
    // A ledger that is taken and a layout that is not is a ledger all the same: the one before it stays.
    (void)keep_layout(in, *file, *mapping, entries_of_rows(taken.entries, merged, merged.last_entry),
                      request.who->name);
    auto response = api::answer({{"entries", merged.entries.size()},
                                 {"new", merged.made},
                                 {"changed", merged.changed},
                                 {"gone", how == ledger::How::replace ? merged.gone : 0},
                                 {"at", time_text(at)}});
    response.audit = cat(yagura::quoted(file->name), ", ", taken.entries.size(), " rows");
    return response;
}

} // namespace

void add_ledger_handlers(api::Service& service, const LedgerParts& parts) {
    const auto on = handlers_of(service, parts);
    on("getLedger", get);
    on("listReconciled", list);
    on("createLedgerEntry", create);
    on("editLedgerEntry", edit);
    on("editLedgerOfDevices", edit_of_devices);
    on("deleteLedgerEntry", remove);
    on("previewLedger", preview);
    on("importLedger", import);
    on("exportLedger", export_ledger);
    on("keepLedgerLayout", put_layout);
    on("exportOwnLedger", export_own);
    add_ledger_rule_handlers(service, parts);
    service.on_stream(
        "uploadLedger", [parts](const api::Request& request) -> Result<std::unique_ptr<api::BodySink>> {
            return parts.files.receive(request.in_query("name"), [parts](const TableFiles::Kept& file) {
                return look(file, ledger::guessed(file->table), parts, 201);
            });
        });
}

} // namespace yagura::see
