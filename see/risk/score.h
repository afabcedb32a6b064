// The risk of one device: a product of three sums, each of whose terms is shown.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "see/risk/actions.h"
#include "see/risk/facts.h"

namespace yagura::see::risk {

struct Shown {
    Term term{};
    unsigned points = 0;
    std::size_t count = 0;
    const Counted* counted = nullptr;        ///< what it counts
    const Vulnerability* worst = nullptr;    ///< of Term::worst_vulnerability
    std::vector<const Vulnerability*> all{}; ///< of Term::further_vulnerabilities, the worst of them first
};

struct Sum {
    unsigned total = 0;         ///< all terms together
    unsigned value = 0;         ///< the same, 100 at most
    std::vector<Shown> terms{}; ///< most points first
};

/// Exactly exposure × weakness × consequence, of a million; a score is that divided by 10,000 and rounded.
using Exact = std::uint32_t;
constexpr unsigned score_of(Exact exact) noexcept { return (exact + 5'000) / 10'000; }

/// What would be left if these were done.
Exact exact_of(const Facts& facts, std::span<const Action> done = {});

/// Points into `facts`.
struct Score {
    std::array<Sum, factor_count> factors{};
    Exact exact = 0;
    unsigned score = 0;
    std::size_t unknown = 0; ///< terms that stand for what nobody knows
};
Score score_of(const Facts& facts);
Score score_of(Facts&&) = delete;

} // namespace yagura::see::risk
