// Who was given the first bytes of a MAC: IEEE's registries, as Debian's ieee-data installs them, and a few
// makers of industrial gear for where that package is not.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <unordered_map>

#include "spine/base/result.h"
#include "spine/observe/endpoint.h"

namespace yagura::see {

inline constexpr std::string_view ieee_data = "/usr/share/ieee-data";

class Makers {
public:
    /// What stands in this program.
    static const Makers& built_in();
    /// oui.csv, mam.csv, oui36.csv and iab.csv of a folder, in addition to the built-in ones. An error only
    /// if there is none of them or one is no such table.
    static Result<Makers> load(const std::filesystem::path& folder);
    /// load(ieee_data) where it is installed, else the built-in ones; read once.
    static const Makers& installed();

    /// Empty: nobody was given this, or it was made up by software.
    std::string_view of(const observe::Mac&) const noexcept;
    std::size_t size() const noexcept { return names_.size(); }

private:
    void add(std::uint64_t prefix, unsigned bits, std::string_view name);
    Result<void> read(const std::filesystem::path& file);

    std::unordered_map<std::uint64_t, std::string> names_; ///< prefix << 8 | its length in bits
};

} // namespace yagura::see
