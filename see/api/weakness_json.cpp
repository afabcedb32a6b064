#include "see/api/weakness_json.h"

#include <algorithm>

#include "see/weakness/catalog.h"
#include "spine/base/text.h"

namespace yagura::see {
namespace {

bool among(const std::vector<std::string>& wanted, std::string_view word) {
    return wanted.empty() || std::ranges::find(wanted, word) != wanted.end();
}

std::string searched(const WeaknessView& view, const Weakness& one) {
    const auto& device = view.devices[one.device];
    const auto& advisory = one.advisory->advisory();
    std::string out = cat(device.ref.name, " ", device.address, " ", device.vendor, " ", device.product, " ",
                          one.part, " ", advisory.id, " ", advisory.title);
    for (const auto cve : one.match.cves) out += cat(" ", advisory.vulnerabilities[cve].cve);
    return lower(out);
}

json device_json(const store::WeakDevice& device) {
    auto ref = device.ref;
    ref.address = device.address;
    ref.role = device.role;
    return json_of(ref);
}

json fact_json(const weakness::Fact& fact, const store::EvidenceRef* evidence) {
    json out{{"attribute", attribute_word(fact.attribute)},
             {"value", api::clipped(fact.value)},
             {"by_ledger", fact.protocol == "ledger"}};
    // "description" is none of the contract's words for attributes; what it tells is a product.
    if (out["attribute"] == "") out["attribute"] = "product";
    if (evidence) out["evidence"] = json_of(*evidence);
    return out;
}

bool was_seen(const weakness::Fact& fact) { return fact.protocol != "ledger" && fact.frame != 0; }

json one_json(const WeaknessView& view, const Weakness& one, const std::vector<store::EvidenceRef>& evidence,
              std::size_t& next) {
    const auto& device = view.devices[one.device];
    const auto& advisory = one.advisory->advisory();
    const auto& match = one.match;
    const auto& product = advisory.products[match.product];
    json out{{"key", api::clipped(cat(device.ref.id, "~", one.part, "~", advisory.id))},
             {"device", device_json(device)},
             {"part", api::clipped(one.part)},
             {"advisory", api::clipped(advisory.id, 128)},
             {"title", api::clipped(advisory.title)},
             {"verdict", weakness::word(match.verdict)},
             {"severity", weakness::severity(one.score)},
             {"cve_count", match.cves.size()},
             {"exploited", one.exploited},
             {"product_rule", weakness::word(match.product_rule)},
             {"version_rule", weakness::word(match.version_rule)},
             {"order", weakness::word(match.order)},
             {"product", api::clipped(cat(product.vendor, " ", product.name))},
             {"version", api::clipped(product.version)},
             {"decision", decision_json(one.state, one.overdue)},
             {"ask", json::object()}};
    if (!device.line.id.empty()) out["line"] = json_of(device.line);
    put_text(out, "publisher", advisory.publisher);
    if (one.score >= 0) out["score"] = one.score;
    if (one.likelihood) out["likelihood"] = static_cast<double>(one.likelihood) / 1e6;
    auto cves = json::array();
    for (const auto cve : match.cves)
        if (cves.size() < 50 && !advisory.vulnerabilities[cve].cve.empty())
            cves.push_back(api::clipped(advisory.vulnerabilities[cve].cve, 32));
    out["cves"] = std::move(cves);
    auto facts = json::array();
    for (const auto place : match.facts) {
        const auto& fact = one.thing->facts[place];
        const bool seen = was_seen(fact);
        if (facts.size() < 8)
            facts.push_back(fact_json(fact, seen && next < evidence.size() ? &evidence[next] : nullptr));
        next += seen;
    }
    out["facts"] = std::move(facts);
    if (match.verdict == weakness::Verdict::needs) {
        out["missing"] = match.missing;
        put_text(out, "detail", match.detail);
        const auto vendors = weakness::Catalog::own().vendors(product.vendor);
        if (const auto* how = weakness::Catalog::own().how_to(vendors.empty() ? "" : vendors.front(),
                                                              match.missing)) {
            out["how_en"] = how->en;
            out["how_ja"] = how->ja;
        }
        const auto& owner = view.owners[one.device];
        put_text(out["ask"], "name", owner.name);
        put_text(out["ask"], "contact", owner.contact);
        put_text(out["ask"], "department", owner.department);
    }
    return out;
}

int urgency(const Weakness& one) {
    const bool settled = one.state.state != "open" && !one.overdue;
    return static_cast<int>(one.match.verdict) * 4 + settled * 2 + !one.exploited;
}

} // namespace

WeaknessFilter::WeaknessFilter(const api::Request& request)
    : verdicts_{words_of(request, "verdict")},
      states_{words_of(request, "state")},
      severities_{words_of(request, "severity")},
      missing_{words_of(request, "missing")},
      vendor_{request.in_query("vendor")},
      line_{request.in_query("line")},
      advisory_{request.in_query("advisory")},
      device_{request.in_query("device")},
      exploited_{request.query.value("exploited", false)} {
    const auto text = lower(request.in_query("q"));
    for (std::string_view rest{text}; !rest.empty();) {
        const auto end = std::min(rest.find(' '), rest.size());
        if (end != 0) words_.emplace_back(rest.substr(0, end));
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
}

bool WeaknessFilter::fits(const WeaknessView& view, const Weakness& one, std::string_view but) const {
    const auto& device = view.devices[one.device];
    if (!device_.empty() && device.ref.id != device_) return false;
    if (!advisory_.empty() && one.advisory->advisory().id != advisory_) return false;
    if (exploited_ && !one.exploited) return false;
    if (but != "verdict" && !among(verdicts_, weakness::word(one.match.verdict))) return false;
    if (but != "state" && !among(states_, one.state.state)) return false;
    if (but != "severity" && !among(severities_, weakness::severity(one.score))) return false;
    if (but != "missing" && !among(missing_, one.match.missing)) return false;
    if (but != "vendor" && !vendor_.empty() && vendor_of(view, one) != vendor_) return false;
    if (but != "line" && !line_.empty() &&
        (line_ == "none" ? !device.line.id.empty() : device.line.id != line_))
        return false;
    if (words_.empty()) return true;
    const auto text = searched(view, one);
    return std::ranges::all_of(words_, [&](const std::string& word) { return text.contains(word); });
}

std::string vendor_of(const WeaknessView& view, const Weakness& one) {
    const auto& told = view.devices[one.device].vendor;
    return told.empty() ? one.advisory->advisory().products[one.match.product].vendor : told;
}

std::vector<const Weakness*> sorted(const WeaknessView& view, const WeaknessFilter& filter,
                                    std::string_view sort) {
    std::vector<const Weakness*> out;
    for (const auto& one : view.all)
        if (filter.fits(view, one)) out.push_back(&one);
    const auto name = [&](const Weakness* one) {
        return std::string_view{view.devices[one->device].ref.name};
    };
    const auto id = [](const Weakness* one) { return std::string_view{one->advisory->advisory().id}; };
    const auto rest = [&](const Weakness* one) {
        return std::tuple{-one->score, id(one), one->device, std::string_view{one->part}};
    };
    if (sort == "device")
        std::ranges::sort(
            out, {}, [&](const Weakness* one) { return std::tuple{name(one), urgency(*one), rest(one)}; });
    else if (sort == "advisory")
        std::ranges::sort(out, std::greater{}, [&](const Weakness* one) {
            return std::tuple{id(one), one->device, std::string_view{one->part}};
        });
    else if (sort == "score")
        std::ranges::sort(out, {}, rest);
    else if (sort == "likelihood")
        std::ranges::sort(out, {}, [&](const Weakness* one) {
            return std::tuple{-static_cast<std::int64_t>(one->likelihood), rest(one)};
        });
    else
        std::ranges::sort(out, {}, [&](const Weakness* one) { return std::tuple{urgency(*one), rest(one)}; });
    return out;
}

json decision_json(const store::WeaknessState& state, bool overdue) {
    json out{{"state", state.state}, {"overdue", overdue}};
    put_text(out, "reason", state.reason);
    put_text(out, "until", state.until, 10);
    put_text(out, "who", state.who, 96);
    put_time(out, "at", state.at);
    return out;
}

Result<json> json_of(const WeaknessView& view, std::span<const Weakness* const> some,
                     store::WeaknessReader& reader) {
    std::vector<store::WeaknessReader::Seen> asked;
    for (const auto* one : some)
        for (const auto place : one->match.facts)
            if (const auto& fact = one->thing->facts[place]; was_seen(fact))
                asked.push_back({fact.source, fact.frame, fact.offset, fact.protocol});
    YAGURA_TRY(const auto evidence, reader.evidence(asked));
    auto out = json::array();
    std::size_t next = 0;
    for (const auto* one : some) out.push_back(one_json(view, *one, evidence, next));
    return out;
}

Result<json> json_of(const WeaknessView& view, std::span<const OutOfSupport* const> some,
                     store::WeaknessReader& reader) {
    std::vector<store::WeaknessReader::Seen> asked;
    for (const auto* one : some) asked.push_back({one->source, one->frame, one->offset, one->protocol});
    YAGURA_TRY(const auto evidence, reader.evidence(asked));
    auto out = json::array();
    for (std::size_t i = 0; i < some.size(); ++i) {
        const auto& one = *some[i];
        const auto& device = view.devices[one.device];
        json row{{"device", device_json(device)},
                 {"kind", one.kind},
                 {"said", api::clipped(one.said)},
                 {"product", api::clipped(one.row.title.empty() ? one.row.product : one.row.title)},
                 {"release", api::clipped(one.row.label.empty() ? one.row.cycle : one.row.label)},
                 {"extended", one.extended}};
        if (!device.line.id.empty()) row["line"] = json_of(device.line);
        if (one.frame) row["evidence"] = json_of(evidence[i]);
        put_text(row, "since", one.since, 10);
        if (one.extended) put_text(row, "extended_until", one.row.extended_end, 10);
        out.push_back(std::move(row));
    }
    return out;
}

namespace {

/// What a document says of one CVE; products by what is said of them, so that thousands of devices are one
/// list.
struct VexRow {
    std::string text{};
    std::set<std::string> products{};
    std::map<std::string, std::vector<std::string>> status{}, flags{};
    std::map<std::pair<std::string, std::string>, std::vector<std::string>> remedies{}; ///< category, details
    std::map<std::string, std::vector<std::string>> impacts{};

    json take(const std::string& cve) && {
        json out{{"cve", api::clipped(cve, 32)},
                 {"notes", json::array({{{"category", "description"}, {"text", api::clipped(text)}}})},
                 {"product_status", json::object()}};
        for (auto& [word, all] : status) out["product_status"][word] = std::move(all);
        for (auto& [label, all] : flags)
            out["flags"].push_back({{"label", label}, {"product_ids", std::move(all)}});
        for (auto& [what, all] : remedies)
            out["remediations"].push_back(
                {{"category", what.first}, {"details", what.second}, {"product_ids", std::move(all)}});
        for (auto& [details, all] : impacts)
            out["threats"].push_back(
                {{"category", "impact"}, {"details", details}, {"product_ids", std::move(all)}});
        return out;
    }
};

/// What to do about it, which the profile wants of everything that is affected.
std::pair<std::string, std::string> remedy_of(const Weakness& one, const weakness::Vulnerability& weak,
                                              bool accepted) {
    if (accepted)
        return {"no_fix_planned",
                api::clipped(cat("accepted until ", one.state.until, ": ", one.state.reason))};
    for (const auto& each : weak.remediations)
        if (std::ranges::find(each.products, one.match.product) != each.products.end())
            return {std::string{weakness::word(each.category)}, api::clipped(each.details)};
    return {"none_available", "see the advisory"};
}

void add(VexRow& row, const Weakness& one, const weakness::Vulnerability& weak, const std::string& id) {
    if (!row.products.insert(id).second) return;
    const auto& state = one.state.state;
    const bool settled = state != "open" && !one.overdue, mitigated = settled && state == "mitigated";
    std::string status = one.match.verdict == weakness::Verdict::affected ? "known_affected"
                         : one.match.verdict == weakness::Verdict::needs  ? "under_investigation"
                                                                          : "known_not_affected";
    if (settled && state == "patched") status = "fixed";
    if (mitigated) status = "known_not_affected";
    row.status[status].push_back(id);
    if (status == "known_not_affected")
        row.flags[mitigated ? "inline_mitigations_already_exist" : "vulnerable_code_not_present"].push_back(
            id);
    if (mitigated) row.impacts[api::clipped(one.state.reason)].push_back(id);
    if (status == "known_affected")
        row.remedies[remedy_of(one, weak, settled && state == "accepted")].push_back(id);
}

} // namespace

json vex_of(const WeaknessView& view, std::span<const Weakness* const> some, std::int64_t now) {
    const auto time = time_text(observe::Time{std::chrono::nanoseconds{now}});
    json products = json::array();
    std::map<std::string, VexRow> vulnerabilities;
    std::set<std::string> known;
    for (const auto* one : some) {
        const auto& device = view.devices[one->device];
        const auto id = api::clipped(one->part.empty() ? device.ref.id : cat(device.ref.id, "/", one->part),
                                     256);
        if (known.insert(id).second) {
            std::string name = device.ref.name;
            for (const auto& fact : one->thing->facts)
                if (fact.attribute == "product" || fact.attribute == "module" || fact.attribute == "firmware")
                    name += cat(" ", fact.value);
            products.push_back({{"product_id", id}, {"name", api::clipped(name)}});
        }
        const auto& advisory = one->advisory->advisory();
        for (const auto cve : one->match.cves) {
            const auto& weak = advisory.vulnerabilities[cve];
            if (weak.cve.empty() || (vulnerabilities.size() >= 5'000 && !vulnerabilities.contains(weak.cve)))
                continue;
            auto& row = vulnerabilities[weak.cve];
            if (row.text.empty()) row.text = weak.text.empty() ? advisory.title : weak.text;
            add(row, *one, weak, id);
        }
    }
    json list = json::array();
    for (auto& [cve, row] : vulnerabilities) list.push_back(std::move(row).take(cve));
    const auto id = cat("yagura-vex-", day_text(now));
    return {
        {"document",
         {{"category", "csaf_vex"},
          {"csaf_version", "2.0"},
          {"title", "Weaknesses of this plant's devices"},
          {"publisher", {{"category", "user"}, {"name", "Yagura"}, {"namespace", "https://yagura.invalid"}}},
          {"tracking",
           {{"id", id},
            {"status", "interim"},
            {"version", "1"},
            {"initial_release_date", time},
            {"current_release_date", time},
            {"revision_history",
             {{{"date", time}, {"number", "1"}, {"summary", "as known at this moment"}}}}}}}},
        {"product_tree", {{"full_product_names", std::move(products)}}},
        {"vulnerabilities", std::move(list)}};
}

} // namespace yagura::see
