// Rules of whose devices are: judged, kept in their order, and what follows from them for lines.
#include <algorithm>

#include "apps/center/inside.h"

namespace yagura::center {
namespace {

std::unexpected<Complaint> refused(std::string_view code, std::string what, std::string next) {
    return std::unexpected{Complaint{.code = code, .what = std::move(what), .next = std::move(next)}};
}

Result<std::uint64_t> known_rule(const People& people, std::uint64_t id) {
    if (!people.rules.find(id))
        return refused("model.no-such-rule", "there is no such rule",
                       "look at the rules again: somebody took it out");
    return id;
}

/// Those that are named first and in this order; the others stay behind them.
void put_in_order(std::vector<see::ledger::Rule>& rules, std::string_view ids) {
    std::ptrdiff_t place = 0;
    for (; !ids.empty();) {
        const auto end = std::min(ids.find(' '), ids.size());
        const auto id = number<std::uint64_t>(ids.substr(0, end));
        ids.remove_prefix(std::min(end + 1, ids.size()));
        const auto from = rules.begin() + place;
        const auto found = std::find_if(from, rules.end(), [&](const auto& rule) { return rule.id == id; });
        if (found == rules.end()) continue;
        std::rotate(from, found, found + 1);
        ++place;
    }
}

} // namespace

void Inside::decide_rules(const Decision& told) {
    using Did = store::LedgerChange::What;
    store::LedgerChange change;
    change.id = told.subject;
    change.at = told.at;
    change.who = told.who;
    std::vector<see::ledger::Rule> rules{people.rules.all().begin(), people.rules.all().end()};
    const auto known = std::ranges::find(rules, told.subject, &see::ledger::Rule::id);
    if (told.what == What::ledger_rule_order) {
        change.what = Did::rule_order;
        put_in_order(rules, told.value.value_or(""));
    } else if (told.what == What::ledger_rule_gone) {
        change.what = Did::rule_gone;
        if (known != rules.end()) rules.erase(known);
    } else {
        auto rule = see::ledger::rule_of(told.value.value_or(""));
        if (!rule) return; // Of a newer version.
        change.what = Did::rule;
        change.text = *told.value;
        rule->id = told.subject;
        if (known != rules.end())
            *known = *std::move(rule);
        else
            rules.push_back(*std::move(rule));
    }
    for (const auto& rule : rules) change.order.push_back(rule.id);
    ++people.ledger_version;
    batch.ledger.push_back(std::move(change));
    people.rules = see::ledger::Rules{std::move(rules)};
    plant->settle();
    portraits->changed_all(); // A rule may say whose line they are on.
}

Result<Inside::Judged> Inside::judge_rule(const model::PutLedgerRule& asked) {
    const auto rule = see::ledger::rule_of(asked.text);
    if (!rule)
        return refused("model.bad-value", "this is no rule",
                       "give a subnet, VLAN, port or name, and what it says");
    if (rule->line != 0 && !people.lines.contains(rule->line))
        return refused("model.no-such-line", "there is no such line", "take the id from the list of lines");
    const auto all = people.rules.all();
    Decision out;
    out.what = What::ledger_rule;
    out.value = asked.text;
    if (asked.rule) {
        YAGURA_TRY(out.subject, known_rule(people, *asked.rule));
    } else {
        if (all.size() >= see::ledger::rules_most)
            return refused("model.bad-value", cat("there are ", see::ledger::rules_most, " rules already"),
                           "take one out that is not used");
        for (const auto& one : all) out.subject = std::max(out.subject, one.id);
        ++out.subject;
        out.other = 1;
    }
    auto id = store::ledger_rule_text(out.subject);
    return std::pair{std::move(out), std::move(id)};
}

Result<Inside::Judged> Inside::judge_rule(const model::DropLedgerRule& asked) {
    Decision out;
    out.what = What::ledger_rule_gone;
    YAGURA_TRY(out.subject, known_rule(people, asked.rule));
    return std::pair{std::move(out), store::ledger_rule_text(asked.rule)};
}

Result<Inside::Judged> Inside::judge_rule(const model::OrderLedgerRules& asked) {
    const auto all = people.rules.all();
    const std::set<std::uint64_t> named{asked.rules.begin(), asked.rules.end()};
    if (asked.rules.size() != all.size() || named.size() != all.size() ||
        std::ranges::any_of(all, [&](const auto& one) { return !named.contains(one.id); }))
        return refused("model.rules-changed", "somebody changed the rules meanwhile",
                       "look at the rules again, then put them in order");
    Decision out;
    out.what = What::ledger_rule_order;
    std::string text;
    for (const auto id : asked.rules) text += cat(text.empty() ? "" : " ", id);
    out.value = std::move(text);
    return std::pair{std::move(out), std::string{}};
}

} // namespace yagura::center
