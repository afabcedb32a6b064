#include "see/api/risk_json.h"

#include <algorithm>
#include <cmath>

#include "spine/base/text.h"

namespace yagura::see {
namespace {

constexpr std::size_t things_shown = 20, others_shown = 20, devices_shown = 20, actions_of_device = 3;

bool among(const std::vector<std::string>& wanted, std::string_view word) {
    return wanted.empty() || std::ranges::find(wanted, word) != wanted.end();
}

json vulnerability_json(const risk::Vulnerability& one) {
    json out{
        {"advisory", api::clipped(one.advisory, 128)},
        {"product", api::clipped(one.product)},
        {"exploited", one.exploited},
        {"likelihood", static_cast<double>(one.likelihood) / 1e6},
        {"verdict", key(one.verdict)},
        {"decision", key(one.decision)},
        {"share", risk::share_of(one)},
        {"points", risk::points_of(one)},
        // What counts where an advisory gives none stands here, too, so that there is a number to follow.
        {"score",
         static_cast<double>(one.tenths < 0 ? static_cast<int>(risk::unscored_tenths) : one.tenths) / 10},
        {"scored", one.tenths >= 0}};
    put_text(out, "part", one.part);
    put_text(out, "cve", one.cve, 32);
    put_text(out, "title", one.title);
    put_text(out, "missing", one.missing, 32);
    return out;
}

json term_json(const risk::Shown& shown) {
    const auto& weight = risk::weight(shown.term);
    json out{{"term", weight.key},
             {"points", shown.points},
             {"count", count(shown.count)},
             {"unknown", weight.unknown},
             {"things", json::array()}};
    if (shown.worst) {
        out["worst"] = vulnerability_json(*shown.worst);
        return out;
    }
    out["first"] = weight.first;
    out["further"] = weight.further;
    out["most"] = weight.most;
    for (const auto& thing : shown.counted->things) {
        if (out["things"].size() == things_shown || thing.name.empty()) continue;
        json row{{"name", api::clipped(thing.name)}};
        put_text(row, "id", thing.id);
        put_text(row, "note", thing.note);
        out["things"].push_back(std::move(row));
    }
    if (shown.term != risk::Term::further_vulnerabilities) return out;
    out["others"] = json::array();
    for (const auto* one : shown.all)
        if (out["others"].size() < others_shown) out["others"].push_back(vulnerability_json(*one));
    return out;
}

json action_json(const risk::Action& action) {
    json out{{"kind", key(action.kind)}, {"at_best", risk::at_best(action.kind)}};
    put_text(out, "name", action.name);
    // A line, or a device: where the page leads to.
    if (action.kind == risk::ActionKind::decide_peer || action.kind == risk::ActionKind::remove_peer ||
        action.kind == risk::ActionKind::cut_internet || action.kind == risk::ActionKind::one_way_in)
        put_text(out, "id", action.key, 64);
    put_text(out, "missing", action.note, 32);
    return out;
}

json device_json(const ScoredDevice& one, risk::Exact after) {
    return {{"device", json_of(one.of.ref)}, {"before", one.score}, {"after", risk::score_of(after)}};
}

} // namespace

RiskFilter::RiskFilter(const api::Request& request)
    : bands_{words_of(request, "band")},
      line_{request.in_query("line")},
      network_{request.in_query("network")},
      level_{request.in_query("level")},
      term_{request.in_query("term")} {
    const auto text = lower(request.in_query("q"));
    for (std::string_view rest{text}; !rest.empty();) {
        const auto end = std::min(rest.find(' '), rest.size());
        if (end != 0) words_.emplace_back(rest.substr(0, end));
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
}

bool RiskFilter::fits(const ScoredDevice& one) const {
    const auto& of = one.of;
    if (!line_.empty() && (line_ == "none" ? !of.line.id.empty() : of.line.id != line_)) return false;
    if (!network_.empty() && (network_ == "none" ? !of.network.empty() : of.network != network_))
        return false;
    if (!level_.empty() && (level_ == "none" ? !of.level.empty() : of.level != level_)) return false;
    if (!among(bands_, key(risk::band_of(one.score)))) return false;
    if (!term_.empty() && std::ranges::find(one.terms, term_, [](risk::Term term) {
                              return std::string{key(term)};
                          }) == one.terms.end())
        return false;
    if (words_.empty()) return true;
    const auto text = lower(
        cat(of.ref.name, " ", of.ref.address, " ", of.vendor, " ", of.product, " ", of.line.name));
    return std::ranges::all_of(words_, [&](const std::string& word) { return text.contains(word); });
}

std::vector<const ScoredDevice*> filtered(const RiskView& view, const RiskFilter& filter) {
    std::vector<const ScoredDevice*> out;
    for (const auto& one : view.devices)
        if (filter.fits(one)) out.push_back(&one);
    return out;
}

double points(std::uint64_t exact) noexcept { return std::round(static_cast<double>(exact) / 1'000) / 10; }

json row_json(const ScoredDevice& one) {
    json out{{"device", json_of(one.of.ref)},
             {"score", one.score},
             {"band", key(risk::band_of(one.score))},
             {"unknown", one.unknown},
             {"terms", json::array()}};
    for (std::size_t i = 0; i < risk::factor_count; ++i)
        out[std::string{key(static_cast<risk::Factor>(i))}] = one.factors[i];
    if (!one.of.line.id.empty()) out["line"] = json_of(one.of.line);
    put_text(out, "level", level_word(one.of.level));
    put_text(out, "network", one.of.network, 64);
    for (const auto term : one.terms) out["terms"].push_back(key(term));
    if (!one.lowering.empty()) {
        const auto& first = one.lowering.front();
        out["first_action"] = action_json(first.action);
        out["first_action"]["after"] = risk::score_of(first.after);
    }
    return out;
}

json whole_json(const ScoredDevice& one) {
    const auto score = risk::score_of(one.of.facts);
    auto out = row_json(one);
    out["exact"] = score.exact;
    for (std::size_t i = 0; i < risk::factor_count; ++i) {
        const auto& sum = score.factors[i];
        json factor{{"value", sum.value}, {"total", sum.total}, {"terms", json::array()}};
        for (const auto& term : sum.terms) factor["terms"].push_back(term_json(term));
        out[std::string{key(static_cast<risk::Factor>(i))}] = std::move(factor);
    }
    out.erase("terms");
    out.erase("first_action");
    out["actions"] = json::array();
    std::vector<risk::Action> done;
    for (const auto& each : one.lowering) {
        if (done.size() == actions_of_device) break;
        auto row = action_json(each.action);
        row["before"] = risk::score_of(each.before);
        row["after"] = risk::score_of(each.after);
        row["same"] = !done.empty() && one.lowering[done.size() - 1].after == each.after;
        out["actions"].push_back(std::move(row));
        done.push_back(each.action);
    }
    out["action_count"] = one.lowering.size();
    out["after_all"] = risk::score_of(risk::exact_of(one.of.facts, done));
    return out;
}

json sum_json(const RiskSum& sum) {
    return {{"devices", sum.devices}, {"high", sum.high},       {"medium", sum.medium},
            {"low", sum.low},         {"highest", sum.highest}, {"sum", points(sum.exact)}};
}

json actions_json(const std::vector<const ScoredDevice*>& scope, std::size_t most) {
    risk::Ranking ranking;
    RiskSum before;
    for (std::uint32_t place = 0; place < scope.size(); ++place) {
        ranking.add(place, scope[place]->lowering);
        before.add(scope[place]->exact);
    }
    json out{{"before", sum_json(before)}, {"actions", json::array()}, {"action_count", ranking.size()}};
    std::vector<risk::Action> done;
    std::uint64_t last = 0;
    for (const auto& one : ranking.best(most)) {
        auto row = action_json(one.action);
        row["lowers"] = points(one.lowers);
        row["same"] = one.lowers == last;
        last = one.lowers;
        row["device_count"] = one.devices.size();
        // By how much it lowers each: those for which it does most are shown.
        std::vector<std::pair<risk::Exact, std::uint32_t>> touched;
        RiskSum after;
        std::size_t next = 0;
        for (std::uint32_t place = 0; place < scope.size(); ++place) {
            auto exact = scope[place]->exact;
            if (next < one.devices.size() && one.devices[next] == place) {
                ++next;
                exact = risk::exact_of(scope[place]->of.facts, {&one.action, 1});
                touched.emplace_back(exact, place);
            }
            after.add(exact);
        }
        std::ranges::stable_sort(touched, std::greater{},
                                 [&](const auto& each) { return scope[each.second]->exact - each.first; });
        row["after"] = sum_json(after);
        row["devices"] = json::array();
        for (const auto& [exact, place] : touched)
            if (row["devices"].size() < devices_shown)
                row["devices"].push_back(device_json(*scope[place], exact));
        out["actions"].push_back(std::move(row));
        done.push_back(one.action);
    }
    RiskSum all;
    for (const auto* one : scope) all.add(risk::exact_of(one->of.facts, done));
    out["after_all"] = sum_json(all);
    return out;
}

} // namespace yagura::see
