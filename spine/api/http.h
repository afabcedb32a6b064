// What a handler sees of HTTP. Sockets, TLS, routing, checks, sessions and rights are behind it.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "spine/base/bytes.h"
#include "spine/base/result.h"

namespace yagura::api {

/// Verbs such as "device.look" (spine/api/rights.h).
using Rights = std::set<std::string, std::less<>>;

/// Who asks: an account by its session or by one of its API tokens.
struct Principal {
    std::string account; ///< id
    std::string name;
    std::string token;   ///< the API token's name; empty: a session
    std::string session; ///< the session's or the token's id
    std::string csrf;    ///< what X-CSRF-Token has to be; empty for API tokens, which no browser sends
    Rights rights{};
    bool must_change_password = false;
    std::int64_t idle_until = 0, ends = 0; ///< of the session or token
};

/// A request that fits the contract: parameters and body are checked, defaults are filled in.
struct Request {
    const std::map<std::string, std::string, std::less<>>& path; ///< {device_id} and such
    const nlohmann::json& query;                                 ///< an object; numbers are numbers
    const nlohmann::json& body;                                  ///< null where the operation has none
    const Principal* who = nullptr;                              ///< nobody only where x-right is none
    std::string_view from{};                                     ///< the client's address
    std::string_view last_event{};                               ///< Last-Event-ID
    std::uint64_t length = 0;                                    ///< of a streamed body; 0: not said

    /// Text of a path parameter; the contract promises that it is there.
    std::string_view in_path(std::string_view name) const;
    /// A query parameter as text, or empty.
    std::string in_query(std::string_view name) const;
};

struct Response {
    int status = 200;
    std::string body{};
    std::string_view type = "application/json";
    std::vector<std::pair<std::string_view, std::string>> headers{};
    /// What the audit log says beside operation and path, for changes: never a secret.
    std::string audit{};
    /// Whom the audit log names, where the request does not know (a login).
    std::string audit_who{};
    /// Goes on as server-sent events of this principal instead of with a body.
    bool events = false;
};

/// Takes a body too large for memory, piece by piece. Destroyed before finish(): nothing of it stays.
class BodySink {
public:
    virtual ~BodySink() = default;
    virtual Result<void> write(Bytes piece) = 0;
    /// All pieces are there.
    virtual Response finish() = 0;
};

/// JSON as a body. Text that is not UTF-8 becomes U+FFFD rather than an exception.
Response answer(const nlohmann::json&, int status = 200);

/// A Complaint as RFC 9457 problem+json, so that the console shows the same words as the shell.
Response problem(int status, const Complaint&);

/// Text from the network as the contract allows it: UTF-8, at most `most` characters.
std::string clipped(std::string_view text, std::size_t most = 512);

/// Nanoseconds since 1970 as text. 0 never happens in an answer: what is unknown is left out.
std::string time_text(std::int64_t nanoseconds);

} // namespace yagura::api
