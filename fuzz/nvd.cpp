// A stranger's file of weaknesses, whatever kind it says it is: NVD, KEV, EPSS, end of support, packed or
// not.
#include <cstdlib>
#include <memory>

#include "see/weakness/feed.h"
#include "see/weakness/match.h"

namespace yagura::fuzz {

void nvd(Bytes input) {
    namespace weakness = see::weakness;
    constexpr weakness::FeedLimits limits{.bytes = 1u << 16,
                                          .one = 1u << 18,
                                          .unpacked = 1u << 19,
                                          .files = 16,
                                          .advisories = 100,
                                          .text = 1u << 20};
    const auto read = weakness::read_feed(input, "fuzz", limits);
    if (!read) {
        if (!read.error().code.starts_with("feed.") || read.error().next.empty()) std::abort();
        return;
    }
    if (read->advisories.size() > limits.advisories || read->problems.size() > read->problem_count)
        std::abort();
    for (const auto& one : read->likelihoods)
        if (!(one.score >= 0 && one.score <= 1 && one.percentile >= 0 && one.percentile <= 1)) std::abort();
    for (const auto& advisory : read->advisories) {
        if (weakness::advisory_of(weakness::text_of(advisory)) != advisory) std::abort();
        const weakness::Prepared made{std::make_shared<const weakness::Advisory>(advisory)};
        const weakness::Thing thing{
            {{.attribute = "vendor", .value = "Siemens", .protocol = "fuzz", .confidence = 90},
             {.attribute = "product", .value = "s7-1500", .protocol = "fuzz", .confidence = 90},
             {.attribute = "firmware", .value = "2.1", .protocol = "fuzz", .confidence = 90}}};
        if (const auto said = weakness::match(weakness::Known{thing}, made);
            said && said->product >= advisory.products.size())
            std::abort();
    }
}

} // namespace yagura::fuzz
