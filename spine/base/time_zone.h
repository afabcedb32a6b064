// Which names of time zones this machine knows (IANA's, as zoneinfo has them). The C library takes any other
// name for UTC and says nothing.
#pragma once

#include <array>
#include <filesystem>
#include <fstream>
#include <string>

namespace yagura {

inline constexpr const char* zone_folder = "/usr/share/zoneinfo";

/// Its file is there and is one (RFC 8536, 3.1): what names times will be right.
inline bool knows_time_zone(const std::string& name) {
    if (name == "UTC") return true;
    if (name.contains("..") || name.contains('\0') || name.starts_with('/')) return false;
    std::error_code error;
    const auto path = std::filesystem::path{zone_folder} / name;
    if (!std::filesystem::is_regular_file(path, error)) return false;
    std::array<char, 4> magic{};
    std::ifstream file{path, std::ios::binary};
    return file.read(magic.data(), magic.size()) && std::string_view{magic.data(), magic.size()} == "TZif";
}

/// The same; where this machine has no zoneinfo at all, the form is all that can be checked.
inline bool is_time_zone(const std::string& name) {
    std::error_code error;
    if (name.contains("..") || name.contains('\0') || name.starts_with('/')) return false;
    return knows_time_zone(name) || !std::filesystem::is_directory(zone_folder, error);
}

} // namespace yagura
