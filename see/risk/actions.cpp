#include "see/risk/actions.h"

#include <algorithm>
#include <array>
#include <set>

#include "see/risk/score.h"

namespace yagura::see::risk {
namespace {

bool is_service(Term term) noexcept {
    return term == Term::remote_access || term == Term::clear_text || term == Term::file_shares ||
           term == Term::readable_login;
}
bool is_over(Term term) noexcept {
    return term == Term::system_over || term == Term::software_over || term == Term::paid_support;
}

std::size_t with_id(const Counted& counted, const std::string& id) {
    return static_cast<std::size_t>(std::ranges::count(counted.things, id, &Thing::id));
}
std::size_t with_name(const Counted& counted, const std::string& name) {
    return static_cast<std::size_t>(std::ranges::count(counted.things, name, &Thing::name));
}

/// All that could do anything; those that do nothing are left out later.
std::set<Action> candidates(const Facts& facts, const Thing& line) {
    std::set<Action> out;
    for (const auto& peer : facts[Term::undecided_peers].things)
        out.insert({ActionKind::decide_peer, peer.id, peer.name, {}});
    for (const auto& peer : facts[Term::refused_peers].things)
        out.insert({ActionKind::remove_peer, peer.id, peer.name, {}});
    if (facts[Term::no_advisories].count) out.insert({ActionKind::bring_advisories, {}, {}, {}});
    if (facts[Term::untold_product].count) out.insert({ActionKind::tell_product, {}, {}, {}});
    for (const auto term : {Term::remote_access, Term::clear_text, Term::file_shares, Term::readable_login})
        for (const auto& service : facts[term].things)
            out.insert({ActionKind::close_service, service.name, service.name, {}});
    if (facts[Term::from_internet].count || facts[Term::to_internet].count)
        out.insert({ActionKind::cut_internet, line.id, line.name, {}});
    if (facts[Term::outsiders].count > 1) out.insert({ActionKind::one_way_in, line.id, line.name, {}});
    for (const auto term : {Term::system_over, Term::software_over, Term::paid_support})
        for (const auto& product : facts[term].things)
            out.insert({ActionKind::replace, product.name, product.name, {}});
    for (const auto& one : facts.vulnerabilities) {
        if (share_of(one) == 0) continue;
        if (one.verdict == Verdict::affected)
            out.insert({ActionKind::update, one.product, one.product, {}});
        else
            out.insert({ActionKind::find_fact, one.missing + " " + one.product, one.product, one.missing});
    }
    return out;
}

} // namespace

std::string_view key(ActionKind kind) noexcept {
    constexpr std::array<std::string_view, 10> words{
        "decide_peer",   "bring_advisories", "tell_product", "find_fact", "remove_peer",
        "close_service", "cut_internet",     "one_way_in",   "update",    "replace"};
    return words[static_cast<std::size_t>(kind)];
}

bool at_best(ActionKind kind) noexcept {
    return kind == ActionKind::decide_peer || kind == ActionKind::bring_advisories ||
           kind == ActionKind::tell_product || kind == ActionKind::find_fact;
}

std::size_t removed(const Facts& facts, Term term, const Action& action) {
    const auto& counted = facts[term];
    if (counted.count == 0) return 0;
    switch (action.kind) {
    case ActionKind::decide_peer:
        return term == Term::undecided_peers ? with_id(counted, action.key) : 0;
    case ActionKind::remove_peer:
        return term == Term::refused_peers ? with_id(counted, action.key) : 0;
    case ActionKind::bring_advisories:
        return term == Term::no_advisories ? counted.count : 0;
    case ActionKind::tell_product:
        return term == Term::untold_product ? counted.count : 0;
    case ActionKind::close_service:
        return is_service(term) ? with_name(counted, action.key) : 0;
    case ActionKind::cut_internet:
        return term == Term::from_internet || term == Term::to_internet ? counted.count : 0;
    case ActionKind::one_way_in:
        return term == Term::outsiders ? counted.count - 1 : 0;
    case ActionKind::replace:
        return is_over(term) ? with_name(counted, action.key) : 0;
    case ActionKind::find_fact:
    case ActionKind::update:
        break; // They are about vulnerabilities.
    }
    return 0;
}

bool settles(const Action& action, const Vulnerability& one) noexcept {
    if (action.kind == ActionKind::update)
        return one.verdict == Verdict::affected && one.product == action.key;
    return action.kind == ActionKind::find_fact && one.verdict == Verdict::needs_fact &&
           one.product == action.name && one.missing == action.note;
}

std::vector<Lowered> lowering(const Facts& facts, const Thing& line) {
    std::vector<Lowered> out;
    const auto before = exact_of(facts);
    for (const auto& action : candidates(facts, line)) {
        const auto after = exact_of(facts, std::span{&action, 1});
        if (after < before) out.push_back({action, before, after});
    }
    // The candidates came in the order of their effort, and of their name.
    std::ranges::stable_sort(out, {}, &Lowered::after);
    return out;
}

void Ranking::add(std::uint32_t device, const std::vector<Lowered>& of_device) {
    for (const auto& one : of_device) {
        auto& here = all_[{one.action.kind, one.action.key}];
        if (here.devices.empty()) here.action = one.action;
        here.lowers += one.before - one.after;
        here.devices.push_back(device);
    }
}

std::vector<Together> Ranking::best(std::size_t most) const {
    std::vector<const Together*> sorted;
    for (const auto& [key, one] : all_) sorted.push_back(&one);
    std::ranges::stable_sort(sorted, std::greater{}, &Together::lowers);
    std::vector<Together> out;
    for (const auto* one : sorted)
        if (out.size() < most) out.push_back(*one);
    return out;
}

} // namespace yagura::see::risk
