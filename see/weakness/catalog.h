// What the project knows of makers: their names, their order numbers, how they count versions. Data, in
// catalog/.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "see/weakness/version.h"

namespace yagura::see::weakness {

/// The text of catalog/<name>.tsv; made by CMake.
std::string_view catalog_table(std::string_view name) noexcept;

/// Capitals and digits alone, and "*", "?" where they are kept: "1756-EN2T" is 1756EN2T. What is not ASCII
/// stays.
std::string canonical(std::string_view text, bool keep_wildcards = false);
/// `pattern` in canonical form with "*" (anything), "?" (one character) and "#" (one digit).
bool fits(std::string_view pattern, std::string_view text) noexcept;
/// Words of a text, canonical each, without those that say nothing (catalog/generic.tsv).
std::vector<std::string> words_of(std::string_view text);
/// Whether `part` stands in `all` word by word.
bool contains_words(const std::vector<std::string>& all, const std::vector<std::string>& part);

struct Family {
    std::string vendor{};
    std::vector<std::string> words{};
    std::vector<std::string> patterns{}; ///< canonical
};
struct HowTo {
    std::string vendor{}, fact{}, en{}, ja{};
};

class Catalog {
public:
    static const Catalog& own();

    /// The word of a maker; of several names ("ABB, Siemens, and WAGO") each one's. Unknown makers are their
    /// own name without its legal form, so that two advisories of one fit each other.
    std::vector<std::string> vendors(std::string_view name) const;
    bool known(std::string_view vendor) const;
    /// Whether a word of a name is an order number of this maker by itself.
    bool is_order_number(std::string_view vendor, std::string_view word) const;
    const std::vector<Family>& families() const noexcept { return families_; }
    const std::vector<Family>& told() const noexcept { return told_; }
    Order order(std::string_view vendor, const std::vector<std::string>& product_words) const;
    /// A name that an advisory misspells, as it is meant.
    std::string meant(std::string_view vendor, std::string_view name) const;
    const HowTo* how_to(std::string_view vendor, std::string_view fact) const;

private:
    struct Name {
        std::string text{};
        bool open = false;
        std::string vendor{};
    };
    struct Counting {
        std::string vendor{};
        std::vector<std::string> words{};
        Order order{};
    };
    Catalog();
    std::string vendor_of(std::string_view name) const;

    std::vector<Name> names_{};
    std::vector<std::pair<std::string, std::string>> orders_{};
    std::vector<Family> families_{}, told_{};
    std::vector<Counting> counting_{};
    std::vector<HowTo> how_{};
    std::vector<std::array<std::string, 3>> spelled_{};
};

} // namespace yagura::see::weakness
