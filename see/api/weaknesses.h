// Which device has which weakness, worked out from the facts and the feeds: again only for what changed.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "see/api/owner.h"
#include "see/api/reconciler.h"
#include "see/weakness/match.h"
#include "spine/base/clock.h"
#include "spine/store/weaknesses.h"

namespace yagura::see {

/// One advisory beside one device, or beside one part of it.
struct Weakness {
    std::uint32_t device = 0; ///< place in WeaknessView::devices
    std::string part{};
    std::shared_ptr<const weakness::Prepared> advisory{};
    std::shared_ptr<const weakness::Thing> thing{};
    weakness::Match match{};
    store::WeaknessState state{}; ///< state "open" where nobody decided
    bool overdue = false;         ///< it was accepted until a day that is past
    double score = -1;
    std::uint32_t likelihood = 0; ///< millionths; 0: none is known
    bool exploited = false;
};

/// A release that its maker does not mend any more, or not for long.
struct OutOfSupport {
    std::uint32_t device = 0;
    std::string kind{}; ///< os, application
    std::string said{}; ///< the value that told it
    std::string protocol{};
    std::uint32_t source = 0;
    std::uint64_t frame = 0;
    std::uint32_t offset = 0;
    store::SupportRow row{};
    std::string since{};   ///< the last day
    bool extended = false; ///< only who pays still gets it mended
};

/// Whom to ask for a missing fact, by the ledger.
struct WeaknessView {
    std::vector<store::WeakDevice> devices{};
    std::vector<Owner> owners{}; ///< of each device; empty: nobody is named
    std::vector<Weakness> all{};
    std::vector<OutOfSupport> unsupported{};
    std::map<std::string, store::ExploitedRow> exploited{};
    std::size_t advisories = 0;
    std::size_t without_product = 0; ///< devices that do not tell what they are
    std::size_t left_out = 0;        ///< beyond `most`
};

class Weaknesses {
public:
    static constexpr std::size_t most = 1'000'000; ///< rows at once

    Weaknesses(store::WeaknessReader& reader, Reconciler& ledger, const Clock& clock)
        : reader_{reader}, ledger_{ledger}, clock_{clock} {}
    /// A feed or a decision is in it at once, what is seen within two seconds.
    Result<std::shared_ptr<const WeaknessView>> look();
    std::size_t used();
    std::uint64_t refused();

private:
    using Steady = std::chrono::steady_clock;
    struct Advisory {
        std::string digest{};
        std::shared_ptr<const weakness::Prepared> prepared{};
        std::uint64_t since = 0; ///< round in which it came
    };
    /// What was found of one device or part, and of which facts.
    struct Found {
        std::shared_ptr<const weakness::Thing> thing{};
        std::vector<std::pair<std::string, weakness::Match>> matches{}; ///< by the advisory's name
        std::uint64_t round = 0;
    };
    Result<void> take_advisories();
    Result<void> take_lists();
    void match_one(Found& found, bool anew);

    store::WeaknessReader& reader_;
    Reconciler& ledger_;
    const Clock& clock_;
    std::mutex mutex_;
    std::map<std::string, Advisory> advisories_;
    std::unordered_map<std::string, std::vector<std::string>> by_vendor_; ///< names of advisories
    std::map<std::pair<std::string, std::string>, Found> found_;          ///< by device and part
    std::map<std::string, store::ExploitedRow> exploited_;
    std::unordered_map<std::string, std::uint32_t> likelihoods_;
    std::vector<store::SupportRow> supports_;
    std::uint64_t version_ = ~std::uint64_t{0}, round_ = 0;
    std::shared_ptr<const WeaknessView> last_;
    Steady::time_point made_{};
};

/// Out of support by what a device tells of its system and applications. `today`: an ISO date.
std::vector<OutOfSupport> out_of_support(const store::WeakDevice& device, std::uint32_t place,
                                         const std::vector<store::SupportRow>& rows, std::string_view today);

/// "2026-11-30" of a clock's nanoseconds, in UTC.
std::string day_text(std::int64_t at);

} // namespace yagura::see
