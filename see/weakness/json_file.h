// A stranger's JSON within limits, and complaints that say where in it.
#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "spine/base/bytes.h"
#include "spine/base/result.h"

namespace yagura::see::weakness {

using json = nlohmann::json;

struct JsonLimits {
    std::size_t bytes = 32u << 20;
    std::size_t values = 2'000'000; ///< commas, colons and brackets: each stands for one at most
    std::size_t depth = 48;
};

/// Complaints: feed.too-large, feed.not-json. `file`: its name, for them.
Result<json> read_json(Bytes text, std::string_view file, const JsonLimits& limits = {});

/// feed.misfit: the file is JSON, and not what it has to be. `where` becomes "file /json/pointer".
Complaint misfit(std::string_view file, std::string_view pointer, std::string what);
Complaint too_large(std::string_view file, std::string why);

/// The objects of the array `key` of the outermost object, each read alone, so that a file of hundreds of
/// megabytes takes no more memory than its largest one. Returns how many there were. `take` gets its place
/// too. Complaints: those of read_json() and what `take` returns; feed.misfit if there is no such array.
Result<std::size_t> each_object(Bytes text, std::string_view file, std::string_view key,
                                const JsonLimits& one_limits,
                                const std::function<Result<void>(const json&, std::size_t)>& take);

/// Text of a member, cut to `most` bytes between characters; empty if it is none or no text.
std::string text_in(const json& object, const char* key, std::size_t most = 512);
std::string clipped(std::string_view text, std::size_t most);

} // namespace yagura::see::weakness
