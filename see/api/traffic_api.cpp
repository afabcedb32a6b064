#include "see/api/traffic_api.h"

#include <algorithm>

#include "see/api/answers.h"
#include "spine/observe/text.h"

namespace yagura::see {
namespace {

api::Response conversations(const api::Request& request, store::TrafficReader& traffic) {
    const store::ConversationFilter filter{.range = range_of(request),
                                           .device = request.in_query("device"),
                                           .peer = request.in_query("peer"),
                                           .protocol = request.in_query("protocol")};
    const auto found = traffic.conversations(filter, page_of(request));
    if (!found) return failed(found.error());
    json out{{"conversations", json::array()}, {"total", found->total}};
    for (const auto& one : found->conversations) {
        json row{{"id", one.id},
                 {"client", json_of(one.client)},
                 {"server", json_of(one.server)},
                 {"certain", one.port != 0},
                 {"direction", one.one_sided ? "one_sided" : "both"},
                 {"connections", count(one.connections)},
                 {"packets", {count(one.packets[0]), count(one.packets[1])}},
                 {"bytes", {count(one.bytes[0]), count(one.bytes[1])}},
                 {"retransmitted", count(one.retransmitted)},
                 {"first", time_text(one.first)},
                 {"last", time_text(one.last)}};
        put_protocol(row, one.protocol);
        put_text(row, "carrier", one.carrier, 16);
        if (one.port) row["port"] = one.port;
        if (one.vlan) row["vlan"] = one.vlan & 0xfffu;
        put_text(row, "source", one.source, 256);
        out["conversations"].push_back(std::move(row));
    }
    put_text(out, "next_cursor", found->next_cursor);
    return api::answer(out);
}

json operation_json(const store::OperationRow& one) {
    json row{{"id", one.id},
             {"at", time_text(one.at)},
             {"who", json_of(one.who)},
             {"whom", json_of(one.whom)},
             {"act", act_word(one.act)},
             {"effect", effect_word(observe::usual_effect(one.act))},
             {"function", {{"code", one.code}}},
             {"outcome", observe::word(one.outcome)},
             {"count", count(std::max<std::uint64_t>(one.count, 1))},
             {"evidence", json_of(one.evidence)}};
    put_protocol(row, one.protocol);
    if (!row.contains("protocol")) row["protocol"] = "unknown";
    put_text(row["function"], "name", one.function, 128);
    put_time(row, "last", one.last);
    put_text(row, "unit", one.part, 128);
    put_text(row, "object", one.object);
    put_text(row, "value", one.value, 1'024);
    if (one.status) row["status"] = one.status;
    if (one.is_new) row["is_new"] = true;
    if (one.many) {
        row["refused"] = count(one.refused);
        row["changes"] = one.changes;
    }
    return row;
}

api::Response operations(const api::Request& request, store::History& history) {
    const store::OperationFilter filter{.range = range_of(request),
                                        .device = request.in_query("device"),
                                        .peer = request.in_query("peer"),
                                        .protocol = request.in_query("protocol"),
                                        .act = act(request.in_query("act")),
                                        .effect = effect(request.in_query("effect")),
                                        .outcome = outcome(request.in_query("outcome"))};
    const auto found = history.operations(filter, page_of(request));
    if (!found) return failed(found.error());
    json out{{"operations", json::array()}};
    for (const auto& one : found->operations) out["operations"].push_back(operation_json(one));
    put_text(out, "next_cursor", found->next_cursor);
    return api::answer(out);
}

api::Response operation(const api::Request& request, store::History& history) {
    const auto id = request.in_path("operation_id");
    const auto found = history.operation(id);
    if (!found) return failed(found.error());
    if (!*found) return nothing("operation");
    auto row = operation_json(**found);
    const auto message = history.message(id);
    if (message && !message->empty()) row["message"] = hex(*message);
    return api::answer(row);
}

api::Response activity(const api::Request& request, store::History& history, const Clock& clock) {
    const auto found = history.activity(range_of(request), request.query.value("buckets", std::size_t{24}),
                                        request.in_query("line"), request.in_query("device"),
                                        observe::Time{std::chrono::nanoseconds{clock.now()}});
    if (!found) return failed(found.error());
    json out{{"since", time_text(found->from)},
             {"until", time_text(found->until)},
             {"bucket_seconds", std::max<std::int64_t>(found->bucket_seconds, 1)},
             {"series", json::array()},
             {"unseen", json::array()}};
    for (const auto& one : found->series) {
        auto counts = json::array();
        for (const auto messages : one.counts) counts.push_back(count(messages));
        if (out["series"].size() < 40)
            out["series"].push_back({{"act", act_word(one.act)},
                                     {"effect", effect_word(observe::usual_effect(one.act))},
                                     {"counts", std::move(counts)}});
    }
    for (const auto& one : found->unseen)
        if (out["unseen"].size() < 1'440)
            out["unseen"].push_back({{"since", time_text(one.from)}, {"until", time_text(one.until)}});
    return api::answer(out);
}

api::Response map(const api::Request& request, store::TrafficReader& traffic) {
    const store::MapFilter filter{.range = range_of(request),
                                  .line = request.in_query("line"),
                                  .around = request.in_query("around"),
                                  .protocol = request.in_query("protocol"),
                                  .act = act(request.in_query("act")),
                                  .nodes = request.query.value("nodes", std::size_t{2'000})};
    const auto found = traffic.map(filter);
    if (!found) return failed(found.error());
    json out{{"at", time_text(found->at)},
             {"devices_total", found->devices_total},
             {"conversations_total", found->conversations_total},
             {"nodes", json::array()},
             {"edges", json::array()},
             {"lines", json::array()}};
    for (const auto& one : found->nodes) {
        json node{{"id", one.id},
                  {"name", api::clipped(one.name)},
                  {"role", role_word(one.role)},
                  {"state", one.state}};
        put_text(node, "address", one.address, 64);
        put_text(node, "level", level_word(one.level));
        put_text(node, "line", one.line);
        put_text(node, "product", one.product);
        if (one.vlan) node["vlan"] = *one.vlan & 0xfffu;
        if (one.parts) node["parts"] = one.parts;
        out["nodes"].push_back(std::move(node));
    }
    for (const auto& one : found->edges) {
        json edge{{"a", one.a},
                  {"b", one.b},
                  {"effect", effect_word(one.effect)},
                  {"acts", acts_json(one.acts)},
                  {"protocols", protocols_json(one.protocols)},
                  {"messages", count(one.messages)},
                  {"one_sided", one.one_sided},
                  {"is_new", one.is_new}};
        put_time(edge, "first", one.first);
        put_time(edge, "last", one.last);
        out["edges"].push_back(std::move(edge));
    }
    for (const auto& line : found->lines)
        if (out["lines"].size() < 500) out["lines"].push_back(json_of(line));
    return api::answer(out);
}

} // namespace

void add_traffic_handlers(api::Service& service, store::TrafficReader& traffic, store::History& history,
                          const Clock& clock) {
    service.on("listConversations",
               [&traffic](const api::Request& request) { return conversations(request, traffic); });
    service.on("map", [&traffic](const api::Request& request) { return map(request, traffic); });
    service.on("listOperations",
               [&history](const api::Request& request) { return operations(request, history); });
    service.on("getOperation",
               [&history](const api::Request& request) { return operation(request, history); });
    service.on("activity",
               [&history, &clock](const api::Request& request) { return activity(request, history, clock); });
}

} // namespace yagura::see
