#include "see/api/answers.h"

#include <algorithm>
#include <array>

#include "see/grounds.h"
#include "spine/base/hex.h"
#include "spine/base/rfc3339.h"
#include "spine/observe/text.h"
#include "spine/store/comments.h"

namespace yagura::see {
namespace {

constexpr std::array roles{"plc",          "safety_controller",
                           "remote_io",    "drive",
                           "robot",        "cnc",
                           "hmi",          "operator_panel",
                           "scada_server", "historian",
                           "opc_server",   "mes",
                           "erp",          "engineering_station",
                           "rtu",          "protection_relay",
                           "meter",        "sensor",
                           "camera",       "barcode_reader",
                           "printer",      "switch",
                           "router",       "firewall",
                           "access_point", "wireless_bridge",
                           "gateway",      "serial_server",
                           "time_server",  "server",
                           "workstation",  "mobile",
                           "virtual_host", "building_controller",
                           "ups",          "unknown"};
constexpr std::array levels{"0", "1", "2", "3", "3.5", "4"};
constexpr std::array attributes{"vendor",
                                "product",
                                "firmware",
                                "hardware",
                                "serial",
                                "name",
                                "os",
                                "application",
                                "mac",
                                "ip",
                                "role",
                                "state",
                                "location",
                                "certificate",
                                "user",
                                "netmask",
                                "gateway",
                                "port_name",
                                "engineering_station",
                                "module",
                                "line",
                                "level"};
constexpr std::array effects{"none", "observes", "changes_value", "changes_program", "changes_setting",
                             "stops"};
constexpr std::array outcomes{"pending", "done", "refused", "unanswered"};
constexpr unsigned acts = 32;

bool known(const auto& words, std::string_view word) { return std::ranges::find(words, word) != words.end(); }

std::string underscored(std::string_view words) {
    std::string out{words};
    std::ranges::replace(out, ' ', '_');
    return out;
}

} // namespace

std::string time_text(observe::Time at) { return rfc3339(at.time_since_epoch().count()); }

void put_text(json& into, const char* name, std::string_view text, std::size_t most) {
    if (!text.empty()) into[name] = api::clipped(text, most);
}
void put_time(json& into, const char* name, observe::Time at) {
    if (at != observe::Time{}) into[name] = time_text(at);
}

namespace {
bool is_protocol(std::string_view text) {
    return !text.empty() && text.size() <= 32 && std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-';
    });
}
} // namespace

void put_protocol(json& into, std::string_view protocol) {
    if (is_protocol(protocol)) into["protocol"] = protocol;
}
json protocols_json(const std::vector<std::string>& protocols) {
    auto list = json::array();
    for (const auto& protocol : protocols)
        if (is_protocol(protocol) && list.size() < 16) list.push_back(protocol);
    return list;
}

std::string act_word(observe::Act act) { return underscored(observe::word(act)); }
std::string_view effect_word(observe::Effect effect) {
    return effects[std::min(static_cast<std::size_t>(effect), effects.size() - 1)];
}
std::optional<observe::Act> act(std::string_view text) {
    for (unsigned number = 0; number < acts; ++number)
        if (act_word(static_cast<observe::Act>(number)) == text) return static_cast<observe::Act>(number);
    return {};
}
std::optional<observe::Effect> effect(std::string_view text) {
    const auto* found = std::ranges::find(effects, text);
    return found == effects.end() ? std::nullopt
                                  : std::optional{static_cast<observe::Effect>(found - effects.begin())};
}
std::optional<observe::Outcome> outcome(std::string_view text) {
    const auto* found = std::ranges::find(outcomes, text);
    return found == outcomes.end() ? std::nullopt
                                   : std::optional{static_cast<observe::Outcome>(found - outcomes.begin())};
}

std::string_view role_word(std::string_view role) {
    return known(roles, role) ? role : std::string_view{"unknown"};
}
std::string level_word(std::string_view level) {
    return known(levels, level) ? std::string{level} : std::string{};
}
std::string attribute_word(std::string_view attribute) {
    auto out = underscored(attribute);
    if (out == "role_hint") out = "role";
    return known(attributes, std::string_view{out}) ? out : std::string{};
}

std::string hex(Bytes bytes) { return to_hex(bytes.first(std::min<std::size_t>(bytes.size(), 256))); }

json facets_json(const std::vector<store::Facet>& facets) {
    auto rows = json::array();
    for (const auto& facet : facets) {
        if (rows.size() == 200) break;
        json row{{"value", api::clipped(facet.value, 256)}, {"count", facet.count}};
        put_text(row, "name", facet.name);
        rows.push_back(std::move(row));
    }
    return rows;
}

json json_of(const store::LineRef& line) { return {{"id", line.id}, {"name", api::clipped(line.name, 128)}}; }

json json_of(const store::DeviceRef& device) {
    json out{{"name", api::clipped(device.name.empty() ? device.address : device.name)}};
    if (!device.id.empty()) out["id"] = device.id;
    put_text(out, "address", device.address, 64);
    if (!device.role.empty()) out["role"] = role_word(device.role);
    return out;
}

json json_of(const store::EvidenceRef& evidence) {
    json out{{"source", api::clipped(evidence.source, 256)}};
    if (!evidence.capture.empty()) out["capture"] = evidence.capture;
    if (evidence.frame) {
        out["frame"] = count(evidence.frame);
        out["offset"] = evidence.offset;
    }
    put_time(out, "at", evidence.at);
    put_protocol(out, evidence.protocol);
    return out;
}

