// Rows of Studio 5000's list of tags ("Logix 5000 Controllers Import/Export", 1756-RM014). For this folder.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace yagura::see::comments {

struct LogixTag {
    std::string address;
    std::vector<std::string> objects{}; ///< the tag; an alias also by what it stands for
};
/// TAG and ALIAS by their name, COMMENT by the operand that it is about. Nothing for comments of rungs and
/// for kinds that nobody knows.
std::optional<LogixTag> logix_row(std::string_view kind, std::string_view scope, std::string_view name,
                                  std::string_view specifier);

/// $N is a line end, $$ a dollar, $Q a quote, $30EF a character of UTF-16.
std::string unescaped_logix(std::string_view text);

} // namespace yagura::see::comments
