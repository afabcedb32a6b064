// The part of JSON Schema (draft 2020-12, as OpenAPI 3.1 has it) that the contract uses, checked at run time.
//
// Keywords: type (one or several), enum, minLength, maxLength, pattern, format date-time, minimum, maximum,
// minItems, maxItems, uniqueItems, items, required, properties, additionalProperties (true or false),
// minProperties, oneOf, $ref inside the document. Any other keyword that restricts is refused at start:
// a check that is written down and not made is worse than none.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "spine/base/result.h"

namespace yagura::api {

/// What does not fit, where and what would: "body.name", "has 3 characters, at least 12 are needed".
struct Misfit {
    std::string where;
    std::string what;
};

/// One compiled schema. Owned by Schemas, which outlives it.
class Schema;

class Schemas {
public:
    Schemas();
    ~Schemas();
    Schemas(Schemas&&) noexcept;
    Schemas& operator=(Schemas&&) noexcept;

    /// `document`: what $ref looks into. Compiled once per reference, so a schema may name itself.
    Result<const Schema*> compile(const nlohmann::json& schema, const nlohmann::json& document);

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

/// Nothing if `value` fits.
std::optional<Misfit> misfit(const Schema&, const nlohmann::json& value, std::string where);

/// Text of a parameter as the value that its schema wants: "12" as 12 for an integer, "true" for a boolean.
/// Text stays text where it is none, and misfit() says so.
nlohmann::json from_text(const Schema&, std::string_view text);

bool is_list(const Schema&);
const Schema* items_of(const Schema&);
/// The default, or null if there is none.
const nlohmann::json& default_of(const Schema&);

} // namespace yagura::api
