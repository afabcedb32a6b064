// The OpenAPI document at work: which operation a request means, whether it fits, whether the answer does.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "spine/api/http.h"
#include "spine/api/schema.h"
#include "spine/base/result.h"

namespace yagura::api {

/// The document that tools/openapi.py put together when this was built.
std::string_view document() noexcept;

struct Parameter {
    std::string name;
    enum class In : std::uint8_t { path, query, header } in{};
    bool required = false;
    const Schema* schema = nullptr;
};

struct Operation {
    std::string id;     ///< operationId
    std::string method; ///< "GET"
    std::string path;   ///< "/devices/{device_id}", below the prefix
    std::string right;  ///< "none", "self" or a verb
    bool stream = false;
    std::vector<Parameter> parameters;
    const Schema* body = nullptr;
    bool body_required = false;
    /// By status; null: an answer without JSON (text/csv, an event stream, no body).
    std::map<int, const Schema*> answers;
    std::vector<std::string> steps; ///< path, cut at '/'

    /// Anything that may change something: it needs X-CSRF-Token and is told to the audit log.
    bool changes() const noexcept { return method != "GET"; }
};

class Contract {
public:
    static constexpr std::string_view prefix = "/api/v1";

    static Result<Contract> open(std::string_view json_document = document());

    struct Match {
        const Operation* operation = nullptr;
        std::map<std::string, std::string, std::less<>> path{};
        std::string
            allow{}; ///< the methods that this path has, when `operation` is missing; empty: no such path
    };
    /// `path`: without query, still percent-encoded. HEAD means GET.
    Match match(std::string_view method, std::string_view path) const;

    /// What the request says, if it fits; else what does not and where. Path parameters that do not fit name
    /// nothing, which is a 404 and not told apart from an id that is not there.
    struct Input {
        std::unique_ptr<nlohmann::json> query, body;
        Input();
        ~Input();
        Input(Input&&) noexcept;
        Input& operator=(Input&&) noexcept;
    };
    Result<Input> check(const Operation&, std::string_view query, std::string_view body) const;
    Result<void> check_header(const Operation&, std::string_view name, std::string_view value) const;
    bool path_fits(const Operation&, const std::map<std::string, std::string, std::less<>>& path) const;

    /// Why this answer is not what the contract promises, or nothing.
    std::optional<Misfit> misfit_of_answer(const Operation&, const Response&) const;
    /// The same for the data of an event.
    std::optional<Misfit> misfit_of_event(std::string_view data) const;

    std::span<const Operation> operations() const noexcept { return operations_; }
    /// Every right that some operation asks for.
    Rights rights() const;

private:
    Result<void> add(const nlohmann::json& path_item, const std::string& path,
                     const nlohmann::json& document);

    Schemas schemas_;
    std::vector<Operation> operations_;
    const Schema* event_ = nullptr;
};

/// %41 as A. Nothing if it is broken, or if what comes out holds a NUL or is not UTF-8.
std::optional<std::string> decoded(std::string_view text, bool plus_is_space);

} // namespace yagura::api
