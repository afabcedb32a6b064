#include "see/api/asking_api.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

#include "see/api/asking_json.h"
#include "see/api/asking_log.h"
#include "see/api/handlers.h"
#include "see/ask/plan_text.h"
#include "spine/base/rfc3339.h"
#include "spine/base/time_zone.h"
#include "spine/base/week.h"

namespace yagura::see {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t decisions_shown = 50, notes_shown = 10, questions_shown = 5'000;

observe::Time now_of(const AskingParts& in) {
    return observe::Time{std::chrono::nanoseconds{in.clock.now()}};
}

json plan_json(const ask::Plan& plan, bool approval) {
    json out = json::array();
    for (const auto& group : plan.groups) out.push_back(subnet_json(group, approval));
    return out;
}

/// The plan that the draft becomes if it is approved now.
Result<ask::Plan> would_be(const store::AskingRow& row, const std::string& by, observe::Time at) {
    YAGURA_TRY(auto draft, ask::parse_plan(row.draft, "draft", ask::PlanOf::draft));
    const auto before = ask::parse_plan(row.plan, "plan", ask::PlanOf::approved);
    return ask::approved(std::move(draft), before.value_or(ask::Plan{}), by, at, false);
}

Result<json> state_json(const AskingParts& in) {
    YAGURA_TRY(const auto row, in.reader.now(decisions_shown));
    YAGURA_TRY(const auto draft, ask::parse_plan(row.draft, "draft", ask::PlanOf::draft));
    YAGURA_TRY(const auto plan, ask::parse_plan(row.plan, "plan", ask::PlanOf::approved));
    json out{{"from", in.from},
             {"state", row.running        ? "running"
                       : row.plan.empty() ? "never"
                                          : "stopped"},
             {"version", count(row.version)},
             {"changed", ask::toml_of(draft, false) != ask::toml_of(plan, false)},
             {"draft", plan_json(draft, false)},
             {"approved", plan_json(plan, true)},
             {"services", services_json()},
             {"time_zone", in.time_zone},
             {"decisions", json::array()},
             {"notes", json::array()}};
    put_time(out, "draft_at", row.draft_at);
    put_text(out, "draft_who", row.draft_who, 96);
    for (const auto& one : row.decisions) {
        json told{{"what", one.approved ? "approved" : "stopped"}, {"at", time_text(one.at)}};
        put_text(told, "who", one.who, 96);
        put_text(told, "why", one.why, 1'024);
        out["decisions"].push_back(std::move(told));
    }
    // What cannot be read there is no reason to hide what was decided.
    if (const auto notes = asking_lines(in.folder, {}, {}, notes_shown, true)) {
        for (const auto& one : notes->lines)
            out["notes"].push_back({{"at", time_text(one.at)}, {"text", api::clipped(one.what)}});
        put_time(out, "last_line", notes->last);
    }
    return out;
}

api::Response state(const AskingParts& in, std::string audit = {}) {
    const auto shown = state_json(in);
    if (!shown) return failed(shown.error());
    auto out = api::answer(*shown);
    out.audit = std::move(audit);
    return out;
}
api::Response get(const api::Request&, const AskingParts& in) { return state(in); }

/// Where plans do not come from here nobody should believe that they were approved.
std::optional<api::Response> not_from_here(const AskingParts& in) {
    if (in.from == "console") return std::nullopt;
    return api::problem(
        409, {.code = "ask.not-from-console",
              .what = "active queries are not switched on for the console on this box",
              .why = in.from == "file" ? "their plan is a file that yagura.toml names" : "they are off",
              .next = "whoever owns the box writes [ask] plan = \"console\" into yagura.toml"});
}

api::Response refused_here(const Complaint& complaint) {
    if (complaint.code == "model.asking-changed" || complaint.code == "model.nothing-drafted")
        return api::problem(409, complaint);
    if (complaint.code == "ask.bad-plan") return api::problem(400, complaint);
    return refused(complaint);
}

api::Response draft(const api::Request& request, const AskingParts& in) {
    const auto text = draft_text(request.body["subnets"]);
    if (!text) return refused_here(text.error());
    const auto done = in.commands.run(model::DraftAsking{request.body["version"].get<std::uint64_t>(), *text},
                                      request.who->name);
    if (!done) return refused_here(done.error());
    std::string told;
    for (const auto& one : request.body["subnets"])
        told += cat(told.empty() ? "" : ", ", one["name"].get<std::string>(), " ",
                    one["network"].get<std::string>(), " (", one["addresses"].size(), ")");
    return state(in, told.empty() ? "nobody" : told);
}

api::Response approve(const api::Request& request, const AskingParts& in) {
    if (auto no = not_from_here(in)) return *std::move(no);
    const auto version = request.body["version"].get<std::uint64_t>();
    const auto why = request.body["why"].get<std::string>();
    const auto done = in.commands.run(model::ApproveAsking{version, why, request.body.value("again", false)},
                                      request.who->name);
    if (!done) return refused_here(done.error());
    return state(in, cat("draft ", version, ": ", why));
}

api::Response stop(const api::Request& request, const AskingParts& in) {
    const auto why = request.body.value("why", std::string{});
    const auto done = in.commands.run(model::StopAsking{why}, request.who->name);
    if (!done) return refused(done.error());
    return state(in, why);
}

Result<ask::Memory> memory_of(const std::string& folder) {
    const auto path = cat(folder, "/asked");
    errno = 0;
    std::ifstream file{path, std::ios::binary};
    if (!file) {
        if (errno == ENOENT || errno == ENOTDIR) return ask::Memory{}; // Nobody was asked yet.
        return std::unexpected{Complaint{.code = "ask.no-memory",
                                         .what = "whom yagura-ask asked cannot be read",
                                         .why = std::strerror(errno),
                                         .where = path,
                                         .next = "let the user of yagura-center read it: it belongs to "
                                                 "yagura-ask and the group yagura"}};
    }
    std::string content(ask::rows_most * ask::row_bytes, '\0');
    file.read(content.data(), static_cast<std::streamsize>(content.size()));
    content.resize(static_cast<std::size_t>(std::max<std::streamsize>(0, file.gcount())));
    // A row that is being written at this moment is read as damaged; yagura-ask itself is the one who stops.
    return ask::Memory::read(std::as_bytes(std::span{content}));
}

api::Response preview(const api::Request& request, const AskingParts& in) {
    if (!knows_time_zone(in.time_zone))
        return api::problem(
            503, {.code = "ask.no-time-zone",
                  .what = cat("this machine does not know the time zone ", yagura::quoted(in.time_zone)),
                  .why = "the hours of the plan would be another zone's",
                  .next = "mend center.time-zone in yagura.toml (such as Asia/Tokyo), or "
                          "install the package tzdata"});
    const auto row = in.reader.now(0);
    if (!row) return failed(row.error());
    const auto at = now_of(in);
    const auto plan = request.in_query("of") == "approved"
                          ? ask::parse_plan(row->plan, "plan", ask::PlanOf::approved)
                          : would_be(*row, request.who->name, std::chrono::floor<std::chrono::seconds>(at));
    if (!plan) return failed(plan.error());
    auto memory = memory_of(in.folder);
    if (!memory) return failed(memory.error());
    // Nothing was sent a moment ago, so nobody waits for the pace.
    ask::Planner planner{*plan, *memory, [](observe::Time one) { return minute_of_week(one); }, -24h};
    const auto standings = planner.standings({at, 0ns});
    std::vector<std::string> addresses;
    for (const auto& group : plan->groups)
        for (const auto& ip : group.addresses) addresses.push_back(ask::text_of(ip));
    const auto names = in.reader.names(addresses);
    if (!names) return failed(names.error());
    json out{{"at", time_text(at)},
             {"local", week_text(minute_of_week(at))},
             {"subnets", json::array()},
             {"total", standings.size()}};
    std::size_t shown = 0;
    for (std::size_t i = 0; i < plan->groups.size(); ++i) {
        const auto& group = plan->groups[i];
        const auto cost = ask::cost(group);
        auto one = subnet_json(group, true);
        one["requests"] = cost.requests;
        one["lasts_s"] = std::chrono::ceil<std::chrono::seconds>(cost.lasts).count();
        one["open"] = planner.open(group, at);
        one["questions"] = json::array();
        for (const auto& standing : standings)
            if (standing.task.group == i && shown < questions_shown) {
                one["questions"].push_back(question_json(standing, *names));
                ++shown;
            }
        out["subnets"].push_back(std::move(one));
    }
    return api::answer(out);
}

api::Response log(const api::Request& request, const AskingParts& in) {
    std::optional<std::string> address;
    if (request.query.contains("address")) {
        const auto ip = observe::ip_of(request.in_query("address"));
        if (!ip)
            return api::problem(400, {.code = "api.unfit",
                                      .what = "this is no address",
                                      .where = "address",
                                      .next = "write it as 10.2.3.4"});
        address = ask::text_of(*ip);
    }
    std::optional<observe::Time> before;
    if (const auto until = from_rfc3339(request.in_query("until")))
        before = observe::Time{std::chrono::nanoseconds{*until}};
    const auto found = asking_lines(in.folder, address, before,
                                    request.query.value("limit", std::size_t{200}));
    if (!found) return failed(found.error());
    std::vector<std::string> addresses;
    for (const auto& line : found->lines)
        if (!line.address.empty()) addresses.push_back(line.address);
    const auto names = in.reader.names(addresses);
    if (!names) return failed(names.error());
    json out{{"lines", json::array()}, {"more", found->more}, {"cut", found->cut}};
    for (const auto& line : found->lines) {
        json one{{"at", time_text(line.at)},
                 {"way", line.way == "sent" || line.way == "received" ? line.way : "note"},
                 {"what", api::clipped(line.what)},
                 {"length", count(line.length)}};
        put_text(one, "address", line.address, 64);
        if (const auto device = names->find(line.address); device != names->end())
            one["device"] = json_of(device->second);
        if (line.port != 0) one["port"] = line.port;
        if (ask::find_query(line.service)) one["service"] = line.service;
        put_text(one, "bytes", line.bytes, 8'192);
        out["lines"].push_back(std::move(one));
    }
    return api::answer(out);
}

} // namespace

void add_asking_handlers(api::Service& service, const AskingParts& parts) {
    const auto on = handlers_of(service, parts);
    on("getAsking", get);
    on("draftAsking", draft);
    on("previewAsking", preview);
    on("approveAsking", approve);
    on("stopAsking", stop);
    on("askingLog", log);
}

} // namespace yagura::see
