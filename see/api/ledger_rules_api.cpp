#include "see/api/ledger_rules_api.h"

#include <algorithm>
#include <limits>
#include <map>
#include <set>

#include "see/api/answers.h"
#include "see/api/handlers.h"
#include "see/api/ledger_values.h"
#include "see/ledger/values.h"
#include "spine/observe/text.h"

namespace yagura::see {
namespace {

using ledger::Field;

json when_json(const ledger::Rule& rule) {
    json out = json::object();
    put_text(out, "subnet", rule.subnet, 64);
    if (rule.vlan != 0) out["vlan"] = rule.vlan;
    put_text(out, "port", rule.port, ledger::pattern_most);
    put_text(out, "name", rule.name, ledger::pattern_most);
    return out;
}

json says_json(const ledger::Rule& rule) {
    json out = json::object();
    if (rule.line != 0) out["line"] = cat("l0-", rule.line);
    for (const auto field : ledger::ruled_fields)
        if (field != Field::line)
            put_text(out, std::string{ledger::key(field)}.c_str(),
                     rule.values[static_cast<std::size_t>(field)]);
    return out;
}

const store::LineRef* line_of(const store::Compared& all, const ledger::Rule& rule) {
    const auto found = std::ranges::find(all.lines, cat("l0-", rule.line), &store::LineRef::id);
    return rule.line == 0 || found == all.lines.end() ? nullptr : &*found;
}

bool rule_says(const ledger::Rule& rule, Field field) {
    return field == Field::line ? rule.line != 0 : !rule.values[static_cast<std::size_t>(field)].empty();
}

/// The subnet as everybody writes it: bits of the host are cut off.
std::optional<std::string> subnet_text(std::string_view text) {
    const auto subnet = observe::subnet_of(text);
    if (!subnet) return std::nullopt;
    const bool four = subnet->bits >= 96 && observe::is_v4(subnet->network);
    return cat(observe::text(subnet->network), "/", four ? subnet->bits - 96 : subnet->bits);
}

/// The rule that somebody asks for, or the refusal.
std::optional<api::Response> take_rule(ledger::Rule& rule, const json& body, const store::Compared& all) {
    const auto& when = body["when"];
    if (when.contains("subnet")) {
        auto text = subnet_text(when["subnet"].get_ref<const std::string&>());
        if (!text)
            return api::problem(409, {.code = "model.bad-subnet",
                                      .what = "this is no subnet",
                                      .where = "when.subnet",
                                      .next = "write it as 10.2.3.0/24"});
        rule.subnet = *std::move(text);
    }
    rule.vlan = when.value("vlan", std::uint16_t{0});
    rule.port = when.value("port", std::string{});
    rule.name = when.value("name", std::string{});
    if (rule.port.size() > ledger::pattern_most || rule.name.size() > ledger::pattern_most)
        return unfit("when", cat("a pattern has at most ", ledger::pattern_most, " bytes"), "shorten it");
    ledger::Entry entry;
    for (const auto& [name, value] : body["says"].items()) {
        if (name != "line") continue;
        const auto& id = value.get_ref<const std::string&>();
        const auto number_part = id.starts_with("l0-") ? number<std::uint32_t>(std::string_view{id}.substr(3))
                                                       : std::nullopt;
        if (!number_part || std::ranges::find(all.lines, id, &store::LineRef::id) == all.lines.end())
            return nothing("line");
        rule.line = *number_part;
    }
    auto values = body["says"];
    values.erase("line");
    if (auto wrong = set_values(entry, values)) return wrong;
    rule.values = entry.values;
    if (!ledger::rule_of(ledger::text_of(rule)))
        return unfit("says", "a rule says something", "fill in a field");
    return std::nullopt;
}

std::string told_rule(const store::Compared& all, const ledger::Rule& rule) {
    std::string out = ledger::because(rule) + ":";
    if (const auto* line = line_of(all, rule)) out += cat(" line ", line->name, ",");
    for (const auto field : ledger::ruled_fields)
        if (const auto& value = rule.values[static_cast<std::size_t>(field)];
            field != Field::line && !value.empty())
            out += cat(" ", ledger::key(field), " ", value, ",");
    out.pop_back();
    return out;
}

api::Response list_rules(const api::Request&, const LedgerParts& in) {
    const auto found = in.reconciler.look(30);
    if (!found) return failed(found.error());
    const auto& all = **found;
    struct Counts {
        std::size_t devices = 0, fills = 0;
    };
    std::map<std::uint64_t, Counts> counts;
    if (!all.rules.all().empty())
        for (const auto& device : all.compared.devices) {
            for (const auto* rule : all.rules.fitting(placed(device))) ++counts[rule->id].devices;
            std::set<std::uint64_t> filling;
            for (const auto& one : all.filled(device.id)) filling.insert(one.rule);
            for (const auto id : filling) ++counts[id].fills;
        }
    json out{{"rules", json::array()}, {"most", ledger::rules_most}};
    for (const auto& row : all.compared.rules) {
        const auto* rule = all.rules.find(row.id);
        if (!rule || out["rules"].size() >= ledger::rules_most) continue;
        json one{{"id", store::ledger_rule_text(row.id)},
                 {"when", when_json(*rule)},
                 {"says", says_json(*rule)},
                 {"because", api::clipped(ledger::because(*rule))},
                 {"devices", counts[row.id].devices},
                 {"fills", counts[row.id].fills},
                 {"at", time_text(row.at)},
                 {"who", api::clipped(row.who, 128)}};
        if (const auto* line = line_of(all.compared, *rule)) one["line"] = json_of(*line);
        out["rules"].push_back(std::move(one));
    }
    return api::answer(out);
}

api::Response preview_rule(const api::Request& request, const LedgerParts& in) {
    const auto found = in.reconciler.look(30, std::chrono::seconds{0});
    if (!found) return failed(found.error());
    const auto& all = **found;
    ledger::Rule asked{.id = std::numeric_limits<std::uint64_t>::max()};
    const bool known = request.body.contains("rule");
    if (known) {
        const auto id = store::ledger_rule_number(request.body["rule"].get_ref<const std::string&>());
        if (!id || !all.rules.find(*id)) return nothing("rule");
        asked.id = *id;
    }
    if (auto wrong = take_rule(asked, request.body, all.compared)) return *std::move(wrong);
    std::vector<ledger::Rule> rules{all.rules.all().begin(), all.rules.all().end()};
    if (known)
        *std::ranges::find(rules, asked.id, &ledger::Rule::id) = asked;
    else
        rules.push_back(asked);
    const ledger::Rules after{std::move(rules)}, alone{{asked}};

    std::size_t devices = 0, fills = 0, kept = 0, loses = 0;
    std::map<Field, std::size_t> fields;
    json examples = json::array();
    const ledger::Entry none;
    for (const auto& device : all.compared.devices) {
        const auto entry = all.entry_of.find(device.id);
        const auto filled = filled_by(after, all.compared, device,
                                      entry == all.entry_of.end() ? none : all.entries[entry->second].entry);
        loses += std::ranges::any_of(all.filled(device.id), [&](const ledger::Filled& one) {
            return one.rule == asked.id &&
                   std::ranges::find(filled, one.field, &ledger::Filled::field) == filled.end();
        });
        if (alone.fitting(placed(device)).empty()) continue;
        ++devices;
        json fill = json::array(), keep = json::array();
        for (const auto field : ledger::ruled_fields) {
            if (!rule_says(asked, field)) continue;
            const bool ours = std::ranges::any_of(filled, [&](const ledger::Filled& one) {
                return one.field == field && one.rule == asked.id;
            });
            (ours ? fill : keep).push_back(ledger::key(field));
            if (ours) ++fields[field];
        }
        fills += !fill.empty();
        kept += !keep.empty();
        if (examples.size() < 50)
            examples.push_back(
                {{"device", json_of(store::DeviceRef{device.id, device.name, device.address, device.role})},
                 {"fields", std::move(fill)},
                 {"kept", std::move(keep)}});
    }
    json by_field = json::array();
    for (const auto field : ledger::ruled_fields)
        if (fields.contains(field))
            by_field.push_back({{"field", ledger::key(field)}, {"devices", fields[field]}});
    return api::answer({{"devices", devices},
                        {"fills", fills},
                        {"kept", kept},
                        {"loses", loses},
                        {"fields", std::move(by_field)},
                        {"examples", std::move(examples)}});
}

/// In the journal before it is answered.
api::Response put_rule(const api::Request& request, const LedgerParts& in, std::optional<std::uint64_t> id) {
    const auto found = in.reconciler.look(30);
    if (!found) return failed(found.error());
    ledger::Rule rule;
    if (auto wrong = take_rule(rule, request.body, (*found)->compared)) return *std::move(wrong);
    const auto done = in.commands.run(model::PutLedgerRule{id, ledger::text_of(rule)}, request.who->name);
    if (!done) return refused(done.error());
    auto response = api::answer({{"id", done->id}, {"at", time_text(done->at)}}, id ? 200 : 201);
    response.audit = told_rule((*found)->compared, rule);
    return response;
}

api::Response create_rule(const api::Request& request, const LedgerParts& in) {
    return put_rule(request, in, std::nullopt);
}

api::Response edit_rule(const api::Request& request, const LedgerParts& in) {
    const auto id = store::ledger_rule_number(request.in_path("rule_id"));
    if (!id) return nothing("rule");
    return put_rule(request, in, id);
}

api::Response remove_rule(const api::Request& request, const LedgerParts& in) {
    const auto id = store::ledger_rule_number(request.in_path("rule_id"));
    if (!id) return nothing("rule");
    const auto found = in.reconciler.look(30);
    if (!found) return failed(found.error());
    const auto done = in.commands.run(model::DropLedgerRule{*id}, request.who->name);
    if (!done) return refused(done.error());
    api::Response out{.status = 204};
    if (const auto* rule = (*found)->rules.find(*id)) out.audit = told_rule((*found)->compared, *rule);
    return out;
}

api::Response order_rules(const api::Request& request, const LedgerParts& in) {
    model::OrderLedgerRules asked;
    for (const auto& one : request.body["rules"])
        asked.rules.push_back(store::ledger_rule_number(one.get_ref<const std::string&>()).value_or(0));
    const auto done = in.commands.run(std::move(asked), request.who->name);
    if (!done) return refused(done.error());
    auto response = api::answer({{"at", time_text(done->at)}});
    std::string text;
    for (const auto& one : request.body["rules"])
        text += cat(text.empty() ? "" : " ", one.get_ref<const std::string&>());
    response.audit = std::move(text);
    return response;
}

} // namespace

void add_ledger_rule_handlers(api::Service& service, const LedgerParts& parts) {
    const auto on = handlers_of(service, parts);
    on("listLedgerRules", list_rules);
    on("previewLedgerRule", preview_rule);
    on("createLedgerRule", create_rule);
    on("editLedgerRule", edit_rule);
    on("deleteLedgerRule", remove_rule);
    on("orderLedgerRules", order_rules);
}

} // namespace yagura::see
