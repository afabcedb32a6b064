#include "spine/api/contract.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <ranges>

#include "spine/base/utf8.h"

namespace yagura::api {

using nlohmann::json;

namespace {

constexpr std::size_t deepest = 16; ///< of a body; the contract's own are a handful deep

Complaint bad_document(std::string what) {
    return {.code = "api.bad-contract",
            .what = std::move(what),
            .next = "run tools/openapi.py and mend what it says"};
}

std::vector<std::string> cut(std::string_view path) {
    std::vector<std::string> steps;
    for (const auto part : std::views::split(path, '/')) steps.emplace_back(part.begin(), part.end());
    if (!steps.empty()) steps.erase(steps.begin()); // Before the first '/'.
    return steps;
}

const json& resolved(const json& node, const json& document) {
    const auto found = node.find("$ref");
    // NOLINTNEXTLINE(bugprone-return-const-ref-from-parameter): nodes are the document's, and it stays.
    if (found == node.end()) return node;
    return resolved(document.at(json::json_pointer{found->get_ref<const std::string&>().substr(1)}),
                    document);
}

bool is_hole(std::string_view step) { return step.starts_with('{'); }

Complaint unfit(const Misfit& misfit) {
    return {.code = "api.unfit",
            .what = cat(misfit.where, " ", misfit.what),
            .where = misfit.where,
            .next = "see GET /api/v1/openapi.json for what fits"};
}

} // namespace

Contract::Input::Input() : query{std::make_unique<json>(json::object())}, body{std::make_unique<json>()} {}
Contract::Input::~Input() = default;
Contract::Input::Input(Input&&) noexcept = default;
Contract::Input& Contract::Input::operator=(Input&&) noexcept = default;

std::optional<std::string> decoded(std::string_view text, bool plus_is_space) {
    constexpr std::string_view digits = "0123456789abcdef0123456789ABCDEF";
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '+' && plus_is_space) {
            out += ' ';
        } else if (text[i] != '%') {
            out += text[i];
        } else {
            if (i + 2 >= text.size()) return {};
            const auto high = digits.find(text[i + 1]), low = digits.find(text[i + 2]);
            if (high == digits.npos || low == digits.npos) return {};
            out += static_cast<char>((high % 16) << 4 | (low % 16));
            i += 2;
        }
    }
    for (std::string_view rest = out; !rest.empty();) {
        const auto length = utf8_length(rest);
        if (length == 0 || rest[0] == '\0') return {};
        rest.remove_prefix(length);
    }
    return out;
}

Result<Contract> Contract::open(std::string_view json_document) {
    const auto document = json::parse(json_document, nullptr, false);
    if (!document.is_object()) return std::unexpected{bad_document("the contract is not JSON")};
    Contract contract;
    try { // nlohmann says with an exception what is missing.
        for (const auto& [path, item] : document.at("paths").items())
            if (auto done = contract.add(item, path, document); !done) return std::unexpected{done.error()};
        const auto& schemas = document.at("components").at("schemas");
        if (const auto event = schemas.find("Event"); event != schemas.end()) {
            YAGURA_TRY(contract.event_, contract.schemas_.compile(*event, document));
        }
    } catch (const std::exception& error) {
        return std::unexpected{bad_document(error.what())};
    }
    return contract;
}

Result<void> Contract::add(const json& item, const std::string& path, const json& document) {
    for (const auto* method : {"get", "put", "post", "patch", "delete"}) {
        const auto found = item.find(method);
        if (found == item.end()) continue;
        Operation operation{.id = found->at("operationId"),
                            .method = method,
                            .path = path,
                            .right = found->at("x-right"),
                            .stream = found->value("x-stream", false),
                            .parameters = {},
                            .answers = {},
                            .steps = cut(path)};
        std::ranges::transform(operation.method, operation.method.begin(),
                               [](char c) { return static_cast<char>(c - 'a' + 'A'); });
        for (const auto* owner : {&item, &*found}) {
            if (!owner->contains("parameters")) continue;
            for (const auto& raw : owner->at("parameters")) {
                const auto& parameter = resolved(raw, document);
                const auto& in = parameter.at("in").get_ref<const std::string&>();
                YAGURA_TRY(const auto* schema, schemas_.compile(parameter.at("schema"), document));
                operation.parameters.push_back({.name = parameter.at("name"),
                                                .in = in == "path"    ? Parameter::In::path
                                                      : in == "query" ? Parameter::In::query
                                                                      : Parameter::In::header,
                                                .required = parameter.value("required", false),
                                                .schema = schema});
            }
        }
        if (const auto body = found->find("requestBody"); body != found->end() && !operation.stream) {
            YAGURA_TRY(operation.body,
                       schemas_.compile(body->at("content").at("application/json").at("schema"), document));
            operation.body_required = body->value("required", false);
        }
        for (const auto& [status, raw] : found->at("responses").items()) {
            const auto& one = resolved(raw, document);
            const Schema* schema = nullptr;
            for (const auto* type : {"application/json", "application/problem+json"})
                if (one.contains("content") && one["content"].contains(type)) {
                    YAGURA_TRY(const auto* compiled,
                               schemas_.compile(one["content"][type].at("schema"), document));
                    schema = compiled;
                }
            operation.answers[std::stoi(status)] = schema;
        }
        operations_.push_back(std::move(operation));
    }
    return {};
}

