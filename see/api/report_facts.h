// What happened in a month, and how the plant stands: everything that the monthly report says, from the same
// questions that the pages ask.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "see/api/risks.h"
#include "see/api/sight.h"
#include "see/api/weaknesses.h"
#include "spine/base/zone_offset.h"
#include "spine/store/allowed.h"
#include "spine/store/health.h"

namespace yagura::see {

struct ReportDevice {
    std::string name{}, address{}, line{}, what{}, who{};
    store::Time at{};
};
/// Of one person whom the ledger or a rule names; without a name: of nobody.
struct ReportTask {
    std::string owner{}, department{}, contact{};
    std::size_t waiting = 0;   ///< devices to decide about
    std::size_t differing = 0; ///< that the ledger says otherwise
    std::size_t affected = 0;  ///< vulnerabilities that nobody decided about
    std::size_t asked = 0;     ///< facts that are missing
    std::size_t findings = 0;  ///< of the network, that go on
    std::size_t all() const noexcept { return waiting + differing + affected + asked + findings; }
};
struct ReportNetwork {
    std::string network{};
    std::array<std::uint64_t, sight_count> counts{};
    std::uint64_t hidden = 0;
};

struct ReportFacts {
    std::string site{}, zone{};
    std::chrono::year_month month{};
    store::Time begin{}, end{}; ///< end: of the month, or the latest packet while it goes on
    store::Time now{};          ///< of the latest packet: the rest is as of then
    bool running = false;       ///< the month is not over
    ZoneOffsets offsets{};

    std::size_t devices = 0, seen = 0, added = 0, gone = 0, waiting = 0;
    std::vector<ReportDevice> new_ones{}, gone_ones{}, decided{}; ///< the first `rows_most`
    std::size_t approved = 0, temporary = 0, rejected = 0;        ///< decisions of the month that stand
    std::vector<std::size_t> new_by_day{};

    bool has_ledger = false;
    std::size_t entries = 0;
    std::array<std::size_t, 4> lists{}; ///< by ledger::List
    std::size_t by_rule = 0;            ///< devices of which rules say something

    std::size_t advisories = 0, affected = 0, asked = 0, exploited = 0, unsupported = 0;
    std::array<std::size_t, 5>
        severities{}; ///< critical, high, medium, low, not given; of open ones that apply
    std::array<std::size_t, 3> decisions{}; ///< accepted, mitigated, patched
    std::size_t overdue = 0;

    RiskSum risk{};
    std::array<std::size_t, 10> bins{};
    struct Action {
        std::string kind{}, name{};
        double lowers = 0;
        std::size_t devices = 0;
    };
    std::vector<Action> actions{};

    struct Finding {
        std::string kind{}, subject{}, severity{};
        store::Time first{}, last{};
        bool open = false;
        std::uint64_t times = 0;
    };
    std::vector<Finding> findings{}; ///< worst first
    std::size_t found = 0, open = 0; ///< that were there in the month, and that go on
    bool covered = false;

    std::array<std::uint64_t, sight_count> sight{};
    std::vector<ReportNetwork> networks{}; ///< where most is hidden first

    std::vector<ReportTask> tasks{}; ///< who has most first
    static constexpr std::size_t rows_most = 40, networks_most = 12, tasks_most = 40;
};

struct ReportParts {
    Reconciler& reconciler;
    store::ApprovalReader& approvals;
    Weaknesses& weaknesses;
    Risks& risks;
    store::HealthReader& health;
    store::SightReader& sight;
    std::function<std::pair<std::string, std::string>()> site; ///< its name and its time zone
    const Clock& clock;
};

Result<ReportFacts> report_of(const ReportParts&, std::chrono::year_month month);

} // namespace yagura::see
