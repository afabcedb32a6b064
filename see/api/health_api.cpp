#include "see/api/health_api.h"

#include <algorithm>
#include <cstdlib>
#include <numeric>

#include "see/api/address_plan.h"
#include "see/api/answers.h"
#include "see/api/pages.h"
#include "see/api/words.h"
#include "see/health/row.h"
#include "see/makers.h"
#include "spine/observe/subnet.h"
#include "spine/observe/text.h"

namespace yagura::see {
namespace {

constexpr std::size_t exported_most = 50'000, parties_most = 64, facts_most = 128;

std::string_view kind_word(std::uint8_t kind) { return health::word(static_cast<health::Kind>(kind)); }
bool is_known(std::uint8_t kind) {
    return std::ranges::any_of(
        health::kind_words, [kind](const auto& one) { return static_cast<std::uint8_t>(one.first) == kind; });
}
std::string_view severity_word(std::uint8_t severity) {
    return health::word(static_cast<health::Severity>(severity));
}
std::string_view role_word(std::uint8_t role) { return health::word(static_cast<health::Party::Role>(role)); }

store::HealthFilter filter_of(const api::Request& request) {
    store::HealthFilter out{.device = request.in_query("device"), .text = request.in_query("q")};
    if (const auto line = request.in_query("line"); !line.empty()) out.lines.push_back(line);
    for (const auto& one : words_of(request, "kind"))
        for (const auto& [kind, name] : health::kind_words)
            if (name == one) out.kinds.push_back(static_cast<std::uint8_t>(kind));
    // A newer version may have written kinds that this one has no words for.
    if (out.kinds.empty())
        for (const auto& [kind, name] : health::kind_words)
            out.kinds.push_back(static_cast<std::uint8_t>(kind));
    for (const auto& one : words_of(request, "severity"))
        for (const auto severity : {health::Severity::low, health::Severity::medium, health::Severity::high})
            if (health::word(severity) == one) out.severities.push_back(static_cast<std::uint8_t>(severity));
    if (const auto state = request.in_query("state"); !state.empty() && state != "all")
        out.open = state == "open";
    return out;
}

observe::Mac mac_of(std::string_view text) {
    observe::Mac out{};
    for (std::size_t i = 0; i < out.size() && text.size() >= 3 * i + 2; ++i)
        out[i] = static_cast<std::uint8_t>(
            std::strtoul(std::string{text.substr(3 * i, 2)}.c_str(), nullptr, 16));
    return out;
}

json party_json(const store::HealthPartyRow& party) {
    json out{{"role", role_word(party.role)},
             {"first_seen", time_text(party.first)},
             {"last_seen", time_text(party.last)}};
    put_text(out, "ip", party.ip, 64);
    put_text(out, "mac", party.mac, 64);
    if (!party.mac.empty()) put_text(out, "maker", Makers::installed().of(mac_of(party.mac)));
    if (!party.device.id.empty()) out["device"] = json_of(party.device);
    if (!party.line.id.empty()) out["line"] = json_of(party.line);
    if (party.evidence.frame != 0) out["evidence"] = json_of(party.evidence);
    return out;
}

json finding_json(const store::HealthRow& row) {
    json out{{"id", row.id},
             {"kind", kind_word(row.kind)},
             {"severity", severity_word(row.severity)},
             {"open", row.open},
             {"first_seen", time_text(row.first)},
             {"last_seen", time_text(row.last)},
             {"times", count(row.times)},
             {"parties", json::array()},
             {"facts", json::array()}};
    put_text(out, "subject", row.subject, 64);
    if (row.vlan != 0) out["vlan"] = row.vlan & 0xfffu;
    for (const auto& party : row.parties)
        if (out["parties"].size() < parties_most) out["parties"].push_back(party_json(party));
    const auto facts = nlohmann::ordered_json::parse(row.facts, nullptr, false);
    if (facts.is_object())
        for (const auto& [name, value] : facts.items())
            if (value.is_string() && out["facts"].size() < facts_most)
                out["facts"].push_back({{"name", api::clipped(name, 32)},
                                        {"value", api::clipped(value.get<std::string>(), 256)}});
    if (row.evidence.frame != 0) out["evidence"] = json_of(row.evidence);
    return out;
}

json device_counts(const store::HealthList& list) {
    json kinds = json::array(), severities = json::array(), lines = json::array();
    for (const auto& [kind, many] : list.kinds)
        if (is_known(kind))
            kinds.push_back({{"value", kind_word(kind)}, {"name", kind_word(kind)}, {"count", many}});
    for (const auto severity : {health::Severity::high, health::Severity::medium, health::Severity::low}) {
        std::uint64_t sum = 0;
        for (const auto& [number, many] : list.severities)
            if (severity_word(number) == health::word(severity)) sum += many;
        if (sum != 0)
            severities.push_back(
                {{"value", health::word(severity)}, {"name", health::word(severity)}, {"count", sum}});
    }
    for (const auto& [line, many] : list.lines)
        if (lines.size() < 200)
            lines.push_back({{"value", line.id.empty() ? "none" : line.id},
                             {"name", api::clipped(line.name)},
                             {"count", many}});
    return {{"kind", std::move(kinds)}, {"severity", std::move(severities)}, {"line", std::move(lines)}};
}

api::Response list(const api::Request& request, store::HealthReader& reader) {
    const auto found = reader.list(filter_of(request), page_of(request));
    if (!found) return failed(found.error());
    json out{{"items", json::array()}, {"total", found->total},     {"open", found->open},
             {"ended", found->ended},  {"covered", found->covered}, {"facets", device_counts(*found)}};
    put_time(out, "at", found->now);
    for (const auto& row : found->items) out["items"].push_back(finding_json(row));
    put_text(out, "next_cursor", found->next_cursor);
    return api::answer(out);
}

/// Whom the ledger names for a device: owner, department, contact.
json person_json(const ledger::Entry& entry, const store::DeviceRef& device) {
    json out{{"device", json_of(device)}};
    put_text(out, "department", entry[ledger::Field::department]);
    put_text(out, "owner", entry[ledger::Field::owner]);
    put_text(out, "contact", entry[ledger::Field::contact]);
    put_text(out, "place", entry[ledger::Field::place]);
    return out;
}

api::Response finding(const api::Request& request, store::HealthReader& reader, Reconciler& reconciler) {
    const auto found = reader.finding(request.in_path("finding_id"));
    if (!found) return failed(found.error());
    if (!*found || !is_known((*found)->kind)) return nothing("finding");
    auto out = finding_json(**found);
    out["persons"] = json::array();
    const auto ledger = reconciler.for_page();
    if (!ledger) return failed(ledger.error());
    for (const auto& party : (*found)->parties) {
        if (party.device.id.empty() || !*ledger || out["persons"].size() >= 16) continue;
        const auto* said = (*ledger)->said_of(party.device.id);
        if (!said) continue;
        auto person = person_json(*said, party.device);
        if (person.size() > 1) out["persons"].push_back(std::move(person));
    }
    return api::answer(out);
}

/// What stands in one cell of a sheet: each once.
class Several {
public:
    void add(std::string_view one) {
        if (!one.empty() && std::ranges::find(all_, one) == all_.end()) all_.push_back(one);
    }
    std::string text() const {
        std::string out;
        for (const auto one : all_) out += cat(out.empty() ? "" : ", ", one);
        return out;
    }

private:
    std::vector<std::string_view> all_;
};

api::Response export_findings(const api::Request& request, store::HealthReader& reader) {
    const auto language = language_of(request);
    auto sheet = sheet_of(request, "network-health",
                          {"severity", "kind", "state", "subject", "vlan", "devices", "addresses", "macs",
                           "lines", "first", "last", "times", "facts", "source", "frame"});
    about(sheet, request);
    const auto done = put_pages(
        sheet, exported_most, [&](const store::Page& page) { return reader.list(filter_of(request), page); },
        [&](const store::HealthList& found) {
            for (const auto& row : found.items) {
                Several devices, ips, macs, lines;
                for (const auto& party : row.parties) {
                    if (!party.device.id.empty()) devices.add(party.device.name);
                    ips.add(party.ip);
                    macs.add(party.mac);
                    lines.add(party.line.name);
                }
                std::string facts;
                const auto read = nlohmann::ordered_json::parse(row.facts, nullptr, false);
                if (read.is_object())
                    for (const auto& [name, value] : read.items())
                        if (value.is_string())
                            facts += cat(facts.empty() ? "" : "; ", name, " ", value.get<std::string>());
                sheet.row(
                    {std::string{word(language, "healthseverity", severity_word(row.severity))},
                     std::string{word(language, "healthkind", kind_word(row.kind))},
                     std::string{word(language, "healthstate", row.open ? "open" : "ended")}, row.subject,
                     row.vlan != 0 ? api::Sheet::Cell{std::uint64_t{row.vlan} & 0xfff} : api::Sheet::Cell{},
                     devices.text(), ips.text(), macs.text(), lines.text(), time_text(row.first),
                     time_text(row.last), row.times, facts, row.evidence.source, row.evidence.frame});
            }
        });
    if (!done) return failed(done.error());
    return std::move(sheet).response();
}

api::Response cycles(const api::Request& request, store::HealthReader& reader) {
    const auto found = reader.cycles(request.in_query("device"), request.in_query("q"), page_of(request));
    if (!found) return failed(found.error());
    json out{{"items", json::array()}, {"total", found->total}};
    for (const auto& one : found->items) {
        const auto& what = one.what;
        const auto end = [](const store::DeviceRef& device, const std::string& address) {
            return device.id.empty() && device.name.empty() ? json{{"name", address}, {"address", address}}
                                                            : json_of(device);
        };
        json row{{"id", one.id},
                 {"asks", end(one.asks, what.asks_text)},
                 {"answers", end(one.answers, what.answers_text)},
                 {"function", api::clipped(what.function)},
                 {"cyclic", what.event},
                 {"usual_us", what.usual_us},
                 {"usual_most_us", what.usual_most_us},
                 {"now_us", what.now_us},
                 {"now_most_us", what.now_most_us},
                 {"asked", what.asked},
                 {"answered", what.answered},
                 {"refused", what.refused},
                 {"minutes", what.minutes},
                 {"first_seen", time_text(what.first)},
                 {"last_seen", time_text(what.last)}};
        put_protocol(row, what.protocol);
        put_text(row, "object", what.object);
        if (!one.line.id.empty()) row["line"] = json_of(one.line);
        if (one.evidence.frame != 0) row["evidence"] = json_of(one.evidence);
        out["items"].push_back(std::move(row));
    }
    put_text(out, "next_cursor", found->next_cursor);
    return api::answer(out);
}

std::string_view how_word(PlannedSubnet::How how) {
    using enum PlannedSubnet::How;
    return how == declared ? "declared" : how == told ? "told" : "assumed";
}

json said_json(const std::vector<std::pair<std::string, std::uint64_t>>& all) {
    json out = json::array();
    for (const auto& [value, many] : all)
        if (out.size() < 16) out.push_back({{"value", api::clipped(value, 64)}, {"count", many}});
    return out;
}

api::Response plan(const api::Request& request, store::HealthReader& reader) {
    const auto facts = reader.plan();
    if (!facts) return failed(facts.error());
    const auto wanted = request.in_query("subnet");
    json out{{"covered", facts->covered}, {"subnets", json::array()}};
    put_time(out, "at", facts->now);
    for (const auto& subnet : address_plan(*facts)) {
        if (!wanted.empty() && text(subnet) != wanted) continue;
        json row{{"network", text(subnet)},
                 {"how", how_word(subnet.how)},
                 {"lines", json::array()},
                 {"size", subnet.size()},
                 {"used", subnet.addresses},
                 {"silent", subnet.silent},
                 {"cells", subnet.cells},
                 {"cell_size", subnet.cell_size},
                 {"weeks", subnet.weeks},
                 {"masks", said_json(subnet.masks)},
                 {"gateways", said_json(subnet.gateways)},
                 {"free", json::array()}};
        for (const auto& line : subnet.lines)
            if (row["lines"].size() < 64) row["lines"].push_back(json_of(line));
        for (const auto& [first, last] : subnet.free)
            if (row["free"].size() < (wanted.empty() ? 3u : plan_free_most))
                row["free"].push_back({{"first", address_text(first)},
                                       {"last", address_text(last)},
                                       {"count", std::uint64_t{last} - first + 1}});
        if (!wanted.empty()) {
            row["addresses"] = json::array();
            for (const auto place : subnet.used) {
                if (row["addresses"].size() >= 1'024) break;
                const auto& one = facts->addresses[place];
                row["addresses"].push_back({{"device", json_of(one.device)},
                                            {"address", observe::text(one.ip)},
                                            {"first_seen", time_text(one.first)},
                                            {"last_seen", time_text(one.last)}});
            }
        }
        out["subnets"].push_back(std::move(row));
    }
    return api::answer(out);
}

api::Response export_plan(const api::Request& request, store::HealthReader& reader) {
    const auto facts = reader.plan();
    if (!facts) return failed(facts.error());
    const auto language = language_of(request);
    auto sheet = sheet_of(request, "address-plan",
                          {"network", "how_known", "lines", "use", "address", "last_address", "addresses",
                           "name", "role", "first", "last", "masks", "gateways"});
    about(sheet, request);
    const auto said = [](const auto& all) {
        std::string out;
        for (const auto& [value, many] : all) out += cat(out.empty() ? "" : ", ", value, " (", many, ")");
        return out;
    };
    for (const auto& subnet : address_plan(*facts)) {
        std::string lines;
        for (const auto& line : subnet.lines) lines += cat(lines.empty() ? "" : ", ", line.name);
        const std::string how{word(language, "planhow", how_word(subnet.how))};
        struct Piece {
            std::uint32_t first, last;
            std::size_t used;
        };
        constexpr auto none = static_cast<std::size_t>(-1);
        std::vector<Piece> pieces;
        for (const auto& [first, last] : subnet.free) pieces.push_back({first, last, none});
        if (subnet.free_cut) sheet.cut();
        for (const auto place : subnet.used) {
            const auto address = observe::v4(facts->addresses[place].ip);
            pieces.push_back({address, address, place});
        }
        std::ranges::stable_sort(pieces, {}, &Piece::first);
        for (const auto& piece : pieces) {
            if (sheet.rows() >= exported_most) {
                sheet.cut();
                break;
            }
            const auto* const one = piece.used == none ? nullptr : &facts->addresses[piece.used];
            sheet.row(
                {text(subnet), how, lines, std::string{word(language, "planuse", one ? "used" : "free")},
                 address_text(piece.first), one ? std::string{} : address_text(piece.last),
                 std::uint64_t{piece.last} - piece.first + 1, one ? one->device.name : std::string{},
                 one ? std::string{word(language, "devicerole", one->device.role)} : std::string{},
                 one ? time_text(one->first) : std::string{}, one ? time_text(one->last) : std::string{},
                 said(subnet.masks), said(subnet.gateways)});
        }
    }
    return std::move(sheet).response();
}

} // namespace

void add_health_handlers(api::Service& service, store::HealthReader& reader, Reconciler& reconciler) {
    service.on("listHealth", [&reader](const api::Request& request) { return list(request, reader); });
    service.on("getHealthFinding", [&reader, &reconciler](const api::Request& request) {
        return finding(request, reader, reconciler);
    });
    service.on("exportHealth",
               [&reader](const api::Request& request) { return export_findings(request, reader); });
    service.on("listCycles", [&reader](const api::Request& request) { return cycles(request, reader); });
    service.on("devicePorts",
               [&reader](const api::Request& request) { return device_ports(request, reader); });
    service.on("addressPlan", [&reader](const api::Request& request) { return plan(request, reader); });
    service.on("exportAddressPlan",
               [&reader](const api::Request& request) { return export_plan(request, reader); });
}

} // namespace yagura::see
