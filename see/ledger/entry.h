// One line of the plant's own ledger (台帳): what somebody wrote down about a device.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace yagura::see::ledger {

enum class Field : std::uint8_t {
    number,
    name,
    ip,
    mac,
    vendor,
    product,
    serial,
    firmware,
    kind,
    line,
    place,
    department,
    owner,
    contact,
    criticality,
    maintenance,
    supplier,
    note
};
inline constexpr std::size_t field_count = 18;

/// "number", "name", … as the API says them; they never change.
std::string_view key(Field) noexcept;
std::optional<Field> field_of(std::string_view key) noexcept;

/// Bytes of UTF-8 that a value of an entry has at most.
inline constexpr std::size_t value_most = 512;

struct Entry {
    std::uint64_t id = 0;  ///< 0: not kept yet
    std::uint32_t row = 0; ///< of the file, from 1, as a spreadsheet counts; 0: made by hand
    /// In normal form, empty where the ledger does not say. ip and mac hold several with one space between
    /// them, a MAC is aa:bb:cc:dd:ee:ff; criticality is "high", "medium" or "low".
    std::array<std::string, field_count> values{};

    std::string& operator[](Field field) noexcept { return values[static_cast<std::size_t>(field)]; }
    const std::string& operator[](Field field) const noexcept {
        return values[static_cast<std::size_t>(field)];
    }
    bool operator==(const Entry&) const = default;
};

} // namespace yagura::see::ledger
