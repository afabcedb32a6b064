#include "see/ledger/entry.h"

#include <algorithm>

namespace yagura::see::ledger {
namespace {

constexpr std::array<std::string_view, field_count> keys{
    "number", "name",  "ip",         "mac",   "vendor",  "product",     "serial",      "firmware", "kind",
    "line",   "place", "department", "owner", "contact", "criticality", "maintenance", "supplier", "note"};

} // namespace

std::string_view key(Field field) noexcept { return keys[static_cast<std::size_t>(field)]; }

std::optional<Field> field_of(std::string_view key) noexcept {
    const auto at = std::ranges::find(keys, key);
    if (at == keys.end()) return {};
    return static_cast<Field>(at - keys.begin());
}

} // namespace yagura::see::ledger
