#include "see/api/report_api.h"

#include "see/api/answers.h"
#include "see/api/handlers.h"
#include "see/api/report_page.h"
#include "spine/base/text.h"

namespace yagura::see {
namespace {

api::Response report(const api::Request& request, const ReportParts& in) {
    const auto month = request.in_query("month"); // The contract has looked at its form.
    const auto year = number<unsigned>(std::string_view{month}.substr(0, 4));
    const auto of_year = number<unsigned>(std::string_view{month}.substr(5));
    const auto which = std::chrono::year{static_cast<int>(year.value_or(0))} /
                       std::chrono::month{of_year.value_or(0)};
    const auto facts = which.ok()
                           ? report_of(in, which)
                           : Result<ReportFacts>{std::unexpected{Complaint{.code = "api.unfit",
                                                                           .what = "there is no such month",
                                                                           .where = "query.month",
                                                                           .next = "write it as 2026-11"}}};
    if (!facts)
        return facts.error().code == "api.unfit" ? api::problem(400, facts.error()) : failed(facts.error());
    const auto language = language_of(request);
    api::Response out{.body = report_page(*facts, language), .type = "text/html; charset=utf-8"};
    out.headers.emplace_back("Content-Disposition", cat("attachment; filename=\"plant-", month, "-",
                                                        language == Language::ja ? "ja" : "en", ".html\""));
    return out;
}

} // namespace

void add_report_handlers(api::Service& service, const ReportParts& parts) {
    const auto on = handlers_of(service, parts);
    on("monthlyReport", report);
}

} // namespace yagura::see
