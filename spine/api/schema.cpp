#include "spine/api/schema.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>

#include "spine/base/rfc3339.h"
#include "spine/base/utf8.h"

namespace yagura::api {

using nlohmann::json;

class Schema {
public:
    std::vector<std::string> types;
    std::vector<json> words; ///< enum
    std::optional<std::regex> pattern;
    std::string pattern_text;
    bool date_time = false;
    std::optional<std::size_t> length_least, length_most, items_least, items_most, members_least;
    std::optional<double> least, most;
    bool unique = false;
    bool closed = false; ///< additionalProperties: false
    const Schema* items = nullptr;
    std::vector<std::pair<std::string, const Schema*>> properties;
    std::vector<std::string> required;
    std::vector<const Schema*> one_of;
    const Schema* same_as = nullptr; ///< $ref
    json default_value;
};

namespace {

std::size_t characters(std::string_view text) {
    std::size_t count = 0;
    for (; !text.empty(); ++count) text.remove_prefix(std::max<std::size_t>(utf8_length(text), 1));
    return count;
}

bool is_type(const json& value, std::string_view type) {
    if (type == "string") return value.is_string();
    if (type == "object") return value.is_object();
    if (type == "array") return value.is_array();
    if (type == "boolean") return value.is_boolean();
    if (type == "null") return value.is_null();
    if (type == "number") return value.is_number();
    // JSON Schema: 1.0 is an integer too.
    if (type == "integer")
        return value.is_number_integer() ||
               (value.is_number_float() && std::trunc(value.get<double>()) == value.get<double>());
    return false;
}

std::string_view type_of(const json& value) {
    return value.is_number_integer() ? std::string_view{"integer"} : std::string_view{value.type_name()};
}

std::string joined(const std::vector<std::string>& words) {
    std::string out;
    for (const auto& word : words) out += cat(out.empty() ? "" : " or ", word);
    return out;
}

std::string shown(const json& value) {
    auto text = value.dump(-1, ' ', true, json::error_handler_t::replace);
    if (text.size() > 60) text = cat(text.substr(0, 60), "...");
    return text;
}

std::string trimmed(double number) {
    return number == std::trunc(number) && std::abs(number) < 1e15 ? cat(static_cast<std::int64_t>(number))
                                                                   : json(number).dump();
}

std::optional<Misfit> misfit_of_text(const Schema& schema, const std::string& text,
                                     const std::string& where) {
    if (schema.length_least || schema.length_most) {
        const auto count = characters(text);
        if (schema.length_least && count < *schema.length_least)
            return Misfit{where,
                          cat("has ", count, " characters, at least ", *schema.length_least, " are needed")};
        if (schema.length_most && count > *schema.length_most)
            return Misfit{where,
                          cat("has ", count, " characters, at most ", *schema.length_most, " are allowed")};
    }
    if (schema.date_time && !from_rfc3339(text))
        return Misfit{where, "is not a time such as 2026-11-20T02:14:19Z"};
    if (schema.pattern && !std::regex_search(text, *schema.pattern))
        return Misfit{where, cat("does not fit ", schema.pattern_text)};
    return {};
}

std::optional<Misfit> misfit_of_object(const Schema& schema, const json& value, const std::string& where) {
    for (const auto& name : schema.required)
        if (!value.contains(name)) return Misfit{cat(where, ".", name), "is missing"};
    if (schema.members_least && value.size() < *schema.members_least)
        return Misfit{where, cat("needs at least ", *schema.members_least, " member")};
    for (const auto& [name, one] : value.items()) {
        const auto found = std::ranges::find(schema.properties, name,
                                             &std::pair<std::string, const Schema*>::first);
        if (found != schema.properties.end()) {
            if (auto wrong = misfit(*found->second, one, cat(where, ".", name))) return wrong;
        } else if (schema.closed) {
            return Misfit{where, cat("has a member ", quoted(std::string_view{name}.substr(0, 60)),
                                     " that nobody knows")};
        }
    }
    return {};
}

std::optional<Misfit> misfit_of_list(const Schema& schema, const json& value, const std::string& where) {
    if (schema.items_least && value.size() < *schema.items_least)
        return Misfit{where,
                      cat("has ", value.size(), " items, at least ", *schema.items_least, " are needed")};
    if (schema.items_most && value.size() > *schema.items_most)
        return Misfit{where,
                      cat("has ", value.size(), " items, at most ", *schema.items_most, " are allowed")};
    if (schema.unique && std::set<json>(value.begin(), value.end()).size() != value.size())
        return Misfit{where, "has an item twice"};
    if (schema.items)
        for (std::size_t i = 0; i < value.size(); ++i)
            if (auto wrong = misfit(*schema.items, value[i], cat(where, "[", i, "]"))) return wrong;
    return {};
}

} // namespace

std::optional<Misfit> misfit(const Schema& schema, const json& value, std::string where) {
    if (schema.same_as)
        if (auto wrong = misfit(*schema.same_as, value, where)) return wrong;
    if (!schema.types.empty() &&
        std::ranges::none_of(schema.types, [&](const auto& type) { return is_type(value, type); }))
        return Misfit{where, cat("is ", type_of(value), ", not ", joined(schema.types))};
    if (!schema.words.empty() && std::ranges::find(schema.words, value) == schema.words.end()) {
        std::string words;
        for (const auto& word : schema.words) words += cat(words.empty() ? "" : ", ", shown(word));
        return Misfit{where, cat("is ", shown(value), ", not one of ", words)};
    }
    if (!schema.one_of.empty()) {
        std::optional<Misfit> first;
        const auto fitting = std::ranges::count_if(schema.one_of, [&](const Schema* one) {
            auto wrong = misfit(*one, value, where);
            if (wrong && !first) first = wrong;
            return !wrong;
        });
        if (fitting == 0) return first;
        if (fitting > 1) return Misfit{where, "fits more than one form"};
    }
    if (value.is_string()) return misfit_of_text(schema, value.get_ref<const std::string&>(), where);
    if (value.is_object()) return misfit_of_object(schema, value, where);
    if (value.is_array()) return misfit_of_list(schema, value, where);
    if (value.is_number()) {
        const auto number = value.get<double>();
        if (schema.least && number < *schema.least)
            return Misfit{where,
                          cat("is ", shown(value), ", at least ", trimmed(*schema.least), " is needed")};
        if (schema.most && number > *schema.most)
            return Misfit{where,
                          cat("is ", shown(value), ", at most ", trimmed(*schema.most), " is allowed")};
    }
    return {};
}

namespace {
/// What stands at the end of a chain of references.
const Schema& resolved(const Schema& schema) { return schema.same_as ? resolved(*schema.same_as) : schema; }
} // namespace

json from_text(const Schema& schema, std::string_view text) {
    const auto& types = resolved(schema).types;
    const auto wants = [&](std::string_view type) { return std::ranges::find(types, type) != types.end(); };
    if (wants("integer") || wants("number")) {
        // Only what JSON calls a number: no " 1", no "0x1", no "1e999".
        auto parsed = json::parse(text, nullptr, false);
        if (parsed.is_number()) return parsed;
    }
    if (wants("boolean") && (text == "true" || text == "false")) return text == "true";
    return std::string{text};
}

bool is_list(const Schema& schema) {
    const auto& types = resolved(schema).types;
    return std::ranges::find(types, "array") != types.end();
}
const Schema* items_of(const Schema& schema) { return resolved(schema).items; }
const json& default_of(const Schema& schema) {
    return schema.same_as && schema.default_value.is_null() ? default_of(*schema.same_as)
                                                            : schema.default_value;
}

struct Schemas::Parts {
    std::vector<std::unique_ptr<Schema>> all;
    std::unordered_map<std::string, const Schema*> by_reference;

