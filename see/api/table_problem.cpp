#include "see/api/table_problem.h"

#include "see/api/answers.h"

namespace yagura::see {
namespace {

std::string text_of(const Message::Argument& value) {
    if (const auto* text = std::get_if<std::string>(&value)) return *text;
    if (const auto* number = std::get_if<std::int64_t>(&value)) return cat(*number);
    return std::to_string(std::get<double>(value));
}

} // namespace

json json_of(const tables::Problem& problem) {
    json args = json::array();
    for (const auto& [name, value] : problem.args)
        if (args.size() < 8)
            args.push_back({{"name", api::clipped(name, 32)}, {"value", api::clipped(text_of(value))}});
    return {{"row", problem.row},
            {"column", problem.column},
            {"heading", api::clipped(problem.heading, 8'200)},
            {"value", api::clipped(problem.value, 4'096)},
            {"code", problem.code},
            {"args", std::move(args)}};
}

} // namespace yagura::see
