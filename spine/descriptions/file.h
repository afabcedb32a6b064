// Files in which people describe protocols of their plant that Yagura does not know: TOML, one [[protocol]]
// each. docs/operating/own-protocols.md is the page for those who write them.
#pragma once

#include <string_view>
#include <vector>

#include "spine/dissect/described.h"

namespace yagura::descriptions {

inline constexpr std::size_t file_most = 256u << 10; ///< bytes

/// `path` stands in complaints alone, with line and column.
Result<std::vector<dissect::Description>> parse(std::string_view toml, std::string_view path);

/// Reads the file and adds its protocols to those of this run (dissect::describe).
Result<void> load(const std::string& path);

} // namespace yagura::descriptions
