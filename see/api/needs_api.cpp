#include "see/api/needs_api.h"

#include <algorithm>
#include <set>

#include "see/api/answers.h"
#include "see/api/handlers.h"
#include "see/api/needs_found.h"
#include "see/api/pages.h"
#include "see/api/words.h"
#include "see/needs/stops.h"
#include "spine/api/sheet.h"
#include "spine/base/text.h"
#include "spine/observe/subnet.h"

namespace yagura::see {
namespace {

constexpr std::size_t exported_most = 50'000, stopped_most = 1'000, reasons_most = 32;

json owner_json(const std::map<std::string, Owner>& owners, const std::string& device) {
    json out = json::object();
    const auto found = owners.find(device);
    if (found == owners.end()) return out;
    put_text(out, "owner", found->second.name);
    put_text(out, "department", found->second.department);
    put_text(out, "contact", found->second.contact);
    return out;
}

json end_json(const store::NeedEnd& end, const std::map<std::string, Owner>& owners) {
    json out{{"device", json_of(end.device)}, {"address", api::clipped(end.address, 64)}};
    if (!end.line.id.empty()) out["line"] = json_of(end.line);
    if (auto owner = owner_json(owners, end.device.id); !owner.empty()) out["owner"] = std::move(owner);
    return out;
}

json need_json(const FoundNeed& one, const std::map<std::string, Owner>& owners, const store::Hours* hours) {
    const auto& row = *one.row;
    json out{{"id", row.id},
             {"kind", needs::key(one.kind)},
             {"purpose", needs::key(one.purpose)},
             {"client", end_json(row.client, owners)},
             {"server", end_json(row.server, owners)},
             {"inside", protocols_json(row.inside)},
             {"by_client", acts_json(row.by_client)},
             {"by_server", acts_json(row.by_server)},
             {"bytes", count(row.bytes)},
             {"bytes_per_day", count(static_cast<std::uint64_t>(std::max(0.0, one.bytes_per_day)))},
             {"first", time_text(row.first)},
             {"last", time_text(row.last)},
             {"evidence", json_of(row.evidence)}};
    put_protocol(out, row.protocol);
    put_text(out, "carrier", row.carrier, 16);
    put_text(out, "way", key(one.way));
    if (row.port) out["port"] = row.port;
    if (row.connections) out["connections"] = count(row.connections);
    if (hours) {
        out["half_hours"] = hours->days;
        out["days"] = hours->days_seen;
    }
    return out;
}

api::Response list(const api::Request& request, const NeedParts& in) {
    const auto found = needs_of(request, in);
    if (!found) return failed(found.error());
    const auto page = slice_of(request);
    if (!page) return failed(page.error());
    const auto from = std::min<std::size_t>(page->from, found->needs.size());
    const auto until = std::min(found->needs.size(), from + page->most);
    const std::vector<FoundNeed> shown{found->needs.begin() + static_cast<std::ptrdiff_t>(from),
                                       found->needs.begin() + static_cast<std::ptrdiff_t>(until)};
    const auto hours = hours_of(shown, in.history);
    if (!hours) return failed(hours.error());
    json out{{"needs", json::array()},
             {"total", found->needs.size()},
             {"counts", json::object()},
             {"cut", found->all.cut}};
    for (std::size_t i = 0; i < needs::kind_count; ++i)
        out["counts"][std::string{needs::key(static_cast<needs::Kind>(i))}] = found->counts[i];
    for (const auto& one : shown)
        out["needs"].push_back(need_json(one, found->owners, find(*hours, *one.row)));
    put_time(out, "begun", found->all.begun);
    put_time(out, "now", found->all.now);
    if (until < found->needs.size()) out["next_cursor"] = cat(until);
    return api::answer(out);
}

std::string acts_text(Language language, const store::NeedRow& row) {
    std::string out;
    for (const auto* acts : {&row.by_client, &row.by_server})
        for (const auto& one : *acts)
            out += cat(out.empty() ? "" : ", ", word(language, "act", act_word(one.act)), " ", one.count);
    return out;
}

api::Response export_needs(const api::Request& request, const NeedParts& in) {
    const auto found = needs_of(request, in);
    if (!found) return failed(found.error());
    const auto hours = hours_of(found->needs, in.history);
    if (!hours) return failed(hours.error());
    const auto language = language_of(request);
    const auto offset = request.query.value("offset", 0);
    auto sheet = sheet_of(request, "communication-needs",
                          {"need_kind",
                           "way",
                           "client",
                           "client_address",
                           "client_line",
                           "client_owner",
                           "server",
                           "server_address",
                           "server_line",
                           "server_owner",
                           "server_department",
                           "server_contact",
                           "carrier",
                           "server_port",
                           "protocol",
                           "inside",
                           "purpose",
                           "acts",
                           "bytes_per_day",
                           "hours",
                           "days",
                           "first",
                           "last",
                           "source",
                           "frame"});
    about(sheet, request);
    sheet.about("seen from", time_text(found->all.begun));
    sheet.about("seen until", time_text(found->all.now));
    const auto owner = [&](const std::string& device) {
        const auto known = found->owners.find(device);
        return known == found->owners.end() ? Owner{} : known->second;
    };
    const auto number = [](std::uint64_t of) { return of ? api::Sheet::Cell{of} : api::Sheet::Cell{}; };
    for (const auto& one : found->needs) {
        if (sheet.rows() >= exported_most) {
            sheet.cut();
            break;
        }
        const auto& row = *one.row;
        const auto* when = find(*hours, row);
        std::string inside;
        for (const auto& protocol : row.inside) inside += cat(inside.empty() ? "" : " ", protocol);
        const auto from = owner(row.client.device.id), to = owner(row.server.device.id);
        auto clock = when ? hours_text(*when, offset) : std::string{};
        if (when && clock.empty()) clock = word(language, "column", "all_day");
        sheet.row(
            {std::string{word(language, "needkind", needs::key(one.kind))},
             std::string{one.way == Way::none ? std::string_view{} : word(language, "needway", key(one.way))},
             row.client.device.name,
             row.client.address,
             row.client.line.name,
             from.name,
             row.server.device.name,
             row.server.address,
             row.server.line.name,
             to.name,
             to.department,
             to.contact,
             row.carrier,
             number(row.port),
             row.protocol,
             inside,
             std::string{word(language, "purpose", needs::key(one.purpose))},
             acts_text(language, row),
             static_cast<std::uint64_t>(std::max(0.0, one.bytes_per_day)),
             clock,
             when ? number(when->days_seen) : api::Sheet::Cell{},
             time_text(row.first),
             time_text(row.last),
             row.evidence.source,
             number(row.evidence.frame)});
    }
    if (found->all.cut) sheet.cut();
    return std::move(sheet).response();
}

struct Asked {
    std::set<std::string> stop{};            ///< devices
    std::vector<store::DeviceRef> shown{};   ///< of these some
    std::vector<std::string_view> unknown{}; ///< what cannot be known of it
    bool there = true;
};

void add(Asked& asked, const store::DeviceRef& device) {
    if (!device.id.empty() && asked.stop.insert(device.id).second && asked.shown.size() < 200)
        asked.shown.push_back(device);
}

/// Those that are known to hang on a switch, or on one of its ports, by LLDP and CDP, or by its own tables.
void add_behind(Asked& asked, const store::Needs& all, std::string_view far, std::string_view port,
                store::DeviceReader& devices) {
    bool any = false;
    for (const auto& one : all.neighbours) {
        if (one.far != far || one.device.empty() || (!port.empty() && one.far_port != port)) continue;
        any = true;
        if (const auto device = devices.device(one.device); device && *device) {
            const auto& row = (*device)->summary;
            add(asked, {row.id, row.name, row.address, row.role});
        }
    }
    asked.unknown.emplace_back(any ? "switch_part" : "switch_nothing");
}

Result<Asked> asked_of(const api::Request& request, const store::Needs& all, const NeedParts& in) {
    Asked out;
    const auto id = request.in_query("device"), port = request.in_query("port"),
               net = request.in_query("subnet");
    if (!net.empty()) {
        const auto subnet = observe::subnet_of(net);
        out.there = subnet.has_value();
        if (subnet)
            for (const auto& need : all.needs)
                for (const auto* end : {&need.client, &need.server})
                    if (const auto address = observe::ip_of(end->address);
                        address && observe::contains(*subnet, *address))
                        add(out, end->device);
        return out;
    }
    YAGURA_TRY(const auto device, in.devices.device(id));
    out.there = device.has_value();
    if (!device) return out;
    const auto& row = device->summary;
    const bool carries = row.role == "switch" || row.role == "router" || row.role == "access_point" ||
                         row.role == "firewall" || row.role == "wireless_bridge" ||
                         // Others say that they hang on it.
                         std::ranges::any_of(all.neighbours,
                                             [&](const auto& one) { return one.far == row.id; });
    if (port.empty()) add(out, {row.id, row.name, row.address, row.role});
    if (carries) add_behind(out, all, row.id, port, in.devices);
    if (row.role == "router" || row.role == "firewall") out.unknown.push_back("router_paths");
    return out;
}

struct Standing {
    store::Needs all{};
    Asked asked{};
    std::vector<needs::Stopped> rows{};
    std::map<std::string, Owner> owners{};
    std::map<std::string, const store::NeedEnd*> ends{}; ///< by device
};

Result<Standing> standing(const api::Request& request, const NeedParts& in) {
    Standing out;
    YAGURA_TRY(out.all, in.reader.all());
    YAGURA_TRY(out.asked, asked_of(request, out.all, in));
    YAGURA_TRY(out.owners, owners_of(in.reconciler));
    out.rows = needs::stops_if(out.all.needs, out.asked.stop);
    for (const auto& need : out.all.needs)
        for (const auto* end : {&need.client, &need.server})
            if (!end->device.id.empty()) out.ends.emplace(end->device.id, end);
    return out;
}

api::Response no_target() {
    return api::problem(400, {.code = "api.unfit",
                              .what = "nothing is said that could stop",
                              .where = "device, subnet",
                              .next = "name a device, or a subnet as 10.2.3.0/24 or fd00:1::/64"});
}

json stopped_json(const needs::Stopped& one, const Standing& all) {
    const auto end = all.ends.find(one.device);
    json out{{"depth", one.depth},
             {"stands", one.stands},
             {"other", one.other},
             {"via", json::array()},
             {"reasons", json::array()}};
    out["device"] = end == all.ends.end() ? json{{"name", one.device}} : json_of(end->second->device);
    if (end != all.ends.end() && !end->second->line.id.empty()) out["line"] = json_of(end->second->line);
    if (auto owner = owner_json(all.owners, one.device); !owner.empty()) out["owner"] = std::move(owner);
    for (const auto& id : one.via)
        if (const auto known = all.ends.find(id); known != all.ends.end() && out["via"].size() < reasons_most)
            out["via"].push_back(json_of(known->second->device));
    for (const auto& reason : one.reasons) {
        if (out["reasons"].size() == reasons_most) break;
        const auto& need = all.all.needs[reason.need];
        json row{{"why", needs::key(reason.why)},
                 {"purpose", needs::key(needs::purpose_of(need))},
                 {"need", need.id},
                 {"acts", acts_json(need.by_client)},
                 {"last", time_text(need.last)}};
        put_protocol(row, need.protocol);
        if (need.port) row["port"] = need.port;
        out["reasons"].push_back(std::move(row));
    }
    return out;
}

api::Response stops(const api::Request& request, const NeedParts& in) {
    if (request.in_query("device").empty() && request.in_query("subnet").empty()) return no_target();
    const auto found = standing(request, in);
    if (!found) return failed(found.error());
    if (!found->asked.there) return request.in_query("subnet").empty() ? nothing("device") : no_target();
    json out{{"stops", json::array()}, {"stop_count", found->asked.stop.size()},
             {"rows", json::array()},  {"total", found->rows.size()},
             {"lines", json::array()}, {"unknown", json::array()}};
    for (const auto& device : found->asked.shown) out["stops"].push_back(json_of(device));
    struct OfLine {
        store::LineRef line;
        std::uint64_t devices = 0, standing = 0;
        std::set<std::string> owners;
    };
    std::map<std::string, OfLine> lines;
    for (const auto& one : found->rows) {
        if (out["rows"].size() < stopped_most) out["rows"].push_back(stopped_json(one, *found));
        const auto end = found->ends.find(one.device);
        if (end == found->ends.end()) continue;
        auto& line = lines[end->second->line.id];
        line.line = end->second->line;
        ++line.devices;
        line.standing += one.stands;
        if (const auto owner = found->owners.find(one.device);
            owner != found->owners.end() && !owner->second.name.empty())
            line.owners.insert(owner->second.name);
    }
    for (const auto& [id, line] : lines) {
        if (out["lines"].size() == 500) break;
        json row{{"devices", line.devices}, {"stands", line.standing}, {"owners", json::array()}};
        if (!id.empty()) row["line"] = json_of(line.line);
        for (const auto& owner : line.owners)
            if (row["owners"].size() < 20) row["owners"].push_back(api::clipped(owner));
        out["lines"].push_back(std::move(row));
    }
    for (const auto word : found->asked.unknown) out["unknown"].push_back(word);
    put_time(out, "begun", found->all.begun);
    put_time(out, "now", found->all.now);
    return api::answer(out);
}

api::Response export_stops(const api::Request& request, const NeedParts& in) {
    if (request.in_query("device").empty() && request.in_query("subnet").empty()) return no_target();
    const auto found = standing(request, in);
    if (!found) return failed(found.error());
    if (!found->asked.there) return request.in_query("subnet").empty() ? nothing("device") : no_target();
    const auto language = language_of(request);
    auto sheet = sheet_of(request, "what-stops",
                          {"depth", "device", "address", "line", "owner", "department", "contact", "stands",
                           "because", "via", "purpose", "protocol", "server_port", "last"});
    about(sheet, request);
    for (const auto& one : found->rows) {
        const auto end = found->ends.find(one.device);
        if (end == found->ends.end()) continue;
        const auto known = found->owners.find(one.device);
        const auto owner = known == found->owners.end() ? Owner{} : known->second;
        std::string via;
        for (const auto& id : one.via)
            if (const auto at = found->ends.find(id); at != found->ends.end())
                via += cat(via.empty() ? "" : "; ", at->second->device.name);
        for (const auto& reason : one.reasons) {
            const auto& need = found->all.needs[reason.need];
            sheet.row({std::uint64_t{one.depth}, end->second->device.name, end->second->device.address,
                       end->second->line.name, owner.name, owner.department, owner.contact,
                       std::string{one.stands ? word(language, "column", "yes") : std::string_view{}},
                       std::string{word(language, "stopwhy", needs::key(reason.why))}, via,
                       std::string{word(language, "purpose", needs::key(needs::purpose_of(need)))},
                       need.protocol,
                       need.port ? api::Sheet::Cell{std::uint64_t{need.port}} : api::Sheet::Cell{},
                       time_text(need.last)});
        }
    }
    return std::move(sheet).response();
}

} // namespace

void add_need_handlers(api::Service& service, const NeedParts& parts) {
    const auto on = handlers_of(service, parts);
    on("listNeeds", list);
    on("exportNeeds", export_needs);
    on("whatStops", stops);
    on("exportStops", export_stops);
}

} // namespace yagura::see
