// NVD's records (API 2.0's JSON, as the yearly files have it): one advisory for each CVE.
#pragma once

#include "see/weakness/advisory.h"
#include "see/weakness/catalog.h"
#include "see/weakness/json_file.h"

namespace yagura::see::weakness {

struct NvdLimits {
    JsonLimits one{.bytes = 4u << 20, .values = 200'000, .depth = 24};
    std::size_t records = 100'000;
    std::size_t products = 2'000; ///< of one record
};

struct NvdRead {
    std::vector<Advisory> advisories{};
    std::string dated{};
    std::size_t passed_over = 0; ///< of makers that the catalogue does not know, or without configurations
};

/// Only records with a maker of the catalogue are kept: the rest is of no plant's equipment. Complaints:
/// feed.not-json, feed.misfit, feed.too-large.
Result<NvdRead> read_nvd(Bytes text, std::string_view file, const NvdLimits& limits = {},
                         const Catalog& catalog = Catalog::own());

/// "cpe:2.3:o:siemens:s7_firmware:…" in its parts, unescaped; empty if it is none.
std::vector<std::string> cpe_parts(std::string_view cpe);

} // namespace yagura::see::weakness