    Result<const Schema*> compile(const json& from, const json& document);
    Result<void> fill(Schema&, const json& from, const json& document);
    Result<void> fill_structure(Schema&, const json& from, const json& document);
};

Schemas::Schemas() : parts_{std::make_unique<Parts>()} {}
Schemas::~Schemas() = default;
Schemas::Schemas(Schemas&&) noexcept = default;
Schemas& Schemas::operator=(Schemas&&) noexcept = default;

Result<const Schema*> Schemas::compile(const json& schema, const json& document) {
    return parts_->compile(schema, document);
}

namespace {

Complaint bad_contract(std::string what) {
    return {.code = "api.bad-contract",
            .what = std::move(what),
            .next = "mend api.yaml, or teach spine/api/schema.cpp the keyword"};
}

constexpr std::array known{"type",          "enum",        "pattern",
                           "format",        "minLength",   "maxLength",
                           "minimum",       "maximum",     "minItems",
                           "maxItems",      "uniqueItems", "items",
                           "required",      "properties",  "additionalProperties",
                           "minProperties", "oneOf",       "$ref",
                           "default",       "description", "contentMediaType"};

std::optional<std::size_t> size_at(const json& from, const char* name) {
    const auto found = from.find(name);
    return found == from.end() ? std::nullopt : std::optional{found->get<std::size_t>()};
}

std::optional<double> number_at(const json& from, const char* name) {
    const auto found = from.find(name);
    return found == from.end() ? std::nullopt : std::optional{found->get<double>()};
}

} // namespace

Result<const Schema*> Schemas::Parts::compile(const json& from, const json& document) {
    auto& schema = *all.emplace_back(std::make_unique<Schema>());
    if (auto done = fill(schema, from, document); !done) return std::unexpected{done.error()};
    return &schema;
}

Result<void> Schemas::Parts::fill(Schema& schema, const json& from, const json& document) {
    for (const auto& [name, value] : from.items())
        if (std::ranges::find(known, name) == known.end())
            return std::unexpected{bad_contract(cat("the contract uses '", name, "', which is not checked"))};
    if (const auto found = from.find("$ref"); found != from.end()) {
        const auto& path = found->get_ref<const std::string&>();
        auto& slot = by_reference[path];
        if (!slot) {
            auto& target = *all.emplace_back(std::make_unique<Schema>());
            slot = &target; // Before it is filled: a schema may name itself.
            const json::json_pointer pointer{path.starts_with('#') ? path.substr(1) : path};
            if (!document.contains(pointer))
                return std::unexpected{bad_contract(cat("the contract names ", path, ", which is nowhere"))};
            if (auto done = fill(target, document[pointer], document); !done) return done;
        }
        schema.same_as = by_reference[path];
    }
    if (const auto found = from.find("type"); found != from.end())
        schema.types = found->is_array() ? found->get<std::vector<std::string>>()
                                         : std::vector{found->get<std::string>()};
    if (const auto found = from.find("enum"); found != from.end())
        schema.words = found->get<std::vector<json>>();
    if (const auto found = from.find("pattern"); found != from.end()) {
        schema.pattern_text = found->get<std::string>();
        if (!from.contains("maxLength"))
            return std::unexpected{
                bad_contract(cat("the pattern ", schema.pattern_text, " has no maxLength beside it"))};
        schema.pattern.emplace(schema.pattern_text, std::regex::ECMAScript | std::regex::optimize);
    }
    if (const auto found = from.find("format"); found != from.end()) schema.date_time = *found == "date-time";
    schema.length_least = size_at(from, "minLength");
    schema.length_most = size_at(from, "maxLength");
    schema.items_least = size_at(from, "minItems");
    schema.items_most = size_at(from, "maxItems");
    schema.members_least = size_at(from, "minProperties");
    schema.least = number_at(from, "minimum");
    schema.most = number_at(from, "maximum");
    schema.unique = from.value("uniqueItems", false);
    if (const auto found = from.find("default"); found != from.end()) schema.default_value = *found;
    return fill_structure(schema, from, document);
}

Result<void> Schemas::Parts::fill_structure(Schema& schema, const json& from, const json& document) {
    schema.closed = from.contains("additionalProperties") && from["additionalProperties"] == false;
    if (const auto found = from.find("items"); found != from.end()) {
        YAGURA_TRY(schema.items, compile(*found, document));
    }
    if (const auto found = from.find("required"); found != from.end())
        schema.required = found->get<std::vector<std::string>>();
    if (const auto found = from.find("properties"); found != from.end())
        for (const auto& [name, one] : found->items()) {
            YAGURA_TRY(const auto* property, compile(one, document));
            schema.properties.emplace_back(name, property);
        }
    if (const auto found = from.find("oneOf"); found != from.end())
        for (const auto& one : *found) {
            YAGURA_TRY(const auto* form, compile(one, document));
            schema.one_of.push_back(form);
        }
    return {};
}

} // namespace yagura::api