Contract::Match Contract::match(std::string_view method, std::string_view path) const {
    const auto steps = cut(path);
    const auto fits = [&](const Operation& operation) {
        return operation.steps.size() == steps.size() &&
               std::ranges::equal(operation.steps, steps, [](const auto& ours, const auto& theirs) {
                   return is_hole(ours) ? !theirs.empty() : ours == theirs;
               });
    };
    // "/devices/facets" goes before "/devices/{device_id}".
    const auto holes = [](const Operation& operation) {
        return std::ranges::count_if(operation.steps, is_hole);
    };
    std::optional<long> fewest;
    for (const auto& operation : operations_)
        if (fits(operation) && (!fewest || holes(operation) < *fewest)) fewest = holes(operation);
    Match match;
    if (!fewest) return match;
    for (const auto& operation : operations_) {
        if (!fits(operation) || holes(operation) != *fewest) continue;
        match.allow += cat(match.allow.empty() ? "" : ", ", operation.method,
                           operation.method == "GET" ? ", HEAD" : "");
        if (operation.method == method || (method == "HEAD" && operation.method == "GET"))
            match.operation = &operation;
    }
    if (!match.operation) return match;
    for (std::size_t i = 0; i < steps.size(); ++i)
        if (const auto& ours = match.operation->steps[i]; is_hole(ours))
            // What cannot be decoded fits no id.
            match.path.emplace(ours.substr(1, ours.size() - 2),
                               decoded(steps[i], false).value_or(std::string{}));
    return match;
}

bool Contract::path_fits(const Operation& operation,
                         const std::map<std::string, std::string, std::less<>>& path) const {
    return std::ranges::all_of(operation.parameters, [&](const Parameter& parameter) {
        if (parameter.in != Parameter::In::path) return true;
        const auto found = path.find(parameter.name);
        return found != path.end() && !misfit(*parameter.schema, json(found->second), parameter.name);
    });
}

Result<void> Contract::check_header(const Operation& operation, std::string_view name,
                                    std::string_view value) const {
    for (const auto& parameter : operation.parameters)
        if (parameter.in == Parameter::In::header && parameter.name == name)
            if (auto wrong = misfit(*parameter.schema, json(std::string{value}), cat("header.", name)))
                return std::unexpected{unfit(*wrong)};
    return {};
}

namespace {

Result<json> query_of(const Operation& operation, std::string_view text) {
    json query = json::object();
    for (const auto part : std::views::split(text, '&')) {
        const std::string_view pair{part.begin(), part.end()};
        if (pair.empty()) continue;
        const auto equals = pair.find('=');
        const auto name = decoded(pair.substr(0, equals), true);
        const auto value = decoded(equals == pair.npos ? std::string_view{} : pair.substr(equals + 1), true);
        if (!name || !value)
            return std::unexpected{
                unfit({cat("query.", clipped(name.value_or(""), 40)), "is not percent-encoded UTF-8"})};
        const auto known = std::ranges::find_if(operation.parameters, [&](const Parameter& parameter) {
            return parameter.in == Parameter::In::query && parameter.name == *name;
        });
        if (known == operation.parameters.end())
            return std::unexpected{
                unfit({cat("query.", clipped(*name, 40)), "is not known to this operation"})};
        if (is_list(*known->schema)) {
            auto& list = query[*name];
            if (list.is_null()) list = json::array();
            list.push_back(from_text(*items_of(*known->schema), *value));
        } else if (query.contains(*name)) {
            return std::unexpected{unfit({cat("query.", *name), "is given twice"})};
        } else {
            query[*name] = from_text(*known->schema, *value);
        }
    }
    for (const auto& parameter : operation.parameters) {
        if (parameter.in != Parameter::In::query) continue;
        const auto where = cat("query.", parameter.name);
        if (const auto found = query.find(parameter.name); found != query.end()) {
            if (auto wrong = misfit(*parameter.schema, *found, where)) return std::unexpected{unfit(*wrong)};
        } else if (parameter.required) {
            return std::unexpected{unfit({where, "is missing"})};
        } else if (const auto& by_default = default_of(*parameter.schema); !by_default.is_null()) {
            query[parameter.name] = by_default;
        }
    }
    return query;
}

} // namespace

Result<Contract::Input> Contract::check(const Operation& operation, std::string_view query,
                                        std::string_view body) const {
    Input input;
    YAGURA_TRY(*input.query, query_of(operation, query));
    if (!operation.body) {
        if (!body.empty()) return std::unexpected{unfit({"body", "is given, but this operation takes none"})};
        return input;
    }
    if (body.empty()) {
        if (operation.body_required) return std::unexpected{unfit({"body", "is missing"})};
        return input;
    }
    bool deep = false;
    *input.body = json::parse(
        body,
        [&](int depth, json::parse_event_t, json&) {
            deep |= depth > static_cast<int>(deepest);
            return !deep;
        },
        false);
    if (deep) return std::unexpected{unfit({"body", cat("is nested more than ", deepest, " deep")})};
    if (input.body->is_discarded()) return std::unexpected{unfit({"body", "is not JSON"})};
    if (auto wrong = misfit(*operation.body, *input.body, "body")) return std::unexpected{unfit(*wrong)};
    return input;
}

std::optional<Misfit> Contract::misfit_of_answer(const Operation& operation, const Response& response) const {
    const auto found = operation.answers.find(response.status);
    if (found == operation.answers.end())
        return Misfit{operation.id, cat("may not answer ", response.status)};
    if (!found->second) return {};
    const auto body = json::parse(response.body, nullptr, false);
    if (body.is_discarded()) return Misfit{operation.id, "answers with what is not JSON"};
    return misfit(*found->second, body, operation.id);
}

std::optional<Misfit> Contract::misfit_of_event(std::string_view data) const {
    const auto body = json::parse(data, nullptr, false);
    if (body.is_discarded() || !event_) return Misfit{"event", "is not JSON"};
    return misfit(*event_, body, "event");
}

Rights Contract::rights() const {
    Rights all;
    for (const auto& operation : operations_)
        if (operation.right.contains('.')) all.insert(operation.right);
    return all;
}

} // namespace yagura::api
