#include "see/api/overview_api.h"

#include <algorithm>
#include <chrono>
#include <functional>
#include <thread>

#include "see/api/answers.h"

namespace yagura::see {
namespace {

observe::Time now_of(const Clock& clock) { return observe::Time{std::chrono::nanoseconds{clock.now()}}; }

json json_of_change(const store::Change& one) {
    // The store files a first act under whom it was done to; people read who did it first.
    const bool done_to = one.kind == "first_act" && (!one.peer.name.empty() || !one.peer.id.empty());
    const auto& who = done_to ? one.peer : one.device;
    const auto& whom = done_to ? one.device : one.peer;
    json row{{"id", one.id}, {"at", time_text(one.at)}, {"kind", one.kind}, {"device", json_of(who)}};
    if (!whom.name.empty() || !whom.id.empty()) row["peer"] = json_of(whom);
    if (one.line) row["line"] = json_of(*one.line);
    if (one.act) {
        row["act"] = act_word(*one.act);
        row["effect"] = effect_word(observe::usual_effect(*one.act));
    }
    put_protocol(row, one.protocol);
    put_text(row, "attribute", attribute_word(one.attribute));
    put_text(row, "from", one.from);
    put_text(row, "to", one.to);
    put_text(row, "by", one.by, 96);
    if (one.evidence) row["evidence"] = json_of(*one.evidence);
    return row;
}

json coverage_json(const store::Overview& overview, const std::vector<store::Sensor>& sensors) {
    std::vector<json> bars;
    for (const auto& tile : overview.lines)
        if (tile.line && tile.seen)
            bars.push_back({{"line", json_of(*tile.line)}, {"seen", std::clamp(*tile.seen, 0.0, 1.0)}});
    for (const auto& sensor : sensors) {
        const auto name = sensor.interface.empty() ? sensor.name : cat(sensor.name, ", ", sensor.interface);
        bars.push_back({{"sensor", api::clipped(name, 128)},
                        {"seen", std::clamp(1.0 - sensor.dropped_share, 0.0, 1.0)}});
    }
    std::ranges::stable_sort(bars, {}, [](const json& bar) { return bar["seen"].get<double>(); });
    if (bars.size() > 500) bars.resize(500);
    return json(bars);
}

api::Response overview(store::OverviewReader& reader, store::CaptureReader& captures, const Clock& clock) {
    const auto now = now_of(clock);
    const auto found = reader.overview(now);
    if (!found) return failed(found.error());
    const auto sensors = captures.sensors(now);
    if (!sensors) return failed(sensors.error());
    json out{{"at", time_text(found->at)},
             {"devices", found->devices},
             {"conversations", found->conversations},
             {"operations", count(found->operations)},
             {"new_devices", found->new_devices},
             {"quiet_devices", found->quiet_devices},
             {"approvals",
              {{"waiting", found->approvals.waiting},
               {"changed", found->approvals.changed},
               {"expired", found->approvals.expired},
               {"decided", found->approvals.decided}}},
             {"changes_total", found->changes_total},
             {"lines", json::array()},
             {"changes", json::array()},
             {"sensors",
              {{"total", found->sensors},
               {"receiving", found->sensors_receiving},
               {"dropped_share", std::clamp(found->dropped_share, 0.0, 1.0)}}},
             {"coverage", coverage_json(*found, *sensors)},
             {"blind_spots", found->blind_spots}};
    put_time(out, "last_packet", found->last_packet);
    for (const auto& one : found->lines) {
        json tile{{"devices", one.devices},
                  {"new_devices", one.new_devices},
                  {"quiet_devices", one.quiet_devices},
                  {"changes", one.changes},
                  {"strongest", effect_word(one.strongest)},
                  {"pulse", json::array()}};
        for (const auto messages : one.pulse)
            if (tile["pulse"].size() < 48) tile["pulse"].push_back(count(messages));
        if (one.seen) tile["seen"] = std::clamp(*one.seen, 0.0, 1.0);
        if (one.line) tile["line"] = json_of(*one.line);
        if (out["lines"].size() < 500) out["lines"].push_back(std::move(tile));
    }
    for (const auto& change : found->changes)
        if (out["changes"].size() < 20) out["changes"].push_back(json_of_change(change));
    return api::answer(out);
}

api::Response changes(const api::Request& request, store::OverviewReader& reader) {
    const store::ChangeFilter filter{.range = range_of(request),
                                     .line = request.in_query("line"),
                                     .device = request.in_query("device"),
                                     .kind = request.in_query("kind")};
    const auto found = reader.changes(filter, page_of(request));
    if (!found) return failed(found.error());
    json out{{"changes", json::array()}};
    for (const auto& change : found->changes) out["changes"].push_back(json_of_change(change));
    put_text(out, "next_cursor", found->next_cursor);
    return api::answer(out);
}

json json_of_line(const store::Line& line) {
    return {{"id", line.id},
            {"name", api::clipped(line.name, 128)},
            {"subnets", line.subnets},
            {"devices", line.devices}};
}

api::Response lines(store::OverviewReader& reader) {
    const auto known = reader.lines();
    if (!known) return failed(known.error());
    const auto found = reader.found_subnets();
    if (!found) return failed(found.error());
    json out{{"lines", json::array()}, {"found", json::array()}};
    for (const auto& line : *known)
        if (out["lines"].size() < 500) out["lines"].push_back(json_of_line(line));
    for (const auto& one : *found) {
        json row{{"subnet", one.subnet}, {"devices", one.devices}};
        if (one.vlan) row["vlan"] = *one.vlan & 0xfffu;
        put_text(row, "line", one.line);
        if (out["found"].size() < 1'000) out["found"].push_back(std::move(row));
    }
    return api::answer(out);
}

std::string told(const json& body) {
    auto out = body.contains("name") ? cat("name ", body["name"].get_ref<const std::string&>())
                                     : std::string{};
    if (body.contains("subnets")) {
        out += cat(out.empty() ? "" : ", ", "subnets");
        for (const auto& subnet : body["subnets"]) out += cat(" ", subnet.get_ref<const std::string&>());
    }
    return out;
}

api::Response create_line(const api::Request& request, model::Commands& commands) {
    store::Line line{.id = {},
                     .name = request.body.at("name"),
                     .subnets = request.body.value("subnets", std::vector<std::string>{})};
    const auto done = commands.run(model::CreateLine{line.name, line.subnets}, request.who->name);
    if (!done) return refused(done.error());
    line.id = done->id;
    auto response = api::answer(json_of_line(line), 201);
    response.audit = told(request.body);
    return response;
}

api::Response edit_line(const api::Request& request, store::OverviewReader& reader,
                        model::Commands& commands) {
    const std::string id{request.in_path("line_id")};
    model::EditLine edit{.line = id, .name = {}, .subnets = {}};
    if (request.body.contains("name")) edit.name = request.body["name"];
    if (request.body.contains("subnets"))
        edit.subnets = request.body["subnets"].get<std::vector<std::string>>();
    const auto done = commands.run(edit, request.who->name);
    if (!done) return done.error().code == "model.no-such-line" ? nothing("line") : refused(done.error());
    // The model knows a line before lists show it: one that was made a moment ago may not be in them yet.
    store::Line line{.id = id, .name = {}, .subnets = {}};
    for (int tries = 0; tries < 40; ++tries) {
        const auto known = reader.lines();
        if (!known) return failed(known.error());
        if (const auto found = std::ranges::find(*known, id, &store::Line::id); found != known->end()) {
            line = *found;
            break;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds{50});
    }
    if (edit.name) line.name = *edit.name;
    if (edit.subnets) line.subnets = *edit.subnets;
    if (line.name.empty()) // Recorded; what lists will show of it was not to be had.
        return failed({.code = "store.busy",
                       .what = "the change is recorded, and lists do not show the line yet",
                       .next = "ask for the lines again in a moment"});
    auto response = api::answer(json_of_line(line));
    response.audit = told(request.body);
    return response;
}

api::Response delete_line(const api::Request& request, model::Commands& commands) {
    const auto done = commands.run(model::DeleteLine{std::string{request.in_path("line_id")}},
                                   request.who->name);
    if (!done) return done.error().code == "model.no-such-line" ? nothing("line") : refused(done.error());
    return {.status = 204};
}

} // namespace

void add_overview_handlers(api::Service& service, store::OverviewReader& reader,
                           store::CaptureReader& captures, model::Commands& commands, const Clock& clock) {
    service.on("overview", [&reader, &captures, &clock](const api::Request&) {
        return overview(reader, captures, clock);
    });
    service.on("listChanges", [&reader](const api::Request& request) { return changes(request, reader); });
    service.on("listLines", [&reader](const api::Request&) { return lines(reader); });
    service.on("createLine",
               [&commands](const api::Request& request) { return create_line(request, commands); });
    service.on("editLine", [&reader, &commands](const api::Request& request) {
        return edit_line(request, reader, commands);
    });
    service.on("deleteLine",
               [&commands](const api::Request& request) { return delete_line(request, commands); });
}

} // namespace yagura::see
