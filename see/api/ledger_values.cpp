#include "see/api/ledger_values.h"

#include <algorithm>

#include "see/ledger/normal.h"
#include "see/ledger/values.h"
#include "spine/base/text.h"

namespace yagura::see {
namespace {

using ledger::Field;
using nlohmann::json;

std::string_view shape(Field field) {
    return field == Field::ip    ? "write addresses as 192.168.1.10, with a space between two"
           : field == Field::mac ? "write addresses as 00:11:22:33:44:55, with a space between two"
                                 : "write high, medium or low";
}

} // namespace

api::Response unfit(std::string_view where, std::string_view what, std::string_view next) {
    return api::problem(409, {.code = "model.bad-value",
                              .what = std::string{what},
                              .where = std::string{where},
                              .next = std::string{next}});
}

std::optional<api::Response> set_values(ledger::Entry& entry, const json& values) {
    for (const auto& [name, value] : values.items()) {
        const auto field = ledger::field_of(name);
        if (!field) continue; // The contract has no others.
        if (value.is_null()) {
            entry[*field].clear();
            continue;
        }
        auto read = ledger::value_of(*field, value.get_ref<const std::string&>());
        if (read.code == "ledger.too-long")
            return unfit(cat("values.", name), cat("a value has at most ", ledger::value_most, " bytes"),
                         "shorten it");
        if (!read.code.empty()) return unfit(cat("values.", name), cat("this is no ", name), shape(*field));
        entry[*field] = std::move(read.text);
    }
    return std::nullopt;
}

std::string told(const json& values) {
    std::string out;
    for (const auto& [name, value] : values.items())
        out += cat(out.empty() ? "" : ", ", name, " ",
                   value.is_null() ? "taken out" : value.get<std::string>());
    return out;
}

std::string accepted(const std::string& before, const json& more, std::string_view who, std::int64_t at) {
    auto all = json::parse(before, nullptr, false);
    if (!all.is_array()) all = json::array();
    for (const auto& one : more) {
        json kept = json::array();
        for (auto& other : all)
            if (other.value("field", std::string{}) != one["field"].get<std::string>())
                kept.push_back(std::move(other));
        all = std::move(kept);
        if (!one["seen"].is_null())
            all.push_back(
                {{"field", one["field"]}, {"seen", one["seen"]}, {"who", who}, {"at", api::time_text(at)}});
    }
    return all.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string place_of(const ledger::Problem& problem) {
    return problem.column == 0 ? cat("row ", problem.row)
                               : cat("row ", problem.row, ", column ", problem.column);
}

json json_of(const ledger::Mapping& mapping) {
    json columns = json::array();
    for (const auto& column : mapping.columns)
        columns.push_back(column ? json(ledger::key(*column)) : json{});
    return {{"sheet", mapping.sheet},
            {"header_row", mapping.header_row + 1},
            {"header_rows", mapping.header_rows},
            {"columns", std::move(columns)}};
}

Result<ledger::Mapping> mapping_of(const json& told, const tables::TableFile& file) {
    const auto refuse = [](std::string_view where, std::string_view what) {
        return std::unexpected{
            Complaint{.code = "api.unfit",
                      .what = std::string{what},
                      .where = std::string{where},
                      .next = "take sheets, rows and columns from the answer to the file"}};
    };
    const auto sheet = told["sheet"].get<std::size_t>();
    if (sheet >= file.sheets.size()) return refuse("mapping.sheet", "the file has no such sheet");
    auto out = ledger::guessed(file, sheet);
    const auto rows = file.sheets[sheet].rows.size();
    if (told.contains("header_row")) {
        out.header_row = told["header_row"].get<std::uint32_t>() - 1;
        out.header_rows = told.value("header_rows", 1u);
        if (out.header_row + out.header_rows > rows)
            return refuse("mapping.header_row", "the sheet has no such row");
        out.columns = ledger::guessed_columns(file.sheets[sheet], out.header_row, out.header_rows);
    }
    if (!told.contains("columns")) return out;
    out.columns.clear();
    for (const auto& column : told["columns"])
        out.columns.push_back(column.is_null() ? std::nullopt
                                               : ledger::field_of(column.get_ref<const std::string&>()));
    return out;
}

bool same_text(std::string_view a, std::string_view b) { return ledger::compared(a) == ledger::compared(b); }

} // namespace yagura::see
