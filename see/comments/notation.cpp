#include "see/comments/notation.h"

#include <algorithm>
#include <array>

#include "see/comments/areas.h"
#include "spine/base/text.h"

namespace yagura::see::comments {
namespace {

constexpr std::array<std::string_view, notation_count> keys{"melsec",  "melsec_octal", "keyence", "omron",
                                                            "siemens", "logix",        "names",   "modbus"};

/// Longer than any address; what is longer is a text in the wrong column.
constexpr std::size_t address_most = 256;

std::vector<std::string> as_written(std::string_view text) {
    return text.empty() ? std::vector<std::string>{} : std::vector{std::string{text}};
}

} // namespace

std::string_view key(Notation notation) noexcept { return keys[static_cast<std::size_t>(notation)]; }

std::optional<Notation> notation_of(std::string_view key) noexcept {
    const auto* const found = std::ranges::find(keys, key);
    return found == keys.end() ? std::nullopt : std::optional{static_cast<Notation>(found - keys.begin())};
}

std::vector<std::string> objects_of(Notation notation, std::string_view address) {
    if (address.size() > address_most) return {};
    switch (notation) {
    case Notation::melsec:
        return melsec_objects(close(address), false);
    case Notation::melsec_octal:
        return melsec_objects(close(address), true);
    case Notation::keyence:
        return keyence_objects(close(address));
    case Notation::omron:
        return omron_objects(close(address));
    case Notation::siemens:
        return siemens_objects(close(address));
    case Notation::logix:
    case Notation::names:
        return as_written(address);
    case Notation::modbus:
        return modbus_objects(address);
    }
    return {};
}

} // namespace yagura::see::comments
