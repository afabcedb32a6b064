// The list of devices that `yagura read --what assets` prints (docs/assets.md): the published shape.
#pragma once

#include <functional>
#include <string>

#include "see/portrait.h"
#include "spine/base/json.h"

namespace yagura::see {

/// The name of a file by the source number of evidence; empty where there is only one.
using FileOf = std::function<std::string_view(std::uint32_t source)>;

/// One device as an object. What is unknown is left out; `role` is "unknown" where nobody can tell.
void write(JsonWriter&, const Portrait&, const FileOf& = {});

/// All of them, in the order of their ids. Settles the plant.
std::string assets_json(model::Plant&, const Makers& = Makers::installed(), const FileOf& = {});

/// The same as portraits, for tables.
std::vector<Portrait> assets(model::Plant&, const Makers& = Makers::installed());

} // namespace yagura::see
