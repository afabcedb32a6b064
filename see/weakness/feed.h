// A file that somebody brings: which kind it is, and what is in it. Alone, packed by gzip, or many in a ZIP.
#pragma once

#include <string>
#include <vector>

#include "see/weakness/advisory.h"
#include "see/weakness/lists.h"

namespace yagura::see::weakness {

struct FeedLimits {
    std::size_t bytes = 128u << 20;
    std::size_t one = 256u << 20; ///< of one file, unpacked
    std::size_t unpacked = 768u << 20;
    std::size_t files = 50'000; ///< in one ZIP
    std::size_t advisories = 100'000;
    std::size_t text = 512u << 20; ///< bytes of advisories in our form
};

struct FeedFile {
    std::vector<Advisory> advisories{};
    std::vector<Exploited> exploited{};
    std::vector<Likelihood> likelihoods{};
    std::vector<Support> supports{};
    std::string csaf_dated{}, nvd_dated{}, exploited_dated{}, likelihood_dated{};
    std::size_t files = 0;             ///< that were read
    std::size_t passed_over = 0;       ///< records of makers that nobody here knows
    std::vector<Complaint> problems{}; ///< files of a ZIP that were not read: the first hundred
    std::size_t problem_count = 0;
    std::size_t other_files = 0; ///< of a ZIP: signatures, indexes, pages
};

/// One file is read whole or not at all. Of a ZIP every file that can be read is; the others are told.
/// Complaints: those of the readers, feed.unknown-kind, feed.damaged.
Result<FeedFile> read_feed(Bytes file, std::string_view name, const FeedLimits& limits = {});

} // namespace yagura::see::weakness
