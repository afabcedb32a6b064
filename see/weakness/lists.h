// Lists that stand beside advisories: what is exploited (KEV), how likely that is (EPSS), what is out of
// support.
#pragma once

#include <string>
#include <vector>

#include "see/weakness/json_file.h"

namespace yagura::see::weakness {

/// A row of CISA's catalogue of known exploited vulnerabilities.
struct Exploited {
    std::string cve{}, name{}, added{}, due{};
    bool ransomware = false;
    bool operator==(const Exploited&) const = default;
};
struct ExploitedRead {
    std::vector<Exploited> rows{};
    std::string dated{};
};
/// Complaints: those of read_json(), feed.misfit.
Result<ExploitedRead> read_exploited(Bytes text, std::string_view file, std::size_t most = 50'000);

/// FIRST's score: how likely it is that somebody exploits this within 30 days.
struct Likelihood {
    std::string cve{};
    double score = 0, percentile = 0; ///< 0 to 1
    bool operator==(const Likelihood&) const = default;
};
struct LikelihoodRead {
    std::vector<Likelihood> rows{};
    std::string dated{};
};
/// A CSV with a remark and a heading in front. Complaints: feed.misfit with the row, feed.too-large.
Result<LikelihoodRead> read_likelihood(Bytes text, std::string_view file, std::size_t most = 1'000'000);

/// Until when a maker mends a release. Dates are ISO; "": not said; "false": no end is known.
struct Support {
    std::string product{}, title{}, category{}, cycle{}, label{}, latest{};
    std::string active_end{}, end{}, extended_end{};
    bool operator==(const Support&) const = default;
};
/// A CSV whose first row names its columns: product, cycle and end_of_life at least.
Result<std::vector<Support>> read_support(Bytes text, std::string_view file, std::size_t most = 20'000);

} // namespace yagura::see::weakness
