// Who was given the first bytes of a MAC: IEEE's registries, as Debian's ieee-data installs them, and a few
// makers of industrial gear for where that package is not.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

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
    /// How many blocks there are; one that was given twice counts twice.
    std::size_t size() const noexcept { return blocks_.size(); }

private:
    /// 50,000 of them: they point into the files' own text, for every program reads them when it starts.
    struct Block {
        std::uint64_t key; ///< prefix << 8 | its length in bits
        std::string_view name;
        std::uint32_t next; ///< the one before with the same head, + 1
    };

    /// `name` lives as long as texts_.
    void add(std::uint64_t prefix, unsigned bits, std::string_view name);
    /// Empty: there is no such block.
    std::string_view find(std::uint64_t key) const noexcept;
    Result<void> read(const std::filesystem::path& file);

    std::vector<std::uint32_t> heads_ = std::vector<std::uint32_t>(1U << 16); ///< the latest block + 1
    std::vector<Block> blocks_;
    std::vector<std::shared_ptr<const std::string>> texts_;
};

} // namespace yagura::see
