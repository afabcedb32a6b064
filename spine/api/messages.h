// Answers and files as HTTP messages, with what a browser must not do with them.
#pragma once

#include <string>

#include "spine/api/http.h"
#include "spine/api/static_files.h"

namespace yagura::api {

/// What a request says about the form of its answer.
struct Wish {
    bool head_only = false;
    bool gzip = false;
    std::string none_match; ///< If-None-Match
};

struct HttpMessage {
    std::string header; ///< from the status line to the empty line
    std::string body;
};

/// `keep`: the connection goes on after it.
HttpMessage message(Response&&, const Wish&, bool keep);
/// Null: there is no such file.
HttpMessage message(const StaticFiles::File*, const Wish&, bool keep);
/// Of server-sent events: without a length, they end with the connection.
std::string events_header();

} // namespace yagura::api
