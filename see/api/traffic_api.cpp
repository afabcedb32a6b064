#include "see/api/traffic_api.h"

#include <algorithm>

#include "see/api/answers.h"
#include "see/api/pages.h"
#include "see/api/words.h"
#include "spine/api/sheet.h"
#include "spine/observe/text.h"

namespace yagura::see {
namespace {

constexpr std::size_t exported_most = 50'000;

store::ConversationFilter filter_of(const api::Request& request) {
    return {.range = range_of(request),
            .device = request.in_query("device"),
            .peer = request.in_query("peer"),
            .protocol = request.in_query("protocol"),
            .text = request.in_query("q"),
            .line = request.in_query("line"),
            .direction = request.in_query("direction")};
}

store::ConversationSort sort_of(std::string_view word) {
    using Sort = store::ConversationSort;
    constexpr std::array rows{std::pair{"first", Sort::first},     std::pair{"bytes", Sort::bytes},
                              std::pair{"packets", Sort::packets}, std::pair{"client", Sort::client},
                              std::pair{"server", Sort::server},   std::pair{"protocol", Sort::protocol}};
    for (const auto& [name, sort] : rows)
        if (word == name) return sort;
    return Sort::last;
}
store::Order order_of(const api::Request& request) {
    return request.in_query("order") == "asc" ? store::Order::ascending : store::Order::descending;
}

json conversation_json(const store::ConversationRow& one) {
    json row{{"id", one.id},
             {"client", json_of(one.client)},
             {"server", json_of(one.server)},
             {"certain", one.port != 0},
             {"direction", one.one_sided ? "one_sided" : "both"},
             {"inside", protocols_json(one.inside)},
             {"acts", acts_json(one.acts)},
             {"packets", {count(one.packets[0]), count(one.packets[1])}},
             {"bytes", {count(one.bytes[0]), count(one.bytes[1])}},
             {"retransmitted", count(one.retransmitted)},
             {"lost", count(one.lost)},
             {"first", time_text(one.first)},
             {"last", time_text(one.last)},
             {"evidence", json_of(one.evidence)}};
    put_protocol(row, one.protocol);
    put_text(row, "carrier", one.carrier, 16);
    if (one.connections) row["connections"] = count(one.connections); // 0: nobody saw one begin.
    if (one.port) row["port"] = one.port;
    if (one.vlan) row["vlan"] = one.vlan & 0xfffu;
    if (one.is_new) row["is_new"] = true;
    return row;
}

api::Response conversations(const api::Request& request, store::TrafficReader& traffic) {
    const auto found = traffic.conversations(filter_of(request), sort_of(request.in_query("sort")),
                                             order_of(request), page_of(request));
    if (!found) return failed(found.error());
    json out{{"conversations", json::array()}, {"total", found->total}};
    for (const auto& one : found->conversations) out["conversations"].push_back(conversation_json(one));
    put_text(out, "next_cursor", found->next_cursor);
    return api::answer(out);
}

api::Response conversation_facets(const api::Request& request, store::TrafficReader& traffic) {
    const auto found = traffic.conversation_facets(filter_of(request));
    if (!found) return failed(found.error());
    return api::answer({{"total", found->total},
                        {"protocol", facets_json(found->protocol)},
                        {"line", facets_json(found->line)},
                        {"direction", facets_json(found->direction)}});
}

api::Response conversation_groups(const api::Request& request, store::TrafficReader& traffic) {
    using By = store::ConversationGrouping;
    const auto word = request.in_query("by");
    const auto by = word == "protocol" ? By::protocol : word == "lines" ? By::lines : By::pair;
    const auto found = traffic.conversation_groups(filter_of(request), by,
                                                   request.query.value("limit", std::size_t{200}));
    if (!found) return failed(found.error());
    json out{{"groups", json::array()}, {"total", found->total}};
    for (const auto& one : found->groups) {
        json row{{"protocols", protocols_json(one.protocols)},
                 {"conversations", count(one.conversations)},
                 {"one_sided", count(one.one_sided)},
                 {"packets", count(one.packets)},
                 {"bytes", count(one.bytes)},
                 {"first", time_text(one.first)},
                 {"last", time_text(one.last)}};
        if (by == By::pair) {
            row["a"] = json_of(one.a);
            row["b"] = json_of(one.b);
        }
        if (!one.line_a.id.empty()) row["line_a"] = json_of(one.line_a);
        if (!one.line_b.id.empty()) row["line_b"] = json_of(one.line_b);
        out["groups"].push_back(std::move(row));
    }
    return api::answer(out);
}

api::Response export_conversations(const api::Request& request, store::TrafficReader& traffic) {
    const auto language = language_of(request);
    auto sheet = sheet_of(request, "conversations",
                          {"client",
                           "client_address",
                           "server",
                           "server_address",
                           "protocol",
                           "inside",
                           "carrier",
                           "port",
                           "vlan",
                           "direction",
                           "acts",
                           "connections",
                           "packets_from_client",
                           "packets_from_server",
                           "bytes_from_client",
                           "bytes_from_server",
                           "retransmitted",
                           "lost",
                           "first",
                           "last",
                           "source",
                           "frame"});
    about(sheet, request);
    const auto done = put_pages(
        sheet, exported_most,
        [&](const store::Page& page) {
            return traffic.conversations(filter_of(request), store::ConversationSort::last,
                                         store::Order::descending, page);
        },
        [&](const auto& found) {
            for (const auto& one : found.conversations) {
                std::string inside, acts;
                for (const auto& protocol : one.inside) inside += cat(inside.empty() ? "" : " ", protocol);
                for (const auto& act : one.acts)
                    acts += cat(acts.empty() ? "" : ", ", word(language, "act", act_word(act.act)), " ",
                                act.count);
                const auto number = [](std::uint64_t of) {
                    return of ? api::Sheet::Cell{of} : api::Sheet::Cell{};
                };
                sheet.row({one.client.name,
                           one.client.address,
                           one.server.name,
                           one.server.address,
                           one.protocol,
                           inside,
                           one.carrier,
                           number(one.port),
                           number(one.vlan & 0xfffu),
                           std::string{word(language, "column", one.one_sided ? "one_sided" : "both")},
                           acts,
                           number(one.connections),
                           one.packets[0],
                           one.packets[1],
                           one.bytes[0],
                           one.bytes[1],
                           one.retransmitted,
                           one.lost,
                           time_text(one.first),
                           time_text(one.last),
                           one.evidence.source,
                           number(one.evidence.frame)});
            }
        });
    if (!done) return failed(done.error());
    return std::move(sheet).response();
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

void add_traffic_handlers(api::Service& service, store::TrafficReader& traffic) {
    const auto on = [&](std::string_view operation,
                        api::Response (*handler)(const api::Request&, store::TrafficReader&)) {
        service.on(operation,
                   [&traffic, handler](const api::Request& request) { return handler(request, traffic); });
    };
    on("listConversations", conversations);
    on("conversationFacets", conversation_facets);
    on("groupConversations", conversation_groups);
    on("exportConversations", export_conversations);
    on("map", map);
}

} // namespace yagura::see
