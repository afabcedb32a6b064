#include "spine/api/server_api.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "spine/base/time_zone.h"
#include <yagura_version.h>

namespace yagura::api {

using nlohmann::json;

namespace {

std::string_view word(Status::State state) {
    return state == Status::State::ok ? "ok" : state == Status::State::degraded ? "degraded" : "failed";
}

Response health(Status& status) {
    auto worst = Status::State::ok;
    auto parts = json::array();
    for (const auto& part : status.parts()) {
        worst = std::max(worst, part.state);
        json row{{"name", clipped(part.name, 64)}, {"state", word(part.state)}};
        if (part.since) row["since"] = time_text(part.since);
        if (parts.size() < 64) parts.push_back(std::move(row));
    }
    return answer({{"state", word(worst)}, {"parts", std::move(parts)}},
                  worst == Status::State::failed ? 503 : 200);
}

Response limits(Status& status) {
    auto rows = json::array();
    for (const auto& limit : status.limits())
        if (rows.size() < 1'000)
            rows.push_back({{"name", clipped(limit.name, 64)},
                            {"bound", limit.bound},
                            {"used", limit.used},
                            {"refused", limit.refused},
                            {"unit", clipped(limit.unit, 32)}});
    return answer({{"limits", std::move(rows)}});
}

json site_json(const model::SiteFacts& site, Status& status) {
    const auto run = status.first_run();
    return {{"name", clipped(site.name, 128)},
            {"time_zone", site.time_zone},
            {"first_run",
             {{"named", !site.name.empty()},
              {"packets", run.packets},
              {"devices", run.devices},
              {"lines", run.lines},
              {"dismissed", site.first_run_dismissed}}}};
}

Response put_site(const Request& request, model::SiteBook& book, Status& status) {
    auto site = book.site();
    site.name = request.body.at("name");
    site.time_zone = request.body.at("time_zone");
    site.first_run_dismissed = request.body.value("dismissed", site.first_run_dismissed);
    if (!is_time_zone(site.time_zone))
        return problem(
            400, {.code = "api.unfit",
                  .what = cat("there is no time zone ", yagura::quoted(std::string_view{site.time_zone})),
                  .where = "body.time_zone",
                  .next = "give a name such as Asia/Tokyo or UTC"});
    if (auto done = book.set_site(site); !done) return problem(503, done.error());
    auto response = answer(site_json(site, status));
    response.audit = cat("name ", site.name, ", time zone ", site.time_zone);
    return response;
}

} // namespace

void add_server_handlers(Service& service, model::SiteBook& site, model::AccountBook& accounts,
                         Status& status) {
    service.on("about", [&site, &accounts](const Request&) {
        const auto people = accounts.accounts("", 2);
        const bool fresh = people.size() == 1 && people.front().last_login == 0;
        return answer({{"name", "Yagura"},
                       {"version", version},
                       {"site", clipped(site.site().name, 128)},
                       {"fresh", fresh}});
    });
    service.on("health", [&status](const Request&) { return health(status); });
    service.on("limits", [&status](const Request&) { return limits(status); });
    service.on("openapi", [](const Request&) { return Response{.body = std::string{document()}}; });
    service.on("getSite",
               [&site, &status](const Request&) { return answer(site_json(site.site(), status)); });
    service.on("putSite",
               [&site, &status](const Request& request) { return put_site(request, site, status); });
    service.on("events",
               [](const Request&) { return Response{.type = "text/event-stream", .events = true}; });
}

} // namespace yagura::api
