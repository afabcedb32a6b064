#include "see/api/comments_api.h"

#include <unistd.h>

#include <algorithm>

#include "see/api/answers.h"
#include "see/api/comment_fit.h"
#include "see/api/handlers.h"
#include "see/api/kept_files.h"
#include "see/api/table_problem.h"
#include "see/api/words.h"
#include "see/comments/list.h"
#include "spine/api/passwords.h"

namespace yagura::see {
namespace {

constexpr std::size_t problems_shown = 100, sample_rows = 20, columns_shown = 256, units_shown = 64;

json list_json(const store::CommentList& list) {
    json out{{"id", store::comment_list_text(list.id)},
             {"name", api::clipped(list.name, 255)},
             {"tool", list.tool},
             {"notation", list.notation},
             {"words", count(list.words)},
             {"of", json::array()}};
    for (const auto& use : list.uses) {
        if (out["of"].size() == store::comment_uses_most) break;
        json one{{"device", json_of(use.device)}};
        put_text(one, "unit", use.part, 128);
        out["of"].push_back(std::move(one));
    }
    put_time(out, "at", list.at);
    put_text(out, "who", list.who, 96);
    return out;
}

json mapping_json(const comments::Mapping& mapping) {
    json columns = json::array();
    for (const auto& column : mapping.columns)
        if (columns.size() < columns_shown) columns.push_back(column ? json(comments::key(*column)) : json{});
    return {{"sheet", mapping.sheet},
            {"header_row", mapping.header_row + 1},
            {"header_rows", mapping.header_rows},
            {"notation", comments::key(mapping.notation)},
            {"columns", std::move(columns)}};
}

json word_json(std::string_view object, std::string_view address, std::string_view name,
               std::string_view type, std::string_view comment) {
    json out{{"object", api::clipped(object)}, {"address", api::clipped(address)}};
    put_text(out, "name", name);
    put_text(out, "type", type);
    put_text(out, "comment", comment);
    return out;
}

json fit_json(const CommentFit& fit) {
    json out{{"device", json_of(fit.device)},
             {"units", json::array()},
             {"seen", fit.seen},
             {"found", fit.found},
             {"maker", fit.maker}};
    for (const auto& unit : fit.units)
        if (out["units"].size() < units_shown) out["units"].push_back(api::clipped(unit, 128));
    put_text(out, "vendor", fit.vendor);
    put_text(out, "product", fit.product);
    return out;
}

/// What a person says of a file; what is left out is guessed.
Result<comments::Mapping> mapping_of(const json& told, const tables::TableFile& file) {
    const auto refuse = [](std::string_view where, std::string_view what) {
        return std::unexpected{
            Complaint{.code = "api.unfit",
                      .what = std::string{what},
                      .where = std::string{where},
                      .next = "take sheets, rows and columns from the answer to the file"}};
    };
    const auto sheet = told["sheet"].get<std::size_t>();
    if (sheet >= file.sheets.size()) return refuse("mapping.sheet", "the file has no such sheet");
    auto out = comments::guessed(file, sheet);
    if (told.contains("header_row")) {
        out.header_row = told["header_row"].get<std::uint32_t>() - 1;
        out.header_rows = told.value("header_rows", out.header_rows);
        if (out.header_row + out.header_rows > file.sheets[sheet].rows.size())
            return refuse("mapping.header_row", "the sheet has no such row");
    }
    if (told.contains("columns")) {
        out.columns.clear();
        for (const auto& column : told["columns"])
            out.columns.push_back(
                column.is_null() ? std::nullopt : comments::column_of(column.get_ref<const std::string&>()));
    }
    if (const auto notation = comments::notation_of(told.value("notation", std::string{})))
        out.notation = *notation;
    return out;
}

Result<json> file_json(const TableFiles::Kept& file, const comments::Mapping& mapping,
                       const CommentParts& in) {
    const auto& table = file->table;
    const auto& sheet = table.sheets[mapping.sheet];
    const auto taken = comments::taken(sheet, mapping);
    YAGURA_TRY(const auto fits, fits_of(taken.words, mapping.tool, in.devices, in.history));
    json sheets = json::array(), sample = json::array(), problems = json::array(), words = json::array(),
         headings = json::array(), suggested = json::array();
    for (const auto& one : table.sheets)
        if (sheets.size() < 256)
            sheets.push_back({{"name", api::clipped(one.name, 255)}, {"rows", one.rows.size()}});
    const std::size_t below = std::size_t{mapping.header_row} + mapping.header_rows;
    for (auto row = below; row < std::min(below + sample_rows, sheet.rows.size()); ++row) {
        json cells = json::array();
        for (const auto& cell : sheet.rows[row])
            if (cells.size() < columns_shown) cells.push_back(api::clipped(cell, 4'096));
        sample.push_back(std::move(cells));
    }
    for (const auto& one : taken.problems)
        if (problems.size() < problems_shown) problems.push_back(json_of(one));
    for (const auto& one : taken.words)
        if (words.size() < sample_rows)
            words.push_back(word_json(one.objects.front(), one.address, one.name, one.type, one.comment));
    for (const auto& one : comments::headings(sheet, mapping))
        if (headings.size() < columns_shown) headings.push_back(api::clipped(one, 8'200));
    for (const auto& one : fits) suggested.push_back(fit_json(one));
    json out{{"id", file->id},
             {"name", api::clipped(file->name, 255)},
             {"kind", table.kind},
             {"tool", comments::key(mapping.tool)},
             {"sheets", std::move(sheets)},
             {"mapping", mapping_json(mapping)},
             {"headings", std::move(headings)},
             {"sample", std::move(sample)},
             {"rows", sheet.rows.size() - std::min(below, sheet.rows.size())},
             {"words", taken.words.size()},
             {"first_words", std::move(words)},
             {"silent_rows", taken.silent_rows},
             {"problem_rows", taken.bad_rows},
             {"problems", std::move(problems)},
             {"problem_count", taken.problem_count},
             {"suggested", std::move(suggested)}};
    put_text(out, "encoding", table.encoding);
    return out;
}

api::Response look(const TableFiles::Kept& file, const comments::Mapping& mapping, const CommentParts& in,
                   int status) {
    const auto shown = file_json(file, mapping, in);
    return shown ? api::answer(*shown, status) : failed(shown.error());
}

api::Response preview(const api::Request& request, const CommentParts& in) {
    const auto file = in.files.find(request.in_path("file_id"));
    if (!file) return nothing("file");
    const auto mapping = mapping_of(request.body["mapping"], file->table);
    if (!mapping) return api::problem(400, mapping.error());
    return look(file, *mapping, in, 200);
}

std::vector<model::UseComments::Use> uses_of(const json& told) {
    std::vector<model::UseComments::Use> out;
    for (const auto& one : told)
        out.push_back({one["device"].get<std::string>(), one.value("unit", std::string{})});
    return out;
}

std::string told(const json& uses) {
    std::string out;
    for (const auto& one : uses)
        out += cat(out.empty() ? "of " : ", ", one["device"].get<std::string>(),
                   one.contains("unit") ? cat(" ", one["unit"].get<std::string>()) : std::string{});
    return out.empty() ? "of no device" : out;
}

/// The list as it is now, or how it was refused.
api::Response now(const CommentParts& in, std::string_view id, std::string audit, int status) {
    const auto list = in.reader.list(id);
    if (!list) return failed(list.error());
    if (!*list) return nothing("list");
    auto response = api::answer(list_json(**list), status);
    response.audit = std::move(audit);
    return response;
}

store::CommentFile file_of(const std::vector<comments::Word>& words, const comments::Mapping& mapping) {
    store::CommentFile out{.tool = std::string{comments::key(mapping.tool)},
                           .notation = std::string{comments::key(mapping.notation)},
                           .words = {}};
    for (const auto& word : words)
        for (const auto& object : word.objects)
            out.words.push_back({.object = object,
                                 .address = word.address,
                                 .name = word.name,
                                 .type = word.type,
                                 .comment = word.comment,
                                 .also = &object != &word.objects.front()});
    return out;
}

/// All devices are there before anything is written: a list without its controllers helps nobody.
std::optional<api::Response> wrong_device(const json& uses, store::DeviceReader& devices) {
    for (const auto& one : uses) {
        const auto device = devices.device(one["device"].get<std::string>());
        if (!device) return failed(device.error());
        if (!*device) return nothing("device");
    }
    return std::nullopt;
}

api::Response import(const api::Request& request, const CommentParts& in) {
    const auto file = in.files.find(request.in_path("file_id"));
    if (!file) return nothing("file");
    const auto& body = request.body;
    const auto mapping = mapping_of(body["mapping"], file->table);
    if (!mapping) return api::problem(400, mapping.error());
    const auto taken = comments::taken(file->table.sheets[mapping->sheet], *mapping);
    if (!taken.problems.empty() && !body.value("skip_problems", false)) {
        const auto& first = taken.problems.front();
        return api::problem(409, {.code = "comments.has-problems",
                                  .what = cat(taken.bad_rows, " rows have a problem; nothing was changed"),
                                  .where = cat("row ", first.row, ", column ", first.column),
                                  .next = "mend them in the file, or leave those rows out"});
    }
    if (taken.words.empty())
        return api::problem(409, {.code = "comments.no-words",
                                  .what = "the file has no address of which it says anything",
                                  .next = "say which column has the addresses and which the comments"});
    auto whole = file_of(taken.words, *mapping);
    if (whole.words.size() > store::comment_words_most)
        return api::problem(409, {.code = "comments.too-many",
                                  .what = cat("a list has at most ", store::comment_words_most, " words"),
                                  .next = "export the devices that are used, not all that there are"});
    std::optional<std::uint64_t> replaced;
    if (body.contains("replaces")) {
        const auto list = in.reader.list(body["replaces"].get<std::string>());
        if (!list) return failed(list.error());
        if (!*list) return nothing("list");
        replaced = (*list)->id;
    }
    const auto uses = body.value("of", json::array());
    if (auto wrong = wrong_device(uses, in.devices)) return *std::move(wrong);
    const auto name = api::new_secret();
    if (auto written = write_whole(in.folder, name, store::text_of(whole), "the list"); !written)
        return refused(written.error());
    const auto done = in.commands.run(model::PutComments{replaced, file->name, name}, request.who->name);
    if (!done) {
        ::unlink(cat(in.folder, "/", name).c_str());
        return refused(done.error());
    }
    // Each list is made again from its own file where the state is lost.
    if (const auto all = in.reader.lists()) {
        std::vector<std::string> in_use;
        for (const auto& one : *all) in_use.push_back(one.file);
        forget_old(in.folder, in_use);
    }
    if (body.contains("of")) {
        const auto list = store::comment_list_number(done->id).value_or(0);
        if (const auto used = in.commands.run(model::UseComments{list, uses_of(uses)}, request.who->name);
            !used)
            return refused(used.error());
    }
    return now(in, done->id,
               cat(yagura::quoted(file->name), ", ", taken.words.size(), " words",
                   body.contains("of") ? cat(", ", told(uses)) : std::string{}),
               200);
}

api::Response lists(const api::Request&, const CommentParts& in) {
    const auto found = in.reader.lists();
    if (!found) return failed(found.error());
    json out{{"lists", json::array()}};
    for (const auto& one : *found)
        if (out["lists"].size() < store::comment_lists_most) out["lists"].push_back(list_json(one));
    return api::answer(out);
}

api::Response get(const api::Request& request, const CommentParts& in) {
    return now(in, request.in_path("list_id"), {}, 200);
}

api::Response words(const api::Request& request, const CommentParts& in) {
    const auto list = in.reader.list(request.in_path("list_id"));
    if (!list) return failed(list.error());
    if (!*list) return nothing("list");
    const auto found = in.reader.words((*list)->id, request.in_query("q"), page_of(request));
    if (!found) return failed(found.error());
    json out{{"words", json::array()}, {"total", found->total}};
    for (const auto& one : found->words)
        out["words"].push_back(word_json(one.object, one.address, one.name, one.type, one.comment));
    put_text(out, "next_cursor", found->next_cursor);
    return api::answer(out);
}

api::Response edit(const api::Request& request, const CommentParts& in) {
    const auto list = in.reader.list(request.in_path("list_id"));
    if (!list) return failed(list.error());
    if (!*list) return nothing("list");
    const auto& uses = request.body["of"];
    const auto done = in.commands.run(model::UseComments{(*list)->id, uses_of(uses)}, request.who->name);
    if (!done) return refused(done.error());
    return now(in, request.in_path("list_id"), told(uses), 200);
}

api::Response remove(const api::Request& request, const CommentParts& in) {
    const auto list = in.reader.list(request.in_path("list_id"));
    if (!list) return failed(list.error());
    if (!*list) return nothing("list");
    const auto done = in.commands.run(model::DropComments{(*list)->id}, request.who->name);
    if (!done) return refused(done.error());
    api::Response out{.status = 204};
    out.audit = yagura::quoted((*list)->name);
    return out;
}

api::Response fits(const api::Request& request, const CommentParts& in) {
    const auto list = in.reader.list(request.in_path("list_id"));
    if (!list) return failed(list.error());
    if (!*list) return nothing("list");
    std::vector<comments::Word> known;
    store::Page page{.most = 1'000};
    do {
        const auto found = in.reader.words((*list)->id, {}, page);
        if (!found) return failed(found.error());
        for (const auto& one : found->words) known.push_back({.objects = {one.object}});
        page.cursor = found->next_cursor;
    } while (!page.cursor.empty());
    const auto found = fits_of(known, comments::tool_of((*list)->tool), in.devices, in.history);
    if (!found) return failed(found.error());
    json out{{"suggested", json::array()}};
    for (const auto& one : *found) out["suggested"].push_back(fit_json(one));
    return api::answer(out);
}

} // namespace

void add_comment_handlers(api::Service& service, const CommentParts& parts) {
    const auto on = handlers_of(service, parts);
    on("listComments", lists);
    on("getComments", get);
    on("commentWords", words);
    on("commentFits", fits);
    on("editComments", edit);
    on("deleteComments", remove);
    on("previewComments", preview);
    on("importComments", import);
    service.on_stream(
        "uploadComments", [parts](const api::Request& request) -> Result<std::unique_ptr<api::BodySink>> {
            return parts.files.receive(request.in_query("name"), [parts](const TableFiles::Kept& file) {
                return look(file, comments::guessed(file->table), parts, 201);
            });
        });
}

} // namespace yagura::see
