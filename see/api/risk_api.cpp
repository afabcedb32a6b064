#include "see/api/risk_api.h"

#include <algorithm>
#include <map>

#include "see/api/handlers.h"
#include "see/api/pages.h"
#include "see/api/risk_json.h"
#include "see/api/words.h"
#include "spine/base/text.h"

namespace yagura::see {
namespace {

constexpr std::size_t groups_most = 1'000;

/// Two devices by what a request sorts by; what is the same keeps the order of the view.
void sort(std::vector<const ScoredDevice*>& rows, std::string_view by, std::string_view order) {
    const auto sorted = [&](auto key) {
        constexpr bool text = std::is_same_v<decltype(key(*rows.front())), std::string_view>;
        const bool down = order.empty() ? !text : order == "desc";
        std::ranges::stable_sort(
            rows, [&](const auto* a, const auto* b) { return down ? key(*b) < key(*a) : key(*a) < key(*b); });
    };
    const auto factor = [&](risk::Factor of) {
        sorted([of](const ScoredDevice& one) { return one.factors[static_cast<std::size_t>(of)]; });
    };
    if (by == "exposure") return factor(risk::Factor::exposure);
    if (by == "weakness") return factor(risk::Factor::weakness);
    if (by == "consequence") return factor(risk::Factor::consequence);
    if (by == "name")
        return sorted([](const ScoredDevice& one) { return std::string_view{one.of.ref.name}; });
    if (by == "line")
        return sorted([](const ScoredDevice& one) { return std::string_view{one.of.line.name}; });
    sorted([](const ScoredDevice& one) { return one.exact; });
}

json summary_json(const std::vector<const ScoredDevice*>& rows) {
    RiskSum sum;
    std::array<std::uint64_t, 10> bins{};
    std::array<std::uint64_t, risk::term_count> unknown{};
    for (const auto* one : rows) {
        sum.add(one->exact);
        ++bins[std::min<std::size_t>(one->score / 10, bins.size() - 1)];
        for (const auto term : one->terms)
            if (risk::weight(term).unknown) ++unknown[static_cast<std::size_t>(term)];
    }
    json out{{"sum", sum_json(sum)}, {"bins", bins}, {"unknown", json::array()}};
    for (const auto& weight : risk::weights)
        if (const auto devices = unknown[static_cast<std::size_t>(weight.term)])
            out["unknown"].push_back({{"term", weight.key}, {"devices", devices}});
    return out;
}

api::Response list(const api::Request& request, const RiskParts& in) {
    const auto page = slice_of(request);
    if (!page) return failed(page.error());
    const auto view = in.risks.look();
    if (!view) return failed(view.error());
    auto rows = filtered(**view, RiskFilter{request});
    auto out = summary_json(rows);
    if (!rows.empty()) sort(rows, request.in_query("sort"), request.in_query("order"));
    const auto from = std::min<std::uint64_t>(page->from, rows.size());
    const auto until = std::min<std::uint64_t>(rows.size(), from + page->most);
    out["devices"] = json::array();
    for (auto at = from; at < until; ++at) out["devices"].push_back(row_json(*rows[at]));
    out["total"] = rows.size();
    out["cut"] = (*view)->cut;
    out["left_out"] = (*view)->left_out;
    put_time(out, "begun", (*view)->begun);
    put_time(out, "now", (*view)->now);
    if (until < rows.size()) out["next_cursor"] = cat(until);
    return api::answer(out);
}

/// Devices of one line, one network or one level.
struct Group {
    std::string name{};
    RiskSum sum{};
    const ScoredDevice* worst = nullptr; ///< the first of the view's: the highest
};

api::Response lines(const api::Request& request, const RiskParts& in) {
    const auto view = in.risks.look();
    if (!view) return failed(view.error());
    const auto by = request.in_query("by");
    std::map<std::string, Group> groups;
    for (const auto& one : (*view)->devices) {
        const auto& of = one.of;
        const auto id = by == "network" ? of.network : by == "level" ? level_word(of.level) : of.line.id;
        auto& group = groups[id];
        if (!group.worst) {
            group.worst = &one;
            group.name = by == "network" || by == "level" ? id : of.line.name;
        }
        group.sum.add(one.exact);
    }
    std::vector<const std::pair<const std::string, Group>*> sorted;
    for (const auto& one : groups) sorted.push_back(&one);
    std::ranges::stable_sort(
        sorted, [](const auto* a, const auto* b) { return a->second.worst->exact > b->second.worst->exact; });
    json out{{"groups", json::array()}, {"total", sorted.size()}};
    for (const auto* one : sorted) {
        if (out["groups"].size() == groups_most) break;
        auto row = sum_json(one->second.sum);
        row["id"] = one->first.empty() ? "none" : api::clipped(one->first, 64);
        put_text(row, "name", one->second.name, 128);
        row["worst"] = json_of(one->second.worst->of.ref);
        out["groups"].push_back(std::move(row));
    }
    return api::answer(out);
}

api::Response actions(const api::Request& request, const RiskParts& in) {
    const auto view = in.risks.look();
    if (!view) return failed(view.error());
    return api::answer(
        actions_json(filtered(**view, RiskFilter{request}), request.query.value("limit", std::size_t{3})));
}

api::Response of_device(const api::Request& request, const RiskParts& in) {
    const auto device = in.devices.device(request.in_path("device_id"));
    if (!device) return failed(device.error());
    if (!*device) return nothing("device");
    const auto view = in.risks.look();
    if (!view) return failed(view.error());
    // Nobody has answered it yet, or it is beyond what is scored: there is a device, and no score.
    const auto found = (*view)->places.find((*device)->summary.id);
    if (found == (*view)->places.end()) return nothing("risk of this device");
    return api::answer(whole_json((*view)->devices[found->second]));
}

api::Response sheet(const api::Request& request, const RiskParts& in) {
    const auto view = in.risks.look();
    if (!view) return failed(view.error());
    const auto language = language_of(request);
    std::vector<std::string_view> columns{"name",
                                          "address",
                                          "role",
                                          "line",
                                          "level",
                                          "score",
                                          "band",
                                          "exposure",
                                          "weakness",
                                          "consequence",
                                          "because_exposure",
                                          "because_weakness",
                                          "because_consequence",
                                          "action",
                                          "after"};
    for (auto& column : columns) {
        const auto own = word(language, "risk.column", column);
        column = own == column ? word(language, "column", column) : own;
    }
    api::Sheet out{api::sheet_form(request.in_query("format")), "risk", columns};
    about(out, request);
    auto rows = filtered(**view, RiskFilter{request});
    for (const auto* one : rows) {
        std::array<std::string, risk::factor_count> because{};
        const auto score = risk::score_of(one->of.facts);
        for (std::size_t i = 0; i < because.size(); ++i) {
            for (const auto& term : score.factors[i].terms)
                because[i] += cat(because[i].empty() ? "" : " + ", term.points, " ",
                                  word(language, "risk.term", key(term.term)),
                                  term.count > 1 ? cat(" (", term.count, ")") : std::string{});
            if (score.factors[i].total > 100) because[i] += cat(" = ", score.factors[i].total, " → 100");
        }
        const auto* best = one->lowering.empty() ? nullptr : &one->lowering.front();
        out.row({one->of.ref.name, one->of.ref.address,
                 std::string{word(language, "devicerole", one->of.ref.role)}, one->of.line.name,
                 one->of.level, std::uint64_t{one->score},
                 std::string{word(language, "risk.band", key(risk::band_of(one->score)))},
                 std::uint64_t{one->factors[0]}, std::uint64_t{one->factors[1]},
                 std::uint64_t{one->factors[2]}, because[0], because[1], because[2],
                 best ? cat(word(language, "risk.action", key(best->action.kind)),
                            best->action.name.empty() ? "" : ": ", best->action.name)
                      : std::string{},
                 best ? api::Sheet::Cell{std::uint64_t{risk::score_of(best->after)}} : api::Sheet::Cell{}});
    }
    if ((*view)->left_out) out.cut();
    return std::move(out).response();
}

} // namespace

void add_risk_handlers(api::Service& service, const RiskParts& parts) {
    const auto on = handlers_of(service, parts);
    on("listRisks", list);
    on("riskOfLines", lines);
    on("riskActions", actions);
    on("deviceRisk", of_device);
    on("exportRisks", sheet);
}

} // namespace yagura::see
