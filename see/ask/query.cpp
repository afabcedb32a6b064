#include "see/ask/query.h"

#include <algorithm>

namespace yagura::see::ask {

namespace queries {
std::span<const Query* const> table() noexcept; // made from the files of queries/
} // namespace queries

void Facts::say(observe::Attribute attribute, std::string_view text, std::uint8_t confidence,
                std::optional<observe::Mac> about) {
    text = text.substr(0, std::min(text.find('\0'), text_most));
    while (!text.empty() && static_cast<unsigned char>(text.front()) <= ' ') text.remove_prefix(1);
    while (!text.empty() && static_cast<unsigned char>(text.back()) <= ' ') text.remove_suffix(1);
    if (text.empty()) return;
    if (all_.size() == most) {
        ++refused_;
        return;
    }
    all_.push_back({attribute, std::string{text}, confidence, about});
}

std::span<const Query* const> all_queries() noexcept { return queries::table(); }

const Query* find_query(std::string_view name) noexcept {
    const auto all = all_queries();
    const auto found = std::ranges::find(all, name, &Query::name);
    return found == all.end() ? nullptr : *found;
}

} // namespace yagura::see::ask
