// What plants call kinds of equipment, as roles.
#pragma once

#include <string_view>

namespace yagura::see::ledger {

enum class Fits : std::uint8_t { unknown, yes, no };
/// Whether a kind as the ledger calls it ("シーケンサ", "PC", "L2スイッチ") is a role; unknown, where its
/// words are none that we know or the role is.
Fits fits(std::string_view kind, std::string_view role);

} // namespace yagura::see::ledger
