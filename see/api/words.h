// What a file for a spreadsheet calls things: in the words of the console, or in those of the API for
// programs.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "spine/api/http.h"
#include "spine/api/sheet.h"

namespace yagura::see {

struct Words {
    std::string_view key{}, en{}, ja{};
};
/// Sorted by key. Made from console/src/words.
std::span<const Words> sheet_words() noexcept;

enum class Language : std::uint8_t { none, en, ja };
/// Of `?lang=`; without it a file is for a program.
Language language_of(const api::Request&);

/// word(ja, "act", "write") is 書込み. Without a language, or where there is no word: the name itself.
std::string_view word(Language, std::string_view prefix, std::string_view name);

/// A file in the form and the language that were asked for; columns are those of the API.
api::Sheet sheet_of(const api::Request&, std::string_view name, std::vector<std::string_view> columns);

} // namespace yagura::see
