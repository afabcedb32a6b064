#include "see/api/weaknesses_api.h"

#include <algorithm>

#include "see/api/feeds.h"
#include "see/api/handlers.h"
#include "see/api/pages.h"
#include "see/api/weakness_json.h"
#include "see/api/words.h"
#include "spine/base/rfc3339.h"

namespace yagura::see {
namespace {

constexpr std::size_t items_most = 1'000, sheet_rows_most = 100'000;

api::Response list(const api::Request& request, const WeaknessParts& in) {
    const auto view = in.weaknesses.look();
    if (!view) return failed(view.error());
    const auto page = slice_of(request);
    if (!page) return failed(page.error());
    const auto all = sorted(**view, WeaknessFilter{request}, request.in_query("sort"));
    const auto begin = std::min<std::uint64_t>(page->from, all.size());
    const auto most = std::min<std::size_t>(page->most, all.size() - begin);
    auto items = json_of(**view, std::span{all}.subspan(begin, most), in.reader);
    if (!items) return failed(items.error());
    json out{{"items", *std::move(items)}, {"total", all.size()}};
    if (begin + most < all.size()) out["next_cursor"] = cat(begin + most);
    return api::answer(out);
}

struct Counted {
    std::map<std::string, store::Facet> by_value{};
    void add(const std::string& value, const std::string& name = {}) {
        auto& one = by_value[value];
        one.value = value;
        one.name = name;
        ++one.count;
    }
    json take() {
        std::vector<store::Facet> all;
        for (auto& [value, one] : by_value) all.push_back(std::move(one));
        std::ranges::stable_sort(all, std::greater{}, &store::Facet::count);
        return facets_json(all);
    }
};

api::Response facets(const api::Request& request, const WeaknessParts& in) {
    const auto found = in.weaknesses.look();
    if (!found) return failed(found.error());
    const auto& view = **found;
    const WeaknessFilter filter{request};
    Counted verdict, state, severity, vendor, line, missing;
    std::set<std::uint32_t> devices, unsupported;
    std::uint64_t total = 0, exploited = 0;
    for (const auto& one : view.all) {
        if (filter.fits(view, one)) {
            ++total;
            exploited += one.exploited;
            devices.insert(one.device);
        }
        const auto& device = view.devices[one.device];
        if (filter.fits(view, one, "verdict")) verdict.add(std::string{weakness::word(one.match.verdict)});
        if (filter.fits(view, one, "state")) state.add(one.state.state);
        if (filter.fits(view, one, "severity")) severity.add(std::string{weakness::severity(one.score)});
        if (filter.fits(view, one, "vendor")) vendor.add(vendor_of(view, one));
        if (filter.fits(view, one, "line"))
            line.add(device.line.id.empty() ? "none" : device.line.id, device.line.name);
        if (!one.match.missing.empty() && filter.fits(view, one, "missing"))
            missing.add(std::string{one.match.missing});
    }
    for (const auto& one : view.unsupported) unsupported.insert(one.device);
    return api::answer({{"total", total},
                        {"verdict", verdict.take()},
                        {"state", state.take()},
                        {"severity", severity.take()},
                        {"vendor", vendor.take()},
                        {"line", line.take()},
                        {"missing", missing.take()},
                        {"exploited", exploited},
                        {"devices", devices.size()},
                        {"advisories", view.advisories},
                        {"without_product", view.without_product},
                        {"out_of_support", unsupported.size()}});
}

api::Response sheet(const api::Request& request, const WeaknessParts& in) {
    const auto found = in.weaknesses.look();
    if (!found) return failed(found.error());
    const auto& view = **found;
    const auto language = language_of(request);
    std::vector<std::string_view> columns{
        "name",  "address", "part",     "line",      "vendor",     "product", "advisory", "title",
        "cves",  "score",   "severity", "exploited", "likelihood", "verdict", "missing",  "detail",
        "entry", "range",   "facts",    "state",     "reason",     "until",   "who",      "owner"};
    for (auto& column : columns) {
        const auto own = word(language, "weakness.column", column);
        column = own == column ? word(language, "column", column) : own;
    }
    api::Sheet out{api::sheet_form(request.in_query("format")), "weaknesses", columns};
    about(out, request);
    for (const auto* one : sorted(view, WeaknessFilter{request}, "urgency")) {
        if (out.rows() >= sheet_rows_most) {
            out.cut();
            break;
        }
        const auto& device = view.devices[one->device];
        const auto& advisory = one->advisory->advisory();
        const auto& entry = advisory.products[one->match.product];
        std::string cves, facts;
        for (const auto cve : one->match.cves)
            cves += cat(cves.empty() ? "" : " ", advisory.vulnerabilities[cve].cve);
        for (const auto place : one->match.facts) {
            const auto& fact = one->thing->facts[place];
            facts += cat(facts.empty() ? "" : "; ", fact.attribute, " ", fact.value, " (", fact.protocol,
                         fact.frame ? " #" : "", fact.frame ? cat(fact.frame) : std::string{}, ")");
        }
        const auto tenths = static_cast<std::int64_t>(one->score * 10 + 0.5);
        out.row(
            {device.ref.name,
             device.address,
             one->part,
             device.line.name,
             device.vendor,
             device.product,
             advisory.id,
             advisory.title,
             cves,
             one->score < 0 ? std::string{} : cat(tenths / 10, ".", tenths % 10),
             std::string{word(language, "weakness.severity", weakness::severity(one->score))},
             std::string{one->exploited ? "KEV" : ""},
             one->likelihood
                 ? cat("0.", std::string(6 - std::min<std::size_t>(6, cat(one->likelihood).size()), '0'),
                       one->likelihood)
                 : std::string{},
             std::string{word(language, "weakness.verdict", weakness::word(one->match.verdict))},
             std::string{one->match.missing.empty() ? ""
                                                    : word(language, "weakness.missing", one->match.missing)},
             one->match.detail,
             cat(entry.vendor, " ", entry.name),
             entry.version,
             facts,
             std::string{word(language, "weakness.state", one->state.state)},
             one->state.reason,
             one->state.until,
             one->state.who,
             view.owners[one->device].name});
    }
    return std::move(out).response();
}

api::Response vex(const api::Request& request, const WeaknessParts& in) {
    const auto view = in.weaknesses.look();
    if (!view) return failed(view.error());
    const auto all = sorted(**view, WeaknessFilter{request}, "urgency");
    const auto some = std::span{all}.first(std::min<std::size_t>(all.size(), sheet_rows_most));
    auto response = api::answer(vex_of(**view, some, in.clock.now()));
    response.type = "application/octet-stream";
    response.headers.emplace_back("Content-Disposition", "attachment; filename=\"vex.json\"");
    return response;
}

Result<json> unsupported_json(const WeaknessView& view, store::WeaknessReader& reader,
                              std::string_view device, std::size_t most, std::size_t& total) {
    std::vector<const OutOfSupport*> some;
    total = 0;
    for (const auto& one : view.unsupported)
        if (device.empty() || view.devices[one.device].ref.id == device) {
            ++total;
            if (some.size() < most) some.push_back(&one);
        }
    return json_of(view, std::span<const OutOfSupport* const>{some}, reader);
}

api::Response support(const api::Request& request, const WeaknessParts& in) {
    const auto view = in.weaknesses.look();
    if (!view) return failed(view.error());
    std::size_t total = 0;
    auto items = unsupported_json(**view, in.reader, request.in_query("device"), items_most, total);
    if (!items) return failed(items.error());
    return api::answer({{"items", *std::move(items)}, {"total", total}});
}

api::Response of_device(const api::Request& request, const WeaknessParts& in) {
    const auto device = in.devices.device(request.in_path("device_id"));
    if (!device) return failed(device.error());
    if (!*device) return nothing("device");
    const auto id = (*device)->summary.id;
    const auto view = in.weaknesses.look();
    if (!view) return failed(view.error());
    std::vector<const Weakness*> some;
    bool tells = false;
    for (const auto* one : sorted(**view, WeaknessFilter{request}, "urgency"))
        if ((*view)->devices[one->device].ref.id == id) some.push_back(one);
    for (const auto& one : (*view)->devices)
        if (one.ref.id == id)
            tells = std::ranges::any_of(one.facts, [](const auto& fact) {
                return fact.attribute == "product" || fact.attribute == "module";
            });
    const auto total = some.size();
    some.resize(std::min(some.size(), items_most));
    auto items = json_of(**view, std::span<const Weakness* const>{some}, in.reader);
    std::size_t unsupported_total = 0;
    auto unsupported = unsupported_json(**view, in.reader, id, 100, unsupported_total);
    if (!items || !unsupported) return failed(items ? unsupported.error() : items.error());
    return api::answer({{"items", *std::move(items)},
                        {"total", total},
                        {"unsupported", *std::move(unsupported)},
                        {"tells_product", tells}});
}

/// Days since a feed's own date, else since it was brought.
std::uint64_t age_of(const store::FeedRow& feed, std::int64_t now) {
    auto at = feed.at.time_since_epoch().count();
    const auto dated = feed.dated.size() == 10 ? feed.dated + "T00:00:00Z" : feed.dated;
    if (const auto said = from_rfc3339(dated)) at = *said;
    return at < now ? static_cast<std::uint64_t>(now - at) / 86'400'000'000'000u : 0;
}

api::Response feeds(const api::Request&, const WeaknessParts& in) {
    const auto all = in.reader.feeds();
    if (!all) return failed(all.error());
    auto out = json::array();
    for (const auto& one : *all) {
        json row{{"kind", one.kind},
                 {"name", api::clipped(one.name, 255)},
                 {"entries", one.entries},
                 {"at", time_text(one.at)},
                 {"days", age_of(one, in.clock.now())}};
        put_text(row, "dated", one.dated, 64);
        put_text(row, "who", one.who, 96);
        if (out.size() < 5) out.push_back(std::move(row));
    }
    return api::answer({{"feeds", std::move(out)}});
}

api::Response drop_feed(const api::Request& request, const WeaknessParts& in) {
    const std::string kind{request.in_path("kind")};
    const auto done = in.commands.run(model::DropFeed{kind}, request.who->name);
    if (!done) return refused(done.error());
    api::Response out{.status = 204};
    out.audit = kind;
    return out;
}

json weaknesses_json(const weakness::Advisory& advisory, const WeaknessView& view) {
    auto out = json::array();
    for (const auto& one : advisory.vulnerabilities) {
        if (out.size() == 50) break;
        const auto known = view.exploited.find(one.cve);
        json row{{"severity", weakness::severity(one.score)}, {"exploited", known != view.exploited.end()}};
        put_text(row, "cve", one.cve, 32);
        put_text(row, "title", one.title);
        put_text(row, "text", one.text, 2'000);
        put_text(row, "cwe", one.cwe, 32);
        put_text(row, "vector", one.vector, 128);
        if (one.score >= 0) row["score"] = one.score;
        if (known != view.exploited.end()) put_text(row, "due", known->second.due, 16);
        out.push_back(std::move(row));
    }
    return out;
}

api::Response advisory(const api::Request& request, const WeaknessParts& in) {
    const std::string id{request.in_path("advisory_id")};
    const auto bodies = in.reader.bodies({id});
    if (!bodies) return failed(bodies.error());
    if (bodies->empty()) return nothing("advisory");
    const auto found = weakness::advisory_of(bodies->front().second);
    if (!found) return nothing("advisory");
    const auto view = in.weaknesses.look();
    if (!view) return failed(view.error());
    std::vector<const Weakness*> some;
    std::size_t total = 0;
    for (const auto* one : sorted(**view, WeaknessFilter{request}, "urgency"))
        if (one->advisory->advisory().id == id && ++total <= items_most) some.push_back(one);
    auto items = json_of(**view, std::span<const Weakness* const>{some}, in.reader);
    if (!items) return failed(items.error());
    auto remedies = json::array();
    std::set<std::string> texts;
    for (const auto& one : found->vulnerabilities)
        for (const auto& each : one.remediations) {
            if (!texts.insert(each.details).second || remedies.size() >= 50) continue;
            json row{{"category", weakness::word(each.category)},
                     {"details", api::clipped(each.details, 2'000)}};
            put_text(row, "url", each.url, 1'000);
            remedies.push_back(std::move(row));
        }
    json out{{"id", api::clipped(found->id, 128)},
             {"source", found->source == "nvd" ? "nvd" : "csaf"},
             {"title", api::clipped(found->title)},
             {"weaknesses", weaknesses_json(*found, **view)},
             {"weakness_count", found->vulnerabilities.size()},
             {"remedies", std::move(remedies)},
             {"remedy_count", texts.size()},
             {"items", *std::move(items)},
             {"total", total}};
    put_text(out, "publisher", found->publisher);
    put_text(out, "revision", found->revision, 64);
    put_text(out, "first", found->first, 40);
    put_text(out, "current", found->current, 40);
    if (found->url.starts_with("https://")) put_text(out, "url", found->url, 1'000);
    return api::answer(out);
}

api::Response unfit(std::string_view where, std::string_view what, std::string_view next) {
    return api::problem(400, {.code = "decision.unfit",
                              .what = std::string{what},
                              .where = std::string{where},
                              .next = std::string{next}});
}

api::Response decide(const api::Request& request, const WeaknessParts& in) {
    store::WeaknessState state;
    const auto device = request.body["device"].get<std::string>();
    state.part = request.body.value("part", std::string{});
    state.advisory = request.body["advisory"].get<std::string>();
    state.state = request.body["state"].get<std::string>();
    state.reason = request.body.value("reason", std::string{});
    state.until = request.body.value("until", std::string{});
    if ((state.state == "accepted" || state.state == "mitigated") && state.reason.empty())
        return unfit("reason", "this decision needs a reason",
                     "write why it is accepted, or what mitigates it");
    if (state.state == "accepted" && state.until.empty())
        return unfit("until", "what is accepted is accepted until a day",
                     "name the day on which it is asked again");
    if (state.state != "accepted" && !state.until.empty())
        return unfit("until", "only what is accepted has a last day", "leave the day out");
    if (state.state == "accepted" && state.until < day_text(in.clock.now()))
        return unfit("until", "this day is past", "name one that is to come");
    if (!state.until.empty() && !from_rfc3339(state.until + "T00:00:00Z"))
        return unfit("until", "there is no such day", "write it as 2027-03-31");
    const auto view = in.weaknesses.look();
    if (!view) return failed(view.error());
    const bool known = std::ranges::any_of((*view)->all, [&](const Weakness& one) {
        return one.part == state.part && one.advisory->advisory().id == state.advisory &&
               (*view)->devices[one.device].ref.id == device;
    });
    if (!known) return nothing("weakness");
    const auto count = in.reader.state_count();
    if (!count) return failed(count.error());
    if (*count >= store::weakness_states_most && state.state != "open")
        return api::problem(409,
                            {.code = "decision.too-many",
                             .what = cat("there are ", store::weakness_states_most, " decisions already"),
                             .next = "open again what is settled by a patch"});
    const auto done = in.commands.run(model::DecideWeakness{device, store::text_of(state)},
                                      request.who->name);
    if (!done) return refused(done.error());
    state.who = request.who->name;
    state.at = done->at;
    auto response = api::answer(decision_json(state, false));
    response.audit = cat(state.state, " ", device, state.part.empty() ? "" : " ", state.part, " ",
                         state.advisory, state.until.empty() ? "" : " until ", state.until);
    return response;
}

} // namespace

void add_weakness_handlers(api::Service& service, const WeaknessParts& parts) {
    const auto on = handlers_of(service, parts);
    on("listWeaknesses", list);
    on("weaknessFacets", facets);
    on("exportWeaknesses", sheet);
    on("exportVex", vex);
    on("listOutOfSupport", support);
    on("listFeeds", feeds);
    on("deleteFeed", drop_feed);
    on("getAdvisory", advisory);
    on("decideWeakness", decide);
    on("deviceWeaknesses", of_device);
    service.on_stream("uploadFeed",
                      [parts](const api::Request& request) -> Result<std::unique_ptr<api::BodySink>> {
                          return receive_feed(request, parts);
                      });
}

} // namespace yagura::see
