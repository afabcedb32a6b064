// The risk of every device, worked out when somebody asks and kept for as long as nothing changed.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "see/api/risk_facts.h"
#include "see/risk/score.h"

namespace yagura::see {

struct ScoredDevice {
    RiskyDevice of{};
    std::array<unsigned, risk::factor_count> factors{};
    risk::Exact exact = 0;
    unsigned score = 0;
    std::size_t unknown = 0;
    std::vector<risk::Term> terms{}; ///< most points first
    std::vector<risk::Lowered> lowering{};
};

struct RiskView {
    std::vector<ScoredDevice> devices{};                   ///< highest first, then by name
    std::unordered_map<std::string, std::size_t> places{}; ///< by id
    store::Time begun{}, now{};
    bool cut = false;         ///< there were more conversations than are looked at
    std::size_t left_out = 0; ///< devices beyond `most`
};

class Risks {
public:
    static constexpr std::size_t most = 20'000; ///< devices

    Risks(Weaknesses& weaknesses, store::WeaknessReader& feeds, store::NeedReader& needs,
          store::StandingReader& standings, store::LedgerReader& ledger, Reconciler& reconciler)
        : weaknesses_{weaknesses},
          feeds_{feeds},
          needs_{needs},
          standings_{standings},
          ledger_{ledger},
          reconciler_{reconciler} {}
    /// A feed, a decision about a weakness or a change of the ledger is in it at once; what is seen, and who
    /// is approved, within two seconds, or ten times as long as it takes to work out.
    Result<std::shared_ptr<const RiskView>> look();
    /// Devices in the last view, and those it had no room for; nobody waits for one that is worked out.
    std::size_t used() const noexcept { return used_.load(std::memory_order_relaxed); }
    std::uint64_t refused() const noexcept { return refused_.load(std::memory_order_relaxed); }

private:
    using Steady = std::chrono::steady_clock;
    Result<std::shared_ptr<const RiskView>> make();

    Weaknesses& weaknesses_;
    store::WeaknessReader& feeds_;
    store::NeedReader& needs_;
    store::StandingReader& standings_;
    store::LedgerReader& ledger_;
    Reconciler& reconciler_;
    std::mutex mutex_;
    std::shared_ptr<const RiskView> last_;
    std::atomic<std::size_t> used_{0};
    std::atomic<std::uint64_t> refused_{0};
    std::uint64_t feeds_version_ = 0, ledger_version_ = 0;
    Steady::time_point made_{};
    Steady::duration took_{};
};

/// Some devices together, as they are or as they would be. Nothing is averaged.
struct RiskSum {
    std::size_t devices = 0, high = 0, medium = 0, low = 0;
    unsigned highest = 0;
    std::uint64_t exact = 0; ///< of all, added up
    void add(risk::Exact one);
};

} // namespace yagura::see
