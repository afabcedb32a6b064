// What somebody who mistyped a name most likely meant.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace yagura::run {

/// Levenshtein distance, so that "jurnal-days" finds its way home.
inline std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        auto diagonal = std::exchange(row[0], i);
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const auto replaced = diagonal + (a[i - 1] != b[j - 1]);
            diagonal = std::exchange(row[j], std::min({replaced, row[j] + 1, row[j - 1] + 1}));
        }
    }
    return row.back();
}

template <class Names> // one at least
std::string nearest(const Names& names, std::string_view wanted) {
    return std::string{
        *std::ranges::min_element(names, {}, [&](const auto& name) { return distance(name, wanted); })};
}

} // namespace yagura::run
