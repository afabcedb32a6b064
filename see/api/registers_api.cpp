#include "see/api/registers_api.h"

#include <charconv>

#include "see/api/answers.h"
#include "see/api/pages.h"
#include "see/api/words.h"
#include "spine/base/rfc3339.h"

namespace yagura::see {
namespace {

constexpr std::size_t exported_most = 50'000, users_most = 64, value_most = 1'024;

observe::Time time_of(std::string_view text) {
    return observe::Time{std::chrono::nanoseconds{from_rfc3339(text).value_or(0)}};
}

store::RegisterFilter filter_of(const api::Request& request) {
    store::RegisterFilter out{.device = request.in_query("device"),
                              .line = request.in_query("line"),
                              .reader = request.in_query("reader"),
                              .writer = request.in_query("writer"),
                              .protocol = request.in_query("protocol"),
                              .text = request.in_query("q")};
    out.changed_since = time_of(request.in_query("changed_since"));
    using Written = store::RegisterFilter::Written;
    const auto written = request.in_query("written");
    out.written = written == "never"     ? Written::never
                  : written == "written" ? Written::once
                  : written == "several" ? Written::several
                                         : Written::whatever;
    using Sort = store::RegisterFilter::Sort;
    const auto sort = request.in_query("sort");
    out.sort = sort == "written" ? Sort::written : sort == "object" ? Sort::object : Sort::changed;
    return out;
}

std::optional<std::size_t> element_of(const api::Request& request) {
    if (!request.query.contains("element")) return std::nullopt;
    return request.query.value("element", std::size_t{0});
}

json users_json(const std::vector<store::RegisterUser>& users) {
    auto out = json::array();
    for (const auto& user : users) {
        if (out.size() >= users_most) break;
        json one{{"who", json_of(user.who)},
                 {"count", count(user.count)},
                 {"first", time_text(user.first)},
                 {"last", time_text(user.last)}};
        put_text(one, "value", user.value, value_most);
        out.push_back(std::move(one));
    }
    return out;
}

json function_json(std::uint32_t code, std::string_view name) {
    json out{{"code", code}};
    put_text(out, "name", name, 128);
    return out;
}

json write_json(const store::RegisterWrite& write) {
    json out{{"at", time_text(write.at)},
             {"who", json_of(write.who)},
             {"function", function_json(write.code, write.function)}};
    put_text(out, "value", write.value, value_most);
    put_text(out, "before", write.before, value_most);
    put_text(out, "operation", write.operation, 64);
    if (write.evidence.frame != 0) out["evidence"] = json_of(write.evidence);
    return out;
}

json register_json(const store::RegisterRow& row) {
    json out{{"id", row.id},
             {"device", json_of(row.device)},
             {"object", api::clipped(row.object)},
             {"elements", count(row.elements)},
             {"changes", count(row.changes)},
             {"reads", count(row.reads)},
             {"writes", count(row.writes)},
             {"refused", count(row.refused)},
             {"first", time_text(row.first)},
             {"last", time_text(row.last)},
             {"readers", users_json(row.readers)},
             {"writers", users_json(row.writers)},
             {"reader_count", row.reader_count},
             {"writer_count", row.writer_count}};
    if (!row.line.id.empty()) out["line"] = json_of(row.line);
    put_protocol(out, row.protocol);
    if (!out.contains("protocol")) out["protocol"] = "unknown";
    put_text(out, "unit", row.part, 128);
    put_comment(out, row.comment);
    put_text(out, "value", row.value, value_most);
    put_time(out, "valued", row.valued);
    put_text(out, "previous", row.previous, value_most);
    put_time(out, "changed", row.changed);
    put_time(out, "first_change", row.began);
    if (row.least && row.most) out["least"] = *row.least, out["most"] = *row.most;
    if (row.users_left_out != 0) out["left_out"] = count(row.users_left_out);
    if (row.written.at != observe::Time{}) out["written"] = write_json(row.written);
    if (row.asked.at != observe::Time{}) out["asked"] = write_json(row.asked);
    return out;
}

api::Response list(const api::Request& request, store::RegisterReader& registers) {
    const auto found = registers.list(filter_of(request), page_of(request));
    if (!found) return failed(found.error());
    json out{{"registers", json::array()}, {"all", found->all}, {"forgotten", found->forgotten}};
    if (found->total) out["total"] = *found->total;
    if (found->cut) out["cut"] = true;
    for (const auto& row : found->registers) out["registers"].push_back(register_json(row));
    put_text(out, "next_cursor", found->next_cursor);
    return api::answer(out);
}

std::string names(const std::vector<store::RegisterUser>& users) {
    std::string out;
    for (const auto& user : users) out += cat(out.empty() ? "" : "; ", user.who.name);
    return out;
}
std::string text(observe::Time at) { return at == observe::Time{} ? std::string{} : time_text(at); }
std::string text(const std::optional<double>& number) {
    if (!number) return {};
    char digits[32];
    return {digits, std::to_chars(std::begin(digits), std::end(digits), *number).ptr};
}

api::Response export_list(const api::Request& request, store::RegisterReader& registers) {
    auto sheet = sheet_of(
        request, "registers",
        {"device",        "device_address", "line",       "unit",       "object",       "elements",
         "comment",       "protocol",       "value",      "value_at",   "value_before", "changed",
         "value_changes", "least",          "most",       "readers",    "reads",        "writers",
         "writes",        "refused",        "written_at", "written_by", "written_from", "written_value",
         "function",      "first",          "last"});
    about(sheet, request);
    const auto done = put_pages(
        sheet, exported_most,
        [&](const store::Page& page) { return registers.list(filter_of(request), page); },
        [&](const store::RegisterList& found) {
            for (const auto& row : found.registers) {
                const auto& wrote = row.written;
                sheet.row({row.device.name, row.device.address, row.line.name,       row.part,
                           row.object,      row.elements,       row.comment.shown(), row.protocol,
                           row.value,       text(row.valued),   row.previous,        text(row.changed),
                           row.changes,     text(row.least),    text(row.most),      names(row.readers),
                           row.reads,       names(row.writers), row.writes,          row.refused,
                           text(wrote.at),  wrote.who.name,     wrote.who.address,   wrote.value,
                           wrote.function,  text(row.first),    text(row.last)});
            }
        });
    if (!done) return failed(done.error());
    return std::move(sheet).response();
}

api::Response one(const api::Request& request, store::RegisterReader& registers) {
    const auto id = request.in_path("register_id");
    const auto found = registers.one(id);
    if (!found) return failed(found.error());
    if (!*found) return nothing("register");
    const auto near = registers.near(id);
    if (!near) return failed(near.error());
    json out{{"register", register_json(**found)}, {"near", json::array()}};
    for (const auto& other : *near) {
        json row{
            {"id", other.id}, {"object", api::clipped(other.object)}, {"elements", count(other.elements)}};
        put_time(row, "written", other.written);
        out["near"].push_back(std::move(row));
    }
    return api::answer(out);
}

json change_json(const store::RegisterChange& change) {
    json out{{"at", time_text(change.at)},
             {"value", api::clipped(change.value, value_most)},
             {"writes", change.writes},
             {"who", json_of(change.who)},
             {"function", function_json(change.code, change.function)}};
    put_text(out, "before", change.before, value_most);
    put_protocol(out, change.protocol);
    put_text(out, "operation", change.operation, 64);
    if (change.many) out["many"] = true;
    if (change.evidence.frame != 0) out["evidence"] = json_of(change.evidence);
    return out;
}

api::Response values(const api::Request& request, store::RegisterReader& registers) {
    const auto id = request.in_path("register_id");
    const auto known = registers.one(id);
    if (!known) return failed(known.error());
    if (!*known) return nothing("register");
    const auto found = registers.values(id, range_of(request), element_of(request), page_of(request));
    if (!found) return failed(found.error());
    json out{{"changes", json::array()},    {"count", found->count},   {"set", json::array()},
             {"distinct", found->distinct}, {"points", json::array()}, {"left_out", count(found->left_out)}};
    for (const auto& change : found->changes) out["changes"].push_back(change_json(change));
    put_text(out, "next_cursor", found->next_cursor);
    put_time(out, "counted_since", found->counted_from);
    if (found->least && found->most) out["least"] = *found->least, out["most"] = *found->most;
    for (const auto& value : found->set)
        if (out["set"].size() < 20)
            out["set"].push_back({{"value", api::clipped(value.value, value_most)},
                                  {"times", value.times},
                                  {"last", time_text(value.last)}});
    for (const auto& point : found->points)
        if (out["points"].size() < 600)
            out["points"].push_back(
                {{"at", time_text(point.at)}, {"least", point.least}, {"most", point.most}});
    return api::answer(out);
}

api::Response export_values(const api::Request& request, store::RegisterReader& registers) {
    const auto id = request.in_path("register_id");
    const auto known = registers.one(id);
    if (!known) return failed(known.error());
    if (!*known) return nothing("register");
    const auto language = language_of(request);
    auto sheet = sheet_of(request, "register-values",
                          {"time", "value", "value_before", "act", "who", "who_address", "protocol",
                           "function_code", "function", "source", "frame"});
    about(sheet, request);
    sheet.about("device", (*known)->device.name);
    sheet.about("object", (*known)->object);
    const auto done = put_pages(
        sheet, exported_most,
        [&](const store::Page& page) {
            return registers.values(id, range_of(request), element_of(request), page);
        },
        [&](const store::RegisterValues& found) {
            for (const auto& change : found.changes)
                sheet.row(
                    {time_text(change.at), change.value, change.before,
                     std::string{word(language, "act", change.writes ? "write" : "read")}, change.who.name,
                     change.who.address, change.protocol, std::uint64_t{change.code}, change.function,
                     change.evidence.source,
                     change.evidence.frame ? api::Sheet::Cell{change.evidence.frame} : api::Sheet::Cell{}});
        });
    if (!done) return failed(done.error());
    return std::move(sheet).response();
}

api::Response at(const api::Request& request, store::RegisterReader& registers) {
    const auto id = request.in_path("register_id");
    const auto known = registers.one(id);
    if (!known) return failed(known.error());
    if (!*known) return nothing("register");
    const auto when = time_of(request.in_query("time"));
    const auto found = registers.at(id, when, element_of(request));
    if (!found) return failed(found.error());
    json out{{"at", time_text(when)}};
    if (found->was) out["was"] = change_json(*found->was);
    put_time(out, "until", found->until);
    return api::answer(out);
}

} // namespace

void add_register_handlers(api::Service& service, store::RegisterReader& registers) {
    const auto on = [&](std::string_view name,
                        api::Response (*handler)(const api::Request&, store::RegisterReader&)) {
        service.on(
            name, [&registers, handler](const api::Request& request) { return handler(request, registers); });
    };
    on("listRegisters", list);
    on("exportRegisters", export_list);
    on("getRegister", one);
    on("registerValues", values);
    on("exportRegisterValues", export_values);
    on("registerAt", at);
}

} // namespace yagura::see
