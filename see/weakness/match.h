// Is this thing one that an advisory means, and how do we know: three answers, each with its proof.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "see/weakness/advisory.h"
#include "see/weakness/product_name.h"
#include "see/weakness/range.h"

namespace yagura::see::weakness {

/// One thing that is known of a device, and where it was seen.
struct Fact {
    std::string attribute{}; ///< "vendor", "product", "module", "firmware", "serial", …
    std::string value{};
    std::string
        protocol{}; ///< "mac": of its network card, which proves no maker; "ledger": a person wrote it
    std::uint32_t source = 0;
    std::uint64_t frame = 0;
    std::uint32_t offset = 0;
    std::uint8_t confidence = 0;
    bool operator==(const Fact&) const = default;
};

/// A device, or one module of it.
struct Thing {
    std::vector<Fact> facts{};
};

enum class Verdict : std::uint8_t { affected, needs, not_affected };
std::string_view word(Verdict) noexcept;

/// How the product was recognised, surest first.
enum class ProductRule : std::uint8_t {
    order_number, ///< the advisory gives it as such
    model,        ///< an order number in its name
    pattern,      ///< one with places left open: "R04/08/16(EN)CPU", "CJ2M-CPU**"
    family,       ///< of our catalogue: the advisory names only the family
    told,         ///< the device says less than its order number: "FX5UCPU"
    name,         ///< word by word
};
enum class VersionRule : std::uint8_t {
    none,
    in_range,      ///< inside
    named,         ///< this very version
    all_versions,  ///< every version is meant
    below_mended,  ///< older than the one in which its branch, or the fix, mends it
    serial_inside, ///< by the serial number
    above,         ///< newer than all that are meant
    below,         ///< older than all that are meant
    between,       ///< between two ranges
    serial_outside,
    said_fixed,   ///< the advisory says that this product has it not, or not any more
    only_product, ///< the advisory names no version
};
std::string_view word(ProductRule) noexcept;
std::string_view word(VersionRule) noexcept;

/// The fact that is missing; "" where none is: firmware, serial, series, product, condition, advisory, order,
/// disagree.
struct Match {
    Verdict verdict{};
    std::uint32_t product = 0; ///< place in the advisory: the entry that decided
    ProductRule product_rule{};
    VersionRule version_rule{};
    Order order{};
    std::string_view missing{};
    std::string detail{};                 ///< of what is missing: the condition, the two versions
    std::vector<std::uint32_t> facts{};   ///< places in the thing: product, then vendor, version, serial
    std::vector<std::uint32_t> cves{};    ///< places of vulnerabilities that this is about
    std::vector<std::uint32_t> entries{}; ///< all entries of the advisory that are this product
    bool operator==(const Match&) const = default;
};

/// An advisory made ready, so that thousands of things can be held against it.
class Prepared {
public:
    explicit Prepared(std::shared_ptr<const Advisory> advisory, const Catalog& catalog = Catalog::own());

    const Advisory& advisory() const noexcept { return *advisory_; }
    const std::vector<std::string>& vendors() const noexcept { return vendors_; }

    struct Entry {
        std::uint32_t product = 0;
        ProductName name{};
        Range range{};
        std::vector<std::string> models{}; ///< that stand where a version should
        Order order{};
        std::vector<Version> mended{}; ///< versions that fixes of it name
        bool contested = false; ///< another entry of this name and weakness says "up to" another version
        std::vector<std::uint32_t> affected{}, fixed{}, investigated{}; ///< places of vulnerabilities
    };
    const std::vector<Entry>& entries() const noexcept { return entries_; }

private:
    void contest();
    bool not_of_another(std::string_view details, std::uint32_t product) const;

    std::shared_ptr<const Advisory> advisory_;
    std::vector<std::string> vendors_;
    std::vector<Entry> entries_;
};

/// A thing made ready: who made it, and every order number that stands in what it says.
class Known {
public:
    explicit Known(const Thing& thing, const Catalog& catalog = Catalog::own());

    struct Candidate {
        std::string text{}; ///< canonical
        std::uint32_t fact = 0;
        bool beginning = false; ///< cut at a dash: a variant's series
        char series = 0;        ///< "/D" behind it
    };
    const Thing& thing() const noexcept { return thing_; }
    /// Words of the catalogue. Empty: nobody but its network card says who made it.
    const std::vector<std::string>& vendors() const noexcept { return vendors_; }
    const std::vector<std::string>& card_vendors() const noexcept { return card_vendors_; }
    std::uint32_t vendor_fact() const noexcept { return vendor_fact_; }
    const std::vector<Candidate>& candidates() const noexcept { return candidates_; }
    const std::vector<std::pair<std::vector<std::string>, std::uint32_t>>& names() const noexcept {
        return names_;
    }
    struct Told {
        std::vector<std::string> patterns{};
        std::uint32_t fact = 0;
        std::string vendor{};
    };
    const std::vector<Told>& told() const noexcept { return told_; }
    bool has_product() const noexcept { return !candidates_.empty(); }

    static constexpr std::uint32_t nobody = 0xffffffff;

private:
    const Thing& thing_;
    std::vector<std::string> vendors_, card_vendors_;
    std::uint32_t vendor_fact_ = nobody;
    std::vector<Candidate> candidates_;
    std::vector<std::pair<std::vector<std::string>, std::uint32_t>> names_;
    std::vector<Told> told_;
};

/// Nothing: the advisory is not about this thing. Pure; a microsecond where the maker differs.
std::optional<Match> match(const Known& thing, const Prepared& advisory);

} // namespace yagura::see::weakness