json json_of(const store::ActCount& act) {
    json out{{"act", act_word(act.act)},
             {"effect", effect_word(observe::usual_effect(act.act))},
             {"count", count(act.count)},
             {"refused", count(act.refused)},
             {"is_new", act.is_new}};
    put_time(out, "first", act.first);
    put_time(out, "last", act.last);
    return out;
}

json acts_json(const std::vector<store::ActCount>& all) {
    auto list = json::array();
    for (const auto& act : all)
        if (list.size() < 40) list.push_back(json_of(act));
    return list;
}

json json_of(const store::DeviceRow& row) {
    json out{{"id", row.id},
             {"name", api::clipped(row.name)},
             {"role", role_word(row.role)},
             {"state", row.state},
             {"protocols", protocols_json(row.protocols)},
             {"first_seen", time_text(row.first)},
             {"last_seen", time_text(row.last)}};
    put_text(out, "address", row.address, 64);
    put_text(out, "mac", row.mac, 64);
    put_text(out, "vendor", row.vendor);
    put_text(out, "product", row.product);
    put_text(out, "firmware", row.firmware);
    put_text(out, "serial", row.serial);
    put_text(out, "os", row.os);
    put_text(out, "switch_port", row.switch_port);
    put_text(out, "run_state", row.run_state);
    put_text(out, "level", level_word(row.level));
    if (row.line) out["line"] = json_of(*row.line);
    if (row.vlan) out["vlan"] = *row.vlan & 0xfffu;
    if (row.peers) out["peers"] = row.peers;
    if (row.parts) out["parts"] = row.parts;
    if (row.corrected) out["corrected"] = true;
    out["approval"] = approval_json(row);
    return out;
}

json approval_json(const store::DeviceRow& row) {
    const auto& stands = row.standing;
    json out{{"state", row.approval}};
    if (row.approval == "pending") {
        out["why"] = stands.why;
        put_text(out, "from", stands.from);
        put_text(out, "to", stands.to);
        return out;
    }
    put_time(out, "until", stands.until);
    put_text(out, "reason", stands.reason);
    put_time(out, "at", stands.at);
    put_text(out, "by", stands.who, 128);
    return out;
}

json json_of(const store::Fact& fact) {
    json out{{"attribute", attribute_word(fact.attribute)},
             {"value", api::clipped(fact.value)},
             {"by", fact.by},
             {"confidence", std::min<int>(fact.confidence, 100)},
             {"chosen", fact.chosen}};
    put_protocol(out, fact.protocol);
    put_text(out, "person", fact.person, 96);
    const auto rule = rule_of(fact.rule);
    put_text(out, "rule", fact.by == "rule" ? std::string_view{fact.rule} : rule.identifier, 128);
    if (std::ranges::find(why_words(), rule.why) != why_words().end()) {
        out["grounds"] = {{"why", rule.why}, {"of", json::array()}};
        for (const auto of : rule.of) out["grounds"]["of"].push_back(api::clipped(of));
    }
    put_text(out, "part", fact.part, 128);
    put_time(out, "first_seen", fact.first);
    put_time(out, "last_seen", fact.last);
    if (fact.evidence) out["evidence"] = json_of(*fact.evidence);
    return out;
}

void put_comment(json& into, const store::ObjectComment& comment) {
    if (comment.none()) return;
    json out{{"text", api::clipped(comment.shown())}, {"list", store::comment_list_text(comment.list)}};
    if (!comment.text.empty()) put_text(out, "name", comment.name);
    put_text(out, "of", comment.of);
    into["comment"] = std::move(out);
}

std::vector<std::string> words_of(const api::Request& request, const char* name) {
    const auto found = request.query.find(name);
    return found == request.query.end() ? std::vector<std::string>{} : found->get<std::vector<std::string>>();
}

void about(api::Sheet& sheet, const api::Request& request) {
    for (const auto& [name, value] : request.query.items())
        if (name != "format") sheet.about(name, value.is_string() ? value.get<std::string>() : value.dump());
}

store::Page page_of(const api::Request& request) {
    return {.cursor = request.in_query("cursor"), .most = request.query.value("limit", std::size_t{200})};
}

store::Range range_of(const api::Request& request) {
    store::Range range;
    if (const auto since = from_rfc3339(request.in_query("since")))
        range.from = observe::Time{std::chrono::nanoseconds{*since}};
    if (const auto until = from_rfc3339(request.in_query("until")))
        range.until = observe::Time{std::chrono::nanoseconds{*until}};
    return range;
}

api::Response failed(const Complaint& complaint) {
    return api::problem(complaint.code.starts_with("store.bad-") ? 400 : 503, complaint);
}

api::Response refused(const Complaint& complaint) {
    const auto& code = complaint.code;
    if (code == "model.no-such-device" || code == "model.no-such-upload" ||
        code == "model.no-such-regrouping" || code == "model.no-such-list" || code == "model.no-such-rule")
        return api::problem(404, complaint);
    if (code == "model.bad-value" || code == "model.bad-subnet" || code == "model.no-reason" ||
        code == "model.bad-date")
        return api::problem(400, complaint);
    if (code == "model.name-taken" || code == "model.no-such-line" || code == "model.no-such-address" ||
        code == "model.not-latest" || code == "model.rules-changed" || code == "model.ledger-changed")
        return api::problem(409, complaint);
    return api::problem(503, complaint);
}

api::Response nothing(std::string_view what) {
    return api::problem(404, {.code = "api.nothing-there",
                              .what = cat("there is no such ", what),
                              .next = "take the id from the list it came from"});
}

} // namespace yagura::see
