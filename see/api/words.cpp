#include "see/api/words.h"

#include <algorithm>

#include "spine/base/text.h"

namespace yagura::see {

Language language_of(const api::Request& request) {
    const auto asked = request.in_query("lang");
    return asked == "ja" ? Language::ja : asked == "en" ? Language::en : Language::none;
}

std::string_view word(Language language, std::string_view prefix, std::string_view name) {
    if (language == Language::none) return name;
    const auto key = cat(prefix, ".", name);
    const auto rows = sheet_words();
    const auto found = std::ranges::lower_bound(rows, std::string_view{key}, {}, &Words::key);
    if (found == rows.end() || found->key != key) return name;
    return language == Language::ja ? found->ja : found->en;
}

api::Sheet sheet_of(const api::Request& request, std::string_view name,
                    std::vector<std::string_view> columns) {
    const auto language = language_of(request);
    for (auto& column : columns) column = word(language, "column", column);
    return {api::sheet_form(request.in_query("format")), std::string{name}, std::move(columns)};
}

} // namespace yagura::see
