#include "spine/api/http.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "spine/base/rfc3339.h"
#include "spine/base/utf8.h"

namespace yagura::api {

std::string_view Request::in_path(std::string_view name) const {
    const auto found = path.find(name);
    return found == path.end() ? std::string_view{} : std::string_view{found->second};
}

std::string Request::in_query(std::string_view name) const {
    const auto found = query.find(std::string{name});
    return found == query.end() || !found->is_string() ? std::string{} : found->get<std::string>();
}

Response answer(const nlohmann::json& body, int status) {
    return {.status = status, .body = body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)};
}

Response problem(int status, const Complaint& complaint) {
    nlohmann::json body{{"type", cat("/complaints/", complaint.code)},
                        {"title", clipped(complaint.what, 1024)},
                        {"status", status},
                        {"code", complaint.code}};
    if (!complaint.why.empty()) body["why"] = clipped(complaint.why, 1024);
    if (!complaint.where.empty()) body["where"] = clipped(complaint.where, 256);
    if (!complaint.next.empty()) body["detail"] = clipped(complaint.next, 1024);
    auto out = answer(body, status);
    out.type = "application/problem+json";
    return out;
}

std::string clipped(std::string_view text, std::size_t most) {
    std::string out;
    for (std::size_t characters = 0; !text.empty() && characters < most; ++characters) {
        const auto length = utf8_length(text);
        if (length == 0)
            out += "\xef\xbf\xbd";
        else
            out += text.substr(0, length);
        text.remove_prefix(std::max<std::size_t>(length, 1));
    }
    return out;
}

std::string time_text(std::int64_t nanoseconds) { return rfc3339(nanoseconds); }

} // namespace yagura::api
