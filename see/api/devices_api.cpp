#include "see/api/devices_api.h"

#include <algorithm>
#include <array>

#include "see/api/answers.h"
#include "see/api/pages.h"
#include "see/api/words.h"

namespace yagura::see {
namespace {

constexpr std::size_t history_most = 1'000, exported_most = 100'000;

store::DeviceFilter filter_of(const api::Request& request) {
    return {.text = request.in_query("q"),
            .view = request.in_query("view"),
            .line = request.in_query("line"),
            .roles = words_of(request, "role"),
            .levels = words_of(request, "level"),
            .states = words_of(request, "state"),
            .approvals = words_of(request, "approval"),
            .vendor = request.in_query("vendor"),
            .protocol = request.in_query("protocol"),
            .ledger = {},
            .owner = request.in_query("owner"),
            .criticalities = words_of(request, "criticality")};
}

/// With what the ledger says, where there is one.
store::DeviceFilter filter_of(const api::Request& request, const std::shared_ptr<const Reconciled>& ledger) {
    auto out = filter_of(request);
    if (ledger) out.ledger = ledger->owners;
    return out;
}

const ledger::Entry* entry_beside(const std::shared_ptr<const Reconciled>& ledger,
                                  const std::string& device) {
    if (!ledger) return nullptr;
    return ledger->said_of(device);
}

/// Whose it is, in a list: the device's page has the rest.
void put_ledger(json& row, const std::shared_ptr<const Reconciled>& ledger, const std::string& device) {
    const auto* entry = entry_beside(ledger, device);
    if (!entry) return;
    json said = json::object();
    for (const auto field : {ledger::Field::number, ledger::Field::owner, ledger::Field::department,
                             ledger::Field::contact, ledger::Field::place, ledger::Field::criticality})
        if (!(*entry)[field].empty()) said[std::string{ledger::key(field)}] = api::clipped((*entry)[field]);
    for (const auto& one : ledger->filled(device))
        if (const auto* rule = ledger->rules.find(one.rule); rule && said.contains(ledger::key(one.field)))
            said["by_rule"].push_back(
                {{"field", ledger::key(one.field)}, {"because", api::clipped(ledger::because(*rule))}});
    row["ledger"] = std::move(said);
}

store::DeviceSort sort_of(std::string_view word) {
    using Sort = store::DeviceSort;
    constexpr std::array rows{
        std::pair{"name", Sort::name},           std::pair{"address", Sort::address},
        std::pair{"role", Sort::role},           std::pair{"product", Sort::product},
        std::pair{"vendor", Sort::vendor},       std::pair{"level", Sort::level},
        std::pair{"last_seen", Sort::last_seen}, std::pair{"first_seen", Sort::first_seen},
        std::pair{"state", Sort::state},         std::pair{"approval", Sort::approval}};
    for (const auto& [name, sort] : rows)
        if (word == name) return sort;
    return Sort::line;
}

api::Response list(const api::Request& request, store::DeviceReader& devices, Reconciler& reconciler) {
    const auto order = request.in_query("order") == "desc" ? store::Order::descending
                                                           : store::Order::ascending;
    const auto ledger = reconciler.lately();
    const auto found = devices.list(filter_of(request, ledger), sort_of(request.in_query("sort")), order,
                                    page_of(request));
    if (!found) return failed(found.error());
    json out{{"devices", json::array()}, {"total", found->total}, {"covered", found->covered}};
    for (const auto& row : found->devices) {
        out["devices"].push_back(json_of(row));
        put_ledger(out["devices"].back(), ledger, row.id);
    }
    put_text(out, "next_cursor", found->next_cursor);
    return api::answer(out);
}

api::Response facets(const api::Request& request, store::DeviceReader& devices, Reconciler& reconciler) {
    const auto found = devices.facets(filter_of(request, reconciler.lately()));
    if (!found) return failed(found.error());
    return api::answer({{"total", found->total},
                        {"views", facets_json(found->views)},
                        {"line", facets_json(found->line)},
                        {"role", facets_json(found->role)},
                        {"level", facets_json(found->level)},
                        {"state", facets_json(found->state)},
                        {"approval", facets_json(found->approval)},
                        {"owner", facets_json(found->owner)},
                        {"criticality", facets_json(found->criticality)},
                        {"vendor", facets_json(found->vendor)},
                        {"protocol", facets_json(found->protocol)}});
}

api::Response export_devices(const api::Request& request, store::DeviceReader& devices,
                             Reconciler& reconciler) {
    const auto language = language_of(request);
    auto sheet = sheet_of(request, "devices",
                          {"name",        "address",         "mac",    "role",       "vendor",
                           "product",     "firmware",        "serial", "os",         "line",
                           "level",       "protocols",       "state",  "approval",   "approval_until",
                           "approval_by", "approval_reason", "owner",  "department", "criticality",
                           "first_seen",  "last_seen"});
    about(sheet, request);
    const auto ledger = reconciler.lately();
    const auto done = put_pages(
        sheet, exported_most,
        [&](const store::Page& page) {
            return devices.list(filter_of(request, ledger), store::DeviceSort::line, store::Order::ascending,
                                page);
        },
        [&](const auto& found) {
            for (const auto& row : found.devices) {
                std::string protocols;
                const ledger::Entry none;
                const auto* said = entry_beside(ledger, row.id);
                if (!said) said = &none;
                for (const auto& protocol : row.protocols)
                    protocols += cat(protocols.empty() ? "" : " ", protocol);
                sheet.row(
                    {row.name,
                     row.address,
                     row.mac,
                     std::string{word(language, "devicerole", row.role)},
                     row.vendor,
                     row.product,
                     row.firmware,
                     row.serial,
                     row.os,
                     row.line ? row.line->name : std::string{},
                     row.level,
                     protocols,
                     std::string{word(language, "devicestate", row.state)},
                     std::string{word(language, "approval", row.approval)},
                     row.standing.until == observe::Time{} ? std::string{} : time_text(row.standing.until),
                     row.standing.who,
                     row.standing.reason,
                     (*said)[ledger::Field::owner],
                     (*said)[ledger::Field::department],
                     std::string{word(language, "criticality", (*said)[ledger::Field::criticality])},
                     time_text(row.first),
                     time_text(row.last)});
            }
        });
    if (!done) return failed(done.error());
    return std::move(sheet).response();
}

json addresses_json(const store::Device& device) {
    auto rows = json::array();
    for (const auto& one : device.addresses) {
        if (rows.size() == 500) break;
        json row{{"address", api::clipped(one.address, 64)},
                 {"kind", one.kind},
                 {"first_seen", time_text(one.first)},
                 {"last_seen", time_text(one.last)}};
        if (one.vlan) row["vlan"] = one.vlan & 0xfffu;
        if (one.realm) row["realm"] = one.realm;
        put_text(row, "vendor", one.vendor);
        if (one.until) put_time(row, "until", *one.until);
        rows.push_back(std::move(row));
    }
    return rows;
}

json services_json(const store::Device& device) {
    auto rows = json::array();
    for (const auto& one : device.services) {
        json row = json::object();
        put_protocol(row, one.protocol);
        if (!row.contains("protocol")) row["protocol"] = "unknown";
        if (one.port) row["port"] = one.port;
        put_text(row, "carrier", one.carrier, 16);
        put_time(row, "last_used", one.last_used);
        if (rows.size() < 500) rows.push_back(std::move(row));
    }
    return rows;
}

/// "rack 0 slot 2" is in slot 2: a rack is drawn by its slots.
std::optional<std::uint16_t> slot_of(std::string_view path) {
    constexpr std::string_view word = "slot ";
    const auto at = path.rfind(word);
    if (at == path.npos) return {};
    path.remove_prefix(at + word.size());
    return number<std::uint16_t>(path.substr(0, path.find(' ')));
}

json parts_json(const store::Device& device) {
    auto rows = json::array();
    for (const auto& one : device.parts) {
        json row{{"id", one.id}, {"path", api::clipped(one.path, 128)}};
        if (const auto slot = slot_of(one.path)) row["slot"] = *slot;
        put_text(row, "product", one.product);
        put_text(row, "firmware", one.firmware);
        put_text(row, "serial", one.serial);
        put_time(row, "last_seen", one.last);
        if (rows.size() < 1'000) rows.push_back(std::move(row));
    }
    return rows;
}

json neighbours_json(const store::Device& device) {
    auto rows = json::array();
    for (const auto& one : device.neighbours) {
        auto far = one.far;
        if (far.name.empty()) far.name = one.far_name;
        json row{{"far", json_of(far)}};
        put_text(row, "port", one.port);
        put_text(row, "far_port", one.far_port);
        put_protocol(row, one.protocol);
        put_time(row, "last_seen", one.last);
        if (rows.size() < 200) rows.push_back(std::move(row));
    }
    return rows;
}

api::Response get(const api::Request& request, store::DeviceReader& devices, Reconciler& reconciler) {
    const auto found = devices.device(request.in_path("device_id"));
    if (!found) return failed(found.error());
    if (!*found) return nothing("device");
    const auto& device = **found;
    auto facts = json::array();
    for (const auto& fact : device.facts)
        if (facts.size() < 1'000 && !attribute_word(fact.attribute).empty()) facts.push_back(json_of(fact));
    json out{{"summary", json_of(device.summary)},  {"facts", std::move(facts)},
             {"addresses", addresses_json(device)}, {"services", services_json(device)},
             {"parts", parts_json(device)},         {"neighbours", neighbours_json(device)},
             {"regroupings", json::array()}};
    for (const auto& one : device.regroupings) {
        json row{{"id", cat("g0-", one.record)},
                 {"kind", one.split ? "split" : "merge"},
                 {"at", time_text(one.at)},
                 {"by", api::clipped(one.who, 128)},
                 {"addresses", json::array()}};
        for (const auto& address : one.addresses) row["addresses"].push_back(api::clipped(address, 64));
        put_text(row, "device", one.name);
        out["regroupings"].push_back(std::move(row));
    }
    // Its page is more than its entry: where that is not to be had, the rest is shown.
    if (const auto all = reconciler.for_page(); all && *all) {
        const auto& id = device.summary.id;
        if (const auto entry = (*all)->entry_of.find(id); entry != (*all)->entry_of.end())
            out["ledger"] = json_of((*all)->compared.entries[entry->second]);
        if (auto by_rule = by_rule_json(**all, id); !by_rule.empty()) out["by_rule"] = std::move(by_rule);
    }
    return api::answer(out);
}

/// Lists that readers give whole: the cursor is how many rows were seen.
struct Window {
    std::size_t from, most;
};
Result<Window> window_of(const api::Request& request) {
    const auto cursor = request.in_query("cursor");
    const auto from = cursor.empty() ? std::optional<std::size_t>{0} : number<std::size_t>(cursor);
    if (!from || *from > history_most)
        return std::unexpected{Complaint{.code = "store.bad-cursor",
                                         .what = "the cursor is none that this list gave",
                                         .where = "query.cursor",
                                         .next = "begin again without a cursor"}};
    return Window{*from, request.query.value("limit", std::size_t{200})};
}

api::Response evidence(const api::Request& request, store::DeviceReader& devices) {
    const auto window = window_of(request);
    if (!window) return failed(window.error());
    const auto id = request.in_path("device_id");
    const auto known = devices.device(id);
    if (!known) return failed(known.error());
    if (!*known) return nothing("device");
    const auto found = devices.evidence(id, request.in_query("attribute"),
                                        std::min(window->from + window->most + 1, history_most));
    if (!found) return failed(found.error());
    json out{{"evidence", json::array()}};
    for (std::size_t i = window->from; i < found->size() && i < window->from + window->most; ++i) {
        const auto& one = (*found)[i];
        if (attribute_word(one.fact.attribute).empty()) continue;
        json row{{"fact", json_of(one.fact)}};
        if (!one.message.empty()) row["message"] = hex(one.message);
        out["evidence"].push_back(std::move(row));
    }
    if (found->size() > window->from + window->most) out["next_cursor"] = cat(window->from + window->most);
    return api::answer(out);
}

api::Response peers(const api::Request& request, store::DeviceReader& devices) {
    const auto id = request.in_path("device_id");
    const auto known = devices.device(id);
    if (!known) return failed(known.error());
    if (!*known) return nothing("device");
    const auto found = devices.peers(id, range_of(request), page_of(request));
    if (!found) return failed(found.error());
    json out{{"peers", json::array()}, {"total", found->total}};
    for (const auto& one : found->peers) {
        json row{{"peer", json_of(one.peer)},
                 {"done_to_it", acts_json(one.done_to_it)},
                 {"done_by_it", acts_json(one.done_by_it)},
                 {"protocols", protocols_json(one.protocols)},
                 {"messages", count(one.messages)}};
        put_time(row, "first", one.first);
        put_time(row, "last", one.last);
        out["peers"].push_back(std::move(row));
    }
    put_text(out, "next_cursor", found->next_cursor);
    return api::answer(out);
}

api::Response history(const api::Request& request, store::DeviceReader& devices) {
    const auto window = window_of(request);
    if (!window) return failed(window.error());
    const auto id = request.in_path("device_id");
    const auto known = devices.device(id);
    if (!known) return failed(known.error());
    if (!*known) return nothing("device");
    const auto found = devices.history(id, std::min(window->from + window->most + 1, history_most));
    if (!found) return failed(found.error());
    json out{{"entries", json::array()}};
    for (std::size_t i = window->from; i < found->size() && i < window->from + window->most; ++i) {
        const auto& one = (*found)[i];
        json row{{"at", time_text(one.at)}, {"kind", one.kind}};
        if (one.until) put_time(row, "until", *one.until);
        put_text(row, "attribute", attribute_word(one.attribute));
        put_text(row, "from", one.from);
        put_text(row, "to", one.to);
        put_text(row, "by", one.by);
        put_text(row, "who", one.who, 128);
        out["entries"].push_back(std::move(row));
    }
    if (found->size() > window->from + window->most) out["next_cursor"] = cat(window->from + window->most);
    return api::answer(out);
}

api::Response correct(const api::Request& request, model::Commands& commands) {
    const std::string id{request.in_path("device_id")};
    observe::Time at{};
    std::string told;
    for (const auto* attribute : {"name", "role", "line"}) {
        const auto found = request.body.find(attribute);
        if (found == request.body.end()) continue;
        const auto value = found->is_null() ? std::nullopt : std::optional{found->get<std::string>()};
        const auto done = commands.run(model::CorrectDevice{id, attribute, value}, request.who->name);
        if (!done) return refused(done.error());
        at = done->at;
        told += cat(told.empty() ? "" : ", ", attribute, value ? " is " : " given back", value.value_or(""));
    }
    auto response = api::answer(
        {{"at", time_text(at)}, {"by", request.who->name}, {"device", id}, {"correction", request.body}});
    response.audit = told;
    return response;
}

api::Response merge(const api::Request& request, model::Commands& commands) {
    const std::string from{request.in_path("device_id")}, into = request.body.at("into");
    const auto done = commands.run(model::MergeDevices{from, into}, request.who->name);
    if (!done) return refused(done.error());
    auto response = api::answer({{"at", time_text(done->at)},
                                 {"by", request.who->name},
                                 {"device", from},
                                 {"into", into},
                                 {"undo", cat("g0-", done->record)}});
    response.audit = cat("is ", into);
    return response;
}

api::Response split(const api::Request& request, model::Commands& commands) {
    const std::string device{request.in_path("device_id")};
    model::SplitDevice asked{device, request.body.at("addresses").get<std::vector<std::string>>()};
    std::string told = "split off";
    for (const auto& address : asked.addresses) told += cat(" ", address);
    const auto done = commands.run(std::move(asked), request.who->name);
    if (!done) return refused(done.error());
    auto response = api::answer({{"at", time_text(done->at)},
                                 {"by", request.who->name},
                                 {"device", device},
                                 {"made", done->id},
                                 {"undo", cat("g0-", done->record)}});
    response.audit = std::move(told);
    return response;
}

api::Response undo(const api::Request& request, model::Commands& commands) {
    const std::string id{request.in_path("regrouping_id")};
    const auto record = id.starts_with("g0-") ? number<std::uint64_t>(std::string_view{id}.substr(3))
                                              : std::nullopt;
    const auto done = commands.run(model::UndoRegrouping{record.value_or(0)}, request.who->name);
    if (!done) return refused(done.error());
    return api::answer({{"at", time_text(done->at)}, {"by", request.who->name}});
}

api::Response search(const api::Request& request, store::DeviceReader& devices) {
    const auto found = devices.search(request.in_query("q"), request.query.value("limit", std::size_t{20}));
    if (!found) return failed(found.error());
    json out{{"hits", json::array()}};
    for (const auto& hit : *found) {
        if (out["hits"].size() == 50) break;
        json row{{"kind", hit.kind}, {"title", api::clipped(hit.title)}};
        put_text(row, "id", hit.id);
        put_text(row, "detail", hit.detail);
        put_text(row, "object", hit.object);
        if (!hit.role.empty()) row["role"] = role_word(hit.role);
        out["hits"].push_back(std::move(row));
    }
    return api::answer(out);
}

} // namespace

void add_device_handlers(api::Service& service, store::DeviceReader& devices, model::Commands& commands,
                         Reconciler& reconciler) {
    const auto on = [&](std::string_view operation,
                        api::Response (*handler)(const api::Request&, store::DeviceReader&)) {
        service.on(operation,
                   [&devices, handler](const api::Request& request) { return handler(request, devices); });
    };
    const auto beside_ledger =
        [&](std::string_view operation,
            api::Response (*handler)(const api::Request&, store::DeviceReader&, Reconciler&)) {
            service.on(operation, [&devices, &reconciler, handler](const api::Request& request) {
                return handler(request, devices, reconciler);
            });
        };
    beside_ledger("listDevices", list);
    beside_ledger("deviceFacets", facets);
    beside_ledger("exportDevices", export_devices);
    service.on("getDevice", [&devices, &reconciler](const api::Request& request) {
        return get(request, devices, reconciler);
    });
    on("deviceEvidence", evidence);
    on("devicePeers", peers);
    on("deviceHistory", history);
    on("search", search);
    service.on("splitDevice", [&commands](const api::Request& request) { return split(request, commands); });
    service.on("undoRegrouping",
               [&commands](const api::Request& request) { return undo(request, commands); });
    service.on("mergeDevice", [&commands](const api::Request& request) { return merge(request, commands); });
    service.on("correctDevice",
               [&commands](const api::Request& request) { return correct(request, commands); });
}

} // namespace yagura::see
