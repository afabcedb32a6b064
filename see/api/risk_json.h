// Risks as the contract's JSON, and which devices a request means.
#pragma once

#include "see/api/answers.h"
#include "see/api/risks.h"

namespace yagura::see {

/// What a request filters by; names are those of the contract.
class RiskFilter {
public:
    explicit RiskFilter(const api::Request&);
    bool fits(const ScoredDevice&) const;

private:
    std::vector<std::string> words_{}, bands_{};
    std::string line_{}, network_{}, level_{}, term_{};
};
std::vector<const ScoredDevice*> filtered(const RiskView&, const RiskFilter&);

json row_json(const ScoredDevice&);
/// With every term, so that a person can follow it, and what lowers it most.
json whole_json(const ScoredDevice&);
json sum_json(const RiskSum&);
/// `scope`: the devices that are looked at.
json actions_json(const std::vector<const ScoredDevice*>& scope, std::size_t most);

/// One decimal: a sum of scores.
double points(std::uint64_t exact) noexcept;

} // namespace yagura::see
