#include "see/ask/query.h"

#include <algorithm>

namespace yagura::see::ask {

namespace queries {
std::span<const Query* const> table() noexcept; // made from the files of queries/
} // namespace queries

void Facts::keep(Fact fact, std::string_view text) {
    text = text.substr(0, std::min(text.find('\0'), text_most));
    while (!text.empty() && static_cast<unsigned char>(text.front()) <= ' ') text.remove_prefix(1);
    while (!text.empty() && static_cast<unsigned char>(text.back()) <= ' ') text.remove_suffix(1);
    if (text.empty()) return;
    if (all_.size() == most) {
        ++refused_;
        return;
    }
    fact.value = text;
    all_.push_back(std::move(fact));
}

void Facts::say(observe::Attribute attribute, std::string_view text, std::uint8_t confidence,
                std::optional<observe::Mac> about) {
    keep({.attribute = attribute, .value = {}, .confidence = confidence, .about = about}, text);
}
void Facts::say(std::uint32_t interface, std::string_view field, std::string_view text) {
    keep({.value = {}, .port = Port{interface, field, {}}}, text);
}
void Facts::say(std::uint32_t interface, std::string_view field, std::uint64_t number) {
    keep({.value = {}, .port = Port{interface, field, number}}, std::to_string(number));
}
void Facts::say(Near near, std::string_view name) { keep({.value = {}, .near = std::move(near)}, name); }

std::span<const Query* const> all_queries() noexcept { return queries::table(); }

const Query* find_query(std::string_view name) noexcept {
    const auto all = all_queries();
    const auto found = std::ranges::find(all, name, &Query::name);
    return found == all.end() ? nullptr : *found;
}

} // namespace yagura::see::ask
