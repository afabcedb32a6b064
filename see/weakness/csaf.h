// CSAF 2.0 (OASIS, 2022): advisories of makers and of CERTs, one JSON file each.
#pragma once

#include "see/weakness/advisory.h"
#include "see/weakness/json_file.h"

namespace yagura::see::weakness {

struct CsafLimits {
    JsonLimits json{};
    std::size_t products = 20'000;
    std::size_t vulnerabilities = 5'000;
    std::size_t references = 2'000'000; ///< of vulnerabilities and remedies to products, all together
};

/// Products come from branches, full_product_names and relationships; groups are resolved. A product of a
/// relationship has the other product's order numbers where a firmware is installed on it. Unknown members
/// are passed over; what is kept of a text is clipped. Complaints: those of read_json(); feed.not-csaf for
/// JSON that is something else; feed.misfit with the pointer for CSAF that breaks its own rules.
Result<Advisory> read_csaf(Bytes text, std::string_view file, const CsafLimits& limits = {});

/// The same of what has been read already.
Result<Advisory> csaf_of(const json& document, std::string_view file, const CsafLimits& limits = {});
bool looks_like_csaf(const json& document);

} // namespace yagura::see::weakness
