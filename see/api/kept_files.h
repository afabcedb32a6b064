// What a person imported, on disk for the decision that names it; and tables in the encoding that somebody
// can open.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "spine/api/http.h"
#include "spine/base/result.h"

namespace yagura::see {

/// Whole and on the disk, or not there. `what` is told if it cannot be: "the ledger".
Result<void> write_whole(const std::string& folder, const std::string& name, std::string_view text,
                         std::string_view what);
/// Takes out all but the newest and those that are in use.
void forget_old(const std::string& folder, const std::vector<std::string>& in_use = {});

/// Files with this ending are no imports: one of them counts, the others go.
inline constexpr std::string_view layout_ending = ".layout";
void forget_layouts(const std::string& folder, const std::string& but);

/// A CSV in utf-8, utf-8-bom or cp932.
api::Response in_encoding(api::Response response, std::string_view encoding);

} // namespace yagura::see
