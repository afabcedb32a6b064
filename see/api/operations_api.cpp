#include "see/api/operations_api.h"

#include <algorithm>

#include "see/api/answers.h"
#include "see/api/words.h"
#include "spine/api/sheet.h"
#include "spine/observe/text.h"

namespace yagura::see {
namespace {

constexpr std::size_t exported_most = 50'000, pages_most = 500;

store::OperationFilter filter_of(const api::Request& request) {
    store::OperationFilter out{.range = range_of(request),
                               .device = request.in_query("device"),
                               .peer = request.in_query("peer"),
                               .line = request.in_query("line"),
                               .protocol = request.in_query("protocol"),
                               .text = request.in_query("q"),
                               .first = request.query.value("first", false)};
    for (const auto& word : words_of(request, "act"))
        if (const auto one = act(word)) out.acts.push_back(*one);
    for (const auto& word : words_of(request, "effect"))
        if (const auto one = effect(word)) out.effects.push_back(*one);
    for (const auto& word : words_of(request, "outcome"))
        if (const auto one = outcome(word)) out.outcomes.push_back(*one);
    return out;
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
    put_comment(row, one.comment);
    put_text(row, "value", one.value, 1'024);
    if (one.status) row["status"] = one.status;
    if (one.is_new) row["is_new"] = true;
    put_text(row, "register", one.in_ledger, 64);
    if (one.many) {
        row["refused"] = count(one.refused);
        row["changes"] = one.changes;
    }
    return row;
}

api::Response operations(const api::Request& request, store::History& history) {
    const auto found = history.operations(filter_of(request), page_of(request));
    if (!found) return failed(found.error());
    json out{{"operations", json::array()}};
    for (const auto& one : found->operations) out["operations"].push_back(operation_json(one));
    put_text(out, "next_cursor", found->next_cursor);
    put_time(out, "searched_to", found->searched_to);
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

api::Response export_operations(const api::Request& request, store::History& history) {
    const auto language = language_of(request);
    auto sheet = sheet_of(request, "operations",
                          {"time",     "last",          "who",          "who_address", "act",
                           "effect",   "whom",          "whom_address", "unit",        "object",
                           "comment",  "value",         "outcome",      "status",      "count",
                           "refused",  "value_changes", "first_time",   "protocol",    "function_code",
                           "function", "source",        "frame"});
    about(sheet, request);
    store::Page page{.most = 1'000};
    for (std::size_t pages = 1;; ++pages) {
        const auto found = history.operations(filter_of(request), page);
        if (!found) return failed(found.error());
        for (const auto& one : found->operations) {
            const auto number = [](std::uint64_t of) {
                return of ? api::Sheet::Cell{of} : api::Sheet::Cell{};
            };
            sheet.row({time_text(one.at),
                       one.many ? time_text(one.last) : std::string{},
                       one.who.name,
                       one.who.address,
                       std::string{word(language, "act", act_word(one.act))},
                       std::string{word(language, "effect", effect_word(observe::usual_effect(one.act)))},
                       one.whom.name,
                       one.whom.address,
                       one.part,
                       one.object,
                       one.comment.shown(),
                       one.value,
                       std::string{word(language, "outcome", observe::word(one.outcome))},
                       number(one.status),
                       std::max<std::uint64_t>(one.count, 1),
                       number(one.refused),
                       number(one.changes),
                       std::string{one.is_new ? word(language, "column", "yes") : std::string_view{}},
                       one.protocol,
                       std::uint64_t{one.code},
                       one.function,
                       one.evidence.source,
                       number(one.evidence.frame)});
        }
        if (found->next_cursor.empty()) break;
        if (sheet.rows() >= exported_most || pages >= pages_most) {
            sheet.cut();
            break;
        }
        page.cursor = found->next_cursor;
    }
    return std::move(sheet).response();
}

api::Response activity(const api::Request& request, store::History& history, const Clock& clock) {
    const auto found = history.activity(filter_of(request), request.query.value("buckets", std::size_t{24}),
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
    put_time(out, "counted_since", found->counted_from);
    for (const auto& one : found->unseen)
        if (out["unseen"].size() < 1'440)
            out["unseen"].push_back({{"since", time_text(one.from)}, {"until", time_text(one.until)}});
    return api::answer(out);
}

store::ObjectFilter objects_of(const api::Request& request) {
    return {.device = std::string{request.in_path("device_id")},
            .peer = request.in_query("peer"),
            .range = range_of(request),
            .protocol = request.in_query("protocol"),
            .text = request.in_query("q"),
            .written = request.query.value("written", false)};
}

json users_json(const std::vector<store::ObjectRow::User>& users) {
    auto list = json::array();
    for (const auto& user : users)
        if (list.size() < 32)
            list.push_back(
                {{"who", json_of(user.who)}, {"count", count(user.count)}, {"last", time_text(user.last)}});
    return list;
}

api::Response objects(const api::Request& request, store::DeviceReader& devices, store::History& history) {
    const auto known = devices.device(request.in_path("device_id"));
    if (!known) return failed(known.error());
    if (!*known) return nothing("device");
    const auto found = history.objects(objects_of(request), request.query.value("limit", std::size_t{200}));
    if (!found) return failed(found.error());
    json out{{"objects", json::array()}, {"total", found->total}};
    put_time(out, "since", found->since);
    for (const auto& one : found->objects) {
        json row{{"object", api::clipped(one.object)},
                 {"readers", users_json(one.readers)},
                 {"writers", users_json(one.writers)},
                 {"first", time_text(one.first)},
                 {"last", time_text(one.last)}};
        put_protocol(row, one.protocol);
        if (!row.contains("protocol")) row["protocol"] = "unknown";
        put_text(row, "unit", one.part, 128);
        put_comment(row, one.comment);
        put_text(row, "value", one.value, 1'024);
        put_time(row, "valued", one.valued);
        put_time(row, "changed", one.changed);
        put_text(row, "operation", one.operation, 64);
        put_text(row, "register", one.in_ledger, 64);
        out["objects"].push_back(std::move(row));
    }
    return api::answer(out);
}

api::Response export_objects(const api::Request& request, store::DeviceReader& devices,
                             store::History& history) {
    const auto known = devices.device(request.in_path("device_id"));
    if (!known) return failed(known.error());
    if (!*known) return nothing("device");
    auto sheet = sheet_of(request, "objects",
                          {"unit", "object", "comment", "protocol", "readers", "reads", "writers", "writes",
                           "value", "value_at", "changed", "first", "last"});
    const auto found = history.objects(objects_of(request), 1'000);
    if (!found) return failed(found.error());
    about(sheet, request);
    sheet.about("device", (*known)->summary.name);
    if (found->since != observe::Time{}) sheet.about("counted from", time_text(found->since));
    for (const auto& one : found->objects) {
        const auto names = [](const std::vector<store::ObjectRow::User>& users) {
            std::string out;
            for (const auto& user : users) out += cat(out.empty() ? "" : "; ", user.who.name);
            return out;
        };
        const auto sum = [](const std::vector<store::ObjectRow::User>& users) {
            std::uint64_t out = 0;
            for (const auto& user : users) out += user.count;
            return out;
        };
        const auto time = [](observe::Time at) {
            return at == observe::Time{} ? std::string{} : time_text(at);
        };
        sheet.row({one.part, one.object, one.comment.shown(), one.protocol, names(one.readers),
                   sum(one.readers), names(one.writers), sum(one.writers), one.value, time(one.valued),
                   time(one.changed), time_text(one.first), time_text(one.last)});
    }
    if (found->total > found->objects.size()) sheet.cut();
    return std::move(sheet).response();
}

} // namespace

void add_operation_handlers(api::Service& service, store::DeviceReader& devices, store::History& history,
                            const Clock& clock) {
    service.on("listOperations",
               [&history](const api::Request& request) { return operations(request, history); });
    service.on("exportOperations",
               [&history](const api::Request& request) { return export_operations(request, history); });
    service.on("getOperation",
               [&history](const api::Request& request) { return operation(request, history); });
    service.on("activity",
               [&history, &clock](const api::Request& request) { return activity(request, history, clock); });
    service.on("deviceObjects", [&devices, &history](const api::Request& request) {
        return objects(request, devices, history);
    });
    service.on("exportObjects", [&devices, &history](const api::Request& request) {
        return export_objects(request, devices, history);
    });
}

} // namespace yagura::see
