#include "see/api/reconciler.h"

#include <algorithm>

#include "see/api/answers.h"
#include "see/ledger/normal.h"
#include "spine/model/identity.h"

namespace yagura::see {
namespace {

using namespace std::chrono_literals;

static_assert(store::ledger_columns.size() == ledger::field_count);

ledger::Seen seen_of(const store::SeenDevice& device) {
    ledger::Seen out{.id = device.id,
                     .role = device.role,
                     .vendor = device.vendor,
                     .product = device.product,
                     .firmware = device.firmware,
                     .serial = device.serial,
                     .line = device.line.name,
                     .ips = device.ips,
                     .macs = device.macs,
                     .names = {},
                     .last = device.last};
    std::ranges::sort(out.ips);
    std::ranges::sort(out.macs);
    // The address stands for a name where there is none.
    if (!device.name.empty() && device.name != device.address) out.names.push_back(device.name);
    for (const auto& name : device.names)
        if (std::ranges::find(out.names, name) == out.names.end()) out.names.push_back(name);
    return out;
}

void fill(Reconciled& all) {
    const ledger::Entry none;
    for (const auto& device : all.compared.devices) {
        const auto found = all.entry_of.find(device.id);
        const auto& entry = found == all.entry_of.end() ? none : all.entries[found->second].entry;
        auto filled = filled_by(all.rules, all.compared, device, entry);
        if (filled.empty()) continue;
        auto& one = all.by_rule[device.id];
        one.said = entry;
        for (const auto& value : filled) one.said[value.field] = value.value;
        one.filled = std::move(filled);
    }
}

} // namespace

ledger::Rules rules_of(const std::vector<store::LedgerRuleRow>& rows) {
    std::vector<ledger::Rule> out;
    for (const auto& row : rows)
        if (auto rule = ledger::rule_of(row.text)) {
            rule->id = row.id;
            out.push_back(*std::move(rule));
        }
    return ledger::Rules{std::move(out)};
}

ledger::Entry entry_of(const store::LedgerRow& row) {
    return {.id = row.id, .row = row.row, .values = row.values};
}

std::vector<ledger::Accepted> accepted_of(const store::LedgerRow& row) {
    std::vector<ledger::Accepted> out;
    const auto all = json::parse(row.accepted, nullptr, false);
    if (!all.is_array()) return out;
    for (const auto& one : all) {
        if (!one.is_object()) continue;
        const auto name = one.value("field", std::string{});
        const auto field = ledger::field_of(name);
        if (field || name == "unseen") out.push_back({field, one.value("seen", std::string{})});
    }
    return out;
}

json json_of(const store::LedgerRow& row) {
    json values = json::object();
    for (std::size_t i = 0; i < row.values.size(); ++i)
        if (!row.values[i].empty())
            values[std::string{store::ledger_columns[i]}] = api::clipped(row.values[i]);
    auto accepted = json::parse(row.accepted, nullptr, false);
    if (!accepted.is_array()) accepted = json::array();
    json out{{"id", store::ledger_entry_text(row.id)},
             {"row", row.row},
             {"values", std::move(values)},
             {"accepted", std::move(accepted)}};
    put_time(out, "at", row.at);
    put_text(out, "who", row.who, 96);
    return out;
}

json by_rule_json(const Reconciled& all, const std::string& device) {
    json out = json::array();
    for (const auto& one : all.filled(device)) {
        const auto* rule = all.rules.find(one.rule);
        if (!rule) continue;
        out.push_back({{"field", ledger::key(one.field)},
                       {"value", api::clipped(one.value)},
                       {"rule", store::ledger_rule_text(one.rule)},
                       {"because", api::clipped(ledger::because(*rule))}});
    }
    return out;
}

ledger::Placed placed(const store::SeenDevice& device) {
    ledger::Placed out{.ips = {}, .vlan = device.vlan, .port = device.switch_port, .names = {}};
    for (const auto& text : device.ips)
        if (const auto ip = observe::ip_of(text)) out.ips.push_back(*ip);
    if (device.name != device.address) out.names.push_back(device.name);
    for (const auto& name : device.names) out.names.push_back(name);
    return out;
}

std::vector<ledger::Filled> filled_by(const ledger::Rules& rules, const store::Compared& all,
                                      const store::SeenDevice& device, const ledger::Entry& entry) {
    const auto fitting = rules.fitting(placed(device));
    auto out = ledger::Rules::fill(fitting, entry);
    // Somebody's word and the lines' own subnets come first.
    if ((!device.line.id.empty() && device.line_rule == 0) || !entry[ledger::Field::line].empty()) return out;
    for (const auto* rule : fitting) {
        const auto id = cat("l0-", rule->line);
        const auto line = std::ranges::find(all.lines, id, &store::LineRef::id);
        if (rule->line == 0 || line == all.lines.end()) continue;
        out.insert(out.begin(), {ledger::Field::line, line->name, rule->id});
        break;
    }
    return out;
}

const ledger::Entry* Reconciled::said_of(const std::string& device) const {
    if (const auto found = by_rule.find(device); found != by_rule.end()) return &found->second.said;
    const auto found = entry_of.find(device);
    return found == entry_of.end() ? nullptr : &entries[found->second].entry;
}

std::span<const ledger::Filled> Reconciled::filled(const std::string& device) const {
    const auto found = by_rule.find(device);
    if (found == by_rule.end()) return {};
    return found->second.filled;
}

Result<std::shared_ptr<const Reconciled>> Reconciler::for_page() {
    YAGURA_TRY(const auto head, reader_.ledger());
    if (head.version == 0) return nullptr;
    constexpr unsigned days = 30; // Which entry it is does not depend on them.
    return look(days);
}

std::shared_ptr<const Reconciled> Reconciler::lately() {
    const auto head = reader_.ledger();
    if (!head || head->version == 0) return {};
    const auto all = look(30, 30s); // Which entry is which device does not depend on the days.
    return all && (*all)->owners ? *all : nullptr;
}

Result<std::shared_ptr<const Reconciled>> Reconciler::look(unsigned days, std::chrono::seconds fresh) {
    const std::lock_guard lock{mutex_};
    if (last_ && days_ == days && Steady::now() - made_ < fresh) {
        YAGURA_TRY(const auto now, reader_.ledger());
        if (now.version == last_->compared.ledger.version) return last_;
    }
    auto made = std::make_shared<Reconciled>();
    YAGURA_TRY(made->compared, reader_.compared());
    for (const auto& row : made->compared.entries) made->entries.push_back({entry_of(row), accepted_of(row)});
    for (const auto& device : made->compared.devices) made->devices.push_back(seen_of(device));
    made->pairs = ledger::reconcile(made->entries, made->devices, made->compared.now,
                                    std::chrono::days{days});
    for (const auto& pair : made->pairs)
        if (pair.entry && pair.device)
            made->entry_of.try_emplace(made->devices[*pair.device].id, *pair.entry);
    made->rules = rules_of(made->compared.rules);
    if (!made->rules.all().empty()) fill(*made);
    json owners = json::array();
    for (const auto& device : made->devices) {
        const auto* said = made->said_of(device.id);
        if (const auto number = said ? model::device_id(device.id) : std::nullopt)
            owners.push_back({number->value, api::clipped((*said)[ledger::Field::owner], 256),
                              (*said)[ledger::Field::criticality]});
    }
    if (!made->entries.empty() || !made->by_rule.empty())
        made->owners = std::make_shared<const std::string>(owners.dump());
    last_ = made;
    days_ = days;
    made_ = Steady::now();
    return last_;
}

} // namespace yagura::see
