// The console's files, read once at start: no request ever becomes a path on disk.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "spine/base/result.h"

namespace yagura::api {

class StaticFiles {
public:
    struct File {
        std::string body;
        std::string gzip; ///< empty where it would not be smaller
        std::string etag; ///< with its quotes
        std::string_view type;
        bool forever = false; ///< its name changes with its content
    };

    /// Everything below `directory`; 64 MiB at most. `name.gz` beside `name` is its compressed form; where
    /// there is none it is made here.
    static Result<StaticFiles> load(const std::string& directory);
    /// A console that was not built: the API works, `/` says what to do.
    static StaticFiles none();

    /// The file at this path, else the page that the console's own routes start from, if the path looks
    /// like one of them (no dot in its last part). Null: there is nothing.
    const File* find(std::string_view path) const;
    std::size_t size() const noexcept { return files_.size(); }

private:
    std::map<std::string, File, std::less<>> files_;
};

/// What `Content-Security-Policy` says for the console's page. `nonce` for its styles: Ant Design writes
/// some at run time.
std::string page_policy(std::string_view nonce);
/// Where index.html has this word, each answer has a nonce of its own.
inline constexpr std::string_view nonce_place = "__CSP_NONCE__";

/// RFC 1952. Empty if it would not be smaller.
std::string gzipped(std::string_view text, int level);

} // namespace yagura::api
