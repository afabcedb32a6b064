// A note about weaknesses in products, from whatever file it came: which products, which versions, what to
// do.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace yagura::see::weakness {

/// How a product's version is given.
enum class Versions : std::uint8_t {
    none,  ///< the advisory names the product alone
    exact, ///< product_version: this one
    range, ///< product_version_range: what read_range() makes of it
};

struct Product {
    std::string id{};
    std::string vendor{}, name{}; ///< as the advisory writes them
    std::string version{};        ///< one version, or a range, by `versions`
    std::string condition{};      ///< "with X", "on Y": what else has to be so
    Versions versions = Versions::none;
    std::vector<std::string> models{}, serials{}, cpes{}, purls{};
    bool operator==(const Product&) const = default;
};

enum class Status : std::uint8_t { affected, not_affected, fixed, investigated };
inline constexpr std::size_t status_count = 4;

/// What can be done, as CSAF's categories say.
enum class Remedy : std::uint8_t { mitigation, no_fix_planned, none_available, vendor_fix, workaround };
std::string_view word(Remedy) noexcept;
std::optional<Remedy> remedy_of(std::string_view word) noexcept;

struct Remediation {
    Remedy category{};
    std::string details{}, url{};
    std::vector<std::uint32_t> products{}; ///< places in Advisory::products
    bool operator==(const Remediation&) const = default;
};

struct Vulnerability {
    std::string cve{}; ///< "CVE-2023-1234"; empty: it has none
    std::string title{}, cwe{}, text{};
    double score = -1; ///< of CVSS; below 0: not given
    std::string vector{};
    std::array<std::vector<std::uint32_t>, status_count> products{}; ///< by Status
    std::vector<Remediation> remediations{};
    bool operator==(const Vulnerability&) const = default;
};

struct Advisory {
    std::string id{};     ///< "ICSA-23-208-02", "CVE-2024-1234"
    std::string source{}; ///< "csaf", "nvd"
    std::string title{}, publisher{}, revision{}, url{};
    std::string first{}, current{}; ///< dates as the file writes them
    std::vector<Product> products{};
    std::vector<Vulnerability> vulnerabilities{};
    bool operator==(const Advisory&) const = default;

    double score() const noexcept; ///< the highest; below 0: none is given
};

/// critical, high, medium, low by CVSS 3; "unknown" where there is no score.
std::string_view severity(double score) noexcept;

/// One line of JSON, and back; nothing for what is none. For our own files: whoever writes one here reads it.
std::string text_of(const Advisory&);
std::optional<Advisory> advisory_of(std::string_view text);

} // namespace yagura::see::weakness
