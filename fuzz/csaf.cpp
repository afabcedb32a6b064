// An advisory of a stranger, from its bytes to what it says of a device.
#include <cstdlib>
#include <memory>

#include "see/weakness/csaf.h"
#include "see/weakness/match.h"

namespace yagura::fuzz {

void csaf(Bytes input) {
    namespace weakness = see::weakness;
    constexpr weakness::CsafLimits limits{.json = {.bytes = 1u << 16, .values = 5'000, .depth = 24},
                                          .products = 200,
                                          .vulnerabilities = 50,
                                          .references = 2'000};
    const auto read = weakness::read_csaf(input, "fuzz", limits);
    if (!read) {
        if (!read.error().code.starts_with("feed.") || read.error().next.empty()) std::abort();
        return;
    }
    if (read->products.size() > limits.products || read->vulnerabilities.size() > limits.vulnerabilities)
        std::abort();
    // What we wrote we read; bytes that are no UTF-8 were refused before.
    if (weakness::advisory_of(weakness::text_of(*read)) != *read) std::abort();
    const weakness::Prepared made{std::make_shared<const weakness::Advisory>(*read)};
    for (const auto& product : read->products) {
        const auto fact = [](const char* attribute, const std::string& value) {
            return weakness::Fact{
                .attribute = attribute, .value = value, .protocol = "fuzz", .confidence = 90};
        };
        const weakness::Thing thing{{fact("vendor", product.vendor), fact("product", product.name),
                                     fact("firmware", product.version), fact("serial", product.id)}};
        const auto said = weakness::match(weakness::Known{thing}, made);
        if (!said) continue;
        if (said->product >= read->products.size()) std::abort();
        if ((said->verdict == weakness::Verdict::needs) == said->missing.empty()) std::abort();
        for (const auto place : said->facts)
            if (place >= thing.facts.size()) std::abort();
    }
}

} // namespace yagura::fuzz
