// Which products an advisory means, out of what people write as a product's name.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "see/weakness/advisory.h"
#include "see/weakness/catalog.h"
#include "see/weakness/range.h"

namespace yagura::see::weakness {

struct ProductName {
    std::vector<std::string> vendors{};  ///< words of the catalogue
    std::vector<std::string> helper{};   ///< order numbers that the advisory gives as such, canonical
    std::vector<std::string> models{};   ///< out of its name, canonical, with "*" and "?"
    std::vector<std::string> family{};   ///< of the catalogue, where it gives none
    std::vector<std::string> words{};    ///< its name otherwise
    bool open = false;                   ///< "series", "all models": variants behind a dash are meant too
    std::string series{};                ///< "ABC": the letters of Rockwell's series; empty: any
    std::optional<SerialRange> serial{}; ///< "(Serial number 179**** and prior)"
    std::string condition{};             ///< "running X": nobody here can decide it
};

/// Never fails: a name that gives neither an order number nor a family is its words.
ProductName read_product(const Product& product, const Catalog& catalog = Catalog::own());

} // namespace yagura::see::weakness
