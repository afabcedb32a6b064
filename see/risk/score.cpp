#include "see/risk/score.h"

#include <algorithm>
#include <tuple>

namespace yagura::see::risk {
namespace {

/// Each row of the table stands at its term's place.
constexpr bool in_order() {
    for (std::size_t i = 0; i < weights.size(); ++i)
        if (static_cast<std::size_t>(weights[i].term) != i) return false;
    return true;
}
static_assert(in_order());

struct Vulnerabilities {
    const Vulnerability* worst = nullptr;
    unsigned points = 0;
    std::size_t further = 0;
};

/// Worse first; of two that count alike the one whose name comes first, so that two runs say the same.
bool worse(const Vulnerability& a, const Vulnerability& b) {
    const auto key = [](const Vulnerability& one) {
        return std::tuple{~points_of(one), std::string_view{one.advisory}, std::string_view{one.part}};
    };
    return key(a) < key(b);
}

/// What somebody settled is none of the further ones: it counts where it is the worst, by its share.
bool open(const Vulnerability& one) noexcept { return one.decision == Decision::open; }

bool settled(const Vulnerability& one, std::span<const Action> done) noexcept {
    return std::ranges::any_of(done, [&](const Action& action) { return settles(action, one); });
}

Vulnerabilities vulnerabilities_of(const Facts& facts, std::span<const Action> done) {
    Vulnerabilities out;
    std::size_t open_ones = 0;
    for (const auto& one : facts.vulnerabilities) {
        const auto points = settled(one, done) ? 0 : points_of(one);
        if (points == 0) continue;
        open_ones += open(one);
        if (points > out.points || (points == out.points && worse(one, *out.worst))) {
            out.worst = &one;
            out.points = points;
        }
    }
    out.further = open_ones - (out.worst && open(*out.worst) ? 1 : 0);
    return out;
}

std::size_t left(const Facts& facts, Term term, std::span<const Action> done) {
    auto count = facts[term].count;
    for (const auto& action : done) count -= std::min(count, removed(facts, term, action));
    return count;
}

} // namespace

std::string_view key(Factor factor) noexcept {
    constexpr std::array<std::string_view, factor_count> words{"exposure", "weakness", "consequence"};
    return words[static_cast<std::size_t>(factor)];
}
std::string_view key(Term term) noexcept { return weight(term).key; }
std::string_view key(Band band) noexcept {
    constexpr std::array<std::string_view, 3> words{"low", "medium", "high"};
    return words[static_cast<std::size_t>(band)];
}
std::string_view key(Verdict verdict) noexcept {
    constexpr std::array<std::string_view, 2> words{"affected", "needs_fact"};
    return words[static_cast<std::size_t>(verdict)];
}
std::string_view key(Decision decision) noexcept {
    constexpr std::array<std::string_view, 4> words{"open", "accepted", "mitigated", "patched"};
    return words[static_cast<std::size_t>(decision)];
}

unsigned share_of(const Vulnerability& one) noexcept {
    constexpr std::array<unsigned, 4> decided{open_share, accepted_share, mitigated_share, patched_share};
    const auto known = one.verdict == Verdict::affected ? affected_share : needs_fact_share;
    return known * decided[static_cast<std::size_t>(one.decision)] / 100;
}

unsigned points_of(const Vulnerability& one) noexcept {
    const std::uint64_t tenths = one.tenths < 0 ? unscored_tenths
                                                : static_cast<unsigned>(std::min(one.tenths, 100));
    // Millionths of a point, so that nothing is rounded before the end.
    const auto whole = tenths * cvss_points * 100'000 + (one.exploited ? exploited_points * 1'000'000u : 0u) +
                       std::min<std::uint64_t>(one.likelihood, 1'000'000) * likelihood_points;
    return static_cast<unsigned>((whole * share_of(one) + 50'000'000) / 100'000'000);
}

Exact exact_of(const Facts& facts, std::span<const Action> done) {
    std::array<unsigned, factor_count> sums{};
    const auto found = vulnerabilities_of(facts, done);
    for (const auto& one : weights) {
        auto& sum = sums[static_cast<std::size_t>(one.factor)];
        if (one.term == Term::worst_vulnerability)
            sum += found.points;
        else if (one.term == Term::further_vulnerabilities)
            sum += points_of(one.term, found.further);
        else
            sum += points_of(one.term, left(facts, one.term, done));
    }
    Exact out = 1;
    for (const auto sum : sums) out *= std::min(sum, 100u);
    return out;
}

Score score_of(const Facts& facts) {
    Score out;
    const auto found = vulnerabilities_of(facts, {});
    for (const auto& one : weights) {
        Shown shown{.term = one.term, .counted = &facts[one.term]};
        if (one.term == Term::worst_vulnerability) {
            shown.worst = found.worst;
            shown.points = found.points;
            shown.count = found.worst ? 1 : 0;
        } else if (one.term == Term::further_vulnerabilities) {
            shown.count = found.further;
            shown.points = points_of(one.term, found.further);
            for (const auto& each : facts.vulnerabilities)
                if (&each != found.worst && open(each) && points_of(each) > 0) shown.all.push_back(&each);
            std::ranges::sort(shown.all, [](const auto* a, const auto* b) { return worse(*a, *b); });
        } else {
            shown.count = facts[one.term].count;
            shown.points = points_of(one.term, shown.count);
        }
        if (shown.points == 0) continue;
        out.unknown += one.unknown;
        auto& sum = out.factors[static_cast<std::size_t>(one.factor)];
        sum.total += shown.points;
        sum.terms.push_back(std::move(shown));
    }
    out.exact = 1;
    for (auto& sum : out.factors) {
        sum.value = std::min(sum.total, 100u);
        out.exact *= sum.value;
        std::ranges::stable_sort(sum.terms, std::greater{}, &Shown::points);
    }
    out.score = score_of(out.exact);
    return out;
}

} // namespace yagura::see::risk
