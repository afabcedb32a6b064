// Weaknesses as the contract's JSON, and which of them a request means.
#pragma once

#include "see/api/answers.h"
#include "see/api/weaknesses_api.h"

namespace yagura::see {

/// What a request filters by; names are those of the contract.
class WeaknessFilter {
public:
    explicit WeaknessFilter(const api::Request&);
    /// `but`: the filter of this name is left out, as a facet does.
    bool fits(const WeaknessView&, const Weakness&, std::string_view but = {}) const;

private:
    std::vector<std::string> words_{}, verdicts_{}, states_{}, severities_{}, missing_{};
    std::string vendor_{}, line_{}, advisory_{}, device_{};
    bool exploited_ = false;
};

/// Most urgent first, or as the request sorts them.
std::vector<const Weakness*> sorted(const WeaknessView&, const WeaknessFilter&, std::string_view sort);

/// Some of them, with the evidence of their facts.
Result<json> json_of(const WeaknessView&, std::span<const Weakness* const>, store::WeaknessReader&);
Result<json> json_of(const WeaknessView&, std::span<const OutOfSupport* const>, store::WeaknessReader&);
json decision_json(const store::WeaknessState&, bool overdue);
/// The maker as the catalogue of lists shows it: what the device itself says.
std::string vendor_of(const WeaknessView&, const Weakness&);
json vex_of(const WeaknessView&, std::span<const Weakness* const>, std::int64_t now);

} // namespace yagura::see
